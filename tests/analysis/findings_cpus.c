/* SPDX-License-Identifier: MIT */
/* Description: the findings blocked-loop, oversubscription, crowded-cpus, idle-cpus and imbalance,
 * where they must appear and where they must not. Times in scripts are us. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/analysis/findings_fixture.h"

/* A run of tasks: the loop's thread is the main one, on CPU 9. */
#define LOOP_BEGIN(cpu_count)                                                                      \
	SCRIPT_BEGIN("task", cpu_count)                                                            \
	RUNS("0", "10", "9")                                                                       \
	"0 loop_create pid=10 tid=10 cpu=9 loop=0x200 name=demo\n" TASK("0", "create", "1",        \
									"name=one")                \
		TASK("0", "create", "2", "name=two") TASK("0", "create", "3", "name=three")
#define TASK(time, what, number, more)                                                             \
	time " task_" what " pid=10 tid=10 cpu=9 loop=0x200 task=" number " " more "\n"
#define LOOP_END(time) time " run_end pid=10 tid=10 cpu=9 status=0\n"

/* Task one runs from 1000 to `end`; two is ready from 500 on, three from 11000. */
#define LONG_SLICE(meanwhile, end)                                                                 \
	LOOP_BEGIN("2")                                                                            \
	TASK("0", "ready", "1", "")                                                                \
	TASK("500", "ready", "2", "")                                                              \
	TASK("1000", "resume", "1", "")                                                            \
	TASK("11000", "ready", "3", "")                                                            \
	meanwhile TASK(end, "yield", "1", "reason=read") LOOP_END("100000")

static void test_blocked_loop(void **state)
{
	struct ilv_report *report = findings_report(LONG_SLICE("", "61000"));
	const struct ilv_finding *found = findings_find(report, 0, "blocked-loop", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->severity, ILV_SEVERITY_PROBLEM);
	assert_int_equal(found->cost_ns, (60000 + 50000) * 1000);
	assert_int_equal(found->affected_count, 1);
	assert_int_equal(found->begin_ns, 1000000);
	assert_int_equal(found->end_ns, 61000000);
	assert_int_equal(found->moment_ns, 31000000);
	assert_string_equal(found->moment_entity_id, "task:10.0x200.1");
	assert_int_equal(found->entity_count, 2);
	assert_string_equal(found->entity_ids[0], "task:10.0x200.1");
	assert_string_equal(found->entity_ids[1], "loop:10.0x200.0");
	assert_string_equal(
		found->text,
		"At 1 ms one began to run and gave way only 60 ms later, while 2 other "
		"tasks stood ready. Nobody cuts a task short, so they had to wait. Give way "
		"within the work, or hand it to a pool.");
	assert_string_equal(
		found->moment_text,
		"one keeps the loop for 60 ms; 2 other tasks are ready and must wait, for "
		"a loop cuts nobody short.");
	ilv_report_destroy(report);
}

/* A task that sits in a blocking call blocks its loop just as well, and is told something else. */
static void test_blocked_by_call(void **state)
{
	struct ilv_report *report = findings_report(LONG_SLICE(
		"12000 wait_begin pid=10 tid=10 cpu=9 reason=sleep\n" STOPS("12000", "10", "9")
			WOKEN("60000", "10")
				RUNS("60000", "10",
				     "9") "60000 wait_end pid=10 tid=10 cpu=9 reason=sleep\n",
		"61000"));
	const struct ilv_finding *found = findings_find(report, 0, "blocked-loop", 0);

	(void)state;
	assert_non_null(found);
	assert_non_null(
		strstr(found->text,
		       "while 2 other tasks stood ready; for 48 ms of that it sat in calls that "
		       "block the whole thread."));
	assert_non_null(strstr(found->text, "Await instead of calling what blocks"));
	ilv_report_destroy(report);
}

