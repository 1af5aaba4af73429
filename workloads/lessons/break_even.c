/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `break-even`: is it worth it to hand a small job to somebody else? Jobs that
 * compute, from tiny to large, are done twice: one after another in place, and by the variant's
 * runtime, spawned all and joined all. While they are tiny, what it costs to start and to be waited
 * for outweighs what is gained by doing several at once; from some size on it is the other way
 * round.
 *
 * The trace shows a phase for each size and way ("64 us alone", "64 us shared"), the points of two
 * curves: among the first the shared one is the longer, among the last, where there are several
 * CPUs, the shorter; and how little of a short shared phase is work. The answer is that of a
 * program which nobody traces: it is measured before, in a process of its own, and told as the
 * price of each phase.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/lessons/crew.h"
#include "workloads/random.h"
#include "workloads/untraced.h"
#include "workloads/workload.h"

#define WORTH       1.05 /* times as fast: less may be chance */
#define NS_PER_US   1e3
#define SIZE_COUNT  8
#define SIZE_FACTOR 4

enum option { OPTION_ROUNDS, OPTION_SIZES };

static const struct ilv_option options[] = {
	[OPTION_ROUNDS] = {"rounds", "how often each size is tried; the fastest counts", 3, 1,
			   1000},
	[OPTION_SIZES] = {"sizes", "how many sizes: 1, 4, 16, 64... us of computation a job", 8, 2,
			  SIZE_COUNT},
	{0},
};

static const struct ilv_variant variants[] = {
	{"threads", "threads", "a thread for each job"},
	{"thread-pool", "thread-pool", "a job for standing threads"},
	{"processes", "processes", "a process for each job"},
	{"process-pool", "process-pool", "a job for standing processes"},
	{"event-loop", "event-loop", "a task for each job: one thread, so never worth it here"},
	{0},
};

/* The truth's names, by size; without tracing they have a "bare_" before them in the run's. */
static const char *const alone_names[SIZE_COUNT] = {
	"alone_1us_ns",   "alone_4us_ns",    "alone_16us_ns",   "alone_64us_ns",
	"alone_256us_ns", "alone_1024us_ns", "alone_4096us_ns", "alone_16384us_ns",
};

static const char *const bare_alone_names[SIZE_COUNT] = {
	"bare_alone_1us_ns",    "bare_alone_4us_ns",     "bare_alone_16us_ns",
	"bare_alone_64us_ns",   "bare_alone_256us_ns",   "bare_alone_1024us_ns",
	"bare_alone_4096us_ns", "bare_alone_16384us_ns",
};

static const char *const bare_shared_names[SIZE_COUNT] = {
	"bare_shared_1us_ns",    "bare_shared_4us_ns",     "bare_shared_16us_ns",
	"bare_shared_64us_ns",   "bare_shared_256us_ns",   "bare_shared_1024us_ns",
	"bare_shared_4096us_ns", "bare_shared_16384us_ns",
};

static const char *const shared_names[SIZE_COUNT] = {
	"shared_1us_ns",   "shared_4us_ns",    "shared_16us_ns",   "shared_64us_ns",
	"shared_256us_ns", "shared_1024us_ns", "shared_4096us_ns", "shared_16384us_ns",
};

struct work {
	uint64_t steps;
	uint64_t seed;
};

/* What one size came to: all its jobs together, in the fastest round. */
struct measured {
	double job_ns;
	int64_t alone_ns;
	int64_t shared_ns;
};

static enum ilv_status work_job(void *argument, struct ilv_result *result)
{
	const struct work *work = argument;
	uint64_t sum = work->seed;
	const enum ilv_status status = ilv_compute_ticking(work->steps, &sum);

	return status == ILV_STATUS_OK ? ilv_result_append(result, &sum, sizeof(sum)) : status;
}

static uint64_t add_result(uint64_t checksum, struct ilv_result *result)
{
	checksum = ilv_checksum_add_bytes(checksum, result->bytes, result->length);
	ilv_result_fini(result);

	return checksum;
}

