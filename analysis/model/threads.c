/* SPDX-License-Identifier: MIT */
/*
 * Description: the kernel as a scheduler of threads. Switch records say when a thread runs and
 * stops; what the thread says of itself (waits, joins, yields, its end) says why. Where nobody
 * records switches, only the waits are known.
 */
#include <string.h>

#include "analysis/model/inner.h"
#include "analysis/model/scheduler.h"

static const struct ilv_wait no_wait = {.reason = ILV_WAIT_REASON_NONE};

/* Switches are told one by one, as they happened. */
static bool has_records(const struct ilv_thread *thread)
{
	enum ilv_switch_source source = ilv_process_source(thread->node.shown.process);

	return source != ILV_SWITCH_SOURCE_NONE && source != ILV_SWITCH_SOURCE_RUSAGE;
}

static const struct ilv_wait *innermost_wait(const struct ilv_thread *thread)
{
	return thread->inside_count > 0 ? &thread->inside[thread->inside_count - 1] : &no_wait;
}

void ilv_thread_is_evident(struct ilv_model *model, struct ilv_thread *thread, int32_t cpu)
{
	struct ilv_entity *shown = &thread->node.shown;
	enum ilv_switch_source source = ilv_process_source(shown->process);
	struct ilv_turn turn = {.executor = cpu};

	/* A recorder is not recorded: once it ran, nobody would say that it stopped. */
	if (shown->state == ILV_STATE_RUNNING || shown->role == ILV_ROLE_RECORDER ||
	    shown->role == ILV_ROLE_TRACER || source == ILV_SWITCH_SOURCE_NONE) {
		return;
	}
	/* Of one that never looks at its clock nobody would say that it stopped either. And a hole
	 * in a clock begins where its thread looked last: what it emits in there says little of
	 * when it went. */
	if (source == ILV_SWITCH_SOURCE_RUSAGE &&
	    (!shown->is_recorded || shown->state == ILV_STATE_READY)) {
		return;
	}
	ilv_scheduler_run(model, shown, &turn);
}

struct ilv_entity *ilv_thread_context(struct ilv_thread *thread)
{
	struct ilv_task *task = thread->task;

	if (task && task->node.shown.state == ILV_STATE_RUNNING &&
	    task->node.shown.carrier == &thread->node.shown) {
		return &task->node.shown;
	}
	return &thread->node.shown;
}

void ilv_thread_done(struct ilv_model *model, struct ilv_thread *thread,
		     const struct ilv_stop *stop)
{
	const struct ilv_process *process = thread->node.shown.process;
	enum ilv_outcome outcome = ILV_OUTCOME_RETURNED;
	struct ilv_stop end = *stop;

	if (process->main_thread == &thread->node.shown && process->has_status) {
		outcome = ilv_exit_outcome(process->status);
	}
	end.is_abandoned = thread->is_abandoned;
	ilv_scheduler_done(model, &thread->node.shown, outcome, &end);
}

/* Waits. */

void ilv_thread_enter_wait(struct ilv_model *model, struct ilv_thread *thread,
			   const struct ilv_wait *wait)
{
	struct ilv_entity *shown = &thread->node.shown;

	if (thread->inside_count ==
	    ILV_WAIT_DEPTH) { /* Ends were lost: the oldest is the least true. */
		thread->inside_count--;
		memmove(&thread->inside[0], &thread->inside[1],
			thread->inside_count * sizeof(*thread->inside));
	}
	thread->inside[thread->inside_count++] = *wait;

	if (has_records(thread)) {
		return; /* The record of the switch says when it blocks, if it does. */
	}
	if (shown->state == ILV_STATE_WAITING) {
		ilv_scheduler_correct(model, shown, wait);
	} else {
		struct ilv_stop stop = {
			.cause = shown->state == ILV_STATE_RUNNING ? ILV_CAUSE_BLOCKED
								   : ILV_CAUSE_NONE,
			.next = ILV_STATE_WAITING,
			.wait = *wait,
		};

		ilv_scheduler_stop(model, shown, &stop);
	}
}

