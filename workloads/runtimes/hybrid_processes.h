/* SPDX-License-Identifier: MIT */
/*
 * Description: the processes to which the tasks of `hybrid` hand work that is bytes alone. A task
 * that does is suspended until a worker has done it; the loop goes on meanwhile.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_HYBRID_PROCESSES_H
#define ILV_WORKLOADS_RUNTIMES_HYBRID_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workloads/runtimes/loop.h"

/* Forks `worker_count` workers; before there is a loop, or another thread, for a worker would have
 * a broken copy of either. */
enum ilv_status ilv_hybrid_processes_fork(uint32_t worker_count) ILV_NODISCARD;

/* Has the loop hear of what they say; that must run. */
enum ilv_status ilv_hybrid_processes_watch(void) ILV_NODISCARD;

/* Ends what was begun of the two above, and waits for the workers; no work may be left. */
void ilv_hybrid_processes_stop(void);

/* True in a worker. */
bool ilv_hybrid_processes_is_here(void);

/* For the loop's hooks: the run is to end. */
void ilv_hybrid_processes_end_work(void);

/* Has `function` done by a worker with a copy of the argument, which is without pointers; adds what
 * came of it to `result`, and returns its status. From a task alone. */
enum ilv_status ilv_hybrid_processes_do(ilv_job_function function, void *argument,
					size_t argument_size,
					struct ilv_result *result) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_RUNTIMES_HYBRID_PROCESSES_H */
