/* SPDX-License-Identifier: MIT */
/* Description: what workloads share of a run: jobs that are spawned and joined, and what was
 * counted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cause.h"
#include "workloads/failure.h"
#include "workloads/random.h"
#include "workloads/stop.h"
#include "workloads/workload.h"

#define MANY 1000 /* tasks: of fewer the memory drowns in what a process takes anyway */

void ilv_run_count(struct ilv_run *run, const char *name, int64_t value)
{
	if (run->counted_count == ILV_COUNTED_MAX) {
		abort();
	}

	run->counted[run->counted_count++] = (struct ilv_counted){name, value};
}

int64_t ilv_run_peak_memory(void)
{
	struct rusage usage = {0};

	(void)getrusage(RUSAGE_SELF, &usage);

	return (int64_t)usage.ru_maxrss * 1024;
}

void ilv_run_count_memory(struct ilv_run *run, int64_t before_bytes)
{
	const size_t length = strlen(run->sentence);
	int64_t each_bytes = 0;

	if (run->job_count < MANY) {
		return;
	}

	each_bytes = (ilv_run_peak_memory() - before_bytes) / run->job_count;
	ilv_run_count(run, "memory_per_task_bytes", each_bytes);
	(void)snprintf(run->sentence + length, sizeof(run->sentence) - length,
		       "%s%lld bytes of memory a task", length > 0 ? "; " : "",
		       (long long)each_bytes);
}

bool ilv_run_find_option(const struct ilv_run *run, const char *name, int64_t *value)
{
	const struct ilv_option *options = run->runtime->options;

	for (size_t index = 0; options && options[index].name; index++) {
		if (strcmp(options[index].name, name) == 0) {
			*value = run->runtime_values[index];
			return true;
		}
	}

	return false;
}

enum ilv_status ilv_run_jobs(struct ilv_run *run, ilv_job_function function, void *arguments,
			     size_t argument_size)
{
	struct ilv_failure failure = {0};
	uint64_t checksum = ILV_CHECKSUM_EMPTY;
	const int64_t memory_before_bytes = ilv_run_peak_memory();
	int64_t spawned_count = 0;
	struct ilv_handle **handles = calloc((size_t)run->job_count, sizeof(struct ilv_handle *));

	if (!handles) {
		ilv_cause_add("Cannot plan jobs: count=%lld", (long long)run->job_count);
		return ILV_STATUS_MEMORY;
	}

	while (failure.status == ILV_STATUS_OK && spawned_count < run->job_count) {
		void *argument = (char *)arguments + (size_t)spawned_count * argument_size;
		enum ilv_status status = ILV_STATUS_OK;
		char name[ILV_NAME_SIZE];

		(void)snprintf(name, sizeof(name), "job %lld", (long long)spawned_count);
		status = ilv_spawn_flat(function, argument,
					run->workload->has_flat_arguments ? argument_size : 0, name,
					&handles[spawned_count]);
		spawned_count += status == ILV_STATUS_OK;
		ilv_failure_note(&failure, status);
	}

	for (int64_t index = 0; index < spawned_count; index++) {
		struct ilv_result result = {0};
		enum ilv_status status = ilv_join(handles[index], &result);

		checksum = ilv_checksum_add_bytes(checksum, result.bytes, result.length);
		ilv_result_fini(&result);
		ilv_failure_note(&failure, status);
	}

	if (failure.status == ILV_STATUS_OK) {
		run->checksum = checksum;
		run->has_checksum = true;
		if (run->runtime->unit == ILV_UNIT_TASK) {
			ilv_run_count_memory(run, memory_before_bytes);
		}
	}

	free(handles);

	return ilv_failure_tell(&failure);
}

enum ilv_status ilv_run_planned(struct ilv_run *run)
{
	const struct ilv_workload *workload = run->workload;
	enum ilv_status status = ILV_STATUS_OK;
	char *arguments = calloc((size_t)run->job_count, workload->argument_size);

	if (!arguments) {
		ilv_cause_add("Cannot plan jobs: count=%lld", (long long)run->job_count);
		return ILV_STATUS_MEMORY;
	}

	for (int64_t index = 0; index < run->job_count; index++) {
		workload->plan(run, index, arguments + (size_t)index * workload->argument_size);
	}

	status = ilv_run_jobs(run, workload->job, arguments, workload->argument_size);
	free(arguments);

	return status;
}
