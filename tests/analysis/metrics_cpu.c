/* SPDX-License-Identifier: MIT */
/*
 * Description: whose the CPUs' time was: the run's, that of those who serve it or its recording, or
 * other programs'; and what a switch costs. Numbers are worked out by hand; times in scripts are
 * us.
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

#define US INT64_C(1000)

static void assert_close(double actual, double expected)
{
	if (!(fabs(actual - expected) < 1e-9)) {
		fail_msg("%.12g instead of %.12g", actual, expected);
	}
}

/* A run of 10 ms on two CPUs, whose first thread is main, on CPU 0. */
#define BEGIN_FROM(source)                                                                         \
	"0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=" source " covered_pid=1\n"       \
	"0 thread_start pid=1 tid=1 cpu=0 name=main role=main\n"                                   \
	"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread cpu_count=2\n"
#define BEGIN    BEGIN_FROM("perf_wakeups")
#define END(cpu) "10000 run_end pid=1 tid=1 cpu=" #cpu "\n"

/* `before` and `after` are the threads that had the CPU before and have it next. */
#define TEXT(number) #number
#define OTHER(who)   " other_tid=" TEXT(who) "\n"
#define IN(time, tid, cpu, before)                                                                 \
#time " thread_switch_in pid=1 tid=" #tid " cpu=" #cpu " recorder_id=1" OTHER(before)
#define OUT(time, tid, cpu, is_cut, after)                                                         \
#time " thread_switch_out pid=1 tid=" #tid " cpu=" #cpu                                    \
	      " recorder_id=1 is_involuntary=" is_cut                                              \
	      OTHER(after)
#define CUT(time, tid, cpu, after)  OUT(time, tid, cpu, "true", after)
#define STOP(time, tid, cpu, after) OUT(time, tid, cpu, "false", after)
#define WOKEN(time, tid)            #time " thread_wakeup pid=1 tid=" #tid " recorder_id=1\n"

/* Nobody knows who went before or came after: source perf. */
#define X -1

/* Another program's thread. */
#define O 99

struct share {
	const char *what;
	const char *script;
	double at_least; /* of 20 ms of two CPUs' time */
	double seen;     /* NAN: not known */
};

static void assert_shares(const struct share *shares, size_t count)
{
	for (size_t index = 0; index < count; index++) {
		struct ilv_report *report = report_of_script(shares[index].script, false);
		const struct ilv_report_run *run = &report->runs[0];

		if (fabs(run->sum.others_share - shares[index].at_least) > 1e-9) {
			fail_msg("%s: at least %.9g instead of %.9g", shares[index].what,
				 run->sum.others_share, shares[index].at_least);
		}
		if (isnan(run->sum.others_seen_share) != isnan(shares[index].seen) ||
		    fabs(run->sum.others_seen_share - shares[index].seen) > 1e-9) {
			fail_msg("%s: saw %.9g instead of %.9g", shares[index].what,
				 run->sum.others_seen_share, shares[index].seen);
		}
		ilv_report_destroy(report);
	}
}

