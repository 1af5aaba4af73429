/* SPDX-License-Identifier: MIT */
/*
 * Description: what starting something costs by the plain calls of the system, without an event:
 * for lesson `spawn-cost`.
 */
#ifndef ILV_WORKLOADS_LESSONS_SPAWN_BARE_H
#define ILV_WORKLOADS_LESSONS_SPAWN_BARE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

/* How many are there at once while their memory is weighed. */
#define ILV_SPAWN_HELD_THREADS   32
#define ILV_SPAWN_HELD_PROCESSES 4
#define ILV_SPAWN_HELD_FIBERS    256
#define ILV_SPAWN_HELD_POOL_JOBS 1024

enum ilv_spawn_kind {
	ILV_SPAWN_KIND_THREAD,
	ILV_SPAWN_KIND_FORK,
	ILV_SPAWN_KIND_PROGRAM,
	ILV_SPAWN_KIND_TASK,
	ILV_SPAWN_KIND_POOL_JOB,
};

/* Starts one of `kind` that does nothing and waits for its end, `count` times: `times_ns` is how
 * long each took. */
enum ilv_status ilv_spawn_bare_time(enum ilv_spawn_kind kind, int64_t count,
				    int64_t *times_ns) ILV_NODISCARD;

/* Finds out how much memory in user space one of `kind` takes that is there and waits: of several
 * at once, the mean. */
enum ilv_status ilv_spawn_bare_memory(enum ilv_spawn_kind kind, int64_t *bytes) ILV_NODISCARD;

/* Anonymous memory of this process; what of a process is its own alone, pages that nobody else has.
 * In bytes; 0: not known. */
int64_t ilv_spawn_own_memory(void);
int64_t ilv_spawn_private_memory(pid_t pid);

#endif /* ILV_WORKLOADS_LESSONS_SPAWN_BARE_H */
