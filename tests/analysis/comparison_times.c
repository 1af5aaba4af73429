/* SPDX-License-Identifier: MIT */
/* Description: why one run took longer than another: what the difference of their times is made of,
 * and what a comparison says of it. Each pair is compared both ways round. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/report/attribution.h"
#include "comparison_fixture.h"

/* One run: how long it took, CPUs that it got and wanted, and for how long all waited. */
struct side {
	int64_t time_ms;
	double got, wanted;
	int64_t all_wait_ms;
};

struct pair {
	const char *what;
	struct side adjacent, padded;
	const char *verdict;
};

static void add_side(const char *label, const struct side *side)
{
	struct ilv_report_run *run = compared_add("false-sharing", "threads", "", ILV_UNIT_THREAD,
						  side->time_ms, side->got);

	run->variant = (char *)label;
	run->sum.cut_short_count = 0;
	run->sum.cpus_wanted = side->wanted;
	run->sum.all_wait_ns = side->all_wait_ms * MS;
}

static void add_pair(const struct pair *pair, bool is_reversed)
{
	add_side(is_reversed ? "padded" : "adjacent",
		 is_reversed ? &pair->padded : &pair->adjacent);
	add_side(is_reversed ? "adjacent" : "padded",
		 is_reversed ? &pair->adjacent : &pair->padded);
}

static void assert_pairs(const struct pair *pairs, size_t count)
{
	for (size_t index = 0; index < 2 * count; index++) {
		const struct pair *pair = &pairs[index / 2];
		struct ilv_comparison *comparison;

		add_pair(pair, index % 2 == 1);
		comparison = compared_make();
		if (strcmp(comparison->verdict, pair->verdict) != 0) {
			fail_msg("%s: \"%s\" instead of \"%s\"", pair->what, comparison->verdict,
				 pair->verdict);
		}
		ilv_comparison_destroy(comparison);
		compared_forget(NULL);
		compared_clear(NULL);
	}
}

static void test_one_cause(void **state)
{
	static const struct pair pairs[] = {
		{"more CPU time",
		 {85, 2.0, 2.0, 0},
		 {52, 2.0, 2.0, 0},
		 "Adjacent needed 170 ms of CPU time and padded only 104 ms: so padded finished 39 "
		 "% sooner (52 ms against 85 ms)."},
		{"kept ready",
		 {354, 1.5, 1.6, 0},
		 {672, 0.8, 1.6, 0},
		 "Padded wanted 1.6 CPUs at a time and got 0.8, adjacent 1.6 and 1.5: so adjacent "
		 "finished 47 % sooner (354 ms against 672 ms)."},
		{"one at a time",
		 {100, 1.0, 1.0, 0},
		 {50, 2.0, 2.0, 0},
		 "Padded computed on 2.0 CPUs at a time, adjacent on 1.0: so padded finished 2.0 "
		 "times as fast (50 ms against 100 ms)."},
		{"all waited",
		 {200, 0.5, 0.5, 100},
		 {110, 0.9, 0.9, 10},
		 "Adjacent waited 100 ms with nothing to compute, padded 10 ms: so padded finished "
		 "45 % sooner (110 ms against 200 ms)."},
		/* Four times as much CPU time, and all of it within 30 ms. */
		{"a little more CPU time beside much waiting",
		 {400, 0.1, 0.1, 360},
		 {100, 0.1, 0.1, 90},
		 "Adjacent waited 360 ms with nothing to compute, padded 90 ms: so padded finished "
		 "4.0 times as fast (100 ms against 400 ms)."},
	};

	(void)state;
	assert_pairs(pairs, sizeof(pairs) / sizeof(pairs[0]));
}

