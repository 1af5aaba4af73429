/* SPDX-License-Identifier: MIT */
/* Description: a thread for a job: its creation, its life, its join. */
#include "workloads/runtimes/job_thread.h"

#include <stdio.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
#include "workloads/runtimes/refusal.h"
#include "workloads/stop.h"
#include "workloads/truth.h"

#define KERNEL_NAME_SIZE 16 /* bytes of a thread's name in the kernel, with the NUL */

void ilv_job_thread_set_name(const char *name)
{
	char kernel_name[KERNEL_NAME_SIZE];

	(void)snprintf(kernel_name, sizeof(kernel_name), "%.15s", name);
	(void)pthread_setname_np(pthread_self(), kernel_name);
}

static void *thread_main(void *argument)
{
	struct ilv_job_thread *thread = argument;
	struct ilv_truth_thread truth;

	ilv_truth_thread_begin(&truth, ILV_ROLE_JOB, thread->base.name);
	ilv_job_thread_set_name(thread->base.name);
	ilv_trace_thread_start((uintptr_t)thread, thread->parent_tid, thread->base.name,
			       ILV_ROLE_JOB, false);
	thread->tid = ilv_trace_tid();
	(void)sem_post(&thread->is_started);

	if (thread->enter) {
		thread->enter();
	}

	ilv_handle_execute(&thread->base);
	/* Whoever joins the others first would learn of it when the last of them is done. */
	if (thread->base.status < 0 && thread->base.status != ILV_STATUS_INTERRUPTED) {
		ilv_stop_request();
	}

	if (thread->leave) {
		thread->leave();
	}

	ilv_truth_thread_end(&truth);
	ilv_trace_thread_exit();

	return NULL;
}

enum ilv_status ilv_job_thread_spawn(struct ilv_job_thread *thread)
{
	int error = 0;

	thread->parent_tid = ilv_trace_tid();
	(void)sem_init(&thread->is_started, 0, 0);
	ilv_trace_thread_create((uintptr_t)thread, thread->base.name);
	error = pthread_create(&thread->thread, NULL, thread_main, thread);
	if (error != 0) {
		(void)sem_destroy(&thread->is_started);
		ilv_refusal_explain("thread", error);
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

void ilv_job_thread_join(struct ilv_job_thread *thread)
{
	while (sem_wait(&thread->is_started) != 0) {
		/* A signal; the thread is still about to start. */
	}

	ilv_trace_thread_join_begin(thread->tid);
	ilv_rusage_wait_begin();
	(void)pthread_join(thread->thread, NULL);
	ilv_rusage_wait_end();
	ilv_trace_thread_join_end(thread->tid);
	(void)sem_destroy(&thread->is_started);
}
