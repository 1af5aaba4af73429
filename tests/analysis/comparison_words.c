/* SPDX-License-Identifier: MIT */
/* Description: what a comparison says in words: labels, title, verdict, and what it leaves out and
 * why. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "comparison_fixture.h"

static void assert_title(const char *workload, const char *parameters, const char *expected)
{
	struct ilv_comparison *comparison;

	compared_clear(NULL);
	compared_add(workload, "threads", parameters, ILV_UNIT_THREAD, 10, 1);
	compared_add(workload, "event-loop", parameters, ILV_UNIT_TASK, 10, 1);
	comparison = compared_make();
	assert_string_equal(comparison->title, expected);
	ilv_comparison_destroy(comparison);
}

static void test_titles(void **state)
{
	struct ilv_comparison *comparison;

	(void)state;
	assert_title("matmul", "jobs=6 size=640 count=1 yield-every=0 seed=1",
		     "matmul: 6 jobs, size 640, on 2 CPUs");
	assert_title("matmul", "jobs=1 size=1024 count=3 yield-every=8 cpus=2 seed=1",
		     "matmul: 1 job, size 1024, count 3, a yield every 8 blocks, on 2 CPUs");
	assert_title("request", "jobs=10 requests=3 service-ms=20 body-kib=64 passes=15 seed=1",
		     "request: 10 jobs, 3 requests each, answered in 20 ms, on 2 CPUs");
	assert_title("sleep", "jobs=6 sleep-ms=20 naps=5 children=0 seed=1",
		     "sleep: 6 jobs, naps of 20 ms, 5 each, on 2 CPUs");
	assert_title("race", "jobs=5 increments=1000 gap=40000 seed=1",
		     "race: 5 jobs, 1,000 increments each, gap 40 µs, on 2 CPUs");
	assert_title("false-sharing", "jobs=2 steps=10000000 seed=1",
		     "false-sharing: 2 jobs, 10 million steps, on 2 CPUs");
	assert_title("one-cpu", "jobs=2 steps=1500000 seed=1",
		     "one-cpu: 2 jobs, 1.5 million steps, on 2 CPUs");
	assert_title("one-cpu", "jobs=2 steps=1234000000 seed=1",
		     "one-cpu: 2 jobs, 1,234 million steps, on 2 CPUs");
	assert_title("one-cpu", "jobs=2 steps=1234567 seed=1",
		     "one-cpu: 2 jobs, 1,234,567 steps, on 2 CPUs");
	assert_title("image",
		     "jobs=6 width=480 height=320 scale=150 sigma=20 brightness=120 seed=1",
		     "image: 6 jobs, width 480, height 320, on 2 CPUs");
	assert_title("postgres", "jobs=1 queries=1 service-ms=20 rows=500",
		     "postgres: 1 job, 1 query each, answered in 20 ms, 500 rows, on 2 CPUs");
	assert_title("convoy", "jobs=1 switch-interval=5000",
		     "convoy: 1 job, switch interval 5 ms, on 2 CPUs");
	assert_title("own", "workers=1 timeout-ms=30 wait_ns=1500 depth=3 mode=fast odd = x= =y",
		     "own: 1 worker, timeout 30 ms, wait 1.5 µs, depth 3, mode fast, on 2 CPUs");
	assert_title("own", "file-kib=2048 memory-mib=16 thickness=120 hold-us=1500",
		     "own: file 2,048 KiB, memory 16 MiB, thickness 120, hold 1.5 ms, on 2 CPUs");
	assert_title("own", "service-us=500 hold-us=99999999999999999",
		     "own: answered in 500 µs, 99,999,999,999,999,999 hold us, on 2 CPUs");
	assert_title("own", "", "own, on 2 CPUs");
	assert_title("own", NULL, "own, on 2 CPUs");

	/* What differs is no property of the whole; CPUs neither. */
	compared_clear(NULL);
	compared_add("matmul", "threads", "jobs=2 size=64", ILV_UNIT_THREAD, 10, 1);
	compared_add("matmul", "threads", "jobs=4 size=64", ILV_UNIT_THREAD, 10, 1)->cpu_count = 1;
	comparison = compared_make();
	assert_string_equal(comparison->title, "matmul: size 64");
	assert_string_equal(comparison->runs[0].label, "jobs=2");
	assert_string_equal(comparison->runs[1].label, "jobs=4");
	ilv_comparison_destroy(comparison);

	/* Recordings of programs that say nothing of runs. */
	compared_clear(NULL);
	for (uint32_t index = 0; index < 3; index++) {
		compared_add(NULL, NULL, NULL, ILV_UNIT_THREAD, 10, 1)->has_unit = false;
	}

	compared_names[0] = "before";
	compared_names[1] = "after";
	compared_names[2] = "after";
	comparison = compared_make();
	assert_string_equal(comparison->title, "before, after and after (2), on 2 CPUs");
	ilv_comparison_destroy(comparison);
}

