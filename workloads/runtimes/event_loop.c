/* SPDX-License-Identifier: MIT */
/*
 * Description: runtime `event-loop`: one thread, on which tasks take turns as they await. The trace
 * shows tasks that are never cut short, and how a task that computes without awaiting keeps all
 * others, and the polling, from their turn.
 */
#include "workloads/runtimes/loop.h"

static enum ilv_status start(const struct ilv_runtime_options *options)
{
	(void)options;

	return ilv_loop_start(NULL);
}

const struct ilv_runtime ilv_runtime_event_loop = {
	.name = "event-loop",
	.description = "one thread; tasks take turns as they await, over libuv",
	.shows =
		"Tasks below the loop's one thread: a green ring where one gives way, never a cut; "
		"while one computes the others stand ready.",
	.unit = ILV_UNIT_TASK,
	.main_role = ILV_ROLE_LOOP,
	.handle_size = sizeof(struct ilv_task),
	.start = start,
	.stop = ilv_loop_stop,
	.spawn = ilv_loop_spawn,
	.join = ilv_loop_join,
	.await_fd = ilv_loop_await_fd,
	.await_sleep = ilv_loop_await_sleep,
	.await_call = ilv_loop_await_call,
	.locks = &ilv_loop_locks,
	.yield = ilv_loop_yield,
};
