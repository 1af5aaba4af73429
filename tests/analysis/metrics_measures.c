/* SPDX-License-Identifier: MIT */
/*
 * Description: the measures against numbers worked out by hand, for threads on CPUs, tasks on a
 * loop and users of a lock: the same expectations in the same structure, held by the same code.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/analysis/report_fixture.h"

#define US      INT64_C(1000)
#define UNKNOWN ILV_UNKNOWN

/* Of a script with one run. */
static struct ilv_report *report_of(const char *name)
{
	struct ilv_report *report = report_of_data(name);

	assert_int_equal(report->run_count, 1);
	return report;
}

/* What is expected of a scheduler, whatever its kind; times in us. */
struct expected {
	const char *id;
	int64_t entity_count, executor_count;
	int64_t slice_count, slice_total, slice_max;
	int64_t wait_count, wait_total, wait_max;
	struct ilv_switch_counts switches;
	double utilisation, parallelism_mean;
	int64_t parallelism_max;
	double fairness;
};

static void assert_close(double actual, double expected)
{
	if (fabs(actual - expected) > 1e-9) {
		fail_msg("%.12g instead of %.12g", actual, expected);
	}
}

static void assert_scheduler(const struct ilv_report_run *run, const struct expected *expected)
{
	const struct ilv_report_scheduler *found = NULL;

	for (uint32_t index = 0; index < run->scheduler_count; index++) {
		if (strcmp(run->schedulers[index].id, expected->id) == 0) {
			found = &run->schedulers[index];
		}
	}
	if (!found) {
		fail_msg("no scheduler %s", expected->id);
		return;
	}

	assert_int_equal(found->entity_count, expected->entity_count);
	assert_int_equal(found->executor_count, expected->executor_count);
	assert_int_equal(found->slices.count, expected->slice_count);
	assert_int_equal(found->slices.total_ns, expected->slice_total * US);
	assert_int_equal(found->slices.max_ns, expected->slice_max * US);
	assert_int_equal(found->waits.count, expected->wait_count);
	assert_int_equal(found->waits.total_ns, expected->wait_total * US);
	assert_int_equal(found->waits.max_ns, expected->wait_max * US);
	assert_int_equal(found->switches.involuntary, expected->switches.involuntary);
	assert_int_equal(found->switches.cut_short, expected->switches.cut_short);
	assert_int_equal(found->switches.blocked, expected->switches.blocked);
	assert_int_equal(found->switches.yielded, expected->switches.yielded);
	assert_int_equal(found->switches.forced, expected->switches.forced);
	assert_int_equal(found->switches.finished, expected->switches.finished);
	assert_close(found->utilisation, expected->utilisation);
	assert_close(found->parallelism_mean, expected->parallelism_mean);
	assert_int_equal(found->parallelism_max, expected->parallelism_max);
	assert_close(found->fairness, expected->fairness);
}

static void one_set_of_measures_for_every_scheduler(void **state)
{
	/* main 200, alpha 6000, beta 4000, gamma 5000 us of 10000; fairness over the three jobs. */
	const struct expected kernel = {
		.id = "kernel",
		.entity_count = 4,
		.executor_count = 2,
		.slice_count = 8,
		.slice_total = 15200,
		.slice_max = 4000,
		.wait_count = 4,
		.wait_total = 3300,
		.wait_max = 2000,
		.switches = {1, 1, 3, 0, UNKNOWN, 3},
		.utilisation = 0.76,
		.parallelism_mean = 1.52,
		.parallelism_max = 2,
		.fairness = 15.0 * 15 / (3 * (36 + 16 + 25)),
	};
	/* first 3000 + 2000 us, second 1000 + 1000 us, on one thread. */
	const struct expected loop = {
		.id = "loop:10.0x200.0",
		.entity_count = 2,
		.executor_count = 1,
		.slice_count = 4,
		.slice_total = 7000,
		.slice_max = 3000,
		.wait_count = 4,
		.wait_total = 5000,
		.wait_max = 3000,
		.switches = {UNKNOWN, 0, 0, 2, UNKNOWN, 2},
		.utilisation = 0.7,
		.parallelism_mean = 0.7,
		.parallelism_max = 1,
		.fairness = 7.0 * 7 / (2 * (25 + 4)),
	};
	/* alpha holds it 4000 us, beta 500 us after having waited 3000. */
	const struct expected lock = {
		.id = "lock:10.0x100.0",
		.entity_count = 2,
		.executor_count = 1,
		.slice_count = 2,
		.slice_total = 4500,
		.slice_max = 4000,
		.wait_count = 1,
		.wait_total = 3000,
		.wait_max = 3000,
		.switches = {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, 2},
		.utilisation = 0.45,
		.parallelism_mean = 0.45,
		.parallelism_max = 1,
		.fairness = 4.5 * 4.5 / (2 * (16 + 0.25)),
	};
	struct ilv_report *threads = report_of("report_threads.script");
	struct ilv_report *tasks = report_of("report_tasks.script");

	(void)state;
	assert_scheduler(&threads->runs[0], &kernel);
	assert_scheduler(&threads->runs[0], &lock);
	assert_scheduler(&tasks->runs[0], &loop);
	assert_true(threads->is_complete);
	assert_true(tasks->is_complete);
	ilv_report_destroy(threads);
	ilv_report_destroy(tasks);
}