static enum ilv_status do_alone(struct work *jobs, int64_t job_count, uint64_t *checksum)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (int64_t index = 0; index < job_count && status == ILV_STATUS_OK; index++) {
		struct ilv_result result = {0};

		status = work_job(&jobs[index], &result);
		*checksum = add_result(*checksum, &result);
	}

	return status;
}

static enum ilv_status do_shared(struct work *jobs, int64_t job_count, struct ilv_handle **handles,
				 uint64_t *checksum)
{
	enum ilv_status status = ILV_STATUS_OK;
	int64_t spawned_count = 0;

	while (spawned_count < job_count && status == ILV_STATUS_OK) {
		char name[ILV_NAME_SIZE];

		(void)snprintf(name, sizeof(name), "job %lld", (long long)spawned_count);
		status = ilv_spawn_flat(work_job, &jobs[spawned_count], sizeof(jobs[0]), name,
					&handles[spawned_count]);
		spawned_count += status == ILV_STATUS_OK;
	}

	for (int64_t index = 0; index < spawned_count; index++) {
		struct ilv_result result = {0};
		enum ilv_status join_status = ilv_join(handles[index], &result);

		*checksum = add_result(*checksum, &result);
		status = status == ILV_STATUS_OK ? join_status : status;
	}

	return status;
}

/* Makes the phase a point: of the curve that is the same in all variants, or of this variant's. */
static void say_point(const char *phase, bool is_alone, long long size_us)
{
	ilv_trace_phase_point(phase, is_alone ? "one after another" : NULL, is_alone,
			      "computation each", size_us * (long long)NS_PER_US, ILV_QUANTITY_NS);
}

/* The jobs of one size. */
struct batch {
	struct work *jobs;
	struct ilv_handle **handles;
	int64_t job_count;
	long long size_us;
};

/*
 * Does all of `batch` once in one way, and keeps the time where it is the best so far. `bare_ns` is
 * what that took without tracing; 0: this is where that is measured.
 */
static enum ilv_status do_phase(const struct batch *batch, bool is_alone, int64_t bare_ns,
				uint64_t *checksum, int64_t *best_ns)
{
	enum ilv_status status = ILV_STATUS_OK;
	int64_t begin_ns = 0;
	int64_t taken_ns = 0;
	char phase[48];

	(void)snprintf(phase, sizeof(phase), "%lld us %s", batch->size_us,
		       is_alone ? "alone" : "shared");
	ilv_trace_phase_begin(phase);
	say_point(phase, is_alone, batch->size_us);
	if (bare_ns > 0) {
		ilv_trace_phase_price(phase, "a job", bare_ns / batch->job_count, ILV_QUANTITY_NS,
				      true);
	}

	begin_ns = ilv_trace_now_ns();
	status = is_alone ? do_alone(batch->jobs, batch->job_count, checksum)
			  : do_shared(batch->jobs, batch->job_count, batch->handles, checksum);
	taken_ns = ilv_trace_now_ns() - begin_ns;
	ilv_trace_phase_count(phase, "job|jobs", batch->job_count, true);
	ilv_trace_phase_end(phase);
	*best_ns = taken_ns < *best_ns ? taken_ns : *best_ns;

	return status;
}

/* Does all jobs of one size once in each way. */
static enum ilv_status try_size(const struct batch *batch, const struct measured *bare,
				struct measured *measured)
{
	uint64_t alone = ILV_CHECKSUM_EMPTY;
	uint64_t shared = ILV_CHECKSUM_EMPTY;
	enum ilv_status status = do_phase(batch, true, bare->alone_ns, &alone, &measured->alone_ns);

	if (status == ILV_STATUS_OK) {
		status = do_phase(batch, false, bare->shared_ns, &shared, &measured->shared_ns);
	}

	if (status == ILV_STATUS_OK && alone != shared) {
		ilv_cause_add("jobs of %lld us came to something else when they were shared",
			      batch->size_us);
		status = ILV_STATUS_ERROR;
	}

