/* SPDX-License-Identifier: MIT */
/*
 * Description: the plain calls. None of them emits an event, and a forked child here ends before it
 * could, so a session that records does not make them slower.
 */
#include "workloads/lessons/spawn_bare.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/runtimes/fiber.h"
#include "workloads/runtimes/refusal.h"
#include "workloads/runtimes/runtime.h"
#include "workloads/stop.h"

/* A standing thread that is handed one thing at a time: what a pool is, at its barest. */
struct standing {
	sem_t is_submitted;
	sem_t is_done;
	bool is_over;
};

static void *do_nothing(void *argument)
{
	return argument;
}

static void *stand(void *argument)
{
	struct standing *standing = argument;

	for (;;) {
		while (sem_wait(&standing->is_submitted) != 0) {
			/* A signal. */
		}

		if (standing->is_over) {
			return NULL;
		}

		(void)sem_post(&standing->is_done);
	}
}

static void *wait_for_post(void *argument)
{
	while (sem_wait(argument) != 0) {
		/* A signal. */
	}

	return NULL;
}

static void return_at_once(void *argument)
{
	(void)argument;
}

static void suspend_at_once(void *argument)
{
	ilv_fiber_suspend(*(struct ilv_fiber **)argument);
}

static enum ilv_status refuse(const char *what, int error)
{
	ilv_refusal_explain(what, error);

	return ILV_STATUS_ERROR;
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
		/* A signal. */
	}
}

/* Starts cat, which writes to `output_fd` what it reads, and ends when `input_fd` does. */
static int start_program(int input_fd, int output_fd, pid_t *pid)
{
	char *arguments[] = {"cat", NULL};
	posix_spawn_file_actions_t actions;
	int error = 0;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, input_fd, STDIN_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
	error = posix_spawnp(pid, "cat", &actions, NULL, arguments, environ);
	(void)posix_spawn_file_actions_destroy(&actions);

	return error;
}

static enum ilv_status start_one(enum ilv_spawn_kind kind, int null_fd, struct standing *standing)
{
	struct ilv_fiber *fiber = NULL;
	enum ilv_status status = ILV_STATUS_OK;
	pthread_t thread;
	pid_t pid = 0;
	int error = 0;

	switch (kind) {
	case ILV_SPAWN_KIND_THREAD:
		error = pthread_create(&thread, NULL, do_nothing, NULL);
		if (error != 0) {
			return refuse("thread", error);
		}

		(void)pthread_join(thread, NULL);
		break;
	case ILV_SPAWN_KIND_FORK:
		pid = fork();
		if (pid < 0) {
			return refuse("process", errno);
		}

		if (pid == 0) {
			_exit(0);
		}

		reap(pid);
		break;
	case ILV_SPAWN_KIND_PROGRAM:
		error = start_program(null_fd, null_fd, &pid);
		if (error != 0) {
			return refuse("program", error);
		}

		reap(pid);
		break;
	case ILV_SPAWN_KIND_TASK:
		status = ilv_fiber_create(ILV_FIBER_STACK_SIZE, return_at_once, NULL, &fiber);
		if (status == ILV_STATUS_OK) {
			ilv_fiber_resume(fiber);
			ilv_fiber_destroy(fiber);
		}
		break;
	case ILV_SPAWN_KIND_POOL_JOB:
		(void)sem_post(&standing->is_submitted);
		(void)wait_for_post(&standing->is_done);
		break;
	}

	return status;
}

enum ilv_status ilv_spawn_bare_time(enum ilv_spawn_kind kind, int64_t count, int64_t *times_ns)
{
	struct standing standing = {.is_over = false};
	enum ilv_status status = ILV_STATUS_OK;
	const int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	pthread_t thread;
	int error = 0;

	(void)sem_init(&standing.is_submitted, 0, 0);
	(void)sem_init(&standing.is_done, 0, 0);
	if (kind == ILV_SPAWN_KIND_POOL_JOB) {
		error = pthread_create(&thread, NULL, stand, &standing);
		if (error != 0) {
			status = refuse("thread", error);
			goto end;
		}
	}

