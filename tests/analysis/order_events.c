/* SPDX-License-Identifier: MIT */
/* Description: scripts go through the order stage; what comes out, and when, is held against what
 * must. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/order/order.h"
#include "tests/lib/script.h"

#define R1 "recorder_id=4294967297" /* pid 1, first recorder */

struct outcome {
	char text[8192]; /* "time:tid:type" of each event; "|" where the input ended */
	uint64_t late_count, lost_count;
	size_t peak_count;
	bool was_closed_premature;
	int32_t closed_pid;
};

static void drain(struct ilv_order *order, enum ilv_status expected, struct outcome *outcome)
{
	const struct ilv_event *event = NULL;
	enum ilv_status status = ilv_order_pop(order, &event);

	for (; status == ILV_STATUS_OK; status = ilv_order_pop(order, &event)) {
		const char *name = strchr(ilv_event_type_name(event->type), ':');
		size_t length = strlen(outcome->text);

		if (event->type == ILV_EVENT_RECORDER_CLOSED) {
			outcome->was_closed_premature = event->u.closed.is_premature;
			outcome->closed_pid = event->u.closed.covered_pid;
			name = ":closed";
		}

		(void)snprintf(outcome->text + length, sizeof(outcome->text) - length, "%s%g:%s",
			       length ? " " : "", (double)event->time_ns / 1000,
			       name ? name + 1 : "other");
	}

	assert_int_equal(status, expected);
}

static void put(const char *text, struct outcome *outcome)
{
	struct ilv_script *script = ilv_script_parse(text);
	struct ilv_order *order = ilv_order_create();

	memset(outcome, 0, sizeof(*outcome));
	assert_non_null(order);
	for (size_t index = 0; index < script->count; index++) {
		assert_int_equal(ilv_order_push(order, &script->events[index]), ILV_STATUS_OK);
		drain(order, ILV_STATUS_AGAIN, outcome);
	}

	(void)strcat(outcome->text, " |");
	ilv_order_end(order);
	drain(order, ILV_STATUS_END, outcome);
	outcome->late_count = ilv_order_late_count(order);
	outcome->lost_count = ilv_order_lost_switch_count(order);
	outcome->peak_count = ilv_order_peak_count(order);
	ilv_order_destroy(order);
	ilv_script_destroy(script);
}

/* Nothing to wait for: each event goes out at once. */
static void passes_straight_through(void **state)
{
	struct outcome outcome;

	(void)state;
	put("1 lock_acquire pid=1 tid=2 lock=1\n"
	    "2 lock_release pid=1 tid=2 lock=1\n"
	    "3 thread_exit pid=1 tid=2\n",
	    &outcome);
	assert_string_equal(outcome.text, "1:lock_acquire 2:lock_release 3:thread_exit |");
	assert_int_equal(outcome.peak_count, 1);
	assert_int_equal(outcome.late_count, 0);
}

/* Whoever takes nothing out for a while has all in the end, a switch where it happened. */
static void keeps_what_is_not_taken_out(void **state)
{
	struct ilv_script *script = ilv_script_parse("1 lock_acquire pid=1 tid=2 lock=1\n"
						     "3 lock_release pid=1 tid=2 lock=1\n"
						     "2@4 thread_switch_out pid=1 tid=9 " R1 "\n"
						     "5 thread_exit pid=1 tid=2\n");
	struct ilv_order *order = ilv_order_create();
	struct outcome outcome = {0};

	(void)state;
	assert_non_null(order);
	for (size_t index = 0; index < script->count; index++) {
		assert_int_equal(ilv_order_push(order, &script->events[index]), ILV_STATUS_OK);
		if (index > 0) {
			/* It is borrowed until the next push only. */
			memset(&script->events[index - 1], 0xff, sizeof(script->events[0]));
		}
	}

	ilv_order_end(order);
	drain(order, ILV_STATUS_END, &outcome);
	assert_string_equal(outcome.text, "1:lock_acquire 2:thread_switch_out 2:closed "
					  "3:lock_release 5:thread_exit");
	assert_int_equal(ilv_order_late_count(order), 0);
	assert_int_equal(ilv_order_peak_count(order), 4);
	ilv_order_destroy(order);
	ilv_script_destroy(script);
}

