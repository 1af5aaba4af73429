/* SPDX-License-Identifier: MIT */
/*
 * Description: runtime `thread-pool`: a fixed number of worker threads, and one queue of jobs,
 * first in, first out. A job's handle is a future: it holds result or error, and who joins it waits
 * for that; it can be cancelled for as long as its job is in the queue. The trace shows jobs that
 * queue while all workers are at work, however cheap a job is to spawn.
 *
 * Once the run is asked to end, all jobs that nobody began are cancelled. Cancelled jobs end
 * without a begin.
 *
 * A worker whose job waits for another job that nobody began does that job itself, there and then.
 * Without this, jobs that spawn jobs could hold all workers, each waiting for what no worker is
 * left to do.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <utlist.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/rusage.h"
#include "workloads/runtimes/blocking.h"
#include "workloads/runtimes/job_thread.h"
#include "workloads/runtimes/refusal.h"
#include "workloads/stop.h"
#include "workloads/truth.h"

struct pool_handle {
	struct ilv_handle base;
	uint64_t number;
	sem_t is_done;
	bool is_pending; /* in the queue */
	bool is_cancelled;
	struct pool_handle *next;
	struct pool_handle *prev;
};

struct worker {
	pthread_t thread;
	pid_t parent_tid;
	char name[ILV_NAME_SIZE];
};

/* `mutex` protects the queue, what its jobs say of it, `last_number` and `is_closing`; no other
 * lock is taken under it. */
static struct {
	pthread_mutex_t mutex;
	pthread_cond_t has_work; /* a job came, or the pool closes */
	struct pool_handle *queue;
	uint32_t queue_length;
	uint64_t last_number;
	bool is_closing;
	struct worker *workers;
	uint32_t worker_count;
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local bool is_worker;

static void lock_queue(void)
{
	const bool is_contended = pthread_mutex_trylock(&pool.mutex) != 0;

	if (is_contended) {
		ilv_trace_lock_wait_begin(&pool.mutex, ILV_LOCK_KIND_MUTEX,
					  ILV_LOCK_MODE_EXCLUSIVE);
		ilv_rusage_wait_begin();
		(void)pthread_mutex_lock(&pool.mutex);
		ilv_rusage_wait_end();
	}

	ilv_trace_lock_acquire(&pool.mutex, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE,
			       is_contended);
}

static void say_unlock(void)
{
	ilv_trace_lock_release(&pool.mutex, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE,
			       ILV_RELEASE_CAUSE_NONE);
}

static void unlock_queue(void)
{
	say_unlock();
	(void)pthread_mutex_unlock(&pool.mutex);
}

static void wait_for_work(void)
{
	say_unlock();
	ilv_trace_wait_begin(ILV_WAIT_REASON_QUEUE, (uintptr_t)&pool);
	ilv_rusage_wait_begin();
	(void)pthread_cond_wait(&pool.has_work, &pool.mutex);
	ilv_rusage_wait_end();
	ilv_trace_wait_end(ILV_WAIT_REASON_QUEUE, (uintptr_t)&pool);
	ilv_trace_lock_acquire(&pool.mutex, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE, false);
}

/* Takes a pending job out of the queue, which is locked. */
static void unqueue(struct pool_handle *handle)
{
	DL_DELETE(pool.queue, handle);
	pool.queue_length--;
	handle->is_pending = false;
}

/* Waits for the next job; NULL once the pool closes. */
static struct pool_handle *take_next(void)
{
	struct pool_handle *handle = NULL;

	lock_queue();
	while (!pool.queue && !pool.is_closing) {
		wait_for_work();
	}

	handle = pool.queue;
	if (handle) {
		unqueue(handle);
	}

	unlock_queue();

	return handle;
}

static void say_done(struct pool_handle *handle)
{
	ilv_trace_job_end(&pool, handle->number, ilv_outcome_of(handle->base.status));
	/* The last touch: who joins it may free it from here on. */
	(void)sem_post(&handle->is_done);
}

/* Does, or cancels, a job that is not in the queue any more. */
static void finish(struct pool_handle *handle)
{
	if (ilv_stop_is_requested()) {
		handle->base.status = ILV_STATUS_INTERRUPTED;
	} else {
		ilv_trace_job_begin(&pool, handle->number);
		ilv_handle_execute(&handle->base);
	}

	say_done(handle);
}

static void *worker_main(void *argument)
{
	struct worker *worker = argument;
	struct ilv_truth_thread truth;
	struct pool_handle *handle = NULL;

	ilv_truth_thread_begin(&truth, ILV_ROLE_POOL, worker->name);
	ilv_job_thread_set_name(worker->name);
	ilv_trace_thread_start((uintptr_t)worker, worker->parent_tid, worker->name, ILV_ROLE_POOL,
			       false);
	is_worker = true;
	while ((handle = take_next())) {
		finish(handle);
	}

	ilv_truth_thread_end(&truth);
	ilv_trace_thread_exit();

	return NULL;
}

static enum ilv_status start_worker(uint32_t index)
{
	struct worker *worker = &pool.workers[index];
	int error = 0;