	for (int64_t index = 0; index < count && status == ILV_STATUS_OK; index++) {
		const int64_t begin_ns = ilv_trace_now_ns();

		status = ilv_stop_is_requested() ? ILV_STATUS_INTERRUPTED
						 : start_one(kind, null_fd, &standing);
		times_ns[index] = ilv_trace_now_ns() - begin_ns;
	}

	if (kind == ILV_SPAWN_KIND_POOL_JOB) {
		standing.is_over = true;
		(void)sem_post(&standing.is_submitted);
		(void)pthread_join(thread, NULL);
	}

end:
	(void)sem_destroy(&standing.is_submitted);
	(void)sem_destroy(&standing.is_done);
	if (null_fd >= 0) {
		(void)close(null_fd);
	}

	return status;
}

/* Reads a number of KiB from a file of /proc, in bytes; 0 when it is not there. */
static int64_t read_kib(const char *path, const char *format)
{
	FILE *file = fopen(path, "re");
	char line[128];
	long long sum_kib = 0;
	long long kib = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, format, &kib) == 1) {
			sum_kib += kib;
		}
	}

	if (file) {
		(void)fclose(file);
	}

	return sum_kib * 1024;
}

int64_t ilv_spawn_own_memory(void)
{
	/* Counted page by page: what /proc/self/status says is some pages off. */
	return read_kib("/proc/self/smaps_rollup", "Anonymous: %lld kB");
}

/* What threads that are weighed post when they are there, and wait for. */
struct rest {
	sem_t is_there;
	sem_t go;
};

static void *rest(void *argument)
{
	struct rest *rest = argument;

	(void)sem_post(&rest->is_there);

	return wait_for_post(&rest->go);
}

/* Starts up to ILV_SPAWN_HELD_THREADS that wait. */
static enum ilv_status hold_threads(int64_t *bytes)
{
	pthread_t threads[ILV_SPAWN_HELD_THREADS];
	const int64_t before = ilv_spawn_own_memory();
	size_t count = 0;
	struct rest together;
	int error = 0;

	(void)sem_init(&together.is_there, 0, 0);
	(void)sem_init(&together.go, 0, 0);
	while (count < ILV_SPAWN_HELD_THREADS && error == 0) {
		error = pthread_create(&threads[count], NULL, rest, &together);
		count += error == 0;
	}

	/* Each has touched its stack once it is there. */
	for (size_t index = 0; index < count; index++) {
		(void)wait_for_post(&together.is_there);
	}

	*bytes = count > 0 ? (ilv_spawn_own_memory() - before) / (int64_t)count : 0;
	for (size_t index = 0; index < count; index++) {
		(void)sem_post(&together.go);
	}

	for (size_t index = 0; index < count; index++) {
		(void)pthread_join(threads[index], NULL);
	}

	(void)sem_destroy(&together.go);
	(void)sem_destroy(&together.is_there);

	return error == 0 ? ILV_STATUS_OK : refuse("thread", error);
}

int64_t ilv_spawn_private_memory(pid_t pid)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);

	return read_kib(path, "Private_Dirty: %lld kB") + read_kib(path, "Private_Clean: %lld kB");
}

