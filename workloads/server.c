/* SPDX-License-Identifier: MIT */
/* Description: the run's side of its server: starts it, learns its port, and ends it. */
#include "workloads/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/random.h"
#include "workloads/runtimes/process_child.h"
#include "workloads/stop.h"

#define START_TIMEOUT_MS 10000
#define NUMBER_LENGTH    7 /* digits of each number in a body; a newline follows */
#define NUMBER_MODULUS   10000000

void ilv_server_fill_body(uint64_t seed, char *body, size_t length)
{
	uint64_t random = ilv_random_stream(seed, 0);
	size_t at = 0;

	while (length - at > NUMBER_LENGTH) {
		uint64_t number = ilv_random_next(&random) % NUMBER_MODULUS;

		for (size_t digit = NUMBER_LENGTH; digit > 0; digit--) {
			body[at + digit - 1] = (char)('0' + number % 10);
			number /= 10;
		}

		body[at + NUMBER_LENGTH] = '\n';
		at += NUMBER_LENGTH + 1;
	}

	memset(body + at, '\n', length - at);
}

/* Spawns this program as server, with `port_fd` to say its port on and `lifeline_fd` to live by. */
static enum ilv_status spawn_server(int64_t service_ms, int port_fd, int lifeline_fd, pid_t *pid)
{
	enum ilv_status status = ILV_STATUS_OK;
	char service_text[32];
	char port_fd_text[16];
	char lifeline_fd_text[16];
	char parent_text[16];
	char *arguments[] = {"interleave-workload", ILV_SERVER_COMMAND, service_text, port_fd_text,
			     lifeline_fd_text,      parent_text,        NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error = 0;

	(void)snprintf(service_text, sizeof(service_text), "%lld", (long long)service_ms);
	(void)snprintf(port_fd_text, sizeof(port_fd_text), "%d", port_fd);
	(void)snprintf(lifeline_fd_text, sizeof(lifeline_fd_text), "%d", lifeline_fd);
	(void)snprintf(parent_text, sizeof(parent_text), "%d", (int)getpid());

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attributes);
	/* A descriptor duplicated onto itself is one that survives the exec. */
	(void)posix_spawn_file_actions_adddup2(&actions, port_fd, port_fd);
	(void)posix_spawn_file_actions_adddup2(&actions, lifeline_fd, lifeline_fd);
	/* In a group of its own a Ctrl-C at the terminal ends the run, and the run its server. */
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	(void)posix_spawnattr_setpgroup(&attributes, 0);

	error = posix_spawn(pid, "/proc/self/exe", &actions, &attributes, arguments, environ);
	if (error != 0) {
		ilv_cause_add("Cannot spawn the server's process: errno=%d", error);
		status = ILV_STATUS_ERROR;
	} else {
		ilv_trace_process_spawn(*pid, ILV_SPAWN_METHOD_SPAWN);
	}

	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);

	return status;
}

/* Waits for the one line that the server says once it listens. */
static enum ilv_status read_port(int fd, uint16_t *port)
{
	struct pollfd descriptors[2] = {
		{.fd = fd, .events = POLLIN},
		{.fd = ilv_stop_fd(), .events = POLLIN},
	};
	char text[16] = "";
	unsigned long number = 0;
	int ready_count = 0;

	do {
		ready_count = poll(descriptors, 2, START_TIMEOUT_MS);
	} while (ready_count < 0 && errno == EINTR && !ilv_stop_is_requested());

	if (ilv_stop_is_requested()) {
		return ILV_STATUS_INTERRUPTED;
	}

	if (ready_count > 0 && read(fd, text, sizeof(text) - 1) > 0) {
		number = strtoul(text, NULL, 10);
	}

	if (number == 0 || number > UINT16_MAX) {
		ilv_cause_add("the server %s", ready_count == 0
						       ? "did not say in time where it listens"
						       : "ended before it listened");
		return ILV_STATUS_ERROR;
	}

	*port = (uint16_t)number;

	return ILV_STATUS_OK;
}

static void close_if_open(int fd)
{
	if (fd >= 0) {
		(void)close(fd);
	}
}

enum ilv_status ilv_server_start(int64_t service_ms, struct ilv_server *server)
{
	enum ilv_status status = ILV_STATUS_ERROR;
	int port_pipe[2] = {-1, -1};
	int lifeline[2] = {-1, -1};

	*server = (struct ilv_server){.lifeline_fd = -1};
	if (pipe2(port_pipe, O_CLOEXEC) != 0 || pipe2(lifeline, O_CLOEXEC) != 0) {
		ilv_cause_add("Cannot open a pipe: errno=%d", errno);
		goto end;
	}

	status = spawn_server(service_ms, port_pipe[1], lifeline[0], &server->pid);
	if (status < 0) {
		goto end;
	}

	server->lifeline_fd = lifeline[1];
	lifeline[1] = -1;
	/* With our end closed, a server that dies before it says its port is noticed. */
	(void)close(port_pipe[1]);
	port_pipe[1] = -1;
	status = read_port(port_pipe[0], &server->port);

end:
	close_if_open(port_pipe[0]);
	close_if_open(port_pipe[1]);
	close_if_open(lifeline[0]);
	close_if_open(lifeline[1]);
	if (status < 0) {
		ilv_cause_add("Cannot start the HTTP server");
		ilv_server_stop(server);
	}

	return status;
}

void ilv_server_stop(struct ilv_server *server)
{
	if (server->pid <= 0) {
		return;
	}

	close_if_open(server->lifeline_fd);
	(void)ilv_process_wait(server->pid);
	*server = (struct ilv_server){.lifeline_fd = -1};
}