static const struct ilv_report_thread *thread_of(const struct ilv_report_run *run, int32_t tid)
{
	for (uint32_t index = 0; index < run->thread_count; index++) {
		if (run->threads[index].tid == tid) {
			return &run->threads[index];
		}
	}
	fail_msg("no thread %d", tid);
	return NULL;
}

static void threads_by_state_and_cause(void **state)
{
	struct ilv_report *report = report_of("report_threads.script");
	const struct ilv_report_run *run = &report->runs[0];
	const struct ilv_report_thread *alpha = thread_of(run, 11);
	const struct ilv_report_thread *beta = thread_of(run, 12);
	const struct ilv_report_thread *gamma_thread = thread_of(run, 13);

	(void)state;
	assert_int_equal(alpha->times.running_ns, 6000 * US);
	assert_int_equal(alpha->times.runnable_ns, 2000 * US);
	assert_int_equal(alpha->times.runnable_after_cut_ns, 2000 * US);
	assert_int_equal(alpha->times.waiting_ns, 0);
	assert_int_equal(alpha->times.off_cpu_ns, 2000 * US);
	assert_int_equal(alpha->cut_short_count, 1);
	assert_int_equal(alpha->involuntary_count, 1);
	assert_int_equal(alpha->gave_way_count, 0);
	assert_int_equal(alpha->migration_count, 1);
	assert_int_equal(alpha->cpu_mask, 3);
	assert_string_equal(alpha->waits_most_for, "CPU");
	assert_true(alpha->is_unit);

	assert_int_equal(beta->times.running_ns, 4000 * US);
	assert_int_equal(beta->times.runnable_ns, 1000 * US);
	assert_int_equal(beta->times.runnable_after_cut_ns, 0);
	assert_int_equal(beta->times.waiting_ns, 2000 * US);
	assert_int_equal(beta->times.reason_ns[ILV_WAIT_REASON_LOCK], 2000 * US);
	assert_string_equal(beta->waits_most_for, "lock `results`");
	assert_int_equal(beta->waits_most_ns, 2000 * US);

	assert_int_equal(gamma_thread->times.reason_ns[ILV_WAIT_REASON_SLEEP], 2500 * US);
	assert_string_equal(gamma_thread->waits_most_for, "sleep");
	assert_false(thread_of(run, 10)->is_unit);

	assert_int_equal(run->sum.unit_count, 3);
	assert_int_equal(run->sum.cut_short_count, 1);
	assert_int_equal(run->sum.thread_cut_count, 1);
	assert_int_equal(run->sum.gave_way_count, 2);
	assert_close(run->sum.cpus_busy, 1.52);
	/* alpha stood ready for 1000 us beside one that ran, main for 300 beside nobody; who stood
	 * ready beside two on two CPUs only waited for them. */
	assert_close(run->sum.cpus_wanted, 1.52 + 0.13);
	assert_int_equal(run->sum.all_wait_ns, 500 * US); /* when gamma alone was left, and slept */
	assert_int_equal(run->sum.throughput_per_s, 300);
	assert_int_equal(run->recorder_cpu_ns, 50 * US);
	assert_int_equal(run->server_cpu_ns, UNKNOWN);

	assert_int_equal(run->lock_count, 1);
	assert_int_equal(run->locks[0].acquisition_count, 2);
	assert_int_equal(run->locks[0].contended_count, 1);
	assert_string_equal(run->locks[0].held_longest_by_name, "alpha");
	assert_string_equal(run->locks[0].waited_longest_by, beta->id);
	ilv_report_destroy(report);
}

