/* SPDX-License-Identifier: MIT */
/* Description: keeps the arrows that tell most. */
#include "viz/arrows.h"

#include <stdlib.h>

/* More would hide the lanes that they connect. */
static const uint32_t limits[ILV_ARROW_COUNT] = {[ILV_ARROW_LOCK] = 16,
						 [ILV_ARROW_GIL] = 16,
						 [ILV_ARROW_WAKE_UP] = 12,
						 [ILV_ARROW_SPAWN] = ILV_ARROW_LIMIT};

enum ilv_arrow_kind ilv_arrow_kind(const struct ilv_edge *edge)
{
	switch (edge->kind) {
	case ILV_EDGE_KIND_HAND_OVER:
		return edge->over && edge->over->kind == ILV_SCHEDULER_KIND_GIL ? ILV_ARROW_GIL
										: ILV_ARROW_LOCK;
	case ILV_EDGE_KIND_WAKEUP:
		return ILV_ARROW_WAKE_UP;
	case ILV_EDGE_KIND_SPAWN:
		return ILV_ARROW_SPAWN;
	case ILV_EDGE_KIND_JOIN:
		break;
	}

	return ILV_ARROW_NONE;
}

void ilv_arrows_add(struct ilv_arrows *arrows, enum ilv_arrow_kind kind,
		    const struct ilv_arrow *arrow)
{
	struct ilv_arrow *list = arrows->list[kind];
	uint32_t count = arrows->counts[kind];
	uint32_t least = 0;

	if (kind == ILV_ARROW_SPAWN) {
		arrows->spawn_count++;
	} else if (arrow->waited_ns < arrows->least_wait_ns || arrow->waited_ns <= 0) {
		return;
	}

	for (uint32_t i = 0; i < count; i++) {
		if (kind != ILV_ARROW_SPAWN && list[i].from_lane == arrow->from_lane &&
		    list[i].to_lane == arrow->to_lane &&
		    llabs(list[i].to_ns - arrow->to_ns) < arrows->spacing_ns) {
			/* The two would be one to the eye. */
			if (list[i].waited_ns < arrow->waited_ns) {
				list[i] = *arrow;
			}
			return;
		}
		if (list[i].waited_ns < list[least].waited_ns) {
			least = i;
		}
	}

	if (count < limits[kind]) {
		list[count] = *arrow;
		arrows->counts[kind]++;
	} else if (list[least].waited_ns < arrow->waited_ns) {
		list[least] = *arrow;
	}
}

uint32_t ilv_arrows_drawn(const struct ilv_arrows *arrows, enum ilv_arrow_kind kind)
{
	/* A few spawns say nothing of the others, and of many each says the same. */
	if (kind == ILV_ARROW_SPAWN && arrows->spawn_count > limits[kind]) {
		return 0;
	}

	return arrows->counts[kind];
}
