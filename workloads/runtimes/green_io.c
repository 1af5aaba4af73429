/* SPDX-License-Identifier: MIT */
/*
 * Description: what libc's blocking calls on descriptors become for a task of `green`:
 * the linker (--wrap) sends the calls of this program, though not those of the libraries that it
 * uses, through here. Whoever is not such a task gets libc's own.
 *
 * To the caller a descriptor stays what it is. The call is made without blocking; where libc would
 * block, the task waits on the loop and the call is made again. Sockets take MSG_DONTWAIT; what has
 * no such flag is made non-blocking for the length of one call that does not block. A descriptor
 * that the job itself made non-blocking keeps its EAGAIN, SO_RCVTIMEO and SO_SNDTIMEO their limit,
 * and a blocking send ends when all is sent. What a run that is to end shows as,
 * ilv_green_cut_off() says.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workloads/runtimes/green.h"
#include "workloads/runtimes/green_fd.h"
#include "workloads/runtimes/green_time.h"
#include "workloads/runtimes/loop.h"
#include "workloads/runtimes/wrapped.h"

static ssize_t green_recv(int fd, void *buffer, size_t length, int flags)
{
	const int saved_errno = errno;
	const bool wants_all =
		(flags & MSG_WAITALL) && !(flags & MSG_PEEK) && ilv_green_is_stream(fd);
	size_t done = 0;

	for (;;) {
		const ssize_t got =
			__real_recv(fd, (char *)buffer + done, length - done, flags | MSG_DONTWAIT);

		done += got > 0 ? (size_t)got : 0;
		if (got == 0 || (got > 0 && (!wants_all || done == length))) {
			errno = saved_errno;
			return (ssize_t)done;
		}

		if (got < 0 &&
		    (errno != EAGAIN || (flags & MSG_DONTWAIT) || ilv_green_is_non_blocking(fd))) {
			return done > 0 ? (ssize_t)done : -1;
		}

		if (got < 0 &&
		    !ilv_green_wait_ready(fd, ILV_WAIT_REASON_READ,
					  ilv_green_socket_timeout_ns(fd, SO_RCVTIMEO))) {
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
		    (errno != EAGAIN || (flags & MSG_DONTWAIT) || ilv_green_is_non_blocking(fd))) {
			return done > 0 ? (ssize_t)done : -1;
		}

		if (sent < 0 &&
		    !ilv_green_wait_ready(fd, ILV_WAIT_REASON_WRITE,
					  ilv_green_socket_timeout_ns(fd, SO_SNDTIMEO))) {
			return done > 0 ? (ssize_t)done : -1;
		}
	}
}

/* Of pipes and terminals; files, which are always ready, fail in no new way. */
static ssize_t green_read(int fd, void *buffer, size_t length)
{
	const int saved_errno = errno;

	for (;;) {
		const int flags = ilv_green_push_non_blocking(fd);
		ssize_t got = -1;

		if (flags < 0) {
			return __real_read(fd, buffer, length);
		}

		got = __real_read(fd, buffer, length);
		ilv_green_pop_non_blocking(fd, flags);
		if (got >= 0) {
			errno = saved_errno;
			return got;
		}

		if (errno != EAGAIN ||
		    !ilv_green_wait_ready(fd, ILV_WAIT_REASON_READ, ILV_GREEN_NEVER_NS)) {
			return -1;
		}
	}
}

static ssize_t green_write(int fd, const void *buffer, size_t length)
{
	const int saved_errno = errno;
	size_t done = 0;

	for (;;) {
		const int flags = ilv_green_push_non_blocking(fd);
		ssize_t written = -1;

		if (flags < 0) {
			return __real_write(fd, buffer, length);
		}

		written = __real_write(fd, (const char *)buffer + done, length - done);
		ilv_green_pop_non_blocking(fd, flags);
		done += written > 0 ? (size_t)written : 0;
		if (written >= 0 && done == length) {
			errno = saved_errno;
			return (ssize_t)done;
		}

		if (written < 0 &&
		    (errno != EAGAIN ||
		     !ilv_green_wait_ready(fd, ILV_WAIT_REASON_WRITE, ILV_GREEN_NEVER_NS))) {
			return done > 0 ? (ssize_t)done : -1;
		}
	}
}

