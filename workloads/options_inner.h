/* SPDX-License-Identifier: MIT */
/* Description: what the parts of the command line's reader share: the table of the options that all
 * workloads have, and the words that were said. */
#ifndef ILV_WORKLOADS_OPTIONS_INNER_H
#define ILV_WORKLOADS_OPTIONS_INNER_H

#include <stddef.h>

#include "workloads/options.h"

/* What one pass over the arguments found, before any of it is checked against the rest. */
struct ilv_words {
	const char *name;
	const char *runtime;
	const char *variant;
	const char *jobs;
	const char *seed;
	const char *workers;
	const char *cpus;
	const char *beside;
	const char *own[ILV_OPTION_MAX];      /* of the workload's options */
	const char *runtimes[ILV_OPTION_MAX]; /* of the runtime's */
};

enum ilv_common_kind {
	ILV_COMMON_FLAG,
	ILV_COMMON_WORD,
};

struct ilv_common_option {
	const char *name;
	enum ilv_common_kind kind;
	const char *value_name;
	const char *help;
};

/* Ends with a NULL name. */
extern const struct ilv_common_option ilv_common_options[];

/* Returns the one that has the first `length` bytes of `name` as its name, or NULL. */
const struct ilv_common_option *ilv_options_find_common(const char *name, size_t length);

/*
 * Each adds a sentence that says that there is no such thing, with the nearest that there is, or
 * all of them where none is near.
 */
void ilv_options_unknown_choice(const struct ilv_option *option, const char *wrong);
void ilv_options_unknown_workload(const char *wrong);
void ilv_options_unknown_runtime(const char *wrong);
void ilv_options_unknown_variant(const struct ilv_workload *workload, const char *wrong);
void ilv_options_unknown_option(const struct ilv_run *run, const char *wrong);
void ilv_options_one_dash(const char *wrong);

/*
 * Of the runtimes and variants that `beside` names ("a,b"; NULL: none), with which the run is
 * compared: an option that one of their runtimes has, and whether one has a pool.
 */
const struct ilv_option *ilv_options_find_beside(const struct ilv_workload *workload,
						 const char *beside, const char *name,
						 size_t length);
bool ilv_options_has_workers_beside(const struct ilv_workload *workload, const char *beside);

/* Sets runtime and variant of `run`, whose workload is known, from what was said of them. */
enum ilv_status ilv_options_choose(const struct ilv_words *words,
				   struct ilv_run *run) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_OPTIONS_INNER_H */
