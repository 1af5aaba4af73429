/* SPDX-License-Identifier: MIT */
/*
 * Description: runs a program beside the switch recorder: the program waits before its exec until
 * the recorder stands, so that not one switch of it is missed, and ends with this command whatever
 * happens.
 */
#ifndef ILV_CLI_LAUNCH_H
#define ILV_CLI_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

#include <interleave/events.h>

#include "base/status.h"

struct ilv_launch {
	const char *program; /* its path */
	char *const *arguments;
	const char *output_path;       /* where its stdout and stderr go */
	bool has_recorder;             /* false: no switches at all */
	enum ilv_switch_source source; /* ILV_SWITCH_SOURCE_NONE: the best that works */
};

struct ilv_launched {
	int wait_status; /* as waitpid() gives it */
	enum ilv_switch_source source;
	char why[512]; /* why not a better source; empty: it is the best, or was asked for */
};

/* Finds `interleave-workload`: in the folder ILV_BIN, beside this program, in PATH. `*path` is the
 * caller's. */
enum ilv_status ilv_launch_find_workload(char **path) ILV_NODISCARD;

/*
 * Asks the workload program `arguments[0]`, whose last argument is "--check", whether the others
 * make sense. ILV_STATUS_USAGE with what it says as the cause when they do not. Else
 * `*has_untraced_pass` is whether it wants to be run with "--untraced" before it is recorded.
 */
enum ilv_status ilv_launch_check(char *const *arguments, bool *has_untraced_pass) ILV_NODISCARD;

/* Has the workload program write its table of jobs, runtimes and lessons into `text`, as JSON. */
enum ilv_status ilv_launch_list(const char *program, char *text, size_t size) ILV_NODISCARD;

/*
 * Runs the program to its end. SIGINT, SIGTERM and SIGHUP are passed on to it once; 5 s later, or
 * at the second, it is killed. What it leaves of its process group is ended. Signals must be held
 * (cli/signals.h).
 */
enum ilv_status ilv_launch_run(const struct ilv_launch *launch,
			       struct ilv_launched *launched) ILV_NODISCARD;

#endif /* ILV_CLI_LAUNCH_H */
