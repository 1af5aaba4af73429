/* SPDX-License-Identifier: MIT */
/*
 * Description: writes SVG, a thin layer over libxml2's writer. Errors stick: a document that could
 * not be written whole says so once, at its end. All text goes through `ilv_words_clean`.
 */
#ifndef ILV_VIZ_SVG_H
#define ILV_VIZ_SVG_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"

/* Data of a <path>, built by and by; a zeroed one is empty. */
struct ilv_svg_path {
	char *text;
	size_t length, size;
	bool is_short; /* memory was */
};

/* Adds drawing commands: letters as they are, each `~` replaced by the next number with at most two
 * decimals. */
void ilv_svg_path_add(struct ilv_svg_path *path, const char *pattern, ...);
void ilv_svg_path_rect(struct ilv_svg_path *path, double x, double y, double width, double height);
void ilv_svg_path_fini(struct ilv_svg_path *path);

struct ilv_svg;

/* Begins a document `width` wide and `height` high that is called `title`. NULL when memory is
 * short. */
struct ilv_svg *ilv_svg_create(double width, double height, const char *title,
			       const char *description);
void ilv_svg_destroy(struct ilv_svg *svg);

/* Says that a part of the document could not be made: `ilv_svg_finish` will fail. */
void ilv_svg_fail(struct ilv_svg *svg);

/* Opens <name class="css_class">; a NULL class is left out. */
void ilv_svg_open(struct ilv_svg *svg, const char *name, const char *css_class);
void ilv_svg_close(struct ilv_svg *svg);
void ilv_svg_title(struct ilv_svg *svg, const char *text);

/* Adds a style sheet to that of all pictures. */
void ilv_svg_style(struct ilv_svg *svg, const char *css);

/* Shapes; a `title` that is not NULL becomes their tooltip. */
void ilv_svg_rect(struct ilv_svg *svg, const char *css_class, double x, double y, double width,
		  double height, double radius, const char *title);
void ilv_svg_circle(struct ilv_svg *svg, const char *css_class, double x, double y, double radius);

/* Draws `path` and empties it; nothing when it is empty. */
void ilv_svg_path(struct ilv_svg *svg, const char *css_class, struct ilv_svg_path *path,
		  const char *title);

/* `anchor`: NULL for start, "middle", "end". */
void ilv_svg_text(struct ilv_svg *svg, const char *css_class, const char *anchor, double x,
		  double y, const char *text);

/* As `ilv_svg_text`, shortened to `width`, with the whole text as the tooltip when it had to be. */
void ilv_svg_text_fit(struct ilv_svg *svg, const char *css_class, const char *anchor, double x,
		      double y, const char *text, double font_px, double width);

/* Ends the document. `*size` is its size in bytes; the text is borrowed until destruction. */
enum ilv_status ilv_svg_finish(struct ilv_svg *svg, const char **text, size_t *size) ILV_NODISCARD;

#endif /* ILV_VIZ_SVG_H */