static void tasks_know_the_thread_beneath(void **state)
{
	struct ilv_report *report = report_of("report_tasks.script");
	const struct ilv_report_run *run = &report->runs[0];

	(void)state;
	assert_int_equal(run->task_count, 2);
	assert_int_equal(run->tasks[0].times.running_ns, 5000 * US);
	assert_int_equal(run->tasks[0].stalled_ns, 500 * US);
	assert_int_equal(run->tasks[0].resume_count, 2);
	assert_int_equal(run->tasks[0].yield_count, 1);
	assert_int_equal(run->tasks[0].longest_slice_ns, 3000 * US);
	assert_int_equal(run->tasks[0].times.reason_ns[ILV_WAIT_REASON_READ], 3000 * US);
	assert_true(run->tasks[0].is_done);
	assert_int_equal(run->tasks[1].times.runnable_ns, 5000 * US);
	assert_string_equal(run->tasks[1].waits_most_for, "its turn");
	assert_int_equal(run->tasks[1].stalled_ns, 0);

	assert_int_equal(run->loop_count, 1);
	assert_int_equal(run->loops[0].iteration_count, 2);
	assert_int_equal(run->loops[0].poll_ns, 3000 * US);
	/* Of 3 ms of the second stay the thread stood ready for a while. */
	assert_int_equal(run->loops[0].longest_callback_ns, 2500 * US);
	assert_int_equal(run->loops[0].longest_callback_ready_ns, 500 * US);
	assert_string_equal(run->loops[0].longest_callback_by, run->tasks[0].id);
	assert_int_equal(run->loops[0].stall_count, 0);
	assert_int_equal(run->loops[0].thread_cut_count, 1);

	assert_int_equal(run->sum.unit_count, 2);
	assert_int_equal(run->sum.cut_short_count, 0);
	assert_int_equal(run->sum.thread_cut_count, 1);
	assert_int_equal(run->sum.gave_way_count, 2);
	assert_int_equal(run->sum.waits.max_ns, 3000 * US);
	ilv_report_destroy(report);
}

/* A loop held for 60 ms while another task was ready is stalled; held for 40 ms, or with nobody
 * ready, it is not. */
static void a_stall_is_long_and_keeps_others(void **state)
{
	static const char script[] =
		"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=event-loop unit=task\n"
		"0 task_create pid=1 tid=1 cpu=0 loop=1 task=1\n"
		"0 task_create pid=1 tid=1 cpu=0 loop=1 task=2\n"
		"0 task_ready pid=1 tid=1 cpu=0 loop=1 task=1\n"
		"0 task_ready pid=1 tid=1 cpu=0 loop=1 task=2\n"
		"0 task_resume pid=1 tid=1 cpu=0 loop=1 task=1\n"
		"60000 task_yield pid=1 tid=1 cpu=0 loop=1 task=1 reason=yield\n"
		"60000 task_resume pid=1 tid=1 cpu=0 loop=1 task=2\n"
		"100000 task_yield pid=1 tid=1 cpu=0 loop=1 task=2 reason=sleep\n"
		"100000 task_resume pid=1 tid=1 cpu=0 loop=1 task=1\n"
		"200000 task_done pid=1 tid=1 cpu=0 loop=1 task=1 outcome=returned\n"
		"200000 run_end pid=1 tid=1 cpu=0\n";
	struct ilv_report *report = report_of_script(script, false);

	(void)state;
	assert_int_equal(report->runs[0].loops[0].stall_count, 1);
	ilv_report_destroy(report);
}

