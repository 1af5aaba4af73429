/* SPDX-License-Identifier: MIT */
/*
 * Description: runtime `threads`: a POSIX thread for each job, shared out by the kernel, which
 * takes a CPU away when it sees fit. The trace shows job threads cut short while they compute, and
 * blocked in their waits.
 */
#include "workloads/runtimes/blocking.h"
#include "workloads/runtimes/job_thread.h"

static enum ilv_status spawn(struct ilv_handle *handle)
{
	return ilv_job_thread_spawn((struct ilv_job_thread *)handle);
}

static void join(struct ilv_handle *handle)
{
	ilv_job_thread_join((struct ilv_job_thread *)handle);
}

const struct ilv_runtime ilv_runtime_threads = {
	.name = "threads",
	.description = "one POSIX thread a job; the kernel switches them when it sees fit",
	.shows = "Jobs are cut short (red lines) while they compute, and blocked while they wait; "
		 "as "
		 "many run at once as there are CPUs.",
	.unit = ILV_UNIT_THREAD,
	.main_role = ILV_ROLE_MAIN,
	.handle_size = sizeof(struct ilv_job_thread),
	.spawn = spawn,
	.join = join,
	.await_fd = ilv_blocking_await_fd,
	.await_sleep = ilv_blocking_await_sleep,
	.locks = &ilv_blocking_locks,
	.yield = ilv_blocking_yield,
};