static void assert_labels(const char *first, const char *second, const char *third)
{
	struct ilv_comparison *comparison = compared_make();

	assert_string_equal(comparison->runs[0].label, first);
	assert_string_equal(comparison->runs[1].label, second);
	assert_string_equal(comparison->runs[2].label, third);
	ilv_comparison_destroy(comparison);
}

static void test_labels(void **state)
{
	(void)state;
	compared_add("race", "threads", "", ILV_UNIT_THREAD, 1, 1)->variant = (char *)"mutex";
	compared_add("race", "threads", "", ILV_UNIT_THREAD, 1, 1)->variant = (char *)"atomic";
	compared_add("race", "event-loop", "", ILV_UNIT_TASK, 1, 1)->variant = (char *)"task";
	assert_labels("mutex", "atomic", "task");

	compared_clear(NULL);
	compared_add("matmul", "threads", "", ILV_UNIT_THREAD, 1, 1);
	compared_add("matmul", "event-loop", "", ILV_UNIT_TASK, 1, 1);
	compared_add("request", "threads", "", ILV_UNIT_THREAD, 1, 1);
	assert_labels("matmul threads", "matmul event-loop", "request threads");

	/* Of different jobs it is said which, though the runtimes alone would tell them apart. */
	compared_clear(NULL);
	compared_add("matmul", "processes", "", ILV_UNIT_PROCESS, 1, 1);
	compared_add("request", "threads", "", ILV_UNIT_THREAD, 1, 1);
	compared_add("sleep", "event-loop", "", ILV_UNIT_TASK, 1, 1);
	assert_labels("matmul", "request", "sleep");

	/* The same twice over, in folders of their own. */
	compared_clear(NULL);
	compared_add("matmul", "threads", "", ILV_UNIT_THREAD, 1, 1);
	compared_add("matmul", "event-loop", "", ILV_UNIT_TASK, 1, 1);
	compared_add("matmul", "threads", "", ILV_UNIT_THREAD, 1, 1);
	compared_names[0] = "before/threads";
	compared_names[1] = "before/event-loop";
	compared_names[2] = "after/threads";
	assert_labels("before/threads", "before/event-loop", "after/threads");

	/* Repeats. */
	compared_clear(NULL);
	compared_add("matmul", "threads", "", ILV_UNIT_THREAD, 1, 1);
	compared_add("matmul", "threads", "", ILV_UNIT_THREAD, 1, 1);
	compared_add("matmul", "event-loop", "", ILV_UNIT_TASK, 1, 1);
	assert_labels("threads", "threads (2)", "event-loop");

	/* Names that look as if they had been numbered. */
	compared_clear(NULL);
	for (uint32_t index = 0; index < 5; index++) {
		compared_add(NULL, NULL, NULL, ILV_UNIT_THREAD, 1, 1);
		compared_names[index] = index == 0 ? "x (3)" : index == 3 ? "x (2)" : "x";
	}

	assert_labels("x (3)", "x", "x (2)");

	/* Hostile bytes stay: whoever writes escapes. */
	compared_clear(NULL);
	for (uint32_t index = 0; index < 3; index++) {
		compared_add("a\x1b[31m", index ? "b" : "c\xff", "", ILV_UNIT_THREAD, 1, 1);
	}

	assert_labels("c\xff", "b", "b (2)");
}

