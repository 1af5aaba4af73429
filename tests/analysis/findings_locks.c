/* SPDX-License-Identifier: MIT */
/* Description: the findings contended-lock and cut-while-holding, where they must appear and where
 * they must not. Times in scripts are us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/analysis/findings_fixture.h"

#define LOCK(time, what, tid, cpu)                                                                 \
	time " lock_" what " pid=10 tid=" tid " cpu=" cpu " lock=0x100 kind=mutex\n"
#define NAMED "0 lock_name pid=10 tid=10 cpu=9 lock=0x100 kind=mutex capacity=1 name=results\n"

/* beta waits for alpha from 200 until `got`, in a run of 1000. */
#define ONE_WAIT(got)                                                                              \
	SCRIPT_BEGIN("thread", "4")                                                                \
	NAMED STARTS("0", "11", "0", "alpha") STARTS("0", "12", "1", "beta")                       \
		LOCK("100", "acquire", "11", "0") LOCK("200", "wait_begin", "12", "1")             \
			STOPS("200", "12", "1") LOCK("210", "release", "11", "0")                  \
				WOKEN("210", "12") RUNS(got, "12", "1")                            \
					LOCK(got, "acquire", "12", "1")                            \
						LOCK("600", "release", "12", "1")                  \
							SCRIPT_END("1000")

static void test_contended_lock(void **state)
{
	struct ilv_report *report = findings_report(ONE_WAIT("510"));
	const struct ilv_finding *found = findings_find(report, 0, "contended-lock", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->severity, ILV_SEVERITY_WARNING);
	assert_int_equal(found->cost_ns, 310000);
	assert_int_equal(found->affected_count, 1);
	assert_int_equal(found->total_count, 2);
	assert_int_equal(found->begin_ns, 200000);
	assert_int_equal(found->end_ns, 510000);
	assert_int_equal(found->moment_ns, 355000);
	assert_string_equal(found->moment_entity_id, "thread:10.12.0");
	assert_int_equal(found->entity_count, 3);
	assert_string_equal(found->entity_ids[0], "thread:10.12.0");
	assert_string_equal(found->entity_ids[1], "thread:10.11.0");
	assert_string_equal(found->entity_ids[2], "lock:10.0x100.0");
	assert_string_equal(found->title, "Contended lock `results`");
	assert_string_equal(found->text, "Of 2 acquisitions of lock `results`, 1 had to wait. The "
					 "wait began at 200 µs: beta "
					 "waited 310 µs while alpha held it. Hold it for less "
					 "time, or give each its own part of what it "
					 "protects.");
	assert_string_equal(found->moment_text,
			    "beta waits 310 µs for lock `results`, which alpha holds.");
	assert_null(findings_find(report, 0, "contended-lock", 1));
	ilv_report_destroy(report);
}

/* Of several waits it is said how long they took together, and which was the longest. */
static void test_two_waits(void **state)
{
	struct ilv_report *report = findings_report(
		SCRIPT_BEGIN("thread", "4") NAMED STARTS("0", "11", "0", "alpha")
			STARTS("0", "12", "1", "beta") LOCK("100", "acquire", "11", "0")
				LOCK("200", "wait_begin", "12", "1") STOPS("200", "12", "1") RUNS(
					"300", "12", "1") LOCK("300", "wait_abandon", "12", "1")
					LOCK("400", "wait_begin", "12", "1") STOPS("400", "12", "1")
						LOCK("650", "release", "11", "0") WOKEN("650", "12")
							RUNS("650", "12", "1")
								LOCK("650", "acquire", "12", "1")
									SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "contended-lock", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->cost_ns, 350000);
	assert_string_equal(
		found->text,
		"Of 2 acquisitions of lock `results`, 1 had to wait; 1 more wait was in vain; all "
		"waits together took 350 µs. The longest began at 400 µs: beta waited 250 µs "
		"while alpha held it. Hold it for less time, or give each its own part of what it "
		"protects.");
	ilv_report_destroy(report);
}

static void test_contended_lock_limit(void **state)
{
	struct ilv_report *report = findings_report(ONE_WAIT("250"));

	(void)state;
	assert_non_null(findings_find(report, 0, "contended-lock", 0)); /* 50 of 1000: 5 % */
	ilv_report_destroy(report);
	findings_assert_none(ONE_WAIT("249"), "contended-lock");
}

