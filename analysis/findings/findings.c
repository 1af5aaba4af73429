/* SPDX-License-Identifier: MIT */
/* Description: the list of kinds, and what feeds them and lets them speak. */
#include "analysis/findings/findings.h"

#include <stdlib.h>

#include "analysis/findings/build.h"

static const struct ilv_finding_kind *const kinds[] = {
	&ilv_finding_lost_update,  &ilv_finding_contended_lock,   &ilv_finding_cut_while_holding,
	&ilv_finding_blocked_loop, &ilv_finding_oversubscription, &ilv_finding_idle_cpus,
	&ilv_finding_imbalance,    &ilv_finding_lock_order,       &ilv_finding_gil_contention,
	&ilv_finding_starvation,   &ilv_finding_lock_convoy,      &ilv_finding_crowded_cpus,
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

/* Who hears of a change. */
struct hearer {
	enum ilv_status (*on_change)(void *context, const struct ilv_change *change);
	void *context;
};

struct ilv_findings {
	void *contexts[KIND_COUNT];
	struct hearer hearers[ILV_ENTITY_KIND_COUNT][KIND_COUNT]; /* by the kind of entity */
	size_t hearer_counts[ILV_ENTITY_KIND_COUNT];
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

PASS_ON(edge, on_edge, const struct ilv_edge *)
PASS_ON(mark, on_mark, const struct ilv_mark *)
PASS_ON(interval, on_interval, const struct ilv_interval *)
PASS_ON(run_end, on_run_end, const struct ilv_run *)

/* Changes are most of all that happens: only those who asked for this kind of entity hear of it. */
static enum ilv_status pass_on_change(void *context, const struct ilv_change *change)
{
	const struct ilv_findings *findings = context;
	const struct hearer *hearers = findings->hearers[change->entity->kind];
	const size_t count = findings->hearer_counts[change->entity->kind];
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0; index < count && status >= 0; index++) {
		status = hearers[index].on_change(hearers[index].context, change);
	}

	return status;
}

static void add_hearer(struct ilv_findings *findings, size_t index)
{
	const struct ilv_finding_kind *kind = kinds[index];

	for (int of = 0; kind->on_change && of < ILV_ENTITY_KIND_COUNT; of++) {
		if (kind->change_kinds == 0 || (kind->change_kinds & 1U << of) != 0) {
			findings->hearers[of][findings->hearer_counts[of]++] =
				(struct hearer){kind->on_change, findings->contexts[index]};
		}
	}
}

struct ilv_findings *ilv_findings_create(struct ilv_model *model)
{
	struct ilv_findings *findings = calloc(1, sizeof(*findings));
	bool is_whole = false;

	if (!findings) {
		goto end;
	}

	for (size_t index = 0; index < KIND_COUNT; index++) {
		if (kinds[index]->context_size > 0) {
			findings->contexts[index] = calloc(1, kinds[index]->context_size);
			if (!findings->contexts[index]) {
				goto end;
			}
		}

		add_hearer(findings, index);
	}

	if (ilv_model_listen(model, &(struct ilv_model_listener){
					    .context = findings,
					    .on_change = pass_on_change,
					    .on_edge = pass_on_edge,
					    .on_mark = pass_on_mark,
					    .on_run_end = pass_on_run_end,
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
		if (findings->contexts[index]) {
			kinds[index]->fini(findings->contexts[index]);
			free(findings->contexts[index]);
		}
	}

	ilv_intervals_destroy(findings->intervals);
	free(findings);
}
