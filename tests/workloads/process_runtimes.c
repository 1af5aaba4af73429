/* SPDX-License-Identifier: MIT */
/*
 * Description: what the runtimes of processes do with an argument: copied where it can be, seen as
 * it was at the fork where it cannot, and refused, with the reason, where neither makes sense.
 */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cause.h"
#include "workloads/workload.h"

#define LARGE (4 << 20) /* bytes: far more than a socket takes */

struct pointing {
	int *number;
};

static enum ilv_status double_it(void *argument, struct ilv_result *result)
{
	int *number = argument;

	*number *= 2;

	return ilv_result_append(result, number, sizeof(*number));
}

static enum ilv_status double_behind(void *argument, struct ilv_result *result)
{
	return double_it(((struct pointing *)argument)->number, result);
}

static enum ilv_status give_up(void *argument, struct ilv_result *result)
{
	(void)argument;
	(void)result;
	ilv_cause_add("there is nothing to do");

	return ILV_STATUS_UNSUPPORTED;
}

/* Says in which process it runs, once its child said where that did. */
static enum ilv_status say_pid(void *argument, struct ilv_result *result)
{
	const int depth = *(int *)argument;
	const int deeper = depth - 1;
	const pid_t pid = getpid();
	struct ilv_handle *handle = NULL;
	enum ilv_status status = ilv_result_append(result, &pid, sizeof(pid));

	if (status == ILV_STATUS_OK && depth > 0) {
		struct ilv_result child = {0};

		status = ilv_spawn_flat(say_pid, (void *)(uintptr_t)&deeper, sizeof(deeper),
					"child", &handle);
		if (status == ILV_STATUS_OK) {
			status = ilv_join(handle, &child);
		}

		if (status == ILV_STATUS_OK) {
			status = ilv_result_append(result, child.bytes, child.length);
		}

		ilv_result_fini(&child);
	}

	return status;
}

static void start(const char *name, int64_t start_method)
{
	const struct ilv_runtime_options options = {.worker_count = 2, .values = {start_method}};

	ilv_cause_clear();
	assert_int_equal(ilv_runtime_start(ilv_runtime_find(name), &options), ILV_STATUS_OK);
}

static void expect_number(struct ilv_handle *handle, int expected)
{
	struct ilv_result result = {0};
	int number = 0;

	assert_int_equal(ilv_join(handle, &result), ILV_STATUS_OK);
	assert_int_equal(result.length, sizeof(number));
	memcpy(&number, result.bytes, sizeof(number));
	assert_int_equal(number, expected);
	ilv_result_fini(&result);
}

/* What a job changes is its own; what it hands back arrives, and so does why it failed. */
static void job_has_memory_of_its_own(void **state)
{
	struct ilv_handle *handle = NULL;
	int number = 21;

	start(*state, 0);
	assert_int_equal(ilv_spawn_flat(double_it, &number, sizeof(number), "flat", &handle),
			 ILV_STATUS_OK);
	expect_number(handle, 42);
	assert_int_equal(number, 21);

	assert_int_equal(ilv_spawn_flat(give_up, &number, sizeof(number), "fail", &handle),
			 ILV_STATUS_OK);
	assert_int_equal(ilv_join(handle, NULL), ILV_STATUS_UNSUPPORTED);
	assert_non_null(strstr(ilv_cause_text(), "there is nothing to do"));
	ilv_runtime_stop();
}

static void fork_sees_what_was_there(void **state)
{
	struct ilv_handle *handles[2] = {NULL};
	int number = 0;
	struct pointing pointing = {&number};

	start(*state, 0);
	number = 4;
	assert_int_equal(ilv_spawn(double_behind, &pointing, "first", &handles[0]), ILV_STATUS_OK);
	assert_int_equal(ilv_spawn(double_behind, &pointing, "second", &handles[1]), ILV_STATUS_OK);
	expect_number(handles[0], 8);
	assert_int_equal(ilv_join(handles[1], NULL), ILV_STATUS_OK);
	ilv_runtime_stop();
}

static void spawn_refuses_an_address(void **state)
{
	struct ilv_handle *handle = NULL;
	int number = 1;

	(void)state;
	start("processes", 1);
	assert_int_equal(ilv_spawn(double_it, &number, "by address", &handle),
			 ILV_STATUS_UNSUPPORTED);
	assert_non_null(strstr(ilv_cause_text(), "--start-method fork can run it"));
	ilv_runtime_stop();
}

