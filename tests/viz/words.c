/* SPDX-License-Identifier: MIT */
/* Description: names from traces become harmless, fit their place, and lines break between words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "viz/page.h"
#include "viz/words.h"

#define BAD "\xef\xbf\xbd"

static void expect_clean(const char *raw, const char *clean)
{
	char text[64];

	ilv_words_clean(text, sizeof(text), raw);
	assert_string_equal(text, clean);
}

static void harmful_bytes_are_replaced(void **state)
{
	(void)state;
	expect_clean("plain", "plain");
	expect_clean(NULL, "");
	expect_clean("a\tb\nc", "a b c");
	expect_clean("\x01\x1b[31m\x7f", BAD BAD "[31m" BAD);
	expect_clean("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
	expect_clean("cut \xc3", "cut " BAD);
	expect_clean("\xff\xfe", BAD BAD);
	expect_clean("\xc0\xaf", BAD BAD);         /* overlong */
	expect_clean("\xed\xa0\x80", BAD BAD BAD); /* surrogate */
	expect_clean("\xef\xbf\xbf", BAD);         /* not a character */
	expect_clean("\xe2\x80\xae"
		     "abc",
		     BAD "abc"); /* turns the direction */
	expect_clean("\xc2\x9b"
		     "5m",
		     BAD "5m");                            /* a control of a terminal */
	expect_clean("\xf4\x90\x80\x80", BAD BAD BAD BAD); /* beyond Unicode */
}

static void long_names_are_cut_at_a_character(void **state)
{
	char text[8];

	(void)state;
	ilv_words_clean(text, sizeof(text), "abcdefgh");
	assert_string_equal(text, "abcd\xe2\x80\xa6");
	ilv_words_clean(text, sizeof(text), "abcdefg");
	assert_string_equal(text, "abcdefg");
	ilv_words_clean(text, sizeof(text), "abc\xc3\xbc\xc3\xbc\xc3\xbc");
	assert_string_equal(text, "abc\xe2\x80\xa6");
}

static void text_is_shortened_to_its_place(void **state)
{
	char text[64] = "interleave-workload";

	(void)state;
	ilv_words_fit(text, 11, false, 1000);
	assert_string_equal(text, "interleave-workload");
	ilv_words_fit(text, 11, false, 72);
	assert_true(ilv_words_width(text, 11, false) <= 72);
	assert_true(ilv_words_width(text, 11, false) > 60);
	assert_non_null(strstr(text, "\xe2\x80\xa6"));
	strcpy(text, "ab");
	ilv_words_fit(text, 11, false, 2);
	assert_string_equal(text, "");
}

static void lines_break_between_words(void **state)
{
	const char *text = "one two three averyveryverylongword end";
	char line[64];

	(void)state;
	assert_true(ilv_words_line(&text, 10, false, 50, line, sizeof(line)));
	assert_string_equal(line, "one two");
	assert_true(ilv_words_line(&text, 10, false, 50, line, sizeof(line)));
	assert_string_equal(line, "three");
	assert_true(ilv_words_line(&text, 10, false, 50, line, sizeof(line)));
	assert_non_null(strstr(line, "\xe2\x80\xa6"));
	assert_true(ilv_words_width(line, 10, false) <= 50);
	assert_true(ilv_words_line(&text, 10, false, 50, line, sizeof(line)));
	assert_string_equal(line, "end");
	assert_false(ilv_words_line(&text, 10, false, 50, line, sizeof(line)));
}

static void columns_of_a_terminal_are_kept(void **state)
{
	char padded[64];

	(void)state;
	ilv_words_pad(padded, sizeof(padded), "ab", 5, true);
	assert_string_equal(padded, "ab   ");
	ilv_words_pad(padded, sizeof(padded), "abcdef", 5, true);
	assert_string_equal(padded, "abcd\xe2\x80\xa6");
	ilv_words_pad(padded, sizeof(padded),
		      "gr\xc3\xbc\xc3\x9f"
		      "er",
		      4, false);
	assert_string_equal(padded, "gr?~");
}

/* A program that does not say what it counts is cooperative where a loop runs tasks in it. */
static void a_run_is_of_the_kind_of_its_units(void **state)
{
	struct ilv_report_run run = {.unit = ILV_UNIT_TASK, .has_unit = true};

	(void)state;
	assert_string_equal(ilv_page_kind(&run), "cooperative: a task runs until it awaits");
	run = (struct ilv_report_run){.task_count = 4};
	assert_string_equal(ilv_page_kind(&run), "cooperative: a task runs until it awaits");
	run = (struct ilv_report_run){.task_count = 4, .unit = ILV_UNIT_THREAD, .has_unit = true};
	assert_string_equal(ilv_page_kind(&run),
			    "preemptive: the kernel decides when a thread stops");
	run = (struct ilv_report_run){.thread_count = 4};
	assert_string_equal(ilv_page_kind(&run),
			    "preemptive: the kernel decides when a thread stops");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harmful_bytes_are_replaced),
		cmocka_unit_test(long_names_are_cut_at_a_character),
		cmocka_unit_test(text_is_shortened_to_its_place),
		cmocka_unit_test(lines_break_between_words),
		cmocka_unit_test(a_run_is_of_the_kind_of_its_units),
		cmocka_unit_test(columns_of_a_terminal_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