/* Long holds for which nobody waits are no contention. */
static void test_uncontended_lock(void **state)
{
	(void)state;
	findings_assert_none(SCRIPT_BEGIN("thread", "4") NAMED STARTS("0", "11", "0", "alpha")
				     LOCK("100", "acquire", "11", "0")
					     LOCK("900", "release", "11", "0") SCRIPT_END("1000"),
			     "contended-lock");
}

/* A semaphore that counts is a queue: to wait for it is what it is for. */
static void test_counting_semaphore(void **state)
{
	(void)state;
	findings_assert_none(
		SCRIPT_BEGIN("thread", "4") STARTS("0", "11", "0", "alpha") STARTS(
			"0", "12", "1",
			"beta") "0 lock_name pid=10 tid=10 lock=0x200 "
				"kind=sem capacity=3 name=items\n"
				"100 lock_wait_begin pid=10 tid=12 cpu=1 "
				"lock=0x200 kind=sem\n" STOPS("100", "12", "1") WOKEN("800", "12")
					RUNS("800", "12",
					     "1") "800 lock_acquire pid=10 tid=12 cpu=1 "
						  "lock=0x200 kind=sem\n" SCRIPT_END("1000"),
		"contended-lock");
}

/* Who gives up after a while has waited all the same, but acquired nothing. */
static void test_abandoned_wait(void **state)
{
	struct ilv_report *report = findings_report(
		SCRIPT_BEGIN("thread", "4") NAMED STARTS("0", "11", "0", "alpha")
			STARTS("0", "12", "1", "beta") LOCK("100", "acquire", "11", "0")
				LOCK("200", "wait_begin", "12", "1") STOPS("200", "12", "1") RUNS(
					"300", "12", "1") LOCK("300", "wait_abandon", "12", "1")
					LOCK("900", "release", "11", "0") SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "contended-lock", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->cost_ns, 100000);
	assert_int_equal(found->affected_count, 0);
	assert_int_equal(found->total_count, 1);
	assert_non_null(
		strstr(found->text, "beta waited 100 µs while alpha held it, and gave up. "));
	assert_int_equal(report->runs[0].locks[0].contended_count, 1);
	assert_int_equal(report->runs[0].locks[0].in_vain_count, 1);
	ilv_report_destroy(report);
}

/* alpha never gives the lock up, and beta waits for it from 200 until `end` comes. */
#define ENDLESS_WAIT(end)                                                                          \
	SCRIPT_BEGIN("thread", "4")                                                                \
	NAMED STARTS("0", "11", "0", "alpha") STARTS("0", "12", "1", "beta")                       \
		LOCK("100", "acquire", "11", "0") LOCK("200", "wait_begin", "12", "1")             \
			STOPS("200", "12", "1") end

static void assert_endless(const struct ilv_report *report, int64_t wait_ns)
{
	const struct ilv_finding *found = findings_find(report, 0, "contended-lock", 0);
	const struct ilv_report_lock *lock = &report->runs[0].locks[0];

	assert_non_null(found);
	assert_int_equal(found->cost_ns, wait_ns);
	assert_int_equal(found->affected_count, 0);
	assert_int_equal(found->total_count, 1);
	assert_int_equal(found->begin_ns, 200000);
	assert_int_equal(found->end_ns, 200000 + wait_ns);
	assert_string_equal(found->entity_ids[0], "thread:10.12.0");
	assert_string_equal(found->entity_ids[1], "thread:10.11.0");
	assert_int_equal(report->runs[0].lock_count, 1);
	assert_int_equal(lock->acquisition_count, 1);
	assert_int_equal(lock->contended_count, 1);
	assert_int_equal(lock->in_vain_count, 1);
	assert_int_equal(lock->waits.total_ns, wait_ns);
}

