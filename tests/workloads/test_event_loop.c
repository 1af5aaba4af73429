/* SPDX-License-Identifier: MIT */
/*
 * Description: in which order the event loop does things, by the events it emits: this program has
 * the emitters of loops, tasks and locks itself, and writes down what they are told.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/runtimes/runtime.h"
#include "workloads/stop.h"

extern const struct ilv_runtime ilv_runtime_event_loop;

static char written[8192];
static bool is_in_poll;

static void __attribute__((format(printf, 1, 2))) write_down(const char *format, ...)
{
	const size_t length = strlen(written);
	va_list arguments;

	/* Nothing but the polling may happen between its two events. */
	assert_false(is_in_poll);
	va_start(arguments, format);
	(void)vsnprintf(written + length, sizeof(written) - length, format, arguments);
	va_end(arguments);
}

void ilv_trace_loop_create(const void *loop, const char *name)
{
	assert_non_null(loop);
	assert_string_equal(name, "loop");
}

/* How often a loop polls depends on when the machine lets it: that is not written down. */
void ilv_trace_loop_poll_begin(const void *loop)
{
	(void)loop;
	assert_false(is_in_poll);
	is_in_poll = true;
}

void ilv_trace_loop_poll_end(const void *loop)
{
	(void)loop;
	assert_true(is_in_poll);
	is_in_poll = false;
}

void ilv_trace_task_create(const void *loop, uint64_t task, uint64_t parent_task, const char *name)
{
	(void)loop;
	write_down("create %" PRIu64 " by %" PRIu64 " \"%s\"\n", task, parent_task, name);
}

void ilv_trace_task_ready(const void *loop, uint64_t task, uint64_t waker_task)
{
	(void)loop;
	write_down("ready %" PRIu64 " by %" PRIu64 "\n", task, waker_task);
}

void ilv_trace_task_resume(const void *loop, uint64_t task)
{
	(void)loop;
	write_down("resume %" PRIu64 "\n", task);
}

void ilv_trace_task_yield(const void *loop, uint64_t task, enum ilv_wait_reason reason,
			  uint64_t object)
{
	(void)loop;
	/* Of an object that is an address, or a time, only its presence is the same each time. */
	write_down("yield %" PRIu64 " for %d on %" PRIu64 "\n", task, (int)reason,
		   object > 4096 ? 4096 : object);
}

void ilv_trace_task_done(const void *loop, uint64_t task, enum ilv_outcome outcome)
{
	(void)loop;
	write_down("done %" PRIu64 " as %d\n", task, (int)outcome);
}

void ilv_trace_lock_wait_begin(const void *lock, enum ilv_lock_kind kind, enum ilv_lock_mode mode)
{
	(void)lock;
	(void)kind;
	(void)mode;
	write_down("lock_wait\n");
}

void ilv_trace_lock_acquire(const void *lock, enum ilv_lock_kind kind, enum ilv_lock_mode mode,
			    bool is_contended)
{
	(void)lock;
	(void)kind;
	(void)mode;
	write_down("lock_acquire %d\n", is_contended);
}

void ilv_trace_lock_release(const void *lock, enum ilv_lock_kind kind, enum ilv_lock_mode mode,
			    enum ilv_release_cause cause)
{
	(void)lock;
	(void)kind;
	(void)mode;
	(void)cause;
	write_down("lock_release\n");
}

static int start_loop(void **state)
{
	const struct ilv_runtime_options options = {0};

	(void)state;
	written[0] = '\0';

	return ilv_runtime_start(&ilv_runtime_event_loop, &options) == ILV_STATUS_OK ? 0 : -1;
}

static int stop_loop(void **state)
{
	(void)state;
	ilv_runtime_stop();

	return 0;
}

static struct ilv_handle *spawn(ilv_job_function function, void *argument, const char *name)
{
	struct ilv_handle *handle = NULL;

	assert_int_equal(ilv_spawn(function, argument, name, &handle), ILV_STATUS_OK);

	return handle;
}

static void join_all(struct ilv_handle **handles, size_t count, enum ilv_status expected)
{
	for (size_t index = 0; index < count; index++) {
		assert_int_equal(ilv_join(handles[index], NULL), expected);
	}
}

