/* SPDX-License-Identifier: MIT */
/* Description: the text and the JSON of reports with few facts, many entities, hostile names and
 * losses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "analysis/report/locate.h"
#include "base/cause.h"
#include "base/escape.h"
#include "tests/analysis/report_fixture.h"

/* A run of threads in which nobody records switches. */
#define BEGIN "0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=threads unit=thread\n"

static char *write_text(const struct ilv_report *report, bool has_unicode, unsigned int width)
{
	const struct ilv_text_style style = {.has_unicode = has_unicode, .width = width};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(ilv_report_write_text(report, UINT32_MAX, &style, stream), ILV_STATUS_OK);
	(void)fclose(stream);
	return text;
}

static char *text_of(const char *script, bool has_unicode, unsigned int width)
{
	struct ilv_report *report = report_of_script(script, true);
	char *text = write_text(report, has_unicode, width);

	ilv_report_destroy(report);
	return text;
}

/* Paragraphs are wrapped: blanks and line breaks are the same to who looks for a sentence. */
static bool tells(const char *text, const char *sentence)
{
	for (; *text; text++) {
		const char *at = text;
		const char *wanted = sentence;

		while (*wanted && *at) {
			if (*wanted == ' ' && (*at == ' ' || *at == '\n')) {
				while (*at == ' ' || *at == '\n') {
					at++;
				}
				wanted++;
			} else if (*wanted == *at) {
				wanted++;
				at++;
			} else {
				break;
			}
		}
		if (!*wanted) {
			return true;
		}
	}

	return false;
}

static void assert_tells(const char *text, const char *sentence)
{
	if (!tells(text, sentence)) {
		fail_msg("\"%s\" is not in:\n%s", sentence, text);
	}
}

static void assert_lines_fit(char *text, unsigned int width)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (ilv_text_width(line) > width) {
			fail_msg("%zu columns: %s", ilv_text_width(line), line);
		}
	}
}

static void says_what_is_missing(void **state)
{
	char *text = text_of(BEGIN "10 run_end pid=1 tid=1 cpu=0\n", true, 100);

	(void)state;
	assert_tells(text, "switches: not recorded");
	assert_tells(text, "Thread switches were not recorded, so when threads ran");
	assert_tells(text,
		     "leave the switch source at auto: it takes the best that the rights allow");
	free(text);

	text = text_of(
		"0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=perf covered_pid=1\n" BEGIN
		"10 run_end pid=1 tid=1 cpu=0\n"
		"10 recorder_end pid=1 tid=1 cpu=0 recorder_id=1\n",
		true, 100);
	assert_tells(text, "ready time is known only after a cut");
	free(text);
}

#define COUNTS_ITSELF                                                                              \
	"0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=rusage covered_pid=1\n"           \
	"0 thread_start pid=1 tid=1 cpu=0 name=main role=main\n" BEGIN
#define COUNTED                                                                                    \
	"10 run_end pid=1 tid=1 cpu=0\n"                                                           \
	"10 recorder_end pid=1 tid=1 cpu=0 recorder_id=1\n"

/* A program that never looks at its clock tells of no switch, which is not to have had none. */
static void counts_that_nobody_made_are_unknown(void **state)
{
	/* What a lock hands over is no switch of a thread. */
	struct ilv_report *report = report_of_script(
		COUNTS_ITSELF "2 lock_acquire pid=1 tid=1 cpu=0 lock=0x100 kind=mutex\n"
			      "3 lock_release pid=1 tid=1 cpu=0 lock=0x100 kind=mutex\n" COUNTED,
		false);
	char *text = write_text(report, true, 100);

	(void)state;
	assert_int_equal(report->switch_source, ILV_SWITCH_SOURCE_NONE);
	assert_int_equal(report->runs[0].threads[0].involuntary_count, ILV_UNKNOWN);
	assert_int_equal(report->runs[0].threads[0].times.running_ns, ILV_UNKNOWN);
	assert_tells(text, "Thread switches were not recorded, so when threads ran");
	assert_false(tells(text, "counts are right"));
	free(text);
	ilv_report_destroy(report);

	report = report_of_script(COUNTS_ITSELF
				  "5 thread_switch_out pid=1 tid=1 cpu=0 recorder_id=1 "
				  "is_involuntary=true\n"
				  "6 thread_switch_in pid=1 tid=1 cpu=0 recorder_id=1\n" COUNTED,
				  false);
	text = write_text(report, true, 100);
	assert_int_equal(report->switch_source, ILV_SWITCH_SOURCE_RUSAGE);
	assert_int_equal(report->runs[0].threads[0].involuntary_count, 1);
	assert_tells(text, "counts are right, times approximate");
	free(text);
	ilv_report_destroy(report);
}