void ilv_thread_leave_waits(struct ilv_thread *thread, uint32_t count)
{
	if (thread->inside_count > count) {
		thread->inside_count = count;
	}
}

void ilv_thread_leave_wait(struct ilv_model *model, struct ilv_thread *thread,
			   enum ilv_wait_reason reason, uint64_t object)
{
	struct ilv_entity *shown = &thread->node.shown;
	uint32_t depth = thread->inside_count;

	/* Who waits for any child learns only at the end for which one it was. */
	while (depth > 0 &&
	       (thread->inside[depth - 1].reason != reason ||
		(thread->inside[depth - 1].object != object && reason != ILV_WAIT_REASON_CHILD))) {
		depth--;
	}
	if (depth == 0) {
		return; /* It began before the trace did. */
	}
	thread->inside_count = depth - 1;

	if (shown->state != ILV_STATE_WAITING || has_records(thread)) {
		return;
	}
	if (thread->inside_count > 0) {
		ilv_scheduler_correct(model, shown, innermost_wait(thread));
	} else {
		ilv_scheduler_lose(model, shown);
	}
}

ILV_HANDLER(wait_begin)
{
	struct ilv_wait wait = {
		.reason =
			(enum ilv_wait_reason)ilv_known(event->u.wait.reason, ILV_WAIT_REASON_LOOP),
		.object = event->u.wait.object,
	};

	ilv_thread_enter_wait(model, thread, &wait);
}

ILV_HANDLER(wait_end)
{
	ilv_thread_leave_wait(
		model, thread,
		(enum ilv_wait_reason)ilv_known(event->u.wait.reason, ILV_WAIT_REASON_LOOP),
		event->u.wait.object);
}

ILV_HANDLER(thread_yield_begin)
{
	(void)event;
	thread->is_yielding = true;
	model->facts.has_yields = true;
}

ILV_HANDLER(thread_yield_end)
{
	(void)event;
	(void)model;
	thread->is_yielding = false;
}

/* Records of switches. */

/* Finds whom a record is about, and notes who told. NULL: nobody whose life still matters. */
static struct ilv_thread *find_switched(struct ilv_model *model, const struct ilv_event *event)
{
	struct ilv_recorder_node *recorder =
		ilv_recorder_take(model, event->u.thread_switch.recorder_id);
	struct ilv_process_node *process;

	model->has_switches = true;
	if (!recorder) {
		return NULL;
	}
	recorder->seen_switch_count++;
	if (event->u.thread_switch.tid <= 0) {
		return NULL; /* The idle thread is nobody. */
	}
	if (event->u.thread_switch.pid <= 0) {
		return ilv_thread_find(model, event->u.thread_switch.tid);
	}

	process = ilv_process_take(model, event->u.thread_switch.pid);
	if (!process) {
		return NULL;
	}
	if (process->shown.end_ns != INT64_MAX) {
		struct ilv_thread *last = ilv_thread_find(model, event->u.thread_switch.tid);

		return last && last->node.shown.process == &process->shown ? last : NULL;
	}
	if (!process->recorder && !recorder->is_closed) {
		process->recorder = recorder;
	}
	if (!process->shown.run && recorder->covered) {
		/* Not introduced yet, but a descendant: it is in the run from its first moment on.
		 */
		process->shown.run = recorder->covered->shown.run;
	}
	return ilv_thread_take(model, process, event->u.thread_switch.tid);
}

static struct ilv_entity *find_other(struct ilv_model *model, const struct ilv_event *event)
{
	struct ilv_thread *other =
		event->u.thread_switch.other_tid > 0
			? ilv_thread_find(model, event->u.thread_switch.other_tid)
			: NULL;

	return other ? &other->node.shown : NULL;
}

static enum ilv_neighbour find_neighbour(const struct ilv_event *event)
{
	int32_t tid = event->u.thread_switch.other_tid;

	if (tid < 0) {
		return ILV_NEIGHBOUR_UNKNOWN;
	}
	return tid == 0 ? ILV_NEIGHBOUR_IDLE : ILV_NEIGHBOUR_THREAD;
}

