/* SPDX-License-Identifier: MIT */
/*
 * Description: somebody stood in a line (for a lock, a GIL, a loop, a pool) while those who came
 * later had turn after turn. In a fair line nobody is overtaken at all, however long it is, so that
 * a long wait alone is no case of this. It is when, in one wait,
 *
 * - whoever came later had at least 50 turns. One or two pass whoever was woken and has yet to run;
 *   in fifty it had its chance again and again, and did not get it;
 * - a quarter of the run passed, and 10 ms at least. Where holds are short, fifty turns are over
 *   before a woken thread is on its CPU: that is unfair, but nobody starves of it;
 * - and it was at least 10 times as long as those of the others are on average, who else are no
 *   better off: in a line served backwards, many wait long.
 *
 * How often it was overtaken is counted without a list of who came when: of those who had a turn
 * meanwhile, no more than stood in the line already had come before. So it may be a few more.
 *
 * Threads on CPUs are no case of this. The kernel keeps a line for each CPU, and programs that are
 * not in the trace stand in it too; and who runs at a low priority gets what was asked for. More
 * threads than CPUs are another finding. The cost is the sum of all waits in which somebody was so
 * overtaken, for 10 ms at least.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/findings/accounts.h"
#include "analysis/findings/draft.h"
#include "analysis/findings/words.h"
#include "analysis/metrics/measures.h"
#include "base/grow.h"

#define OVERTAKEN_MIN  50
#define WAIT_MIN_NS    INT64_C(10000000)
#define WAIT_SHARE_MIN 0.25 /* of the run */
#define MEAN_RATIO_MIN 10   /* to what the others wait for a turn */

/* A line in one run. */
struct line {
	struct ilv_account account;
	uint64_t turn_count;
	int64_t wait_ns; /* of all */
	const struct ilv_entity *favourite;
	uint64_t favourite_turn_count;
	/* Waits in which somebody was overtaken too often, for too long: */
	uint32_t count;
	int64_t cost_ns;
	/* The longest of them: */
	const struct ilv_entity *waiter;
	int64_t begin_ns, length_ns;
	uint64_t overtaken_count;
	bool is_endless;
};

/* What is known of one entity in the run that it was in last. */
struct visitor {
	struct line *line; /* in that run; NULL: none yet */
	uint64_t turn_count;
	uint64_t due_turn_count; /* the line's when all who came before it have had theirs */
};

struct context {
	struct ilv_accounts lines;
	struct visitor *visitors; /* by the entity's index */
	uint32_t visitor_count;
};

static void fini(void *context_pointer)
{
	struct context *context = context_pointer;

	ilv_accounts_fini(&context->lines);
	free(context->visitors);
}

static bool is_line(const struct ilv_scheduler *scheduler)
{
	return scheduler->kind != ILV_SCHEDULER_KIND_KERNEL &&
	       (scheduler->kind != ILV_SCHEDULER_KIND_LOCK || ilv_finding_is_held(scheduler));
}

/* What is kept of `entity` in `run`, begun anew in another run than the last time. NULL when memory
 * is short. */
static struct visitor *take_visitor(struct context *context, const struct ilv_entity *entity,
				    const struct ilv_run *run)
{
	struct visitor *visitor;
	struct line *line;

	if (ilv_grow((void **)&context->visitors, &context->visitor_count, entity->index,
		     sizeof(*context->visitors)) != ILV_STATUS_OK) {
		return NULL;
	}

	visitor = &context->visitors[entity->index];
	if (visitor->line && visitor->line->account.run == run) {
		return visitor;
	}

	line = ilv_account_take(&context->lines, run, entity->scheduler, sizeof(*line));
	if (!line) {
		return NULL;
	}

	/* Whoever waits since before the run may be the last of all who do. */
	*visitor = (struct visitor){
		.line = line,
		.due_turn_count = entity->scheduler->ready_count,
	};
	return visitor;
}

/* A wait of `entity` is over; `is_endless` where it never had its turn. */
static void note_wait(const struct visitor *visitor, const struct ilv_entity *entity,
		      int64_t now_ns, bool is_endless)
{
	struct line *line = visitor->line;
	const int64_t begin_ns = ilv_finding_since(entity, line->account.run);
	const int64_t length_ns = now_ns - begin_ns;
	uint64_t overtaken_count;

	line->wait_ns += length_ns;
	if (line->turn_count < visitor->due_turn_count + OVERTAKEN_MIN || length_ns < WAIT_MIN_NS) {
		return;
	}

	overtaken_count = line->turn_count - visitor->due_turn_count;
	line->count++;
	line->cost_ns += length_ns;
	if (length_ns > line->length_ns) {
		line->waiter = entity;
		line->begin_ns = begin_ns;
		line->length_ns = length_ns;
		line->overtaken_count = overtaken_count;
		line->is_endless = is_endless;
	}
}

static enum ilv_status on_change(void *context_pointer, const struct ilv_change *change)
{
	struct context *context = context_pointer;
	const struct ilv_entity *entity = change->entity;
	const struct ilv_run *run;
	struct visitor *visitor;
	struct line *line;

	if (!is_line(entity->scheduler) || change->is_correction) {
		return ILV_STATUS_OK;
	}

	run = ilv_finding_run_now(entity);
	if (!run) {
		return ILV_STATUS_OK;
	}

	visitor = take_visitor(context, entity, run);
	if (!visitor) {
		return ILV_STATUS_MEMORY;
	}

