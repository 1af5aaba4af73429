/* SPDX-License-Identifier: MIT */
/* Description: chooses the charts of a sweep, and of prices, and places them. */
#include "viz/curves.h"

#include <stdlib.h>

#include "base/cause.h"
#include "viz/chart.h"
#include "viz/prices.h"

#define GAP         10.0
#define TALL        300.0
#define LOW         214.0
#define CHART_LIMIT 8

struct ilv_curves {
	struct ilv_chart charts[CHART_LIMIT];
	unsigned int chart_count;
	struct ilv_price_chart price_charts[ILV_COMPARED_PRICE_LIMIT];
	unsigned int price_chart_count;
	double height;
};

/* A row is laid out whole: what is not known leaves its room to the others. */
struct choice {
	enum ilv_sweep_measure measure;
	unsigned int weight; /* of a row's width */
};

/* What those who share work gain, and why; then what it costs. */
static const struct choice sharers[] = {
	{ILV_SWEEP_MEASURE_RATE, 4},
	{ILV_SWEEP_MEASURE_CPUS_BUSY, 2},
};

/* Against a reference: who is faster from where on. */
static const struct choice against[] = {
	{ILV_SWEEP_MEASURE_GAIN, 3},
	{ILV_SWEEP_MEASURE_TIME, 3},
};

/* The same where times are those without tracing. */
static const struct choice untraced[] = {
	{ILV_SWEEP_MEASURE_GAIN, 3},
	{ILV_SWEEP_MEASURE_RECORDED_GAIN, 3},
};

static const struct choice untraced_why[] = {
	{ILV_SWEEP_MEASURE_TIME, 3},
	{ILV_SWEEP_MEASURE_CPUS_BUSY, 2},
	{ILV_SWEEP_MEASURE_CUT_SHORT, 2},
};

static const struct choice others[] = {
	{ILV_SWEEP_MEASURE_COUNTED, 3},
	{ILV_SWEEP_MEASURE_TIME, 3},
};

static const struct choice against_why[] = {
	{ILV_SWEEP_MEASURE_CPUS_BUSY, 2},
	{ILV_SWEEP_MEASURE_CUT_SHORT, 2},
	{ILV_SWEEP_MEASURE_GAVE_WAY, 2},
};

static const struct choice price[] = {
	{ILV_SWEEP_MEASURE_CUT_SHORT, 2},
	{ILV_SWEEP_MEASURE_GAVE_WAY, 2},
	{ILV_SWEEP_MEASURE_MEMORY, 2},
};

static void add_row(struct ilv_curves *curves, const struct ilv_sweep *sweep,
		    const struct choice *choices, size_t choice_count, double width, double height)
{
	unsigned int weight = 0;
	double x = 0;
	double gaps = 0;

	for (size_t index = 0; index < choice_count; index++) {
		if (ilv_chart_is_known(sweep, choices[index].measure)) {
			gaps += weight > 0 ? GAP : 0;
			weight += choices[index].weight;
		}
	}
	if (weight == 0) {
		return;
	}

	curves->height += curves->height > 0 ? GAP : 0;
	for (size_t index = 0; index < choice_count; index++) {
		double share = (width - gaps) * choices[index].weight / weight;

		if (!ilv_chart_is_known(sweep, choices[index].measure) ||
		    curves->chart_count == CHART_LIMIT) {
			continue;
		}
		curves->charts[curves->chart_count++] = (struct ilv_chart){
			.sweep = sweep,
			.measure = choices[index].measure,
			.x = x,
			.y = curves->height,
			.width = share,
			.height = height,
			.has_notes = height == TALL,
		};
		x += share + GAP;
	}
	curves->height += height;
}

/* Two side by side. */
static void add_prices(struct ilv_curves *curves, const struct ilv_comparison *comparison,
		       double width)
{
	const double height = ilv_price_chart_height(comparison);

	for (uint32_t index = 0; index < comparison->price_count; index++) {
		const bool is_alone = comparison->price_count == 1;
		const bool is_right = index % 2 == 1;

		if (!is_right) {
			curves->height += (index > 0 ? GAP : 0) + height;
		}
		curves->price_charts[curves->price_chart_count++] = (struct ilv_price_chart){
			.comparison = comparison,
			.price = &comparison->prices[index],
			.x = is_right ? (width + GAP) / 2 : 0,
			.y = curves->height - height,
			.width = is_alone ? width : (width - GAP) / 2,
		};
	}
}

#define ADD_ROW(choices, height)                                                                   \
	add_row(curves, sweep, choices, sizeof(choices) / sizeof((choices)[0]), width, height)

struct ilv_curves *ilv_curves_create(const struct ilv_sweep *sweep,
				     const struct ilv_comparison *comparison, double width,
				     unsigned int row_limit)
{
	struct ilv_curves *curves = calloc(1, sizeof(*curves));

	if (!curves) {
		ilv_cause_add("Cannot lay out curves: not enough memory");
		return NULL;
	}

	if (comparison) {
		add_prices(curves, comparison, width);
	}
	if (!sweep) {
		return curves;
	}

	if (sweep->reference && sweep->line_count > 1 && sweep->is_untraced) {
		ADD_ROW(untraced, TALL);
		if (row_limit > 1) {
			ADD_ROW(untraced_why, LOW);
		}
		return curves;
	}

	if (sweep->reference && sweep->line_count > 1) {
		ADD_ROW(against, TALL);
		if (row_limit > 1) {
			ADD_ROW(against_why, LOW);
		}
		return curves;
	}

	if (sweep->unit == ILV_QUANTITY_SHARERS && sweep->work) {
		ADD_ROW(sharers, TALL);
	} else {
		ADD_ROW(others, TALL);
	}
	if (row_limit > 1) {
		ADD_ROW(price, LOW);
	}

	return curves;
}

void ilv_curves_destroy(struct ilv_curves *curves)
{
	free(curves);
}

double ilv_curves_height(const struct ilv_curves *curves)
{
	return curves->height;
}

void ilv_curves_draw(const struct ilv_curves *curves, struct ilv_svg *svg, double x, double y)
{
	ilv_svg_style(svg, ilv_chart_css());
	if (curves->price_chart_count > 0) {
		ilv_svg_style(svg, ilv_price_chart_css());
	}
	for (unsigned int index = 0; index < curves->price_chart_count; index++) {
		struct ilv_price_chart chart = curves->price_charts[index];

		chart.x += x;
		chart.y += y;
		ilv_price_chart_draw(&chart, svg);
	}
	for (unsigned int index = 0; index < curves->chart_count; index++) {
		struct ilv_chart chart = curves->charts[index];

		chart.x += x;
		chart.y += y;
		ilv_chart_draw(&chart, svg);
	}
}