static void add_pair(int64_t threads_ms, double threads_busy, int64_t loop_ms, double loop_busy)
{
	struct ilv_report_run *threads =
		compared_add("matmul", "threads", "", ILV_UNIT_THREAD, threads_ms, threads_busy);
	struct ilv_report_run *loop =
		compared_add("matmul", "event-loop", "", ILV_UNIT_TASK, loop_ms, loop_busy);

	threads->sum.cut_short_count = 21;
	loop->sum.cut_short_count = 0;
	loop->sum.thread_cut_count = 4;
	compared_add_wait(threads, 6 * MS);
	compared_add_wait(loop, 6 * MS);
}

static void test_cpu_bound(void **state)
{
	(void)state;
	add_pair(93, 1.9, 170, 1.0);
	compared_add_wait(&compared_runs[1], 48 * MS);
	compared_assert_verdict(
		"Threads computed on 1.9 CPUs at a time, the event loop on 1.0: so threads "
		"finished 45 % sooner (93 ms against 170 ms). Over threads the kernel decides, "
		"and it cut them short 21 times; tasks decide themselves, and none was ever "
		"cut, though it cut the loop's own thread 4 times. Between two awaits a task "
		"runs undisturbed while the others stand in line: tasks waited longer for their "
		"turn than threads (p99 48 ms against 6 ms).");

	/* Each sentence only where its numbers carry it. */
	add_pair(93, 1.9, 200, 1.0);
	compared_runs[0].sum.cut_short_count = 1;
	compared_runs[1].sum.thread_cut_count = 0;
	compared_assert_verdict(
		"Threads computed on 1.9 CPUs at a time, the event loop on 1.0: so threads "
		"finished 2.2 times as fast (93 ms against 200 ms). Over threads the kernel "
		"decides, and it cut them short once; tasks decide themselves, and none was "
		"ever cut.");
}

static void test_io_bound(void **state)
{
	(void)state;
	add_pair(102, 0.11, 104, 0.08);
	compared_runs[0].sum.cut_short_count = 0;
	compared_runs[1].sum.thread_cut_count = 0;
	compared_assert_verdict(
		"The job mostly waits, and while one waits the others go on, whoever switches "
		"between them: both took about as long (102 ms and 104 ms). The kernel could "
		"have cut a thread short and never did; a task it cannot.");

	/* As long, but not because of waiting. */
	add_pair(102, 1.0, 102, 1.0);
	compared_runs[0].sum.cut_short_count = ILV_UNKNOWN;
	compared_assert_verdict("Both took about as long (102 ms).");
}

static void test_other_causes(void **state)
{
	struct ilv_report_thread crowded = {.role = ILV_ROLE_JOB, .times.runnable_ns = 100 * MS};

	(void)state;
	compared_add("sleep", "sequential", "", ILV_UNIT_THREAD, 600, 0.01)->sum.cut_short_count =
		0;
	compared_add("sleep", "threads", "", ILV_UNIT_THREAD, 100, 0.06)->sum.cut_short_count = 0;
	compared_assert_verdict(
		"Sequential waited 594 ms with nothing to compute, threads 94 ms: so threads "
		"finished 6.0 times as fast (100 ms against 600 ms).");

	compared_add("matmul", "a", "", ILV_UNIT_PROCESS, 100, 1.0)->sum.cut_short_count = 3;
	compared_add("matmul", "b", "", ILV_UNIT_PROCESS, 200, 1.0)->sum.cut_short_count = 4;
	compared_add_wait(&compared_runs[0], 90 * MS);
	compared_add_wait(&compared_runs[1], 9 * MS);
	compared_assert_verdict(
		"B needed 200 ms of CPU time and a only 100 ms: so a finished 2.0 times as fast "
		"(100 ms against 200 ms). Processes of a waited longer for their turn than "
		"those of b (p99 90 ms against 9 ms).");

	/* Few CPUs busy, but for want of a CPU on a crowded machine: not a matter of waiting. */
	compared_add("matmul", "a", "", ILV_UNIT_PROCESS, 100, 0.4)->sum.cut_short_count = 0;
	compared_add("matmul", "b", "", ILV_UNIT_PROCESS, 150, 0.3)->sum.cut_short_count = 0;
	compared_runs[1].threads = &crowded;
	compared_runs[1].thread_count = 1;
	compared_runs[1].sum.cpus_wanted = 0.97;
	compared_runs[1].sum.all_wait_ns = 5 * MS;
	compared_runs[0].sum.cpus_wanted = 0.5;
	compared_runs[0].sum.all_wait_ns = 50 * MS;
	compared_assert_verdict("B wanted 1.0 CPUs at a time and got 0.3, a 0.5 and 0.4: so a "
				"finished 33 % sooner (100 ms against 150 ms).");

	/* Nothing is known but the times. */
	compared_add("matmul", "a", "", ILV_UNIT_THREAD, 100, NAN);
	compared_add("matmul", "b", "", ILV_UNIT_THREAD, 2000, NAN);
	compared_runs[0].sum.cut_short_count = compared_runs[1].sum.cut_short_count = ILV_UNKNOWN;
	compared_assert_verdict("A finished 20 times as fast (100 ms against 2 s).");
}

