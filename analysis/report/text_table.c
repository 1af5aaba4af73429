/* SPDX-License-Identifier: MIT */
/* Description: lays out tables and paragraphs for a terminal. */
#include "analysis/report/text_table.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "base/duration.h"
#include "base/escape.h"

#define GAP           2
#define WIDTH_LEAST   9  /* to which a column of words may be shortened */
#define NAME_LEAST    18 /* and the rows' names: "  and 100,000 more" */
#define COLUMNS_LEAST 4  /* beside the names: before these are left out, names are shortened */
#define CELL_SIZE     1024
#define BAR_WIDTH_MAX 64

static const char *const paint_codes[] = {
	[ILV_PAINT_NONE] = "",
	[ILV_PAINT_STRONG] = "\033[1m",
	[ILV_PAINT_FAINT] = "\033[2m",
	[ILV_PAINT_RUNNING] = "\033[34m",
	[ILV_PAINT_READY] = "\033[33m",
	[ILV_PAINT_LOCK] = "\033[31m",
	[ILV_PAINT_WAITING] = "\033[36m",
	[ILV_PAINT_WARNING] = "\033[1;31m",
};

/* The text is known to be safe. */
static void write_painted(const struct ilv_text_style *style, enum ilv_paint paint,
			  const char *text, size_t length, FILE *stream)
{
	bool has_paint = style->has_colour && paint != ILV_PAINT_NONE && length > 0;

	(void)fprintf(stream, "%s%.*s%s", has_paint ? paint_codes[paint] : "", (int)length, text,
		      has_paint ? "\033[0m" : "");
}

void ilv_text_paint(const struct ilv_text_style *style, enum ilv_paint paint, const char *text,
		    FILE *stream)
{
	char safe[CELL_SIZE];

	ilv_escape_text(text, style->has_unicode, safe, sizeof(safe));
	write_painted(style, paint, safe, strlen(safe), stream);
}

/* Writes one line of a paragraph, with `lead` in its indent, and says how many bytes of `text` it
 * took. All is known to be safe. */
static size_t write_line(const struct ilv_text_style *style, const char *lead, unsigned int indent,
			 enum ilv_paint paint, const char *text, FILE *stream)
{
	size_t width = style->width > indent + 20 ? style->width - indent : 20;
	size_t length = ilv_text_fit(text, width);

	if (text[length] != '\0') {
		size_t at = length;

		while (at > 0 && text[at] != ' ') {
			at--;
		}
		length = at > 0 ? at : length;
	}

	(void)fprintf(stream, "%s%*s", lead, (int)(indent - ilv_text_width(lead)), "");
	write_painted(style, paint, text, length, stream);
	(void)fputc('\n', stream);
	while (text[length] == ' ') {
		length++;
	}

	return length;
}

static const char *mark_of(const struct ilv_text_style *style)
{
	return style->has_unicode ? "\u2026" : "~";
}

void ilv_text_shorten(const struct ilv_text_style *style, char *text, size_t size, size_t width)
{
	if (width > 0 && ilv_text_width(text) > width) {
		const char *mark = mark_of(style);
		size_t length = ilv_text_fit(text, width - 1);

		/* Half a mark would be no character. */
		(void)snprintf(text + length, size - length, "%s",
			       size - length > strlen(mark) ? mark : "");
	}
}

void ilv_text_item(const struct ilv_text_style *style, const char *lead, unsigned int indent,
		   enum ilv_paint paint, const char *text, FILE *stream)
{
	char safe_lead[CELL_SIZE];
	size_t size = strlen(text) * 3 + 1;
	char *safe = malloc(size);

	ilv_escape_text(lead, style->has_unicode, safe_lead, sizeof(safe_lead));
	ilv_text_shorten(style, safe_lead, sizeof(safe_lead), indent > 0 ? indent - 1 : 0);
	if (safe) {
		const char *at = ilv_escape_text(text, style->has_unicode, safe, size);

		while (*at) {
			at += write_line(style, safe_lead, indent, paint, at, stream);
			safe_lead[0] = '\0';
		}
	}
	free(safe);
}

void ilv_text_paragraph(const struct ilv_text_style *style, unsigned int indent,
			enum ilv_paint paint, const char *text, FILE *stream)
{
	ilv_text_item(style, "", indent, paint, text, stream);
}