/* What stands ready for a CPU that none of the run has is kept from it by others. */
static void others_have_what_the_run_stands_ready_for(void **state)
{
	static const struct share shares[] = {
		{"a thread that was seen on one CPU only",
		 BEGIN CUT(1000, 1, 0, X) IN(6000, 1, 0, X) END(0), 5.0 / 20, NAN},
		{"a thread that was seen on both",
		 BEGIN CUT(500, 1, 0, X) IN(1500, 1, 1, X) CUT(3000, 1, 1, X) IN(7000, 1, 1, X)
			 END(1),
		 /* 1 ms of the one that it knew, then 4 ms of both */
		 9.0 / 20, NAN},
		{"threads that stand ready one after the other",
		 BEGIN CUT(1000, 1, 0, X) IN(4000, 1, 0, X) IN(4000, 2, 1, X) CUT(4000, 2, 1, X)
			 IN(8000, 2, 1, X) END(0),
		 7.0 / 20, NAN},
		{"a new thread, where others of the run were before and did not leave it idle",
		 BEGIN CUT(500, 1, 0, O) IN(600, 1, 1, O) CUT(1000, 1, 1, O) IN(1000, 1, 0, O)
			 WOKEN(2000, 2) IN(6000, 2, 1, O) END(0),
		 4.0 / 20, 5.5 / 20},
		{"a new thread, where nobody knows whether others of the run left it idle",
		 BEGIN CUT(500, 1, 0, X) IN(600, 1, 1, X) CUT(1000, 1, 1, X) IN(1000, 1, 0, X)
			 WOKEN(2000, 2) IN(6000, 2, 1, X) END(0),
		 0, NAN},
		{"threads that stand ready together, where one could have gone",
		 BEGIN CUT(1000, 1, 0, X) IN(1000, 2, 0, X) CUT(1000, 2, 0, X) IN(5000, 1, 0, X)
			 END(0),
		 4.0 / 20, NAN},
		{"a thread that stands ready beside one that runs elsewhere",
		 BEGIN IN(1000, 2, 1, X) CUT(2000, 2, 1, X) IN(9000, 2, 1, X) END(0), 7.0 / 20,
		 NAN},
		{"a thread that was woken rather than cut short",
		 BEGIN IN(0, 2, 1, X) STOP(1000, 2, 1, X) WOKEN(2000, 2) IN(5000, 2, 1, X) END(0),
		 3.0 / 20, NAN},
		{"a thread that stands ready when the run ends",
		 BEGIN IN(0, 2, 1, X) CUT(8000, 2, 1, X) END(0), 2.0 / 20, NAN},
	};

	(void)state;
	assert_shares(shares, sizeof(shares) / sizeof(shares[0]));
}

/* What is explained otherwise is not put down to others. */
static void others_have_no_more_than_that(void **state)
{
	static const struct share shares[] = {
		{"ready times in which the kernel sends a thread on its way",
		 BEGIN CUT(1000, 1, 0, X) IN(1999, 1, 0, X) CUT(3000, 1, 0, X) IN(3999, 1, 0, X)
			 END(0),
		 0, NAN},
		{"a thread that waits for another of the run",
		 BEGIN CUT(1000, 1, 0, X) IN(1000, 2, 0, X) CUT(9000, 2, 0, X) IN(9000, 1, 0, X)
			 END(0),
		 0, NAN},
		{"a thread that waits for what serves the run",
		 BEGIN CUT(1000, 1, 0, X) IN(
			 1000, 2, 0, X) "1000 thread_start pid=1 tid=2 cpu=0 name=http "
					"role=server\n" CUT(9000, 2, 0, X) IN(9000, 1, 0, X) END(0),
		 0, NAN},
		{"a CPU that was left idle",
		 BEGIN IN(0, 2, 1, 0) STOP(1000, 2, 1, 0) WOKEN(2000, 2) IN(5000, 2, 1, 0) END(0),
		 0, 0},
		{"a run that only waits",
		 BEGIN STOP(1000, 1, 0, X) WOKEN(9000, 1) IN(9000, 1, 0, X) END(0), 0, NAN},
		{"without wake-ups, what followed upon a block",
		 BEGIN_FROM("perf") STOP(1000, 1, 0, X) IN(9000, 1, 0, X) END(0), 0, NAN},
	};

	(void)state;
	assert_shares(shares, sizeof(shares) / sizeof(shares[0]));
}

/* A CPU that another program took from the run and gave back to it was that program's, or its
 * like's. */
