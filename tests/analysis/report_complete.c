/* SPDX-License-Identifier: MIT */
/* Description: a report says that nothing was lost only where that is known: where each process of
 * the run says how many events it sent, and all of them arrived. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/status.h"
#include "tests/analysis/report_fixture.h"

/* A run whose own process counts: it sends as many events as are said of it here, and no others. */
#define BEGIN                                                                                      \
	"0 process_start pid=1 tid=1 cpu=0 name=main parent_pid=0\n"                               \
	"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=processes unit=process\n"                \
	"1 process_spawn pid=1 tid=1 cpu=0 child_pid=2\n"
#define CHILD_BEGIN                                                                                \
	"2 process_start pid=2 tid=2 cpu=1 name=child parent_pid=1 role=job\n"                     \
	"3 wait_begin pid=2 tid=2 cpu=1 reason=sleep\n"
#define CHILD_END            "5 process_exit pid=2 tid=2 cpu=1 event_count=3\n"
#define CHILD_REAPED(status) "6 process_wait_end pid=1 tid=1 cpu=0 child_pid=2 status=" status "\n"
#define END                                                                                        \
	"8 run_end pid=1 tid=1 cpu=0\n"                                                            \
	"9 process_exit pid=1 tid=1 cpu=0 event_count=6\n"

static char *text_of(const struct ilv_report *report)
{
	const struct ilv_text_style style = {.width = 1000};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(ilv_report_write_text(report, UINT32_MAX, &style, stream), ILV_STATUS_OK);
	(void)fclose(stream);
	return text;
}

static int64_t uncounted_in_json(const struct ilv_report *report)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	json_int_t count = -1;
	json_t *root;

	assert_int_equal(ilv_report_write_json(report, stream), ILV_STATUS_OK);
	(void)fclose(stream);
	root = json_loads(text, 0, NULL);
	assert_int_equal(json_unpack(root, "{s:{s:I}}", "trace", "uncounted_process_count", &count),
			 0);
	json_decref(root);
	free(text);
	return count;
}

static void expect_complete(const char *script)
{
	struct ilv_report *report = report_of_script(script, false);
	char *text = text_of(report);

	assert_true(report->is_complete);
	assert_int_equal(uncounted_in_json(report), 0);
	assert_non_null(strstr(text, "; nothing lost\n"));
	assert_null(strstr(text, "omplete"));
	free(text);
	ilv_report_destroy(report);
}

/* Nothing is known to be missing, and nobody can say that nothing is. */
static void expect_open(const char *script, const char *sentence)
{
	struct ilv_report *report = report_of_script(script, false);
	char *text = text_of(report);

	assert_false(report->is_complete);
	assert_false(report->has_losses);
	assert_int_equal(report->missing_event_count, 0);
	assert_int_equal(uncounted_in_json(report), 1);
	assert_null(strstr(text, "nothing lost"));
	assert_non_null(strstr(text, "; not known to be complete\n"));
	assert_non_null(strstr(text, "  Not known to be complete: 1 process "));
	if (!strstr(text, sentence)) {
		fail_msg("\"%s\" is not in:\n%s", sentence, text);
	}
	free(text);
	ilv_report_destroy(report);
}

static void who_says_all_is_believed(void **state)
{
	(void)state;
	expect_complete(BEGIN CHILD_BEGIN CHILD_END CHILD_REAPED("0") END);
}

static void a_signal_that_is_handled_leaves_nothing_open(void **state)
{
	struct ilv_report *report;

	(void)state;
	report = report_of_script(BEGIN CHILD_BEGIN CHILD_END CHILD_REAPED(
					  "130") "8 run_end pid=1 tid=1 cpu=0 status=-8\n"
						 "9 process_exit pid=1 tid=1 cpu=0 event_count=6\n",
				  false);
	assert_true(report->runs[0].is_interrupted);
	assert_true(report->is_complete);
	ilv_report_destroy(report);
}

static void a_killed_process_leaves_it_open(void **state)
{
	(void)state;
	expect_open(BEGIN CHILD_BEGIN CHILD_REAPED("137") END,
		    "1 process ended without saying how many events it sent (killed, or its last "
		    "events were lost).");
}

/* It may have said it in vain, or have ended with _exit(): that is not to be told apart. */
static void an_end_without_a_word_leaves_it_open(void **state)
{
	(void)state;
	expect_open(BEGIN CHILD_BEGIN CHILD_REAPED("0") END,
		    "1 process ended without saying how many events it sent");
}

static void the_end_of_the_trace_leaves_it_open(void **state)
{
	(void)state;
	expect_open(BEGIN CHILD_BEGIN
		    "8 run_end pid=1 tid=1 cpu=0\n9 process_exit pid=1 tid=1 cpu=0 event_count=5\n",
		    "1 process never said its end (it ran on, was killed, or its last events were "
		    "lost).");
}