/* Whoever still waits when the run ends never got it. */
static void test_endless_wait(void **state)
{
	struct ilv_report *report = findings_report(ENDLESS_WAIT(SCRIPT_END("1000")));
	const struct ilv_finding *found = findings_find(report, 0, "contended-lock", 0);

	(void)state;
	assert_endless(report, 800000);
	assert_string_equal(
		found->text,
		"Of 1 acquisition of lock `results`, 0 had to wait; 1 more wait was in vain. The "
		"wait began at 200 µs: beta waited 800 µs while alpha held it, and never got it. "
		"See why alpha did not give it up.");
	assert_string_equal(
		found->moment_text,
		"beta waits 800 µs for lock `results`, which alpha holds, and never gets it.");
	ilv_report_destroy(report);
}

/* Of a lock that was taken before the run, there may be waits and nobody who got it. */
static void test_lock_of_nobody_in_the_run(void **state)
{
	struct ilv_report *report = findings_report(
		"0 thread_start pid=10 tid=10 cpu=9 name=main role=main\n"
		"0 lock_acquire pid=10 tid=10 cpu=9 lock=0x100 kind=mutex\n"
		"100 run_begin pid=10 tid=10 cpu=9 workload=w runtime=r unit=thread\n"
		"200 thread_start pid=10 tid=11 cpu=0 name=alpha role=job\n"
		"200 lock_wait_begin pid=10 tid=11 cpu=0 lock=0x100 kind=mutex\n"
		"300 thread_start pid=10 tid=12 cpu=1 name=beta role=job\n"
		"300 lock_wait_begin pid=10 tid=12 cpu=1 lock=0x100 kind=mutex\n"
		"1000 run_end pid=10 tid=10 cpu=9 status=0\n");
	const struct ilv_finding *found = findings_find(report, 0, "contended-lock", 0);

	(void)state;
	assert_non_null(found);
	assert_string_equal(
		found->text,
		"Nobody got lock 0x100 in this run, and 2 waits were in vain; all waits together "
		"took 1.5 ms. The longest began at 100 µs, when nobody was seen to hold it: alpha "
		"waited 800 µs, and never got it. See why whoever had it did not give it up.");
	ilv_report_destroy(report);
}

/* Nor did whoever dies with its process, or is left when the trace ends. */
static void test_endless_wait_of_the_dead(void **state)
{
	struct ilv_report *report = findings_report(
		ENDLESS_WAIT("900 process_exit pid=10 tid=10 cpu=9 status=1 event_count=0\n"));

	(void)state;
	assert_endless(report, 700000);
	assert_non_null(
		strstr(findings_find(report, 0, "contended-lock", 0)->text, "and never got it."));
	ilv_report_destroy(report);

	report = findings_report(ENDLESS_WAIT(STOPS("900", "11", "0")));
	assert_endless(report, 700000);
	ilv_report_destroy(report);
}

/* What one run waited for in vain, the next one may get. */
static void test_wait_over_two_runs(void **state)
{
	struct ilv_report *report = findings_report(
		ENDLESS_WAIT(SCRIPT_END(
			"1000") "2000 run_begin pid=10 tid=10 cpu=9 workload=test runtime=test "
				"parameters=\"\" unit=thread cpu_count=4\n" LOCK(
					"2300", "release", "11", "0") WOKEN("2300", "12")
					RUNS("2300", "12", "1") LOCK("2300", "acquire", "12", "1")
						LOCK("2400", "release", "12", "1") "3000 run_end "
										   "pid=10 tid=10 "
										   "cpu=9 "
										   "status=0\n"));
	const struct ilv_finding *second = findings_find(report, 1, "contended-lock", 0);

	(void)state;
	assert_int_equal(report->run_count, 2);
	assert_endless(report, 800000);
	assert_non_null(second);
	assert_int_equal(second->cost_ns, 300000);
	assert_int_equal(second->affected_count, 1);
	assert_null(strstr(second->text, "vain"));
	assert_int_equal(report->runs[1].locks[0].in_vain_count, 0);
	ilv_report_destroy(report);
}

