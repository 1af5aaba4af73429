/* SPDX-License-Identifier: MIT */
/*
 * Description: takes the measures. Lengths come from intervals, which are split where a run begins
 * or ends; what needs to know who else is running or ready at that moment comes from changes.
 */
#include "analysis/metrics/measures.h"

#include <stdlib.h>

#include "analysis/metrics/measures_inner.h"
#include "base/cause.h"
#include "base/grow.h"

bool ilv_measures_serves(enum ilv_role role)
{
	return role == ILV_ROLE_SERVER || role == ILV_ROLE_RECORDER || role == ILV_ROLE_TRACER;
}

enum ilv_role ilv_measures_role(const struct ilv_entity *entity)
{
	const struct ilv_entity *whose = entity->subject ? entity->subject : entity;

	if (ilv_measures_serves(whose->role)) {
		return whose->role;
	}
	if (whose->process && ilv_measures_serves(whose->process->role)) {
		return whose->process->role;
	}

	/* What a loop or a pool runs is the job, whatever thread carries it. */
	if (whose->kind == ILV_ENTITY_KIND_TASK || whose->kind == ILV_ENTITY_KIND_JOB) {
		return ILV_ROLE_JOB;
	}

	return whose->role;
}

bool ilv_measures_counts(const struct ilv_entity *entity)
{
	return !ilv_measures_serves(ilv_measures_role(entity));
}

static enum ilv_status add_lock_wait(struct ilv_measures *measures, struct ilv_entity_measures *of,
				     const struct ilv_scheduler *lock, int64_t wait_ns)
{
	struct ilv_lock_wait *wait;
	enum ilv_status status = ilv_measures_take_lock_wait(measures, of, lock, &wait);

	if (status == ILV_STATUS_OK) {
		wait->wait_ns += wait_ns;
	}

	return status;
}

static enum ilv_status measure_running(struct ilv_entity_measures *of,
				       const struct ilv_interval *interval, int64_t length_ns)
{
	if (interval->begin_ns == interval->since_ns || of->last_executor == -1) {
		if (of->last_executor != -1 && interval->executor != -1 &&
		    interval->executor != of->last_executor) {
			of->migration_count++;
		}
		if (interval->executor >= 0) {
			of->last_executor = interval->executor;
		}
	}
	if (interval->executor >= 0 && interval->executor < 64) {
		of->executor_mask |= UINT64_C(1) << interval->executor;
	}

	if (interval->beneath == ILV_STATE_UNKNOWN) {
		of->unknown_beneath_ns += length_ns;
	} else if (interval->beneath != ILV_STATE_RUNNING) {
		of->stalled_ns += length_ns;
	}

	of->open_slice_ns += length_ns;
	if (!interval->is_last) {
		return ILV_STATUS_OK;
	}

	return ilv_measures_close_stay(&of->slices, &of->open_slice_ns);
}

static enum ilv_status measure_ready(struct ilv_entity_measures *of,
				     const struct ilv_interval *interval, int64_t length_ns)
{
	/* Taken off while it could have run on, by force or after sched_yield(): known without
	 * wake-ups. */
	if (interval->begin_cause == ILV_CAUSE_CUT || interval->begin_cause == ILV_CAUSE_FORCED ||
	    interval->begin_cause == ILV_CAUSE_YIELDED) {
		of->ready_after_cut_ns += length_ns;
	}

	of->open_wait_ns += length_ns;
	return interval->is_last ? ilv_measures_close_stay(&of->waits, &of->open_wait_ns)
				 : ILV_STATUS_OK;
}

/* A wait that nobody could have told of: its process had not said a word yet. */
static bool is_before_act(const struct ilv_interval *interval)
{
	const struct ilv_process *process = interval->entity->process;

	return interval->reason == ILV_WAIT_REASON_NONE && process &&
	       interval->end_ns <= process->first_act_ns;
}

static enum ilv_status on_interval(void *context, const struct ilv_interval *interval)
{
	struct ilv_measures *measures = context;
	struct ilv_entity_measures *of;
	int64_t length_ns = interval->end_ns - interval->begin_ns;
	enum ilv_status status;

