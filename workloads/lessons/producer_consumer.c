/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `producer-consumer`: producers put items into a queue with little room, and
 * consumers, who take longer for each, empty it. The trace must show producers that wait for room
 * most of the time, each variant in its own way: `condition` in a condition wait, `semaphore` at
 * the semaphore that counts room, `pipe` for the pipe to be writable, `loop-queue` as suspended
 * tasks. The program counts what went in and came out, and the most that stood in the queue.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/lessons/bounded_queue.h"
#include "workloads/lessons/crew.h"
#include "workloads/stop.h"
#include "workloads/workload.h"

#define NS_PER_US       INT64_C(1000)
#define STEPS_PER_CHUNK 5000 /* some 5 us */

enum option {
	OPTION_CONSUMERS,
	OPTION_ITEMS,
	OPTION_CAPACITY,
	OPTION_PRODUCE_US,
	OPTION_CONSUME_US
};

static const struct ilv_option options[] = {
	[OPTION_CONSUMERS] = {"consumers", "how many take from the queue", 2, 1, 1000},
	[OPTION_ITEMS] = {"items", "that each producer makes", 100, 1, 1000000},
	[OPTION_CAPACITY] = {"capacity", "items for which the queue has room", 4, 1, 512},
	[OPTION_PRODUCE_US] = {"produce-us", "CPU time that it takes to make an item", 100, 0,
			       1000000},
	[OPTION_CONSUME_US] = {"consume-us", "CPU time that it takes to use an item", 300, 0,
			       1000000},
	{0},
};

static const struct ilv_variant variants[] = {
	[ILV_QUEUE_KIND_CONDITION] = {"condition", "threads", "a mutex and condition variables"},
	[ILV_QUEUE_KIND_SEMAPHORE] = {"semaphore", "threads", "semaphores count room and items"},
	[ILV_QUEUE_KIND_PIPE] = {"pipe", "threads", "the kernel's queue between descriptors"},
	[ILV_QUEUE_KIND_LOOP] = {"loop-queue", "event-loop",
				 "a queue at which tasks are suspended"},
	{0},
};

/* How one waits for room, in each variant. */
static const char *const manners[] = {
	[ILV_QUEUE_KIND_CONDITION] = "waiting for room in a condition",
	[ILV_QUEUE_KIND_SEMAPHORE] = "waiting for room at a semaphore",
	[ILV_QUEUE_KIND_PIPE] = "blocked until the pipe had room",
	[ILV_QUEUE_KIND_LOOP] = "suspended until there was room",
};

struct lesson {
	struct ilv_bounded_queue *queue;
	int64_t item_count;
	int64_t produce_ns;
	int64_t consume_ns;
	_Atomic int64_t next_number;
	_Atomic int64_t produced_count;
	_Atomic int64_t produced_sum;
	_Atomic int64_t consumed_count;
	_Atomic int64_t consumed_sum;
	/* How long all of them were at the queue together, waits for the other side included. */
	_Atomic int64_t putting_ns;
	_Atomic int64_t taking_ns;
};

/* Computes for `work_ns` of CPU time. */
static enum ilv_status compute(int64_t work_ns)
{
	const int64_t end_ns = ilv_thread_cpu_ns() + work_ns;
	volatile uint64_t random = 1;

	while (work_ns > 0 && ilv_thread_cpu_ns() < end_ns) {
		random = ilv_compute_steps(STEPS_PER_CHUNK, random);
	}

	return ilv_tick();
}

/* Whoever ends in another way than by the end of the items ends it for all: others may wait for
 * them. */
static enum ilv_status finish(struct lesson *lesson, enum ilv_status status)
{
	if (status < 0) {
		ilv_stop_request();
		ilv_bounded_queue_break(lesson->queue);
	}

	return status == ILV_STATUS_END ? ILV_STATUS_OK : status;
}

static enum ilv_status produce(void *argument, struct ilv_result *result)
{
	struct lesson *lesson = argument;
	enum ilv_status status = ILV_STATUS_OK;

	(void)result; /* The sums are kept for all. */
	for (int64_t index = 0; index < lesson->item_count && status == ILV_STATUS_OK; index++) {
		const int64_t item = atomic_fetch_add(&lesson->next_number, 1) + 1;

		status = compute(lesson->produce_ns);
		if (status == ILV_STATUS_OK) {
			const int64_t begin_ns = ilv_trace_now_ns();

			status = ilv_bounded_queue_put(lesson->queue, item);
			lesson->putting_ns += ilv_trace_now_ns() - begin_ns;
		}

		if (status == ILV_STATUS_OK) {
			(void)atomic_fetch_add(&lesson->produced_count, 1);
			(void)atomic_fetch_add(&lesson->produced_sum, item);
		}
	}

	return finish(lesson, status);
}

static enum ilv_status consume(void *argument, struct ilv_result *result)
{
	struct lesson *lesson = argument;
	enum ilv_status status = ILV_STATUS_OK;

