/* SPDX-License-Identifier: MIT */
/*
 * Description: runtime `threads`: a POSIX thread for each job, shared out by the kernel, which
 * takes a CPU away when it sees fit. The trace shows job threads cut short while they compute, and
 * blocked in their waits.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
#include "workloads/runtimes/blocking.h"
#include "workloads/truth.h"

#define KERNEL_NAME_SIZE 16 /* bytes of a thread's name in the kernel, with the NUL */

struct thread_handle {
	struct ilv_handle base;
	pthread_t thread;
	pid_t parent_tid;
	sem_t is_started; /* posted once `tid` is set: a join event names the thread that it waits
			     for */
	pid_t tid;
};

static void *thread_main(void *argument)
{
	struct thread_handle *handle = argument;
	struct ilv_truth_thread truth;
	char kernel_name[KERNEL_NAME_SIZE];

	ilv_truth_thread_begin(&truth, ILV_ROLE_JOB, handle->base.name);
	(void)snprintf(kernel_name, sizeof(kernel_name), "%.15s", handle->base.name);
	(void)pthread_setname_np(pthread_self(), kernel_name);
	ilv_trace_thread_start((uintptr_t)handle, handle->parent_tid, handle->base.name,
			       ILV_ROLE_JOB, false);
	handle->tid = ilv_trace_tid();
	(void)sem_post(&handle->is_started);

	ilv_handle_execute(&handle->base);

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

/* Adds the limits that can be behind a refused thread: the kernel says EAGAIN for each of them. */
static void explain_refusal(int error)
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

static enum ilv_status spawn(struct ilv_handle *base)
{
	struct thread_handle *handle = (struct thread_handle *)base;
	int error = 0;

	handle->parent_tid = ilv_trace_tid();
	(void)sem_init(&handle->is_started, 0, 0);
	ilv_trace_thread_create((uintptr_t)handle, base->name);
	error = pthread_create(&handle->thread, NULL, thread_main, handle);
	if (error != 0) {
		(void)sem_destroy(&handle->is_started);
		explain_refusal(error);
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

static void join(struct ilv_handle *base)
{
	struct thread_handle *handle = (struct thread_handle *)base;

	while (sem_wait(&handle->is_started) != 0) {
		/* A signal; the thread is still about to start. */
	}

	ilv_trace_thread_join_begin(handle->tid);
	ilv_rusage_wait_begin();
	(void)pthread_join(handle->thread, NULL);
	ilv_rusage_wait_end();
	ilv_trace_thread_join_end(handle->tid);
	(void)sem_destroy(&handle->is_started);
}

const struct ilv_runtime ilv_runtime_threads = {
	.name = "threads",
	.description = "one POSIX thread a job; the kernel switches them when it sees fit",
	.unit = ILV_UNIT_THREAD,
	.main_role = ILV_ROLE_MAIN,
	.handle_size = sizeof(struct thread_handle),
	.spawn = spawn,
	.join = join,
	.await_fd = ilv_blocking_await_fd,
	.await_sleep = ilv_blocking_await_sleep,
	.lock_init = ilv_blocking_lock_init,
	.lock_acquire = ilv_blocking_lock_acquire,
	.lock_release = ilv_blocking_lock_release,
	.lock_fini = ilv_blocking_lock_fini,
	.yield = ilv_blocking_yield,
};
