/* SPDX-License-Identifier: MIT */
/* Description: a watchdog over threads: a count of those that run, a count of their progress, and
 * patience. */
#include "workloads/lessons/watchdog.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <interleave/pthread.h>

#include "base/cause.h"
#include "workloads/runtimes/refusal.h"
#include "workloads/stop.h"
#include "workloads/truth.h"

#define NS_PER_S            INT64_C(1000000000)
#define LOOK_NS             (NS_PER_S / 10) /* between two looks at the stop flag */
#define STOPPED_PATIENCE_NS NS_PER_S        /* once the run is asked to end, when nobody sleeps */

struct watched {
	struct ilv_watchdog *watchdog;
	ilv_watched_function function;
	void *argument;
	pthread_t thread;
	char name[ILV_NAME_SIZE];
};

struct ilv_watchdog {
	pthread_mutex_t mutex; /* protects the next three; nothing nests inside it */
	pthread_cond_t changed;
	size_t running_count;
	bool is_open;
	_Atomic uint64_t progress_count;
	bool gave_up;
	void *used; /* what threads that it gave up still use */
	size_t started_count;
	size_t thread_max;
	struct watched threads[];
};

struct ilv_watchdog *ilv_watchdog_create(size_t thread_max)
{
	struct ilv_watchdog *watchdog =
		calloc(1, sizeof(*watchdog) + thread_max * sizeof(watchdog->threads[0]));
	pthread_condattr_t attributes;

	if (!watchdog) {
		ilv_cause_add("Cannot plan threads: count=%zu", thread_max);
		return NULL;
	}

	watchdog->thread_max = thread_max;
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&watchdog->changed, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	(void)pthread_mutex_init(&watchdog->mutex, NULL);

	return watchdog;
}

static void *run_watched(void *argument)
{
	struct watched *watched = argument;
	struct ilv_watchdog *watchdog = watched->watchdog;
	struct ilv_truth_thread truth;

	ilv_truth_thread_begin(&truth, ILV_ROLE_JOB, watched->name);
	watched->function(watched->argument);
	ilv_truth_thread_end(&truth);

	(void)pthread_mutex_lock(&watchdog->mutex);
	watchdog->running_count--;
	(void)pthread_cond_broadcast(&watchdog->changed);
	(void)pthread_mutex_unlock(&watchdog->mutex);

	return NULL;
}

enum ilv_status ilv_watchdog_start(struct ilv_watchdog *watchdog, ilv_watched_function function,
				   void *argument, const char *name)
{
	struct watched *watched = &watchdog->threads[watchdog->started_count];
	int error = 0;

	*watched =
		(struct watched){.watchdog = watchdog, .function = function, .argument = argument};
	(void)snprintf(watched->name, sizeof(watched->name), "%s", name);

	(void)pthread_mutex_lock(&watchdog->mutex);
	watchdog->running_count++;
	(void)pthread_mutex_unlock(&watchdog->mutex);
	error = ilv_thread_create(&watched->thread, NULL, run_watched, watched, name, ILV_ROLE_JOB);
	if (error != 0) {
		(void)pthread_mutex_lock(&watchdog->mutex);
		watchdog->running_count--;
		(void)pthread_mutex_unlock(&watchdog->mutex);
		ilv_refusal_explain("thread", error);
		ilv_cause_add("Cannot start a thread: name=\"%s\"", name);
		return ILV_STATUS_ERROR;
	}

	watchdog->started_count++;

	return ILV_STATUS_OK;
}

void ilv_watchdog_pass(struct ilv_watchdog *watchdog)
{
	ilv_trace_wait_begin(ILV_WAIT_REASON_BARRIER, (uintptr_t)watchdog);
	(void)pthread_mutex_lock(&watchdog->mutex);
	while (!watchdog->is_open) {
		(void)pthread_cond_wait(&watchdog->changed, &watchdog->mutex);
	}

	(void)pthread_mutex_unlock(&watchdog->mutex);
	ilv_trace_wait_end(ILV_WAIT_REASON_BARRIER, (uintptr_t)watchdog);
}

void ilv_watchdog_feed(struct ilv_watchdog *watchdog)
{
	(void)atomic_fetch_add_explicit(&watchdog->progress_count, 1, memory_order_relaxed);
}

/* Waits for the end of all threads until `deadline_ns`; returns how many run. */
static size_t wait_until(struct ilv_watchdog *watchdog, int64_t deadline_ns)
{
	const struct timespec deadline = {.tv_sec = deadline_ns / NS_PER_S,
					  .tv_nsec = deadline_ns % NS_PER_S};
	size_t running_count = 0;
	int error = 0;

	(void)pthread_mutex_lock(&watchdog->mutex);
	watchdog->is_open = true;
	(void)pthread_cond_broadcast(&watchdog->changed);
	while (watchdog->running_count > 0 && error == 0) {
		error = pthread_cond_timedwait(&watchdog->changed, &watchdog->mutex, &deadline);
	}

	running_count = watchdog->running_count;
	(void)pthread_mutex_unlock(&watchdog->mutex);

	return running_count;
}

static int64_t smaller(int64_t left, int64_t right)
{
	return left < right ? left : right;
}

bool ilv_watchdog_await(struct ilv_watchdog *watchdog, int64_t patience_ns)
{
	int64_t fed_ns = ilv_trace_now_ns();
	int64_t hungry_ns = 0;
	uint64_t seen_count = 0;
	size_t running_count = 0;

	ilv_trace_wait_begin(ILV_WAIT_REASON_COND, (uintptr_t)&watchdog->changed);
	do {
		const int64_t look_ns = smaller(LOOK_NS, patience_ns - hungry_ns);
		uint64_t progress_count = 0;

		running_count = wait_until(watchdog, ilv_trace_now_ns() + look_ns);
		progress_count = atomic_load(&watchdog->progress_count);
		if (progress_count != seen_count) {
			seen_count = progress_count;
			fed_ns = ilv_trace_now_ns();
		}

		if (ilv_stop_is_requested()) {
			patience_ns = smaller(patience_ns, STOPPED_PATIENCE_NS);
		}

		hungry_ns = ilv_trace_now_ns() - fed_ns;
	} while (running_count > 0 && hungry_ns < patience_ns);

	ilv_trace_wait_end(ILV_WAIT_REASON_COND, (uintptr_t)&watchdog->changed);
	watchdog->gave_up = running_count > 0;
	for (size_t index = 0; index < watchdog->started_count; index++) {
		if (watchdog->gave_up) {
			(void)ilv_thread_detach(watchdog->threads[index].thread);
		} else {
			(void)ilv_thread_join(watchdog->threads[index].thread, NULL);
		}
	}

	return !watchdog->gave_up;
}

bool ilv_watchdog_destroy(struct ilv_watchdog *watchdog, void *used)
{
	/* Still to be found from somewhere, so that a leak checker sees what is meant. */
	static struct ilv_watchdog *_Atomic kept;

	if (!watchdog) {
		return true;
	}

	if (watchdog->gave_up) {
		watchdog->used = used;
		atomic_store(&kept, watchdog);
		return false;
	}

	(void)pthread_cond_destroy(&watchdog->changed);
	(void)pthread_mutex_destroy(&watchdog->mutex);
	free(watchdog);

	return true;
}
