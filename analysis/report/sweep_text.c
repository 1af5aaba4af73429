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

static void add_step(struct ilv_table *table, const struct ilv_sweep *sweep,
		     const struct ilv_sweep_line *line, uint32_t point)
{
	double memory_bytes = ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_MEMORY);
	double time_ns = ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_TIME);
	double gain = ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_GAIN);
	char text[ILV_DURATION_TEXT_SIZE];

	ilv_table_printf(table, "  %s", point == 0 ? line->label : "");
	ilv_sweep_value_text(sweep->unit, (double)line->points[point].value, text, sizeof(text));
	ilv_table_text(table, text);
	add_count(table, ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_RATE));
	ilv_table_duration(table, isnan(time_ns) ? ILV_UNKNOWN : llround(time_ns));
	if (isnan(gain)) {
		ilv_table_text(table, NULL);
	} else {
		ilv_table_printf(table, "%.2g times", gain);
	}
	add_count(table, ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_CUT_SHORT));
	add_count(table, ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_GAVE_WAY));
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
	ilv_table_column(&table, "a second", true, 0);
	ilv_table_column(&table, sweep->work ? "time each" : "time", true, 0);
	ilv_table_column(&table, "as fast", true, 0);
	ilv_table_column(&table, "cut short", true, 0);
	ilv_table_column(&table, "gave way", true, 0);
	ilv_table_column(&table, "memory", true, 0);
	for (uint32_t index = 0; index < sweep->line_count; index++) {
		const struct ilv_sweep_line *line = &sweep->lines[index];
		uint32_t stride = (line->point_count + STEP_MAX - 1) / STEP_MAX;

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
