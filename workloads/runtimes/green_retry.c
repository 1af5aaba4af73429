/* SPDX-License-Identifier: MIT */
/*
 * Description: what libc's waits for threads, processes and locks of files become for a task of
 * `green`. Nobody says when such a wait is over: it is tried every millisecond, and the task sleeps
 * on the loop in between.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "workloads/runtimes/green.h"
#include "workloads/runtimes/green_time.h"
#include "workloads/runtimes/wrapped.h"

int __wrap_pthread_join(pthread_t thread, void **returned)
{
	int error = EBUSY;

	if (!ilv_green_is_here() || pthread_equal(thread, pthread_self())) {
		return __real_pthread_join(thread, returned);
	}

	for (error = pthread_tryjoin_np(thread, returned); error == EBUSY;
	     error = pthread_tryjoin_np(thread, returned)) {
		if (!ilv_green_wait_a_moment()) {
			return __real_pthread_join(thread, returned); /* It is never cut off. */
		}
	}

	return error;
}

pid_t __wrap_waitpid(pid_t pid, int *wait_status, int options)
{
	const int saved_errno = errno;
	pid_t waited = 0;

	if (!ilv_green_is_here() || (options & WNOHANG)) {
		return __real_waitpid(pid, wait_status, options);
	}

	for (waited = __real_waitpid(pid, wait_status, options | WNOHANG); waited == 0;
	     waited = __real_waitpid(pid, wait_status, options | WNOHANG)) {
		if (!ilv_green_wait_a_moment()) {
			errno = ilv_green_cut_off();
			return -1;
		}
	}

	if (waited > 0) {
		errno = saved_errno;
	}

	return waited;
}

pid_t __wrap_wait(int *wait_status)
{
	return ilv_green_is_here() ? __wrap_waitpid(-1, wait_status, 0) : __real_wait(wait_status);
}

int __wrap_flock(int fd, int operation)
{
	const int saved_errno = errno;
	int result = 0;

	if (!ilv_green_is_here() || (operation & LOCK_NB)) {
		return __real_flock(fd, operation);
	}

	for (result = __real_flock(fd, operation | LOCK_NB); result != 0 && errno == EWOULDBLOCK;
	     result = __real_flock(fd, operation | LOCK_NB)) {
		if (!ilv_green_wait_a_moment()) {
			errno = ilv_green_cut_off();
			return -1;
		}
	}

	if (result == 0) {
		errno = saved_errno;
	}

	return result;
}
