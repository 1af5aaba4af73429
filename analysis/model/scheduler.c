/* SPDX-License-Identifier: MIT */
/*
 * Description: the four verbs, and behind them the one function that changes a state. Also who is
 * on which executor, so that no two entities are ever on the same one, and who stands in line for
 * one.
 */
#include "analysis/model/scheduler.h"

static struct ilv_scheduler_node *node_of(const struct ilv_scheduler *scheduler)
{
	return (struct ilv_scheduler_node *)scheduler;
}

struct ilv_entity *ilv_scheduler_occupant(const struct ilv_scheduler *scheduler, int32_t executor)
{
	const struct ilv_list *places = &node_of(scheduler)->places;

	return executor >= 0 && (uint32_t)executor < places->count ? places->items[executor] : NULL;
}

int32_t ilv_scheduler_free_place(const struct ilv_scheduler *scheduler)
{
	const struct ilv_list *places = &node_of(scheduler)->places;
	uint32_t place = 0;

	while (place < places->count && places->items[place]) {
		place++;
	}

	return (int32_t)place;
}

static void occupy(struct ilv_model *model, struct ilv_entity *entity, int32_t executor)
{
	struct ilv_list *places = &node_of(entity->scheduler)->places;

	if (executor < 0 || executor >= ILV_PLACE_LIMIT) {
		return;
	}
	while (places->count <= (uint32_t)executor) {
		if (!ilv_list_add(model, places, NULL)) {
			return;
		}
	}
	places->items[executor] = entity;
}

static void vacate(struct ilv_entity *entity)
{
	struct ilv_list *places = &node_of(entity->scheduler)->places;

	if (ilv_scheduler_occupant(entity->scheduler, entity->executor) == entity) {
		places->items[entity->executor] = NULL;
	}
}

/* Notes that the subject of a claim holds one lock more, or less. */
static void hold(struct ilv_entity *entity, bool is_held)
{
	struct ilv_claim *claim = (struct ilv_claim *)entity;

	if (entity->kind != ILV_ENTITY_KIND_CLAIM) {
		return;
	}
	/* A semaphore of more places than one is a counter rather than something held. */
	if (is_held && entity->scheduler->lock_kind == ILV_LOCK_KIND_SEM &&
	    entity->scheduler->executor_count != 1) {
		return;
	}
	if (is_held && !claim->is_held) {
		entity->subject->held_lock_count++;
	} else if (!is_held && claim->is_held) {
		entity->subject->held_lock_count--;
	}
	claim->is_held = is_held;
}

static void leave_executor(struct ilv_entity *entity)
{
	vacate(entity);
	entity->scheduler->running_count--;
	hold(entity, false);
}

/* CPUs are counted as they are seen to run somebody. */
static void count_cpu(struct ilv_model *model, struct ilv_scheduler *kernel, int32_t cpu)
{
	if (cpu < 0 || cpu >= ILV_PLACE_LIMIT || model->has_cpu_run[cpu]) {
		return;
	}
	model->has_cpu_run[cpu] = true;
	model->facts.cpu_count++;
	kernel->executor_count = model->facts.cpu_count;
}

static void enter_executor(struct ilv_model *model, struct ilv_entity *entity, int32_t executor)
{
	occupy(model, entity, executor);
	entity->scheduler->running_count++;
	if (executor >= 0) {
		ilv_node_of(entity)->last_executor = executor;
	}
	if (entity->kind == ILV_ENTITY_KIND_THREAD) {
		count_cpu(model, entity->scheduler, executor);
	}
	hold(entity, true);
}

/* Puts an entity at the end of the line of those who are ready. */
static void enter_line(struct ilv_entity *entity)
{
	struct ilv_scheduler_node *scheduler = node_of(entity->scheduler);

	ilv_node_of(entity)->previous_ready = scheduler->last_ready;
	entity->next_ready = NULL;
	if (scheduler->last_ready) {
		scheduler->last_ready->next_ready = entity;
	} else {
		scheduler->shown.first_ready = entity;
	}
	scheduler->last_ready = entity;
	scheduler->shown.ready_count++;
}

static void leave_line(struct ilv_entity *entity)
{
	struct ilv_scheduler_node *scheduler = node_of(entity->scheduler);
	struct ilv_entity *previous = ilv_node_of(entity)->previous_ready;
	struct ilv_entity *next = entity->next_ready;

	if (previous) {
		previous->next_ready = next;
	} else {
		scheduler->shown.first_ready = next;
	}
	if (next) {
		ilv_node_of(next)->previous_ready = previous;
	} else {
		scheduler->last_ready = previous;
	}
	entity->next_ready = NULL;
	scheduler->shown.ready_count--;
}

/* Tells of `change`, then makes it so. */
static void apply(struct ilv_model *model, struct ilv_entity *entity, struct ilv_change *change)
{
	change->entity = entity;
	change->time_ns = model->now_ns;
	ilv_tell_change(model, change);

	if (change->is_counted && change->cause != ILV_CAUSE_NONE) {
		entity->switch_out_count++;
		entity->cut_count +=
			change->cause == ILV_CAUSE_CUT || change->cause == ILV_CAUSE_FORCED;
	}
	if (!change->is_correction) {
		if (entity->state == ILV_STATE_RUNNING) {
			leave_executor(entity);
		} else if (entity->state == ILV_STATE_READY) {
			leave_line(entity);
		}
		if (change->state == ILV_STATE_RUNNING) {
			enter_executor(model, entity, change->executor);
		} else if (change->state == ILV_STATE_READY) {
			enter_line(entity);
		}
		entity->since_ns = model->now_ns;
		entity->executor = change->executor;
		entity->carrier = change->carrier;
	}
	entity->state = change->state;
	entity->reason = change->reason;
	entity->object = change->object;
	entity->waits_for = change->waits_for;
}