/* Who kept a loop longest is told by the time for which it, and not the kernel, did so: of 40 ms of
 * the first task its thread stood ready for some; the second blocked the thread for 5 of 15 ms. */
static void what_the_kernel_keeps_no_task_does(void **state)
{
	static const char script[] =
		"0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=perf_wakeups "
		"covered_pid=1\n"
		"0 thread_start pid=1 tid=1 cpu=0 name=solo role=job\n"
		"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=event-loop unit=task\n"
		"0 task_create pid=1 tid=1 cpu=0 loop=1 task=1\n"
		"0 task_create pid=1 tid=1 cpu=0 loop=1 task=2\n"
		"0 task_resume pid=1 tid=1 cpu=0 loop=1 task=1\n"
		"5000 thread_switch_out pid=1 tid=1 cpu=0 recorder_id=1 is_involuntary=true\n"
		"%d thread_switch_in pid=1 tid=1 cpu=0 recorder_id=1\n"
		"40000 task_yield pid=1 tid=1 cpu=0 loop=1 task=1 reason=sleep\n"
		"40000 task_resume pid=1 tid=1 cpu=0 loop=1 task=2\n"
		"45000 thread_switch_out pid=1 tid=1 cpu=0 recorder_id=1 is_involuntary=false\n"
		"50000 thread_wakeup pid=1 tid=1 cpu=0 recorder_id=1\n"
		"50000 thread_switch_in pid=1 tid=1 cpu=0 recorder_id=1\n"
		"55000 task_yield pid=1 tid=1 cpu=0 loop=1 task=2 reason=sleep\n"
		"55000 task_resume pid=1 tid=1 cpu=0 loop=1 task=1\n"
		"%d run_end pid=1 tid=1 cpu=0\n"
		"99000 recorder_end pid=1 tid=1 cpu=0 recorder_id=1 switch_count=4\n";
	static const struct {
		int back_us, end_us;
		int64_t kept_us, ready_us;
		uint32_t task;
	} rows[] = {
		{35000, 60000, 15000, 0, 1},
		{25000, 60000, 20000, 20000, 0},
		{35000, 71000, 16000, 0, 0}, /* whose last stay the end of the run cuts off */
	};

	(void)state;
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		char filled[sizeof(script) + 20];
		struct ilv_report *report;
		const struct ilv_report_loop *loop;

		(void)snprintf(filled, sizeof(filled), script, rows[row].back_us, rows[row].end_us);
		report = report_of_script(filled, false);
		loop = &report->runs[0].loops[0];
		assert_int_equal(loop->longest_callback_ns, rows[row].kept_us * US);
		assert_int_equal(loop->longest_callback_ready_ns, rows[row].ready_us * US);
		assert_string_equal(loop->longest_callback_by,
				    report->runs[0].tasks[rows[row].task].id);
		ilv_report_destroy(report);
	}
}

/* Without records of switches nothing is known of threads, and all of tasks but what goes on
 * beneath. */
static void unknown_is_never_zero(void **state)
{
	static const char script[] =
		"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=event-loop unit=task\n"
		"0 task_create pid=1 tid=1 cpu=0 loop=1 task=1\n"
		"0 task_ready pid=1 tid=1 cpu=0 loop=1 task=1\n"
		"10 task_resume pid=1 tid=1 cpu=0 loop=1 task=1\n"
		"30 task_done pid=1 tid=1 cpu=0 loop=1 task=1 outcome=failed\n"
		"40 run_end pid=1 tid=1 cpu=0\n";
	struct ilv_report *report = report_of_script(script, false);
	const struct ilv_report_run *run = &report->runs[0];

	(void)state;
	assert_int_equal(report->switch_source, ILV_SWITCH_SOURCE_NONE);
	assert_int_equal(run->threads[0].times.running_ns, UNKNOWN);
	assert_int_equal(run->threads[0].voluntary_count, UNKNOWN);
	assert_true(isnan(run->schedulers[0].utilisation));
	assert_int_equal(run->schedulers[0].switches.blocked, UNKNOWN);
	assert_true(isnan(run->sum.cpus_busy));
	assert_true(isnan(run->sum.cpus_wanted));
	assert_int_equal(run->sum.all_wait_ns, UNKNOWN);
	assert_int_equal(run->sum.thread_cut_count, UNKNOWN);
	assert_int_equal(run->sum.cut_short_count, 0); /* tasks never are: that is known */
	assert_int_equal(run->tasks[0].times.running_ns, 20 * US);
	assert_int_equal(run->tasks[0].times.runnable_ns, 10 * US);
	assert_int_equal(run->tasks[0].stalled_ns, UNKNOWN);
	assert_int_equal(run->tasks[0].outcome, ILV_OUTCOME_FAILED);
	ilv_report_destroy(report);
}