	line = visitor->line;
	if (entity->state == ILV_STATE_READY) {
		note_wait(visitor, entity, change->time_ns, change->state == ILV_STATE_DONE);
	}

	if (change->state == ILV_STATE_READY) {
		visitor->due_turn_count = line->turn_count + entity->scheduler->ready_count;
	} else if (change->state == ILV_STATE_RUNNING && entity->state != ILV_STATE_RUNNING) {
		line->turn_count++;
		if (++visitor->turn_count > line->favourite_turn_count) {
			line->favourite_turn_count = visitor->turn_count;
			line->favourite = entity;
		}
	}

	return ILV_STATUS_OK;
}

/* Whoever waits now had no turn any more. */
static enum ilv_status on_run_end(void *context_pointer, const struct ilv_run *run)
{
	struct context *context = context_pointer;
	struct line *line = NULL;

	while ((line = ilv_account_next(&context->lines, run, line)) != NULL) {
		for (const struct ilv_entity *entity = line->account.scheduler->first_ready; entity;
		     entity = entity->next_ready) {
			const struct visitor *visitor = take_visitor(context, entity, run);

			if (!visitor) {
				return ILV_STATUS_MEMORY;
			}

			note_wait(visitor, entity, run->end_ns, true);
		}
	}

	return ILV_STATUS_OK;
}

static void describe(struct ilv_draft *draft, const struct line *line)
{
	const char *where = ilv_finding_scheduler_label(line->account.scheduler);
	const char *who = ilv_finding_label(line->waiter->subject);
	const char *length = ilv_finding_duration(line->length_ns);
	const char *turns = ilv_finding_plural((int64_t)line->overtaken_count, "turn", "turns");
	const enum ilv_scheduler_kind kind = line->account.scheduler->kind;
	const bool is_lock = kind == ILV_SCHEDULER_KIND_LOCK || kind == ILV_SCHEDULER_KIND_GIL;
	const int64_t begin_ns = draft->finding.begin_ns;
	char favourite[240] = "";
	char all[80] = "";

	if (line->favourite != line->waiter) {
		(void)snprintf(favourite, sizeof(favourite), "; %s had most in the run, %s",
			       ilv_finding_label(line->favourite->subject),
			       ilv_finding_count((int64_t)line->favourite_turn_count));
	}

	if (line->count > 1) {
		(void)snprintf(all, sizeof(all), " In all somebody was so overtaken %s.",
			       ilv_finding_plural(line->count, "time", "times"));
	}

	ilv_draft_set_text(
		draft,
		"At %s %s asked for its turn at %s, and waited %s for it, %.0f %% of the run%s. "
		"Meanwhile those who asked later had %s%s.%s %s",
		ilv_finding_duration(begin_ns), who, where, length,
		100.0 * (double)line->length_ns / (double)draft->judgement->duration_ns,
		line->is_endless ? ", in vain" : "", turns, favourite, all,
		is_lock ? "Use a lock that keeps the order in which it is asked for, or leave it "
			  "alone for a while after each turn."
			: "Serve them in the order in which they come.");
	ilv_draft_set_moment(draft, line->waiter->subject, begin_ns + line->length_ns / 2,
			     "%s waits %s for its turn at %s, while those who asked later have %s.",
			     who, length, where, turns);
}

static enum ilv_status speak(const struct line *line, struct ilv_judgement *judgement)
{
	struct ilv_draft draft = ilv_draft_begin(judgement, ILV_SEVERITY_PROBLEM);

	draft.finding.is_cost_summed = true;
	draft.finding.cost_ns = line->cost_ns;
	draft.finding.affected_count = line->count;
	draft.finding.begin_ns = line->begin_ns - judgement->run->begin_ns;
	draft.finding.end_ns = draft.finding.begin_ns + line->length_ns;
	ilv_draft_set_title(&draft, "Starvation at %s",
			    ilv_finding_title_label(line->account.scheduler));
	describe(&draft, line);
	ilv_draft_add_entity(&draft, line->waiter->subject);
	if (line->favourite != line->waiter) {
		ilv_draft_add_entity(&draft, line->favourite->subject);
	}

	ilv_draft_add_scheduler(&draft, line->account.scheduler);
	return ilv_draft_finish(&draft);
}

static enum ilv_status judge(void *context_pointer, struct ilv_judgement *judgement)
{
	const struct context *context = context_pointer;
	const double limit_ns = WAIT_SHARE_MIN * (double)judgement->duration_ns;
	const struct line *line = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	while (status >= 0 &&
	       (line = ilv_account_next(&context->lines, judgement->run, line)) != NULL) {
		/* Whoever starves hardly has turns: the others' waits are shared out over all. */
		const double others_ns = (double)(line->wait_ns - line->cost_ns);
		const double mean_ns =
			line->turn_count > 0 ? others_ns / (double)line->turn_count : 0;

		if (line->waiter && ilv_measures_counts(line->waiter) &&
		    (double)line->length_ns >= limit_ns &&
		    (double)line->length_ns >= MEAN_RATIO_MIN * mean_ns) {
			status = speak(line, judgement);
		}
	}

	return status;
}

const struct ilv_finding_kind ilv_finding_starvation = {
	.id = "starvation",
	.context_size = sizeof(struct context),
	.fini = fini,
	.on_change = on_change,
	.change_kinds =
		1 << ILV_ENTITY_KIND_CLAIM | 1 << ILV_ENTITY_KIND_TASK | 1 << ILV_ENTITY_KIND_JOB,
	.on_run_end = on_run_end,
	.judge = judge,
};