/* What is said multiplies to the whole. */
static void test_two_causes(void **state)
{
	static const struct pair pairs[] = {
		{"more CPU time, and kept ready",
		 {120, 1.4, 2.0, 0},
		 {52, 2.0, 2.0, 0},
		 "Adjacent needed 1.6 times the CPU time (168 ms against 104 ms), and took 1.4 "
		 "times as long for it, as it wanted 2.0 CPUs at a time and got 1.4, padded 2.0 "
		 "and 2.0: so padded finished 2.3 times as fast (52 ms against 120 ms)."},
		{"more CPU time, and fewer at a time",
		 {120, 1.4, 1.4, 0},
		 {52, 2.0, 2.0, 0},
		 "Adjacent needed 1.6 times the CPU time (168 ms against 104 ms), and took 1.4 "
		 "times as long for it, as it computed on 1.4 CPUs at a time, padded on 2.0: so "
		 "padded finished 2.3 times as fast (52 ms against 120 ms)."},
		{"less CPU time, but kept ready",
		 {85, 2.0, 2.0, 0},
		 {130, 0.8, 2.0, 0},
		 "Padded needed only 0.6 times the CPU time (104 ms against 170 ms), but took 2.5 "
		 "times as long for it, as it wanted 2.0 CPUs at a time and got 0.8, adjacent 2.0 "
		 "and 2.0: so adjacent finished 35 % sooner (85 ms against 130 ms)."},
		{"more CPU time, and waited as much longer",
		 {200, 0.75, 0.75, 50},
		 {100, 1.0, 1.0, 0},
		 "Adjacent needed 1.5 times the CPU time (150 ms against 100 ms), and took 1.3 "
		 "times as long for it, as it waited 50 ms with nothing to compute, padded 0: so "
		 "padded finished 2.0 times as fast (100 ms against 200 ms)."},
		{"more CPU time, though on more CPUs",
		 {170, 2.0, 2.0, 0},
		 {100, 1.0, 1.0, 0},
		 "Adjacent needed 3.4 times the CPU time (340 ms against 100 ms), but took only "
		 "0.5 "
		 "times as long for it, as it computed on 2.0 CPUs at a time, padded on 1.0: so "
		 "padded finished 41 % sooner (100 ms against 170 ms)."},
	};

	(void)state;
	assert_pairs(pairs, sizeof(pairs) / sizeof(pairs[0]));
}

/* As long, and for different reasons. */
static void test_evened(void **state)
{
	static const struct pair pairs[] = {
		{"kept ready as long as the other computed",
		 {120, 1.4, 1.5, 0},
		 {118, 0.9, 1.6, 0},
		 "Both took about as long (118 ms and 120 ms), though adjacent used 1.6 times the "
		 "CPU time of padded (168 ms against 106 ms): padded wanted 1.6 CPUs at a time and "
		 "got 0.9, adjacent 1.5 and 1.4."},
		{"twice the work on twice the CPUs",
		 {100, 1.9, 1.9, 0},
		 {102, 1.0, 1.0, 0},
		 "Both took about as long (100 ms and 102 ms), though adjacent used 1.9 times the "
		 "CPU time of padded (190 ms against 102 ms): adjacent computed on 1.9 CPUs at a "
		 "time, padded on 1.0."},
		{"about the same work",
		 {100, 1.2, 1.2, 0},
		 {102, 1.0, 1.0, 0},
		 "Both took about as long (100 ms and 102 ms)."},
		{"no work at all, kept ready",
		 {100, 1.0, 1.0, 0},
		 {102, 0.0, 1.0, 0},
		 "Both took about as long (100 ms and 102 ms)."},
		{"hardly any work",
		 {100, 0.2, 0.2, 80},
		 {102, 0.1, 0.1, 92},
		 "The job mostly waits, and while one waits the others go on, whoever switches "
		 "between them: both took about as long (100 ms and 102 ms)."},
	};

	(void)state;
	assert_pairs(pairs, sizeof(pairs) / sizeof(pairs[0]));
}

