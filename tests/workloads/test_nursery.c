/* SPDX-License-Identifier: MIT */
/* Description: who is cancelled by what in the runtime `nursery`, and what comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/nursery.h"
#include "workloads/runtimes/runtime.h"
#include "workloads/stop.h"

#define NS_PER_MS INT64_C(1000000)
#define HOUR_NS   INT64_C(3600000000000)

extern const struct ilv_runtime ilv_runtime_nursery;

static int done_count;
static int cancelled_count;
static int abandoned_count;

/* In place of the library's. */
void ilv_trace_lock_wait_abandon(const void *lock, enum ilv_lock_kind kind, enum ilv_lock_mode mode)
{
	(void)lock;
	(void)kind;
	(void)mode;
	abandoned_count++;
}

static int start_nursery(void **state)
{
	const struct ilv_runtime_options options = {0};

	(void)state;
	done_count = 0;
	cancelled_count = 0;
	abandoned_count = 0;

	return ilv_runtime_start(&ilv_runtime_nursery, &options) == ILV_STATUS_OK ? 0 : -1;
}

static int stop_nursery(void **state)
{
	(void)state;
	ilv_runtime_stop();

	return 0;
}

static enum ilv_status run_as_task(ilv_job_function function)
{
	struct ilv_handle *handle = NULL;

	assert_int_equal(ilv_spawn(function, NULL, "test", &handle), ILV_STATUS_OK);

	return ilv_join(handle, NULL);
}

static enum ilv_status sleep_for_ever(void *argument, struct ilv_result *result)
{
	enum ilv_status status = ilv_await_sleep(HOUR_NS);

	(void)argument;
	(void)result;
	assert_int_equal(status, ILV_STATUS_INTERRUPTED);
	/* Cancelled once is cancelled at every await from then on. */
	assert_int_equal(ilv_await_sleep(HOUR_NS), ILV_STATUS_INTERRUPTED);
	assert_int_equal(ilv_yield(), ILV_STATUS_INTERRUPTED);
	cancelled_count++;

	return status;
}

static enum ilv_status yield_for_ever(void *argument, struct ilv_result *result)
{
	enum ilv_status status = ILV_STATUS_OK;

	(void)argument;
	(void)result;
	while (status == ILV_STATUS_OK) {
		status = ilv_yield();
	}
	cancelled_count++;

	return status;
}

static enum ilv_status nap(void *argument, struct ilv_result *result)
{
	enum ilv_status status = ilv_await_sleep(2 * NS_PER_MS);

	(void)argument;
	(void)result;
	done_count += status == ILV_STATUS_OK;

	return status;
}

static enum ilv_status fail_soon(void *argument, struct ilv_result *result)
{
	enum ilv_status status = ilv_await_sleep(NS_PER_MS);

	(void)argument;
	(void)result;
	if (status == ILV_STATUS_OK) {
		ilv_cause_add("Cannot do it");
		status = ILV_STATUS_IO;
	}

	return status;
}

static enum ilv_status wait_for_children(void *argument, struct ilv_result *result)
{
	struct ilv_nursery *nursery = NULL;

	(void)argument;
	(void)result;
	assert_int_equal(ilv_nursery_open(&nursery), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_spawn(nursery, nap, NULL, "a"), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_spawn(nursery, nap, NULL, "b"), ILV_STATUS_OK);
	assert_int_equal(done_count, 0);
	assert_int_equal(ilv_nursery_close(nursery, ILV_STATUS_OK), ILV_STATUS_OK);
	assert_int_equal(done_count, 2);

	return ILV_STATUS_OK;
}

static void test_waits_for_children(void **state)
{
	(void)state;
	assert_int_equal(run_as_task(wait_for_children), ILV_STATUS_OK);
}

static enum ilv_status have_a_failure(void *argument, struct ilv_result *result)
{
	struct ilv_nursery *nursery = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	(void)argument;
	(void)result;
	assert_int_equal(ilv_nursery_open(&nursery), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_spawn(nursery, sleep_for_ever, NULL, "a"), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_spawn(nursery, fail_soon, NULL, "b"), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_spawn(nursery, yield_for_ever, NULL, "c"), ILV_STATUS_OK);
	/* The body of the nursery is cancelled with its children. */
	status = ilv_await_sleep(HOUR_NS);
	assert_int_equal(status, ILV_STATUS_INTERRUPTED);
	status = ilv_nursery_close(nursery, status);
	assert_int_equal(status, ILV_STATUS_IO);
	assert_string_equal(ilv_cause_text(), "Cannot do it");
	assert_int_equal(cancelled_count, 2);
	/* Outside the nursery nothing is cancelled. */
	assert_int_equal(ilv_await_sleep(0), ILV_STATUS_OK);