static void puts_switches_where_they_happened(void **state)
{
	struct outcome outcome;

	(void)state;
	put("1 recorder_begin pid=1 tid=9 " R1 " source=perf covered_pid=1\n"
	    "10 lock_acquire pid=1 tid=2 lock=1\n"
	    "30 lock_release pid=1 tid=2 lock=1\n"
	    "25@40 thread_switch_in pid=1 tid=9 " R1 "\n"
	    "15@41 thread_switch_out pid=1 tid=9 " R1 "\n"
	    "42 switch_watermark pid=1 tid=9 " R1 " switch_count=2 up_to_ns=35000\n"
	    "50 thread_exit pid=1 tid=2\n"
	    "60 recorder_end pid=1 tid=9 " R1 " switch_count=2\n",
	    &outcome);
	assert_string_equal(outcome.text,
			    "1:recorder_begin 10:lock_acquire 15:thread_switch_out "
			    "25:thread_switch_in 30:lock_release 35:closed 42:switch_watermark "
			    "50:thread_exit 60:recorder_end |");
	assert_int_equal(outcome.late_count, 0);
	assert_int_equal(outcome.lost_count, 0);
	assert_false(outcome.was_closed_premature);
	assert_int_equal(outcome.closed_pid, 1);
}

/* Two recorders: the slower one decides. */
static void waits_for_the_lowest_watermark(void **state)
{
	struct outcome outcome;

	(void)state;
	put("1 recorder_begin pid=1 tid=9 " R1 "\n"
	    "2 recorder_begin pid=2 tid=8 recorder_id=8589934593\n"
	    "10 lock_acquire pid=1 tid=2 lock=1\n"
	    "20 switch_watermark pid=1 tid=9 " R1 " up_to_ns=19000\n"
	    "8@21 thread_switch_in pid=2 tid=8 recorder_id=8589934593\n"
	    "22 switch_watermark pid=2 tid=8 recorder_id=8589934593 switch_count=1 up_to_ns=9000\n"
	    "30 switch_watermark pid=2 tid=8 recorder_id=8589934593 switch_count=1 "
	    "up_to_ns=29000\n",
	    &outcome);
	assert_string_equal(
		outcome.text,
		"1:recorder_begin 2:recorder_begin 8:thread_switch_in 10:lock_acquire | "
		"19:closed 20:switch_watermark 22:switch_watermark 29:closed "
		"30:switch_watermark");
	assert_true(outcome.was_closed_premature);
}

/* A switch that its own recorder's watermark denied comes last of what is out, and is counted. */
static void counts_what_is_late(void **state)
{
	struct outcome outcome;

	(void)state;
	put("1 recorder_begin pid=1 tid=9 " R1 "\n"
	    "10 lock_acquire pid=1 tid=2 lock=1\n"
	    "20 switch_watermark pid=1 tid=9 " R1 " up_to_ns=15000\n"
	    "5@21 thread_switch_in pid=1 tid=9 " R1 "\n"
	    "30 recorder_end pid=1 tid=9 " R1 " switch_count=1\n",
	    &outcome);
	assert_string_equal(outcome.text,
			    "1:recorder_begin 10:lock_acquire 10:thread_switch_in 15:closed "
			    "20:switch_watermark 30:recorder_end |");
	assert_int_equal(outcome.late_count, 1);
}

