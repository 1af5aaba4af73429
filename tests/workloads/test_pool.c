/* SPDX-License-Identifier: MIT */
/*
 * Description: what becomes of the jobs of a thread pool: results, errors, cancellation, and jobs
 * that wait for jobs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cause.h"
#include "workloads/runtimes/runtime.h"
#include "workloads/stop.h"

extern const struct ilv_runtime ilv_runtime_thread_pool;

#define CHILD_COUNT 5

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
		cmocka_unit_test(test_results),   cmocka_unit_test(test_error),
		cmocka_unit_test(test_cancel),    cmocka_unit_test(test_jobs_that_wait_for_jobs),
		cmocka_unit_test(test_idle_pool),
	};

	if (ilv_stop_install() < 0) {
		fputs("cannot install the stop\n", stderr);
		return EXIT_FAILURE;
	}

	return cmocka_run_group_tests(tests, NULL, NULL);
}
