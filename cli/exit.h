/* SPDX-License-Identifier: MIT */
/* Description: the exit statuses of `interleave`, the same for every command. */
#ifndef ILV_CLI_EXIT_H
#define ILV_CLI_EXIT_H

#include "base/status.h"

enum ilv_exit {
	ILV_EXIT_DONE = 0,
	ILV_EXIT_FAILED = 1, /* for `run`: a workload failed */
	ILV_EXIT_USAGE = 2,
	ILV_EXIT_TRACE = 3,      /* not a usable trace */
	ILV_EXIT_INCOMPLETE = 4, /* done, but the trace is incomplete */
	ILV_EXIT_CONDITION = 5,  /* a condition or a claim did not hold */
	ILV_EXIT_SIGNAL = 128,   /* plus the signal that interrupted the command */
};

/* Says what went wrong (the chain of causes, else the status's own text) on stderr, and returns the
 * exit status. */
int ilv_exit_failed(enum ilv_status status) ILV_NODISCARD;

#endif /* ILV_CLI_EXIT_H */
