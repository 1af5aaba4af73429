/* SPDX-License-Identifier: MIT */
/* Description: variant `futures` of lesson `cancel`: cancellation where nothing can be interrupted.
 */
#ifndef ILV_WORKLOADS_LESSONS_CANCEL_FUTURES_H
#define ILV_WORKLOADS_LESSONS_CANCEL_FUTURES_H

#include "workloads/workload.h"

/* Submits the run's jobs, each a sleep of `sleep_ns`, and cancels all `end_ns` later. */
enum ilv_status ilv_cancel_futures(struct ilv_run *run, int64_t sleep_ns,
				   int64_t end_ns) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_LESSONS_CANCEL_FUTURES_H */
