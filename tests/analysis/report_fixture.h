/* SPDX-License-Identifier: MIT */
/* Description: makes a report from an event script, as the reader of a recording makes it from a
 * trace. */
#ifndef ILV_TESTS_ANALYSIS_REPORT_FIXTURE_H
#define ILV_TESTS_ANALYSIS_REPORT_FIXTURE_H

#include "analysis/report/report.h"

/*
 * Makes the report of the events in `text`; ends the test program when that fails. With
 * `has_findings` the findings speak too. The caller's to destroy.
 */
struct ilv_report *report_of_script(const char *text, bool has_findings);

/* The same of the script `name` in tests/data, without findings. */
struct ilv_report *report_of_data(const char *name);

/* The text of the file at `path`; ends the test program when it cannot be read. The caller's to
 * free. */
char *read_text_file(const char *path);

#endif /* ILV_TESTS_ANALYSIS_REPORT_FIXTURE_H */
