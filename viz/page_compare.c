/* SPDX-License-Identifier: MIT */
/* Description: the page of several runs, one panel each, on one time scale. */
#include <stdio.h>

#include "viz/page.h"

/* Lanes of entities on the whole page; no panel has fewer than the least or more than the most. */
#define ENTITY_BUDGET 48
#define ENTITY_LEAST  8
#define ENTITY_MOST   24
#define LOCK_LIMIT    1

/* A run that took less than this share of the longest has too little room for more than a few
 * lanes. */
#define SHORT_RUN 0.08

/* The moments of each run in turn, the most costly first, so that the contrast is seen. */
static void choose_moments(struct ilv_page *page)
{
	bool is_left = true;

	for (uint32_t turn = 0; is_left && page->moment_count < ILV_PAGE_MOMENT_LIMIT; turn++) {
		is_left = false;
		for (uint32_t i = 0;
		     i < page->panel_count && page->moment_count < ILV_PAGE_MOMENT_LIMIT; i++) {
			const struct ilv_report_run *run = page->panels[i].run;
			uint32_t seen = 0;

			for (uint32_t j = 0; j < run->finding_count; j++) {
				if (!run->findings[j].moment_text || seen++ != turn) {
					continue;
				}
				page->moments[page->moment_count++] =
					(struct ilv_page_moment){i, &run->findings[j]};
				is_left = true;
				break;
			}
		}
	}
}

static uint32_t entity_limit(const struct ilv_comparison *comparison, uint32_t index)
{
	uint32_t limit = ENTITY_BUDGET / comparison->run_count;
	int64_t longest_ns = 0;

	for (uint32_t i = 0; i < comparison->run_count; i++) {
		int64_t duration_ns = comparison->runs[i].run->sum.duration_ns;

		longest_ns = duration_ns > longest_ns ? duration_ns : longest_ns;
	}

	if (limit < ENTITY_LEAST ||
	    (double)comparison->runs[index].run->sum.duration_ns < SHORT_RUN * (double)longest_ns) {
		return ENTITY_LEAST;
	}

	return limit < ENTITY_MOST ? limit : ENTITY_MOST;
}

enum ilv_status ilv_picture_comparison(const struct ilv_comparison *comparison,
				       const struct ilv_picture_source *source, uint32_t mark_limit,
				       FILE *stream)
{
	struct ilv_lanes_limits limits = {.lock_limit = LOCK_LIMIT, .units_only = true};
	const char *left_out[ILV_MEASURE_COUNT];
	struct ilv_page page = {.title = comparison->title,
				.verdict = comparison->verdict,
				.mark_limit = mark_limit,
				.has_bars = true,
				.left_out = left_out};
	struct ilv_curves *curves = NULL;
	enum ilv_status status;

	for (uint32_t i = 0; i < comparison->run_count; i++) {
		/* A CPU that one run used and another left idle is what the comparison is about. */
		limits.cpu_mask |= ilv_lanes_cpus(comparison->runs[i].run);
	}
	for (int measure = 0; measure < ILV_MEASURE_COUNT; measure++) {
		const char *because = comparison->left_out_because[measure];

		left_out[measure] = !comparison->is_left_out[measure] ? NULL
				    : because                         ? because
								      : "it cannot be compared";
	}

	status = ilv_page_init(&page, comparison->run_count);
	for (uint32_t i = 0; i < comparison->run_count && status >= 0; i++) {
		const struct ilv_compared_run *run = &comparison->runs[i];

		limits.entity_limit = entity_limit(comparison, i);
		status = ilv_page_set_panel(&page, i, run->report, run->run, run->label,
					    run->values, &limits);
	}
	if (status == ILV_STATUS_OK && (comparison->sweep || comparison->price_count > 0)) {
		curves = ilv_curves_create(comparison->sweep, comparison,
					   ILV_PAGE_WIDTH - ILV_PAGE_MARGIN,
					   comparison->is_sweep ? 2 : 1);
		page.curves = curves;
		status = curves ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
	}
	if (status == ILV_STATUS_OK && comparison->is_sweep) {
		status = ilv_page_write_curves(&page, stream);
	} else if (status == ILV_STATUS_OK) {
		choose_moments(&page);
		status = ilv_page_write(&page, source, stream);
	}

	ilv_curves_destroy(curves);
	ilv_page_fini(&page);
	return status;
}