	if (!interval->run || interval->state == ILV_STATE_DONE) {
		return ILV_STATUS_OK;
	}

	status = ilv_measures_take_entity(measures, interval->run, interval->entity, &of);
	if (status != ILV_STATUS_OK) {
		return status;
	}

	of->state_ns[interval->state] += length_ns;
	switch (interval->state) {
	case ILV_STATE_RUNNING:
		return measure_running(of, interval, length_ns);
	case ILV_STATE_READY:
		return measure_ready(of, interval, length_ns);
	case ILV_STATE_WAITING:
		of->reason_ns[interval->reason] += length_ns;
		of->before_act_ns += is_before_act(interval) ? length_ns : 0;
		return interval->waits_for
			       ? add_lock_wait(measures, of, interval->waits_for, length_ns)
			       : ILV_STATUS_OK;
	default:
		return ILV_STATUS_OK;
	}
}

/* The run that `entity` takes part in now; NULL: none. */
static const struct ilv_run *run_now(const struct ilv_entity *entity)
{
	const struct ilv_run *run = entity->process ? entity->process->run : NULL;

	return run && run->end_ns == INT64_MAX ? run : NULL;
}

/* The executors that those of the run may use: what the run says of CPUs, where it says it. */
static uint32_t usable_count(const struct ilv_scheduler_measures *in)
{
	if (in->scheduler->kind == ILV_SCHEDULER_KIND_KERNEL && in->run->cpu_count > 0) {
		return (uint32_t)in->run->cpu_count;
	}

	return in->scheduler->executor_count ? in->scheduler->executor_count : 1;
}

/* Adds up what lasted until now: whoever runs or is ready changes after it. */
static void advance(struct ilv_scheduler_measures *in, int64_t time_ns)
{
	const int64_t length_ns = time_ns - in->changed_ns;
	const uint32_t executor_count =
		in->scheduler->executor_count ? in->scheduler->executor_count : 1;
	const uint32_t busy =
		in->running_count < executor_count ? in->running_count : executor_count;
	const uint32_t usable = usable_count(in);
	const uint32_t asking = in->running_count + in->ready_count;
	const uint32_t wanted = asking < usable ? asking : usable;

	if (in->running_count > 0) {
		in->share_ns += (double)length_ns * (double)busy / (double)in->running_count;
	}
	in->kept_executor_ns +=
		wanted > in->running_count ? (wanted - in->running_count) * length_ns : 0;
	in->active_ns += asking > 0 ? length_ns : 0;
	in->changed_ns = time_ns;
}

static void change_running(struct ilv_scheduler_measures *in, int32_t by, int64_t time_ns)
{
	advance(in, time_ns);
	in->running_count = (uint32_t)((int32_t)in->running_count + by);
	if (in->running_count > in->running_max) {
		in->running_max = in->running_count;
	}
}

static void change_ready(struct ilv_scheduler_measures *in, int32_t by, int64_t time_ns)
{
	advance(in, time_ns);
	in->ready_count = (uint32_t)((int32_t)in->ready_count + by);
}

/* Notes that a thread now runs on `cpu`, `before` having had it, or stands ready, or neither. */
static enum ilv_status join_crowd(struct ilv_measures *measures, const struct ilv_entity *entity,
				  struct ilv_entity_slot *slot, enum ilv_state state, int32_t cpu,
				  enum ilv_neighbour before, int64_t time_ns)
{
	const struct ilv_run *run = run_now(entity);
	struct ilv_crowd *crowd;
	enum ilv_status status;

	if (entity->kind != ILV_ENTITY_KIND_THREAD || !run ||
	    (state != ILV_STATE_RUNNING && state != ILV_STATE_READY)) {
		return ILV_STATUS_OK;
	}

	status = ilv_measures_take_crowd(measures, run, &crowd);
	if (status != ILV_STATUS_OK) {
		return status;
	}