/* What of a long stay was the kernel's doing is told apart. */
static void test_blocked_and_cut(void **state)
{
	struct ilv_report *report = findings_report(
		LONG_SLICE(CUT("21000", "10", "9") RUNS("46000", "10", "9"), "81000"));
	const struct ilv_finding *found = findings_find(report, 0, "blocked-loop", 0);

	(void)state;
	assert_non_null(found);
	assert_non_null(strstr(found->text,
			       "gave way only 80 ms later, while 2 other tasks stood ready; for 25 "
			       "ms of that the loop's thread stood ready for a CPU. Nobody"));
	assert_int_equal(report->runs[0].loops[0].longest_callback_ns, 55000 * 1000);
	assert_int_equal(report->runs[0].loops[0].longest_callback_ready_ns, 25000 * 1000);
	ilv_report_destroy(report);
}

/* A loop that does not get to look at the clock: who sleeps longer than it wanted is kept waiting.
 */
static void test_blocked_sleepers(void **state)
{
	struct ilv_report *report = findings_report(
		LOOP_BEGIN("2") TASK("0", "ready", "1", "") TASK("0", "ready", "2", "")
			TASK("0", "ready", "3", "") TASK("100", "resume", "2", "")
				TASK("200", "yield", "2",
				     "reason=sleep object=21000000") TASK("300", "resume", "3", "")
					TASK("400", "yield", "3", "reason=sleep object=70000000")
						TASK("1000", "resume", "1",
						     "") TASK("61000", "yield", "1", "reason=read")
							TASK("61000", "ready", "2", "")
								TASK("70000", "ready", "3", "")
									LOOP_END("100000"));
	const struct ilv_finding *found = findings_find(report, 0, "blocked-loop", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->cost_ns, 40000 * 1000);
	assert_int_equal(found->affected_count, 1);
	assert_int_equal(found->begin_ns, 1000000);
	assert_int_equal(found->end_ns, 61000000);
	assert_non_null(strstr(found->text, "while 1 other task had slept enough."));
	/* The loops' table counts what the finding tells of. */
	assert_int_equal(report->runs[0].loops[0].stall_count, 1);
	ilv_report_destroy(report);
}

static void test_no_blocked_loop(void **state)
{
	struct ilv_report *report;

	(void)state;
	/* Just below 50 ms. */
	findings_assert_none(LONG_SLICE("", "50999"), "blocked-loop");
	/* Nobody is ready. */
	findings_assert_none(
		LOOP_BEGIN("2") TASK("0", "ready", "1", "") TASK("1000", "resume", "1", "")
			TASK("91000", "yield", "1", "reason=read") LOOP_END("100000"),
		"blocked-loop");
	/* The kernel had the thread off its CPU for 20 of the 60 ms: not the task's doing. */
	report = findings_report(
		LONG_SLICE(CUT("21000", "10", "9") RUNS("41000", "10", "9"), "61000"));
	assert_null(findings_find(report, 0, "blocked-loop", 0));
	assert_int_equal(report->runs[0].loops[0].stall_count, 0);
	ilv_report_destroy(report);
}

static void test_blocked_twice(void **state)
{
	struct ilv_report *report = findings_report(
		LOOP_BEGIN("2") TASK("0", "ready", "1", "") TASK("0", "ready", "2", "")
			TASK("1000", "resume", "1", "") TASK("61000", "yield", "1", "reason=read")
				TASK("61000", "ready", "1", "") TASK("61000", "resume", "2", "")
					TASK("131000", "done", "2", "") LOOP_END("140000"));
	const struct ilv_finding *found = findings_find(report, 0, "blocked-loop", 0);

	(void)state;
	assert_int_equal(found->cost_ns, (60000 + 70000) * 1000);
	assert_int_equal(found->affected_count, 2);
	assert_int_equal(found->begin_ns, 1000000);
	assert_int_equal(found->end_ns, 131000000);
	assert_string_equal(found->moment_entity_id, "task:10.0x200.2");
	assert_non_null(strstr(found->text, "while 1 other task stood ready. Nobody cuts a task "
					    "short, so it had to wait."));
	assert_non_null(strstr(found->text, "In all it happened 2 times, for 50 ms or longer."));
	assert_null(findings_find(report, 0, "blocked-loop", 1));
	ilv_report_destroy(report);
}

