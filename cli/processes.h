/* SPDX-License-Identifier: MIT */
/* Description: processes that this command must see ended: waiting with an end, and the descendants
 * of one. */
#ifndef ILV_CLI_PROCESSES_H
#define ILV_CLI_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define ILV_PROCESSES_MAX 32

/* Some processes, held by descriptors: a number that is given to a new process meanwhile does no
 * harm. */
struct ilv_processes {
	size_t count;
	pid_t pids[ILV_PROCESSES_MAX];
	int fds[ILV_PROCESSES_MAX];
};

/* Waits for the end of the child `pid` at most `timeout_ms`, and reaps it. Returns false when it
 * still lives. */
bool ilv_process_wait(pid_t pid, int timeout_ms);

/* Finds the living descendants of `pid`, as many as there is room for. Give them to
 * `ilv_processes_end()`. */
void ilv_processes_find(pid_t pid, struct ilv_processes *processes);

/* Lets go of what was found. */
void ilv_processes_forget(struct ilv_processes *processes);

/* Kills those that still live, waits at most `timeout_ms` for each, reaps those that became ours,
 * forgets all. */
void ilv_processes_end(struct ilv_processes *processes, int timeout_ms);

/*
 * Ends what is left of the process group `group` after its leader was reaped: first by SIGTERM,
 * after `timeout_ms` by SIGKILL; reaps those that are ours.
 */
void ilv_process_group_end(pid_t group, int timeout_ms);

#endif /* ILV_CLI_PROCESSES_H */
