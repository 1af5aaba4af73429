/* SPDX-License-Identifier: MIT */
/*
 * Description: a task that kept its loop long without giving way while others could have run:
 * nobody cuts a task short, so they all had to wait. It may compute or sit in a blocking call,
 * which makes no difference to the others. What a stall is, and whom it keeps waiting, the measures
 * say; what is shorter is told where it happens so often that much of the run was waited in all.
 */
#include <stdio.h>

#include "analysis/findings/draft.h"
#include "analysis/findings/words.h"

/* So many short ones make often; and this share of the run others must have waited for them, in
 * all. */
#define SHORT_COUNT_MIN  3
#define SHORT_COST_LIMIT 0.1

static enum ilv_status speak(const struct ilv_scheduler_measures *loop, enum ilv_stall_limit limit,
			     struct ilv_judgement *judgement)
{
	struct ilv_draft draft = ilv_draft_begin(judgement, ILV_SEVERITY_PROBLEM);
	const struct ilv_stalls *stalls = &loop->stalls[limit];
	const struct ilv_stall *worst = &stalls->worst;
	const struct ilv_entity *task = worst->task;
	const int64_t run_begin_ns = judgement->run->begin_ns;
	const int64_t length_ns = worst->end_ns - worst->begin_ns;
	const bool is_in_call = worst->blocked_ns > length_ns / 2;
	const bool is_ready = worst->due_count < worst->waiter_count;
	const char *who = ilv_finding_label(task);
	const char *length = ilv_finding_duration(length_ns);
	const char *others = ilv_finding_plural(worst->waiter_count, "other task", "other tasks");
	char all[160] = "";
	char ready[120] = "";
	char call[120] = "";

	if (stalls->count > 1) {
		(void)snprintf(all, sizeof(all), " In all it happened %s, for %s or longer.",
			       ilv_finding_plural(stalls->count, "time", "times"),
			       ilv_finding_duration(ilv_stall_limit_ns(limit)));
	}

	if (worst->ready_ns > length_ns / 4) {
		(void)snprintf(ready, sizeof(ready),
			       "; for %s of that the loop's thread stood ready for a CPU",
			       ilv_finding_duration(worst->ready_ns));
	}

	if (is_in_call) {
		(void)snprintf(call, sizeof(call),
			       "; for %s of that it sat in calls that block the whole thread",
			       ilv_finding_duration(worst->blocked_ns));
	}

	draft.finding.is_cost_summed = true;
	draft.finding.cost_ns = stalls->cost_ns;
	draft.finding.affected_count = stalls->count;
	draft.finding.begin_ns = stalls->first_ns - run_begin_ns;
	draft.finding.end_ns = stalls->last_ns - run_begin_ns;
	ilv_draft_set_title(&draft, "Blocked event loop");
	ilv_draft_set_text(
		&draft,
		"At %s %s began to run and gave way only %s later, while %s %s%s%s. Nobody cuts a "
		"task short, so %s had to wait.%s %s",
		ilv_finding_duration(worst->begin_ns - run_begin_ns), who, length, others,
		is_ready ? "stood ready" : "had slept enough", ready, call,
		worst->waiter_count == 1 ? "it" : "they", all,
		is_in_call ? "Await instead of calling what blocks, or call it in a pool."
			   : "Give way within the work, or hand it to a pool.");
	ilv_draft_add_entity(&draft, task);
	ilv_draft_add_scheduler(&draft, loop->scheduler);
	ilv_draft_set_moment(
		&draft, task, worst->begin_ns - run_begin_ns + length_ns / 2,
		"%s keeps the loop for %s; %s %s and must wait, for a loop cuts nobody short.", who,
		length, others,
		!is_ready                  ? "should wake"
		: worst->waiter_count == 1 ? "is ready"
					   : "are ready");
	return ilv_draft_finish(&draft);
}

static enum ilv_status judge(void *context, struct ilv_judgement *judgement)
{
	const struct ilv_scheduler_measures *loop =
		ilv_measures_schedulers(judgement->measures, judgement->run);
	const double short_limit_ns = SHORT_COST_LIMIT * (double)judgement->duration_ns;
	enum ilv_status status = ILV_STATUS_OK;

	(void)context;
	for (; loop && status >= 0; loop = loop->next_in_run) {
		const struct ilv_stalls *stalls = loop->stalls;

		if (!stalls) {
			continue;
		}
		if (stalls[ILV_STALL_LIMIT_LONG].count > 0) {
			status = speak(loop, ILV_STALL_LIMIT_LONG, judgement);
		} else if (stalls[ILV_STALL_LIMIT_SHORT].count >= SHORT_COUNT_MIN &&
			   (double)stalls[ILV_STALL_LIMIT_SHORT].cost_ns > short_limit_ns) {
			status = speak(loop, ILV_STALL_LIMIT_SHORT, judgement);
		}
	}

	return status;
}

const struct ilv_finding_kind ilv_finding_blocked_loop = {
	.id = "blocked-loop",
	.judge = judge,
};
