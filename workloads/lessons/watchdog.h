/* SPDX-License-Identifier: MIT */
/*
 * Description: threads that may never end, and a watchdog that waits for them only as long as any
 * of them gets on. Threads that it gave up stay as they are, until the program ends.
 */
#ifndef ILV_WORKLOADS_LESSONS_WATCHDOG_H
#define ILV_WORKLOADS_LESSONS_WATCHDOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct ilv_watchdog;

/* Runs in a thread of its own; ends soon after the run is asked to stop, if it gets on at all. */
typedef void (*ilv_watched_function)(void *argument);

/* Creates a watchdog for at most `thread_max` threads; NULL and a cause when memory is short. */
struct ilv_watchdog *ilv_watchdog_create(size_t thread_max);

/* Starts a thread of role job. It may begin at once, or wait in ilv_watchdog_pass(). */
enum ilv_status ilv_watchdog_start(struct ilv_watchdog *watchdog, ilv_watched_function function,
				   void *argument, const char *name) ILV_NODISCARD;

/* For the threads: waits until ilv_watchdog_await() was called. */
void ilv_watchdog_pass(struct ilv_watchdog *watchdog);

/* For the threads: says that there is progress. */
void ilv_watchdog_feed(struct ilv_watchdog *watchdog);

/* Waits until all threads ended, and joins them; or until none of them fed the watchdog for
 * `patience_ns`, a moment once the run is asked to end, and returns false. */
bool ilv_watchdog_await(struct ilv_watchdog *watchdog, int64_t patience_ns);

/* Frees it, and returns true: `used`, what its threads had, can be freed as well. If it gave
 * threads up they go on using both, which then stay, and stay to be found. NULL is allowed. */
bool ilv_watchdog_destroy(struct ilv_watchdog *watchdog, void *used);

#endif /* ILV_WORKLOADS_LESSONS_WATCHDOG_H */