static void test_races(void **state)
{
	static const char *const variants[] = {"unlocked", "mutex", "atomic", "task", "task-await"};
	struct ilv_finding losses[2] = {
		{.id = (char *)"lost-update", .affected_count = 3214, .total_count = 5000},
		{.id = (char *)"lost-update", .affected_count = 4000, .total_count = 5000},
	};

	(void)state;
	for (uint32_t index = 0; index < 5; index++) {
		struct ilv_report_run *run =
			compared_add("race", index < 3 ? "threads" : "event-loop", "",
				     index < 3 ? ILV_UNIT_THREAD : ILV_UNIT_TASK, 200, 1.0);

		run->variant = (char *)variants[index];
		run->sum.cut_short_count = 0;
	}

	compared_runs[1].sum.duration_ns = 320 * MS;
	compared_runs[0].findings = &losses[0];
	compared_runs[0].finding_count = 1;
	compared_runs[4].findings = &losses[1];
	compared_runs[4].finding_count = 1;
	compared_assert_verdict(
		"Whoever is stopped or overtaken between a read and its write goes over what "
		"others wrote meanwhile: unlocked lost 3,214 of 5,000 updates, task-await lost "
		"4,000 of 5,000; mutex, atomic and task lost none. Mutex needed 320 ms of CPU "
		"time and unlocked only 200 ms: so unlocked finished 38 % sooner than mutex, the "
		"slowest (200 ms against 320 ms).");

	/* One that lost, one whose loss could not be counted: it is neither. */
	compared_add("race", "threads", "", ILV_UNIT_THREAD, 200, 1.0)->findings = &losses[0];
	compared_add("race", "event-loop", "", ILV_UNIT_THREAD, 200, 1.0)->findings = &losses[1];
	compared_runs[0].finding_count = compared_runs[1].finding_count = 1;
	compared_runs[0].sum.cut_short_count = compared_runs[1].sum.cut_short_count = 0;
	losses[1].affected_count = losses[1].total_count = ILV_UNKNOWN;
	compared_assert_verdict(
		"Whoever is stopped or overtaken between a read and its write goes over what "
		"others wrote meanwhile: threads lost 3,214 of 5,000 updates. Both took about as "
		"long (200 ms).");
}

