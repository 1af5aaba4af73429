/* SPDX-License-Identifier: MIT */
/*
 * Description: runtime `processes`: a process for each job, with memory of its own. What the job
 * hands back comes through a socket, as bytes, with its status and its cause; what it changes in
 * memory is lost with it. The trace shows a lane of its own for each process, how long it took to
 * get there, and the parent that waits for each.
 *
 * --start-method says how it is made. `fork` copies the parent, so the job finds all that there was
 * at that moment. `spawn` starts this program anew, which finds nothing: function and argument are
 * sent to it, which only works for an argument without pointers.
 */
#include "workloads/runtimes/processes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utlist.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
#include "workloads/runtimes/blocking.h"
#include "workloads/runtimes/process_child.h"
#include "workloads/runtimes/process_wire.h"
#include "workloads/runtimes/refusal.h"
#include "workloads/stop.h"
#include "workloads/truth.h"

#define KILL_AFTER_MS      3000 /* longer than a child that is asked to end may take */
#define JOB_ARGUMENT_COUNT 3

static const char *const start_methods[] = {"fork", "spawn", NULL};

static const struct ilv_option runtime_options[] = {
	{"start-method", "how processes are made: fork, or spawn this program anew",
	 .kind = ILV_OPTION_KIND_CHOICE, .choices = start_methods},
	{0},
};

struct process_handle {
	struct ilv_handle base;
	pid_t pid;
	int fd; /* our end of the socket; -1: the other one is closed */
	struct ilv_result answer;
	struct process_handle *next;
	struct process_handle *prev;
};

/* A process has one thread that spawns and joins, its main thread: nothing here is shared. */
static struct {
	enum ilv_start_method start_method;
	struct process_handle *children; /* not yet joined */
	size_t child_count;
	struct pollfd *descriptors; /* room for one a child, and one for the stop */
	size_t descriptor_capacity;
	bool are_asked_to_end;
	char *broken; /* which child died without a result, and how; NULL: none */
} processes;

static enum ilv_status start(const struct ilv_runtime_options *options)
{
	struct rlimit limit;

	processes.start_method = (enum ilv_start_method)options->values[0];
	processes.are_asked_to_end = false;
	/* Each child takes a descriptor. */
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}

	return ILV_STATUS_OK;
}

/* Does the job of `handle`, a child's whole life, and sends what came of it. */
static enum ilv_status do_job(struct ilv_handle *handle, int fd)
{
	struct ilv_result answer = {0};
	struct ilv_truth_thread truth;
	enum ilv_status status = ILV_STATUS_OK;

	ilv_truth_clear();
	ilv_truth_thread_begin(&truth, ILV_ROLE_JOB, handle->name);
	ilv_trace_process_memory();
	ilv_handle_execute(handle);
	ilv_truth_thread_end(&truth);

	status = ilv_wire_put_answer(&answer, 0, handle, true);
	if (status == ILV_STATUS_OK) {
		status = ilv_wire_send(fd, &answer);
	}

	ilv_result_fini(&answer);

	return status < 0 ? status : handle->status;
}

/* Closes what a fork brought along that is its parent's: an open copy here of the other end of a
 * socket would hide the death of whoever has it. */
static void forget_siblings(void)
{
	struct process_handle *sibling = NULL;

	DL_FOREACH (processes.children, sibling) {
		if (sibling->fd >= 0) {
			(void)close(sibling->fd);
		}
	}

	processes.children = NULL;
	processes.child_count = 0;
	processes.are_asked_to_end = false;
}

/* The socket of this process to its own parent; -1: it is the run's first. Its children close it.
 */
static int parent_fd = -1;

static enum ilv_status fork_job(struct process_handle *handle, int child_fd)
{
	enum ilv_status status = ilv_process_fork(handle->base.name, ILV_ROLE_JOB, &handle->pid);

	if (status < 0 || handle->pid > 0) {
		return status;
	}

	forget_siblings();
	(void)close(handle->fd);
	if (parent_fd >= 0) {
		(void)close(parent_fd);
	}

	parent_fd = child_fd;
	status = do_job(&handle->base, child_fd);
	ilv_trace_process_exit(ilv_process_exit_status(status));
	_exit(ilv_process_exit_status(status));
}

static enum ilv_status start_program(pid_t *pid, int child_fd)
{
	char fd_text[16];
	char parent_text[16];
	char *arguments[] = {"interleave-workload", ILV_JOB_COMMAND, fd_text, parent_text, NULL};
	posix_spawn_file_actions_t actions;
	int error = 0;