static void test_chance(void **state)
{
	static const struct pair pairs[] = {
		{"a little more CPU time",
		 {120, 1.0, 1.0, 0},
		 {100, 1.0, 1.0, 0},
		 "Padded finished 17 % sooner (100 ms against 120 ms), which may be chance."},
		{"waited a little longer",
		 {120, 0.5, 0.5, 60},
		 {100, 0.6, 0.6, 40},
		 "Padded finished 17 % sooner (100 ms against 120 ms), which may be chance."},
		{"a little more of both",
		 {125, 1.78, 1.78, 0},
		 {100, 2.0, 2.0, 0},
		 "Padded finished 20 % sooner (100 ms against 125 ms), which may be chance."},
		{"both kept ready, one a little longer",
		 {116, 0.8, 1.9, 0},
		 {100, 0.8, 1.8, 0},
		 "Padded finished 14 % sooner (100 ms against 116 ms), which may be chance: "
		 "adjacent "
		 "wanted 1.9 CPUs at a time and got 0.8, padded 1.8 and 0.8."},
		/* That is none. */
		{"kept ready a little longer",
		 {125, 0.8, 1.0, 0},
		 {100, 1.0, 1.0, 0},
		 "Adjacent wanted 1.0 CPUs at a time and got 0.8, padded 1.0 and 1.0: so padded "
		 "finished 20 % sooner (100 ms against 125 ms)."},
	};

	(void)state;
	assert_pairs(pairs, sizeof(pairs) / sizeof(pairs[0]));
}

/* Below the share of others at which times say little anyway: whose doing it was is said where it
 * is certain. */
static void test_machine(void **state)
{
	static const struct side crowded = {200, 1.2, 1.8, 0};
	static const struct side quiet = {134, 1.8, 1.8, 0};

	(void)state;
	for (int is_certain = 0; is_certain <= 1; is_certain++) {
		add_side("adjacent", &crowded);
		add_side("padded", &quiet);
		/* Of 0.6 CPUs that it did not get, 0.36 or 0.2. */
		compared_runs[0].sum.others_share = is_certain ? 0.18 : 0.1;
		compared_assert_verdict(
			is_certain ? "Adjacent wanted 1.8 CPUs at a time and got 1.2, padded 1.8 "
				     "and 1.8: so padded finished 33 % sooner (134 ms against 200 "
				     "ms), which is about the machine, not the job."
				   : "Adjacent wanted 1.8 CPUs at a time and got 1.2, padded 1.8 "
				     "and 1.8: so padded finished 33 % sooner (134 ms against 200 "
				     "ms).");
	}
}

/* On a machine that others had, CPU time still tells the two apart. */
static void test_crowded(void **state)
{
	static const struct side adjacent = {350, 0.5, 2.0, 0};
	static const struct side padded = {300, 0.35, 2.0, 0};

	(void)state;
	add_side("adjacent", &adjacent);
	add_side("padded", &padded);
	compared_runs[1].sum.others_share = 0.4;
	compared_assert_verdict(
		"The job did not have its CPUs to itself: while padded ran, at least 40 % of their "
		"time went elsewhere, so that the times (300 ms to 350 ms) say little; of CPU time "
		"adjacent used 1.7 times what padded did (175 ms against 105 ms).");
}

/* Of who did not come to the end, neither the crowd nor the CPU time is set beside the others'. */
static void test_crowded_beside_interrupted(void **state)
{
	static const struct side side = {300, 0.5, 2.0, 0};
	static const struct side short_side = {30, 0.5, 2.0, 0};

	(void)state;
	for (int is_crowded = 0; is_crowded <= 1; is_crowded++) {
		add_side("a", &side);
		add_side("b", &side);
		add_side("c", &short_side);
		compared_runs[1].sum.others_share = is_crowded ? 0.4 : 0;
		compared_runs[2].sum.others_share = 0.6;
		compared_runs[2].is_interrupted = true;
		compared_assert_verdict(
			is_crowded ? "The run of c was interrupted, so that its time says nothing. "
				     "The job did not have its CPUs to itself: while b ran, at "
				     "least 40 % of their time went elsewhere; of CPU time all "
				     "needed about as much (150 ms)."
				   : "The run of c was interrupted, so that its time says "
				     "nothing.");
	}
}

