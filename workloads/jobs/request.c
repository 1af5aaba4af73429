/* SPDX-License-Identifier: MIT */
/*
 * Description: job `request`: asks an HTTP server for numbers, waits, and works on each answer.
 * Most of the time it waits for the server, so one thread with an event loop serves all jobs as
 * fast as a thread for each; the trace shows the waits side by side and short slices of work
 * between them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cause.h"
#include "workloads/random.h"
#include "workloads/server.h"
#include "workloads/workload.h"

#define KIB       ((size_t)1024)
#define HEAD_ROOM ((size_t)512) /* more than the head of any answer of our server */
#define HEAD_END  "\r\n\r\n"
#define STATUS_OK "HTTP/1.1 200 "

enum option { OPTION_REQUESTS, OPTION_SERVICE_MS, OPTION_BODY_KIB, OPTION_PASSES };

static const struct ilv_option options[] = {
	[OPTION_REQUESTS] = {"requests", "requests that each job makes", 3, 1, 1000000},
	[OPTION_SERVICE_MS] = {"service-ms", "how long the server takes to answer", 20, 0, 600000},
	[OPTION_BODY_KIB] = {"body-kib", "size of an answer", 64, 1, 16384},
	[OPTION_PASSES] = {"passes", "how often a job goes through an answer", 15, 1, 1000000},
	{0},
};

struct requester {
	uint16_t port;
	int64_t request_count;
	int64_t pass_count;
	size_t body_length;
	uint64_t seed; /* of its first answer */
};

/* How many descriptors a process may have here: ours, and the server's, which inherited it. */
static unsigned long long descriptor_limit(void)
{
	struct rlimit limit = {0};

	(void)getrlimit(RLIMIT_NOFILE, &limit);

	return (unsigned long long)limit.rlim_cur;
}

static enum ilv_status connect_to(uint16_t port, int *connected_fd)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	enum ilv_status status = ILV_STATUS_IO;
	int error = 0;
	socklen_t error_size = sizeof(error);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		ilv_cause_add(
			"Cannot open a socket: error=\"%s\", descriptors allowed (ulimit -n): %llu",
			strerror(errno), descriptor_limit());
		return ILV_STATUS_IO;
	}

	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		if (errno != EINPROGRESS) {
			ilv_cause_add("Cannot connect: port=%u, errno=%d", port, errno);
			goto end;
		}

		status = ilv_await_fd(fd, ILV_WAIT_REASON_WRITE);
		if (status < 0) {
			goto end;
		}

		(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size);
		if (error != 0) {
			ilv_cause_add("Cannot connect: port=%u, errno=%d", port, error);
			status = ILV_STATUS_IO;
			goto end;
		}
	}

	*connected_fd = fd;
	fd = -1;
	status = ILV_STATUS_OK;

end:
	if (fd >= 0) {
		(void)close(fd);
	}

	return status;
}

static enum ilv_status send_all(int fd, const char *bytes, size_t length)
{
	enum ilv_status status = ILV_STATUS_OK;

	while (length > 0 && status == ILV_STATUS_OK) {
		const ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

		if (sent >= 0) {
			bytes += sent;
			length -= (size_t)sent;
		} else if (errno == EAGAIN) {
			status = ilv_await_fd(fd, ILV_WAIT_REASON_WRITE);
		} else {
			ilv_cause_add("Cannot send request: errno=%d", errno);
			status = ILV_STATUS_IO;
		}
	}

	return status;
}

/*
 * Receives one answer into `buffer`, and a NUL after it. `*body` points to its body, which has the
 * length that was asked for, or the answer is refused.
 */
static enum ilv_status receive_answer(int fd, char *buffer, size_t capacity, size_t body_length,
				      const char **body)
{
	size_t length = 0;

	*body = NULL;
	while (!*body || length < (size_t)(*body - buffer) + body_length) {
		const ssize_t received = recv(fd, buffer + length, capacity - 1 - length, 0);

		if (received < 0 && errno == EAGAIN) {
			enum ilv_status status = ilv_await_fd(fd, ILV_WAIT_REASON_READ);

			if (status < 0) {
				return status;
			}

			continue;
		}

		if (received <= 0) {
			ilv_cause_add(
				"the server closed the connection after %zu bytes of an answer; "
				"descriptors allowed (ulimit -n): %llu",
				length, descriptor_limit());
			return ILV_STATUS_IO;
		}

		length += (size_t)received;
		buffer[length] = '\0';
		if (!*body) {
			char *head_end = strstr(buffer, HEAD_END);

			*body = head_end ? head_end + strlen(HEAD_END) : NULL;
		}
	}

	if (strncmp(buffer, STATUS_OK, strlen(STATUS_OK)) != 0) {
		ilv_cause_add("the server answered \"%.40s\"", buffer);
		return ILV_STATUS_IO;
	}

	return ILV_STATUS_OK;
}

