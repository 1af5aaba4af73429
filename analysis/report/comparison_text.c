/* SPDX-License-Identifier: MIT */
/* Description: a comparison for a terminal: the verdict, then a row a measure and a column a run.
 */
#include "analysis/report/comparison.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/text_table.h"
#include "analysis/report/verdict.h"
#include "base/duration.h"
#include "base/escape.h"

#define NAME_WIDTH  20
#define VALUE_WIDTH 9
#define BAR_WIDTH   10
#define LABEL_WIDTH 17 /* leaves a blank before the next */

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

/* "+ 51 %", "3.8 times", "none", or nothing where there is none to tell. */
static void rise_text(double first, double value, char *text, size_t size)
{
	double ratio = value / first;

	text[0] = '\0';
	if (isnan(ratio) || first == 0) {
		return;
	}

	if (value == 0) {
		(void)snprintf(text, size, "none");
		return;
	}

	if (ratio >= 2) {
		ilv_price_times_text(ratio, text, size);
	} else if (fabs(ratio - 1) >= 0.005) {
		/* Something that is left is not nothing. */
		(void)snprintf(text, size, "%s %.0f %%", ratio > 1 ? "+" : "-",
			       ratio > 1 ? 100 * (ratio - 1) : fmin(100 * (1 - ratio), 99));
	} else {
		(void)snprintf(text, size, "the same");
	}
}

/* Ends a line that was put together in memory: writes it without the blanks at its end. */
static enum ilv_status end_line(FILE *line, char **text, FILE *stream)
{
	enum ilv_status status = fclose(line) == 0 ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
	size_t length = status == ILV_STATUS_OK ? strlen(*text) : 0;

	while (length > 0 && (*text)[length - 1] == ' ') {
		length--;
	}

	if (status == ILV_STATUS_OK) {
		(void)fprintf(stream, "%.*s\n", (int)length, *text);
	}

	free(*text);
	*text = NULL;
	return status;
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

static enum ilv_status write_row(const struct ilv_comparison *comparison, enum ilv_measure measure,
				 uint32_t begin, uint32_t end, const struct ilv_text_style *style,
				 FILE *stream)
{
	char *text = NULL;
	size_t size;
	FILE *line = open_memstream(&text, &size);
	double greatest = 0;

	if (!line) {
		return ILV_STATUS_MEMORY;
	}

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		greatest = fmax(greatest, comparison->runs[index].values[measure]);
	}

	(void)fputs("  ", line);
	write_padded(ilv_measure_name(measure), NAME_WIDTH - 2, line);
	for (uint32_t index = begin; index < end; index++) {
		char value_text[64];
		char safe[sizeof(value_text)];
		double value = comparison->runs[index].values[measure];
		int padding;

		ilv_measure_text(measure, value, value_text, sizeof(value_text));
		(void)ilv_escape_text(value_text, style->has_unicode, safe, sizeof(safe));
		padding = VALUE_WIDTH - (int)ilv_text_width(safe);
		(void)fprintf(line, "%*s%s ", padding > 0 ? padding : 0, "", safe);
		write_bar(greatest > 0 ? value / greatest : 0, style->has_unicode, line);
		(void)fputs("  ", line);
	}

	if (comparison->run_count == 2) {
		char rise[64];

		rise_text(comparison->runs[0].values[measure], comparison->runs[1].values[measure],
			  rise, sizeof(rise));
		(void)fputs(rise, line);
	}

	return end_line(line, &text, stream);
}

/* Tasks and jobs are not cut, but the threads beneath are. */
static bool has_carriers(const struct ilv_report_run *run, enum ilv_unit unit)
{
	return run->has_unit && run->unit == unit && run->sum.thread_cut_count != ILV_UNKNOWN;
}

/* How often these were cut: a row of its own, where there is such a run. */
static enum ilv_status write_carriers(const struct ilv_comparison *comparison, uint32_t begin,
				      uint32_t end, FILE *stream)
{
	bool has_tasks = false;
	bool has_jobs = false;
	char *text = NULL;
	size_t size;
	FILE *line = open_memstream(&text, &size);

	if (!line) {
		return ILV_STATUS_MEMORY;
	}

	for (uint32_t index = begin; index < end; index++) {
		has_tasks |= has_carriers(comparison->runs[index].run, ILV_UNIT_TASK);
		has_jobs |= has_carriers(comparison->runs[index].run, ILV_UNIT_POOL_JOB);
	}

	(void)fputs("    ", line);
	write_padded(!has_jobs    ? "loop's thread"
		     : !has_tasks ? "workers"
				  : "their threads",
		     NAME_WIDTH - 4, line);
	for (uint32_t index = begin; index < end; index++) {
		const struct ilv_report_run *run = comparison->runs[index].run;
		char count[ILV_DURATION_TEXT_SIZE] = "";

		if (has_carriers(run, ILV_UNIT_TASK) || has_carriers(run, ILV_UNIT_POOL_JOB)) {
			ilv_count_text(run->sum.thread_cut_count, count, sizeof(count));
		}

		(void)fprintf(line, "%*s %*s", VALUE_WIDTH, count, BAR_WIDTH + 2, "");
	}

	if (has_tasks || has_jobs) {
		return end_line(line, &text, stream);
	}

	(void)fclose(line);
	free(text);
	return ILV_STATUS_OK;
}

