/* SPDX-License-Identifier: MIT */
/* Description: the page of a comparison whose runs are sweeps: their curves are the picture, for
 * the lanes of one step tell little. */
#include <math.h>
#include <stdio.h>

#include "base/cause.h"
#include "viz/page.h"
#include "viz/words.h"

#define LINE 20.0

static double draw_troubles(const struct ilv_page *page, struct ilv_svg *svg, double y)
{
	for (uint32_t index = 0; index < page->panel_count; index++) {
		const struct ilv_page_panel *panel = &page->panels[index];
		char trouble[300];
		char text[500];

		ilv_page_trouble(panel->report, panel->run, trouble, sizeof(trouble));
		if (trouble[0]) {
			snprintf(text, sizeof(text), "%s: %s", panel->name, trouble);
			y = ilv_page_lines(svg, "alarm", text, ILV_PAGE_TEXT_FONT, ILV_PAGE_MARGIN,
					   y, 15, 2);
		}
	}

	return y;
}

/* Places everything, and draws it where there is something to draw on. Returns the height. */
static double draw(const struct ilv_page *page, struct ilv_svg *svg)
{
	char title[320];
	char verdict[1200];
	char provenance[700];
	double y;

	ilv_words_clean(title, sizeof(title), page->title);
	ilv_words_fit(title, ILV_PAGE_TITLE_FONT, true, ILV_PAGE_WIDTH - 2 * ILV_PAGE_MARGIN);
	ilv_words_clean(verdict, sizeof(verdict), page->verdict);
	ilv_page_provenance(page, provenance, sizeof(provenance));

	if (svg) {
		ilv_svg_text(svg, "h1", NULL, ILV_PAGE_MARGIN, 34, title);
	}
	y = ilv_page_lines(svg, "verdict", verdict, ILV_PAGE_VERDICT_FONT, ILV_PAGE_MARGIN, 60, 19,
			   6) -
	    8;
	if (svg) {
		ilv_curves_draw(page->curves, svg, ILV_PAGE_MARGIN / 2, y);
	}
	y += ilv_curves_height(page->curves) + LINE;
	y = draw_troubles(page, svg, y);

	return ilv_page_lines(svg, "soft", provenance, ILV_PAGE_TEXT_FONT, ILV_PAGE_MARGIN, y, 15,
			      4);
}

enum ilv_status ilv_page_write_curves(const struct ilv_page *page, FILE *stream)
{
	struct ilv_svg *svg =
		ilv_svg_create(ILV_PAGE_WIDTH, ceil(draw(page, NULL)), page->title, page->verdict);
	const char *text = NULL;
	size_t size = 0;
	enum ilv_status status;

	if (!svg) {
		return ILV_STATUS_MEMORY;
	}

	(void)draw(page, svg);
	status = ilv_svg_finish(svg, &text, &size);
	if (status == ILV_STATUS_OK &&
	    (fwrite(text, 1, size, stream) != size || fflush(stream) != 0)) {
		ilv_cause_add("Cannot write picture: output failed");
		status = ILV_STATUS_IO;
	}

	ilv_svg_destroy(svg);
	return status;
}
