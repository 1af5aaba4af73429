/* SPDX-License-Identifier: MIT */
/* Description: the findings starvation and lock-convoy, where they must appear and where they must
 * not. Times in scripts are us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/analysis/findings_fixture.h"

/* A script that grows. */
struct script {
	char *text;
	size_t size;
	FILE *stream;
};

static void begin(struct script *script)
{
	script->stream = open_memstream(&script->text, &script->size);
	assert_non_null(script->stream);
	(void)fputs(SCRIPT_BEGIN("thread", "4") STARTS("0", "11", "0", "alpha") STARTS("0", "12",
										       "1", "beta")
			    STARTS("0", "13", "2",
				   "gamma") "0 lock_name pid=10 tid=10 cpu=9 lock=0x100 kind=mutex "
					    "capacity=1 name=results\n",
		    script->stream);
}

/* The thread `tid`, on a CPU of its own, does this with the lock. */
static void lock(struct script *script, int time_us, int tid, const char *what)
{
	(void)fprintf(script->stream, "%d lock_%s pid=10 tid=%d cpu=%d lock=0x100 kind=mutex\n",
		      time_us, what, tid, tid - 11);
}

static struct ilv_report *end(struct script *script, int time_us)
{
	struct ilv_report *report;

	(void)fprintf(script->stream,
		      "%d thread_switch_in pid=10 tid=10 cpu=9 recorder_id=1\n"
		      "%d run_end pid=10 tid=10 cpu=9 status=0\n",
		      time_us, time_us);
	assert_int_equal(fclose(script->stream), 0);
	report = findings_report(script->text);
	findings_assert_sound(report);
	free(script->text);
	return report;
}

static void end_without(struct script *script, int time_us, const char *id)
{
	struct ilv_report *report = end(script, time_us);

	assert_null(findings_find(report, 0, id, 0));
	ilv_report_destroy(report);
}

/*
 * alpha takes the lock `turn_count` times for 90 us of every 100. beta asks for it at 1050, and
 * has it after alpha's last turn, for 10 us.
 */
static void overtake(struct script *script, int turn_count)
{
	begin(script);
	for (int turn = 0; turn < turn_count; turn++) {
		lock(script, 1000 + 100 * turn, 11, "acquire");
		if (turn == 0) {
			lock(script, 1050, 12, "wait_begin");
		}
		lock(script, 1090 + 100 * turn, 11, "release");
	}

	lock(script, 1000 + 100 * turn_count, 12, "acquire");
	lock(script, 1010 + 100 * turn_count, 12, "release");
}

static void test_starvation(void **state)
{
	struct script script;
	struct ilv_report *report;
	const struct ilv_finding *found;

	(void)state;
	overtake(&script, 200);
	report = end(&script, 40000);
	found = findings_find(report, 0, "starvation", 0);
	assert_non_null(found);
	assert_null(findings_find(report, 0, "starvation", 1));
	assert_int_equal(found->severity, ILV_SEVERITY_PROBLEM);
	/* From 1050 to 21000, in which alpha had it 199 times more. */
	assert_int_equal(found->cost_ns, 19950000);
	assert_int_equal(found->affected_count, 1);
	assert_int_equal(found->begin_ns, 1050000);
	assert_int_equal(found->end_ns, 21000000);
	assert_int_equal(found->entity_count, 3);
	assert_string_equal(found->entity_ids[0], "thread:10.12.0");
	assert_string_equal(found->entity_ids[1], "thread:10.11.0");
	assert_string_equal(found->entity_ids[2], "lock:10.0x100.0");
	assert_string_equal(found->title, "Starvation at lock `results`");
	assert_string_equal(
		found->text,
		"At 1.05 ms beta asked for its turn at lock `results`, and waited 20 ms for it, "
		"50 % of the run. Meanwhile those who asked later had 199 turns; alpha had most in "
		"the run, 200. Use a lock that keeps the order in which it is asked for, or leave "
		"it alone for a while after each turn.");
	assert_string_equal(found->moment_entity_id, "thread:10.12.0");
	assert_string_equal(found->moment_text,
			    "beta waits 20 ms for its turn at lock `results`, while those who "
			    "asked later have 199 turns.");
	ilv_report_destroy(report);
}

/* Who never had its turn starves all the more. */
static void test_endless_starvation(void **state)
{
	struct script script;
	struct ilv_report *report;
	const struct ilv_finding *found;

	(void)state;
	overtake(&script, 200);
	lock(&script, 22000, 13, "acquire");
	for (int turn = 0; turn < 180; turn++) {
		lock(&script, 22050 + 100 * turn, turn == 0 ? 12 : 11,
		     turn == 0 ? "wait_begin" : "acquire");
		lock(&script, 22090 + 100 * turn, turn == 0 ? 13 : 11, "release");
	}
	report = end(&script, 40050);
	found = findings_find(report, 0, "starvation", 0);
	assert_non_null(found);
	assert_int_equal(found->affected_count, 2);
	assert_int_equal(found->cost_ns, 19950000 + 18000000);
	assert_int_equal(found->begin_ns, 1050000);
	assert_non_null(strstr(found->text, "In all somebody was so overtaken 2 times."));
	ilv_report_destroy(report);
}

