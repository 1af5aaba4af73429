/* SPDX-License-Identifier: MIT */
/* Description: what programs say of their runs is kept, quoted as their own words, and does no
 * harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "analysis/report/comparison.h"
#include "base/escape.h"
#include "tests/analysis/report_fixture.h"

#define BEGIN "0 run_begin pid=1 tid=1 cpu=0 workload=w variant=v unit=thread\n"
#define END   "9 run_end pid=1 tid=1 cpu=0\n"

static char *text_of(const struct ilv_report *report, unsigned int width)
{
	const struct ilv_text_style style = {.has_unicode = true, .width = width};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(ilv_report_write_text(report, UINT32_MAX, &style, stream), ILV_STATUS_OK);
	(void)fclose(stream);
	return text;
}

/* The notes of the first run, as the JSON has them. */
static json_t *notes_of(const struct ilv_report *report, json_t **root)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(ilv_report_write_json(report, stream), ILV_STATUS_OK);
	(void)fclose(stream);
	*root = json_loads(text, 0, NULL);
	assert_non_null(*root);
	free(text);
	return json_object_get(json_array_get(json_object_get(*root, "runs"), 0), "notes");
}

static void the_last_few_are_kept(void **state)
{
	struct ilv_report *report = report_of_script(
		BEGIN "1 run_note pid=1 tid=1 cpu=0 text=first\n"
		      "2 run_note pid=1 tid=2 cpu=0 text=second\n"
		      "3 run_note pid=1 tid=1 cpu=0 text=\"\"\n" /* Nothing was said. */
		      "4 run_note pid=1 tid=1 cpu=0 text=third\n"
		      "5 run_note pid=7 tid=7 cpu=0 text=stranger\n"
		      "6 run_note pid=1 tid=1 cpu=0 text=fourth\n"
		      "7 run_note pid=1 tid=1 cpu=0 text=fifth\n"
		      "8 run_note pid=1 tid=1 cpu=0 text=sixth\n" END
		      "10 run_note pid=1 tid=1 cpu=0 text=late\n",
		false);
	const char *const kept[] = {"third", "fourth", "fifth", "sixth"};
	json_t *root;
	json_t *notes = notes_of(report, &root);
	char *text = text_of(report, 80);

	(void)state;
	assert_int_equal(report->runs[0].note_count, 4);
	assert_int_equal(report->runs[0].note_left_out_count, 2);
	assert_int_equal(json_array_size(notes), 4);
	for (size_t index = 0; index < 4; index++) {
		assert_string_equal(report->runs[0].notes[index], kept[index]);
		assert_string_equal(json_string_value(json_array_get(notes, index)), kept[index]);
	}
	assert_non_null(strstr(text, "  It says: third\n"
				     "           fourth\n"
				     "           fifth\n"
				     "           sixth\n"
				     "           2 sentences before were not kept\n"));
	free(text);
	json_decref(root);
	ilv_report_destroy(report);
}

static void who_says_nothing_is_not_quoted(void **state)
{
	struct ilv_report *report = report_of_script(BEGIN END, false);
	json_t *root;
	json_t *notes = notes_of(report, &root);
	char *text = text_of(report, 80);

	(void)state;
	assert_true(json_is_array(notes));
	assert_int_equal(json_array_size(notes), 0);
	assert_null(strstr(text, "It says"));
	free(text);
	json_decref(root);
	ilv_report_destroy(report);
}

/* Where nobody said run_begin the whole trace is the run, and its program may say something too. */
static void a_trace_without_runs_has_words(void **state)
{
	struct ilv_report *report =
		report_of_script("0 thread_start pid=1 tid=1 cpu=0 name=main role=main\n"
				 "1 run_note pid=1 tid=1 cpu=0 text=\"all is well\"\n"
				 "2 thread_exit pid=1 tid=1 cpu=0\n",
				 false);

	(void)state;
	assert_int_equal(report->runs[0].note_count, 1);
	assert_string_equal(report->runs[0].notes[0], "all is well");
	ilv_report_destroy(report);
}

/* A note with line breaks forges no lines, none is wider than the terminal, and nothing acts on it.
 */
