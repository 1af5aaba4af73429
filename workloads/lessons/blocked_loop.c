/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `blocked-loop`: tasks whose heart is to beat every few ms share a loop with
 * one that computes. The trace must show, in variant `blocked`, one long slice of the computing
 * task during which no heart beats, for the loop does not look at the clock, and nobody is cut
 * short (finding blocked-loop, whose cost is what the hearts were late); in `yielding` the same
 * computing in many short slices, with beats between them; in `pool` a job on a thread beside the
 * loop, and beats as if nothing were. The program counts how late each beat came.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/lessons/crew.h"
#include "workloads/workload.h"

#define NS_PER_MS       INT64_C(1000000)
#define STEPS_PER_CHUNK 20000 /* some 20 us */

enum option { OPTION_WORK_MS, OPTION_BEAT_MS, OPTION_YIELD_MS };

static const struct ilv_option options[] = {
	[OPTION_WORK_MS] = {"work-ms", "CPU time that the computing takes", 200, 1, 600000},
	[OPTION_BEAT_MS] = {"beat-ms", "time between two beats of a heart", 10, 1, 60000},
	[OPTION_YIELD_MS] = {"yield-ms", "variant yielding: computes for so long between yields", 2,
			     1, 60000},
	{0},
};

/* In the order of `variants`. */
enum way { WAY_BLOCKED, WAY_YIELDING, WAY_POOL };

static const struct ilv_variant variants[] = {
	[WAY_BLOCKED] = {"blocked", "event-loop", "computes in one go: nobody else gets a turn"},
	[WAY_YIELDING] = {"yielding", "event-loop", "gives way now and then within the computing"},
	[WAY_POOL] = {"pool", "hybrid", "hands the computing to a thread and awaits it"},
	{0},
};

struct lesson {
	enum way way;
	int64_t work_ns;
	int64_t beat_ns;
	int64_t yield_ns;
	atomic_bool is_over; /* the computing is done, or the run is to end */
	/* Of the loop's thread. */
	int64_t beat_count;
	int64_t worst_delay_ns;
	int64_t yield_count;
};

/* Computes for `work_ns` of CPU time, in chunks, with what its way does between them. */
static enum ilv_status compute(void *argument, struct ilv_result *result)
{
	struct lesson *lesson = argument;
	const int64_t begin_ns = ilv_thread_cpu_ns();
	int64_t yielded_ns = begin_ns;
	int64_t now_ns = begin_ns;
	volatile uint64_t random = 1;
	enum ilv_status status = ILV_STATUS_OK;

	while (status == ILV_STATUS_OK && now_ns - begin_ns < lesson->work_ns) {
		random = ilv_compute_steps(STEPS_PER_CHUNK, random);
		status = ilv_tick();
		/* Where tasks share the thread, its CPU time is the others' too. */
		if (lesson->way == WAY_YIELDING && status == ILV_STATUS_OK &&
		    ilv_thread_cpu_ns() - yielded_ns >= lesson->yield_ns) {
			lesson->yield_count++;
			status = ilv_yield();
			yielded_ns = ilv_thread_cpu_ns();
		}

		now_ns = ilv_thread_cpu_ns();
	}

	(void)result; /* That it took its time is all. */

	return status;
}

/* A while of peace before and after, to compare with. */
static enum ilv_status computing_job(void *argument, struct ilv_result *result)
{
	struct lesson *lesson = argument;
	enum ilv_status status = ilv_await_sleep(5 * lesson->beat_ns);

	if (status == ILV_STATUS_OK) {
		status = lesson->way == WAY_POOL
				 ? ilv_run_in_pool_flat(compute, lesson, sizeof(*lesson), result)
				 : compute(lesson, result);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_await_sleep(5 * lesson->beat_ns);
	}

	atomic_store(&lesson->is_over, true);

	return status;
}

static enum ilv_status heart_job(void *argument, struct ilv_result *result)
{
	struct lesson *lesson = argument;
	enum ilv_status status = ILV_STATUS_OK;

