/* SPDX-License-Identifier: MIT */
/*
 * Description: names of sources, the choice among them when some are refused, and where tracepoints
 * keep their fields.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cause.h"
#include "recorder/recorder.h"
#include "recorder/tasks.h"
#include "recorder/tracefs.h"

static void test_names(void **state)
{
	static const enum ilv_switch_source sources[] = {
		ILV_SWITCH_SOURCE_KERNEL,
		ILV_SWITCH_SOURCE_PERF_WAKEUPS,
		ILV_SWITCH_SOURCE_PERF,
		ILV_SWITCH_SOURCE_RUSAGE,
	};
	enum ilv_switch_source source = ILV_SWITCH_SOURCE_PERF;

	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		assert_int_equal(
			ilv_switch_source_parse(ilv_switch_source_name(sources[i]), &source),
			ILV_STATUS_OK);
		assert_int_equal(source, sources[i]);
	}
	assert_string_equal(ilv_switch_source_name(ILV_SWITCH_SOURCE_PERF_WAKEUPS), "perf+wakeups");
	assert_int_equal(ilv_switch_source_parse("auto", &source), ILV_STATUS_OK);
	assert_int_equal(source, ILV_SWITCH_SOURCE_NONE);
	assert_int_equal(ilv_switch_source_parse("perf+", &source), ILV_STATUS_USAGE);
	assert_non_null(strstr(ilv_cause_text(), "\"perf+\""));
	ilv_cause_clear();
	assert_int_equal(ilv_switch_source_parse("", &source), ILV_STATUS_USAGE);
	ilv_cause_clear();
}

static enum ilv_status start(enum ilv_switch_source source, pid_t pid,
			     struct ilv_recorder **recorder)
{
	struct ilv_recorder_options options = {.pid = pid, .source = source};

	return ilv_recorder_start(&options, recorder);
}

/* Says each refusal in one sentence, best source first; what is not perf works only inside a
 * recorded program. */
static void test_says_why(void **state)
{
	struct ilv_recorder *recorder;
	const char *text;

	(void)state;
	setenv("ILV_TEST_PERF_REFUSE", "perf+wakeups,perf", 1);
	assert_int_equal(start(ILV_SWITCH_SOURCE_NONE, getpid(), &recorder), ILV_STATUS_PERMISSION);
	assert_null(recorder);
	text = ilv_cause_text();
	assert_non_null(strstr(text, "perf+wakeups refused: "));
	assert_non_null(strstr(text, "; perf refused: "));
	assert_non_null(strstr(text, "; rusage refused: works only inside"));
	ilv_cause_clear();
	unsetenv("ILV_TEST_PERF_REFUSE");
}

static void test_refuses(void **state)
{
	struct ilv_recorder *recorder;

	(void)state;
	setenv("ILV_TEST_PERF_REFUSE", "perf", 1);
	assert_int_equal(start(ILV_SWITCH_SOURCE_PERF, getpid(), &recorder), ILV_STATUS_PERMISSION);
	assert_null(recorder);
	assert_non_null(strstr(ilv_cause_text(), "perf refused: "));
	ilv_cause_clear();
	unsetenv("ILV_TEST_PERF_REFUSE");
	assert_int_equal(start(ILV_SWITCH_SOURCE_KERNEL, getpid(), &recorder),
			 ILV_STATUS_UNSUPPORTED);
	ilv_cause_clear();
	ilv_recorder_stop(NULL);
}

#ifdef __SANITIZE_THREAD__
#define IS_THREAD_SANITIZED 1
#else
#define IS_THREAD_SANITIZED 0
#endif

static void test_lists_tasks(void **state)
{
	struct ilv_task *tasks;
	size_t count;
	size_t own_count = 0;
	size_t tracer_count = 0;

	(void)state;
	assert_int_equal(ilv_tasks_list(getpid(), &tasks, &count), ILV_STATUS_OK);
	for (size_t i = 0; i < count; i++) {
		own_count += tasks[i].tid == getpid();
		tracer_count += tasks[i].is_tracer;
		assert_false(tasks[i].is_tracer && tasks[i].tid == getpid());
	}
	assert_int_equal(own_count, 1);
	/* Every other thread of this program is LTTng's, but for one that ThreadSanitizer has. */
	assert_int_equal(tracer_count, count - 1 - IS_THREAD_SANITIZED);
	free(tasks);
	assert_int_equal(ilv_tasks_list(-5, &tasks, &count), ILV_STATUS_ERROR);
	ilv_cause_clear();
}

static void test_parses_format(void **state)
{
	static const char text[] =
		"name: sched_waking\nID: 318\nformat:\n"
		"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
		"\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
		"\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;\n";
	struct ilv_tracepoint tracepoint;

	(void)state;
	assert_int_equal(ilv_tracefs_parse(text, &tracepoint), ILV_STATUS_OK);
	assert_int_equal(tracepoint.id, 318);
	assert_int_equal(tracepoint.tid_offset, 24);
	assert_int_equal(ilv_tracefs_parse("ID: 318\n", &tracepoint), ILV_STATUS_UNSUPPORTED);
	assert_int_equal(ilv_tracefs_parse("", &tracepoint), ILV_STATUS_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),         cmocka_unit_test(test_says_why),
		cmocka_unit_test(test_refuses),       cmocka_unit_test(test_lists_tasks),
		cmocka_unit_test(test_parses_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
