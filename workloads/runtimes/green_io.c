/* SPDX-License-Identifier: MIT */
/*
 * Description: what libc's blocking calls on descriptors and on time become for a task of `green`:
 * the linker (--wrap) sends the calls of this program, though not those of the libraries that it
 * uses, through here. Whoever is not such a task gets libc's own.
 *
 * To the caller a descriptor stays what it is. The call is made without blocking; where libc would
 * block, the task waits on the loop and the call is made again. Sockets take MSG_DONTWAIT; what has
 * no such flag is made non-blocking for the length of one call that does not block. A descriptor
 * that the job itself made non-blocking keeps its EAGAIN, SO_RCVTIMEO and SO_SNDTIMEO their limit,
 * and a blocking send ends when all is sent. A run that is to end shows as EINTR.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "workloads/runtimes/green.h"
#include "workloads/runtimes/loop.h"
#include "workloads/runtimes/wrapped.h"

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_US INT64_C(1000)

#define NEVER_NS (-1)

/* Waits on the loop; false with errno where libc's call would fail, or be cut off, at this point.
 */
static bool wait_ready(int fd, enum ilv_wait_reason reason, int64_t timeout_ns)
{
	struct pollfd descriptor = {.fd = fd,
				    .events = reason == ILV_WAIT_REASON_WRITE ? POLLOUT : POLLIN};

	switch (ilv_loop_await_fds(&descriptor, 1, timeout_ns, reason, (uint64_t)fd)) {
	case ILV_STATUS_OK:
		return true;
	case ILV_STATUS_AGAIN:
		errno = EAGAIN;
		return false;
	case ILV_STATUS_INTERRUPTED:
		errno = EINTR;
		return false;
	default:
		errno = ENOBUFS;
		return false;
	}
}

static bool is_non_blocking(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & O_NONBLOCK);
}

/* The time limit that the job set on a socket. */
static int64_t socket_timeout_ns(int fd, int option)
{
	struct timeval limit = {0};
	socklen_t size = sizeof(limit);

	if (getsockopt(fd, SOL_SOCKET, option, &limit, &size) != 0 ||
	    (limit.tv_sec == 0 && limit.tv_usec == 0)) {
		return NEVER_NS;
	}

	return limit.tv_sec * NS_PER_S + limit.tv_usec * NS_PER_US;
}

static bool is_stream(int fd)
{
	int type = 0;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

static ssize_t green_recv(int fd, void *buffer, size_t length, int flags)
{
	const int saved_errno = errno;
	const bool wants_all = (flags & MSG_WAITALL) && !(flags & MSG_PEEK) && is_stream(fd);
	size_t done = 0;

	for (;;) {
		const ssize_t got =
			__real_recv(fd, (char *)buffer + done, length - done, flags | MSG_DONTWAIT);

		done += got > 0 ? (size_t)got : 0;
		if (got == 0 || (got > 0 && (!wants_all || done == length))) {
			errno = saved_errno;
			return (ssize_t)done;
		}

		if (got < 0 && (errno != EAGAIN || (flags & MSG_DONTWAIT) || is_non_blocking(fd))) {
			return done > 0 ? (ssize_t)done : -1;
		}

		if (got < 0 &&
		    !wait_ready(fd, ILV_WAIT_REASON_READ, socket_timeout_ns(fd, SO_RCVTIMEO))) {
			return done > 0 ? (ssize_t)done : -1;
		}
	}
}

static ssize_t green_send(int fd, const void *buffer, size_t length, int flags)
{
	const int saved_errno = errno;
	size_t done = 0;

	for (;;) {
		const ssize_t sent = __real_send(fd, (const char *)buffer + done, length - done,
						 flags | MSG_DONTWAIT);

		done += sent > 0 ? (size_t)sent : 0;
		if (sent >= 0 && done == length) {
			errno = saved_errno;
			return (ssize_t)done;
		}

		if (sent < 0 &&
		    (errno != EAGAIN || (flags & MSG_DONTWAIT) || is_non_blocking(fd))) {
			return done > 0 ? (ssize_t)done : -1;
		}

		if (sent < 0 &&
		    !wait_ready(fd, ILV_WAIT_REASON_WRITE, socket_timeout_ns(fd, SO_SNDTIMEO))) {
			return done > 0 ? (ssize_t)done : -1;
		}
	}
}

/* Makes `fd` non-blocking for one call; -1 when it is already, or is no descriptor. */
static int push_non_blocking(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_NONBLOCK) || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
		return -1;
	}

	return flags;
}

