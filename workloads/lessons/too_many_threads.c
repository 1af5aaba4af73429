/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `too-many-threads`: the same work shared by 1, 4, 16, ... threads, a phase of
 * the run for each number. In the trace computing gets faster up to the number of CPUs, and from
 * there on threads only take turns, cut short more and more; waiting gets faster with each thread
 * that waits. Both pay for every thread with memory and switches.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>

#include <interleave/trace.h>

#include "workloads/lessons/crew.h"
#include "workloads/workload.h"

#define NS_PER_US  INT64_C(1000)
#define NS_PER_S   1e9
#define ENOUGH     0.9 /* of the best throughput: where the curve has its knee */
#define STEP_COUNT 7

enum option { OPTION_PIECES, OPTION_PIECE };

static const struct ilv_option options[] = {
	[OPTION_PIECES] = {.name = "pieces",
			   .help = "pieces of work that the threads of a step share",
			   .default_value = 1024,
			   .min = 1,
			   .max = 10000000},
	[OPTION_PIECE] = {.name = "piece-us",
			  .help = "us of computing, or of waiting, of a piece",
			  .default_value = 200,
			  .min = 1,
			  .max = 1000000},
	{.name = NULL},
};

/* The first computes. */
static const struct ilv_variant variants[] = {
	{"cpu", "threads", "pieces to compute: more threads than CPUs bring nothing"},
	{"io", "threads", "pieces to wait for: each thread more waits beside the others"},
	{.name = NULL},
};

struct step {
	size_t thread_count;
	const char *rate_name;
	const char *switch_name;
	const char *memory_name;
	double pieces_per_s;
};

#define STEP(count)                                                                                \
	{                                                                                          \
		count, "pieces_per_s_" #count, "switch_count_" #count, "memory_bytes_" #count, 0   \
	}

struct sweep {
	bool is_computing;
	int64_t piece_ns;
	int64_t piece_count;
	_Atomic int64_t taken_count;
	_Atomic int64_t done_count;
};

static enum ilv_status work(void *argument, struct ilv_result *result)
{
	struct ilv_member *member = argument;
	struct sweep *sweep = member->shared;
	enum ilv_status status = ILV_STATUS_OK;

	(void)result;
	ilv_gate_pass(member->gate);
	while (status == ILV_STATUS_OK &&
	       atomic_fetch_add(&sweep->taken_count, 1) < sweep->piece_count) {
		status = sweep->is_computing ? ilv_compute_for(sweep->piece_ns)
					     : ilv_await_sleep(sweep->piece_ns);
		sweep->done_count += status == ILV_STATUS_OK;
		status = status == ILV_STATUS_OK ? ilv_tick() : status;
	}

	return status;
}

/* Private memory of this process in use; 0 where /proc does not say. */
static int64_t memory_bytes(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	long long kib = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "RssAnon: %lld", &kib) == 1) {
			break;
		}
	}

	if (file) {
		(void)fclose(file);
	}

	return kib * 1024;
}

static int64_t switch_count(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

/* Does all pieces with `step->thread_count` threads, as a phase of its own. */
static enum ilv_status take_step(struct ilv_run *run, struct sweep *sweep, struct step *step)
{
	const int64_t memory_before = memory_bytes();
	enum ilv_status status = ILV_STATUS_OK;
	struct ilv_crew crew;
	char phase[ILV_NAME_SIZE];
	int64_t switches_before = 0;
	int64_t memory_after = 0;
	int64_t begin_ns = 0;

	(void)snprintf(phase, sizeof(phase), "%zu thread%s", step->thread_count,
		       step->thread_count == 1 ? "" : "s");
	sweep->taken_count = 0;
	sweep->done_count = 0;
	ilv_trace_phase_begin(phase);
	switches_before = switch_count();
	begin_ns = ilv_trace_now_ns();
	status = ilv_crew_begin(&crew, step->thread_count, work, sweep, "thread", NULL, true);
	if (status == ILV_STATUS_OK) {
		memory_after = memory_bytes();
		status = ilv_crew_join(&crew);
		ilv_crew_fini(&crew);
	}

	step->pieces_per_s =
		(double)sweep->done_count * NS_PER_S / (double)(ilv_trace_now_ns() - begin_ns);
	ilv_run_count(run, step->rate_name, (int64_t)step->pieces_per_s);
	ilv_run_count(run, step->switch_name, switch_count() - switches_before);
	ilv_run_count(run, step->memory_name,
		      memory_after > memory_before ? memory_after - memory_before : 0);
	ilv_trace_phase_end(phase);

	return status;
}

/* Says how the curve goes, and where it has its knee. */
static void conclude(struct ilv_run *run, const struct step *steps, size_t count)
{
	const size_t size = sizeof(run->sentence);
	size_t length = 0;
	size_t knee = 0;
	double best = 0;

	for (size_t index = 0; index < count; index++) {
		best = steps[index].pieces_per_s > best ? steps[index].pieces_per_s : best;
	}

	while (knee + 1 < count && steps[knee].pieces_per_s < ENOUGH * best) {
		knee++;
	}

	length = (size_t)snprintf(run->sentence, size, "pieces a second by threads:");
	for (size_t index = 0; index < count && length < size; index++) {
		length += (size_t)snprintf(run->sentence + length, size - length, " %zu: %.0f%s",
					   steps[index].thread_count, steps[index].pieces_per_s,
					   index + 1 < count ? "," : "");
	}

	if (length < size) {
		(void)snprintf(run->sentence + length, size - length,
			       "; from %zu on more threads bring little", steps[knee].thread_count);
	}

	ilv_run_count(run, "knee_thread_count", (int64_t)steps[knee].thread_count);
}

static enum ilv_status run(struct ilv_run *run)
{
	struct step steps[STEP_COUNT] = {STEP(1),   STEP(4),    STEP(16),  STEP(64),
					 STEP(256), STEP(1024), STEP(4096)};
	struct sweep sweep = {
		.is_computing = run->variant == variants,
		.piece_ns = run->values[OPTION_PIECE] * NS_PER_US,
		.piece_count = run->values[OPTION_PIECES],
	};
	enum ilv_status status = ILV_STATUS_OK;
	size_t count = 0;

	while (count < STEP_COUNT && status == ILV_STATUS_OK &&
	       steps[count].thread_count <= (size_t)run->job_count) {
		status = take_step(run, &sweep, &steps[count]);
		count += status == ILV_STATUS_OK;
	}

	if (count > 0) {
		conclude(run, steps, count);
	}

	return status;
}

const struct ilv_workload ilv_workload_too_many_threads = {
	.name = "too-many-threads",
	.description = "the same work by ever more threads: computing and waiting, and the price",
	.job_noun = "threads at most (the sweep is 1, 4, 16, ...)",
	.default_job_count = 256,
	.max_job_count = 4096,
	.options = options,
	.variants = variants,
	.run = run,
};