	(void)snprintf(fd_text, sizeof(fd_text), "%d", child_fd);
	(void)snprintf(parent_text, sizeof(parent_text), "%d", (int)getpid());
	(void)posix_spawn_file_actions_init(&actions);
	/* A descriptor duplicated onto itself is one that survives the exec. */
	(void)posix_spawn_file_actions_adddup2(&actions, child_fd, child_fd);
	error = posix_spawn(pid, "/proc/self/exe", &actions, NULL, arguments, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (error != 0) {
		ilv_refusal_explain("process", error);
		return ILV_STATUS_ERROR;
	}

	ilv_trace_process_spawn(*pid, ILV_SPAWN_METHOD_SPAWN);

	return ILV_STATUS_OK;
}

static enum ilv_status spawn_job(struct process_handle *handle, int child_fd)
{
	struct ilv_result job = {0};
	enum ilv_status status = ILV_STATUS_UNSUPPORTED;

	if (handle->base.argument_size == 0) {
		ilv_cause_add("its argument is known by address alone, which means nothing to a "
			      "new program: --start-method fork can run it");
		return status;
	}

	status = ilv_wire_put_job(&job, 0, &handle->base);
	if (status == ILV_STATUS_OK) {
		status = start_program(&handle->pid, child_fd);
	}

	if (status == ILV_STATUS_OK && ilv_wire_send(handle->fd, &job) < 0) {
		/* It is gone already; how, the join will say. */
		ilv_cause_clear();
	}

	ilv_result_fini(&job);

	return status;
}

static enum ilv_status make_room_for_one_more(void)
{
	const size_t needed = processes.child_count + 2;
	struct pollfd *grown = NULL;

	if (needed <= processes.descriptor_capacity) {
		return ILV_STATUS_OK;
	}

	grown = realloc(processes.descriptors, 2 * needed * sizeof(*grown));
	if (!grown) {
		ilv_cause_add("Cannot keep one more process: count=%zu", processes.child_count);
		return ILV_STATUS_MEMORY;
	}

	processes.descriptors = grown;
	processes.descriptor_capacity = 2 * needed;

	return ILV_STATUS_OK;
}

static enum ilv_status spawn(struct ilv_handle *base)
{
	struct process_handle *handle = (struct process_handle *)base;
	enum ilv_status status = ILV_STATUS_OK;
	int ends[2] = {-1, -1};

	if (ilv_stop_is_requested()) {
		return ILV_STATUS_INTERRUPTED;
	}

	status = make_room_for_one_more();
	if (status < 0) {
		return status;
	}

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		ilv_refusal_explain("process", errno);
		return ILV_STATUS_ERROR;
	}

	handle->fd = ends[0];
	status = processes.start_method == ILV_START_METHOD_FORK ? fork_job(handle, ends[1])
								 : spawn_job(handle, ends[1]);
	(void)close(ends[1]);
	if (status < 0) {
		(void)close(handle->fd);
		return status;
	}

	DL_APPEND(processes.children, handle);
	processes.child_count++;

	return ILV_STATUS_OK;
}

static void ask_all_to_end(void)
{
	struct process_handle *child = NULL;

	if (processes.are_asked_to_end) {
		return;
	}

	processes.are_asked_to_end = true;
	DL_FOREACH (processes.children, child) {
		ilv_process_ask(child->pid);
	}
}

/* Puts into words how `child` ended that has no result: the run's end is its doing. */
static void blame(const struct process_handle *child)
{
	siginfo_t info = {0};
	char end[64];
	int wait_status = -1;

	/* It is on its way out, or of no use; it stays to be waited for by its join. */
	(void)kill(child->pid, SIGKILL);
	if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT) == 0) {
		wait_status = info.si_code == CLD_EXITED ? W_EXITCODE(info.si_status, 0)
							 : W_EXITCODE(0, info.si_status);
	}

	if (asprintf(&processes.broken, "process %d of \"%s\" %s before it had a result",
		     (int)child->pid, child->base.name,
		     ilv_process_spell_end(wait_status, end, sizeof(end))) < 0) {
		processes.broken = NULL;
	}
}

/*
 * Takes note that `child` will say nothing more. One that ended without a whole answer ends the
 * run: the others are not left at work for nothing.
 */
static void end_stream(struct process_handle *child)
{
	struct ilv_wire_answer answer;
	size_t length = 0;

	(void)close(child->fd);
	child->fd = -1;
	if (ilv_wire_look(&child->answer, &answer, &length) != ILV_STATUS_OK &&
	    !ilv_stop_is_requested()) {
		blame(child);
		ilv_stop_request();
	}
}

/* Waits for what any child says, for a time that is bounded once the run is to end: then `awaited`
 * is killed. */
