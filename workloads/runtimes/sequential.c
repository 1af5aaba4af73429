/* SPDX-License-Identifier: MIT */
/*
 * Description: runtime `sequential`: no concurrency. Spawning a job does it, there and then, in the
 * main thread, so the trace shows one thread that works, waits and works. What the other runtimes
 * are measured against.
 */
#include "workloads/runtimes/blocking.h"

static enum ilv_status spawn(struct ilv_handle *handle)
{
	ilv_handle_execute(handle);

	return ILV_STATUS_OK;
}

static void join(struct ilv_handle *handle)
{
	(void)handle; /* It was done when it was spawned. */
}

const struct ilv_runtime ilv_runtime_sequential = {
	.name = "sequential",
	.description = "one job after another in the main thread",
	.shows = "One lane that works, waits and works: nothing overlaps.",
	.unit = ILV_UNIT_THREAD,
	.main_role = ILV_ROLE_JOB,
	.handle_size = sizeof(struct ilv_handle),
	.spawn = spawn,
	.join = join,
	.await_fd = ilv_blocking_await_fd,
	.await_sleep = ilv_blocking_await_sleep,
	.locks = &ilv_blocking_locks,
	.yield = ilv_blocking_yield,
};
