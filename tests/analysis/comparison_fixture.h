/* SPDX-License-Identifier: MIT */
/* Description: runs made by hand, to be compared: one report a run, all in the test's own memory.
 * What fails ends the test. */
#ifndef ILV_TESTS_ANALYSIS_COMPARISON_FIXTURE_H
#define ILV_TESTS_ANALYSIS_COMPARISON_FIXTURE_H

#include "analysis/report/comparison.h"

#define MS           1000000
#define COMPARED_MAX 8

extern struct ilv_report compared_reports[COMPARED_MAX];
extern struct ilv_report_run compared_runs[COMPARED_MAX];
extern const char *compared_names[COMPARED_MAX];

/* Begins anew; and frees what the runs hold. For cmocka, and in the midst of a test. */
int compared_clear(void **state);
int compared_forget(void **state);

/* Adds a run on 2 CPUs, at the end of the array. */
struct ilv_report_run *compared_add(const char *workload, const char *runtime,
				    const char *parameters, enum ilv_unit unit, int64_t duration_ms,
				    double cpus_busy);
/* Of the run at `index` of the array. */
void compared_set_variant(uint32_t index, const char *variant);
void compared_add_wait(struct ilv_report_run *run, int64_t wait_ns);

/* Compares all that were added. The caller's to destroy. */
struct ilv_comparison *compared_make(void);

/* Compares, and begins anew. */
void compared_assert_verdict(const char *expected);

#endif /* ILV_TESTS_ANALYSIS_COMPARISON_FIXTURE_H */
