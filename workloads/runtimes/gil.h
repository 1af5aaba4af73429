/* SPDX-License-Identifier: MIT */
/* Description: what a lesson may ask of the GIL, as a program may ask its interpreter. */
#ifndef ILV_WORKLOADS_RUNTIMES_GIL_H
#define ILV_WORKLOADS_RUNTIMES_GIL_H

#include <stdint.h>

/*
 * Sets how long a thread waits for the GIL before it asks for it, as sys.setswitchinterval() does,
 * unless the run's options say how long. Returns how long it is now. While the runtime runs, and
 * before other threads are.
 */
int64_t ilv_gil_suggest_switch_interval_us(int64_t interval_us);

#endif /* ILV_WORKLOADS_RUNTIMES_GIL_H */
