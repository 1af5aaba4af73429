/* SPDX-License-Identifier: MIT */
/*
 * Description: the timeline in a terminal: a character a column, in the same order of ink as the
 * pictures. A column shows what it holds most of, or how a slice in it ended.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/escape.h"
#include "viz/axis.h"
#include "viz/lanes.h"
#include "viz/page.h"
#include "viz/words.h"

#define LABEL_COLUMNS 16
#define LEAST_COLUMNS 20
#define ENTITY_LIMIT  24
#define LOCK_LIMIT    2
#define NAME_SIZE     128

struct screen {
	const struct ilv_text_style *style;
	FILE *stream;
	uint32_t column_count;
	const char *sgr; /* in force; NULL: none */
	bool has_ink[ILV_INK_COUNT];
	bool has_sign[ILV_SIGN_COUNT];
	/* Who has an executor is told by a letter for his number, or by a sign for larger ones. */
	bool has_lettered, has_beyond;
};

/* Changes the colour only where it changes. */
static void colour(struct screen *screen, const char *sgr)
{
	bool is_same = sgr == screen->sgr || (sgr && screen->sgr && strcmp(sgr, screen->sgr) == 0);

	if (!screen->style->has_colour || is_same) {
		return;
	}

	if (sgr) {
		fprintf(screen->stream, "\033[0;%sm", sgr);
	} else {
		fputs("\033[0m", screen->stream);
	}
	screen->sgr = sgr;
}

static void put_ink(struct screen *screen, enum ilv_ink ink)
{
	const struct ilv_ink_look *look = &ilv_inks[ink];

	colour(screen, look->sgr);
	fputs(screen->style->has_unicode ? look->text : look->ascii, screen->stream);
	screen->has_ink[ink] = true;
}

static void put_sign(struct screen *screen, enum ilv_sign sign)
{
	const struct ilv_sign_look *look = &ilv_signs[sign];

	colour(screen, look->sgr);
	fputs(screen->style->has_unicode ? look->text : look->ascii, screen->stream);
	screen->has_sign[sign] = true;
}

static void put_label(struct screen *screen, const char *raw)
{
	char clean[128];
	char padded[128];

	ilv_words_clean(clean, sizeof(clean), raw);
	ilv_words_pad(padded, sizeof(padded), clean, LABEL_COLUMNS - 1, screen->style->has_unicode);
	colour(screen, NULL);
	fprintf(screen->stream, "%s ", padded);
}

/* The sign that tells most: an end that is not just a return first, gave way last;
 * ILV_SIGN_NONE: no slice ended here. */
static enum ilv_sign sign_in(const uint32_t counts[ILV_SIGN_COUNT])
{
	static const enum ilv_sign order[] = {
		ILV_SIGN_LOST_UPDATE, ILV_SIGN_FAILED, ILV_SIGN_CANCELLED, ILV_SIGN_ABANDONED,
		ILV_SIGN_CUT,         ILV_SIGN_FORCED, ILV_SIGN_DONE,      ILV_SIGN_GAVE_WAY};

	for (size_t i = 0; i < ILV_SIGN_COUNT; i++) {
		if (counts[order[i]] > 0) {
			return order[i];
		}
	}

	return ILV_SIGN_NONE;
}

/* Whether the executor begins to serve somebody in `column`, for long enough to be told. */
static bool begins_hold(const struct ilv_lane *lane, uint32_t column)
{
	const char *holders = lane->grid.holders;

	return lane->kind == ILV_LANE_KIND_EXECUTOR && holders[column] &&
	       (column == 0 || holders[column - 1] != holders[column]);
}

static void note_holder(struct screen *screen, char holder)
{
	screen->has_lettered |= holder >= 'A' && holder <= 'Z';
	screen->has_beyond |= holder == ILV_HOLDER_BEYOND;
}

