/* SPDX-License-Identifier: MIT */
/*
 * Description: starts this very program anew, with the same command line. The tracing library reads
 * its settings once, when it is loaded; where they must be others, there is no other way.
 */
#ifndef ILV_CLI_ANEW_H
#define ILV_CLI_ANEW_H

#include "base/status.h"

/* Remembers the command line, as main() got it. Borrowed for good. */
void ilv_anew_remember(char **argv);

/* Starts the program anew with the environment as it is. Returns only when that fails. */
enum ilv_status ilv_anew(void) ILV_NODISCARD;

/*
 * Sees to it that nobody records this program from within: the programs that it will start are
 * recorded from outside, and would be in the trace twice. Starts anew where that has begun already,
 * because some session takes switches.
 */
enum ilv_status ilv_anew_unrecorded(void) ILV_NODISCARD;

#endif /* ILV_CLI_ANEW_H */