/* Who looks at its clock says so at once: if it then tells of no switch, it had none. */
static void no_switch_of_who_looks_is_none(void **state)
{
	struct ilv_report *report = report_of_script(
		COUNTS_ITSELF "1 thread_start pid=1 tid=2 cpu=1 name=blind role=job\n"
			      "2 thread_switch_in pid=1 tid=1 cpu=0 recorder_id=1\n"
			      "3 thread_exit pid=1 tid=2 cpu=1\n" COUNTED,
		false);
	const struct ilv_report_run *run = &report->runs[0];

	(void)state;
	assert_int_equal(report->switch_source, ILV_SWITCH_SOURCE_RUSAGE);
	assert_int_equal(run->thread_count, 2);
	for (uint32_t i = 0; i < run->thread_count; i++) {
		int64_t expected = run->threads[i].tid == 1 ? 0 : ILV_UNKNOWN;

		assert_int_equal(run->threads[i].voluntary_count, expected);
		assert_int_equal(run->threads[i].involuntary_count, expected);
	}
	ilv_report_destroy(report);
}

static void says_that_it_is_incomplete(void **state)
{
	struct ilv_report *report =
		report_of_script(BEGIN "10 wait_begin pid=1 tid=1 cpu=0\n", false);
	char *text;

	(void)state;
	assert_true(report->runs[0].is_interrupted);
	assert_false(report->is_complete);
	report->discarded_event_count = 1200;
	report->lost_switch_count = 1;
	report->is_cut_off = true;
	text = write_text(report, false, 100);
	assert_tells(text, "Interrupted: the run has no end");
	assert_tells(text, "Incomplete: 1,200 events discarded, 1 thread switch lost, the end of "
			   "the trace is damaged or missing.");
	assert_false(tells(text, "nothing lost"));
	free(text);
	ilv_report_destroy(report);
}

static void each_loss_alone_makes_it_incomplete(void **state)
{
	struct ilv_report *report =
		report_of_script("0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 "
				 "source=perf covered_pid=1\n" BEGIN
				 "10 switch_lost pid=1 tid=1 cpu=0 recorder_id=1 lost_count=3\n"
				 "20 run_end pid=1 tid=1 cpu=0\n"
				 "20 recorder_end pid=1 tid=1 cpu=0 recorder_id=1 lost_count=3\n",
				 false);

	(void)state;
	assert_int_equal(report->lost_switch_count, 3);
	assert_false(report->is_complete);
	ilv_report_destroy(report);

	report = report_of_script("0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=perf "
				  "covered_pid=1\n" BEGIN "20 run_end pid=1 tid=1 cpu=0\n",
				  false);
	assert_int_equal(report->unfinished_recorder_count, 1);
	assert_false(report->is_complete);
	ilv_report_destroy(report);
}

/* A name with a line break must not look like a sentence of ours. */
static void names_forge_no_lines(void **state)
{
	static char parameters[] = "n=1\n  Incomplete: all of it";
	struct ilv_report *report = report_of_script(BEGIN "10 run_end pid=1 tid=1 cpu=0\n", true);
	char *kept = report->runs[0].parameters;
	char *text;

	(void)state;
	report->runs[0].parameters = parameters;
	text = write_text(report, true, 100);
	assert_non_null(strstr(text, "n=1\xef\xbf\xbd  Incomplete"));
	free(text);
	report->runs[0].parameters = kept;
	ilv_report_destroy(report);
}

