/* SPDX-License-Identifier: MIT */
/*
 * Description: runtime `green`: the event loop, and besides plain libc calls that block (read,
 * recv, nanosleep, select, mutexes, conditions...) switch to another task by themselves when a task
 * makes them. The trace shows tasks that give way in the middle of code that knows nothing of
 * loops, as gevent does it; a task that computes still keeps all others from their turn.
 *
 * When the run is to end, a call that waits for anything but another task or thread is cut off, as
 * by a signal, and from then on as cancelled. What libc does behind other names blocks the loop
 * still: streams (fgets, printf), barriers, locks on ranges of a file, splice, and waits for
 * signals. A child that a task forks is no task.
 */
#include "workloads/runtimes/green.h"

#include <errno.h>
#include <pthread.h>

#include "workloads/runtimes/green_park.h"
#include "workloads/runtimes/loop.h"

struct green_task {
	struct ilv_task base;
	bool is_told; /* that the run is to end */
};

static bool is_on;

bool ilv_green_is_here(void)
{
	/* The current task first: it is thread-local, and only the loop's thread ever has one. */
	return ilv_loop_current() && is_on;
}

int ilv_green_cut_off(void)
{
	struct green_task *task = (struct green_task *)ilv_loop_current();
	const bool is_told = task->is_told;

	task->is_told = true;

	return is_told ? ECANCELED : EINTR;
}

/* A child that a task forks is a program of its own, which blocks in its calls. */
static void forget(void)
{
	is_on = false;
}

static void forget_in_children(void)
{
	(void)pthread_atfork(NULL, NULL, forget);
}

static enum ilv_status start(const struct ilv_runtime_options *options)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	enum ilv_status status = ilv_loop_start(NULL);

	(void)options;
	(void)pthread_once(&once, forget_in_children);
	if (status < 0) {
		return status;
	}

	status = ilv_green_park_start();
	if (status < 0) {
		ilv_loop_stop();
		return status;
	}

	is_on = true;

	return ILV_STATUS_OK;
}

static void stop(void)
{
	is_on = false;
	ilv_green_park_stop();
	ilv_loop_stop();
}

const struct ilv_runtime ilv_runtime_green = {
	.name = "green",
	.description = "an event loop on which plain blocking calls switch by themselves",
	.shows = "As event-loop, with rings in the midst of code that makes plain blocking calls.",
	.unit = ILV_UNIT_TASK,
	.main_role = ILV_ROLE_LOOP,
	.handle_size = sizeof(struct green_task),
	.start = start,
	.stop = stop,
	.spawn = ilv_loop_spawn,
	.join = ilv_loop_join,
	.await_fd = ilv_loop_await_fd,
	.await_sleep = ilv_loop_await_sleep,
	.await_call = ilv_loop_await_call,
	.locks = &ilv_loop_locks,
	.yield = ilv_loop_yield,
};