	return status;
}

static void test_failure_cancels_others(void **state)
{
	(void)state;
	assert_int_equal(run_as_task(have_a_failure), ILV_STATUS_IO);
	assert_non_null(strstr(ilv_cause_text(), "Cannot do it"));
	ilv_cause_clear();
}

static enum ilv_status move_on(void *argument, struct ilv_result *result)
{
	struct ilv_scope *outer = NULL;
	struct ilv_scope *inner = NULL;
	enum ilv_status status = ILV_STATUS_OK;
	bool was_cancelled = false;

	(void)argument;
	(void)result;
	/* The inner limit is met, the outer is not. */
	assert_int_equal(ilv_move_on_after(HOUR_NS, &outer), ILV_STATUS_OK);
	assert_int_equal(ilv_move_on_after(2 * NS_PER_MS, &inner), ILV_STATUS_OK);
	status = ilv_await_sleep(HOUR_NS);
	assert_int_equal(status, ILV_STATUS_INTERRUPTED);
	status = ilv_scope_leave(inner, status, &was_cancelled);
	assert_int_equal(status, ILV_STATUS_OK);
	assert_true(was_cancelled);
	status = ilv_scope_leave(outer, ilv_await_sleep(0), &was_cancelled);
	assert_int_equal(status, ILV_STATUS_OK);
	assert_false(was_cancelled);

	/* The outer is met while in the inner: whose leaving does not end it. */
	assert_int_equal(ilv_move_on_after(2 * NS_PER_MS, &outer), ILV_STATUS_OK);
	assert_int_equal(ilv_move_on_after(HOUR_NS, &inner), ILV_STATUS_OK);
	status = ilv_scope_leave(inner, ilv_await_sleep(HOUR_NS), &was_cancelled);
	assert_int_equal(status, ILV_STATUS_INTERRUPTED);
	assert_false(was_cancelled);
	assert_int_equal(ilv_scope_leave(outer, status, &was_cancelled), ILV_STATUS_OK);
	assert_true(was_cancelled);

	return ILV_STATUS_OK;
}

static void test_time_limits(void **state)
{
	(void)state;
	assert_int_equal(run_as_task(move_on), ILV_STATUS_OK);
}

static enum ilv_status nested_nursery(void *argument, struct ilv_result *result)
{
	struct ilv_nursery *nursery = NULL;

	(void)argument;
	(void)result;
	assert_int_equal(ilv_nursery_open(&nursery), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_spawn(nursery, sleep_for_ever, NULL, "deep"), ILV_STATUS_OK);

	return ilv_nursery_close(nursery, ILV_STATUS_OK);
}

static enum ilv_status clean_up_shielded(void *argument, struct ilv_result *result)
{
	struct ilv_scope *shield = NULL;
	struct ilv_scope *limit = NULL;
	enum ilv_status status = ilv_await_sleep(HOUR_NS);
	bool was_cancelled = false;

	assert_int_equal(status, ILV_STATUS_INTERRUPTED);
	assert_int_equal(ilv_shield(&shield), ILV_STATUS_OK);
	assert_int_equal(nap(argument, result), ILV_STATUS_OK);
	/* A limit within the shield counts. */
	assert_int_equal(ilv_move_on_after(NS_PER_MS, &limit), ILV_STATUS_OK);
	assert_int_equal(ilv_await_sleep(HOUR_NS), ILV_STATUS_INTERRUPTED);
	assert_int_equal(ilv_scope_leave(limit, ILV_STATUS_INTERRUPTED, &was_cancelled),
			 ILV_STATUS_OK);
	assert_true(was_cancelled);
	assert_int_equal(ilv_scope_leave(shield, ILV_STATUS_OK, NULL), ILV_STATUS_OK);
	assert_int_equal(ilv_await_sleep(0), ILV_STATUS_INTERRUPTED);

	return status;
}

static enum ilv_status cancel_a_tree(void *argument, struct ilv_result *result)
{
	struct ilv_nursery *nursery = NULL;

