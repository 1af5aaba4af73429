/* SPDX-License-Identifier: MIT */
/*
 * Description: job `sleep`: takes naps, and uses no CPU to speak of. Under every runtime with
 * concurrency the naps of all jobs overlap, on threads as on a loop: the trace shows waiting
 * without a CPU. With --children each job first spawns others and then awaits them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cause.h"
#include "workloads/random.h"
#include "workloads/workload.h"

#define NS_PER_MS INT64_C(1000000)

enum option { OPTION_SLEEP_MS, OPTION_NAPS, OPTION_CHILDREN };

static const struct ilv_option options[] = {
	[OPTION_SLEEP_MS] = {"sleep-ms", "length of a nap", 20, 0, 3600000},
	[OPTION_NAPS] = {"naps", "naps that each job takes", 5, 1, 1000000},
	[OPTION_CHILDREN] = {"children", "jobs that each job spawns and awaits", 0, 0, 1000},
	{0},
};

struct sleeper {
	int64_t nap_ns;
	int64_t nap_count;
	int64_t child_count;
	int64_t index;
	uint64_t dream; /* what its sleep leaves in the result, so that none can be left out unseen
			 */
};

static enum ilv_status sleep_job(void *argument, struct ilv_result *result)
{
	const struct sleeper *sleeper = argument;
	struct sleeper child = *sleeper;
	struct ilv_handle **children = NULL;
	int64_t spawned_count = 0;
	enum ilv_status status = ILV_STATUS_OK;
	uint64_t checksum = ilv_checksum_add(ILV_CHECKSUM_EMPTY, sleeper->dream);

	child.child_count = 0;
	if (sleeper->child_count > 0) {
		children = calloc((size_t)sleeper->child_count, sizeof(struct ilv_handle *));
		if (!children) {
			ilv_cause_add("Cannot plan children: count=%lld",
				      (long long)sleeper->child_count);
			return ILV_STATUS_MEMORY;
		}
	}

	while (status == ILV_STATUS_OK && spawned_count < sleeper->child_count) {
		char name[ILV_NAME_SIZE];

		(void)snprintf(name, sizeof(name), "job %lld.%lld", (long long)sleeper->index,
			       (long long)spawned_count);
		status = ilv_spawn_flat(sleep_job, &child, sizeof(child), name,
					&children[spawned_count]);
		spawned_count += status == ILV_STATUS_OK;
	}

	for (int64_t nap = 0; nap < sleeper->nap_count && status == ILV_STATUS_OK; nap++) {
		status = ilv_await_sleep(sleeper->nap_ns);
		if (status == ILV_STATUS_OK) {
			checksum = ilv_checksum_add(checksum, (uint64_t)nap);
			status = ilv_tick();
		}
	}

	for (int64_t index = 0; index < spawned_count; index++) {
		struct ilv_result child_result = {0};
		enum ilv_status child_status = ilv_join(children[index], &child_result);

		checksum =
			ilv_checksum_add_bytes(checksum, child_result.bytes, child_result.length);
		ilv_result_fini(&child_result);
		if (status == ILV_STATUS_OK) {
			status = child_status;
		}
	}

	free(children);
	if (status == ILV_STATUS_OK) {
		status = ilv_result_append(result, &checksum, sizeof(checksum));
	}

	return status;
}

static void plan(const struct ilv_run *run, int64_t index, void *argument)
{
	*(struct sleeper *)argument = (struct sleeper){
		.nap_ns = run->values[OPTION_SLEEP_MS] * NS_PER_MS,
		.nap_count = run->values[OPTION_NAPS],
		.child_count = run->values[OPTION_CHILDREN],
		.index = index,
		.dream = ilv_random_stream((uint64_t)run->seed, (uint64_t)index),
	};
}

const struct ilv_workload ilv_workload_sleep = {
	.name = "sleep",
	.description = "takes naps: waits, and hardly computes",
	.shows = "Hardly any blue: all jobs sleep at the same time, on threads as on a loop. "
		 "Waiting "
		 "needs no CPU, so both take no longer than a single job does.",
	.job_noun = "jobs",
	.default_job_count = 6,
	.max_job_count = 100000,
	.options = options,
	.job = sleep_job,
	.argument_size = sizeof(struct sleeper),
	.plan = plan,
	.has_flat_arguments = true,
};
