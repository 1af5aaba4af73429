/* SPDX-License-Identifier: MIT */
/*
 * Description: the signs of a lane: how a slice ended, and how an entity did. Shapes tell them
 * apart, so that they need no colour: a line is a cut, a ring gave way, a flag is the end, a cross
 * on its pole a failure; who was cancelled has a white flag, and who ended with the program a torn
 * edge.
 */
#include <math.h>
#include <stdio.h>

#include "viz/draw.h"
#include "viz/words.h"

/* How far a cut reaches beyond its lane. */
#define OVERSHOOT 3.0

/* How far a pole does, above its lane. */
#define POLE 2.5

/* The teeth of a torn edge: how many, and how far out. */
#define TOOTH_COUNT 6
#define TOOTH       3.0

const double ilv_draw_spacing_px[ILV_SIGN_COUNT] = {
	[ILV_SIGN_LOST_UPDATE] = 5, [ILV_SIGN_CUT] = 4,      [ILV_SIGN_FORCED] = 4,
	[ILV_SIGN_GAVE_WAY] = 7,    [ILV_SIGN_DONE] = 7,     [ILV_SIGN_FAILED] = 7,
	[ILV_SIGN_CANCELLED] = 7,   [ILV_SIGN_ABANDONED] = 7};

void ilv_draw_sign(struct ilv_svg_path *path, enum ilv_sign sign, double x, double y, double height)
{
	switch (sign) {
	case ILV_SIGN_CUT:
	case ILV_SIGN_FORCED:
		ilv_svg_path_add(path, "M~ ~v~", x, y - OVERSHOOT, height + 2 * OVERSHOOT);
		break;
	case ILV_SIGN_GAVE_WAY:
		ilv_svg_path_add(path, "M~ ~a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0 -5.2 0z", x - 2.6,
				 y + height / 2);
		break;
	case ILV_SIGN_LOST_UPDATE:
		ilv_svg_path_add(path, "M~ ~l8 8m0 -8l-8 8", x - 4, y + height / 2 - 4);
		break;
	case ILV_SIGN_DONE:
		ilv_svg_path_add(path, "M~ ~v~h5v4h-5", x, y + height, -(height + POLE));
		break;
	case ILV_SIGN_FAILED:
		ilv_svg_path_add(path, "M~ ~v~m2 -3l7 7m0 -7l-7 7", x, y + height,
				 -(height + POLE));
		break;
	case ILV_SIGN_CANCELLED:
		ilv_svg_path_add(path, "M~ ~v~h7v5h-7", x, y + height, -(height + POLE));
		break;
	case ILV_SIGN_ABANDONED:
		ilv_svg_path_add(path, "M~ ~", x, y - POLE);
		for (int tooth = 0; tooth < TOOTH_COUNT; tooth++) {
			ilv_svg_path_add(path, "l~ ~", tooth % 2 ? -TOOTH : TOOTH,
					 (height + 2 * POLE) / TOOTH_COUNT);
		}
		break;
	case ILV_SIGN_COUNT:
		break;
	}
}

/* Signs that would touch: a bar as long as they reach, higher the more they are. */
static void add_gathered(struct ilv_svg_path *path, enum ilv_sign sign, double left, double right,
			 const struct ilv_lane *lane, uint32_t count)
{
	double width = fmax(right - left, 2.2);
	double thickness = fmin(1 + 0.3 * log2(count), 2.8); /* two lanes share the gap */

	if (sign == ILV_SIGN_GAVE_WAY || sign == ILV_SIGN_DONE) {
		ilv_svg_path_rect(path, left, lane->y + lane->height, width, thickness);
	} else {
		ilv_svg_path_rect(path, left, lane->y - thickness, width, thickness);
	}
}

/* The end of an entity that did not just return: there is one a lane, and it says what it is. */
static void draw_end(struct ilv_drawing *drawing, const struct ilv_lane *lane, enum ilv_sign sign,
		     const struct ilv_sign_place *place)
{
	double x = ilv_axis_x(drawing->axis, place->first_ns - drawing->begin_ns);
	struct ilv_svg_path path = {0};
	char name[ILV_WHO_SIZE];
	char time[32];
	char title[160];

	ilv_words_clean(name, sizeof(name), lane->label);
	ilv_axis_time_text(drawing->axis, place->first_ns - drawing->begin_ns, time, sizeof(time));
	snprintf(title, sizeof(title), "%s: %s, %s %s", name, ilv_signs[sign].legend, time,
		 drawing->axis->unit);
	ilv_draw_sign(&path, sign, x, lane->y, lane->height);
	ilv_svg_path(drawing->svg, ilv_signs[sign].css_class, &path, title);
	ilv_svg_path_fini(&path);
}

static void draw_kind(struct ilv_drawing *drawing, const struct ilv_lane *lane, enum ilv_sign sign)
{
	static const char *const gathered_classes[ILV_SIGN_COUNT] = {[ILV_SIGN_CUT] = "cuts",
								     [ILV_SIGN_FORCED] = "cuts",
								     [ILV_SIGN_GAVE_WAY] = "ways",
								     [ILV_SIGN_DONE] = "done"};
	const struct ilv_signs *signs = &lane->signs[sign];
	struct ilv_svg_path single = {0};
	struct ilv_svg_path gathered = {0};

	for (uint32_t i = 0; i < signs->count; i++) {
		const struct ilv_sign_place *place = &signs->list[i];
		double first = ilv_axis_x(drawing->axis, place->first_ns - drawing->begin_ns);
		double last = ilv_axis_x(drawing->axis, place->last_ns - drawing->begin_ns);

		drawing->has_sign[sign] = true;
		if (sign >= ILV_SIGN_FAILED) {
			draw_end(drawing, lane, sign, place);
		} else if (place->count == 1 || sign == ILV_SIGN_LOST_UPDATE) {
			ilv_draw_sign(&single, sign, first, lane->y, lane->height);
		} else {
			add_gathered(&gathered, sign, first, last, lane, place->count);
			drawing->has_gathered = true;
		}
	}

	ilv_svg_path(drawing->svg, gathered_classes[sign], &gathered, NULL);
	ilv_svg_path(drawing->svg, ilv_signs[sign].css_class, &single, NULL);
	ilv_svg_path_fini(&single);
	ilv_svg_path_fini(&gathered);
}

void ilv_draw_signs(struct ilv_drawing *drawing, const struct ilv_lane *lane)
{
	for (int sign = ILV_SIGN_COUNT - 1; sign >= 0; sign--) {
		draw_kind(drawing, lane, (enum ilv_sign)sign);
	}
}
