/* SPDX-License-Identifier: MIT */
/*
 * Description: text for pictures: what a trace calls things is made harmless, measured, shortened
 * and wrapped.
 */
#ifndef ILV_VIZ_WORDS_H
#define ILV_VIZ_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <interleave/events.h>

/*
 * Copies `raw` as valid UTF-8 without control characters and without those that turn the direction
 * of writing: each bad byte becomes U+FFFD, each kind of white space a blank. What does not fit
 * into `size` bytes is cut at the end of a character and marked by an ellipsis. NULL counts as
 * empty.
 */
void ilv_words_clean(char *clean, size_t size, const char *raw);

/* How wide `text` is at `font_px`, by the widths of DejaVu Sans, the widest of the usual fonts. */
double ilv_words_width(const char *text, double font_px, bool is_bold);

/* Shortens `text` in place, with an ellipsis, until it is at most `width_px` wide. */
void ilv_words_fit(char *text, double font_px, bool is_bold, double width_px);

/*
 * Copies the longest run of whole words of `*text` that fits `width_px` to `line`, and moves
 * `*text` behind them. A word that is wider than a line is cut with an ellipsis. False: nothing was
 * left.
 */
bool ilv_words_line(const char **text, double font_px, bool is_bold, double width_px, char *line,
		    size_t size);

/* Copies what fits `columns` columns of a terminal, with an ellipsis where it was cut; pads on the
 * right with blanks. */
void ilv_words_pad(char *padded, size_t size, const char *text, unsigned int columns,
		   bool has_unicode);

/* What somebody does who waits for `reason`: "sleeps", "waits for a lock". Static. */
const char *ilv_words_reason(enum ilv_wait_reason reason);

#endif /* ILV_VIZ_WORDS_H */
