/* SPDX-License-Identifier: MIT */
/* Description: the tables of the text report, one function each; not for others. */
#ifndef ILV_ANALYSIS_REPORT_TEXT_PARTS_H
#define ILV_ANALYSIS_REPORT_TEXT_PARTS_H

#include "analysis/report/report.h"

/* What every part is written from. */
struct ilv_report_text {
	const struct ilv_report *report;
	const struct ilv_report_run *run;
	const struct ilv_text_style *style;
	FILE *stream;
};

/* Each writes nothing where there is nothing to tell. */
enum ilv_status ilv_report_text_phases(const struct ilv_report_text *text) ILV_NODISCARD;
enum ilv_status ilv_report_text_prices(const struct ilv_report_text *text) ILV_NODISCARD;
enum ilv_status ilv_report_text_schedulers(const struct ilv_report_text *text) ILV_NODISCARD;
enum ilv_status ilv_report_text_threads(const struct ilv_report_text *text) ILV_NODISCARD;
enum ilv_status ilv_report_text_tasks(const struct ilv_report_text *text) ILV_NODISCARD;
enum ilv_status ilv_report_text_locks(const struct ilv_report_text *text) ILV_NODISCARD;
enum ilv_status ilv_report_text_loops(const struct ilv_report_text *text) ILV_NODISCARD;
enum ilv_status ilv_report_text_pools(const struct ilv_report_text *text) ILV_NODISCARD;
enum ilv_status ilv_report_text_processes(const struct ilv_report_text *text) ILV_NODISCARD;

/* What a task is called in every table: by its name, else by its number in its loop. Returns
 * `text`.
 */
const char *ilv_report_text_task(const char *name, const char *id, char *text, size_t size);

#endif /* ILV_ANALYSIS_REPORT_TEXT_PARTS_H */
