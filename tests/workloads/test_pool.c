/* SPDX-License-Identifier: MIT */
/*
 * Description: what becomes of the jobs of a thread pool: results, errors, cancellation, and jobs
 * that wait for jobs.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cause.h"
#include "workloads/runtimes/runtime.h"
#include "workloads/stop.h"

extern const struct ilv_runtime ilv_runtime_sequential;
extern const struct ilv_runtime ilv_runtime_thread_pool;

#define CHILD_COUNT  5
#define WORKER_COUNT 4
#define MANY         10000

static void start_pool(uint32_t worker_count)
{
	const struct ilv_runtime_options options = {.worker_count = worker_count};

	atomic_store(&ilv_stop_flag, false);
	assert_int_equal(ilv_runtime_start(&ilv_runtime_thread_pool, &options), ILV_STATUS_OK);
}

static enum ilv_status square(void *argument, struct ilv_result *result)
{
	const int64_t number = *(const int64_t *)argument;
	const int64_t squared = number * number;

	return ilv_result_append(result, &squared, sizeof(squared));
}

static enum ilv_status refuse(void *argument, struct ilv_result *result)
{
	(void)result;
	ilv_cause_add("It is no use: number=%d", *(const int *)argument);

	return ILV_STATUS_IO;
}

static int64_t take_number(struct ilv_handle *handle)
{
	struct ilv_result result = {0};
	int64_t number = -1;

	assert_int_equal(ilv_join(handle, &result), ILV_STATUS_OK);
	assert_int_equal(result.length, sizeof(number));
	memcpy(&number, result.bytes, sizeof(number));
	ilv_result_fini(&result);

	return number;
}

static void test_results(void **state)
{
	int64_t numbers[100];
	struct ilv_handle *handles[100];

	(void)state;
	start_pool(3);
	for (int64_t index = 0; index < 100; index++) {
		numbers[index] = index;
		assert_int_equal(ilv_spawn(square, &numbers[index], "square", &handles[index]),
				 ILV_STATUS_OK);
	}

	/* In any order. */
	for (int64_t index = 99; index >= 0; index--) {
		assert_int_equal(take_number(handles[index]), index * index);
	}

	ilv_runtime_stop();
}

static void test_error(void **state)
{
	int64_t number = 7;
	int cause = 42;
	struct ilv_handle *failing = NULL;
	struct ilv_handle *other = NULL;

	(void)state;
	start_pool(2);
	assert_int_equal(ilv_spawn(refuse, &cause, "refuse", &failing), ILV_STATUS_OK);
	assert_int_equal(ilv_spawn(square, &number, "square", &other), ILV_STATUS_OK);
	ilv_cause_clear();
	assert_int_equal(ilv_join(failing, NULL), ILV_STATUS_IO);
	assert_non_null(strstr(ilv_cause_text(), "It is no use: number=42"));
	ilv_cause_clear();
	assert_int_equal(take_number(other), 49);
	ilv_runtime_stop();
}

struct gate {
	atomic_bool is_open;
	atomic_int passed_count;
};

/* Keeps its worker until the gate opens. */
static enum ilv_status pass(void *argument, struct ilv_result *result)
{
	struct gate *gate = argument;

	(void)result;
	(void)atomic_fetch_add(&gate->passed_count, 1);
	while (!atomic_load(&gate->is_open)) {
		if (ilv_await_sleep(100000) == ILV_STATUS_INTERRUPTED) {
			return ILV_STATUS_INTERRUPTED;
		}
	}

	return ILV_STATUS_OK;
}

/* One worker, held by the first job: the others are still pending when the run is asked to end. */
static void test_cancel(void **state)
{
	struct gate gate = {.is_open = false};
	struct ilv_handle *handles[4];

	(void)state;
	start_pool(1);
	for (size_t index = 0; index < 4; index++) {
		assert_int_equal(ilv_spawn(pass, &gate, "pass", &handles[index]), ILV_STATUS_OK);
	}

	while (atomic_load(&gate.passed_count) == 0) {
		/* The worker is about to begin the first. */
	}

	ilv_stop_request();
	for (size_t index = 0; index < 4; index++) {
		assert_int_equal(ilv_join(handles[index], NULL), ILV_STATUS_INTERRUPTED);
	}

	assert_int_equal(atomic_load(&gate.passed_count), 1);
	ilv_runtime_stop();
	atomic_store(&ilv_stop_flag, false);
}

static void open_gate(struct gate *gate)
{
	atomic_store(&gate->is_open, true);
}

/* Returns once `count` jobs are in the gate. */
static void await_passed(struct gate *gate, int count)
{
	while (atomic_load(&gate->passed_count) < count) {
		(void)sched_yield();
	}
}

