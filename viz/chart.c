/* SPDX-License-Identifier: MIT */
/* Description: one chart of a sweep: its frame, its words and its scales. */
#include "viz/chart.h"

#include <math.h>
#include <stdio.h>

#include "viz/chart_inner.h"
#include "viz/words.h"

#define TICK_WIDTH  52.0 /* numbers left of the plot */
#define HEAD_HEIGHT 46.0
#define FOOT_HEIGHT 38.0
#define TICK_GAP    8.0

/* From these ratios of the most to the least on, a linear scale has the small ones all in one
 * place. Steps of a sweep are mostly factors. */
#define LOG_X 3.9
#define LOG_Y 12.0

double ilv_plot_value(const struct ilv_plot *plot, const struct ilv_sweep_line *line,
		      uint32_t point)
{
	return ilv_sweep_value(line, point, plot->chart->measure);
}

double ilv_plot_reference(const struct ilv_plot *plot, const struct ilv_sweep_line *line,
			  uint32_t point)
{
	return plot->chart->measure == ILV_SWEEP_MEASURE_TIME
		       ? ilv_sweep_value(line, point, ILV_SWEEP_MEASURE_REFERENCE)
		       : NAN;
}

bool ilv_chart_is_gain(const struct ilv_chart *chart)
{
	return chart->measure == ILV_SWEEP_MEASURE_GAIN ||
	       chart->measure == ILV_SWEEP_MEASURE_RECORDED_GAIN;
}

double ilv_chart_crossing(const struct ilv_chart *chart, const struct ilv_sweep_line *line)
{
	return chart->measure == ILV_SWEEP_MEASURE_RECORDED_GAIN ? line->recorded_crossing
								 : line->crossing;
}

double ilv_plot_y(const struct ilv_plot *plot, const struct ilv_sweep_line *line, uint32_t point)
{
	double value = ilv_plot_value(plot, line, point);

	return isfinite(value) ? ilv_scale_place(&plot->y, fmax(value, plot->y.low)) : NAN;
}

bool ilv_chart_is_known(const struct ilv_sweep *sweep, enum ilv_sweep_measure measure)
{
	uint32_t known_count = 0;
	uint32_t count = 0;

	for (uint32_t line = 0; line < sweep->line_count; line++) {
		for (uint32_t point = 0; point < sweep->lines[line].point_count; point++) {
			known_count +=
				isfinite(ilv_sweep_value(&sweep->lines[line], point, measure));
			count++;
		}
	}

	/* Of a few points alone a curve would tell less than nothing. A reference has no gain. */
	return 2 * known_count >= count;
}

static enum ilv_scale_kind kind_of_measure(enum ilv_sweep_measure measure)
{
	switch (measure) {
	case ILV_SWEEP_MEASURE_TIME:
		return ILV_SCALE_KIND_NS;
	case ILV_SWEEP_MEASURE_GAIN:
	case ILV_SWEEP_MEASURE_RECORDED_GAIN:
		return ILV_SCALE_KIND_RATIO;
	case ILV_SWEEP_MEASURE_CPUS_BUSY:
		return ILV_SCALE_KIND_AMOUNT;
	case ILV_SWEEP_MEASURE_MEMORY:
		return ILV_SCALE_KIND_BYTES;
	default:
		return ILV_SCALE_KIND_COUNT;
	}
}

static enum ilv_scale_kind kind_of_quantity(enum ilv_quantity unit)
{
	return unit == ILV_QUANTITY_NS        ? ILV_SCALE_KIND_NS
	       : unit == ILV_QUANTITY_BYTES   ? ILV_SCALE_KIND_BYTES
	       : unit == ILV_QUANTITY_PERCENT ? ILV_SCALE_KIND_PERCENT
					      : ILV_SCALE_KIND_COUNT;
}

