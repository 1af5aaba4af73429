/* SPDX-License-Identifier: MIT */
/* Description: one chart of a sweep: its frame and scales, its lines, and their names at their
 * ends. */
#ifndef ILV_VIZ_CHART_H
#define ILV_VIZ_CHART_H

#include "analysis/report/sweep.h"
#include "viz/scale.h"
#include "viz/svg.h"

struct ilv_chart {
	const struct ilv_sweep *sweep;
	enum ilv_sweep_measure measure;
	double x, y, width, height; /* of its panel */
	bool has_notes;             /* where lines cross or turn is written beside them */
};

/* Whether anything is known of `measure`, in any line. */
bool ilv_chart_is_known(const struct ilv_sweep *sweep, enum ilv_sweep_measure measure);

void ilv_chart_draw(const struct ilv_chart *chart, struct ilv_svg *svg);

/* The style sheet of lines and markers, static. */
const char *ilv_chart_css(void);

#endif /* ILV_VIZ_CHART_H */
