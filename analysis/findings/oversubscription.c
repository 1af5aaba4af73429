/* SPDX-License-Identifier: MIT */
/*
 * Description: more threads wanted to compute than there were CPUs. What they wanted is what they
 * ran plus what they were ready and not let; where wake-ups are not known, only readiness after a
 * cut is counted, which is less. Where others had most of the CPUs, that is what kept them waiting,
 * and another finding says it.
 */
#include "analysis/findings/build.h"
#include "analysis/metrics/measures.h"

/* Below a quarter of a thread ready on average, nobody would notice. */
#define READY_MEAN_LIMIT 0.25

/* Beyond, fewer threads would not have helped. An unknown share (NAN) is not beyond. */
#define OTHERS_SHARE_MAX 0.5

static enum ilv_status judge(void *context, const struct ilv_run *run,
			     const struct ilv_report *report, const struct ilv_report_run *measured,
			     ilv_finding_emit_fn emit, void *emit_context)
{
	int64_t duration_ns = measured->end_ns - measured->begin_ns;
	int64_t cpu_count = measured->cpu_count;
	const struct ilv_report_thread *worst = NULL;
	int64_t running_ns = 0;
	int64_t ready_ns = 0;
	int64_t worst_ready_ns = 0;
	uint32_t thread_count = 0;
	double ready_mean;
	struct ilv_finding finding;
	enum ilv_status status;

	(void)context;
	(void)run;
	if (cpu_count == ILV_UNKNOWN) {
		cpu_count = report->cpu_count;
	}

	for (uint32_t index = 0; index < measured->thread_count; index++) {
		const struct ilv_report_thread *thread = &measured->threads[index];
		int64_t thread_ready_ns = ilv_report_ready_ns(&thread->times);

		if (ilv_measures_serves(thread->role) || thread_ready_ns == ILV_UNKNOWN ||
		    thread->times.running_ns == ILV_UNKNOWN) {
			continue;
		}

		running_ns += thread->times.running_ns;
		ready_ns += thread_ready_ns;
		/* A thread that hardly wanted to compute is none of those who wanted the CPUs. */
		if (thread->times.running_ns + thread_ready_ns > duration_ns / 20) {
			thread_count++;
		}

		if (thread_ready_ns > worst_ready_ns) {
			worst_ready_ns = thread_ready_ns;
			worst = thread;
		}
	}

	if (!worst || duration_ns <= 0 || cpu_count <= 0 || thread_count <= cpu_count) {
		return ILV_STATUS_OK;
	}

	ready_mean = (double)ready_ns / (double)duration_ns;
	if (measured->sum.others_share > OTHERS_SHARE_MAX || ready_mean < READY_MEAN_LIMIT ||
	    (double)(running_ns + ready_ns) < 1.1 * (double)cpu_count * (double)duration_ns) {
		return ILV_STATUS_OK;
	}

	finding = ilv_finding_make("oversubscription", ILV_SEVERITY_WARNING);
	finding.is_cost_summed = true;
	finding.cost_ns = ready_ns;
	finding.begin_ns = 0;
	finding.end_ns = duration_ns;
	status = ilv_finding_set_title(&finding, "More threads than CPUs");
	if (status == ILV_STATUS_OK) {
		status = ilv_finding_set_text(
			&finding,
			"%s wanted to compute on %s, so that on average %.1f of them stood ready "
			"without a CPU; %s waited longest for its turns, %s in all. More threads "
			"than CPUs compute no faster, they only take turns: use as many workers as "
			"there are CPUs.",
			ilv_finding_plural(thread_count, "thread", "threads"),
			ilv_finding_plural(cpu_count, "CPU", "CPUs"), ready_mean,
			ilv_finding_thread_label(worst), ilv_finding_duration(worst_ready_ns));
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_finding_add_id(&finding, worst->id);
	}

	return ilv_finding_emit(&finding, status, emit, emit_context);
}

const struct ilv_finding_kind ilv_finding_oversubscription = {
	.id = "oversubscription",
	.judge = judge,
};
