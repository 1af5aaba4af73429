/* SPDX-License-Identifier: MIT */
/* Description: draws a lane: ink is activity, and how a slice ends says who decided. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "viz/draw.h"
#include "viz/words.h"

/* Nothing that happened is thinner, or nobody would see it. */
#define THINNEST 0.5

/* Columns reach a little under their right neighbour, or the paper would shine through between
 * them. */
#define OVERLAP 0.25

/* The hollow end of a wait that may hold a wait for the CPU. */
#define OPEN_END 5.0

#define HOLDER_FONT 10.0

struct words {
	char text[400];
	size_t length;
};

static void say(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct words *words, const char *format, ...)
{
	size_t room = sizeof(words->text) - words->length;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(words->text + words->length, room, format, arguments);
	va_end(arguments);
	if (length > 0) {
		words->length += (size_t)length < room ? (size_t)length : room - 1;
	}
}

static void say_span(struct words *words, const struct ilv_drawing *drawing, int64_t begin_ns,
		     int64_t end_ns)
{
	char begin[32];
	char end[32];
	char duration[ILV_DURATION_TEXT_SIZE];

	ilv_axis_time_text(drawing->axis, begin_ns - drawing->begin_ns, begin, sizeof(begin));
	ilv_axis_time_text(drawing->axis, end_ns - drawing->begin_ns, end, sizeof(end));
	ilv_duration_text(end_ns - begin_ns, duration, sizeof(duration));
	say(words, "%s to %s %s (%s)", begin, end, drawing->axis->unit, duration);
}

static const char *ink_words(enum ilv_ink ink)
{
	if (ink >= ILV_INK_HOLDER_0 && ink <= ILV_INK_HOLDER_3) {
		return "taken";
	}
	if (ink == ILV_INK_FOREIGN) {
		return "others";
	}
	if (ink == ILV_INK_STALLED) {
		return "its turn, its thread off the CPU";
	}

	return ilv_inks[ink].legend;
}

static bool is_executor(const struct ilv_lane *lane)
{
	return lane->kind == ILV_LANE_KIND_EXECUTOR || lane->kind == ILV_LANE_KIND_EXECUTOR_BAND;
}

static void say_stay(struct words *words, const struct ilv_stretch *stretch, bool is_held)
{
	if (is_held) {
		say(words, "%s%s", stretch->who[0] ? stretch->who : "taken",
		    stretch->ink == ILV_INK_STALLED ? ", off the CPU" : "");
		return;
	}

	switch (stretch->ink) {
	case ILV_INK_RUN:
	case ILV_INK_READY:
	case ILV_INK_LOST:
	case ILV_INK_STALLED:
		say(words, "%s", ink_words(stretch->ink));
		break;
	default:
		say(words, "%s", ilv_words_reason(stretch->reason));
		break;
	}
}

static void say_end(struct words *words, const struct ilv_stretch *stretch)
{
	for (int sign = ILV_SIGN_FAILED; sign <= ILV_SIGN_ABANDONED; sign++) {
		if (stretch->sign_counts[sign] > 0) {
			say(words, ", then %s", ilv_signs[sign].legend);
			return;
		}
	}

	switch (stretch->end_cause) {
	case ILV_CAUSE_CUT:
		say(words, ", then cut short%s%s", stretch->who[0] ? " by " : "", stretch->who);
		break;
	case ILV_CAUSE_FORCED:
		say(words, ", then asked to hand over%s%s", stretch->who[0] ? " to " : "",
		    stretch->who);
		break;
	case ILV_CAUSE_YIELDED:
	case ILV_CAUSE_BLOCKED:
		say(words, ", then gave way");
		break;
	case ILV_CAUSE_FINISHED:
		say(words, ", then done");
		break;
	default:
		break;
	}
}

static void say_sums(struct words *words, const int64_t ink_ns[ILV_INK_COUNT])
{
	const char *separator = ": ";

	for (int ink = 0; ink < ILV_INK_COUNT; ink++) {
		int64_t sum_ns = ink_ns[ink];
		char duration[ILV_DURATION_TEXT_SIZE];

		if (ink == ILV_INK_HOLDER_0) {
			/* Shades only tell neighbours apart. */
			for (int other = ILV_INK_HOLDER_1; other <= ILV_INK_HOLDER_3; other++) {
				sum_ns += ink_ns[other];
			}
		} else if (ink > ILV_INK_HOLDER_0 && ink <= ILV_INK_HOLDER_3) {
			continue;
		}
		if (sum_ns <= 0) {
			continue;
		}
		ilv_duration_text(sum_ns, duration, sizeof(duration));
		say(words, "%s%s %s", separator, ink_words((enum ilv_ink)ink), duration);
		separator = ", ";
	}
}

