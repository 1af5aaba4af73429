/* SPDX-License-Identifier: MIT */
/*
 * Description: what becomes of work that tasks hand to a pool of processes: who does it, what comes
 * back, and what a worker's death means.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cause.h"
#include "workloads/runtimes/runtime.h"
#include "workloads/stop.h"

#define LARGE ((size_t)4 << 20) /* bytes: far more than a socket takes */

extern const struct ilv_runtime ilv_runtime_hybrid;

static size_t descriptor_count(void)
{
	size_t count = 0;
	DIR *folder = opendir("/proc/self/fd");

	assert_non_null(folder);
	while (readdir(folder)) {
		count++;
	}
	(void)closedir(folder);

	return count;
}

/* Runs `count` tasks of `function` with the same argument on two worker processes, expects
 * `expected` of each, and that nothing stays. */
static void run_tasks(ilv_job_function function, void *argument, size_t count,
		      enum ilv_status expected)
{
	const struct ilv_runtime_options options = {.worker_count = 2, .values = {1}};
	const size_t before_count = descriptor_count();
	struct ilv_handle *handles[8] = {NULL};

	assert_true(count <= 8);
	atomic_store(&ilv_stop_flag, false);
	ilv_cause_clear();
	assert_int_equal(ilv_runtime_start(&ilv_runtime_hybrid, &options), ILV_STATUS_OK);
	for (size_t index = 0; index < count; index++) {
		assert_int_equal(ilv_spawn(function, argument, "task", &handles[index]),
				 ILV_STATUS_OK);
	}

	for (size_t index = 0; index < count; index++) {
		assert_int_equal(ilv_join(handles[index], NULL), expected);
	}

	ilv_runtime_stop();
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(descriptor_count(), before_count);
}

struct place {
	pid_t pid;
	pid_t tid;
};

/* Says where it runs, and spoils its argument. */
static enum ilv_status say_place(void *argument, struct ilv_result *result)
{
	const struct place place = {getpid(), gettid()};

	*(int *)argument = -1;

	return ilv_result_append(result, &place, sizeof(place));
}

/* As say_place(), by work that hands on its work. */
static enum ilv_status say_place_within(void *argument, struct ilv_result *result)
{
	struct place inner = {0};
	struct ilv_result said = {0};
	enum ilv_status status = ilv_run_in_pool_flat(say_place, argument, sizeof(int), &said);

	if (status == ILV_STATUS_OK) {
		memcpy(&inner, said.bytes, sizeof(inner));
		status = inner.pid == getpid() && inner.tid == gettid()
				 ? ilv_result_append(result, &inner, sizeof(inner))
				 : ILV_STATUS_ERROR;
	}

	ilv_result_fini(&said);

	return status;
}

static struct place take_place(struct ilv_result *result)
{
	struct place place = {0};

	assert_int_equal(result->length, sizeof(place));
	memcpy(&place, result->bytes, sizeof(place));
	ilv_result_fini(result);

	return place;
}

static enum ilv_status find_places(void *argument, struct ilv_result *result)
{
	struct ilv_result said = {0};
	struct place place;
	int number = 1;

	(void)argument;
	(void)result;
	assert_int_equal(ilv_run_in_pool_flat(say_place, &number, sizeof(number), &said),
			 ILV_STATUS_OK);
	place = take_place(&said);
	assert_int_not_equal(place.pid, getpid());
	assert_int_equal(place.pid, place.tid);
	assert_int_equal(number, 1);

	assert_int_equal(ilv_run_in_pool_flat(say_place_within, &number, sizeof(number), &said),
			 ILV_STATUS_OK);
	assert_int_not_equal(take_place(&said).pid, getpid());

	assert_int_equal(ilv_run_in_pool(say_place, &number, &said), ILV_STATUS_OK);
	place = take_place(&said);
	assert_int_equal(place.pid, getpid());
	assert_int_not_equal(place.tid, gettid());
	assert_int_equal(number, -1);

	return ILV_STATUS_OK;
}

