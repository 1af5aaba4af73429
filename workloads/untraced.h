/* SPDX-License-Identifier: MIT */
/*
 * Description: what a lesson measures without tracing, to tell it beside what it measures while it
 * is recorded: LTTng's work after a fork alone costs more than many a fork. The pass has a process
 * of its own, this program started anew with ILV_UNTRACED in its environment, which prints its
 * figures. `interleave run` has it run before anybody records, and passes the figures on; otherwise
 * the run starts it by itself.
 */
#ifndef ILV_WORKLOADS_UNTRACED_H
#define ILV_WORKLOADS_UNTRACED_H

#include "workloads/workload.h"

/* The option by which this program is asked for the pass alone. */
#define ILV_UNTRACED_OPTION "--untraced"

/* Sees to it that this process is in no trace: where it is, the program starts over. */
enum ilv_status ilv_untraced_ensure(char **arguments) ILV_NODISCARD;

/* Prints what `run` has counted, a "NAME VALUE" a line. */
void ilv_untraced_print(const struct ilv_run *run);

/* Fills `run->untraced` with what the pass of the same `arguments` counted, in its order: as it is
 * printed in the file `path`, or where that is NULL by such a pass. */
enum ilv_status ilv_untraced_take(struct ilv_run *run, const char *path,
				  char *const *arguments) ILV_NODISCARD;

/* For a lesson that was given figures: whether they can be its own, `count` of which it counts. */
enum ilv_status ilv_untraced_check(const struct ilv_run *run, size_t count) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_UNTRACED_H */
