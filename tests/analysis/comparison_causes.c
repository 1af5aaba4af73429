/* SPDX-License-Identifier: MIT */
/* Description: what a comparison says of how its runs went: who waited for whom, who starved, and
 * whose the machine was. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "comparison_fixture.h"

/* A job of a pool keeps its worker, who is cut like any thread: no word of jobs that were never
 * cut. */
static void test_pools(void **state)
{
	struct ilv_text_style style = {.width = 100};
	struct ilv_comparison *comparison;
	char *text = NULL;
	size_t size;
	FILE *stream;

	(void)state;
	compared_add("file", "thread-pool", "", ILV_UNIT_POOL_JOB, 100, 1)->sum.thread_cut_count =
		391;
	compared_add("file", "event-loop", "", ILV_UNIT_TASK, 100, 1)->sum.thread_cut_count = 17;
	comparison = compared_make();
	assert_string_equal(comparison->verdict, "Both took about as long (100 ms).");

	stream = open_memstream(&text, &size);
	assert_int_equal(ilv_comparison_write_text(comparison, &style, stream), ILV_STATUS_OK);
	assert_int_equal(fclose(stream), 0);
	assert_non_null(strstr(text, "    their threads         391                    17"));
	free(text);
	ilv_comparison_destroy(comparison);
	compared_forget(NULL);
}

static void test_held_loops(void **state)
{
	struct ilv_report_task tasks[] = {{.id = (char *)"task:1", .name = (char *)"computing"}};
	struct ilv_report_loop blocked = {.longest_callback_ns = 150 * MS,
					  .longest_callback_by = (char *)"task:1"};
	struct ilv_report_loop yielding = {.longest_callback_ns = 2 * MS};

	(void)state;
	for (int is_alike = 0; is_alike <= 1; is_alike++) {
		compared_add("blocked-loop", "event-loop", "", ILV_UNIT_TASK, 200, 1);
		compared_add("blocked-loop", "event-loop", "", ILV_UNIT_TASK, 200, 1);
		compared_set_variant(0, "blocked");
		compared_set_variant(1, "yielding");
		compared_runs[0].tasks = tasks;
		compared_runs[0].task_count = 1;
		compared_runs[0].loops = &blocked;
		compared_runs[1].loops = &yielding;
		compared_runs[0].loop_count = compared_runs[1].loop_count = 1;
		yielding.longest_callback_ns = (is_alike ? 149 : 2) * MS;
		compared_assert_verdict(
			is_alike ? "Both took about as long (200 ms)."
				 : "Until a task gives way its loop serves nobody else: "
				   "computing kept it for 150 ms at a time in blocked, "
				   "nobody for more than 2 ms in yielding. Both took about "
				   "as long (200 ms).");
	}
}

/* For how long the kernel had the loop's thread stand ready is no task's doing, and told apart. */
static void test_held_loops_and_the_kernel(void **state)
{
	static const struct {
		int64_t ready_ns;
		const char *verdict;
	} rows[] = {
		{115 * MS, "Until a task gives way its loop serves nobody else: a task kept it for "
			   "98 ms at a time in crowded (for 115 ms more its thread stood ready for "
			   "a CPU), nobody for more than 20 ms in quiet. Both took about as long "
			   "(400 ms)."},
		{24 * MS, "Until a task gives way its loop serves nobody else: a task kept it for "
			  "98 ms at a time in crowded, nobody for more than 20 ms in quiet. Both "
			  "took about as long (400 ms)."},
		{ILV_UNKNOWN, "Until a task gives way its loop serves nobody else: a task kept it "
			      "for 98 ms at a time in crowded, nobody for more than 20 ms in "
			      "quiet. Both took about as long (400 ms)."},
	};
	struct ilv_report_loop crowded = {.longest_callback_ns = 98 * MS};
	struct ilv_report_loop quiet = {.longest_callback_ns = 20 * MS};

	(void)state;
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		compared_add("matmul", "event-loop", "", ILV_UNIT_TASK, 400, 1);
		compared_add("matmul", "event-loop", "", ILV_UNIT_TASK, 400, 1);
		compared_set_variant(0, "crowded");
		compared_set_variant(1, "quiet");
		crowded.longest_callback_ready_ns = rows[row].ready_ns;
		compared_runs[0].loops = &crowded;
		compared_runs[1].loops = &quiet;
		compared_runs[0].loop_count = compared_runs[1].loop_count = 1;
		compared_assert_verdict(rows[row].verdict);
	}
}

