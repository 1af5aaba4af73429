/* SPDX-License-Identifier: MIT */
/*
 * Description: the worker processes of a pool and the queue of jobs for them. Jobs and results go
 * over a socket to each, as bytes. Who has the crew waits for its workers to say something, and
 * then has it listen and assign.
 *
 * A worker that dies breaks the pool: all that was not done fails, with the name of that worker,
 * and nothing more is taken, for who knows what else is wrong (so does concurrent.futures, with its
 * BrokenProcessPool).
 *
 * For one thread.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_PROCESS_CREW_H
#define ILV_WORKLOADS_RUNTIMES_PROCESS_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workloads/runtimes/process_link.h"
#include "workloads/runtimes/runtime.h"

/* One job; it begins with a handle, so that it can be one. */
struct ilv_process_job {
	struct ilv_handle base;
	uint64_t number;
	struct ilv_process_worker *worker; /* that it is assigned to; NULL: it is in the queue */
	size_t message_length;             /* of what tells that worker of it */
	struct ilv_process_job *next;      /* in the queue, or among those assigned to a worker */
	struct ilv_process_job *prev;
};

struct ilv_process_worker {
	struct ilv_process_link link;     /* to send: the messages of the last of those assigned */
	struct ilv_process_job *assigned; /* the first is the one that it is at */
	unsigned int assigned_count;
};

/* Zeroed: none. In the trace its address stands for the pool, which is the same in all workers. */
struct ilv_process_crew {
	struct ilv_process_worker *workers;
	size_t worker_count;
	void (*job_ended)(struct ilv_process_job *job);
	struct ilv_process_job *queue;
	uint32_t queue_length;
	uint64_t last_number;
	bool are_asked_to_end;
	char *broken;   /* why it takes nothing more; NULL: it does */
	bool is_worker; /* in a worker, where nothing else of this is of use */
};

/* Plans workers, which are not forked yet. `job_ended` is called when a job has its status and its
 * result; from then on the crew knows nothing more of it. */
enum ilv_status ilv_process_crew_init(struct ilv_process_crew *crew, size_t worker_count,
				      void (*job_ended)(struct ilv_process_job *job)) ILV_NODISCARD;

/* Lets the workers go, which have nothing more to do, and waits until they are gone. */
void ilv_process_crew_fini(struct ilv_process_crew *crew);

/* Forks the workers; what failed leaves some of them. */
enum ilv_status ilv_process_crew_fork(struct ilv_process_crew *crew) ILV_NODISCARD;

/* Puts `job` into the queue, with a number of its own. */
void ilv_process_crew_submit(struct ilv_process_crew *crew, struct ilv_process_job *job);

/* Takes `job` out of the queue, or from its worker, which was not told of it. */
void ilv_process_crew_withdraw(struct ilv_process_crew *crew, struct ilv_process_job *job);

/* Gives jobs of the queue to workers that have room, to each one before any has a second, and sends
 * what goes now. */
void ilv_process_crew_assign(struct ilv_process_crew *crew);

/* Takes all that `worker` says. ILV_STATUS_AGAIN: it will say more; else it is gone, before it was
 * to go, and is to be buried. */
enum ilv_status ilv_process_crew_listen(const struct ilv_process_crew *crew,
					struct ilv_process_worker *worker) ILV_NODISCARD;
void ilv_process_crew_bury(struct ilv_process_crew *crew, struct ilv_process_worker *worker);

/* Ends `job`, which no worker will end, or all that are in the queue. */
void ilv_process_crew_finish(const struct ilv_process_crew *crew, struct ilv_process_job *job,
			     enum ilv_status status, const char *cause);
void ilv_process_crew_finish_queue(struct ilv_process_crew *crew, enum ilv_status status,
				   const char *cause);

/* Asks all workers to end, once; kills them. */
void ilv_process_crew_ask_to_end(struct ilv_process_crew *crew);
void ilv_process_crew_kill(const struct ilv_process_crew *crew);

#endif /* ILV_WORKLOADS_RUNTIMES_PROCESS_CREW_H */
