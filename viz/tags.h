/* SPDX-License-Identifier: MIT */
/*
 * Description: phases told on the lane of the thread whose they are. Who does no part of the job
 * mostly only waits for it, and has no lane in a comparison; but where such a thread counted
 * something in a moment of the run, rather than over all of it, when it did so is what there is to
 * see.
 */
#ifndef ILV_VIZ_TAGS_H
#define ILV_VIZ_TAGS_H

#include "analysis/report/report.h"
#include "viz/draw.h"

/* The room above a lane that its tags take. */
#define ILV_TAGS_HEIGHT 9.0

/* Whether the thread called `thread_id` counted something in a moment of `run`. */
bool ilv_tags_are_told(const struct ilv_report_run *run, const char *thread_id);

/* Draws the phases of the thread that `lane` shows: where each begins, how long it is, and its
 * name. */
void ilv_tags_draw(struct ilv_drawing *drawing, const struct ilv_report_run *run,
		   const struct ilv_lane *lane);

/* Draws one from `x` to the right, for the legend. */
void ilv_tags_draw_sample(struct ilv_drawing *drawing, double x, double y, double width,
			  double height);

#endif /* ILV_VIZ_TAGS_H */
