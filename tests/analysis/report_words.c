/* SPDX-License-Identifier: MIT */
/* Description: durations, counts and sizes as people read them, and strings of a trace made safe to
 * show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/duration.h"
#include "base/escape.h"

static void durations_have_three_digits_and_a_unit(void **state)
{
	static const struct {
		int64_t duration_ns;
		const char *text;
	} cases[] = {
		{0, "0 ns"},
		{1, "1 ns"},
		{999, "999 ns"},
		{1000, "1 µs"},
		{1234, "1.23 µs"},
		{1235, "1.24 µs"},
		{9994, "9.99 µs"},
		{9996, "10 µs"},
		{99960, "100 µs"},
		{640000, "640 µs"},
		{999499, "999 µs"},
		{999500, "1 ms"},
		{8100000, "8.1 ms"},
		{93000000, "93 ms"},
		{1050000000, "1.05 s"},
		{999400000000, "999 s"},
		{999600000000, "1,000 s"},
		{12345000000000, "12,345 s"},
		{INT64_MAX, "9,223,372,037 s"},
		{-8100000, "-8.1 ms"},
		{INT64_MIN + 1, "-9,223,372,037 s"},
		{INT64_MIN, "unknown"},
	};
	char text[ILV_DURATION_TEXT_SIZE];

	(void)state;
	for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
		ilv_duration_text(cases[at].duration_ns, text, sizeof(text));
		assert_string_equal(text, cases[at].text);
	}
}

static void counts_have_commas(void **state)
{
	char text[ILV_DURATION_TEXT_SIZE];

	(void)state;
	ilv_count_text(0, text, sizeof(text));
	assert_string_equal(text, "0");
	ilv_count_text(999, text, sizeof(text));
	assert_string_equal(text, "999");
	ilv_count_text(1204, text, sizeof(text));
	assert_string_equal(text, "1,204");
	ilv_count_text(-1234567, text, sizeof(text));
	assert_string_equal(text, "-1,234,567");
	ilv_count_text(INT64_MIN, text, sizeof(text));
	assert_string_equal(text, "unknown");
}

static void numbers_have_no_exponent(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{0, "0"},           {0.00001, "<0.0001"}, {0.0001, "0.0001"},
		{0.0022, "0.0022"}, {0.536, "0.54"},      {1, "1"},
		{1.96, "2"},        {15.4, "15"},         {99.4, "99"},
		{99.6, "100"},      {128, "128"},         {1204.4, "1,204"},
		{-0.536, "-0.54"},  {-128, "-128"},
	};
	char text[ILV_DURATION_TEXT_SIZE];

	(void)state;
	for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
		ilv_number_text(cases[at].value, 2, text, sizeof(text));
		assert_string_equal(text, cases[at].text);
	}
	ilv_number_text(99.96, 3, text, sizeof(text));
	assert_string_equal(text, "100");
	ilv_number_text(999.6, 3, text, sizeof(text));
	assert_string_equal(text, "1,000");
}

static void sizes_have_units_of_1024(void **state)
{
	static const struct {
		double bytes;
		const char *text;
	} cases[] = {
		{0, "0 B"},
		{512, "512 B"},
		{999, "999 B"},
		{1000, "1000 B"},
		{1023, "1023 B"},
		{1024, "1 KiB"},
		{1536, "1.5 KiB"},
		{1048575, "1 MiB"},
		{1023.0 * 1024, "1023 KiB"},
		{1152921504606846976.0, "1024 PiB"},
	};
	char text[ILV_DURATION_TEXT_SIZE];

	(void)state;
	for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
		ilv_bytes_text(cases[at].bytes, text, sizeof(text));
		assert_string_equal(text, cases[at].text);
	}
}

#define R "\xef\xbf\xbd"

static void hostile_names_become_harmless(void **state)
{
	static const struct {
		const char *text, *unicode, *ascii;
	} cases[] = {
		{NULL, "", ""},
		{"worker 1", "worker 1", "worker 1"},
		{"<script>&", "<script>&", "<script>&"},
		{"a\033[31mb\nc\x7f", "a" R "[31mb" R "c" R, "a?[31mb?c?"},
		{"gr\u00fc\u00df", "gr\u00fc\u00df", "gr??"},
		{"640 \u00b5s", "640 \u00b5s", "640 us"},
		{"\xff\xfe", R R, "??"},
		{"\xc3", R, "?"},                      /* cut off */
		{"\xc0\xaf", R R, "??"},               /* overlong */
		{"\xed\xa0\x80", R, "?"},              /* surrogate */
		{"\xf4\x90\x80\x80", R R R R, "????"}, /* beyond Unicode */
		{"\xc2\x9b", R, "?"},                  /* C1: CSI */
		{"a\u202e"
		 "b",
		 "a" R "b", "a?b"},       /* turns the line around */
		{"\xef\xbf\xbf", R, "?"}, /* not legal in XML */
	};
	char text[128];

	(void)state;
	for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
		ilv_escape_text(cases[at].text, true, text, sizeof(text));
		assert_string_equal(text, cases[at].unicode);
		ilv_escape_text(cases[at].text, false, text, sizeof(text));
		assert_string_equal(text, cases[at].ascii);
		if (cases[at].text) {
			char *copy = ilv_escape_copy(cases[at].text);

			assert_string_equal(copy, cases[at].unicode);
			free(copy);
		}
	}
}

static void what_does_not_fit_is_cut_between_characters(void **state)
{
	char text[6];

	(void)state;
	assert_string_equal(ilv_escape_text("abcdefgh", true, text, sizeof(text)), "abcde");
	assert_string_equal(ilv_escape_text("abcd\u00fc", true, text, sizeof(text)), "abcd");
	assert_string_equal(ilv_escape_text("abc\xff", true, text, sizeof(text)), "abc");
	assert_string_equal(ilv_escape_text("x", true, text, 1), "");
}

static void widths_are_those_of_a_terminal(void **state)
{
	(void)state;
	assert_int_equal(ilv_text_width("abc"), 3);
	assert_int_equal(ilv_text_width("\u00fc\u2588"), 2);
	assert_int_equal(ilv_text_width("u\u0308"), 1);
	assert_int_equal(ilv_text_width("\u6f22\u5b57"), 4);
	assert_int_equal(ilv_text_fit("abc", 2), 2);
	assert_int_equal(ilv_text_fit("\u6f22\u5b57", 3), 3);
	assert_int_equal(ilv_text_fit("u\u0308x", 1), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_have_three_digits_and_a_unit),
		cmocka_unit_test(counts_have_commas),
		cmocka_unit_test(numbers_have_no_exponent),
		cmocka_unit_test(sizes_have_units_of_1024),
		cmocka_unit_test(hostile_names_become_harmless),
		cmocka_unit_test(what_does_not_fit_is_cut_between_characters),
		cmocka_unit_test(widths_are_those_of_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
