/* SPDX-License-Identifier: MIT */
/*
 * Description: runtime `event-loop`: one thread, on which tasks take turns as they await. A task is
 * a fiber; libuv says when its descriptor or its time has come. The trace shows tasks that are
 * never cut short, and how a task that computes without awaiting keeps all others, and the polling,
 * from their turn.
 *
 * A turn of the loop: every task that is ready now is resumed, first come, first served; then the
 * loop polls, without blocking if some task became ready meanwhile. Callbacks of libuv only make
 * tasks ready, so that the time between loop_poll_begin and loop_poll_end is polling and nothing
 * else.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>
#include <uv.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
#include "workloads/runtimes/fiber.h"
#include "workloads/stop.h"
#include "workloads/truth.h"

#define NS_PER_MS INT64_C(1000000)

/* What libuv watches for a suspended task; closed, and then freed by libuv, once the task is ready.
 */
struct watch {
	union {
		uv_handle_t handle;
		uv_poll_t poll;
		uv_timer_t timer;
	} uv;
	struct task *task;
};

struct task {
	struct ilv_handle base;
	struct ilv_fiber *fiber;
	struct ilv_truth_task truth; /* number and counters */
	struct task *joiner;         /* the task that awaits this one; NULL: none */
	struct watch *watch;         /* set while it awaits descriptor or timer */
	enum ilv_status wake_status; /* what its await returns */
	bool is_done;
	struct task *next; /* in the ready queue, or in a lock's */
	struct task *prev;
	struct task *next_watched; /* in the list of those with a watch */
	struct task *prev_watched;
};

struct loop_lock {
	bool is_held;
	struct task *waiters;
};

/* The loop: there is one, and all of it belongs to the thread that started it. */
static struct event_loop {
	uv_loop_t uv;
	uv_prepare_t before_poll;
	uv_check_t after_poll;
	uv_idle_t no_block; /* active while a task is ready: libuv then polls without blocking */
	uv_poll_t stop;
	bool is_polling;
	struct task *current; /* NULL: the loop itself runs */
	struct task *ready;   /* first in, first out */
	size_t ready_count;
	struct task *watched;
	uint64_t last_number;
} loop;

static uint64_t current_number(void)
{
	return loop.current ? loop.current->truth.number : 0;
}

static void keep_idle(uv_idle_t *idle)
{
	(void)idle;
}

static void begin_poll(uv_prepare_t *prepare)
{
	(void)prepare;
	loop.is_polling = true;
	ilv_trace_loop_poll_begin(&loop);
	ilv_rusage_wait_begin();
}

static void end_poll(void)
{
	if (loop.is_polling) {
		loop.is_polling = false;
		ilv_rusage_wait_end();
		ilv_trace_loop_poll_end(&loop);
	}
}

static void check(uv_check_t *after_poll)
{
	(void)after_poll;
	end_poll();
}

/* Without an event: a new task is ready by being created, one that yields by yielding. */
static void enqueue(struct task *task)
{
	DL_APPEND(loop.ready, task);
	if (loop.ready_count++ == 0) {
		(void)uv_idle_start(&loop.no_block, keep_idle);
	}
}

static struct task *dequeue(void)
{
	struct task *task = loop.ready;

	DL_DELETE(loop.ready, task);
	if (--loop.ready_count == 0) {
		(void)uv_idle_stop(&loop.no_block);
	}

	return task;
}

static void make_ready(struct task *task)
{
	ilv_trace_task_ready(&loop, task->truth.number, current_number());
	enqueue(task);
}

/* Leaves the current task until somebody makes it ready. */
static void suspend(enum ilv_wait_reason reason, uint64_t object)
{
	struct task *task = loop.current;

	task->truth.yield_count++;
	ilv_trace_task_yield(&loop, task->truth.number, reason, object);
	ilv_fiber_suspend(task->fiber);
}

static void free_watch(uv_handle_t *handle)
{
	free(handle->data);
}

static void wake_watched(struct task *task, enum ilv_status status)
{
	struct watch *watch = task->watch;

	DL_DELETE2(loop.watched, task, prev_watched, next_watched);
	task->watch = NULL;
	task->wake_status = status;
	uv_close(&watch->uv.handle, free_watch);
	make_ready(task);
}

static void poll_came(uv_poll_t *poll, int uv_status, int events)
{
	struct watch *watch = poll->data;

	(void)uv_status; /* Whatever is wrong with the descriptor, the job meets when it uses it. */
	(void)events;
	end_poll();
	wake_watched(watch->task, ILV_STATUS_OK);
}

static void timer_came(uv_timer_t *timer)
{
	struct watch *watch = timer->data;

	end_poll();
	wake_watched(watch->task, ILV_STATUS_OK);
}

