/* SPDX-License-Identifier: MIT */
/* Description: the phases of a run along the time scale: a bar with its name for each, and a line
 * down the lanes where one begins or ends. */
#ifndef ILV_VIZ_PHASES_H
#define ILV_VIZ_PHASES_H

#include "analysis/report/report.h"
#include "viz/axis.h"
#include "viz/svg.h"

/* How high the bars of `run` will be: 0 where it has no phases. */
double ilv_phases_height(const struct ilv_report_run *run);

/* Draws the bars from `y` on, and the lines from there down to `bottom`. */
void ilv_phases_draw(struct ilv_svg *svg, const struct ilv_report_run *run,
		     const struct ilv_axis *axis, double y, double bottom);

#endif /* ILV_VIZ_PHASES_H */
