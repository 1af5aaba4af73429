/* SPDX-License-Identifier: MIT */
/*
 * Description: processes: they begin (a fork, a spawn, or a first word of their own), belong to the
 * run and the recording of their parent, and end. Not entities themselves: their threads are.
 */
#include <signal.h>

#include "analysis/model/inner.h"
#include "analysis/model/scheduler.h"

void ilv_process_count_event(struct ilv_process_node *process, const struct ilv_event *event)
{
	process->shown.event_count++;
	process->late_switch_count += event->is_late;
	if (process->has_start) {
		process->counted_event_count++;
	} else if (event->recorded_ns > event->time_ns) {
		process->early_switch_count++; /* Back-dated: it may have been sent after the start.
						*/
	}
}

bool ilv_process_descends_from(const struct ilv_process_node *process,
			       const struct ilv_process_node *ancestor)
{
	while (process && process != ancestor) {
		process = process->parent;
	}
	return process != NULL;
}

/* What a server starts serves too. */
static void serve_like_parent(struct ilv_process_node *child)
{
	if (child->parent && child->parent->shown.role == ILV_ROLE_SERVER &&
	    child->shown.role == ILV_ROLE_OTHER) {
		child->shown.role = ILV_ROLE_SERVER;
	}
}

/* Lets `child` share in what goes on in its parent: the run, and the recording of switches. */
static void inherit(struct ilv_process_node *child, struct ilv_process_node *parent)
{
	if (ilv_process_descends_from(parent, child)) {
		return; /* A circle of parents is a broken trace's. */
	}
	child->parent = parent;
	child->shown.parent_pid = parent->shown.pid;
	if (!child->shown.run) {
		child->shown.run = parent->shown.run;
	}
	if (!child->recorder) {
		child->recorder = parent->recorder;
	}
	serve_like_parent(child);
}

/* Tells once, when both sides are known, who made this process. */
static void tell_spawn(struct ilv_model *model, struct ilv_process_node *child)
{
	struct ilv_entity *main_thread = child->shown.main_thread;

	if (!child->has_spawn || !child->has_start || !child->spawner || !main_thread) {
		return;
	}
	if (!main_thread->parent && main_thread != child->spawner) {
		main_thread->parent = child->spawner;
	}
	if (child->is_forked) {
		child->shown.tracer_begin_ns = child->start_ns;
	}
	ilv_tell_edge(model, ILV_EDGE_KIND_SPAWN, child->spawner, child->spawn_ns, main_thread,
		      child->start_ns, NULL);
	child->spawner = NULL;
}

/* Is the newest life of this pid the child that `parent` just made, or an older process? */
static bool is_same_child(const struct ilv_process_node *child,
			  const struct ilv_process_node *parent)
{
	if (child->has_spawn) {
		return false;
	}
	return child->parent == parent ||
	       (!child->parent && child->shown.end_ns == INT64_MAX && child != parent);
}

ILV_HANDLER(process_spawn)
{
	struct ilv_process_node *parent = (struct ilv_process_node *)thread->node.shown.process;
	int32_t child_pid = event->u.process.child_pid;
	struct ilv_process_node *child;
	struct ilv_thread *main_thread;

	if (child_pid <= 0) {
		return;
	}
	child = ilv_process_find(model, child_pid);
	child = child && is_same_child(child, parent) ? child : ilv_process_renew(model, child_pid);
	if (!child) {
		return;
	}

	child->has_spawn = true;
	child->is_forked = event->u.process.method == ILV_SPAWN_METHOD_FORK;
	child->spawner = ilv_thread_context(thread);
	child->spawn_ns = model->now_ns;
	inherit(child, parent);
	main_thread = ilv_thread_take(model, child, child_pid);
	if (!main_thread) {
		return;
	}
	if (main_thread->node.shown.state == ILV_STATE_UNKNOWN &&
	    child->shown.end_ns == INT64_MAX &&
	    (ilv_process_source(&child->shown) == ILV_SWITCH_SOURCE_KERNEL ||
	     ilv_process_source(&child->shown) == ILV_SWITCH_SOURCE_PERF_WAKEUPS)) {
		ilv_scheduler_ready(model, &main_thread->node.shown, NULL);
	}
	tell_spawn(model, child);
}

ILV_HANDLER(process_fork)
{
	struct ilv_process_node *parent;
	struct ilv_process_node *child;

	(void)thread;
	if (event->u.fork.pid <= 0 || event->u.fork.parent_pid <= 0) {
		return;
	}
	parent = ilv_process_take(model, event->u.fork.parent_pid);
	child = ilv_process_find(model, event->u.fork.pid);
	/* A record that comes late finds the child known already. */
	if (!child || child->has_fork || child->shown.end_ns != INT64_MAX ||
	    (child->parent && child->parent != parent)) {
		child = ilv_process_renew(model, event->u.fork.pid);
	}
	if (parent && child) {
		child->has_fork = true;
		inherit(child, parent);
	}
}

