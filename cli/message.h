/* SPDX-License-Identifier: MIT */
/* Description: messages for people on stderr, and how text for them may look on stdout. */
#ifndef ILV_CLI_MESSAGE_H
#define ILV_CLI_MESSAGE_H

#include "analysis/report/report.h"

/* Writes "interleave: ..." and a newline to stderr. Control characters are replaced. */
void ilv_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * How text on stdout may look: colour only on a terminal and without NO_COLOR, characters beyond
 * ASCII where the locale has them, COLUMNS, the terminal's width or 100 columns. `name` is
 * borrowed.
 */
struct ilv_text_style ilv_style_of_stdout(const char *name);

#endif /* ILV_CLI_MESSAGE_H */