static enum ilv_status yield_twice(void *argument, struct ilv_result *result)
{
	(void)argument;
	(void)result;
	assert_int_equal(ilv_tick(), ILV_STATUS_OK); /* Which gives nothing away. */
	assert_int_equal(ilv_yield(), ILV_STATUS_OK);

	return ilv_yield();
}

static void test_first_come_first_served(void **state)
{
	struct ilv_handle *handles[2] = {spawn(yield_twice, NULL, "a"),
					 spawn(yield_twice, NULL, "b")};

	(void)state;
	join_all(handles, 2, ILV_STATUS_OK);
	assert_string_equal(written, "create 1 by 0 \"a\"\nready 1 by 0\n"
				     "create 2 by 0 \"b\"\nready 2 by 0\n"
				     "resume 1\nyield 1 for 1 on 0\nresume 2\nyield 2 for 1 on 0\n"
				     "resume 1\nyield 1 for 1 on 0\nresume 2\nyield 2 for 1 on 0\n"
				     "resume 1\ndone 1 as 0\nresume 2\ndone 2 as 0\n");
}

static enum ilv_status nap(void *argument, struct ilv_result *result)
{
	(void)result;

	return ilv_await_sleep(*(const int64_t *)argument);
}

static void test_timers_by_time(void **state)
{
	int64_t naps_ns[2] = {30000000, 1000000};
	struct ilv_handle *handles[2] = {spawn(nap, &naps_ns[0], "long"),
					 spawn(nap, &naps_ns[1], "short")};
	const int64_t begin_ns = ilv_trace_now_ns();

	(void)state;
	join_all(handles, 2, ILV_STATUS_OK);
	assert_true(ilv_trace_now_ns() - begin_ns >= naps_ns[0]);
	assert_non_null(strstr(written,
			       "resume 1\nyield 1 for 2 on 4096\nresume 2\nyield 2 for 2 on 4096\n"
			       "ready 2 by 0\nresume 2\ndone 2 as 0\n"
			       "ready 1 by 0\nresume 1\ndone 1 as 0\n"));
}

static enum ilv_status return_seven(void *argument, struct ilv_result *result)
{
	const int seven = 7;

	(void)argument;

	return ilv_result_append(result, &seven, sizeof(seven));
}

static enum ilv_status await_child(void *argument, struct ilv_result *result)
{
	struct ilv_handle *child = spawn(return_seven, argument, "child");

	return ilv_join(child, result);
}

static void test_awaits_a_task(void **state)
{
	struct ilv_handle *parent = spawn(await_child, NULL, "parent");
	struct ilv_result result = {0};
	int value = 0;

	(void)state;
	assert_int_equal(ilv_join(parent, &result), ILV_STATUS_OK);
	assert_int_equal(result.length, sizeof(value));
	memcpy(&value, result.bytes, sizeof(value));
	ilv_result_fini(&result);
	assert_int_equal(value, 7);
	assert_string_equal(written,
			    "create 1 by 0 \"parent\"\nready 1 by 0\nresume 1\n"
			    "create 2 by 1 \"child\"\nready 2 by 1\nyield 1 for 12 on 2\n"
			    "resume 2\nready 1 by 2\ndone 2 as 0\nresume 1\ndone 1 as 0\n");
}

struct shared_pipe {
	int fds[2];
};

static enum ilv_status read_byte(void *argument, struct ilv_result *result)
{
	struct shared_pipe *both = argument;
	enum ilv_status status = ilv_await_fd(both->fds[0], ILV_WAIT_REASON_READ);
	char byte = 0;

	(void)result;
	if (status == ILV_STATUS_OK) {
		assert_int_equal(read(both->fds[0], &byte, 1), 1);
	}

	return status;
}

static enum ilv_status write_byte(void *argument, struct ilv_result *result)
{
	struct shared_pipe *both = argument;

	(void)result;
	assert_int_equal(ilv_await_fd(both->fds[1], ILV_WAIT_REASON_WRITE), ILV_STATUS_OK);
	assert_int_equal(write(both->fds[1], "x", 1), 1);

	return ILV_STATUS_OK;
}

