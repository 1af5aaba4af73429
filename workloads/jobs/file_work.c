/* SPDX-License-Identifier: MIT */
/* Description: blocking calls on one file, each as something that a runtime can hand to a thread.
 */
#include "workloads/jobs/file_work.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cause.h"
#include "workloads/random.h"
#include "workloads/runtime.h"

/* What a call works with, and what came of it. */
struct file_call {
	const struct ilv_file_work *work;
	int fd;
	unsigned char *bytes;
	size_t length;
	off_t offset;
	int error; /* 0: it did what it should */
};

static void open_file(void *argument)
{
	struct file_call *call = argument;
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/job-%lld", call->work->folder,
		       (long long)call->work->index);
	call->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	call->error = call->fd < 0 || unlink(path) != 0 ? errno : 0;
}

static void write_block(void *argument)
{
	struct file_call *call = argument;
	size_t done = 0;

	call->error = 0;
	while (done < call->length && call->error == 0) {
		const ssize_t written = pwrite(call->fd, call->bytes + done, call->length - done,
					       call->offset + (off_t)done);

		if (written >= 0) {
			done += (size_t)written;
		} else if (errno != EINTR) {
			call->error = errno;
		}
	}
}

static void sync_file(void *argument)
{
	struct file_call *call = argument;

	call->error = fsync(call->fd) == 0 ? 0 : errno;
	/* What is on the disk need not stay in memory: the reads are to be reads. */
	(void)posix_fadvise(call->fd, 0, 0, POSIX_FADV_DONTNEED);
}

static void read_block(void *argument)
{
	struct file_call *call = argument;
	size_t done = 0;

	call->error = 0;
	while (done < call->length && call->error == 0) {
		const ssize_t received = pread(call->fd, call->bytes + done, call->length - done,
					       call->offset + (off_t)done);

		if (received > 0) {
			done += (size_t)received;
		} else if (received == 0) {
			call->error = ENODATA; /* The file is shorter than what was written. */
		} else if (errno != EINTR) {
			call->error = errno;
		}
	}
}

static enum ilv_status await(ilv_blocking_call function, struct file_call *call, const char *what,
			     enum ilv_wait_reason reason)
{
	enum ilv_status status = ilv_await_call(function, call, reason, (uint64_t)call->fd);

	if (status == ILV_STATUS_OK && call->error != 0) {
		ilv_cause_add("Cannot %s a file in \"%s\": error=\"%s\"", what, call->work->folder,
			      strerror(call->error));
		status = ILV_STATUS_IO;
	}

	return status;
}

static void fill(unsigned char *bytes, size_t length, uint64_t *random)
{
	for (size_t index = 0; index < length; index += sizeof(uint64_t)) {
		uint64_t number = ilv_random_next(random);

		/* Byte by byte, lowest first: the same on every machine. */
		for (size_t byte = index; byte < length && byte < index + sizeof(number); byte++) {
			bytes[byte] = (unsigned char)number;
			number >>= 8;
		}
	}
}

static void set_block(struct file_call *call, size_t offset)
{
	const size_t left = call->work->file_bytes - offset;

	call->offset = (off_t)offset;
	call->length = left < call->work->block_bytes ? left : call->work->block_bytes;
}

static enum ilv_status write_and_read(struct file_call *call, uint64_t seed, uint64_t *checksum)
{
	const struct ilv_file_work *work = call->work;
	enum ilv_status status = ILV_STATUS_OK;
	uint64_t random = seed;
	uint64_t sent = ILV_CHECKSUM_EMPTY;
	uint64_t received = ILV_CHECKSUM_EMPTY;

	for (size_t offset = 0; offset < work->file_bytes && status == ILV_STATUS_OK;
	     offset += work->block_bytes) {
		set_block(call, offset);
		fill(call->bytes, call->length, &random);
		sent = ilv_checksum_add_bytes(sent, call->bytes, call->length);
		status = ilv_tick();
		if (status == ILV_STATUS_OK) {
			status = await(write_block, call, "write", ILV_WAIT_REASON_WRITE);
		}
	}

	if (status == ILV_STATUS_OK) {
		status = await(sync_file, call, "synchronise", ILV_WAIT_REASON_WRITE);
	}

	for (size_t offset = 0; offset < work->file_bytes && status == ILV_STATUS_OK;
	     offset += work->block_bytes) {
		set_block(call, offset);
		status = await(read_block, call, "read", ILV_WAIT_REASON_READ);
		if (status == ILV_STATUS_OK) {
			received = ilv_checksum_add_bytes(received, call->bytes, call->length);
			status = ilv_tick();
		}
	}

	if (status == ILV_STATUS_OK && received != sent) {
		ilv_cause_add("a file in \"%s\" does not hold what was written to it",
			      work->folder);
		status = ILV_STATUS_IO;
	}

	*checksum = ilv_checksum_add(*checksum, received);

	return status;
}

enum ilv_status ilv_file_work(const struct ilv_file_work *work, uint64_t *checksum)
{
	enum ilv_status status = ILV_STATUS_MEMORY;
	struct file_call call = {.work = work, .fd = -1, .bytes = malloc(work->block_bytes)};

	if (!call.bytes) {
		ilv_cause_add("Cannot make a block: size=%zu", work->block_bytes);
		goto end;
	}

	status = await(open_file, &call, "open", ILV_WAIT_REASON_WRITE);
	for (int64_t round = 0; round < work->round_count && status == ILV_STATUS_OK; round++) {
		status = write_and_read(&call, work->seed + (uint64_t)round, checksum);
	}

end:
	if (call.fd >= 0) {
		(void)close(call.fd);
	}

	free(call.bytes);

	return status;
}