static void others_are_seen_before_and_after(void **state)
{
	static const struct share shares[] = {
		{"while the run waits",
		 BEGIN STOP(1000, 1, 0, O) WOKEN(8000, 1) IN(8000, 1, 0, O) END(0), 0, 7.0 / 20},
		{"while another of its threads runs elsewhere",
		 BEGIN IN(0, 2, 1, O) STOP(1000, 2, 1, O) WOKEN(6000, 2) IN(6000, 2, 1, O) END(0),
		 0, 5.0 / 20},
		{"not where they went idle",
		 BEGIN STOP(1000, 1, 0, O) WOKEN(8000, 1) IN(8000, 1, 0, 0) END(0), 0, 0},
		{"not where it was one of the run's own, which are at once where the other was",
		 BEGIN CUT(1000, 1, 0, 2) IN(1000, 2, 0, 1) CUT(8000, 2, 0, 1) IN(8000, 1, 0, 2)
			 END(0),
		 0, 0},
	};

	(void)state;
	assert_shares(shares, sizeof(shares) / sizeof(shares[0]));
}

/* What the recorder used is no other program's. */
static void the_recorder_is_no_other_program(void **state)
{
	static const struct share share = {
		"the recorder",
		"0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=perf_wakeups "
		"covered_pid=1\n"
		"0 thread_start pid=1 tid=1 cpu=0 name=main role=main\n"
		"0 switch_watermark pid=9 tid=9 cpu=1 recorder_id=1 cpu_ns=300us\n"
		"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread "
		"cpu_count=2\n" CUT(1000, 1, 0, O)
			IN(6000, 1, 0, O) "10000 run_end pid=1 tid=1 cpu=0\n"
					  "10000 switch_watermark pid=9 tid=9 cpu=1 "
					  "recorder_id=1 switch_count=2 cpu_ns=1300us\n",
		4.0 / 20, 4.0 / 20};

	(void)state;
	assert_shares(&share, 1);
}

/* Who bound itself to one CPU is believed to use the others for some turns more, and not for
 * longer. */
static void a_binding_is_learned(void **state)
{
	static const char begin[] = BEGIN;
	static const char end[] = "10000 run_end pid=1 tid=1 cpu=0\n";
	char script[32768];
	size_t length = 0;
	struct ilv_report *report;

	(void)state;
	length += (size_t)snprintf(script + length, sizeof(script) - length, "%s", begin);
	/* It runs on CPU 1 once, and 200 times on CPU 0, for which it stands ready in between. */
	length += (size_t)snprintf(script + length, sizeof(script) - length,
				   CUT(100, 1, 0, X) IN(101, 1, 1, X) CUT(110, 1, 1, X));
	for (int turn = 0; turn < 200; turn++) {
		length += (size_t)snprintf(script + length, sizeof(script) - length,
					   "%d thread_switch_in pid=1 tid=1 cpu=0 recorder_id=1\n"
					   "%d thread_switch_out pid=1 tid=1 cpu=0 recorder_id=1 "
					   "is_involuntary=true\n",
					   120 + 10 * turn, 129 + 10 * turn);
	}
	length +=
		(size_t)snprintf(script + length, sizeof(script) - length, "%s", IN(5000, 1, 0, X));
	(void)snprintf(script + length, sizeof(script) - length, "%s", end);
	report = report_of_script(script, false);
	/* From 2119 to 5000 CPU 0 alone; before that CPU 1 is thought to be wanted from 110 on, as
	 * long as it is remembered: for 128 turns at most. */
	assert_true(report->runs[0].sum.others_share >= 2881.0 / 20000);
	assert_true(report->runs[0].sum.others_share <= (2881.0 + 1300) / 20000);
	ilv_report_destroy(report);
}

static const struct ilv_report_scheduler *kernel_of(const struct ilv_report_run *run)
{
	for (uint32_t index = 0; index < run->scheduler_count; index++) {
		if (run->schedulers[index].kind == ILV_SCHEDULER_KIND_KERNEL) {
			return &run->schedulers[index];
		}
	}
	fail_msg("no kernel");
	return NULL;
}

/* LTTng's threads of a forked child run before anybody can say whose they are: neither of both
 * counts counts them, nor does their process. */
