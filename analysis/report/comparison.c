/* SPDX-License-Identifier: MIT */
/* Description: collects the measures of runs, names the runs, and leaves out what cannot be
 * compared. */
#include "analysis/report/comparison.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/verdict.h"
#include "analysis/report/words.h"
#include "base/cause.h"
#include "base/duration.h"

static const char *const measure_names[ILV_MEASURE_COUNT] = {
	[ILV_MEASURE_TIME] = "time",           [ILV_MEASURE_CPUS_BUSY] = "CPUs busy",
	[ILV_MEASURE_CUT_SHORT] = "cut short", [ILV_MEASURE_GAVE_WAY] = "gave way",
	[ILV_MEASURE_WAIT_P99] = "wait, p99",  [ILV_MEASURE_MEMORY] = "memory",
};

const char *ilv_measure_name(enum ilv_measure measure)
{
	return measure_names[measure];
}

static void bytes_text(double bytes, char *text, size_t size)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	unsigned int unit = 0;

	while (fabs(bytes) >= 1023.5 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		bytes /= 1024;
		unit++;
	}

	(void)snprintf(text, size, bytes < 9.95 && unit > 0 ? "%.1f %s" : "%.0f %s", bytes,
		       units[unit]);
}

void ilv_measure_text(enum ilv_measure measure, double value, char *text, size_t size)
{
	if (isnan(value)) {
		(void)snprintf(text, size, "unknown");
		return;
	}

	switch (measure) {
	case ILV_MEASURE_TIME:
	case ILV_MEASURE_WAIT_P99:
		if (value == 0) {
			(void)snprintf(text, size, "0");
		} else {
			ilv_duration_text((int64_t)value, text, size);
		}
		break;
	case ILV_MEASURE_CPUS_BUSY:
		(void)snprintf(text, size, value < 0.095 ? "%.2f" : "%.1f", value);
		break;
	case ILV_MEASURE_MEMORY:
		bytes_text(value, text, size);
		break;
	default:
		ilv_count_text((int64_t)value, text, size);
		break;
	}
}

static double known(int64_t value)
{
	return value == ILV_UNKNOWN ? NAN : (double)value;
}

static void collect(struct ilv_compared_run *compared)
{
	const struct ilv_report_run *run = compared->run;

	compared->values[ILV_MEASURE_TIME] = known(run->sum.duration_ns);
	compared->values[ILV_MEASURE_CPUS_BUSY] = run->sum.cpus_busy;
	compared->values[ILV_MEASURE_CUT_SHORT] = known(run->sum.cut_short_count);
	compared->values[ILV_MEASURE_GAVE_WAY] = known(run->sum.gave_way_count);
	compared->values[ILV_MEASURE_MEMORY] = known(run->sum.memory_bytes);
	compared->values[ILV_MEASURE_WAIT_P99] =
		run->sum.has_waits ? (double)ilv_distribution_percentile(&run->sum.waits, 99) : NAN;
}

static enum ilv_status leave_out(struct ilv_comparison *comparison, enum ilv_measure measure,
				 const char *format, ...) __attribute__((format(printf, 3, 4)));

static enum ilv_status leave_out(struct ilv_comparison *comparison, enum ilv_measure measure,
				 const char *format, ...)
{
	char *because = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&because, format, arguments) < 0) {
		because = NULL;
	}

	va_end(arguments);
	comparison->is_left_out[measure] = true;
	free(comparison->left_out_because[measure]);
	comparison->left_out_because[measure] = because;
	return because ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
}

/* Why `measure` of this run is not known: the end of a sentence that begins "left out, because". */
static enum ilv_status leave_out_unknown(struct ilv_comparison *comparison,
					 enum ilv_measure measure,
					 const struct ilv_compared_run *unknown, bool is_for_all)
{
	const char *source = ilv_switch_source_word(unknown->report->switch_source);
	bool has_switches = unknown->report->switch_source != ILV_SWITCH_SOURCE_NONE;

	if (measure == ILV_MEASURE_MEMORY) {
		return leave_out(comparison, measure, "not every recording tells it");
	}

	if (!has_switches && is_for_all) {
		return leave_out(comparison, measure, "thread switches were not recorded");
	}

	if (!has_switches) {
		return leave_out(comparison, measure, "thread switches of %s were not recorded",
				 unknown->label);
	}

	if (measure == ILV_MEASURE_WAIT_P99 && is_for_all) {
		return leave_out(comparison, measure,
				 "without wake-ups it is not known since when a thread was ready "
				 "(source perf+wakeups tells it, and needs root or CAP_PERFMON)");
	}

	if (measure == ILV_MEASURE_WAIT_P99) {
		return leave_out(comparison, measure,
				 "%s was recorded with source %s, which does not tell since when a "
				 "thread was ready",
				 unknown->label, source);
	}

	if (measure == ILV_MEASURE_CUT_SHORT && !unknown->report->has_yields) {
		return leave_out(comparison, measure,
				 "explicit yields of %s cannot be seen, and so not be told from "
				 "cuts",
				 unknown->label);
	}

	return leave_out(comparison, measure, "it is not known of %s", unknown->label);
}

