/* SPDX-License-Identifier: MIT */
/*
 * Description: puts events into the order in which they happened. Thread switches reach a trace a
 * little late, with their true time as a field; each recorder's watermark says up to when its
 * switches are all out, and events wait here until the lowest watermark of the living recorders has
 * passed them.
 */
#ifndef ILV_ANALYSIS_ORDER_ORDER_H
#define ILV_ANALYSIS_ORDER_ORDER_H

#include <stddef.h>

#include "analysis/event.h"
#include "base/status.h"

struct ilv_order;

/* Creates an empty buffer; NULL when memory is short. */
struct ilv_order *ilv_order_create(void);
void ilv_order_destroy(struct ilv_order *order);

/* Puts in the next event, in the order of `recorded_ns`; borrowed until the next push or pop. */
enum ilv_status ilv_order_push(struct ilv_order *order,
			       const struct ilv_event *event) ILV_NODISCARD;

/* Says that no more events come: everything left may go out. */
void ilv_order_end(struct ilv_order *order);

/*
 * Takes out the next event whose turn has surely come, in the order of `time_ns`; borrowed until
 * the next call. ILV_STATUS_AGAIN when none has yet, ILV_STATUS_END when all are out.
 */
enum ilv_status ilv_order_pop(struct ilv_order *order,
			      const struct ilv_event **event) ILV_NODISCARD;

/* Switches that came after their turn was over: treated as if they came at the newest time given
 * out. */
uint64_t ilv_order_late_count(const struct ilv_order *order);

/*
 * Switches that recorders counted in their watermarks and that never came: lost between recorder
 * and trace, although no tracer says so. What a recorder itself lost (switch_lost, recorder_end) is
 * not among them.
 */
uint64_t ilv_order_lost_switch_count(const struct ilv_order *order);

/* The most events that ever waited at once, for the benchmark of memory. */
size_t ilv_order_peak_count(const struct ilv_order *order);

#endif /* ILV_ANALYSIS_ORDER_ORDER_H */
