/* SPDX-License-Identifier: MIT */
/*
 * Description: a limit of how many jobs may do something at once, made of as many locks of the
 * runtime. Whoever wants to enter has a turn, a running number, and turns are dealt out to the
 * slots in order: a job waits for the slot of its turn, also where another happens to be free.
 */
#ifndef ILV_WORKLOADS_SLOTS_H
#define ILV_WORKLOADS_SLOTS_H

#include <stdint.h>

#include "workloads/runtime.h"

/* Zeroed: no limit. A static one, so that jobs need no pointer to it. */
struct ilv_slots {
	struct ilv_lock *locks;
	int64_t count;
};

/* Makes `count` slots, named after `name`; 0: no limit. By the run's main function, before its
 * jobs. */
enum ilv_status ilv_slots_open(struct ilv_slots *slots, int64_t count,
			       const char *name) ILV_NODISCARD;
void ilv_slots_close(struct ilv_slots *slots);

/*
 * Waits for the slot of `turn`. `expected_count` is what the run opened, as its jobs were told:
 * ILV_STATUS_UNSUPPORTED where the job is in a process that has no part in these. As
 * ilv_lock_acquire() where it is not entered.
 */
enum ilv_status ilv_slots_enter(struct ilv_slots *slots, int64_t expected_count,
				int64_t turn) ILV_NODISCARD;
void ilv_slots_leave(struct ilv_slots *slots, int64_t turn);

#endif /* ILV_WORKLOADS_SLOTS_H */