static void pool_refuses_an_address_after_its_fork(void **state)
{
	struct ilv_handle *handle = NULL;
	int number = 1;

	(void)state;
	start("process-pool", 0);
	assert_int_equal(ilv_spawn_flat(double_it, &number, sizeof(number), "flat", &handle),
			 ILV_STATUS_OK);
	expect_number(handle, 2);
	assert_int_equal(ilv_spawn(double_it, &number, "late", &handle), ILV_STATUS_UNSUPPORTED);
	assert_non_null(strstr(ilv_cause_text(), "the workers were forked before"));
	ilv_runtime_stop();
}

/* Under `processes` each has a process of its own; a pool's worker does at once what it spawns. */
static void jobs_may_spawn(void **state)
{
	const int depth = 2;
	struct ilv_result result = {0};
	struct ilv_handle *handle = NULL;
	pid_t pids[3] = {0};

	start(*state, 0);
	assert_int_equal(
		ilv_spawn_flat(say_pid, (void *)(uintptr_t)&depth, sizeof(depth), "top", &handle),
		ILV_STATUS_OK);
	assert_int_equal(ilv_join(handle, &result), ILV_STATUS_OK);
	assert_int_equal(result.length, sizeof(pids));
	memcpy(pids, result.bytes, sizeof(pids));
	assert_int_not_equal(pids[0], getpid());
	assert_int_equal(pids[0] == pids[1], strcmp(*state, "process-pool") == 0);
	assert_int_equal(pids[1] == pids[2], strcmp(*state, "process-pool") == 0);
	ilv_result_fini(&result);
	ilv_runtime_stop();
}

static void pool_cancels_what_waits(void **state)
{
	struct ilv_handle *handles[3] = {NULL};
	int number = 4;
	struct pointing pointing = {&number};

	(void)state;
	start("process-pool", 0);
	for (size_t index = 0; index < 3; index++) {
		assert_int_equal(ilv_spawn(double_behind, &pointing, "job", &handles[index]),
				 ILV_STATUS_OK);
	}

	/* Nobody is there yet to send them to. */
	assert_true(ilv_cancel(handles[1]));
	assert_true(ilv_cancel(handles[1]));
	expect_number(handles[0], 8);
	/* Sent, and since then begun or done. */
	assert_false(ilv_cancel(handles[2]));
	assert_int_equal(ilv_join(handles[1], NULL), ILV_STATUS_INTERRUPTED);
	expect_number(handles[2], 8);
	ilv_runtime_stop();
}

static atomic_int *begun_count; /* shared with all that are forked later */

static enum ilv_status add_up(void *argument, struct ilv_result *result)
{
	const unsigned char *bytes = argument;
	int sum = 0;

	(void)atomic_fetch_add(begun_count, 1);
	for (size_t index = 0; index < LARGE; index++) {
		sum += bytes[index];
	}

	return ilv_result_append(result, &sum, sizeof(sum));
}

/* Starts a pool of one worker and stops that, so that its socket takes only so much. */
static pid_t start_stopped_pool(void)
{
	const struct ilv_runtime_options options = {.worker_count = 1};
	struct ilv_result result = {0};
	struct ilv_handle *handle = NULL;
	int depth = 0;
	int how = 0;
	pid_t pid = 0;

	assert_int_equal(ilv_runtime_start(ilv_runtime_find("process-pool"), &options),
			 ILV_STATUS_OK);
	assert_int_equal(ilv_spawn_flat(say_pid, &depth, sizeof(depth), "pid", &handle),
			 ILV_STATUS_OK);
	assert_int_equal(ilv_join(handle, &result), ILV_STATUS_OK);
	memcpy(&pid, result.bytes, sizeof(pid));
	ilv_result_fini(&result);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &how, WUNTRACED), pid);
	assert_true(WIFSTOPPED(how));

	return pid;
}