/* On fewer CPUs whoever holds a lock waits for one of them while others wait for the lock: but a
 * run that had all CPUs that it may use was not held up by locks. */
static void test_fewer_cpus(void **state)
{
	static const struct side on_one = {300, 1.0, 1.0, 0};
	static const struct side on_three = {100, 3.0, 3.0, 0};
	struct ilv_report_thread waits = {.role = ILV_ROLE_JOB, .end_ns = 300 * MS};

	(void)state;
	waits.times.reason_ns[ILV_WAIT_REASON_LOCK] = 150 * MS;
	for (int64_t cpu_count = 1; cpu_count <= 3; cpu_count += 2) {
		add_side("one", &on_one);
		add_side("three", &on_three);
		compared_runs[0].cpu_count = cpu_count;
		compared_runs[1].cpu_count = 3;
		compared_runs[0].threads = &waits;
		compared_runs[0].thread_count = 1;
		compared_assert_verdict(
			cpu_count == 1
				? "Three computed on 3.0 CPUs at a time, one on 1.0: so three "
				  "finished 3.0 times as fast (100 ms against 300 ms)."
				: "In one threads stood in line for locks 50 % of their time: so "
				  "three finished 3.0 times as fast (100 ms against 300 ms).");
	}
}

/* Processes, of which one run had more: more work is what took longer, on as many CPUs. */
static void test_more_processes(void **state)
{
	static const struct side two = {100, 1.9, 1.9, 5};
	static const struct side four = {200, 1.9, 1.95, 5};

	(void)state;
	add_side("two", &two);
	add_side("four", &four);
	for (uint32_t index = 0; index < 2; index++) {
		compared_runs[index].unit = ILV_UNIT_PROCESS;
		compared_runs[index].sum.unit_count = index == 0 ? 2 : 4;
	}
	compared_assert_verdict(
		"Four needed 380 ms of CPU time and two only 190 ms: so two finished 2.0 times as "
		"fast (100 ms against 200 ms).");
}

/* Where one run's switches are an estimate, or not known, no cause is made up. */
static void test_unlike_sources(void **state)
{
	static const struct side slow = {300, 0.5, 2.0, 0};
	static const struct side fast = {100, 1.5, 2.0, 0};

	(void)state;
	for (int is_none = 0; is_none <= 1; is_none++) {
		add_side("slow", &slow);
		add_side("fast", &fast);
		compared_reports[1].switch_source =
			is_none ? ILV_SWITCH_SOURCE_NONE : ILV_SWITCH_SOURCE_RUSAGE;
		compared_runs[1].sum.cpus_wanted = NAN;
		compared_runs[1].sum.all_wait_ns = ILV_UNKNOWN;
		compared_runs[1].sum.cpus_busy = is_none ? NAN : 1.5;
		compared_assert_verdict("Fast finished 3.0 times as fast (100 ms against 300 ms).");
	}
}

/* Without wake-ups a wait may have been one for a CPU. */
static void test_waits_without_wakeups(void **state)
{
	static const struct side one_by_one = {600, 0.01, 0.01, 594};
	static const struct side at_once = {100, 0.06, 0.06, 94};

	(void)state;
	add_side("sequential", &one_by_one);
	add_side("threads", &at_once);
	compared_reports[0].switch_source = compared_reports[1].switch_source =
		ILV_SWITCH_SOURCE_PERF;
	compared_assert_verdict(
		"Sequential was on no CPU for 594 ms, threads for 94 ms: so threads finished 6.0 "
		"times as fast (100 ms against 600 ms).");
}

