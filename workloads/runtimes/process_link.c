/* SPDX-License-Identifier: MIT */
/* Description: forks, feeds, dismisses and buries a worker process. */
#include "workloads/runtimes/process_link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/runtimes/process_child.h"
#include "workloads/runtimes/refusal.h"

void ilv_process_link_init(struct ilv_process_link *link, size_t number)
{
	*link = (struct ilv_process_link){.fd = -1};
	(void)snprintf(link->name, sizeof(link->name), "worker %zu", number);
}

enum ilv_status ilv_process_link_fork(struct ilv_process_link *link, int *worker_fd)
{
	enum ilv_status status = ILV_STATUS_OK;
	int ends[2] = {-1, -1};

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		ilv_refusal_explain("process", errno);
		return ILV_STATUS_ERROR;
	}

	status = ilv_process_fork(link->name, ILV_ROLE_POOL, &link->pid);
	if (status == ILV_STATUS_OK && link->pid == 0) {
		(void)close(ends[0]);
		*worker_fd = ends[1];
		return ILV_STATUS_OK;
	}

	(void)close(ends[1]);
	if (status < 0) {
		(void)close(ends[0]);
		link->pid = 0;
		return status;
	}

	link->fd = ends[0];
	(void)fcntl(link->fd, F_SETFL, O_NONBLOCK);

	return ILV_STATUS_OK;
}

void ilv_process_link_flush(struct ilv_process_link *link)
{
	while (link->to_send.length > 0) {
		const ssize_t sent =
			send(link->fd, link->to_send.bytes, link->to_send.length, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR) {
			return; /* Full; or gone, which reading from it tells. */
		}

		if (sent > 0) {
			ilv_wire_drop(&link->to_send, (size_t)sent);
		}
	}
}

/* The end of `link`, whose process is gone. */
static void close_link(struct ilv_process_link *link)
{
	(void)close(link->fd);
	link->fd = -1;
	link->pid = 0;
}

char *ilv_process_link_bury(struct ilv_process_link *link, const char *job_name)
{
	const pid_t pid = link->pid;
	char end[64];
	char *cause = NULL;

	close_link(link);
	(void)kill(pid, SIGKILL); /* One that only closed its socket is of no use either. */
	(void)ilv_process_spell_end(ilv_process_wait(pid), end, sizeof(end));
	if (asprintf(&cause, "the pool is broken: %s (process %d) %s, at \"%s\"", link->name,
		     (int)pid, end, job_name ? job_name : "no job") < 0) {
		return NULL;
	}

	return cause;
}

/* Keeps what it says with its good-bye. */
static void take_good_bye(struct ilv_process_link *link)
{
	struct ilv_wire_answer answer;
	size_t length = 0;

	while (ilv_wire_look(&link->received, &answer, &length) == ILV_STATUS_OK) {
		struct ilv_handle nobody = {0};

		if (ilv_wire_keep(&link->received, &answer, &nobody) < 0) {
			ilv_cause_clear(); /* It has no result that anybody would miss. */
		}

		ilv_result_fini(&nobody.result);
		free(nobody.cause);
		ilv_wire_drop(&link->received, length);
	}
}

void ilv_process_link_dismiss(struct ilv_process_link *link)
{
	struct pollfd descriptor = {.fd = link->fd, .events = POLLIN};
	enum ilv_status status = ILV_STATUS_AGAIN;

	ilv_trace_process_wait_begin(link->pid);
	(void)shutdown(link->fd, SHUT_WR);
	while (status == ILV_STATUS_AGAIN || status == ILV_STATUS_OK) {
		if (status == ILV_STATUS_AGAIN &&
		    poll(&descriptor, 1, ILV_PROCESS_LINK_KILL_AFTER_MS) == 0) {
			(void)kill(link->pid, SIGKILL);
		}

		status = ilv_wire_receive(link->fd, &link->received);
		take_good_bye(link);
	}

	(void)ilv_process_finish_wait(link->pid);
	close_link(link);
}

void ilv_process_link_fini(struct ilv_process_link *link)
{
	ilv_result_fini(&link->to_send);
	ilv_result_fini(&link->received);
}