static void test_locks(void **state)
{
	struct ilv_report_thread threads[] = {
		{.name = (char *)"computes", .times.reason_ns[ILV_WAIT_REASON_GIL] = 2 * MS},
		{.name = (char *)"asks", .times.reason_ns[ILV_WAIT_REASON_GIL] = 90 * MS},
	};
	struct ilv_report_lock plain = {.id = (char *)"lock:1",
					.waited_longest_by_name = (char *)"high"};
	struct ilv_report_lock inherit = {.id = (char *)"lock:2"};
	char *entities[] = {(char *)"thread:9", (char *)"lock:1"};
	struct ilv_finding cut = {.id = (char *)"cut-while-holding",
				  .begin_ns = 0,
				  .end_ns = 50 * MS,
				  .entity_ids = entities,
				  .entity_count = 2};

	(void)state;
	compared_add("convoy", "gil", "", ILV_UNIT_THREAD, 100, 1);
	compared_add("convoy", "threads", "", ILV_UNIT_THREAD, 10, 0.5);
	compared_runs[0].threads = threads;
	compared_runs[0].thread_count = 2;
	/* Who is to blame is said once. */
	compared_assert_verdict(
		"Under a GIL one thread goes on at a time, and the others wait for it: asks "
		"for 90 ms of 100 ms in gil. Threads finished 10 times as fast (10 ms against "
		"100 ms).");

	assert_int_equal(ilv_distribution_add(&plain.waits, 60 * MS), ILV_STATUS_OK);
	assert_int_equal(ilv_distribution_add(&inherit.waits, 10 * MS), ILV_STATUS_OK);
	for (int is_cut = 0; is_cut <= 1; is_cut++) {
		compared_add("inversion", "threads", "", ILV_UNIT_THREAD, 61, 1);
		compared_add("inversion", "threads", "", ILV_UNIT_THREAD, 60, 1);
		compared_set_variant(0, "plain");
		compared_set_variant(1, "inherit");
		compared_runs[0].locks = &plain;
		compared_runs[1].locks = &inherit;
		compared_runs[0].lock_count = compared_runs[1].lock_count = 1;
		compared_runs[0].findings = &cut;
		compared_runs[0].finding_count = is_cut;
		compared_assert_verdict(
			is_cut ? "Who holds a lock and loses the CPU keeps all waiting that "
				 "want it: high waited up to 60 ms for a lock in plain, "
				 "nobody longer than 10 ms in inherit. Both took about as "
				 "long (60 ms and 61 ms)."
			       : "High waited up to 60 ms for a lock in plain, nobody longer "
				 "than 10 ms in inherit. Both took about as long (60 ms and "
				 "61 ms).");
	}
	ilv_distribution_fini(&plain.waits);
	ilv_distribution_fini(&inherit.waits);
}

static void test_shares(void **state)
{
	struct ilv_report_thread unfair[] = {
		{.role = ILV_ROLE_JOB, .name = (char *)"first", .times.running_ns = 90 * MS},
		{.role = ILV_ROLE_JOB, .name = (char *)"second", .times.running_ns = 10 * MS}};
	struct ilv_report_thread fair[] = {{.role = ILV_ROLE_JOB, .times.running_ns = 50 * MS},
					   {.role = ILV_ROLE_JOB, .times.running_ns = 50 * MS}};

	(void)state;
	compared_add("priority", "threads", "", ILV_UNIT_THREAD, 100, 1);
	compared_add("priority", "threads", "", ILV_UNIT_THREAD, 100, 1);
	compared_set_variant(0, "fifo");
	compared_set_variant(1, "rr");
	compared_runs[0].threads = unfair;
	compared_runs[1].threads = fair;
	compared_runs[0].thread_count = compared_runs[1].thread_count = 2;
	compared_assert_verdict(
		"Of the CPU time of all 2 threads first had 90 % in fifo; the largest share "
		"was 50 % in rr. Both took about as long (100 ms).");
}

