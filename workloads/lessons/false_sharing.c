/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `false-sharing`: each thread counts in a number of its own, which nobody else
 * touches. Where the numbers are neighbours in memory, one cache line holds several of them, and
 * the CPUs take it from each other at every step. The trace shows what it does not explain: threads
 * that run side by side all the time, wait for nothing, share nothing by their source, and yet take
 * several times as long as those whose numbers lie in lines of their own.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/lessons/crew.h"
#include "workloads/workload.h"

#define STEPS_A_TICK 100000
#define LINE_SIZE    128 /* bytes: two lines of 64, for they are fetched in pairs */

enum option { OPTION_STEPS };

static const struct ilv_option options[] = {
	[OPTION_STEPS] = {.name = "steps",
			  .help = "how often each adds one",
			  .default_value = 10000000,
			  .min = 1,
			  .max = INT64_C(100000000000)},
	{.name = NULL},
};

/* The first has neighbours. */
static const struct ilv_variant variants[] = {
	{"adjacent", "threads", "the numbers side by side, in one cache line"},
	{"padded", "threads", "each number in a cache line of its own"},
	{.name = NULL},
};

struct counters {
	int64_t steps;
	size_t stride; /* numbers from one to the next */
	_Atomic int64_t *numbers;
	_Atomic int64_t cpu_ns;
};

static enum ilv_status count(void *argument, struct ilv_result *result)
{
	struct ilv_member *member = argument;
	struct counters *counters = member->shared;
	_Atomic int64_t *number = &counters->numbers[member->index * counters->stride];
	enum ilv_status status = ILV_STATUS_OK;
	int64_t begin_ns = 0;

	(void)result;
	ilv_gate_pass(member->gate);
	begin_ns = ilv_thread_cpu_ns();
	for (int64_t left = counters->steps; left > 0 && status == ILV_STATUS_OK;
	     left -= STEPS_A_TICK) {
		const int64_t steps = left < STEPS_A_TICK ? left : STEPS_A_TICK;

		/* Each step needs the cache line for itself: plain ones would gather in the CPU's
		 * store buffer, and hide what is to be seen. */
		for (int64_t step = 0; step < steps; step++) {
			(void)atomic_fetch_add_explicit(number, 1, memory_order_relaxed);
		}

		status = ilv_tick();
	}

	counters->cpu_ns += ilv_thread_cpu_ns() - begin_ns;

	return status;
}

static enum ilv_status run(struct ilv_run *run)
{
	const size_t count_of_threads = (size_t)run->job_count;
	struct counters counters = {
		.steps = run->values[OPTION_STEPS],
		.stride = run->variant == variants ? 1 : LINE_SIZE / sizeof(int64_t),
	};
	const size_t size = (count_of_threads * counters.stride * sizeof(int64_t) + LINE_SIZE - 1) /
			    LINE_SIZE * LINE_SIZE;
	enum ilv_status status = ILV_STATUS_OK;
	int64_t total = 0;
	double step_ns = 0;

	counters.numbers = aligned_alloc(LINE_SIZE, size);
	if (!counters.numbers) {
		ilv_cause_add("Cannot place numbers: count=%zu", count_of_threads);
		return ILV_STATUS_MEMORY;
	}

	for (size_t index = 0; index < count_of_threads; index++) {
		atomic_init(&counters.numbers[index * counters.stride], 0);
	}

	status = ilv_crew_run(count_of_threads, count, &counters, "thread");
	for (size_t index = 0; index < count_of_threads; index++) {
		total += counters.numbers[index * counters.stride];
	}

	free(counters.numbers);
	step_ns = total > 0 ? (double)counters.cpu_ns / (double)total : 0;
	ilv_run_count(run, "step_count", total);
	ilv_run_count(run, "cpu_ns", counters.cpu_ns);
	ilv_run_count(run, "step_ps", (int64_t)(1000 * step_ns));
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%lld %s made %lld steps, %.2f ns of CPU time each, with their numbers %zu "
		       "bytes apart",
		       (long long)run->job_count, ilv_plural(run->job_count, "thread", "threads"),
		       (long long)total, step_ns, counters.stride * sizeof(int64_t));

	return status;
}

const struct ilv_workload ilv_workload_false_sharing = {
	.name = "false-sharing",
	.description = "numbers of different threads in one cache line, and in lines of their own",
	.shows = "Both panels look alike: threads that run side by side and wait for nothing. But "
		 "where their numbers share a cache line the CPUs take it from each other at every "
		 "step, and the same work takes several times as long. Only the time tells; no "
		 "scheduler had a part in it.",
	.job_noun = "threads",
	.default_job_count = 2,
	.max_job_count = 1000,
	.options = options,
	.variants = variants,
	.run = run,
};