/*
 * Whether a process that says its start anew is still the one that we know: it has replaced its
 * program, or goes on with its count to say more of itself. Else the number has gone to another
 * process.
 */
static bool is_same_process(const struct ilv_process_node *process, const struct ilv_event *event)
{
	return process->shown.end_ns == INT64_MAX &&
	       (!process->has_start || process->shown.parent_pid == event->u.process.parent_pid ||
		event->u.process.event_count > process->counted_from);
}

static void set_begin(struct ilv_model *model, struct ilv_process_node *process, int64_t started_ns)
{
	bool is_plausible =
		started_ns > 0 && started_ns >= model->begin_ns && started_ns <= model->now_ns;

	process->start_ns = is_plausible ? started_ns : model->now_ns;
	if (process->start_ns < process->shown.begin_ns) {
		process->shown.begin_ns = process->start_ns;
	}
}

/*
 * Begins to count what arrives. A second start says more of the same program and is one more event
 * of it, but a program that replaced it counts anew.
 */
static void count_from_start(struct ilv_process_node *process, uint64_t event_count)
{
	if (process->has_start && event_count > process->counted_from) {
		process->counted_event_count++;
		return;
	}
	process->is_replaced = process->is_replaced || process->has_start;
	process->has_start = true;
	process->counted_from = event_count;
	process->counted_event_count = 1;
}

ILV_HANDLER(process_start)
{
	struct ilv_process_node *process;
	struct ilv_process_node *parent;

	if (event->pid <= 0) {
		return;
	}
	process = ilv_process_find(model, event->pid);
	process = process && is_same_process(process, event) ? process
							     : ilv_process_renew(model, event->pid);
	if (!process) {
		return;
	}

	process->shown.event_count++;
	if (ilv_text_or_null(event->u.process.name)) {
		process->shown.name = event->u.process.name;
	}
	process->shown.role = (enum ilv_role)ilv_known(event->u.process.role, ILV_ROLE_TRACER);
	process->shown.parent_pid = event->u.process.parent_pid;
	parent = event->u.process.parent_pid > 0
			 ? ilv_process_find(model, event->u.process.parent_pid)
			 : NULL;
	if (parent && parent != process && !process->parent) {
		inherit(process, parent);
	}
	serve_like_parent(process);
	if (!process->has_start) {
		set_begin(model, process, event->u.process.started_ns);
		process->shown.first_act_ns = model->now_ns;
	}

	count_from_start(process, event->u.process.event_count);
	if (event->tid > 0) {
		thread = ilv_thread_take(model, process, event->tid);
		if (thread) {
			ilv_thread_is_evident(model, thread, event->cpu);
		}
	}
	tell_spawn(model, process);
}

enum ilv_outcome ilv_exit_outcome(int64_t exit_status)
{
	switch (exit_status) {
	case 0:
		return ILV_OUTCOME_RETURNED;
	case 128 + SIGHUP:
	case 128 + SIGINT:
	case 128 + SIGTERM:
		return ILV_OUTCOME_CANCELLED; /* It was asked to end. */
	default:
		return ILV_OUTCOME_FAILED;
	}
}

static void end_thread(struct ilv_model *model, struct ilv_thread *thread, bool is_gone)
{
	enum ilv_switch_source source = ilv_process_source(thread->node.shown.process);
	bool is_running = thread->node.shown.state == ILV_STATE_RUNNING;
	struct ilv_stop stop = {
		.cause = is_running ? ILV_CAUSE_FINISHED : ILV_CAUSE_NONE,
	};

	if (!thread->is_exiting) {
		/* A main thread ends with its process. Of one that never said that it began, nobody
		 * knows whether it would have said its end. */
		thread->is_abandoned =
			thread->node.is_created &&
			&thread->node.shown != thread->node.shown.process->main_thread;
		thread->is_exiting = true;
		thread->exit_ns = model->now_ns;
	}
	if (is_gone || !is_running || source == ILV_SWITCH_SOURCE_NONE ||
	    source == ILV_SWITCH_SOURCE_RUSAGE) {
		ilv_thread_done(model, thread, &stop);
	}
}

void ilv_process_end(struct ilv_model *model, struct ilv_process_node *process, bool is_gone)
{
	bool is_first = process->shown.end_ns == INT64_MAX;
	struct ilv_scheduler_node *scheduler;
	struct ilv_thread *thread;

	for (scheduler = process->schedulers; scheduler && is_first;
	     scheduler = scheduler->next_of_process) {
		ilv_scheduler_end(model, scheduler);
	}
	for (thread = process->threads; thread; thread = thread->next_of_process) {
		end_thread(model, thread, is_gone);
	}
	if (is_first) {
		process->shown.end_ns = model->now_ns;
		ilv_run_end_of_process(model, process);
	}
}

/* Somebody says its begin or its end: where a session leaves these events out, nothing follows from
 * their absence. */