static void test_crowds(void **state)
{
	(void)state;
	for (int is_quiet = 0; is_quiet <= 1; is_quiet++) {
		compared_add("matmul", "a", "", ILV_UNIT_THREAD, 100, 1.0)->sum.cut_short_count = 0;
		compared_add("matmul", "b", "", ILV_UNIT_THREAD, 200, 0.5)->sum.cut_short_count = 0;
		compared_runs[1].sum.others_share = is_quiet ? 0.24 : 0.65;
		compared_runs[1].sum.cpus_wanted = 1;
		compared_runs[1].sum.all_wait_ns = 0;
		/* How long who waited is as much about the others. */
		compared_add_wait(&compared_runs[0], 2 * MS);
		compared_add_wait(&compared_runs[1], is_quiet ? 2 * MS : 180 * MS);
		compared_assert_verdict(
			is_quiet ? "B wanted 1.0 CPUs at a time and got 0.5, a 1.0 and 1.0: so a "
				   "finished 2.0 times as fast (100 ms against 200 ms), which is "
				   "about the machine, not the job."
				 : "The job did not have its CPUs to itself: while b ran, at least "
				   "65 % of their time went elsewhere, so that the times (100 ms "
				   "to 200 ms) say little; of CPU time all needed about as much "
				   "(100 ms).");
	}
}

/* Where CPU time is an estimate that may be twice the truth, nothing is said of it. */
static void test_estimates(void **state)
{
	(void)state;
	for (int is_crowded = 0; is_crowded <= 1; is_crowded++) {
		compared_add("mixed", "a", "", ILV_UNIT_THREAD, 100, 1.0)->sum.cut_short_count = 0;
		compared_add("mixed", "b", "", ILV_UNIT_THREAD, 150, 1.0)->sum.cut_short_count = 0;
		compared_runs[1].sum.others_share = is_crowded ? 0.4 : 0;
		compared_reports[0].switch_source = compared_reports[1].switch_source =
			ILV_SWITCH_SOURCE_RUSAGE;
		for (uint32_t index = 0; index < 2; index++) {
			compared_runs[index].sum.cpus_wanted = NAN;
			compared_runs[index].sum.all_wait_ns = ILV_UNKNOWN;
		}
		compared_assert_verdict(
			is_crowded ? "The job did not have its CPUs to itself: while b ran, at "
				     "least 40 % of their time went elsewhere, so that the times "
				     "(100 ms to 150 ms) say little."
				   : "A finished 33 % sooner (100 ms against 150 ms).");
	}
}

/* A run of a set length takes it on a crowded machine too. */
static void test_set_length(void **state)
{
	(void)state;
	for (uint32_t index = 0; index < 2; index++) {
		compared_add("priority", index == 0 ? "a" : "b", "", ILV_UNIT_THREAD, 1200, 1.0)
			->sum.cut_short_count = 0;
	}
	compared_runs[0].sum.cpus_busy = 0.5;
	compared_runs[0].sum.others_share = 0.28;
	compared_assert_verdict(
		"The job did not have its CPUs to itself: while a ran, at least 28 % of their "
		"time went elsewhere; of CPU time b used 2.0 times what a did (1.2 s against 600 "
		"ms).");
}

