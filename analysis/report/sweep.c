/* SPDX-License-Identifier: MIT */
/* Description: sorts the phases of runs into the lines of a sweep. */
#include "analysis/report/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/prices.h"
#include "base/cause.h"

#define ENOUGH 0.9  /* of the throughput that more sharers bring: a line has its knee there */
#define WORTH  1.05 /* times as fast: less may be chance */

static bool is_same(const char *left, const char *right)
{
	return left && right ? strcmp(left, right) == 0 : left == right;
}

bool ilv_phase_is_repeat(const struct ilv_report_phase *left, const struct ilv_report_phase *right)
{
	return is_same(left->name, right->name) && left->has_point == right->has_point &&
	       (!left->has_point ||
		(left->value == right->value && left->unit == right->unit &&
		 is_same(left->series, right->series) && is_same(left->quantity, right->quantity)));
}

static int64_t duration_of(const struct ilv_report_phase *phase)
{
	return phase->end_ns - phase->begin_ns;
}

static double time_of(const struct ilv_report_phase *phase)
{
	const struct ilv_report_count *work = ilv_phase_work(phase);

	if (!work) {
		return (double)duration_of(phase);
	}

	return work->count > 0 ? (double)duration_of(phase) / (double)work->count : NAN;
}

/* A phase that did not come to its end says nothing of how long it takes. */
static bool belongs(const struct ilv_sweep *sweep, const struct ilv_report_phase *phase)
{
	return phase->has_point && phase->is_ended && phase->quantity &&
	       phase->unit == sweep->unit && is_same(phase->quantity, sweep->quantity);
}

/* True unless a parameter that both have is not the same: a variant may have some of its own. */
static bool agree(const char *left, const char *right)
{
	const char *word = left ? left : "";

	while (*word) {
		size_t length = strcspn(word, " ");
		const char *equal = memchr(word, '=', length);
		size_t key_length = equal ? (size_t)(equal - word) + 1 : length;
		const char *other = right ? right : "";

		while (*other && strncmp(other, word, key_length) != 0) {
			other += strcspn(other, " ");
			other += *other == ' ';
		}
		if (*other &&
		    (strncmp(other, word, length) != 0 || strcspn(other, " ") != length)) {
			return false;
		}
		word += length;
		word += *word == ' ';
	}

	return true;
}

/*
 * True where the runs are one job in several variants: then what they have as a reference is the
 * same in all, and one line stands for it.
 */
static bool shares_reference(const struct ilv_sweep_source *sources, uint32_t count)
{
	for (uint32_t index = 1; index < count; index++) {
		const struct ilv_report_run *run = sources[index].run;

		for (uint32_t before = 0; before < index; before++) {
			const struct ilv_report_run *other = sources[before].run;

			if (!run->workload || !is_same(run->workload, other->workload) ||
			    !agree(run->parameters, other->parameters) ||
			    (is_same(run->variant, other->variant) &&
			     is_same(run->runtime, other->runtime))) {
				return false;
			}
		}
	}

	return true;
}

static enum ilv_status add_line(struct ilv_sweep *sweep, const struct ilv_sweep_source *source,
				const struct ilv_report_phase *phase, bool is_alone,
				struct ilv_sweep_line **line)
{
	char *label = NULL;

	if (!phase->series) {
		label = strdup(source->label);
	} else if (is_alone) {
		label = strdup(phase->series);
	} else if (asprintf(&label, "%s (%s)", phase->series, source->label) < 0) {
		label = NULL;
	}
	if (!label) {
		ilv_cause_add("Cannot make a sweep: memory is short");
		return ILV_STATUS_MEMORY;
	}

	*line = &sweep->lines[sweep->line_count++];
	**line = (struct ilv_sweep_line){
		.label = label,
		.run = source->run,
		.series = phase->series,
		.is_reference = phase->is_reference,
		.crossing = NAN,
		.recorded_crossing = NAN,
	};
	return ILV_STATUS_OK;
}

