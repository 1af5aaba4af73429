/* SPDX-License-Identifier: MIT */
/* Description: a sweep for a terminal: a row a step, line after line, so that each column can be
 * read downwards as a curve. */
#include <math.h>
#include <stdio.h>

#include "analysis/report/sweep.h"
#include "analysis/report/text_table.h"
#include "base/duration.h"

/* Of more steps some are left out, the ends never. */
#define STEP_MAX 12
#define NAME_MAX 24

static void add_count(struct ilv_table *table, double value)
{
	ilv_table_count(table, isnan(value) ? ILV_UNKNOWN : llround(value));
}

static void add_time(struct ilv_table *table, double value_ns)
{
	ilv_table_duration(table, isnan(value_ns) ? ILV_UNKNOWN : llround(value_ns));
}

static void add_gain(struct ilv_table *table, double gain)
{
	char text[ILV_DURATION_TEXT_SIZE];

	if (isnan(gain)) {
		ilv_table_text(table, NULL);
	} else {
		ilv_number_text(gain, 2, text, sizeof(text));
		ilv_table_printf(table, "%s times", text);
	}
}

/* Of several runs each line is measured against what was taken in its own, and that stands beside
 * it: as a line of the table it would be that of one run alone. */
static bool has_own_references(const struct ilv_sweep *sweep)
{
	return sweep->reference && sweep->run_count > 1;
}

static void add_step(struct ilv_table *table, const struct ilv_sweep *sweep,
		     const struct ilv_sweep_line *line, uint32_t point)
{
	double memory_bytes = ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_MEMORY);
	char text[ILV_DURATION_TEXT_SIZE];

	ilv_table_printf(table, "  %s", point == 0 ? line->label : "");
	ilv_sweep_value_text(sweep->unit, (double)line->points[point].value, text, sizeof(text));
	ilv_table_text(table, text);
	if (!sweep->is_untraced) { /* for want of room */
		add_count(table, ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_RATE));
	}
	add_time(table, ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_TIME));
	if (has_own_references(sweep)) {
		add_time(table, ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_REFERENCE));
	}
	add_gain(table, ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_GAIN));
	add_time(table, ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_RECORDED_TIME));
	add_gain(table, ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_RECORDED_GAIN));
	add_count(table, ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_CUT_SHORT));
	if (!sweep->is_untraced) {
		add_count(table, ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_GAVE_WAY));
	}
	if (isnan(memory_bytes)) {
		ilv_table_text(table, NULL);
	} else {
		ilv_bytes_text(memory_bytes, text, sizeof(text));
		ilv_table_text(table, text);
	}
}

enum ilv_status ilv_sweep_write_text(const struct ilv_sweep *sweep,
				     const struct ilv_text_style *style, FILE *stream)
{
	struct ilv_table table;
	enum ilv_status status;

	ilv_table_init(&table, style);
	ilv_table_column(&table, "Steps", false, NAME_MAX);
	ilv_table_column(&table, "at", true, 0);
	if (!sweep->is_untraced) {
		ilv_table_column(&table, "a second", true, 0);
	}
	ilv_table_column(&table, sweep->work ? "time each" : "time", true, 0);
	if (has_own_references(sweep)) {
		ilv_table_column(&table, "reference", true, 0);
	}
	ilv_table_column(&table, "as fast", true, 0);
	ilv_table_column(&table, "recorded", true, 0);
	ilv_table_column(&table, "as fast", true, 0);
	ilv_table_column(&table, "cut short", true, 0);
	if (!sweep->is_untraced) {
		ilv_table_column(&table, "gave way", true, 0);
	}
	ilv_table_column(&table, "memory", true, 0);
	for (uint32_t index = 0; index < sweep->line_count; index++) {
		const struct ilv_sweep_line *line = &sweep->lines[index];
		uint32_t stride = (line->point_count + STEP_MAX - 1) / STEP_MAX;

		if (line == sweep->reference && has_own_references(sweep)) {
			continue;
		}
		for (uint32_t point = 0; point < line->point_count; point++) {
			if (point % stride == 0 || point + 1 == line->point_count) {
				add_step(&table, sweep, line, point);
			}
		}
	}
	status = ilv_table_write(&table, stream);
	ilv_table_fini(&table);

	return status;
}
