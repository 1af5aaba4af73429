/* SPDX-License-Identifier: MIT */
/*
 * Description: blocking calls of tasks, made by libuv's own pool of threads: what a loop does about
 * files, for which there is nothing to poll. The trace shows the pool's threads blocked in the
 * calls, jobs that wait for a thread, and tasks that wait for their job.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/runtimes/blocking.h"
#include "workloads/runtimes/loop.h"
#include "workloads/stop.h"

#define THREADS_DEFAULT 4 /* libuv's */
#define THREADS_MAX     1024

/* One call, on the stack of the task that waits for it. */
struct pool_call {
	uv_work_t work;
	ilv_blocking_call call;
	void *argument;
	enum ilv_wait_reason reason;
	uint64_t object;
	uint64_t number; /* of the job in the pool */
	struct ilv_task *task;
};

/* Its address stands for the pool. `last_number` is the loop's thread's alone. */
static struct {
	uint64_t last_number;
	_Atomic uint32_t queue_length; /* calls that no thread has begun */
} pool;

/* How many threads libuv has in its pool. */
static uint32_t thread_count(void)
{
	const char *asked = getenv("UV_THREADPOOL_SIZE");
	const long count = asked ? strtol(asked, NULL, 10) : THREADS_DEFAULT;

	return count < 1 ? 1 : count > THREADS_MAX ? THREADS_MAX : (uint32_t)count;
}

/* In a thread of the pool. */
static void make_call(uv_work_t *work)
{
	static _Thread_local bool is_announced;
	const struct pool_call *call = work->data;

	if (!is_announced) {
		is_announced = true;
		ilv_trace_thread_announce(ilv_trace_tid(), "libuv worker", ILV_ROLE_POOL);
	}

	(void)atomic_fetch_sub(&pool.queue_length, 1);
	ilv_trace_job_begin(&pool, call->number);
	(void)ilv_blocking_await_call(call->call, call->argument, call->reason, call->object);
	ilv_trace_job_end(&pool, call->number, ILV_OUTCOME_RETURNED);
}

static void call_made(uv_work_t *work, int uv_status)
{
	const struct pool_call *call = work->data;

	(void)uv_status; /* It is never cancelled. */
	ilv_loop_end_poll();
	ilv_loop_wake(call->task, ILV_STATUS_OK);
}

enum ilv_status ilv_loop_await_call(ilv_blocking_call call, void *argument,
				    enum ilv_wait_reason reason, uint64_t object)
{
	struct pool_call pool_call = {
		.call = call,
		.argument = argument,
		.reason = reason,
		.object = object,
		.task = ilv_loop_current(),
	};
	enum ilv_status status = ILV_STATUS_OK;
	int error = 0;

	if (!pool_call.task) {
		ilv_cause_add(
			"Cannot await outside a job: the loop itself never waits for one thing");
		return ILV_STATUS_ERROR;
	}

	if (ilv_loop_is_interrupted()) {
		return ILV_STATUS_INTERRUPTED;
	}

	if (pool.last_number == 0) {
		ilv_trace_pool_create(&pool, "libuv", thread_count(), false);
	}

	pool_call.number = ++pool.last_number;
	pool_call.work.data = &pool_call;
	ilv_trace_job_submit(&pool, pool_call.number, pool_call.task->base.name,
			     atomic_fetch_add(&pool.queue_length, 1) + 1);
	error = uv_queue_work(ilv_loop_borrow_uv(), &pool_call.work, make_call, call_made);
	if (error != 0) {
		ilv_cause_add("Cannot hand a call to libuv's pool: error=\"%s\"",
			      uv_strerror(error));
		return ILV_STATUS_ERROR;
	}

	/* To its end, also when the run is over meanwhile: the call works with what is the task's.
	 */
	status = ilv_loop_wait(reason, object, NULL, NULL);

	return ilv_stop_is_requested() ? ILV_STATUS_INTERRUPTED : status;
}
