/* SPDX-License-Identifier: MIT */
/* Description: lists of ready entities, one a scheduler, with removal in constant time. */
#include "analysis/findings/ready_set.h"

#include <stdlib.h>
#include <string.h>

enum ilv_status ilv_grow(void **array, uint32_t *count, uint32_t index, size_t size)
{
	uint32_t wanted = *count ? *count : 16;
	void *grown;

	if (index < *count) {
		return ILV_STATUS_OK;
	}

	while (wanted <= index) {
		wanted *= 2;
	}

	grown = realloc(*array, wanted * size);
	if (!grown) {
		return ILV_STATUS_MEMORY;
	}

	memset((char *)grown + *count * size, 0, (wanted - *count) * size);
	*array = grown;
	*count = wanted;
	return ILV_STATUS_OK;
}

static enum ilv_status add(struct ilv_ready_set *set, const struct ilv_entity *entity)
{
	struct ilv_ready_list *list;

	if (ilv_grow((void **)&set->lists, &set->list_count, entity->scheduler->index,
		     sizeof(*set->lists)) != ILV_STATUS_OK ||
	    ilv_grow((void **)&set->places, &set->place_count, entity->index,
		     sizeof(*set->places)) != ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	list = &set->lists[entity->scheduler->index];
	if (list->count == list->capacity) {
		uint32_t capacity = list->capacity ? 2 * list->capacity : 8;
		const struct ilv_entity **grown =
			realloc(list->entities, capacity * sizeof(*grown));

		if (!grown) {
			return ILV_STATUS_MEMORY;
		}

		list->entities = grown;
		list->capacity = capacity;
	}

	list->entities[list->count++] = entity;
	set->places[entity->index] = list->count;
	return ILV_STATUS_OK;
}

static void take_out(struct ilv_ready_set *set, const struct ilv_entity *entity)
{
	struct ilv_ready_list *list = &set->lists[entity->scheduler->index];
	const struct ilv_entity *last = list->entities[--list->count];
	uint32_t *place = &set->places[entity->index];

	list->entities[*place - 1] = last;
	set->places[last->index] = *place;
	*place = 0;
}

enum ilv_status ilv_ready_set_update(struct ilv_ready_set *set, const struct ilv_change *change)
{
	const struct ilv_entity *entity = change->entity;
	const bool is_ready = change->state == ILV_STATE_READY;
	const bool was_ready = entity->index < set->place_count && set->places[entity->index] != 0;

	/* Most changes are none here: most locks are got without a wait. */
	if (is_ready == was_ready) {
		return ILV_STATUS_OK;
	}

	if (is_ready) {
		return add(set, entity);
	}

	take_out(set, entity);
	return ILV_STATUS_OK;
}

struct ilv_ready_list ilv_ready_set_of(const struct ilv_ready_set *set,
				       const struct ilv_scheduler *scheduler)
{
	if (scheduler->index < set->list_count) {
		return set->lists[scheduler->index];
	}

	return (struct ilv_ready_list){0};
}

void ilv_ready_set_fini(struct ilv_ready_set *set)
{
	for (uint32_t index = 0; index < set->list_count; index++) {
		free(set->lists[index].entities);
	}

	free(set->lists);
	free(set->places);
	memset(set, 0, sizeof(*set));
}
