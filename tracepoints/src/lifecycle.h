/* SPDX-License-Identifier: MIT */
/*
 * Description: what the library says by itself of the process it lives in: that it started, which
 * of its threads are LTTng's, and that it ended.
 */
#ifndef ILV_TRACEPOINTS_SRC_LIFECYCLE_H
#define ILV_TRACEPOINTS_SRC_LIFECYCLE_H

#include <stdbool.h>
#include <stdint.h>

#define ILV_THREAD_NAME_SIZE 16

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

/* Reads the name of the thread `tid_text` of this process; false when it lives no more. */
bool ilv_lifecycle_read_name(const char *tid_text, char name[ILV_THREAD_NAME_SIZE]);

/* Whether a thread of that name is one of LTTng's. */
bool ilv_lifecycle_is_tracer_name(const char *name);

/* main_leaves.c: called by a constructor in the main thread. */
void ilv_main_watch_leaving(void);

/* Registers the handler which catches what exit() was given. */
void ilv_lifecycle_catch_status(void);

/* True when liblttng-ust-fork.so is loaded: then fork() itself tells LTTng. */
bool ilv_lifecycle_has_fork_wrapper(void);

#endif /* ILV_TRACEPOINTS_SRC_LIFECYCLE_H */