/* Task one runs from `begin` to `end`, while two is ready. */
#define TURN(begin, end)                                                                           \
	TASK(begin, "ready", "1", "")                                                              \
	TASK(begin, "ready", "2", "")                                                              \
	TASK(begin, "resume", "1", "")                                                             \
	TASK(end, "yield", "1", "reason=read")                                                     \
	TASK(end, "resume", "2", "")                                                               \
	TASK(end, "yield", "2", "reason=read")

/* What is short, but happens all the time, blocks a loop as well. */
static void test_blocked_often(void **state)
{
	struct ilv_report *report = findings_report(
		LOOP_BEGIN("2") TURN("1000", "21000") TURN("100000", "115000")
			TURN("200000", "210000") TURN("300000", "309000") LOOP_END("400000"));
	const struct ilv_finding *found = findings_find(report, 0, "blocked-loop", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->affected_count, 3);
	assert_int_equal(found->cost_ns, (20000 + 15000 + 10000) * 1000);
	assert_string_equal(
		found->text,
		"At 1 ms one began to run and gave way only 20 ms later, while 1 other task stood "
		"ready. Nobody cuts a task short, so it had to wait. In all it happened 3 times, "
		"for 10 ms or longer. Give way within the work, or hand it to a pool.");
	ilv_report_destroy(report);

	/* Twice is not often. */
	findings_assert_none(LOOP_BEGIN("2") TURN("1000", "46000") TURN("100000", "140000")
				     LOOP_END("400000"),
			     "blocked-loop");
	/* In a longer run nobody would notice. */
	findings_assert_none(LOOP_BEGIN("2") TURN("1000", "21000") TURN("100000", "115000")
				     TURN("200000", "210000") LOOP_END("460000"),
			     "blocked-loop");
}

/* Three threads take turns on two CPUs: 1000 us each and all the time somebody is ready. */
#define THREE_ON_TWO(cpu_count)                                                                    \
	SCRIPT_BEGIN("thread", cpu_count)                                                          \
	STARTS("0", "11", "0", "alpha")                                                            \
	STARTS("0", "12", "1", "beta")                                                             \
	WOKEN("0", "13")                                                                           \
	CUT("300", "11", "0")                                                                      \
	STARTS("300", "13", "0", "gamma")                                                          \
	CUT("700", "13", "0")                                                                      \
	RUNS("700", "11", "0")                                                                     \
	EXITS("1000", "11", "0") EXITS("1000", "12", "1") SCRIPT_END("1000")

static void test_oversubscription(void **state)
{
	struct ilv_report *report = findings_report(THREE_ON_TWO("2"));
	const struct ilv_finding *found = findings_find(report, 0, "oversubscription", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->severity, ILV_SEVERITY_WARNING);
	/* gamma: 0 to 300 and 700 to 1000; alpha: 300 to 700. */
	assert_int_equal(found->cost_ns, 1000000);
	assert_int_equal(found->begin_ns, 0);
	assert_int_equal(found->end_ns, 1000000);
	assert_string_equal(found->entity_ids[0], "thread:10.13.0");
	assert_string_equal(
		found->text,
		"Up to 3 threads at a time wanted to compute on 2 CPUs, so that on average 1.0 of "
		"them stood ready without a CPU; gamma waited longest for its turns, 600 µs in "
		"all. More threads than CPUs compute no faster, they only take turns: use as "
		"many workers as there are CPUs.");
	ilv_report_destroy(report);
}

/* Three threads of which one stands ready all along, from `begin` to `end`. */
#define CREW(begin, end, first, second, third)                                                     \
	STARTS(begin, first, "0", "first")                                                         \
	CUT(begin, first, "0")                                                                     \
	STARTS(begin, second, "0", "second")                                                       \
	STARTS(begin, third, "1", "third")                                                         \
	EXITS(end, third, "1") RUNS(end, first, "1") EXITS(end, second, "0") EXITS(end, first, "1")

/* Of threads that come one after another those count that are there at once. */
static void test_oversubscription_in_turns(void **state)
{
	struct ilv_report *report =
		findings_report(SCRIPT_BEGIN("thread", "2") CREW("0", "500", "11", "12", "13")
					CREW("500", "1000", "14", "15", "16") SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "oversubscription", 0);

	(void)state;
	assert_non_null(found);
	assert_non_null(strstr(found->text, "Up to 3 threads at a time wanted to compute on 2 "
					    "CPUs, so that on average 1.0 of them"));
	ilv_report_destroy(report);
}