/* Without wake-ups, ready time is known after a cut only. */
static void perf_knows_readiness_after_cuts_only(void **state)
{
	static const char script[] =
		"0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=perf covered_pid=1\n"
		"0 thread_start pid=1 tid=1 cpu=0 name=solo role=job\n"
		"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread\n"
		"10 thread_switch_out pid=1 tid=1 cpu=0 recorder_id=1 is_involuntary=true\n"
		"30 thread_switch_in pid=1 tid=1 cpu=0 recorder_id=1\n"
		"60 thread_switch_out pid=1 tid=1 cpu=0 recorder_id=1 is_involuntary=false\n"
		"100 thread_switch_in pid=1 tid=1 cpu=0 recorder_id=1\n"
		"150 run_end pid=1 tid=1 cpu=0\n"
		"150 recorder_end pid=1 tid=1 cpu=0 recorder_id=1 switch_count=4\n";
	struct ilv_report *report = report_of_script(script, false);
	const struct ilv_report_thread *solo = &report->runs[0].threads[0];

	(void)state;
	assert_int_equal(solo->times.running_ns, 90 * US);
	assert_int_equal(solo->times.runnable_ns, UNKNOWN);
	assert_int_equal(solo->times.runnable_after_cut_ns, 20 * US);
	assert_int_equal(solo->times.waiting_ns, 40 * US);
	assert_int_equal(solo->times.off_cpu_ns, 60 * US);
	assert_int_equal(solo->cut_short_count, 1);
	assert_int_equal(solo->voluntary_count, 1);
	assert_false(report->runs[0].schedulers[0].has_waits);
	assert_false(report->runs[0].sum.has_waits);
	assert_close(report->runs[0].sum.cpus_wanted, 110.0 / 150);
	assert_int_equal(report->runs[0].sum.all_wait_ns, 40 * US);
	ilv_report_destroy(report);
}

/* What an estimate says of who ran when carries no measure of who could have. */
static void estimates_know_no_wants(void **state)
{
	static const char script[] =
		"0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=rusage covered_pid=1\n"
		"0 thread_start pid=1 tid=1 cpu=0 name=solo role=job\n"
		"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread\n"
		"10 thread_switch_out pid=1 tid=1 cpu=0 recorder_id=1 is_involuntary=true\n"
		"30 thread_switch_in pid=1 tid=1 cpu=0 recorder_id=1\n"
		"150 run_end pid=1 tid=1 cpu=0\n"
		"150 recorder_end pid=1 tid=1 cpu=0 recorder_id=1 switch_count=2\n";
	struct ilv_report *report = report_of_script(script, false);

	(void)state;
	assert_false(isnan(report->runs[0].sum.cpus_busy));
	assert_true(isnan(report->runs[0].sum.cpus_wanted));
	assert_int_equal(report->runs[0].sum.all_wait_ns, UNKNOWN);
	ilv_report_destroy(report);
}

/* One thread on one of two CPUs, `between` when it is back on it and stops for good. */
#define SOLO(between)                                                                              \
	"0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=perf_wakeups covered_pid=1\n"     \
	"0 thread_start pid=1 tid=1 cpu=0 name=solo role=job\n"                                    \
	"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread "                    \
	"cpu_count=2\n" between "10000 run_end pid=1 tid=1 cpu=0\n"                                \
	"10000 recorder_end pid=1 tid=1 cpu=0 recorder_id=1 switch_count=4\n"
#define AWAY(begin, end)                                                                           \
#begin " thread_switch_out pid=1 tid=1 cpu=0 recorder_id=1 is_involuntary=true\n" #end     \
	       " thread_switch_in pid=1 tid=1 cpu=0 recorder_id=1\n"