static void hostile_names_do_no_harm(void **state)
{
	static const char script[] = BEGIN
		"0 lock_name pid=1 tid=1 cpu=0 lock=1 kind=mutex name=\"\033[2Jx\xff<script>\"\n"
		"0 thread_start pid=1 tid=1 cpu=0 name=\"\033]0;evil\007\xc3(\" role=job\n"
		"1 lock_acquire pid=1 tid=1 cpu=0 lock=1 kind=mutex\n"
		"2 lock_release pid=1 tid=1 cpu=0 lock=1 kind=mutex\n"
		"10 run_end pid=1 tid=1 cpu=0\n";
	struct ilv_report *report = report_of_script(script, true);
	char *text = write_text(report, true, 100);
	char *json = NULL;
	size_t json_size = 0;
	FILE *stream = open_memstream(&json, &json_size);
	json_t *root;

	(void)state;
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\007'));
	assert_null(strchr(text, '\xff'));
	assert_non_null(strstr(text, "<script>"));
	free(text);

	text = write_text(report, false, 100);
	for (const char *at = text; *at; at++) {
		assert_true(*at == '\n' || (*at >= ' ' && *at < 0x7f));
	}
	free(text);

	assert_int_equal(ilv_report_write_json(report, stream), ILV_STATUS_OK);
	(void)fclose(stream);
	root = json_loads(json, 0, NULL);
	assert_non_null(root);
	json_decref(root);
	free(json);
	ilv_report_destroy(report);
}

/* A hundred threads: the table stays short, the rest is summed, and every line fits. */
static void many_are_summed_up(void **state)
{
	static const unsigned int widths[] = {40, 60, 80, 100, 160};
	char *script = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&script, &size);
	struct ilv_report *report;
	char *text;

	(void)state;
	(void)fputs("0 recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=perf_wakeups "
		    "covered_pid=1\n" BEGIN,
		    stream);
	for (int index = 0; index < 100; index++) {
		int tid = 100 + index;
		int begin_us = 100 * (index + 1);

		(void)fprintf(stream,
			      "%d thread_switch_in pid=1 tid=%d cpu=1 recorder_id=1\n"
			      "%d thread_start pid=1 tid=%d cpu=1 role=job "
			      "name=\"a \u6f22\u5b57 name that is rather long, of thread %d\"\n"
			      "%d thread_exit pid=1 tid=%d cpu=1\n"
			      "%d thread_switch_out pid=1 tid=%d cpu=1 recorder_id=1\n",
			      begin_us, tid, begin_us, tid, index, begin_us + 100, tid,
			      begin_us + 100, tid);
	}
	(void)fputs("20000 run_end pid=1 tid=1 cpu=0\n", stream);
	(void)fclose(stream);

	report = report_of_script(script, true);
	assert_int_equal(report->runs[0].sum.unit_count, 100);
	text = write_text(report, true, 100);
	assert_tells(text, "and 89 more"); /* of 101, for main is one */
	assert_tells(text, "together");
	free(text);
	for (size_t at = 0; at < sizeof(widths) / sizeof(widths[0]); at++) {
		for (int has_unicode = 0; has_unicode < 2; has_unicode++) {
			text = write_text(report, has_unicode, widths[at]);
			assert_lines_fit(text, widths[at]);
			free(text);
		}
	}
	ilv_report_destroy(report);
	free(script);
}

#define TAKEN(lock)                                                                                \
	"1 lock_acquire pid=1 tid=1 cpu=0 lock=" lock " kind=mutex\n"                              \
	"2 lock_release pid=1 tid=1 cpu=0 lock=" lock " kind=mutex\n"

/* The table of schedulers has room for three locks, and says how many there are besides. */
static void locks_without_a_row_are_counted(void **state)
{
	char *text = text_of(BEGIN TAKEN("1") TAKEN("2") TAKEN("3") "9 run_end pid=1 tid=1 cpu=0\n",
			     true, 100);

	(void)state;
	assert_null(strstr(text, " more\n"));
	free(text);

	text = text_of(BEGIN TAKEN("1") TAKEN("2") TAKEN("3")
			       TAKEN("4") "9 run_end pid=1 tid=1 cpu=0\n",
		       true, 100);
	assert_non_null(strstr(text, "\n  and 1 more\n"));
	free(text);

	text = text_of(BEGIN TAKEN("1") TAKEN("2") TAKEN("3") TAKEN("4")
			       TAKEN("5") "9 run_end pid=1 tid=1 cpu=0\n",
		       true, 100);
	assert_non_null(strstr(text, "\n  and 2 more\n"));
	free(text);
}