static void listen_to_all(const struct process_handle *awaited)
{
	const bool is_stopping = ilv_stop_is_requested();
	struct pollfd *descriptors = processes.descriptors;
	struct process_handle *child = NULL;
	size_t count = 0;

	DL_FOREACH (processes.children, child) {
		descriptors[count++] = (struct pollfd){.fd = child->fd, .events = POLLIN};
	}

	descriptors[count] =
		(struct pollfd){.fd = is_stopping ? -1 : ilv_stop_fd(), .events = POLLIN};
	if (poll(descriptors, count + 1, is_stopping ? KILL_AFTER_MS : -1) == 0) {
		(void)kill(awaited->pid, SIGKILL);
	}

	count = 0;
	DL_FOREACH (processes.children, child) {
		if (descriptors[count++].revents &&
		    ilv_wire_receive(child->fd, &child->answer) != ILV_STATUS_OK) {
			end_stream(child);
		}
	}
}

static void keep_answer(struct process_handle *handle)
{
	struct ilv_wire_answer answer;
	size_t length = 0;

	handle->base.status = ILV_STATUS_INTERRUPTED;
	if (ilv_wire_look(&handle->answer, &answer, &length) == ILV_STATUS_OK &&
	    ilv_wire_keep(&handle->answer, &answer, &handle->base) < 0) {
		handle->base.status = ILV_STATUS_MEMORY;
	}

	/* What was asked to end only because of a death is told of that. */
	if (processes.broken && handle->base.status == ILV_STATUS_INTERRUPTED) {
		handle->base.status = ILV_STATUS_ERROR;
		free(handle->base.cause);
		handle->base.cause = strdup(processes.broken);
	}
}

static void join(struct ilv_handle *base)
{
	struct process_handle *handle = (struct process_handle *)base;

	ilv_trace_process_wait_begin(handle->pid);
	ilv_rusage_wait_begin();
	while (handle->fd >= 0) {
		if (ilv_stop_is_requested()) {
			ask_all_to_end();
		}

		listen_to_all(handle);
	}
	ilv_rusage_wait_end();
	(void)ilv_process_finish_wait(handle->pid);
	keep_answer(handle);

	DL_DELETE(processes.children, handle);
	processes.child_count--;
	ilv_result_fini(&handle->answer);
}

static void stop(void)
{
	free(processes.descriptors);
	free(processes.broken);
	memset(&processes, 0, sizeof(processes));
}

const struct ilv_runtime ilv_runtime_processes = {
	.name = "processes",
	.description = "one process a job, with memory of its own; results come back as bytes",
	.shows = "A lane for each process, late by what it took to start it; the parent waits for "
		 "each.",
	.unit = ILV_UNIT_PROCESS,
	.main_role = ILV_ROLE_MAIN,
	.options = runtime_options,
	.handle_size = sizeof(struct process_handle),
	.start = start,
	.stop = stop,
	.spawn = spawn,
	.join = join,
	.await_fd = ilv_blocking_await_fd,
	.await_sleep = ilv_blocking_await_sleep,
	.locks = &ilv_process_locks,
	.yield = ilv_blocking_yield,
};

/* Receives the job that this process is there for. */
static enum ilv_status receive_job(int fd, struct ilv_handle *handle, void **argument)
{
	struct ilv_result bytes = {0};
	uint64_t number = 0;
	size_t length = 0;
	enum ilv_status status = ILV_STATUS_AGAIN;

	*argument = NULL;
	while (status == ILV_STATUS_AGAIN) {
		status = ilv_wire_receive(fd, &bytes);
		if (status == ILV_STATUS_OK) {
			status = ilv_wire_take_job(&bytes, handle, &number, argument, &length);
		}
	}

	ilv_result_fini(&bytes);

	return status;
}

int ilv_job_main(int argument_count, char **arguments)
{
	const struct ilv_runtime_options options = {.values = {ILV_START_METHOD_SPAWN}};
	struct ilv_handle handle = {0};
	void *argument = NULL;
	pid_t parent = 0;
	enum ilv_status status = ILV_STATUS_ERROR;

	/* Only ever started by spawn_job(). */
	if (argument_count != JOB_ARGUMENT_COUNT) {
		fprintf(stderr, "interleave-workload: %s is for the program's own use\n",
			ILV_JOB_COMMAND);
		return 2;
	}

	parent_fd = atoi(arguments[1]);
	parent = (pid_t)atol(arguments[2]);
	(void)fcntl(parent_fd, F_SETFD, FD_CLOEXEC);
	(void)signal(SIGPIPE, SIG_IGN);
	if (ilv_stop_install() < 0 || receive_job(parent_fd, &handle, &argument) != ILV_STATUS_OK) {
		return 1;
	}

	ilv_trace_process_start(parent, handle.name, ILV_ROLE_JOB, ilv_trace_now_ns());
	if (ilv_process_become_child(parent, handle.name, ILV_ROLE_JOB) &&
	    ilv_runtime_start(&ilv_runtime_processes, &options) == ILV_STATUS_OK) {
		status = do_job(&handle, parent_fd);
		ilv_runtime_stop();
	}

	ilv_result_fini(&handle.result);
	free(handle.cause);
	free(argument);
	ilv_truth_clear();

	return ilv_process_exit_status(status);
}
