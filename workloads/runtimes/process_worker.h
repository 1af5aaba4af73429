/* SPDX-License-Identifier: MIT */
/* Description: a worker of a pool of processes, in its own process. */
#ifndef ILV_WORKLOADS_RUNTIMES_PROCESS_WORKER_H
#define ILV_WORKLOADS_RUNTIMES_PROCESS_WORKER_H

#include "base/status.h"

/*
 * Does the jobs of `pool`, which come through the socket `fd`, until the parent says that no more
 * will come, or is gone. Then it says good-bye with its truth, as an answer to no job.
 */
enum ilv_status ilv_process_worker(const void *pool, int fd, const char *name) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_RUNTIMES_PROCESS_WORKER_H */
