/* SPDX-License-Identifier: MIT */
/* Description: the list of kinds, and what feeds them and lets them speak. */
#include "analysis/findings/findings.h"

#include <stdlib.h>

#include "analysis/findings/build.h"

static const struct ilv_finding_kind *const kinds[] = {
	&ilv_finding_lost_update,  &ilv_finding_contended_lock,   &ilv_finding_cut_while_holding,
	&ilv_finding_blocked_loop, &ilv_finding_oversubscription, &ilv_finding_idle_cpus,
	&ilv_finding_imbalance,    &ilv_finding_lock_order,       &ilv_finding_gil_contention,
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

struct ilv_findings {
	void *contexts[KIND_COUNT];
	struct ilv_intervals *intervals;
};

/* Defines `pass_on_<what>`: hands a thing of the model to every kind that wants it. */
#define PASS_ON(what, member, type)                                                                \
	static enum ilv_status pass_on_##what(void *context, type thing)                           \
	{                                                                                          \
		struct ilv_findings *findings = context;                                           \
		enum ilv_status status = ILV_STATUS_OK;                                            \
                                                                                                   \
		for (size_t index = 0; index < KIND_COUNT && status >= 0; index++) {               \
			if (kinds[index]->member) {                                                \
				status = kinds[index]->member(findings->contexts[index], thing);   \
			}                                                                          \
		}                                                                                  \
                                                                                                   \
		return status;                                                                     \
	}

PASS_ON(change, on_change, const struct ilv_change *)
PASS_ON(edge, on_edge, const struct ilv_edge *)
PASS_ON(mark, on_mark, const struct ilv_mark *)
PASS_ON(interval, on_interval, const struct ilv_interval *)

struct ilv_findings *ilv_findings_create(struct ilv_model *model)
{
	struct ilv_findings *findings = calloc(1, sizeof(*findings));
	bool is_whole = false;

	if (!findings) {
		goto end;
	}

	for (size_t index = 0; index < KIND_COUNT; index++) {
		if (kinds[index]->create) {
			findings->contexts[index] = kinds[index]->create();
			if (!findings->contexts[index]) {
				goto end;
			}
		}
	}

	if (ilv_model_listen(model, &(struct ilv_model_listener){
					    .context = findings,
					    .on_change = pass_on_change,
					    .on_edge = pass_on_edge,
					    .on_mark = pass_on_mark,
				    }) != ILV_STATUS_OK) {
		goto end;
	}

	/* Stays are put together only where somebody asks for them. */
	is_whole = true;
	for (size_t index = 0; index < KIND_COUNT && is_whole; index++) {
		if (kinds[index]->on_interval && !findings->intervals) {
			findings->intervals =
				ilv_intervals_create(model, pass_on_interval, findings);
			is_whole = findings->intervals != NULL;
		}
	}

end:
	if (!is_whole) {
		ilv_findings_destroy(findings);
		findings = NULL;
	}

	return findings;
}

static enum ilv_status take(void *context, struct ilv_finding *finding)
{
	struct ilv_report_run *measured = context;
	struct ilv_finding *grown;

	if (!finding->id || !finding->title || !finding->text) {
		ilv_finding_fini(finding);
		return ILV_STATUS_MEMORY;
	}

	grown = realloc(measured->findings, (measured->finding_count + 1) * sizeof(*grown));
	if (!grown) {
		ilv_finding_fini(finding);
		return ILV_STATUS_MEMORY;
	}

	measured->findings = grown;
	grown[measured->finding_count++] = *finding;
	return ILV_STATUS_OK;
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
				   const struct ilv_report *report, struct ilv_report_run *measured)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0; index < KIND_COUNT && status >= 0; index++) {
		status = kinds[index]->judge(findings->contexts[index], run, report, measured, take,
					     measured);
	}

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
		if (kinds[index]->destroy) {
			kinds[index]->destroy(findings->contexts[index]);
		}
	}

	ilv_intervals_destroy(findings->intervals);
	free(findings);
}