static void say_counts(struct words *words, const uint32_t counts[ILV_SIGN_COUNT])
{
	const char *separator = "; ";

	for (int sign = 0; sign < ILV_SIGN_COUNT; sign++) {
		if (counts[sign] > 0) {
			say(words, "%s%s %u", separator, ilv_signs[sign].legend, counts[sign]);
			separator = ", ";
		}
	}
}

/* What the lane is called in tooltips: short, for there are many of them. */
static void say_lane(struct words *words, const struct ilv_lane *lane)
{
	char name[ILV_WHO_SIZE];

	ilv_words_clean(name, sizeof(name), lane->label);
	say(words, "%s: ", name);
}

static void draw_open_end(struct ilv_drawing *drawing, const struct ilv_lane *lane,
			  struct ilv_svg_path *path, enum ilv_ink ink, double right)
{
	double height = lane->height / 3;
	char css_class[32];

	snprintf(css_class, sizeof(css_class), "open e-%s", ilv_inks[ink].css_class);
	ilv_svg_path_rect(path, right - OPEN_END, lane->y + (lane->height - height) / 2,
			  OPEN_END - 0.5, height);
	ilv_svg_path(drawing->svg, css_class, path, NULL);
	drawing->has_open = true;
}

/* The number by which people tell entities apart, else the name. */
static const char *short_name(const char *who)
{
	size_t digits = strlen(who);

	while (digits > 0 && who[digits - 1] >= '0' && who[digits - 1] <= '9') {
		digits--;
	}

	return who[digits] && strlen(who + digits) <= 4 ? who + digits : who;
}

/* Smaller gaps between two stays of the same holder do not part them, for the eye. */
#define HOLDER_GAP 3.0

/*
 * Writes who has the executor, where there is room, once for stays that follow each other: whoever
 * is cut short and goes on at once is still the same.
 */
static void draw_holders(struct ilv_drawing *drawing, const struct ilv_lane *lane)
{
	const struct ilv_stretches *stretches = &lane->shown;
	size_t next;

	for (size_t first = 0; first < stretches->count; first = next) {
		const struct ilv_stretch *widest = &stretches->list[first];
		const char *text = short_name(widest->who);
		double right = ilv_axis_x(drawing->axis, widest->end_ns - drawing->begin_ns);
		double left;
		char css_class[32];

		for (next = first + 1; next < stretches->count; next++) {
			const struct ilv_stretch *stretch = &stretches->list[next];

			if (strcmp(stretch->who, widest->who) != 0 ||
			    ilv_axis_x(drawing->axis, stretch->begin_ns - drawing->begin_ns) >
				    right + HOLDER_GAP) {
				break;
			}
			right = ilv_axis_x(drawing->axis, stretch->end_ns - drawing->begin_ns);
			if (widest->ink == ILV_INK_STALLED ||
			    (stretch->ink != ILV_INK_STALLED &&
			     stretch->end_ns - stretch->begin_ns >
				     widest->end_ns - widest->begin_ns)) {
				widest = stretch;
			}
		}

		/* In the widest stay, where no gap parts the letters. */
		left = ilv_axis_x(drawing->axis, widest->begin_ns - drawing->begin_ns);
		right = ilv_axis_x(drawing->axis, widest->end_ns - drawing->begin_ns);
		if (!*text || widest->ink < ILV_INK_HOLDER_0 ||
		    ilv_words_width(text, HOLDER_FONT, false) + 3 > right - left) {
			continue;
		}
		snprintf(css_class, sizeof(css_class), "tiny on%d",
			 (int)widest->ink - ILV_INK_HOLDER_0);
		ilv_svg_text(drawing->svg, widest->ink == ILV_INK_FOREIGN ? "tiny soft" : css_class,
			     "middle", (left + right) / 2, lane->y + lane->height / 2 + 3.6, text);
	}
}

static void draw_stay(struct ilv_drawing *drawing, const struct ilv_lane *lane,
		      const struct ilv_stretch *stretch, bool is_held, struct ilv_svg_path *path)
{
	const struct ilv_ink_look *look = &ilv_inks[stretch->ink];
	double left = ilv_axis_x(drawing->axis, stretch->begin_ns - drawing->begin_ns);
	double right = ilv_axis_x(drawing->axis, stretch->end_ns - drawing->begin_ns);
	double width = fmax(right - left, THINNEST);
	double height = fmax(look->height * lane->height, 1.2);
	bool has_open_end = stretch->is_open && width > 3 * OPEN_END;
	struct words words = {.length = 0};

	if (stretch->ink == ILV_INK_LOST && right - left < THINNEST) {
		return; /* Nothing happened there that wants to be seen. */
	}
	say_lane(&words, lane);
	say_stay(&words, stretch, is_held);
	say(&words, ", ");
	say_span(&words, drawing, stretch->begin_ns, stretch->end_ns);
	if (!is_held) {
		say_end(&words, stretch);
	}

	ilv_svg_path_rect(path, left, lane->y + (lane->height - height) / 2,
			  has_open_end ? width - OPEN_END : width, height);
	ilv_svg_path(drawing->svg, look->css_class, path, words.text);
	if (has_open_end) {
		draw_open_end(drawing, lane, path, stretch->ink, right);
	}
	drawing->ink_areas[stretch->ink] += (right - left) * height;
}

