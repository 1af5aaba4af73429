/* SPDX-License-Identifier: MIT */
/*
 * Description: more threads wanted to compute than there were CPUs. What they wanted is what they
 * ran plus what they were ready and not let; where wake-ups are not known, only readiness after a
 * cut is counted, which is less. Where others had most of the CPUs, that is what kept them waiting,
 * and another finding says it.
 */
#include <stdlib.h>

#include "analysis/findings/draft.h"
#include "analysis/findings/words.h"
#include "analysis/metrics/measures.h"

/* Below a quarter of a thread ready on average, nobody would notice. */
#define READY_MEAN_LIMIT 0.25

/* Beyond, fewer threads would not have helped. An unknown share (NAN) is not beyond. */
#define OTHERS_SHARE_MAX 0.5

/* Nor where the run itself had less of the CPUs, for then others had the rest or nobody, seen or
 * not. */
#define OWN_SHARE_MIN 0.5

static int by_time(const void *left, const void *right)
{
	int64_t left_ns = *(const int64_t *)left;
	int64_t right_ns = *(const int64_t *)right;

	return (left_ns > right_ns) - (left_ns < right_ns);
}

/*
 * How many of `count` threads were alive at once, at most, from when each began and ended. A run
 * may start thousands, one after another. Sorts both arrays.
 */
static uint32_t count_at_once(int64_t *begins_ns, int64_t *ends_ns, uint32_t count)
{
	uint32_t ended_count = 0;
	uint32_t most = 0;

	qsort(begins_ns, count, sizeof(*begins_ns), by_time);
	qsort(ends_ns, count, sizeof(*ends_ns), by_time);
	for (uint32_t index = 0; index < count; index++) {
		while (ended_count < index && ends_ns[ended_count] <= begins_ns[index]) {
			ended_count++;
		}
		most = index + 1 - ended_count > most ? index + 1 - ended_count : most;
	}

	return most;
}

static enum ilv_status judge(void *context, struct ilv_judgement *judgement)
{
	const struct ilv_report_run *measured = judgement->measured;
	const int64_t duration_ns = judgement->duration_ns;
	const int64_t cpu_count = judgement->cpu_count;
	const struct ilv_report_thread *worst = NULL;
	int64_t running_ns = 0;
	int64_t ready_ns = 0;
	int64_t worst_ready_ns = 0;
	uint32_t thread_count = 0;
	uint32_t at_once;
	int64_t *begins_ns;
	int64_t *ends_ns;
	double ready_mean;
	struct ilv_draft draft;

	(void)context;
	begins_ns = calloc(2 * (size_t)measured->thread_count + 1, sizeof(*begins_ns));
	if (!begins_ns) {
		return ILV_STATUS_MEMORY;
	}
	ends_ns = begins_ns + measured->thread_count;

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
			begins_ns[thread_count] = thread->begin_ns;
			ends_ns[thread_count++] =
				thread->end_ns == ILV_UNKNOWN ? INT64_MAX : thread->end_ns;
		}

		if (thread_ready_ns > worst_ready_ns) {
			worst_ready_ns = thread_ready_ns;
			worst = thread;
		}
	}

	at_once = count_at_once(begins_ns, ends_ns, thread_count);
	free(begins_ns);
	if (!worst || duration_ns <= 0 || cpu_count <= 0 || at_once <= cpu_count) {
		return ILV_STATUS_OK;
	}

	ready_mean = (double)ready_ns / (double)duration_ns;
	if (measured->sum.others_share > OTHERS_SHARE_MAX || ready_mean < READY_MEAN_LIMIT ||
	    (double)running_ns < OWN_SHARE_MIN * (double)cpu_count * (double)duration_ns ||
	    (double)(running_ns + ready_ns) < 1.1 * (double)cpu_count * (double)duration_ns) {
		return ILV_STATUS_OK;
	}

	draft = ilv_draft_begin(judgement, ILV_SEVERITY_WARNING);
	draft.finding.is_cost_summed = true;
	draft.finding.cost_ns = ready_ns;
	draft.finding.begin_ns = 0;
	draft.finding.end_ns = duration_ns;
	ilv_draft_set_title(&draft, "More threads than CPUs");
	ilv_draft_set_text(
		&draft,
		"Up to %s at a time wanted to compute on %s, so that on average %.1f of them stood "
		"ready without a CPU; %s waited longest for its turns, %s in all. More threads "
		"than CPUs compute no faster, they only take turns: use as many workers as there "
		"are CPUs.",
		ilv_finding_plural(at_once, "thread", "threads"),
		ilv_finding_plural(cpu_count, "CPU", "CPUs"), ready_mean,
		ilv_finding_thread_label(worst), ilv_finding_duration(worst_ready_ns));
	ilv_draft_add_id(&draft, worst->id);
	return ilv_draft_finish(&draft);
}

const struct ilv_finding_kind ilv_finding_oversubscription = {
	.id = "oversubscription",
	.judge = judge,
};
