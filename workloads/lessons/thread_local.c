/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `thread-local`: several count, each adding one many times by reading,
 * computing and writing. In the trace threads that share the counter overwrite each other, a lock
 * makes them wait for each other, and a counter for each thread does neither. On a loop all tasks
 * have one thread, and so one thread-local counter: it is shared again, and what helps is one for
 * each task.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/lessons/crew.h"
#include "workloads/workload.h"

#define NS_PER_US INT64_C(1000)

enum option { OPTION_INCREMENTS, OPTION_GAP };

static const struct ilv_option options[] = {
	[OPTION_INCREMENTS] = {.name = "increments",
			       .help = "how often each of them adds one",
			       .default_value = 200,
			       .min = 1,
			       .max = 10000000},
	[OPTION_GAP] = {.name = "gap-us",
			.help = "us of computation between read and write",
			.default_value = 40,
			.min = 0,
			.max = 1000000},
	{.name = NULL},
};

enum place { PLACE_SHARED, PLACE_LOCKED, PLACE_THREAD, PLACE_LOOP_THREAD, PLACE_TASK };

/* In the order of `enum place`. */
static const struct ilv_variant variants[] = {
	{"shared", "threads", "one counter for all: updates are lost"},
	{"locked", "threads", "one counter and a lock: nothing is lost, all wait"},
	{"thread-local", "threads", "a counter for each thread: nothing is lost, nobody waits"},
	{"task-thread-local", "event-loop",
	 "the thread's counter under tasks that await in the gap: lost again"},
	{"task-context", "event-loop", "a counter for each task: nothing is lost"},
	{.name = NULL},
};

struct counting {
	enum place place;
	int64_t increments_each;
	int64_t gap_ns;
	_Atomic int64_t counter;
	_Atomic int64_t increment_count; /* done, whether or not they survived */
	struct ilv_lock lock;
};

/* Read and written atomically: on a loop several tasks meet here, and nothing is to be undefined.
 */
static _Thread_local _Atomic int64_t own_counter;

static enum ilv_status add_one(struct counting *counting, _Atomic int64_t *counter)
{
	const bool is_task = counting->place == PLACE_LOOP_THREAD || counting->place == PLACE_TASK;
	const int64_t value = atomic_load_explicit(counter, memory_order_relaxed);
	enum ilv_status status = ILV_STATUS_OK;

	ilv_trace_shared_read(counter, value);
	status = ilv_compute_for(counting->gap_ns);
	if (status == ILV_STATUS_OK) {
		status = is_task ? ilv_yield() : ilv_tick();
	}

	if (status == ILV_STATUS_OK) {
		atomic_store_explicit(counter, value + 1, memory_order_relaxed);
		ilv_trace_shared_write(counter, value, value + 1);
	}

	return status;
}

static enum ilv_status add_one_locked(struct counting *counting, _Atomic int64_t *counter)
{
	enum ilv_status status = ilv_lock_acquire(&counting->lock);

	if (status == ILV_STATUS_OK) {
		status = add_one(counting, counter);
		ilv_lock_release(&counting->lock);
	}

	return status;
}

static enum ilv_status count(void *argument, struct ilv_result *result)
{
	struct ilv_member *member = argument;
	struct counting *counting = member->shared;
	_Atomic int64_t task_counter = 0;
	_Atomic int64_t *counter = counting->place == PLACE_TASK     ? &task_counter
				   : counting->place >= PLACE_THREAD ? &own_counter
								     : &counting->counter;
	enum ilv_status status = ILV_STATUS_OK;
	int64_t done_count = 0;
	int64_t final_value = 0;

	if (counting->place <= PLACE_THREAD) {
		/* All are there before any may go: a counter of its own has an address of its own.
		 */
		ilv_gate_pass(member->gate);
	}

	while (done_count < counting->increments_each && status == ILV_STATUS_OK) {
		status = counting->place == PLACE_LOCKED ? add_one_locked(counting, counter)
							 : add_one(counting, counter);
		done_count += status == ILV_STATUS_OK;
	}

	(void)atomic_fetch_add(&counting->increment_count, done_count);
	if (status == ILV_STATUS_OK) {
		final_value = atomic_load_explicit(counter, memory_order_relaxed);
		status = ilv_result_append(result, &final_value, sizeof(final_value));
	}

	return status;
}

/* What was counted: in one place, or in as many as there are. */
static int64_t add_up(const struct counting *counting, const struct ilv_crew *crew)
{
	int64_t total = 0;

	if (counting->place <= PLACE_LOCKED) {
		return counting->counter;
	}

	if (counting->place == PLACE_LOOP_THREAD) {
		return own_counter; /* The loop has the main thread. */
	}

	for (size_t index = 0; index < crew->spawned_count; index++) {
		const struct ilv_result *result = &crew->members[index].result;
		int64_t value = 0;

		if (result->length == sizeof(value)) {
			memcpy(&value, result->bytes, sizeof(value));
		}

		total += value;
	}

	return total;
}

static enum ilv_status run(struct ilv_run *run)
{
	struct counting counting = {
		.place = (enum place)(run->variant - variants),
		.increments_each = run->values[OPTION_INCREMENTS],
		.gap_ns = run->values[OPTION_GAP] * NS_PER_US,
	};
	const bool is_of_threads = counting.place <= PLACE_THREAD;
	enum ilv_status status = ilv_lock_init(&counting.lock, "counter");
	struct ilv_crew crew;
	int64_t total = 0;

	if (status < 0) {
		return status;
	}

	own_counter = 0;
	status = ilv_crew_begin(&crew, (size_t)run->job_count, count, &counting,
				is_of_threads ? "thread" : "task", NULL, is_of_threads);
	if (status == ILV_STATUS_OK) {
		status = ilv_crew_join(&crew);
		total = add_up(&counting, &crew);
		ilv_crew_fini(&crew);
	}

	ilv_lock_fini(&counting.lock);
	ilv_run_count(run, "increment_count", counting.increment_count);
	ilv_run_count(run, "final_value", total);
	ilv_run_count(run, "lost_count", counting.increment_count - total);
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%lld %s x %lld %s: expected %lld, got %lld, lost %lld",
		       (long long)run->job_count,
		       is_of_threads ? ilv_plural(run->job_count, "thread", "threads")
				     : ilv_plural(run->job_count, "task", "tasks"),
		       (long long)counting.increments_each,
		       ilv_plural(counting.increments_each, "increment", "increments"),
		       (long long)counting.increment_count, (long long)total,
		       (long long)(counting.increment_count - total));

	return status;
}

const struct ilv_workload ilv_workload_thread_local = {
	.name = "thread-local",
	.description =
		"a counter shared, locked, one a thread, one a task: what is lost, who waits",
	.shows =
		"A counter that threads share loses updates (crosses); a lock makes them wait for "
		"each other; one a thread needs neither. Tasks of a loop are all on one thread, so "
		"what is the thread's is shared by them again, and loses again.",
	.job_noun = "threads or tasks",
	.default_job_count = 4,
	.max_job_count = 10000,
	.options = options,
	.variants = variants,
	.run = run,
};
