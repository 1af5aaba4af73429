/* SPDX-License-Identifier: MIT */
/* Description: quotes what a shell would not take as it stands. */
#include "base/shell.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Letters beyond ASCII mean nothing to a shell. */
static bool is_plain(const char *text)
{
	if (text[0] == '\0') {
		return false;
	}

	for (const char *at = text; *at; at++) {
		bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
				 (*at >= '0' && *at <= '9') || (unsigned char)*at >= 0x80;

		if (!is_letter && !strchr("_./:=@%+,-", *at)) {
			return false;
		}
	}

	return true;
}

char *ilv_shell_word(const char *text)
{
	char *word;
	char *end;

	if (is_plain(text)) {
		return strdup(text);
	}

	/* A quote, within quotes, becomes the four of '\''. */
	word = malloc(4 * strlen(text) + 3);
	if (!word) {
		return NULL;
	}

	end = word;
	*end++ = '\'';
	for (const char *at = text; *at; at++) {
		if (*at == '\'') {
			end = stpcpy(end, "'\\''");
		} else {
			*end++ = *at;
		}
	}
	*end++ = '\'';
	*end = '\0';

	return word;
}
