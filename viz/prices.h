/* SPDX-License-Identifier: MIT */
/*
 * Description: charts of prices: what one of the things costs that the compared programs do, a row
 * a run, the cheapest first, with one mark for the price without tracing and a hollow one for that
 * while it was recorded.
 */
#ifndef ILV_VIZ_PRICES_H
#define ILV_VIZ_PRICES_H

#include "analysis/report/comparison.h"
#include "viz/svg.h"

struct ilv_price_chart {
	const struct ilv_comparison *comparison;
	const struct ilv_compared_price *price;
	double x, y, width; /* of its panel */
};

/* The same for all prices of one comparison. */
double ilv_price_chart_height(const struct ilv_comparison *comparison);

void ilv_price_chart_draw(const struct ilv_price_chart *chart, struct ilv_svg *svg);

/* The style sheet of its marks, static. */
const char *ilv_price_chart_css(void);

#endif /* ILV_VIZ_PRICES_H */
