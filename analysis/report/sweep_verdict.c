/* SPDX-License-Identifier: MIT */
/* Description: says in a sentence or two how the lines of a sweep go, and where they turn or cross.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/sweep.h"
#include "base/duration.h"

#define VALUE_SIZE  64
#define IS_BUSY     0.85 /* of the CPUs: then more threads find none that is free */
#define IS_A_CHANGE 1.5  /* less says nothing */

/* "64 threads", "256 us of computation each", "25 % of the memory touched". */
static void amount_text(const struct ilv_sweep *sweep, double value, char *text, size_t size)
{
	char number[VALUE_SIZE];

	ilv_sweep_value_text(sweep->unit, value, number, sizeof(number));
	(void)snprintf(text, size, "%s %s%s", number,
		       sweep->unit == ILV_QUANTITY_NUMBER || sweep->unit == ILV_QUANTITY_SHARERS
			       ? ""
			       : "of ",
		       sweep->quantity);
}

/* "1.4", "19", "230": as many digits as say something. */
static void times_text(double ratio, char *text, size_t size)
{
	if (ratio < 9.95) {
		(void)snprintf(text, size, "%.1f", ratio);
	} else {
		ilv_count_text((int64_t)llround(ratio), text, size);
	}
}

/* Why more sharers bring nothing, as the trace has it; nothing where it does not. */
static void write_knee_cause(FILE *stream, const struct ilv_sweep *sweep,
			     const struct ilv_sweep_line *line)
{
	uint32_t last = line->point_count - 1;
	double busy = ilv_sweep_value(line, line->knee, ILV_SWEEP_MEASURE_CPUS_BUSY);
	double cuts = ilv_sweep_value(line, line->knee, ILV_SWEEP_MEASURE_CUT_SHORT);
	double last_cuts = ilv_sweep_value(line, last, ILV_SWEEP_MEASURE_CUT_SHORT);
	char count[VALUE_SIZE];

	if (sweep->cpu_count == ILV_UNKNOWN || !(busy >= IS_BUSY * (double)sweep->cpu_count)) {
		return;
	}

	(void)fprintf(stream, ": %s then, and more only take turns",
		      sweep->cpu_count == 1   ? "the one CPU is busy"
		      : sweep->cpu_count == 2 ? "both CPUs are busy"
					      : "all CPUs are busy");
	if (last_cuts > IS_A_CHANGE * cuts) {
		ilv_count_text((int64_t)last_cuts, count, sizeof(count));
		(void)fprintf(stream, ", cut short %s %s", count,
			      ilv_plural((int64_t)last_cuts, "time", "times"));
		ilv_count_text(line->points[last].value, count, sizeof(count));
		(void)fprintf(stream, " with %s", count);
	}
}

/* Of those who share work: up to where more of them bring more. */
static void write_sharers(FILE *stream, const struct ilv_sweep *sweep,
			  const struct ilv_sweep_line *line)
{
	uint32_t last = line->point_count - 1;
	double first_rate = ilv_sweep_value(line, 0, ILV_SWEEP_MEASURE_RATE);
	double knee_rate = ilv_sweep_value(line, line->knee, ILV_SWEEP_MEASURE_RATE);
	char amount[256];
	char times[VALUE_SIZE];

	if (!isfinite(first_rate) || !isfinite(knee_rate) || first_rate <= 0) {
		return;
	}

	times_text(knee_rate / first_rate, times, sizeof(times));
	amount_text(sweep, (double)line->points[line->knee].value, amount, sizeof(amount));
	(void)fprintf(stream, "%s%s ", ftell(stream) > 0 ? " " : "", line->label);
	if (line->knee == last) {
		(void)fprintf(stream, "gains up to the %s tried, %s times what %lld %s", amount,
			      times, (long long)line->points[0].value,
			      line->points[0].value == 1 ? "does" : "do");
	} else if (line->knee == 0) {
		/* "one thread", for what is swept is in the plural. */
		if (line->points[0].value == 1) {
			(void)fputs("gains nothing from more than one", stream);
		} else {
			(void)fprintf(stream, "gains nothing from more than %s", amount);
		}
		write_knee_cause(stream, sweep, line);
	} else {
		(void)fprintf(stream, "gains up to %s (%s times what %lld %s) and nothing beyond",
			      amount, times, (long long)line->points[0].value,
			      line->points[0].value == 1 ? "does" : "do");
		write_knee_cause(stream, sweep, line);
	}
	(void)fputc('.', stream);
}