/* The lock at the same address is another's story in the next run. */
static void test_two_runs(void **state)
{
	struct ilv_report *report = findings_report(
		ONE_WAIT("510") "2000 run_begin pid=10 tid=10 cpu=9 workload=test runtime=test "
				"parameters=\"\" "
				"unit=thread cpu_count=4\n" LOCK("2100", "acquire", "11", "0") LOCK(
					"2200", "wait_begin", "12",
					"1") STOPS("2200", "12",
						   "1") LOCK("2300", "release", "11",
							     "0") WOKEN("2300", "12") RUNS("2300",
											   "12",
											   "1")
					LOCK("2300", "acquire", "12", "1") LOCK(
						"2400", "release", "12",
						"1") "3000 run_end pid=10 tid=10 cpu=9 status=0\n");
	const struct ilv_finding *first = findings_find(report, 0, "contended-lock", 0);
	const struct ilv_finding *second = findings_find(report, 1, "contended-lock", 0);

	(void)state;
	assert_int_equal(report->run_count, 2);
	assert_int_equal(first->cost_ns, 310000);
	assert_int_equal(first->total_count, 2);
	assert_int_equal(second->cost_ns, 100000);
	assert_int_equal(second->total_count, 2);
	assert_int_equal(second->begin_ns, 200000);
	ilv_report_destroy(report);
}

/* Hostile names stay as they are in the structure; a title is cut between two characters. */
static void test_hostile_names(void **state)
{
	struct ilv_report *report = findings_report(ONE_WAIT(
		"510") "1000 lock_name pid=10 tid=10 lock=0x100 kind=mutex capacity=1 "
		       "name=\"<script>\\x1b[31m\\xff12345678\xc3\xa4\xc3\xa4\xc3\xa4\"\n");
	const struct ilv_finding *found = findings_find(report, 0, "contended-lock", 0);

	(void)state;
	assert_string_equal(found->title, "Contended lock `<script>\x1b[31m\xff"
					  "12345678`");
	assert_non_null(strstr(found->text, "lock `<script>\x1b[31m\xff"
					    "12345678"
					    "\xc3\xa4\xc3\xa4\xc3\xa4`"));
	ilv_report_destroy(report);
}

/* gamma takes alpha's CPU from 250 until `back`, while alpha holds the lock; beta wants it from
 * `wants` on. */
#define CUT_INSIDE(stops, back, wants)                                                             \
	SCRIPT_BEGIN("thread", "2")                                                                \
	NAMED STARTS("0", "13", "0", "gamma") CUT("5", "13", "0") STARTS("5", "11", "0", "alpha")  \
		STARTS("5", "12", "1", "beta") LOCK("100", "acquire", "11", "0") wants             \
		"250 thread_switch_out pid=10 tid=11 cpu=0 recorder_id=1 other_tid=13 "            \
		"is_involuntary=" stops "\n" RUNS("250", "13", "0") CUT(back, "13", "0")           \
			RUNS(back, "11", "0") LOCK("600", "release", "11", "0")
#define BETA_WANTS(time) LOCK(time, "wait_begin", "12", "1") STOPS(time, "12", "1")
#define BETA_GETS                                                                                  \
	WOKEN("600", "12")                                                                         \
	RUNS("600", "12", "1")                                                                     \
	LOCK("600", "acquire", "12", "1") LOCK("700", "release", "12", "1") SCRIPT_END("1000")

static void test_cut_while_holding(void **state)
{
	struct ilv_report *report =
		findings_report(CUT_INSIDE("true", "450", BETA_WANTS("200")) BETA_GETS);
	const struct ilv_finding *found = findings_find(report, 0, "cut-while-holding", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->severity, ILV_SEVERITY_WARNING);
	assert_int_equal(found->cost_ns, 200000); /* not the 400 that beta waited in all */
	assert_int_equal(found->affected_count, 1);
	assert_int_equal(found->begin_ns, 250000);
	assert_int_equal(found->end_ns, 450000);
	assert_int_equal(found->moment_ns, 250000); /* when it was cut */
	assert_string_equal(found->moment_entity_id, "thread:10.11.0");
	assert_int_equal(found->entity_count, 2);
	assert_string_equal(found->entity_ids[0], "thread:10.11.0");
	assert_string_equal(found->entity_ids[1], "lock:10.0x100.0");
	assert_string_equal(found->title, "Cut short while holding a lock");
	assert_string_equal(
		found->text,
		"At 250 µs the kernel took CPU 0 from alpha, which held lock `results`, "
		"and gave it to gamma. 1 thread waited for the lock until alpha ran again, "
		"200 µs later. Do less while holding the lock, or start fewer threads than "
		"would have to take turns.");
	ilv_report_destroy(report);
}