const char *ilv_text_duration(const struct ilv_text_style *style, int64_t duration_ns, char *text,
			      size_t size)
{
	char duration[ILV_DURATION_TEXT_SIZE];

	ilv_duration_text(duration_ns, duration, sizeof(duration));
	return ilv_escape_text(duration, style->has_unicode, text, size);
}

const char *ilv_bar_glyph_text(const struct ilv_text_style *style, enum ilv_bar_glyph glyph)
{
	static const char *const unicode[] = {"\u2588", "\u2592", "\u2584", "\u2500", "\u00b7"};
	static const char *const ascii[] = {"#", ":", "w", "-", "?"};

	return style->has_unicode ? unicode[glyph] : ascii[glyph];
}

void ilv_table_init(struct ilv_table *table, const struct ilv_text_style *style)
{
	memset(table, 0, sizeof(*table));
	table->style = style;
}

void ilv_table_fini(struct ilv_table *table)
{
	for (size_t index = 0; index < table->cell_count; index++) {
		free(table->cells[index].text);
		free(table->cells[index].glyph_paints);
	}
	free(table->cells);
}

void ilv_table_column(struct ilv_table *table, const char *header, bool is_number,
		      uint32_t width_max)
{
	if (table->column_count < ILV_TABLE_COLUMN_MAX) {
		table->columns[table->column_count++] = (struct ilv_table_column){
			.header = header, .is_number = is_number, .width_max = width_max};
	}
}

void ilv_table_column_is_bar(struct ilv_table *table)
{
	table->columns[table->column_count - 1].is_bar = true;
}

/* The next cell, empty; NULL when memory is short. */
static struct ilv_table_cell *next_cell(struct ilv_table *table)
{
	if (table->cell_count == table->cell_capacity) {
		size_t capacity = table->cell_capacity ? table->cell_capacity * 2 : 64;
		struct ilv_table_cell *grown =
			realloc(table->cells, capacity * sizeof(*table->cells));

		if (!grown) {
			table->is_out_of_memory = true;
			return NULL;
		}
		table->cells = grown;
		table->cell_capacity = capacity;
	}

	memset(&table->cells[table->cell_count], 0, sizeof(*table->cells));
	return &table->cells[table->cell_count++];
}

static void add_safe(struct ilv_table *table, const char *text)
{
	struct ilv_table_cell *cell = next_cell(table);

	if (cell && text) {
		cell->text = strdup(text);
		table->is_out_of_memory |= !cell->text;
	}
}

void ilv_table_text(struct ilv_table *table, const char *text)
{
	char safe[CELL_SIZE];

	add_safe(table, text ? ilv_escape_text(text, table->style->has_unicode, safe, sizeof(safe))
			     : NULL);
}

