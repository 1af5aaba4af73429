/* SPDX-License-Identifier: MIT */
/*
 * Description: runs the reading of a trace in a child process of its own, so that whatever
 * libbabeltrace2 does on malformed input (abort, divide by zero, hang, ask for all memory) becomes
 * a sentence and an exit status.
 */
#ifndef ILV_ANALYSIS_GUARD_H
#define ILV_ANALYSIS_GUARD_H

#include <stddef.h>
#include <stdio.h>

#include "base/status.h"

/* A file that the child writes and the parent puts in place, whole, and only when the child
 * succeeded. */
struct ilv_guard_output {
	const char *path; /* NULL: standard output */
	FILE *stream;     /* set while the child's function runs */
};

/* Must be called by the child's function every so often (each few thousand events): the watchdog's
 * food. */
void ilv_guard_progress(void);

/* Says that what follows may be silent for as long as it takes, until the next progress: work of
 * our own, which ends, however much it is. */
void ilv_guard_rest(void);

/*
 * Says that `folder`, which holds no folders, is of passing use: should the child end before it
 * removed it, the parent does. One such folder at a time is remembered. Does nothing in programs
 * that are not guarded.
 */
void ilv_guard_leave(const char *folder);

/*
 * Forks, runs `function(context, outputs)` in the child under limits of memory and silence, and
 * passes on what it wrote, its status, and its chain of causes. A child that died or was ended is
 * ILV_STATUS_TRACE with a cause that names `trace_path`. SIGINT, SIGTERM and SIGHUP end the child
 * too. An
 * output that cannot be put in place is ILV_STATUS_IO. Not for programs with more threads than one.
 */
enum ilv_status
ilv_guard_run(const char *trace_path,
	      enum ilv_status (*function)(void *context, struct ilv_guard_output *outputs),
	      void *context, struct ilv_guard_output *outputs, size_t output_count) ILV_NODISCARD;

/* Returns the signal that interrupted the last `ilv_guard_run()`, 0: none did. */
int ilv_guard_signal(void);

#endif /* ILV_ANALYSIS_GUARD_H */