static void pop_non_blocking(int fd, int flags)
{
	const int saved_errno = errno;

	(void)fcntl(fd, F_SETFL, flags);
	errno = saved_errno;
}

/* Of pipes and terminals; files, which are always ready, fail in no new way. */
static ssize_t green_read(int fd, void *buffer, size_t length)
{
	const int saved_errno = errno;

	for (;;) {
		const int flags = push_non_blocking(fd);
		ssize_t got = -1;

		if (flags < 0) {
			return __real_read(fd, buffer, length);
		}

		got = __real_read(fd, buffer, length);
		pop_non_blocking(fd, flags);
		if (got >= 0) {
			errno = saved_errno;
			return got;
		}

		if (errno != EAGAIN || !wait_ready(fd, ILV_WAIT_REASON_READ, NEVER_NS)) {
			return -1;
		}
	}
}

static ssize_t green_write(int fd, const void *buffer, size_t length)
{
	const int saved_errno = errno;
	size_t done = 0;

	for (;;) {
		const int flags = push_non_blocking(fd);
		ssize_t written = -1;

		if (flags < 0) {
			return __real_write(fd, buffer, length);
		}

		written = __real_write(fd, (const char *)buffer + done, length - done);
		pop_non_blocking(fd, flags);
		done += written > 0 ? (size_t)written : 0;
		if (written >= 0 && done == length) {
			errno = saved_errno;
			return (ssize_t)done;
		}

		if (written < 0 &&
		    (errno != EAGAIN || !wait_ready(fd, ILV_WAIT_REASON_WRITE, NEVER_NS))) {
			return done > 0 ? (ssize_t)done : -1;
		}
	}
}

static int green_accept(int fd, struct sockaddr *address, socklen_t *length, int accept_flags)
{
	const int saved_errno = errno;

	for (;;) {
		const int flags = push_non_blocking(fd);
		int accepted = -1;

		if (flags < 0) {
			return __real_accept4(fd, address, length, accept_flags);
		}

		accepted = __real_accept4(fd, address, length, accept_flags);
		pop_non_blocking(fd, flags);
		if (accepted >= 0) {
			errno = saved_errno;
			return accepted;
		}

		if (errno != EAGAIN ||
		    !wait_ready(fd, ILV_WAIT_REASON_READ, socket_timeout_ns(fd, SO_RCVTIMEO))) {
			return -1;
		}
	}
}

static int green_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	const int saved_errno = errno;
	const int flags = push_non_blocking(fd);
	socklen_t error_size = sizeof(int);
	int error = 0;

	if (flags < 0) {
		return __real_connect(fd, address, length);
	}

	error = __real_connect(fd, address, length) == 0 ? 0 : errno;
	pop_non_blocking(fd, flags);
	if (error == EINPROGRESS) {
		if (!wait_ready(fd, ILV_WAIT_REASON_WRITE, socket_timeout_ns(fd, SO_SNDTIMEO))) {
			/* libc says so when a connection takes longer than SO_SNDTIMEO. */
			errno = errno == EAGAIN ? EINPROGRESS : errno;
			return -1;
		}

		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) != 0) {
			error = errno;
		}
	} else if (error == EAGAIN) {
		/* The backlog of a Unix socket is full: nothing says when it has room. */
		return __real_connect(fd, address, length);
	}

	errno = error == 0 ? saved_errno : error;

	return error == 0 ? 0 : -1;
}

/* Returns the ns that are left, 0 when all have passed. */
static int64_t green_sleep(int64_t duration_ns)
{
	const int saved_errno = errno;
	const int64_t deadline_ns = ilv_trace_now_ns() + duration_ns;
	int64_t left_ns = 0;

	if (ilv_loop_await_sleep(duration_ns) < 0) {
		left_ns = deadline_ns - ilv_trace_now_ns();
	}

	errno = saved_errno;

	return left_ns > 0 ? left_ns : 0;
}