	return status;
}

/* How many times as fast the shared way is. */
static double gain(const struct measured *measured)
{
	return (double)measured->alone_ns / (double)measured->shared_ns;
}

/*
 * Returns the size, in us, from which sharing wins at all sizes tried: between the last that lost
 * and the first that won, where the gain is 1 on the straight line that logarithmic scales draw
 * through both. 0 when the largest lost, or what it won may be chance.
 */
static double find_crossing(const struct measured *measured, size_t size_count)
{
	const struct measured *won = measured + size_count;
	double most = 0;
	double lost;

	while (won > measured && gain(won - 1) > 1) {
		won--;
		most = fmax(most, gain(won));
	}

	if (most < WORTH) {
		return 0;
	}

	if (won == measured) {
		return won->job_ns / NS_PER_US;
	}

	lost = log(gain(won - 1));

	return won[-1].job_ns * pow(won->job_ns / won[-1].job_ns, lost / (lost - log(gain(won)))) /
	       NS_PER_US;
}

static void count_sizes(struct ilv_run *run, const struct measured *measured, size_t size_count,
			const char *const *alone, const char *const *shared)
{
	for (size_t index = 0; index < size_count; index++) {
		ilv_run_count(run, alone[index], measured[index].alone_ns);
		ilv_run_count(run, shared[index], measured[index].shared_ns);
	}
}

/* Says from where on it pays off: without tracing, and beside it as it was in this run. */
static void conclude(struct ilv_run *run, const struct measured *bare,
		     const struct measured *measured, size_t size_count)
{
	const double bare_us = find_crossing(bare, size_count);
	const double run_us = find_crossing(measured, size_count);
	const struct measured *last = &bare[size_count - 1];
	char words[5][ILV_DURATION_TEXT_SIZE];

	ilv_duration_text((int64_t)last->job_ns, words[0], sizeof(words[0]));
	if (run_us > 0) {
		ilv_run_count(run, "run_break_even_ns", (int64_t)(run_us * NS_PER_US));
		ilv_duration_text((int64_t)(run_us * NS_PER_US), words[1], sizeof(words[1]));
	} else {
		(void)snprintf(words[1], sizeof(words[1]), "never");
	}

	if (bare_us > 0) {
		ilv_run_count(run, "break_even_ns", (int64_t)(bare_us * NS_PER_US));
		ilv_duration_text((int64_t)(bare_us * NS_PER_US), words[2], sizeof(words[2]));
		ilv_duration_text(bare[0].shared_ns / run->job_count, words[3], sizeof(words[3]));
		ilv_duration_text(measured[0].shared_ns / run->job_count, words[4],
				  sizeof(words[4]));
		(void)snprintf(run->sentence, sizeof(run->sentence),
			       "%lld %s by %s %s off from %.15s each (here %.15s); an empty one "
			       "costs %.15s (%.15s); at %.15s %.2f times as fast",
			       (long long)run->job_count, ilv_plural(run->job_count, "job", "jobs"),
			       run->runtime->name, ilv_plural(run->job_count, "pays", "pay"),
			       words[2], words[1], words[3], words[4], words[0],
			       (double)last->alone_ns / (double)last->shared_ns);
	} else {
		ilv_duration_text(last->alone_ns, words[2], sizeof(words[2]));
		ilv_duration_text(last->shared_ns, words[3], sizeof(words[3]));
		(void)snprintf(run->sentence, sizeof(run->sentence),
			       "%lld %s by %s %s not pay off up to %.15s of work each: one "
			       "after another they take %.15s, by %s %.15s",
			       (long long)run->job_count, ilv_plural(run->job_count, "job", "jobs"),
			       run->runtime->name, ilv_plural(run->job_count, "does", "do"),
			       words[0], words[2], run->runtime->name, words[3]);
	}
}

