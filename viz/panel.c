/* SPDX-License-Identifier: MIT */
/* Description: a panel: what kind of run it is and its measures on the left, its lanes on the
 * right. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "viz/page.h"
#include "viz/tags.h"
#include "viz/words.h"

#define LEFT            24.0
#define VALUE_RIGHT     158.0
#define BAR_LEFT        162.0
#define BAR_WIDTH       32.0
#define TEXT_WIDTH      176.0
#define LABEL_RIGHT     279.0
#define LABEL_WIDTH     80.0
#define FONT            11.0
#define MEASURE_TOP     84.0
#define MEASURE_STEP    18.0
#define LINE_STEP       14.0
#define EXECUTOR_STEP   20.0
#define EXECUTOR_HEIGHT 12.0
#define ENTITY_STEP     22.0
#define LANES_TOP       14.0
#define GROUP_GAP       6.0
#define SAID_STEP       14.0
#define SAID_LINES      2

struct measure_row {
	enum ilv_measure measure;
	const char *name;
	const char *css_class;
};

static const struct measure_row rows[] = {
	{ILV_MEASURE_TIME, "time", "c-run"},
	{ILV_MEASURE_CPUS_BUSY, "CPUs busy", "c-run"},
	{ILV_MEASURE_CUT_SHORT, "cut short", "cuts"},
	{ILV_MEASURE_GAVE_WAY, "gave way", "ways"},
	{ILV_MEASURE_WAIT_P99, "wait, p99", "c-ready"},
};

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static bool is_band(const struct ilv_lane *lane)
{
	return lane->kind == ILV_LANE_KIND_ENTITY_BAND || lane->kind == ILV_LANE_KIND_EXECUTOR_BAND;
}

/* Higher the more it stands for, but ten times as many are not ten times as important. */
static double band_height(uint32_t member_count)
{
	return 24 + 24 * log10(member_count > 1 ? member_count : 1);
}

/* Writes `text` in as many lines as it needs left of the lanes, or only counts them. Returns where
 * the next one goes. */
static double write_lines(struct ilv_svg *svg, const char *css_class, const char *text, double y)
{
	char line[128];

	while (ilv_words_line(&text, FONT, false, TEXT_WIDTH, line, sizeof(line))) {
		if (svg) {
			ilv_svg_text(svg, css_class, NULL, LEFT, y, line);
		}
		y += LINE_STEP;
	}

	return y;
}

/* Lines that not every run has: cuts of the thread beneath, and what is missing. Counts them when
 * not drawing. */
static double extra_lines(const struct ilv_page_panel *panel, struct ilv_svg *svg, double y)
{
	const struct ilv_report_run *run = panel->run;
	char text[400];

	if (run->has_unit && (run->unit == ILV_UNIT_TASK || run->unit == ILV_UNIT_POOL_JOB) &&
	    run->sum.thread_cut_count > 0) {
		char count[ILV_DURATION_TEXT_SIZE];

		ilv_count_text(run->sum.thread_cut_count, count, sizeof(count));
		snprintf(text, sizeof(text), "%s cut short %s%s",
			 run->unit == ILV_UNIT_TASK ? "its thread was" : "its workers were",
			 run->sum.thread_cut_count == 1 ? "once" : count,
			 run->sum.thread_cut_count == 1 ? "" : " times");
		y = write_lines(svg, "soft", text, y) + MEASURE_STEP - LINE_STEP;
	}

	ilv_page_trouble(panel->report, run, text, sizeof(text));
	return write_lines(svg, "alarm", text, y);
}

/* Whether all panels would quote the same. */
static bool do_all_say_same(const struct ilv_page *page)
{
	for (uint32_t i = 1; i < page->panel_count; i++) {
		if (!ilv_report_says_same(page->panels[0].run, page->panels[i].run)) {
			return false;
		}
	}

	return page->panel_count > 1;
}

/*
 * What the program says of its run, marked as its own words, and whole in the tooltip; what all say
 * stands in the first panel alone. Returns where it ends, and only measures when not drawing.
 */
