/* SPDX-License-Identifier: MIT */
/* Description: the chain of causes, a few fixed slots a thread, so that it works when memory is
 * gone. */
#include "base/cause.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CAUSE_MAX      6
#define CAUSE_SIZE     1024
#define CAUSE_JOIN     ": "
#define CAUSE_TEXT_MAX (CAUSE_MAX * (CAUSE_SIZE + sizeof(CAUSE_JOIN)))

static _Thread_local struct {
	char slots[CAUSE_MAX][CAUSE_SIZE];
	unsigned int count;
	char text[CAUSE_TEXT_MAX];
} chain;

void ilv_cause_add(const char *format, ...)
{
	va_list arguments;

	if (chain.count == CAUSE_MAX) {
		return;
	}

	va_start(arguments, format);
	(void)vsnprintf(chain.slots[chain.count], CAUSE_SIZE, format, arguments);
	va_end(arguments);

	for (char *at = chain.slots[chain.count]; *at; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7f) {
			*at = ' ';
		}
	}

	/* What keeps several from their work is found by each of them. */
	for (unsigned int index = 0; index < chain.count; index++) {
		if (strcmp(chain.slots[index], chain.slots[chain.count]) == 0) {
			return;
		}
	}

	chain.count++;
}

const char *ilv_cause_text(void)
{
	size_t length = 0;

	chain.text[0] = '\0';
	for (unsigned int index = chain.count; index > 0; index--) {
		const char *part = chain.slots[index - 1];
		const char *join = index == chain.count ? "" : CAUSE_JOIN;

		length += (size_t)snprintf(chain.text + length, sizeof(chain.text) - length, "%s%s",
					   join, part);
	}

	return chain.text;
}

void ilv_cause_clear(void)
{
	chain.count = 0;
}
