/* SPDX-License-Identifier: MIT */
/* Description: a thread for a job: its creation, its life, its join, and why it was refused. */
#include "workloads/runtimes/job_thread.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
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
	if (thread->leave) {
		thread->leave();
	}

	ilv_truth_thread_end(&truth);
	ilv_trace_thread_exit();

	return NULL;
}

/* Reads one number from a file of /proc or /sys; -1 when there is none. */
static long long read_limit(const char *path)
{
	long long limit = -1;
	FILE *file = fopen(path, "re");

	if (file) {
		if (fscanf(file, "%lld", &limit) != 1) {
			limit = -1;
		}

		(void)fclose(file);
	}

	return limit;
}

/* Spells a limit of this process for people, into `text`. */
static const char *spell_own_limit(int resource, rlim_t unit, char *text, size_t size)
{
	struct rlimit limit = {.rlim_cur = RLIM_INFINITY};

	(void)getrlimit(resource, &limit);
	if (limit.rlim_cur == RLIM_INFINITY) {
		return "unlimited";
	}

	(void)snprintf(text, size, "%llu", (unsigned long long)(limit.rlim_cur / unit));

	return text;
}

void ilv_job_thread_explain_refusal(int error)
{
	char threads[32];
	char memory_kib[32];

	ilv_cause_add(
		"the system has no room for one more thread (%s); limits: ulimit -u %s, ulimit -v "
		"%s, pid_max %lld, threads-max %lld, max_map_count %lld (two a thread)",
		strerror(error), spell_own_limit(RLIMIT_NPROC, 1, threads, sizeof(threads)),
		spell_own_limit(RLIMIT_AS, 1024, memory_kib, sizeof(memory_kib)),
		read_limit("/proc/sys/kernel/pid_max"), read_limit("/proc/sys/kernel/threads-max"),
		read_limit("/proc/sys/vm/max_map_count"));
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
		ilv_job_thread_explain_refusal(error);
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
