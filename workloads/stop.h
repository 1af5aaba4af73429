/* SPDX-License-Identifier: MIT */
/*
 * Description: how a run ends before its time: SIGINT, SIGTERM or SIGHUP, or a failure in the
 * middle, sets a flag that jobs see at ticks, and makes a descriptor readable that every wait
 * watches too. A second signal, but for SIGHUP, ends the program at once.
 */
#ifndef ILV_WORKLOADS_STOP_H
#define ILV_WORKLOADS_STOP_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/status.h"

/* Opens the descriptor and catches the signals. Once, before other threads are. */
enum ilv_status ilv_stop_install(void) ILV_NODISCARD;

/* Asks the run to end; async-signal-safe. */
void ilv_stop_request(void);

/* Readable, for ever, once the run is asked to end; -1 before ilv_stop_install(). Never read from
 * it. */
int ilv_stop_fd(void);

/*
 * In a forked child: a descriptor of its own, for the inherited one is the parent's, and readable
 * there whenever this process is asked to end. The child is asked if its parent was. Call it with
 * signals blocked.
 */
enum ilv_status ilv_stop_after_fork(void) ILV_NODISCARD;

/* The signal that asked, 0 if none did. */
int ilv_stop_signal(void);

/* Not for others: ilv_stop_is_requested() is to cost a load. Written with ilv_stop_request() alone.
 */
extern atomic_bool ilv_stop_flag;

/* True once the run is asked to end. Relaxed: whoever sees it late sees it at the next look. */
static inline bool ilv_stop_is_requested(void)
{
	return atomic_load_explicit(&ilv_stop_flag, memory_order_relaxed);
}

#endif /* ILV_WORKLOADS_STOP_H */
