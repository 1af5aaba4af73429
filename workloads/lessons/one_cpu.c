/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `one-cpu`: the same threads with the same work on one CPU and on all. In the
 * trace both are concurrent, all threads are on their way at once; only the second is parallel. On
 * one CPU they take turns, each cut short again and again, and take as long as one after another.
 *
 * The variant `one-cpu` keeps the run to one CPU by itself, whatever --cpus says.
 */
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

#include <interleave/trace.h>

#include "base/duration.h"
#include "workloads/lessons/crew.h"
#include "workloads/random.h"
#include "workloads/workload.h"

#define NS_PER_MS INT64_C(1000000)

enum option { OPTION_WORK };

static const struct ilv_option options[] = {
	[OPTION_WORK] = {.name = "steps",
			 .help = "steps of computation of each thread, a few ns each",
			 .default_value = 30000000,
			 .min = 1,
			 .max = INT64_C(100000000000)},
	{.name = NULL},
};

/* The first keeps to one CPU. */
static const struct ilv_variant variants[] = {
	{"one-cpu", "threads", "all threads on one CPU: concurrent, not parallel"},
	{"all-cpus", "threads", "the same threads on all CPUs"},
	{.name = NULL},
};

struct work {
	int64_t steps;
	uint64_t seed;
	_Atomic int64_t cpu_ns;
};

static enum ilv_status compute(void *argument, struct ilv_result *result)
{
	struct ilv_member *member = argument;
	struct work *work = member->shared;
	const int64_t begin_ns = ilv_thread_cpu_ns();
	uint64_t sum = ilv_random_stream(work->seed, member->index);
	enum ilv_status status = ILV_STATUS_OK;

	ilv_gate_pass(member->gate);
	status = ilv_compute_ticking((uint64_t)work->steps, &sum);
	work->cpu_ns += ilv_thread_cpu_ns() - begin_ns;

	return status == ILV_STATUS_OK ? ilv_result_append(result, &sum, sizeof(sum)) : status;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	/* Before the run is told, so that it says how many CPUs it has. */
	return run->variant == variants ? ilv_keep_to_one_cpu() : ILV_STATUS_OK;
}

static int allowed_cpu_count(void)
{
	cpu_set_t allowed;

	return sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
}

static enum ilv_status run(struct ilv_run *run)
{
	const int cpu_count = allowed_cpu_count();
	struct work work = {.steps = run->values[OPTION_WORK], .seed = (uint64_t)run->seed};
	const int64_t begin_ns = ilv_trace_now_ns();
	uint64_t checksum = ILV_CHECKSUM_EMPTY;
	struct ilv_crew crew;
	int64_t wall_ns = 0;
	enum ilv_status status =
		ilv_crew_begin(&crew, (size_t)run->job_count, compute, &work, "thread", NULL, true);

	if (status < 0) {
		return status;
	}

	status = ilv_crew_join(&crew);
	wall_ns = ilv_trace_now_ns() - begin_ns;
	for (size_t index = 0; index < crew.count; index++) {
		checksum = ilv_checksum_add_bytes(checksum, crew.members[index].result.bytes,
						  crew.members[index].result.length);
	}

	ilv_crew_fini(&crew);
	run->checksum = checksum;
	run->has_checksum = status == ILV_STATUS_OK;
	ilv_run_count(run, "cpu_ns", work.cpu_ns);
	ilv_run_count(run, "together_ns", wall_ns);
	ilv_run_count(run, "busy_permille", work.cpu_ns * 1000 / wall_ns);
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%lld %s needed %.1f ms of CPU time and took %.1f ms: %.2f of %d %s busy "
		       "on average",
		       (long long)run->job_count, ilv_plural(run->job_count, "thread", "threads"),
		       (double)work.cpu_ns / NS_PER_MS, (double)wall_ns / NS_PER_MS,
		       (double)work.cpu_ns / (double)wall_ns, cpu_count,
		       ilv_plural(cpu_count, "CPU", "CPUs"));

	return status;
}

const struct ilv_workload ilv_workload_one_cpu = {
	.name = "one-cpu",
	.description = "concurrency without parallelism: the same threads on one CPU and on all",
	.shows = "On one CPU all threads are under way, but one of them runs at a time, each cut "
		 "short again and again: concurrent, and as slow as one after another. On all CPUs "
		 "as many run at once as there are CPUs: parallel, too.",
	.job_noun = "threads",
	.default_job_count = 4,
	.max_job_count = 1000,
	.options = options,
	.variants = variants,
	.prepare = prepare,
	.run = run,
};