static void put_lane(struct screen *screen, const struct ilv_lane *lane)
{
	const struct ilv_grid *grid = &lane->grid;
	int64_t covering[ILV_INK_COUNT] = {0};
	bool is_band = lane->member_count > 0;
	bool was_sign = false;

	put_label(screen, lane->label);
	for (uint32_t column = 0; column < grid->column_count; column++) {
		int64_t ink_ns[ILV_INK_COUNT];
		int64_t width_ns = ilv_grid_time(grid, column + 1) - ilv_grid_time(grid, column);
		const uint32_t *counts = &grid->sign_counts[column * ILV_SIGN_COUNT];
		enum ilv_sign sign = is_band ? ILV_SIGN_NONE : sign_in(counts);
		int most = 0;
		int64_t sum_ns = 0;

		ilv_grid_sum(grid, column, covering, ink_ns);
		for (int ink = 0; ink < ILV_INK_COUNT; ink++) {
			sum_ns += ink_ns[ink];
			most = ink_ns[ink] > ink_ns[most] ? ink : most;
		}

		/* Gave way must not hide what lies between: where slices are short, every second
		 * column tells. */
		if (sign == ILV_SIGN_GAVE_WAY && was_sign) {
			sign = ILV_SIGN_NONE;
		}
		was_sign = sign != ILV_SIGN_NONE;
		if (sign != ILV_SIGN_NONE) {
			put_sign(screen, sign);
		} else if (begins_hold(lane, column) && 2 * sum_ns >= width_ns) {
			/* Who has it, once at the beginning. */
			colour(screen, "7;34");
			fputc(grid->holders[column], screen->stream);
			screen->has_ink[ILV_INK_RUN] = true;
			note_holder(screen, grid->holders[column]);
		} else if (ink_ns[most] > 0 && (is_band || 2 * sum_ns >= width_ns)) {
			put_ink(screen, (enum ilv_ink)most);
		} else {
			colour(screen, NULL);
			fputc(' ', screen->stream);
		}
	}

	colour(screen, NULL);
	fputc('\n', screen->stream);
}

static void put_axis(struct screen *screen, const struct ilv_axis *axis)
{
	unsigned int used = 0;

	fprintf(screen->stream, "%*s", LABEL_COLUMNS, "");
	for (int64_t tick_ns = 0; tick_ns <= axis->span_ns; tick_ns += axis->step_ns) {
		unsigned int column = (unsigned int)ilv_axis_x(axis, tick_ns);
		char text[48];
		unsigned int width = 0;

		ilv_axis_tick_text(axis, tick_ns, text, sizeof(text));
		if (!screen->style->has_unicode && axis->unit_ns == 1000 && tick_ns == 0) {
			snprintf(text, sizeof(text), "0 us");
		}
		for (const char *c = text; *c; c++) {
			width += ((unsigned char)*c & 0xc0) != 0x80;
		}
		if (column >= used && column + width <= screen->column_count) {
			fprintf(screen->stream, "%*s%s", (int)(column - used), "", text);
			used = column + width;
		}
		if (tick_ns > INT64_MAX - axis->step_ns) {
			break;
		}
	}

	fputc('\n', screen->stream);
}

/* The phases of the run, each with as much of its name as it has room; those within others are left
 * out. */
static void put_phases(struct screen *screen, const struct ilv_report_run *run,
		       const struct ilv_axis *axis)
{
	const char *begin_text = screen->style->has_unicode ? "\xe2\x94\x82" : "|";
	unsigned int used = 0;

	for (uint32_t i = 0; i < run->phase_count; i++) {
		const struct ilv_report_phase *phase = &run->phases[i];
		unsigned int begin = (unsigned int)fmax(0, ilv_axis_x(axis, phase->begin_ns));
		unsigned int end = (unsigned int)fmax(0, ilv_axis_x(axis, phase->end_ns));
		char clean[NAME_SIZE];
		char padded[NAME_SIZE];

		end = end < screen->column_count ? end : screen->column_count;
		if (begin < used || end < begin + 2) {
			continue;
		}
		if (used == 0) {
			put_label(screen, "phases");
		}
		end = end < begin + NAME_SIZE / 4 ? end : begin + NAME_SIZE / 4;
		ilv_words_clean(clean, sizeof(clean), phase->name ? phase->name : "");
		ilv_words_pad(padded, sizeof(padded), clean, end - begin - 1,
			      screen->style->has_unicode);
		fprintf(screen->stream, "%*s%s%s", (int)(begin - used), "", begin_text, padded);
		used = end;
	}

	if (used > 0) {
		fputc('\n', screen->stream);
	}
}