static void test_doubtful(void **state)
{
	(void)state;
	add_pair(93, 1.9, 40, 1.0);
	compared_runs[1].is_interrupted = true;
	compared_reports[1].is_complete = false;
	compared_reports[1].has_losses = true;
	compared_assert_verdict(
		"The run of the event loop was interrupted, so that its time says nothing.");

	add_pair(93, 1.9, 40, 1.0);
	compared_runs[0].exit_status = 1;
	compared_assert_verdict(
		"The run of threads failed, so that its time says nothing. Over threads the "
		"kernel decides, and it cut them short 21 times; tasks decide themselves, and "
		"none was ever cut, though it cut the loop's own thread 4 times.");

	add_pair(93, 1.9, 170, 1.0);
	compared_reports[0].is_complete = false;
	compared_reports[0].has_losses = true;
	compared_assert_verdict(
		"Of the run of threads some events are missing, so that its numbers are too "
		"low. Threads computed on 1.9 CPUs at a time, the event loop on 1.0: so threads "
		"finished 45 % sooner (93 ms against 170 ms).");

	/* Where nobody counted, nothing need be missing. */
	add_pair(93, 1.9, 170, 1.0);
	compared_reports[0].is_complete = false;
	compared_assert_verdict(
		"Of the run of threads it is not known whether all events are there, so that its "
		"numbers may be too low. Threads computed on 1.9 CPUs at a time, the event loop "
		"on 1.0: so threads finished 45 % sooner (93 ms against 170 ms).");

	add_pair(93, 1.9, 170, 1.0);
	compared_reports[0].is_complete = compared_reports[1].is_complete = false;
	compared_assert_verdict(
		"Of 2 of the runs it is not known whether all events are there, so that their "
		"numbers may be too low. Threads computed on 1.9 CPUs at a time, the event loop "
		"on 1.0: so threads finished 45 % sooner (93 ms against 170 ms).");

	add_pair(93, 1.9, 170, 1.0);
	compared_reports[0].is_complete = compared_reports[1].is_complete = false;
	compared_runs[0].is_interrupted = compared_runs[1].is_interrupted = true;
	compared_assert_verdict(
		"2 of the runs failed, were interrupted or lost events, so that their numbers "
		"are too low.");

	compared_add("matmul", "threads", "", ILV_UNIT_THREAD, 10, 1);
	compared_assert_verdict("There is one run, and nothing to compare it with.");

	/* Traces of others have no runs, and are no jobs that one could finish sooner. */
	compared_add(NULL, NULL, NULL, ILV_UNIT_THREAD, 10, NAN)->has_unit = false;
	compared_add(NULL, NULL, NULL, ILV_UNIT_THREAD, 30, NAN)->has_unit = false;
	compared_assert_verdict("In 2 of the traces no thread, lock or task is told of: there is "
				"nothing to compare.");

	compared_add("matmul", "threads", "", ILV_UNIT_THREAD, 10, 1);
	compared_add(NULL, NULL, NULL, ILV_UNIT_THREAD, 30, NAN)->has_unit = false;
	compared_names[1] = "kernel";
	compared_assert_verdict("In the trace of kernel no thread, lock or task is told of: there "
				"is nothing to compare.");

	compared_add("matmul", "threads", "", ILV_UNIT_THREAD, 10, 1);
	compared_add("sleep", "threads", "", ILV_UNIT_THREAD, 10, 1);
	compared_assert_verdict(
		"These are different jobs: their numbers stand side by side, and none is better "
		"than another.");
}

static void test_left_out(void **state)
{
	struct ilv_comparison *comparison;

	(void)state;
	add_pair(93, 1.9, 170, 1.0);
	compared_runs[0].sum.has_waits = false;
	compared_reports[0].switch_source = ILV_SWITCH_SOURCE_PERF;
	comparison = compared_make();
	assert_true(comparison->is_left_out[ILV_MEASURE_WAIT_P99]);
	assert_string_equal(
		comparison->left_out_because[ILV_MEASURE_WAIT_P99],
		"threads was recorded with source perf, which does not tell since when a "
		"thread was ready");
	assert_false(comparison->is_left_out[ILV_MEASURE_TIME]);
	assert_false(comparison->is_left_out[ILV_MEASURE_CPUS_BUSY]);
	assert_string_equal(comparison->left_out_because[ILV_MEASURE_MEMORY],
			    "not every recording tells it");
	assert_null(strstr(comparison->verdict, "waited longer"));
	ilv_comparison_destroy(comparison);

	/* Approximate beside exact. */
	compared_reports[0].switch_source = ILV_SWITCH_SOURCE_RUSAGE;
	compared_runs[0].sum.has_waits = true;
	comparison = compared_make();
	assert_string_equal(comparison->left_out_because[ILV_MEASURE_CPUS_BUSY],
			    "threads was recorded with source rusage, whose times are approximate");
	assert_false(comparison->is_left_out[ILV_MEASURE_CUT_SHORT]);
	assert_null(strstr(comparison->verdict, "CPUs at a time"));
	ilv_comparison_destroy(comparison);

	compared_reports[0].switch_source = compared_reports[1].switch_source =
		ILV_SWITCH_SOURCE_NONE;
	compared_runs[0].sum.cpus_busy = compared_runs[1].sum.cpus_busy = NAN;
	compared_runs[0].sum.cut_short_count = ILV_UNKNOWN;
	comparison = compared_make();
	assert_string_equal(comparison->left_out_because[ILV_MEASURE_CPUS_BUSY],
			    "thread switches were not recorded");
	assert_string_equal(comparison->left_out_because[ILV_MEASURE_CUT_SHORT],
			    "thread switches of threads were not recorded");
	ilv_comparison_destroy(comparison);
	compared_forget(NULL);
}