/* Starts one that writes a byte to `ready_fd` once it is there, and ends when `go_fd` says so. */
static enum ilv_status start_held(enum ilv_spawn_kind kind, const int go[2], int ready_fd,
				  pid_t *pid)
{
	const pid_t parent = getpid();
	char byte = 'x';
	int error = 0;

	if (kind == ILV_SPAWN_KIND_PROGRAM) {
		error = start_program(go[0], ready_fd, pid);
		/* It hands on what it reads. */
		error = error == 0 && write(go[1], &byte, 1) != 1 ? EIO : error;

		return error == 0 ? ILV_STATUS_OK : refuse("program", error);
	}

	*pid = fork();
	if (*pid == 0) {
		/* The siblings have copies of the pipe's other end, so that it tells nothing of a
		 * parent that is gone. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(getppid() != parent || write(ready_fd, &byte, 1) != 1 ||
		      read(go[0], &byte, 1) != 1);
	}

	return *pid > 0 ? ILV_STATUS_OK : refuse("process", errno);
}

static void let_go(enum ilv_spawn_kind kind, const int go[2], pid_t pid)
{
	/* A forked one is told by a byte: its siblings have copies of this end. */
	if (kind == ILV_SPAWN_KIND_FORK && write(go[1], "x", 1) != 1) {
		(void)kill(pid, SIGKILL);
	}

	(void)close(go[0]);
	(void)close(go[1]);
	reap(pid);
}

static enum ilv_status hold_processes(enum ilv_spawn_kind kind, int64_t *bytes)
{
	int go[ILV_SPAWN_HELD_PROCESSES][2];
	pid_t pids[ILV_SPAWN_HELD_PROCESSES];
	enum ilv_status status = ILV_STATUS_OK;
	size_t count = 0;
	int64_t sum = 0;
	char byte = 0;
	int ready[2] = {-1, -1};

	if (pipe2(ready, O_CLOEXEC) != 0) {
		return refuse("pipe", errno);
	}

	while (count < ILV_SPAWN_HELD_PROCESSES && status == ILV_STATUS_OK) {
		if (pipe2(go[count], O_CLOEXEC) != 0) {
			status = refuse("pipe", errno);
			break;
		}

		pids[count] = 0;
		status = start_held(kind, go[count], ready[1], &pids[count]);
		if (pids[count] <= 0) {
			(void)close(go[count][0]);
			(void)close(go[count][1]);
			break;
		}

		count++;
	}

	for (size_t index = 0; index < count && status == ILV_STATUS_OK; index++) {
		while (read(ready[0], &byte, 1) < 0 && errno == EINTR) {
			/* A signal. */
		}
	}

	for (size_t index = 0; index < count; index++) {
		sum += ilv_spawn_private_memory(pids[index]);
	}

	for (size_t index = 0; index < count; index++) {
		let_go(kind, go[index], pids[index]);
	}

	(void)close(ready[0]);
	(void)close(ready[1]);
	*bytes = count > 0 ? sum / (int64_t)count : 0;

	return status;
}

static enum ilv_status hold_fibers(int64_t *bytes)
{
	struct ilv_fiber *fibers[ILV_SPAWN_HELD_FIBERS];
	const int64_t before = ilv_spawn_own_memory();
	enum ilv_status status = ILV_STATUS_OK;
	size_t count = 0;

	while (count < ILV_SPAWN_HELD_FIBERS && status == ILV_STATUS_OK) {
		status = ilv_fiber_create(ILV_FIBER_STACK_SIZE, suspend_at_once, &fibers[count],
					  &fibers[count]);
		if (status == ILV_STATUS_OK) {
			ilv_fiber_resume(fibers[count]);
			count++;
		}
	}

	*bytes = count > 0 ? (ilv_spawn_own_memory() - before) / (int64_t)count : 0;
	for (size_t index = 0; index < count; index++) {
		ilv_fiber_resume(fibers[index]);
		ilv_fiber_destroy(fibers[index]);
	}

	return status;
}

/* A job that waits is an entry in a queue: here, what ilv_spawn() allocates for one is the least.
 */
static enum ilv_status hold_pool_jobs(int64_t *bytes)
{
	struct ilv_handle **handles = calloc(ILV_SPAWN_HELD_POOL_JOBS, sizeof(struct ilv_handle *));
	const int64_t before = ilv_spawn_own_memory();
	size_t count = 0;

	while (handles && count < ILV_SPAWN_HELD_POOL_JOBS) {
		handles[count] = calloc(1, sizeof(struct ilv_handle));
		if (!handles[count]) {
			break;
		}

		memset(handles[count]->name, 'x', 1);
		count++;
	}

	*bytes = count > 0 ? (ilv_spawn_own_memory() - before) / (int64_t)count : 0;
	for (size_t index = 0; index < count; index++) {
		free(handles[index]);
	}

	free(handles);

	return ILV_STATUS_OK;
}

enum ilv_status ilv_spawn_bare_memory(enum ilv_spawn_kind kind, int64_t *bytes)
{
	switch (kind) {
	case ILV_SPAWN_KIND_THREAD:
		return hold_threads(bytes);
	case ILV_SPAWN_KIND_FORK:
	case ILV_SPAWN_KIND_PROGRAM:
		return hold_processes(kind, bytes);
	case ILV_SPAWN_KIND_TASK:
		return hold_fibers(bytes);
	case ILV_SPAWN_KIND_POOL_JOB:
		break;
	}

	return hold_pool_jobs(bytes);
}
