/* SPDX-License-Identifier: MIT */
/*
 * Description: other programs had the CPUs. What they must have had at the least is known from the
 * run alone (see `others_share`); below a quarter of the CPUs' time nobody would blame them.
 */
#include "analysis/findings/draft.h"
#include "analysis/findings/words.h"
#include "analysis/metrics/measures.h"

static enum ilv_status judge(void *context, struct ilv_judgement *judgement)
{
	const struct ilv_report_run *measured = judgement->measured;
	const struct ilv_report_thread *worst = NULL;
	const double others_share = measured->sum.others_share;
	struct ilv_draft draft;

	(void)context;
	for (uint32_t index = 0; index < measured->thread_count; index++) {
		const struct ilv_report_thread *thread = &measured->threads[index];
		int64_t ready_ns = ilv_report_ready_ns(&thread->times);

		if (!ilv_measures_serves(thread->role) && ready_ns != ILV_UNKNOWN &&
		    (!worst || ready_ns > ilv_report_ready_ns(&worst->times))) {
			worst = thread;
		}
	}

	/* Written so that an unknown (NAN) share says nothing. */
	if (!worst || !(others_share >= ILV_REPORT_CROWDED_SHARE)) {
		return ILV_STATUS_OK;
	}

	draft = ilv_draft_begin(judgement, ILV_SEVERITY_PROBLEM);
	draft.finding.cost_ns = ilv_report_ready_ns(&worst->times);
	draft.finding.begin_ns = 0;
	draft.finding.end_ns = judgement->duration_ns;
	ilv_draft_set_title(&draft, "Other programs had the CPUs");
	ilv_draft_set_text(
		&draft,
		"At least %.0f %% of the time of %s went to programs beside this one, which kept "
		"%s of them busy itself: %s alone stood ready for %s without being let. Times of "
		"this run say little; record it again when the machine is quiet, or see what else "
		"runs (`top`).",
		100 * others_share, ilv_finding_plural(judgement->cpu_count, "CPU", "CPUs"),
		ilv_finding_number(measured->sum.cpus_busy), ilv_finding_thread_label(worst),
		ilv_finding_duration(draft.finding.cost_ns));
	ilv_draft_add_id(&draft, worst->id);
	return ilv_draft_finish(&draft);
}

const struct ilv_finding_kind ilv_finding_crowded_cpus = {
	.id = "crowded-cpus",
	.judge = judge,
};