/* What nothing explains may be chance, unless it is much. */
static void test_unexplained(void **state)
{
	static const struct {
		int64_t other_ms;
		const char *verdict;
	} cases[] = {
		{109, "Both took about as long (100 ms and 109 ms)."},
		{117, "A finished 15 % sooner (100 ms against 117 ms), which may be chance."},
		{150, "B waited 75 ms with nothing to compute, a 40 ms: so a finished 33 % sooner "
		      "(100 ms against 150 ms)."},
	};

	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		compared_add("request", "a", "", ILV_UNIT_THREAD, 100, 0.6)->sum.cut_short_count =
			0;
		compared_add("request", "b", "", ILV_UNIT_THREAD, cases[index].other_ms, 0.5)
			->sum.cut_short_count = 0;
		/* Waits that are chance between threads and threads. */
		compared_add_wait(&compared_runs[0], MS);
		compared_add_wait(&compared_runs[1], 4 * MS);
		compared_assert_verdict(cases[index].verdict);
	}

	/* Twice as long is chance as well. */
	compared_add("request", "a", "", ILV_UNIT_THREAD, 100, 0.6)->sum.cut_short_count = 0;
	compared_add("request", "b", "", ILV_UNIT_THREAD, 100, 0.6)->sum.cut_short_count = 0;
	compared_add_wait(&compared_runs[0], 6 * MS);
	compared_add_wait(&compared_runs[1], 12 * MS);
	compared_assert_verdict("Both took about as long (100 ms).");

	/* Hardly anybody computes, and one still twice as much: no reason for a few per cent. */
	compared_add("sleep", "a", "", ILV_UNIT_THREAD, 119, 0.02)->sum.cut_short_count = 0;
	compared_add("sleep", "b", "", ILV_UNIT_THREAD, 104, 0.04)->sum.cut_short_count = 0;
	compared_assert_verdict(
		"B finished 13 % sooner (104 ms against 119 ms), which may be chance.");

	/* Both wait most of their time: that is no reason why one is sooner. */
	compared_add("request", "a", "", ILV_UNIT_THREAD, 72, 0.4)->sum.cut_short_count = 0;
	compared_add("request", "b", "", ILV_UNIT_THREAD, 91, 0.3)->sum.cut_short_count = 0;
	compared_assert_verdict(
		"A finished 21 % sooner (72 ms against 91 ms), which may be chance.");
}

/* What the programs counted themselves, where some came to none. */
static void test_counts(void **state)
{
	struct ilv_report_count mixed[] = {
		{.what = (char *)"reads", .count = 600, .is_work = true},
		{.what = (char *)"reads of mixed prices",
		 .what_one = (char *)"read of mixed prices",
		 .count = 42},
	};
	struct ilv_report_count right[] = {
		{.what = (char *)"reads", .count = 600, .is_work = true},
		{.what = (char *)"reads of mixed prices", .count = 0},
	};
	struct ilv_report_phase phases[3][2];

	(void)state;
	for (int is_alike = 0; is_alike <= 1; is_alike++) {
		for (uint32_t index = 0; index < 3; index++) {
			memset(phases[index], 0, sizeof(phases[index]));
			phases[index][0].name = phases[index][1].name = (char *)"shop";
			phases[index][0].counts = index == 0 || is_alike ? mixed : right;
			phases[index][0].count_count = 2;
			/* The same once more adds to it; a step of a curve does not. */
			phases[index][1] = phases[index][0];
			compared_add("immutable", "threads", "", ILV_UNIT_THREAD,
				     index == 0 && !is_alike ? 114 : 100, 0.9)
				->sum.cut_short_count = 0;
			compared_runs[index].phases = phases[index];
			compared_runs[index].phase_count = 2;
		}
		compared_set_variant(0, "in-place");
		compared_set_variant(1, "locked");
		compared_set_variant(2, "snapshot");
		compared_assert_verdict(
			is_alike ? "All took about as long (100 ms)."
				 : "In-place counted 84 reads of mixed prices, locked and "
				   "snapshot none.");
	}

	/* One is none of many. */
	mixed[1].count = 1;
	for (uint32_t index = 0; index < 2; index++) {
		compared_add("immutable", index == 0 ? "a" : "b", "", ILV_UNIT_THREAD, 100, 0.9)
			->sum.cut_short_count = 0;
		compared_runs[index].phases = phases[index];
		compared_runs[index].phase_count = 1;
		phases[index][0].counts = index == 0 ? mixed : right;
	}
	compared_assert_verdict(
		"A counted 1 read of mixed prices, b none. Both took about as long (100 "
		"ms).");
	mixed[1].count = 42;

	/* Who did not count says nothing, and neither do the steps of a sweep. */
	for (int is_sweep = 0; is_sweep <= 1; is_sweep++) {
		for (uint32_t index = 0; index < 2; index++) {
			memset(phases[index], 0, sizeof(phases[index]));
			phases[index][0].name = (char *)"shop";
			phases[index][0].counts = index == 0 ? mixed : right;
			phases[index][0].count_count = is_sweep || index == 0 ? 2 : 1;
			phases[index][0].has_point = is_sweep;
			compared_add("immutable", index == 0 ? "a" : "b", "", ILV_UNIT_THREAD, 100,
				     0.9)
				->sum.cut_short_count = 0;
			compared_runs[index].phases = phases[index];
			compared_runs[index].phase_count = 1;
		}
		compared_assert_verdict("Both took about as long (100 ms).");
	}
}