/* Each condition alone: turns of others, length, share of the run. */
static void test_no_starvation(void **state)
{
	struct script script;

	(void)state;
	/* 50 turns within 100 us each are less than 10 ms. */
	overtake(&script, 60);
	end_without(&script, 8000, "starvation");
	/* A fifth of the run. */
	overtake(&script, 200);
	end_without(&script, 100000, "starvation");
	/* One long hold is no overtaking. */
	begin(&script);
	lock(&script, 1000, 11, "acquire");
	lock(&script, 1050, 12, "wait_begin");
	lock(&script, 21000, 11, "release");
	lock(&script, 21000, 12, "acquire");
	lock(&script, 21010, 12, "release");
	end_without(&script, 40000, "starvation");
}

/* Three take turns in the order in which they came: all wait, and nobody is overtaken. */
static void take_turns(struct script *script, int turn_count, int hold_us, int gap_us)
{
	int time_us = 1000;

	begin(script);
	lock(script, time_us, 11, "acquire");
	lock(script, time_us, 12, "wait_begin");
	lock(script, time_us, 13, "wait_begin");
	for (int turn = 0; turn < turn_count; turn++) {
		time_us += hold_us;
		lock(script, time_us, 11 + turn % 3, "release");
		lock(script, time_us, 11 + turn % 3, "wait_begin");
		time_us += gap_us;
		lock(script, time_us, 11 + (turn + 1) % 3, "acquire");
	}
}

static void test_a_fair_line_starves_nobody(void **state)
{
	struct script script;

	(void)state;
	take_turns(&script, 300, 90, 10);
	end_without(&script, 32000, "starvation");
	/* However long the holds are: each waits half of the run and more. */
	take_turns(&script, 3, 9000, 10);
	end_without(&script, 32000, "starvation");
}

static void test_lock_convoy(void **state)
{
	struct script script;
	struct ilv_report *report;
	const struct ilv_finding *found;

	(void)state;
	take_turns(&script, 150, 5, 20);
	report = end(&script, 5000);
	found = findings_find(report, 0, "lock-convoy", 0);
	assert_non_null(found);
	assert_null(findings_find(report, 0, "lock-convoy", 1));
	assert_int_equal(found->severity, ILV_SEVERITY_WARNING);
	assert_int_equal(found->cost_ns, 150 * 20000);
	assert_false(found->is_cost_summed);
	assert_int_equal(found->affected_count, 150);
	assert_int_equal(found->total_count, 151);
	assert_int_equal(found->begin_ns, 1025000);
	assert_int_equal(found->end_ns, 1000000 + 150 * 25000);
	assert_int_equal(found->entity_count, 2);
	assert_string_equal(found->entity_ids[0], "thread:10.12.0");
	assert_string_equal(found->entity_ids[1], "lock:10.0x100.0");
	assert_string_equal(found->title, "Convoy at lock `results`");
	assert_string_equal(
		found->text,
		"From 1.03 ms on lock `results` was handed around: of 151 acquisitions, 150 had to "
		"wait. It was held for 4.97 µs at a time, and then it took 20 µs until the next "
		"one had it, which is a switch each time: the hand-overs set the pace, not the "
		"work. Take it less often, for more at a time, or give each its own part of what "
		"it protects.");
	assert_string_equal(
		found->moment_text,
		"lock `results` is free, and beta waits for it: it takes 20 µs until it has it.");
	ilv_report_destroy(report);
}

static void test_no_lock_convoy(void **state)
{
	struct script script;
	int time_us;

	(void)state;
	/* The work takes longer than the hand-over. */
	take_turns(&script, 150, 21, 20);
	end_without(&script, 8000, "lock-convoy");
	/* A hand-over that is no switch: they spin. */
	take_turns(&script, 1000, 1, 1);
	end_without(&script, 3000, "lock-convoy");
	/* Too few. */
	take_turns(&script, 99, 5, 20);
	end_without(&script, 4000, "lock-convoy");
	/* Too little of the run. */
	take_turns(&script, 150, 5, 20);
	end_without(&script, 61000, "lock-convoy");

	/* Whoever gives it up takes it again before the others come: few hand-overs. */
	begin(&script);
	time_us = 1000;
	lock(&script, time_us, 12, "acquire");
	lock(&script, time_us, 11, "wait_begin");
	for (int turn = 0; turn < 150; turn++) {
		lock(&script, time_us += 1, 12, "release");
		lock(&script, time_us += 10, 12, "acquire");
		lock(&script, time_us += 1, 12, "release");
		lock(&script, time_us += 10, 12, "acquire");
		lock(&script, time_us += 1, 12, "release");
		lock(&script, time_us += 10, 11, "acquire");
		lock(&script, time_us, 12, "wait_begin");
		lock(&script, time_us += 1, 11, "release");
		lock(&script, time_us += 10, 12, "acquire");
		lock(&script, time_us, 11, "wait_begin");
	}
	end_without(&script, time_us + 1000, "lock-convoy");

	/* The line is empty half of the time. */
	begin(&script);
	time_us = 1000;
	for (int turn = 0; turn < 150; turn++) {
		lock(&script, time_us, 11, "acquire");
		lock(&script, time_us += 40, 12, "wait_begin");
		lock(&script, time_us += 1, 11, "release");
		lock(&script, time_us += 20, 12, "acquire");
		lock(&script, time_us += 1, 12, "release");
		time_us += 10;
	}
	end_without(&script, time_us + 1000, "lock-convoy");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starvation),
		cmocka_unit_test(test_endless_starvation),
		cmocka_unit_test(test_no_starvation),
		cmocka_unit_test(test_a_fair_line_starves_nobody),
		cmocka_unit_test(test_lock_convoy),
		cmocka_unit_test(test_no_lock_convoy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
