/* SPDX-License-Identifier: MIT */
/*
 * Description: what libc's calls on several pieces of memory at once, and on messages, become for a
 * task of `green`: as green_io.c has it for one piece. A blocking send ends when all is sent, and
 * MSG_WAITALL when all is there, so these go through the pieces as they are done.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "workloads/runtimes/green.h"
#include "workloads/runtimes/green_fd.h"
#include "workloads/runtimes/wrapped.h"

/* What is left of somebody's pieces of memory. */
struct pieces {
	struct iovec *all; /* a copy, for it changes */
	struct iovec *left;
	size_t left_count;
};

static bool pieces_init(struct pieces *pieces, const struct iovec *vector, size_t count)
{
	*pieces = (struct pieces){.all = calloc(count + 1, sizeof(*vector)), .left_count = count};
	if (!pieces->all) {
		errno = ENOMEM;
		return false;
	}

	if (count > 0) {
		memcpy(pieces->all, vector, count * sizeof(*vector));
	}

	pieces->left = pieces->all;

	return true;
}

/* Leaves out the first `length` bytes, and all pieces that are empty then. */
static void pieces_drop(struct pieces *pieces, size_t length)
{
	while (pieces->left_count > 0 && length >= pieces->left->iov_len) {
		length -= pieces->left->iov_len;
		pieces->left++;
		pieces->left_count--;
	}

	if (pieces->left_count > 0) {
		pieces->left->iov_base = (char *)pieces->left->iov_base + length;
		pieces->left->iov_len -= length;
	}
}

/* One transfer on a descriptor or a socket, which does not block. */
struct transfer {
	ssize_t (*try_now)(int fd, struct msghdr *message, int flags);
	int timeout_option;
	enum ilv_wait_reason reason;
	bool is_whole; /* it ends when all of it is done */
};

/* Tries, waits, and tries again, until something is done, or all. */
static ssize_t transfer_all(const struct transfer *transfer, int fd, struct msghdr *message,
			    int flags)
{
	const int saved_errno = errno;
	struct msghdr left = *message;
	struct pieces pieces;
	ssize_t done = 0;

	if (!pieces_init(&pieces, message->msg_iov, message->msg_iovlen)) {
		return -1;
	}

	for (;;) {
		ssize_t moved = 0;

		left.msg_iov = pieces.left;
		left.msg_iovlen = pieces.left_count;
		moved = transfer->try_now(fd, &left, flags);
		if (moved >= 0) {
			done += moved;
			pieces_drop(&pieces, (size_t)moved);
			if (!transfer->is_whole || moved == 0 || pieces.left_count == 0) {
				errno = saved_errno;
				break;
			}

			left.msg_control = NULL; /* What goes with the message has gone. */
			left.msg_controllen = 0;
			continue;
		}

		if (errno != EAGAIN || (flags & MSG_DONTWAIT) || ilv_green_is_non_blocking(fd) ||
		    !ilv_green_wait_ready(
			    fd, transfer->reason,
			    ilv_green_socket_timeout_ns(fd, transfer->timeout_option))) {
			done = done > 0 ? done : -1;
			break;
		}
	}

	if (done >= 0) {
		message->msg_namelen = left.msg_namelen;
		message->msg_controllen =
			left.msg_control ? left.msg_controllen : message->msg_controllen;
		message->msg_flags = left.msg_flags;
	}

	free(pieces.all);

	return done;
}

static ssize_t receive_now(int fd, struct msghdr *message, int flags)
{
	return __real_recvmsg(fd, message, flags | MSG_DONTWAIT);
}

static ssize_t send_now(int fd, struct msghdr *message, int flags)
{
	return __real_sendmsg(fd, message, flags | MSG_DONTWAIT);
}

static ssize_t receive(int fd, struct msghdr *message, int flags)
{
	const struct transfer transfer = {
		.try_now = receive_now,
		.timeout_option = SO_RCVTIMEO,
		.reason = ILV_WAIT_REASON_READ,
		.is_whole = (flags & MSG_WAITALL) && !(flags & MSG_PEEK) && ilv_green_is_stream(fd),
	};

	return transfer_all(&transfer, fd, message, flags);
}

