/* SPDX-License-Identifier: MIT */
/*
 * Description: job `blocking-request`: asks an HTTP server as `request` does, but with plain libc
 * calls on a plain blocking socket; it knows nothing of loops. Under `threads` each thread blocks
 * in its own call and the waits lie side by side. Under `event-loop` the trace shows one task after
 * the other sit on the loop's thread, which is blocked in recv, while all others are ready; under
 * `green` the same calls switch by themselves, and the waits lie side by side again. Under `gil`
 * the thread keeps the GIL while it is blocked, as C code does that was not written for one, and
 * all others wait for it; CPython's own socket calls give it up, as `request` does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/http_client.h"
#include "workloads/random.h"
#include "workloads/server.h"
#include "workloads/workload.h"

#define KIB        ((size_t)1024)
#define HEAD_ROOM  ((size_t)512) /* more than the head of any answer of our server */
#define HEAD_END   "\r\n\r\n"
#define HEAD_OK    "HTTP/1.1 200 "
#define LOOK_UP_MS 100
#define LOOK_UP_US (LOOK_UP_MS * 1000)

enum option { OPTION_REQUESTS, OPTION_SERVICE_MS, OPTION_BODY_KIB };

static const struct ilv_option options[] = {
	[OPTION_REQUESTS] = {"requests", "requests that each job makes", 3, 1, 1000000},
	[OPTION_SERVICE_MS] = {"service-ms", "how long the server takes to answer", 20, 0, 600000},
	[OPTION_BODY_KIB] = {"body-kib", "size of an answer", 16, 1, 16384},
	{0},
};

struct blocking_requester {
	uint16_t port;
	int64_t request_count;
	size_t body_length;
	uint64_t seed; /* of its first answer */
};

/* A blocking socket, whose calls return now and then, so that a run that is to end does. */
static int open_connection(uint16_t port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct timeval look_up = {.tv_usec = LOOK_UP_US};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int connected = -1;

	if (fd < 0) {
		ilv_cause_add("Cannot open a socket: error=\"%s\"", strerror(errno));
		return -1;
	}

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &look_up, sizeof(look_up));
	ilv_trace_wait_begin(ILV_WAIT_REASON_WRITE, (uint64_t)fd);
	connected = connect(fd, (const struct sockaddr *)&address, sizeof(address));
	ilv_trace_wait_end(ILV_WAIT_REASON_WRITE, (uint64_t)fd);
	if (connected != 0) {
		ilv_http_explain_refusal(port, errno);
		(void)close(fd);
		return -1;
	}

	return fd;
}

/* One recv, which waits for as long as it takes, behind the first `length` bytes. */
static enum ilv_status receive(const struct blocking_requester *requester, int fd, char *buffer,
			       size_t length, size_t *received)
{
	enum ilv_status status = ILV_STATUS_OK;
	ssize_t got = -1;

	do {
		ilv_trace_wait_begin(ILV_WAIT_REASON_READ, (uint64_t)fd);
		got = recv(fd, buffer + length, HEAD_ROOM + requester->body_length - 1 - length, 0);
		ilv_trace_wait_end(ILV_WAIT_REASON_READ, (uint64_t)fd);
		if (got < 0 && errno != EAGAIN && errno != EINTR) {
			ilv_http_explain_end(requester->port, length);
			return ILV_STATUS_IO;
		}

		status = ilv_tick();
	} while (got < 0 && status == ILV_STATUS_OK);

	if (status == ILV_STATUS_OK && got == 0) {
		ilv_http_explain_end(requester->port, length);
		return ILV_STATUS_IO;
	}

	*received = got > 0 ? (size_t)got : 0;

	return status;
}

/* Receives one answer into `buffer`, which has room for it, with a NUL after it; `*body` points to
 * its body. */
