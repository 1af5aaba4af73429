/* SPDX-License-Identifier: MIT */
/* Description: the command line of interleave-workload: `NAME [--option value]...`, checked as a
 * whole. */
#ifndef ILV_WORKLOADS_OPTIONS_H
#define ILV_WORKLOADS_OPTIONS_H

#include <stdbool.h>

#include "workloads/workload.h"

enum ilv_action {
	ILV_ACTION_RUN,
	ILV_ACTION_HELP,
	ILV_ACTION_VERSION,
	ILV_ACTION_LIST,
	ILV_ACTION_UNTRACED, /* only measure what the run is to know without tracing */
	ILV_ACTION_CHECK,    /* only say whether the run that is asked for makes sense */
};

struct ilv_options {
	enum ilv_action action;
	bool is_json;
	struct ilv_run run;        /* what is asked for; its parameters are not yet spelled */
	int64_t worker_count;      /* 0: not said */
	const char *truth_path;    /* NULL: none */
	const char *switch_source; /* NULL: not said */
	const char *untraced_path; /* what a pass without tracing printed; NULL: not said */
};

/*
 * Reads the arguments. Strings are borrowed from `arguments`. ILV_STATUS_USAGE with one sentence as
 * cause when they make no sense: an unknown name comes with the nearest known one, a number with
 * its range.
 */
enum ilv_status ilv_options_parse(int argument_count, char **arguments,
				  struct ilv_options *options) ILV_NODISCARD;

/* Prints how the program, or `workload` when it is not NULL, is used, to stdout. */
void ilv_options_help(const struct ilv_workload *workload);

/* Prints the table of jobs, lessons and runtimes to stdout, as text or as JSON. */
void ilv_list_text(void);
enum ilv_status ilv_list_json(void) ILV_NODISCARD;

/*
 * Returns the one of `names` (NULL-terminated) that is nearest to `wrong`, or NULL when none is
 * near: more than a third of it, and more than one letter, would have to change.
 */
const char *ilv_suggest(const char *wrong, const char *const *names);

#endif /* ILV_WORKLOADS_OPTIONS_H */