/* Reads the numbers of a body as one does with text from a network: digit by digit. */
static uint64_t digest(const char *body, size_t length, int64_t pass)
{
	uint64_t checksum = ilv_checksum_add(ILV_CHECKSUM_EMPTY, (uint64_t)pass);
	uint64_t number = 0;

	for (size_t index = 0; index < length; index++) {
		if (body[index] == '\n') {
			checksum = ilv_checksum_add(checksum, number);
			number = 0;
		} else {
			number = number * 10 + (uint64_t)(body[index] - '0');
		}
	}

	return checksum;
}

static enum ilv_status work_on(const struct requester *requester, const char *body,
			       uint64_t *checksum)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (int64_t pass = 0; pass < requester->pass_count && status == ILV_STATUS_OK; pass++) {
		*checksum = ilv_checksum_add(*checksum, digest(body, requester->body_length, pass));
		status = ilv_tick();
	}

	return status;
}

static enum ilv_status request_once(const struct requester *requester, int fd, uint64_t seed,
				    char *buffer, char *expected, uint64_t *checksum)
{
	char request[128];
	const char *body = NULL;
	enum ilv_status status = ILV_STATUS_OK;
	const int length = snprintf(request, sizeof(request),
				    "GET /numbers/%llu/%zu HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
				    (unsigned long long)seed, requester->body_length);

	status = send_all(fd, request, (size_t)length);
	if (status < 0) {
		return status;
	}

	status = receive_answer(fd, buffer, HEAD_ROOM + requester->body_length,
				requester->body_length, &body);
	if (status < 0) {
		return status;
	}

	ilv_server_fill_body(seed, expected, requester->body_length);
	if (memcmp(body, expected, requester->body_length) != 0) {
		ilv_cause_add("the answer for %llu is not what was asked for",
			      (unsigned long long)seed);
		return ILV_STATUS_ERROR;
	}

	return work_on(requester, body, checksum);
}

static enum ilv_status request_job(void *argument, struct ilv_result *result)
{
	const struct requester *requester = argument;
	const size_t capacity = HEAD_ROOM + requester->body_length;
	enum ilv_status status = ILV_STATUS_MEMORY;
	uint64_t checksum = ILV_CHECKSUM_EMPTY;
	int fd = -1;
	char *buffer = malloc(capacity + requester->body_length);

	if (!buffer) {
		ilv_cause_add("Cannot make room for answers: size=%zu", capacity);
		goto end;
	}

	status = connect_to(requester->port, &fd);
	for (int64_t number = 0; number < requester->request_count && status == ILV_STATUS_OK;
	     number++) {
		status = request_once(requester, fd, requester->seed + (uint64_t)number, buffer,
				      buffer + capacity, &checksum);
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
	struct rlimit limit;
	struct ilv_server *server = calloc(1, sizeof(*server));

	if (!server) {
		ilv_cause_add("Cannot prepare requests");
		return ILV_STATUS_MEMORY;
	}

	run->state = server;
	/* A descriptor for each job, here and in the server, which inherits the limit. */
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}

	return ilv_server_start(run->values[OPTION_SERVICE_MS], server);
}

static enum ilv_status run(struct ilv_run *run)
{
	const struct ilv_server *server = run->state;
	enum ilv_status status = ILV_STATUS_MEMORY;
	struct requester *jobs = calloc((size_t)run->job_count, sizeof(*jobs));

	if (!jobs) {
		ilv_cause_add("Cannot plan jobs: count=%lld", (long long)run->job_count);
		goto end;
	}

	for (int64_t index = 0; index < run->job_count; index++) {
		jobs[index] = (struct requester){
			.port = server->port,
			.request_count = run->values[OPTION_REQUESTS],
			.pass_count = run->values[OPTION_PASSES],
			.body_length = (size_t)run->values[OPTION_BODY_KIB] * KIB,
			.seed = ilv_random_stream((uint64_t)run->seed, (uint64_t)index),
		};
	}

	status = ilv_run_jobs(run, request_job, jobs, sizeof(*jobs));

end:
	free(jobs);

	return status;
}

static void cleanup(struct ilv_run *run)
{
	if (run->state) {
		ilv_server_stop(run->state);
		free(run->state);
		run->state = NULL;
	}
}

const struct ilv_workload ilv_workload_request = {
	.name = "request",
	.description = "asks a server and works on its answers: waits most, computes a little",
	.job_noun = "jobs",
	.default_job_count = 6,
	.max_job_count = 100000,
	.options = options,
	.prepare = prepare,
	.run = run,
	.cleanup = cleanup,
};
