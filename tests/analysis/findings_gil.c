/* SPDX-License-Identifier: MIT */
/* Description: the finding gil-contention, where it must appear and where it must not, and what
 * cut-while-holding says of a GIL. Times in scripts are us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/analysis/findings_fixture.h"

#define GIL(time, what, tid, cpu, more)                                                            \
	time " lock_" what " pid=10 tid=" tid " cpu=" cpu " lock=0x100 kind=gil" more "\n"
#define NAMED "0 lock_name pid=10 tid=10 cpu=9 lock=0x100 kind=gil capacity=1 name=GIL\n"
#define TWO   NAMED STARTS("0", "11", "0", "alpha") STARTS("0", "12", "1", "beta")

/* alpha computes from 100 on; beta wants the GIL at 200 and has it from 500 to 520, on request. */
static const char *const convoy = SCRIPT_BEGIN("thread", "4") TWO GIL(
	"100", "acquire", "11", "0", "") GIL("200", "wait_begin", "12", "1", "")
	GIL("500", "release", "11", "0", " cause=request") GIL("500", "wait_begin", "11", "0", "")
		GIL("500", "acquire", "12", "1", " is_contended=1")
			GIL("520", "release", "12", "1", " cause=blocking")
				GIL("520", "acquire", "11", "0", " is_contended=1")
					GIL("900", "release", "11", "0", " cause=done")
						SCRIPT_END("1000");

static void test_gil_contention(void **state)
{
	struct ilv_report *report = findings_report(convoy);
	const struct ilv_finding *found = findings_find(report, 0, "gil-contention", 0);

	(void)state;
	findings_assert_sound(report);
	assert_non_null(found);
	assert_int_equal(found->severity, ILV_SEVERITY_WARNING);
	assert_int_equal(found->cost_ns, 320000);
	assert_int_equal(found->affected_count, 2);
	assert_int_equal(found->total_count, 3);
	assert_int_equal(found->begin_ns, 200000);
	assert_int_equal(found->end_ns, 500000);
	assert_int_equal(found->moment_ns, 350000);
	assert_int_equal(found->entity_count, 3);
	assert_string_equal(found->entity_ids[0], "thread:10.12.0");
	assert_string_equal(found->entity_ids[1], "thread:10.11.0");
	assert_string_equal(found->entity_ids[2], "lock:10.0x100.0");
	assert_string_equal(found->title, "Threads take turns under a GIL");
	assert_string_equal(
		found->text,
		"2 threads waited for the GIL, 320 µs in all; of 3 acquisitions, 2 had to wait, "
		"and 1 time it was given up on request. alpha held it longest, 780 µs in all. The "
		"longest wait began at 200 µs: beta waited 300 µs. What computes under a GIL takes "
		"turns: hand it to processes, or to code that gives the GIL up.");
	assert_null(findings_find(report, 0, "gil-contention", 1));
	/* One trouble, one finding. */
	assert_null(findings_find(report, 0, "contended-lock", 0));
	ilv_report_destroy(report);
}

/* Whoever keeps the GIL to the end lets nobody compute: that wait counts up to there. */
static void test_gil_that_is_never_given_up(void **state)
{
	struct ilv_report *report =
		findings_report(SCRIPT_BEGIN("thread", "4") TWO GIL("100", "acquire", "11", "0", "")
					GIL("200", "wait_begin", "12", "1", "") SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "gil-contention", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->cost_ns, 800000);
	assert_int_equal(found->begin_ns, 200000);
	assert_int_equal(found->end_ns, 1000000);
	assert_non_null(strstr(found->text, "alpha held it longest, 900 µs in all."));
	/* Who never got it is no acquisition. */
	assert_int_equal(found->affected_count, 0);
	assert_int_equal(found->total_count, 1);
	assert_non_null(strstr(found->text, "of 1 acquisition, 0 had to wait, 1 more wait was in "
					    "vain, and 0 times it was given up on request."));
	assert_int_equal(report->runs[0].locks[0].in_vain_count, 1);
	ilv_report_destroy(report);
}

