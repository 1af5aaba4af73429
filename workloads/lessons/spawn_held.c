/* SPDX-License-Identifier: MIT */
/*
 * Description: as many as the plain calls hold, by the runtime. Those that share the process's
 * memory wait until the last is there and all is weighed, a process weighs itself.
 */
#include "workloads/lessons/spawn_held.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/runtimes/process_child.h"
#include "workloads/stop.h"

#define LOOK_NS 1000000

struct held {
	size_t needed_count; /* so many have to be there at once: of a pool's jobs, the others queue
			      */
	_Atomic size_t there_count;
	atomic_bool are_all_started;
	atomic_bool is_weighed;
	_Atomic int64_t bytes; /* of the process, while they are there */
};

static enum ilv_status wait_there(void *argument, struct ilv_result *result)
{
	struct held *held = argument;
	enum ilv_status status = ILV_STATUS_OK;
	bool is_last;

	(void)result;
	is_last = atomic_fetch_add(&held->there_count, 1) + 1 == held->needed_count;
	while (status == ILV_STATUS_OK && !atomic_load(&held->is_weighed)) {
		if (is_last && atomic_load(&held->are_all_started)) {
			atomic_store(&held->bytes, ilv_spawn_own_memory());
			atomic_store(&held->is_weighed, true);
		} else {
			status = ilv_await_sleep(LOOK_NS);
		}
	}

	return status;
}

static enum ilv_status hold(size_t count, size_t needed_count, int64_t *bytes)
{
	struct ilv_handle **handles = calloc(count, sizeof(struct ilv_handle *));
	struct held held = {.needed_count = needed_count};
	const int64_t before = ilv_spawn_own_memory();
	enum ilv_status status = handles ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
	size_t started_count = 0;

	while (started_count < count && status == ILV_STATUS_OK) {
		status = ilv_spawn(wait_there, &held, "holder", &handles[started_count]);
		started_count += status == ILV_STATUS_OK;
	}

	/* Where not all could be started, nobody is to wait for the last. */
	atomic_store(status == ILV_STATUS_OK ? &held.are_all_started : &held.is_weighed, true);
	for (size_t index = 0; index < started_count; index++) {
		const enum ilv_status joined = ilv_join(handles[index], NULL);

		status = status == ILV_STATUS_OK ? joined : status;
	}

	*bytes = (held.bytes - before) / (int64_t)count;
	free(handles);

	return status;
}

static enum ilv_status weigh_itself(void *argument, struct ilv_result *result)
{
	const int64_t bytes = ilv_spawn_private_memory(getpid());

	(void)argument;

	return ilv_result_append(result, &bytes, sizeof(bytes));
}

static enum ilv_status weigh_processes(size_t count, int64_t *bytes)
{
	char nothing = 0;
	int64_t sum = 0;

	for (size_t index = 0; index < count; index++) {
		struct ilv_handle *handle = NULL;
		struct ilv_result result = {0};
		int64_t one = 0;
		enum ilv_status status =
			ilv_spawn_flat(weigh_itself, &nothing, sizeof(nothing), "holder", &handle);

		if (status == ILV_STATUS_OK) {
			status = ilv_join(handle, &result);
		}

		if (status == ILV_STATUS_OK) {
			memcpy(&one, result.bytes, sizeof(one));
		}

		ilv_result_fini(&result);
		if (status < 0) {
			return status;
		}

		sum += one;
	}

	*bytes = sum / (int64_t)count;

	return ILV_STATUS_OK;
}

static enum ilv_status weigh(const struct ilv_run *run, enum ilv_spawn_kind kind, int64_t *bytes)
{
	struct ilv_runtime_options options = {0};
	enum ilv_status status = ILV_STATUS_OK;

	memcpy(options.values, run->runtime_values, sizeof(options.values));
	status = ilv_runtime_start(run->runtime, &options);
	if (status < 0) {
		return status;
	}

	switch (kind) {
	case ILV_SPAWN_KIND_THREAD:
		status = hold(ILV_SPAWN_HELD_THREADS, ILV_SPAWN_HELD_THREADS, bytes);
		break;
	case ILV_SPAWN_KIND_FORK:
	case ILV_SPAWN_KIND_PROGRAM:
		status = weigh_processes(ILV_SPAWN_HELD_PROCESSES, bytes);
		break;
	case ILV_SPAWN_KIND_TASK:
		status = hold(ILV_SPAWN_HELD_FIBERS, ILV_SPAWN_HELD_FIBERS, bytes);
		break;
	case ILV_SPAWN_KIND_POOL_JOB:
		status = hold(ILV_SPAWN_HELD_POOL_JOBS, 1, bytes);
		break;
	}

	ilv_runtime_stop();

	return status;
}

/* The whole life of the process that weighs: what it started is no part of the run. */
static void weigh_and_exit(const struct ilv_run *run, enum ilv_spawn_kind kind, int fd)
{
	int64_t bytes = 0;
	bool has_failed = weigh(run, kind, &bytes) < 0;

	if (has_failed) {
		fprintf(stderr, "interleave-workload: %s\n", ilv_cause_text());
	}

	has_failed = has_failed || write(fd, &bytes, sizeof(bytes)) != sizeof(bytes);
	ilv_trace_process_exit(has_failed);
	_exit(has_failed);
}

enum ilv_status ilv_spawn_held_memory(const struct ilv_run *run, enum ilv_spawn_kind kind,
				      int64_t *bytes)
{
	int ends[2] = {-1, -1};
	enum ilv_status status = ILV_STATUS_OK;
	pid_t child = 0;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		ilv_cause_add("Cannot make a pipe: errno=%d", errno);
		return ILV_STATUS_ERROR;
	}

	status = ilv_process_fork("weigher", ILV_ROLE_OTHER, &child);
	if (status == ILV_STATUS_OK && child == 0) {
		(void)close(ends[0]);
		weigh_and_exit(run, kind, ends[1]);
	}

	(void)close(ends[1]);
	if (status == ILV_STATUS_OK) {
		while (read(ends[0], bytes, sizeof(*bytes)) < 0 && errno == EINTR) {
			if (ilv_stop_is_requested()) {
				ilv_process_ask(child);
			}
		}

		if (ilv_process_wait(child) != 0) {
			ilv_cause_add("Cannot weigh what waits");
			status =
				ilv_stop_is_requested() ? ILV_STATUS_INTERRUPTED : ILV_STATUS_ERROR;
		}
	}

	(void)close(ends[0]);

	return status;
}
