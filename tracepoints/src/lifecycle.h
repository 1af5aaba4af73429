/* SPDX-License-Identifier: MIT */
/*
 * Description: what the library says by itself of the process it lives in: that it started, which
 * of its threads are LTTng's, and that it ended.
 */
#ifndef ILV_TRACEPOINTS_SRC_LIFECYCLE_H
#define ILV_TRACEPOINTS_SRC_LIFECYCLE_H

#include <stdbool.h>
#include <stdint.h>

/* When the calling process began: its fork, or else the library's constructor. CLOCK_MONOTONIC in
 * ns. */
int64_t ilv_lifecycle_started_ns(void);

/* Called by a thread before its first event. In a plainly forked child it says `process_start`. */
void ilv_lifecycle_first_event(void);

/* The `process_start` of this forked child is said, or about to be: the library need not. */
void ilv_lifecycle_start_is_said(void);

/* Announces the threads that LTTng made in this process, as role tracer, while a session takes
 * that. */
void ilv_lifecycle_announce_tracers(void);

/* Registers the handler which catches what exit() was given. */
void ilv_lifecycle_catch_status(void);

/* True when liblttng-ust-fork.so is loaded: then fork() itself tells LTTng. */
bool ilv_lifecycle_has_fork_wrapper(void);

#endif /* ILV_TRACEPOINTS_SRC_LIFECYCLE_H */
