/* SPDX-License-Identifier: MIT */
/* Description: the legend: a sample and a word for what occurs in the picture, and for nothing
 * else. */
#include <stdio.h>

#include "viz/draw.h"
#include "viz/tags.h"
#include "viz/words.h"

#define SAMPLE_WIDTH  26.0
#define SAMPLE_HEIGHT 14.0
#define SAMPLE_GAP    8.0
#define ITEM_GAP      22.0
#define LINE_HEIGHT   24.0
#define FONT          11.0

/* Less of an ink than this, in square pixels, is not seen in the whole picture. */
#define VISIBLE_AREA 4.0

/* What is not an ink or a sign: the ways of telling more with less room. */
enum extra { EXTRA_FOLD, EXTRA_GATHERED, EXTRA_OPEN, EXTRA_TAG, EXTRA_COUNT };

#define ITEM_COUNT (ILV_INK_COUNT + ILV_SIGN_COUNT + EXTRA_COUNT + ILV_ARROW_COUNT)

static const char *item_text(const struct ilv_drawing *drawing, int item)
{
	static const char *const extras[EXTRA_COUNT] = {
		[EXTRA_FOLD] = "many short stays, in proportion",
		[EXTRA_GATHERED] = "many cuts above, gave way below",
		[EXTRA_OPEN] = "hollow end: may hold a wait for a CPU",
		[EXTRA_TAG] = "a phase of this thread, by its name"};
	const bool has_extra[EXTRA_COUNT] = {drawing->has_fold, drawing->has_gathered,
					     drawing->has_open, drawing->has_tag};
	static const char *const arrows[ILV_ARROW_COUNT] = {
		[ILV_ARROW_LOCK] = "hands over a lock long waited for",
		[ILV_ARROW_GIL] = "hands over the GIL long waited for",
		[ILV_ARROW_WAKE_UP] = "wakes, after a long wait",
		[ILV_ARROW_SPAWN] = "starts"};

	if (item < ILV_INK_COUNT) {
		return drawing->ink_areas[item] >= VISIBLE_AREA ? ilv_inks[item].legend : NULL;
	}

	item -= ILV_INK_COUNT;
	if (item < ILV_SIGN_COUNT) {
		return drawing->has_sign[item] ? ilv_signs[item].legend : NULL;
	}

	item -= ILV_SIGN_COUNT;
	if (item < EXTRA_COUNT) {
		return has_extra[item] ? extras[item] : NULL;
	}

	item -= EXTRA_COUNT;
	return drawing->has_arrow[item] ? arrows[item] : NULL;
}

static double item_width(const char *text)
{
	return SAMPLE_WIDTH + SAMPLE_GAP + ilv_words_width(text, FONT, false);
}

static void draw_ink(struct ilv_drawing *drawing, enum ilv_ink ink, double x, double y,
		     double width)
{
	double height = ilv_inks[ink].height * SAMPLE_HEIGHT;

	if (height < 1.4) {
		height = 1.4;
	}
	ilv_svg_rect(drawing->svg, ilv_inks[ink].css_class, x, y + (SAMPLE_HEIGHT - height) / 2,
		     width, height, 0, NULL);
}

static void draw_sample(struct ilv_drawing *drawing, int item, double x, double y)
{
	struct ilv_svg_path path = {0};
	double end = x + SAMPLE_WIDTH - 6;
	double middle = y + SAMPLE_HEIGHT / 2;

	if (item < ILV_INK_COUNT) {
		draw_ink(drawing, (enum ilv_ink)item, x, y, SAMPLE_WIDTH);
		return;
	}

	if (item >= ITEM_COUNT - ILV_ARROW_COUNT) {
		ilv_draw_arrow_sample(drawing,
				      (enum ilv_arrow_kind)(item - (ITEM_COUNT - ILV_ARROW_COUNT)),
				      x + 2, middle, SAMPLE_WIDTH - 4);
		return;
	}

	if (item < ILV_INK_COUNT + ILV_SIGN_COUNT) {
		enum ilv_sign sign = (enum ilv_sign)(item - ILV_INK_COUNT);

		draw_ink(drawing, ILV_INK_RUN, x, y, SAMPLE_WIDTH - 6);
		ilv_draw_sign(&path, sign, end, y, SAMPLE_HEIGHT);
		ilv_svg_path(drawing->svg, ilv_signs[sign].css_class, &path, NULL);
		ilv_svg_path_fini(&path);
		return;
	}

	switch (item - ILV_INK_COUNT - ILV_SIGN_COUNT) {
	case EXTRA_FOLD:
		ilv_svg_rect(drawing->svg, "run", x, y + 8, 13, 6, 0, NULL);
		ilv_svg_rect(drawing->svg, "ready", x, y, 13, 8, 0, NULL);
		ilv_svg_rect(drawing->svg, "run", x + 13, y + 4, 13, 10, 0, NULL);
		ilv_svg_rect(drawing->svg, "ready", x + 13, y, 13, 4, 0, NULL);
		break;
	case EXTRA_GATHERED:
		draw_ink(drawing, ILV_INK_RUN, x, y, SAMPLE_WIDTH);
		ilv_svg_rect(drawing->svg, "cuts", x + 4, y - 3, 12, 3, 0, NULL);
		ilv_svg_rect(drawing->svg, "ways", x + 10, y + SAMPLE_HEIGHT, 12, 3, 0, NULL);
		break;
	case EXTRA_OPEN:
		ilv_svg_rect(drawing->svg, "io", x, middle - 2.3, SAMPLE_WIDTH - 6, 4.6, 0, NULL);
		ilv_svg_rect(drawing->svg, "open e-io", end, middle - 2.3, 5.5, 4.6, 0, NULL);
		break;
	case EXTRA_TAG:
		ilv_tags_draw_sample(drawing, x, y, SAMPLE_WIDTH, SAMPLE_HEIGHT);
		break;
	default:
		break;
	}
}

/* Walks over the items; draws them unless only the height is asked for, which it returns. */
static double walk(struct ilv_drawing *drawing, const struct ilv_drawing *occurred, double left,
		   double y, double width)
{
	double x = left;
	double height = 0;

	for (int item = 0; item < ITEM_COUNT; item++) {
		const char *text = item_text(occurred, item);

		if (!text) {
			continue;
		}
		if (height <= 0) {
			height = LINE_HEIGHT;
		} else if (x + item_width(text) > left + width) {
			x = left;
			height += LINE_HEIGHT;
		}
		if (drawing) {
			double top = y + height - LINE_HEIGHT + 4;

			draw_sample(drawing, item, x, top);
			ilv_svg_text(drawing->svg, NULL, NULL, x + SAMPLE_WIDTH + SAMPLE_GAP,
				     top + SAMPLE_HEIGHT / 2 + 4, text);
		}
		x += item_width(text) + ITEM_GAP;
	}

	return height;
}

double ilv_draw_legend_height(const struct ilv_drawing *drawing, double width)
{
	return walk(NULL, drawing, 0, 0, width);
}

void ilv_draw_legend(struct ilv_drawing *drawing, double x, double y, double width)
{
	walk(drawing, drawing, x, y, width);
}