static void notices_what_never_came(void **state)
{
	struct outcome outcome;

	(void)state;
	put("1 recorder_begin pid=1 tid=9 " R1 "\n"
	    "5@10 thread_switch_in pid=1 tid=9 " R1 "\n"
	    "11 switch_watermark pid=1 tid=9 " R1 " switch_count=3 up_to_ns=9000\n"
	    "12@20 thread_switch_out pid=1 tid=9 " R1 "\n"
	    "21 switch_watermark pid=1 tid=9 " R1 " switch_count=4 up_to_ns=19000\n"
	    "30 recorder_end pid=1 tid=9 " R1 " switch_count=9\n",
	    &outcome);
	assert_int_equal(outcome.lost_count, 7);

	/* A recorder that was at work before the trace began owes nothing for that time. */
	put("5@10 thread_switch_in pid=1 tid=9 " R1 "\n"
	    "11 switch_watermark pid=1 tid=9 " R1 " switch_count=1000 up_to_ns=9000\n"
	    "21 switch_watermark pid=1 tid=9 " R1 " switch_count=1002 up_to_ns=19000\n",
	    &outcome);
	assert_int_equal(outcome.lost_count, 2);
}

/* Killed with its process: what comes after does not wait for it. */
static void closes_with_the_process(void **state)
{
	struct outcome outcome;

	(void)state;
	put("1 recorder_begin pid=1 tid=9 " R1 "\n"
	    "11 switch_watermark pid=1 tid=9 " R1 " up_to_ns=9000\n"
	    "12 process_exit pid=2 tid=2\n"
	    "20 process_exit pid=1 tid=2\n"
	    "30 lock_acquire pid=3 tid=3 lock=1\n",
	    &outcome);
	assert_string_equal(outcome.text,
			    "1:recorder_begin 9:closed 11:switch_watermark 12:process_exit "
			    "20:process_exit 30:lock_acquire |");
	assert_true(outcome.was_closed_premature);
}

static void closes_the_silent(void **state)
{
	char text[4096] = "1 recorder_begin pid=1 tid=9 " R1 "\n"
			  "11 switch_watermark pid=1 tid=9 " R1 " up_to_ns=9000\n";
	struct outcome outcome;

	(void)state;
	for (int index = 1; index <= 11; index++) {
		size_t length = strlen(text);

		(void)snprintf(text + length, sizeof(text) - length, "%d thread_exit pid=2 tid=2\n",
			       index * 200000);
	}

	put(text, &outcome);
	assert_non_null(strstr(outcome.text, "9:closed"));
	assert_true(strstr(outcome.text, "closed") < strstr(outcome.text, "|"));
	assert_null(strstr(strstr(outcome.text, "|"), "thread_exit"));
	assert_true(outcome.was_closed_premature);
}

/* A session that leaves the watermarks out: what came of the recorder is all that is known of it.
 */
static void closes_where_no_watermark_is_after_the_last_switch(void **state)
{
	struct outcome outcome;

	(void)state;
	put("5@10 thread_switch_in pid=1 tid=9 " R1 "\n"
	    "15@20 thread_switch_out pid=1 tid=9 " R1 "\n"
	    "50 thread_exit pid=2 tid=2\n",
	    &outcome);
	assert_string_equal(outcome.text, " | 5:thread_switch_in 15:thread_switch_out 15:closed "
					  "50:thread_exit");
	assert_true(outcome.was_closed_premature);
	assert_int_equal(outcome.late_count, 0);
}

/* Nobody said anything for an hour: the machine stood still, and the recorder is still there. */
static void tells_standstill_from_silence(void **state)
{
	struct outcome outcome;

	(void)state;
	put("1 recorder_begin pid=1 tid=9 " R1 "\n"
	    "11 switch_watermark pid=1 tid=9 " R1 " up_to_ns=9000\n"
	    "3600000000 thread_exit pid=2 tid=2\n"
	    "20@3600000001 thread_switch_in pid=1 tid=9 " R1 "\n"
	    "3600000002 recorder_end pid=1 tid=9 " R1 " switch_count=1\n",
	    &outcome);
	assert_int_equal(outcome.late_count, 0);
	assert_false(outcome.was_closed_premature);
}

