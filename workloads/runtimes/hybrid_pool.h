/* SPDX-License-Identifier: MIT */
/*
 * Description: the threads to which the tasks of `hybrid` hand work. A task that does is suspended
 * until a worker has done it; the loop goes on meanwhile.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_HYBRID_POOL_H
#define ILV_WORKLOADS_RUNTIMES_HYBRID_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "workloads/runtimes/loop.h"

/* Starts `worker_count` threads named `worker_name` and a number, which report to the loop; that
 * must run. */
enum ilv_status ilv_hybrid_pool_start(uint32_t worker_count, const char *worker_name) ILV_NODISCARD;

/* Ends them; no work may be left. */
void ilv_hybrid_pool_stop(void);

/* True in a thread of the pool. */
bool ilv_hybrid_pool_is_here(void);

/* Has `function` done by a worker, and returns its status. From a task alone. */
enum ilv_status ilv_hybrid_pool_do(ilv_job_function function, void *argument,
				   struct ilv_result *result) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_RUNTIMES_HYBRID_POOL_H */
