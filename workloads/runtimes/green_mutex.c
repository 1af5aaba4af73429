/* SPDX-License-Identifier: MIT */
/*
 * Description: what a plain mutex becomes for a task of `green`. To libc all tasks are one thread,
 * which would wait for itself, or lock a recursive mutex twice; so the tasks' mutexes are kept here
 * with the task that holds each, and who finds one held waits on the loop. A mutex that another
 * thread holds is tried again every millisecond, for nobody says here when that thread lets go.
 *
 * Calls come from tasks alone, which share one thread: nothing here needs a lock.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <uthash.h>
#include <utlist.h>

#include "workloads/runtimes/green.h"
#include "workloads/runtimes/green_time.h"
#include "workloads/runtimes/loop.h"
#include "workloads/runtimes/wrapped.h"

#define RETRY_NS INT64_C(1000000)

/* A mutex that a task holds. */
struct held {
	pthread_mutex_t *mutex;
	const struct ilv_task *holder;
	unsigned int depth; /* of a recursive mutex; 0: it is the holder's turn to lock it */
	struct ilv_task *waiters;
	UT_hash_handle hh;
};

static struct held *all_held;

static struct held *find(pthread_mutex_t *mutex)
{
	struct held *held = NULL;

	HASH_FIND_PTR(all_held, &mutex, held);

	return held;
}

/* Without memory the mutex is held all the same, and others retry. */
static void keep(pthread_mutex_t *mutex)
{
	struct held *held = calloc(1, sizeof(*held));

	if (held) {
		held->mutex = mutex;
		held->holder = ilv_loop_current();
		held->depth = 1;
		HASH_ADD_PTR(all_held, mutex, held);
	}
}

static void note_locked(pthread_mutex_t *mutex, struct held *held)
{
	if (held) {
		held->depth++;
	} else {
		keep(mutex);
	}
}

/* Takes `mutex` without waiting; EBUSY when another has it, and `*found` says which task's it is,
 * if one's. */
static int try_lock(pthread_mutex_t *mutex, struct held **found)
{
	struct held *held = find(mutex);
	int error = 0;

	*found = held;
	if (held && held->holder != ilv_loop_current()) {
		return EBUSY;
	}

	error = __real_pthread_mutex_trylock(mutex);
	if (error == 0 || error == EOWNERDEAD) {
		note_locked(mutex, held);
	}

	return error;
}

/*
 * The mutex is nobody's: makes it the turn of the task that waits longest. That task locks it, for
 * to a sanitizer a mutex is locked by whoever unlocks it.
 */
static void hand_over(struct held *held)
{
	struct ilv_task *next = held->waiters;

	if (next) {
		DL_DELETE(held->waiters, next);
		held->holder = next;
		held->depth = 0;
		ilv_loop_wake(next, ILV_STATUS_OK);
	} else {
		HASH_DEL(all_held, held);
		free(held);
	}
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
	struct held *held = NULL;
	int error = 0;

	if (!ilv_green_is_here()) {
		return __real_pthread_mutex_lock(mutex);
	}

	for (error = try_lock(mutex, &held); error == EBUSY; error = try_lock(mutex, &held)) {
		if (held && held->holder != ilv_loop_current()) {
			DL_APPEND(held->waiters, ilv_loop_current());
			(void)!ilv_loop_wait(ILV_WAIT_REASON_LOCK, (uintptr_t)mutex, NULL, NULL);
		} else if (held && held->depth > 0) {
			return EDEADLK; /* libc says this, or waits for ever. */
		} else if (ilv_loop_await_sleep(RETRY_NS) < 0) {
			error = __real_pthread_mutex_lock(mutex); /* The loop has no wait for us. */
			if (error == 0) {
				note_locked(mutex, find(mutex));
			}

			break;
		}
	}

	/* It was this task's turn, and the mutex refuses: others are to hear of it too. */
	if (error != 0 && error != EOWNERDEAD && held && held->holder == ilv_loop_current() &&
	    held->depth == 0) {
		hand_over(held);
	}

	return error;
}

int __wrap_pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *deadline)
{
	struct held *held = NULL;
	int error = 0;

	if (!ilv_green_is_here() || !ilv_green_is_duration(deadline)) {
		return __real_pthread_mutex_timedlock(mutex, deadline);
	}

	for (error = try_lock(mutex, &held); error == EBUSY; error = try_lock(mutex, &held)) {
		/* Where the run is to end it is over too early, rather than never. */
		if (ilv_green_until_ns(CLOCK_REALTIME, deadline) == 0 ||
		    !ilv_green_wait_a_moment()) {
			return ETIMEDOUT;
		}
	}

	return error;
}

int __wrap_pthread_mutex_trylock(pthread_mutex_t *mutex)
{
	struct held *held = NULL;

	return ilv_green_is_here() ? try_lock(mutex, &held) : __real_pthread_mutex_trylock(mutex);
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	struct held *held = NULL;
	int error = 0;

	if (!ilv_green_is_here()) {
		return __real_pthread_mutex_unlock(mutex);
	}

	held = find(mutex);
	error = __real_pthread_mutex_unlock(mutex);
	if (error != 0 || !held || --held->depth > 0) {
		return error;
	}

	hand_over(held);

	return 0;
}
