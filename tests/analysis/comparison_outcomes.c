/* SPDX-License-Identifier: MIT */
/* Description: what a comparison says of what became of the work: who ended in a ring, who failed,
 * was cancelled, or cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "comparison_fixture.h"

static void test_rings(void **state)
{
	struct ilv_finding ring = {.id = (char *)"lock-order-cycle",
				   .severity = ILV_SEVERITY_PROBLEM,
				   .affected_count = 2,
				   .begin_ns = 1280000,
				   .end_ns = 312 * MS};
	struct ilv_finding wait = {.id = (char *)"contended-lock"};

	(void)state;
	for (int is_broken = 0; is_broken <= 1; is_broken++) {
		compared_add("deadlock", "threads", "", ILV_UNIT_THREAD, 312, 0.01)
			->sum.cut_short_count = 0;
		compared_add("deadlock", "threads", "", ILV_UNIT_THREAD, 100, 0.06)
			->sum.cut_short_count = 0;
		compared_add("deadlock", "threads", "", ILV_UNIT_THREAD, 160, 0.06)
			->sum.cut_short_count = 0;
		compared_set_variant(0, "abba");
		compared_set_variant(1, "ordered");
		compared_set_variant(2, "trylock");
		compared_runs[0].findings = &ring;
		compared_runs[1].findings = &wait;
		compared_runs[0].finding_count = compared_runs[1].finding_count = 1;
		ring.end_ns = is_broken ? 20 * MS : 312 * MS;
		/* Who gave up is not the slowest of those that came to their end. */
		compared_assert_verdict(
			is_broken ? "Abba waited 309 ms with nothing to compute, ordered 94 ms: so "
				    "ordered finished 3.1 times as fast as abba, the slowest (100 "
				    "ms against 312 ms)."
				  : "In abba each of 2 threads holds the lock that the next "
				    "one waits for, from 1.28 ms to the end: a deadlock; "
				    "ordered and trylock went on to the end. Trylock waited 150 ms "
				    "with nothing to compute, ordered 94 ms: so ordered finished "
				    "38 % sooner than trylock (100 ms against 160 ms).");
	}
}

static void test_outcomes(void **state)
{
	struct ilv_report_task returned[] = {{.is_unit = true, .is_done = true},
					     {.is_unit = true, .is_done = true},
					     {.is_unit = true, .is_done = true}};
	struct ilv_report_task cancelled[] = {
		{.is_unit = true, .is_done = true, .outcome = ILV_OUTCOME_FAILED},
		{.is_unit = true, .is_done = true, .outcome = ILV_OUTCOME_CANCELLED},
		{.is_unit = true, .is_done = true, .outcome = ILV_OUTCOME_CANCELLED}};

	(void)state;
	compared_add("cancel", "nursery", "", ILV_UNIT_TASK, 100, 0.01);
	compared_add("cancel", "nursery", "", ILV_UNIT_TASK, 20, 0.01);
	compared_set_variant(0, "none");
	compared_set_variant(1, "failure");
	compared_runs[0].tasks = returned;
	compared_runs[1].tasks = cancelled;
	compared_runs[0].task_count = compared_runs[1].task_count = 3;
	compared_runs[0].sum.cut_short_count = compared_runs[1].sum.cut_short_count = ILV_UNKNOWN;
	/* Less work in less time is not faster. */
	compared_assert_verdict(
		"Not all came to their own end: in none, after 100 ms, all returned; in "
		"failure, after 20 ms, 1 failed and 2 were cancelled.");
}

/* A pool's jobs are all alike: where some of them were cancelled, it is said how many were not. */
static void test_outcomes_of_jobs(void **state)
{
	struct ilv_report_task returned[] = {{.is_unit = true, .is_done = true}};
	struct ilv_report_task jobs[] = {
		{.is_unit = true, .is_done = true},
		{.is_unit = true, .is_done = true},
		{.is_unit = true, .is_done = true, .outcome = ILV_OUTCOME_CANCELLED},
		{.is_unit = true, .is_done = true, .outcome = ILV_OUTCOME_FAILED}};

	(void)state;
	for (int has_failure = 0; has_failure <= 1; has_failure++) {
		compared_add("cancel", "nursery", "", ILV_UNIT_TASK, 100, 0.01);
		compared_add("cancel", "thread-pool", "", ILV_UNIT_POOL_JOB, 100, 0.01);
		compared_set_variant(0, "none");
		compared_set_variant(1, "futures");
		compared_runs[0].tasks = returned;
		compared_runs[0].task_count = 1;
		compared_runs[1].jobs = jobs;
		compared_runs[1].job_count = has_failure ? 4 : 3;
		compared_runs[0].sum.cut_short_count = compared_runs[1].sum.cut_short_count =
			ILV_UNKNOWN;
		compared_assert_verdict(
			has_failure
				? "Not all came to their own end: in none, after 100 ms, all "
				  "returned; in futures, after 100 ms, 2 returned, 1 failed and 1 "
				  "was cancelled."
				: "Not all came to their own end: in none, after 100 ms, all "
				  "returned; in futures, after 100 ms, 2 returned and 1 was "
				  "cancelled.");
	}
}