static void test_no_oversubscription(void **state)
{
	(void)state;
	/* As many CPUs as threads: whatever made them wait, it was not their number. */
	findings_assert_none(THREE_ON_TWO("3"), "oversubscription");
	/* Three threads on one CPU, but mostly asleep. */
	findings_assert_none(
		SCRIPT_BEGIN("thread", "1") STARTS("0", "11", "0", "alpha") STOPS("100", "11", "0")
			STARTS("100", "12", "0", "beta") STOPS("200", "12", "0")
				STARTS("200", "13", "0", "gamma") STOPS("300", "13", "0")
					WOKEN("800", "11") WOKEN("800", "12") RUNS("800", "11", "0")
						STOPS("850", "11", "0") RUNS("850", "12", "0")
							STOPS("900", "12", "0") SCRIPT_END("1000"),
		"oversubscription");
}

/* Who has the CPUs for a tenth of the time and is kept off them for the rest of it waits for
 * others, however short each of these has them: fewer threads would have waited as long. */
static void test_oversubscription_by_others(void **state)
{
	char *script = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&script, &size);
	struct ilv_report *report;

	(void)state;
	(void)fputs(SCRIPT_BEGIN("thread", "2") "0 thread_start pid=10 tid=11 cpu=0 role=job\n"
						"0 thread_start pid=10 tid=12 cpu=1 role=job\n"
						"0 thread_start pid=10 tid=13 cpu=0 role=job\n",
		    stream);
	for (int at = 0; at < 2000; at += 100) {
		for (int thread = 0; thread < 3; thread++) {
			const int begin = at + 20 * thread;

			(void)fprintf(stream,
				      "%d thread_switch_in pid=10 tid=%d cpu=%d recorder_id=1\n"
				      "%d thread_switch_out pid=10 tid=%d cpu=%d recorder_id=1 "
				      "is_involuntary=true\n",
				      begin, 11 + thread, thread % 2, begin + 10, 11 + thread,
				      thread % 2);
		}
	}
	(void)fputs(SCRIPT_END("2000"), stream);
	(void)fclose(stream);
	report = findings_report(script);
	assert_true(report->runs[0].sum.cpus_busy < 0.4);
	assert_true(report->runs[0].sum.others_share < 0.5);
	assert_null(findings_find(report, 0, "oversubscription", 0));
	ilv_report_destroy(report);
	free(script);
}

/* Alpha runs for 10 and 5 ms, first on CPU 0, and wants to for all the rest; so do two others. */
#define CROWD(second_cpu)                                                                          \
	SCRIPT_BEGIN("thread", "2")                                                                \
	STARTS("0", "11", "0", "alpha")                                                            \
	CUT("10000", "11", "0")                                                                    \
	STARTS("10000", "12", "0", "beta")                                                         \
	CUT("11000", "12", "0")                                                                    \
	STARTS("11000", "13", "0", "gamma")                                                        \
	CUT("12000", "13", "0")                                                                    \
	RUNS("50000", "11", second_cpu) CUT("55000", "11", second_cpu) SCRIPT_END("100000")

static void test_crowded_cpus(void **state)
{
	struct ilv_report *report = findings_report(CROWD("1"));
	const struct ilv_finding *found = findings_find(report, 0, "crowded-cpus", 0);

	(void)state;
	assert_non_null(found);
	/* CPU 0 for the last 88 ms, in which somebody who had run there stood ready, and CPU 1 for
	 * 45, once alpha had run there. */
	assert_true(report->runs[0].sum.others_share > 0.6649);
	assert_true(report->runs[0].sum.others_share < 0.6651);
	assert_int_equal(found->cost_ns, 89000000); /* beta's, who was ready for longest */
	assert_string_equal(found->entity_ids[0], "thread:10.12.0");
	assert_non_null(strstr(found->text, "66 % of the time of 2 CPUs went to programs beside"));
	/* Three threads wanted two CPUs, but that is not why they waited. */
	assert_null(findings_find(report, 0, "oversubscription", 0));
	ilv_report_destroy(report);

	/* Of threads that were seen on one CPU only, that one: 83 ms. */
	report = findings_report(CROWD("0"));
	found = findings_find(report, 0, "crowded-cpus", 0);
	assert_non_null(found);
	assert_non_null(strstr(found->text, "42 % of the time of 2 CPUs went to programs beside"));
	ilv_report_destroy(report);
}

