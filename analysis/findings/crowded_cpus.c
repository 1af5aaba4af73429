/* SPDX-License-Identifier: MIT */
/*
 * Description: other programs had the CPUs. What they must have had at the least is known from the
 * run alone (see `others_share`); below a quarter of the CPUs' time nobody would blame them.
 */
#include "analysis/findings/build.h"
#include "analysis/metrics/measures.h"

static enum ilv_status judge(void *context, const struct ilv_run *run,
			     const struct ilv_report *report, const struct ilv_report_run *measured,
			     ilv_finding_emit_fn emit, void *emit_context)
{
	const struct ilv_report_thread *worst = NULL;
	double others_share = measured->sum.others_share;
	int64_t cpu_count = measured->cpu_count;
	struct ilv_finding finding;
	enum ilv_status status;

	(void)context;
	(void)run;
	if (cpu_count == ILV_UNKNOWN) {
		cpu_count = report->cpu_count;
	}

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

	finding = ilv_finding_make("crowded-cpus", ILV_SEVERITY_PROBLEM);
	finding.cost_ns = ilv_report_ready_ns(&worst->times);
	finding.begin_ns = 0;
	finding.end_ns = measured->end_ns - measured->begin_ns;
	status = ilv_finding_set_title(&finding, "Other programs had the CPUs");
	if (status == ILV_STATUS_OK) {
		status = ilv_finding_set_text(
			&finding,
			"At least %.0f %% of the time of %s went to programs beside this one, "
			"which "
			"kept %.2g of them busy itself: %s alone stood ready for %s without being "
			"let. Times of this run say little; record it again when the machine is "
			"quiet, or see what else runs (`top`).",
			100 * others_share, ilv_finding_plural(cpu_count, "CPU", "CPUs"),
			measured->sum.cpus_busy, ilv_finding_thread_label(worst),
			ilv_finding_duration(finding.cost_ns));
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_finding_add_id(&finding, worst->id);
	}

	return ilv_finding_emit(&finding, status, emit, emit_context);
}

const struct ilv_finding_kind ilv_finding_crowded_cpus = {
	.id = "crowded-cpus",
	.judge = judge,
};