/* Inks that look the same are explained once: waits do, unless colours tell them apart. */
static const char *legend_of(const struct screen *screen, int ink)
{
	const struct ilv_ink_look *look = &ilv_inks[ink];
	bool is_wait = ink >= ILV_INK_LOCK && ink <= ILV_INK_POLL;

	if (!screen->has_ink[ink] || !look->legend) {
		return NULL;
	}
	if (!is_wait || screen->style->has_colour) {
		return look->legend;
	}

	for (int other = ILV_INK_LOCK; other <= ILV_INK_POLL; other++) {
		if (other != ink && screen->has_ink[other]) {
			return other < ink ? NULL : "waits";
		}
	}

	return look->legend;
}

/* Breaks the line when an item of `width` columns would not fit. */
static void next_item(struct screen *screen, unsigned int width, unsigned int *used)
{
	if (*used > LABEL_COLUMNS && *used + width > screen->style->width) {
		colour(screen, NULL);
		fprintf(screen->stream, "\n%*s", LABEL_COLUMNS, "");
		*used = LABEL_COLUMNS;
	}
	*used += width;
}

static void put_holders_legend(struct screen *screen, unsigned int *used)
{
	char letters[64];
	char beyond[64];

	if (screen->has_lettered) {
		int length = snprintf(letters, sizeof(letters), "A-Z who has it: numbers 10 to %d",
				      ILV_HOLDER_LETTERED);

		next_item(screen, (unsigned int)length + 2, used);
		fprintf(screen->stream, "%s  ", letters);
	}
	if (screen->has_beyond) {
		int length = snprintf(beyond, sizeof(beyond), "%c who has it: a larger number",
				      ILV_HOLDER_BEYOND);

		next_item(screen, (unsigned int)length + 2, used);
		fprintf(screen->stream, "%s  ", beyond);
	}
}

static void put_legend(struct screen *screen)
{
	unsigned int used = LABEL_COLUMNS;

	fprintf(screen->stream, "\n%*s", LABEL_COLUMNS, "");
	for (int ink = 0; ink < ILV_INK_COUNT; ink++) {
		const char *legend = legend_of(screen, ink);

		if (legend) {
			next_item(screen, (unsigned int)strlen(legend) + 4, &used);
			put_ink(screen, (enum ilv_ink)ink);
			colour(screen, NULL);
			fprintf(screen->stream, " %s  ", legend);
		}
	}
	for (int sign = 0; sign < ILV_SIGN_COUNT; sign++) {
		if (screen->has_sign[sign]) {
			next_item(screen, (unsigned int)strlen(ilv_signs[sign].legend) + 4, &used);
			put_sign(screen, (enum ilv_sign)sign);
			colour(screen, NULL);
			fprintf(screen->stream, " %s  ", ilv_signs[sign].legend);
		}
	}
	put_holders_legend(screen, &used);
	fputc('\n', screen->stream);
}

/* Writes `text` in lines of whole words that are as wide as the terminal. */
static void put_wrapped(struct screen *screen, const char *text)
{
	unsigned int limit =
		screen->style->width > LEAST_COLUMNS ? screen->style->width : LEAST_COLUMNS;
	unsigned int used = 0;

	while (*text) {
		size_t length = strcspn(text, " ");
		unsigned int width = 0;

		for (size_t i = 0; i < length; i++) {
			width += ((unsigned char)text[i] & 0xc0) != 0x80;
		}
		if (used > 0 && used + 1 + width > limit) {
			fputc('\n', screen->stream);
			used = 0;
		} else if (used > 0) {
			fputc(' ', screen->stream);
			used++;
		}
		fprintf(screen->stream, "%.*s", (int)length, text);
		used += width;
		text += length;
		text += strspn(text, " ");
	}

	fputc('\n', screen->stream);
}

