/* SPDX-License-Identifier: MIT */
/*
 * Description: the words of enumerations in reports, comparisons and pictures: those of the JSON,
 * which docs/report.schema.json lists. All static strings; never NULL.
 */
#ifndef ILV_ANALYSIS_REPORT_WORDS_H
#define ILV_ANALYSIS_REPORT_WORDS_H

#include "analysis/report/report.h"

const char *ilv_scheduler_kind_word(enum ilv_scheduler_kind kind); /* "kernel", "event-loop" */
const char *ilv_discipline_word(enum ilv_discipline discipline);   /* "preemptive" */
const char *ilv_role_word(enum ilv_role role);                     /* "job" */
const char *ilv_unit_word(enum ilv_unit unit);                     /* "thread", "pool-job" */
const char *ilv_quantity_word(enum ilv_quantity unit);             /* "sharers" */
const char *ilv_lock_kind_word(enum ilv_lock_kind kind);           /* "mutex" */
const char *ilv_severity_word(enum ilv_severity severity);         /* "warning" */
const char *ilv_switch_source_word(enum ilv_switch_source source); /* "perf+wakeups" */
const char *ilv_wait_reason_word(enum ilv_wait_reason reason);     /* "condition": for people */
const char *ilv_wait_reason_key(enum ilv_wait_reason reason);      /* "cond_ns": for JSON */

#endif /* ILV_ANALYSIS_REPORT_WORDS_H */
