/* SPDX-License-Identifier: MIT */
/*
 * Description: the part of the runtime interface that is the same under every runtime: handles,
 * results, causes, and the look at the stop flag. What differs is one call further, in the
 * runtime's table.
 */
#include "workloads/runtime.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
#include "workloads/runtimes/blocking.h"
#include "workloads/runtimes/runtime.h"
#include "workloads/stop.h"

#define WORKERS_MORE 4
#define WORKERS_MAX  32

/* Set while one thread runs, read by all: the run's threads are created after and joined before it
 * changes. */
static const struct ilv_runtime *current;

enum ilv_status ilv_result_append(struct ilv_result *result, const void *bytes, size_t length)
{
	if (length == 0) {
		return ILV_STATUS_OK;
	}

	if (length > result->capacity - result->length) {
		size_t capacity = 2 * result->capacity > result->length + length
					  ? 2 * result->capacity
					  : result->length + length;
		unsigned char *grown = realloc(result->bytes, capacity);

		if (!grown) {
			ilv_cause_add("Cannot keep a result: length=%zu", result->length + length);
			return ILV_STATUS_MEMORY;
		}

		result->bytes = grown;
		result->capacity = capacity;
	}

	memcpy(result->bytes + result->length, bytes, length);
	result->length += length;

	return ILV_STATUS_OK;
}

void ilv_result_fini(struct ilv_result *result)
{
	free(result->bytes);
	*result = (struct ilv_result){0};
}

enum ilv_status ilv_runtime_start(const struct ilv_runtime *runtime,
				  const struct ilv_runtime_options *options)
{
	enum ilv_status status = ILV_STATUS_OK;

	current = runtime;
	if (runtime->start) {
		status = runtime->start(options);
	}

	if (status < 0) {
		ilv_cause_add("Cannot start runtime: name=\"%s\"", runtime->name);
		current = NULL;
	}

	return status;
}

void ilv_runtime_stop(void)
{
	if (current && current->stop) {
		current->stop();
	}

	current = NULL;
}

/*
 * Says how much memory the process has, at most every 20 ms: to ask costs some 20 us. Jobs tick
 * while they hold what they need, so the most that is said is close to the most that there was.
 */
static void sample_memory(void)
{
	static _Atomic int64_t next_ns;
	int64_t now_ns = ilv_trace_now_ns();
	int64_t due_ns = atomic_load_explicit(&next_ns, memory_order_relaxed);

	if (now_ns >= due_ns &&
	    atomic_compare_exchange_strong(&next_ns, &due_ns, now_ns + INT64_C(20000000))) {
		ilv_trace_process_memory();
	}
}

void ilv_handle_execute(struct ilv_handle *handle)
{
	/* Tasks of one loop share a thread, and with it the chain of causes: each begins with none.
	 */
	ilv_cause_clear();
	handle->status = handle->function(handle->argument, &handle->result);
	if (handle->status < 0) {
		handle->cause = strdup(ilv_cause_text());
	}

	ilv_cause_clear();
	sample_memory();
}

enum ilv_outcome ilv_outcome_of(enum ilv_status status)
{
	switch (status) {
	case ILV_STATUS_OK:
		return ILV_OUTCOME_RETURNED;
	case ILV_STATUS_INTERRUPTED:
		return ILV_OUTCOME_CANCELLED;
	default:
		return ILV_OUTCOME_FAILED;
	}
}

uint32_t ilv_default_worker_count(void)
{
	cpu_set_t allowed;
	uint32_t count = WORKERS_MORE + 1;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
		count = WORKERS_MORE + (uint32_t)CPU_COUNT(&allowed);
	}

	return count < WORKERS_MAX ? count : WORKERS_MAX;
}

enum ilv_status ilv_spawn(ilv_job_function function, void *argument, const char *name,
			  struct ilv_handle **handle)
{
	return ilv_spawn_flat(function, argument, 0, name, handle);
}

