/* SPDX-License-Identifier: MIT */
/*
 * Description: a finding while its kind puts it together. A draft remembers the first failure, as a
 * stream of stdio does: what is added after it does nothing, and ilv_draft_finish() returns it, so
 * that nothing need be looked at in between.
 */
#ifndef ILV_ANALYSIS_FINDINGS_DRAFT_H
#define ILV_ANALYSIS_FINDINGS_DRAFT_H

#include "analysis/findings/kind.h"

struct ilv_draft {
	struct ilv_finding finding; /* cost, counts and times are set here by hand */
	enum ilv_status status;     /* the first failure */
	struct ilv_judgement *judgement;
};

/*
 * Begins a finding of the kind that speaks in `judgement`, its cost, counts and times unknown. What
 * the draft owns goes with ilv_draft_finish(), which every draft must come to.
 */
struct ilv_draft ilv_draft_begin(struct ilv_judgement *judgement, enum ilv_severity severity);

/* Set a text from a format; a text set before is freed. Every finding has both. */
void ilv_draft_set_title(struct ilv_draft *draft, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void ilv_draft_set_text(struct ilv_draft *draft, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Says where a picture puts its number, and the sentence for it. `moment_ns` is since the run's
 * begin. */
void ilv_draft_set_moment(struct ilv_draft *draft, const struct ilv_entity *entity,
			  int64_t moment_ns, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Add to the evidence; an id is copied. */
void ilv_draft_add_id(struct ilv_draft *draft, const char *id);
void ilv_draft_add_entity(struct ilv_draft *draft, const struct ilv_entity *entity);
void ilv_draft_add_scheduler(struct ilv_draft *draft, const struct ilv_scheduler *scheduler);

/* Puts the finding into its judgement, or frees it and returns the failure. The draft is then over.
 */
enum ilv_status ilv_draft_finish(struct ilv_draft *draft) ILV_NODISCARD;

#endif /* ILV_ANALYSIS_FINDINGS_DRAFT_H */
