/* SPDX-License-Identifier: MIT */
/* Description: how entities came to their ends: what the trace tells of it, and what a report says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/report/endings.h"
#include "tests/analysis/report_fixture.h"

static const struct ilv_report_thread *thread_called(const struct ilv_report_run *run,
						     const char *name)
{
	for (uint32_t index = 0; index < run->thread_count; index++) {
		if (run->threads[index].name && strcmp(run->threads[index].name, name) == 0) {
			return &run->threads[index];
		}
	}

	fail_msg("no thread is called %s", name);
	return NULL;
}

/* Main ends with its program, and whoever said that it ends did; but who began and never did is
 * abandoned, in the midst of the run or after it. Of who never said that it began, nobody knows. */
static void who_outlives_the_run_may_be_abandoned(void **state)
{
	static const char script[] =
		"0 thread_start pid=1 tid=1 cpu=0 name=main role=main\n"
		"1 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread\n"
		"2 thread_start pid=1 tid=2 cpu=0 name=daemon role=job is_daemon=true\n"
		"3 thread_start pid=1 tid=3 cpu=0 name=returns role=job\n"
		"3 thread_start pid=1 tid=4 cpu=0 name=returns-later role=job\n"
		"3 thread_announce pid=1 tid=1 cpu=0 subject_tid=5 name=told role=job\n"
		"4 thread_exit pid=1 tid=3 cpu=0\n"
		"5 run_end pid=1 tid=1 cpu=0\n"
		"6 thread_exit pid=1 tid=4 cpu=0\n"
		"7 process_exit pid=1 tid=1 cpu=0 status=0\n";
	struct ilv_report *report = report_of_script(script, false);
	const struct ilv_report_run *run = &report->runs[0];
	char text[200];

	(void)state;
	assert_int_equal(ilv_ending_of_thread(thread_called(run, "daemon")), ILV_ENDING_ABANDONED);
	assert_int_equal(ilv_ending_of_thread(thread_called(run, "returns")), ILV_ENDING_RETURNED);
	assert_int_equal(ilv_ending_of_thread(thread_called(run, "returns-later")),
			 ILV_ENDING_NONE);
	assert_int_equal(ilv_ending_of_thread(thread_called(run, "told")), ILV_ENDING_NONE);
	assert_int_equal(ilv_ending_of_thread(thread_called(run, "main")), ILV_ENDING_NONE);
	ilv_endings_text(run, text, sizeof(text));
	assert_string_equal(text, "Not all came to their own end: of 4 threads 1 ended with the "
				  "program (daemon).");
	assert_int_equal(ilv_endings_count(run).of[ILV_ENDING_ABANDONED], 1);
	assert_int_equal(ilv_endings_count(run).abandoned_thread_count, 1);
	assert_int_equal(ilv_endings_count(run).of[ILV_ENDING_RETURNED], 1);
	assert_int_equal(ilv_endings_count(run).of[ILV_ENDING_NONE], 2);
	ilv_report_destroy(report);
}

/* A trace that ends before the program does leaves it open who would have ended with that. */
static void nobody_is_abandoned_by_a_program_that_goes_on(void **state)
{
	static const char script[] =
		"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread\n"
		"2 thread_start pid=1 tid=2 cpu=0 name=daemon role=job is_daemon=true\n"
		"5 run_end pid=1 tid=1 cpu=0\n";
	struct ilv_report *report = report_of_script(script, false);
	char text[200] = "?";

	(void)state;
	assert_int_equal(ilv_ending_of_thread(thread_called(&report->runs[0], "daemon")),
			 ILV_ENDING_NONE);
	ilv_endings_text(&report->runs[0], text, sizeof(text));
	assert_string_equal(text, "");
	ilv_report_destroy(report);
}

/* What a child's exit status says: the children say their end themselves, or their parent learns
 * it. */
static void a_process_ends_as_its_status_says(void **state)
{
	static const struct {
		const char *status;
		enum ilv_ending ending;
	} rows[] = {
		{"0", ILV_ENDING_RETURNED},    {"1", ILV_ENDING_FAILED},
		{"127", ILV_ENDING_FAILED},    {"129", ILV_ENDING_CANCELLED}, /* SIGHUP */
		{"130", ILV_ENDING_CANCELLED}, {"143", ILV_ENDING_CANCELLED},
		{"137", ILV_ENDING_FAILED},    {"139", ILV_ENDING_FAILED}, /* SIGKILL, SIGSEGV */
	};

	(void)state;
	for (size_t row = 0; row < 2 * sizeof(rows) / sizeof(rows[0]); row++) {
		const enum ilv_ending ending = rows[row / 2].ending;
		struct ilv_report *report;
		const struct ilv_report_run *run;
		char script[1000];
		char exit[200] = "";

		if (row % 2) {
			(void)snprintf(exit, sizeof(exit),
				       "4 process_exit pid=2 tid=2 cpu=1 status=%s\n",
				       rows[row / 2].status);
		}
		(void)snprintf(
			script, sizeof(script),
			"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=processes unit=process\n"
			"1 process_spawn pid=1 tid=1 cpu=0 child_pid=2\n"
			"2 process_start pid=2 tid=2 cpu=1 name=child parent_pid=1 role=job\n"
			"%s5 process_wait_end pid=1 tid=1 cpu=0 child_pid=2 status=%s\n"
			"6 run_end pid=1 tid=1 cpu=0\n",
			exit, rows[row / 2].status);
		report = report_of_script(script, false);
		run = &report->runs[0];
		assert_int_equal(run->process_count, 2);
		assert_int_equal(ilv_ending_of_process(&run->processes[1]), ending);
		assert_int_equal(ilv_ending_of_thread(thread_called(run, "child")), ending);
		/* Of the parent nobody said how it ended. */
		assert_int_equal(ilv_ending_of_process(&run->processes[0]), ILV_ENDING_NONE);
		ilv_report_destroy(report);
	}
}