ILV_HANDLER(thread_switch_in)
{
	struct ilv_turn turn = {
		.executor = event->u.thread_switch.cpu,
		.is_counted = true,
		.neighbour = find_neighbour(event),
	};

	thread = find_switched(model, event);
	if (thread) {
		thread->node.shown.is_recorded = true;
		ilv_scheduler_run(model, &thread->node.shown, &turn);
	}
}

ILV_HANDLER(thread_switch_out)
{
	bool is_involuntary = event->u.thread_switch.is_involuntary != 0;
	struct ilv_stop stop = {
		.is_involuntary = is_involuntary,
		.is_counted = true,
		.other = find_other(model, event),
		.neighbour = find_neighbour(event),
	};

	thread = find_switched(model, event);
	if (!thread) {
		return;
	}

	thread->node.shown.is_recorded = true;
	if (thread->is_exiting && !is_involuntary) {
		/* Blocked on the way out or gone: it comes back to nothing worth telling. */
		stop.cause = ILV_CAUSE_FINISHED;
		ilv_thread_done(model, thread, &stop);
		return;
	}
	if (is_involuntary) {
		stop.cause = thread->is_yielding ? ILV_CAUSE_YIELDED : ILV_CAUSE_CUT;
		stop.next = ILV_STATE_READY;
	} else {
		stop.cause = ILV_CAUSE_BLOCKED;
		stop.next = ILV_STATE_WAITING;
		stop.wait = *innermost_wait(thread);
	}
	if (!is_involuntary &&
	    ilv_process_source(thread->node.shown.process) == ILV_SWITCH_SOURCE_RUSAGE) {
		ilv_scheduler_count(model, &thread->node.shown, &stop);
	} else {
		ilv_scheduler_stop(model, &thread->node.shown, &stop);
	}
}

ILV_HANDLER(thread_wakeup)
{
	struct ilv_entity *waker = find_other(model, event);
	struct ilv_entity *shown;

	thread = find_switched(model, event);
	shown = thread ? &thread->node.shown : NULL;
	if (!shown || (shown->state != ILV_STATE_WAITING && shown->state != ILV_STATE_UNKNOWN)) {
		return; /* Woken while it still ran, or twice: it changes nothing. */
	}
	ilv_scheduler_ready(model, shown, waker);
	ilv_tell_edge(model, ILV_EDGE_KIND_WAKEUP, waker, model->now_ns, shown, model->now_ns,
		      NULL);
}

/* Lives. */

ILV_HANDLER(thread_create)
{
	struct ilv_identity *identity = ilv_identity_take(model, ILV_IDENTITY_KIND_CREATION,
							  event->pid, event->u.thread.key, 0);
	struct ilv_creation *creation = identity ? identity->newest : NULL;

	if (!identity) {
		return;
	}
	if (!creation) {
		creation = ilv_model_allocate(model, sizeof(*creation));
		if (!creation || !ilv_list_add(model, &model->creations, creation)) {
			return;
		}
		identity->newest = creation;
	}
	creation->creator = ilv_thread_context(thread);
	creation->time_ns = model->now_ns;
	creation->name = event->u.thread.name;
}

/* Joins the new thread with the call that made it. */
static void meet_creator(struct ilv_model *model, const struct ilv_event *event,
			 struct ilv_thread *thread)
{
	struct ilv_creation *creation = ilv_identity_find(model, ILV_IDENTITY_KIND_CREATION,
							  event->pid, event->u.thread.key, 0);
	struct ilv_entity *shown = &thread->node.shown;
	struct ilv_thread *parent = event->u.thread.parent_tid > 0
					    ? ilv_thread_find(model, event->u.thread.parent_tid)
					    : NULL;