static struct ilv_sweep_line *find_line(struct ilv_sweep *sweep, const struct ilv_report_run *run,
					const struct ilv_report_phase *phase,
					bool is_reference_shared)
{
	for (uint32_t index = 0; index < sweep->line_count; index++) {
		struct ilv_sweep_line *line = &sweep->lines[index];

		if (is_same(line->series, phase->series) &&
		    (line->run == run ||
		     (is_reference_shared && line->is_reference && phase->is_reference))) {
			return line;
		}
	}

	return NULL;
}

/* Keeps the points in order, and of repeats the fastest. */
static enum ilv_status add_point(struct ilv_sweep_line *line, const struct ilv_report_phase *phase)
{
	struct ilv_sweep_point *grown;
	uint32_t at = line->point_count;

	while (at > 0 && line->points[at - 1].value >= phase->value) {
		at--;
	}
	if (at < line->point_count && line->points[at].value == phase->value) {
		struct ilv_sweep_point *point = &line->points[at];

		point->repeat_count++;
		if (duration_of(phase) < duration_of(point->phase)) {
			point->phase = phase;
		}
		return ILV_STATUS_OK;
	}

	if (line->point_count == ILV_SWEEP_POINT_LIMIT) {
		return ILV_STATUS_OK;
	}

	grown = reallocarray(line->points, line->point_count + 1, sizeof(*grown));
	if (!grown) {
		ilv_cause_add("Cannot make a sweep: memory is short");
		return ILV_STATUS_MEMORY;
	}

	line->points = grown;
	memmove(&grown[at + 1], &grown[at], (line->point_count - at) * sizeof(*grown));
	grown[at] = (struct ilv_sweep_point){
		.value = phase->value,
		.repeat_count = 1,
		.phase = phase,
		.time_ns = NAN,
		.recorded_ns = NAN,
		.reference_ns = NAN,
		.recorded_reference_ns = NAN,
	};
	line->point_count++;
	return ILV_STATUS_OK;
}

static enum ilv_status add_phases(struct ilv_sweep *sweep, const struct ilv_sweep_source *sources,
				  uint32_t source_count)
{
	bool is_shared = shares_reference(sources, source_count);
	enum ilv_status status = ILV_STATUS_OK;

	for (uint32_t at = 0; at < source_count; at++) {
		const struct ilv_report_run *run = sources[at].run;

		for (uint32_t index = 0; index < run->phase_count; index++) {
			const struct ilv_report_phase *phase = &run->phases[index];
			struct ilv_sweep_line *line;

			if (!belongs(sweep, phase)) {
				continue;
			}
			line = find_line(sweep, run, phase, is_shared);
			if (!line && sweep->line_count == ILV_SWEEP_LINE_LIMIT) {
				sweep->line_left_out_count++;
				break; /* With it, the run's others. */
			}
			if (!line) {
				bool is_alone =
					source_count == 1 || (is_shared && phase->is_reference);

				status = add_line(sweep, &sources[at], phase, is_alone, &line);
			}
			if (status == ILV_STATUS_OK) {
				status = add_point(line, phase);
			}
			if (status != ILV_STATUS_OK) {
				return status;
			}
		}
	}

	return ILV_STATUS_OK;
}

/* A single point is no line. */
static void drop_points(struct ilv_sweep *sweep)
{
	uint32_t kept = 0;

	for (uint32_t index = 0; index < sweep->line_count; index++) {
		if (sweep->lines[index].point_count < 2) {
			free(sweep->lines[index].label);
			free(sweep->lines[index].points);
		} else {
			sweep->lines[kept++] = sweep->lines[index];
		}
	}
	sweep->line_count = kept;
}

static void find_words(struct ilv_sweep *sweep)
{
	for (uint32_t index = 0; index < sweep->line_count; index++) {
		const struct ilv_sweep_line *line = &sweep->lines[index];
		const struct ilv_report_count *work = ilv_phase_work(line->points[0].phase);
		const struct ilv_report_count *counted = ilv_phase_counted(line->points[0].phase);

		sweep->work = sweep->work || !work ? sweep->work : work->what;
		sweep->counted = sweep->counted || !counted ? sweep->counted : counted->what;
	}
}