/* The share of those who had to wait is of all who wanted the lock, got or not. */
static void waits_in_vain_are_told(void **state)
{
	char *text = text_of(BEGIN "1 lock_acquire pid=1 tid=2 cpu=0 lock=1 kind=mutex\n"
				   "3 lock_wait_begin pid=1 tid=3 cpu=1 lock=1 kind=mutex\n"
				   "5 lock_wait_begin pid=1 tid=4 cpu=2 lock=1 kind=mutex\n"
				   "6 lock_wait_abandon pid=1 tid=4 cpu=2 lock=1 kind=mutex\n"
				   "9 run_end pid=1 tid=1 cpu=0\n",
			     true, 120);
	const char *locks = strstr(text, "\nLocks");

	(void)state;
	assert_non_null(locks);
	assert_tells(locks, "taken contended in vain waited");
	assert_tells(locks, " 1 2 (67 %) 2 7 \u00b5s ");
	free(text);

	text = text_of(BEGIN TAKEN("1") "9 run_end pid=1 tid=1 cpu=0\n", true, 120);
	assert_null(strstr(text, "in vain"));
	free(text);
}

/* A task is called the same in every table, with a name and without. */
/* Only who has no name is told by the number of the thread. */
static void a_name_like_a_number_is_a_name(void **state)
{
	char *text = text_of(BEGIN "1 thread_start pid=1 tid=20 cpu=0 name=\"thread 1\" role=job\n"
				   "1 thread_start pid=1 tid=21 cpu=1 role=job\n"
				   "2 lock_acquire pid=1 tid=20 cpu=0 lock=0x100 kind=mutex\n"
				   "3 lock_wait_begin pid=1 tid=21 cpu=1 lock=0x100 kind=mutex\n"
				   "8 lock_release pid=1 tid=20 cpu=0 lock=0x100 kind=mutex\n"
				   "9 lock_acquire pid=1 tid=21 cpu=1 lock=0x100 kind=mutex\n"
				   "9 lock_release pid=1 tid=21 cpu=1 lock=0x100 kind=mutex\n"
				   "10 run_end pid=1 tid=1 cpu=0\n",
			     true, 120);

	(void)state;
	assert_tells(text, "6 µs thread 1");
	assert_tells(text, "6 µs tid 21");
	assert_false(tells(text, "6 µs tid 1 "));
	free(text);
}

/* In a narrow terminal the last columns are left out before names can no longer be told apart. */
static void names_are_whole_before_columns_are(void **state)
{
	char *script = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&script, &size);
	char *text;

	(void)state;
	(void)fputs("0 run_begin pid=1 tid=1 cpu=0 workload=w runtime=event-loop unit=task\n"
		    "0 loop_create pid=1 tid=1 cpu=0 loop=0x10\n",
		    stream);
	for (int task = 1; task <= 20; task++) {
		(void)fprintf(
			stream,
			"0 task_create pid=1 tid=1 cpu=0 loop=0x10 task=%d name=\"job 1000%d\"\n"
			"0 task_ready pid=1 tid=1 cpu=0 loop=0x10 task=%d\n"
			"%d.111 task_resume pid=1 tid=1 cpu=0 loop=0x10 task=%d\n"
			"%d.222 task_yield pid=1 tid=1 cpu=0 loop=0x10 task=%d reason=sleep\n",
			task, task, task, 1000 * task, task, 1000 * task + 7, task);
	}
	(void)fputs("123456 run_end pid=1 tid=1 cpu=0\n", stream);
	(void)fclose(stream);
	text = text_of(script, true, 66);
	assert_tells(text, "\n job 10007 ");
	assert_tells(text, "\n job 100017 ");
	free(text);
	free(script);
}

