/* SPDX-License-Identifier: MIT */
/*
 * Description: worker processes, the queue of work for them, and how the loop hears of what they
 * say. Work and results go over a socket to each, as bytes.
 *
 * As in `process-pool`, a worker that dies breaks the pool: all that was not done fails, with the
 * name of that worker, and nothing more is taken.
 */
#include "workloads/runtimes/hybrid_processes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utlist.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/runtimes/process_child.h"
#include "workloads/runtimes/process_link.h"
#include "workloads/runtimes/process_worker.h"
#include "workloads/runtimes/refusal.h"
#include "workloads/stop.h"

/* One piece of work; on the stack of the task that waits for it. */
struct errand {
	struct ilv_handle base;
	uint64_t number;
	struct ilv_task *task;
	struct errand *next; /* in the queue, or among those assigned to a worker */
	struct errand *prev;
};

struct worker {
	struct ilv_process_link link;
	uv_poll_t watch;
	struct errand *assigned; /* the first is the one that it is at */
	unsigned int assigned_count;
};

/* It belongs to the loop's thread. A worker has a copy, of which it only looks at `is_worker`. */
static struct pool {
	struct worker *workers;
	uint32_t worker_count;
	uint32_t watched_count; /* the first so many have a watch */
	uv_timer_t too_late;    /* runs once the workers are asked to end */
	bool has_timer;
	bool are_asked_to_end;
	struct errand *queue;
	uint32_t queue_length;
	uint32_t open_count; /* errands that somebody waits for */
	uint64_t last_number;
	char *broken; /* why it takes nothing more; NULL: it does */
	bool is_worker;
} pool;

bool ilv_hybrid_processes_is_here(void)
{
	return pool.is_worker;
}

static enum ilv_status fork_worker(struct worker *worker)
{
	int fd = -1;
	enum ilv_status status = ilv_process_link_fork(&worker->link, &fd);

	if (status == ILV_STATUS_OK && worker->link.pid == 0) {
		for (uint32_t index = 0; index < pool.worker_count; index++) {
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
		ilv_cause_add("Cannot start %s of %u", worker->link.name, pool.worker_count);
	}

	return status;
}

enum ilv_status ilv_hybrid_processes_fork(uint32_t worker_count)
{
	enum ilv_status status = ILV_STATUS_OK;

	pool.workers = calloc(worker_count, sizeof(*pool.workers));
	if (!pool.workers) {
		ilv_cause_add("Cannot plan workers: count=%u", worker_count);
		return ILV_STATUS_MEMORY;
	}

	pool.worker_count = worker_count;
	for (uint32_t index = 0; index < worker_count; index++) {
		ilv_process_link_init(&pool.workers[index].link, index);
	}

	ilv_trace_pool_create(&pool, "processes", worker_count, true);
	for (uint32_t index = 0; index < worker_count && status == ILV_STATUS_OK; index++) {
		status = fork_worker(&pool.workers[index]);
	}

	if (status < 0) {
		ilv_hybrid_processes_stop();
	}