static void draw_fold(struct ilv_drawing *drawing, const struct ilv_lane *lane,
		      const struct ilv_stretch *stretch, struct ilv_svg_path *path)
{
	double left = ilv_axis_x(drawing->axis, stretch->begin_ns - drawing->begin_ns);
	double right = ilv_axis_x(drawing->axis, stretch->end_ns - drawing->begin_ns);
	double width = fmax(right - left, THINNEST) + OVERLAP;
	double extent_ns = (double)(stretch->end_ns - stretch->begin_ns);
	double bottom = lane->y + lane->height;
	struct words words = {.length = 0};

	say_lane(&words, lane);
	say_span(&words, drawing, stretch->begin_ns, stretch->end_ns);
	say(&words, ", %u %s", stretch->stay_count,
	    ilv_plural(stretch->stay_count, "stay", "stays"));
	say_sums(&words, stretch->ink_ns);
	say_counts(&words, stretch->sign_counts);

	ilv_svg_open(drawing->svg, "g", NULL);
	ilv_svg_title(drawing->svg, words.text);
	for (int ink = 0; ink < ILV_INK_COUNT; ink++) {
		double share = (double)stretch->ink_ns[ink] / extent_ns;
		double height = share * lane->height;

		if (stretch->ink_ns[ink] <= 0) {
			continue;
		}
		bottom -= height;
		drawing->ink_areas[ink] += width * fmin(height, ink == ILV_INK_IDLE ? 1.4 : height);
		if (ink == ILV_INK_IDLE) {
			/* Doing nothing leaves no ink but its line. */
			ilv_svg_path_rect(path, left, bottom + height / 2 - fmin(height, 1.4) / 2,
					  width, fmin(height, 1.4));
		} else {
			ilv_svg_path_rect(path, left, bottom, width, height);
		}
		ilv_svg_path(drawing->svg, ilv_inks[ink].css_class, path, NULL);
	}
	ilv_svg_close(drawing->svg);
	drawing->has_fold = true;
}

static void draw_stretches(struct ilv_drawing *drawing, const struct ilv_lane *lane,
			   const struct ilv_stretches *stretches, bool is_held)
{
	struct ilv_svg_path path = {0};

	for (size_t i = 0; i < stretches->count; i++) {
		const struct ilv_stretch *stretch = &stretches->list[i];

		if (stretch->stay_count == 1) {
			draw_stay(drawing, lane, stretch, is_held, &path);
		} else {
			draw_fold(drawing, lane, stretch, &path);
		}
	}

	ilv_svg_path_fini(&path);
}

/* Tooltips of a band: one for this many columns. */
#define BAND_TITLE_COLUMNS 6

static void draw_band_titles(struct ilv_drawing *drawing, const struct ilv_lane *lane)
{
	const struct ilv_grid *grid = &lane->grid;
	int64_t covering[ILV_INK_COUNT] = {0};
	int64_t sums[ILV_INK_COUNT] = {0};
	uint32_t counts[ILV_SIGN_COUNT] = {0};
	uint32_t first = 0;

	for (uint32_t column = 0; column < grid->column_count; column++) {
		int64_t ink_ns[ILV_INK_COUNT];
		struct words words = {.length = 0};
		int64_t begin_ns = ilv_grid_time(grid, first);
		int64_t end_ns = ilv_grid_time(grid, column + 1);
		double left = ilv_axis_x(drawing->axis, begin_ns - drawing->begin_ns);
		double right = ilv_axis_x(drawing->axis, end_ns - drawing->begin_ns);

		ilv_grid_sum(grid, column, covering, ink_ns);
		for (int ink = 0; ink < ILV_INK_COUNT; ink++) {
			sums[ink] += ink_ns[ink];
		}
		for (int sign = 0; sign < ILV_SIGN_COUNT; sign++) {
			counts[sign] += grid->sign_counts[column * ILV_SIGN_COUNT + sign];
		}
		if (column + 1 - first < BAND_TITLE_COLUMNS && column + 1 < grid->column_count) {
			continue;
		}

		say_lane(&words, lane);
		say_span(&words, drawing, begin_ns, end_ns);
		say_sums(&words, sums);
		say_counts(&words, counts);
		ilv_svg_rect(drawing->svg, "hit", left, lane->y, right - left, lane->height, 0,
			     words.text);
		memset(sums, 0, sizeof(sums));
		memset(counts, 0, sizeof(counts));
		first = column + 1;
	}
}

