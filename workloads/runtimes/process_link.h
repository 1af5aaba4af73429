/* SPDX-License-Identifier: MIT */
/*
 * Description: a worker process as its pool sees it: forked once, with a socket between the two
 * over which jobs go and answers come, as bytes, until it is dismissed or found dead. For one
 * thread.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_PROCESS_LINK_H
#define ILV_WORKLOADS_RUNTIMES_PROCESS_LINK_H

#include <sys/types.h>

#include "workloads/runtimes/process_wire.h"

/* Longer than a worker that is asked to end may take: then it is killed. */
#define ILV_PROCESS_LINK_KILL_AFTER_MS 3000
/* Jobs that a worker is given: one at work and one on its way, so that it need not wait for its
 * pool between two. */
#define ILV_PROCESS_LINK_ASSIGNED_MAX 2

struct ilv_process_link {
	pid_t pid; /* 0: there is none, or it was waited for */
	int fd;    /* our end of the socket, non-blocking; -1: closed */
	char name[ILV_NAME_SIZE];
	struct ilv_result to_send;
	struct ilv_result received;
};

/* "worker 3", not yet forked. */
void ilv_process_link_init(struct ilv_process_link *link, size_t number);

/*
 * Forks it. Returns twice: in the worker `link->pid` is 0, and `*worker_fd` is its end of the
 * socket; what it has of others' it must close, for an open copy there would hide the parent's
 * death from them.
 */
enum ilv_status ilv_process_link_fork(struct ilv_process_link *link, int *worker_fd) ILV_NODISCARD;

/* Sends what the socket takes now; `to_send` keeps the rest. */
void ilv_process_link_flush(struct ilv_process_link *link);

/*
 * Waits for one that is gone before it was to go, or is of no use any more, and closes the socket.
 * Returns who it was, how it ended, and at which job (NULL: none), to be freed; NULL without
 * memory.
 */
char *ilv_process_link_bury(struct ilv_process_link *link, const char *job_name);

/* Lets it go, which has nothing more to do, and waits until it is gone; keeps its truth. */
void ilv_process_link_dismiss(struct ilv_process_link *link);

/* Frees what was sent and received. */
void ilv_process_link_fini(struct ilv_process_link *link);

#endif /* ILV_WORKLOADS_RUNTIMES_PROCESS_LINK_H */