static void put_heading(struct screen *screen, const struct ilv_report *report,
			const struct ilv_report_run *run)
{
	char name[128];
	char duration[ILV_DURATION_TEXT_SIZE];
	char trouble[400];
	char heading[600];
	char safe[sizeof(heading)];
	const char *subject = ilv_page_subject(run);
	int used;

	ilv_words_clean(name, sizeof(name), subject ? subject : screen->style->name);
	ilv_duration_text(run->sum.duration_ns, duration, sizeof(duration));
	used = snprintf(heading, sizeof(heading), "%s", name[0] ? name : "a recording");
	if (run->runtime && *run->runtime) {
		ilv_words_clean(name, sizeof(name), run->runtime);
		used += snprintf(heading + used, sizeof(heading) - (size_t)used, " under %s", name);
	}
	if (run->variant && *run->variant) {
		ilv_words_clean(name, sizeof(name), run->variant);
		used += snprintf(heading + used, sizeof(heading) - (size_t)used, " (%s)", name);
	}
	snprintf(heading + used, sizeof(heading) - (size_t)used, ", %s, %s", duration,
		 ilv_page_kind(run));
	put_wrapped(screen,
		    ilv_escape_text(heading, screen->style->has_unicode, safe, sizeof(safe)));
	ilv_page_trouble(report, run, trouble, sizeof(trouble));
	if (trouble[0]) {
		colour(screen, "31");
		put_wrapped(screen, trouble);
		colour(screen, NULL);
	}
}

enum ilv_status ilv_picture_text(const struct ilv_report *report, const struct ilv_report_run *run,
				 const struct ilv_text_style *style,
				 const struct ilv_picture_source *source, FILE *stream)
{
	const struct ilv_lanes_limits limits = {.entity_limit = ENTITY_LIMIT,
						.lock_limit = LOCK_LIMIT};
	struct screen screen = {.style = style, .stream = stream};
	struct ilv_lanes *lanes = ilv_lanes_create(report, run, &limits);
	struct ilv_lanes_scale scale = {.all_columns = true};
	struct ilv_axis axis;
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (!lanes) {
		return status;
	}

	screen.column_count = style->width > LABEL_COLUMNS + LEAST_COLUMNS
				      ? style->width - LABEL_COLUMNS
				      : LEAST_COLUMNS;
	scale.band_columns = screen.column_count;
	status = ilv_lanes_set_scale(lanes, &scale);
	if (status == ILV_STATUS_OK) {
		const struct ilv_picture_sink sink = {
			.take = ilv_lanes_take, .take_mark = ilv_lanes_take_mark, .context = lanes};

		status = source->pass(source->context, 0, &sink);
		if (status >= 0) {
			status = ilv_lanes_settle(lanes);
		}
	}
	if (status < 0) {
		goto end;
	}

	put_heading(&screen, report, run);
	ilv_axis_init(&axis, lanes->end_ns - lanes->begin_ns, 0, screen.column_count,
		      screen.column_count / 14 + 1);
	if (lanes->count == 0) {
		fputs("No thread, task or lock was recorded in this run.\n", stream);
	} else if (lanes->end_ns == lanes->begin_ns) {
		fputs("The run took no time: there is nothing to draw.\n", stream);
	} else {
		put_axis(&screen, &axis);
		put_phases(&screen, run, &axis);
		for (uint32_t i = 0; i < lanes->count; i++) {
			put_lane(&screen, &lanes->list[i]);
		}
		put_legend(&screen);
	}

	if (fflush(stream) != 0 || ferror(stream)) {
		status = ILV_STATUS_IO;
	}

end:
	ilv_lanes_destroy(lanes);
	return status;
}
