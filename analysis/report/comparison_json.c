/* SPDX-License-Identifier: MIT */
/* Description: a comparison as JSON, as docs/comparison.schema.json describes it. */
#include "analysis/report/comparison.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/report/words.h"
#include "base/cause.h"
#include "base/escape.h"

static json_t *string_or_null(const char *text)
{
	char *safe = ilv_escape_copy(text);
	json_t *json = safe ? json_string(safe) : json_null();

	free(safe);
	return json;
}

static json_t *number_or_null(enum ilv_measure measure, double value)
{
	if (isnan(value)) {
		return json_null();
	}

	return measure == ILV_MEASURE_CPUS_BUSY ? json_real(value)
						: json_integer((json_int_t)value);
}

static const char *const keys[ILV_MEASURE_COUNT] = {
	[ILV_MEASURE_TIME] = "duration_ns",          [ILV_MEASURE_CPUS_BUSY] = "cpus_busy",
	[ILV_MEASURE_CUT_SHORT] = "cut_short_count", [ILV_MEASURE_GAVE_WAY] = "gave_way_count",
	[ILV_MEASURE_WAIT_P99] = "wait_p99_ns",      [ILV_MEASURE_MEMORY] = "memory_bytes",
};

static json_t *measures_json(const struct ilv_compared_run *compared)
{
	json_t *json = json_object();

	for (unsigned int measure = 0; measure < ILV_MEASURE_COUNT; measure++) {
		(void)json_object_set_new(json, keys[measure],
					  number_or_null(measure, compared->values[measure]));
	}

	(void)json_object_set_new(
		json, "thread_cut_count",
		compared->run->sum.thread_cut_count == ILV_UNKNOWN
			? json_null()
			: json_integer((json_int_t)compared->run->sum.thread_cut_count));
	(void)json_object_set_new(json, "unit_count", json_integer(compared->run->sum.unit_count));
	return json;
}

static json_t *notes_json(const struct ilv_report_run *run)
{
	json_t *json = json_array();

	for (uint32_t index = 0; index < run->note_count; index++) {
		(void)json_array_append_new(json, string_or_null(run->notes[index]));
	}

	return json;
}

/* The rise over the first run, in per cent: null for the first, for what is left out, and over
 * nothing. */
static json_t *rises_json(const struct ilv_comparison *comparison, uint32_t index)
{
	json_t *json = json_object();

	for (unsigned int measure = 0; measure < ILV_MEASURE_COUNT; measure++) {
		double first = comparison->runs[0].values[measure];
		double value = comparison->runs[index].values[measure];
		bool is_known = index > 0 && !comparison->is_left_out[measure] && first != 0 &&
				!isnan(first) && !isnan(value);

		(void)json_object_set_new(json, keys[measure],
					  is_known ? json_real(100 * (value - first) / first)
						   : json_null());
	}

	return json;
}

static json_t *prices_json(const struct ilv_comparison *comparison, uint32_t index)
{
	json_t *json = json_array();

	for (uint32_t at = 0; at < comparison->price_count; at++) {
		const struct ilv_compared_price *price = &comparison->prices[at];
		const struct ilv_price *of = &price->of_runs[index];

		(void)json_array_append_new(
			json,
			json_pack("{s:o, s:s, s:o, s:o}", "what", string_or_null(price->what),
				  "unit", ilv_quantity_word(price->unit), "untraced",
				  isnan(of->untraced) ? json_null()
						      : json_integer((json_int_t)of->untraced),
				  "recorded",
				  isnan(of->recorded) ? json_null() : json_real(of->recorded)));
	}

	return json;
}

enum ilv_status ilv_comparison_write_json(const struct ilv_comparison *comparison, FILE *stream)
{
	static const char *const units[] = {"thread", "task", "process", "pool-job"};
	enum ilv_status status = ILV_STATUS_OK;
	json_t *root = json_object();
	json_t *runs = json_array();
	json_t *left_out = json_object();

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		const struct ilv_report_run *run = compared->run;
		json_t *json = json_object();

		(void)json_object_set_new(json, "label", string_or_null(compared->label));
		(void)json_object_set_new(json, "workload", string_or_null(run->workload));
		(void)json_object_set_new(json, "runtime", string_or_null(run->runtime));
		(void)json_object_set_new(json, "variant", string_or_null(run->variant));
		(void)json_object_set_new(json, "parameters", string_or_null(run->parameters));
		(void)json_object_set_new(
			json, "unit", run->has_unit ? json_string(units[run->unit]) : json_null());
		(void)json_object_set_new(
			json, "is_complete",
			json_boolean(compared->report->is_complete && !run->is_interrupted));
		(void)json_object_set_new(json, "notes", notes_json(run));
		(void)json_object_set_new(json, "measures", measures_json(compared));
		(void)json_object_set_new(json, "rise_percent", rises_json(comparison, index));
		(void)json_object_set_new(json, "prices", prices_json(comparison, index));
		(void)json_array_append_new(runs, json);
	}

	for (unsigned int measure = 0; measure < ILV_MEASURE_COUNT; measure++) {
		if (comparison->is_left_out[measure]) {
			(void)json_object_set_new(
				left_out, keys[measure],
				string_or_null(comparison->left_out_because[measure]));
		}
	}

	(void)json_object_set_new(root, "format", json_string("interleave-comparison"));
	(void)json_object_set_new(root, "version", json_integer(1));
	(void)json_object_set_new(root, "title", string_or_null(comparison->title));
	(void)json_object_set_new(root, "verdict", string_or_null(comparison->verdict));
	(void)json_object_set_new(root, "sweep", ilv_sweep_json(comparison->sweep));
	(void)json_object_set_new(root, "runs", runs);
	(void)json_object_set_new(root, "left_out", left_out);
	if (json_dumpf(root, stream, JSON_INDENT(2)) != 0 || fputc('\n', stream) == EOF) {
		ilv_cause_add("Cannot write the comparison as JSON");
		status = ILV_STATUS_IO;
	}

	json_decref(root);
	return status;
}