#define LATE                                                                                       \
	BEGIN                                                                                      \
	"1000 process_spawn pid=1 tid=1 cpu=0 child_pid=5 method=fork\n"                           \
	"1000 thread_switch_in pid=5 tid=5 cpu=1 recorder_id=1\n"                                  \
	"2000 thread_switch_out pid=5 tid=5 cpu=1 recorder_id=1 is_involuntary=false\n"            \
	"2000 thread_switch_in pid=5 tid=6 cpu=1 recorder_id=1\n"                                  \
	"5000 thread_switch_out pid=5 tid=6 cpu=1 recorder_id=1 is_involuntary=false\n"            \
	"5000 thread_switch_in pid=5 tid=5 cpu=1 recorder_id=1\n"                                  \
	"5000 process_start pid=5 tid=5 cpu=1 parent_pid=1 role=job name=child\n"                  \
	"6000 thread_announce pid=5 tid=5 cpu=1 tid=6 name=ust role=tracer\n"                      \
	"7000 thread_exit pid=5 tid=5 cpu=1\n"                                                     \
	"7000 thread_switch_out pid=5 tid=5 cpu=1 recorder_id=1 is_involuntary=false\n"            \
	"10000 run_end pid=1 tid=1 cpu=0\n"

static void who_serves_is_not_counted_however_late_it_says_so(void **state)
{
	struct ilv_report *report = report_of_script(LATE, false);
	const struct ilv_report_run *run = &report->runs[0];
	const struct ilv_report_scheduler *kernel = kernel_of(run);

	(void)state;
	/* Main has CPU 0 all the time, the child CPU 1 for 3 ms, its tracer for 3 ms more. */
	assert_close(kernel->parallelism_mean, 1.3);
	assert_close(kernel->utilisation * (double)kernel->executor_count,
		     kernel->parallelism_mean);
	assert_close(run->sum.cpus_busy, 1.3);
	assert_int_equal(run->tracer_cpu_ns, 3000 * US);
	assert_int_equal(run->process_count, 2);
	assert_int_equal(run->processes[1].pid, 5);
	assert_int_equal(run->processes[1].running_ns, 3000 * US);
	assert_int_equal(run->processes[1].thread_count, 1);
	assert_close(run->sum.others_share, 0);
	ilv_report_destroy(report);
}

/* A server's process is its own, and what serves the recording in it is not. */
static void a_server_has_its_own_time(void **state)
{
	struct ilv_report *report = report_of_script(
		BEGIN "1000 process_spawn pid=1 tid=1 cpu=0 child_pid=5 method=fork\n"
		      "1000 process_start pid=5 tid=5 cpu=1 parent_pid=1 role=server name=http\n"
		      "1000 thread_switch_in pid=5 tid=5 cpu=1 recorder_id=1\n"
		      "1000 thread_announce pid=5 tid=5 cpu=1 tid=6 name=ust role=tracer\n"
		      "3000 thread_switch_out pid=5 tid=5 cpu=1 recorder_id=1\n"
		      "3000 thread_switch_in pid=5 tid=6 cpu=1 recorder_id=1\n"
		      "4000 thread_switch_out pid=5 tid=6 cpu=1 recorder_id=1\n"
		      "10000 run_end pid=1 tid=1 cpu=0\n",
		false);
	const struct ilv_report_run *run = &report->runs[0];

	(void)state;
	assert_int_equal(run->process_count, 2);
	assert_int_equal(run->processes[1].running_ns, 2000 * US);
	assert_int_equal(run->server_cpu_ns, 2000 * US);
	assert_int_equal(run->tracer_cpu_ns, 1000 * US);
	ilv_report_destroy(report);
}

/* Where more run than there are executors, each has its part of them, and they are never more than
 * in use: three readers share a lock. */
