/* SPDX-License-Identifier: MIT */
/*
 * Description: tasks of `green` that wait for something by its address, a condition or a semaphore,
 * until somebody wakes them: a task, at once; another thread, through the loop.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_GREEN_PARK_H
#define ILV_WORKLOADS_RUNTIMES_GREEN_PARK_H

#include <stdbool.h>
#include <stdint.h>

#include <interleave/events.h>

#include "base/status.h"
#include "workloads/runtimes/loop.h"

/* With the loop: before its first task, and after its last. */
enum ilv_status ilv_green_park_start(void) ILV_NODISCARD;
void ilv_green_park_stop(void);

/* One wait, on its task's own stack. */
struct ilv_parked {
	const void *address;
	struct ilv_task *task;
	uv_timer_t *timer; /* NULL: no time limit */
	bool is_over;      /* there was no memory for a time limit */
	bool is_woken;
	struct ilv_parked *next;
	struct ilv_parked *prev;
};

/*
 * The current task is about to wait at `address`, for `timeout_ns` (< 0: for ever). Whatever it
 * waits for is looked at, or let go of, after this: so that no other thread can bring it about in
 * between unheard. Then it waits, or does not after all.
 */
void ilv_green_park_begin(struct ilv_parked *parked, const void *address, int64_t timeout_ns);
void ilv_green_park_cancel(struct ilv_parked *parked);

/*
 * False once the time has passed. True: somebody woke it, though perhaps not for this. Not cut off
 * when the run is to end, as a thread that waits so is not: whoever is to wake it is.
 */
bool ilv_green_park_wait(struct ilv_parked *parked, enum ilv_wait_reason reason);

/* Wakes who waits longest at `address`, or all; by tasks. False: nobody waits there. */
bool ilv_green_unpark(const void *address, bool are_all);

/* By other threads, which know nothing of tasks: all tasks look whether it was for them. */
void ilv_green_unpark_from_afar(void);

#endif /* ILV_WORKLOADS_RUNTIMES_GREEN_PARK_H */