static void init_scales(struct ilv_plot *plot)
{
	const struct ilv_sweep *sweep = plot->chart->sweep;
	double low_x = INFINITY, high_x = -INFINITY;
	double low_y = INFINITY, high_y = -INFINITY;

	for (uint32_t index = 0; index < sweep->line_count; index++) {
		const struct ilv_sweep_line *line = &sweep->lines[index];

		for (uint32_t point = 0; point < line->point_count; point++) {
			double value = ilv_plot_value(plot, line, point);

			low_x = fmin(low_x, (double)line->points[point].value);
			high_x = fmax(high_x, (double)line->points[point].value);
			low_y = isfinite(value) ? fmin(low_y, value) : low_y;
			high_y = isfinite(value) ? fmax(high_y, value) : high_y;
			value = ilv_plot_reference(plot, line, point);
			low_y = isfinite(value) ? fmin(low_y, value) : low_y;
			high_y = isfinite(value) ? fmax(high_y, value) : high_y;
		}
	}

	if (ilv_chart_is_gain(plot->chart)) {
		low_y = fmax(low_y, ILV_CHART_GAIN_FLOOR);
		high_y = fmax(high_y, low_y);
	}
	ilv_scale_init(&plot->x, kind_of_quantity(sweep->unit), low_x, high_x, LOG_X, plot->left,
		       plot->right);
	/* What grows with a share of one whole grows evenly, and is to be seen to. */
	ilv_scale_init(&plot->y, kind_of_measure(plot->chart->measure), low_y, high_y,
		       sweep->unit == ILV_QUANTITY_PERCENT ? INFINITY : LOG_Y, plot->bottom,
		       plot->top);
}

void ilv_chart_words(const struct ilv_chart *chart, char *title, char *note, size_t size)
{
	const struct ilv_sweep *sweep = chart->sweep;
	const char *recorded = sweep->is_untraced ? ", while recorded" : "";

	switch (chart->measure) {
	case ILV_SWEEP_MEASURE_RATE:
		snprintf(title, size, "Throughput");
		snprintf(note, size, "%s a second: higher is better",
			 sweep->work ? sweep->work : "done");
		break;
	case ILV_SWEEP_MEASURE_TIME:
		snprintf(title, size, "Time");
		if (sweep->work) {
			snprintf(note, size, "for one of the %s%s: lower is better", sweep->work,
				 sweep->is_untraced ? ", untraced" : "");
		} else {
			snprintf(note, size, "%s: lower is better",
				 sweep->is_untraced ? "without tracing" : "of the phase");
		}
		break;
	case ILV_SWEEP_MEASURE_GAIN:
		snprintf(title, size, "Is it worth it%s?",
			 sweep->is_untraced ? ", without tracing" : "");
		snprintf(note, size,
			 "how many times as fast as %s: above 1 it is (what is below %.2g lies on "
			 "the ground)",
			 sweep->reference->label, ILV_CHART_GAIN_FLOOR);
		break;
	case ILV_SWEEP_MEASURE_RECORDED_GAIN:
		snprintf(title, size, "The same while it is recorded");
		snprintf(note, size, "with what the tracer does, after a fork most of all");
		break;
	case ILV_SWEEP_MEASURE_CPUS_BUSY:
		snprintf(title, size, "CPUs busy");
		if (sweep->cpu_count != ILV_UNKNOWN) {
			snprintf(note, size, "on average%s, of %lld", recorded,
				 (long long)sweep->cpu_count);
		} else {
			snprintf(note, size, "on average%s", recorded);
		}
		break;
	case ILV_SWEEP_MEASURE_CUT_SHORT:
		snprintf(title, size, "Cut short");
		snprintf(note, size, "switches that threads did not ask for%s", recorded);
		break;
	case ILV_SWEEP_MEASURE_GAVE_WAY:
		snprintf(title, size, "Gave way");
		snprintf(note, size, "switches because a thread waits");
		break;
	case ILV_SWEEP_MEASURE_MEMORY:
		snprintf(title, size, "Memory");
		snprintf(note, size, "of the process, at most");
		break;
	case ILV_SWEEP_MEASURE_COUNTED:
		snprintf(title, size, "Counted: %s", sweep->counted ? sweep->counted : "");
		snprintf(note, size, "by the program itself");
		break;
	case ILV_SWEEP_MEASURE_REFERENCE:
	case ILV_SWEEP_MEASURE_RECORDED_TIME:
	case ILV_SWEEP_MEASURE_COUNT:
		title[0] = '\0';
		note[0] = '\0';
		break;
	}
}

