/* SPDX-License-Identifier: MIT */
/* Description: a page: its lanes filled within the budget of marks, its parts placed and drawn. */
#include "viz/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "base/duration.h"
#include "viz/phases.h"
#include "viz/viz.h"
#include "viz/words.h"

#define LANES_LEFT  286.0
#define LANES_RIGHT 1164.0
#define PANEL_GAP   10.0
#define LINE        20.0
#define TICK_COUNT  9
#define DOT_RADIUS  8.0

/* The command that repeats it must be whole. */
#define PROVENANCE_LINE  15.0
#define PROVENANCE_LIMIT 4

/* What is closer than this many pixels is folded to begin with. */
#define FOLD_PX 2.0
#define COARSER 1.2

/* An arrow tells the end of a wait that can be seen, and stands apart from the next. */
#define ARROW_WAIT_PX    6.0
#define ARROW_SPACING_PX 10.0

enum ilv_status ilv_page_init(struct ilv_page *page, uint32_t panel_count)
{
	page->panels = calloc(panel_count, sizeof(*page->panels));
	if (!page->panels) {
		ilv_cause_add("Cannot lay out page: not enough memory");
		return ILV_STATUS_MEMORY;
	}

	page->panel_count = panel_count;
	return ILV_STATUS_OK;
}

enum ilv_status ilv_page_set_panel(struct ilv_page *page, uint32_t index,
				   const struct ilv_report *report,
				   const struct ilv_report_run *run, const char *name,
				   const double *values, const struct ilv_lanes_limits *limits)
{
	struct ilv_page_panel *panel = &page->panels[index];

	*panel = (struct ilv_page_panel){
		.report = report, .run = run, .name = name, .values = values};
	panel->lanes = ilv_lanes_create(report, run, limits);
	return panel->lanes ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
}

void ilv_page_fini(struct ilv_page *page)
{
	for (uint32_t i = 0; i < page->panel_count; i++) {
		ilv_lanes_destroy(page->panels[i].lanes);
	}
	free(page->panels);
}

static size_t shape_count(const struct ilv_page *page)
{
	size_t count = 0;

	for (uint32_t i = 0; i < page->panel_count; i++) {
		const struct ilv_lanes *lanes = page->panels[i].lanes;

		for (uint32_t j = 0; j < lanes->count; j++) {
			count += ilv_stretches_shapes(&lanes->list[j].own) +
				 ilv_stretches_shapes(&lanes->list[j].shown);
		}
		for (int kind = 0; kind < ILV_ARROW_COUNT; kind++) {
			count += ilv_arrows_drawn(&lanes->arrows, (enum ilv_arrow_kind)kind);
		}
	}

	return count;
}

/* Folds what is shorter than `fold_px` in all lanes alike, so that one picture has one resolution.
 */
static void coarsen(struct ilv_page *page, double fold_px)
{
	int64_t fold_ns = ilv_axis_ns(&page->axis, fold_px);

	for (uint32_t i = 0; i < page->panel_count; i++) {
		struct ilv_lanes *lanes = page->panels[i].lanes;

		for (uint32_t j = 0; j < lanes->count; j++) {
			ilv_stretches_coarsen(&lanes->list[j].own, fold_ns);
			ilv_stretches_coarsen(&lanes->list[j].shown, fold_ns);
		}
	}
}

/* Columns of bands cannot be made coarser afterwards: fewer marks mean wider ones from the start.
 */
static double band_column_px(const struct ilv_page *page)
{
	return FOLD_PX * fmax(1, sqrt((double)ILV_MARKS_DEFAULT / page->mark_limit));
}

static enum ilv_status fill(struct ilv_page *page, const struct ilv_picture_source *source)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (uint32_t i = 0; i < page->panel_count && status >= 0; i++) {
		struct ilv_lanes *lanes = page->panels[i].lanes;
		double width = (LANES_RIGHT - LANES_LEFT) *
			       (double)(lanes->end_ns - lanes->begin_ns) /
			       (double)page->axis.span_ns;
		struct ilv_lanes_scale scale = {
			.fold_ns = ilv_axis_ns(&page->axis, FOLD_PX),
			.band_columns = (uint32_t)(width / band_column_px(page)),
			.arrow_wait_ns = ilv_axis_ns(&page->axis, ARROW_WAIT_PX),
			.arrow_spacing_ns = ilv_axis_ns(&page->axis, ARROW_SPACING_PX)};

		if (scale.band_columns == 0) {
			scale.band_columns = 1;
		}
		for (int sign = 0; sign < ILV_SIGN_COUNT; sign++) {
			scale.spacing_ns[sign] =
				ilv_axis_ns(&page->axis, ilv_draw_spacing_px[sign]);
		}

