/* SPDX-License-Identifier: MIT */
/*
 * Description: the server's process: HTTP/1.1 on 127.0.0.1, any number of connections at once, each
 * kept alive. It answers a request when its service time has passed, as a database or a distant
 * machine would; while it waits it uses no CPU, so what the trace shows of the run is the clients'
 * doing.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <uv.h>

#include <interleave/trace.h>

#include "workloads/database_server.h"
#include "workloads/server.h"
#include "workloads/site.h"

#define HEAD_MAX     4096
#define BACKLOG      4096
#define ARGUMENT_MAX 5

struct connection {
	uv_tcp_t tcp; /* first: a connection is its handle */
	uv_timer_t service;
	uv_write_t write;
	char head[HEAD_MAX + 1]; /* what came and is not yet answered */
	size_t head_length;
	char *answer;
	size_t answer_length;
	bool is_serving;
	bool is_closing_after; /* asked to, or the request was not understood: answer, then close */
	unsigned int open_handle_count;
};

static struct {
	uv_loop_t loop;
	uv_tcp_t listener;
	uv_signal_t terminate;
	uv_poll_t lifeline;
	uint64_t service_ms;
} server;

static void serve_next(struct connection *connection);

static void forget_handle(uv_handle_t *handle)
{
	struct connection *connection = handle->data;

	if (--connection->open_handle_count == 0) {
		free(connection->answer);
		free(connection);
	}
}

static void close_connection(struct connection *connection)
{
	if (!uv_is_closing((uv_handle_t *)&connection->tcp)) {
		uv_close((uv_handle_t *)&connection->tcp, forget_handle);
		uv_close((uv_handle_t *)&connection->service, forget_handle);
	}
}

static void close_any(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (uv_is_closing(handle)) {
		return;
	}

	if (handle->data) {
		close_connection(handle->data);
	} else {
		uv_close(handle, NULL);
	}
}

static void leave(void)
{
	uv_walk(&server.loop, close_any, NULL);
}

static void answer_written(uv_write_t *write, int status)
{
	struct connection *connection = write->data;

	free(connection->answer);
	connection->answer = NULL;
	connection->is_serving = false;
	if (status != 0 || connection->is_closing_after) {
		close_connection(connection);
		return;
	}

	serve_next(connection);
}

static void service_over(uv_timer_t *timer)
{
	struct connection *connection = timer->data;
	uv_buf_t buffer = uv_buf_init(connection->answer, (unsigned int)connection->answer_length);

	connection->write.data = connection;
	if (uv_write(&connection->write, (uv_stream_t *)&connection->tcp, &buffer, 1,
		     answer_written) != 0) {
		close_connection(connection);
	}
}

enum page_kind { PAGE_KIND_UNKNOWN, PAGE_KIND_NUMBERS, PAGE_KIND_SITE };

/* What a request line asks for. */
struct page {
	enum page_kind kind;
	unsigned long long seed;
	size_t body_length; /* of numbers */
	unsigned int page_count;
	unsigned int number; /* of a page of the site */
};

static struct page understand(const char *head)
{
	struct page page = {0};

	if (sscanf(head, "GET /numbers/%llu/%zu HTTP/1.1\r\n", &page.seed, &page.body_length) ==
		    2 &&
	    page.body_length <= ILV_SERVER_BODY_MAX) {
		page.kind = PAGE_KIND_NUMBERS;
	} else if (sscanf(head, "GET /site/%llu/%u/%u HTTP/1.1\r\n", &page.seed, &page.page_count,
			  &page.number) == 3 &&
		   page.page_count <= ILV_SITE_PAGE_MAX && page.number < page.page_count) {
		page.kind = PAGE_KIND_SITE;
	}

	return page;
}

/* Makes the answer to the request `head`; false when there is no memory. */
static bool make_answer(struct connection *connection, const char *head)
{
	static char html[ILV_SITE_PAGE_BYTES]; /* One thread answers. */
	const struct page page = understand(head);
	size_t body_length = 0;
	int head_length = 0;
	char answer_head[160];

	if (page.kind == PAGE_KIND_NUMBERS) {
		body_length = page.body_length;
	} else if (page.kind == PAGE_KIND_SITE) {
		body_length = ilv_site_write(page.seed, page.page_count, page.number, html);
	}

	connection->is_closing_after =
		page.kind == PAGE_KIND_UNKNOWN || strstr(head, "\r\nConnection: close\r\n");
	head_length = snprintf(answer_head, sizeof(answer_head),
			       "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: "
			       "%zu\r\nConnection: %s\r\n\r\n",
			       page.kind == PAGE_KIND_UNKNOWN ? "404 Not Found" : "200 OK",
			       page.kind == PAGE_KIND_SITE ? "text/html" : "text/plain",
			       body_length, connection->is_closing_after ? "close" : "keep-alive");
	connection->answer = malloc((size_t)head_length + body_length);
	if (!connection->answer) {
		return false;
	}

	memcpy(connection->answer, answer_head, (size_t)head_length);
	if (page.kind == PAGE_KIND_NUMBERS) {
		ilv_server_fill_body(page.seed, connection->answer + head_length, body_length);
	} else {
		memcpy(connection->answer + head_length, html, body_length);
	}

	connection->answer_length = (size_t)head_length + body_length;

	return true;
}

