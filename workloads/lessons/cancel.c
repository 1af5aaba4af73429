/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `cancel`: what structured concurrency does when something ends early. Tasks
 * sleep for long in a nursery. The trace must show, in variant `failure`, one task that fails, all
 * others made ready by it at once and done as cancelled; in `timeout` the same by a time limit; in
 * `shield` besides a short sleep of each cancelled task for its clean-up, which is not interrupted;
 * in `none` that all return. The program counts how each of them ended, and of many what memory
 * each took.
 *
 * Variant `futures` is about something else to cancel, and stands in cancel_futures.c.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/lessons/cancel_futures.h"
#include "workloads/nursery.h"
#include "workloads/workload.h"

#define NS_PER_MS INT64_C(1000000)

enum option { OPTION_SLEEP_MS, OPTION_END_MS, OPTION_CLEAN_MS };

static const struct ilv_option options[] = {
	[OPTION_SLEEP_MS] = {"sleep-ms", "how long each task sleeps, if it may", 100, 1, 3600000},
	[OPTION_END_MS] = {"end-ms",
			   "when one of them fails, the time limit is over, or "
			   "futures are cancelled",
			   20, 0, 3600000},
	[OPTION_CLEAN_MS] = {"clean-ms", "how long the clean-up of a task sleeps", 5, 0, 60000},
	{0},
};

/* In the order of `variants`. */
enum end { END_NONE, END_FAILURE, END_TIMEOUT, END_SHIELD, END_FUTURES };

static const struct ilv_variant variants[] = {
	[END_NONE] = {"none", "nursery", "nothing happens: all return"},
	[END_FAILURE] = {"failure", "nursery", "one task fails: the nursery cancels the others"},
	[END_TIMEOUT] = {"timeout", "nursery", "move_on_after: a time limit cancels all"},
	[END_SHIELD] = {"shield", "nursery", "one fails; the others' clean-up is shielded"},
	[END_FUTURES] = {"futures", "thread-pool", "main cancels the jobs of a pool of two",
			 .worker_count = 2},
	{0},
};

struct lesson {
	enum end end;
	int64_t job_count;
	int64_t sleep_ns;
	int64_t end_ns;
	int64_t clean_ns;
	int64_t returned_count;
	int64_t failed_count;
	int64_t cancelled_count;
	int64_t cleaned_count; /* clean-ups that came to their end */
	bool was_timed_out;
};

/* Clean-up that awaits: without a shield a cancelled task gets no further than its first await. */
static void clean_up(struct lesson *lesson)
{
	struct ilv_scope *scope = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	if (lesson->end == END_SHIELD) {
		status = ilv_shield(&scope);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_await_sleep(lesson->clean_ns);
	}

	if (scope) {
		status = ilv_scope_leave(scope, status, NULL);
	}

	lesson->cleaned_count += status == ILV_STATUS_OK;
}

static enum ilv_status sleeping_task(void *argument, struct ilv_result *result)
{
	struct lesson *lesson = argument;
	const enum ilv_status status = ilv_await_sleep(lesson->sleep_ns);

	(void)result;
	clean_up(lesson);
	if (status == ILV_STATUS_OK) {
		lesson->returned_count++;
	} else {
		lesson->cancelled_count += status == ILV_STATUS_INTERRUPTED;
	}

	return status;
}

static enum ilv_status failing_task(void *argument, struct ilv_result *result)
{
	struct lesson *lesson = argument;
	enum ilv_status status = ilv_await_sleep(lesson->end_ns);

	(void)result;
	if (status == ILV_STATUS_OK) {
		lesson->failed_count++;
		ilv_cause_add("Cannot go on, as this lesson wants it");
		status = ILV_STATUS_ERROR;
	} else {
		lesson->cancelled_count++;
	}

	return status;
}

static enum ilv_status spawn_children(struct lesson *lesson, struct ilv_nursery *nursery)
{
	const bool has_failure = lesson->end == END_FAILURE || lesson->end == END_SHIELD;
	enum ilv_status status = ILV_STATUS_OK;

