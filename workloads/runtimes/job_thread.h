/* SPDX-License-Identifier: MIT */
/*
 * Description: a POSIX thread that does one job: what the runtimes that give each job a thread have
 * in common, from its creation to its join, with its events and its truth.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_JOB_THREAD_H
#define ILV_WORKLOADS_RUNTIMES_JOB_THREAD_H

#include <pthread.h>
#include <semaphore.h>

#include "workloads/runtimes/runtime.h"

struct ilv_job_thread {
	struct ilv_handle base;
	pthread_t thread;
	pid_t parent_tid;
	sem_t is_started; /* posted once `tid` is set: a join event names the thread that it waits
			     for */
	pid_t tid;
	/* What the runtime does in the new thread, before its job and after it; NULL: nothing. */
	void (*enter)(void);
	void (*leave)(void);
};

/* Creates the thread. When there is no room for one more it says which limit was met. */
enum ilv_status ilv_job_thread_spawn(struct ilv_job_thread *thread) ILV_NODISCARD;

/* Returns when the thread has ended. */
void ilv_job_thread_join(struct ilv_job_thread *thread);

/* Names the calling thread for the kernel, as far as there is room. */
void ilv_job_thread_set_name(const char *name);

#endif /* ILV_WORKLOADS_RUNTIMES_JOB_THREAD_H */