/* exec: the same process, the same first number, a new recorder that counts from 0. */
static void begins_anew_with_the_same_id(void **state)
{
	struct outcome outcome;

	(void)state;
	put("1 recorder_begin pid=1 tid=9 " R1 "\n"
	    "5@10 thread_switch_in pid=1 tid=9 " R1 "\n"
	    "11 switch_watermark pid=1 tid=9 " R1 " switch_count=1 up_to_ns=9000\n"
	    "20 recorder_begin pid=1 tid=10 " R1 "\n"
	    "25@30 thread_switch_in pid=1 tid=10 " R1 "\n"
	    "31 switch_watermark pid=1 tid=10 " R1 " switch_count=1 up_to_ns=29000\n"
	    "40 recorder_end pid=1 tid=10 " R1 " switch_count=1\n",
	    &outcome);
	assert_int_equal(outcome.lost_count, 0);
	assert_string_equal(outcome.text,
			    "1:recorder_begin 5:thread_switch_in 9:closed 11:switch_watermark "
			    "20:recorder_begin 25:thread_switch_in 29:closed 31:switch_watermark "
			    "40:recorder_end |");
}

static void keeps_ties_as_they_came(void **state)
{
	struct outcome outcome;

	(void)state;
	put("1 recorder_begin pid=1 tid=9 " R1 "\n"
	    "5 lock_acquire pid=1 tid=2 lock=1\n"
	    "5@8 thread_switch_out pid=1 tid=9 " R1 "\n"
	    "5@8 thread_switch_in pid=1 tid=9 " R1 "\n"
	    "9 recorder_end pid=1 tid=9 " R1 " switch_count=2\n",
	    &outcome);
	assert_non_null(strstr(outcome.text, "5:lock_acquire 5:thread_switch_out "
					     "5:thread_switch_in"));
}

/* A recorder that never moves on must not cost all memory: the oldest go out. */
static void is_bounded(void **state)
{
	struct ilv_event begin = {.type = ILV_EVENT_RECORDER_BEGIN, .time_ns = 1, .recorded_ns = 1};
	struct ilv_event lost = {.type = ILV_EVENT_SWITCH_LOST};
	const struct ilv_event *event = NULL;
	struct ilv_order *order = ilv_order_create();
	uint64_t popped_count = 0;
	int64_t last_ns = 0;

	(void)state;
	begin.u.recorder_begin.recorder_id = 1;
	lost.u.switch_lost.recorder_id = 1;
	assert_int_equal(ilv_order_push(order, &begin), ILV_STATUS_OK);
	for (int64_t time_ns = 2; time_ns < 2500000; time_ns++) {
		lost.time_ns = time_ns;
		lost.recorded_ns = time_ns;
		assert_int_equal(ilv_order_push(order, &lost), ILV_STATUS_OK);
		while (ilv_order_pop(order, &event) == ILV_STATUS_OK) {
			assert_true(event->time_ns >= last_ns);
			last_ns = event->time_ns;
			popped_count++;
		}
	}

	assert_in_range(ilv_order_peak_count(order), 2000000, 2000001);
	assert_in_range(popped_count, 499990, 500000);
	ilv_order_destroy(order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_straight_through),
		cmocka_unit_test(keeps_what_is_not_taken_out),
		cmocka_unit_test(puts_switches_where_they_happened),
		cmocka_unit_test(waits_for_the_lowest_watermark),
		cmocka_unit_test(counts_what_is_late),
		cmocka_unit_test(notices_what_never_came),
		cmocka_unit_test(closes_with_the_process),
		cmocka_unit_test(closes_the_silent),
		cmocka_unit_test(closes_where_no_watermark_is_after_the_last_switch),
		cmocka_unit_test(tells_standstill_from_silence),
		cmocka_unit_test(begins_anew_with_the_same_id),
		cmocka_unit_test(keeps_ties_as_they_came),
		cmocka_unit_test(is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