static void test_awaits_descriptors(void **state)
{
	struct shared_pipe both;
	struct ilv_handle *handles[2];
	char expected[256];

	(void)state;
	assert_int_equal(pipe(both.fds), 0);
	handles[0] = spawn(read_byte, &both, "reader");
	handles[1] = spawn(write_byte, &both, "writer");
	join_all(handles, 2, ILV_STATUS_OK);
	(void)snprintf(expected, sizeof(expected),
		       "resume 1\nyield 1 for 3 on %d\nresume 2\nyield 2 for 4 on %d\n"
		       "ready 2 by 0\nresume 2\ndone 2 as 0\nready 1 by 0\nresume 1\ndone 1 as 0\n",
		       both.fds[0], both.fds[1]);
	assert_non_null(strstr(written, expected));
	(void)close(both.fds[0]);
	(void)close(both.fds[1]);
}

static enum ilv_status hold(void *argument, struct ilv_result *result)
{
	enum ilv_status status = ILV_STATUS_OK;

	(void)result;
	assert_int_equal(ilv_lock_acquire(argument), ILV_STATUS_OK);
	status = ilv_yield();
	ilv_lock_release(argument);

	return status;
}

static void test_lock_is_handed_over(void **state)
{
	struct ilv_lock lock;
	struct ilv_handle *handles[2];

	(void)state;
	assert_int_equal(ilv_lock_init(&lock, "lock"), ILV_STATUS_OK);
	handles[0] = spawn(hold, &lock, "a");
	handles[1] = spawn(hold, &lock, "b");
	join_all(handles, 2, ILV_STATUS_OK);
	ilv_lock_fini(&lock);
	assert_non_null(strstr(written, "resume 1\nlock_acquire 0\nyield 1 for 1 on 0\n"
					"resume 2\nlock_wait\nyield 2 for 8 on 4096\n"
					"resume 1\nlock_release\nready 2 by 1\ndone 1 as 0\n"
					"resume 2\nlock_acquire 1\nyield 2 for 1 on 0\n"
					"resume 2\nlock_release\ndone 2 as 0\n"));
}

static enum ilv_status fail_with_cause(void *argument, struct ilv_result *result)
{
	(void)argument;
	(void)result;
	ilv_cause_add("Cannot do it");

	return ILV_STATUS_ERROR;
}

static void test_failure_has_its_cause(void **state)
{
	struct ilv_handle *handle = spawn(fail_with_cause, NULL, "a");

	(void)state;
	assert_int_equal(ilv_join(handle, NULL), ILV_STATUS_ERROR);
	assert_string_equal(ilv_cause_text(), "Cannot do it");
	assert_non_null(strstr(written, "done 1 as 1\n"));
	ilv_cause_clear();
}

static enum ilv_status ask_to_stop(void *argument, struct ilv_result *result)
{
	(void)argument;
	(void)result;
	ilv_stop_request();

	return ilv_tick();
}

/* The last test: a run that was asked to end stays so. */
static void test_stop_wakes_all(void **state)
{
	int64_t nap_ns = INT64_C(3600000000000);
	struct shared_pipe both;
	struct ilv_handle *handles[3];

	(void)state;
	assert_int_equal(pipe(both.fds), 0);
	handles[0] = spawn(nap, &nap_ns, "sleeper");
	handles[1] = spawn(read_byte, &both, "reader");
	handles[2] = spawn(ask_to_stop, NULL, "stopper");
	join_all(handles, 3, ILV_STATUS_INTERRUPTED);
	assert_non_null(strstr(written, "done 1 as 2\n"));
	assert_non_null(strstr(written, "done 2 as 2\n"));
	assert_non_null(strstr(written, "done 3 as 2\n"));
	(void)close(both.fds[0]);
	(void)close(both.fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_first_come_first_served, start_loop,
						stop_loop),
		cmocka_unit_test_setup_teardown(test_timers_by_time, start_loop, stop_loop),
		cmocka_unit_test_setup_teardown(test_awaits_a_task, start_loop, stop_loop),
		cmocka_unit_test_setup_teardown(test_awaits_descriptors, start_loop, stop_loop),
		cmocka_unit_test_setup_teardown(test_lock_is_handed_over, start_loop, stop_loop),
		cmocka_unit_test_setup_teardown(test_failure_has_its_cause, start_loop, stop_loop),
		cmocka_unit_test_setup_teardown(test_stop_wakes_all, start_loop, stop_loop),
	};

	if (ilv_stop_install() != ILV_STATUS_OK) {
		return 1;
	}

	return cmocka_run_group_tests(tests, NULL, NULL);
}
