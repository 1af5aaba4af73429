/* SPDX-License-Identifier: MIT */
/*
 * Description: closes what the model opens: keeps, for each entity, where its open stay (or the
 * part of it not yet delivered) began. All else is in the entity itself, which still shows the old
 * state while a change is told.
 */
#include "analysis/model/interval.h"

#include <stdlib.h>
#include <string.h>

#include "base/cause.h"

struct stay {
	const struct ilv_entity *entity; /* NULL: not told of yet */
	int64_t part_begin_ns;
	enum ilv_cause begin_cause;
	/* Threads: the running tasks and jobs that they carry, innermost first. These: the next one
	 * beside them. */
	uint32_t carried, next_carried;
	int64_t polled_ns; /* threads of loops: when they last came back from looking for events */
};

#define NOBODY UINT32_MAX

struct ilv_intervals {
	ilv_interval_fn deliver;
	void *context;
	struct stay *stays; /* by the entity's index */
	uint32_t count, capacity;
};

static bool is_carried(const struct ilv_entity *entity)
{
	return entity->kind == ILV_ENTITY_KIND_TASK || entity->kind == ILV_ENTITY_KIND_JOB;
}

static bool is_open(const struct stay *stay)
{
	return stay->entity && stay->entity->state != ILV_STATE_DONE;
}

/* The run during which all of this part went on. */
static const struct ilv_run *run_of(const struct ilv_entity *entity, int64_t begin_ns,
				    int64_t end_ns)
{
	const struct ilv_run *run = entity->process ? entity->process->run : NULL;

	return run && begin_ns >= run->begin_ns && end_ns <= run->end_ns ? run : NULL;
}

/*
 * Where the sleep that `interval` tells of was over, while the loop that should have seen it did
 * something else: from there on the task could have run. INT64_MAX: it was not. What a loop sees
 * when it comes back from looking for events is on time, as far as its timers are.
 */
static int64_t overdue_from(const struct ilv_intervals *intervals,
			    const struct ilv_interval *interval)
{
	int64_t due_ns = (int64_t)interval->object;
	const struct ilv_entity *thread;

	if (interval->entity->kind != ILV_ENTITY_KIND_TASK ||
	    interval->state != ILV_STATE_WAITING || interval->reason != ILV_WAIT_REASON_SLEEP ||
	    due_ns <= 0 || due_ns < interval->since_ns || due_ns >= interval->end_ns) {
		return INT64_MAX;
	}
	thread = interval->entity->scheduler->thread;
	return thread && intervals->stays[thread->index].polled_ns > due_ns ? INT64_MAX : due_ns;
}

/* Delivers a sleep that was over at `due_ns`: what it slept, and what it stood ready. */
static enum ilv_status deliver_overdue(const struct ilv_intervals *intervals,
				       const struct ilv_interval *interval, int64_t due_ns)
{
	struct ilv_interval asleep = *interval;
	struct ilv_interval ready = *interval;

	if (due_ns > interval->begin_ns) {
		enum ilv_status status;

		asleep.end_ns = due_ns;
		asleep.is_last = true;
		asleep.is_end = false;
		status = intervals->deliver(intervals->context, &asleep);
		if (status < 0) {
			return status;
		}
		ready.begin_ns = due_ns;
	}
	ready.since_ns = due_ns;
	ready.state = ILV_STATE_READY;
	ready.reason = ILV_WAIT_REASON_NONE;
	ready.object = 0;
	ready.begin_cause = ILV_CAUSE_NONE;
	ready.is_last = false; /* It stays so until it runs. */
	return intervals->deliver(intervals->context, &ready);
}

/*
 * Delivers the open part of a stay, up to `time_ns`. `change` is what ends it: NULL where it only
 * is split. A part without length is nothing, unless something ended there.
 */
static enum ilv_status deliver_part(struct ilv_intervals *intervals, struct stay *stay,
				    int64_t time_ns, const struct ilv_change *change)
{
	const struct ilv_entity *entity = stay->entity;
	const struct ilv_entity *beneath =
		entity->state == ILV_STATE_RUNNING && is_carried(entity) ? entity->carrier : NULL;
	/* Every member is set: to clear them first would take longer than all the rest. */
	struct ilv_interval interval = {
		.entity = entity,
		.run = run_of(entity, stay->part_begin_ns, time_ns),
		.begin_ns = stay->part_begin_ns,
		.end_ns = time_ns,
		.since_ns = entity->since_ns,
		.state = entity->state,
		.reason = entity->reason,
		.object = entity->object,
		.waits_for = entity->waits_for,
		.executor = entity->executor,
		.carrier = entity->carrier,
		.beneath = beneath ? beneath->state : ILV_STATE_RUNNING,
		.beneath_reason = beneath && beneath->state == ILV_STATE_WAITING
					  ? beneath->reason
					  : ILV_WAIT_REASON_NONE,
		.begin_cause = stay->begin_cause,
		.end_cause = change ? change->cause : ILV_CAUSE_NONE,
		.is_involuntary = change && change->is_involuntary,
		.is_counted = change && change->is_counted,
		.is_last = change && !change->is_correction,
		.is_end = change && change->state == ILV_STATE_DONE,
		.outcome = change ? change->outcome : ILV_OUTCOME_RETURNED,
		.is_abandoned = change && change->is_abandoned,
		.other = change ? change->other : NULL,
	};
	int64_t due_ns;

	if (interval.begin_ns == time_ns && interval.end_cause == ILV_CAUSE_NONE &&
	    (!interval.is_last || entity->state == ILV_STATE_UNKNOWN)) {
		return ILV_STATUS_OK;
	}
	stay->part_begin_ns = time_ns;
	due_ns = overdue_from(intervals, &interval);
	return due_ns == INT64_MAX ? intervals->deliver(intervals->context, &interval)
				   : deliver_overdue(intervals, &interval, due_ns);
}

