/* SPDX-License-Identifier: MIT */
/* Description: writes SVG through libxml2's writer. */
#include "viz/svg.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/xmlwriter.h>

#include "base/cause.h"
#include "viz/theme.h"
#include "viz/words.h"

/* Longer texts are cut; a line of a picture holds some 200 characters. */
#define TEXT_SIZE 1024

struct ilv_svg {
	xmlBufferPtr buffer;
	xmlTextWriterPtr writer;
	bool is_failed;
};

/* Writes at most two decimals, without zeros that say nothing. */
static int number_text(char *text, size_t size, double number)
{
	int length;

	if (!isfinite(number)) {
		number = 0;
	}

	length = snprintf(text, size, "%.2f", number);
	while (length > 0 && text[length - 1] == '0') {
		length--;
	}
	if (length > 0 && text[length - 1] == '.') {
		length--;
	}
	text[length] = '\0';
	if (strcmp(text, "-0") == 0) {
		memcpy(text, "0", 2);
		length = 1;
	}

	return length;
}

static void path_bytes(struct ilv_svg_path *path, const char *bytes, size_t length)
{
	if (path->length + length + 1 > path->size) {
		size_t size = path->size ? path->size * 2 : 256;
		char *text;

		while (size < path->length + length + 1) {
			size *= 2;
		}
		text = realloc(path->text, size);
		if (!text) {
			path->is_short = true;
			return;
		}
		path->text = text;
		path->size = size;
	}

	memcpy(path->text + path->length, bytes, length);
	path->length += length;
	path->text[path->length] = '\0';
}

void ilv_svg_path_add(struct ilv_svg_path *path, const char *pattern, ...)
{
	va_list numbers;

	va_start(numbers, pattern);
	for (; *pattern; pattern++) {
		char text[32];

		if (*pattern == '~') {
			int length = number_text(text, sizeof(text), va_arg(numbers, double));

			path_bytes(path, text, (size_t)length);
		} else {
			path_bytes(path, pattern, 1);
		}
	}
	va_end(numbers);
}

void ilv_svg_path_rect(struct ilv_svg_path *path, double x, double y, double width, double height)
{
	ilv_svg_path_add(path, "M~ ~h~v~h~z", x, y, width, height, -width);
}

void ilv_svg_path_fini(struct ilv_svg_path *path)
{
	free(path->text);
	memset(path, 0, sizeof(*path));
}

static void check(struct ilv_svg *svg, int result)
{
	if (result < 0) {
		svg->is_failed = true;
	}
}

static void attribute(struct ilv_svg *svg, const char *name, const char *value)
{
	check(svg, xmlTextWriterWriteAttribute(svg->writer, BAD_CAST name, BAD_CAST value));
}

static void attribute_number(struct ilv_svg *svg, const char *name, double value)
{
	char text[32];

	number_text(text, sizeof(text), value);
	attribute(svg, name, text);
}

static void text_node(struct ilv_svg *svg, const char *text)
{
	char clean[TEXT_SIZE];

	ilv_words_clean(clean, sizeof(clean), text);
	check(svg, xmlTextWriterWriteString(svg->writer, BAD_CAST clean));
}

static void line_feed(struct ilv_svg *svg)
{
	check(svg, xmlTextWriterWriteRaw(svg->writer, BAD_CAST "\n"));
}

struct ilv_svg *ilv_svg_create(double width, double height, const char *title,
			       const char *description)
{
	struct ilv_svg *svg = calloc(1, sizeof(*svg));
	char box[64];

	if (!svg) {
		goto fail;
	}

	svg->buffer = xmlBufferCreate();
	svg->writer = svg->buffer ? xmlNewTextWriterMemory(svg->buffer, 0) : NULL;
	if (!svg->writer) {
		goto fail;
	}

	check(svg, xmlTextWriterStartElement(svg->writer, BAD_CAST "svg"));
	attribute(svg, "xmlns", "http://www.w3.org/2000/svg");
	attribute_number(svg, "width", width);
	attribute_number(svg, "height", height);
	snprintf(box, sizeof(box), "0 0 %.0f %.0f", width, height);
	attribute(svg, "viewBox", box);
	attribute(svg, "role", "img");
	attribute(svg, "aria-labelledby", "title description");
	line_feed(svg);
	check(svg, xmlTextWriterStartElement(svg->writer, BAD_CAST "title"));
	attribute(svg, "id", "title");
	text_node(svg, title);
	ilv_svg_close(svg);
	check(svg, xmlTextWriterStartElement(svg->writer, BAD_CAST "desc"));
	attribute(svg, "id", "description");
	text_node(svg, description);
	ilv_svg_close(svg);
	check(svg, xmlTextWriterStartElement(svg->writer, BAD_CAST "style"));
	check(svg, xmlTextWriterWriteString(svg->writer, BAD_CAST ilv_theme_css()));
	ilv_svg_close(svg);
	check(svg, xmlTextWriterStartElement(svg->writer, BAD_CAST "defs"));
	check(svg, xmlTextWriterWriteRaw(svg->writer, BAD_CAST ilv_theme_patterns()));
	ilv_svg_close(svg);
	ilv_svg_rect(svg, "paper", 0, 0, width, height, 0, NULL);
	return svg;

fail:
	ilv_cause_add("Cannot begin picture: not enough memory");
	ilv_svg_destroy(svg);
	return NULL;
}

