/* SPDX-License-Identifier: MIT */
/*
 * Description: words for the sentences of findings: each stands in one of a few buffers of the
 * thread in turn, and holds for the next dozen, so that one format can hold several.
 */
#ifndef ILV_ANALYSIS_FINDINGS_WORDS_H
#define ILV_ANALYSIS_FINDINGS_WORDS_H

#include "analysis/model/model.h"
#include "analysis/report/report.h"

/* "93 ms". */
const char *ilv_finding_duration(int64_t duration_ns);

/* "1,204", and "1 task" or "1,204 tasks". */
const char *ilv_finding_count(int64_t count);
const char *ilv_finding_number(double value);
const char *ilv_finding_plural(int64_t count, const char *one, const char *many);

/* What people call an entity: raw, as the trace has it. */
const char *ilv_finding_label(const struct ilv_entity *entity);

/* Likewise a thread of the report. */
const char *ilv_finding_thread_label(const struct ilv_report_thread *thread);

/* Likewise a lock, loop, pool or GIL, its kind before its quoted name: "lock `results`", "the GIL".
 */
const char *ilv_finding_scheduler_label(const struct ilv_scheduler *scheduler);

/* The same for a title, which has little room: a long name is cut short, between two characters. */
const char *ilv_finding_title_label(const struct ilv_scheduler *scheduler);

/* How many of the first `size` bytes of `text` are whole characters. */
size_t ilv_finding_fit(const char *text, size_t size);

#endif /* ILV_ANALYSIS_FINDINGS_WORDS_H */