		status = ilv_lanes_set_scale(lanes, &scale);
		if (status >= 0) {
			const struct ilv_picture_sink sink = {.take = ilv_lanes_take,
							      .take_edge = ilv_lanes_take_edge,
							      .take_mark = ilv_lanes_take_mark,
							      .context = lanes};

			status = source->pass(source->context, i, &sink);
			if (status >= 0) {
				status = ilv_lanes_settle(lanes);
			}
		}
	}

	return status;
}

double ilv_page_lines(struct ilv_svg *svg, const char *css_class, const char *text, double font_px,
		      double left, double y, double line_height, unsigned int line_limit)
{
	char line[512];
	const char *rest = text;

	for (unsigned int count = 0;
	     count < line_limit &&
	     ilv_words_line(&rest, font_px, false, ILV_PAGE_WIDTH - ILV_PAGE_MARGIN - left, line,
			    sizeof(line));
	     count++) {
		if (svg) {
			ilv_svg_text(svg, css_class, NULL, left, y, line);
		}
		y += line_height;
	}

	return y;
}

const char *ilv_page_fit_title(char *title)
{
	double room = ILV_PAGE_WIDTH - 2 * ILV_PAGE_MARGIN;

	if (ilv_words_width(title, ILV_PAGE_TITLE_FONT, true) <= room) {
		return "h1";
	}

	ilv_words_fit(title, ILV_PAGE_LONG_TITLE_FONT, true, room);
	return "run-name";
}

static void draw_axis(const struct ilv_page *page, struct ilv_svg *svg, double y, double bottom)
{
	struct ilv_svg_path grid = {0};
	char text[48];

	for (int64_t tick_ns = 0; tick_ns <= page->axis.span_ns; tick_ns += page->axis.step_ns) {
		double x = ilv_axis_x(&page->axis, tick_ns);

		ilv_svg_path_add(&grid, "M~ ~V~", x, y + 5, bottom);
		ilv_axis_tick_text(&page->axis, tick_ns, text, sizeof(text));
		ilv_svg_text(svg, "soft", "middle", x, y, text);
		if (tick_ns > INT64_MAX - page->axis.step_ns) {
			break;
		}
	}

	ilv_svg_path(svg, "grid", &grid, NULL);
	ilv_svg_path_fini(&grid);
}

static void draw_dot(struct ilv_svg *svg, double x, double y, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	ilv_svg_circle(svg, "dot halo", x, y, DOT_RADIUS);
	ilv_svg_text(svg, "ondot", "middle", x, y + 4, text);
}

/* Puts the numbers on their lanes, one beside another where they would overlap. */
static void draw_dots(const struct ilv_page *page, struct ilv_svg *svg)
{
	double xs[ILV_PAGE_MOMENT_LIMIT];
	double ys[ILV_PAGE_MOMENT_LIMIT];

	for (uint32_t i = 0; i < page->moment_count; i++) {
		const struct ilv_page_panel *panel = &page->panels[page->moments[i].panel];
		const struct ilv_finding *finding = page->moments[i].finding;
		const struct ilv_lane *lane =
			finding->moment_entity_id
				? ilv_lanes_find(panel->lanes, finding->moment_entity_id)
				: NULL;
		int64_t moment_ns = finding->moment_ns < 0 ? 0 : finding->moment_ns;

		if (moment_ns > page->axis.span_ns) {
			moment_ns = page->axis.span_ns;
		}
		/* Behind the moment, whose own sign is to be seen. */
		xs[i] = ilv_axis_x(&page->axis, moment_ns) + DOT_RADIUS + 3;
		ys[i] = lane ? lane->y + lane->height / 2 : panel->y + 2;
		for (uint32_t j = 0; j < i; j++) {
			if (fabs(xs[i] - xs[j]) < 2 * DOT_RADIUS + 1 &&
			    fabs(ys[i] - ys[j]) < 2 * DOT_RADIUS) {
				xs[i] = xs[j] + 2 * DOT_RADIUS + 2;
			}
		}
		draw_dot(svg, xs[i], ys[i], i + 1);
	}
}

