/* SPDX-License-Identifier: MIT */
/* Description: keeps the measures, by run and entity and by run and scheduler, and gives them back.
 */
#include <math.h>
#include <stdlib.h>

#include "analysis/metrics/measures_inner.h"
#include "base/cause.h"
#include "base/grow.h"

enum ilv_status ilv_measures_take_slot(struct ilv_measures *measures,
				       const struct ilv_entity *entity,
				       struct ilv_entity_slot **slot)
{
	enum ilv_status status = ilv_grow((void **)&measures->slots, &measures->slot_count,
					  entity->index, sizeof(*measures->slots));

	if (status == ILV_STATUS_OK) {
		*slot = &measures->slots[entity->index];
	}

	return status;
}

enum ilv_status ilv_measures_take_run(struct ilv_measures *measures, const struct ilv_run *run,
				      struct ilv_run_measures **of)
{
	enum ilv_status status = ilv_grow((void **)&measures->runs, &measures->run_count,
					  run->index, sizeof(*measures->runs));

	if (status == ILV_STATUS_OK) {
		*of = &measures->runs[run->index];
	}

	return status;
}

enum ilv_status ilv_measures_take_entity(struct ilv_measures *measures, const struct ilv_run *run,
					 const struct ilv_entity *entity,
					 struct ilv_entity_measures **of)
{
	struct ilv_entity_slot *slot;
	struct ilv_run_measures *in_run;
	struct ilv_entity_measures *made;
	enum ilv_status status = ilv_measures_take_slot(measures, entity, &slot);

	if (status != ILV_STATUS_OK) {
		return status;
	}

	for (*of = slot->newest; *of; *of = (*of)->next_of_entity) {
		if ((*of)->run == run) {
			return ILV_STATUS_OK;
		}
	}

	status = ilv_measures_take_run(measures, run, &in_run);
	if (status != ILV_STATUS_OK) {
		return status;
	}

	made = calloc(1, sizeof(*made));
	if (!made) {
		ilv_cause_add("Cannot measure an entity: index=%u", entity->index);
		return ILV_STATUS_MEMORY;
	}

	made->entity = entity;
	made->run = run;
	made->last_executor = -1;
	made->next_of_entity = slot->newest;
	slot->newest = made;
	made->next_in_run = in_run->entities;
	in_run->entities = made;
	*of = made;
	return ILV_STATUS_OK;
}

enum ilv_status ilv_measures_take_scheduler(struct ilv_measures *measures,
					    const struct ilv_run *run,
					    const struct ilv_scheduler *scheduler,
					    struct ilv_scheduler_measures **of)
{
	struct ilv_run_measures *in_run;
	struct ilv_scheduler_measures *made;
	enum ilv_status status = ilv_measures_take_run(measures, run, &in_run);

	if (status == ILV_STATUS_OK) {
		status = ilv_grow((void **)&in_run->by_scheduler, &in_run->by_scheduler_count,
				  scheduler->index, sizeof(struct ilv_scheduler_measures *));
	}
	if (status != ILV_STATUS_OK) {
		return status;
	}

	*of = in_run->by_scheduler[scheduler->index];
	if (*of) {
		return ILV_STATUS_OK;
	}

	made = calloc(1, sizeof(*made));
	if (!made) {
		ilv_cause_add("Cannot measure a scheduler: index=%u", scheduler->index);
		return ILV_STATUS_MEMORY;
	}

	made->scheduler = scheduler;
	made->run = run;
	made->fairness = NAN;
	made->poll_begin_ns = INT64_MIN;
	made->next_in_run = in_run->schedulers;
	in_run->schedulers = made;
	in_run->by_scheduler[scheduler->index] = made;
	*of = made;
	return ILV_STATUS_OK;
}

struct ilv_scheduler_measures *ilv_measures_scheduler(const struct ilv_measures *measures,
						      const struct ilv_run *run,
						      const struct ilv_scheduler *scheduler)
{
	const struct ilv_run_measures *in_run =
		run->index < measures->run_count ? &measures->runs[run->index] : NULL;

	return in_run && scheduler->index < in_run->by_scheduler_count
		       ? in_run->by_scheduler[scheduler->index]
		       : NULL;
}

enum ilv_status ilv_measures_take_crowd(struct ilv_measures *measures, const struct ilv_run *run,
					struct ilv_crowd **crowd)
{
	struct ilv_run_measures *in_run;
	enum ilv_status status = ilv_measures_take_run(measures, run, &in_run);

	if (status != ILV_STATUS_OK) {
		return status;
	}

	if (!in_run->crowd) {
		in_run->crowd = calloc(1, sizeof(*in_run->crowd));
		if (!in_run->crowd) {
			ilv_cause_add("Cannot measure what others had of the CPUs");
			return ILV_STATUS_MEMORY;
		}
	}