/* Neither writer lets through what would act on a terminal or break a parser. */
static void test_hostile_bytes(void **state)
{
	struct ilv_text_style style = {.width = 100};
	struct ilv_comparison *comparison;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	compared_add("job\x1b[2J", "a\x1b[31m\xff\"", "jobs=\x1b]0;x\x07", ILV_UNIT_THREAD, 100,
		     1.9);
	compared_add("job\x1b[2J", "b\r<script>", "jobs=\x1b]0;x\x07", ILV_UNIT_THREAD, 200, 1.0);
	compared_reports[0].is_complete = false;
	compared_runs[0].sum.has_waits = false;
	comparison = compared_make();
	assert_int_equal(ilv_comparison_write_text(comparison, &style, stream), ILV_STATUS_OK);
	assert_int_equal(ilv_comparison_write_json(comparison, stream), ILV_STATUS_OK);
	assert_int_equal(fclose(stream), 0);
	for (size_t index = 0; index < size; index++) {
		assert_true(text[index] == '\n' || (unsigned char)text[index] >= 0x20);
		assert_true((unsigned char)text[index] != 0xff);
	}

	assert_null(strstr(text, "\\u001b"));
	free(text);
	ilv_comparison_destroy(comparison);
}

/* The column in which the time stands in the text. */
static size_t column_of_time(const struct ilv_comparison *comparison, bool has_unicode,
			     const char *time)
{
	struct ilv_text_style style = {.width = 100, .has_unicode = has_unicode};
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	const char *at;
	size_t column;

	assert_int_equal(ilv_comparison_write_text(comparison, &style, stream), ILV_STATUS_OK);
	assert_int_equal(fclose(stream), 0);
	at = strstr(text, "\n  time");
	assert_non_null(at);
	assert_non_null(strstr(at, time));
	column = (size_t)(strstr(at, time) - at);
	free(text);
	return column;
}

/* Values stand below each other, whatever their unit is made of. */
static void test_values_stand_in_columns(void **state)
{
	struct ilv_comparison *comparison;

	(void)state;
	compared_add("job", "threads", "", ILV_UNIT_THREAD, 1, 1)->sum.duration_ns = 640000;
	compared_add("job", "event-loop", "", ILV_UNIT_TASK, 1, 1);
	comparison = compared_make();
	assert_int_equal(column_of_time(comparison, true, "640 \u00b5s "),
			 column_of_time(comparison, false, "640 us "));
	ilv_comparison_destroy(comparison);
}

static void assert_in_text(const struct ilv_comparison *comparison, bool has_unicode,
			   const char *expected)
{
	struct ilv_text_style style = {.width = 100, .has_unicode = has_unicode};
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(ilv_comparison_write_text(comparison, &style, stream), ILV_STATUS_OK);
	assert_int_equal(fclose(stream), 0);
	if (!strstr(text, expected)) {
		fail_msg("\"%s\" does not stand in:\n%s", expected, text);
	}
	free(text);
}