static void hostile_words_do_no_harm(void **state)
{
	struct ilv_report *report = report_of_script(
		BEGIN "1 run_note pid=1 tid=1 cpu=0 text=\"\\nWhat stands out\\n  1 nothing "
		      "\\x1b[2J\\xff\\x07 and so on, in words that go on for longer than a line "
		      "of this terminal can be, twice over, until at last they end here\"\n" END,
		false);
	json_t *root;
	json_t *notes = notes_of(report, &root);
	char *text = text_of(report, 60);

	(void)state;
	assert_non_null(strstr(text, "  It says: \xef\xbf\xbdWhat stands out\xef\xbf\xbd  1 "));
	assert_non_null(strstr(text, "\n           "));
	for (const char *at = text; *at; at++) {
		assert_true(*at == '\n' || (unsigned char)*at >= 0x20);
	}
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_true(ilv_text_width(line) <= 60);
	}
	assert_null(strpbrk(json_string_value(json_array_get(notes, 0)), "\n\x1b\x07\xff"));
	free(text);
	json_decref(root);
	ilv_report_destroy(report);
}

static char *compared(const char *left, const char *right, bool is_json)
{
	const struct ilv_text_style style = {.has_unicode = true, .width = 72};
	struct ilv_report *reports[] = {report_of_script(left, false),
					report_of_script(right, false)};
	const char *const names[] = {"left", "right"};
	struct ilv_comparison *comparison = NULL;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(ilv_comparison_create((const struct ilv_report *const *)reports, names, 2,
					       &comparison),
			 ILV_STATUS_OK);
	assert_int_equal(is_json ? ilv_comparison_write_json(comparison, stream)
				 : ilv_comparison_write_text(comparison, &style, stream),
			 ILV_STATUS_OK);
	(void)fclose(stream);
	ilv_comparison_destroy(comparison);
	ilv_report_destroy(reports[0]);
	ilv_report_destroy(reports[1]);
	return text;
}

static void comparisons_quote_each_run(void **state)
{
	static const char silent[] =
		"0 run_begin pid=1 tid=1 cpu=0 workload=w variant=silent\n" END;
	static const char joined[] = "0 run_begin pid=1 tid=1 cpu=0 workload=w variant=joined\n"
				     "1 run_note pid=1 tid=1 cpu=0 text=\"all 4 parts were there, "
				     "and it came to 10 as everybody expected\"\n" END;
	static const char unjoined[] = "0 run_begin pid=1 tid=1 cpu=0 workload=w "
				       "variant=\"un\\x1bjoined\"\n"
				       "1 run_note pid=1 tid=1 cpu=0 text=\"none\\nwas there\"\n"
				       "2 run_note pid=1 tid=1 cpu=0 text=\"it came to 0\"\n" END;
	static const char quoted[] =
		"\nIn their own words\n"
		"  joined     all 4 parts were there, and it came to 10 as everybody\n"
		"             expected\n"
		"  un\xef\xbf\xbdjoined  none\xef\xbf\xbdwas there\n"
		"             it came to 0\n\n";
	char *text = compared(joined, unjoined, false);
	const char *list = strstr(text, "\nIn their own words\n");
	json_t *root;
	json_t *runs;

	(void)state;
	assert_non_null(list);
	assert_ptr_equal(strstr(list, quoted), list);
	assert_null(strchr(text, '\x1b'));
	free(text);

	text = compared(silent, unjoined, true);
	root = json_loads(text, 0, NULL);
	runs = json_object_get(root, "runs");
	assert_int_equal(json_array_size(json_object_get(json_array_get(runs, 0), "notes")), 0);
	assert_string_equal(json_string_value(json_array_get(
				    json_object_get(json_array_get(runs, 1), "notes"), 1)),
			    "it came to 0");
	json_decref(root);
	free(text);

	/* What tells no run from another is said once. */
	text = compared(joined, joined, false);
	assert_non_null(strstr(text, "\nIn their own words\n"
				     "  all  all 4 parts were there, and it came to 10 as "
				     "everybody expected\n\n"));
	free(text);

	text = compared(silent, silent, false);
	assert_null(strstr(text, "own words"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_few_are_kept),
		cmocka_unit_test(who_says_nothing_is_not_quoted),
		cmocka_unit_test(a_trace_without_runs_has_words),
		cmocka_unit_test(hostile_words_do_no_harm),
		cmocka_unit_test(comparisons_quote_each_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