/* Its first word was lost as well; the trace has only something in between. */
static void a_stay_without_begin_and_end_leaves_it_open(void **state)
{
	(void)state;
	expect_open(BEGIN "3 wait_begin pid=2 tid=2 cpu=1 reason=sleep\n" CHILD_REAPED("0") END,
		    "1 process ended without saying");
}

static void a_replaced_program_has_to_say_its_end(void **state)
{
	static const char anew[] =
		"4 process_start pid=2 tid=2 cpu=1 name=another parent_pid=1 role=job\n"
		"5 process_exit pid=2 tid=2 cpu=1 event_count=2\n";
	char script[1024];

	(void)state;
	(void)snprintf(script, sizeof(script), "%s%s%s", BEGIN CHILD_BEGIN, anew,
		       CHILD_REAPED("0") END);
	expect_open(script, "1 process ended without saying");

	(void)snprintf(script, sizeof(script), "%s%s%s",
		       BEGIN CHILD_BEGIN "3.5 process_exit pid=2 tid=2 cpu=1 event_count=3\n", anew,
		       CHILD_REAPED("0") END);
	expect_complete(script);
}

/* A session hears all programs of a user: that of another, and its recorder, come and go. */
static void a_recorder_of_others_leaves_it_complete(void **state)
{
	static const char ours[] = "0 recorder_begin pid=9 tid=9 cpu=0 recorder_id=1 "
				   "source=perf_wakeups covered_pid=1\n";
	static const char others[] =
		"2 switch_watermark pid=8 tid=8 cpu=0 recorder_id=2 up_to_ns=1us switch_count=500\n"
		"3 recorder_begin pid=7 tid=7 cpu=0 recorder_id=3 source=rusage covered_pid=6\n"
		"4 thread_switch_in pid=8 tid=5 cpu=1 recorder_id=2 subject_pid=5 subject_tid=5\n"
		"4 switch_watermark pid=8 tid=8 cpu=0 recorder_id=2 up_to_ns=4us "
		"switch_count=600\n";
	static const char ours_ended[] =
		"9 recorder_end pid=9 tid=9 cpu=0 recorder_id=1 switch_count=0\n";
	char script[2048];
	struct ilv_report *report;

	(void)state;
	(void)snprintf(script, sizeof(script),
		       "%s" BEGIN CHILD_BEGIN "%s" CHILD_END CHILD_REAPED("0") END "%s", ours,
		       others, ours_ended);
	expect_complete(script);
	report = report_of_script(script, false);
	assert_int_equal(report->switch_source, ILV_SWITCH_SOURCE_PERF_WAKEUPS);
	ilv_report_destroy(report);

	(void)snprintf(script, sizeof(script),
		       "%s" BEGIN CHILD_BEGIN "%s" CHILD_END CHILD_REAPED("0") END, ours, others);
	report = report_of_script(script, false);
	assert_int_equal(report->unfinished_recorder_count, 1);
	assert_int_equal(report->lost_switch_count, 0);
	ilv_report_destroy(report);
}

/* A recorder may be older than the trace; what it sent before is not lost, what it sends then may
 * be. */
static void a_recorder_older_than_the_trace_has_lost_nothing(void **state)
{
	static const char script[] =
		"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread\n"
		"1 thread_switch_out pid=9 tid=1 cpu=0 recorder_id=2 subject_pid=1 subject_tid=1\n"
		"2 switch_watermark pid=9 tid=9 cpu=0 recorder_id=2 up_to_ns=1us switch_count=500\n"
		"4 switch_watermark pid=9 tid=9 cpu=0 recorder_id=2 up_to_ns=4us switch_count=503\n"
		"8 run_end pid=1 tid=1 cpu=0\n";
	struct ilv_report *report = report_of_script(script, false);

	(void)state;
	assert_int_equal(report->lost_switch_count, 3);
	ilv_report_destroy(report);
}

/* What a process sent before anybody looked is not lost, but may be. */
static void a_begin_that_nobody_saw_leaves_it_open(void **state)
{
	(void)state;
	expect_open("0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread\n"
		    "8 run_end pid=1 tid=1 cpu=0\n"
		    "9 process_exit pid=1 tid=1 cpu=0 event_count=4\n",
		    "1 process sent more events than arrived (some before this trace began, or its "
		    "first events were lost).");
	expect_complete("0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread\n"
			"8 run_end pid=1 tid=1 cpu=0\n"
			"9 process_exit pid=1 tid=1 cpu=0 event_count=3\n");
}

/* LTTng registers a child that was forked, and gives up after some seconds: what such a one does is
 * in no trace, and nobody counts it. */
