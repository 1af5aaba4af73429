/* SPDX-License-Identifier: MIT */
/* Description: the list of kinds, and what ties them to the model and lets them speak. */
#include "analysis/findings/findings.h"

#include <stdlib.h>

#include "analysis/findings/kind.h"

static const struct ilv_finding_kind *const kinds[] = {
	&ilv_finding_lost_update,  &ilv_finding_contended_lock,   &ilv_finding_cut_while_holding,
	&ilv_finding_blocked_loop, &ilv_finding_oversubscription, &ilv_finding_idle_cpus,
	&ilv_finding_imbalance,    &ilv_finding_lock_order,       &ilv_finding_gil_contention,
	&ilv_finding_starvation,   &ilv_finding_lock_convoy,      &ilv_finding_crowded_cpus,
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

struct ilv_findings {
	void *contexts[KIND_COUNT];
};

struct ilv_findings *ilv_findings_create(struct ilv_model *model)
{
	struct ilv_findings *findings = calloc(1, sizeof(*findings));

	if (!findings) {
		return NULL;
	}

	for (size_t index = 0; index < KIND_COUNT; index++) {
		if (kinds[index]->context_size > 0) {
			findings->contexts[index] = calloc(1, kinds[index]->context_size);
			if (!findings->contexts[index]) {
				goto fail;
			}
		}

		if (ilv_model_listen(model, &(struct ilv_model_listener){
						    .context = findings->contexts[index],
						    .on_change = kinds[index]->on_change,
						    .change_kinds = kinds[index]->change_kinds,
						    .on_edge = kinds[index]->on_edge,
						    .on_mark = kinds[index]->on_mark,
						    .on_run_end = kinds[index]->on_run_end,
					    }) != ILV_STATUS_OK) {
			goto fail;
		}
	}

	return findings;

fail:
	ilv_findings_destroy(findings);
	return NULL;
}

/* Graver first, then the more costly; what has no cost in time (ILV_UNKNOWN, the least number)
 * comes last. */
static int by_weight(const void *left_pointer, const void *right_pointer)
{
	const struct ilv_finding *left = left_pointer;
	const struct ilv_finding *right = right_pointer;

	if (left->severity != right->severity) {
		return left->severity > right->severity ? -1 : 1;
	}

	return (left->cost_ns < right->cost_ns) - (left->cost_ns > right->cost_ns);
}

enum ilv_status ilv_findings_judge(struct ilv_findings *findings, const struct ilv_run *run,
				   const struct ilv_measures *measures,
				   const struct ilv_report *report, struct ilv_report_run *measured)
{
	struct ilv_judgement judgement = {
		.run = run,
		.measures = measures,
		.report = report,
		.measured = measured,
		.duration_ns = measured->end_ns - measured->begin_ns,
		.cpu_count = measured->cpu_count == ILV_UNKNOWN ? report->cpu_count
								: measured->cpu_count,
	};
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0; index < KIND_COUNT && status >= 0; index++) {
		judgement.kind_id = kinds[index]->id;
		status = kinds[index]->judge(findings->contexts[index], &judgement);
	}

	measured->findings = judgement.findings;
	measured->finding_count = judgement.finding_count;
	if (measured->finding_count > 1) {
		qsort(measured->findings, measured->finding_count, sizeof(*measured->findings),
		      by_weight);
	}

	return status;
}

void ilv_findings_destroy(struct ilv_findings *findings)
{
	if (!findings) {
		return;
	}

	for (size_t index = 0; index < KIND_COUNT; index++) {
		if (findings->contexts[index]) {
			kinds[index]->fini(findings->contexts[index]);
			free(findings->contexts[index]);
		}
	}

	free(findings);
}
