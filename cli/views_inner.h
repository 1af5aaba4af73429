/* SPDX-License-Identifier: MIT */
/* Description: what the views of one recording and of several share, between views.c and
 * views_compared.c alone. */
#ifndef ILV_CLI_VIEWS_INNER_H
#define ILV_CLI_VIEWS_INNER_H

#include "analysis/guard.h"
#include "cli/views.h"

/* Returns facts that a child can fill in for us; NULL with a cause when there is no memory. */
struct ilv_view_facts *ilv_view_share_facts(void);

/*
 * Fills `*part`, which borrows all from `report`, with the run `run_index` alone, or with all for
 * ILV_ALL_RUNS. ILV_STATUS_USAGE when the recording at `path` has no such run.
 */
enum ilv_status ilv_view_choose_run(const struct ilv_report *report, const char *path,
				    uint32_t run_index, struct ilv_report *part) ILV_NODISCARD;

/* Adds what `report` says to `facts`. */
void ilv_view_note_report(struct ilv_view_facts *facts, const struct ilv_report *report);

/* Runs `function` in a guarded child with an output for each product; `shared` ends up in `facts`,
 * and is gone. */
enum ilv_status
ilv_view_run_guarded(const char *trace_path,
		     enum ilv_status (*function)(void *context, struct ilv_guard_output *outputs),
		     void *context, const struct ilv_product *products, size_t product_count,
		     struct ilv_view_facts *shared, struct ilv_view_facts *facts) ILV_NODISCARD;

#endif /* ILV_CLI_VIEWS_INNER_H */
