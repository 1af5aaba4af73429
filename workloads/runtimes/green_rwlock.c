/* SPDX-License-Identifier: MIT */
/*
 * Description: what locks for readers and writers become for a task of `green`. To libc all tasks
 * are one thread, which it would tell of a deadlock: a task tries, and waits on the loop until
 * somebody lets go.
 */
#include <errno.h>
#include <pthread.h>

#include "workloads/runtimes/green.h"
#include "workloads/runtimes/green_fd.h"
#include "workloads/runtimes/green_park.h"
#include "workloads/runtimes/wrapped.h"

static int take(pthread_rwlock_t *lock, int (*try_now)(pthread_rwlock_t *lock))
{
	int error = try_now(lock);

	while (error == EBUSY) {
		struct ilv_parked parked;

		ilv_green_park_begin(&parked, lock, ILV_GREEN_NEVER_NS);
		error = try_now(lock);
		if (error != EBUSY) {
			ilv_green_park_cancel(&parked);
			break;
		}

		(void)ilv_green_park_wait(&parked, ILV_WAIT_REASON_LOCK);
		error = try_now(lock);
	}

	return error;
}

int __wrap_pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
	return ilv_green_is_here() ? take(lock, pthread_rwlock_tryrdlock)
				   : __real_pthread_rwlock_rdlock(lock);
}

int __wrap_pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
	return ilv_green_is_here() ? take(lock, pthread_rwlock_trywrlock)
				   : __real_pthread_rwlock_wrlock(lock);
}

int __wrap_pthread_rwlock_unlock(pthread_rwlock_t *lock)
{
	const int error = __real_pthread_rwlock_unlock(lock);

	/* Of the lock only the address is of use from here on: who has it may be gone. */
	if (ilv_green_is_here()) {
		(void)ilv_green_unpark(lock, true);
	} else {
		ilv_green_unpark_from_afar();
	}

	return error;
}
