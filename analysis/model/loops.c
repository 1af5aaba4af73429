/* SPDX-License-Identifier: MIT */
/*
 * Description: event loops as schedulers of tasks: one executor, the loop's thread, and tasks that
 * run until they give way. While a task runs, what fires on that thread is its doing.
 */
#include "analysis/model/inner.h"
#include "analysis/model/scheduler.h"

#define LOOP_EXECUTOR 0 /* A loop runs one task at a time. */

static struct ilv_process_node *process_of(const struct ilv_thread *thread)
{
	return (struct ilv_process_node *)thread->node.shown.process;
}

static struct ilv_scheduler_node *take_loop(struct ilv_model *model, const struct ilv_event *event,
					    const struct ilv_thread *thread)
{
	return ilv_scheduler_take(model, ILV_SCHEDULER_KIND_LOOP, process_of(thread),
				  event->u.task.loop);
}

static struct ilv_task *take_task(struct ilv_model *model, const struct ilv_event *event,
				  const struct ilv_thread *thread)
{
	struct ilv_scheduler_node *loop = take_loop(model, event, thread);

	return loop ? (struct ilv_task *)ilv_member_take(model, loop, event->u.task.task) : NULL;
}

ILV_HANDLER(loop_create)
{
	struct ilv_scheduler_node *loop = ilv_scheduler_find(
		model, ILV_SCHEDULER_KIND_LOOP, process_of(thread), event->u.task.loop);

	if (loop && loop->is_created) {
		ilv_scheduler_end(model, loop); /* Another loop stands where one was. */
	}
	loop = take_loop(model, event, thread);
	if (loop) {
		loop->is_created = true;
		loop->shown.name = ilv_text_or_null(event->u.task.name);
	}
}

/* A poll that finds something at once blocks nobody, so it is no change; that the loop looked is
 * told all the same. */
static void tell_poll(struct ilv_model *model, const struct ilv_event *event,
		      const struct ilv_thread *thread, enum ilv_mark_kind kind)
{
	struct ilv_mark mark = {
		.kind = kind,
		.entity = &thread->node.shown,
		.time_ns = model->now_ns,
		.address = event->u.task.loop,
	};

	ilv_tell_mark(model, &mark);
}

ILV_HANDLER(loop_poll_begin)
{
	struct ilv_scheduler_node *loop = take_loop(model, event, thread);
	struct ilv_wait wait = {
		.reason = ILV_WAIT_REASON_LOOP,
		.object = event->u.task.loop,
	};

	if (loop) {
		loop->shown.thread = &thread->node.shown;
		tell_poll(model, event, thread, ILV_MARK_KIND_POLL_BEGIN);
		ilv_thread_enter_wait(model, thread, &wait);
	}
}

ILV_HANDLER(loop_poll_end)
{
	ilv_thread_leave_wait(model, thread, ILV_WAIT_REASON_LOOP, event->u.task.loop);
	tell_poll(model, event, thread, ILV_MARK_KIND_POLL_END);
}

ILV_HANDLER(task_create)
{
	struct ilv_scheduler_node *loop = take_loop(model, event, thread);
	struct ilv_entity *task;

	if (!loop) {
		return;
	}
	task = ilv_member_take(model, loop, event->u.task.task);
	if (task && (ilv_node_of(task)->is_created || task->state == ILV_STATE_DONE)) {
		task = ilv_member_renew(model, loop, event->u.task.task);
	}
	if (!task) {
		return;
	}

	ilv_node_of(task)->is_created = true;
	task->name = ilv_text_or_null(event->u.task.name);
	task->parent = event->u.task.other_task != 0
			       ? ilv_member_find(model, loop, event->u.task.other_task)
			       : ilv_thread_context(thread);
	if (task->parent == task) {
		task->parent = NULL;
	}
	ilv_tell_edge(model, ILV_EDGE_KIND_SPAWN, task->parent, model->now_ns, task, model->now_ns,
		      NULL);
}