static void test_no_crowded_cpus(void **state)
{
	(void)state;
	/* The run's own threads had the CPUs. */
	findings_assert_none(THREE_ON_TWO("2"), "crowded-cpus");
}

/* Two tasks that compute all the time, one after the other. */
#define TWO_TASKS(cpu_count)                                                                       \
	LOOP_BEGIN(cpu_count)                                                                      \
	TASK("0", "ready", "1", "")                                                                \
	TASK("0", "ready", "2", "")                                                                \
	TASK("0", "resume", "1", "")                                                               \
	TASK("500", "done", "1", "")                                                               \
	TASK("500", "resume", "2", "") TASK("1000", "done", "2", "") LOOP_END("1000")

static void test_idle_cpus_of_a_loop(void **state)
{
	struct ilv_report *report = findings_report(TWO_TASKS("4"));
	const struct ilv_finding *found = findings_find(report, 0, "idle-cpus", 0);

	(void)state;
	assert_non_null(found);
	/* On average half a task stood ready: 1.5 could have run, which saves a third. */
	assert_int_equal(found->cost_ns, 1000000 - 666666 - 1);
	assert_string_equal(found->title, "Computes on one CPU at a time");
	assert_string_equal(found->entity_ids[0], "task:10.0x200.2");
	assert_string_equal(
		found->text,
		"The run kept 1.0 of its 4 CPUs busy, while on average 0.5 further tasks "
		"could have computed too, as far as other programs left them CPUs. All tasks share "
		"the loop's one thread, and so one "
		"CPU: hand the computing to a pool of threads or processes.");
	ilv_report_destroy(report);
}

/* alpha and beta compute in turn, each under a lock of this kind. */
#define UNDER(kind, name)                                                                          \
	SCRIPT_BEGIN("thread", "2")                                                                \
	STARTS("0", "11", "0", "alpha")                                                            \
	STARTS("0", "12", "1", "beta")                                                             \
	"0 lock_acquire pid=10 tid=11 cpu=0 lock=0x100 kind=" kind "\n" name                       \
	"0 lock_wait_begin pid=10 tid=12 cpu=1 lock=0x100 kind=" kind "\n" STOPS(                  \
		"0", "12",                                                                         \
		"1") "600 lock_release pid=10 tid=11 cpu=0 lock=0x100 kind=" kind                  \
		     "\n" WOKEN("600", "12") RUNS(                                                 \
			     "600", "12",                                                          \
			     "1") "600 lock_acquire pid=10 tid=12 cpu=1 lock=0x100 kind=" kind     \
				  "\n" EXITS("600", "11", "0") "1000 lock_release pid=10 tid=12 "  \
							       "cpu=1 lock=0x100 kind=" kind       \
							       "\n" EXITS("1000", "12", "1")       \
								       SCRIPT_END("1000")
#define UNDER_LOCK(name) UNDER("mutex", name)

static void test_idle_cpus_under_a_lock(void **state)
{
	struct ilv_report *report = findings_report(UNDER_LOCK(
		"0 lock_name pid=10 tid=11 cpu=0 lock=0x100 kind=mutex capacity=1 name=results\n"));
	const struct ilv_finding *found = findings_find(report, 0, "idle-cpus", 0);

	(void)state;
	assert_non_null(found);
	/* 1.6 of 2 CPUs could have been used: 1 - 1/1.6. */
	assert_int_equal(found->cost_ns, 375000);
	assert_string_equal(found->entity_ids[0], "thread:10.12.0");
	assert_string_equal(
		found->text,
		"The run kept 1.0 of its 2 CPUs busy, while on average 0.6 further threads "
		"could have computed too, as far as other programs left them CPUs. They waited for "
		"lock `results`: hold it for less "
		"time, or divide what it protects.");
	ilv_report_destroy(report);

	report = findings_report(UNDER_LOCK(""));
	found = findings_find(report, 0, "idle-cpus", 0);
	assert_non_null(strstr(found->text, "They waited for locks: hold each for less time"));
	ilv_report_destroy(report);
}

