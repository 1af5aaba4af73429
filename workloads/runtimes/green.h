/* SPDX-License-Identifier: MIT */
/*
 * Description: whether plain libc calls of the calling thread are to switch tasks: true for what a
 * task of the runtime `green` calls, and for nothing else, no other thread and not the loop itself.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_GREEN_H
#define ILV_WORKLOADS_RUNTIMES_GREEN_H

#include <stdbool.h>

bool ilv_green_is_here(void);

/*
 * What errno says where a call of the current task is cut off, since the run is to end: EINTR, as
 * after a signal; to a task that calls again ECANCELED, and that for ever, for many a program calls
 * again for as long as it hears EINTR.
 */
int ilv_green_cut_off(void);

#endif /* ILV_WORKLOADS_RUNTIMES_GREEN_H */
