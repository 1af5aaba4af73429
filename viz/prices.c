/* SPDX-License-Identifier: MIT */
/* Description: one chart of prices. What one costs may differ a thousandfold, so its place on a
 * scale says it and not the length of a bar; the numbers stand beside it. */
#include "viz/prices.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

#include "base/duration.h"
#include "viz/scale.h"
#include "viz/words.h"

#define PAD         12.0
#define FONT        11.0
#define HEAD_HEIGHT 54.0
#define FOOT_HEIGHT 24.0
#define ROW_HEIGHT  20.0
#define NAME_WIDTH  96.0
#define VALUE_WIDTH 68.0
#define RADIUS      4.5
#define TICK_GAP    10.0
#define TEXT_SIZE   256

/* From this ratio of the most to the least on a linear scale has the small ones all in one place.
 */
#define LOG_RATIO 12.0

struct plot {
	const struct ilv_price_chart *chart;
	struct ilv_svg *svg;
	struct ilv_scale scale;
	double left, right, top, bottom;
};

static enum ilv_scale_kind kind_of(enum ilv_quantity unit)
{
	return unit == ILV_QUANTITY_NS        ? ILV_SCALE_KIND_NS
	       : unit == ILV_QUANTITY_BYTES   ? ILV_SCALE_KIND_BYTES
	       : unit == ILV_QUANTITY_PERCENT ? ILV_SCALE_KIND_PERCENT
					      : ILV_SCALE_KIND_COUNT;
}

static void init_scale(struct plot *plot)
{
	const struct ilv_compared_price *price = plot->chart->price;
	double least = INFINITY;
	double most = -INFINITY;

	for (uint32_t index = 0; index < plot->chart->comparison->run_count; index++) {
		const struct ilv_price *of = &price->of_runs[index];

		/* fmin() and fmax() pass over what is not known. */
		least = fmin(least, fmin(of->untraced, of->recorded));
		most = fmax(most, fmax(of->untraced, of->recorded));
	}

	ilv_scale_init(&plot->scale, kind_of(price->unit), least, most, LOG_RATIO, plot->left,
		       plot->right);
}

static void draw_head(const struct plot *plot)
{
	const struct ilv_price_chart *chart = plot->chart;
	const char *what = chart->price->what;
	const double values = chart->x + chart->width - PAD;
	char title[TEXT_SIZE];
	char note[TEXT_SIZE];

	snprintf(title, sizeof(title), "%c%s", toupper((unsigned char)what[0]), what + 1);
	snprintf(note, sizeof(note), "what it costs: filled untraced, hollow while recorded%s",
		 plot->scale.is_log ? "; each step is a factor" : "");
	ilv_svg_text_fit(plot->svg, "chart-name", NULL, chart->x + PAD, chart->y + 21, title, 14,
			 chart->width - 2 * PAD);
	ilv_svg_text_fit(plot->svg, "soft", NULL, chart->x + PAD, chart->y + 36, note, FONT,
			 chart->width - 3 * PAD - 2 * VALUE_WIDTH);
	ilv_svg_text(plot->svg, "soft", "end", values - VALUE_WIDTH, chart->y + 36, "untraced");
	ilv_svg_text(plot->svg, "soft", "end", values, chart->y + 36, "recorded");
}

static void draw_ticks(const struct plot *plot)
{
	struct ilv_svg_path grid = {0};
	double free_from = -INFINITY;
	char text[64];

	for (unsigned int index = 0; index < plot->scale.tick_count; index++) {
		const double x = ilv_scale_place(&plot->scale, plot->scale.ticks[index]);
		double half;

		ilv_scale_text(plot->scale.kind, plot->scale.ticks[index], text, sizeof(text));
		half = ilv_words_width(text, FONT, false) / 2;
		ilv_svg_path_add(&grid, "M~ ~V~", x, plot->top, plot->bottom);
		if (x - half >= free_from) {
			ilv_svg_text(plot->svg, "soft", "middle", x, plot->bottom + 14, text);
			free_from = x + half + TICK_GAP;
		}
	}
	ilv_svg_path(plot->svg, "grid", &grid, NULL);
	ilv_svg_path_fini(&grid);
}