static void a_child_that_is_never_heard_leaves_it_open(void **state)
{
	(void)state;
	expect_open(BEGIN CHILD_REAPED("0") END,
		    "1 process was forked and never said that it began");
	expect_open(BEGIN "8 run_end pid=1 tid=1 cpu=0\n"
			  "9 process_exit pid=1 tid=1 cpu=0 event_count=5\n",
		    "1 process was forked and never said that it began");
	/* It was registered in the midst of its life. */
	expect_open(BEGIN "3 wait_begin pid=2 tid=2 cpu=1 reason=sleep\n"
			  "5 process_exit pid=2 tid=2 cpu=1 event_count=2\n" CHILD_REAPED("0") END,
		    "1 process was forked and never said that it began");
}

/* Its spawn is in the trace: so is all that it did, or it was lost. */
static void a_begin_that_was_lost_is_a_loss(void **state)
{
	struct ilv_report *report = report_of_script(
		BEGIN "3 wait_begin pid=2 tid=2 cpu=1 reason=sleep\n" CHILD_END CHILD_REAPED("0")
			END,
		false);

	(void)state;
	assert_int_equal(report->missing_event_count, 1);
	assert_true(report->has_losses);
	assert_false(report->is_complete);
	assert_int_equal(uncounted_in_json(report), 0);
	ilv_report_destroy(report);
}

/* Losses that are known go first; what is not known is told beside them. */
static void known_losses_do_not_hide_unknown_ones(void **state)
{
	struct ilv_report *report = report_of_script(
		BEGIN CHILD_BEGIN CHILD_REAPED("137") "8 run_end pid=1 tid=1 cpu=0\n"
						      "9 process_exit pid=1 tid=1 cpu=0 "
						      "event_count=8\n",
		false);
	char *text = text_of(report);

	(void)state;
	assert_true(report->has_losses);
	assert_non_null(strstr(text,
			       "Incomplete: 2 events sent that never arrived, 1 process ended "
			       "without saying"));
	free(text);

	report->missing_event_count = 0;
	report->has_unknown_discards = true;
	report->discarded_packet_count = 7;
	text = text_of(report);
	assert_non_null(strstr(text, "Incomplete: 7 packets of events lost, 1 process"));
	assert_null(strstr(text, "nobody knows how many"));
	free(text);

	report->discarded_packet_count = 0;
	report->discarded_event_count = 2;
	text = text_of(report);
	assert_non_null(strstr(text,
			       "Incomplete: 2 events discarded, others discarded, nobody knows "
			       "how many, 1 process"));
	free(text);
	ilv_report_destroy(report);
}

static void who_need_not_count_is_not_asked(void **state)
{
	(void)state;
	/* A session may leave the events of processes out. */
	expect_complete("0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread\n"
			"8 run_end pid=1 tid=1 cpu=0\n");
	/* A process that sent nothing, such as another's program. */
	expect_complete("0 process_start pid=1 tid=1 cpu=0 name=main parent_pid=0\n"
			"0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=processes unit=process\n"
			"1 process_spawn pid=1 tid=1 cpu=0 child_pid=2 method=spawn\n" CHILD_REAPED(
				"137") END);
	/* The recorder, which ends after the trace and has counts of its own. */
	expect_complete("0 process_start pid=7 tid=7 cpu=0 name=interleave role=recorder\n" BEGIN
				CHILD_BEGIN CHILD_END CHILD_REAPED("0") END);
	/* Somebody who has nothing to do with the run. */
	expect_complete(BEGIN CHILD_BEGIN CHILD_END CHILD_REAPED(
		"0") "7 process_start pid=7 tid=7 cpu=0 name=stranger parent_pid=6\n" END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_says_all_is_believed),
		cmocka_unit_test(a_signal_that_is_handled_leaves_nothing_open),
		cmocka_unit_test(a_killed_process_leaves_it_open),
		cmocka_unit_test(an_end_without_a_word_leaves_it_open),
		cmocka_unit_test(the_end_of_the_trace_leaves_it_open),
		cmocka_unit_test(a_stay_without_begin_and_end_leaves_it_open),
		cmocka_unit_test(a_replaced_program_has_to_say_its_end),
		cmocka_unit_test(a_recorder_of_others_leaves_it_complete),
		cmocka_unit_test(a_recorder_older_than_the_trace_has_lost_nothing),
		cmocka_unit_test(a_begin_that_nobody_saw_leaves_it_open),
		cmocka_unit_test(a_child_that_is_never_heard_leaves_it_open),
		cmocka_unit_test(a_begin_that_was_lost_is_a_loss),
		cmocka_unit_test(known_losses_do_not_hide_unknown_ones),
		cmocka_unit_test(who_need_not_count_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
