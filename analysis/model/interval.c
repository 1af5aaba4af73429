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
	/* Threads: the running tasks that they carry, innermost first. Tasks: the next one beside
	 * them. */
	uint32_t carried, next_carried;
};

#define NOBODY UINT32_MAX

struct ilv_intervals {
	ilv_interval_fn deliver;
	void *context;
	struct stay *stays; /* by the entity's index */
	uint32_t count, capacity;
};

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
 * Delivers the open part of a stay, up to `time_ns`. `change` is what ends it: NULL where it only
 * is split. A part without length is nothing, unless something ended there.
 */
static enum ilv_status deliver_part(struct ilv_intervals *intervals, struct stay *stay,
				    int64_t time_ns, const struct ilv_change *change)
{
	const struct ilv_entity *entity = stay->entity;
	struct ilv_interval interval = {
		.entity = entity,
		.begin_ns = stay->part_begin_ns,
		.end_ns = time_ns,
		.since_ns = entity->since_ns,
		.state = entity->state,
		.reason = entity->reason,
		.object = entity->object,
		.waits_for = entity->waits_for,
		.executor = entity->executor,
		.carrier = entity->carrier,
		.beneath = ILV_STATE_RUNNING,
		.begin_cause = stay->begin_cause,
		.end_cause = change ? change->cause : ILV_CAUSE_NONE,
		.is_involuntary = change && change->is_involuntary,
		.is_counted = change && change->is_counted,
		.is_last = change && !change->is_correction,
		.other = change ? change->other : NULL,
	};

	if (interval.begin_ns == time_ns && interval.end_cause == ILV_CAUSE_NONE &&
	    (!interval.is_last || entity->state == ILV_STATE_UNKNOWN)) {
		return ILV_STATUS_OK;
	}
	if (entity->kind == ILV_ENTITY_KIND_TASK && entity->state == ILV_STATE_RUNNING &&
	    entity->carrier) {
		interval.beneath = entity->carrier->state;
	}
	interval.run = run_of(entity, interval.begin_ns, time_ns);
	stay->part_begin_ns = time_ns;
	return intervals->deliver(intervals->context, &interval);
}

/* Ties a task to the thread that carries it from now on, or loosens it. */
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
		};
	}
	intervals->stays[entity->index].entity = entity;
	intervals->stays[entity->index].part_begin_ns = entity->begin_ns;
	return ILV_STATUS_OK;
}

/* The thread's state changes: what its tasks stand on is another thing from now on. */
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
	if (entity->kind == ILV_ENTITY_KIND_TASK) {
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