/* A loop or a pool for each of many threads, and losses in as many places, are no longer list. */
static void many_loops_pools_and_findings_are_summed_up(void **state)
{
	char *script = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&script, &size);
	struct ilv_report *report;
	char *text;

	(void)state;
	(void)fputs(BEGIN, stream);
	for (int place = 0; place < 1100; place++) {
		const int tid = 10 + place;
		const int at = 10 * place;

		/* Of loop 900 the task stays longest, and pool 901 lets its job wait longest. */
		(void)fprintf(stream,
			      "%d thread_start pid=1 tid=%d cpu=0 role=job\n"
			      "%d loop_create pid=1 tid=%d cpu=0 loop=0x1%04d\n"
			      "%d task_create pid=1 tid=%d cpu=0 loop=0x1%04d task=1\n"
			      "%d task_resume pid=1 tid=%d cpu=0 loop=0x1%04d task=1\n"
			      "%d task_done pid=1 tid=%d cpu=0 loop=0x1%04d task=1\n",
			      at, tid, at, tid, place, at, tid, place, at, tid, place,
			      at + (place == 900 ? 3 : 1), tid, place);
		(void)fprintf(stream,
			      "%d pool_create pid=1 tid=%d cpu=0 pool=0x2%04d worker_count=1\n"
			      "%d job_submit pid=1 tid=%d cpu=0 pool=0x2%04d job=1\n"
			      "%d job_begin pid=1 tid=%d cpu=0 pool=0x2%04d job=1\n"
			      "%d job_end pid=1 tid=%d cpu=0 pool=0x2%04d job=1\n",
			      at + 4, tid, place, at + 4, tid, place, at + (place == 901 ? 7 : 5),
			      tid, place, at + 8, tid, place);
		(void)fprintf(stream,
			      "%d shared_read pid=1 tid=%d cpu=0 address=%d value_before=0\n"
			      "%d shared_update pid=1 tid=1 cpu=1 address=%d value_before=0 "
			      "value_after=1\n"
			      "%d shared_write pid=1 tid=%d cpu=0 address=%d value_before=0 "
			      "value_after=1\n",
			      at + 8, tid, 8 * place + 8, at + 8, 8 * place + 8, at + 9, tid,
			      8 * place + 8);
	}
	(void)fputs("20000 run_end pid=1 tid=1 cpu=0\n", stream);
	(void)fclose(stream);
	report = report_of_script(script, true);
	text = write_text(report, true, 100);
	assert_int_equal(report->runs[0].loop_count, 1100);
	assert_int_equal(report->runs[0].pool_count, 1100);
	assert_true(report->runs[0].finding_count >= 1100);
	/* Of both kinds among the schedulers; then by themselves. */
	assert_tells(text, "and 2,176 more");
	assert_tells(text, "and 1,088 more");
	assert_tells(text, "more, which --json tells");
	assert_tells(text, "0x10900 1");
	assert_tells(text, "0x20901 1");
	size = 0;
	for (const char *at = text; (at = strchr(at, '\n')); at++) {
		size++;
	}
	assert_true(size < 160);
	free(text);
	ilv_report_destroy(report);
	free(script);
}

static void a_nameless_task_has_one_name(void **state)
{
	char *text = text_of(BEGIN "1 loop_create pid=1 tid=1 cpu=0 loop=0x7ffc1 name=l\n"
				   "2 task_create pid=1 tid=1 cpu=0 loop=0x7ffc1 task=7\n"
				   "3 task_resume pid=1 tid=1 cpu=0 loop=0x7ffc1 task=7\n"
				   "8 task_done pid=1 tid=1 cpu=0 loop=0x7ffc1 task=7\n"
				   "9 run_end pid=1 tid=1 cpu=0\n",
			     true, 120);

	(void)state;
	assert_tells(strstr(text, "\nTasks"), "\n task 7 ");
	assert_tells(strstr(text, "\nLoops"), "5 \u00b5s task 7 ");
	assert_null(strstr(text, "task:"));
	free(text);
}

/* Waits are known without any switches: their marks are explained, and what is not known too. */
static void marks_without_switches_are_explained(void **state)
{
	char *text = text_of(BEGIN "2 wait_begin pid=1 tid=1 cpu=0 reason=sleep\n"
				   "6 wait_end pid=1 tid=1 cpu=0 reason=sleep\n"
				   "9 run_end pid=1 tid=1 cpu=0\n",
			     false, 100);

	(void)state;
	assert_non_null(strstr(text, "- asleep or suspended   ? not known\n"));
	assert_tells(text, "leave the switch source at auto");
	assert_null(strstr(text, "as root"));
	free(text);
}

/* What it says is to be pasted can be. */
static void paths_are_quoted_for_a_shell(void **state)
{
	static const char *const words[][2] = {
		{"matmul-1/threads", "matmul-1/threads"},
		{"caf\u00e9", "caf\u00e9"},
		{"name with spaces", "'name with spaces'"},
		{"it's $HOME", "'it'\\''s $HOME'"},
		{"", "''"},
	};
	struct ilv_report *report = report_of_script(BEGIN "9 run_end pid=1 tid=1 cpu=0\n", false);

	(void)state;
	for (size_t at = 0; at < sizeof(words) / sizeof(words[0]); at++) {
		const struct ilv_text_style style = {
			.has_unicode = true, .width = 60, .name = words[at][0]};
		char expected[200];
		char *text = NULL;
		size_t size = 0;
		FILE *stream = open_memstream(&text, &size);

		assert_int_equal(ilv_report_write_text(report, UINT32_MAX, &style, stream),
				 ILV_STATUS_OK);
		(void)fclose(stream);
		(void)snprintf(expected, sizeof(expected),
			       "\nmore   interleave timeline %s\n"
			       "       interleave report %s --json\n",
			       words[at][1], words[at][1]);
		assert_non_null(strstr(text, expected));
		free(text);
	}
	ilv_report_destroy(report);
}