/* Of four, one is half sent, one assigned behind it, and two in the queue. */
static void pool_cancels_what_was_not_sent(void **state)
{
	const pid_t pid = start_stopped_pool();
	struct ilv_handle *handles[4] = {NULL};
	unsigned char *bytes = malloc(LARGE);

	(void)state;
	assert_non_null(bytes);
	assert_int_equal(atomic_load(begun_count), 0);
	for (int index = 0; index < 4; index++) {
		memset(bytes, index + 1, LARGE);
		assert_int_equal(ilv_spawn_flat(add_up, bytes, LARGE, "job", &handles[index]),
				 ILV_STATUS_OK);
	}

	assert_false(ilv_cancel(handles[0]));
	assert_true(ilv_cancel(handles[1]));
	assert_true(ilv_cancel(handles[1]));
	/* It has the place of the other now. */
	assert_true(ilv_cancel(handles[2]));
	assert_int_equal(kill(pid, SIGCONT), 0);

	expect_number(handles[0], 1 * LARGE);
	assert_int_equal(ilv_join(handles[1], NULL), ILV_STATUS_INTERRUPTED);
	assert_int_equal(ilv_join(handles[2], NULL), ILV_STATUS_INTERRUPTED);
	expect_number(handles[3], 4 * LARGE);
	ilv_runtime_stop();
	assert_int_equal(atomic_load(begun_count), 2);
	free(bytes);
}

/* Says in which process it is, and waits to be asked to end. */
static enum ilv_status wait_to_be_asked(void *argument, struct ilv_result *result)
{
	(void)argument;
	(void)result;
	atomic_store(begun_count, (int)getpid());

	return ilv_await_sleep(INT64_C(3600) * 1000000000);
}

/* The exit status of the one child that there is, which stays to be joined. */
static int exit_status_of_child(void)
{
	siginfo_t info = {0};

	assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(info.si_code, CLD_EXITED);

	return info.si_status;
}

static void children_tell_how_they_ended(void **state)
{
	struct ilv_handle *handle = NULL;
	int number = 0;

	start(*state, 0);
	assert_int_equal(ilv_spawn(double_it, &number, "returns", &handle), ILV_STATUS_OK);
	assert_int_equal(exit_status_of_child(), 0);
	assert_int_equal(ilv_join(handle, NULL), ILV_STATUS_OK);

	assert_int_equal(ilv_spawn(give_up, &number, "fails", &handle), ILV_STATUS_OK);
	assert_int_equal(exit_status_of_child(), 1);
	assert_int_equal(ilv_join(handle, NULL), ILV_STATUS_UNSUPPORTED);
	ilv_runtime_stop();
}

/* Whoever was asked to end and did so is told from who failed: as if by the signal itself. */
static void asked_children_tell_it(void **state)
{
#ifdef __SANITIZE_THREAD__
	/* It keeps signals back until an intercepted call ends, and in the child of a process with
	 * threads it intercepts none any more (ForkChildAfter): a handler never runs there. */
	(void)state;
	(void)wait_to_be_asked;
	skip();
#else
	struct ilv_handle *handle = NULL;
	int number = 0;

	start(*state, 0);
	atomic_store(begun_count, 0);
	assert_int_equal(ilv_spawn(wait_to_be_asked, &number, "waits", &handle), ILV_STATUS_OK);
	while (atomic_load(begun_count) == 0) {
		(void)sched_yield();
	}

	assert_int_equal(kill(atomic_load(begun_count), SIGHUP), 0);
	assert_int_equal(exit_status_of_child(), 128 + SIGHUP);
	assert_int_equal(ilv_join(handle, NULL), ILV_STATUS_INTERRUPTED);
	ilv_runtime_stop();
	atomic_store(begun_count, 0);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(job_has_memory_of_its_own, "processes"),
		cmocka_unit_test_prestate(job_has_memory_of_its_own, "process-pool"),
		cmocka_unit_test_prestate(fork_sees_what_was_there, "processes"),
		cmocka_unit_test_prestate(fork_sees_what_was_there, "process-pool"),
		cmocka_unit_test_prestate(jobs_may_spawn, "processes"),
		cmocka_unit_test_prestate(jobs_may_spawn, "process-pool"),
		cmocka_unit_test_prestate(children_tell_how_they_ended, "processes"),
		cmocka_unit_test_prestate(asked_children_tell_it, "processes"),
		cmocka_unit_test(spawn_refuses_an_address),
		cmocka_unit_test(pool_refuses_an_address_after_its_fork),
		cmocka_unit_test(pool_cancels_what_waits),
		cmocka_unit_test(pool_cancels_what_was_not_sent),
	};

	begun_count = mmap(NULL, sizeof(*begun_count), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (begun_count == MAP_FAILED) {
		perror("mmap");
		return EXIT_FAILURE;
	}

	return cmocka_run_group_tests(tests, NULL, NULL);
}
