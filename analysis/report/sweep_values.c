/* SPDX-License-Identifier: MIT */
/* Description: what is measured at the points of a sweep, and in which words. */
#include <math.h>
#include <stdio.h>

#include "analysis/report/sweep.h"
#include "base/duration.h"

#define NS_PER_S 1e9

static const struct ilv_report_count *find_count(const struct ilv_report_phase *phase, bool is_work)
{
	for (uint32_t index = 0; index < phase->count_count; index++) {
		if (phase->counts[index].is_work == is_work) {
			return &phase->counts[index];
		}
	}

	return NULL;
}

const struct ilv_report_count *ilv_phase_work(const struct ilv_report_phase *phase)
{
	return find_count(phase, true);
}

const struct ilv_report_count *ilv_phase_counted(const struct ilv_report_phase *phase)
{
	return find_count(phase, false);
}

void ilv_sweep_value_text(enum ilv_quantity unit, double value, char *text, size_t size)
{
	switch (unit) {
	case ILV_QUANTITY_NS:
		ilv_duration_text((int64_t)value, text, size);
		break;
	case ILV_QUANTITY_BYTES:
		ilv_bytes_text(value, text, size);
		break;
	case ILV_QUANTITY_PERCENT:
		(void)snprintf(text, size, "%.0f %%", value);
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

static int64_t duration_of(const struct ilv_report_phase *phase)
{
	return phase->end_ns - phase->begin_ns;
}

/* Where times are those without tracing, rates are too. */
static double rate_of(const struct ilv_sweep_point *point)
{
	const struct ilv_report_count *work = ilv_phase_work(point->phase);

	if (!work || duration_of(point->phase) <= 0) {
		return NAN;
	}

	return isfinite(point->recorded_ns)
		       ? NS_PER_S / point->time_ns
		       : (double)work->count * NS_PER_S / (double)duration_of(point->phase);
}

static double ratio(double reference_ns, double own_ns)
{
	return own_ns > 0 ? reference_ns / own_ns : NAN;
}

double ilv_sweep_value(const struct ilv_sweep_line *line, uint32_t point,
		       enum ilv_sweep_measure measure)
{
	const struct ilv_sweep_point *at = &line->points[point];
	const struct ilv_report_phase *phase = at->phase;
	const struct ilv_report_count *count;

	switch (measure) {
	case ILV_SWEEP_MEASURE_RATE:
		return rate_of(at);
	case ILV_SWEEP_MEASURE_TIME:
		return at->time_ns;
	case ILV_SWEEP_MEASURE_GAIN:
		return ratio(at->reference_ns, at->time_ns);
	case ILV_SWEEP_MEASURE_REFERENCE:
		return at->reference_ns;
	case ILV_SWEEP_MEASURE_RECORDED_TIME:
		return at->recorded_ns;
	case ILV_SWEEP_MEASURE_RECORDED_GAIN:
		return ratio(at->recorded_reference_ns, at->recorded_ns);
	case ILV_SWEEP_MEASURE_CPUS_BUSY:
		return phase->cpus_busy;
	case ILV_SWEEP_MEASURE_CUT_SHORT:
		return known(phase->cut_short_count);
	case ILV_SWEEP_MEASURE_GAVE_WAY:
		return known(phase->gave_way_count);
	case ILV_SWEEP_MEASURE_MEMORY:
		return known(phase->memory_bytes);
	case ILV_SWEEP_MEASURE_COUNTED:
		count = ilv_phase_counted(phase);
		return count ? (double)count->count : NAN;
	case ILV_SWEEP_MEASURE_COUNT:
		break;
	}

	return NAN;
}
