/* SPDX-License-Identifier: MIT */
/*
 * Description: arrows between lanes: who handed a lock to whom, who woke whom, who started whom.
 * Only the few that tell most are kept, whatever the length of the recording: those that ended the
 * longest waits, and spawns as long as they are not many.
 */
#ifndef ILV_VIZ_ARROWS_H
#define ILV_VIZ_ARROWS_H

#include "analysis/model/model.h"

enum ilv_arrow_kind {
	ILV_ARROW_LOCK,
	ILV_ARROW_GIL,
	ILV_ARROW_WAKE_UP,
	ILV_ARROW_SPAWN,
	ILV_ARROW_COUNT,
	ILV_ARROW_NONE = ILV_ARROW_COUNT
};

/* The most of any kind. */
#define ILV_ARROW_LIMIT 24

struct ilv_arrow {
	uint32_t from_lane, to_lane;
	int64_t from_ns, to_ns;
	int64_t waited_ns; /* by the one that it leads to; 0: it did not wait */
	char what[28];     /* the lock's name; "": it has none */
};

struct ilv_arrows {
	struct ilv_arrow list[ILV_ARROW_COUNT][ILV_ARROW_LIMIT];
	uint32_t counts[ILV_ARROW_COUNT];
	uint64_t spawn_count;
	int64_t least_wait_ns; /* shorter waits are not seen in the picture, nor is their end */
	int64_t spacing_ns;    /* between arrows of a kind from one lane to another */
};

/* The kind of arrow that `edge` makes; ILV_ARROW_NONE: none. */
enum ilv_arrow_kind ilv_arrow_kind(const struct ilv_edge *edge);

/* Keeps `arrow` if it tells more than those that are kept. */
void ilv_arrows_add(struct ilv_arrows *arrows, enum ilv_arrow_kind kind,
		    const struct ilv_arrow *arrow);

/* How many of `kind` are to be drawn. */
uint32_t ilv_arrows_drawn(const struct ilv_arrows *arrows, enum ilv_arrow_kind kind);

#endif /* ILV_VIZ_ARROWS_H */
