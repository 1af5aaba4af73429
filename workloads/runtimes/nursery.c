/* SPDX-License-Identifier: MIT */
/*
 * Description: runtime `nursery`: the event loop with structured concurrency, as trio and Python's
 * TaskGroup have it. No task outlives the nursery that it was started in, and the first failure
 * cancels the others. The trace shows tasks that are woken to be told, and end as cancelled.
 *
 * What a run spawns lives in one nursery around all; what a job spawns, in the innermost that it
 * has open, else in its own.
 */
#include "workloads/nursery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "base/cause.h"
#include "workloads/runtimes/loop.h"
#include "workloads/stop.h"

#define NS_PER_MS INT64_C(1000000)

struct nursery_task {
	struct ilv_task task;
	struct ilv_nursery *nursery;   /* whose child it is */
	struct ilv_scope *scope;       /* the innermost that it is in */
	struct ilv_nursery *innermost; /* that it opened; NULL: none */
	bool is_detached;              /* nobody joins it: freed when it is done */
	struct nursery_task *next_in_scope;
	struct nursery_task *prev_in_scope;
};

struct ilv_scope {
	struct ilv_scope *outer;
	struct ilv_scope *inner; /* the scopes directly within */
	struct ilv_scope *next;
	struct ilv_scope *prev;
	struct nursery_task *tasks; /* those whose innermost scope this is */
	bool is_shielded;
	bool is_cancelled;
	uv_timer_t *timer; /* NULL: no time limit */
};

struct ilv_nursery {
	struct ilv_scope *scope;
	struct ilv_nursery *outer; /* the one that its opener had open before */
	size_t child_count;        /* that are not done */
	struct ilv_task *closer;   /* waits for the last child; NULL: nobody yet */
	bool has_cancelled_child;
	enum ilv_status failure;
	char *cause;
};

/* Around all that a run spawns. */
static struct ilv_scope root_scope;
static struct ilv_nursery root = {.scope = &root_scope};

static struct nursery_task *current_task(void)
{
	return (struct nursery_task *)ilv_loop_current();
}

static bool is_scope_cancelled(const struct ilv_scope *scope)
{
	for (; scope; scope = scope->outer) {
		if (scope->is_cancelled) {
			return true;
		}

		if (scope->is_shielded) {
			return false;
		}
	}

	return false;
}

static bool is_cancelled(const struct ilv_task *task)
{
	return is_scope_cancelled(((const struct nursery_task *)task)->scope);
}

/* Tells all who wait within `scope`; who runs, or is ready, meets it at its next await. */
static void interrupt_within(const struct ilv_scope *scope)
{
	struct nursery_task *task = NULL;
	struct ilv_scope *inner = NULL;

	DL_FOREACH2(scope->tasks, task, next_in_scope)
	{
		ilv_loop_interrupt(&task->task);
	}

	DL_FOREACH (scope->inner, inner) {
		if (!inner->is_shielded) {
			interrupt_within(inner);
		}
	}
}

static void cancel(struct ilv_scope *scope)
{
	if (!scope->is_cancelled) {
		scope->is_cancelled = true;
		interrupt_within(scope);
	}
}

static void enter_scope(struct nursery_task *task, struct ilv_scope *scope)
{
	task->scope = scope;
	DL_APPEND2(scope->tasks, task, prev_in_scope, next_in_scope);
}