	(void)argument;
	(void)result;
	assert_int_equal(ilv_nursery_open(&nursery), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_spawn(nursery, nested_nursery, NULL, "a"), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_spawn(nursery, clean_up_shielded, NULL, "b"), ILV_STATUS_OK);
	assert_int_equal(ilv_await_sleep(NS_PER_MS), ILV_STATUS_OK);
	ilv_nursery_cancel(nursery);
	/* It was asked for: no failure. */
	assert_int_equal(ilv_nursery_close(nursery, ILV_STATUS_OK), ILV_STATUS_OK);
	assert_int_equal(cancelled_count, 1);
	assert_int_equal(done_count, 1);

	return ILV_STATUS_OK;
}

static void test_cancels_down_to_shields(void **state)
{
	(void)state;
	assert_int_equal(run_as_task(cancel_a_tree), ILV_STATUS_OK);
}

static void make_call(void *argument)
{
	*(bool *)argument = true;
}

/* A call is an await as any: nothing is begun for who is cancelled. */
static enum ilv_status call_when_cancelled(void *argument, struct ilv_result *result)
{
	struct ilv_nursery *nursery = NULL;
	enum ilv_status status = ILV_STATUS_OK;
	bool is_made = false;

	(void)argument;
	(void)result;
	assert_int_equal(ilv_nursery_open(&nursery), ILV_STATUS_OK);
	ilv_nursery_cancel(nursery);
	status = ilv_await_call(make_call, &is_made, ILV_WAIT_REASON_WRITE, 0);
	assert_int_equal(status, ILV_STATUS_INTERRUPTED);
	assert_false(is_made);
	assert_int_equal(ilv_nursery_close(nursery, status), ILV_STATUS_OK);
	assert_int_equal(ilv_await_call(make_call, &is_made, ILV_WAIT_REASON_WRITE, 0),
			 ILV_STATUS_OK);
	assert_true(is_made);

	return ILV_STATUS_OK;
}

static void test_call_when_cancelled(void **state)
{
	(void)state;
	assert_int_equal(run_as_task(call_when_cancelled), ILV_STATUS_OK);
}

/* Whose children are cancelled from around it is itself cancelled: it has not got what it waited
 * for. */
static enum ilv_status close_when_cancelled_from_around(void *argument, struct ilv_result *result)
{
	struct ilv_scope *limit = NULL;
	struct ilv_nursery *nursery = NULL;
	enum ilv_status status = ILV_STATUS_OK;
	bool was_cancelled = false;

	(void)argument;
	(void)result;
	assert_int_equal(ilv_move_on_after(2 * NS_PER_MS, &limit), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_open(&nursery), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_spawn(nursery, sleep_for_ever, NULL, "a"), ILV_STATUS_OK);
	status = ilv_nursery_close(nursery, ILV_STATUS_OK);
	assert_int_equal(status, ILV_STATUS_INTERRUPTED);
	assert_int_equal(ilv_scope_leave(limit, status, &was_cancelled), ILV_STATUS_OK);
	assert_true(was_cancelled);

	return ILV_STATUS_OK;
}

static void test_close_when_cancelled_from_around(void **state)
{
	(void)state;
	assert_int_equal(run_as_task(close_when_cancelled_from_around), ILV_STATUS_OK);
}

static enum ilv_status want_lock(void *argument, struct ilv_result *result)
{
	enum ilv_status status = ilv_lock_acquire(argument);

	(void)result;
	if (status == ILV_STATUS_OK) {
		done_count++;
		ilv_lock_release(argument);
	} else {
		assert_int_equal(status, ILV_STATUS_INTERRUPTED);
		cancelled_count++;
	}

	return status;
}

/* A wait for a lock is an await as any: who is cancelled in it does not get the lock, those behind
 * it do, and who is cancelled already gets not even one that is free. */
static enum ilv_status wait_for_lock_when_cancelled(void *argument, struct ilv_result *result)
{
	struct ilv_lock lock;
	struct ilv_nursery *cancelled = NULL;
	struct ilv_nursery *left_alone = NULL;

	(void)argument;
	(void)result;
	assert_int_equal(ilv_lock_init(&lock, "lock"), ILV_STATUS_OK);
	assert_int_equal(ilv_lock_acquire(&lock), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_open(&left_alone), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_open(&cancelled), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_spawn(cancelled, want_lock, &lock, "a"), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_spawn(left_alone, want_lock, &lock, "b"), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_spawn(cancelled, want_lock, &lock, "c"), ILV_STATUS_OK);
	assert_int_equal(ilv_yield(), ILV_STATUS_OK); /* They all wait now. */
	ilv_nursery_cancel(cancelled);
	assert_int_equal(ilv_nursery_spawn(cancelled, want_lock, &lock, "d"), ILV_STATUS_OK);
	/* It ends although the lock is held all the time. */
	assert_int_equal(ilv_nursery_close(cancelled, ILV_STATUS_OK), ILV_STATUS_OK);
	assert_int_equal(cancelled_count, 3);
	assert_int_equal(abandoned_count, 2);
	assert_int_equal(done_count, 0);
	ilv_lock_release(&lock);
	assert_int_equal(ilv_nursery_close(left_alone, ILV_STATUS_OK), ILV_STATUS_OK);
	assert_int_equal(done_count, 1);

