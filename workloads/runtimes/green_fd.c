/* SPDX-License-Identifier: MIT */
/* Description: a descriptor that blocks, tried without blocking. */
#include "workloads/runtimes/green_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "workloads/runtimes/green.h"
#include "workloads/runtimes/loop.h"

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_US INT64_C(1000)

bool ilv_green_wait_ready(int fd, enum ilv_wait_reason reason, int64_t timeout_ns)
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
		errno = ilv_green_cut_off();
		return false;
	case ILV_STATUS_IO: /* It was closed meanwhile. */
		errno = EBADF;
		return false;
	default:
		errno = ENOBUFS;
		return false;
	}
}

bool ilv_green_is_non_blocking(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & O_NONBLOCK);
}

int64_t ilv_green_socket_timeout_ns(int fd, int option)
{
	struct timeval limit = {0};
	socklen_t size = sizeof(limit);

	if (getsockopt(fd, SOL_SOCKET, option, &limit, &size) != 0 ||
	    (limit.tv_sec == 0 && limit.tv_usec == 0)) {
		return ILV_GREEN_NEVER_NS;
	}

	return limit.tv_sec * NS_PER_S + limit.tv_usec * NS_PER_US;
}

bool ilv_green_is_stream(int fd)
{
	int type = 0;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

int ilv_green_push_non_blocking(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_NONBLOCK) || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
		return -1;
	}

	return flags;
}

void ilv_green_pop_non_blocking(int fd, int flags)
{
	const int saved_errno = errno;

	(void)fcntl(fd, F_SETFL, flags);
	errno = saved_errno;
}