	return status;
}

/* The task that waits for `errand` goes on: from now on it may be gone. */
static void give_back(struct errand *errand)
{
	ilv_loop_wake(errand->task, ILV_STATUS_OK);
}

/* Ends an errand that no worker will end. */
static void finish(struct errand *errand, enum ilv_status status, const char *cause)
{
	errand->base.status = status;
	errand->base.cause = cause ? strdup(cause) : NULL;
	ilv_trace_job_end(&pool, errand->number, ilv_outcome_of(status));
	give_back(errand);
}

static void finish_queue(enum ilv_status status, const char *cause)
{
	while (pool.queue) {
		struct errand *errand = pool.queue;

		DL_DELETE(pool.queue, errand);
		finish(errand, status, cause);
	}

	pool.queue_length = 0;
}

static void kill_all(uv_timer_t *timer)
{
	(void)timer;
	ilv_loop_end_poll();
	for (uint32_t index = 0; index < pool.worker_count; index++) {
		if (pool.workers[index].link.pid > 0) {
			(void)kill(pool.workers[index].link.pid, SIGKILL);
		}
	}
}

static void ask_all_to_end(void)
{
	if (pool.are_asked_to_end) {
		return;
	}

	pool.are_asked_to_end = true;
	for (uint32_t index = 0; index < pool.worker_count; index++) {
		if (pool.workers[index].link.pid > 0) {
			ilv_process_ask(pool.workers[index].link.pid);
		}
	}

	/* The loop's time stood still while tasks ran. */
	uv_update_time(ilv_loop_borrow_uv());
	(void)uv_timer_start(&pool.too_late, kill_all, ILV_PROCESS_LINK_KILL_AFTER_MS, 0);
}

void ilv_hybrid_processes_end_work(void)
{
	finish_queue(ILV_STATUS_INTERRUPTED, NULL);
	ask_all_to_end();
}

/* Takes note that `worker` is gone before it was to go: the pool is broken, and with it the run,
 * if anybody waits for the pool. */
static void bury(struct worker *worker)
{
	const bool is_stopping = ilv_stop_is_requested();
	const bool is_missed = pool.open_count > 0;
	char *cause = NULL;

	uv_close((uv_handle_t *)&worker->watch, NULL);
	cause = ilv_process_link_bury(&worker->link,
				      worker->assigned ? worker->assigned->base.name : NULL);
	while (worker->assigned) {
		struct errand *errand = worker->assigned;

		DL_DELETE(worker->assigned, errand);
		finish(errand, is_stopping ? ILV_STATUS_INTERRUPTED : ILV_STATUS_ERROR, cause);
	}

	worker->assigned_count = 0;
	if (pool.broken) {
		free(cause);
		return;
	}

	pool.broken = cause ? cause : strdup("the pool is broken");
	finish_queue(is_stopping ? ILV_STATUS_INTERRUPTED : ILV_STATUS_ERROR, pool.broken);
	ask_all_to_end();
	if (is_missed) {
		ilv_stop_request(); /* Tasks that wait for other things are not left at that. */
	}
}

/* Takes all whole answers that came from `worker`. */
static void take_answers(struct worker *worker)
{
	struct ilv_wire_answer answer;
	size_t length = 0;

	while (ilv_wire_look(&worker->link.received, &answer, &length) == ILV_STATUS_OK) {
		struct errand *errand = worker->assigned;
		struct ilv_handle nobody = {0};
		struct ilv_handle *handle =
			errand && errand->number == answer.number ? &errand->base : &nobody;

		if (ilv_wire_keep(&worker->link.received, &answer, handle) < 0) {
			handle->status = ILV_STATUS_MEMORY;
		}

		ilv_wire_drop(&worker->link.received, length);
		if (handle == &nobody) {
			continue; /* Its good-bye. */
		}

		DL_DELETE(worker->assigned, errand);
		worker->assigned_count--;
		/* What was asked to end only because of a death is told of that. */
		if (pool.broken && handle->status == ILV_STATUS_INTERRUPTED) {
			handle->status = ILV_STATUS_ERROR;
			free(handle->cause);
			handle->cause = strdup(pool.broken);
		}

		give_back(errand);
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

static void assign(void);

static void worker_came(uv_poll_t *watch, int uv_status, int events)
{
	struct worker *worker = watch->data;

	ilv_loop_end_poll();
	if ((uv_status < 0 || (events & UV_READABLE)) && listen_to(worker) != ILV_STATUS_AGAIN) {
		bury(worker);
		return;
	}

	assign();
}

/* Sends what goes now; the rest once the loop hears that there is room. */
static void send_on(struct worker *worker)
{
	ilv_process_link_flush(&worker->link);
	(void)uv_poll_start(&worker->watch,
			    worker->link.to_send.length > 0 ? UV_READABLE | UV_WRITABLE
							    : UV_READABLE,
			    worker_came);
}

/* Gives work of the queue to workers that have room, to each one before any has a second. */
static void assign(void)
{
	for (unsigned int room = 1; room <= ILV_PROCESS_LINK_ASSIGNED_MAX; room++) {
		for (uint32_t index = 0; index < pool.worker_count && pool.queue; index++) {
			struct worker *worker = &pool.workers[index];
			struct errand *errand = pool.queue;

			if (worker->link.fd < 0 || worker->assigned_count >= room) {
				continue;
			}

			DL_DELETE(pool.queue, errand);
			pool.queue_length--;
			if (ilv_wire_put_job(&worker->link.to_send, errand->number, &errand->base) <
			    0) {
				finish(errand, ILV_STATUS_MEMORY, ilv_cause_text());
				ilv_cause_clear();
				continue;
			}

			DL_APPEND(worker->assigned, errand);
			worker->assigned_count++;
		}
	}

	for (uint32_t index = 0; index < pool.worker_count; index++) {
		if (pool.workers[index].link.fd >= 0) {
			send_on(&pool.workers[index]);
		}
	}
}

enum ilv_status ilv_hybrid_processes_watch(void)
{
	(void)uv_timer_init(ilv_loop_borrow_uv(), &pool.too_late);
	pool.has_timer = true;
	while (pool.watched_count < pool.worker_count) {
		struct worker *worker = &pool.workers[pool.watched_count];
		int error = uv_poll_init(ilv_loop_borrow_uv(), &worker->watch, worker->link.fd);

		if (error != 0) {
			ilv_cause_add("Cannot watch %s: error=\"%s\"", worker->link.name,
				      uv_strerror(error));
			return ILV_STATUS_ERROR;
		}

		pool.watched_count++;
		worker->watch.data = worker;
		send_on(worker);
	}

	return ILV_STATUS_OK;
}

enum ilv_status ilv_hybrid_processes_do(ilv_job_function function, void *argument,
					size_t argument_size, struct ilv_result *result)
{
	enum ilv_status status = ILV_STATUS_OK;
	struct errand errand = {
		.base = {.function = function,
			 .argument = argument,
			 .argument_size = argument_size},
		.task = ilv_loop_current(),
	};

	if (!errand.task) {
		ilv_cause_add("Cannot hand work to the pool outside a job");
		return ILV_STATUS_ERROR;
	}

	if (pool.broken) {
		ilv_cause_add("%s", pool.broken);
		return ILV_STATUS_ERROR;
	}

	if (ilv_stop_is_requested()) {
		return ILV_STATUS_INTERRUPTED;
	}

	memcpy(errand.base.name, errand.task->base.name, sizeof(errand.base.name));
	errand.number = ++pool.last_number;
	pool.open_count++;
	DL_APPEND(pool.queue, &errand);
	ilv_trace_job_submit(&pool, errand.number, errand.base.name, ++pool.queue_length);
	assign();

	/* To its end, also when the run is to end: the worker is asked to make that soon. */
	(void)!ilv_loop_wait(ILV_WAIT_REASON_POOL_JOB, errand.number, NULL, NULL);
	pool.open_count--;
	status = errand.base.status;
	if (status < 0 && errand.base.cause && errand.base.cause[0]) {
		ilv_cause_add("%s", errand.base.cause);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_result_append(result, errand.base.result.bytes,
					   errand.base.result.length);
	}

	ilv_result_fini(&errand.base.result);
	free(errand.base.cause);

	return status;
}

/* Takes what was watched out of the loop. */
static void unwatch(void)
{
	for (uint32_t index = 0; index < pool.watched_count; index++) {
		if (pool.workers[index].link.fd >= 0) {
			uv_close((uv_handle_t *)&pool.workers[index].watch, NULL);
		}
	}

	uv_close((uv_handle_t *)&pool.too_late, NULL);
	(void)uv_run(ilv_loop_borrow_uv(), UV_RUN_NOWAIT); /* Or libuv would look at it later. */
	ilv_loop_end_poll();
}

void ilv_hybrid_processes_stop(void)
{
	if (pool.has_timer) {
		unwatch();
	}

	for (uint32_t index = 0; index < pool.worker_count; index++) {
		struct ilv_process_link *link = &pool.workers[index].link;

		if (link->pid > 0) {
			ilv_process_link_dismiss(link);
		}

		ilv_process_link_fini(link);
	}

	free(pool.workers);
	free(pool.broken);
	pool = (struct pool){0};
}
