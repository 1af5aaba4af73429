/* SPDX-License-Identifier: MIT */
/*
 * Description: runtime `process-pool`: a fixed number of worker processes, which are forked once
 * and do one job after another. Jobs and results go over a socket to each, as bytes. The trace
 * shows jobs that queue, workers that begin and end them, and that a job costs a message, not a
 * process.
 *
 * An argument without pointers is sent as it is, and then the workers are forked when the first
 * such job is submitted. Of any other argument only the address is sent. That is right because the
 * workers are forked later than it was filled in, at the first join: a fork sees all memory as it
 * is at that moment, at the same addresses. What is submitted after it must be without pointers,
 * and is refused otherwise.
 *
 * A job can be cancelled until its message is on the way: what a worker was sent counts as begun,
 * as concurrent.futures has it of its call queue.
 *
 * A job that spawns is a worker already, and the queue is its parent's: it does what it spawns at
 * once, itself.
 */
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
#include "workloads/runtimes/blocking.h"
#include "workloads/runtimes/process_child.h"
#include "workloads/runtimes/process_crew.h"
#include "workloads/stop.h"

struct pool_job {
	struct ilv_process_job job;
	bool is_done;
	bool is_cancelled;
};

/* The run's one pool. It belongs to the main thread of the parent: no other thread of it touches
 * this. */
static struct process_pool {
	struct ilv_process_crew crew;
	struct pollfd *descriptors; /* one a worker, and one for the stop */
	bool has_workers;
} pool;

static size_t default_worker_count(void)
{
	cpu_set_t allowed;

	return sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? (size_t)CPU_COUNT(&allowed)
								    : 1;
}

static void note_done(struct ilv_process_job *job)
{
	((struct pool_job *)job)->is_done = true;
}

static void stop(void)
{
	ilv_process_crew_fini(&pool.crew);
	free(pool.descriptors);
	pool = (struct process_pool){0};
}

static enum ilv_status start(const struct ilv_runtime_options *options)
{
	const size_t worker_count =
		options->worker_count > 0 ? options->worker_count : default_worker_count();
	enum ilv_status status = ilv_process_crew_init(&pool.crew, worker_count, note_done);

	pool.descriptors = calloc(worker_count + 1, sizeof(*pool.descriptors));
	if (status == ILV_STATUS_OK && !pool.descriptors) {
		ilv_cause_add("Cannot plan workers: count=%zu", worker_count);
		status = ILV_STATUS_MEMORY;
	}

	if (status < 0) {
		stop();
	}

	return status;
}

/*
 * Waits up to `timeout_ms` (-1: for ever) for workers or a stop, for the sake of job `number`, and
 * does what there is to do. Returns what poll() did.
 */
static int attend(int timeout_ms, uint64_t number)
{
	struct pollfd *descriptors = pool.descriptors;
	size_t count = pool.crew.worker_count;
	int ready_count = 0;

	for (size_t index = 0; index < pool.crew.worker_count; index++) {
		const struct ilv_process_link *link = &pool.crew.workers[index].link;

		descriptors[index] = (struct pollfd){
			.fd = link->fd,
			.events = link->to_send.length > 0 ? POLLIN | POLLOUT : POLLIN,
		};
	}

	if (!ilv_stop_is_requested()) {
		descriptors[count++] = (struct pollfd){.fd = ilv_stop_fd(), .events = POLLIN};
	}

	if (timeout_ms != 0) {
		ilv_trace_wait_begin(ILV_WAIT_REASON_POOL_JOB, number);
		ilv_rusage_wait_begin();
	}

	ready_count = poll(descriptors, count, timeout_ms);
	if (timeout_ms != 0) {
		ilv_rusage_wait_end();
		ilv_trace_wait_end(ILV_WAIT_REASON_POOL_JOB, number);
	}

	for (size_t index = 0; index < pool.crew.worker_count && ready_count > 0; index++) {
		struct ilv_process_worker *worker = &pool.crew.workers[index];

		if ((descriptors[index].revents & ~POLLOUT) &&
		    ilv_process_crew_listen(&pool.crew, worker) != ILV_STATUS_AGAIN) {
			ilv_process_crew_bury(&pool.crew, worker);
		} else if (descriptors[index].revents & POLLOUT) {
			ilv_process_link_flush(&worker->link);
		}
	}

	return ready_count;
}

