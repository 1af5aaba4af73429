/* SPDX-License-Identifier: MIT */
/* Description: what `interleave run` is to do: which recordings, in which order, in which folders.
 */
#ifndef ILV_CLI_PLAN_H
#define ILV_CLI_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct ilv_planned {
	char *label;       /* the runtime or variant; empty: neither was named */
	char *folder;      /* where it goes, DIR itself when it is the only one */
	char **arguments;  /* of the workload program, NULL at the end; those from argv are borrowed
			    */
	char *truth_path;  /* among the arguments */
	char *output_path; /* what the program prints */
	char *untraced_path; /* and what it does in a pass without tracing */
};

struct ilv_plan {
	const char *name; /* of the job or lesson; borrowed */
	const char *way;  /* " under " for runtimes, " as " for variants: static */
	char *folder;
	struct ilv_planned *items;
	size_t count;
	size_t label_count;     /* the first so many items differ, the others repeat them */
	bool has_untraced_pass; /* before each recording; known once the plan is checked */
};

/* What the command line asks for. All borrowed. */
struct ilv_wish {
	const char *program; /* the workload program */
	const char *name;
	const char *runtimes; /* "threads,event-loop"; NULL: the workload's own choice */
	const char *variants;
	const char *folder; /* NULL: the first free NAME-N */
	unsigned long repeat_count;
	const char *const *passed; /* options for the workload */
	size_t passed_count;
};

/* Makes the plan, touching nothing. ILV_STATUS_USAGE with a cause when the wish makes no sense. */
enum ilv_status ilv_plan_init(struct ilv_plan *plan, const struct ilv_wish *wish) ILV_NODISCARD;

/*
 * Has the workload program check what it would be given, and starts nothing. ILV_STATUS_USAGE with
 * its words as the cause when it would refuse.
 */
enum ilv_status ilv_plan_check(struct ilv_plan *plan) ILV_NODISCARD;

/* The arguments of `item`, and after them `option` and `value`, which may be NULL; the array is the
 * caller's. NULL: no memory. */
char **ilv_planned_arguments(const struct ilv_planned *item, const char *option, const char *value);
void ilv_plan_fini(struct ilv_plan *plan);

#endif /* ILV_CLI_PLAN_H */
