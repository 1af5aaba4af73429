/* SPDX-License-Identifier: MIT */
/* Description: the lines of a chart, their markers, and their names at their ends: no legend is to
 * be looked up. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "viz/chart_inner.h"
#include "viz/words.h"

#define NAME_LEFT    22.0 /* right of the plot, after a marker */
#define NAME_TALL    124.0
#define NAME_LOW     80.0
#define NAME_STEP    14.0
#define MARKER_LIMIT 48 /* a small chart with more points shows the line alone */

/* Eight shapes, for prints without colour. */
static void add_marker(struct ilv_svg_path *path, unsigned int shape, double x, double y)
{
	const double r = ILV_CHART_MARKER;

	switch (shape % 4) {
	case 0:
		ilv_svg_path_add(path, "M~ ~a~ ~ 0 1 0 ~ 0a~ ~ 0 1 0 ~ 0z", x - r, y, r, r, 2 * r,
				 r, r, -2 * r);
		break;
	case 1:
		ilv_svg_path_rect(path, x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
		break;
	case 2:
		ilv_svg_path_add(path, "M~ ~l~ ~h~z", x, y - 1.2 * r, 1.2 * r, 2.1 * r, -2.4 * r);
		break;
	default:
		ilv_svg_path_add(path, "M~ ~l~ ~l~ ~l~ ~z", x, y - 1.3 * r, 1.3 * r, 1.3 * r,
				 -1.3 * r, 1.3 * r, -1.3 * r, -1.3 * r);
		break;
	}
}

static unsigned int style_of(const struct ilv_sweep *sweep, const struct ilv_sweep_line *line)
{
	unsigned int style = 0;

	/* What is measured against stands back in grey; the others have their colours in order. */
	for (const struct ilv_sweep_line *before = sweep->lines; before < line; before++) {
		style += before != sweep->reference;
	}

	return line == sweep->reference ? ILV_SWEEP_LINE_LIMIT : style;
}

static void class_of(const struct ilv_plot *plot, const struct ilv_sweep_line *line,
		     const char *what, char *text, size_t size)
{
	snprintf(text, size, "%s%u", what, style_of(plot->chart->sweep, line));
}

static void point_title(const struct ilv_plot *plot, const struct ilv_sweep_line *line,
			uint32_t index, char *text, size_t size)
{
	const struct ilv_chart *chart = plot->chart;
	const struct ilv_sweep_point *point = &line->points[index];
	char step[64];
	char value[64];
	char name[ILV_CHART_TEXT_SIZE];
	char note[ILV_CHART_TEXT_SIZE];
	size_t used;

	ilv_sweep_value_text(chart->sweep->unit, (double)point->value, step, sizeof(step));
	ilv_scale_text(plot->y.kind, ilv_plot_value(plot, line, index), value, sizeof(value));
	ilv_chart_words(chart, name, note, sizeof(name));
	snprintf(text, size, "%s, %s %s: %s %s", line->label, step, chart->sweep->quantity, name,
		 value);
	if (point->repeat_count > 1) {
		used = strlen(text);
		snprintf(text + used, size - used, " (the fastest of %u)", point->repeat_count);
	}
}

static void draw_line(const struct ilv_plot *plot, const struct ilv_sweep_line *line)
{
	struct ilv_svg_path path = {0};
	struct ilv_svg_path marker = {0};
	char css_class[32];
	char title[ILV_CHART_TEXT_SIZE * 3];
	bool is_begun = false;

	for (uint32_t point = 0; point < line->point_count; point++) {
		double y = ilv_plot_y(plot, line, point);

		if (isfinite(y)) {
			ilv_svg_path_add(
				&path, is_begun ? "L~ ~" : "M~ ~",
				ilv_scale_place(&plot->x, (double)line->points[point].value), y);
		}
		is_begun = isfinite(y);
	}
	class_of(plot, line, "line l", css_class, sizeof(css_class));
	ilv_svg_path(plot->svg, css_class, &path, NULL);
	ilv_svg_path_fini(&path);

	class_of(plot, line, "point p", css_class, sizeof(css_class));
	for (uint32_t point = 0; point < line->point_count; point++) {
		double y = ilv_plot_y(plot, line, point);

		if (!isfinite(y) || (line->point_count > MARKER_LIMIT && !plot->chart->has_notes)) {
			continue;
		}
		add_marker(&marker, style_of(plot->chart->sweep, line),
			   ilv_scale_place(&plot->x, (double)line->points[point].value), y);
		point_title(plot, line, point, title, sizeof(title));
		ilv_svg_path(plot->svg, css_class, &marker, title);
	}
	ilv_svg_path_fini(&marker);
}

/*
 * In a chart of times: what `line` is measured against, which was taken in its own run. On a quiet
 * machine all such lines lie on one another.
 */
static void draw_own_reference(const struct ilv_plot *plot, const struct ilv_sweep_line *line)
{
	struct ilv_svg_path path = {0};
	char css_class[32];
	char title[ILV_CHART_TEXT_SIZE];
	bool is_begun = false;

	for (uint32_t point = 0; point < line->point_count; point++) {
		double value = ilv_plot_reference(plot, line, point);

		if (isfinite(value)) {
			ilv_svg_path_add(
				&path, is_begun ? "L~ ~" : "M~ ~",
				ilv_scale_place(&plot->x, (double)line->points[point].value),
				ilv_scale_place(&plot->y, value));
		}
		is_begun = isfinite(value);
	}
	class_of(plot, plot->chart->sweep->reference, "line l", css_class, sizeof(css_class));
	snprintf(title, sizeof(title), "%s, in the run of %s", plot->chart->sweep->reference->label,
		 line->label);
	ilv_svg_path(plot->svg, css_class, &path, title);
	ilv_svg_path_fini(&path);
}

struct label {
	const struct ilv_sweep_line *line;
	double y;
};

static int by_height(const void *left_pointer, const void *right_pointer)
{
	const struct label *left = left_pointer;
	const struct label *right = right_pointer;

	return (left->y > right->y) - (left->y < right->y);
}

/* Moves labels apart that would overlap, and keeps them within the plot. */
static void spread(struct label *labels, unsigned int count, double top, double bottom)
{
	qsort(labels, count, sizeof(*labels), by_height);
	for (unsigned int index = 0; index < count; index++) {
		double least = index > 0 ? labels[index - 1].y + NAME_STEP : top;

		labels[index].y = fmax(labels[index].y, least);
	}
	for (unsigned int index = count; index-- > 0;) {
		double most = index + 1 < count ? labels[index + 1].y - NAME_STEP : bottom;

		labels[index].y = fmin(labels[index].y, most);
	}
}

static void draw_names(const struct ilv_plot *plot)
{
	const struct ilv_sweep *sweep = plot->chart->sweep;
	struct label labels[ILV_SWEEP_LINE_LIMIT];
	struct ilv_svg_path marker = {0};
	unsigned int count = 0;
	char css_class[32];

	for (uint32_t index = 0; index < sweep->line_count; index++) {
		const struct ilv_sweep_line *line = &sweep->lines[index];
		uint32_t point = line->point_count;

		while (point > 0 && !isfinite(ilv_plot_value(plot, line, point - 1))) {
			point--;
		}
		if (point > 0) {
			labels[count++] = (struct label){
				line,
				ilv_scale_place(&plot->y, ilv_plot_value(plot, line, point - 1))};
		}
	}

	spread(labels, count, plot->top, plot->bottom);
	for (unsigned int index = 0; index < count; index++) {
		class_of(plot, labels[index].line, "point p", css_class, sizeof(css_class));
		add_marker(&marker, style_of(sweep, labels[index].line), plot->right + 14,
			   labels[index].y);
		ilv_svg_path(plot->svg, css_class, &marker, NULL);
		ilv_svg_text_fit(plot->svg, "line-name", NULL, plot->right + NAME_LEFT,
				 labels[index].y + 4, labels[index].line->label, ILV_CHART_FONT,
				 plot->chart->x + plot->chart->width - 6 - plot->right - NAME_LEFT);
	}
	ilv_svg_path_fini(&marker);
}

double ilv_chart_names_width(const struct ilv_chart *chart)
{
	double most = chart->has_notes ? NAME_TALL : NAME_LOW;
	double width = 0;
	char clean[ILV_CHART_TEXT_SIZE];

	for (uint32_t index = 0; index < chart->sweep->line_count; index++) {
		ilv_words_clean(clean, sizeof(clean), chart->sweep->lines[index].label);
		width = fmax(width, ilv_words_width(clean, ILV_CHART_FONT, false));
	}

	return NAME_LEFT + fmin(width, most) + 8;
}

void ilv_plot_draw_lines(const struct ilv_plot *plot)
{
	const struct ilv_sweep *sweep = plot->chart->sweep;
	const bool has_own_references = plot->chart->measure == ILV_SWEEP_MEASURE_TIME &&
					sweep->reference && sweep->run_count > 1;

	for (uint32_t index = 0; has_own_references && index < sweep->line_count; index++) {
		if (&sweep->lines[index] != sweep->reference) {
			draw_own_reference(plot, &sweep->lines[index]);
		}
	}
	/* What comes first lies on top. */
	for (uint32_t index = sweep->line_count; index-- > 0;) {
		if (&sweep->lines[index] != sweep->reference || !has_own_references) {
			draw_line(plot, &sweep->lines[index]);
		}
	}
	draw_names(plot);
}
