/* SPDX-License-Identifier: MIT */
/* Description: says in words what the compared runs are and what differs between them; not for
 * others. */
#ifndef ILV_ANALYSIS_REPORT_VERDICT_H
#define ILV_ANALYSIS_REPORT_VERDICT_H

#include "analysis/report/comparison.h"

/* Return texts that are the caller's to free; NULL when memory is short. */
char *ilv_comparison_title(const struct ilv_comparison *comparison);
char *ilv_comparison_verdict(const struct ilv_comparison *comparison);

/* Finds the prices that all runs tell: comparison_prices.c. */
enum ilv_status ilv_comparison_find_prices(struct ilv_comparison *comparison) ILV_NODISCARD;

/* Writes them as a table, an empty line before it; nothing where there are none: text_prices.c. */
enum ilv_status ilv_comparison_write_prices(const struct ilv_comparison *comparison,
					    const struct ilv_text_style *style,
					    FILE *stream) ILV_NODISCARD;

/*
 * Gives each run the plainest label that tells it from the others: its variant, runtime, workload,
 * what differs in its parameters, or `names`, those of the recordings; numbered where nothing does.
 */
enum ilv_status ilv_comparison_set_labels(struct ilv_comparison *comparison,
					  const char *const *names) ILV_NODISCARD;

#endif /* ILV_ANALYSIS_REPORT_VERDICT_H */