	*crowd = in_run->crowd;
	return ILV_STATUS_OK;
}

/* Who waits for many locks waits for each with few others, and a lock of many has those who wait
 * for few: the shorter of the two lists is soon at its end. */
static struct ilv_lock_wait *find_lock_wait(const struct ilv_measures *measures,
					    const struct ilv_entity_measures *of,
					    const struct ilv_scheduler *lock)
{
	struct ilv_lock_wait *own = of->lock_waits;
	struct ilv_lock_wait *others = measures->lock_waits[lock->index];

	for (; own && others; own = own->next, others = others->next_of_lock) {
		if (own->lock == lock) {
			return own;
		}
		if (others->of == of) {
			return others;
		}
	}

	return NULL;
}

enum ilv_status ilv_measures_take_lock_wait(struct ilv_measures *measures,
					    struct ilv_entity_measures *of,
					    const struct ilv_scheduler *lock,
					    struct ilv_lock_wait **wait)
{
	struct ilv_lock_wait *made;
	enum ilv_status status = ilv_grow((void **)&measures->lock_waits, &measures->lock_count,
					  lock->index, sizeof(*measures->lock_waits));

	if (status != ILV_STATUS_OK) {
		return status;
	}

	*wait = find_lock_wait(measures, of, lock);
	if (*wait) {
		return ILV_STATUS_OK;
	}

	made = calloc(1, sizeof(*made));
	if (!made) {
		ilv_cause_add("Cannot measure a wait");
		return ILV_STATUS_MEMORY;
	}

	made->lock = lock;
	made->of = of;
	made->next = of->lock_waits;
	of->lock_waits = made;
	made->next_of_lock = measures->lock_waits[lock->index];
	measures->lock_waits[lock->index] = made;
	*wait = made;
	return ILV_STATUS_OK;
}

static void destroy_entity(struct ilv_entity_measures *of)
{
	while (of->lock_waits) {
		struct ilv_lock_wait *next = of->lock_waits->next;

		free(of->lock_waits);
		of->lock_waits = next;
	}
	ilv_distribution_fini(&of->slices);
	ilv_distribution_fini(&of->waits);
	free(of);
}

static void destroy_run(struct ilv_run_measures *in_run)
{
	while (in_run->entities) {
		struct ilv_entity_measures *next = in_run->entities->next_in_run;

		destroy_entity(in_run->entities);
		in_run->entities = next;
	}
	while (in_run->schedulers) {
		struct ilv_scheduler_measures *next = in_run->schedulers->next_in_run;

		ilv_distribution_fini(&in_run->schedulers->slices);
		ilv_distribution_fini(&in_run->schedulers->waits);
		free(in_run->schedulers->stalls);
		free(in_run->schedulers);
		in_run->schedulers = next;
	}
	free(in_run->by_scheduler);
	free(in_run->crowd);
}

void ilv_measures_destroy(struct ilv_measures *measures)
{
	if (!measures) {
		return;
	}

	for (uint32_t index = 0; index < measures->run_count; index++) {
		destroy_run(&measures->runs[index]);
	}
	ilv_intervals_destroy(measures->intervals);
	free(measures->runs);
	free(measures->slots);
	free(measures->spawn_ns);
	free(measures->lock_waits);
	free(measures);
}

struct ilv_entity_measures *ilv_measures_entities(const struct ilv_measures *measures,
						  const struct ilv_run *run)
{
	return run->index < measures->run_count ? measures->runs[run->index].entities : NULL;
}

struct ilv_scheduler_measures *ilv_measures_schedulers(const struct ilv_measures *measures,
						       const struct ilv_run *run)
{
	return run->index < measures->run_count ? measures->runs[run->index].schedulers : NULL;
}

const struct ilv_crowd *ilv_measures_crowd(const struct ilv_measures *measures,
					   const struct ilv_run *run)
{
	return run->index < measures->run_count ? measures->runs[run->index].crowd : NULL;
}

struct ilv_entity_measures *ilv_measures_of(const struct ilv_measures *measures,
					    const struct ilv_run *run,
					    const struct ilv_entity *entity)
{
	struct ilv_entity_measures *of =
		entity->index < measures->slot_count ? measures->slots[entity->index].newest : NULL;

	while (of && of->run != run) {
		of = of->next_of_entity;
	}

	return of;
}

int64_t ilv_measures_spawn_ns(const struct ilv_measures *measures,
			      const struct ilv_process *process)
{
	/* Nothing is spawned in no time: 0 is an empty place. */
	if (process->index >= measures->spawn_count || measures->spawn_ns[process->index] <= 0) {
		return INT64_MIN;
	}

	return measures->spawn_ns[process->index];
}

int64_t ilv_measures_end_ns(const struct ilv_measures *measures)
{
	return measures->end_ns;
}