static enum ilv_status write_labels(const struct ilv_comparison *comparison, uint32_t begin,
				    uint32_t end, const struct ilv_text_style *style, FILE *stream)
{
	char *text = NULL;
	size_t size;
	FILE *line = open_memstream(&text, &size);

	if (!line) {
		return ILV_STATUS_MEMORY;
	}

	(void)fprintf(line, "%*s", NAME_WIDTH, "");
	for (uint32_t index = begin; index < end; index++) {
		char label[128];

		(void)ilv_escape_text(comparison->runs[index].label, style->has_unicode, label,
				      sizeof(label));
		ilv_text_shorten(style, label, sizeof(label), LABEL_WIDTH);
		(void)fputs("    ", line);
		write_padded(label, LABEL_WIDTH + 1, line);
	}

	(void)fputs(comparison->run_count == 2 ? "difference" : "", line);
	return end_line(line, &text, stream);
}

static enum ilv_status write_block(const struct ilv_comparison *comparison, uint32_t begin,
				   uint32_t end, const struct ilv_text_style *style, FILE *stream)
{
	enum ilv_status status;

	(void)fputc('\n', stream);
	status = write_labels(comparison, begin, end, style, stream);
	for (unsigned int measure = 0; measure < ILV_MEASURE_COUNT && status >= 0; measure++) {
		if (comparison->is_left_out[measure]) {
			continue;
		}

		status = write_row(comparison, measure, begin, end, style, stream);
		if (status >= 0 && measure == ILV_MEASURE_CUT_SHORT) {
			status = write_carriers(comparison, begin, end, stream);
		}
	}

	return status;
}

static bool do_all_say_same(const struct ilv_comparison *comparison)
{
	for (uint32_t index = 1; index < comparison->run_count; index++) {
		if (!ilv_report_says_same(comparison->runs[0].run, comparison->runs[index].run)) {
			return false;
		}
	}

	return comparison->run_count > 1;
}

/* What the programs say of their runs, a line each that says anything; what all say, once. */
static void write_own_words(const struct ilv_comparison *comparison,
			    const struct ilv_text_style *style, FILE *stream)
{
	const bool is_same = do_all_say_same(comparison);
	const uint32_t count = is_same ? 1 : comparison->run_count;
	bool is_first = true;
	unsigned int indent = 0;

	for (uint32_t index = 0; index < count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		const char *label = is_same ? "all" : compared->label;
		unsigned int width = (unsigned int)strlen(label) + 4;

		if (compared->run->note_count > 0 && width > indent) {
			indent = width < NAME_WIDTH ? width : NAME_WIDTH;
		}
	}

	for (uint32_t index = 0; index < count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		const char *label = is_same ? "all" : compared->label;

		for (uint32_t note = 0; note < compared->run->note_count; note++) {
			char lead[NAME_WIDTH * 4];

			if (is_first) {
				(void)fputc('\n', stream);
				ilv_text_paragraph(style, 0, ILV_PAINT_STRONG, "In their own words",
						   stream);
				is_first = false;
			}

			(void)snprintf(lead, sizeof(lead), "  %s", note == 0 ? label : "");
			ilv_text_item(style, lead, indent, ILV_PAINT_NONE,
				      compared->run->notes[note], stream);
		}
	}
}

/* What is missing from the table, and which of its columns not to trust. */
static enum ilv_status write_notes(const struct ilv_comparison *comparison,
				   const struct ilv_text_style *style, FILE *stream)
{
	for (unsigned int measure = 0; measure < ILV_MEASURE_COUNT; measure++) {
		char *text = NULL;

		if (!comparison->is_left_out[measure]) {
			continue;
		}

		if (asprintf(&text, "Left out: %s, because %s.", ilv_measure_name(measure),
			     comparison->left_out_because[measure]) < 0) {
			return ILV_STATUS_MEMORY;
		}

		(void)fputc('\n', stream);
		ilv_text_paragraph(style, 0, ILV_PAINT_FAINT, text, stream);
		free(text);
	}

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		char *text = NULL;

		if (compared->report->is_complete && !compared->run->is_interrupted) {
			continue;
		}

		if (asprintf(&text,
			     compared->report->has_losses || compared->run->is_interrupted
				     ? "Incomplete: %s. Its numbers are less than what happened; "
				       "its report says what is missing."
				     : "Not known to be complete: %s. Its numbers may be less than "
				       "what happened; its report says why.",
			     compared->label) < 0) {
			return ILV_STATUS_MEMORY;
		}

		(void)fputc('\n', stream);
		ilv_text_paragraph(style, 0, ILV_PAINT_WARNING, text, stream);
		free(text);
	}

	return ferror(stream) ? ILV_STATUS_IO : ILV_STATUS_OK;
}

enum ilv_status ilv_comparison_write_text(const struct ilv_comparison *comparison,
					  const struct ilv_text_style *style, FILE *stream)
{
	unsigned int width = style->width < 60 ? 60 : style->width;
	uint32_t per_block = (width - NAME_WIDTH) / (VALUE_WIDTH + BAR_WIDTH + 3);

	struct ilv_text_style fitting = *style;
	enum ilv_status status = ILV_STATUS_OK;

	fitting.width = width;
	ilv_text_paragraph(&fitting, 0, ILV_PAINT_STRONG, comparison->title, stream);
	(void)fputc('\n', stream);
	ilv_text_paragraph(&fitting, 0, ILV_PAINT_NONE, comparison->verdict, stream);
	write_own_words(comparison, &fitting, stream);
	status = ilv_comparison_write_prices(comparison, &fitting, stream);
	for (uint32_t begin = 0; begin < comparison->run_count && status >= 0; begin += per_block) {
		uint32_t end = begin + per_block < comparison->run_count ? begin + per_block
									 : comparison->run_count;

		status = write_block(comparison, begin, end, &fitting, stream);
	}

	if (status >= 0 && comparison->sweep) {
		status = ilv_sweep_write_text(comparison->sweep, &fitting, stream);
	}

	return status < 0 ? status : write_notes(comparison, &fitting, stream);
}
