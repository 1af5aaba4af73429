/* SPDX-License-Identifier: MIT */
/* Description: messages on stderr, and the looks of stdout. */
#include "cli/message.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_WIDTH 100
#define MINIMUM_WIDTH 60
#define MAXIMUM_WIDTH 160

void ilv_message(const char *format, ...)
{
	va_list arguments;
	char text[4096];

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);

	for (char *at = text; *at; at++) {
		if (((unsigned char)*at < 0x20 && *at != '\n') || *at == 0x7f) {
			*at = '?';
		}
	}

	fflush(stdout);
	fprintf(stderr, "interleave: %s\n", text);
}

/* COLUMNS says it, else the terminal knows it. */
static unsigned int text_width(bool is_terminal)
{
	const char *columns = getenv("COLUMNS");
	unsigned long width = columns ? strtoul(columns, NULL, 10) : 0;
	struct winsize window;

	if (width == 0 && is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0) {
		width = window.ws_col;
	}
	if (width == 0) {
		return DEFAULT_WIDTH;
	}
	if (width < MINIMUM_WIDTH) {
		return MINIMUM_WIDTH;
	}

	return width > MAXIMUM_WIDTH ? MAXIMUM_WIDTH : (unsigned int)width;
}

struct ilv_text_style ilv_style_of_stdout(const char *name)
{
	const char *no_color = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");
	bool is_terminal = isatty(STDOUT_FILENO) == 1;

	return (struct ilv_text_style){
		.has_colour = is_terminal && !(no_color && no_color[0]) &&
			      !(terminal && strcmp(terminal, "dumb") == 0),
		.has_unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
		.width = text_width(is_terminal),
		.name = name,
	};
}
