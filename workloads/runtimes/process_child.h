/* SPDX-License-Identifier: MIT */
/*
 * Description: what the runtimes of processes share: children that never outlive their parent, that
 * end in order when they are asked to, and whose end is put into words; and a lock between them.
 *
 * A child is asked to end with SIGHUP, by its parent or, when that dies, by the kernel. It ends as
 * a run does that is stopped, so that it is never cut off inside an event, which could spoil the
 * trace of all; one that does not manage within two seconds is ended by an alarm.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_PROCESS_CHILD_H
#define ILV_WORKLOADS_RUNTIMES_PROCESS_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <interleave/events.h>

#include "workloads/runtimes/runtime.h"

#define ILV_PROCESS_ASK_SIGNAL SIGHUP

/*
 * Forks a child. Returns ILV_STATUS_OK in both, with `*child` 0 in the child, which has signals,
 * name and stop descriptor of its own already; a failure, with the limits that can be behind it,
 * only in the parent.
 */
enum ilv_status ilv_process_fork(const char *name, enum ilv_role role, pid_t *child) ILV_NODISCARD;

/*
 * Makes the calling process a child of `parent` in the sense above: gives its thread `name`, and
 * sees to it that it ends with its parent. False when that is gone already.
 */
bool ilv_process_become_child(pid_t parent, const char *name, enum ilv_role role);

/*
 * With what a child ends whose work came to `status`: one that did as it was asked and ended early
 * is told from one that failed, as if the signal itself had ended it.
 */
int ilv_process_exit_status(enum ilv_status status);

/* Asks `child` to end. Harmless for one that did, as long as it was not waited for. */
void ilv_process_ask(pid_t child);

/* Waits for the end of `child`, with its events; returns its wait status, or -1. */
int ilv_process_wait(pid_t child);

/* The same without the event that the wait began: for one that was said before. */
int ilv_process_finish_wait(pid_t child);

/* Puts a wait status into words: "was killed by signal 9 (Killed)". Returns `text`. */
const char *ilv_process_spell_end(int wait_status, char *text, size_t size);

/*
 * A mutex in memory that a process shares with those it forks later: whoever is to use it is forked
 * after its init. One whose holder died goes to the next who wants it.
 */
extern const struct ilv_runtime_locks ilv_process_locks;

#endif /* ILV_WORKLOADS_RUNTIMES_PROCESS_CHILD_H */