static void exit_scope(struct nursery_task *task)
{
	DL_DELETE2(task->scope->tasks, task, prev_in_scope, next_in_scope);
	task->scope = NULL;
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void time_came(uv_timer_t *timer)
{
	ilv_loop_end_poll();
	cancel(timer->data);
}

/* A new scope within the current task's, which enters it. */
static struct ilv_scope *open_scope(void)
{
	struct nursery_task *task = current_task();
	struct ilv_scope *scope = task ? calloc(1, sizeof(*scope)) : NULL;

	if (!scope) {
		ilv_cause_add(task ? "Cannot open a scope" : "Cannot open a scope outside a job");
		return NULL;
	}

	scope->outer = task->scope;
	DL_APPEND(scope->outer->inner, scope);
	exit_scope(task);
	enter_scope(task, scope);

	return scope;
}

/* The current task leaves the scope, in which nobody else is left. */
static void close_scope(struct ilv_scope *scope)
{
	struct nursery_task *task = current_task();

	if (task->scope != scope || scope->inner) {
		abort(); /* Left in another order than opened. */
	}

	if (scope->timer) {
		uv_close((uv_handle_t *)scope->timer, free_handle);
	}

	exit_scope(task);
	DL_DELETE(scope->outer->inner, scope);
	enter_scope(task, scope->outer);
	free(scope);
}

enum ilv_status ilv_move_on_after(int64_t timeout_ns, struct ilv_scope **scope)
{
	struct ilv_scope *opened = NULL;
	uv_timer_t *timer = calloc(1, sizeof(*timer));

	if (!timer) {
		ilv_cause_add("Cannot set a time limit");
		return ILV_STATUS_MEMORY;
	}

	opened = open_scope();
	if (!opened) {
		free(timer);
		return ILV_STATUS_ERROR;
	}

	uv_update_time(ilv_loop_borrow_uv());
	(void)uv_timer_init(ilv_loop_borrow_uv(), timer);
	timer->data = opened;
	(void)uv_timer_start(
		timer, time_came,
		timeout_ns > 0 ? (uint64_t)((timeout_ns + NS_PER_MS - 1) / NS_PER_MS) : 0, 0);
	opened->timer = timer;
	*scope = opened;

	return ILV_STATUS_OK;
}

enum ilv_status ilv_shield(struct ilv_scope **scope)
{
	*scope = open_scope();
	if (!*scope) {
		return ILV_STATUS_ERROR;
	}

	(*scope)->is_shielded = true;

	return ILV_STATUS_OK;
}

enum ilv_status ilv_scope_leave(struct ilv_scope *scope, enum ilv_status status,
				bool *was_cancelled)
{
	const bool is_ours = scope->is_cancelled;

	close_scope(scope);
	if (was_cancelled) {
		*was_cancelled = is_ours;
	}

	if (status == ILV_STATUS_INTERRUPTED && is_ours && !ilv_stop_is_requested() &&
	    !is_scope_cancelled(current_task()->scope)) {
		return ILV_STATUS_OK;
	}

	return status;
}

enum ilv_status ilv_nursery_open(struct ilv_nursery **nursery)
{
	struct ilv_nursery *opened = calloc(1, sizeof(*opened));

	if (!opened) {
		ilv_cause_add("Cannot open a nursery");
		return ILV_STATUS_MEMORY;
	}

	opened->scope = open_scope();
	if (!opened->scope) {
		free(opened);
		return ILV_STATUS_ERROR;
	}

	opened->outer = current_task()->innermost;
	current_task()->innermost = opened;
	*nursery = opened;

	return ILV_STATUS_OK;
}

void ilv_nursery_cancel(struct ilv_nursery *nursery)
{
	cancel(nursery->scope);
}

/* Keeps the first failure, and cancels the others for it. */
static void note_end(struct ilv_nursery *nursery, enum ilv_status status, const char *cause)
{
	nursery->has_cancelled_child |= status == ILV_STATUS_INTERRUPTED;
	if (status < 0 && status != ILV_STATUS_INTERRUPTED && nursery->failure == ILV_STATUS_OK) {
		nursery->failure = status;
		nursery->cause = cause && cause[0] ? strdup(cause) : NULL;
		cancel(nursery->scope);
	}
}

static void task_returned(struct ilv_task *base)
{
	struct nursery_task *task = (struct nursery_task *)base;
	struct ilv_nursery *nursery = task->nursery;

	exit_scope(task);
	note_end(nursery, base->base.status, base->base.cause);
	if (--nursery->child_count == 0 && nursery->closer) {
		ilv_loop_wake(nursery->closer, ILV_STATUS_OK);
	}
}

static void task_gone(struct ilv_task *base)
{
	if (((struct nursery_task *)base)->is_detached) {
		ilv_result_fini(&base->base.result);
		free(base->base.cause);
		free(base);
	}
}

static enum ilv_status spawn_into(struct ilv_nursery *nursery, struct nursery_task *task)
{
	enum ilv_status status = ILV_STATUS_OK;

	task->nursery = nursery;
	status = ilv_loop_spawn(&task->task.base);
	if (status == ILV_STATUS_OK) {
		nursery->child_count++;
		enter_scope(task, nursery->scope);
	}

	return status;
}

enum ilv_status ilv_nursery_spawn(struct ilv_nursery *nursery, ilv_job_function function,
				  void *argument, const char *name)
{
	struct nursery_task *task = calloc(1, sizeof(*task));
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (task) {
		task->task.base.function = function;
		task->task.base.argument = argument;
		task->is_detached = true;
		(void)snprintf(task->task.base.name, sizeof(task->task.base.name), "%s", name);
		status = spawn_into(nursery, task);
	}

	if (status < 0) {
		ilv_cause_add("Cannot spawn job: name=\"%s\"", name);
		free(task);
	}

	return status;
}

enum ilv_status ilv_nursery_close(struct ilv_nursery *nursery, enum ilv_status status)
{
	struct nursery_task *task = current_task();

	note_end(nursery, status, ilv_cause_text());
	if (nursery->child_count > 0) {
		/* Not interrupted itself: what cancels it cancels the children, and they end. */
		nursery->closer = &task->task;
		(void)!ilv_loop_wait(ILV_WAIT_REASON_TASK, 0, NULL, NULL);
	}

	/* Cancelled from around: its work is not done, and what comes after it is not to begin. */
	if (status == ILV_STATUS_OK && nursery->has_cancelled_child && ilv_loop_is_interrupted()) {
		status = ILV_STATUS_INTERRUPTED;
	}

	task->innermost = nursery->outer;
	status = ilv_scope_leave(nursery->scope, status, NULL);
	if (nursery->failure < 0) {
		status = nursery->failure;
		ilv_cause_clear();
		if (nursery->cause) {
			ilv_cause_add("%s", nursery->cause);
		}
	}

	free(nursery->cause);
	free(nursery);

	return status;
}

static enum ilv_status start(const struct ilv_runtime_options *options)
{
	static const struct ilv_loop_hooks hooks = {
		.is_cancelled = is_cancelled,
		.task_returned = task_returned,
		.task_gone = task_gone,
	};

	(void)options;
	root_scope = (struct ilv_scope){0};
	root = (struct ilv_nursery){.scope = &root_scope};

	return ilv_loop_start(&hooks);
}

static void stop(void)
{
	free(root.cause);
	root.cause = NULL;
	ilv_loop_stop();
}

static enum ilv_status spawn(struct ilv_handle *handle)
{
	const struct nursery_task *parent = current_task();
	struct ilv_nursery *nursery = &root;

	if (parent) {
		nursery = parent->innermost ? parent->innermost : parent->nursery;
	}

	return spawn_into(nursery, (struct nursery_task *)handle);
}

const struct ilv_runtime ilv_runtime_nursery = {
	.name = "nursery",
	.description =
		"an event loop with scopes: no task outlives its own, one failure cancels all",
	.shows = "As event-loop; where one task fails the others are woken to be told, and end as "
		 "cancelled.",
	.unit = ILV_UNIT_TASK,
	.main_role = ILV_ROLE_LOOP,
	.handle_size = sizeof(struct nursery_task),
	.start = start,
	.stop = stop,
	.spawn = spawn,
	.join = ilv_loop_join,
	.await_fd = ilv_loop_await_fd,
	.await_sleep = ilv_loop_await_sleep,
	.await_call = ilv_loop_await_call,
	.locks = &ilv_loop_locks,
	.yield = ilv_loop_yield,
};