void ilv_svg_destroy(struct ilv_svg *svg)
{
	if (!svg) {
		return;
	}

	if (svg->writer) {
		xmlFreeTextWriter(svg->writer);
	}
	if (svg->buffer) {
		xmlBufferFree(svg->buffer);
	}
	free(svg);
}

void ilv_svg_fail(struct ilv_svg *svg)
{
	svg->is_failed = true;
}

void ilv_svg_open(struct ilv_svg *svg, const char *name, const char *css_class)
{
	check(svg, xmlTextWriterStartElement(svg->writer, BAD_CAST name));
	if (css_class) {
		attribute(svg, "class", css_class);
	}
}

void ilv_svg_close(struct ilv_svg *svg)
{
	check(svg, xmlTextWriterEndElement(svg->writer));
	line_feed(svg);
}

void ilv_svg_title(struct ilv_svg *svg, const char *text)
{
	check(svg, xmlTextWriterStartElement(svg->writer, BAD_CAST "title"));
	text_node(svg, text);
	check(svg, xmlTextWriterEndElement(svg->writer));
}

void ilv_svg_style(struct ilv_svg *svg, const char *css)
{
	ilv_svg_open(svg, "style", NULL);
	check(svg, xmlTextWriterWriteString(svg->writer, BAD_CAST css));
	ilv_svg_close(svg);
}

void ilv_svg_rect(struct ilv_svg *svg, const char *css_class, double x, double y, double width,
		  double height, double radius, const char *title)
{
	ilv_svg_open(svg, "rect", css_class);
	attribute_number(svg, "x", x);
	attribute_number(svg, "y", y);
	attribute_number(svg, "width", width);
	attribute_number(svg, "height", height);
	if (radius > 0) {
		attribute_number(svg, "rx", radius);
	}
	if (title) {
		ilv_svg_title(svg, title);
	}
	ilv_svg_close(svg);
}

void ilv_svg_circle(struct ilv_svg *svg, const char *css_class, double x, double y, double radius)
{
	ilv_svg_open(svg, "circle", css_class);
	attribute_number(svg, "cx", x);
	attribute_number(svg, "cy", y);
	attribute_number(svg, "r", radius);
	ilv_svg_close(svg);
}

void ilv_svg_path(struct ilv_svg *svg, const char *css_class, struct ilv_svg_path *path,
		  const char *title)
{
	svg->is_failed |= path->is_short;
	if (path->length == 0) {
		return;
	}

	ilv_svg_open(svg, "path", css_class);
	attribute(svg, "d", path->text);
	if (title) {
		ilv_svg_title(svg, title);
	}
	ilv_svg_close(svg);
	path->length = 0;
}

static void open_text(struct ilv_svg *svg, const char *css_class, const char *anchor, double x,
		      double y)
{
	ilv_svg_open(svg, "text", css_class);
	attribute_number(svg, "x", x);
	attribute_number(svg, "y", y);
	if (anchor) {
		attribute(svg, "text-anchor", anchor);
	}
}

void ilv_svg_text(struct ilv_svg *svg, const char *css_class, const char *anchor, double x,
		  double y, const char *text)
{
	open_text(svg, css_class, anchor, x, y);
	text_node(svg, text);
	ilv_svg_close(svg);
}

void ilv_svg_text_fit(struct ilv_svg *svg, const char *css_class, const char *anchor, double x,
		      double y, const char *text, double font_px, double width)
{
	char fitted[TEXT_SIZE];
	char clean[TEXT_SIZE];

	ilv_words_clean(clean, sizeof(clean), text);
	memcpy(fitted, clean, sizeof(fitted));
	ilv_words_fit(fitted, font_px, false, width);
	open_text(svg, css_class, anchor, x, y);
	if (strcmp(fitted, clean) != 0) {
		ilv_svg_title(svg, clean);
	}
	text_node(svg, fitted);
	ilv_svg_close(svg);
}

enum ilv_status ilv_svg_finish(struct ilv_svg *svg, const char **text, size_t *size)
{
	check(svg, xmlTextWriterEndDocument(svg->writer));
	check(svg, xmlTextWriterFlush(svg->writer));
	if (svg->is_failed || !xmlBufferContent(svg->buffer)) {
		ilv_cause_add("Cannot write picture: not enough memory");
		return ILV_STATUS_MEMORY;
	}

	*text = (const char *)xmlBufferContent(svg->buffer);
	*size = (size_t)xmlBufferLength(svg->buffer);
	return ILV_STATUS_OK;
}
