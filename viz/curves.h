/* SPDX-License-Identifier: MIT */
/*
 * Description: the curves of a sweep: small charts side by side, one a measure, all over the same
 * quantity. A line has its colour, its dashes and its marker, the same in every chart, and its name
 * at its end. Above them, the charts of prices.
 */
#ifndef ILV_VIZ_CURVES_H
#define ILV_VIZ_CURVES_H

#include "analysis/report/comparison.h"
#include "analysis/report/sweep.h"
#include "viz/svg.h"

/* Which charts there are for a sweep, and where. */
struct ilv_curves;

/*
 * Lays out the charts of `sweep` within `width`, in at most `row_limit` rows, and those of the
 * prices of `comparison`; each may be NULL, and must outlive them. NULL and a cause when memory is
 * short.
 */
struct ilv_curves *ilv_curves_create(const struct ilv_sweep *sweep,
				     const struct ilv_comparison *comparison, double width,
				     unsigned int row_limit);
void ilv_curves_destroy(struct ilv_curves *curves);

double ilv_curves_height(const struct ilv_curves *curves);

/* Draws them with their upper left corner at `x`, `y`. */
void ilv_curves_draw(const struct ilv_curves *curves, struct ilv_svg *svg, double x, double y);

#endif /* ILV_VIZ_CURVES_H */