/* One worker: what it has begun cannot be cancelled, nor what it has done; what waits can. */
static void test_cancel_one(void **state)
{
	struct gate gates[4] = {{.is_open = false}};
	struct ilv_handle *handles[4];
	struct ilv_result result = {0};

	(void)state;
	start_pool(1);
	for (size_t index = 0; index < 4; index++) {
		assert_int_equal(ilv_spawn(pass, &gates[index], "pass", &handles[index]),
				 ILV_STATUS_OK);
	}

	await_passed(&gates[0], 1);
	assert_false(ilv_cancel(handles[0]));
	assert_true(ilv_cancel(handles[2]));
	assert_true(ilv_cancel(handles[2]));

	/* Whoever joins one that is cancelled need not wait for those before it. */
	assert_int_equal(ilv_join(handles[2], &result), ILV_STATUS_INTERRUPTED);
	assert_int_equal(result.length, 0);

	open_gate(&gates[0]);
	await_passed(&gates[1], 1);
	assert_false(ilv_cancel(handles[0]));
	assert_false(ilv_cancel(handles[1]));
	open_gate(&gates[1]);
	open_gate(&gates[3]);
	assert_int_equal(ilv_join(handles[0], NULL), ILV_STATUS_OK);
	assert_int_equal(ilv_join(handles[1], NULL), ILV_STATUS_OK);
	assert_int_equal(ilv_join(handles[3], NULL), ILV_STATUS_OK);
	assert_int_equal(atomic_load(&gates[2].passed_count), 0);
	assert_int_equal(atomic_load(&gates[3].passed_count), 1);
	ilv_runtime_stop();
}

struct log {
	int numbers[8];
	int count;
};

struct entry {
	struct log *log;
	int number;
};

/* Of one worker alone, so that nobody else writes. */
static enum ilv_status write_entry(void *argument, struct ilv_result *result)
{
	const struct entry *entry = argument;

	entry->log->numbers[entry->log->count++] = entry->number;

	return ilv_result_append(result, &entry->number, sizeof(entry->number));
}

/* The first, the last and one between are taken out: the others keep their order. */
static void test_cancel_keeps_order(void **state)
{
	static const bool is_to_go[8] = {[0] = true, [3] = true, [4] = true, [7] = true};
	static const int expected[4] = {1, 2, 5, 6};
	struct gate gate = {.is_open = false};
	struct log log = {.count = 0};
	struct entry entries[8];
	struct ilv_handle *handles[8];
	struct ilv_handle *held = NULL;

	(void)state;
	start_pool(1);
	assert_int_equal(ilv_spawn(pass, &gate, "pass", &held), ILV_STATUS_OK);
	await_passed(&gate, 1);
	for (int index = 0; index < 8; index++) {
		entries[index] = (struct entry){&log, index};
		assert_int_equal(ilv_spawn(write_entry, &entries[index], "entry", &handles[index]),
				 ILV_STATUS_OK);
	}

	for (size_t index = 0; index < 8; index++) {
		assert_true(!is_to_go[index] || ilv_cancel(handles[index]));
	}

	open_gate(&gate);
	for (size_t index = 0; index < 8; index++) {
		assert_int_equal(ilv_join(handles[index], NULL),
				 is_to_go[index] ? ILV_STATUS_INTERRUPTED : ILV_STATUS_OK);
	}

	assert_int_equal(ilv_join(held, NULL), ILV_STATUS_OK);
	assert_int_equal(log.count, 4);
	assert_memory_equal(log.numbers, expected, sizeof(expected));
	ilv_runtime_stop();
}

/* `handles` are many; the first WORKER_COUNT hold the workers until `gate` opens. */
struct crowd {
	struct gate gate;
	struct ilv_handle *holders[WORKER_COUNT];
	struct ilv_handle *handles[MANY];
	atomic_int begun_counts[MANY];
	bool were_cancelled[2][MANY]; /* what each of two threads was told; of the odd ones */
};

static enum ilv_status count_begin(void *argument, struct ilv_result *result)
{
	(void)atomic_fetch_add((atomic_int *)argument, 1);

	return ilv_result_append(result, "x", 1);
}

static struct crowd *begin_crowd(void)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));

	assert_non_null(crowd);
	start_pool(WORKER_COUNT);
	for (size_t index = 0; index < WORKER_COUNT; index++) {
		assert_int_equal(ilv_spawn(pass, &crowd->gate, "pass", &crowd->holders[index]),
				 ILV_STATUS_OK);
	}

	await_passed(&crowd->gate, WORKER_COUNT);
	for (size_t index = 0; index < MANY; index++) {
		assert_int_equal(ilv_spawn(count_begin, &crowd->begun_counts[index], "count",
					   &crowd->handles[index]),
				 ILV_STATUS_OK);
	}

	return crowd;
}

