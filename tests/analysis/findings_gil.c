/* SPDX-License-Identifier: MIT */
/* Description: the finding gil-contention, where it must appear and where it must not. Times in
 * scripts are us. */
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
	assert_int_equal(report->runs[0].locks[0].in_vain_count, 1);
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
		cmocka_unit_test(test_no_gil_contention),
		cmocka_unit_test(test_gil_of_another_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