/* Writes the first word of a sentence; before the very first, that it is not of what was recorded.
 */
static void begin_sentence(FILE *stream, const struct ilv_sweep *sweep, const char *word)
{
	if (sweep->is_untraced && ftell(stream) == 0) {
		(void)fprintf(stream, "Without tracing, %c%s", tolower((unsigned char)word[0]),
			      word + 1);
	} else {
		(void)fputs(word, stream);
	}
}

/* What was recorded, where it is not what counts. */
static void write_recorded_times(FILE *stream, const struct ilv_sweep_line *line, uint32_t point)
{
	double gain = ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_RECORDED_GAIN);
	char times[VALUE_SIZE];

	if (gain > 0) {
		times_text(1 / gain, times, sizeof(times));
		(void)fprintf(stream, " (recorded: %s times)", times);
	}
}

static void write_recorded_crossing(FILE *stream, const struct ilv_sweep *sweep,
				    const struct ilv_sweep_line *line)
{
	char amount[VALUE_SIZE];

	if (!sweep->is_untraced) {
		return;
	}
	if (!isfinite(line->recorded_crossing)) {
		(void)fputs(" (recorded: never)", stream);
		return;
	}

	ilv_sweep_value_text(sweep->unit, line->recorded_crossing, amount, sizeof(amount));
	(void)fprintf(stream, " (recorded: %s)", amount);
}

/* What the first step costs beside the reference: why small ones do not pay. */
static void write_price(FILE *stream, const struct ilv_sweep *sweep)
{
	const struct ilv_sweep_line *worst = NULL;
	double worst_gain = 1 / IS_A_CHANGE;
	char amount[256];
	char times[VALUE_SIZE];

	for (uint32_t index = 0; index < sweep->line_count; index++) {
		const struct ilv_sweep_line *line = &sweep->lines[index];
		double gain = ilv_sweep_value(line, 0, ILV_SWEEP_MEASURE_GAIN);

		if (!line->is_reference && gain < worst_gain) {
			worst = line;
			worst_gain = gain;
		}
	}
	if (!worst) {
		return;
	}

	amount_text(sweep, (double)worst->points[0].value, amount, sizeof(amount));
	times_text(1 / worst_gain, times, sizeof(times));
	begin_sentence(stream, sweep, "At");
	(void)fprintf(stream, " %s it takes %s%s times as long by %s as %s", amount,
		      sweep->line_count > 2 ? "up to " : "", times, worst->label,
		      sweep->reference->label);
	write_recorded_times(stream, worst, 0);
	(void)fputs(". ", stream);
}

/* The line with the least crossing beyond `after`; NULL: there is none. */
static const struct ilv_sweep_line *next_crossing(const struct ilv_sweep *sweep,
						  const struct ilv_sweep_line *after)
{
	const struct ilv_sweep_line *next = NULL;

	for (uint32_t index = 0; index < sweep->line_count; index++) {
		const struct ilv_sweep_line *line = &sweep->lines[index];
		bool is_beyond = !after || line->crossing > after->crossing ||
				 (line->crossing == after->crossing && line > after);

		if (!line->is_reference && isfinite(line->crossing) && is_beyond &&
		    (!next || line->crossing < next->crossing)) {
			next = line;
		}
	}

	return next;
}

