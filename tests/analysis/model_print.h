/* SPDX-License-Identifier: MIT */
/* Description: runs an event script through the model and writes what it says, a line each: for
 * golden files. */
#ifndef ILV_TESTS_ANALYSIS_MODEL_PRINT_H
#define ILV_TESTS_ANALYSIS_MODEL_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"

struct ilv_model_print_options {
	bool has_changes;   /* changes, edges, marks and runs */
	bool has_intervals; /* stays as they close */
	bool has_facts;     /* what the model learned of the recording */
	bool is_run_implied;
};

/* Writes what the model says of the script in `text`. */
enum ilv_status ilv_model_print(const char *text, const struct ilv_model_print_options *options,
				FILE *stream) ILV_NODISCARD;

#endif /* ILV_TESTS_ANALYSIS_MODEL_PRINT_H */
