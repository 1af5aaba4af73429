/* SPDX-License-Identifier: MIT */
/* Description: tasks, their queue, and the turns of the loop. */
#include "workloads/runtimes/loop.h"

#include <stdio.h>
#include <stdlib.h>

#include <utlist.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
#include "workloads/stop.h"

static struct loop {
	uv_loop_t uv;
	uv_prepare_t before_poll;
	uv_check_t after_poll;
	uv_idle_t no_block; /* active while a task is ready: libuv then polls without blocking */
	uv_poll_t stop;
	bool is_polling;
	struct ilv_task *ready; /* first in, first out */
	size_t ready_count;
	struct ilv_task *waiting; /* in a wait that can be interrupted */
	uint64_t last_number;
	struct ilv_loop_hooks hooks;
} loop;

/* Of the loop's thread; others never have one. */
static _Thread_local struct ilv_task *current;

struct ilv_task *ilv_loop_current(void)
{
	return current;
}

uv_loop_t *ilv_loop_borrow_uv(void)
{
	return &loop.uv;
}

static uint64_t current_number(void)
{
	return current ? current->truth.number : 0;
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

void ilv_loop_end_poll(void)
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
	ilv_loop_end_poll();
}

/* Without an event: a new task is ready by being created, one that yields by yielding. */
static void enqueue(struct ilv_task *task)
{
	DL_APPEND(loop.ready, task);
	if (loop.ready_count++ == 0) {
		(void)uv_idle_start(&loop.no_block, keep_idle);
	}
}

static struct ilv_task *dequeue(void)
{
	struct ilv_task *task = loop.ready;

	DL_DELETE(loop.ready, task);
	if (--loop.ready_count == 0) {
		(void)uv_idle_stop(&loop.no_block);
	}

	return task;
}

static void make_ready(struct ilv_task *task)
{
	ilv_trace_task_ready(&loop, task->truth.number, current_number());
	enqueue(task);
}

/* Leaves the current task until somebody makes it ready. */
static void suspend(enum ilv_wait_reason reason, uint64_t object)
{
	struct ilv_task *task = current;

	task->truth.yield_count++;
	ilv_trace_task_yield(&loop, task->truth.number, reason, object);
	ilv_fiber_suspend(task->fiber);
}

static bool is_cancelled(const struct ilv_task *task)
{
	return loop.hooks.is_cancelled && loop.hooks.is_cancelled(task);
}

bool ilv_loop_is_interrupted(void)
{
	return ilv_stop_is_requested() || (current && is_cancelled(current));
}

enum ilv_status ilv_loop_wait(enum ilv_wait_reason reason, uint64_t object,
			      void (*abandon)(void *wait), void *wait)
{
	struct ilv_task *task = current;

	if (abandon && ilv_loop_is_interrupted()) {
		abandon(wait);
		return ILV_STATUS_INTERRUPTED;
	}

	if (abandon) {
		task->abandon = abandon;
		task->wait = wait;
		DL_APPEND2(loop.waiting, task, prev_waiting, next_waiting);
	}

	suspend(reason, object);

	return task->wake_status;
}

void ilv_loop_wake(struct ilv_task *task, enum ilv_status status)
{
	if (task->abandon) {
		DL_DELETE2(loop.waiting, task, prev_waiting, next_waiting);
		task->abandon = NULL;
	}

	task->wake_status = status;
	make_ready(task);
}

void ilv_loop_interrupt(struct ilv_task *task)
{
	if (task->abandon) {
		task->abandon(task->wait);
		ilv_loop_wake(task, ILV_STATUS_INTERRUPTED);
	}
}

static void stop_came(uv_poll_t *poll, int uv_status, int events)
{
	(void)uv_status;
	(void)events;
	ilv_loop_end_poll();
	(void)uv_poll_stop(poll);
	while (loop.waiting) {
		ilv_loop_interrupt(loop.waiting);
	}

	if (loop.hooks.stop_came) {
		loop.hooks.stop_came();
	}
}

static void task_main(void *argument)
{
	struct ilv_task *task = argument;

	ilv_handle_execute(&task->base);
}

static void finish_task(struct ilv_task *task)
{
	task->truth.outcome = ilv_outcome_of(task->base.status);
	task->is_done = true;
	if (loop.hooks.task_returned) {
		loop.hooks.task_returned(task);
	}

	if (task->joiner) {
		make_ready(task->joiner);
	}

	ilv_trace_task_done(&loop, task->truth.number, task->truth.outcome);
	current = NULL;
	ilv_fiber_destroy(task->fiber);
	task->fiber = NULL;
	ilv_truth_add_task(&task->truth);
	if (loop.hooks.task_gone) {
		loop.hooks.task_gone(task);
	}
}

static void resume(struct ilv_task *task)
{
	task->truth.resume_count++;
	current = task;
	ilv_trace_task_resume(&loop, task->truth.number);
	ilv_fiber_resume(task->fiber);
	if (ilv_fiber_is_done(task->fiber)) {
		finish_task(task);
	}

	current = NULL;
}

/* Those that become ready meanwhile wait for the next turn, so that descriptors and timers get
 * theirs. */
static void resume_ready(void)
{
	for (size_t left = loop.ready_count; left > 0; left--) {
		resume(dequeue());
	}
}

enum ilv_status ilv_loop_start(const struct ilv_loop_hooks *hooks)
{
	int error = uv_loop_init(&loop.uv);

	if (error != 0) {
		ilv_cause_add("Cannot create event loop: error=\"%s\"", uv_strerror(error));
		return ILV_STATUS_ERROR;
	}

	loop.hooks = hooks ? *hooks : (struct ilv_loop_hooks){0};
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

void ilv_loop_stop(void)
{
	uv_close((uv_handle_t *)&loop.before_poll, NULL);
	uv_close((uv_handle_t *)&loop.after_poll, NULL);
	uv_close((uv_handle_t *)&loop.no_block, NULL);
	uv_close((uv_handle_t *)&loop.stop, NULL);
	(void)uv_run(&loop.uv, UV_RUN_DEFAULT);
	(void)uv_loop_close(&loop.uv);
	loop = (struct loop){0};
}

enum ilv_status ilv_loop_spawn(struct ilv_handle *base)
{
	struct ilv_task *task = (struct ilv_task *)base;
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

void ilv_loop_join(struct ilv_handle *base)
{
	struct ilv_task *task = (struct ilv_task *)base;

	if (current && !task->is_done) {
		task->joiner = current;
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

enum ilv_status ilv_loop_yield(void)
{
	struct ilv_task *task = current;

	if (task) {
		enqueue(task);
		suspend(ILV_WAIT_REASON_YIELD, 0);
	}

	return ilv_loop_is_interrupted() ? ILV_STATUS_INTERRUPTED : ILV_STATUS_OK;
}