	for (int64_t index = 0; index < lesson->job_count && status == ILV_STATUS_OK; index++) {
		const bool is_failing = has_failure && index == lesson->job_count / 2;
		char name[ILV_NAME_SIZE];

		(void)snprintf(name, sizeof(name), "%s %lld", is_failing ? "culprit" : "sleeper",
			       (long long)index);
		status = ilv_nursery_spawn(nursery, is_failing ? failing_task : sleeping_task,
					   lesson, name);
	}

	return status;
}

/* Opens the nursery; its time limit, where it has one, is around it. */
static enum ilv_status parent_task(void *argument, struct ilv_result *result)
{
	struct lesson *lesson = argument;
	struct ilv_scope *limit = NULL;
	struct ilv_nursery *nursery = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	(void)result;
	if (lesson->end == END_TIMEOUT) {
		status = ilv_move_on_after(lesson->end_ns, &limit);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_nursery_open(&nursery);
	}

	if (nursery) {
		status = spawn_children(lesson, nursery);
		status = ilv_nursery_close(nursery, status);
	}

	if (limit) {
		status = ilv_scope_leave(limit, status, &lesson->was_timed_out);
	}

	/* The failure of that one child is what the lesson is about, and handled here. */
	if (status == ILV_STATUS_ERROR && lesson->failed_count > 0) {
		ilv_cause_clear();
		status = ILV_STATUS_OK;
	}

	return status;
}

static enum ilv_status run(struct ilv_run *run)
{
	const int64_t memory_before_bytes = ilv_run_peak_memory();
	struct lesson lesson = {
		.end = (enum end)(run->variant - variants),
		.job_count = run->job_count,
		.sleep_ns = run->values[OPTION_SLEEP_MS] * NS_PER_MS,
		.end_ns = run->values[OPTION_END_MS] * NS_PER_MS,
		.clean_ns = run->values[OPTION_CLEAN_MS] * NS_PER_MS,
	};
	struct ilv_handle *parent = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	if (lesson.end == END_FUTURES) {
		return ilv_cancel_futures(run, lesson.sleep_ns, lesson.end_ns);
	}

	status = ilv_spawn(parent_task, &lesson, "parent", &parent);
	if (status == ILV_STATUS_OK) {
		status = ilv_join(parent, NULL);
	}

	ilv_run_count(run, "returned_count", lesson.returned_count);
	ilv_run_count(run, "failed_count", lesson.failed_count);
	ilv_run_count(run, "cancelled_count", lesson.cancelled_count);
	ilv_run_count(run, "cleaned_count", lesson.cleaned_count);
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%lld %s in a nursery: %lld returned, %lld failed, %lld cancelled; %lld "
		       "%s%s",
		       (long long)run->job_count, ilv_plural(run->job_count, "task", "tasks"),
		       (long long)lesson.returned_count, (long long)lesson.failed_count,
		       (long long)lesson.cancelled_count, (long long)lesson.cleaned_count,
		       ilv_plural(lesson.cleaned_count, "clean-up came to its end",
				  "clean-ups came to their end"),
		       lesson.was_timed_out ? "; the time limit was met" : "");
	ilv_run_count_memory(run, memory_before_bytes);

	return status;
}

const struct ilv_workload ilv_workload_cancel = {
	.name = "cancel",
	.description = "who is cancelled: by a nursery's first failure, by a time limit, or as a "
		       "future of a pool",
	.shows = "In none all sleep their time. In failure and timeout one moment ends them all: "
		 "the task that fails (a cross), or the time limit, wakes the others only to be "
		 "cancelled (white flags). In "
		 "shield each gets one more short sleep first, for its clean-up. In futures it "
		 "ends only jobs that no worker has begun, hatched until then; those at work go "
		 "on.",
	.job_noun = "tasks, or jobs of a pool",
	.default_job_count = 5,
	.max_job_count = 100000,
	.options = options,
	.variants = variants,
	.run = run,
};