void ilv_table_printf(struct ilv_table *table, const char *format, ...)
{
	char text[CELL_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	ilv_table_text(table, text);
}

void ilv_table_duration(struct ilv_table *table, int64_t duration_ns)
{
	char text[ILV_DURATION_TEXT_SIZE];

	if (duration_ns == 0) {
		add_safe(table, "0"); /* None is none in every unit. */
		return;
	}

	ilv_text_duration(table->style, duration_ns, text, sizeof(text));
	add_safe(table, duration_ns == ILV_UNKNOWN ? NULL : text);
}

void ilv_table_count(struct ilv_table *table, int64_t count)
{
	char text[ILV_DURATION_TEXT_SIZE];

	ilv_count_text(count, text, sizeof(text));
	add_safe(table, count == ILV_UNKNOWN ? NULL : text);
}

void ilv_table_number(struct ilv_table *table, double value)
{
	char text[ILV_DURATION_TEXT_SIZE];

	if (isfinite(value)) {
		ilv_number_text(value, 2, text, sizeof(text));
		add_safe(table, text);
	} else {
		ilv_table_text(table, NULL);
	}
}

void ilv_table_percent(struct ilv_table *table, double ratio)
{
	if (isfinite(ratio)) {
		ilv_table_printf(table, "%.0f %%", ratio * 100);
	} else {
		ilv_table_text(table, NULL);
	}
}

void ilv_table_bar(struct ilv_table *table, const struct ilv_bar_part *parts, size_t part_count,
		   int64_t whole, uint32_t width)
{
	char text[BAR_WIDTH_MAX * 4 + 1] = "";
	char paints[BAR_WIDTH_MAX + 1] = "";
	int64_t sum = 0;
	size_t length = 0;
	uint32_t drawn = 0;
	struct ilv_table_cell *cell;

	width = width < BAR_WIDTH_MAX ? width : BAR_WIDTH_MAX;
	for (size_t part = 0; part < part_count && whole > 0; part++) {
		const char *glyph = ilv_bar_glyph_text(table->style, parts[part].glyph);
		uint32_t up_to;

		/* Rounding where parts end, not how long they are, keeps the sum right. */
		sum += parts[part].amount > 0 ? parts[part].amount : 0;
		up_to = (uint32_t)lround((double)width * (double)sum / (double)whole);
		for (; drawn < up_to && drawn < width; drawn++) {
			paints[drawn] = (char)(parts[part].paint + 1);
			(void)strcpy(text + length, glyph);
			length += strlen(glyph);
		}
	}
	paints[drawn] = '\0';

	cell = next_cell(table);
	if (cell) {
		cell->text = strdup(text);
		cell->glyph_paints = strdup(paints);
		table->is_out_of_memory |= !cell->text || !cell->glyph_paints;
	}
}

void ilv_table_gauge(struct ilv_table *table, int64_t amount, int64_t whole, uint32_t width)
{
	static const char *const eighths[] = {"",       "\u258f", "\u258e", "\u258d",
					      "\u258c", "\u258b", "\u258a", "\u2589"};
	char text[BAR_WIDTH_MAX * 4 + 1] = "";
	size_t length = 0;
	uint32_t eighth_count;

	width = width < BAR_WIDTH_MAX ? width : BAR_WIDTH_MAX;
	if (amount == ILV_UNKNOWN || whole <= 0) {
		add_safe(table, "");
		return;
	}

	eighth_count = (uint32_t)lround(8.0 * width * (double)amount / (double)whole);
	if (eighth_count == 0 && amount > 0) {
		eighth_count = 1; /* Something is never shown as nothing. */
	}
	if (!table->style->has_unicode) {
		eighth_count = (eighth_count + 7) / 8 * 8;
	}
	for (uint32_t full = 0; full < eighth_count / 8 && full < width; full++) {
		const char *glyph = table->style->has_unicode ? "\u2588" : "#";

		(void)strcpy(text + length, glyph);
		length += strlen(glyph);
	}
	if (eighth_count / 8 < width) {
		(void)strcpy(text + length, eighths[eighth_count % 8]);
	}
	add_safe(table, text);
}

/* The columns that are shown, and how wide; 0: left out. */
static void measure(const struct ilv_table *table, uint32_t *widths)
{
	size_t row_count = table->cell_count / table->column_count;

	for (uint32_t column = 0; column < table->column_count; column++) {
		uint32_t width = (uint32_t)ilv_text_width(table->columns[column].header);
		bool has_content = column == 0;

		for (size_t row = 0; row < row_count; row++) {
			const struct ilv_table_cell *cell =
				&table->cells[row * table->column_count + column];
			uint32_t wanted = cell->text ? (uint32_t)ilv_text_width(cell->text) : 1;

			has_content = has_content || (cell->text && cell->text[0]);
			width = wanted > width ? wanted : width;
		}
		if (table->columns[column].width_max && width > table->columns[column].width_max) {
			width = table->columns[column].width_max;
		}
		widths[column] = has_content ? width : 0;
	}
}

static uint32_t line_width(const struct ilv_table *table, const uint32_t *widths)
{
	uint32_t width = 0;

	for (uint32_t column = 0; column < table->column_count; column++) {
		width += widths[column] ? widths[column] + GAP : 0;
	}

	return width;
}

/* The widest column of words that is wider than it may become, the rows' names being no narrower
 * than `name_least`; UINT32_MAX: none. */
static uint32_t widest_words(const struct ilv_table *table, const uint32_t *widths,
			     uint32_t name_least)
{
	uint32_t widest = UINT32_MAX;

	for (uint32_t column = 0; column < table->column_count; column++) {
		uint32_t least = column == 0 ? name_least : WIDTH_LEAST;

		if (!table->columns[column].is_number && !table->columns[column].is_bar &&
		    widths[column] > least &&
		    (widest == UINT32_MAX || widths[column] > widths[widest])) {
			widest = column;
		}
	}

	return widest;
}

/* Shortens columns of words, the widest first, then leaves out the last columns, until a line fits;
 * only where few are left, the rows' names, by which they are told apart, are shortened too. */
static void fit(const struct ilv_table *table, uint32_t *widths)
{
	while (line_width(table, widths) > table->style->width + GAP) {
		uint32_t widest = widest_words(table, widths, NAME_LEAST);
		uint32_t last = 0;

		for (uint32_t column = 0; column < table->column_count; column++) {
			last = widths[column] ? column : last;
		}
		if (widest == UINT32_MAX && last < COLUMNS_LEAST) {
			widest = widest_words(table, widths, WIDTH_LEAST);
		}

		if (widest != UINT32_MAX) {
			widths[widest]--;
		} else if (last > 0) {
			widths[last] = 0;
		} else {
			break;
		}
	}
}

static void write_glyphs(const struct ilv_table *table, const struct ilv_table_cell *cell,
			 size_t length, FILE *stream)
{
	size_t at = 0;
	size_t glyph = 0;

	while (at < length) {
		size_t end = at;
		char paint = cell->glyph_paints[glyph];

		while (end < length && cell->glyph_paints[glyph] == paint) {
			end += ilv_text_fit(cell->text + end, 1);
			glyph++;
		}
		write_painted(table->style, (enum ilv_paint)(paint - 1), cell->text + at, end - at,
			      stream);
		at = end;
	}
}

/* The width of the first `length` bytes of `text`. */
static size_t width_of_start(const char *text, size_t length)
{
	return ilv_text_width(text) - ilv_text_width(text + length);
}

/* Writes one cell; `is_last` ones are not filled up with blanks. */
static void write_cell(const struct ilv_table *table, const struct ilv_table_column *column,
		       const struct ilv_table_cell *cell, uint32_t width, bool is_last,
		       FILE *stream)
{
	const char *text = cell->text ? cell->text : "-";
	const char *mark = "";
	size_t shown = ilv_text_width(text);
	size_t length = strlen(text);
	int padding;

	if (shown > width) {
		mark = mark_of(table->style);
		length = ilv_text_fit(text, width - 1);
		/* A wide character may have left a column free. */
		shown = width_of_start(text, length) + 1;
	}

	padding = width > shown ? (int)(width - shown) : 0;
	if (column->is_number) {
		(void)fprintf(stream, "%*s", padding, "");
	}
	if (cell->glyph_paints) {
		write_glyphs(table, cell, length, stream);
	} else {
		write_painted(table->style, cell->text ? cell->paint : ILV_PAINT_FAINT, text,
			      length, stream);
	}
	(void)fputs(mark, stream);
	if (!column->is_number && !is_last) {
		(void)fprintf(stream, "%*s", padding, "");
	}
}

static void write_row(const struct ilv_table *table, const struct ilv_table_cell *cells,
		      const uint32_t *widths, FILE *stream)
{
	uint32_t last = 0;

	for (uint32_t column = 0; column < table->column_count; column++) {
		if (widths[column] &&
		    (column == 0 || !cells[column].text || cells[column].text[0])) {
			last = column;
		}
	}
	for (uint32_t column = 0; column <= last; column++) {
		if (widths[column] == 0) {
			continue;
		}
		if (column > 0) {
			(void)fprintf(stream, "%*s", GAP, "");
		}
		write_cell(table, &table->columns[column], &cells[column], widths[column],
			   column == last, stream);
	}
	(void)fputc('\n', stream);
}

enum ilv_status ilv_table_write(struct ilv_table *table, FILE *stream)
{
	uint32_t widths[ILV_TABLE_COLUMN_MAX] = {0};
	struct ilv_table_cell headers[ILV_TABLE_COLUMN_MAX];

	if (table->is_out_of_memory) {
		ilv_cause_add("Cannot write a table: memory is short");
		return ILV_STATUS_MEMORY;
	}
	if (table->cell_count == 0) {
		return ILV_STATUS_OK;
	}

	measure(table, widths);
	fit(table, widths);
	for (uint32_t column = 0; column < table->column_count; column++) {
		headers[column] = (struct ilv_table_cell){
			.text = (char *)table->columns[column].header,
			.paint = column == 0 ? ILV_PAINT_STRONG : ILV_PAINT_FAINT,
		};
	}

	(void)fputc('\n', stream);
	write_row(table, headers, widths, stream);
	for (size_t at = 0; at < table->cell_count; at += table->column_count) {
		write_row(table, &table->cells[at], widths, stream);
	}

	return ILV_STATUS_OK;
}