/* A real-time run beside others: it left no CPU idle while its main thread stood ready. */
static void test_ready_main(void **state)
{
	struct ilv_report_thread threads[] = {
		{.role = ILV_ROLE_MAIN, .times.runnable_ns = 44 * MS},
		{.role = ILV_ROLE_JOB, .times.runnable_ns = MS},
		{.role = ILV_ROLE_JOB},
		{.role = ILV_ROLE_JOB},
	};

	(void)state;
	compared_add("inversion", "a", "", ILV_UNIT_THREAD, 80, 0.9)->sum.cut_short_count = 0;
	compared_add("inversion", "b", "", ILV_UNIT_THREAD, 126, 0.48)->sum.cut_short_count = 0;
	compared_runs[1].threads = threads;
	compared_runs[1].thread_count = sizeof(threads) / sizeof(threads[0]);
	compared_runs[1].sum.cpus_wanted = 0.83;
	compared_runs[1].sum.all_wait_ns = 21 * MS;
	compared_assert_verdict(
		"B wanted 0.8 CPUs at a time and got 0.5, a 0.9 and 0.9: so a finished 37 % sooner "
		"(80 ms against 126 ms).");
}

static void test_one_cpu(void **state)
{
	(void)state;
	compared_add("sleep", "a", "", ILV_UNIT_THREAD, 600, 0.01)->sum.cut_short_count = 0;
	compared_add("sleep", "b", "", ILV_UNIT_THREAD, 100, 0.06)->sum.cut_short_count = 0;
	compared_runs[0].cpu_count = compared_runs[1].cpu_count = 1;
	compared_assert_verdict("A waited 594 ms with nothing to compute, b 94 ms: so b finished "
				"6.0 times as fast (100 ms against 600 ms).");
}

static void test_lock_bound(void **state)
{
	struct ilv_report_thread queued = {.role = ILV_ROLE_JOB,
					   .times.reason_ns[ILV_WAIT_REASON_LOCK] = 320 * MS,
					   .end_ns = 400 * MS};
	struct ilv_report_lock room = {.kind = ILV_LOCK_KIND_SEM, .is_count = true};
	struct ilv_report_lock other = room;

	(void)state;
	/* At a queue one waits for what is put into it: nobody keeps it from the others. */
	assert_int_equal(ilv_distribution_add(&room.waits, 300 * MS), ILV_STATUS_OK);
	assert_int_equal(ilv_distribution_add(&other.waits, MS), ILV_STATUS_OK);
	compared_add("queues", "threads", "", ILV_UNIT_THREAD, 400, 0.9)->sum.cut_short_count = 0;
	compared_add("queues", "threads", "", ILV_UNIT_THREAD, 350, 0.9)->sum.cut_short_count = 0;
	compared_set_variant(0, "semaphore");
	compared_set_variant(1, "pipe");
	compared_runs[0].threads = &queued;
	compared_runs[0].thread_count = 1;
	compared_runs[0].locks = &room;
	compared_runs[1].locks = &other;
	compared_runs[0].lock_count = compared_runs[1].lock_count = 1;
	compared_assert_verdict(
		"Pipe finished 12 % sooner (350 ms against 400 ms), which may be chance.");
	ilv_distribution_fini(&room.waits);
	ilv_distribution_fini(&other.waits);

	compared_add("readers", "threads", "", ILV_UNIT_THREAD, 400, 0.1)->sum.cut_short_count = 0;
	compared_add("readers", "threads", "", ILV_UNIT_THREAD, 100, 0.1)->sum.cut_short_count = 0;
	compared_set_variant(0, "mutex");
	compared_set_variant(1, "rwlock");
	compared_runs[0].threads = &queued;
	compared_runs[0].thread_count = 1;
	compared_assert_verdict(
		"In mutex threads stood in line for locks 80 % of their time: so rwlock "
		"finished 4.0 times as fast (100 ms against 400 ms).");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pools, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_held_loops, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_held_loops_and_the_kernel, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(test_locks, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_shares, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_crowds, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_estimates, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_set_length, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_unexplained, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_counts, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_ready_main, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_one_cpu, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_lock_bound, compared_clear, compared_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