	if (state == ILV_STATE_RUNNING) {
		ilv_crowd_run(crowd, &slot->crowd, cpu, before, time_ns);
	} else {
		ilv_crowd_stand_ready(crowd, &slot->crowd, time_ns);
	}

	return ILV_STATUS_OK;
}

/* Counts `entity` among those who run or are ready, as `state` says. */
static enum ilv_status enter(struct ilv_measures *measures, const struct ilv_entity *entity,
			     struct ilv_entity_slot *slot, enum ilv_state state, int64_t time_ns)
{
	const struct ilv_run *run = run_now(entity);
	struct ilv_scheduler_measures *in;

	if ((state != ILV_STATE_RUNNING && state != ILV_STATE_READY) || !run ||
	    !ilv_measures_counts(entity)) {
		return ILV_STATUS_OK;
	}

	in = slot->counted_in;
	if (!in || in->run != run) {
		enum ilv_status status =
			ilv_measures_take_scheduler(measures, run, entity->scheduler, &in);

		if (status != ILV_STATUS_OK) {
			return status;
		}

		slot->counted_in = in;
	}

	if (state == ILV_STATE_RUNNING) {
		change_running(in, 1, time_ns);
		slot->running_in = in;
		slot->share_begin_ns = in->share_ns;
	} else {
		change_ready(in, 1, time_ns);
		slot->ready_in = in;
	}

	return ILV_STATUS_OK;
}

static void leave(struct ilv_entity_slot *slot, int64_t time_ns)
{
	struct ilv_scheduler_measures *in = slot->running_in;

	if (in) {
		change_running(in, -1, time_ns);
		/* Whose stay in the run had no length may have no measures there. */
		if (slot->newest && slot->newest->run == in->run) {
			slot->newest->executor_ns += in->share_ns - slot->share_begin_ns;
		}
		slot->running_in = NULL;
	}
	if (slot->ready_in) {
		change_ready(slot->ready_in, -1, time_ns);
		slot->ready_in = NULL;
	}
}

/*
 * A correction or a guess is not a switch, unless a record counted one whose time is not known.
 * That somebody has finished is known without a record.
 */
static void count_stop(struct ilv_entity_measures *of, const struct ilv_change *change)
{
	if (change->is_counted || change->cause == ILV_CAUSE_FINISHED) {
		of->stop_counts[change->cause]++;
	}
	if (change->is_counted && change->is_involuntary) {
		of->involuntary_count++;
	} else if (change->is_counted) {
		of->voluntary_count++;
	}
}

/* True where a wait ends that has not led to what was waited for. */
static bool is_in_vain(const struct ilv_change *change)
{
	return change->entity->state == ILV_STATE_READY && !change->is_correction &&
	       (change->state == ILV_STATE_WAITING || change->state == ILV_STATE_DONE);
}

/* Whoever its process left behind mostly outlived the run by a moment. */
static void note_abandoned(const struct ilv_measures *measures, const struct ilv_change *change)
{
	const struct ilv_process *process = change->entity->process;
	struct ilv_entity_measures *of =
		change->is_abandoned && process && process->run
			? ilv_measures_of(measures, process->run, change->entity)
			: NULL;

	if (of) {
		of->is_abandoned = true;
	}
}

static enum ilv_status on_change(void *context, const struct ilv_change *change)
{
	struct ilv_measures *measures = context;
	const struct ilv_entity *entity = change->entity;
	const struct ilv_run *run = run_now(entity);
	struct ilv_entity_measures *of;
	struct ilv_entity_slot *slot;
	enum ilv_status status = ilv_measures_take_slot(measures, entity, &slot);

	if (status == ILV_STATUS_OK && run &&
	    (change->cause != ILV_CAUSE_NONE || change->state == ILV_STATE_DONE ||
	     is_in_vain(change))) {
		status = ilv_measures_take_entity(measures, run, entity, &of);
		if (status != ILV_STATUS_OK) {
			return status;
		}

		if (change->cause != ILV_CAUSE_NONE) {
			count_stop(of, change);
		}
		of->in_vain_count += is_in_vain(change);
		of->is_done = change->state == ILV_STATE_DONE;
		of->outcome = change->outcome;
	}
	if (status != ILV_STATUS_OK || change->is_correction) {
		return status;
	}
	note_abandoned(measures, change);

