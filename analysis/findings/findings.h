/* SPDX-License-Identifier: MIT */
/*
 * Description: what is wrong or worth seeing in a run, in plain words, each with its evidence and
 * its cost. A kind of finding is one file, which kind.h declares and findings.c lists; it watches
 * the model during the pass, and speaks once the measures of a run are known.
 */
#ifndef ILV_ANALYSIS_FINDINGS_FINDINGS_H
#define ILV_ANALYSIS_FINDINGS_FINDINGS_H

#include "analysis/metrics/measures.h"
#include "analysis/model/model.h"
#include "analysis/report/report.h"

struct ilv_findings;

/* Creates the watchers of all kinds and adds them to `model`. NULL when memory is short. */
struct ilv_findings *ilv_findings_create(struct ilv_model *model);

/* Lets all kinds judge `run`, of which `measures` were taken, and puts what they say into
 * `measured->findings`, where there are none yet, gravest first, then most costly. */
enum ilv_status ilv_findings_judge(struct ilv_findings *findings, const struct ilv_run *run,
				   const struct ilv_measures *measures,
				   const struct ilv_report *report,
				   struct ilv_report_run *measured) ILV_NODISCARD;

void ilv_findings_destroy(struct ilv_findings *findings);

#endif /* ILV_ANALYSIS_FINDINGS_FINDINGS_H */
