/* SPDX-License-Identifier: MIT */
/* Description: says in words what the compared runs are and what differs between them; not for
 * others. */
#ifndef ILV_ANALYSIS_REPORT_VERDICT_H
#define ILV_ANALYSIS_REPORT_VERDICT_H

#include "analysis/report/comparison.h"

/* Return texts that are the caller's to free; NULL when memory is short. */
char *ilv_comparison_title(const struct ilv_comparison *comparison);
char *ilv_comparison_verdict(const struct ilv_comparison *comparison);

#endif /* ILV_ANALYSIS_REPORT_VERDICT_H */
