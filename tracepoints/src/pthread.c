/* SPDX-License-Identifier: MIT */
/*
 * Description: locks and waits of POSIX threads with their events around them; threads are in
 * thread.c.
 *
 * The order is the catalogue's: a release is said before the lock is given up and an acquisition
 * after it is held, so that two holds of one lock never overlap in a trace.
 */
#include <interleave/pthread.h>

#include <errno.h>
#include <sched.h>

/* What holding means: 0, or a robust mutex whose owner died. */
static bool is_held(int error)
{
	return error == 0 || error == EOWNERDEAD;
}

/* Ends a wait that had to be told: with the lock, or without. */
static void say_waited(const void *lock, enum ilv_lock_kind kind, enum ilv_lock_mode mode,
		       bool has_lock)
{
	if (has_lock) {
		ilv_trace_lock_acquire(lock, kind, mode, true);
	} else {
		ilv_trace_lock_wait_abandon(lock, kind, mode);
	}
}

int ilv_mutex_init(pthread_mutex_t *mutex, const char *name)
{
	int error = pthread_mutex_init(mutex, NULL);

	if (error == 0) {
		ilv_trace_lock_name(mutex, ILV_LOCK_KIND_MUTEX, 1, name);
	}

	return error;
}

int ilv_mutex_lock(pthread_mutex_t *mutex)
{
	int error = pthread_mutex_trylock(mutex);

	if (error != EBUSY) {
		if (is_held(error)) {
			ilv_trace_lock_acquire(mutex, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE,
					       false);
		}

		return error;
	}

	ilv_trace_lock_wait_begin(mutex, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE);
	error = pthread_mutex_lock(mutex);
	say_waited(mutex, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE, is_held(error));
	return error;
}

int ilv_mutex_trylock(pthread_mutex_t *mutex)
{
	int error = pthread_mutex_trylock(mutex);

	if (is_held(error)) {
		ilv_trace_lock_acquire(mutex, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_TRIED, false);
	}

	return error;
}

int ilv_mutex_unlock(pthread_mutex_t *mutex)
{
	ilv_trace_lock_release(mutex, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE,
			       ILV_RELEASE_CAUSE_NONE);
	return pthread_mutex_unlock(mutex);
}

int ilv_mutex_destroy(pthread_mutex_t *mutex)
{
	/* Said first: afterwards the address may belong to another lock. */
	ilv_trace_lock_destroy(mutex);
	return pthread_mutex_destroy(mutex);
}

int ilv_rwlock_init(pthread_rwlock_t *rwlock, const char *name)
{
	int error = pthread_rwlock_init(rwlock, NULL);

	if (error == 0) {
		ilv_trace_lock_name(rwlock, ILV_LOCK_KIND_RWLOCK, 1, name);
	}

	return error;
}

int ilv_rwlock_rdlock(pthread_rwlock_t *rwlock)
{
	int error = pthread_rwlock_tryrdlock(rwlock);

	if (error == 0) {
		ilv_trace_lock_acquire(rwlock, ILV_LOCK_KIND_RWLOCK, ILV_LOCK_MODE_SHARED, false);
	}

	if (error != EBUSY) {
		return error;
	}

	ilv_trace_lock_wait_begin(rwlock, ILV_LOCK_KIND_RWLOCK, ILV_LOCK_MODE_SHARED);
	error = pthread_rwlock_rdlock(rwlock);
	say_waited(rwlock, ILV_LOCK_KIND_RWLOCK, ILV_LOCK_MODE_SHARED, error == 0);
	return error;
}

int ilv_rwlock_wrlock(pthread_rwlock_t *rwlock)
{
	int error = pthread_rwlock_trywrlock(rwlock);

	if (error == 0) {
		ilv_trace_lock_acquire(rwlock, ILV_LOCK_KIND_RWLOCK, ILV_LOCK_MODE_EXCLUSIVE,
				       false);
	}

	if (error != EBUSY) {
		return error;
	}

	ilv_trace_lock_wait_begin(rwlock, ILV_LOCK_KIND_RWLOCK, ILV_LOCK_MODE_EXCLUSIVE);
	error = pthread_rwlock_wrlock(rwlock);
	say_waited(rwlock, ILV_LOCK_KIND_RWLOCK, ILV_LOCK_MODE_EXCLUSIVE, error == 0);
	return error;
}

