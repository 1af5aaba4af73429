/* SPDX-License-Identifier: MIT */
/*
 * Description: empties the rings into the trace: what their records mean, in order of time, as
 * events.
 */
#ifndef ILV_RECORDER_DRAIN_H
#define ILV_RECORDER_DRAIN_H

#include <stdint.h>

#include "base/status.h"
#include "recorder/perf.h"

struct ilv_drain;

/* `perf` is borrowed. NULL when there is no memory. */
struct ilv_drain *ilv_drain_create(struct ilv_perf *perf, uint64_t recorder_id);
void ilv_drain_destroy(struct ilv_drain *drain);

/* The recorder has said its begin: what happened before is not sent. */
void ilv_drain_begin(struct ilv_drain *drain);

/* Sends every switch up to `limit_ns`, then the watermark that says so. */
void ilv_drain_run(struct ilv_drain *drain, int64_t limit_ns);

/* The last one, of events that are stopped: sends all that is left, and the watermark `now_ns`. */
void ilv_drain_finish(struct ilv_drain *drain, int64_t now_ns);

/* How many events were sent (switches and wake-ups), and how many records were lost, so far. */
uint64_t ilv_drain_switch_count(const struct ilv_drain *drain);
uint64_t ilv_drain_lost_count(const struct ilv_drain *drain);

/* The calling thread's CPU time. */
int64_t ilv_drain_cpu_ns(void);

#endif /* ILV_RECORDER_DRAIN_H */