static double own_words(const struct ilv_page *page, const struct ilv_page_panel *panel,
			struct ilv_svg *svg)
{
	const struct ilv_report_run *run = panel->run;
	const bool is_same = do_all_say_same(page);
	double y = panel->said_y + SAID_STEP;
	char raw[1200] = "";
	char whole[1200];
	const char *rest = whole;
	size_t used = 0;

	if (run->note_count == 0 || (is_same && panel != page->panels)) {
		return panel->said_y;
	}

	for (uint32_t i = 0; i < run->note_count && used < sizeof(raw); i++) {
		used += (size_t)snprintf(raw + used, sizeof(raw) - used, "%s%s",
					 i > 0     ? " \xc2\xb7 "
					 : is_same ? "All say: "
						   : "It says: ",
					 run->notes[i]);
	}
	ilv_words_clean(whole, sizeof(whole), raw);
	if (svg) {
		ilv_svg_open(svg, "g", "said");
		ilv_svg_title(svg, whole);
	}

	for (unsigned int i = 0; i < SAID_LINES; i++) {
		const char *from = rest;
		char line[sizeof(whole)];

		if (!ilv_words_line(&rest, FONT, false, page->axis.width, line, sizeof(line))) {
			break;
		}
		if (i + 1 == SAID_LINES && *rest) {
			snprintf(line, sizeof(line), "%s", from + strspn(from, " "));
			ilv_words_fit(line, FONT, false, page->axis.width);
		}
		if (svg) {
			ilv_svg_text(svg, NULL, NULL, page->axis.left, y, line);
		}
		y += SAID_STEP;
	}

	if (svg) {
		ilv_svg_close(svg);
	}

	return y - SAID_STEP + 8;
}

double ilv_page_place_panel(const struct ilv_page *page, struct ilv_page_panel *panel, double y)
{
	double lane_y = y + LANES_TOP;
	double left_end;
	double said_end;
	bool was_executor = false;

	panel->y = y;
	for (uint32_t i = 0; i < panel->lanes->count; i++) {
		struct ilv_lane *lane = &panel->lanes->list[i];
		bool is_executor = lane->kind == ILV_LANE_KIND_EXECUTOR ||
				   lane->kind == ILV_LANE_KIND_EXECUTOR_BAND;

		if ((was_executor && !is_executor) ||
		    (i > 0 && !was_executor && lane->begins_group)) {
			lane_y += GROUP_GAP;
		}

		lane_y += lane->has_tags ? ILV_TAGS_HEIGHT : 0;
		lane->y = lane_y;
		if (is_band(lane)) {
			lane->height = band_height(lane->member_count);
			lane_y += lane->height + 8;
		} else {
			lane->height = is_executor ? EXECUTOR_HEIGHT : ILV_DRAW_LANE_HEIGHT;
			lane_y += is_executor ? EXECUTOR_STEP : ENTITY_STEP;
		}
		was_executor = is_executor;
	}

	panel->said_y = panel->lanes->count > 0 ? lane_y - 2 : y + 46;
	left_end = extra_lines(panel, NULL, y + MEASURE_TOP + ROW_COUNT * MEASURE_STEP) - 4;
	said_end = own_words(page, panel, NULL);
	panel->height = fmax(fmax(lane_y + 4, left_end), said_end) - y;
	return y + panel->height;
}

static double largest(const struct ilv_page *page, enum ilv_measure measure)
{
	double value = 0;

	for (uint32_t i = 0; i < page->panel_count; i++) {
		if (!isnan(page->panels[i].values[measure])) {
			value = fmax(value, page->panels[i].values[measure]);
		}
	}

	return value;
}