/* What is said of ends is what the tables say: of threads too, and of tasks that were left behind;
 * and of who lives on it is not said that it returned. */
static void test_endings(void **state)
{
	static const struct {
		struct ilv_report_thread thread;
		struct ilv_report_task task;
		bool lives_on;
		const char *verdict;
	} rows[] = {
		{{.is_unit = true, .is_done = true, .outcome = ILV_OUTCOME_FAILED},
		 {.is_unit = false},
		 false,
		 "Not all came to their own end: in none, after 100 ms, all returned; in other, "
		 "after 100 ms, 1 failed."},
		{{.is_unit = false},
		 {.is_unit = true, .is_abandoned = true},
		 true,
		 "Not all came to their own end: in none, after 100 ms, none failed or was "
		 "cancelled; in other, after 100 ms, 1 ended with the program."},
		{{.is_unit = true, .is_abandoned = true},
		 {.is_unit = false},
		 false,
		 "Both took about as long (100 ms)."},
		{{.is_unit = true, .is_abandoned = true},
		 {.is_unit = true, .is_done = true, .outcome = ILV_OUTCOME_CANCELLED},
		 false,
		 "Not all came to their own end: in none, after 100 ms, all returned; in other, "
		 "after 100 ms, 1 was cancelled and 1 ended with the program."},
	};

	(void)state;
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		struct ilv_report_thread first = {.is_unit = true, .is_done = !rows[row].lives_on};
		struct ilv_report_thread thread = rows[row].thread;
		struct ilv_report_task task = rows[row].task;

		compared_add("cancel", "threads", "", ILV_UNIT_THREAD, 100, 1);
		compared_add("cancel", "threads", "", ILV_UNIT_THREAD, 100, 1);
		compared_set_variant(0, "none");
		compared_set_variant(1, "other");
		compared_runs[0].sum.cut_short_count = compared_runs[1].sum.cut_short_count =
			ILV_UNKNOWN;
		compared_runs[0].threads = &first;
		compared_runs[1].threads = &thread;
		compared_runs[1].tasks = &task;
		compared_runs[0].thread_count = compared_runs[1].thread_count = 1;
		compared_runs[1].task_count = 1;
		compared_assert_verdict(rows[row].verdict);
	}
}

static void test_cut_off(void **state)
{
	struct ilv_report_thread mixed[] = {
		{.role = ILV_ROLE_JOB, .is_daemon = true, .is_unit = true, .is_abandoned = true},
		{.role = ILV_ROLE_JOB, .is_unit = true, .is_done = true},
		{.role = ILV_ROLE_TRACER, .is_daemon = true, .is_abandoned = true}};
	struct ilv_report_thread waited[] = {
		{.role = ILV_ROLE_JOB, .is_unit = true, .is_done = true},
		/* Of whom nobody knows how it ended is not said that it was cut off. */
		{.role = ILV_ROLE_JOB, .is_daemon = true, .is_unit = true, .end_ns = 70 * MS}};

	(void)state;
	compared_add("daemon", "threads", "", ILV_UNIT_THREAD, 50, 0.01)->sum.unit_count = 2;
	compared_add("daemon", "threads", "", ILV_UNIT_THREAD, 70, 0.01)->sum.unit_count = 2;
	compared_set_variant(0, "mixed");
	compared_set_variant(1, "waited");
	compared_runs[0].threads = mixed;
	compared_runs[0].thread_count = 3;
	compared_runs[1].threads = waited;
	compared_runs[1].thread_count = 2;
	compared_assert_verdict(
		"Nobody waits for a daemon thread, and the end of the program finds it in "
		"the midst of its work: 1 of 2 in mixed and none in waited.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rings, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_outcomes, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_outcomes_of_jobs, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(test_endings, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_cut_off, compared_clear, compared_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
