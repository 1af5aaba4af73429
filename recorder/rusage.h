/* SPDX-License-Identifier: MIT */
/*
 * Description: the switch source for where perf is refused. Code that computes looks at the clock
 * now and then; where the clock shows a hole, the kernel's count of the thread's switches
 * (getrusage) tells whether the thread was off its CPU. Counts are exact at every check; times only
 * as fine as the code looks.
 *
 * Called by workloads: `ilv_rusage_look()` at ticks, `ilv_rusage_wait_begin()` and `_end()` around
 * calls that block. All cost a nanosecond while this source is not the one in use.
 *
 * Which operations may overlap: all of them, from any threads. A thread's clock is written by that
 * thread; the recorder's helper reads it, and may set it aside when the thread has not looked for
 * long (the one state that both write, by compare and exchange).
 */
#ifndef ILV_RECORDER_RUSAGE_H
#define ILV_RECORDER_RUSAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <interleave/trace.h>

#include "recorder/inside_source.h"

ILV_API extern atomic_bool ilv_rusage_is_on;

ILV_API void ilv_rusage_look_now(void);
ILV_API void ilv_rusage_wait_begin_now(void);
ILV_API void ilv_rusage_wait_end_now(void);

/* Notices whether the calling thread was off its CPU since its last look. */
static inline void ilv_rusage_look(void)
{
	if (atomic_load_explicit(&ilv_rusage_is_on, memory_order_relaxed)) {
		ilv_rusage_look_now();
	}
}

/* The calling thread is about to block of its own will: nobody expects a look until
 * `ilv_rusage_wait_end()`. */
static inline void ilv_rusage_wait_begin(void)
{
	if (atomic_load_explicit(&ilv_rusage_is_on, memory_order_relaxed)) {
		ilv_rusage_wait_begin_now();
	}
}

/* Its switches meanwhile are told with the time of now: the wait itself has events of its own. */
static inline void ilv_rusage_wait_end(void)
{
	if (atomic_load_explicit(&ilv_rusage_is_on, memory_order_relaxed)) {
		ilv_rusage_wait_end_now();
	}
}

/* For the recorder's host: the source, and what a forked child calls at its first look, being
 * recorded by nobody. */
extern const struct ilv_inside_source ilv_rusage_source;
void ilv_rusage_set_restart(void (*restart)(void));

#endif /* ILV_RECORDER_RUSAGE_H */