	(void)snprintf(worker->name, sizeof(worker->name), "worker %u", index);
	worker->parent_tid = ilv_trace_tid();
	ilv_trace_thread_create((uintptr_t)worker, worker->name);
	error = pthread_create(&worker->thread, NULL, worker_main, worker);
	if (error != 0) {
		ilv_refusal_explain("thread", error);
		ilv_cause_add("Cannot start worker: number=%u of %u", index + 1, pool.worker_count);
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

/* Lets the workers end, once the queue is empty, and waits for the first `count` of them. */
static void close_pool(uint32_t count)
{
	lock_queue();
	pool.is_closing = true;
	(void)pthread_cond_broadcast(&pool.has_work);
	unlock_queue();

	for (uint32_t index = 0; index < count; index++) {
		/* Its thread id is not known here. */
		ilv_trace_thread_join_begin(-1);
		ilv_rusage_wait_begin();
		(void)pthread_join(pool.workers[index].thread, NULL);
		ilv_rusage_wait_end();
		ilv_trace_thread_join_end(-1);
	}

	ilv_trace_lock_destroy(&pool.mutex);
	(void)pthread_cond_destroy(&pool.has_work);
	free(pool.workers);
	pool.workers = NULL;
}

static enum ilv_status start(const struct ilv_runtime_options *options)
{
	enum ilv_status status = ILV_STATUS_OK;
	uint32_t started_count = 0;

	pool.worker_count =
		options->worker_count > 0 ? options->worker_count : ilv_default_worker_count();
	pool.is_closing = false;
	pool.last_number = 0;
	pool.workers = calloc(pool.worker_count, sizeof(*pool.workers));
	if (!pool.workers) {
		ilv_cause_add("Cannot make pool: workers=%u", pool.worker_count);
		return ILV_STATUS_MEMORY;
	}

	(void)pthread_cond_init(&pool.has_work, NULL);
	ilv_trace_lock_name(&pool.mutex, ILV_LOCK_KIND_MUTEX, 1, "queue");
	ilv_trace_pool_create(&pool, "pool", pool.worker_count, false);
	while (started_count < pool.worker_count && status == ILV_STATUS_OK) {
		status = start_worker(started_count);
		started_count += status == ILV_STATUS_OK;
	}

	if (status < 0) {
		close_pool(started_count);
	}

	return status;
}

static void stop(void)
{
	close_pool(pool.worker_count);
}

static enum ilv_status spawn(struct ilv_handle *base)
{
	struct pool_handle *handle = (struct pool_handle *)base;

	(void)sem_init(&handle->is_done, 0, 0);
	lock_queue();
	handle->number = ++pool.last_number;
	handle->is_pending = true;
	DL_APPEND(pool.queue, handle);
	pool.queue_length++;
	ilv_trace_job_submit(&pool, handle->number, base->name, pool.queue_length);
	(void)pthread_cond_signal(&pool.has_work);
	unlock_queue();

	return ILV_STATUS_OK;
}

/* Takes `handle` from the queue, if it is still there, to do it here. */
static bool take_pending(struct pool_handle *handle)
{
	bool is_taken = false;

	lock_queue();
	is_taken = handle->is_pending;
	if (is_taken) {
		unqueue(handle);
	}

	unlock_queue();

	return is_taken;
}

static void wait_for_job(struct pool_handle *handle)
{
	ilv_trace_wait_begin(ILV_WAIT_REASON_POOL_JOB, handle->number);
	ilv_rusage_wait_begin();
	while (sem_wait(&handle->is_done) != 0) {
		/* A signal; the job is still to come. */
	}
	ilv_rusage_wait_end();
	ilv_trace_wait_end(ILV_WAIT_REASON_POOL_JOB, handle->number);
}

static void join(struct ilv_handle *base)
{
	struct pool_handle *handle = (struct pool_handle *)base;

	if (is_worker && take_pending(handle)) {
		finish(handle);
	}

	if (sem_trywait(&handle->is_done) != 0) {
		wait_for_job(handle);
	}

	(void)sem_destroy(&handle->is_done);
}

static bool cancel(struct ilv_handle *base)
{
	struct pool_handle *handle = (struct pool_handle *)base;
	bool is_cancelled = false;
	bool is_taken = false;

	lock_queue();
	is_taken = handle->is_pending;
	if (is_taken) {
		unqueue(handle);
		handle->is_cancelled = true;
	}

	is_cancelled = handle->is_cancelled;
	unlock_queue();

	if (is_taken) {
		handle->base.status = ILV_STATUS_INTERRUPTED;
		say_done(handle);
	}

	return is_cancelled;
}

const struct ilv_runtime ilv_runtime_thread_pool = {
	.name = "thread-pool",
	.description = "worker threads that take jobs from one queue; --workers, else CPUs + 4, at "
		       "most 32",
	.shows = "A lane for each worker; jobs stand in the queue (hatched) while all are at work.",
	.unit = ILV_UNIT_POOL_JOB,
	.main_role = ILV_ROLE_MAIN,
	.has_workers = true,
	.handle_size = sizeof(struct pool_handle),
	.start = start,
	.stop = stop,
	.spawn = spawn,
	.join = join,
	.cancel = cancel,
	.await_fd = ilv_blocking_await_fd,
	.await_sleep = ilv_blocking_await_sleep,
	.locks = &ilv_blocking_locks,
	.yield = ilv_blocking_yield,
};