static void draw_measure(const struct ilv_page *page, const struct ilv_page_panel *panel,
			 const struct measure_row *row, struct ilv_svg *svg, double y)
{
	const char *name = row->name;
	double value = panel->values[row->measure];
	double most = largest(page, row->measure);
	const char *left_out = page->left_out ? page->left_out[row->measure] : NULL;
	char text[64];

	if (row->measure == ILV_MEASURE_CUT_SHORT && !panel->report->has_yields &&
	    !(panel->run->has_unit && panel->run->unit == ILV_UNIT_TASK)) {
		/* Where yields cannot be seen, the kernel's own word is all there is. */
		name = "involuntary";
	}
	ilv_svg_text(svg, NULL, NULL, LEFT, y, name);
	ilv_measure_text(row->measure, value, text, sizeof(text));
	ilv_svg_text_fit(svg, isnan(value) ? "soft" : "value", "end", VALUE_RIGHT, y, text, FONT,
			 64);
	if (left_out) {
		/* There is no room for a reason: the page tells it, at this sign. */
		ilv_svg_text(svg, "soft", NULL, BAR_LEFT, y, "*");
	} else if (page->has_bars && !isnan(value)) {
		ilv_svg_rect(svg, "track", BAR_LEFT, y - 8, BAR_WIDTH, 8, 2, NULL);
		if (value > 0 && most > 0) {
			ilv_svg_rect(svg, row->css_class, BAR_LEFT, y - 8,
				     fmax(value / most * BAR_WIDTH, 1.5), 8, 2, NULL);
		}
	}
}

static void draw_left(const struct ilv_page *page, const struct ilv_page_panel *panel,
		      struct ilv_svg *svg)
{
	char name[160];
	double y = panel->y + MEASURE_TOP;

	ilv_words_clean(name, sizeof(name), panel->name);
	ilv_words_fit(name, 16, true, TEXT_WIDTH);
	ilv_svg_text(svg, "run-name", NULL, LEFT, panel->y + 24, name);
	(void)write_lines(svg, "soft", ilv_page_kind(panel->run), panel->y + 42);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		draw_measure(page, panel, &rows[i], svg, y);
		y += MEASURE_STEP;
	}

	extra_lines(panel, svg, y);
}

/* A label that is too long keeps the number at its end, by which it is told from its like. */
static void draw_label(struct ilv_svg *svg, const struct ilv_lane *lane, const char *css_class)
{
	const char *number = strrchr(lane->label, ' ');
	double y = lane->y + (is_band(lane) ? 10 : lane->height / 2 + 4);
	char clean[128];
	char text[160];

	ilv_words_clean(clean, sizeof(clean), lane->label);
	if (ilv_words_width(clean, FONT, false) <= LABEL_WIDTH || !number || !number[1] ||
	    number[1 + strspn(number + 1, "0123456789")] != '\0' || strlen(number) > 5) {
		ilv_svg_text_fit(svg, css_class, "end", LABEL_RIGHT, y, lane->label, FONT,
				 LABEL_WIDTH);
		return;
	}

	ilv_words_fit(clean, FONT, false, LABEL_WIDTH - ilv_words_width(number, FONT, false));
	snprintf(text, sizeof(text), "%s%s", clean, number);
	ilv_svg_text(svg, css_class, "end", LABEL_RIGHT, y, text);
}

void ilv_page_draw_panel(const struct ilv_page *page, const struct ilv_page_panel *panel,
			 struct ilv_drawing *drawing)
{
	struct ilv_svg *svg = drawing->svg;

	draw_left(page, panel, svg);
	(void)own_words(page, panel, svg);
	if (panel->lanes->count == 0) {
		ilv_svg_text(svg, "soft", NULL, page->axis.left + 8, panel->y + 40,
			     "No thread, task or lock was recorded in this run.");
		return;
	}

	for (uint32_t i = 0; i < panel->lanes->count; i++) {
		const struct ilv_lane *lane = &panel->lanes->list[i];
		bool is_executor = lane->kind == ILV_LANE_KIND_EXECUTOR ||
				   lane->kind == ILV_LANE_KIND_EXECUTOR_BAND;

		ilv_svg_open(svg, "g", is_executor ? "executor" : "entity");
		draw_label(svg, lane, is_executor ? "soft" : NULL);
		if (lane->kind == ILV_LANE_KIND_ENTITY_BAND) {
			ilv_svg_text(svg, "tiny soft", "end", LABEL_RIGHT, lane->y + 23, "stacked");
		}
		ilv_draw_lane(drawing, lane);
		if (lane->has_tags) {
			ilv_tags_draw(drawing, panel->run, lane);
		}
		ilv_svg_close(svg);
	}
	ilv_draw_arrows(drawing, &panel->lanes->arrows, panel->lanes->list);
}
