/* SPDX-License-Identifier: MIT */
/* Description: carries out the plan of `interleave run`. */
#ifndef ILV_CLI_RUN_H
#define ILV_CLI_RUN_H

#include <stdbool.h>

#include "cli/launch.h"
#include "cli/plan.h"

struct ilv_run_options {
	bool is_forced;
	bool has_json;
	bool has_recorder;
	enum ilv_switch_source source;
};

/*
 * Records what is planned, prints the report of one or the comparison of several, and returns the
 * exit status. When a signal interrupts it, the recording under way is finished and kept.
 */
int ilv_run_plan(struct ilv_plan *plan, const struct ilv_run_options *options);

#endif /* ILV_CLI_RUN_H */