static int green_accept(int fd, struct sockaddr *address, socklen_t *length, int accept_flags)
{
	const int saved_errno = errno;

	for (;;) {
		const int flags = ilv_green_push_non_blocking(fd);
		int accepted = -1;

		if (flags < 0) {
			return __real_accept4(fd, address, length, accept_flags);
		}

		accepted = __real_accept4(fd, address, length, accept_flags);
		ilv_green_pop_non_blocking(fd, flags);
		if (accepted >= 0) {
			errno = saved_errno;
			return accepted;
		}

		if (errno != EAGAIN ||
		    !ilv_green_wait_ready(fd, ILV_WAIT_REASON_READ,
					  ilv_green_socket_timeout_ns(fd, SO_RCVTIMEO))) {
			return -1;
		}
	}
}

/* As connect() does, with EINPROGRESS or EAGAIN where that would block; the descriptor blocks. */
static int connect_now(int fd, const struct sockaddr *address, socklen_t length, int flags)
{
	const int error = fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
					  __real_connect(fd, address, length) == 0
				  ? 0
				  : errno;

	ilv_green_pop_non_blocking(fd, flags);

	return error;
}

static int green_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	const int saved_errno = errno;
	const int flags = fcntl(fd, F_GETFL);
	socklen_t error_size = sizeof(int);
	int64_t deadline_ns = 0;
	int error = 0;

	if (flags < 0 || (flags & O_NONBLOCK)) {
		return __real_connect(fd, address, length);
	}

	deadline_ns = ilv_green_deadline_ns(ilv_green_socket_timeout_ns(fd, SO_SNDTIMEO));
	error = connect_now(fd, address, length, flags);
	/* The backlog of a Unix socket is full, and nothing says when it has room. */
	while (error == EAGAIN && address->sa_family == AF_UNIX &&
	       ilv_green_left_ns(deadline_ns) != 0) {
		error = ilv_green_wait_a_moment() ? connect_now(fd, address, length, flags)
						  : ilv_green_cut_off();
	}

	if (error == EINPROGRESS) {
		if (!ilv_green_wait_ready(fd, ILV_WAIT_REASON_WRITE,
					  ilv_green_socket_timeout_ns(fd, SO_SNDTIMEO))) {
			/* libc says so when a connection takes longer than SO_SNDTIMEO. */
			errno = errno == EAGAIN ? EINPROGRESS : errno;
			return -1;
		}

		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) != 0) {
			error = errno;
		}
	}

	errno = error == 0 ? saved_errno : error;

	return error == 0 ? 0 : -1;
}

/* Of a file, which is always ready, to what may not be. */
static ssize_t green_sendfile(int to, int from, off_t *offset, size_t length)
{
	const int saved_errno = errno;
	size_t done = 0;

	for (;;) {
		const int flags = ilv_green_push_non_blocking(to);
		ssize_t sent = -1;

		if (flags < 0) {
			return __real_sendfile(to, from, offset, length);
		}

		sent = __real_sendfile(to, from, offset, length - done);
		ilv_green_pop_non_blocking(to, flags);
		done += sent > 0 ? (size_t)sent : 0;
		if (sent == 0 || done == length) {
			errno = saved_errno;
			return (ssize_t)done;
		}

		if (sent < 0 &&
		    (errno != EAGAIN ||
		     !ilv_green_wait_ready(to, ILV_WAIT_REASON_WRITE,
					   ilv_green_socket_timeout_ns(to, SO_SNDTIMEO)))) {
			return done > 0 ? (ssize_t)done : -1;
		}
	}
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

	/* A socket gives no bytes at once, where recv would wait for some. */
	if (!ilv_green_is_here() || length == 0) {
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

ssize_t __wrap_sendfile(int to, int from, off_t *offset, size_t length)
{
	return ilv_green_is_here() ? green_sendfile(to, from, offset, length)
				   : __real_sendfile(to, from, offset, length);
}

int __wrap_close(int fd)
{
	if (ilv_green_is_here()) {
		ilv_loop_forget_fd(fd);
	}

	return __real_close(fd);
}