/* While nobody of the run ran although one stood ready, somebody else had that CPU: wherever the
 * thread may run. A CPU that is idle takes a moment to take it up. */
static void others_had_what_nobody_of_the_run_had(void **state)
{
	static const struct {
		const char *script;
		double others_share;
	} cases[] = {
		{SOLO(AWAY(1000, 6000)), 0.25},
		{SOLO(AWAY(1000, 1900) AWAY(2000, 2900)), 0},
		/* Each kept only the other from the CPU that they share. */
		{SOLO("1000 thread_switch_out pid=1 tid=1 cpu=0 recorder_id=1 "
		      "is_involuntary=true\n"
		      "1000 thread_switch_in pid=1 tid=2 cpu=0 recorder_id=1\n"
		      "6000 thread_switch_out pid=1 tid=2 cpu=0 recorder_id=1 "
		      "is_involuntary=true\n"
		      "6000 thread_switch_in pid=1 tid=1 cpu=0 recorder_id=1\n"),
		 0},
	};

	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		struct ilv_report *report = report_of_script(cases[index].script, false);

		assert_close(report->runs[0].sum.others_share, cases[index].others_share);
		ilv_report_destroy(report);
	}
}

/* Server, recorder and tracer use the CPU too, on a line of their own. */
static void company_is_not_counted(void **state)
{
	static const char script[] =
		"0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=perf_wakeups "
		"covered_pid=1\n"
		"0 thread_start pid=1 tid=1 cpu=0 name=main role=main\n"
		"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread\n"
		"0 switch_watermark pid=1 tid=1 cpu=0 recorder_id=1 cpu_ns=5us\n"
		"0 thread_announce pid=1 tid=1 cpu=0 tid=3 name=drain role=tracer\n"
		"0 thread_switch_in pid=1 tid=2 cpu=1 recorder_id=1\n"
		"0 thread_start pid=1 tid=2 cpu=1 name=http role=server\n"
		"30 thread_switch_out pid=1 tid=2 cpu=1 recorder_id=1 is_involuntary=false\n"
		"40 thread_switch_in pid=1 tid=4 cpu=1 recorder_id=1\n"
		"40 thread_start pid=1 tid=4 cpu=1 name=work role=job\n"
		"90 thread_exit pid=1 tid=4 cpu=1\n"
		"90 thread_switch_out pid=1 tid=4 cpu=1 recorder_id=1 is_involuntary=false\n"
		"100 run_end pid=1 tid=1 cpu=0\n"
		"100 recorder_end pid=1 tid=1 cpu=0 recorder_id=1 switch_count=4 cpu_ns=12us\n";
	struct ilv_report *report = report_of_script(script, false);
	const struct ilv_report_run *run = &report->runs[0];

	(void)state;
	assert_int_equal(run->server_cpu_ns, 30 * US);
	assert_int_equal(run->recorder_cpu_ns, 7 * US);
	assert_int_equal(run->schedulers[0].slices.total_ns, 150 * US); /* main 100, work 50 */
	assert_close(run->sum.cpus_busy, 1.5);
	assert_int_equal(run->sum.unit_count, 1);
	ilv_report_destroy(report);
}

static void memory_is_the_growth_to_the_peak(void **state)
{
	struct ilv_report *report = report_of_script(
		"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread\n"
		"1 process_memory pid=1 tid=1 cpu=0 anonymous_bytes=1000\n"
		"2 process_memory pid=1 tid=1 cpu=0 anonymous_bytes=9000\n"
		"3 process_memory pid=1 tid=1 cpu=0 anonymous_bytes=4000\n"
		"4 run_end pid=1 tid=1 cpu=0\n",
		false);

	(void)state;
	assert_int_equal(report->runs[0].sum.memory_bytes, 8000);
	assert_int_equal(report->runs[0].processes[0].memory_growth_bytes, 8000);
	ilv_report_destroy(report);

	report = report_of("report_threads.script");
	assert_int_equal(report->runs[0].sum.memory_bytes, UNKNOWN);
	ilv_report_destroy(report);
}