/* A GIL that was said to keep threads waiting explains the run that has one, and no other. */
static void test_gil_is_said_once(void **state)
{
	static const struct side gil = {200, 1.0, 1.0, 0};
	static const struct side processes = {100, 2.0, 2.0, 0};
	static const struct side slow_processes = {400, 1.5, 1.5, 0};
	struct ilv_report_thread waiter = {.name = (char *)"one",
					   .times.reason_ns[ILV_WAIT_REASON_GIL] = 90 * MS};

	(void)state;
	for (int is_other_slow = 0; is_other_slow <= 1; is_other_slow++) {
		add_side("gil", &gil);
		add_side("processes", is_other_slow ? &slow_processes : &processes);
		compared_runs[0].threads = &waiter;
		compared_runs[0].thread_count = 1;
		compared_assert_verdict(
			is_other_slow
				? "Under a GIL one thread goes on at a time, and the others wait "
				  "for it: one for 90 ms of 200 ms in gil. Processes needed 3.0 "
				  "times the CPU time (600 ms against 200 ms), but took only 0.7 "
				  "times as long for it, as they computed on 1.5 CPUs at a time, "
				  "gil on 1.0: so gil finished 2.0 times as fast (200 ms against "
				  "400 ms)."
				: "Under a GIL one thread goes on at a time, and the others wait "
				  "for it: one for 90 ms of 200 ms in gil. Processes finished 2.0 "
				  "times as fast (100 ms against 200 ms).");
	}
}

/* Whatever the runs: the causes make up the difference, and the ratios multiply to that of the
 * times. */
static void test_attribution(void **state)
{
	static const struct side sides[] = {
		{100, 1.0, 1.0, 0},   {100, 0.2, 1.0, 0},   {250, 1.9, 2.0, 10},
		{300, 0.1, 0.1, 270}, {320, 0.4, 0.9, 100}, {321, 0.4, 0.9, 99},
		{900, 1.2, 1.2, 0},
	};
	const size_t count = sizeof(sides) / sizeof(sides[0]);

	(void)state;
	for (size_t index = 0; index < count * count; index++) {
		const struct side *fast = &sides[index % count];
		const struct side *slow = &sides[index / count];
		struct ilv_attribution why;
		double sum = 0;

		add_side("fast", fast);
		add_side("slow", slow);
		assert_int_equal(ilv_attribute(&compared_runs[0], &compared_runs[1], &why),
				 slow->time_ms > fast->time_ms);
		for (int cause = 0; cause < ILV_TIME_CAUSE_COUNT && slow->time_ms > fast->time_ms;
		     cause++) {
			sum += why.shares[cause];
		}
		if (slow->time_ms > fast->time_ms) {
			assert_true(fabs(sum - 1) < 1e-6);
			assert_true(fabs(why.work_ratio * why.pace_ratio * (double)fast->time_ms /
						 (double)slow->time_ms -
					 1) < 1e-9);
		}
		compared_clear(NULL);
	}

	/* Unknown is not nothing. */
	add_side("fast", &sides[0]);
	add_side("slow", &sides[2]);
	compared_runs[0].sum.all_wait_ns = ILV_UNKNOWN;
	assert_false(ilv_attribute(&compared_runs[0], &compared_runs[1],
				   &(struct ilv_attribution){.work_ratio = 1}));
	compared_runs[0].sum.all_wait_ns = 0;
	compared_runs[1].sum.cpus_wanted = NAN;
	assert_false(ilv_attribute(&compared_runs[0], &compared_runs[1],
				   &(struct ilv_attribution){.work_ratio = 1}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_cause, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_two_causes, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_evened, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_chance, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_machine, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_crowded, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_crowded_beside_interrupted, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(test_fewer_cpus, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_more_processes, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(test_unlike_sources, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(test_waits_without_wakeups, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(test_gil_is_said_once, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(test_attribution, compared_clear, compared_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
