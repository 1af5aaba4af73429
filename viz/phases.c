/* SPDX-License-Identifier: MIT */
/* Description: draws the phases of a run along the time scale. */
#include "viz/phases.h"

#include <stdio.h>

#include "base/duration.h"
#include "viz/words.h"

#define ROW_LIMIT   3 /* of phases within phases */
#define ROW_STEP    16.0
#define ROW_HEIGHT  14.0
#define GAP         4.0
#define FONT        10.0
#define NAME_LEAST  14.0 /* less room holds no name */
#define WIDTH_LEAST 2.0  /* narrower ones would run into each other */
#define BAR_LIMIT   600

/* Finds the row of each next phase: the first in which what went before has ended. */
struct rows {
	int64_t end_ns[ROW_LIMIT];
	unsigned int count;
};

static unsigned int take_row(struct rows *rows, const struct ilv_report_phase *phase)
{
	unsigned int row = 0;

	while (row < rows->count && rows->end_ns[row] > phase->begin_ns) {
		row++;
	}
	if (row < ROW_LIMIT) {
		rows->end_ns[row] = phase->end_ns;
		rows->count += row == rows->count;
	}

	return row;
}

double ilv_phases_height(const struct ilv_report_run *run)
{
	struct rows rows = {.count = 0};

	for (uint32_t index = 0; index < run->phase_count; index++) {
		(void)take_row(&rows, &run->phases[index]);
	}

	return rows.count > 0 ? rows.count * ROW_STEP + GAP : 0;
}

static void draw_bar(struct ilv_svg *svg, const struct ilv_report_phase *phase, double x,
		     double width, double y)
{
	const char *name = phase->name && phase->name[0] ? phase->name : "unnamed";
	char clean[256];
	char title[400];
	char duration[ILV_DURATION_TEXT_SIZE];

	ilv_words_clean(clean, sizeof(clean), name);
	ilv_duration_text(phase->end_ns - phase->begin_ns, duration, sizeof(duration));
	snprintf(title, sizeof(title), "phase %s: %s%s", clean, duration,
		 phase->is_ended ? "" : ", without an end");
	ilv_svg_rect(svg, "phase", x, y, width, ROW_HEIGHT, 2, title);
	ilv_words_fit(clean, FONT, false, width - 6);
	if (width >= NAME_LEAST && clean[0]) {
		ilv_svg_text(svg, "tiny phase-name", NULL, x + 3, y + 10.5, clean);
	}
}

void ilv_phases_draw(struct ilv_svg *svg, const struct ilv_report_run *run,
		     const struct ilv_axis *axis, double y, double bottom)
{
	struct rows rows = {.count = 0};
	struct ilv_svg_path lines = {0};
	unsigned int bar_count = 0;
	double line_x = -WIDTH_LEAST;

	if (run->phase_count == 0) {
		return;
	}

	ilv_svg_style(svg, ".phase{fill:#cfd8e0}.phase-name{fill:#1b1f24}.phase-line{fill:none;"
			   "stroke:#8a96a3;stroke-dasharray:2 3}\n"
			   "@media (prefers-color-scheme:dark){.phase{fill:#3a444e}.phase-name{"
			   "fill:#e8ecf0}.phase-line{stroke:#6b7783}}\n");
	ilv_svg_open(svg, "g", "phases");
	for (uint32_t index = 0; index < run->phase_count && bar_count < BAR_LIMIT; index++) {
		const struct ilv_report_phase *phase = &run->phases[index];
		double begin = ilv_axis_x(axis, phase->begin_ns);
		double end = ilv_axis_x(axis, phase->end_ns);
		unsigned int row = take_row(&rows, phase);

		if (row == ROW_LIMIT || end - begin < WIDTH_LEAST) {
			continue;
		}
		draw_bar(svg, phase, begin, end - begin - 0.5, y + row * ROW_STEP);
		bar_count++;
		/* Where one ends the next begins: one line is enough. */
		if (begin - line_x >= WIDTH_LEAST) {
			ilv_svg_path_add(&lines, "M~ ~V~", begin, y + row * ROW_STEP + ROW_HEIGHT,
					 bottom);
		}
		ilv_svg_path_add(&lines, "M~ ~V~", end, y + row * ROW_STEP + ROW_HEIGHT, bottom);
		line_x = end;
	}
	ilv_svg_path(svg, "phase-line", &lines, NULL);
	ilv_svg_path_fini(&lines);
	ilv_svg_close(svg);
}
