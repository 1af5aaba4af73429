/* SPDX-License-Identifier: MIT */
/* Description: notes stalls as they end, and those whom they kept waiting as these become ready. */
#include "analysis/metrics/stalls.h"

#include <stdlib.h>

#include "analysis/metrics/measures_inner.h"
#include "base/cause.h"

int64_t ilv_stall_limit_ns(enum ilv_stall_limit limit)
{
	return limit == ILV_STALL_LIMIT_LONG ? ILV_LOOP_STALL_NS : ILV_LOOP_STALL_SHORT_NS;
}

/* How long `thread` has been off its CPU until `now_ns`; NULL: nothing is known of it. */
static struct ilv_absence absence_of(const struct ilv_measures *measures,
				     const struct ilv_entity *thread, int64_t now_ns)
{
	struct ilv_absence absence = {0};

	if (!thread || thread->index >= measures->slot_count) {
		return absence;
	}

	absence = measures->slots[thread->index].absence;
	if (thread->state == ILV_STATE_READY) {
		absence.ready_ns += now_ns - thread->since_ns;
	} else if (thread->state == ILV_STATE_WAITING) {
		absence.waiting_ns += now_ns - thread->since_ns;
	}

	return absence;
}

/* So many had to wait for the loop's last long stay. */
static void blame(struct ilv_stalls *stalls, uint32_t waiter_count, uint32_t due_count,
		  int64_t cost_ns)
{
	struct ilv_stall *last = &stalls->last;

	if (last->waiter_count == 0) {
		if (stalls->count++ == 0) {
			stalls->first_ns = last->begin_ns;
		}

		stalls->last_ns = last->end_ns;
	}

	last->waiter_count += waiter_count;
	last->due_count += due_count;
	last->cost_ns += cost_ns;
	stalls->cost_ns += cost_ns;
	if (last->cost_ns > stalls->worst.cost_ns) {
		stalls->worst = *last;
	}
}

static enum ilv_status take_stalls(struct ilv_measures *measures, const struct ilv_run *run,
				   const struct ilv_scheduler *loop, struct ilv_stalls **stalls)
{
	struct ilv_scheduler_measures *in;
	enum ilv_status status = ilv_measures_take_scheduler(measures, run, loop, &in);

	if (status != ILV_STATUS_OK) {
		return status;
	}

	if (!in->stalls) {
		in->stalls = calloc(ILV_STALL_LIMIT_COUNT, sizeof(*in->stalls));
		if (!in->stalls) {
			ilv_cause_add("Cannot measure stalls");
			return ILV_STATUS_MEMORY;
		}
	}

	*stalls = in->stalls;
	return ILV_STATUS_OK;
}

/* Since when `task`, which runs, has had its loop in `run`. */
static int64_t begin_of_stay(const struct ilv_run *run, const struct ilv_entity *task)
{
	return task->since_ns > run->begin_ns ? task->since_ns : run->begin_ns;
}

/* The stay of `task`, which runs, until `now_ns`. */
static struct ilv_hold hold_of(const struct ilv_measures *measures, const struct ilv_run *run,
			       const struct ilv_entity *task, int64_t now_ns)
{
	const struct ilv_absence absence = absence_of(measures, task->carrier, now_ns);
	const int64_t length_ns = now_ns - begin_of_stay(run, task);
	int64_t ready_ns = absence.ready_ns - measures->slots[task->index].absence.ready_ns;

	/* Of who was on the loop before the run began some of it is not of the run. */
	ready_ns = ready_ns < length_ns ? ready_ns : length_ns;
	return (struct ilv_hold){
		.task = task,
		.kept_ns = length_ns - ready_ns,
		.ready_ns = ready_ns,
	};
}

static enum ilv_status note_hold(struct ilv_measures *measures, const struct ilv_run *run,
				 const struct ilv_hold *hold)
{
	struct ilv_scheduler_measures *in;
	enum ilv_status status =
		ilv_measures_take_scheduler(measures, run, hold->task->scheduler, &in);

	if (status == ILV_STATUS_OK &&
	    (!in->longest_hold.task || hold->kept_ns > in->longest_hold.kept_ns)) {
		in->longest_hold = *hold;
	}

	return status;
}