static void test_idle_cpus_under_a_gil(void **state)
{
	struct ilv_report *report = findings_report(
		UNDER("gil",
		      "0 lock_name pid=10 tid=11 cpu=0 lock=0x100 kind=gil capacity=1 name=GIL\n"));
	const struct ilv_finding *found = findings_find(report, 0, "idle-cpus", 0);

	(void)state;
	assert_non_null(found);
	assert_non_null(strstr(found->text,
			       "They waited for the GIL, under which one computes at a time: hand "
			       "the computing to processes, or to code that gives the GIL up."));
	ilv_report_destroy(report);
}

static void test_no_idle_cpus(void **state)
{
	(void)state;
	/* There is only one CPU. */
	findings_assert_none(TWO_TASKS("1"), "idle-cpus");
	/* One task computes, and nobody else wants to. */
	findings_assert_none(LOOP_BEGIN("4") TASK("0", "ready", "1", "")
				     TASK("0", "resume", "1", "") TASK("1000", "done", "1", "")
					     LOOP_END("1000"),
			     "idle-cpus");
	/* The run mostly waits. */
	findings_assert_none(LOOP_BEGIN("4") TASK("0", "ready", "1", "") TASK("0", "ready", "2", "")
				     TASK("0", "resume", "1", "") TASK("300", "done", "1", "") TASK(
					     "300", "resume", "2", "") TASK("400", "done", "2", "")
					     STOPS("400", "10", "9") SCRIPT_END("1000"),
			     "idle-cpus");
	/* Both CPUs are busy. */
	findings_assert_none(THREE_ON_TWO("2"), "idle-cpus");
	/* Beta waits until something is put into a queue. */
	findings_assert_none(UNDER("sem", "0 lock_name pid=10 tid=11 cpu=0 lock=0x100 kind=sem "
					  "capacity=3 name=room\n"),
			     "idle-cpus");
	/* Beta waits for a lock, but other programs have the CPUs: gamma stands ready all along. */
	findings_assert_none(
		SCRIPT_BEGIN("thread", "2") STARTS("0", "11", "0", "alpha") STARTS(
			"0", "12", "1",
			"beta") "0 lock_acquire pid=10 tid=11 cpu=0 "
				"lock=0x100 kind=mutex\n"
				"0 lock_wait_begin pid=10 tid=12 cpu=1 "
				"lock=0x100 kind=mutex\n" STOPS("0", "12", "1") STARTS("0", "13",
										       "1", "gamma")
					CUT("500", "13",
					    "1") "60000 lock_release pid=10 tid=11 cpu=0 "
						 "lock=0x100 kind=mutex\n" EXITS("60000", "11", "0")
							 RUNS("60000", "13",
							      "0") CUT("60500", "13",
								       "0") WOKEN("60000", "12")
								 RUNS("60500", "12",
								      "1") EXITS("61000", "12", "1")
									 SCRIPT_END("100000"),
		"idle-cpus");
}

/*
 * A loop whose thread runs for 7 of every 10 ms, now on one CPU, now on the other, and stands ready
 * in between; thread `other` goes before and comes after it. Others have all that it leaves.
 */
static void write_hops(char *script, size_t size, int other)
{
	size_t length =
		(size_t)snprintf(script, size,
				 "%s" TASK("0", "ready", "1", "") TASK("0", "ready", "2", "")
					 TASK("0", "resume", "1", ""),
				 LOOP_BEGIN("2"));

	for (int hop = 0; hop < 20; hop++) {
		length += (size_t)snprintf(
			script + length, size - length,
			"%d thread_switch_out pid=10 tid=10 cpu=%d recorder_id=1 "
			"is_involuntary=true other_tid=%d\n"
			"%d thread_switch_in pid=10 tid=10 cpu=%d recorder_id=1 other_tid=%d\n",
			10000 * hop + 7000, 8 + (hop + 1) % 2, other, 10000 * hop + 10000,
			8 + hop % 2, other);
	}
	(void)snprintf(script + length, size - length,
		       TASK("200000", "done", "1", "") LOOP_END("200000"));
}

