/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `too-many-threads`: the same work shared by 1, 2, 4, 8, ... threads, a phase
 * of the run and a point of its curve for each number, for half a second at most. In the trace
 * computing gets faster up to the number of CPUs, and from there on threads only take turns, cut
 * short more and more; waiting gets faster with each thread that waits. Both pay for every thread
 * with memory and switches.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <interleave/trace.h>

#include "base/duration.h"
#include "workloads/lessons/crew.h"
#include "workloads/workload.h"

#define NS_PER_US  INT64_C(1000)
#define STEP_NS    INT64_C(500000000) /* what is not done by then is left */
#define COMPUTE_US 200
#define WAIT_US    10000
#define NS_PER_S   1e9
#define ENOUGH     0.9 /* of what more threads bring: there the curve has its knee */
#define STEP_COUNT 13

enum option { OPTION_PIECES, OPTION_PIECE };

static const struct ilv_option options[] = {
	[OPTION_PIECES] = {.name = "pieces",
			   .help = "pieces of work that the threads of a step share",
			   .default_value = 1024,
			   .min = 1,
			   .max = 10000000},
	[OPTION_PIECE] = {.name = "piece-us",
			  .help = "us of computing, or of waiting, of a piece; 0: 200 or 10,000",
			  .default_value = 0,
			  .min = 0,
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
	const char *done_name;
	const char *switch_name;
	const char *memory_name;
	double pieces_per_s;
};

#define STEP(count)                                                                                \
	{                                                                                          \
		count, "pieces_per_s_" #count, "piece_count_" #count, "switch_count_" #count,      \
			"memory_bytes_" #count, 0                                                  \
	}

struct sweep {
	bool is_computing;
	int64_t piece_ns;
	int64_t piece_count;
	size_t thread_count;
	int64_t deadline_ns;
	_Atomic int64_t taken_count;
	_Atomic int64_t done_count;
	_Atomic size_t left_count; /* threads that found nothing more to do */
	struct ilv_gate all_left;
};

static enum ilv_status work(void *argument, struct ilv_result *result)
{
	struct ilv_member *member = argument;
	struct sweep *sweep = member->shared;
	enum ilv_status status = ILV_STATUS_OK;

	(void)result;
	ilv_gate_pass(member->gate);
	while (status == ILV_STATUS_OK && ilv_trace_now_ns() < sweep->deadline_ns &&
	       atomic_fetch_add(&sweep->taken_count, 1) < sweep->piece_count) {
		status = sweep->is_computing ? ilv_compute_for(sweep->piece_ns)
					     : ilv_await_sleep(sweep->piece_ns);
		sweep->done_count += status == ILV_STATUS_OK;
		status = status == ILV_STATUS_OK ? ilv_tick() : status;
	}

	if (atomic_fetch_add(&sweep->left_count, 1) + 1 == sweep->thread_count) {
		ilv_gate_open(&sweep->all_left);
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

/*
 * Works at the pieces with all threads, which stand at the gate, as a phase of its own: to begin
 * and to end a thread is not the work.
 */
static void work_step(struct ilv_run *run, struct sweep *sweep, struct step *step,
		      struct ilv_crew *crew)
{
	char phase[ILV_NAME_SIZE];
	int64_t switches_before;
	int64_t begin_ns;

	(void)snprintf(phase, sizeof(phase), "%zu %s", step->thread_count,
		       ilv_plural((int64_t)step->thread_count, "thread", "threads"));
	ilv_trace_phase_begin(phase);
	ilv_trace_phase_point(phase, NULL, false, "threads", (int64_t)step->thread_count,
			      ILV_QUANTITY_SHARERS);
	ilv_trace_process_memory();
	switches_before = switch_count();
	begin_ns = ilv_trace_now_ns();
	sweep->deadline_ns = begin_ns + STEP_NS;
	ilv_gate_open(&crew->gate);
	ilv_gate_pass(&sweep->all_left);
	step->pieces_per_s =
		(double)sweep->done_count * NS_PER_S / (double)(ilv_trace_now_ns() - begin_ns);
	ilv_run_count(run, step->rate_name, (int64_t)step->pieces_per_s);
	ilv_run_count(run, step->done_name, sweep->done_count);
	ilv_run_count(run, step->switch_name, switch_count() - switches_before);
	ilv_trace_phase_count(phase, "piece|pieces", sweep->done_count, true);
	ilv_trace_phase_end(phase);
}

static enum ilv_status take_step(struct ilv_run *run, struct sweep *sweep, struct step *step)
{
	const int64_t memory_before = memory_bytes();
	enum ilv_status status = ILV_STATUS_OK;
	struct ilv_crew crew;
	int64_t memory_after = 0;

	sweep->thread_count = step->thread_count;
	sweep->taken_count = 0;
	sweep->done_count = 0;
	sweep->left_count = 0;
	ilv_gate_init(&sweep->all_left);
	status = ilv_crew_gather(&crew, step->thread_count, work, sweep, "thread");
	if (status == ILV_STATUS_OK) {
		memory_after = memory_bytes();
		ilv_run_count(run, step->memory_name,
			      memory_after > memory_before ? memory_after - memory_before : 0);
		work_step(run, sweep, step, &crew);
		status = ilv_crew_join(&crew);
		ilv_crew_fini(&crew);
	}

	ilv_gate_fini(&sweep->all_left);
	return status;
}

static int by_rate(const void *left, const void *right)
{
	const double *a = left;
	const double *b = right;

	return (*a > *b) - (*a < *b);
}

/* The middle one of the rates of `count` steps: one that was lucky says nothing. */
static double median_rate(const struct step *steps, size_t count)
{
	double rates[STEP_COUNT];

	for (size_t index = 0; index < count; index++) {
		rates[index] = steps[index].pieces_per_s;
	}

	qsort(rates, count, sizeof(rates[0]), by_rate);

	return (rates[(count - 1) / 2] + rates[count / 2]) / 2;
}

/* Says how the curve goes, and where it has its knee. */
static void conclude(struct ilv_run *run, const struct step *steps, size_t count)
{
	const struct step *last = &steps[count - 1];
	const struct step *knee = steps;

	while (knee < last &&
	       knee->pieces_per_s < ENOUGH * median_rate(knee + 1, (size_t)(last - knee))) {
		knee++;
	}

	if (knee == last) {
		(void)snprintf(run->sentence, sizeof(run->sentence),
			       "pieces a second: %.0f with 1 thread, %.0f with %zu, the most that "
			       "were tried",
			       steps->pieces_per_s, last->pieces_per_s, last->thread_count);
	} else if (knee == steps) {
		(void)snprintf(run->sentence, sizeof(run->sentence),
			       "pieces a second: %.0f with 1 thread, %.0f with %zu; more than 1 "
			       "brings little",
			       steps->pieces_per_s, last->pieces_per_s, last->thread_count);
	} else {
		(void)snprintf(
			run->sentence, sizeof(run->sentence),
			"pieces a second: %.0f with 1 thread, %.0f with %zu, %.0f with %zu; from "
			"%zu on more threads bring little",
			steps->pieces_per_s, knee->pieces_per_s, knee->thread_count,
			last->pieces_per_s, last->thread_count, knee->thread_count);
	}
	ilv_run_count(run, "knee_thread_count", (int64_t)knee->thread_count);
}

static enum ilv_status run(struct ilv_run *run)
{
	struct step steps[STEP_COUNT] = {
		STEP(1),   STEP(2),   STEP(4),   STEP(8),    STEP(16),   STEP(32),   STEP(64),
		STEP(128), STEP(256), STEP(512), STEP(1024), STEP(2048), STEP(4096),
	};
	struct sweep sweep = {
		.is_computing = run->variant == variants,
		.piece_ns = NS_PER_US * (run->values[OPTION_PIECE] > 0 ? run->values[OPTION_PIECE]
					 : run->variant == variants    ? COMPUTE_US
								       : WAIT_US),
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
	.shows = "Computing gets faster up to the number of CPUs and no further; waiting gets "
		 "faster "
		 "with each thread that waits beside the others. Memory grows with every thread in "
		 "both.",
	.job_noun = "threads at most (the sweep is 1, 2, 4, 8, ...)",
	.default_job_count = 256,
	.max_job_count = 4096,
	.options = options,
	.variants = variants,
	.run = run,
};