/* Ties a task or job to the thread that carries it from now on, or loosens it. */
static void carry(struct ilv_intervals *intervals, uint32_t thread, uint32_t task)
{
	intervals->stays[task].next_carried = intervals->stays[thread].carried;
	intervals->stays[thread].carried = task;
}

static void put_down(struct ilv_intervals *intervals, uint32_t thread, uint32_t task)
{
	uint32_t *link = &intervals->stays[thread].carried;

	while (*link != NOBODY && *link != task) {
		link = &intervals->stays[*link].next_carried;
	}
	if (*link == task) {
		*link = intervals->stays[task].next_carried;
		intervals->stays[task].next_carried = NOBODY;
	}
}

static enum ilv_status on_entity(void *context, const struct ilv_entity *entity)
{
	struct ilv_intervals *intervals = context;

	if (entity->index >= intervals->capacity) {
		uint32_t capacity = entity->index < 128 ? 256 : entity->index * 2;
		struct stay *stays = realloc(intervals->stays, capacity * sizeof(*stays));

		if (!stays) {
			ilv_cause_add("Cannot keep stays: out of memory, entities=%u", capacity);
			return ILV_STATUS_MEMORY;
		}
		intervals->stays = stays;
		intervals->capacity = capacity;
	}
	while (intervals->count <= entity->index) {
		intervals->stays[intervals->count++] = (struct stay){
			.carried = NOBODY,
			.next_carried = NOBODY,
			.polled_ns = INT64_MIN,
		};
	}
	intervals->stays[entity->index].entity = entity;
	intervals->stays[entity->index].part_begin_ns = entity->begin_ns;
	return ILV_STATUS_OK;
}

/* The thread's state changes: what its tasks and jobs stand on is another thing from now on. */
static enum ilv_status split_carried(struct ilv_intervals *intervals,
				     const struct ilv_change *change)
{
	uint32_t task = intervals->stays[change->entity->index].carried;

	for (; task != NOBODY; task = intervals->stays[task].next_carried) {
		enum ilv_status status =
			deliver_part(intervals, &intervals->stays[task], change->time_ns, NULL);

		if (status < 0) {
			return status;
		}
	}
	return ILV_STATUS_OK;
}

static enum ilv_status on_change(void *context, const struct ilv_change *change)
{
	struct ilv_intervals *intervals = context;
	const struct ilv_entity *entity = change->entity;
	struct stay *stay = &intervals->stays[entity->index];
	enum ilv_status status = ILV_STATUS_OK;

	if (change->is_correction) {
		return change->is_counted ? deliver_part(intervals, stay, change->time_ns, change)
					  : ILV_STATUS_OK;
	}

	if (change->state != entity->state) {
		status = split_carried(intervals, change);
	}
	if (status < 0) {
		return status;
	}
	status = deliver_part(intervals, stay, change->time_ns, change);
	stay->part_begin_ns = change->time_ns;
	stay->begin_cause = change->cause;
	if (is_carried(entity)) {
		if (entity->carrier) {
			put_down(intervals, entity->carrier->index, entity->index);
		}
		if (change->carrier) {
			carry(intervals, change->carrier->index, entity->index);
		}
	}
	return status;
}

static enum ilv_status split_run(struct ilv_intervals *intervals, const struct ilv_run *run,
				 int64_t time_ns)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (uint32_t i = 0; i < intervals->count && status >= 0; i++) {
		struct stay *stay = &intervals->stays[i];

		if (is_open(stay) && stay->entity->process && stay->entity->process->run == run) {
			status = deliver_part(intervals, stay, time_ns, NULL);
		}
	}
	return status;
}

static enum ilv_status on_run_begin(void *context, const struct ilv_run *run)
{
	return split_run(context, run, run->begin_ns);
}

static enum ilv_status on_run_end(void *context, const struct ilv_run *run)
{
	return split_run(context, run, run->end_ns);
}

static enum ilv_status on_mark(void *context, const struct ilv_mark *mark)
{
	struct ilv_intervals *intervals = context;

	if (mark->kind == ILV_MARK_KIND_POLL_END && mark->entity) {
		intervals->stays[mark->entity->index].polled_ns = mark->time_ns;
	}
	return ILV_STATUS_OK;
}

static enum ilv_status on_end(void *context, int64_t time_ns)
{
	struct ilv_intervals *intervals = context;
	enum ilv_status status = ILV_STATUS_OK;

	for (uint32_t i = 0; i < intervals->count && status >= 0; i++) {
		if (is_open(&intervals->stays[i])) {
			status = deliver_part(intervals, &intervals->stays[i], time_ns, NULL);
		}
	}
	return status;
}

struct ilv_intervals *ilv_intervals_create(struct ilv_model *model, ilv_interval_fn deliver,
					   void *context)
{
	struct ilv_intervals *intervals = calloc(1, sizeof(*intervals));
	struct ilv_model_listener listener = {
		.context = intervals,
		.on_run_begin = on_run_begin,
		.on_run_end = on_run_end,
		.on_entity = on_entity,
		.on_change = on_change,
		.on_mark = on_mark,
		.on_end = on_end,
	};

	if (!intervals) {
		ilv_cause_add("Cannot create intervals: out of memory");
		return NULL;
	}
	intervals->deliver = deliver;
	intervals->context = context;
	if (ilv_model_listen(model, &listener) < 0) {
		free(intervals);
		return NULL;
	}
	return intervals;
}

void ilv_intervals_destroy(struct ilv_intervals *intervals)
{
	if (intervals) {
		free(intervals->stays);
		free(intervals);
	}
}