/* Its CPU was one of two, and the other was no more idle: who went before and came after says so.
 */
static void test_no_idle_cpus_beside_others(void **state)
{
	char script[16384];
	struct ilv_report *report;

	(void)state;
	write_hops(script, sizeof(script), 99);
	report = findings_report(script);
	assert_true(report->runs[0].sum.cpus_busy < 0.71);
	/* What it stood ready for: 3 of every 10 ms of two CPUs. */
	assert_true(report->runs[0].sum.others_share > 0.25);
	assert_true(report->runs[0].sum.others_share < 0.31);
	assert_true(report->runs[0].sum.others_seen_share > 0.58);
	assert_true(report->runs[0].sum.others_seen_share < 0.65);
	assert_null(findings_find(report, 0, "idle-cpus", 0));
	ilv_report_destroy(report);

	/* Where nobody says who went before, its own waiting is all that is known. */
	write_hops(script, sizeof(script), -1);
	report = findings_report(script);
	assert_true(isnan(report->runs[0].sum.others_seen_share));
	assert_non_null(findings_find(report, 0, "idle-cpus", 0));
	ilv_report_destroy(report);
}

/* alpha computes until `first`, beta until `second`, each on its own CPU. */
#define TWO_WORKERS(first, second)                                                                 \
	SCRIPT_BEGIN("thread", "2")                                                                \
	STARTS("0", "11", "0", "alpha")                                                            \
	STARTS("0", "12", "1", "beta")                                                             \
	EXITS(first, "11", "0") EXITS(second, "12", "1") SCRIPT_END("1000")

static void test_imbalance(void **state)
{
	struct ilv_report *report = findings_report(TWO_WORKERS("200", "1000"));
	const struct ilv_finding *found = findings_find(report, 0, "imbalance", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->severity, ILV_SEVERITY_NOTE);
	assert_int_equal(found->cost_ns, 800000);
	assert_int_equal(found->begin_ns, 200000);
	assert_int_equal(found->end_ns, 1000000);
	assert_string_equal(found->entity_ids[0], "thread:10.12.0");
	assert_string_equal(
		found->text,
		"Of 2 workers beta computed most: 1 ms, 1.7 times the mean of 600 µs. For "
		"the last 800 µs, from when alpha finished, there was too little work left "
		"to share. Divide it into smaller pieces that workers fetch when they are "
		"free.");
	ilv_report_destroy(report);
}

/* A program that knows nothing of runs: its jobs are those that call themselves so. */
static void test_imbalance_of_processes(void **state)
{
	struct ilv_report *report = findings_report(
		"0 recorder_begin pid=10 tid=10 cpu=0 recorder_id=1 source=perf_wakeups "
		"covered_pid=10\n"
		"0 process_start pid=10 tid=10 cpu=0 parent_pid=1 name=batch role=other\n"
		"0 process_start pid=11 tid=11 cpu=0 parent_pid=10 name=quick role=job\n"
		"0 process_start pid=12 tid=12 cpu=1 parent_pid=10 name=slow role=job\n"
		"0 thread_switch_in pid=11 tid=11 cpu=0 recorder_id=1\n"
		"0 thread_switch_in pid=12 tid=12 cpu=1 recorder_id=1\n"
		"200 thread_exit pid=11 tid=11 cpu=0\n"
		"200 thread_switch_out pid=11 tid=11 cpu=0 recorder_id=1 is_involuntary=false\n"
		"1000 thread_exit pid=12 tid=12 cpu=1\n"
		"1000 thread_switch_out pid=12 tid=12 cpu=1 recorder_id=1 is_involuntary=false\n"
		"1000 thread_switch_in pid=10 tid=10 cpu=0 recorder_id=1\n");
	const struct ilv_finding *found = findings_find(report, 0, "imbalance", 0);

	(void)state;
	assert_non_null(found);
	/* The first thread of a process goes by its name. */
	assert_non_null(strstr(found->text, "Of 2 workers slow computed most: 1 ms, 1.7 times the "
					    "mean of 600 µs. For the last 800 µs, from when "
					    "quick finished,"));
	ilv_report_destroy(report);
}

