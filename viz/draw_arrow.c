/* SPDX-License-Identifier: MIT */
/* Description: draws arrows from lane to lane, thin, in the ink of what they tell. */
#include <math.h>
#include <stdio.h>

#include "base/duration.h"
#include "viz/draw.h"
#include "viz/words.h"

#define HEAD_LENGTH 5.0
#define HEAD_WIDTH  2.2

static const char *const classes[ILV_ARROW_COUNT] = {[ILV_ARROW_LOCK] = "arrow a-lock",
						     [ILV_ARROW_GIL] = "arrow a-gil",
						     [ILV_ARROW_WAKE_UP] = "arrow a-wake",
						     [ILV_ARROW_SPAWN] = "arrow a-spawn"};

/* A line with a head at its end. */
static void add_line(struct ilv_svg_path *path, double from_x, double from_y, double to_x,
		     double to_y)
{
	double length = hypot(to_x - from_x, to_y - from_y);
	double along_x = length > 0 ? (to_x - from_x) / length : 1;
	double along_y = length > 0 ? (to_y - from_y) / length : 0;
	double neck_x = to_x - along_x * HEAD_LENGTH;
	double neck_y = to_y - along_y * HEAD_LENGTH;

	ilv_svg_path_add(path, "M~ ~L~ ~", from_x, from_y, to_x, to_y);
	ilv_svg_path_add(path, "L~ ~L~ ~L~ ~", neck_x - along_y * HEAD_WIDTH,
			 neck_y + along_x * HEAD_WIDTH, neck_x + along_y * HEAD_WIDTH,
			 neck_y - along_x * HEAD_WIDTH, to_x, to_y);
}

static void describe(const struct ilv_drawing *drawing, enum ilv_arrow_kind kind,
		     const struct ilv_arrow *arrow, const struct ilv_lane *lanes, char *text,
		     size_t size)
{
	char from[ILV_WHO_SIZE];
	char to[ILV_WHO_SIZE];
	char time[32];
	char waited[ILV_DURATION_TEXT_SIZE];

	ilv_words_clean(from, sizeof(from), lanes[arrow->from_lane].label);
	ilv_words_clean(to, sizeof(to), lanes[arrow->to_lane].label);
	ilv_axis_time_text(drawing->axis, arrow->to_ns - drawing->begin_ns, time, sizeof(time));
	ilv_duration_text(arrow->waited_ns, waited, sizeof(waited));
	switch (kind) {
	case ILV_ARROW_LOCK:
		snprintf(text, size, "%s handed %s%s to %s, %s %s, which had waited %s", from,
			 arrow->what[0] ? "lock " : "a lock", arrow->what, to, time,
			 drawing->axis->unit, waited);
		break;
	case ILV_ARROW_GIL:
		snprintf(text, size, "%s handed the GIL to %s, %s %s, which had waited %s", from,
			 to, time, drawing->axis->unit, waited);
		break;
	case ILV_ARROW_WAKE_UP:
		snprintf(text, size, "%s woke %s, %s %s, which had waited %s", from, to, time,
			 drawing->axis->unit, waited);
		break;
	case ILV_ARROW_SPAWN:
	case ILV_ARROW_COUNT:
		snprintf(text, size, "%s started %s, %s %s", from, to, time, drawing->axis->unit);
		break;
	}
}

void ilv_draw_arrows(struct ilv_drawing *drawing, const struct ilv_arrows *arrows,
		     const struct ilv_lane *lanes)
{
	struct ilv_svg_path path = {0};

	for (int kind = ILV_ARROW_COUNT - 1; kind >= 0; kind--) {
		uint32_t count = ilv_arrows_drawn(arrows, (enum ilv_arrow_kind)kind);

		for (uint32_t i = 0; i < count; i++) {
			const struct ilv_arrow *arrow = &arrows->list[kind][i];
			const struct ilv_lane *from = &lanes[arrow->from_lane];
			const struct ilv_lane *to = &lanes[arrow->to_lane];
			bool is_down = from->y < to->y;
			char text[200];

			/* From edge to edge: what lies inside the two lanes stays to be seen. */
			add_line(&path,
				 ilv_axis_x(drawing->axis, arrow->from_ns - drawing->begin_ns),
				 is_down ? from->y + from->height : from->y,
				 ilv_axis_x(drawing->axis, arrow->to_ns - drawing->begin_ns),
				 is_down ? to->y : to->y + to->height);
			describe(drawing, (enum ilv_arrow_kind)kind, arrow, lanes, text,
				 sizeof(text));
			ilv_svg_path(drawing->svg, classes[kind], &path, text);
			drawing->has_arrow[kind] = true;
		}
	}

	ilv_svg_path_fini(&path);
}

void ilv_draw_arrow_sample(struct ilv_drawing *drawing, enum ilv_arrow_kind kind, double x,
			   double y, double width)
{
	struct ilv_svg_path path = {0};

	add_line(&path, x, y, x + width, y);
	ilv_svg_path(drawing->svg, classes[kind], &path, NULL);
	ilv_svg_path_fini(&path);
}