static void a_run_that_is_not_there_is_refused(void **state)
{
	const struct ilv_text_style style = {.width = 100};
	struct ilv_report *report = report_of_script(BEGIN "10 run_end pid=1 tid=1\n", false);

	(void)state;
	ilv_cause_clear();
	assert_int_equal(ilv_report_write_text(report, 1, &style, stderr), ILV_STATUS_USAGE);
	assert_string_equal(ilv_cause_text(), "Cannot report on run 2: the recording has 1");
	ilv_report_destroy(report);
}

/* Nobody said run_begin: the whole script is the run, and its threads are the units. */
static void a_trace_without_runs_is_one(void **state)
{
	struct ilv_report *report =
		report_of_script("5 thread_start pid=1 tid=1 cpu=0 name=solo\n"
				 "10 wait_begin pid=1 tid=1 cpu=0 reason=sleep\n"
				 "30 wait_end pid=1 tid=1 cpu=0 reason=sleep\n",
				 true);

	(void)state;
	assert_int_equal(report->run_count, 1);
	assert_null(report->runs[0].workload);
	assert_false(report->runs[0].has_unit);
	assert_false(report->runs[0].is_interrupted);
	assert_int_equal(report->runs[0].sum.unit_count, 1);
	assert_int_equal(report->runs[0].end_ns - report->runs[0].begin_ns, 25000);
	ilv_report_destroy(report);
}

static void several_recordings_are_refused_with_their_list(void **state)
{
	char folder[] = "/tmp/ilv-locate-XXXXXX";
	char path[256];
	char *trace_path = NULL;
	static const char *const folders[] = {"threads", "threads/trace", "loop", "loop/trace"};

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(ilv_recording_locate(folder, &trace_path), ILV_STATUS_OK);
	assert_string_equal(trace_path, folder);
	free(trace_path);

	for (size_t at = 0; at < 4; at++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, folders[at]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	ilv_cause_clear();
	assert_int_equal(ilv_recording_locate(folder, &trace_path), ILV_STATUS_USAGE);
	assert_non_null(strstr(ilv_cause_text(), "loop, threads"));

	(void)snprintf(path, sizeof(path), "%s/threads", folder);
	assert_int_equal(ilv_recording_locate(path, &trace_path), ILV_STATUS_OK);
	(void)snprintf(path, sizeof(path), "%s/threads/trace", folder);
	assert_string_equal(trace_path, path);
	free(trace_path);

	for (size_t at = 4; at > 0; at--) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, folders[at - 1]);
		assert_int_equal(rmdir(path), 0);
	}
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(ilv_recording_locate(folder, &trace_path), ILV_STATUS_TRACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_missing),
		cmocka_unit_test(counts_that_nobody_made_are_unknown),
		cmocka_unit_test(no_switch_of_who_looks_is_none),
		cmocka_unit_test(says_that_it_is_incomplete),
		cmocka_unit_test(each_loss_alone_makes_it_incomplete),
		cmocka_unit_test(hostile_names_do_no_harm),
		cmocka_unit_test(names_forge_no_lines),
		cmocka_unit_test(many_are_summed_up),
		cmocka_unit_test(locks_without_a_row_are_counted),
		cmocka_unit_test(waits_in_vain_are_told),
		cmocka_unit_test(a_name_like_a_number_is_a_name),
		cmocka_unit_test(many_loops_pools_and_findings_are_summed_up),
		cmocka_unit_test(names_are_whole_before_columns_are),
		cmocka_unit_test(a_nameless_task_has_one_name),
		cmocka_unit_test(marks_without_switches_are_explained),
		cmocka_unit_test(paths_are_quoted_for_a_shell),
		cmocka_unit_test(a_run_that_is_not_there_is_refused),
		cmocka_unit_test(a_trace_without_runs_is_one),
		cmocka_unit_test(several_recordings_are_refused_with_their_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