/* Which lines beat the reference, and from where on. */
static void write_crossings(FILE *stream, const struct ilv_sweep *sweep)
{
	const struct ilv_sweep_line *line = NULL;
	const struct ilv_sweep_line *last = sweep->reference;
	bool has_won = false;
	bool has_lost = false;
	char amount[256];

	while ((line = next_crossing(sweep, line))) {
		if (has_won) {
			ilv_sweep_value_text(sweep->unit, line->crossing, amount, sizeof(amount));
			(void)fprintf(stream, ", %s from %s", line->label, amount);
		} else {
			amount_text(sweep, line->crossing, amount, sizeof(amount));
			begin_sentence(stream, sweep, "Faster");
			(void)fprintf(stream, " than %s: %s from %s on", sweep->reference->label,
				      line->label, amount);
		}
		write_recorded_crossing(stream, sweep, line);
		has_won = true;
	}
	(void)fputs(has_won ? ". " : "", stream);

	for (uint32_t index = 0; index < sweep->line_count; index++) {
		line = &sweep->lines[index];
		if (line->is_reference || isfinite(line->crossing)) {
			continue;
		}
		if (!has_lost) {
			amount_text(sweep, (double)last->points[last->point_count - 1].value,
				    amount, sizeof(amount));
			begin_sentence(stream, sweep, has_won ? "Not" : "Never");
			(void)fprintf(stream, " faster up to %s: ", amount);
		}
		(void)fprintf(stream, "%s%s", has_lost ? ", " : "", line->label);
		has_lost = true;
	}
	(void)fputs(has_lost ? "." : "", stream);
}

/* From where to where a number goes. */
static void write_course(FILE *stream, const struct ilv_sweep *sweep,
			 const struct ilv_sweep_line *line)
{
	bool is_counted = sweep->counted != NULL;
	enum ilv_sweep_measure measure =
		is_counted ? ILV_SWEEP_MEASURE_COUNTED : ILV_SWEEP_MEASURE_TIME;
	uint32_t last = line->point_count - 1;
	double first_value = ilv_sweep_value(line, 0, measure);
	double last_value = ilv_sweep_value(line, last, measure);
	char from[VALUE_SIZE];
	char to[VALUE_SIZE];
	char first_step[VALUE_SIZE];
	char amount[256];

	if (!isfinite(first_value) || !isfinite(last_value)) {
		return;
	}

	if (is_counted) {
		ilv_count_text((int64_t)first_value, from, sizeof(from));
		ilv_count_text((int64_t)last_value, to, sizeof(to));
	} else {
		ilv_duration_text((int64_t)first_value, from, sizeof(from));
		ilv_duration_text((int64_t)last_value, to, sizeof(to));
	}
	ilv_sweep_value_text(sweep->unit, (double)line->points[0].value, first_step,
			     sizeof(first_step));
	amount_text(sweep, (double)line->points[last].value, amount, sizeof(amount));
	(void)fprintf(stream, "%s%s: ", ftell(stream) > 0 ? " " : "", line->label);
	if (is_counted) {
		(void)fprintf(stream, "%s %s at %s, %s at %s.", from, sweep->counted, first_step,
			      to, amount);
	} else {
		(void)fprintf(stream, "%s at %s, %s at %s.", from, first_step, to, amount);
	}
}

char *ilv_sweep_verdict(const struct ilv_sweep *sweep)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream) {
		return NULL;
	}

	if (sweep->reference && sweep->line_count > 1) {
		write_price(stream, sweep);
		write_crossings(stream, sweep);
	}
	for (uint32_t index = 0; index < sweep->line_count; index++) {
		if (sweep->reference && sweep->line_count > 1) {
			break;
		}
		if (sweep->unit == ILV_QUANTITY_SHARERS && sweep->work) {
			write_sharers(stream, sweep, &sweep->lines[index]);
		} else {
			write_course(stream, sweep, &sweep->lines[index]);
		}
	}

	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}

	/* Sentences are parted by a blank, and the last by none. */
	if (size > 0 && text[size - 1] == ' ') {
		text[size - 1] = '\0';
	}

	return text;
}