/* alpha reads with the GIL in its hands from 150 to 600, and is let go on at 620. */
#define READS(until)                                                                               \
	SCRIPT_BEGIN("thread", "4")                                                                \
	TWO GIL("100", "acquire", "11", "0",                                                       \
		"") "150 wait_begin pid=10 tid=11 cpu=0 reason=read\n" STOPS("150", "11", "0")     \
		GIL("200", "wait_begin", "12", "1", "") STOPS("200", "12", "1") until
#define READ                                                                                       \
	WOKEN("600", "11")                                                                         \
	RUNS("620", "11", "0") "620 wait_end pid=10 tid=11 cpu=0 reason=read\n"

/* Who holds the GIL and waits for something else computes nothing: that is not computing in turns.
 */
static void test_gil_of_the_blocked(void **state)
{
	struct ilv_report *report = findings_report(
		READS(READ GIL("650", "release", "11", "0", " cause=done") RUNS(
			"650", "12", "1") GIL("650", "acquire", "12", "1", " is_contended=1")
			      GIL("700", "release", "12", "1", " cause=done") SCRIPT_END("1000")));
	const struct ilv_finding *found = findings_find(report, 0, "gil-contention", 0);

	(void)state;
	findings_assert_sound(report);
	assert_non_null(found);
	assert_int_equal(found->cost_ns, 450000);
	assert_string_equal(found->title, "Blocked while holding the GIL");
	assert_string_equal(
		found->text,
		"1 thread waited for the GIL, 450 µs in all, and 400 µs of that while whoever held "
		"it did not compute, but was blocked itself: alpha for the longest, 450 µs at a "
		"stretch (read). Give it up around calls that block, as CPython does around its "
		"own: who waits in them needs none.");
	assert_string_equal(found->entity_ids[1], "thread:10.11.0");
	ilv_report_destroy(report);
}

/* Likewise where the run ends in the midst of it, and for a task, whose thread it is that blocks.
 */
static void test_gil_of_the_blocked_to_the_end(void **state)
{
	struct ilv_report *report = findings_report(READS(SCRIPT_END("1000")));
	const struct ilv_finding *found = findings_find(report, 0, "gil-contention", 0);

	(void)state;
	assert_non_null(found);
	assert_non_null(strstr(found->text, "800 µs in all, and 800 µs of that while"));
	ilv_report_destroy(report);

	report = findings_report(
		SCRIPT_BEGIN("thread", "4") TWO
		"50 task_create pid=10 tid=11 cpu=0 loop=1 task=1\n"
		"60 task_ready pid=10 tid=11 cpu=0 loop=1 task=1\n"
		"70 task_resume pid=10 tid=11 cpu=0 loop=1 task=1\n" GIL("100", "acquire", "11",
									 "0", "")
			STOPS("150", "11", "0") GIL("200", "wait_begin", "12", "1", "")
				STOPS("200", "12", "1") WOKEN("600", "11") RUNS("600", "11", "0")
					GIL("600", "release", "11", "0", " cause=done")
						RUNS("600", "12", "1") GIL("600", "acquire", "12",
									   "1", " is_contended=1")
							SCRIPT_END("1000"));
	found = findings_find(report, 0, "gil-contention", 0);
	assert_non_null(found);
	assert_non_null(strstr(found->text, "400 µs in all, and 400 µs of that while"));
	ilv_report_destroy(report);
}

/* A small part of it is said beside what makes up most. */
static void test_gil_of_the_blocked_at_times(void **state)
{
	struct ilv_report *report = findings_report(READS(
		READ
		"900 lock_release pid=10 tid=11 cpu=0 lock=0x100 kind=gil cause=request\n" RUNS(
			"900", "12", "1") GIL("900", "acquire", "12", "1", " is_contended=1")
			GIL("910", "release", "12", "1", " cause=done")
				GIL("910", "wait_begin", "12", "1", "") SCRIPT_END("1800")));
	const struct ilv_finding *found = findings_find(report, 0, "gil-contention", 0);

	(void)state;
	assert_non_null(found);
	assert_string_equal(found->title, "Threads take turns under a GIL");
	assert_non_null(strstr(
		found->text, "hand it to processes, or to code that gives the GIL up. For 400 µs "
			     "whoever held it was blocked itself: give it up around such calls."));
	ilv_report_destroy(report);
}