static enum ilv_status ensure_workers(void)
{
	enum ilv_status status = ILV_STATUS_OK;

	if (pool.has_workers || pool.crew.is_worker) {
		return ILV_STATUS_OK;
	}

	pool.has_workers = true;
	status = ilv_process_crew_fork(&pool.crew);
	if (status < 0) {
		pool.crew.broken = strdup(ilv_cause_text());
		ilv_process_crew_finish_queue(&pool.crew, status, pool.crew.broken);
		ilv_process_crew_ask_to_end(&pool.crew);
	}

	return status;
}

static enum ilv_status spawn(struct ilv_handle *base)
{
	struct pool_job *job = (struct pool_job *)base;
	const bool is_flat = base->argument_size > 0;

	if (ilv_stop_is_requested()) {
		return ILV_STATUS_INTERRUPTED;
	}

	if (pool.crew.is_worker) {
		ilv_handle_execute(base);
		job->is_done = true;
		return ILV_STATUS_OK;
	}

	if (pool.crew.broken) {
		ilv_cause_add("%s", pool.crew.broken);
		return ILV_STATUS_ERROR;
	}

	if (!is_flat && pool.has_workers) {
		ilv_cause_add("the workers were forked before its argument was made, which is "
			      "known by address alone");
		return ILV_STATUS_UNSUPPORTED;
	}

	if (is_flat) {
		enum ilv_status status = ensure_workers();

		if (status < 0) {
			return status;
		}
	}

	ilv_process_crew_submit(&pool.crew, &job->job);
	if (pool.has_workers) {
		ilv_process_crew_assign(&pool.crew);
		(void)attend(0, 0);
	}

	return ILV_STATUS_OK;
}

static void join(struct ilv_handle *base)
{
	struct pool_job *job = (struct pool_job *)base;

	if (job->is_done) {
		return;
	}

	if (ensure_workers() < 0) {
		ilv_cause_clear(); /* The jobs say it. */
	}

	while (!job->is_done) {
		const bool is_stopping = ilv_stop_is_requested() || pool.crew.broken;

		if (is_stopping) {
			ilv_process_crew_finish_queue(&pool.crew, ILV_STATUS_INTERRUPTED, NULL);
			ilv_process_crew_ask_to_end(&pool.crew);
		}

		ilv_process_crew_assign(&pool.crew);
		if (!job->is_done && attend(is_stopping ? ILV_PROCESS_LINK_KILL_AFTER_MS : -1,
					    job->job.number) == 0) {
			ilv_process_crew_kill(&pool.crew);
		}
	}
}

/*
 * Takes the message of `job` back from its worker. False: some of it was sent. An empty socket
 * takes some of any message, so that only the last can wait as a whole, behind the rest of another.
 */
static bool take_unsent(const struct ilv_process_job *job)
{
	struct ilv_result *bytes = &job->worker->link.to_send;

	if (job->next || bytes->length < job->message_length) {
		return false;
	}

	bytes->length -= job->message_length;

	return true;
}

static bool cancel(struct ilv_handle *base)
{
	struct pool_job *job = (struct pool_job *)base;

	if (job->is_done) {
		return job->is_cancelled;
	}

	if (job->job.worker && !take_unsent(&job->job)) {
		return false;
	}

	job->is_cancelled = true;
	ilv_process_crew_withdraw(&pool.crew, &job->job);
	ilv_process_crew_finish(&pool.crew, &job->job, ILV_STATUS_INTERRUPTED, NULL);
	ilv_process_crew_assign(&pool.crew);

	return true;
}

const struct ilv_runtime ilv_runtime_process_pool = {
	.name = "process-pool",
	.description = "a fixed number of worker processes, and a queue of jobs for them",
	.shows = "As thread-pool, with workers that are processes: a job costs two messages, not a "
		 "process.",
	.unit = ILV_UNIT_POOL_JOB,
	.main_role = ILV_ROLE_MAIN,
	.has_workers = true,
	.handle_size = sizeof(struct pool_job),
	.start = start,
	.stop = stop,
	.spawn = spawn,
	.join = join,
	.cancel = cancel,
	.await_fd = ilv_blocking_await_fd,
	.await_sleep = ilv_blocking_await_sleep,
	.locks = &ilv_process_locks,
	.yield = ilv_blocking_yield,
};
