/* SPDX-License-Identifier: MIT */
/*
 * Description: locks between the tasks of a loop: whoever releases one hands it to the task that
 * waits longest. A wait for one can be interrupted, as any of a task.
 */
#include <stdlib.h>

#include <utlist.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/runtimes/loop.h"

struct loop_lock {
	bool is_held;
	struct ilv_task *waiters;
};

/* On the stack of the task that waits. */
struct wait {
	struct loop_lock *state;
	struct ilv_task *task;
};

static enum ilv_status lock_init(struct ilv_lock *lock, const char *name)
{
	lock->state = calloc(1, sizeof(struct loop_lock));
	if (!lock->state) {
		ilv_cause_add("Cannot create lock: name=\"%s\"", name);
		return ILV_STATUS_MEMORY;
	}

	ilv_trace_lock_name(lock, ILV_LOCK_KIND_MUTEX, 1, name);

	return ILV_STATUS_OK;
}

static void abandon(void *argument)
{
	struct wait *wait = argument;

	DL_DELETE(wait->state->waiters, wait->task);
}

/* Waits for the lock to be handed over. */
static enum ilv_status wait_for(struct ilv_lock *lock)
{
	struct loop_lock *state = lock->state;
	struct wait wait = {.state = state, .task = ilv_loop_current()};
	enum ilv_status status = ILV_STATUS_OK;

	if (!wait.task) {
		abort(); /* The loop itself must not wait for a task. */
	}

	ilv_trace_lock_wait_begin(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE);
	DL_APPEND(state->waiters, wait.task);
	status = ilv_loop_wait(ILV_WAIT_REASON_LOCK, (uintptr_t)lock, abandon, &wait);
	if (status < 0) {
		ilv_trace_lock_wait_abandon(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE);
	}

	return status;
}

static enum ilv_status lock_acquire(struct ilv_lock *lock)
{
	struct loop_lock *state = lock->state;
	const bool is_contended = state->is_held;

	/* Who is cancelled already begins nothing, also where it would not have to wait. */
	if (ilv_loop_is_interrupted() || (is_contended && wait_for(lock) < 0)) {
		return ILV_STATUS_INTERRUPTED;
	}

	state->is_held = true;
	ilv_trace_lock_acquire(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE, is_contended);

	return ILV_STATUS_OK;
}

static void lock_release(struct ilv_lock *lock)
{
	struct loop_lock *state = lock->state;
	struct ilv_task *next = state->waiters;

	ilv_trace_lock_release(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE,
			       ILV_RELEASE_CAUSE_NONE);
	if (next) {
		DL_DELETE(state->waiters, next);
		ilv_loop_wake(next, ILV_STATUS_OK);
	} else {
		state->is_held = false;
	}
}

static void lock_fini(struct ilv_lock *lock)
{
	if (lock->state) {
		ilv_trace_lock_destroy(lock);
		free(lock->state);
		lock->state = NULL;
	}
}

const struct ilv_runtime_locks ilv_loop_locks = {
	.init = lock_init,
	.acquire = lock_acquire,
	.release = lock_release,
	.fini = lock_fini,
};