/* Shades tell nobody apart in a band: there, an executor is taken or not. */
static int64_t band_ink_ns(const int64_t ink_ns[ILV_INK_COUNT], int ink)
{
	int64_t sum_ns = ink_ns[ink];

	if (ink == ILV_INK_HOLDER_0) {
		for (int other = ILV_INK_HOLDER_1; other <= ILV_INK_HOLDER_3; other++) {
			sum_ns += ink_ns[other];
		}
	} else if (ink > ILV_INK_HOLDER_0 && ink <= ILV_INK_HOLDER_3) {
		sum_ns = 0;
	}

	return sum_ns;
}

/*
 * Draws one ink of a band above `floors`, the heights that the inks before it reached, and raises
 * them. It is one outline, along its top and back along its bottom, so that columns leave no seams.
 */
static void draw_band_ink(struct ilv_drawing *drawing, const struct ilv_lane *lane, int ink,
			  double *floors, double *tops)
{
	const struct ilv_grid *grid = &lane->grid;
	int64_t covering[ILV_INK_COUNT] = {0};
	struct ilv_svg_path path = {0};
	double foot = lane->y + lane->height;
	double area = 0;
	char css_class[32];

	for (uint32_t column = 0; column < grid->column_count; column++) {
		int64_t ink_ns[ILV_INK_COUNT];
		int64_t width_ns = ilv_grid_time(grid, column + 1) - ilv_grid_time(grid, column);
		double entity_count;

		ilv_grid_sum(grid, column, covering, ink_ns);
		entity_count =
			width_ns > 0 ? (double)band_ink_ns(ink_ns, ink) / (double)width_ns : 0;
		tops[column] = floors[column] + entity_count / lane->member_count * lane->height;
		area += (tops[column] - floors[column]) * drawing->axis->width / grid->column_count;
	}
	if (area <= 0) {
		return;
	}

	ilv_svg_path_add(&path, "M~ ~", drawing->axis->left, foot - tops[0]);
	for (uint32_t column = 1; column < grid->column_count; column++) {
		if (fabs(tops[column] - tops[column - 1]) > 0.004) {
			ilv_svg_path_add(&path, "H~V~",
					 ilv_axis_x(drawing->axis, ilv_grid_time(grid, column) -
									   drawing->begin_ns),
					 foot - tops[column]);
		}
	}
	ilv_svg_path_add(&path, "H~V~", ilv_axis_x(drawing->axis, grid->end_ns - drawing->begin_ns),
			 foot - floors[grid->column_count - 1]);
	for (uint32_t column = grid->column_count - 1; column > 0; column--) {
		if (fabs(floors[column] - floors[column - 1]) > 0.004) {
			ilv_svg_path_add(&path, "H~V~",
					 ilv_axis_x(drawing->axis, ilv_grid_time(grid, column) -
									   drawing->begin_ns),
					 foot - floors[column - 1]);
		}
	}
	ilv_svg_path_add(&path, "H~z", drawing->axis->left);
	snprintf(css_class, sizeof(css_class), "%s%s", ilv_inks[ink].css_class,
		 ink == ILV_INK_IDLE ? " faint" : "");
	ilv_svg_path(drawing->svg, css_class, &path, NULL);
	ilv_svg_path_fini(&path);
	drawing->ink_areas[ink] += area;
	memcpy(floors, tops, grid->column_count * sizeof(*floors));
}

static void draw_band(struct ilv_drawing *drawing, const struct ilv_lane *lane)
{
	size_t column_count = lane->grid.column_count;
	double *heights = calloc(2 * column_count, sizeof(*heights));

	if (!heights) {
		ilv_svg_fail(drawing->svg);
		return;
	}

	for (int ink = 0; ink < ILV_INK_COUNT; ink++) {
		draw_band_ink(drawing, lane, ink, heights, heights + column_count);
	}
	draw_band_titles(drawing, lane);
	free(heights);
}

void ilv_draw_lane(struct ilv_drawing *drawing, const struct ilv_lane *lane)
{
	if (lane->grid.column_count) {
		if (lane->grid.end_ns > lane->grid.begin_ns) {
			draw_band(drawing, lane);
		}
		return;
	}

	if (is_executor(lane)) {
		/* A floor, so that idle executors are seen as well. */
		double right = ilv_axis_x(drawing->axis, drawing->end_ns - drawing->begin_ns);

		ilv_svg_rect(drawing->svg, "track", drawing->axis->left, lane->y + lane->height - 1,
			     right - drawing->axis->left, 1, 0, NULL);
	}
	draw_stretches(drawing, lane, &lane->own, false);
	draw_stretches(drawing, lane, &lane->shown, is_executor(lane));
	if (is_executor(lane)) {
		draw_holders(drawing, lane);
	}
	ilv_draw_signs(drawing, lane);
}