ILV_HANDLER(task_ready)
{
	struct ilv_task *task = take_task(model, event, thread);
	struct ilv_entity *waker = NULL;
	struct ilv_entity *shown = task ? &task->node.shown : NULL;

	if (!shown) {
		return;
	}
	if (event->u.task.other_task != 0) {
		waker = ilv_member_find(model, (struct ilv_scheduler_node *)shown->scheduler,
					event->u.task.other_task);
	}
	if (shown->state == ILV_STATE_RUNNING) {
		task->is_ready_early = true; /* What it is about to wait for is there already. */
	} else if (shown->state == ILV_STATE_UNKNOWN || shown->state == ILV_STATE_WAITING) {
		ilv_scheduler_ready(model, shown, waker);
		ilv_tell_edge(model, ILV_EDGE_KIND_WAKEUP, waker, model->now_ns, shown,
			      model->now_ns, NULL);
	}
}

ILV_HANDLER(task_resume)
{
	struct ilv_task *task = take_task(model, event, thread);
	struct ilv_turn turn = {
		.executor = LOOP_EXECUTOR,
		.carrier = &thread->node.shown,
		.is_counted = true,
	};
	struct ilv_entity *context = ilv_thread_context(thread);

	if (!task || task->node.shown.state == ILV_STATE_DONE) {
		return;
	}

	task->node.shown.scheduler->thread = &thread->node.shown;
	ilv_scheduler_run(model, &task->node.shown, &turn);
	/* A loop may be run inside a task of another one; then that task goes on where this one
	 * stops. */
	task->outer = NULL;
	if (context->kind == ILV_ENTITY_KIND_TASK && context->state == ILV_STATE_RUNNING &&
	    context != &task->node.shown) {
		task->outer = (struct ilv_task *)context;
	}
	task->thread_wait_count = thread->inside_count;
	task->is_ready_early = false;
	thread->task = task;
}

/* Takes the task off the thread that carried it, with the waits that the thread entered on its
 * behalf. */
static void put_down(struct ilv_task *task)
{
	struct ilv_thread *carrier = (struct ilv_thread *)task->node.shown.carrier;

	if (carrier && carrier->task == task) {
		ilv_thread_leave_waits(carrier, task->thread_wait_count);
		carrier->task = task->outer;
	}
	task->outer = NULL;
}

ILV_HANDLER(task_yield)
{
	struct ilv_task *task = take_task(model, event, thread);
	enum ilv_wait_reason reason =
		(enum ilv_wait_reason)ilv_known(event->u.task.reason, ILV_WAIT_REASON_LOOP);
	struct ilv_stop stop = {
		.cause = ILV_CAUSE_YIELDED,
		.next = ILV_STATE_WAITING,
		.wait = {.reason = reason, .object = event->u.task.object},
		.is_counted = true,
	};

	if (!task) {
		return;
	}
	if (reason == ILV_WAIT_REASON_YIELD || task->is_ready_early) {
		stop.next = ILV_STATE_READY;
	}
	if (reason == ILV_WAIT_REASON_LOCK) {
		struct ilv_scheduler_node *lock = ilv_scheduler_find(
			model, ILV_SCHEDULER_KIND_LOCK, process_of(thread), event->u.task.object);

		stop.wait.waits_for = lock ? &lock->shown : NULL;
	}
	task->is_ready_early = false;
	put_down(task);
	ilv_scheduler_stop(model, &task->node.shown, &stop);
}

ILV_HANDLER(task_done)
{
	struct ilv_task *task = take_task(model, event, thread);
	struct ilv_stop stop = {
		.cause = ILV_CAUSE_FINISHED,
		.is_counted = true,
	};

	if (!task) {
		return;
	}
	put_down(task);
	ilv_scheduler_done(
		model, &task->node.shown,
		(enum ilv_outcome)ilv_known(event->u.task.outcome, ILV_OUTCOME_CANCELLED), &stop);
}
