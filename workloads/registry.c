/* SPDX-License-Identifier: MIT */
/*
 * Description: the tables of workloads and runtimes, from the lists that CMake writes, and what
 * workloads share.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "workloads/random.h"
#include "workloads/stop.h"
#include "workloads/workload.h"

#define X(name) extern const struct ilv_workload ilv_workload_##name;
#include "ilv_workload_list.h"
#undef X

#define X(name) extern const struct ilv_runtime ilv_runtime_##name;
#include "ilv_runtime_list.h"
#undef X

const struct ilv_workload *const ilv_workloads[] = {
#define X(name) &ilv_workload_##name,
#include "ilv_workload_list.h"
#undef X
	NULL,
};

const struct ilv_runtime *const ilv_runtimes[] = {
#define X(name) &ilv_runtime_##name,
#include "ilv_runtime_list.h"
#undef X
	NULL,
};

const struct ilv_workload *ilv_workload_find(const char *name)
{
	for (size_t index = 0; ilv_workloads[index]; index++) {
		if (strcmp(ilv_workloads[index]->name, name) == 0) {
			return ilv_workloads[index];
		}
	}

	return NULL;
}

const struct ilv_runtime *ilv_runtime_find(const char *name)
{
	for (size_t index = 0; ilv_runtimes[index]; index++) {
		if (strcmp(ilv_runtimes[index]->name, name) == 0) {
			return ilv_runtimes[index];
		}
	}

	return NULL;
}

void ilv_run_count(struct ilv_run *run, const char *name, int64_t value)
{
	if (run->counted_count == ILV_COUNTED_MAX) {
		abort();
	}

	run->counted[run->counted_count++] = (struct ilv_counted){name, value};
}

/*
 * Tasks share the chain of causes with whoever joins them: the first failure is kept as text
 * meanwhile. Where one failure makes the runtime interrupt the others, these may be joined before:
 * the failure counts.
 */
static void keep_first_failure(enum ilv_status status, enum ilv_status *first, char **cause)
{
	const bool is_failure = status < 0 && status != ILV_STATUS_INTERRUPTED;

	if (status < 0 &&
	    (*first == ILV_STATUS_OK || (*first == ILV_STATUS_INTERRUPTED && is_failure))) {
		free(*cause);
		*first = status;
		*cause = strdup(ilv_cause_text());
		ilv_stop_request();
	}

	ilv_cause_clear();
}

enum ilv_status ilv_run_jobs(struct ilv_run *run, ilv_job_function function, void *arguments,
			     size_t argument_size)
{
	enum ilv_status first_failure = ILV_STATUS_OK;
	char *cause = NULL;
	uint64_t checksum = ILV_CHECKSUM_EMPTY;
	int64_t spawned_count = 0;
	struct ilv_handle **handles = calloc((size_t)run->job_count, sizeof(struct ilv_handle *));

	if (!handles) {
		ilv_cause_add("Cannot plan jobs: count=%lld", (long long)run->job_count);
		return ILV_STATUS_MEMORY;
	}

	while (first_failure == ILV_STATUS_OK && spawned_count < run->job_count) {
		void *argument = (char *)arguments + (size_t)spawned_count * argument_size;
		enum ilv_status status = ILV_STATUS_OK;
		char name[ILV_NAME_SIZE];

		(void)snprintf(name, sizeof(name), "job %lld", (long long)spawned_count);
		status = ilv_spawn_flat(function, argument,
					run->workload->has_flat_arguments ? argument_size : 0, name,
					&handles[spawned_count]);
		spawned_count += status == ILV_STATUS_OK;
		keep_first_failure(status, &first_failure, &cause);
	}

	for (int64_t index = 0; index < spawned_count; index++) {
		struct ilv_result result = {0};
		enum ilv_status status = ilv_join(handles[index], &result);

		checksum = ilv_checksum_add_bytes(checksum, result.bytes, result.length);
		ilv_result_fini(&result);
		keep_first_failure(status, &first_failure, &cause);
	}

	if (first_failure == ILV_STATUS_OK) {
		run->checksum = checksum;
		run->has_checksum = true;
	} else if (cause && cause[0]) {
		ilv_cause_add("%s", cause);
	}

	free(cause);
	free(handles);

	return first_failure;
}