	(void)result;
	while (status == ILV_STATUS_OK) {
		const int64_t begin_ns = ilv_trace_now_ns();
		int64_t item = 0;

		status = ilv_bounded_queue_take(lesson->queue, &item);
		lesson->taking_ns += ilv_trace_now_ns() - begin_ns;
		if (status == ILV_STATUS_OK) {
			(void)atomic_fetch_add(&lesson->consumed_count, 1);
			(void)atomic_fetch_add(&lesson->consumed_sum, item);
			status = compute(lesson->consume_ns);
		}
	}

	return finish(lesson, status);
}

static enum ilv_status spawn_some(struct lesson *lesson, ilv_job_function function,
				  const char *noun, size_t count, struct ilv_handle **handles,
				  size_t *spawned_count)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0; index < count && status == ILV_STATUS_OK; index++) {
		char name[ILV_NAME_SIZE];

		(void)snprintf(name, sizeof(name), "%s %zu", noun, index);
		status = ilv_spawn(function, lesson, name, &handles[*spawned_count]);
		*spawned_count += status == ILV_STATUS_OK;
	}

	return status;
}

/* The first failure counts. Once the producers are done the queue is closed. */
static enum ilv_status join_all(struct lesson *lesson, struct ilv_handle **handles,
				size_t producer_count, size_t spawned_count, enum ilv_status status)
{
	for (size_t index = 0; index < spawned_count; index++) {
		enum ilv_status job_status = ILV_STATUS_OK;

		if (index == producer_count) {
			ilv_bounded_queue_close(lesson->queue);
		}

		job_status = ilv_join(handles[index], NULL);
		status = status == ILV_STATUS_OK ? job_status : status;
	}

	return status;
}

static enum ilv_status run(struct ilv_run *run)
{
	const size_t producer_count = (size_t)run->job_count;
	const size_t consumer_count = (size_t)run->values[OPTION_CONSUMERS];
	struct lesson lesson = {
		.item_count = run->values[OPTION_ITEMS],
		.produce_ns = run->values[OPTION_PRODUCE_US] * NS_PER_US,
		.consume_ns = run->values[OPTION_CONSUME_US] * NS_PER_US,
	};
	struct ilv_handle **handles =
		calloc(producer_count + consumer_count, sizeof(struct ilv_handle *));
	enum ilv_status status = ILV_STATUS_MEMORY;
	size_t spawned_count = 0;
	long long max_length = 0;
	char putting[ILV_DURATION_TEXT_SIZE];
	char taking[ILV_DURATION_TEXT_SIZE];

	if (!handles) {
		ilv_cause_add("Cannot plan jobs: count=%zu", producer_count + consumer_count);
		goto end;
	}

	status = ilv_bounded_queue_create((enum ilv_queue_kind)(run->variant - variants),
					  (size_t)run->values[OPTION_CAPACITY],
					  producer_count + consumer_count, &lesson.queue);
	if (status < 0) {
		goto end;
	}

	status = spawn_some(&lesson, produce, "producer", producer_count, handles, &spawned_count);
	if (status == ILV_STATUS_OK) {
		status = spawn_some(&lesson, consume, "consumer", consumer_count, handles,
				    &spawned_count);
	}

	if (status < 0) {
		(void)finish(&lesson, status);
	}

	status = join_all(&lesson, handles, producer_count, spawned_count, status);
	max_length = (long long)ilv_bounded_queue_max_length(lesson.queue);
	ilv_run_count(run, "produced_count", lesson.produced_count);
	ilv_run_count(run, "consumed_count", lesson.consumed_count);
	ilv_run_count(run, "produced_sum", lesson.produced_sum);
	ilv_run_count(run, "consumed_sum", lesson.consumed_sum);
	ilv_run_count(run, "max_length", max_length);
	ilv_duration_text(lesson.putting_ns / (int64_t)producer_count, putting, sizeof(putting));
	ilv_duration_text(lesson.taking_ns / (int64_t)consumer_count, taking, sizeof(taking));
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%d %s made, %d used; each producer spent %s putting them in, %s, each "
		       "consumer %s taking them out; at most %d in the queue",
		       (int)lesson.produced_count,
		       ilv_plural(lesson.produced_count, "item", "items"),
		       (int)lesson.consumed_count, putting, manners[run->variant - variants],
		       taking, (int)max_length);

end:
	ilv_bounded_queue_destroy(lesson.queue);
	free(handles);

	return status;
}

const struct ilv_workload ilv_workload_producer_consumer = {
	.name = "producer-consumer",
	.description = "a queue with little room between producers and slower consumers",
	.shows = "The queue has little room, so the faster side waits for the slower: producers "
		 "hardly run, and consumers set the pace. Each variant waits in its own way: in a "
		 "condition, at a semaphore, for a pipe, or suspended at an await.",
	.job_noun = "producers",
	.default_job_count = 2,
	.max_job_count = 1000,
	.options = options,
	.variants = variants,
	.run = run,
};
