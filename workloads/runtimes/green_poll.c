/* SPDX-License-Identifier: MIT */
/*
 * Description: what poll and select become for a task of `green`. The system is asked without
 * waiting; where it has nothing, the task waits on the loop, and the system is asked again.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/select.h>

#include <interleave/trace.h>

#include "workloads/runtimes/green.h"
#include "workloads/runtimes/green_fd.h"
#include "workloads/runtimes/loop.h"
#include "workloads/runtimes/wrapped.h"

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_US INT64_C(1000)

/* False with errno where the call is to fail. */
static bool await_descriptors(struct pollfd *descriptors, size_t count, int64_t timeout_ns)
{
	switch (ilv_loop_await_fds(descriptors, count, timeout_ns, ILV_WAIT_REASON_POLL,
				   count == 1 ? (uint64_t)descriptors[0].fd : 0)) {
	case ILV_STATUS_OK:
	case ILV_STATUS_AGAIN:
		return true;
	case ILV_STATUS_INTERRUPTED:
		errno = EINTR;
		return false;
	default:
		errno = ENOMEM;
		return false;
	}
}

int __wrap_poll(struct pollfd *descriptors, nfds_t count, int timeout_ms)
{
	const int saved_errno = errno;
	int ready_count = 0;

	if (!ilv_green_is_here()) {
		return __real_poll(descriptors, count, timeout_ms);
	}

	ready_count = __real_poll(descriptors, count, 0);
	if (ready_count != 0 || timeout_ms == 0) {
		return ready_count;
	}

	if (!await_descriptors(descriptors, count,
			       timeout_ms < 0 ? ILV_GREEN_NEVER_NS : timeout_ms * NS_PER_MS)) {
		return -1;
	}

	errno = saved_errno;

	/* The loop says that something came; the system says it in poll's own words. */
	return __real_poll(descriptors, count, 0);
}

/* The three sets of a select(); NULL in any place: none. */
struct sets {
	fd_set *read;
	fd_set *write;
	fd_set *except;
};

static bool has(int fd, const fd_set *set)
{
	return set && FD_ISSET(fd, set);
}

static short events_of(int fd, const struct sets *sets)
{
	return (short)((has(fd, sets->read) ? POLLIN : 0) | (has(fd, sets->write) ? POLLOUT : 0) |
		       (has(fd, sets->except) ? POLLPRI : 0));
}

/* Asks the system now, and leaves `sets` alone unless it has something. */
static int select_now(int limit, const struct sets *sets)
{
	struct timeval now = {0};
	fd_set copies[3];
	struct sets asked = {0};
	int ready_count = 0;

	if (sets->read) {
		copies[0] = *sets->read;
		asked.read = &copies[0];
	}

	if (sets->write) {
		copies[1] = *sets->write;
		asked.write = &copies[1];
	}

	if (sets->except) {
		copies[2] = *sets->except;
		asked.except = &copies[2];
	}

	ready_count = __real_select(limit, asked.read, asked.write, asked.except, &now);
	if (ready_count > 0) {
		if (sets->read) {
			*sets->read = copies[0];
		}

		if (sets->write) {
			*sets->write = copies[1];
		}

		if (sets->except) {
			*sets->except = copies[2];
		}
	}

	return ready_count;
}

static void clear(const struct sets *sets)
{
	if (sets->read) {
		FD_ZERO(sets->read);
	}

	if (sets->write) {
		FD_ZERO(sets->write);
	}

	if (sets->except) {
		FD_ZERO(sets->except);
	}
}

static bool await_sets(int limit, const struct sets *sets, int64_t timeout_ns)
{
	struct pollfd *descriptors = calloc((size_t)limit + 1, sizeof(*descriptors));
	size_t count = 0;
	bool is_done = false;

	if (!descriptors) {
		errno = ENOMEM;
		return false;
	}

	for (int fd = 0; fd < limit; fd++) {
		const short events = events_of(fd, sets);

		if (events) {
			descriptors[count++] = (struct pollfd){.fd = fd, .events = events};
		}
	}

	is_done = await_descriptors(descriptors, count, timeout_ns);
	free(descriptors);

	return is_done;
}

static int green_select(int limit, const struct sets *sets, int64_t timeout_ns)
{
	const int saved_errno = errno;
	int ready_count = select_now(limit, sets);

	if (ready_count == 0 && timeout_ns != 0) {
		if (!await_sets(limit, sets, timeout_ns)) {
			return -1;
		}

		ready_count = select_now(limit, sets);
	}

	if (ready_count == 0) {
		clear(sets);
	}

	if (ready_count >= 0) {
		errno = saved_errno;
	}

	return ready_count;
}

int __wrap_select(int limit, fd_set *read_set, fd_set *write_set, fd_set *except_set,
		  struct timeval *timeout)
{
	const struct sets sets = {read_set, write_set, except_set};
	const int64_t timeout_ns =
		timeout ? timeout->tv_sec * NS_PER_S + timeout->tv_usec * NS_PER_US
			: ILV_GREEN_NEVER_NS;
	int64_t left_ns = ilv_trace_now_ns() + timeout_ns;
	int ready_count = 0;

	if (!ilv_green_is_here() || limit < 0 || limit > FD_SETSIZE ||
	    (timeout && (timeout->tv_sec < 0 || timeout->tv_usec < 0))) {
		return __real_select(limit, read_set, write_set, except_set, timeout);
	}

	ready_count = green_select(limit, &sets, timeout_ns);
	if (timeout) {
		/* Linux says how much of it is left. */
		left_ns -= ilv_trace_now_ns();
		left_ns = left_ns > 0 ? left_ns : 0;
		timeout->tv_sec = left_ns / NS_PER_S;
		timeout->tv_usec = left_ns % NS_PER_S / NS_PER_US;
	}

	return ready_count;
}

int __wrap_pselect(int limit, fd_set *read_set, fd_set *write_set, fd_set *except_set,
		   const struct timespec *timeout, const sigset_t *signals)
{
	const struct sets sets = {read_set, write_set, except_set};

	/* Which signals are blocked is the whole thread's affair, and not a task's. */
	if (!ilv_green_is_here() || signals || limit < 0 || limit > FD_SETSIZE ||
	    (timeout && (timeout->tv_sec < 0 || timeout->tv_nsec < 0))) {
		return __real_pselect(limit, read_set, write_set, except_set, timeout, signals);
	}

	return green_select(limit, &sets,
			    timeout ? timeout->tv_sec * NS_PER_S + timeout->tv_nsec
				    : ILV_GREEN_NEVER_NS);
}
