/* SPDX-License-Identifier: MIT */
/*
 * Description: the kernel's limit for real-time threads: of each period they may have a CPU for so
 * long, and then stand ready until the next one begins, so that ordinary threads are not shut out
 * for ever (sched_rt_runtime_us of sched_rt_period_us: 950 of 1000 ms where nobody changed it).
 */
#ifndef ILV_WORKLOADS_LESSONS_RT_LIMIT_H
#define ILV_WORKLOADS_LESSONS_RT_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct ilv_rt_limit {
	int64_t runtime_ns;
	int64_t period_ns;
};

/* Reads that of this machine. False: there is none, or it cannot be read. */
bool ilv_rt_limit_read(struct ilv_rt_limit *limit);

/*
 * Whether it is by this limit that real-time threads which wanted a CPU for `duration_ns` were held
 * back for `held_back_ns`. What is written in /proc need not be what the kernel does: newer ones
 * mostly have a server for ordinary threads instead, which takes only what these want, or they are
 * built without either. So the time has to be about what the limit comes to.
 */
bool ilv_rt_limit_explains(const struct ilv_rt_limit *limit, int64_t duration_ns,
			   int64_t held_back_ns);

/* For how long the calling thread has stood ready without a CPU since it began, by the kernel's
 * count; -1: it does not tell. What a hypervisor took from it while it ran is no part of that. */
int64_t ilv_ready_ns(void);

#endif /* ILV_WORKLOADS_LESSONS_RT_LIMIT_H */