/* Tasks that their loop leaves behind, as it ends with its process, were not cancelled by anybody.
 */
static void what_a_loop_leaves_behind_is_abandoned(void **state)
{
	static const char script[] =
		"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=event-loop unit=task\n"
		"0 loop_create pid=1 tid=1 cpu=0 loop=1\n"
		"1 task_create pid=1 tid=1 cpu=0 loop=1 task=1 name=waits\n"
		"1 task_create pid=1 tid=1 cpu=0 loop=1 task=2 name=cancelled\n"
		"2 task_done pid=1 tid=1 cpu=0 loop=1 task=2 outcome=cancelled\n"
		"3 process_exit pid=1 tid=1 cpu=0 status=0\n";
	struct ilv_report *report = report_of_script(script, false);
	const struct ilv_report_run *run = &report->runs[0];
	char text[200];

	(void)state;
	assert_int_equal(run->task_count, 2);
	assert_int_equal(ilv_ending_of_task(&run->tasks[0]), ILV_ENDING_ABANDONED);
	assert_int_equal(ilv_ending_of_task(&run->tasks[1]), ILV_ENDING_CANCELLED);
	ilv_endings_text(run, text, sizeof(text));
	assert_string_equal(text, "Not all came to their own end: of 2 tasks 1 was cancelled "
				  "(cancelled) and 1 ended with the program (waits).");
	ilv_report_destroy(report);
}

static void words_name_few_and_count_many(void **state)
{
	struct ilv_report_task tasks[6] = {{.is_unit = true, .is_done = true}};
	struct ilv_report_run run = {
		.unit = ILV_UNIT_POOL_JOB, .has_unit = true, .jobs = tasks, .job_count = 6};
	char text[200];

	(void)state;
	for (uint32_t index = 0; index < run.job_count; index++) {
		tasks[index] = tasks[0];
	}
	ilv_endings_text(&run, text, sizeof(text));
	assert_string_equal(text, "");

	tasks[1].outcome = ILV_OUTCOME_FAILED;
	ilv_endings_text(&run, text, sizeof(text));
	assert_string_equal(text, "Not all came to their own end: of 6 jobs 1 failed.");
	tasks[1].name = (char *)"job 1";
	ilv_endings_text(&run, text, sizeof(text));
	assert_string_equal(text, "Not all came to their own end: of 6 jobs 1 failed (job 1).");
	tasks[1].is_unit = false;
	ilv_endings_text(&run, text, sizeof(text));
	assert_string_equal(text, "");
	tasks[1].is_unit = true;

	for (uint32_t index = 2; index < run.job_count; index++) {
		tasks[index].outcome = ILV_OUTCOME_CANCELLED;
		tasks[index].name = (char *)"late";
	}
	ilv_endings_text(&run, text, sizeof(text));
	assert_string_equal(text, "Not all came to their own end: of 6 jobs 1 failed (job 1) and 4 "
				  "were cancelled.");
	tasks[5].is_abandoned = true;
	ilv_endings_text(&run, text, sizeof(text));
	assert_string_equal(text,
			    "Not all came to their own end: of 6 jobs 1 failed (job 1), 3 were "
			    "cancelled (late, late and late) and 1 ended with the program "
			    "(late).");
	for (uint32_t index = 0; index < run.job_count; index++) {
		tasks[index].is_abandoned = true;
	}
	ilv_endings_text(&run, text, sizeof(text));
	assert_string_equal(text, "None came to its own end: all 6 jobs ended with the program.");

	run.job_count = 2;
	ilv_endings_text(&run, text, sizeof(text));
	assert_string_equal(text, "None came to its own end: both jobs ended with the program.");

	run.job_count = 1;
	ilv_endings_text(&run, text, sizeof(text));
	assert_string_equal(text, "The only job ended with the program.");
	tasks[0].is_abandoned = false;
	tasks[0].outcome = ILV_OUTCOME_FAILED;
	tasks[0].name = (char *)"job 0";
	ilv_endings_text(&run, text, sizeof(text));
	assert_string_equal(text, "The only job failed (job 0).");
	run.job_count = 2;

	/* A name from a trace can be of any length. */
	tasks[1].is_abandoned = false;
	tasks[0].name = (char *)"a name that is longer than what there is room for";
	ilv_endings_text(&run, text, 64);
	assert_true(strlen(text) < 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_outlives_the_run_may_be_abandoned),
		cmocka_unit_test(nobody_is_abandoned_by_a_program_that_goes_on),
		cmocka_unit_test(a_process_ends_as_its_status_says),
		cmocka_unit_test(what_a_loop_leaves_behind_is_abandoned),
		cmocka_unit_test(words_name_few_and_count_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