static void test_no_imbalance(void **state)
{
	(void)state;
	/* Even work. */
	findings_assert_none(TWO_WORKERS("950", "1000"), "imbalance");
	/* 1.3 times the mean is reached at 1000 of 1538; 580 is well above 538. */
	findings_assert_none(TWO_WORKERS("580", "1000"), "imbalance");
	/* alpha has done most, beta ends late because it slept. */
	findings_assert_none(SCRIPT_BEGIN("thread", "2") STARTS("0", "11", "0", "alpha")
				     STARTS("0", "12", "1", "beta") STOPS("100", "12", "1")
					     EXITS("500", "11", "0") WOKEN("900", "12")
						     RUNS("900", "12", "1") EXITS("1000", "12", "1")
							     SCRIPT_END("1000"),
			     "imbalance");
	/* beta has done more, but that is not why it ends late: then it slept. */
	findings_assert_none(SCRIPT_BEGIN("thread", "2") STARTS("0", "11", "0", "alpha")
				     STARTS("0", "12", "1", "beta") EXITS("200", "11", "0")
					     STOPS("450", "12", "1") WOKEN("990", "12")
						     RUNS("990", "12", "1") EXITS("1000", "12", "1")
							     SCRIPT_END("1000"),
			     "imbalance");
	/* A loop has one executor: its tasks share no work over CPUs. */
	findings_assert_none(LOOP_BEGIN("4") TASK("0", "ready", "1", "") TASK("0", "ready", "2", "")
				     TASK("0", "resume", "1", "") TASK("100", "done", "1", "")
					     TASK("100", "resume", "2", "")
						     TASK("1000", "done", "2", "") LOOP_END("1000"),
			     "imbalance");
}

/* Two runs in one recording: what stands out in one says nothing of the other. */
static void test_two_runs(void **state)
{
	struct ilv_report *report = findings_report(
		LONG_SLICE("", "61000") "100000 run_begin pid=10 tid=10 cpu=9 workload=test "
					"runtime=test parameters=\"\" "
					"unit=task cpu_count=2\n" TASK("100000", "done", "2", "")
						TASK("100000", "ready", "1", "")
							TASK("101000", "resume", "1", "")
								TASK("102000", "done", "1", "")
									LOOP_END("110000"));

	(void)state;
	assert_int_equal(report->run_count, 2);
	assert_non_null(findings_find(report, 0, "blocked-loop", 0));
	assert_null(findings_find(report, 1, "blocked-loop", 0));
	ilv_report_destroy(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocked_loop),
		cmocka_unit_test(test_blocked_by_call),
		cmocka_unit_test(test_blocked_and_cut),
		cmocka_unit_test(test_blocked_sleepers),
		cmocka_unit_test(test_no_blocked_loop),
		cmocka_unit_test(test_blocked_twice),
		cmocka_unit_test(test_blocked_often),
		cmocka_unit_test(test_oversubscription),
		cmocka_unit_test(test_oversubscription_in_turns),
		cmocka_unit_test(test_no_oversubscription),
		cmocka_unit_test(test_oversubscription_by_others),
		cmocka_unit_test(test_crowded_cpus),
		cmocka_unit_test(test_no_crowded_cpus),
		cmocka_unit_test(test_idle_cpus_of_a_loop),
		cmocka_unit_test(test_idle_cpus_under_a_lock),
		cmocka_unit_test(test_idle_cpus_under_a_gil),
		cmocka_unit_test(test_no_idle_cpus),
		cmocka_unit_test(test_no_idle_cpus_beside_others),
		cmocka_unit_test(test_imbalance),
		cmocka_unit_test(test_imbalance_of_processes),
		cmocka_unit_test(test_no_imbalance),
		cmocka_unit_test(test_two_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
