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

static unsigned int terminal_width(void)
{
	struct winsize window;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0) {
		return DEFAULT_WIDTH;
	}

	if (window.ws_col < MINIMUM_WIDTH) {
		return MINIMUM_WIDTH;
	}

	return window.ws_col > MAXIMUM_WIDTH ? MAXIMUM_WIDTH : window.ws_col;
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
		.width = is_terminal ? terminal_width() : DEFAULT_WIDTH,
		.name = name,
	};
}
