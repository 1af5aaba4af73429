/* SPDX-License-Identifier: MIT */
/* Description: a comparison for a terminal: the verdict, then a row a measure and a column a run.
 */
#include "analysis/report/comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

#define NAME_WIDTH  20
#define VALUE_WIDTH 9
#define BAR_WIDTH   10

static void write_wrapped(const char *text, bool has_unicode, unsigned int width, FILE *stream)
{
	size_t size = 4 * strlen(text) + 1;
	char *safe = malloc(size);
	const char *rest = safe;

	if (!safe) {
		return;
	}

	(void)ilv_escape_text(text, has_unicode, safe, size);
	while (*rest) {
		size_t length = ilv_text_fit(rest, width);

		if (rest[length]) {
			size_t blank = length;

			while (blank > 0 && rest[blank] != ' ') {
				blank--;
			}

			length = blank > 0 ? blank : length;
		}

		(void)fprintf(stream, "%.*s\n", (int)length, rest);
		rest += length;
		while (*rest == ' ') {
			rest++;
		}
	}

	free(safe);
}

/* Writes a bar of `share` (0 to 1) of BAR_WIDTH columns, padded with blanks. */
static void write_bar(double share, bool has_unicode, FILE *stream)
{
	static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	unsigned int steps = share > 0 ? (unsigned int)lround(share * BAR_WIDTH * 8) : 0;
	unsigned int column = 0;

	for (; column < steps / 8; column++) {
		(void)fputs(has_unicode ? "█" : "#", stream);
	}

	if (steps % 8 > 0 && has_unicode) {
		(void)fputs(eighths[steps % 8], stream);
		column++;
	}

	for (; column < BAR_WIDTH; column++) {
		(void)fputc(' ', stream);
	}
}

/* "+ 51 %", "3.8 times", or nothing where there is none to tell. */
static void rise_text(double first, double value, char *text, size_t size)
{
	double ratio = value / first;

	text[0] = '\0';
	if (isnan(ratio) || first == 0) {
		return;
	}

	if (ratio >= 2) {
		(void)snprintf(text, size, ratio < 10 ? "%.1f times" : "%.0f times", ratio);
	} else if (fabs(ratio - 1) >= 0.005) {
		(void)snprintf(text, size, "%s %.0f %%", ratio > 1 ? "+" : "-",
			       100 * fabs(ratio - 1));
	} else {
		(void)snprintf(text, size, "the same");
	}
}

/* Prints `text` padded on its right to `width` columns. */
static void write_padded(const char *text, unsigned int width, FILE *stream)
{
	size_t used = ilv_text_width(text);

	(void)fputs(text, stream);
	for (; used < width; used++) {
		(void)fputc(' ', stream);
	}
}

static void write_row(const struct ilv_comparison *comparison, enum ilv_measure measure,
		      uint32_t begin, uint32_t end, bool has_rise,
		      const struct ilv_text_style *style, FILE *stream)
{
	double greatest = 0;

	if (comparison->is_left_out[measure]) {
		return;
	}

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		greatest = fmax(greatest, comparison->runs[index].values[measure]);
	}

	(void)fputs("  ", stream);
	write_padded(ilv_measure_name(measure), NAME_WIDTH - 2, stream);
	for (uint32_t index = begin; index < end; index++) {
		char text[64];
		double value = comparison->runs[index].values[measure];

		ilv_measure_text(measure, value, text, sizeof(text));
		(void)fprintf(stream, "%*s ", VALUE_WIDTH, text);
		write_bar(greatest > 0 ? value / greatest : 0, style->has_unicode, stream);
		(void)fputs("  ", stream);
	}

	if (has_rise) {
		char text[64];

		rise_text(comparison->runs[0].values[measure], comparison->runs[1].values[measure],
			  text, sizeof(text));
		(void)fputs(text, stream);
	}

	if (measure == ILV_MEASURE_CUT_SHORT) {
		for (uint32_t index = begin; index < end; index++) {
			const struct ilv_report_run *run = comparison->runs[index].run;

			if (run->has_unit && run->unit == ILV_UNIT_TASK &&
			    run->sum.thread_cut_count != ILV_UNKNOWN) {
				(void)fprintf(stream, " (loop's thread: %lld)",
					      (long long)run->sum.thread_cut_count);
				break;
			}
		}
	}

	(void)fputc('\n', stream);
}

static void write_block(const struct ilv_comparison *comparison, uint32_t begin, uint32_t end,
			const struct ilv_text_style *style, FILE *stream)
{
	bool has_rise = comparison->run_count == 2;

	(void)fprintf(stream, "\n%*s", NAME_WIDTH, "");
	for (uint32_t index = begin; index < end; index++) {
		char label[64];
		char safe[64];
		size_t fit;

		(void)ilv_escape_text(comparison->runs[index].label, style->has_unicode, safe,
				      sizeof(safe));
		fit = ilv_text_fit(safe, VALUE_WIDTH + 1 + BAR_WIDTH - 4);
		(void)snprintf(label, sizeof(label), "    %.*s", (int)fit, safe);
		write_padded(label, VALUE_WIDTH + 1 + BAR_WIDTH + 2, stream);
	}

	(void)fprintf(stream, "%s\n", has_rise ? "difference" : "");
	for (unsigned int measure = 0; measure < ILV_MEASURE_COUNT; measure++) {
		write_row(comparison, measure, begin, end, has_rise, style, stream);
	}
}

enum ilv_status ilv_comparison_write_text(const struct ilv_comparison *comparison,
					  const struct ilv_text_style *style, FILE *stream)
{
	unsigned int width = style->width < 60 ? 60 : style->width;
	uint32_t per_block = (width - NAME_WIDTH) / (VALUE_WIDTH + BAR_WIDTH + 3);

	write_wrapped(comparison->title, style->has_unicode, width, stream);
	(void)fputc('\n', stream);
	write_wrapped(comparison->verdict, style->has_unicode, width, stream);
	for (uint32_t begin = 0; begin < comparison->run_count; begin += per_block) {
		uint32_t end = begin + per_block < comparison->run_count ? begin + per_block
									 : comparison->run_count;

		write_block(comparison, begin, end, style, stream);
	}

	for (unsigned int measure = 0; measure < ILV_MEASURE_COUNT; measure++) {
		if (comparison->is_left_out[measure]) {
			char text[256];

			(void)snprintf(text, sizeof(text), "Left out: %s, for %s.",
				       ilv_measure_name(measure),
				       comparison->left_out_because[measure]);
			(void)fputc('\n', stream);
			write_wrapped(text, style->has_unicode, width, stream);
		}
	}

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];

		if (!compared->report->is_complete || compared->run->is_interrupted) {
			(void)fprintf(stream,
				      "\nIncomplete: %s. Its numbers are less than what happened; "
				      "its report "
				      "says what is missing.\n",
				      compared->label);
		}
	}

	return ferror(stream) ? ILV_STATUS_IO : ILV_STATUS_OK;
}