static void a_share_is_a_part_where_many_run(void **state)
{
	struct ilv_report *report = report_of_script(
		BEGIN "0 lock_name pid=1 tid=1 cpu=0 lock=0x100 kind=rwlock capacity=1 name=l\n"
		      "0 lock_acquire pid=1 tid=1 cpu=0 lock=0x100 kind=rwlock mode=shared\n"
		      "0 lock_acquire pid=1 tid=2 cpu=1 lock=0x100 kind=rwlock mode=shared\n"
		      "3000 lock_acquire pid=1 tid=3 cpu=2 lock=0x100 kind=rwlock mode=shared\n"
		      "6000 lock_release pid=1 tid=1 cpu=0 lock=0x100 kind=rwlock mode=shared\n"
		      "6000 lock_release pid=1 tid=2 cpu=1 lock=0x100 kind=rwlock mode=shared\n"
		      "8000 lock_release pid=1 tid=3 cpu=2 lock=0x100 kind=rwlock mode=shared\n"
		      "10000 run_end pid=1 tid=1 cpu=0\n",
		false);
	const struct ilv_report_run *run = &report->runs[0];

	(void)state;
	for (uint32_t index = 0; index < run->scheduler_count; index++) {
		const struct ilv_report_scheduler *lock = &run->schedulers[index];

		if (lock->kind == ILV_SCHEDULER_KIND_LOCK) {
			assert_close(lock->parallelism_mean, 1.7);
			assert_int_equal(lock->executor_count, 1);
			assert_close(lock->utilisation, 0.8);
		}
	}
	ilv_report_destroy(report);
}

/* Two runs in one trace: each has what the recorder used while it went on. */
static void each_run_has_its_part_of_the_recorder(void **state)
{
	struct ilv_report *report = report_of_script(
		"0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=perf_wakeups "
		"covered_pid=1\n"
		"0 thread_start pid=1 tid=1 cpu=0 name=main role=main\n"
		"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=a unit=thread cpu_count=2\n"
		"10 run_end pid=1 tid=1 cpu=0\n"
		"10000 switch_watermark pid=9 tid=9 cpu=1 recorder_id=1 cpu_ns=5000us\n"
		"12000 run_begin pid=1 tid=1 cpu=0 workload=w runtime=b unit=thread cpu_count=2\n"
		"20000 switch_watermark pid=9 tid=9 cpu=1 recorder_id=1 cpu_ns=5100us\n"
		"22000 run_end pid=1 tid=1 cpu=0\n"
		"23000 run_begin pid=1 tid=1 cpu=0 workload=w runtime=c unit=thread cpu_count=2\n"
		"23200 run_end pid=1 tid=1 cpu=0\n"
		"30000 switch_watermark pid=9 tid=9 cpu=1 recorder_id=1 cpu_ns=5600us\n"
		"40000 recorder_end pid=9 tid=9 cpu=1 recorder_id=1 cpu_ns=6080us\n",
		false);

	(void)state;
	assert_int_equal(report->run_count, 3);
	/* It was over before the recorder spoke, whose setting up is nobody's. */
	assert_int_equal(report->runs[0].recorder_cpu_ns, ILV_UNKNOWN);
	/* 8 ms of the 10 in which it used 100 us, 2 ms of those in which it used 500. */
	assert_int_equal(report->runs[1].recorder_cpu_ns, (80 + 100) * US);
	assert_int_equal(report->runs[2].recorder_cpu_ns, 10 * US);
	assert_int_equal(report->recorder_cpu_ns, 6080 * US);
	ilv_report_destroy(report);
}

