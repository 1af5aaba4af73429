/* SPDX-License-Identifier: MIT */
/*
 * Description: lays out tables and paragraphs for a terminal: columns aligned by the width that is
 * shown, no line wider than the style allows, colour only as an addition. What goes in may be
 * hostile: it is made safe here.
 */
#ifndef ILV_ANALYSIS_REPORT_TEXT_TABLE_H
#define ILV_ANALYSIS_REPORT_TEXT_TABLE_H

#include "analysis/report/report.h"

#define ILV_TABLE_COLUMN_MAX 14

enum ilv_paint {
	ILV_PAINT_NONE,
	ILV_PAINT_STRONG, /* titles */
	ILV_PAINT_FAINT,  /* headers, what is beside the point */
	ILV_PAINT_RUNNING,
	ILV_PAINT_READY,
	ILV_PAINT_LOCK,
	ILV_PAINT_WAITING,
	ILV_PAINT_WARNING,
};

struct ilv_table_column {
	const char *header; /* a literal */
	bool is_number;     /* right-aligned, and never shortened */
	bool is_bar;        /* never shortened: half a bar would lie */
	uint32_t width_max; /* columns of the terminal; 0: as wide as its widest cell */
};

struct ilv_table_cell {
	char *text; /* owned; NULL: not known */
	enum ilv_paint paint;
	char *glyph_paints; /* owned: enum ilv_paint + 1 of each character of a bar; NULL: `paint`
			       for all */
};

struct ilv_table {
	const struct ilv_text_style *style;
	struct ilv_table_column columns[ILV_TABLE_COLUMN_MAX];
	uint32_t column_count;
	struct ilv_table_cell *cells; /* row by row */
	size_t cell_count, cell_capacity;
	bool is_out_of_memory;
};

void ilv_table_init(struct ilv_table *table, const struct ilv_text_style *style);
void ilv_table_fini(struct ilv_table *table);

/* Adds a column, before the first cell. The first column names the rows, its header the table. */
void ilv_table_column(struct ilv_table *table, const char *header, bool is_number,
		      uint32_t width_max);

/* Says that the column added last holds bars. */
void ilv_table_column_is_bar(struct ilv_table *table);

/* Add the next cell, row by row. NULL and unknown show as a dash; a column in which nothing is
 * known is left out. */
void ilv_table_text(struct ilv_table *table, const char *text);
void ilv_table_printf(struct ilv_table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void ilv_table_duration(struct ilv_table *table, int64_t duration_ns);
void ilv_table_count(struct ilv_table *table, int64_t count);
/* At two digits; NAN is unknown. */
void ilv_table_number(struct ilv_table *table, double value);
void ilv_table_percent(struct ilv_table *table, double ratio);

/* A part of a bar: what it shows, and how much. */
struct ilv_bar_part {
	enum ilv_bar_glyph {
		ILV_BAR_GLYPH_RUNNING,
		ILV_BAR_GLYPH_READY,
		ILV_BAR_GLYPH_WAITING,
		ILV_BAR_GLYPH_SUSPENDED,
		ILV_BAR_GLYPH_UNKNOWN,
	} glyph;
	enum ilv_paint paint;
	int64_t amount;
};

/* A bar of parts one after another, `whole` being as long as `width` columns. */
void ilv_table_bar(struct ilv_table *table, const struct ilv_bar_part *parts, size_t part_count,
		   int64_t whole, uint32_t width);

/* A bar for comparison down the column, to an eighth of a character where the terminal can. */
void ilv_table_gauge(struct ilv_table *table, int64_t amount, int64_t whole, uint32_t width);

/* Writes the table with an empty line before it; nothing when it has no rows. */
enum ilv_status ilv_table_write(struct ilv_table *table, FILE *stream) ILV_NODISCARD;

/* Writes `text`, made safe, in `paint`; no newline. */
void ilv_text_paint(const struct ilv_text_style *style, enum ilv_paint paint, const char *text,
		    FILE *stream);

/* Writes `text`, made safe, wrapped at words and indented by `indent` columns. A line break in it
 * is a control character like any other, or a name could forge lines. */
void ilv_text_paragraph(const struct ilv_text_style *style, unsigned int indent,
			enum ilv_paint paint, const char *text, FILE *stream);

/* The same with `lead` in the indent of its first line, made safe too, and shortened to leave a
 * blank. */
void ilv_text_item(const struct ilv_text_style *style, const char *lead, unsigned int indent,
		   enum ilv_paint paint, const char *text, FILE *stream);

/* Shortens `text`, which is safe, of `size` bytes, to `width` columns: then its end is a mark. */
void ilv_text_shorten(const struct ilv_text_style *style, char *text, size_t size, size_t width);

/* A duration with the micro sign where the style has it, in `text`, which is returned. */
const char *ilv_text_duration(const struct ilv_text_style *style, int64_t duration_ns, char *text,
			      size_t size);

/* The character that a part of a bar is drawn with: static. */
const char *ilv_bar_glyph_text(const struct ilv_text_style *style, enum ilv_bar_glyph glyph);

#endif /* ILV_ANALYSIS_REPORT_TEXT_TABLE_H */
