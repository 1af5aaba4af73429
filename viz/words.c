/* SPDX-License-Identifier: MIT */
/* Description: text for pictures: harmless, measured, shortened and wrapped. */
#include "viz/words.h"

#include <stdio.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS    "\xe2\x80\xa6"

/* Advance widths of DejaVu Sans for U+0020 to U+007E, in thousandths of the font's size. */
static const uint16_t advances[] = {
	318,  401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,
	636,  636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531,
	1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
	603,  787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500,
	500,  613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,
	635,  635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
};

/* Bold letters are wider, by about this much. */
#define BOLD_FACTOR 1.11

/* Decodes one character; its length is 0 when the bytes are not valid UTF-8. */
static size_t decode(const char *raw, uint32_t *character)
{
	const unsigned char *bytes = (const unsigned char *)raw;
	size_t length;
	uint32_t smallest;

	if (bytes[0] < 0x80) {
		*character = bytes[0];
		return 1;
	}

	if (bytes[0] >= 0xc2 && bytes[0] <= 0xdf) {
		length = 2;
		*character = bytes[0] & 0x1f;
		smallest = 0x80;
	} else if ((bytes[0] & 0xf0) == 0xe0) {
		length = 3;
		*character = bytes[0] & 0x0f;
		smallest = 0x800;
	} else if (bytes[0] >= 0xf0 && bytes[0] <= 0xf4) {
		length = 4;
		*character = bytes[0] & 0x07;
		smallest = 0x10000;
	} else {
		return 0;
	}

	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80) {
			return 0;
		}

		*character = *character << 6 | (bytes[i] & 0x3f);
	}

	if (*character < smallest || *character > 0x10ffff ||
	    (*character >= 0xd800 && *character <= 0xdfff)) {
		return 0;
	}

	return length;
}

/* Controls, what XML 1.0 forbids, and what would turn the text around it. */
static bool is_harmful(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character <= 0x9f) ||
	       (character >= 0x200b && character <= 0x200f) ||
	       (character >= 0x2028 && character <= 0x202e) ||
	       (character >= 0x2060 && character <= 0x206f) || character == 0xfeff ||
	       character == 0x061c || (character & 0xfffe) == 0xfffe;
}

void ilv_words_clean(char *clean, size_t size, const char *raw)
{
	size_t used = 0;
	size_t cut_at = 0; /* where an ellipsis would still fit */

	if (!raw) {
		raw = "";
	}

	while (*raw) {
		uint32_t character = 0;
		size_t length = decode(raw, &character);
		const char *piece = raw;
		size_t piece_length = length;

		if (*raw == '\t' || *raw == '\n' || *raw == '\r') {
			piece = " ";
		} else if (length == 0 || is_harmful(character)) {
			piece = REPLACEMENT;
			piece_length = 3;
		}

		if (used + piece_length + 1 > size) {
			used = cut_at;
			if (used + 3 < size) {
				memcpy(clean + used, ELLIPSIS, 3);
				used += 3;
			}
			break;
		}

		memcpy(clean + used, piece, piece_length);
		used += piece_length;
		raw += length ? length : 1;
		if (used + 4 <= size) {
			cut_at = used;
		}
	}

	if (size) {
		clean[used] = '\0';
	}
}

static double advance(uint32_t character)
{
	if (character >= 0x20 && character <= 0x7e) {
		return advances[character - 0x20] / 1000.0;
	}

	if (character == 0x2026) {
		return 1.0;
	}

	/* Letters with accents, Greek and Cyrillic are like ours; what lies beyond may be as wide
	 * as high. */
	return character < 0x1100 ? 0.66 : 1.0;
}

/* The length in bytes of the longest beginning of `text` within `width` ems. */
static size_t fitting_length(const char *text, double width)
{
	size_t length = 0;

	while (text[length]) {
		uint32_t character = 0xfffd;
		size_t step = decode(text + length, &character);

		width -= advance(character);
		if (width < 0) {
			break;
		}
		length += step ? step : 1;
	}

	return length;
}

double ilv_words_width(const char *text, double font_px, bool is_bold)
{
	double width = 0;

	while (*text) {
		uint32_t character = 0xfffd;
		size_t step = decode(text, &character);

		width += advance(character);
		text += step ? step : 1;
	}

	return width * font_px * (is_bold ? BOLD_FACTOR : 1);
}