/* Two programs that are recorded at the same time, each by a recorder of its own. */
static void each_run_has_its_own_recorder(void **state)
{
	struct ilv_report *report = report_of_script(
		"0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=perf covered_pid=1\n"
		"0 recorder_begin pid=2 tid=2 cpu=1 recorder_id=2 source=perf covered_pid=2\n"
		"0 switch_watermark pid=1 tid=11 cpu=1 recorder_id=1 cpu_ns=100us\n"
		"0 switch_watermark pid=2 tid=21 cpu=1 recorder_id=2 cpu_ns=900us\n"
		"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=a unit=thread cpu_count=2\n"
		"0 run_begin pid=2 tid=2 cpu=1 workload=w runtime=b unit=thread cpu_count=2\n"
		"10000 switch_watermark pid=1 tid=11 cpu=1 recorder_id=1 cpu_ns=150us\n"
		"10000 switch_watermark pid=2 tid=21 cpu=1 recorder_id=2 cpu_ns=1000us\n"
		"10000 run_end pid=1 tid=1 cpu=0\n"
		"10000 run_end pid=2 tid=2 cpu=1\n",
		false);

	(void)state;
	assert_int_equal(report->run_count, 2);
	assert_int_equal(report->runs[0].recorder_cpu_ns, 50 * US);
	assert_int_equal(report->runs[1].recorder_cpu_ns, 100 * US);
	ilv_report_destroy(report);
}

/* A thread with 100 switches that ran 100 times for 10 us, by records; by its own clock for
 * `cpu_us`. */
static int64_t switch_cost_of(int cpu_us)
{
	char script[32768];
	size_t length = (size_t)snprintf(script, sizeof(script), "%s", BEGIN);
	struct ilv_report *report;
	int64_t cost_ns = 0;

	length += (size_t)snprintf(script + length, sizeof(script) - length,
				   "0 thread_switch_in pid=1 tid=2 cpu=1 recorder_id=1\n"
				   "0 thread_start pid=1 tid=2 cpu=1 name=work role=job\n");
	for (int turn = 0; turn < 99; turn++) {
		length += (size_t)snprintf(script + length, sizeof(script) - length,
					   "%d thread_switch_out pid=1 tid=2 cpu=1 recorder_id=1 "
					   "is_involuntary=false\n"
					   "%d thread_switch_in pid=1 tid=2 cpu=1 recorder_id=1\n",
					   10 + 50 * turn, 50 + 50 * turn);
	}
	(void)snprintf(script + length, sizeof(script) - length,
		       "4960 thread_exit pid=1 tid=2 cpu=1 cpu_ns=%dus\n"
		       "4960 thread_switch_out pid=1 tid=2 cpu=1 recorder_id=1 "
		       "is_involuntary=false\n" END(0),
		       cpu_us);
	report = report_of_script(script, false);
	for (uint32_t index = 0; index < report->runs[0].thread_count; index++) {
		const struct ilv_report_thread *thread = &report->runs[0].threads[index];

		if (thread->tid == 2) {
			assert_int_equal(thread->times.running_ns, 1000 * US);
			cost_ns = thread->switch_cost_ns;
		}
	}
	ilv_report_destroy(report);
	return cost_ns;
}

/* A clock that stood still at switches, or ran on while something else had the CPU, says nothing of
 * what they cost. */
static void a_switch_costs_something_and_not_too_much(void **state)
{
	(void)state;
	assert_int_equal(switch_cost_of(1000), 0);
	assert_int_equal(switch_cost_of(1300), 3000);
	assert_int_equal(switch_cost_of(2000), 10000);
	assert_int_equal(switch_cost_of(2100), ILV_UNKNOWN);
	assert_int_equal(switch_cost_of(999), ILV_UNKNOWN);
	assert_int_equal(switch_cost_of(527), ILV_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_have_what_the_run_stands_ready_for),
		cmocka_unit_test(others_have_no_more_than_that),
		cmocka_unit_test(others_are_seen_before_and_after),
		cmocka_unit_test(the_recorder_is_no_other_program),
		cmocka_unit_test(a_binding_is_learned),
		cmocka_unit_test(who_serves_is_not_counted_however_late_it_says_so),
		cmocka_unit_test(a_server_has_its_own_time),
		cmocka_unit_test(a_share_is_a_part_where_many_run),
		cmocka_unit_test(each_run_has_its_part_of_the_recorder),
		cmocka_unit_test(each_run_has_its_own_recorder),
		cmocka_unit_test(a_switch_costs_something_and_not_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
