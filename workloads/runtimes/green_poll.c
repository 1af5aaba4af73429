/* SPDX-License-Identifier: MIT */
/*
 * Description: what poll, select and epoll become for a task of `green`. The system is asked
 * without waiting; where it has nothing, the task waits on the loop, and the system is asked again,
 * until it has something or the time has passed: what came may have been another task's.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include <interleave/trace.h>

#include "workloads/runtimes/green.h"
#include "workloads/runtimes/green_time.h"
#include "workloads/runtimes/loop.h"
#include "workloads/runtimes/wrapped.h"

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_US INT64_C(1000)
#define US_PER_S  INT64_C(1000000)

/* False with errno where the call is to fail. */
static bool await_descriptors(struct pollfd *descriptors, size_t count, int64_t deadline_ns)
{
	switch (ilv_loop_await_fds(descriptors, count, ilv_green_left_ns(deadline_ns),
				   ILV_WAIT_REASON_POLL,
				   count == 1 ? (uint64_t)descriptors[0].fd : 0)) {
	case ILV_STATUS_OK:
	case ILV_STATUS_AGAIN:
	case ILV_STATUS_IO: /* The system says which it is that was closed. */
		return true;
	case ILV_STATUS_INTERRUPTED:
		errno = ilv_green_cut_off();
		return false;
	default:
		errno = ENOMEM;
		return false;
	}
}

static int green_poll(struct pollfd *descriptors, nfds_t count, int64_t timeout_ns)
{
	const int saved_errno = errno;
	const int64_t deadline_ns = ilv_green_deadline_ns(timeout_ns);

	for (;;) {
		const bool is_over = ilv_green_left_ns(deadline_ns) == 0;
		const int ready_count = __real_poll(descriptors, count, 0);

		if (ready_count < 0) {
			return -1;
		}

		if (ready_count > 0 || is_over) {
			errno = saved_errno;
			return ready_count;
		}

		if (!await_descriptors(descriptors, count, deadline_ns)) {
			return -1;
		}
	}
}

int __wrap_poll(struct pollfd *descriptors, nfds_t count, int timeout_ms)
{
	return ilv_green_is_here()
		       ? green_poll(descriptors, count,
				    timeout_ms < 0 ? ILV_GREEN_NEVER_NS : timeout_ms * NS_PER_MS)
		       : __real_poll(descriptors, count, timeout_ms);
}

int __wrap_ppoll(struct pollfd *descriptors, nfds_t count, const struct timespec *timeout,
		 const sigset_t *signals)
{
	/* Which signals are blocked is the whole thread's affair, and not a task's. */
	return ilv_green_is_here() && !signals && (!timeout || ilv_green_is_duration(timeout))
		       ? green_poll(descriptors, count,
				    timeout ? ilv_green_ns(timeout) : ILV_GREEN_NEVER_NS)
		       : __real_ppoll(descriptors, count, timeout, signals);
}

int __wrap_epoll_wait(int epoll_fd, struct epoll_event *events, int capacity, int timeout_ms)
{
	const int64_t deadline_ns =
		ilv_green_deadline_ns(timeout_ms < 0 ? ILV_GREEN_NEVER_NS : timeout_ms * NS_PER_MS);
	struct pollfd descriptor = {.fd = epoll_fd, .events = POLLIN};

	while (ilv_green_is_here()) {
		const bool is_over = ilv_green_left_ns(deadline_ns) == 0;
		const int ready_count = __real_epoll_wait(epoll_fd, events, capacity, 0);

		if (ready_count != 0 || is_over) {
			return ready_count;
		}

		if (!await_descriptors(&descriptor, 1, deadline_ns)) {
			return -1;
		}
	}

	return __real_epoll_wait(epoll_fd, events, capacity, timeout_ms);
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

static bool await_sets(int limit, const struct sets *sets, int64_t deadline_ns)
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

	is_done = await_descriptors(descriptors, count, deadline_ns);
	free(descriptors);

	return is_done;
}

static int green_select(int limit, const struct sets *sets, int64_t timeout_ns)
{
	const int saved_errno = errno;
	const int64_t deadline_ns = ilv_green_deadline_ns(timeout_ns);

	for (;;) {
		const bool is_over = ilv_green_left_ns(deadline_ns) == 0;
		const int ready_count = select_now(limit, sets);

		if (ready_count < 0) {
			return -1;
		}

		if (ready_count > 0 || is_over) {
			if (ready_count == 0) {
				clear(sets);
			}

			errno = saved_errno;
			return ready_count;
		}

		if (!await_sets(limit, sets, deadline_ns)) {
			return -1;
		}
	}
}

static int64_t timeout_of(const struct timeval *timeout)
{
	/* Linux takes more us than make a second. */
	const struct timespec time = {.tv_sec = timeout->tv_sec + timeout->tv_usec / US_PER_S,
				      .tv_nsec = timeout->tv_usec % US_PER_S * NS_PER_US};

	return ilv_green_ns(&time);
}

int __wrap_select(int limit, fd_set *read_set, fd_set *write_set, fd_set *except_set,
		  struct timeval *timeout)
{
	const struct sets sets = {read_set, write_set, except_set};
	int64_t deadline_ns = 0;
	int64_t left_ns = 0;
	int ready_count = 0;

	if (!ilv_green_is_here() || limit < 0 || limit > FD_SETSIZE ||
	    (timeout && (timeout->tv_sec < 0 || timeout->tv_usec < 0))) {
		return __real_select(limit, read_set, write_set, except_set, timeout);
	}

	if (!timeout) {
		return green_select(limit, &sets, ILV_GREEN_NEVER_NS);
	}

	left_ns = timeout_of(timeout);
	deadline_ns = ilv_green_deadline_ns(left_ns);
	ready_count = green_select(limit, &sets, left_ns);
	/* Linux says how much of it is left. */
	left_ns = ilv_green_left_ns(deadline_ns);
	timeout->tv_sec = left_ns / NS_PER_S;
	timeout->tv_usec = left_ns % NS_PER_S / NS_PER_US;

	return ready_count;
}

int __wrap_pselect(int limit, fd_set *read_set, fd_set *write_set, fd_set *except_set,
		   const struct timespec *timeout, const sigset_t *signals)
{
	const struct sets sets = {read_set, write_set, except_set};

	/* Which signals are blocked is the whole thread's affair, and not a task's. */
	if (!ilv_green_is_here() || signals || limit < 0 || limit > FD_SETSIZE ||
	    (timeout && !ilv_green_is_duration(timeout))) {
		return __real_pselect(limit, read_set, write_set, except_set, timeout, signals);
	}

	return green_select(limit, &sets, timeout ? ilv_green_ns(timeout) : ILV_GREEN_NEVER_NS);
}