enum ilv_status ilv_spawn_flat(ilv_job_function function, void *argument, size_t argument_size,
			       const char *name, struct ilv_handle **handle)
{
	enum ilv_status status = ILV_STATUS_MEMORY;
	struct ilv_handle *spawned = calloc(1, current->handle_size);

	if (!spawned) {
		ilv_cause_add("Cannot spawn job: name=\"%s\"", name);
		goto end;
	}

	spawned->function = function;
	spawned->argument = argument;
	spawned->argument_size = argument_size;
	(void)snprintf(spawned->name, sizeof(spawned->name), "%s", name);

	status = current->spawn(spawned);
	if (status < 0) {
		ilv_cause_add("Cannot spawn job: name=\"%s\"", name);
		goto end;
	}

	*handle = spawned;
	spawned = NULL;

end:
	free(spawned);

	return status;
}

enum ilv_status ilv_join(struct ilv_handle *handle, struct ilv_result *result)
{
	enum ilv_status status = ILV_STATUS_OK;

	current->join(handle);

	status = handle->status;
	if (status < 0 && handle->cause && handle->cause[0]) {
		ilv_cause_add("%s", handle->cause);
	}

	if (result) {
		*result = handle->result;
	} else {
		ilv_result_fini(&handle->result);
	}

	free(handle->cause);
	free(handle);

	return status;
}

bool ilv_cancel(struct ilv_handle *handle)
{
	return current->cancel && current->cancel(handle);
}

enum ilv_status ilv_await_fd(int fd, enum ilv_wait_reason reason)
{
	return ilv_await_fd_for(fd, reason, -1);
}

enum ilv_status ilv_await_fd_for(int fd, enum ilv_wait_reason reason, int64_t timeout_ns)
{
	return ilv_stop_is_requested() ? ILV_STATUS_INTERRUPTED
				       : current->await_fd(fd, reason, timeout_ns);
}

enum ilv_status ilv_await_sleep(int64_t duration_ns)
{
	return ilv_stop_is_requested() ? ILV_STATUS_INTERRUPTED : current->await_sleep(duration_ns);
}

enum ilv_status ilv_await_call(ilv_blocking_call call, void *argument, enum ilv_wait_reason reason,
			       uint64_t object)
{
	if (ilv_stop_is_requested()) {
		return ILV_STATUS_INTERRUPTED;
	}

	return current->await_call ? current->await_call(call, argument, reason, object)
				   : ilv_blocking_await_call(call, argument, reason, object);
}

enum ilv_status ilv_lock_init(struct ilv_lock *lock, const char *name)
{
	return current->locks->init(lock, name);
}

enum ilv_status ilv_lock_acquire(struct ilv_lock *lock)
{
	return ilv_stop_is_requested() ? ILV_STATUS_INTERRUPTED : current->locks->acquire(lock);
}

void ilv_lock_release(struct ilv_lock *lock)
{
	current->locks->release(lock);
}

void ilv_lock_fini(struct ilv_lock *lock)
{
	current->locks->fini(lock);
}

enum ilv_status ilv_run_in_pool(ilv_job_function function, void *argument,
				struct ilv_result *result)
{
	return ilv_run_in_pool_flat(function, argument, 0, result);
}

enum ilv_status ilv_run_in_pool_flat(ilv_job_function function, void *argument,
				     size_t argument_size, struct ilv_result *result)
{
	return current->run_in_pool
		       ? current->run_in_pool(function, argument, argument_size, result)
		       : function(argument, result);
}

enum ilv_status ilv_tick(void)
{
	ilv_rusage_look();
	sample_memory();
	if (current->tick) {
		current->tick();
	}

	return ilv_stop_is_requested() ? ILV_STATUS_INTERRUPTED : ILV_STATUS_OK;
}

enum ilv_status ilv_yield(void)
{
	return ilv_stop_is_requested() ? ILV_STATUS_INTERRUPTED : current->yield();
}