static double draw_moments(const struct ilv_page *page, struct ilv_svg *svg, double y)
{
	for (uint32_t i = 0; i < page->moment_count; i++) {
		const struct ilv_finding *finding = page->moments[i].finding;
		char time[ILV_DURATION_TEXT_SIZE];
		char sentence[640];
		char clean[640];

		ilv_duration_text(finding->moment_ns, time, sizeof(time));
		snprintf(sentence, sizeof(sentence), "%s: %s", time, finding->moment_text);
		ilv_words_clean(clean, sizeof(clean), sentence);
		if (svg) {
			draw_dot(svg, ILV_PAGE_MARGIN + DOT_RADIUS, y, i + 1);
		}
		y = ilv_page_lines(svg, NULL, clean, ILV_PAGE_TEXT_FONT, ILV_PAGE_MARGIN + 24,
				   y + 4, 15, 2) -
		    4;
		y += 7;
	}

	return y;
}

/* Says why the measures with a star are not compared, each reason once. */
static double draw_left_out(const struct ilv_page *page, struct ilv_svg *svg, double y)
{
	static const enum ilv_measure shown[] = {ILV_MEASURE_CPUS_BUSY, ILV_MEASURE_CUT_SHORT,
						 ILV_MEASURE_GAVE_WAY, ILV_MEASURE_WAIT_P99};
	const size_t count = sizeof(shown) / sizeof(shown[0]);

	for (size_t i = 0; page->left_out && i < count; i++) {
		const char *because = page->left_out[shown[i]];
		bool is_told = !because;
		char sentence[640];
		char clean[640];
		size_t used = 0;

		for (size_t j = 0; j < i && !is_told; j++) {
			is_told = page->left_out[shown[j]] &&
				  strcmp(page->left_out[shown[j]], because) == 0;
		}
		for (size_t j = i; j < count && !is_told; j++) {
			if (page->left_out[shown[j]] &&
			    strcmp(page->left_out[shown[j]], because) == 0) {
				used += (size_t)snprintf(sentence + used, sizeof(sentence) - used,
							 "%s%s", j == i ? "* Left out: " : "; ",
							 ilv_measure_name(shown[j]));
			}
		}
		if (is_told) {
			continue;
		}

		snprintf(sentence + used, sizeof(sentence) - used, ", because %s.", because);
		ilv_words_clean(clean, sizeof(clean), sentence);
		y = ilv_page_lines(svg, "soft", clean, ILV_PAGE_TEXT_FONT, ILV_PAGE_MARGIN, y + 4,
				   15, 2) -
		    4;
	}

	return y;
}

/* Places and draws everything. `occurred` is the drawing before, from which the legend's height is
 * known. */
static struct ilv_svg *draw(struct ilv_page *page, const struct ilv_drawing *occurred,
			    struct ilv_drawing *drawing)
{
	const char *title_class;
	char title[320];
	char verdict[1200];
	char provenance[700];
	double curves_y;
	double phases_y;
	double axis_y;
	double y;
	double height;
	struct ilv_svg *svg;

	ilv_words_clean(title, sizeof(title), page->title);
	title_class = ilv_page_fit_title(title);
	ilv_words_clean(verdict, sizeof(verdict), page->verdict);
	ilv_page_provenance(page, provenance, sizeof(provenance));

	curves_y = ilv_page_lines(NULL, NULL, verdict, ILV_PAGE_VERDICT_FONT, ILV_PAGE_MARGIN, 60,
				  19, 4) -
		   8;
	phases_y = curves_y + (page->curves ? ilv_curves_height(page->curves) + LINE : 0) + 6;
	axis_y = phases_y + 12 + (page->has_phases ? ilv_phases_height(page->panels[0].run) : 0);
	y = axis_y + 10;
	for (uint32_t i = 0; i < page->panel_count; i++) {
		y = ilv_page_place_panel(page, &page->panels[i], y) + PANEL_GAP;
	}
	height = draw_left_out(page, NULL, draw_moments(page, NULL, y + 14)) + 4;
	height += ilv_draw_legend_height(occurred, ILV_PAGE_WIDTH - 2 * ILV_PAGE_MARGIN);
	height = ilv_page_lines(NULL, NULL, provenance, ILV_PAGE_TEXT_FONT, ILV_PAGE_MARGIN,
				height + LINE - 2, PROVENANCE_LINE, PROVENANCE_LIMIT);

	svg = ilv_svg_create(ILV_PAGE_WIDTH, ceil(height), page->title, page->verdict);
	if (!svg) {
		return NULL;
	}