/* Times that one run knows exactly and another roughly are not set side by side. */
static enum ilv_status judge_sources(struct ilv_comparison *comparison)
{
	static const enum ilv_measure timed[] = {ILV_MEASURE_CPUS_BUSY, ILV_MEASURE_WAIT_P99};
	const struct ilv_compared_run *rough = NULL;
	bool has_exact = false;

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];

		if (compared->report->switch_source == ILV_SWITCH_SOURCE_RUSAGE) {
			rough = rough ? rough : compared;
		} else {
			has_exact = true;
		}
	}

	for (size_t at = 0; rough && has_exact && at < sizeof(timed) / sizeof(timed[0]); at++) {
		enum ilv_status status =
			comparison->is_left_out[timed[at]]
				? ILV_STATUS_OK
				: leave_out(comparison, timed[at],
					    "%s was recorded with source rusage, whose times are "
					    "approximate",
					    rough->label);

		if (status < 0) {
			return status;
		}
	}

	return ILV_STATUS_OK;
}

/* A measure that is unknown for some run, or was taken in different ways, is not set side by side.
 */
static enum ilv_status judge_measures(struct ilv_comparison *comparison)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (unsigned int measure = 0; measure < ILV_MEASURE_COUNT && status >= 0; measure++) {
		const struct ilv_compared_run *unknown = NULL;
		uint32_t unknown_count = 0;

		for (uint32_t index = comparison->run_count; index-- > 0;) {
			if (isnan(comparison->runs[index].values[measure])) {
				unknown = &comparison->runs[index];
				unknown_count++;
			}
		}

		if (unknown) {
			status = leave_out_unknown(comparison, measure, unknown,
						   unknown_count == comparison->run_count);
		}
	}

	return status < 0 ? status : judge_sources(comparison);
}

/* Finds what the runs swept. Where all did, the verdict is about that: the sums over all steps say
 * little. */
static enum ilv_status make_sweep(struct ilv_comparison *comparison)
{
	struct ilv_sweep_source *sources = calloc(comparison->run_count, sizeof(*sources));
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (!sources) {
		ilv_cause_add("Cannot compare: memory is short");
		return ILV_STATUS_MEMORY;
	}

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		sources[index] = (struct ilv_sweep_source){comparison->runs[index].run,
							   comparison->runs[index].label};
	}
	status = ilv_sweep_create(sources, comparison->run_count, &comparison->sweep);
	free(sources);
	comparison->is_sweep =
		comparison->sweep && comparison->sweep->run_count == comparison->run_count;
	return status;
}

enum ilv_status ilv_comparison_create(const struct ilv_report *const *reports,
				      const char *const *names, uint32_t report_count,
				      struct ilv_comparison **made)
{
	enum ilv_status status = ILV_STATUS_MEMORY;
	struct ilv_comparison *comparison = calloc(1, sizeof(*comparison));
	const char **run_names = NULL;
	uint32_t count = 0;

	for (uint32_t index = 0; index < report_count; index++) {
		count += reports[index]->run_count;
	}

	if (count == 0) {
		ilv_cause_add("Cannot compare: there is no run in any of the recordings");
		status = ILV_STATUS_TRACE;
		goto end;
	}

	run_names = calloc(count, sizeof(*run_names));
	if (!comparison || !run_names) {
		goto end;
	}

	comparison->runs = calloc(count, sizeof(*comparison->runs));
	if (!comparison->runs) {
		goto end;
	}

	for (uint32_t index = 0; index < report_count; index++) {
		for (uint32_t run = 0; run < reports[index]->run_count; run++) {
			struct ilv_compared_run *compared =
				&comparison->runs[comparison->run_count];

			run_names[comparison->run_count++] = names[index];
			compared->report = reports[index];
			compared->run = &reports[index]->runs[run];
			collect(compared);
		}
	}

	status = ilv_comparison_set_labels(comparison, run_names);
	if (status < 0) {
		goto end;
	}

	status = judge_measures(comparison);
	if (status < 0) {
		goto end;
	}

	comparison->title = ilv_comparison_title(comparison);
	status = ilv_comparison_find_prices(comparison);
	if (status >= 0) {
		status = make_sweep(comparison);
	}
	if (status < 0) {
		goto end;
	}

	comparison->verdict = comparison->is_sweep && comparison->sweep->verdict[0]
				      ? strdup(comparison->sweep->verdict)
				      : ilv_comparison_verdict(comparison);
	status = comparison->title && comparison->verdict ? ILV_STATUS_OK : ILV_STATUS_MEMORY;

end:
	free(run_names);
	if (status < 0) {
		ilv_comparison_destroy(comparison);
		comparison = NULL;
	}

	*made = comparison;
	return status;
}

void ilv_comparison_destroy(struct ilv_comparison *comparison)
{
	if (!comparison) {
		return;
	}

	for (uint32_t index = 0; comparison->runs && index < comparison->run_count; index++) {
		free(comparison->runs[index].label);
	}

	for (unsigned int measure = 0; measure < ILV_MEASURE_COUNT; measure++) {
		free(comparison->left_out_because[measure]);
	}

	for (uint32_t index = 0; index < comparison->price_count; index++) {
		free(comparison->prices[index].of_runs);
		free(comparison->prices[index].order);
	}

	ilv_sweep_destroy(comparison->sweep);
	free(comparison->runs);
	free(comparison->title);
	free(comparison->verdict);
	free(comparison);
}
