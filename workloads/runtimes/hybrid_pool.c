/* SPDX-License-Identifier: MIT */
/* Description: a queue of work, the threads that do it, and how the loop hears that it is done. */
#include "workloads/runtimes/hybrid_pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include <interleave/pthread.h>
#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
#include "workloads/runtimes/refusal.h"
#include "workloads/stop.h"
#include "workloads/truth.h"

/* One piece of work; on the stack of the task that waits for it. */
struct errand {
	ilv_job_function function;
	void *argument;
	struct ilv_result *result;
	enum ilv_status status;
	char *cause; /* of a failure: causes are kept by thread */
	uint64_t number;
	struct ilv_task *task;
	struct errand *next;
	struct errand *prev;
};

struct worker {
	pthread_t thread;
	char name[ILV_NAME_SIZE];
};

/*
 * `mutex` protects both queues, the length and `is_closing`; nothing nests in it. The rest belongs
 * to the loop's thread, but for `is_done`, which libuv lets any thread send.
 */
static struct pool {
	pthread_mutex_t mutex;
	pthread_cond_t has_work;
	struct errand *queue;
	uint32_t queue_length;
	struct errand *done;
	bool is_closing;

	uv_async_t is_done;
	uint64_t last_number;
	struct worker *workers;
	uint32_t worker_count;
} pool;

static _Thread_local bool is_worker;

bool ilv_hybrid_pool_is_here(void)
{
	return is_worker;
}

/* Waits for work; NULL once the pool closes. */
static struct errand *take(void)
{
	struct errand *errand = NULL;

	(void)pthread_mutex_lock(&pool.mutex);
	if (!pool.queue && !pool.is_closing) {
		ilv_trace_wait_begin(ILV_WAIT_REASON_QUEUE, (uintptr_t)&pool);
		ilv_rusage_wait_begin();
		while (!pool.queue && !pool.is_closing) {
			(void)pthread_cond_wait(&pool.has_work, &pool.mutex);
		}
		ilv_rusage_wait_end();
		ilv_trace_wait_end(ILV_WAIT_REASON_QUEUE, (uintptr_t)&pool);
	}

	errand = pool.queue;
	if (errand) {
		DL_DELETE(pool.queue, errand);
		pool.queue_length--;
	}
	(void)pthread_mutex_unlock(&pool.mutex);

	return errand;
}

static void perform(struct errand *errand)
{
	ilv_cause_clear();
	ilv_trace_job_begin(&pool, errand->number);
	errand->status = ilv_stop_is_requested()
				 ? ILV_STATUS_INTERRUPTED
				 : errand->function(errand->argument, errand->result);
	ilv_trace_job_end(&pool, errand->number, ilv_outcome_of(errand->status));
	if (errand->status < 0) {
		errand->cause = strdup(ilv_cause_text());
	}
}

static void *worker_main(void *argument)
{
	const struct worker *worker = argument;
	struct ilv_truth_thread truth;
	struct errand *errand = NULL;

	is_worker = true;
	ilv_truth_thread_begin(&truth, ILV_ROLE_POOL, worker->name);
	for (errand = take(); errand; errand = take()) {
		perform(errand);
		(void)pthread_mutex_lock(&pool.mutex);
		DL_APPEND(pool.done, errand);
		(void)pthread_mutex_unlock(&pool.mutex);
		(void)uv_async_send(&pool.is_done);
	}
	ilv_truth_thread_end(&truth);

	return NULL;
}

/* On the loop's thread: whoever waits for what is done goes on. */
static void done_came(uv_async_t *async)
{
	struct errand *done = NULL;

	(void)async;
	ilv_loop_end_poll();
	(void)pthread_mutex_lock(&pool.mutex);
	done = pool.done;
	pool.done = NULL;
	(void)pthread_mutex_unlock(&pool.mutex);

	while (done) {
		struct errand *errand = done;

		DL_DELETE(done, errand);
		ilv_loop_wake(errand->task, ILV_STATUS_OK);
	}
}

enum ilv_status ilv_hybrid_pool_do(ilv_job_function function, void *argument,
				   struct ilv_result *result)
{
	struct errand errand = {
		.function = function,
		.argument = argument,
		.result = result,
		.number = ++pool.last_number,
		.task = ilv_loop_current(),
	};

	if (!errand.task) {
		ilv_cause_add("Cannot hand work to the pool outside a job");
		return ILV_STATUS_ERROR;
	}

	(void)pthread_mutex_lock(&pool.mutex);
	ilv_trace_job_submit(&pool, errand.number, errand.task->base.name, pool.queue_length + 1);
	DL_APPEND(pool.queue, &errand);
	pool.queue_length++;
	(void)pthread_cond_signal(&pool.has_work);
	(void)pthread_mutex_unlock(&pool.mutex);

	/* To its end, also when the run is to end: the worker uses what is the task's, and looks at
	 * the stop itself. */
	(void)!ilv_loop_wait(ILV_WAIT_REASON_POOL_JOB, errand.number, NULL, NULL);
	if (errand.status < 0 && errand.cause && errand.cause[0]) {
		ilv_cause_add("%s", errand.cause);
	}

	free(errand.cause);

	return errand.status;
}

enum ilv_status ilv_hybrid_pool_start(uint32_t worker_count, const char *worker_name)
{
	enum ilv_status status = ILV_STATUS_MEMORY;

	pool.workers = calloc(worker_count, sizeof(*pool.workers));
	if (!pool.workers) {
		ilv_cause_add("Cannot create pool: workers=%u", worker_count);
		return status;
	}

	(void)pthread_mutex_init(&pool.mutex, NULL);
	(void)pthread_cond_init(&pool.has_work, NULL);
	(void)uv_async_init(ilv_loop_borrow_uv(), &pool.is_done, done_came);
	ilv_trace_pool_create(&pool, "hybrid", worker_count, false);
	while (pool.worker_count < worker_count) {
		struct worker *worker = &pool.workers[pool.worker_count];
		int error = 0;

		(void)snprintf(worker->name, sizeof(worker->name), "%s %u", worker_name,
			       pool.worker_count);
		error = ilv_thread_create(&worker->thread, NULL, worker_main, worker, worker->name,
					  ILV_ROLE_POOL);
		if (error != 0) {
			ilv_refusal_explain("thread", error);
			ilv_cause_add("Cannot start worker: number=%u", pool.worker_count);
			ilv_hybrid_pool_stop();
			return ILV_STATUS_ERROR;
		}

		pool.worker_count++;
	}

	return ILV_STATUS_OK;
}

void ilv_hybrid_pool_stop(void)
{
	(void)pthread_mutex_lock(&pool.mutex);
	pool.is_closing = true;
	(void)pthread_cond_broadcast(&pool.has_work);
	(void)pthread_mutex_unlock(&pool.mutex);
	for (uint32_t index = 0; index < pool.worker_count; index++) {
		(void)ilv_thread_join(pool.workers[index].thread, NULL);
	}

	uv_close((uv_handle_t *)&pool.is_done, NULL);
	(void)uv_run(ilv_loop_borrow_uv(), UV_RUN_NOWAIT); /* Or libuv would look at it later. */
	ilv_loop_end_poll();
	(void)pthread_cond_destroy(&pool.has_work);
	(void)pthread_mutex_destroy(&pool.mutex);
	free(pool.workers);
	pool = (struct pool){0};
}
