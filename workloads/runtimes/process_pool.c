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
 * once, itself. A worker that dies breaks the pool: all that was not done fails, with the name of
 * that worker, and nothing more is taken, for who knows what else is wrong (so does
 * concurrent.futures, with its BrokenProcessPool).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utlist.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
#include "workloads/runtimes/blocking.h"
#include "workloads/runtimes/process_child.h"
#include "workloads/runtimes/process_link.h"
#include "workloads/runtimes/process_worker.h"
#include "workloads/runtimes/refusal.h"
#include "workloads/stop.h"

struct pool_job {
	struct ilv_handle base;
	uint64_t number;
	bool is_done;
	bool is_cancelled;
	struct worker *worker; /* that it is assigned to; NULL: it is in the queue, or done */
	size_t message_length; /* of what tells that worker of it */
	struct pool_job *next; /* in the queue, or among those assigned to a worker */
	struct pool_job *prev;
};

struct worker {
	struct ilv_process_link link; /* to send: the messages of the last of those assigned */
	struct pool_job *assigned;    /* the first is the one that it is at */
	unsigned int assigned_count;
};

/*
 * The run's one pool; its address is the same number in all workers. It belongs to the main thread
 * of the parent: no other thread of it touches this, and a worker has a copy, of which it only
 * looks at `is_worker`.
 */
static struct process_pool {
	struct worker *workers;
	struct pollfd *descriptors; /* one a worker, and one for the stop */
	size_t worker_count;
	bool has_workers;
	bool are_asked_to_end;
	struct pool_job *queue;
	uint32_t queue_length;
	uint64_t last_number;
	char *broken; /* why it takes nothing more; NULL: it does */
	bool is_worker;
} pool;

static size_t default_worker_count(void)
{
	cpu_set_t allowed;

	return sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? (size_t)CPU_COUNT(&allowed)
								    : 1;
}

static enum ilv_status start(const struct ilv_runtime_options *options)
{
	pool = (struct process_pool){0};
	pool.worker_count =
		options->worker_count > 0 ? options->worker_count : default_worker_count();
	pool.workers = calloc(pool.worker_count, sizeof(*pool.workers));
	pool.descriptors = calloc(pool.worker_count + 1, sizeof(*pool.descriptors));
	if (!pool.workers || !pool.descriptors) {
		free(pool.workers);
		free(pool.descriptors);
		ilv_cause_add("Cannot plan workers: count=%zu", pool.worker_count);
		return ILV_STATUS_MEMORY;
	}

	for (size_t index = 0; index < pool.worker_count; index++) {
		ilv_process_link_init(&pool.workers[index].link, index);
	}

	ilv_trace_pool_create(&pool, "processes", (uint32_t)pool.worker_count, true);

	return ILV_STATUS_OK;
}

static enum ilv_status fork_worker(struct worker *worker)
{
	int fd = -1;
	enum ilv_status status = ilv_process_link_fork(&worker->link, &fd);

	if (status == ILV_STATUS_OK && worker->link.pid == 0) {
		for (size_t index = 0; index < pool.worker_count; index++) {
			if (pool.workers[index].link.fd >= 0) {
				(void)close(pool.workers[index].link.fd);
			}
		}

		pool.is_worker = true;
		status = ilv_process_worker(&pool, fd, worker->link.name);
		ilv_trace_process_exit(status < 0);
		_exit(status < 0);
	}

	if (status < 0) {
		ilv_cause_add("Cannot start %s of %zu", worker->link.name, pool.worker_count);
	}

	return status;
}

static void finish(struct pool_job *job, enum ilv_status status, const char *cause)
{
	job->base.status = status;
	job->base.cause = cause ? strdup(cause) : NULL;
	job->is_done = true;
	ilv_trace_job_end(&pool, job->number, ilv_outcome_of(status));
}

/* Ends all that no worker has begun or will end. */
static void finish_all(enum ilv_status status, const char *cause)
{
	struct pool_job *job = NULL;
	struct pool_job *next = NULL;

	DL_FOREACH_SAFE(pool.queue, job, next)
	{
		DL_DELETE(pool.queue, job);
		finish(job, status, cause);
	}

	pool.queue_length = 0;
}

static void ask_all_to_end(void)
{
	if (pool.are_asked_to_end) {
		return;
	}

	pool.are_asked_to_end = true;
	for (size_t index = 0; index < pool.worker_count; index++) {
		if (pool.workers[index].link.pid > 0) {
			ilv_process_ask(pool.workers[index].link.pid);
		}
	}
}

static void fail_assigned(struct worker *worker, enum ilv_status status, const char *cause)
{
	while (worker->assigned) {
		struct pool_job *job = worker->assigned;

		DL_DELETE(worker->assigned, job);
		finish(job, status, cause);
	}

	worker->assigned_count = 0;
}

/* Takes note that `worker` is gone before it was to go: the pool is broken. */
static void bury(struct worker *worker)
{
	char *cause = ilv_process_link_bury(&worker->link,
					    worker->assigned ? worker->assigned->base.name : NULL);

	fail_assigned(worker, ilv_stop_is_requested() ? ILV_STATUS_INTERRUPTED : ILV_STATUS_ERROR,
		      cause);
	if (pool.broken) {
		free(cause);
		return;
	}

	pool.broken = cause ? cause : strdup("the pool is broken");
	finish_all(ILV_STATUS_ERROR, pool.broken);
	ask_all_to_end();
}