/* `task` stops running now: notes whom it kept waiting for too long. */
static enum ilv_status note_stay(struct ilv_measures *measures, const struct ilv_run *run,
				 const struct ilv_entity *task, int64_t now_ns)
{
	const struct ilv_absence *before = &measures->slots[task->index].absence;
	const struct ilv_absence absence = absence_of(measures, task->carrier, now_ns);
	const int64_t begin_ns = begin_of_stay(run, task);
	const struct ilv_hold hold = hold_of(measures, run, task, now_ns);
	struct ilv_stalls *stalls;
	int64_t cost_ns = 0;
	uint32_t waiter_count = 0;
	enum ilv_status status = note_hold(measures, run, &hold);

	if (status != ILV_STATUS_OK || hold.kept_ns < ILV_LOOP_STALL_SHORT_NS) {
		return status;
	}

	for (const struct ilv_entity *ready = task->scheduler->first_ready; ready;
	     ready = ready->next_ready) {
		if (now_ns > ready->since_ns) {
			cost_ns +=
				now_ns - (ready->since_ns > begin_ns ? ready->since_ns : begin_ns);
			waiter_count++;
		}
	}

	status = take_stalls(measures, run, task->scheduler, &stalls);
	for (int limit = 0; limit < ILV_STALL_LIMIT_COUNT && status == ILV_STATUS_OK; limit++) {
		if (hold.kept_ns < ilv_stall_limit_ns((enum ilv_stall_limit)limit)) {
			continue;
		}

		stalls[limit].last = (struct ilv_stall){
			.task = task,
			.begin_ns = begin_ns,
			.end_ns = now_ns,
			.ready_ns = hold.ready_ns,
			.blocked_ns = absence.waiting_ns - before->waiting_ns,
		};
		if (waiter_count > 0) {
			blame(&stalls[limit], waiter_count, 0, cost_ns);
		}
	}

	return status;
}

/* `task` becomes ready after a sleep: what of it was the doing of a task that kept the loop. */
static void note_overdue(struct ilv_measures *measures, const struct ilv_run *run,
			 const struct ilv_entity *task)
{
	const int64_t due_ns = (int64_t)task->object;
	const struct ilv_scheduler_measures *in =
		ilv_measures_scheduler(measures, run, task->scheduler);

	/* What is over before it begins is no time at which a sleep ends. */
	if (!in || !in->stalls || due_ns <= 0 || due_ns < task->since_ns) {
		return;
	}

	for (int limit = 0; limit < ILV_STALL_LIMIT_COUNT; limit++) {
		const struct ilv_stall *last = &in->stalls[limit].last;

		if (last->task && task->since_ns <= last->begin_ns && due_ns < last->end_ns) {
			blame(&in->stalls[limit], 1, 1,
			      last->end_ns - (due_ns > last->begin_ns ? due_ns : last->begin_ns));
		}
	}
}

/* A thread leaves the state in which it was off its CPU; a task is resumed. */
static void note_absence(struct ilv_measures *measures, const struct ilv_change *change)
{
	const struct ilv_entity *entity = change->entity;
	struct ilv_absence *absence = &measures->slots[entity->index].absence;

	if (entity->kind == ILV_ENTITY_KIND_THREAD) {
		*absence = absence_of(measures, entity, change->time_ns);
	} else if (change->state == ILV_STATE_RUNNING) {
		*absence = absence_of(measures, change->carrier, change->time_ns);
	}
}

enum ilv_status ilv_stalls_follow(struct ilv_measures *measures, const struct ilv_run *run,
				  const struct ilv_change *change)
{
	const struct ilv_entity *entity = change->entity;
	enum ilv_status status = ILV_STATUS_OK;

	if (entity->kind == ILV_ENTITY_KIND_TASK && run && entity->state == ILV_STATE_RUNNING) {
		status = note_stay(measures, run, entity, change->time_ns);
	} else if (entity->kind == ILV_ENTITY_KIND_TASK && run &&
		   entity->state == ILV_STATE_WAITING && entity->reason == ILV_WAIT_REASON_SLEEP &&
		   change->state == ILV_STATE_READY) {
		note_overdue(measures, run, entity);
	}
	if (entity->kind == ILV_ENTITY_KIND_TASK || entity->kind == ILV_ENTITY_KIND_THREAD) {
		note_absence(measures, change);
	}

	return status;
}

enum ilv_status ilv_stalls_end_run(struct ilv_measures *measures, const struct ilv_run *run)
{
	uint32_t count;
	struct ilv_entity *const *entities = ilv_model_entities(measures->model, &count);
	enum ilv_status status = ILV_STATUS_OK;

	for (uint32_t index = 0; index < count && status == ILV_STATUS_OK; index++) {
		const struct ilv_entity *task = entities[index];

		if (task->kind == ILV_ENTITY_KIND_TASK && task->state == ILV_STATE_RUNNING &&
		    task->process && task->process->run == run &&
		    task->index < measures->slot_count) {
			const struct ilv_hold hold = hold_of(measures, run, task, run->end_ns);

			status = note_hold(measures, run, &hold);
		}
	}

	return status;
}