void ilv_words_fit(char *text, double font_px, bool is_bold, double width_px)
{
	double ems = width_px / font_px / (is_bold ? BOLD_FACTOR : 1);
	size_t length = strlen(text);
	size_t fits;

	if (fitting_length(text, ems) == length) {
		return;
	}

	fits = fitting_length(text, ems - 1);
	while (fits > 0 && fits + 3 > length) {
		/* The ellipsis takes three bytes: the text must give up as many. */
		fits--;
		while (fits > 0 && ((unsigned char)text[fits] & 0xc0) == 0x80) {
			fits--;
		}
	}

	if (fits + 3 <= length) {
		memcpy(text + fits, ELLIPSIS, 4);
	} else {
		text[0] = '\0';
	}
}

bool ilv_words_line(const char **text, double font_px, bool is_bold, double width_px, char *line,
		    size_t size)
{
	double ems = width_px / font_px / (is_bold ? BOLD_FACTOR : 1);
	const char *start = *text + strspn(*text, " ");
	size_t fits = fitting_length(start, ems);

	if (!*start) {
		return false;
	}

	if (fits >= size) {
		fits = size - 1;
	}

	if (start[fits] && start[fits] != ' ') {
		size_t whole = fits;

		while (whole > 0 && start[whole] != ' ') {
			whole--;
		}

		if (whole == 0) {
			size_t word = strcspn(start, " ");

			snprintf(line, size, "%.*s", (int)word, start);
			ilv_words_fit(line, font_px, is_bold, width_px);
			*text = start + word;
			return true;
		}
		fits = whole;
	}

	memcpy(line, start, fits);
	while (fits > 0 && line[fits - 1] == ' ') {
		fits--;
	}
	line[fits] = '\0';
	*text = start + fits;
	return true;
}

void ilv_words_pad(char *padded, size_t size, const char *text, unsigned int columns,
		   bool has_unicode)
{
	unsigned int character_count = 0;
	unsigned int kept = columns;
	size_t used = 0;

	for (const char *c = text; *c; c++) {
		character_count += ((unsigned char)*c & 0xc0) != 0x80;
	}

	if (character_count > columns) {
		kept = columns > 0 ? columns - 1 : 0;
	}

	character_count = 0;
	while (*text && character_count < kept) {
		uint32_t character = 0xfffd;
		size_t step = decode(text, &character);

		step = step ? step : 1;
		if (used + step + 4 > size) {
			break;
		}
		if (has_unicode || character < 0x80) {
			memcpy(padded + used, text, step);
			used += step;
		} else {
			padded[used++] = '?';
		}
		text += step;
		character_count++;
	}

	if (*text && character_count < columns) {
		memcpy(padded + used, has_unicode ? ELLIPSIS : "~", has_unicode ? 3 : 1);
		used += has_unicode ? 3 : 1;
		character_count++;
	}

	while (character_count < columns && used + 1 < size) {
		padded[used++] = ' ';
		character_count++;
	}

	padded[used] = '\0';
}

const char *ilv_words_reason(enum ilv_wait_reason reason)
{
	switch (reason) {
	case ILV_WAIT_REASON_NONE:
		return "waits";
	case ILV_WAIT_REASON_YIELD:
		return "gave way";
	case ILV_WAIT_REASON_SLEEP:
		return "sleeps";
	case ILV_WAIT_REASON_READ:
		return "waits to read";
	case ILV_WAIT_REASON_WRITE:
		return "waits to write";
	case ILV_WAIT_REASON_POLL:
		return "waits for I/O";
	case ILV_WAIT_REASON_COND:
		return "waits for a condition";
	case ILV_WAIT_REASON_BARRIER:
		return "waits at a barrier";
	case ILV_WAIT_REASON_LOCK:
		return "waits for a lock";
	case ILV_WAIT_REASON_GIL:
		return "waits for the GIL";
	case ILV_WAIT_REASON_JOIN:
		return "waits for a thread to end";
	case ILV_WAIT_REASON_CHILD:
		return "waits for a child";
	case ILV_WAIT_REASON_TASK:
		return "awaits a task";
	case ILV_WAIT_REASON_POOL_JOB:
		return "waits for a pool's job";
	case ILV_WAIT_REASON_QUEUE:
		return "waits at a queue";
	case ILV_WAIT_REASON_LOOP:
		return "waits for events";
	}

	return "waits";
}