/* Gives jobs of the queue to workers that have room, to each one before any has a second. */
static void assign(void)
{
	for (unsigned int room = 1; room <= ILV_PROCESS_LINK_ASSIGNED_MAX; room++) {
		for (size_t index = 0; index < pool.worker_count && pool.queue; index++) {
			struct worker *worker = &pool.workers[index];
			struct pool_job *job = pool.queue;
			const size_t length_before = worker->link.to_send.length;

			if (worker->link.fd < 0 || worker->assigned_count >= room) {
				continue;
			}

			DL_DELETE(pool.queue, job);
			pool.queue_length--;
			if (ilv_wire_put_job(&worker->link.to_send, job->number, &job->base) < 0) {
				finish(job, ILV_STATUS_MEMORY, ilv_cause_text());
				ilv_cause_clear();
				continue;
			}

			job->message_length = worker->link.to_send.length - length_before;
			job->worker = worker;
			DL_APPEND(worker->assigned, job);
			worker->assigned_count++;
			ilv_process_link_flush(&worker->link);
		}
	}
}

/* Takes all whole answers that came from `worker`. */
static void take_answers(struct worker *worker)
{
	struct ilv_wire_answer answer;
	size_t length = 0;

	while (ilv_wire_look(&worker->link.received, &answer, &length) == ILV_STATUS_OK) {
		struct pool_job *job = worker->assigned;
		struct ilv_handle nobody = {0};
		struct ilv_handle *handle =
			job && job->number == answer.number ? &job->base : &nobody;

		if (ilv_wire_keep(&worker->link.received, &answer, handle) < 0) {
			handle->status = ILV_STATUS_MEMORY;
		}

		if (handle != &nobody) {
			DL_DELETE(worker->assigned, job);
			worker->assigned_count--;
			job->is_done = true;
			/* What was asked to end only because of a death is told of that. */
			if (pool.broken && handle->status == ILV_STATUS_INTERRUPTED) {
				handle->status = ILV_STATUS_ERROR;
				free(handle->cause);
				handle->cause = strdup(pool.broken);
			}
		}

		ilv_wire_drop(&worker->link.received, length);
	}
}

/* Reads all that is there. ILV_STATUS_END: the worker is gone. */
static enum ilv_status listen_to(struct worker *worker)
{
	enum ilv_status status = ILV_STATUS_OK;

	while (status == ILV_STATUS_OK) {
		status = ilv_wire_receive(worker->link.fd, &worker->link.received);
		take_answers(worker);
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
	size_t count = pool.worker_count;
	int ready_count = 0;

	for (size_t index = 0; index < pool.worker_count; index++) {
		struct worker *worker = &pool.workers[index];

		descriptors[index] = (struct pollfd){
			.fd = worker->link.fd,
			.events = worker->link.to_send.length > 0 ? POLLIN | POLLOUT : POLLIN,
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

	for (size_t index = 0; index < pool.worker_count && ready_count > 0; index++) {
		struct worker *worker = &pool.workers[index];

		if ((descriptors[index].revents & ~POLLOUT) &&
		    listen_to(worker) != ILV_STATUS_AGAIN) {
			bury(worker);
		} else if (descriptors[index].revents & POLLOUT) {
			ilv_process_link_flush(&worker->link);
		}
	}

	return ready_count;
}

static void kill_all(void)
{
	for (size_t index = 0; index < pool.worker_count; index++) {
		if (pool.workers[index].link.pid > 0) {
			(void)kill(pool.workers[index].link.pid, SIGKILL);
		}
	}
}

static enum ilv_status ensure_workers(void)
{
	enum ilv_status status = ILV_STATUS_OK;

	if (pool.has_workers || pool.is_worker) {
		return ILV_STATUS_OK;
	}

	pool.has_workers = true;
	for (size_t index = 0; index < pool.worker_count && status == ILV_STATUS_OK; index++) {
		status = fork_worker(&pool.workers[index]);
	}

	if (status < 0) {
		pool.broken = strdup(ilv_cause_text());
		finish_all(status, pool.broken);
		ask_all_to_end();
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

	if (pool.is_worker) {
		ilv_handle_execute(base);
		job->is_done = true;
		return ILV_STATUS_OK;
	}

	if (pool.broken) {
		ilv_cause_add("%s", pool.broken);
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

	job->number = ++pool.last_number;
	DL_APPEND(pool.queue, job);
	ilv_trace_job_submit(&pool, job->number, base->name, ++pool.queue_length);
	if (pool.has_workers) {
		assign();
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
		const bool is_stopping = ilv_stop_is_requested() || pool.broken;

		if (is_stopping) {
			finish_all(ILV_STATUS_INTERRUPTED, NULL);
			ask_all_to_end();
		}

		assign();
		if (!job->is_done &&
		    attend(is_stopping ? ILV_PROCESS_LINK_KILL_AFTER_MS : -1, job->number) == 0) {
			kill_all();
		}
	}
}

/*
 * Takes the message of `job` back from its worker. False: some of it was sent. An empty socket
 * takes some of any message, so that only the last can wait as a whole, behind the rest of another.
 */
static bool take_unsent(const struct pool_job *job)
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

	if (!job->worker) {
		DL_DELETE(pool.queue, job);
		pool.queue_length--;
	} else if (take_unsent(job)) {
		DL_DELETE(job->worker->assigned, job);
		job->worker->assigned_count--;
	} else {
		return false;
	}

	job->is_cancelled = true;
	finish(job, ILV_STATUS_INTERRUPTED, NULL);
	assign();

	return true;
}

static void stop(void)
{
	for (size_t index = 0; index < pool.worker_count; index++) {
		struct ilv_process_link *link = &pool.workers[index].link;

		if (link->pid > 0) {
			ilv_process_link_dismiss(link);
		}

		ilv_process_link_fini(link);
	}

	free(pool.workers);
	free(pool.descriptors);
	free(pool.broken);
	pool = (struct process_pool){0};
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
