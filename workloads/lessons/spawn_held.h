/* SPDX-License-Identifier: MIT */
/*
 * Description: how much memory one takes that a runtime has started and that is there and waits,
 * events and all: for lesson `spawn-cost`.
 */
#ifndef ILV_WORKLOADS_LESSONS_SPAWN_HELD_H
#define ILV_WORKLOADS_LESSONS_SPAWN_HELD_H

#include "workloads/lessons/spawn_bare.h"
#include "workloads/workload.h"

/* In a process of its own starts the runtime of `run`, and has it start several of `kind`: of user
 * space, the mean. */
enum ilv_status ilv_spawn_held_memory(const struct ilv_run *run, enum ilv_spawn_kind kind,
				      int64_t *bytes) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_LESSONS_SPAWN_HELD_H */