static void draw_mark(const struct plot *plot, const char *css_class, double value, double y,
		      const char *title)
{
	struct ilv_svg_path path = {0};

	if (isfinite(value)) {
		ilv_svg_path_add(&path, "M~ ~a~ ~ 0 1 0 ~ 0a~ ~ 0 1 0 ~ 0z",
				 ilv_scale_place(&plot->scale, value) - RADIUS, y, RADIUS, RADIUS,
				 2 * RADIUS, RADIUS, RADIUS, -2 * RADIUS);
		ilv_svg_path(plot->svg, css_class, &path, title);
		ilv_svg_path_fini(&path);
	}
}

static void draw_row(const struct plot *plot, uint32_t run, double y)
{
	const struct ilv_price_chart *chart = plot->chart;
	const struct ilv_price *price = &chart->price->of_runs[run];
	const char *label = chart->comparison->runs[run].label;
	const double values = chart->x + chart->width - PAD;
	struct ilv_svg_path between = {0};
	char untraced[64];
	char recorded[64];
	char title[TEXT_SIZE];

	ilv_price_text(chart->price->unit, price->untraced, untraced, sizeof(untraced));
	ilv_price_text(chart->price->unit, price->recorded, recorded, sizeof(recorded));
	snprintf(title, sizeof(title), "%.100s: untraced %s, recorded %s", label, untraced,
		 recorded);
	ilv_svg_text_fit(plot->svg, NULL, NULL, chart->x + PAD, y + 4, label, FONT, NAME_WIDTH - 8);
	if (isfinite(price->untraced) && isfinite(price->recorded)) {
		ilv_svg_path_add(&between, "M~ ~H~", ilv_scale_place(&plot->scale, price->untraced),
				 y, ilv_scale_place(&plot->scale, price->recorded));
		ilv_svg_path(plot->svg, "price-tie", &between, NULL);
		ilv_svg_path_fini(&between);
	}
	draw_mark(plot, "price-recorded", price->recorded, y, title);
	draw_mark(plot, "price-untraced", price->untraced, y, title);
	ilv_svg_text(plot->svg, "num", "end", values - VALUE_WIDTH, y + 4, untraced);
	ilv_svg_text(plot->svg, "soft", "end", values, y + 4, recorded);
}

double ilv_price_chart_height(const struct ilv_comparison *comparison)
{
	return HEAD_HEIGHT + comparison->run_count * ROW_HEIGHT + FOOT_HEIGHT;
}

void ilv_price_chart_draw(const struct ilv_price_chart *chart, struct ilv_svg *svg)
{
	const double height = ilv_price_chart_height(chart->comparison);
	struct plot plot = {
		.chart = chart,
		.svg = svg,
		.left = chart->x + PAD + NAME_WIDTH,
		.right = chart->x + chart->width - 2 * PAD - 2 * VALUE_WIDTH,
		.top = chart->y + HEAD_HEIGHT - 8,
		.bottom = chart->y + height - FOOT_HEIGHT,
	};

	init_scale(&plot);
	ilv_svg_open(svg, "g", "prices");
	ilv_svg_rect(svg, "band", chart->x, chart->y, chart->width, height, 8, NULL);
	draw_head(&plot);
	draw_ticks(&plot);
	for (uint32_t place = 0; place < chart->comparison->run_count; place++) {
		draw_row(&plot, chart->price->order[place],
			 chart->y + HEAD_HEIGHT + (place + 0.5) * ROW_HEIGHT);
	}
	ilv_svg_close(svg);
}

const char *ilv_price_chart_css(void)
{
	return ".price-untraced,.price-recorded{stroke-width:1.6}.price-tie{fill:none}\n"
	       ".price-untraced{fill:#0072b2;stroke:#0072b2}"
	       ".price-recorded{fill:#f6f8fa;stroke:#5b6570}.price-tie{stroke:#9aa5b1}\n"
	       "@media (prefers-color-scheme:dark){\n"
	       ".price-untraced{fill:#4aa3dc;stroke:#4aa3dc}"
	       ".price-recorded{fill:#1b2127;stroke:#9aa5b1}.price-tie{stroke:#5d6873}\n"
	       "}\n";
}
