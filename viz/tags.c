/* SPDX-License-Identifier: MIT */
/* Description: phases told on the lane of the thread whose they are. */
#include "viz/tags.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "viz/words.h"

/* What takes more of a run than this is not a moment of it. */
#define MOMENT_SHARE 0.5

#define TAG_LIMIT 12
#define FONT      10.0
#define GAP       5.0  /* between a pole and its name */
#define BRACKET   1.5  /* above the lane */
#define NAME_ROOM 26.0 /* right of the time scale, for a name that begins at its end */
#define NAME_MOST 400.0

static bool is_of(const struct ilv_report_phase *phase, const char *thread_id)
{
	return !phase->has_point && phase->entity_id && strcmp(phase->entity_id, thread_id) == 0;
}

/* What was counted beside the work that it is there for; NULL: nothing. */
static const struct ilv_report_count *counted_in(const struct ilv_report_phase *phase)
{
	for (uint32_t index = 0; index < phase->count_count; index++) {
		if (!phase->counts[index].is_work) {
			return &phase->counts[index];
		}
	}

	return NULL;
}

bool ilv_tags_are_told(const struct ilv_report_run *run, const char *thread_id)
{
	for (uint32_t index = 0; index < run->phase_count; index++) {
		const struct ilv_report_phase *phase = &run->phases[index];

		if (is_of(phase, thread_id) && counted_in(phase) &&
		    (double)(phase->end_ns - phase->begin_ns) <=
			    MOMENT_SHARE * (double)run->sum.duration_ns) {
			return true;
		}
	}

	return false;
}

/* "use: 4 parts that were not there yet". */
static void name_tag(const struct ilv_report_phase *phase, char *text, size_t size)
{
	const struct ilv_report_count *count = counted_in(phase);
	char raw[400];
	char number[ILV_DURATION_TEXT_SIZE];

	if (count && count->count > 0 && count->what) {
		ilv_count_text(count->count, number, sizeof(number));
		snprintf(raw, sizeof(raw), "%s: %s %s", phase->name ? phase->name : "unnamed",
			 number, ilv_report_count_words(count, count->count));
	} else {
		snprintf(raw, sizeof(raw), "%s", phase->name ? phase->name : "unnamed");
	}
	ilv_words_clean(text, size, raw);
}

/* A pole where it begins, from `top` on, and a line for as long as it lasts. */
static void add_bracket(struct ilv_svg_path *path, double begin, double end, double top, double y,
			double height)
{
	ilv_svg_path_add(path, "M~ ~V~", begin, y + height, top);
	if (end - begin >= 2) {
		ilv_svg_path_add(path, "M~ ~H~v4", begin, y - BRACKET, end);
	}
}

/* Returns up to where the name reaches. What was said before it is not written over. */
static double draw_name(struct ilv_drawing *drawing, const char *text, double begin, double end,
			double y, double taken)
{
	const double most = drawing->axis->left + drawing->axis->width + NAME_ROOM;
	char name[400];
	double x = begin + GAP;
	double width;

	snprintf(name, sizeof(name), "%s", text);
	ilv_words_fit(name, FONT, false, NAME_MOST);
	width = ilv_words_width(name, FONT, false);
	if (x + width > most && begin - GAP - width > taken) {
		ilv_svg_text(drawing->svg, "tiny", "end", begin - GAP, y - BRACKET - 3, name);
		return begin;
	}
	if (x < taken) {
		x = taken + 2 * GAP;
		if (x + width > end) {
			return taken; /* It would stand where it is not; the tooltip has it. */
		}
	}

	ilv_svg_text(drawing->svg, "tiny", NULL, x, y - BRACKET - 3, name);
	return x + width;
}

void ilv_tags_draw(struct ilv_drawing *drawing, const struct ilv_report_run *run,
		   const struct ilv_lane *lane)
{
	struct ilv_svg_path path = {0};
	double taken = drawing->axis->left - 2 * GAP;
	uint32_t tag_count = 0;

	for (uint32_t index = 0; index < run->phase_count && tag_count < TAG_LIMIT; index++) {
		const struct ilv_report_phase *phase = &run->phases[index];
		double begin = ilv_axis_x(drawing->axis, phase->begin_ns);
		double end = ilv_axis_x(drawing->axis, phase->end_ns);
		char duration[ILV_DURATION_TEXT_SIZE];
		char name[400];
		char title[480];

		if (!is_of(phase, lane->id)) {
			continue;
		}
		tag_count++;
		name_tag(phase, name, sizeof(name));
		ilv_duration_text(phase->end_ns - phase->begin_ns, duration, sizeof(duration));
		snprintf(title, sizeof(title), "phase %s, %s", name, duration);
		/* No line goes through a name. */
		add_bracket(&path, begin, end,
			    lane->y - (begin < taken ? BRACKET : ILV_TAGS_HEIGHT), lane->y,
			    lane->height);
		ilv_svg_path(drawing->svg, "tag", &path, title);
		taken = draw_name(drawing, name, begin, end, lane->y, taken);
		drawing->has_tag = true;
	}

	ilv_svg_path_fini(&path);
}

void ilv_tags_draw_sample(struct ilv_drawing *drawing, double x, double y, double width,
			  double height)
{
	struct ilv_svg_path path = {0};

	add_bracket(&path, x + 2, x + width, y + 4 - ILV_TAGS_HEIGHT, y + 4, height - 4);
	ilv_svg_path(drawing->svg, "tag", &path, NULL);
	ilv_svg_path_fini(&path);
}
