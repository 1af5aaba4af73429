/* SPDX-License-Identifier: MIT */
/*
 * Description: entities that may get a lane: told apart by their names, and the most telling ones
 * chosen.
 */
#ifndef ILV_VIZ_CANDIDATES_H
#define ILV_VIZ_CANDIDATES_H

#include <stdbool.h>
#include <stdint.h>

/* An entity that may get a lane. */
struct ilv_candidate {
	const char *id;
	char label[64];
	const char *group; /* the loop of a task; NULL: `pid` says it */
	int32_t pid;
	int64_t score;
	uint32_t group_rank;
	uint32_t order;
	bool is_unit;
	bool is_chosen;
};

struct ilv_candidates {
	struct ilv_candidate *list;
	uint32_t count;
};

/* Threads that are called the same get a number each, in the order in which they came up. */
void ilv_candidates_tell_apart(struct ilv_candidates *candidates);

/* Whether both belong to one process, or to one loop. */
bool ilv_candidates_same_group(const struct ilv_candidate *a, const struct ilv_candidate *b);

/*
 * Chooses at most `limit`, the band of the rest counted, and sorts these to the front, as they are
 * to be drawn. Returns how many they are.
 */
uint32_t ilv_candidates_choose(struct ilv_candidates *candidates, uint32_t limit);

#endif /* ILV_VIZ_CANDIDATES_H */