/* Two that wait count both, each from when it began. */
static void test_cut_cost_of_two(void **state)
{
	struct ilv_report *report = findings_report(
		CUT_INSIDE("true", "450",
			   STARTS("0", "14", "2", "delta") LOCK("150", "wait_begin", "14", "2")
				   STOPS("150", "14", "2")) SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "cut-while-holding", 0);

	(void)state;
	assert_int_equal(found->cost_ns, 200000);
	ilv_report_destroy(report);

	report = findings_report(
		SCRIPT_BEGIN("thread", "3") NAMED STARTS("0", "11", "0", "alpha")
			STARTS("0", "12", "1", "beta") STARTS("0", "14", "2", "delta")
				LOCK("100", "acquire", "11", "0") BETA_WANTS("200")
					CUT("250", "11", "0") LOCK("300", "wait_begin", "14", "2")
						STOPS("300", "14", "2") RUNS("450", "11", "0")
							LOCK("600", "release", "11", "0")
								SCRIPT_END("1000"));
	found = findings_find(report, 0, "cut-while-holding", 0);
	assert_int_equal(found->cost_ns, 200000 + 150000);
	assert_non_null(strstr(found->text, "gave it to another thread. 2 threads waited"));
	ilv_report_destroy(report);
}

static void test_no_cut_while_holding(void **state)
{
	(void)state;
	/* Nobody waits while alpha is off. */
	findings_assert_none(CUT_INSIDE("true", "450", "") SCRIPT_END("1000"), "cut-while-holding");
	/* It stops by itself: that is not the kernel's doing. */
	findings_assert_none(CUT_INSIDE("false", "450", BETA_WANTS("200")) BETA_GETS,
			     "cut-while-holding");
	/* Too short to be worth a word: 9 of 1000 us. */
	findings_assert_none(CUT_INSIDE("true", "259", BETA_WANTS("200")) BETA_GETS,
			     "cut-while-holding");
	/* It had given the lock up before. */
	findings_assert_none(
		SCRIPT_BEGIN("thread", "2") NAMED STARTS("0", "11", "0", "alpha")
			STARTS("0", "12", "1", "beta") LOCK("100", "acquire", "11", "0")
				LOCK("200", "release", "11", "0") CUT("250", "11", "0")
					RUNS("700", "11", "0") SCRIPT_END("1000"),
		"cut-while-holding");
}

static void test_cut_twice(void **state)
{
	struct ilv_report *report = findings_report(
		SCRIPT_BEGIN("thread", "2") NAMED STARTS("0", "11", "0",
							 "alpha") STARTS("0", "12", "1", "beta")
			LOCK("100", "acquire", "11", "0") BETA_WANTS("150") CUT("200", "11", "0")
				RUNS("250", "11", "0") CUT("300", "11", "0") RUNS("400", "11", "1")
					LOCK("600", "release", "11", "0") SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "cut-while-holding", 0);

	(void)state;
	assert_int_equal(found->cost_ns, 150000);
	assert_int_equal(found->affected_count, 2);
	assert_int_equal(found->begin_ns, 300000); /* the worse of the two */
	assert_non_null(strstr(found->text, "In all it happened 2 times."));
	ilv_report_destroy(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contended_lock),
		cmocka_unit_test(test_two_waits),
		cmocka_unit_test(test_contended_lock_limit),
		cmocka_unit_test(test_uncontended_lock),
		cmocka_unit_test(test_counting_semaphore),
		cmocka_unit_test(test_abandoned_wait),
		cmocka_unit_test(test_endless_wait),
		cmocka_unit_test(test_lock_of_nobody_in_the_run),
		cmocka_unit_test(test_endless_wait_of_the_dead),
		cmocka_unit_test(test_wait_over_two_runs),
		cmocka_unit_test(test_two_runs),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_cut_while_holding),
		cmocka_unit_test(test_cut_cost_of_two),
		cmocka_unit_test(test_no_cut_while_holding),
		cmocka_unit_test(test_cut_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