/* Several threads wait for several locks in turn, each of them again and again. */
static void waits_add_up_by_thread_and_lock(void **state)
{
	enum { THREADS = 3, LOCKS = 5, ROUNDS = 40 };
	int64_t sums_us[THREADS][LOCKS] = {{0}};
	char *script = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&script, &size);
	struct ilv_report *report;
	int at = 10;

	(void)state;
	(void)fputs("0 recorder_begin pid=1 tid=1 cpu=9 recorder_id=1 source=perf_wakeups "
		    "covered_pid=1\n"
		    "0 run_begin pid=1 tid=1 cpu=9 workload=w runtime=r unit=thread cpu_count=2\n"
		    "0 thread_start pid=1 tid=2 cpu=1 name=holder role=job\n",
		    stream);
	for (int thread = 0; thread < THREADS; thread++) {
		(void)fprintf(stream,
			      "1 thread_switch_in pid=1 tid=%d cpu=%d recorder_id=1\n"
			      "1 thread_start pid=1 tid=%d cpu=%d role=job\n",
			      10 + thread, 2 + thread, 10 + thread, 2 + thread);
	}
	for (int round = 0; round < ROUNDS * THREADS; round++) {
		const int thread = round % THREADS;
		const int lock = (round * round + thread) % LOCKS;
		const int wait_us = 5 + (7 * round + 3 * thread) % 11;
		char who[64];

		(void)snprintf(who, sizeof(who), "pid=1 tid=%d cpu=%d", 10 + thread, 2 + thread);
		(void)fprintf(stream,
			      "%d lock_acquire pid=1 tid=2 cpu=1 lock=0x10%d kind=mutex\n"
			      "%d lock_wait_begin %s lock=0x10%d kind=mutex\n"
			      "%d thread_switch_out %s recorder_id=1 is_involuntary=false\n"
			      "%d lock_release pid=1 tid=2 cpu=1 lock=0x10%d kind=mutex\n"
			      "%d thread_wakeup pid=1 tid=%d recorder_id=1\n"
			      "%d thread_switch_in %s recorder_id=1\n"
			      "%d lock_acquire %s lock=0x10%d kind=mutex is_contended=true\n"
			      "%d lock_release %s lock=0x10%d kind=mutex\n",
			      at, lock, at, who, lock, at, who, at + wait_us, lock, at + wait_us,
			      10 + thread, at + wait_us, who, at + wait_us, who, lock, at + wait_us,
			      who, lock);
		sums_us[thread][lock] += wait_us;
		at += 30;
	}
	(void)fprintf(stream, "%d run_end pid=1 tid=1 cpu=9\n", at);
	(void)fclose(stream);
	report = report_of_script(script, false);
	for (uint32_t index = 0; index < report->runs[0].thread_count; index++) {
		const struct ilv_report_thread *thread = &report->runs[0].threads[index];
		int most = 0;
		char name[32];

		if (thread->tid < 10) {
			continue;
		}
		for (int lock = 1; lock < LOCKS; lock++) {
			most = sums_us[thread->tid - 10][lock] > sums_us[thread->tid - 10][most]
				       ? lock
				       : most;
		}
		(void)snprintf(name, sizeof(name), "lock 0x10%d", most);
		assert_string_equal(thread->waits_most_for, name);
		assert_int_equal(thread->waits_most_ns, sums_us[thread->tid - 10][most] * US);
	}
	ilv_report_destroy(report);
	free(script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_set_of_measures_for_every_scheduler),
		cmocka_unit_test(threads_by_state_and_cause),
		cmocka_unit_test(tasks_know_the_thread_beneath),
		cmocka_unit_test(a_stall_is_long_and_keeps_others),
		cmocka_unit_test(what_the_kernel_keeps_no_task_does),
		cmocka_unit_test(unknown_is_never_zero),
		cmocka_unit_test(perf_knows_readiness_after_cuts_only),
		cmocka_unit_test(estimates_know_no_wants),
		cmocka_unit_test(others_had_what_nobody_of_the_run_had),
		cmocka_unit_test(company_is_not_counted),
		cmocka_unit_test(memory_is_the_growth_to_the_peak),
		cmocka_unit_test(waits_add_up_by_thread_and_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