/* Begins to serve the first whole request that came, if there is one. */
static void serve_next(struct connection *connection)
{
	char *end = strstr(connection->head, "\r\n\r\n");
	size_t request_length = 0;

	if (!end) {
		if (connection->head_length == HEAD_MAX) {
			close_connection(connection); /* Larger than any request that we know. */
		}

		return;
	}

	if (!make_answer(connection, connection->head)) {
		close_connection(connection);
		return;
	}

	request_length = (size_t)(end - connection->head) + strlen("\r\n\r\n");
	connection->head_length -= request_length;
	memmove(connection->head, connection->head + request_length, connection->head_length + 1);
	connection->is_serving = true;
	/* A loop that was kept from its CPU has an old time, from which the answer would come
	 * early. */
	uv_update_time(&server.loop);
	(void)uv_timer_start(&connection->service, service_over, server.service_ms, 0);
}

static void offer_buffer(uv_handle_t *handle, size_t suggested_size, uv_buf_t *buffer)
{
	struct connection *connection = handle->data;

	(void)suggested_size;
	*buffer = uv_buf_init(connection->head + connection->head_length,
			      (unsigned int)(HEAD_MAX - connection->head_length));
}

static void request_came(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct connection *connection = stream->data;

	(void)buffer;
	if (length < 0) {
		close_connection(connection);
		return;
	}

	connection->head_length += (size_t)length;
	connection->head[connection->head_length] = '\0';
	if (!connection->is_serving) {
		serve_next(connection);
	}
}

static void client_came(uv_stream_t *listener, int status)
{
	struct connection *connection = NULL;

	if (status != 0) {
		return;
	}

	connection = calloc(1, sizeof(*connection));
	if (!connection) {
		return;
	}

	(void)uv_tcp_init(&server.loop, &connection->tcp);
	(void)uv_timer_init(&server.loop, &connection->service);
	connection->tcp.data = connection;
	connection->service.data = connection;
	connection->open_handle_count = 2;
	if (uv_accept(listener, (uv_stream_t *)&connection->tcp) != 0 ||
	    uv_read_start((uv_stream_t *)&connection->tcp, offer_buffer, request_came) != 0) {
		close_connection(connection);
		return;
	}

	(void)uv_tcp_nodelay(&connection->tcp, 1);
}

static void terminated(uv_signal_t *handle, int number)
{
	(void)handle;
	(void)number;
	leave();
}

static void lifeline_closed(uv_poll_t *handle, int status, int events)
{
	(void)handle;
	(void)status;
	(void)events;
	leave();
}

/* Listens and says on `port_fd` where. */
static bool listen_and_tell(int port_fd)
{
	struct sockaddr_in address;
	int address_length = sizeof(address);
	char text[16];
	int length = 0;

	(void)uv_ip4_addr("127.0.0.1", 0, &address);
	if (uv_tcp_bind(&server.listener, (const struct sockaddr *)&address, 0) != 0 ||
	    uv_listen((uv_stream_t *)&server.listener, BACKLOG, client_came) != 0 ||
	    uv_tcp_getsockname(&server.listener, (struct sockaddr *)&address, &address_length) !=
		    0) {
		return false;
	}

	length = snprintf(text, sizeof(text), "%u\n", (unsigned int)ntohs(address.sin_port));

	return write(port_fd, text, (size_t)length) == length;
}

int ilv_server_main(int argument_count, char **arguments)
{
	bool is_listening = false;

	if (argument_count > 1 && strcmp(arguments[1], ILV_DATABASE_COMMAND) == 0) {
		return ilv_database_server_main(argument_count - 1, arguments + 1);
	}

	/* Only ever started by ilv_server_start(). */
	if (argument_count != ARGUMENT_MAX) {
		fprintf(stderr, "interleave-workload: %s is for the program's own use\n",
			ILV_SERVER_COMMAND);
		return 2;
	}

	ilv_trace_process_start(getppid(), "http-server", ILV_ROLE_SERVER, ilv_trace_now_ns());
	ilv_trace_thread_announce(ilv_trace_tid(), "http-server", ILV_ROLE_SERVER);
	(void)prctl(PR_SET_NAME, "http-server");
	/* A parent that is killed takes the server along; one that is gone already is not our
	 * parent any more. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != (pid_t)atol(arguments[4])) {
		return 1;
	}

	server.service_ms = strtoull(arguments[1], NULL, 10);
	(void)uv_loop_init(&server.loop);
	(void)uv_tcp_init(&server.loop, &server.listener);
	(void)uv_signal_init(&server.loop, &server.terminate);
	(void)uv_signal_start(&server.terminate, terminated, SIGTERM);
	(void)uv_poll_init(&server.loop, &server.lifeline, atoi(arguments[3]));
	(void)uv_poll_start(&server.lifeline, UV_READABLE, lifeline_closed);

	is_listening = listen_and_tell(atoi(arguments[2]));
	(void)close(atoi(arguments[2]));
	if (!is_listening) {
		leave();
	}

	(void)uv_run(&server.loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&server.loop);

	return is_listening ? 0 : 1;
}