/* The longest name of ours has room; of longer ones it is seen that something is gone. */
/* What is lost for sure is told otherwise than what nobody counted. */
static void test_incompleteness(void **state)
{
	struct ilv_comparison *comparison;

	(void)state;
	add_pair(93, 1.9, 170, 1.0);
	compared_reports[0].is_complete = compared_reports[1].is_complete = false;
	compared_reports[0].has_losses = true;
	comparison = compared_make();
	assert_in_text(comparison, true, "Incomplete: threads. Its numbers are less than");
	assert_in_text(comparison, true,
		       "Not known to be complete: event-loop. Its numbers may be less than");
	ilv_comparison_destroy(comparison);
	compared_forget(NULL);
}

static void test_long_labels(void **state)
{
	struct ilv_comparison *comparison;
	struct ilv_report_run *run;

	(void)state;
	run = compared_add("job", "threads", "", ILV_UNIT_THREAD, 1, 1);
	run->variant = (char *)"task-thread-local";
	run->notes[run->note_count++] = (char *)"one";
	run = compared_add("job", "threads", "", ILV_UNIT_THREAD, 1, 1);
	run->variant = (char *)"a-name-of-twenty-one-";
	run->notes[run->note_count++] = (char *)"another";
	comparison = compared_make();
	assert_in_text(comparison, true,
		       "    task-thread-local     a-name-of-twenty\u2026 difference\n");
	assert_in_text(comparison, false,
		       "    task-thread-local     a-name-of-twenty~ difference\n");
	assert_in_text(comparison, true, "\n  task-thread-local ");
	assert_in_text(comparison, true, "\n  a-name-of-twenty\u2026 ");
	compared_runs[0].note_count = 0;
	compared_runs[1].note_count = 0;
	ilv_comparison_destroy(comparison);
}

static void test_differences(void **state)
{
	struct ilv_report_run *run;
	struct ilv_comparison *comparison;

	(void)state;
	run = compared_add("job", "threads", "", ILV_UNIT_THREAD, 1, 1);
	run->sum.cut_short_count = 1000;
	run->sum.gave_way_count = 2;
	run = compared_add("job", "gil", "", ILV_UNIT_THREAD, 1, 1);
	/* One in a thousand is left: that is not none. */
	run->sum.cut_short_count = 1;
	run->sum.gave_way_count = 20000;
	comparison = compared_make();
	assert_in_text(comparison, true, "  - 99 %\n");
	assert_in_text(comparison, true, "  10,000 times\n");
	ilv_comparison_destroy(comparison);
}

static void test_nothing_to_compare(void **state)
{
	struct ilv_comparison *comparison = NULL;

	(void)state;
	assert_int_equal(ilv_comparison_create(NULL, NULL, 0, &comparison), ILV_STATUS_TRACE);
	assert_null(comparison);
}

static void assert_measure(enum ilv_measure measure, double value, const char *expected)
{
	char text[64];

	ilv_measure_text(measure, value, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void test_measures(void **state)
{
	(void)state;
	assert_measure(ILV_MEASURE_TIME, 93e6, "93 ms");
	assert_measure(ILV_MEASURE_WAIT_P99, 0, "0");
	assert_measure(ILV_MEASURE_CPUS_BUSY, 1.949, "1.9");
	assert_measure(ILV_MEASURE_CPUS_BUSY, 0.06, "0.06");
	assert_measure(ILV_MEASURE_CUT_SHORT, 12345, "12,345");
	assert_measure(ILV_MEASURE_MEMORY, 1023, "1023 B");
	assert_measure(ILV_MEASURE_MEMORY, 1536, "1.5 KiB");
	assert_measure(ILV_MEASURE_MEMORY, 1048575, "1.0 MiB");
	assert_measure(ILV_MEASURE_MEMORY, 5e9, "4.7 GiB");
	assert_measure(ILV_MEASURE_GAVE_WAY, NAN, "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_titles, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_labels, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_cpu_bound, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_io_bound, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_other_causes, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_races, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_doubtful, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_left_out, compared_clear, NULL),
		cmocka_unit_test_setup_teardown(test_hostile_bytes, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(test_values_stand_in_columns, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(test_incompleteness, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(test_long_labels, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(test_differences, compared_clear, compared_forget),
		cmocka_unit_test(test_nothing_to_compare),
		cmocka_unit_test(test_measures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
