/* SPDX-License-Identifier: MIT */
/*
 * Description: whether plain libc calls of the calling thread are to switch tasks: true for what a
 * task of the runtime `green` calls, and for nothing else, no other thread and not the loop itself.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_GREEN_H
#define ILV_WORKLOADS_RUNTIMES_GREEN_H

#include <stdbool.h>

bool ilv_green_is_here(void);

#endif /* ILV_WORKLOADS_RUNTIMES_GREEN_H */