static void stop_came(uv_poll_t *poll, int uv_status, int events)
{
	struct task *task = NULL;
	struct task *next = NULL;

	(void)uv_status;
	(void)events;
	end_poll();
	(void)uv_poll_stop(poll);
	DL_FOREACH_SAFE2(loop.watched, task, next, next_watched)
	{
		wake_watched(task, ILV_STATUS_INTERRUPTED);
	}
}

static void task_main(void *argument)
{
	struct task *task = argument;

	ilv_handle_execute(&task->base);
}

static void finish_task(struct task *task)
{
	switch (task->base.status) {
	case ILV_STATUS_OK:
		task->truth.outcome = ILV_OUTCOME_RETURNED;
		break;
	case ILV_STATUS_INTERRUPTED:
		task->truth.outcome = ILV_OUTCOME_CANCELLED;
		break;
	default:
		task->truth.outcome = ILV_OUTCOME_FAILED;
	}

	task->is_done = true;
	if (task->joiner) {
		make_ready(task->joiner);
	}

	ilv_trace_task_done(&loop, task->truth.number, task->truth.outcome);
	loop.current = NULL;
	ilv_fiber_destroy(task->fiber);
	task->fiber = NULL;
	ilv_truth_add_task(&task->truth);
}

static void resume(struct task *task)
{
	task->truth.resume_count++;
	loop.current = task;
	ilv_trace_task_resume(&loop, task->truth.number);
	ilv_fiber_resume(task->fiber);
	if (ilv_fiber_is_done(task->fiber)) {
		finish_task(task);
	}

	loop.current = NULL;
}

/* Those that become ready meanwhile wait for the next turn, so that descriptors and timers get
 * theirs. */
static void resume_ready(void)
{
	for (size_t left = loop.ready_count; left > 0; left--) {
		resume(dequeue());
	}
}

static enum ilv_status start(const struct ilv_runtime_options *options)
{
	int error = uv_loop_init(&loop.uv);

	(void)options;
	if (error != 0) {
		ilv_cause_add("Cannot create event loop: error=\"%s\"", uv_strerror(error));
		return ILV_STATUS_ERROR;
	}

	(void)uv_prepare_init(&loop.uv, &loop.before_poll);
	(void)uv_prepare_start(&loop.before_poll, begin_poll);
	(void)uv_check_init(&loop.uv, &loop.after_poll);
	(void)uv_check_start(&loop.after_poll, check);
	(void)uv_idle_init(&loop.uv, &loop.no_block);
	error = uv_poll_init(&loop.uv, &loop.stop, ilv_stop_fd());
	if (error == 0) {
		error = uv_poll_start(&loop.stop, UV_READABLE, stop_came);
	}

	if (error != 0) {
		ilv_cause_add("Cannot watch for signals: error=\"%s\"", uv_strerror(error));
		return ILV_STATUS_ERROR;
	}

	ilv_trace_loop_create(&loop, "loop");

	return ILV_STATUS_OK;
}

static void stop(void)
{
	uv_close((uv_handle_t *)&loop.before_poll, NULL);
	uv_close((uv_handle_t *)&loop.after_poll, NULL);
	uv_close((uv_handle_t *)&loop.no_block, NULL);
	uv_close((uv_handle_t *)&loop.stop, NULL);
	(void)uv_run(&loop.uv, UV_RUN_DEFAULT);
	(void)uv_loop_close(&loop.uv);
	loop = (struct event_loop){0};
}

static enum ilv_status spawn(struct ilv_handle *base)
{
	struct task *task = (struct task *)base;
	enum ilv_status status =
		ilv_fiber_create(ILV_FIBER_STACK_SIZE, task_main, task, &task->fiber);

	if (status < 0) {
		return status;
	}

	task->truth.loop = (uintptr_t)&loop;
	task->truth.number = ++loop.last_number;
	(void)snprintf(task->truth.name, sizeof(task->truth.name), "%s", base->name);
	ilv_trace_task_create(&loop, task->truth.number, current_number(), base->name);
	make_ready(task);

	return ILV_STATUS_OK;
}

static void join(struct ilv_handle *base)
{
	struct task *task = (struct task *)base;

	if (loop.current && !task->is_done) {
		task->joiner = loop.current;
		suspend(ILV_WAIT_REASON_TASK, task->truth.number);
	}

	/* The run's main function is no task: it turns the loop itself. */
	while (!task->is_done) {
		resume_ready();
		if (!task->is_done) {
			(void)uv_run(&loop.uv, UV_RUN_ONCE);
		}
	}
}

/* Suspends the current task until its watch, which has been started, wakes it. */
static enum ilv_status await_watch(struct watch *watch, enum ilv_wait_reason reason,
				   uint64_t object)
{
	struct task *task = loop.current;

	task->watch = watch;
	DL_APPEND2(loop.watched, task, prev_watched, next_watched);
	suspend(reason, object);

	return task->wake_status;
}

static struct watch *create_watch(void)
{
	struct watch *watch = NULL;

