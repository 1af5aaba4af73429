/* SPDX-License-Identifier: MIT */
/*
 * Description: what conditions and semaphores become for a task of `green`. To libc all tasks are
 * one thread, which would wait for itself: a task waits on the loop, and whoever signals or posts
 * wakes tasks as well as threads. A task may be woken for nothing, as POSIX allows of conditions;
 * of a semaphore it tries again.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "workloads/runtimes/green.h"
#include "workloads/runtimes/green_fd.h"
#include "workloads/runtimes/green_park.h"
#include "workloads/runtimes/green_time.h"
#include "workloads/runtimes/wrapped.h"

#define NS_PER_S INT64_C(1000000000)

static bool is_time(const struct timespec *time)
{
	return time->tv_nsec >= 0 && time->tv_nsec < NS_PER_S;
}

/* A condition does not say which clock it goes by. The one counts from 1970, the other from the
 * machine's start: a deadline is nearer to the present of its own. */
static clockid_t clock_of(const struct timespec *deadline)
{
	struct timespec monotonic;
	struct timespec real;

	(void)clock_gettime(CLOCK_MONOTONIC, &monotonic);
	(void)clock_gettime(CLOCK_REALTIME, &real);

	return deadline->tv_sec - monotonic.tv_sec < (real.tv_sec - monotonic.tv_sec) / 2
		       ? CLOCK_MONOTONIC
		       : CLOCK_REALTIME;
}

static int wait_for_condition(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t timeout_ns)
{
	struct ilv_parked parked;
	bool is_woken = false;
	int error = 0;

	ilv_green_park_begin(&parked, cond, timeout_ns);
	error = __wrap_pthread_mutex_unlock(mutex);
	if (error != 0) {
		ilv_green_park_cancel(&parked);
		return error;
	}

	is_woken = ilv_green_park_wait(&parked, ILV_WAIT_REASON_COND);
	error = __wrap_pthread_mutex_lock(mutex);

	return error != 0 ? error : is_woken ? 0 : ETIMEDOUT;
}

int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	return ilv_green_is_here() ? wait_for_condition(cond, mutex, ILV_GREEN_NEVER_NS)
				   : __real_pthread_cond_wait(cond, mutex);
}

int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
				  const struct timespec *deadline)
{
	return ilv_green_is_here() && is_time(deadline)
		       ? wait_for_condition(cond, mutex,
					    ilv_green_until_ns(clock_of(deadline), deadline))
		       : __real_pthread_cond_timedwait(cond, mutex, deadline);
}

int __wrap_pthread_cond_signal(pthread_cond_t *cond)
{
	if (ilv_green_is_here()) {
		return ilv_green_unpark(cond, false) ? 0 : __real_pthread_cond_signal(cond);
	}

	ilv_green_unpark_from_afar();

	return __real_pthread_cond_signal(cond);
}

int __wrap_pthread_cond_broadcast(pthread_cond_t *cond)
{
	if (ilv_green_is_here()) {
		(void)ilv_green_unpark(cond, true);
	} else {
		ilv_green_unpark_from_afar();
	}

	return __real_pthread_cond_broadcast(cond);
}

/* Tries until it has one, or `deadline` (NULL: never) has passed. */
static int take_one(sem_t *semaphore, const struct timespec *deadline)
{
	const int saved_errno = errno;
	bool is_over = false;

	while (sem_trywait(semaphore) != 0) {
		struct ilv_parked parked;

		if (errno != EAGAIN || is_over) {
			errno = errno == EAGAIN ? ETIMEDOUT : errno;
			return -1;
		}

		ilv_green_park_begin(&parked, semaphore,
				     deadline ? ilv_green_until_ns(CLOCK_REALTIME, deadline)
					      : ILV_GREEN_NEVER_NS);
		if (sem_trywait(semaphore) == 0) {
			ilv_green_park_cancel(&parked);
			break;
		}

		is_over = !ilv_green_park_wait(&parked, ILV_WAIT_REASON_LOCK);
	}

	errno = saved_errno;

	return 0;
}

int __wrap_sem_wait(sem_t *semaphore)
{
	return ilv_green_is_here() ? take_one(semaphore, NULL) : __real_sem_wait(semaphore);
}

int __wrap_sem_timedwait(sem_t *semaphore, const struct timespec *deadline)
{
	return ilv_green_is_here() && is_time(deadline) ? take_one(semaphore, deadline)
							: __real_sem_timedwait(semaphore, deadline);
}

int __wrap_sem_post(sem_t *semaphore)
{
	const int result = __real_sem_post(semaphore);

	/* Of the semaphore only the address is of use from here on: who has it may be gone. */
	if (ilv_green_is_here()) {
		(void)ilv_green_unpark(semaphore, false);
	} else {
		ilv_green_unpark_from_afar();
	}

	return result;
}