	status = ilv_stalls_follow(measures, run, change);
	if (status != ILV_STATUS_OK) {
		return status;
	}

	leave(slot, change->time_ns);
	if (entity->kind != ILV_ENTITY_KIND_THREAD) {
		return enter(measures, entity, slot, change->state, change->time_ns);
	}

	ilv_crowd_leave(&slot->crowd,
			change->state == ILV_STATE_RUNNING ? ILV_NEIGHBOUR_UNKNOWN
							   : change->neighbour,
			change->time_ns);
	status = enter(measures, entity, slot, change->state, change->time_ns);
	return status == ILV_STATUS_OK
		       ? join_crowd(measures, entity, slot, change->state, change->executor,
				    change->neighbour, change->time_ns)
		       : status;
}

/* Who runs or is ready when a run begins was so before it: they enter now. */
static enum ilv_status on_run_begin(void *context, const struct ilv_run *run)
{
	struct ilv_measures *measures = context;
	uint32_t entity_count;
	struct ilv_entity *const *entities = ilv_model_entities(measures->model, &entity_count);

	for (uint32_t index = 0; index < entity_count; index++) {
		const struct ilv_process *process = entities[index]->process;
		struct ilv_entity_slot *slot;
		enum ilv_status status;

		if (!process || process->run != run) {
			continue;
		}

		status = ilv_measures_take_slot(measures, entities[index], &slot);
		if (status == ILV_STATUS_OK) {
			leave(slot, run->begin_ns);
			ilv_crowd_leave(&slot->crowd, ILV_NEIGHBOUR_UNKNOWN, run->begin_ns);
			status = enter(measures, entities[index], slot, entities[index]->state,
				       run->begin_ns);
		}
		if (status == ILV_STATUS_OK) {
			status = join_crowd(measures, entities[index], slot, entities[index]->state,
					    entities[index]->executor, ILV_NEIGHBOUR_UNKNOWN,
					    run->begin_ns);
		}
		if (status != ILV_STATUS_OK) {
			return status;
		}
	}

	return ILV_STATUS_OK;
}

static void leave_all(struct ilv_measures *measures, const struct ilv_run *run, int64_t time_ns)
{
	const struct ilv_crowd *crowd = ilv_measures_crowd(measures, run);

	for (uint32_t index = 0; index < measures->slot_count; index++) {
		struct ilv_entity_slot *slot = &measures->slots[index];

		if ((slot->running_in && slot->running_in->run == run) ||
		    (slot->ready_in && slot->ready_in->run == run)) {
			leave(slot, time_ns);
		}
		if (slot->crowd.in && slot->crowd.in == crowd) {
			ilv_crowd_leave(&slot->crowd, ILV_NEIGHBOUR_UNKNOWN, time_ns);
		}
	}
}

static enum ilv_status on_run_end(void *context, const struct ilv_run *run)
{
	leave_all(context, run, run->end_ns);
	return ilv_stalls_end_run(context, run);
}

static enum ilv_status on_edge(void *context, const struct ilv_edge *edge)
{
	struct ilv_measures *measures = context;
	const struct ilv_process *child = edge->to ? edge->to->process : NULL;
	enum ilv_status status;

	if (edge->kind != ILV_EDGE_KIND_SPAWN || !child || !edge->from ||
	    child == edge->from->process) {
		return ILV_STATUS_OK;
	}

	status = ilv_grow((void **)&measures->spawn_ns, &measures->spawn_count, child->index,
			  sizeof(*measures->spawn_ns));
	if (status == ILV_STATUS_OK) {
		/* A forked child is often on its way before its parent can say that it made it. */
		int64_t begin_ns = edge->from_ns < edge->to_ns ? edge->from_ns : edge->to_ns;

		measures->spawn_ns[child->index] = child->first_act_ns - begin_ns;
	}

	return status;
}

