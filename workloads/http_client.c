/* SPDX-License-Identifier: MIT */
/* Description: a small HTTP/1.1 client on non-blocking sockets: GET, and answers that say their
 * length. */
#include "workloads/http_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cause.h"
#include "workloads/runtime.h"
#include "workloads/server.h"

#define FIRST_CAPACITY ((size_t)1024) /* more than the head of any answer of our server */
#define HEAD_END       "\r\n\r\n"
#define STATUS_OK      "HTTP/1.1 200 "
#define LENGTH_FIELD   "\r\nContent-Length: "
#define KNOCK_MS       100
#define KNOCK_COUNT    10
#define KNOCK_PAUSE_MS 10
#define GONE_WORDS     "the HTTP server of the run is gone: it ended, or was killed"

/* Where connections go: a run has one server. */
static atomic_uint server_port;

void ilv_http_raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* How many descriptors a process may have here: ours, and the server's, which inherited it. */
static unsigned long long descriptor_limit(void)
{
	struct rlimit limit = {0};

	(void)getrlimit(RLIMIT_NOFILE, &limit);

	return (unsigned long long)limit.rlim_cur;
}

static struct sockaddr_in address_of(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

/* Whether nobody listens at `port`: its server has ended. One that has no descriptor to spare
 * listens still. */
static bool is_deserted(uint16_t port)
{
	const struct sockaddr_in address = address_of(port);
	struct pollfd knock = {
		.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
		.events = POLLOUT,
	};
	int error = 0;
	socklen_t error_size = sizeof(error);

	if (knock.fd < 0) {
		return false;
	}

	if (connect(knock.fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		error = errno;
		if (error == EINPROGRESS && poll(&knock, 1, KNOCK_MS) > 0) {
			(void)getsockopt(knock.fd, SOL_SOCKET, SO_ERROR, &error, &error_size);
		}
	}

	(void)close(knock.fd);

	return error == ECONNREFUSED;
}

/*
 * Whether the server has ended, or is about to. The kernel closes what a dying process has open one
 * after the other, and the door last: who comes in between waits for that. Tasks of a loop come one
 * after the other, and need not all wait for a server that goes on.
 */
static bool has_ended(uint16_t port)
{
	static atomic_bool has_waited;
	bool is_gone = is_deserted(port);

	for (int try = 0; !is_gone && try < KNOCK_COUNT && !atomic_load(&has_waited); try++) {
		(void)poll(NULL, 0, KNOCK_PAUSE_MS);
		is_gone = is_deserted(port);
	}

	atomic_store(&has_waited, true);
	return is_gone;
}

void ilv_http_explain_refusal(uint16_t port, int error)
{
	if (error == ECONNREFUSED || (error == ECONNRESET && has_ended(port))) {
		ilv_cause_add(GONE_WORDS);
	} else {
		ilv_cause_add("Cannot connect: port=%u, error=\"%s\"", port, strerror(error));
	}
}

void ilv_http_explain_end(uint16_t port, size_t length)
{
	if (has_ended(port)) {
		ilv_cause_add(GONE_WORDS);
	} else {
		ilv_cause_add("the server closed the connection after %zu bytes of an answer; "
			      "descriptors allowed (ulimit -n): %llu",
			      length, descriptor_limit());
	}
}

enum ilv_status ilv_http_connect(uint16_t port, int *connected_fd)
{
	const struct sockaddr_in address = address_of(port);
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

	atomic_store_explicit(&server_port, port, memory_order_relaxed);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		if (errno != EINPROGRESS) {
			ilv_http_explain_refusal(port, errno);
			goto end;
		}

		status = ilv_await_fd(fd, ILV_WAIT_REASON_WRITE);
		if (status < 0) {
			goto end;
		}

		(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size);
		if (error != 0) {
			ilv_http_explain_refusal(port, error);
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
			ilv_http_explain_end((uint16_t)atomic_load(&server_port), 0);
			status = ILV_STATUS_IO;
		}
	}

	return status;
}

/* Receives something, and puts a NUL after it. */
static enum ilv_status receive_some(int fd, struct ilv_http_answer *answer, size_t *length)
{
	ssize_t received = 0;

	while ((received = recv(fd, answer->bytes + *length, answer->capacity - 1 - *length, 0)) <
		       0 &&
	       errno == EAGAIN) {
		enum ilv_status status = ilv_await_fd(fd, ILV_WAIT_REASON_READ);

		if (status < 0) {
			return status;
		}
	}

	if (received <= 0) {
		ilv_http_explain_end((uint16_t)atomic_load(&server_port), *length);
		return ILV_STATUS_IO;
	}

	*length += (size_t)received;
	answer->bytes[*length] = '\0';

	return ILV_STATUS_OK;
}

static enum ilv_status make_room(struct ilv_http_answer *answer, size_t capacity)
{
	char *grown = NULL;

	if (capacity <= answer->capacity) {
		return ILV_STATUS_OK;
	}

	grown = realloc(answer->bytes, capacity);
	if (!grown) {
		ilv_cause_add("Cannot make room for an answer: size=%zu", capacity);
		return ILV_STATUS_MEMORY;
	}

	answer->bytes = grown;
	answer->capacity = capacity;

	return ILV_STATUS_OK;
}

/* Receives until the head of the answer is there, and reads from it how long the body will be. */
static enum ilv_status receive_head(int fd, struct ilv_http_answer *answer, size_t *length,
				    size_t *head_length)
{
	enum ilv_status status = make_room(answer, FIRST_CAPACITY);
	const char *field = NULL;
	char *end = NULL;

	while (status == ILV_STATUS_OK && !end) {
		if (*length == answer->capacity - 1) {
			ilv_cause_add("the server's answer has no head");
			return ILV_STATUS_IO;
		}

		status = receive_some(fd, answer, length);
		end = status == ILV_STATUS_OK ? strstr(answer->bytes, HEAD_END) : NULL;
	}

	if (status < 0) {
		return status;
	}

	if (strncmp(answer->bytes, STATUS_OK, strlen(STATUS_OK)) != 0) {
		ilv_cause_add("the server answered \"%.40s\"", answer->bytes);
		return ILV_STATUS_IO;
	}

	field = strstr(answer->bytes, LENGTH_FIELD);
	if (!field || field > end) {
		ilv_cause_add("the server did not say how long its answer is");
		return ILV_STATUS_IO;
	}

	answer->body_length = strtoul(field + strlen(LENGTH_FIELD), NULL, 10);
	*head_length = (size_t)(end - answer->bytes) + strlen(HEAD_END);
	if (answer->body_length > ILV_SERVER_BODY_MAX) {
		ilv_cause_add("the server's answer is too long: %zu bytes", answer->body_length);
		return ILV_STATUS_IO;
	}

	return make_room(answer, *head_length + answer->body_length + 1);
}

enum ilv_status ilv_http_get(int fd, const char *path, bool keeps_alive,
			     struct ilv_http_answer *answer)
{
	char request[256];
	size_t length = 0;
	size_t head_length = 0;
	enum ilv_status status = ILV_STATUS_OK;
	const int request_length =
		snprintf(request, sizeof(request),
			 "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: %s\r\n\r\n", path,
			 keeps_alive ? "keep-alive" : "close");

	if (request_length < 0 || (size_t)request_length >= sizeof(request)) {
		ilv_cause_add("Cannot ask for a path this long: length=%zu", strlen(path));
		return ILV_STATUS_ERROR;
	}

	status = send_all(fd, request, (size_t)request_length);
	if (status == ILV_STATUS_OK) {
		status = receive_head(fd, answer, &length, &head_length);
	}

	while (status == ILV_STATUS_OK && length < head_length + answer->body_length) {
		status = receive_some(fd, answer, &length);
	}

	answer->body = status == ILV_STATUS_OK ? answer->bytes + head_length : NULL;

	return status;
}

void ilv_http_answer_fini(struct ilv_http_answer *answer)
{
	free(answer->bytes);
	*answer = (struct ilv_http_answer){0};
}