	assert_int_equal(ilv_nursery_open(&cancelled), ILV_STATUS_OK);
	ilv_nursery_cancel(cancelled);
	assert_int_equal(ilv_lock_acquire(&lock), ILV_STATUS_INTERRUPTED);
	assert_int_equal(ilv_nursery_close(cancelled, ILV_STATUS_INTERRUPTED), ILV_STATUS_OK);
	assert_int_equal(want_lock(&lock, NULL), ILV_STATUS_OK);
	assert_int_equal(abandoned_count, 2);
	ilv_lock_fini(&lock);

	return ILV_STATUS_OK;
}

static void test_wait_for_lock_when_cancelled(void **state)
{
	(void)state;
	assert_int_equal(run_as_task(wait_for_lock_when_cancelled), ILV_STATUS_OK);
}

/* To whom the lock was handed over before the cancellation came, has it. */
static enum ilv_status hand_over_then_cancel(void *argument, struct ilv_result *result)
{
	struct ilv_lock lock;
	struct ilv_nursery *nursery = NULL;

	(void)argument;
	(void)result;
	assert_int_equal(ilv_lock_init(&lock, "lock"), ILV_STATUS_OK);
	assert_int_equal(ilv_lock_acquire(&lock), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_open(&nursery), ILV_STATUS_OK);
	assert_int_equal(ilv_nursery_spawn(nursery, want_lock, &lock, "a"), ILV_STATUS_OK);
	assert_int_equal(ilv_yield(), ILV_STATUS_OK);
	ilv_lock_release(&lock);
	ilv_nursery_cancel(nursery);
	assert_int_equal(ilv_nursery_close(nursery, ILV_STATUS_OK), ILV_STATUS_OK);
	assert_int_equal(done_count, 1);
	assert_int_equal(abandoned_count, 0);
	/* And has given it back. */
	assert_int_equal(ilv_lock_acquire(&lock), ILV_STATUS_OK);
	ilv_lock_release(&lock);
	ilv_lock_fini(&lock);

	return ILV_STATUS_OK;
}

static void test_hand_over_then_cancel(void **state)
{
	(void)state;
	assert_int_equal(run_as_task(hand_over_then_cancel), ILV_STATUS_OK);
}

/* What a run spawns lives in one nursery. */
static void test_failure_of_a_job(void **state)
{
	struct ilv_handle *sleeper = NULL;
	struct ilv_handle *failing = NULL;

	(void)state;
	assert_int_equal(ilv_spawn(sleep_for_ever, NULL, "sleeper", &sleeper), ILV_STATUS_OK);
	assert_int_equal(ilv_spawn(fail_soon, NULL, "failing", &failing), ILV_STATUS_OK);
	assert_int_equal(ilv_join(sleeper, NULL), ILV_STATUS_INTERRUPTED);
	assert_int_equal(ilv_join(failing, NULL), ILV_STATUS_IO);
	ilv_cause_clear();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_waits_for_children, start_nursery,
						stop_nursery),
		cmocka_unit_test_setup_teardown(test_failure_cancels_others, start_nursery,
						stop_nursery),
		cmocka_unit_test_setup_teardown(test_time_limits, start_nursery, stop_nursery),
		cmocka_unit_test_setup_teardown(test_cancels_down_to_shields, start_nursery,
						stop_nursery),
		cmocka_unit_test_setup_teardown(test_call_when_cancelled, start_nursery,
						stop_nursery),
		cmocka_unit_test_setup_teardown(test_close_when_cancelled_from_around,
						start_nursery, stop_nursery),
		cmocka_unit_test_setup_teardown(test_wait_for_lock_when_cancelled, start_nursery,
						stop_nursery),
		cmocka_unit_test_setup_teardown(test_hand_over_then_cancel, start_nursery,
						stop_nursery),
		cmocka_unit_test_setup_teardown(test_failure_of_a_job, start_nursery, stop_nursery),
	};

	if (ilv_stop_install() != ILV_STATUS_OK) {
		return 1;
	}

	return cmocka_run_group_tests(tests, NULL, NULL);
}
