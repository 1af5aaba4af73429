/* SPDX-License-Identifier: MIT */
/* Description: helps the kinds of findings to put one together; not for others. */
#ifndef ILV_ANALYSIS_FINDINGS_BUILD_H
#define ILV_ANALYSIS_FINDINGS_BUILD_H

#include <stdarg.h>

#include "analysis/findings/findings.h"

/* A zeroed finding of `kind`, cost and times unknown; owns nothing yet. */
struct ilv_finding ilv_finding_make(const char *kind_id, enum ilv_severity severity);

/* Set a text from a format; a text set before is freed. */
enum ilv_status ilv_finding_set_title(struct ilv_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3))) ILV_NODISCARD;
enum ilv_status ilv_finding_set_text(struct ilv_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3))) ILV_NODISCARD;

/* Adds an entity's id to the evidence, copied. */
enum ilv_status ilv_finding_add_id(struct ilv_finding *finding, const char *id) ILV_NODISCARD;
enum ilv_status ilv_finding_add_entity(struct ilv_finding *finding,
				       const struct ilv_entity *entity) ILV_NODISCARD;

enum ilv_status ilv_finding_add_scheduler(struct ilv_finding *finding,
					  const struct ilv_scheduler *scheduler) ILV_NODISCARD;

/* Says where a picture puts its number. `moment_ns` is since the run's begin. */
enum ilv_status ilv_finding_set_moment(struct ilv_finding *finding, const struct ilv_entity *entity,
				       int64_t moment_ns, const char *format, ...)
	__attribute__((format(printf, 4, 5))) ILV_NODISCARD;

/* Hands a finding over that was put together with `status`: a failure is passed on, and the finding
 * freed. */
enum ilv_status ilv_finding_emit(struct ilv_finding *finding, enum ilv_status status,
				 ilv_finding_emit_fn emit, void *emit_context) ILV_NODISCARD;

/*
 * Words for one format: each stands in one of a few buffers of the thread in turn, and holds for
 * the next dozen.
 */

/* "93 ms". */
const char *ilv_finding_duration(int64_t duration_ns);

/* "1,204", and "1 task" or "1,204 tasks". */
const char *ilv_finding_count(int64_t count);
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

/*
 * True where a lock is held by whoever got it. A semaphore of more places than one, or of none to
 * begin with, is a queue or a signal: to wait for it is what it is for.
 */
bool ilv_finding_is_held(const struct ilv_scheduler *lock);

/* The run that `entity`'s process is in right now; NULL: none. */
const struct ilv_run *ilv_finding_run_now(const struct ilv_entity *entity);

/* The kinds, one file each. */
extern const struct ilv_finding_kind ilv_finding_lost_update;
extern const struct ilv_finding_kind ilv_finding_contended_lock;
extern const struct ilv_finding_kind ilv_finding_cut_while_holding;
extern const struct ilv_finding_kind ilv_finding_blocked_loop;
extern const struct ilv_finding_kind ilv_finding_oversubscription;
extern const struct ilv_finding_kind ilv_finding_idle_cpus;
extern const struct ilv_finding_kind ilv_finding_imbalance;
extern const struct ilv_finding_kind ilv_finding_lock_order;
extern const struct ilv_finding_kind ilv_finding_gil_contention;
extern const struct ilv_finding_kind ilv_finding_crowded_cpus;
extern const struct ilv_finding_kind ilv_finding_starvation;
extern const struct ilv_finding_kind ilv_finding_lock_convoy;

#endif /* ILV_ANALYSIS_FINDINGS_BUILD_H */
