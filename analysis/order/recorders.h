/* SPDX-License-Identifier: MIT */
/*
 * Description: what is known of the switch recorders that speak in a trace: up to when each has
 * told all, whether it still lives, and whether all that it counted has come.
 */
#ifndef ILV_ANALYSIS_ORDER_RECORDERS_H
#define ILV_ANALYSIS_ORDER_RECORDERS_H

#include <stdint.h>

#include "analysis/event.h"
#include "base/status.h"

struct ilv_recorders;

/* Receives the event that a recorder was closed; borrowed for the call. */
typedef enum ilv_status (*ilv_recorder_closed_fn)(void *context, const struct ilv_event *event);

/* NULL when memory is short. */
struct ilv_recorders *ilv_recorders_create(void);
void ilv_recorders_destroy(struct ilv_recorders *recorders);

/*
 * Learns from the next event of the trace, in the order of `recorded_ns`, and calls `on_closed` for
 * each recorder that it shows to be closed. `given_ns` is the time of the newest event given out: a
 * new recorder can be heard from there.
 */
enum ilv_status ilv_recorders_hear(struct ilv_recorders *recorders, const struct ilv_event *event,
				   int64_t given_ns, ilv_recorder_closed_fn on_closed,
				   void *context) ILV_NODISCARD;

/* Closes those that still live, for the trace is over. */
enum ilv_status ilv_recorders_close_all(struct ilv_recorders *recorders,
					ilv_recorder_closed_fn on_closed,
					void *context) ILV_NODISCARD;

/* Up to when all living recorders have told all; INT64_MAX: there is none. */
int64_t ilv_recorders_horizon_ns(const struct ilv_recorders *recorders);

/* Switches that recorders counted and that did not come. */
uint64_t ilv_recorders_lost_switch_count(const struct ilv_recorders *recorders);

#endif /* ILV_ANALYSIS_ORDER_RECORDERS_H */
