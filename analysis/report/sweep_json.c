/* SPDX-License-Identifier: MIT */
/* Description: a sweep as JSON, as docs/comparison.schema.json describes it. */
#include <math.h>
#include <stdlib.h>

#include "analysis/report/sweep.h"
#include "analysis/report/words.h"
#include "base/escape.h"

static json_t *text_or_null(const char *text)
{
	char *safe = text ? ilv_escape_copy(text) : NULL;
	json_t *json = safe ? json_string(safe) : json_null();

	free(safe);
	return json;
}

static json_t *real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *integer_or_null(int64_t value)
{
	return value == ILV_UNKNOWN ? json_null() : json_integer(value);
}

static json_t *point_json(const struct ilv_sweep_line *line, uint32_t index)
{
	const struct ilv_sweep_point *point = &line->points[index];
	const struct ilv_report_phase *phase = point->phase;
	const struct ilv_report_count *work = ilv_phase_work(phase);
	const struct ilv_report_count *counted = ilv_phase_counted(phase);

	return json_pack(
		"{s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:o}",
		"phase", text_or_null(phase->name), "value", (json_int_t)point->value,
		"repeat_count", (json_int_t)point->repeat_count, "duration_ns",
		(json_int_t)(phase->end_ns - phase->begin_ns), "work_count",
		work ? json_integer(work->count) : json_null(), "counted",
		counted ? json_integer(counted->count) : json_null(), "work_per_s",
		real_or_null(ilv_sweep_value(line, index, ILV_SWEEP_MEASURE_RATE)), "time_each_ns",
		real_or_null(ilv_sweep_value(line, index, ILV_SWEEP_MEASURE_TIME)),
		"reference_time_each_ns",
		real_or_null(ilv_sweep_value(line, index, ILV_SWEEP_MEASURE_REFERENCE)), "gain",
		real_or_null(ilv_sweep_value(line, index, ILV_SWEEP_MEASURE_GAIN)),
		"recorded_time_each_ns",
		real_or_null(ilv_sweep_value(line, index, ILV_SWEEP_MEASURE_RECORDED_TIME)),
		"recorded_gain",
		real_or_null(ilv_sweep_value(line, index, ILV_SWEEP_MEASURE_RECORDED_GAIN)),
		"cpus_busy", real_or_null(phase->cpus_busy), "cut_short_count",
		integer_or_null(phase->cut_short_count), "gave_way_count",
		integer_or_null(phase->gave_way_count), "memory_bytes",
		integer_or_null(phase->memory_bytes), "thread_count",
		json_integer(phase->thread_count));
}

static json_t *line_json(const struct ilv_sweep *sweep, const struct ilv_sweep_line *line)
{
	json_t *points = json_array();
	bool has_knee = sweep->unit == ILV_QUANTITY_SHARERS && sweep->work;

	for (uint32_t index = 0; index < line->point_count; index++) {
		(void)json_array_append_new(points, point_json(line, index));
	}

	return json_pack("{s:o, s:b, s:o, s:o, s:o, s:o}", "label", text_or_null(line->label),
			 "is_reference", line->is_reference, "knee_value",
			 has_knee ? json_integer(line->points[line->knee].value) : json_null(),
			 "crossing_value", real_or_null(line->crossing), "recorded_crossing_value",
			 real_or_null(line->recorded_crossing), "points", points);
}

json_t *ilv_sweep_json(const struct ilv_sweep *sweep)
{
	json_t *lines;

	if (!sweep) {
		return json_null();
	}

	lines = json_array();
	for (uint32_t index = 0; index < sweep->line_count; index++) {
		(void)json_array_append_new(lines, line_json(sweep, &sweep->lines[index]));
	}

	return json_pack("{s:o, s:s, s:b, s:o, s:o, s:s, s:I, s:o}", "quantity",
			 text_or_null(sweep->quantity), "unit", ilv_quantity_word(sweep->unit),
			 "is_untraced", sweep->is_untraced, "work", text_or_null(sweep->work),
			 "counted", text_or_null(sweep->counted), "verdict", sweep->verdict,
			 "line_left_out_count", (json_int_t)sweep->line_left_out_count, "lines",
			 lines);
}
