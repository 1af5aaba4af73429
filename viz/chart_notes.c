/* SPDX-License-Identifier: MIT */
/* Description: what is written beside the lines of a chart: how many CPUs there are, where lines
 * cross, and where they cease to rise. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "viz/chart_inner.h"
#include "viz/words.h"

/* How many CPUs there are, where those who share the work are counted. */
static void draw_cpus(const struct ilv_plot *plot)
{
	const struct ilv_sweep *sweep = plot->chart->sweep;
	struct ilv_svg_path path = {0};
	char text[64];
	double x;

	if (sweep->unit != ILV_QUANTITY_SHARERS || sweep->cpu_count == ILV_UNKNOWN) {
		return;
	}

	x = ilv_scale_place(&plot->x, (double)sweep->cpu_count);
	if (x < plot->left || x > plot->right) {
		return;
	}

	ilv_svg_path_add(&path, "M~ ~V~", x, plot->top, plot->bottom);
	ilv_svg_path(plot->svg, "limit", &path, NULL);
	ilv_svg_path_fini(&path);
	if (plot->chart->has_notes && plot->chart->measure == ILV_SWEEP_MEASURE_RATE) {
		snprintf(text, sizeof(text), "%lld CPU%s", (long long)sweep->cpu_count,
			 sweep->cpu_count == 1 ? "" : "s");
		ilv_svg_text(plot->svg, "soft note", NULL, x + 5, plot->bottom - 7, text);
	}
}

/* Where the question is decided: 1 time as fast. */
static void draw_even(const struct ilv_plot *plot)
{
	struct ilv_svg_path path = {0};
	double y = ilv_scale_place(&plot->y, 1);

	ilv_svg_path_add(&path, "M~ ~H~", plot->left, y, plot->right);
	ilv_svg_path(plot->svg, "even", &path, NULL);
	ilv_svg_path_fini(&path);
}

static void draw_ring(const struct ilv_plot *plot, double x, double y)
{
	ilv_svg_circle(plot->svg, "ring", x, y, 2 * ILV_CHART_MARKER);
}

/* The value of the line at `x`, on the straight line between its points. NAN: beyond them. */
static double height_at(const struct ilv_plot *plot, const struct ilv_sweep_line *line, double x)
{
	for (uint32_t point = 0; point < line->point_count; point++) {
		double right = ilv_scale_place(&plot->x, (double)line->points[point].value);
		double right_y = ilv_plot_y(plot, line, point);
		double left, left_y;

		if (right < x - 0.01) {
			continue;
		}
		if (point == 0) {
			return right_y;
		}
		left = ilv_scale_place(&plot->x, (double)line->points[point - 1].value);
		left_y = ilv_plot_y(plot, line, point - 1);

		return left_y + (right_y - left_y) * (x - left) / (right - left);
	}

	return NAN;
}

struct note {
	const struct ilv_sweep_line *line;
	double x;
};

static int by_place(const void *left_pointer, const void *right_pointer)
{
	const struct note *left = left_pointer;
	const struct note *right = right_pointer;

	return (left->x > right->x) - (left->x < right->x);
}

static uint32_t count_crossings(const struct ilv_chart *chart)
{
	uint32_t count = 0;

	for (uint32_t index = 0; index < chart->sweep->line_count; index++) {
		count += isfinite(ilv_chart_crossing(chart, &chart->sweep->lines[index]));
	}

	return count;
}

/*
 * From where on each line beats the reference: written above the plot, left of its lead, those
 * further right higher, so that no text lies on the lead of another.
 */
static void draw_crossings(const struct ilv_plot *plot)
{
	const struct ilv_sweep *sweep = plot->chart->sweep;
	struct note notes[ILV_SWEEP_LINE_LIMIT];
	unsigned int count = 0;
	struct ilv_svg_path lead = {0};

	for (uint32_t index = 0; index < sweep->line_count; index++) {
		double crossing = ilv_chart_crossing(plot->chart, &sweep->lines[index]);

		if (isfinite(crossing)) {
			notes[count++] = (struct note){&sweep->lines[index],
						       ilv_scale_place(&plot->x, crossing)};
		}
	}

	qsort(notes, count, sizeof(*notes), by_place);
	for (unsigned int index = 0; index < count; index++) {
		double x = notes[index].x;
		double y = height_at(plot, notes[index].line, x);
		double text_y = plot->top - 6 - index * ILV_CHART_NOTE_STEP;
		double room = x - 7 - plot->chart->x - ILV_CHART_PAD;
		bool is_left;
		char value[64];
		char text[ILV_CHART_TEXT_SIZE];

		if (!isfinite(y)) {
			continue;
		}
		ilv_sweep_value_text(sweep->unit,
				     ilv_chart_crossing(plot->chart, notes[index].line), value,
				     sizeof(value));
		snprintf(text, sizeof(text), "%s: from %s on", notes[index].line->label, value);
		is_left = ilv_words_width(text, ILV_CHART_FONT, false) <= room ||
			  room > plot->right - x;
		ilv_svg_path_add(&lead, "M~ ~V~h~", x, y - 2 * ILV_CHART_MARKER, text_y - 4,
				 is_left ? -4.0 : 4.0);
		ilv_svg_path(plot->svg, "lead", &lead, NULL);
		ilv_svg_text_fit(plot->svg, "note", is_left ? "end" : NULL, is_left ? x - 7 : x + 7,
				 text_y, text, ILV_CHART_FONT,
				 is_left ? room : plot->right - x - 7);
		draw_ring(plot, x, y);
	}
	ilv_svg_path_fini(&lead);
}

/* Where a line ceases to rise. */
static void draw_knees(const struct ilv_plot *plot)
{
	const struct ilv_sweep *sweep = plot->chart->sweep;

	for (uint32_t index = 0; index < sweep->line_count; index++) {
		const struct ilv_sweep_line *line = &sweep->lines[index];
		double value = ilv_plot_value(plot, line, line->knee);
		char step[64];
		char text[ILV_CHART_TEXT_SIZE];
		bool is_left;
		double x, y;

		if (line->knee + 1 == line->point_count || !isfinite(value)) {
			continue;
		}

		x = ilv_scale_place(&plot->x, (double)line->points[line->knee].value);
		y = ilv_scale_place(&plot->y, value);
		draw_ring(plot, x, y);
		ilv_sweep_value_text(sweep->unit, (double)line->points[line->knee].value, step,
				     sizeof(step));
		snprintf(text, sizeof(text), "%s: more than %s bring nothing", line->label, step);
		/* Where there is more room. */
		is_left = x > (plot->left + plot->right) / 2;
		ilv_svg_text_fit(plot->svg, "note", is_left ? "end" : NULL,
				 is_left ? x - 14 : x + 12, is_left ? y + 4 : y + 18, text,
				 ILV_CHART_FONT,
				 is_left ? x - plot->left - 14 : plot->right - x - 12);
	}
}

double ilv_chart_notes_height(const struct ilv_chart *chart)
{
	return ilv_chart_is_gain(chart) ? count_crossings(chart) * ILV_CHART_NOTE_STEP : 0;
}

void ilv_plot_draw_limits(const struct ilv_plot *plot)
{
	draw_cpus(plot);
	if (ilv_chart_is_gain(plot->chart)) {
		draw_even(plot);
	}
}

void ilv_plot_draw_notes(const struct ilv_plot *plot)
{
	if (ilv_chart_is_gain(plot->chart)) {
		draw_crossings(plot);
	} else if (plot->chart->measure == ILV_SWEEP_MEASURE_RATE && plot->chart->has_notes) {
		draw_knees(plot);
	}
}
