/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `cancel`, variant `futures`: main submits sleeps to a pool with less workers,
 * and cancels them all after a while, from the last to the first. A thread cannot be interrupted
 * from outside, so a cancel is no more than a job taken out of the queue.
 *
 * The trace must show jobs that were at work at that moment sleep on to their end and return, and
 * all others go from the queue straight to done as cancelled, without a begin and without a worker.
 * The program counts how each ended, and how many of the cancelled ones ran all the same: none.
 */
#include "workloads/lessons/cancel_futures.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/runtimes/blocking.h"

struct future {
	int64_t sleep_ns;
	atomic_bool has_begun;
	bool is_cancelled;
	struct ilv_handle *handle;
};

struct ends {
	int64_t begun_count;
	int64_t returned_count;
	int64_t cancelled_count;
	int64_t cancelled_begun_count;
};

static enum ilv_status sleep_job(void *argument, struct ilv_result *result)
{
	struct future *future = argument;

	(void)result;
	atomic_store(&future->has_begun, true);

	return ilv_await_sleep(future->sleep_ns);
}

static enum ilv_status submit(struct future *futures, int64_t count, int64_t *submitted_count)
{
	enum ilv_status status = ILV_STATUS_OK;

	while (*submitted_count < count && status == ILV_STATUS_OK) {
		struct future *future = &futures[*submitted_count];
		char name[ILV_NAME_SIZE];

		(void)snprintf(name, sizeof(name), "sleeper %lld", (long long)*submitted_count);
		status = ilv_spawn(sleep_job, future, name, &future->handle);
		*submitted_count += status == ILV_STATUS_OK;
	}

	return status;
}

/* Waits for the end of `future`, and counts it. Its cancellation is no failure. */
static enum ilv_status await(struct future *future, struct ends *ends)
{
	const enum ilv_status status = ilv_join(future->handle, NULL);
	const bool has_begun = atomic_load(&future->has_begun);

	ends->begun_count += has_begun;
	ends->returned_count += status == ILV_STATUS_OK;
	ends->cancelled_count += future->is_cancelled;
	ends->cancelled_begun_count += future->is_cancelled && has_begun;

	return future->is_cancelled ? ILV_STATUS_OK : status;
}

enum ilv_status ilv_cancel_futures(struct ilv_run *run, int64_t sleep_ns, int64_t end_ns)
{
	struct future *futures = calloc((size_t)run->job_count, sizeof(*futures));
	enum ilv_status status = ILV_STATUS_OK;
	struct ends ends = {0};
	int64_t count = 0;

	if (!futures) {
		ilv_cause_add("Cannot plan futures: count=%lld", (long long)run->job_count);
		return ILV_STATUS_MEMORY;
	}

	for (int64_t index = 0; index < run->job_count; index++) {
		futures[index].sleep_ns = sleep_ns;
	}

	status = submit(futures, run->job_count, &count);
	if (status == ILV_STATUS_OK) {
		status = ilv_blocking_await_sleep(end_ns);
	}

	for (int64_t index = count - 1; index >= 0; index--) {
		futures[index].is_cancelled = ilv_cancel(futures[index].handle);
	}

	for (int64_t index = 0; index < count; index++) {
		const enum ilv_status end = await(&futures[index], &ends);

		status = status == ILV_STATUS_OK ? end : status;
	}

	ilv_run_count(run, "begun_count", ends.begun_count);
	ilv_run_count(run, "returned_count", ends.returned_count);
	ilv_run_count(run, "cancelled_count", ends.cancelled_count);
	ilv_run_count(run, "cancelled_begun_count", ends.cancelled_begun_count);
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%lld %s in a pool: %lld returned, %lld cancelled before they began; %lld "
		       "could not be cancelled",
		       (long long)count, ilv_plural((int64_t)count, "job", "jobs"),
		       (long long)ends.returned_count,
		       (long long)(ends.cancelled_count - ends.cancelled_begun_count),
		       (long long)(count - ends.cancelled_count));
	free(futures);

	return status;
}
