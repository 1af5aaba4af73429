/* SPDX-License-Identifier: MIT */
/*
 * Description: a page: title, verdict, a panel for each run on one time scale, numbered moments,
 * legend, provenance. A timeline is a page with one panel, a comparison one with several.
 */
#ifndef ILV_VIZ_PAGE_H
#define ILV_VIZ_PAGE_H

#include "viz/axis.h"
#include "viz/curves.h"
#include "viz/draw.h"
#include "viz/lanes.h"
#include "viz/picture.h"

#define ILV_PAGE_WIDTH           1200.0
#define ILV_PAGE_MARGIN          24.0
#define ILV_PAGE_TITLE_FONT      20.0
#define ILV_PAGE_LONG_TITLE_FONT 16.0
#define ILV_PAGE_VERDICT_FONT    14.0
#define ILV_PAGE_TEXT_FONT       11.0

#define ILV_PAGE_MOMENT_LIMIT 3

struct ilv_page_panel {
	const struct ilv_report *report;
	const struct ilv_report_run *run;
	const char *name;
	const double *values; /* ILV_MEASURE_COUNT of them */
	struct ilv_lanes *lanes;
	double y, height;
	double said_y; /* where what the program says of itself begins */
};

/* What a finding says of one entity at one time: a number on its lane, and a sentence below. */
struct ilv_page_moment {
	uint32_t panel;
	const struct ilv_finding *finding;
};

struct ilv_page {
	const char *title, *verdict;
	uint32_t mark_limit; /* about how many shapes the lanes may have */
	struct ilv_page_panel *panels;
	uint32_t panel_count;
	bool has_bars;               /* measures as bars on a common scale */
	const char *const *left_out; /* by measure: why it cannot be compared; NULL: it can */
	struct ilv_page_moment moments[ILV_PAGE_MOMENT_LIMIT];
	uint32_t moment_count;
	const struct ilv_curves *curves; /* above the lanes; NULL: none */
	bool has_phases;                 /* along the time scale */
	struct ilv_axis axis;
};

/* A page of `panel_count` panels, each to be set before it is written; what is passed must outlive
 * the page. */
enum ilv_status ilv_page_init(struct ilv_page *page, uint32_t panel_count) ILV_NODISCARD;
enum ilv_status ilv_page_set_panel(struct ilv_page *page, uint32_t index,
				   const struct ilv_report *report,
				   const struct ilv_report_run *run, const char *name,
				   const double *values,
				   const struct ilv_lanes_limits *limits) ILV_NODISCARD;
void ilv_page_fini(struct ilv_page *page);

/* Fills all panels from `source`, and writes the page, coarser and coarser until it is small
 * enough. */
enum ilv_status ilv_page_write(struct ilv_page *page, const struct ilv_picture_source *source,
			       FILE *stream) ILV_NODISCARD;

/* Writes a page of `page->curves` without lanes; its panels say what is compared. */
enum ilv_status ilv_page_write_curves(const struct ilv_page *page, FILE *stream) ILV_NODISCARD;

/*
 * Draws `text` from `left`, `y` on in at most `line_limit` lines, and returns where the next would
 * be. NULL for `svg` only measures.
 */
double ilv_page_lines(struct ilv_svg *svg, const char *css_class, const char *text, double font_px,
		      double left, double y, double line_height, unsigned int line_limit);

/* Shortens a title that is too long even in a smaller font. Returns the class to draw it with. */
const char *ilv_page_fit_title(char *title);

/* Draws the page's panels, dots, and left-hand columns: panel.c. */
double ilv_page_place_panel(const struct ilv_page *page, struct ilv_page_panel *panel, double y);
void ilv_page_draw_panel(const struct ilv_page *page, const struct ilv_page_panel *panel,
			 struct ilv_drawing *drawing);

/* What kind of multitasking a run is, in half a line. Static. */
const char *ilv_page_kind(const struct ilv_report_run *run);

/* Why nothing should be concluded from the recording, in words; empty: it is complete. */
void ilv_page_trouble(const struct ilv_report *report, const struct ilv_report_run *run, char *text,
		      size_t size);

/* "switches: perf, 1,204 events, none lost, 2 CPUs, interleave run ...". */
void ilv_page_provenance(const struct ilv_page *page, char *text, size_t size);

/* What the run is called: the job or lesson, else the program; NULL: nobody said. */
const char *ilv_page_subject(const struct ilv_report_run *run);

/* The measures of a run that is not compared with another. */
void ilv_page_measure(const struct ilv_report_run *run, double values[]);

#endif /* ILV_VIZ_PAGE_H */