static bool is_anybody_counting(const struct ilv_model *model)
{
	for (uint32_t i = 0; i < model->processes.count; i++) {
		const struct ilv_process_node *process = model->processes.items[i];

		if (process->has_start || process->shown.claimed_event_count != UINT64_MAX) {
			return true;
		}
	}
	return false;
}

/*
 * Whether a process was forked by one that is heard, and said neither that it began nor how many
 * events are missing: a child of ilv_fork() says its begin at once. LTTng registers each child,
 * waits for that some seconds at most, and where many are made at once lets the others go on
 * unrecorded.
 */
static bool is_unheard(const struct ilv_process_node *process, uint64_t arrived)
{
	uint64_t sent = process->shown.claimed_event_count;

	return process->has_spawn && process->is_forked && !process->has_start && process->parent &&
	       process->parent->has_start &&
	       (sent == UINT64_MAX ? process->shown.event_count == 0 : sent <= arrived);
}

/*
 * Holds what arrived of a process against what it says that it sent. One that did not say it may
 * have been killed within an event, which can cost others theirs, or it did and that was lost. What
 * recorders send has a count of its own.
 */
static void judge_count(struct ilv_model *model, const struct ilv_process_node *process)
{
	uint64_t sent = process->shown.claimed_event_count;
	uint64_t arrived = process->has_start
				   ? process->counted_event_count + process->early_switch_count
				   : process->shown.event_count;

	if (sent != UINT64_MAX && (process->has_start || process->has_spawn)) {
		model->facts.missing_event_count += sent > arrived ? sent - arrived : 0;
	}
	if (!process->shown.run || process->shown.role == ILV_ROLE_RECORDER) {
		return;
	}
	if (is_unheard(process, arrived)) {
		model->facts.unheard_process_count++;
		return;
	}
	if (process->shown.event_count == 0) {
		return;
	}

	if (process->is_replaced || (sent == UINT64_MAX && process->shown.end_ns != INT64_MAX)) {
		model->facts.silent_process_count++;
	} else if (sent == UINT64_MAX) {
		model->facts.open_process_count++;
	} else if (!process->has_start && !process->has_spawn && sent > arrived) {
		model->facts.unbegun_process_count++;
	}
}

void ilv_processes_finish(struct ilv_model *model)
{
	bool is_counting = is_anybody_counting(model);

	for (uint32_t i = 0; i < model->processes.count; i++) {
		struct ilv_process_node *process = model->processes.items[i];
		bool has_ended = process->shown.end_ns != INT64_MAX;
		struct ilv_thread *thread;

		for (thread = process->threads; thread; thread = thread->next_of_process) {
			if (has_ended || thread->is_exiting) {
				end_thread(model, thread, true);
			}
		}
		if (is_counting) {
			judge_count(model, process);
		}
	}
}

ILV_HANDLER(process_exit)
{
	struct ilv_process_node *process = (struct ilv_process_node *)thread->node.shown.process;

	process->shown.status = event->u.process.status;
	process->shown.has_status = event->u.process.status >= 0;
	if (event->u.process.event_count >= process->counted_from) {
		process->shown.claimed_event_count =
			event->u.process.event_count - process->counted_from;
	}
	ilv_process_end(model, process, false);
}

ILV_HANDLER(process_memory)
{
	struct ilv_process *process = thread->node.shown.process;
	int64_t bytes = event->u.process.anonymous_bytes;

	if (process->memory_begin_bytes < 0) {
		process->memory_begin_bytes = bytes;
	}

	if (bytes > process->memory_peak_bytes) {
		process->memory_peak_bytes = bytes;
	}

	ilv_tell_mark(model, &(struct ilv_mark){.kind = ILV_MARK_KIND_MEMORY,
						.entity = ilv_thread_context(thread),
						.time_ns = model->now_ns,
						.event = event});
}

ILV_HANDLER(process_wait_begin)
{
	struct ilv_wait wait = {
		.reason = ILV_WAIT_REASON_CHILD,
		.object = event->u.process.child_pid > 0 ? (uint64_t)event->u.process.child_pid : 0,
	};

	ilv_thread_enter_wait(model, thread, &wait);
}

ILV_HANDLER(process_wait_end)
{
	struct ilv_process_node *child =
		event->u.process.child_pid > 0 ? ilv_process_find(model, event->u.process.child_pid)
					       : NULL;
	int64_t end_ns;

	ilv_thread_leave_wait(model, thread, ILV_WAIT_REASON_CHILD,
			      (uint64_t)event->u.process.child_pid);
	if (!child || &child->shown == thread->node.shown.process) {
		return;
	}

	if (event->u.process.status >= 0) {
		child->shown.status = event->u.process.status;
		child->shown.has_status = true;
	}
	ilv_process_end(model, child, true);
	end_ns = child->shown.end_ns;
	if (child->shown.main_thread) {
		ilv_tell_edge(model, ILV_EDGE_KIND_JOIN, child->shown.main_thread, end_ns,
			      &thread->node.shown, model->now_ns, NULL);
	}
}
