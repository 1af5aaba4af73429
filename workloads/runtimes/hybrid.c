/* SPDX-License-Identifier: MIT */
/*
 * Description: runtime `hybrid`: the event loop, with a pool of threads beside it for what would
 * block it: computing, and calls that block. The trace shows tasks that wait for their pool job
 * while the loop serves others, and workers that the kernel shares out as it does any threads.
 *
 * Work in the pool may use the runtime's waits, which block its worker; locks and spawning are for
 * the tasks alone.
 */
#include "workloads/runtimes/blocking.h"
#include "workloads/runtimes/hybrid_pool.h"
#include "workloads/runtimes/loop.h"

static enum ilv_status start(const struct ilv_runtime_options *options)
{
	enum ilv_status status = ilv_loop_start(NULL);

	if (status < 0) {
		return status;
	}

	status = ilv_hybrid_pool_start(options->worker_count > 0 ? options->worker_count
								 : ilv_default_worker_count());
	if (status < 0) {
		ilv_loop_stop();
	}

	return status;
}

static void stop(void)
{
	ilv_hybrid_pool_stop();
	ilv_loop_stop();
}

static enum ilv_status run_in_pool(ilv_job_function function, void *argument,
				   struct ilv_result *result)
{
	/* Work in the pool that hands on work would hold its worker and wait for another. */
	return ilv_hybrid_pool_is_here() ? function(argument, result)
					 : ilv_hybrid_pool_do(function, argument, result);
}

struct awaited_call {
	ilv_blocking_call call;
	void *argument;
	enum ilv_wait_reason reason;
	uint64_t object;
};

static enum ilv_status make_call(void *argument, struct ilv_result *result)
{
	const struct awaited_call *awaited = argument;

	(void)result;

	return ilv_blocking_await_call(awaited->call, awaited->argument, awaited->reason,
				       awaited->object);
}

static enum ilv_status await_call(ilv_blocking_call call, void *argument,
				  enum ilv_wait_reason reason, uint64_t object)
{
	struct awaited_call awaited = {call, argument, reason, object};

	return run_in_pool(make_call, &awaited, NULL);
}

static enum ilv_status await_fd(int fd, enum ilv_wait_reason reason)
{
	return ilv_hybrid_pool_is_here() ? ilv_blocking_await_fd(fd, reason)
					 : ilv_loop_await_fd(fd, reason);
}

static enum ilv_status await_sleep(int64_t duration_ns)
{
	return ilv_hybrid_pool_is_here() ? ilv_blocking_await_sleep(duration_ns)
					 : ilv_loop_await_sleep(duration_ns);
}

static enum ilv_status yield(void)
{
	return ilv_hybrid_pool_is_here() ? ilv_blocking_yield() : ilv_loop_yield();
}

const struct ilv_runtime ilv_runtime_hybrid = {
	.name = "hybrid",
	.description = "an event loop that hands computing and blocking calls to a pool of threads",
	.shows = "Tasks wait for their pool job while the loop serves others; its workers are cut "
		 "short as any threads.",
	.unit = ILV_UNIT_TASK,
	.main_role = ILV_ROLE_LOOP,
	.has_workers = true,
	.handle_size = sizeof(struct ilv_task),
	.start = start,
	.stop = stop,
	.spawn = ilv_loop_spawn,
	.join = ilv_loop_join,
	.await_fd = await_fd,
	.await_sleep = await_sleep,
	.await_call = await_call,
	.locks = &ilv_loop_locks,
	.run_in_pool = run_in_pool,
	.yield = yield,
};