/* Joins all: each was either cancelled or begun, once. */
static void end_crowd(struct crowd *crowd)
{
	for (size_t index = 0; index < MANY; index++) {
		const bool was_cancelled = crowd->were_cancelled[0][index];
		struct ilv_result result = {0};

		assert_int_equal(crowd->were_cancelled[1][index], was_cancelled);
		assert_int_equal(ilv_join(crowd->handles[index], &result),
				 was_cancelled ? ILV_STATUS_INTERRUPTED : ILV_STATUS_OK);
		assert_int_equal(atomic_load(&crowd->begun_counts[index]), was_cancelled ? 0 : 1);
		assert_int_equal(result.length, was_cancelled ? 0 : 1);
		ilv_result_fini(&result);
	}

	for (size_t index = 0; index < WORKER_COUNT; index++) {
		assert_int_equal(ilv_join(crowd->holders[index], NULL), ILV_STATUS_OK);
	}

	ilv_runtime_stop();
	free(crowd);
}

/* From the first on. */
static void *cancel_forwards(void *argument)
{
	struct crowd *crowd = argument;

	for (size_t index = 1; index < MANY; index += 2) {
		crowd->were_cancelled[0][index] = ilv_cancel(crowd->handles[index]);
	}

	return NULL;
}

/* From the last on. */
static void *cancel_backwards(void *argument)
{
	struct crowd *crowd = argument;

	for (size_t index = MANY - 1; index < MANY; index -= 2) {
		crowd->were_cancelled[1][index] = ilv_cancel(crowd->handles[index]);
	}

	return NULL;
}

/* While all workers are held, whoever is asked to go goes. */
static void test_cancel_half(void **state)
{
	struct crowd *crowd = begin_crowd();

	(void)state;
	(void)cancel_backwards(crowd);
	(void)cancel_forwards(crowd);
	for (size_t index = 1; index < MANY; index += 2) {
		assert_true(crowd->were_cancelled[0][index]);
	}

	open_gate(&crowd->gate);
	end_crowd(crowd);
}

/* Two threads that cancel the same jobs, and workers that take them: both are told the same. */
static void test_cancel_against_workers(void **state)
{
	struct crowd *crowd = begin_crowd();
	pthread_t threads[2];

	(void)state;
	open_gate(&crowd->gate);
	assert_int_equal(pthread_create(&threads[0], NULL, cancel_forwards, crowd), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, cancel_backwards, crowd), 0);
	assert_int_equal(pthread_join(threads[0], NULL), 0);
	assert_int_equal(pthread_join(threads[1], NULL), 0);
	end_crowd(crowd);
}

/* A runtime that begins jobs at once has nothing to take back. */
static void test_cancel_elsewhere(void **state)
{
	int64_t number = 3;
	struct ilv_handle *handle = NULL;
	const struct ilv_runtime_options options = {0};

	(void)state;
	assert_int_equal(ilv_runtime_start(&ilv_runtime_sequential, &options), ILV_STATUS_OK);
	assert_int_equal(ilv_spawn(square, &number, "square", &handle), ILV_STATUS_OK);
	assert_false(ilv_cancel(handle));
	assert_int_equal(take_number(handle), 9);
	ilv_runtime_stop();
}

static enum ilv_status sum_of_children(void *argument, struct ilv_result *result)
{
	int64_t numbers[CHILD_COUNT];
	struct ilv_handle *children[CHILD_COUNT];
	int64_t sum = 0;

	(void)argument;
	for (int64_t index = 0; index < CHILD_COUNT; index++) {
		numbers[index] = index;
		assert_int_equal(ilv_spawn(square, &numbers[index], "child", &children[index]),
				 ILV_STATUS_OK);
	}

	for (size_t index = 0; index < CHILD_COUNT; index++) {
		sum += take_number(children[index]);
	}

	return ilv_result_append(result, &sum, sizeof(sum));
}

/* One worker, and jobs that wait for jobs: whoever waits does them. */
static void test_jobs_that_wait_for_jobs(void **state)
{
	struct ilv_handle *handles[3];

	(void)state;
	start_pool(1);
	for (size_t index = 0; index < 3; index++) {
		assert_int_equal(ilv_spawn(sum_of_children, NULL, "parent", &handles[index]),
				 ILV_STATUS_OK);
	}

	for (size_t index = 0; index < 3; index++) {
		assert_int_equal(take_number(handles[index]), 0 + 1 + 4 + 9 + 16);
	}

	ilv_runtime_stop();
}

/* Nobody joined, nobody spawned: it ends all the same. */
static void test_idle_pool(void **state)
{
	(void)state;
	start_pool(0);
	ilv_runtime_stop();
	start_pool(8);
	ilv_runtime_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_cancel_one),
		cmocka_unit_test(test_cancel_keeps_order),
		cmocka_unit_test(test_cancel_half),
		cmocka_unit_test(test_cancel_against_workers),
		cmocka_unit_test(test_cancel_elsewhere),
		cmocka_unit_test(test_jobs_that_wait_for_jobs),
		cmocka_unit_test(test_idle_pool),
	};

	if (ilv_stop_install() < 0) {
		fputs("cannot install the stop\n", stderr);
		return EXIT_FAILURE;
	}

	return cmocka_run_group_tests(tests, NULL, NULL);
}
