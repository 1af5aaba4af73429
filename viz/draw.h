/* SPDX-License-Identifier: MIT */
/*
 * Description: draws lanes, the arrows between them, and the legend of what was drawn. One
 * renderer: a thread on a CPU, a task on a loop and a claim on a lock are drawn by the same lines
 * of code.
 */
#ifndef ILV_VIZ_DRAW_H
#define ILV_VIZ_DRAW_H

#include "viz/arrows.h"
#include "viz/axis.h"
#include "viz/lane.h"
#include "viz/svg.h"

#define ILV_DRAW_LANE_HEIGHT 14.0

/* Nearer signs of the same kind would touch. */
extern const double ilv_draw_spacing_px[ILV_SIGN_COUNT];

struct ilv_drawing {
	struct ilv_svg *svg;
	const struct ilv_axis *axis;
	int64_t begin_ns, end_ns; /* of the panel's run; its begin is 0 on the axis */
	/* What occurred, for the legend: */
	double ink_areas[ILV_INK_COUNT]; /* in square pixels: what nobody can see needs no word */
	bool has_sign[ILV_SIGN_COUNT];
	bool has_fold, has_gathered, has_open, has_tag;
	bool has_arrow[ILV_ARROW_COUNT];
};

/* Draws `lane` at its `y` and `height`. */
void ilv_draw_lane(struct ilv_drawing *drawing, const struct ilv_lane *lane);

/* Draws the signs of `lane`, above what it was going through. */
void ilv_draw_signs(struct ilv_drawing *drawing, const struct ilv_lane *lane);

/* Adds one `sign` at `x` of a lane that is `height` high and begins at `y`. */
void ilv_draw_sign(struct ilv_svg_path *path, enum ilv_sign sign, double x, double y,
		   double height);

/* Draws `arrows` between `lanes`, once these are drawn. */
void ilv_draw_arrows(struct ilv_drawing *drawing, const struct ilv_arrows *arrows,
		     const struct ilv_lane *lanes);

/* Draws one of `kind` from `x` to the right, for the legend. */
void ilv_draw_arrow_sample(struct ilv_drawing *drawing, enum ilv_arrow_kind kind, double x,
			   double y, double width);

/* How high the legend will be within `width`. Draw all lanes before. */
double ilv_draw_legend_height(const struct ilv_drawing *drawing, double width);

/* Draws the samples of what occurred, from `x`, `y` on. */
void ilv_draw_legend(struct ilv_drawing *drawing, double x, double y, double width);

#endif /* ILV_VIZ_DRAW_H */
