/* SPDX-License-Identifier: MIT */
/* Description: collects the measures of runs, names the runs, and leaves out what cannot be
 * compared. */
#include "analysis/report/comparison.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/verdict.h"
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

	while (fabs(bytes) >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		bytes /= 1024;
		unit++;
	}

	(void)snprintf(text, size, bytes < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", bytes,
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
		ilv_duration_text((int64_t)value, text, size);
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
				 const char *because)
{
	comparison->is_left_out[measure] = true;
	free(comparison->left_out_because[measure]);
	comparison->left_out_because[measure] = strdup(because);
	return comparison->left_out_because[measure] ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
}

/* A measure that is unknown for some run, or was taken in different ways, is not set side by side.
 */
static enum ilv_status judge_measures(struct ilv_comparison *comparison)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (unsigned int measure = 0; measure < ILV_MEASURE_COUNT && status >= 0; measure++) {
		unsigned int unknown_count = 0;

		for (uint32_t index = 0; index < comparison->run_count; index++) {
			unknown_count += isnan(comparison->runs[index].values[measure]) ? 1 : 0;
		}

		if (unknown_count == 0) {
			continue;
		}

		if (measure == ILV_MEASURE_WAIT_P99) {
			status = leave_out(
				comparison, measure,
				"without wake-ups nobody knows since when a thread was ready "
				"(record with source perf+wakeups)");
		} else if (measure == ILV_MEASURE_MEMORY) {
			status = leave_out(comparison, measure, "the recording does not say it");
		} else {
			status = leave_out(
				comparison, measure,
				unknown_count == comparison->run_count
					? "thread switches were not recorded"
					: "thread switches were not recorded in every run");
		}
	}

	return status;
}

static bool differ(const char *left, const char *right)
{
	return (!left) != (!right) || (left && strcmp(left, right) != 0);
}

/* Labels each run by what tells the runs apart: variant, runtime, job, or the recording's name. */
static enum ilv_status make_labels(struct ilv_comparison *comparison, const char *const *names)
{
	const struct ilv_report_run *first = comparison->runs[0].run;
	bool by_variant = false;
	bool by_runtime = false;
	bool by_workload = false;

	for (uint32_t index = 1; index < comparison->run_count; index++) {
		const struct ilv_report_run *run = comparison->runs[index].run;

		by_variant = by_variant || differ(first->variant, run->variant);
		by_runtime = by_runtime || differ(first->runtime, run->runtime);
		by_workload = by_workload || differ(first->workload, run->workload);
	}

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		struct ilv_compared_run *compared = &comparison->runs[index];
		const struct ilv_report_run *run = compared->run;
		const char *name = names[index];
		uint32_t same_count = 0;
		char *label = NULL;

		if (by_workload && run->workload) {
			name = run->workload;
		} else if (by_variant && run->variant && run->variant[0]) {
			name = run->variant;
		} else if (by_runtime && run->runtime) {
			name = run->runtime;
		} else if (comparison->run_count == 1 && run->runtime) {
			name = run->runtime;
		}

		for (uint32_t before = 0; before < index; before++) {
			size_t length = strlen(name);

			same_count += strncmp(comparison->runs[before].label, name, length) == 0 &&
				      (comparison->runs[before].label[length] == '\0' ||
				       comparison->runs[before].label[length] == '#');
		}

		if (same_count == 0) {
			label = strdup(name);
		} else if (asprintf(&label, "%s#%u", name, same_count + 1) < 0) {
			label = NULL;
		}

		if (!label) {
			return ILV_STATUS_MEMORY;
		}

		compared->label = label;
	}

	return ILV_STATUS_OK;
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

	status = make_labels(comparison, run_names);
	if (status < 0) {
		goto end;
	}

	status = judge_measures(comparison);
	if (status < 0) {
		goto end;
	}

	comparison->title = ilv_comparison_title(comparison);
	comparison->verdict = ilv_comparison_verdict(comparison);
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

	free(comparison->runs);
	free(comparison->title);
	free(comparison->verdict);
	free(comparison);
}