	*drawing = (struct ilv_drawing){.svg = svg, .axis = &page->axis};
	ilv_svg_text(svg, title_class, NULL, ILV_PAGE_MARGIN, 34, title);
	ilv_page_lines(svg, "verdict", verdict, ILV_PAGE_VERDICT_FONT, ILV_PAGE_MARGIN, 60, 19, 4);
	for (uint32_t i = 0; i < page->panel_count; i++) {
		ilv_svg_rect(svg, "band", ILV_PAGE_MARGIN / 2, page->panels[i].y,
			     ILV_PAGE_WIDTH - ILV_PAGE_MARGIN, page->panels[i].height, 8, NULL);
	}
	if (page->curves) {
		ilv_curves_draw(page->curves, svg, ILV_PAGE_MARGIN / 2, curves_y);
	}
	draw_axis(page, svg, axis_y, y - PANEL_GAP);
	if (page->has_phases) {
		ilv_phases_draw(svg, page->panels[0].run, &page->axis, phases_y, y - PANEL_GAP);
	}
	for (uint32_t i = 0; i < page->panel_count; i++) {
		drawing->begin_ns = page->panels[i].lanes->begin_ns;
		drawing->end_ns = page->panels[i].lanes->end_ns;
		ilv_page_draw_panel(page, &page->panels[i], drawing);
	}
	draw_dots(page, svg);
	y = draw_left_out(page, svg, draw_moments(page, svg, y + 14)) + 4;
	ilv_draw_legend(drawing, ILV_PAGE_MARGIN, y, ILV_PAGE_WIDTH - 2 * ILV_PAGE_MARGIN);
	y += ilv_draw_legend_height(occurred, ILV_PAGE_WIDTH - 2 * ILV_PAGE_MARGIN);
	ilv_page_lines(svg, "soft", provenance, ILV_PAGE_TEXT_FONT, ILV_PAGE_MARGIN, y + LINE - 2,
		       PROVENANCE_LINE, PROVENANCE_LIMIT);
	return svg;
}

/* Numbers run from top to bottom and from left to right, as they are read. */
static void number_moments(struct ilv_page *page)
{
	for (uint32_t i = 1; i < page->moment_count; i++) {
		for (uint32_t j = i; j > 0; j--) {
			struct ilv_page_moment *left = &page->moments[j - 1];
			struct ilv_page_moment *right = &page->moments[j];
			struct ilv_page_moment swapped = *left;

			if (left->panel < right->panel ||
			    (left->panel == right->panel &&
			     left->finding->moment_ns <= right->finding->moment_ns)) {
				break;
			}
			*left = *right;
			*right = swapped;
		}
	}
}

enum ilv_status ilv_page_write(struct ilv_page *page, const struct ilv_picture_source *source,
			       FILE *stream)
{
	struct ilv_drawing occurred = {0};
	double fold_px = FOLD_PX;
	size_t budget = page->mark_limit;
	int64_t span_ns = 0;
	enum ilv_status status;

	for (uint32_t i = 0; i < page->panel_count; i++) {
		const struct ilv_lanes *lanes = page->panels[i].lanes;

		if (lanes->end_ns - lanes->begin_ns > span_ns) {
			span_ns = lanes->end_ns - lanes->begin_ns;
		}
	}

	number_moments(page);
	ilv_axis_init(&page->axis, span_ns, LANES_LEFT, LANES_RIGHT - LANES_LEFT, TICK_COUNT);
	status = fill(page, source);
	if (status < 0) {
		return status;
	}

	/* Drawn once to see what the legend has to explain, and again as long as it is too large.
	 */
	for (unsigned int attempt = 0;; attempt++) {
		struct ilv_drawing drawing;
		struct ilv_svg *svg;
		const char *text = NULL;
		size_t size = 0;

		while (shape_count(page) > budget && fold_px < LANES_RIGHT - LANES_LEFT) {
			fold_px *= COARSER;
			coarsen(page, fold_px);
		}

		svg = draw(page, &occurred, &drawing);
		if (!svg) {
			return ILV_STATUS_MEMORY;
		}
		status = ilv_svg_finish(svg, &text, &size);
		if (status == ILV_STATUS_OK && attempt > 0 && size < ILV_PICTURE_SIZE_LIMIT) {
			if (fwrite(text, 1, size, stream) != size || fflush(stream) != 0) {
				ilv_cause_add("Cannot write picture: output failed");
				status = ILV_STATUS_IO;
			}
			ilv_svg_destroy(svg);
			return status;
		}

		ilv_svg_destroy(svg);
		if (status < 0) {
			return status;
		}
		if (size >= ILV_PICTURE_SIZE_LIMIT) {
			budget /= 2;
		}
		if (budget == 0) {
			ilv_cause_add("Cannot draw picture: too many runs for one page, runs=%u",
				      page->panel_count);
			return ILV_STATUS_UNSUPPORTED;
		}
		drawing.svg = NULL;
		occurred = drawing;
	}
}