/* The first reference is what all others are measured against. */
static void find_reference(struct ilv_sweep *sweep)
{
	for (uint32_t index = 0; index < sweep->line_count && !sweep->reference; index++) {
		if (sweep->lines[index].is_reference) {
			sweep->reference = &sweep->lines[index];
		}
	}
}

/* The fastest of the reference at the step `value` of `run`; NULL: it has none. */
static const struct ilv_report_phase *
find_reference_step(const struct ilv_sweep *sweep, const struct ilv_report_run *run, int64_t value)
{
	const struct ilv_report_phase *found = NULL;

	for (uint32_t index = 0; index < run->phase_count; index++) {
		const struct ilv_report_phase *phase = &run->phases[index];

		if (belongs(sweep, phase) && phase->is_reference && phase->value == value &&
		    (!found || duration_of(phase) < duration_of(found))) {
			found = phase;
		}
	}

	return found;
}

/* Takes times as they were without tracing, where the program tells that of every step. */
static void find_times(struct ilv_sweep *sweep)
{
	sweep->is_untraced = true;
	for (uint32_t index = 0; index < sweep->line_count; index++) {
		const struct ilv_sweep_line *line = &sweep->lines[index];

		for (uint32_t at = 0; at < line->point_count; at++) {
			sweep->is_untraced &=
				isfinite(ilv_price_untraced_ns(line->points[at].phase));
		}
	}

	for (uint32_t index = 0; index < sweep->line_count; index++) {
		struct ilv_sweep_line *line = &sweep->lines[index];

		for (uint32_t at = 0; at < line->point_count; at++) {
			struct ilv_sweep_point *point = &line->points[at];

			if (sweep->is_untraced) {
				point->time_ns = ilv_price_untraced_ns(point->phase);
				point->recorded_ns = time_of(point->phase);
			} else {
				point->time_ns = time_of(point->phase);
			}
		}
	}
}

/* Its own run's reference was taken in the same minute on the same machine. */
static void find_references(const struct ilv_sweep *sweep, struct ilv_sweep_line *line)
{
	for (uint32_t index = 0; index < line->point_count; index++) {
		struct ilv_sweep_point *point = &line->points[index];
		const struct ilv_report_phase *reference =
			find_reference_step(sweep, line->run, point->value);

		if (reference && sweep->is_untraced) {
			point->reference_ns = ilv_price_untraced_ns(reference);
			point->recorded_reference_ns = time_of(reference);
		} else if (reference) {
			point->reference_ns = time_of(reference);
		}
	}
}

/* From where on `gain`, one of the measures, is always above 1; NAN: it is not. */
static double find_crossing(const struct ilv_sweep_line *line, enum ilv_sweep_measure gain)
{
	uint32_t first = line->point_count;
	double most = 0;
	double lost, won;
	double left, right;

	while (first > 0 && ilv_sweep_value(line, first - 1, gain) > 1) {
		first--;
		most = fmax(most, ilv_sweep_value(line, first, gain));
	}
	if (most < WORTH) {
		return NAN;
	}

	right = (double)line->points[first].value;
	lost = first > 0 ? ilv_sweep_value(line, first - 1, gain) : NAN;
	if (isnan(lost) || line->points[first - 1].value <= 0) {
		return right;
	}

	left = (double)line->points[first - 1].value;
	won = ilv_sweep_value(line, first, gain);
	return left * pow(right / left, log(lost) / (log(lost) - log(won)));
}

static int by_value(const void *left_pointer, const void *right_pointer)
{
	const double *left = left_pointer;
	const double *right = right_pointer;

	return (*left > *right) - (*left < *right);
}

/* The middle one of the throughputs beyond `point`: one step that was lucky says nothing. */
static double later_rate(const struct ilv_sweep_line *line, uint32_t point)
{
	double rates[ILV_SWEEP_POINT_LIMIT];
	uint32_t count = 0;

	for (uint32_t later = point + 1; later < line->point_count; later++) {
		double rate = ilv_sweep_value(line, later, ILV_SWEEP_MEASURE_RATE);

		if (isfinite(rate)) {
			rates[count++] = rate;
		}
	}
	qsort(rates, count, sizeof(rates[0]), by_value);

	return count > 0 ? (rates[(count - 1) / 2] + rates[count / 2]) / 2 : 0;
}