static void bytes_go_to_processes_and_addresses_to_threads(void **state)
{
	(void)state;
	run_tasks(find_places, NULL, 5, ILV_STATUS_OK);
}

static enum ilv_status add_one(void *argument, struct ilv_result *result)
{
	unsigned char *bytes = argument;

	for (size_t index = 0; index < LARGE; index++) {
		bytes[index]++;
	}

	return ilv_result_append(result, bytes, LARGE);
}

static enum ilv_status send_much(void *argument, struct ilv_result *result)
{
	const unsigned char *sent = argument;
	struct ilv_result came = {0};

	(void)result;
	assert_int_equal(ilv_run_in_pool_flat(add_one, argument, LARGE, &came), ILV_STATUS_OK);
	assert_int_equal(came.length, LARGE);
	for (size_t index = 0; index < LARGE; index++) {
		if (came.bytes[index] != (unsigned char)(sent[index] + 1)) {
			fail_msg("byte %zu of %zu is another", index, LARGE);
		}
	}

	ilv_result_fini(&came);

	return ILV_STATUS_OK;
}

static void more_than_a_socket_takes(void **state)
{
	unsigned char *bytes = malloc(LARGE);

	(void)state;
	assert_non_null(bytes);
	for (size_t index = 0; index < LARGE; index++) {
		bytes[index] = (unsigned char)(index * 31 >> 3);
	}

	run_tasks(send_much, bytes, 5, ILV_STATUS_OK);
	free(bytes);
}

static enum ilv_status give_up(void *argument, struct ilv_result *result)
{
	(void)argument;
	(void)result;
	ilv_cause_add("there is nothing to do");

	return ILV_STATUS_UNSUPPORTED;
}

static enum ilv_status hand_over_failure(void *argument, struct ilv_result *result)
{
	int number = 0;

	(void)argument;

	return ilv_run_in_pool_flat(give_up, &number, sizeof(number), result);
}

static void failure_comes_with_its_cause(void **state)
{
	(void)state;
	run_tasks(hand_over_failure, NULL, 1, ILV_STATUS_UNSUPPORTED);
	assert_non_null(strstr(ilv_cause_text(), "there is nothing to do"));
}

static enum ilv_status die(void *argument, struct ilv_result *result)
{
	(void)argument;
	(void)result;
	(void)raise(SIGKILL);

	return ILV_STATUS_OK;
}

static enum ilv_status hand_over_death(void *argument, struct ilv_result *result)
{
	int number = 0;
	enum ilv_status status = ilv_run_in_pool_flat(die, &number, sizeof(number), result);

	(void)argument;
	assert_int_equal(status, ILV_STATUS_ERROR);
	assert_non_null(strstr(ilv_cause_text(), "was killed by signal 9 (Killed), at \"task\""));
	assert_true(ilv_stop_is_requested());
	ilv_cause_clear();
	/* Nothing more is taken, for the same reason. */
	status = ilv_run_in_pool_flat(give_up, &number, sizeof(number), result);
	assert_non_null(strstr(ilv_cause_text(), "the pool is broken: worker "));

	return status;
}

static void death_breaks_the_pool(void **state)
{
	(void)state;
	run_tasks(hand_over_death, NULL, 1, ILV_STATUS_ERROR);
	atomic_store(&ilv_stop_flag, false);
}

/* What libuv opens once and keeps. */
static int use_libuv_once(void **state)
{
	const struct ilv_runtime_options options = {.worker_count = 1, .values = {1}};

	(void)state;
	if (ilv_runtime_start(&ilv_runtime_hybrid, &options) < 0) {
		return -1;
	}

	ilv_runtime_stop();

	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_go_to_processes_and_addresses_to_threads),
		cmocka_unit_test(more_than_a_socket_takes),
		cmocka_unit_test(failure_comes_with_its_cause),
		/* Last: whoever was asked to end stays so. */
		cmocka_unit_test(death_breaks_the_pool),
	};

	return ilv_stop_install() == ILV_STATUS_OK
		       ? cmocka_run_group_tests(tests, use_libuv_once, NULL)
		       : 1;
}