/* To do less with a GIL is not in a program's power as it is with a lock of its own. */
static void test_cut_while_holding_the_gil(void **state)
{
	struct ilv_report *report = findings_report(
		SCRIPT_BEGIN("thread", "2") TWO GIL("100", "acquire", "11", "0",
						    "") GIL("150", "wait_begin", "12", "1", "")
			STOPS("150", "12", "1") CUT("200", "11", "0") RUNS("400", "11", "0")
				GIL("600", "release", "11", "0", " cause=done") SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "cut-while-holding", 0);

	(void)state;
	findings_assert_sound(report);
	assert_non_null(found);
	assert_int_equal(found->cost_ns, 200000);
	assert_string_equal(found->title, "Cut short while holding the GIL");
	assert_string_equal(
		found->text,
		"At 200 µs the kernel took CPU 0 from alpha, which held the GIL, and gave it to "
		"another thread. 1 thread waited for the GIL until alpha ran again, 200 µs later. "
		"Whoever computes holds it, and all wait with whoever loses the CPU: let fewer "
		"threads and programs want the CPUs, or hand the computing to processes.");
	ilv_report_destroy(report);
}

/* Waits below a twentieth of the run; none at all; and waits for what is no GIL. */
static void test_no_gil_contention(void **state)
{
	(void)state;
	findings_assert_none(SCRIPT_BEGIN("thread", "4") TWO GIL("100", "acquire", "11", "0", "")
				     GIL("200", "wait_begin", "12", "1",
					 "") GIL("240", "release", "11", "0", " cause=blocking")
					     GIL("240", "acquire", "12", "1", " is_contended=1")
						     GIL("600", "release", "12", "1", " cause=done")
							     SCRIPT_END("1000"),
			     "gil-contention");
	findings_assert_none(SCRIPT_BEGIN("thread", "4") TWO GIL("100", "acquire", "11", "0", "")
				     GIL("900", "release", "11", "0", " cause=done")
					     SCRIPT_END("1000"),
			     "gil-contention");
	findings_assert_none(
		SCRIPT_BEGIN("thread", "4") TWO
		"100 lock_acquire pid=10 tid=11 cpu=0 lock=0x200 kind=mutex\n"
		"200 lock_wait_begin pid=10 tid=12 cpu=1 lock=0x200 kind=mutex\n"
		"800 lock_release pid=10 tid=11 cpu=0 lock=0x200 kind=mutex\n"
		"800 lock_acquire pid=10 tid=12 cpu=1 lock=0x200 kind=mutex\n" SCRIPT_END("1000"),
		"gil-contention");
}

/* A second run begins anew: what was waited in the first costs it nothing. */
static void test_gil_of_another_run(void **state)
{
	static const char second[] =
		"1100 run_begin pid=10 tid=10 cpu=9 workload=test runtime=test parameters=\"\" "
		"unit=thread cpu_count=4\n"
		"1200 lock_acquire pid=10 tid=11 cpu=0 lock=0x100 kind=gil\n"
		"1300 lock_release pid=10 tid=11 cpu=0 lock=0x100 kind=gil cause=done\n"
		"2100 run_end pid=10 tid=10 cpu=9 status=0\n";
	char script[8192];
	struct ilv_report *report;

	(void)state;
	assert_true(strlen(convoy) + sizeof(second) < sizeof(script));
	strcpy(script, convoy);
	strcat(script, second);
	report = findings_report(script);
	assert_non_null(findings_find(report, 0, "gil-contention", 0));
	assert_null(findings_find(report, 1, "gil-contention", 0));
	ilv_report_destroy(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gil_contention),
		cmocka_unit_test(test_gil_that_is_never_given_up),
		cmocka_unit_test(test_gil_of_the_blocked),
		cmocka_unit_test(test_gil_of_the_blocked_to_the_end),
		cmocka_unit_test(test_gil_of_the_blocked_at_times),
		cmocka_unit_test(test_cut_while_holding_the_gil),
		cmocka_unit_test(test_no_gil_contention),
		cmocka_unit_test(test_gil_of_another_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