static enum ilv_status receive_answer(const struct blocking_requester *requester, int fd,
				      char *buffer, const char **body)
{
	size_t length = 0;

	*body = NULL;
	while (!*body || length < (size_t)(*body - buffer) + requester->body_length) {
		size_t received = 0;
		enum ilv_status status = receive(requester, fd, buffer, length, &received);

		if (status < 0) {
			return status;
		}

		length += received;
		buffer[length] = '\0';
		if (!*body) {
			char *head_end = strstr(buffer, HEAD_END);

			*body = head_end ? head_end + strlen(HEAD_END) : NULL;
		}
	}

	if (strncmp(buffer, HEAD_OK, strlen(HEAD_OK)) != 0) {
		ilv_cause_add("the server answered \"%.40s\"", buffer);
		return ILV_STATUS_IO;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status request_once(const struct blocking_requester *requester, int fd,
				    uint64_t seed, char *buffer, uint64_t *checksum)
{
	char request[128];
	const char *body = NULL;
	const int length = snprintf(request, sizeof(request),
				    "GET /numbers/%llu/%zu HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
				    (unsigned long long)seed, requester->body_length);
	enum ilv_status status = ILV_STATUS_OK;

	/* Shorter than any socket's buffer: a blocking socket takes it whole. */
	if (send(fd, request, (size_t)length, MSG_NOSIGNAL) != length) {
		ilv_http_explain_end(requester->port, 0);
		return ILV_STATUS_IO;
	}

	status = receive_answer(requester, fd, buffer, &body);
	if (status == ILV_STATUS_OK) {
		*checksum = ilv_checksum_add_bytes(*checksum, body, requester->body_length);
	}

	return status;
}

static enum ilv_status blocking_request_job(void *argument, struct ilv_result *result)
{
	const struct blocking_requester *requester = argument;
	enum ilv_status status = ILV_STATUS_MEMORY;
	uint64_t checksum = ILV_CHECKSUM_EMPTY;
	int fd = -1;
	char *buffer = malloc(HEAD_ROOM + requester->body_length);

	if (!buffer) {
		ilv_cause_add("Cannot make room for answers: size=%zu", requester->body_length);
		goto end;
	}

	/* On a loop its turn may come late, when the run is to end. */
	status = ilv_tick();
	if (status == ILV_STATUS_OK) {
		fd = open_connection(requester->port);
		status = fd >= 0 ? ILV_STATUS_OK : ILV_STATUS_IO;
	}

	for (int64_t number = 0; number < requester->request_count && status == ILV_STATUS_OK;
	     number++) {
		status = request_once(requester, fd, requester->seed + (uint64_t)number, buffer,
				      &checksum);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_result_append(result, &checksum, sizeof(checksum));
	}

end:
	if (fd >= 0) {
		(void)close(fd);
	}

	free(buffer);

	return status;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	return ilv_server_start(run->values[OPTION_SERVICE_MS], run->state);
}

static void plan(const struct ilv_run *run, int64_t index, void *argument)
{
	const struct ilv_server *server = run->state;

	*(struct blocking_requester *)argument = (struct blocking_requester){
		.port = server->port,
		.request_count = run->values[OPTION_REQUESTS],
		.body_length = (size_t)run->values[OPTION_BODY_KIB] * KIB,
		.seed = ilv_random_stream((uint64_t)run->seed, (uint64_t)index),
	};
}

static void cleanup(struct ilv_run *run)
{
	ilv_server_stop(run->state);
}

const struct ilv_workload ilv_workload_blocking_request = {
	.name = "blocking-request",
	.description = "asks a server with plain blocking calls: stalls a loop, and not green",
	.shows = "A task that blocks in recv takes the loop's thread with it: on a plain loop one "
		 "job waits after the other, and all others stand ready. Under green the same call "
		 "gives way (green ring), and the waits lie side by side again. Under gil who "
		 "blocks keeps the GIL, as C code does that does not release it, and all others "
		 "wait for it; CPython's own socket calls give it up, and job request shows that.",
	.job_noun = "jobs",
	.default_job_count = 6,
	.max_job_count = 10000,
	.options = options,
	.job = blocking_request_job,
	.argument_size = sizeof(struct blocking_requester),
	.plan = plan,
	.has_flat_arguments = true,
	.state_size = sizeof(struct ilv_server),
	.prepare = prepare,
	.cleanup = cleanup,
};
