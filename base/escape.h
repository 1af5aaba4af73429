/* SPDX-License-Identifier: MIT */
/*
 * Description: makes strings of a trace safe to show. Names are hostile input: they may hold
 * terminal sequences, broken UTF-8, or characters that XML forbids or that turn the direction of a
 * line.
 */
#ifndef ILV_BASE_ESCAPE_H
#define ILV_BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes `text` to `safe`, at most `size` bytes with the NUL: valid UTF-8 of characters that can be
 * shown and are legal in XML. What is not (control characters, broken UTF-8, surrogates,
 * non-characters, direction marks) becomes U+FFFD, or
 * '?' without `has_unicode`, where every character beyond ASCII does, but for the micro sign of our
 * own durations, which becomes 'u'. Cut at a character's boundary
 * when it does not fit. NULL is the empty string. Returns `safe`. Markup is not quoted: that is the
 * writer's of the format.
 */
const char *ilv_escape_text(const char *text, bool has_unicode, char *safe, size_t size);

/* The same in memory of its own, with U+FFFD; the caller's to free. NULL when memory is short or
 * `text` is NULL. */
char *ilv_escape_copy(const char *text);

/* The columns of a terminal that valid UTF-8 takes: combining marks none, wide characters two. */
size_t ilv_text_width(const char *text);

/*
 * Returns how many bytes of valid UTF-8 `text` fit into `column_count` columns, whole characters
 * with their combining marks.
 */
size_t ilv_text_fit(const char *text, size_t column_count);

#endif /* ILV_BASE_ESCAPE_H */
