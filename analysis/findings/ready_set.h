/* SPDX-License-Identifier: MIT */
/*
 * Description: who is ready in each scheduler right now, for kinds that ask who had to wait while
 * something happened. Fed with every change; an entry costs memory once an entity, not once a wait.
 */
#ifndef ILV_ANALYSIS_FINDINGS_READY_SET_H
#define ILV_ANALYSIS_FINDINGS_READY_SET_H

#include "analysis/model/model.h"

struct ilv_ready_list {
	const struct ilv_entity **entities;
	uint32_t count, capacity;
};

struct ilv_ready_set {
	struct ilv_ready_list *lists; /* by the scheduler's index */
	uint32_t list_count;
	uint32_t *places; /* by the entity's index: place in its list + 1; 0: not ready */
	uint32_t place_count;
};

/* A zeroed set is empty. Takes note of `change`; call it after the kind has looked at the set as it
 * was before. */
enum ilv_status ilv_ready_set_update(struct ilv_ready_set *set,
				     const struct ilv_change *change) ILV_NODISCARD;

/* Who is ready in `scheduler`: borrowed until the next update. */
struct ilv_ready_list ilv_ready_set_of(const struct ilv_ready_set *set,
				       const struct ilv_scheduler *scheduler);

void ilv_ready_set_fini(struct ilv_ready_set *set);

/* Grows `*array`, of elements of `size` bytes, to hold `index`, new elements zeroed. */
enum ilv_status ilv_grow(void **array, uint32_t *count, uint32_t index, size_t size) ILV_NODISCARD;

#endif /* ILV_ANALYSIS_FINDINGS_READY_SET_H */
