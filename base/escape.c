/* SPDX-License-Identifier: MIT */
/* Description: makes strings of a trace safe to show, and measures how wide they are. */
#include "base/escape.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define INVALID     UINT32_MAX
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define MICRO_SIGN  0xb5

struct range {
	uint32_t first, last;
};

/* Characters that are legal UTF-8 and yet not to be shown. */
static const struct range unsafe_ranges[] = {
	{0x0000, 0x001f},   /* C0 controls */
	{0x007f, 0x009f},   /* DEL and C1 controls, which some terminals obey */
	{0x061c, 0x061c},   /* direction marks */
	{0x200b, 0x200f},   /* zero-width characters and direction marks */
	{0x2028, 0x202e},   /* line separators, direction overrides */
	{0x2060, 0x206f},   /* invisible operators, direction isolates */
	{0xd800, 0xdfff},   /* surrogates */
	{0xfdd0, 0xfdef},   /* non-characters */
	{0xfeff, 0xfeff},   /* byte order mark */
	{0xfff9, 0xfffb},   /* interlinear annotation */
	{0xe0000, 0xe007f}, /* tags */
};

static const struct range combining_ranges[] = {
	{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f}, {0x1ab0, 0x1aff},
	{0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef},
};

static const struct range wide_ranges[] = {
	{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
	{0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
	{0xfe30, 0xfe4f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
	{0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd},
};

#define IS_IN(ranges, character) is_in(ranges, sizeof(ranges) / sizeof((ranges)[0]), character)

static bool is_in(const struct range *ranges, size_t count, uint32_t character)
{
	for (size_t at = 0; at < count; at++) {
		if (character >= ranges[at].first && character <= ranges[at].last) {
			return true;
		}
	}

	return false;
}

static bool is_safe(uint32_t character)
{
	return character != INVALID && (character & 0xfffe) != 0xfffe &&
	       !IS_IN(unsafe_ranges, character);
}

/* Takes one character from `text`; INVALID and one byte where it is not UTF-8 in its shortest form.
 */
static uint32_t decode(const unsigned char *text, size_t *length)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t character;
	size_t expected;

	*length = 1;
	if (text[0] < 0x80) {
		return text[0];
	}
	if ((text[0] & 0xe0) == 0xc0) {
		expected = 2;
		character = text[0] & 0x1f;
	} else if ((text[0] & 0xf0) == 0xe0) {
		expected = 3;
		character = text[0] & 0x0f;
	} else if ((text[0] & 0xf8) == 0xf0) {
		expected = 4;
		character = text[0] & 0x07;
	} else {
		return INVALID;
	}

	for (size_t at = 1; at < expected; at++) {
		if ((text[at] & 0xc0) != 0x80) {
			return INVALID; /* The terminating NUL ends here too. */
		}
		character = character << 6 | (text[at] & 0x3f);
	}
	if (character < least[expected] || character > 0x10ffff) {
		return INVALID;
	}

	*length = expected;
	return character;
}

const char *ilv_escape_text(const char *text, bool has_unicode, char *safe, size_t size)
{
	const unsigned char *at = (const unsigned char *)(text ? text : "");
	size_t written = 0;

	if (size == 0) {
		return safe;
	}

	while (*at) {
		size_t length;
		uint32_t character = decode(at, &length);
		const char *piece = (const char *)at;
		size_t piece_length = length;

		if (!is_safe(character) || (!has_unicode && character > 0x7f)) {
			piece = has_unicode ? REPLACEMENT : character == MICRO_SIGN ? "u" : "?";
			piece_length = strlen(piece);
		}
		if (written + piece_length >= size) {
			break;
		}

		memcpy(safe + written, piece, piece_length);
		written += piece_length;
		at += length;
	}

	safe[written] = '\0';
	return safe;
}

char *ilv_escape_copy(const char *text)
{
	size_t size;
	char *copy;

	if (!text) {
		return NULL;
	}

	/* A byte becomes at most the three of U+FFFD. */
	size = strlen(text) * 3 + 1;
	copy = malloc(size);
	if (copy) {
		ilv_escape_text(text, true, copy, size);
	}

	return copy;
}

static size_t width_of(uint32_t character)
{
	if (IS_IN(combining_ranges, character)) {
		return 0;
	}

	return IS_IN(wide_ranges, character) ? 2 : 1;
}

size_t ilv_text_width(const char *text)
{
	size_t width = 0;
	size_t length;

	for (const unsigned char *at = (const unsigned char *)text; *at; at += length) {
		width += width_of(decode(at, &length));
	}

	return width;
}

size_t ilv_text_fit(const char *text, size_t column_count)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t width = 0;

	while (*at) {
		size_t length;
		size_t more = width_of(decode(at, &length));

		if (width + more > column_count) {
			break;
		}

		width += more;
		at += length;
	}

	return (size_t)((const char *)at - text);
}
