/* SPDX-License-Identifier: MIT */
/*
 * Description: what is wrong or worth seeing in a run, in plain words, each with its evidence and
 * its cost. A kind of finding is one file and one line of `ilv_finding_kinds`; it watches the model
 * during the pass, and speaks once the measures of a run are known.
 */
#ifndef ILV_ANALYSIS_FINDINGS_FINDINGS_H
#define ILV_ANALYSIS_FINDINGS_FINDINGS_H

#include "analysis/model/model.h"
#include "analysis/report/report.h"

/* Receives a finding; strings and arrays in it become the receiver's. Cannot fail silently: see the
 * status. */
typedef enum ilv_status (*ilv_finding_emit_fn)(void *context, struct ilv_finding *finding);

struct ilv_finding_kind {
	const char *id; /* kebab-case, as in the JSON */
	/*
	 * What it watches; NULL members are not called. What it keeps is handed to all of them as
	 * context: so many bytes, zeroed at first, and `fini` frees what they own. A kind that
	 * judges by the measures alone has none of these.
	 */
	size_t context_size;
	void (*fini)(void *context);
	enum ilv_status (*on_change)(void *context, const struct ilv_change *change);
	uint32_t change_kinds; /* as in struct ilv_model_listener */
	enum ilv_status (*on_edge)(void *context, const struct ilv_edge *edge);
	enum ilv_status (*on_mark)(void *context, const struct ilv_mark *mark);
	enum ilv_status (*on_run_end)(void *context, const struct ilv_run *run);
	/* Speaks: emits each finding that holds in `run`, whose measures `measured` already has. */
	enum ilv_status (*judge)(void *context, const struct ilv_run *run,
				 const struct ilv_report *report,
				 const struct ilv_report_run *measured, ilv_finding_emit_fn emit,
				 void *emit_context);
};

struct ilv_findings;

/* Creates the watchers of all kinds and adds them to `model`. NULL when memory is short. */
struct ilv_findings *ilv_findings_create(struct ilv_model *model);

/* Lets all kinds judge `run` and puts what they say into `measured->findings`, gravest first, then
 * most costly. */
enum ilv_status ilv_findings_judge(struct ilv_findings *findings, const struct ilv_run *run,
				   const struct ilv_report *report,
				   struct ilv_report_run *measured) ILV_NODISCARD;

void ilv_findings_destroy(struct ilv_findings *findings);

#endif /* ILV_ANALYSIS_FINDINGS_FINDINGS_H */