ssize_t __wrap_recv(int fd, void *buffer, size_t length, int flags)
{
	return ilv_green_is_here() ? green_recv(fd, buffer, length, flags)
				   : __real_recv(fd, buffer, length, flags);
}

ssize_t __wrap_send(int fd, const void *buffer, size_t length, int flags)
{
	return ilv_green_is_here() ? green_send(fd, buffer, length, flags)
				   : __real_send(fd, buffer, length, flags);
}

ssize_t __wrap_read(int fd, void *buffer, size_t length)
{
	const int saved_errno = errno;
	ssize_t got = 0;

	if (!ilv_green_is_here()) {
		return __real_read(fd, buffer, length);
	}

	got = green_recv(fd, buffer, length, 0);
	if (got < 0 && errno == ENOTSOCK) {
		errno = saved_errno;
		got = green_read(fd, buffer, length);
	}

	return got;
}

ssize_t __wrap_write(int fd, const void *buffer, size_t length)
{
	const int saved_errno = errno;
	ssize_t written = 0;

	if (!ilv_green_is_here()) {
		return __real_write(fd, buffer, length);
	}

	written = green_send(fd, buffer, length, 0);
	if (written < 0 && errno == ENOTSOCK) {
		errno = saved_errno;
		written = green_write(fd, buffer, length);
	}

	return written;
}

int __wrap_accept(int fd, struct sockaddr *address, socklen_t *length)
{
	return ilv_green_is_here() ? green_accept(fd, address, length, 0)
				   : __real_accept(fd, address, length);
}

int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	return ilv_green_is_here() ? green_accept(fd, address, length, flags)
				   : __real_accept4(fd, address, length, flags);
}

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	return ilv_green_is_here() ? green_connect(fd, address, length)
				   : __real_connect(fd, address, length);
}

int __wrap_nanosleep(const struct timespec *duration, struct timespec *left)
{
	int64_t left_ns = 0;

	if (!ilv_green_is_here() || duration->tv_sec < 0 || duration->tv_nsec < 0 ||
	    duration->tv_nsec >= NS_PER_S) {
		return __real_nanosleep(duration, left);
	}

	left_ns = green_sleep(duration->tv_sec * NS_PER_S + duration->tv_nsec);
	if (left_ns == 0) {
		return 0;
	}

	if (left) {
		*left = (struct timespec){.tv_sec = left_ns / NS_PER_S,
					  .tv_nsec = left_ns % NS_PER_S};
	}

	errno = EINTR;

	return -1;
}

int __wrap_usleep(useconds_t duration_us)
{
	if (!ilv_green_is_here()) {
		return __real_usleep(duration_us);
	}

	if (green_sleep((int64_t)duration_us * NS_PER_US) > 0) {
		errno = EINTR;
		return -1;
	}

	return 0;
}

unsigned int __wrap_sleep(unsigned int duration_s)
{
	if (!ilv_green_is_here()) {
		return __real_sleep(duration_s);
	}

	return (unsigned int)((green_sleep(duration_s * NS_PER_S) + NS_PER_S / 2) / NS_PER_S);
}

int __wrap_poll(struct pollfd *descriptors, nfds_t count, int timeout_ms)
{
	const int saved_errno = errno;
	enum ilv_status status = ILV_STATUS_OK;
	int ready_count = 0;

	if (!ilv_green_is_here()) {
		return __real_poll(descriptors, count, timeout_ms);
	}

	ready_count = __real_poll(descriptors, count, 0);
	if (ready_count != 0 || timeout_ms == 0) {
		return ready_count;
	}

	status = ilv_loop_await_fds(
		descriptors, count, timeout_ms < 0 ? NEVER_NS : timeout_ms * NS_PER_MS,
		ILV_WAIT_REASON_POLL, count == 1 ? (uint64_t)descriptors[0].fd : 0);
	if (status == ILV_STATUS_INTERRUPTED) {
		errno = EINTR;
		return -1;
	}

	if (status < 0) {
		errno = ENOMEM;
		return -1;
	}

	errno = saved_errno;

	/* The loop says that something came; the system says it in poll's own words. */
	return __real_poll(descriptors, count, 0);
}