static void draw_frame(const struct ilv_plot *plot)
{
	const struct ilv_chart *chart = plot->chart;
	struct ilv_svg_path grid = {0};
	char title[ILV_CHART_TEXT_SIZE];
	char note[ILV_CHART_TEXT_SIZE];
	char text[64];

	ilv_svg_rect(plot->svg, "band", chart->x, chart->y, chart->width, chart->height, 8, NULL);
	ilv_chart_words(chart, title, note, sizeof(title));
	ilv_svg_text_fit(plot->svg, "chart-name", NULL, chart->x + ILV_CHART_PAD, chart->y + 21,
			 title, 14, chart->width - 2 * ILV_CHART_PAD);
	ilv_svg_text_fit(plot->svg, "soft", NULL, chart->x + ILV_CHART_PAD, chart->y + 36, note,
			 ILV_CHART_FONT, chart->width - 2 * ILV_CHART_PAD);

	for (unsigned int index = 0; index < plot->y.tick_count; index++) {
		double y = ilv_scale_place(&plot->y, plot->y.ticks[index]);

		ilv_svg_path_add(&grid, "M~ ~H~", plot->left, y, plot->right);
		ilv_scale_text(plot->y.kind, plot->y.ticks[index], text, sizeof(text));
		ilv_svg_text(plot->svg, "soft", "end", plot->left - 6, y + 4, text);
	}
	ilv_svg_path(plot->svg, "grid", &grid, NULL);
	ilv_svg_path_fini(&grid);
}

/* A tick at each value that was tried, as far as their texts find room; the last always does. */
static void draw_steps(const struct ilv_plot *plot)
{
	const struct ilv_sweep *sweep = plot->chart->sweep;
	const struct ilv_sweep_line *longest = &sweep->lines[0];
	struct ilv_svg_path ticks = {0};
	double free_from = -INFINITY;
	double last_left;
	char text[64];

	for (uint32_t index = 1; index < sweep->line_count; index++) {
		if (sweep->lines[index].point_count > longest->point_count) {
			longest = &sweep->lines[index];
		}
	}

	ilv_sweep_value_text(sweep->unit, (double)longest->points[longest->point_count - 1].value,
			     text, sizeof(text));
	last_left =
		ilv_scale_place(&plot->x, (double)longest->points[longest->point_count - 1].value) -
		ilv_words_width(text, ILV_CHART_FONT, false) / 2 - TICK_GAP;
	for (uint32_t point = 0; point < longest->point_count; point++) {
		double x = ilv_scale_place(&plot->x, (double)longest->points[point].value);
		double half;

		ilv_svg_path_add(&ticks, "M~ ~v5", x, plot->bottom);
		ilv_sweep_value_text(sweep->unit, (double)longest->points[point].value, text,
				     sizeof(text));
		half = ilv_words_width(text, ILV_CHART_FONT, false) / 2;
		if (point + 1 == longest->point_count ||
		    (x - half >= free_from && x + half <= last_left)) {
			ilv_svg_text(plot->svg, "soft", "middle", x, plot->bottom + 17, text);
			free_from = x + half + TICK_GAP;
		}
	}
	ilv_svg_path_add(&ticks, "M~ ~H~", plot->left, plot->bottom, plot->right);
	ilv_svg_path(plot->svg, "base", &ticks, NULL);
	ilv_svg_path_fini(&ticks);
	ilv_svg_text_fit(plot->svg, "soft", "middle", (plot->left + plot->right) / 2,
			 plot->bottom + 31, sweep->quantity, ILV_CHART_FONT,
			 plot->right - plot->left);
}

void ilv_chart_draw(const struct ilv_chart *chart, struct ilv_svg *svg)
{
	struct ilv_plot plot = {
		.chart = chart,
		.svg = svg,
		.left = chart->x + ILV_CHART_PAD + TICK_WIDTH,
		.right = chart->x + chart->width - ilv_chart_names_width(chart),
		.top = chart->y + HEAD_HEIGHT + 8 + ilv_chart_notes_height(chart),
		.bottom = chart->y + chart->height - FOOT_HEIGHT,
	};

	init_scales(&plot);
	ilv_svg_open(svg, "g", "chart");
	draw_frame(&plot);
	draw_steps(&plot);
	ilv_plot_draw_limits(&plot);
	ilv_plot_draw_lines(&plot);
	ilv_plot_draw_notes(&plot);
	ilv_svg_close(svg);
}
