/* SPDX-License-Identifier: MIT */
/*
 * Description: worker processes whose answers the loop hears of. As in `process-pool`, one that
 * dies breaks the pool; and with it the run, if anybody waits for the pool.
 */
#include "workloads/runtimes/hybrid_processes.h"

#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "workloads/runtimes/process_crew.h"
#include "workloads/stop.h"

/* One piece of work; on the stack of the task that waits for it. */
struct errand {
	struct ilv_process_job job;
	struct ilv_task *task;
};

/* It belongs to the loop's thread. */
static struct pool {
	struct ilv_process_crew crew;
	uv_poll_t *watches;  /* one a worker */
	size_t watch_count;  /* the first so many are in the loop, but for those of the dead */
	uv_timer_t too_late; /* runs once the workers are asked to end */
	bool has_timer;
	uint32_t open_count; /* errands that somebody waits for */
} pool;

bool ilv_hybrid_processes_is_here(void)
{
	return pool.crew.is_worker;
}

/* The task that waits for `job` goes on: from now on it may be gone. */
static void give_back(struct ilv_process_job *job)
{
	ilv_loop_wake(((struct errand *)job)->task, ILV_STATUS_OK);
}

enum ilv_status ilv_hybrid_processes_fork(uint32_t worker_count)
{
	enum ilv_status status = ilv_process_crew_init(&pool.crew, worker_count, give_back);

	if (status == ILV_STATUS_OK) {
		status = ilv_process_crew_fork(&pool.crew);
	}

	if (status < 0) {
		ilv_hybrid_processes_stop();
	}

	return status;
}

static void kill_all(uv_timer_t *timer)
{
	(void)timer;
	ilv_loop_end_poll();
	ilv_process_crew_kill(&pool.crew);
}

/* Leaves the workers, which are asked to end, some time for it. */
static void begin_timer(void)
{
	if (uv_is_active((uv_handle_t *)&pool.too_late)) {
		return;
	}

	/* The loop's time stood still while tasks ran. */
	uv_update_time(ilv_loop_borrow_uv());
	(void)uv_timer_start(&pool.too_late, kill_all, ILV_PROCESS_LINK_KILL_AFTER_MS, 0);
}

void ilv_hybrid_processes_end_work(void)
{
	ilv_process_crew_finish_queue(&pool.crew, ILV_STATUS_INTERRUPTED, NULL);
	ilv_process_crew_ask_to_end(&pool.crew);
	begin_timer();
}

/* Takes note that the worker of `watch` is gone before it was to go. */
static void bury(uv_poll_t *watch)
{
	const bool is_missed = pool.open_count > 0 && !pool.crew.broken;

	uv_close((uv_handle_t *)watch, NULL);
	ilv_process_crew_bury(&pool.crew, watch->data);
	begin_timer();
	if (is_missed) {
		ilv_stop_request(); /* Tasks that wait for other things are not left at that. */
	}
}

static void assign(void);

static void worker_came(uv_poll_t *watch, int uv_status, int events)
{
	struct ilv_process_worker *worker = watch->data;

	ilv_loop_end_poll();
	if ((uv_status < 0 || (events & UV_READABLE)) &&
	    ilv_process_crew_listen(&pool.crew, worker) != ILV_STATUS_AGAIN) {
		bury(watch);
		return;
	}

	assign();
}

/* Sends what goes now; the rest once the loop hears that there is room. */
static void send_on(size_t index)
{
	struct ilv_process_link *link = &pool.crew.workers[index].link;

	ilv_process_link_flush(link);
	(void)uv_poll_start(&pool.watches[index],
			    link->to_send.length > 0 ? UV_READABLE | UV_WRITABLE : UV_READABLE,
			    worker_came);
}

static void assign(void)
{
	ilv_process_crew_assign(&pool.crew);
	for (size_t index = 0; index < pool.watch_count; index++) {
		if (pool.crew.workers[index].link.fd >= 0) {
			send_on(index);
		}
	}
}

enum ilv_status ilv_hybrid_processes_watch(void)
{
	(void)uv_timer_init(ilv_loop_borrow_uv(), &pool.too_late);
	pool.has_timer = true;
	pool.watches = calloc(pool.crew.worker_count, sizeof(*pool.watches));
	if (!pool.watches) {
		ilv_cause_add("Cannot watch workers: count=%zu", pool.crew.worker_count);
		return ILV_STATUS_MEMORY;
	}

	while (pool.watch_count < pool.crew.worker_count) {
		struct ilv_process_worker *worker = &pool.crew.workers[pool.watch_count];
		uv_poll_t *watch = &pool.watches[pool.watch_count];
		int error = uv_poll_init(ilv_loop_borrow_uv(), watch, worker->link.fd);

		if (error != 0) {
			ilv_cause_add("Cannot watch %s: error=\"%s\"", worker->link.name,
				      uv_strerror(error));
			return ILV_STATUS_ERROR;
		}

		watch->data = worker;
		send_on(pool.watch_count++);
	}

	return ILV_STATUS_OK;
}

enum ilv_status ilv_hybrid_processes_do(ilv_job_function function, void *argument,
					size_t argument_size, struct ilv_result *result)
{
	enum ilv_status status = ILV_STATUS_OK;
	struct errand errand = {
		.job.base = {.function = function,
			     .argument = argument,
			     .argument_size = argument_size},
		.task = ilv_loop_current(),
	};
	struct ilv_handle *base = &errand.job.base;

	if (!errand.task) {
		ilv_cause_add("Cannot hand work to the pool outside a job");
		return ILV_STATUS_ERROR;
	}

	if (pool.crew.broken) {
		ilv_cause_add("%s", pool.crew.broken);
		return ILV_STATUS_ERROR;
	}

	if (ilv_stop_is_requested()) {
		return ILV_STATUS_INTERRUPTED;
	}

	memcpy(base->name, errand.task->base.name, sizeof(base->name));
	pool.open_count++;
	ilv_process_crew_submit(&pool.crew, &errand.job);
	assign();

	/* To its end, also when the run is to end: the worker is asked to make that soon. */
	(void)!ilv_loop_wait(ILV_WAIT_REASON_POOL_JOB, errand.job.number, NULL, NULL);
	pool.open_count--;
	status = base->status;
	if (status < 0 && base->cause && base->cause[0]) {
		ilv_cause_add("%s", base->cause);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_result_append(result, base->result.bytes, base->result.length);
	}

	ilv_result_fini(&base->result);
	free(base->cause);

	return status;
}

/* Takes what was watched out of the loop. */
static void unwatch(void)
{
	for (size_t index = 0; index < pool.watch_count; index++) {
		if (pool.crew.workers[index].link.fd >= 0) {
			uv_close((uv_handle_t *)&pool.watches[index], NULL);
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

	ilv_process_crew_fini(&pool.crew);
	free(pool.watches);
	pool = (struct pool){0};
}
