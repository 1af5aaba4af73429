/* SPDX-License-Identifier: MIT */
/* Description: jobs and answers to bytes, and back. */
#include "workloads/runtimes/process_wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
#include "workloads/truth.h"

#define RECEIVE_SIZE ((size_t)65536)

/* Functions are named by their distance from this one. */
static uintptr_t origin(void)
{
	return (uintptr_t)&ilv_wire_put_job;
}

enum ilv_status ilv_wire_put_job(struct ilv_result *bytes, uint64_t number,
				 const struct ilv_handle *handle)
{
	struct ilv_wire_job job = {
		.number = number,
		.function_offset = (uintptr_t)handle->function - origin(),
		.argument = handle->argument,
		.argument_size = handle->argument_size,
	};
	const size_t length_before = bytes->length;
	enum ilv_status status = ILV_STATUS_OK;

	memcpy(job.name, handle->name, sizeof(job.name));
	status = ilv_result_append(bytes, &job, sizeof(job));
	if (status == ILV_STATUS_OK) {
		status = ilv_result_append(bytes, handle->argument, handle->argument_size);
	}

	if (status < 0) {
		bytes->length = length_before;
	}

	return status;
}

enum ilv_status ilv_wire_take_job(const struct ilv_result *bytes, struct ilv_handle *handle,
				  uint64_t *number, void **argument, size_t *length)
{
	struct ilv_wire_job job;

	*argument = NULL;
	if (bytes->length < sizeof(job)) {
		return ILV_STATUS_AGAIN;
	}

	memcpy(&job, bytes->bytes, sizeof(job));
	if (bytes->length - sizeof(job) < job.argument_size) {
		return ILV_STATUS_AGAIN;
	}

	if (job.argument_size > 0) {
		*argument = malloc(job.argument_size);
		if (!*argument) {
			ilv_cause_add("Cannot keep a job's argument: size=%llu",
				      (unsigned long long)job.argument_size);
			return ILV_STATUS_MEMORY;
		}

		memcpy(*argument, bytes->bytes + sizeof(job), job.argument_size);
	}

	/* An address is put together as a number. NOLINTNEXTLINE(performance-no-int-to-ptr) */
	handle->function = (ilv_job_function)(origin() + (uintptr_t)job.function_offset);
	handle->argument = *argument ? *argument : job.argument;
	handle->argument_size = job.argument_size;
	memcpy(handle->name, job.name, sizeof(handle->name));
	*number = job.number;
	*length = sizeof(job) + job.argument_size;

	return ILV_STATUS_OK;
}

enum ilv_status ilv_wire_put_answer(struct ilv_result *bytes, uint64_t number,
				    const struct ilv_handle *handle, bool is_last)
{
	struct ilv_wire_answer answer = {
		.number = number,
		.status = handle->status,
		.cause_length = handle->cause ? strlen(handle->cause) : 0,
		.result_length = handle->result.length,
	};
	const struct ilv_truth_thread *truths = NULL;
	size_t truth_count = 0;
	enum ilv_status status = ILV_STATUS_OK;

	if (is_last) {
		truths = ilv_truth_threads(&truth_count);
	}

	answer.truth_count = truth_count;

	status = ilv_result_append(bytes, &answer, sizeof(answer));
	if (status == ILV_STATUS_OK) {
		status = ilv_result_append(bytes, handle->cause, answer.cause_length);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_result_append(bytes, handle->result.bytes, handle->result.length);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_result_append(bytes, truths, truth_count * sizeof(*truths));
	}

	return status;
}

enum ilv_status ilv_wire_look(const struct ilv_result *bytes, struct ilv_wire_answer *answer,
			      size_t *length)
{
	if (bytes->length < sizeof(*answer)) {
		return ILV_STATUS_AGAIN;
	}

	memcpy(answer, bytes->bytes, sizeof(*answer));
	*length = sizeof(*answer) + answer->cause_length + answer->result_length +
		  answer->truth_count * sizeof(struct ilv_truth_thread);

	return bytes->length < *length ? ILV_STATUS_AGAIN : ILV_STATUS_OK;
}

enum ilv_status ilv_wire_keep(const struct ilv_result *bytes, const struct ilv_wire_answer *answer,
			      struct ilv_handle *handle)
{
	const unsigned char *cause = bytes->bytes + sizeof(*answer);
	const unsigned char *result = cause + answer->cause_length;
	const unsigned char *truths = result + answer->result_length;

	for (uint64_t index = 0; index < answer->truth_count; index++) {
		struct ilv_truth_thread truth;

		memcpy(&truth, truths + index * sizeof(truth), sizeof(truth));
		ilv_truth_add_thread(&truth);
	}

	handle->status = (enum ilv_status)answer->status;
	if (answer->cause_length > 0) {
		handle->cause = strndup((const char *)cause, answer->cause_length);
	}

	return ilv_result_append(&handle->result, result, answer->result_length);
}

void ilv_wire_drop(struct ilv_result *bytes, size_t length)
{
	bytes->length -= length;
	memmove(bytes->bytes, bytes->bytes + length, bytes->length);
}

enum ilv_status ilv_wire_receive(int fd, struct ilv_result *bytes)
{
	unsigned char received[RECEIVE_SIZE];
	ssize_t length = 0;

	do {
		length = recv(fd, received, sizeof(received), 0);
	} while (length < 0 && errno == EINTR);

	if (length > 0) {
		return ilv_result_append(bytes, received, (size_t)length);
	}

	return length < 0 && errno == EAGAIN ? ILV_STATUS_AGAIN : ILV_STATUS_END;
}

static void wait_until_writable(int fd)
{
	struct pollfd descriptor = {.fd = fd, .events = POLLOUT};

	ilv_trace_wait_begin(ILV_WAIT_REASON_WRITE, (uint64_t)fd);
	ilv_rusage_wait_begin();
	(void)poll(&descriptor, 1, -1);
	ilv_rusage_wait_end();
	ilv_trace_wait_end(ILV_WAIT_REASON_WRITE, (uint64_t)fd);
}

enum ilv_status ilv_wire_send(int fd, const struct ilv_result *bytes)
{
	size_t at = 0;

	while (at < bytes->length) {
		const ssize_t sent = send(fd, bytes->bytes + at, bytes->length - at,
					  MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent >= 0) {
			at += (size_t)sent;
		} else if (errno == EAGAIN) {
			wait_until_writable(fd);
		} else if (errno != EINTR) {
			ilv_cause_add("Cannot send to a process: errno=%d", errno);
			return ILV_STATUS_IO;
		}
	}

	return ILV_STATUS_OK;
}