	if (!loop.current) {
		ilv_cause_add(
			"Cannot await outside a job: the loop itself never waits for one thing");
		return NULL;
	}

	watch = calloc(1, sizeof(*watch));
	if (!watch) {
		ilv_cause_add("Cannot await: task=%llu",
			      (unsigned long long)loop.current->truth.number);
		return NULL;
	}

	watch->task = loop.current;

	return watch;
}

static enum ilv_status await_fd(int fd, enum ilv_wait_reason reason)
{
	struct watch *watch = create_watch();
	int error = 0;

	if (!watch) {
		return ILV_STATUS_ERROR;
	}

	error = uv_poll_init(&loop.uv, &watch->uv.poll, fd);
	if (error != 0) {
		ilv_cause_add("Cannot watch descriptor: fd=%d, error=\"%s\"", fd,
			      uv_strerror(error));
		free(watch);
		return ILV_STATUS_IO;
	}

	watch->uv.handle.data = watch;
	error = uv_poll_start(&watch->uv.poll,
			      reason == ILV_WAIT_REASON_WRITE ? UV_WRITABLE : UV_READABLE,
			      poll_came);
	if (error != 0) {
		ilv_cause_add("Cannot watch descriptor: fd=%d, error=\"%s\"", fd,
			      uv_strerror(error));
		uv_close(&watch->uv.handle, free_watch);
		return ILV_STATUS_IO;
	}

	return await_watch(watch, reason, (uint64_t)fd);
}

static enum ilv_status await_sleep(int64_t duration_ns)
{
	const int64_t deadline_ns = ilv_trace_now_ns() + duration_ns;
	struct watch *watch = create_watch();
	int64_t due_ms = 0;

	if (!watch) {
		return ILV_STATUS_ERROR;
	}

	/* libuv counts in ms, from a clock that stood still while tasks ran: round up, so as never
	 * to wake early. */
	uv_update_time(&loop.uv);
	due_ms = (deadline_ns + NS_PER_MS - 1) / NS_PER_MS - (int64_t)uv_now(&loop.uv);
	(void)uv_timer_init(&loop.uv, &watch->uv.timer);
	watch->uv.handle.data = watch;
	(void)uv_timer_start(&watch->uv.timer, timer_came, due_ms > 0 ? (uint64_t)due_ms : 0, 0);

	return await_watch(watch, ILV_WAIT_REASON_SLEEP, 0);
}

static enum ilv_status yield(void)
{
	if (loop.current) {
		enqueue(loop.current);
		suspend(ILV_WAIT_REASON_YIELD, 0);
	}

	return ilv_stop_is_requested() ? ILV_STATUS_INTERRUPTED : ILV_STATUS_OK;
}

static enum ilv_status lock_init(struct ilv_lock *lock, const char *name)
{
	lock->state = calloc(1, sizeof(struct loop_lock));
	if (!lock->state) {
		ilv_cause_add("Cannot create lock: name=\"%s\"", name);
		return ILV_STATUS_MEMORY;
	}

	ilv_trace_lock_name(lock, ILV_LOCK_KIND_MUTEX, 1, name);

	return ILV_STATUS_OK;
}

static void lock_acquire(struct ilv_lock *lock)
{
	struct loop_lock *state = lock->state;
	const bool is_contended = state->is_held;

	if (is_contended) {
		if (!loop.current) {
			abort(); /* The loop itself must not wait for a task. */
		}

		ilv_trace_lock_wait_begin(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE);
		DL_APPEND(state->waiters, loop.current);
		/* Whoever releases it hands it over: it is held when this returns. */
		suspend(ILV_WAIT_REASON_LOCK, (uintptr_t)lock);
	}

	state->is_held = true;
	ilv_trace_lock_acquire(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE, is_contended);
}

static void lock_release(struct ilv_lock *lock)
{
	struct loop_lock *state = lock->state;
	struct task *next = state->waiters;

	ilv_trace_lock_release(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE,
			       ILV_RELEASE_CAUSE_NONE);
	if (next) {
		DL_DELETE(state->waiters, next);
		make_ready(next);
	} else {
		state->is_held = false;
	}
}

static void lock_fini(struct ilv_lock *lock)
{
	if (lock->state) {
		ilv_trace_lock_destroy(lock);
		free(lock->state);
		lock->state = NULL;
	}
}

const struct ilv_runtime ilv_runtime_event_loop = {
	.name = "event-loop",
	.description = "one thread; tasks take turns as they await, over libuv",
	.unit = ILV_UNIT_TASK,
	.main_role = ILV_ROLE_LOOP,
	.handle_size = sizeof(struct task),
	.start = start,
	.stop = stop,
	.spawn = spawn,
	.join = join,
	.await_fd = await_fd,
	.await_sleep = await_sleep,
	.lock_init = lock_init,
	.lock_acquire = lock_acquire,
	.lock_release = lock_release,
	.lock_fini = lock_fini,
	.yield = yield,
};
