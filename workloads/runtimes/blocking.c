/* SPDX-License-Identifier: MIT */
/*
 * Description: blocking waits and locks. Each stands between its begin and end event, and watches
 * the stop descriptor besides, so that a run that is asked to end does so at once, however long its
 * naps are.
 */
#include "workloads/runtimes/blocking.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
#include "workloads/stop.h"

#define NS_PER_S INT64_C(1000000000)

/*
 * As poll(), for at most `timeout_ns` (< 0: for ever), however many signals come meanwhile. To the
 * kernel a poll with nothing to watch but the stop is a sleep like any other, to the ns.
 */
static int poll_for(struct pollfd *descriptors, nfds_t count, int64_t timeout_ns)
{
	const int64_t deadline_ns = ilv_trace_now_ns() + timeout_ns;
	int64_t left_ns = timeout_ns;
	int ready_count = -1;

	for (;;) {
		const struct timespec timeout = {.tv_sec = left_ns / NS_PER_S,
						 .tv_nsec = left_ns % NS_PER_S};

		ready_count = ppoll(descriptors, count, timeout_ns < 0 ? NULL : &timeout, NULL);
		if (ready_count >= 0 || errno != EINTR) {
			return ready_count;
		}

		left_ns = deadline_ns - ilv_trace_now_ns();
		if (timeout_ns >= 0 && left_ns <= 0) {
			return 0;
		}
	}
}

enum ilv_status ilv_blocking_await_fd(int fd, enum ilv_wait_reason reason, int64_t timeout_ns)
{
	struct pollfd descriptors[2] = {
		{.fd = fd, .events = reason == ILV_WAIT_REASON_WRITE ? POLLOUT : POLLIN},
		{.fd = ilv_stop_fd(), .events = POLLIN},
	};
	int ready_count = 0;
	int poll_errno = 0;

	ilv_trace_wait_begin(reason, (uint64_t)fd);
	ilv_rusage_wait_begin();
	ready_count = poll_for(descriptors, 2, timeout_ns);
	poll_errno = errno;
	ilv_rusage_wait_end();
	ilv_trace_wait_end(reason, (uint64_t)fd);

	if (ready_count < 0) {
		ilv_cause_add("Cannot wait for descriptor: fd=%d, errno=%d", fd, poll_errno);
		return ILV_STATUS_IO;
	}

	if (ilv_stop_is_requested()) {
		return ILV_STATUS_INTERRUPTED;
	}

	return ready_count == 0 ? ILV_STATUS_AGAIN : ILV_STATUS_OK;
}

enum ilv_status ilv_blocking_await_sleep(int64_t duration_ns)
{
	struct pollfd stop = {.fd = ilv_stop_fd(), .events = POLLIN};

	ilv_trace_wait_begin(ILV_WAIT_REASON_SLEEP, 0);
	ilv_rusage_wait_begin();
	(void)poll_for(&stop, 1, duration_ns > 0 ? duration_ns : 0);
	ilv_rusage_wait_end();
	ilv_trace_wait_end(ILV_WAIT_REASON_SLEEP, 0);

	return ilv_stop_is_requested() ? ILV_STATUS_INTERRUPTED : ILV_STATUS_OK;
}

enum ilv_status ilv_blocking_await_call(ilv_blocking_call call, void *argument,
					enum ilv_wait_reason reason, uint64_t object)
{
	ilv_trace_wait_begin(reason, object);
	ilv_rusage_wait_begin();
	call(argument);
	ilv_rusage_wait_end();
	ilv_trace_wait_end(reason, object);

	return ilv_stop_is_requested() ? ILV_STATUS_INTERRUPTED : ILV_STATUS_OK;
}

enum ilv_status ilv_blocking_yield(void)
{
	ilv_trace_thread_yield_begin();
	(void)sched_yield();
	ilv_trace_thread_yield_end();

	return ILV_STATUS_OK;
}

enum ilv_status ilv_blocking_lock_init(struct ilv_lock *lock, const char *name)
{
	pthread_mutex_t *mutex = malloc(sizeof(*mutex));

	if (!mutex) {
		ilv_cause_add("Cannot create lock: name=\"%s\"", name);
		return ILV_STATUS_MEMORY;
	}

	(void)pthread_mutex_init(mutex, NULL);
	lock->state = mutex;
	ilv_trace_lock_name(lock, ILV_LOCK_KIND_MUTEX, 1, name);

	return ILV_STATUS_OK;
}

static enum ilv_status lock_acquire(struct ilv_lock *lock)
{
	const bool is_contended = pthread_mutex_trylock(lock->state) != 0;

	if (is_contended) {
		ilv_trace_lock_wait_begin(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE);
		ilv_rusage_wait_begin();
		(void)pthread_mutex_lock(lock->state);
		ilv_rusage_wait_end();
	}

	ilv_trace_lock_acquire(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE, is_contended);

	return ILV_STATUS_OK;
}

void ilv_blocking_lock_release(struct ilv_lock *lock)
{
	ilv_trace_lock_release(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE,
			       ILV_RELEASE_CAUSE_NONE);
	(void)pthread_mutex_unlock(lock->state);
}

void ilv_blocking_lock_fini(struct ilv_lock *lock)
{
	if (!lock->state) {
		return;
	}

	ilv_trace_lock_destroy(lock);
	(void)pthread_mutex_destroy(lock->state);
	free(lock->state);
	lock->state = NULL;
}

const struct ilv_runtime_locks ilv_blocking_locks = {
	.init = ilv_blocking_lock_init,
	.acquire = lock_acquire,
	.release = ilv_blocking_lock_release,
	.fini = ilv_blocking_lock_fini,
};