static ssize_t transmit(int fd, const struct msghdr *message, int flags)
{
	const struct transfer transfer = {
		.try_now = send_now,
		.timeout_option = SO_SNDTIMEO,
		.reason = ILV_WAIT_REASON_WRITE,
		.is_whole = ilv_green_is_stream(fd),
	};
	struct msghdr copy = *message;

	return transfer_all(&transfer, fd, &copy, flags);
}

/* Of what is no socket; -1 with EAGAIN where the call would block. */
static ssize_t read_now(int fd, struct msghdr *message, int flags)
{
	const int fd_flags = ilv_green_push_non_blocking(fd);
	const ssize_t got = __real_readv(fd, message->msg_iov, (int)message->msg_iovlen);

	(void)flags;
	if (fd_flags >= 0) {
		ilv_green_pop_non_blocking(fd, fd_flags);
	}

	return got;
}

static ssize_t write_now(int fd, struct msghdr *message, int flags)
{
	const int fd_flags = ilv_green_push_non_blocking(fd);
	const ssize_t written = __real_writev(fd, message->msg_iov, (int)message->msg_iovlen);

	(void)flags;
	if (fd_flags >= 0) {
		ilv_green_pop_non_blocking(fd, fd_flags);
	}

	return written;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
	return ilv_green_is_here() ? receive(fd, message, flags)
				   : __real_recvmsg(fd, message, flags);
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	return ilv_green_is_here() ? transmit(fd, message, flags)
				   : __real_sendmsg(fd, message, flags);
}

ssize_t __wrap_recvfrom(int fd, void *buffer, size_t length, int flags, struct sockaddr *address,
			socklen_t *address_length)
{
	struct iovec vector = {.iov_base = buffer, .iov_len = length};
	struct msghdr message = {
		.msg_name = address,
		.msg_namelen = address && address_length ? *address_length : 0,
		.msg_iov = &vector,
		.msg_iovlen = 1,
	};
	ssize_t got = 0;

	if (!ilv_green_is_here()) {
		return __real_recvfrom(fd, buffer, length, flags, address, address_length);
	}

	got = receive(fd, &message, flags);
	if (got >= 0 && address && address_length) {
		*address_length = message.msg_namelen;
	}

	return got;
}

ssize_t __wrap_sendto(int fd, const void *buffer, size_t length, int flags,
		      const struct sockaddr *address, socklen_t address_length)
{
	struct iovec vector = {.iov_base = (void *)buffer, .iov_len = length};
	const struct msghdr message = {
		.msg_name = (void *)address,
		.msg_namelen = address_length,
		.msg_iov = &vector,
		.msg_iovlen = 1,
	};

	return ilv_green_is_here()
		       ? transmit(fd, &message, flags)
		       : __real_sendto(fd, buffer, length, flags, address, address_length);
}

ssize_t __wrap_readv(int fd, const struct iovec *vector, int count)
{
	static const struct transfer transfer = {
		.try_now = read_now,
		.timeout_option = SO_RCVTIMEO,
		.reason = ILV_WAIT_REASON_READ,
	};
	struct msghdr message = {
		.msg_iov = (struct iovec *)vector,
		.msg_iovlen = (size_t)count,
	};

	return ilv_green_is_here() && count >= 0 && count <= IOV_MAX
		       ? transfer_all(&transfer, fd, &message, 0)
		       : __real_readv(fd, vector, count);
}

ssize_t __wrap_writev(int fd, const struct iovec *vector, int count)
{
	static const struct transfer transfer = {
		.try_now = write_now,
		.timeout_option = SO_SNDTIMEO,
		.reason = ILV_WAIT_REASON_WRITE,
		.is_whole = true,
	};
	struct msghdr message = {
		.msg_iov = (struct iovec *)vector,
		.msg_iovlen = (size_t)count,
	};

	return ilv_green_is_here() && count >= 0 && count <= IOV_MAX
		       ? transfer_all(&transfer, fd, &message, 0)
		       : __real_writev(fd, vector, count);
}
