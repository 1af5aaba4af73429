/* SPDX-License-Identifier: MIT */
/* Description: what the files of a chart share and nobody else sees. */
#ifndef ILV_VIZ_CHART_INNER_H
#define ILV_VIZ_CHART_INNER_H

#include "viz/chart.h"

#define ILV_CHART_PAD       12.0
#define ILV_CHART_FONT      11.0
#define ILV_CHART_MARKER    4.0 /* half of its width */
#define ILV_CHART_NOTE_STEP 15.0
#define ILV_CHART_TEXT_SIZE 256

/* So much slower is never worth it, and how much exactly another chart says. */
#define ILV_CHART_GAIN_FLOOR 0.05

/* Where a chart's lines are drawn. */
struct ilv_plot {
	const struct ilv_chart *chart;
	struct ilv_svg *svg;
	struct ilv_scale x, y;
	double left, right, top, bottom;
};

/* Of a line's point; NAN: not known. Where its value lies beyond the scale it is drawn at the edge.
 */
double ilv_plot_value(const struct ilv_plot *plot, const struct ilv_sweep_line *line,
		      uint32_t point);
/* In a chart of times: what the point is measured against, in its own run. NAN: nothing. */
double ilv_plot_reference(const struct ilv_plot *plot, const struct ilv_sweep_line *line,
			  uint32_t point);
double ilv_plot_y(const struct ilv_plot *plot, const struct ilv_sweep_line *line, uint32_t point);

/* Whether it shows how many times as fast lines are, and from where on `line` is faster in it. */
bool ilv_chart_is_gain(const struct ilv_chart *chart);
double ilv_chart_crossing(const struct ilv_chart *chart, const struct ilv_sweep_line *line);

/* The words above a chart; both buffers of `size` bytes. */
void ilv_chart_words(const struct ilv_chart *chart, char *title, char *note, size_t size);

/* chart_lines.c: the lines with their markers, and their names right of the plot. */
void ilv_plot_draw_lines(const struct ilv_plot *plot);
double ilv_chart_names_width(const struct ilv_chart *chart);

/* chart_notes.c: what is written beside the lines. The first lie beneath them. */
void ilv_plot_draw_limits(const struct ilv_plot *plot);
void ilv_plot_draw_notes(const struct ilv_plot *plot);
double ilv_chart_notes_height(const struct ilv_chart *chart);

#endif /* ILV_VIZ_CHART_INNER_H */