	(void)result; /* The beats are counted for all. */
	while (status == ILV_STATUS_OK && !atomic_load(&lesson->is_over)) {
		const int64_t due_ns = ilv_trace_now_ns() + lesson->beat_ns;
		int64_t delay_ns = 0;

		status = ilv_await_sleep(lesson->beat_ns);
		delay_ns = ilv_trace_now_ns() - due_ns;
		if (status == ILV_STATUS_OK) {
			lesson->beat_count++;
			if (delay_ns > lesson->worst_delay_ns) {
				lesson->worst_delay_ns = delay_ns;
			}
		}
	}

	return status;
}

static enum ilv_status spawn_all(int64_t heart_count, struct lesson *lesson,
				 struct ilv_handle **handles, int64_t *spawned_count)
{
	enum ilv_status status = ILV_STATUS_OK;

	while (status == ILV_STATUS_OK && *spawned_count <= heart_count) {
		char name[ILV_NAME_SIZE];

		if (*spawned_count == heart_count) {
			status = ilv_spawn(computing_job, lesson, "cruncher",
					   &handles[*spawned_count]);
		} else {
			(void)snprintf(name, sizeof(name), "heart %lld", (long long)*spawned_count);
			status = ilv_spawn(heart_job, lesson, name, &handles[*spawned_count]);
		}

		*spawned_count += status == ILV_STATUS_OK;
	}

	return status;
}

static enum ilv_status run(struct ilv_run *run)
{
	struct lesson lesson = {
		.way = (enum way)(run->variant - variants),
		.work_ns = run->values[OPTION_WORK_MS] * NS_PER_MS,
		.beat_ns = run->values[OPTION_BEAT_MS] * NS_PER_MS,
		.yield_ns = run->values[OPTION_YIELD_MS] * NS_PER_MS,
	};
	struct ilv_handle **handles =
		calloc((size_t)run->job_count + 1, sizeof(struct ilv_handle *));
	enum ilv_status status = ILV_STATUS_MEMORY;
	int64_t spawned_count = 0;

	if (!handles) {
		ilv_cause_add("Cannot plan jobs: count=%lld", (long long)run->job_count);
		return status;
	}

	status = spawn_all(run->job_count, &lesson, handles, &spawned_count);
	if (status < 0) {
		atomic_store(&lesson.is_over, true);
	}

	for (int64_t index = 0; index < spawned_count; index++) {
		enum ilv_status job_status = ilv_join(handles[index], NULL);

		status = status == ILV_STATUS_OK ? job_status : status;
	}

	ilv_run_count(run, "beat_count", lesson.beat_count);
	ilv_run_count(run, "worst_delay_ns", lesson.worst_delay_ns);
	ilv_run_count(run, "yield_count", lesson.yield_count);
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%lld %s that beat every %lld ms, beside %lld ms of computing: %lld %s, the "
		       "worst %.1f ms late",
		       (long long)run->job_count, ilv_plural(run->job_count, "heart", "hearts"),
		       (long long)run->values[OPTION_BEAT_MS],
		       (long long)run->values[OPTION_WORK_MS], (long long)lesson.beat_count,
		       ilv_plural(lesson.beat_count, "beat", "beats"),
		       (double)lesson.worst_delay_ns / NS_PER_MS);
	free(handles);

	return status;
}

const struct ilv_workload ilv_workload_blocked_loop = {
	.name = "blocked-loop",
	.description = "a task that never gives way starves a loop; two cures",
	.shows = "In blocked the computing task has the loop in one long slice, and the hearts "
		 "stand "
		 "ready (hatched) all that time. In yielding the computing is many short slices "
		 "with "
		 "beats between them; in pool a worker does it, and the hearts beat as if nothing "
		 "were.",
	.job_noun = "hearts that beat",
	.default_job_count = 3,
	.max_job_count = 1000,
	.options = options,
	.variants = variants,
	.run = run,
};