void ilv_scheduler_ready(struct ilv_model *model, struct ilv_entity *entity,
			 struct ilv_entity *waker)
{
	struct ilv_change change = {
		.state = ILV_STATE_READY,
		.executor = ILV_EXECUTOR_UNKNOWN,
		.other = waker,
	};

	if (entity->state == ILV_STATE_UNKNOWN || entity->state == ILV_STATE_WAITING) {
		apply(model, entity, &change);
	}
}

void ilv_scheduler_run(struct ilv_model *model, struct ilv_entity *entity,
		       const struct ilv_turn *turn)
{
	int32_t executor = turn->executor >= 0 && turn->executor < ILV_PLACE_LIMIT
				   ? turn->executor
				   : ILV_EXECUTOR_UNKNOWN;
	struct ilv_entity *occupant = ilv_scheduler_occupant(entity->scheduler, executor);
	struct ilv_change change = {
		.state = ILV_STATE_RUNNING,
		.executor = executor,
		.carrier = turn->carrier,
		.is_counted = turn->is_counted,
		.neighbour = turn->neighbour,
	};

	if (entity->state == ILV_STATE_DONE) {
		return;
	}
	if (entity->state == ILV_STATE_RUNNING) {
		if (entity->executor == executor && entity->carrier == turn->carrier) {
			return;
		}
		/* It was taken off where it ran, unseen: that is no switch a record tells. */
		change.cause = ILV_CAUSE_UNKNOWN;
		change.is_counted = false;
	}
	if (occupant && occupant != entity) {
		struct ilv_stop unseen = {
			.cause = ILV_CAUSE_UNKNOWN,
			.next = ILV_STATE_UNKNOWN,
			.other = entity,
		};

		ilv_scheduler_stop(model, occupant, &unseen);
	}
	apply(model, entity, &change);
}

void ilv_scheduler_stop(struct ilv_model *model, struct ilv_entity *entity,
			const struct ilv_stop *stop)
{
	struct ilv_change change = {
		.state = stop->next,
		.cause = stop->cause,
		.is_involuntary = stop->is_involuntary,
		.is_counted = stop->is_counted,
		.executor = ILV_EXECUTOR_UNKNOWN,
		.other = stop->other,
		.neighbour = stop->neighbour,
	};

	if (entity->state == ILV_STATE_DONE || (entity->state == stop->next && !stop->is_counted)) {
		return;
	}
	if (stop->next == ILV_STATE_WAITING) {
		change.reason = stop->wait.reason;
		change.object = stop->wait.object;
		change.waits_for = stop->wait.waits_for;
	}
	apply(model, entity, &change);
}

void ilv_scheduler_done(struct ilv_model *model, struct ilv_entity *entity,
			enum ilv_outcome outcome, const struct ilv_stop *stop)
{
	struct ilv_change change = {
		.state = ILV_STATE_DONE,
		.cause = stop->cause,
		.is_involuntary = stop->is_involuntary,
		.is_counted = stop->is_counted,
		.executor = ILV_EXECUTOR_UNKNOWN,
		.other = stop->other,
		.neighbour = stop->neighbour,
		.outcome = outcome,
		.is_abandoned = stop->is_abandoned,
	};
	struct ilv_claim *claim;

	if (entity->state == ILV_STATE_DONE) {
		return;
	}

	/* Claims first: a claim never outlives its subject. What was held is not held by anybody
	 * known. */
	for (claim = ilv_node_of(entity)->claims; claim; claim = claim->next_of_subject) {
		struct ilv_entity *shown = &claim->node.shown;
		struct ilv_stop end = {
			.cause = shown->state == ILV_STATE_RUNNING ? ILV_CAUSE_UNKNOWN
								   : ILV_CAUSE_NONE,
		};

		ilv_scheduler_done(model, shown, ILV_OUTCOME_RETURNED, &end);
	}

	apply(model, entity, &change);
	entity->end_ns = model->now_ns;
}

void ilv_scheduler_lose(struct ilv_model *model, struct ilv_entity *entity)
{
	struct ilv_stop stop = {
		.cause = entity->state == ILV_STATE_RUNNING ? ILV_CAUSE_UNKNOWN : ILV_CAUSE_NONE,
		.next = ILV_STATE_UNKNOWN,
	};

	ilv_scheduler_stop(model, entity, &stop);
}

void ilv_scheduler_correct(struct ilv_model *model, struct ilv_entity *entity,
			   const struct ilv_wait *wait)
{
	struct ilv_change change = {
		.state = ILV_STATE_WAITING,
		.reason = wait->reason,
		.object = wait->object,
		.waits_for = wait->waits_for,
		.is_correction = true,
		.executor = ILV_EXECUTOR_UNKNOWN,
	};

	if (entity->state != ILV_STATE_WAITING ||
	    (entity->reason == wait->reason && entity->object == wait->object &&
	     entity->waits_for == wait->waits_for)) {
		return;
	}
	apply(model, entity, &change);
}

void ilv_scheduler_count(struct ilv_model *model, struct ilv_entity *entity,
			 const struct ilv_stop *stop)
{
	struct ilv_change change = {
		.state = entity->state,
		.reason = entity->reason,
		.object = entity->object,
		.waits_for = entity->waits_for,
		.cause = stop->cause,
		.is_involuntary = stop->is_involuntary,
		.is_counted = true,
		.is_correction = true,
		.executor = entity->executor,
		.carrier = entity->carrier,
	};

	if (entity->state != ILV_STATE_DONE) {
		apply(model, entity, &change);
	}
}