int ilv_rwlock_unlock(pthread_rwlock_t *rwlock)
{
	/*
	 * The caller holds the lock, so nobody else writes this member, and it names the caller
	 * exactly if it holds it exclusively: glibc's own unlock decides by it, and static
	 * initialisers fix its place.
	 */
	enum ilv_lock_mode mode = rwlock->__data.__cur_writer == ilv_trace_tid()
					  ? ILV_LOCK_MODE_EXCLUSIVE
					  : ILV_LOCK_MODE_SHARED;

	ilv_trace_lock_release(rwlock, ILV_LOCK_KIND_RWLOCK, mode, ILV_RELEASE_CAUSE_NONE);
	return pthread_rwlock_unlock(rwlock);
}

int ilv_rwlock_destroy(pthread_rwlock_t *rwlock)
{
	ilv_trace_lock_destroy(rwlock);
	return pthread_rwlock_destroy(rwlock);
}

struct condition_wait {
	pthread_cond_t *condition;
	pthread_mutex_t *mutex;
};

/* The wait is over and the mutex held again: after a return, and before the handlers of a
 * cancellation. */
static void end_condition_wait(void *argument)
{
	const struct condition_wait *wait = argument;

	ilv_trace_wait_end(ILV_WAIT_REASON_COND, (uintptr_t)wait->condition);
	ilv_trace_lock_acquire(wait->mutex, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE, false);
}

static int wait_for_condition(pthread_cond_t *condition, pthread_mutex_t *mutex,
			      const struct timespec *deadline)
{
	struct condition_wait wait = {.condition = condition, .mutex = mutex};
	int error;

	ilv_trace_lock_release(mutex, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE,
			       ILV_RELEASE_CAUSE_NONE);
	ilv_trace_wait_begin(ILV_WAIT_REASON_COND, (uintptr_t)condition);
	pthread_cleanup_push(end_condition_wait, &wait);
	if (deadline) {
		error = pthread_cond_timedwait(condition, mutex, deadline);
	} else {
		error = pthread_cond_wait(condition, mutex);
	}

	pthread_cleanup_pop(1);
	return error;
}

int ilv_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
	return wait_for_condition(condition, mutex, NULL);
}

int ilv_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
		       const struct timespec *deadline)
{
	return wait_for_condition(condition, mutex, deadline);
}

int ilv_sem_init(sem_t *semaphore, unsigned int value, const char *name)
{
	int result = sem_init(semaphore, 0, value);

	if (result == 0) {
		ilv_trace_lock_name(semaphore, ILV_LOCK_KIND_SEM, value, name);
	}

	return result;
}

static void abandon_semaphore(void *semaphore)
{
	ilv_trace_lock_wait_abandon(semaphore, ILV_LOCK_KIND_SEM, ILV_LOCK_MODE_EXCLUSIVE);
}

int ilv_sem_wait(sem_t *semaphore)
{
	int result = sem_trywait(semaphore);

	if (result == 0) {
		ilv_trace_lock_acquire(semaphore, ILV_LOCK_KIND_SEM, ILV_LOCK_MODE_EXCLUSIVE,
				       false);
	}

	if (result == 0 || errno != EAGAIN) {
		return result;
	}

	ilv_trace_lock_wait_begin(semaphore, ILV_LOCK_KIND_SEM, ILV_LOCK_MODE_EXCLUSIVE);
	pthread_cleanup_push(abandon_semaphore, semaphore);
	result = sem_wait(semaphore);
	pthread_cleanup_pop(0);
	say_waited(semaphore, ILV_LOCK_KIND_SEM, ILV_LOCK_MODE_EXCLUSIVE, result == 0);
	return result;
}

int ilv_sem_post(sem_t *semaphore)
{
	ilv_trace_lock_release(semaphore, ILV_LOCK_KIND_SEM, ILV_LOCK_MODE_EXCLUSIVE,
			       ILV_RELEASE_CAUSE_NONE);
	return sem_post(semaphore);
}

int ilv_sem_destroy(sem_t *semaphore)
{
	ilv_trace_lock_destroy(semaphore);
	return sem_destroy(semaphore);
}

int ilv_sched_yield(void)
{
	int result;

	ilv_trace_thread_yield_begin();
	result = sched_yield();
	ilv_trace_thread_yield_end();
	return result;
}

static void end_sleep(void *unused)
{
	(void)unused;
	ilv_trace_wait_end(ILV_WAIT_REASON_SLEEP, 0);
}

int ilv_nanosleep(const struct timespec *duration, struct timespec *left)
{
	int result;

	ilv_trace_wait_begin(ILV_WAIT_REASON_SLEEP, 0);
	pthread_cleanup_push(end_sleep, NULL);
	result = nanosleep(duration, left);
	pthread_cleanup_pop(1);
	return result;
}