/* Tries all sizes; `bare` is what came of that without tracing, zeros where nothing did yet. */
static enum ilv_status try_sizes(struct ilv_run *run, const struct measured *bare,
				 struct measured *measured)
{
	const double steps = *(const double *)run->state;
	struct batch batch = {
		.jobs = calloc((size_t)run->job_count, sizeof(*batch.jobs)),
		.handles = calloc((size_t)run->job_count, sizeof(struct ilv_handle *)),
		.job_count = run->job_count,
		.size_us = 1,
	};
	enum ilv_status status = ILV_STATUS_OK;

	if (!batch.jobs || !batch.handles) {
		ilv_cause_add("Cannot plan jobs: count=%lld", (long long)run->job_count);
		status = ILV_STATUS_MEMORY;
		goto end;
	}

	for (int64_t size = 0; size < run->values[OPTION_SIZES] && status == ILV_STATUS_OK;
	     size++) {
		measured[size] = (struct measured){.job_ns = (double)batch.size_us * NS_PER_US,
						   .alone_ns = INT64_MAX,
						   .shared_ns = INT64_MAX};
		for (int64_t index = 0; index < run->job_count; index++) {
			batch.jobs[index] = (struct work){
				.steps = (uint64_t)(steps * (double)batch.size_us),
				.seed = ilv_random_stream((uint64_t)run->seed, (uint64_t)index),
			};
		}

		for (int64_t round = 0;
		     round < run->values[OPTION_ROUNDS] && status == ILV_STATUS_OK; round++) {
			status = try_size(&batch, &bare[size], &measured[size]);
		}

		batch.size_us *= SIZE_FACTOR;
	}

end:
	free(batch.handles);
	free(batch.jobs);

	return status;
}

static enum ilv_status measure_untraced(struct ilv_run *run)
{
	const struct measured nothing[SIZE_COUNT] = {{0}};
	struct measured measured[SIZE_COUNT] = {{0}};
	enum ilv_status status = try_sizes(run, nothing, measured);

	count_sizes(run, measured, (size_t)run->values[OPTION_SIZES], alone_names, shared_names);

	return status;
}

static enum ilv_status run(struct ilv_run *run)
{
	const size_t size_count = (size_t)run->values[OPTION_SIZES];
	struct measured bare[SIZE_COUNT] = {{0}};
	struct measured measured[SIZE_COUNT] = {{0}};
	enum ilv_status status = ILV_STATUS_OK;
	double job_ns = NS_PER_US;

	for (size_t size = 0; size < size_count; size++) {
		bare[size] = (struct measured){.job_ns = job_ns,
					       .alone_ns = run->untraced[2 * size],
					       .shared_ns = run->untraced[2 * size + 1]};
		job_ns *= SIZE_FACTOR;
	}

	status = try_sizes(run, bare, measured);
	if (status == ILV_STATUS_OK) {
		count_sizes(run, measured, size_count, alone_names, shared_names);
		count_sizes(run, bare, size_count, bare_alone_names, bare_shared_names);
		conclude(run, bare, measured, size_count);
	}

	return status;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	double *steps = run->state;

	*steps = ilv_steps_per_us();

	/* The pass without tracing has no figures yet. */
	return run->untraced_count == 0
		       ? ILV_STATUS_OK
		       : ilv_untraced_check(run, 2 * (size_t)run->values[OPTION_SIZES]);
}

const struct ilv_workload ilv_workload_break_even = {
	.name = "break-even",
	.description = "how large must a job be for it to be worth handing over?",
	.shows =
		"For each runtime a curve over the size of a job: how much faster the jobs are "
		"shared out than done one after another. Small jobs lose, for handing one over "
		"costs more than it is; it pays from the size on where the curve crosses 1. On the "
		"one thread of a loop it never does. The answer is that of a program without "
		"tracing; beside it, what is recorded: of processes mostly LTTng's work after a "
		"fork.",
	.job_noun = "jobs of each size",
	.default_job_count = 8,
	.max_job_count = 1000,
	.options = options,
	.variants = variants,
	.state_size = sizeof(double), /* steps a microsecond */
	.prepare = prepare,
	.measure_untraced = measure_untraced,
	.run = run,
};
