/* SPDX-License-Identifier: MIT */
/*
 * Description: runtime `hybrid`: the event loop, with a pool of threads beside it for what would
 * block it: computing, and calls that block. The trace shows tasks that wait for their pool job
 * while the loop serves others, and workers that the kernel shares out as it does any threads.
 *
 * With --pool processes there are worker processes too, for work whose argument is bytes alone. All
 * else still goes to threads, which are started when the first such work comes (as asyncio has a
 * ProcessPoolExecutor beside its default executor).
 *
 * Work in a pool may use the runtime's waits, which block its worker; locks and spawning are for
 * the tasks alone.
 */
#include <sched.h>

#include "workloads/runtimes/blocking.h"
#include "workloads/runtimes/hybrid_pool.h"
#include "workloads/runtimes/hybrid_processes.h"
#include "workloads/runtimes/loop.h"

/* In the order of `pools`. */
enum pool_kind { POOL_THREADS, POOL_PROCESSES };

static const char *const pools[] = {"threads", "processes", NULL};

static const struct ilv_option runtime_options[] = {
	{"pool", "who computes: threads, or processes with memory of their own",
	 .kind = ILV_OPTION_KIND_CHOICE, .choices = pools},
	{0},
};

/* Of the loop's thread. */
static bool has_processes;
static bool has_threads;

static uint32_t cpu_count(void)
{
	cpu_set_t allowed;

	return sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? (uint32_t)CPU_COUNT(&allowed)
								    : 1;
}

static enum ilv_status start_threads(uint32_t asked_count)
{
	/* Where there are processes, these are the workers. */
	enum ilv_status status =
		ilv_hybrid_pool_start(asked_count > 0 ? asked_count : ilv_default_worker_count(),
				      has_processes ? "thread" : "worker");

	has_threads = status == ILV_STATUS_OK;

	return status;
}

static void stop(void)
{
	if (has_threads) {
		ilv_hybrid_pool_stop();
	}

	if (has_processes) {
		ilv_hybrid_processes_stop();
	}

	ilv_loop_stop();
	has_threads = false;
	has_processes = false;
}

static enum ilv_status start_with_processes(uint32_t asked_count)
{
	static const struct ilv_loop_hooks hooks = {.stop_came = ilv_hybrid_processes_end_work};
	enum ilv_status status =
		ilv_hybrid_processes_fork(asked_count > 0 ? asked_count : cpu_count());

	if (status < 0) {
		return status;
	}

	status = ilv_loop_start(&hooks);
	if (status < 0) {
		ilv_hybrid_processes_stop();
		return status;
	}

	has_processes = true;
	status = ilv_hybrid_processes_watch();
	if (status < 0) {
		stop();
	}

	return status;
}

static enum ilv_status start(const struct ilv_runtime_options *options)
{
	enum ilv_status status = ILV_STATUS_OK;

	if (options->values[0] == POOL_PROCESSES) {
		return start_with_processes(options->worker_count);
	}

	status = ilv_loop_start(NULL);
	if (status < 0) {
		return status;
	}

	status = start_threads(options->worker_count);
	if (status < 0) {
		ilv_loop_stop();
	}

	return status;
}

/* Whether this is a worker, thread or process, and not the loop. */
static bool is_in_pool(void)
{
	return ilv_hybrid_pool_is_here() || ilv_hybrid_processes_is_here();
}

static enum ilv_status run_in_pool(ilv_job_function function, void *argument, size_t argument_size,
				   struct ilv_result *result)
{
	enum ilv_status status = ILV_STATUS_OK;

	/* Work in the pool that hands on work would hold its worker and wait for another. */
	if (is_in_pool()) {
		return function(argument, result);
	}

	if (has_processes && argument_size > 0) {
		return ilv_hybrid_processes_do(function, argument, argument_size, result);
	}

	if (!has_threads) {
		status = start_threads(0);
	}

	return status == ILV_STATUS_OK ? ilv_hybrid_pool_do(function, argument, result) : status;
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

	return run_in_pool(make_call, &awaited, 0, NULL);
}

static enum ilv_status await_fd(int fd, enum ilv_wait_reason reason, int64_t timeout_ns)
{
	return is_in_pool() ? ilv_blocking_await_fd(fd, reason, timeout_ns)
			    : ilv_loop_await_fd(fd, reason, timeout_ns);
}

static enum ilv_status await_sleep(int64_t duration_ns)
{
	return is_in_pool() ? ilv_blocking_await_sleep(duration_ns)
			    : ilv_loop_await_sleep(duration_ns);
}

static enum ilv_status yield(void)
{
	return is_in_pool() ? ilv_blocking_yield() : ilv_loop_yield();
}

const struct ilv_runtime ilv_runtime_hybrid = {
	.name = "hybrid",
	.description = "an event loop that hands computing and blocking calls to a pool",
	.shows = "Tasks wait for their pool job while the loop serves others; its workers, threads "
		 "or processes, are cut short as any.",
	.unit = ILV_UNIT_TASK,
	.main_role = ILV_ROLE_LOOP,
	.has_workers = true,
	.options = runtime_options,
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