	if (parent && parent != thread) {
		shown->parent = &parent->node.shown;
	}
	if (creation && creation->creator && creation->creator != shown) {
		shown->parent = creation->creator;
		if (!shown->name) {
			shown->name = ilv_text_or_null(creation->name);
		}
		ilv_tell_edge(model, ILV_EDGE_KIND_SPAWN, creation->creator, creation->time_ns,
			      shown, model->now_ns, NULL);
		creation->creator = NULL; /* The key is free for the next one. */
	}
}

static void introduce(struct ilv_model *model, struct ilv_thread *thread,
		      const struct ilv_event *event)
{
	struct ilv_entity *shown = &thread->node.shown;
	const char *name = ilv_text_or_null(event->u.thread.name);

	if (name) {
		shown->name = name;
	}
	shown->role = (enum ilv_role)ilv_known(event->u.thread.role, ILV_ROLE_TRACER);
	if (shown->role == ILV_ROLE_RECORDER || shown->role == ILV_ROLE_TRACER) {
		ilv_scheduler_lose(model, shown);
	}
}

ILV_HANDLER(thread_start)
{
	struct ilv_process_node *process =
		event->pid > 0 ? ilv_process_take(model, event->pid) : NULL;
	struct ilv_entity *shown;

	if (!process || event->tid <= 0) {
		return;
	}
	ilv_process_count_event(process, event);
	if (process->shown.end_ns != INT64_MAX) {
		return;
	}

	/* Records of its first switches may have come before; a thread that had started is another
	 * life. */
	thread = ilv_thread_take(model, process, event->tid);
	if (thread && (thread->node.is_created || thread->node.shown.state == ILV_STATE_DONE)) {
		thread = ilv_thread_renew(model, process, event->tid);
	}
	if (!thread) {
		return;
	}

	shown = &thread->node.shown;
	thread->node.is_created = true;
	shown->is_daemon = event->u.thread.is_daemon != 0;
	introduce(model, thread, event);
	ilv_thread_is_evident(model, thread, event->cpu);
	meet_creator(model, event, thread);
}

ILV_HANDLER(thread_announce)
{
	struct ilv_process_node *process = ilv_process_take(model, event->pid);

	if (!process || event->u.thread.tid <= 0 || process->shown.end_ns != INT64_MAX) {
		return;
	}

	thread = ilv_thread_take(model, process, event->u.thread.tid);
	if (thread && thread->node.shown.state == ILV_STATE_DONE) {
		thread = ilv_thread_renew(model, process, event->u.thread.tid);
	}
	if (thread) {
		introduce(model, thread, event);
	}
}

ILV_HANDLER(thread_exit)
{
	struct ilv_entity *shown = &thread->node.shown;

	shown->cpu_ns = event->u.thread.cpu_ns;
	shown->cpu_read_ns = event->time_ns;
	thread->exit_ns = model->now_ns;
	thread->is_exiting = true;
	if (!has_records(thread)) {
		struct ilv_stop stop = {
			.cause = shown->state == ILV_STATE_RUNNING ? ILV_CAUSE_FINISHED
								   : ILV_CAUSE_NONE,
		};

		ilv_thread_done(model, thread, &stop);
	}
}

/* The joined thread as what is waited on; 0: not known. */
static uint64_t joined_object(const struct ilv_event *event)
{
	return event->u.join.joined_tid > 0 ? (uint64_t)event->u.join.joined_tid : 0;
}

ILV_HANDLER(thread_join_begin)
{
	struct ilv_wait wait = {
		.reason = ILV_WAIT_REASON_JOIN,
		.object = joined_object(event),
	};

	ilv_thread_enter_wait(model, thread, &wait);
}

ILV_HANDLER(thread_join_end)
{
	struct ilv_thread *joined = ilv_thread_find(model, event->u.join.joined_tid);

	ilv_thread_leave_wait(model, thread, ILV_WAIT_REASON_JOIN, joined_object(event));
	if (joined && joined->node.shown.process == thread->node.shown.process) {
		ilv_tell_edge(model, ILV_EDGE_KIND_JOIN, &joined->node.shown,
			      joined->is_exiting ? joined->exit_ns : model->now_ns,
			      &thread->node.shown, model->now_ns, NULL);
	}
}