/* The loop at `address` that `thread` polls; NULL: none. What it polled last is found at once. */
static const struct ilv_scheduler *find_loop(struct ilv_measures *measures,
					     struct ilv_entity_slot *slot,
					     const struct ilv_entity *thread, uint64_t address)
{
	uint32_t count;
	struct ilv_scheduler *const *schedulers;

	if (slot->polls && slot->polls->address == address && slot->polls->end_ns == INT64_MAX) {
		return slot->polls;
	}

	schedulers = ilv_model_schedulers(measures->model, &count);
	for (uint32_t index = count; index > 0; index--) {
		const struct ilv_scheduler *scheduler = schedulers[index - 1];

		if (scheduler->kind == ILV_SCHEDULER_KIND_LOOP &&
		    scheduler->process == thread->process && scheduler->address == address) {
			slot->polls = scheduler;
			return scheduler;
		}
	}

	return NULL;
}

static enum ilv_status on_mark(void *context, const struct ilv_mark *mark)
{
	struct ilv_measures *measures = context;
	const struct ilv_scheduler *loop;
	const struct ilv_run *run;
	struct ilv_scheduler_measures *in;
	struct ilv_entity_slot *slot;
	enum ilv_status status;

	if ((mark->kind != ILV_MARK_KIND_POLL_BEGIN && mark->kind != ILV_MARK_KIND_POLL_END) ||
	    !mark->entity) {
		return ILV_STATUS_OK;
	}

	status = ilv_measures_take_slot(measures, mark->entity, &slot);
	if (status != ILV_STATUS_OK) {
		return status;
	}

	loop = find_loop(measures, slot, mark->entity, mark->address);
	run = run_now(mark->entity);
	if (!loop || !run) {
		return ILV_STATUS_OK;
	}

	status = ilv_measures_take_scheduler(measures, run, loop, &in);
	if (status != ILV_STATUS_OK) {
		return status;
	}

	if (mark->kind == ILV_MARK_KIND_POLL_BEGIN) {
		in->poll_count++;
		in->poll_begin_ns = mark->time_ns;
	} else if (in->poll_begin_ns != INT64_MIN) {
		in->poll_ns += mark->time_ns - in->poll_begin_ns;
		in->poll_begin_ns = INT64_MIN;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status on_end(void *context, int64_t time_ns)
{
	struct ilv_measures *measures = context;
	enum ilv_status status = ILV_STATUS_OK;

	measures->end_ns = time_ns;
	for (uint32_t index = 0; index < measures->slot_count; index++) {
		leave(&measures->slots[index], time_ns);
		ilv_crowd_leave(&measures->slots[index].crowd, ILV_NEIGHBOUR_UNKNOWN, time_ns);
	}

	for (uint32_t index = 0; index < measures->run_count; index++) {
		struct ilv_run_measures *in_run = &measures->runs[index];

		for (struct ilv_entity_measures *of = in_run->entities;
		     of && status == ILV_STATUS_OK; of = of->next_in_run) {
			status = ilv_measures_sum_up(measures, of);
		}
		if (status == ILV_STATUS_OK) {
			status = ilv_measures_judge_fairness(in_run);
		}
	}

	return status;
}

struct ilv_measures *ilv_measures_create(struct ilv_model *model)
{
	struct ilv_measures *measures = calloc(1, sizeof(*measures));

	if (!measures) {
		return NULL;
	}

	measures->model = model;
	/* Before our own listener: at the end, the last intervals must be in before they are summed
	 * up. */
	measures->intervals = ilv_intervals_create(model, on_interval, measures);
	if (!measures->intervals ||
	    ilv_model_listen(model, &(struct ilv_model_listener){.context = measures,
								 .on_run_begin = on_run_begin,
								 .on_run_end = on_run_end,
								 .on_change = on_change,
								 .on_edge = on_edge,
								 .on_mark = on_mark,
								 .on_end = on_end}) !=
		    ILV_STATUS_OK) {
		ilv_measures_destroy(measures);
		return NULL;
	}

	return measures;
}