static void find_knee(struct ilv_sweep_line *line)
{
	while (line->knee + 1 < line->point_count &&
	       !(ilv_sweep_value(line, line->knee, ILV_SWEEP_MEASURE_RATE) >=
		 ENOUGH * later_rate(line, line->knee))) {
		line->knee++;
	}
}

static void find_cpus(struct ilv_sweep *sweep)
{
	sweep->cpu_count = sweep->lines[0].run->cpu_count;
	for (uint32_t index = 1; index < sweep->line_count; index++) {
		if (sweep->lines[index].run->cpu_count != sweep->cpu_count) {
			sweep->cpu_count = ILV_UNKNOWN;
		}
	}
}

static void count_runs(struct ilv_sweep *sweep, const struct ilv_sweep_source *sources,
		       uint32_t source_count)
{
	for (uint32_t at = 0; at < source_count; at++) {
		const struct ilv_report_run *run = sources[at].run;
		uint32_t index = 0;

		while (index < run->phase_count && !belongs(sweep, &run->phases[index])) {
			index++;
		}
		sweep->run_count += index < run->phase_count;
	}
}

/* Finds what the first run swept that swept anything. */
static bool find_quantity(struct ilv_sweep *sweep, const struct ilv_sweep_source *sources,
			  uint32_t source_count)
{
	for (uint32_t at = 0; at < source_count; at++) {
		const struct ilv_report_run *run = sources[at].run;
		const struct ilv_report_phase *first = NULL;

		for (uint32_t index = 0; index < run->phase_count; index++) {
			const struct ilv_report_phase *phase = &run->phases[index];

			if (!phase->has_point || !phase->is_ended || !phase->quantity) {
				continue;
			}
			if (!first) {
				first = phase;
				sweep->quantity = phase->quantity;
				sweep->unit = phase->unit;
			} else if (belongs(sweep, phase) && phase->value != first->value) {
				return true;
			}
		}
	}

	return false;
}

enum ilv_status ilv_sweep_create(const struct ilv_sweep_source *sources, uint32_t source_count,
				 struct ilv_sweep **sweep)
{
	struct ilv_sweep *made = calloc(1, sizeof(*made));
	enum ilv_status status = ILV_STATUS_MEMORY;

	*sweep = NULL;
	if (!made) {
		ilv_cause_add("Cannot make a sweep: memory is short");
		goto end;
	}
	if (!find_quantity(made, sources, source_count)) {
		status = ILV_STATUS_OK;
		goto end;
	}

	status = add_phases(made, sources, source_count);
	if (status != ILV_STATUS_OK) {
		goto end;
	}
	drop_points(made);
	if (made->line_count == 0) {
		goto end;
	}

	find_words(made);
	find_reference(made);
	find_times(made);
	find_cpus(made);
	count_runs(made, sources, source_count);
	for (uint32_t index = 0; index < made->line_count; index++) {
		struct ilv_sweep_line *line = &made->lines[index];

		find_knee(line);
		if (made->reference && !line->is_reference) {
			find_references(made, line);
			line->crossing = find_crossing(line, ILV_SWEEP_MEASURE_GAIN);
			line->recorded_crossing =
				find_crossing(line, ILV_SWEEP_MEASURE_RECORDED_GAIN);
		}
	}
	made->verdict = ilv_sweep_verdict(made);
	if (!made->verdict) {
		status = ILV_STATUS_MEMORY;
		goto end;
	}
	*sweep = made;
	made = NULL;

end:
	ilv_sweep_destroy(made);
	return status;
}

void ilv_sweep_destroy(struct ilv_sweep *sweep)
{
	if (!sweep) {
		return;
	}

	for (uint32_t index = 0; index < sweep->line_count; index++) {
		free(sweep->lines[index].label);
		free(sweep->lines[index].points);
	}
	free(sweep->verdict);
	free(sweep);
}
