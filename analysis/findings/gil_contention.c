/* SPDX-License-Identifier: MIT */
/*
 * Description: threads that waited for an interpreter lock, which has to be held for computing. The
 * waits are claims' stays in ready, and the cost is their sum. What tells it from any other lock:
 * it was handed over on request, and holding it for less time is not in the program's power, unless
 * a thread kept it while it did not compute, but waited for something else itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/findings/accounts.h"
#include "analysis/findings/draft.h"
#include "analysis/findings/words.h"
#include "analysis/report/words.h"
#include "base/grow.h"

/* A GIL is worth a word when the waits for it add up to this share of the run. */
#define WAIT_SHARE_LIMIT 0.05

/* Where holders were blocked for this share of the waits, it is worth a word; for that one, it is
 * what the finding is about. */
#define BLOCKED_SHARE_SAID 0.1
#define BLOCKED_SHARE_MAIN 0.5

/* One GIL in one run. */
struct gil {
	struct ilv_account account;
	int64_t wait_ns;
	uint64_t wait_count, in_vain_count, acquisition_count, forced_count;
	uint32_t waiter_count;            /* threads that waited at least once */
	const struct ilv_entity *current; /* who has it now; NULL: nobody who got it in this run */
	const struct ilv_entity *thread;  /* whose thread that is; NULL: not known */
	/* Who held it most: */
	const struct ilv_entity *holder;
	int64_t held_ns;
	/* The longest wait: */
	const struct ilv_entity *waiter;
	int64_t begin_ns, length_ns;
	/* Of the waits: while the holder was blocked itself. */
	int64_t blocked_ns;
	/* The longest such stretch: */
	const struct ilv_entity *blocked; /* thread */
	enum ilv_wait_reason blocked_reason;
	int64_t blocked_length_ns;
};

/* What one claim did in the run that it was in last. */
struct share {
	const struct ilv_run *run;
	int64_t wait_ns, held_ns;
};

struct context {
	struct ilv_accounts gils;
	struct share *shares; /* by the claim's index */
	uint32_t share_count;
	struct gil **holds; /* by the thread's index: what it holds now; NULL: none */
	uint32_t hold_count;
};

static void fini(void *context_pointer)
{
	struct context *context = context_pointer;

	ilv_accounts_fini(&context->gils);
	free(context->shares);
	free(context->holds);
}

/* What is kept of a claim in `run`, begun anew in another run than the last time. NULL when memory
 * is short. */
static struct share *take_share(struct context *context, const struct ilv_entity *claim,
				const struct ilv_run *run)
{
	struct share *share;

	if (ilv_grow((void **)&context->shares, &context->share_count, claim->index,
		     sizeof(*context->shares)) != ILV_STATUS_OK) {
		return NULL;
	}

	share = &context->shares[claim->index];
	if (share->run != run) {
		*share = (struct share){.run = run};
	}

	return share;
}

/* A wait of `claim` is over, be it that it got the GIL, that it gave up, or that the run ended. */
static void note_wait(struct gil *gil, struct share *share, const struct ilv_entity *claim,
		      int64_t begin_ns, int64_t end_ns, bool has_got_it)
{
	gil->waiter_count += share->wait_ns == 0 && end_ns > begin_ns;
	share->wait_ns += end_ns - begin_ns;
	gil->wait_ns += end_ns - begin_ns;
	gil->wait_count += has_got_it;
	gil->in_vain_count += !has_got_it;
	if (end_ns - begin_ns > gil->length_ns) {
		gil->length_ns = end_ns - begin_ns;
		gil->begin_ns = begin_ns;
		gil->waiter = claim;
	}
}

static void note_hold(struct gil *gil, struct share *share, const struct ilv_entity *claim,
		      int64_t begin_ns, int64_t end_ns)
{
	share->held_ns += end_ns - begin_ns;
	if (share->held_ns > gil->held_ns) {
		gil->held_ns = share->held_ns;
		gil->holder = claim;
	}
}

/* The thread that goes on for whom `claim` is of; NULL: not known. */
static const struct ilv_entity *thread_of(const struct ilv_entity *claim)
{
	const struct ilv_entity *subject = claim->subject;

	return subject->kind == ILV_ENTITY_KIND_TASK ? subject->carrier : subject;
}

/* Notes what `thread` holds from now on. */
static enum ilv_status set_hold(struct context *context, const struct ilv_entity *thread,
				struct gil *gil)
{
	if (!thread) {
		return ILV_STATUS_OK;
	}
	if (ilv_grow((void **)&context->holds, &context->hold_count, thread->index,
		     sizeof(struct gil *)) != ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	context->holds[thread->index] = gil;
	return ILV_STATUS_OK;
}

/* `thread` held `gil` and was blocked until `end_ns`: whoever waited meanwhile did so for nothing.
 */
static void note_blocked(struct gil *gil, const struct ilv_entity *thread, int64_t end_ns)
{
	const int64_t begin_ns = ilv_finding_since(thread, gil->account.run);

	for (const struct ilv_entity *claim = gil->account.scheduler->first_ready; claim;
	     claim = claim->next_ready) {
		const int64_t since_ns = claim->since_ns > begin_ns ? claim->since_ns : begin_ns;

		gil->blocked_ns += end_ns > since_ns ? end_ns - since_ns : 0;
	}

	if (gil->account.scheduler->first_ready && end_ns - begin_ns > gil->blocked_length_ns) {
		gil->blocked = thread;
		gil->blocked_reason = thread->reason;
		gil->blocked_length_ns = end_ns - begin_ns;
	}
}

static void watch_thread(const struct context *context, const struct ilv_change *change)
{
	const struct ilv_entity *thread = change->entity;
	struct gil *gil =
		thread->index < context->hold_count ? context->holds[thread->index] : NULL;

	if (gil && thread->state == ILV_STATE_WAITING &&
	    ilv_finding_run_now(thread) == gil->account.run) {
		note_blocked(gil, thread, change->time_ns);
	}
}

static enum ilv_status watch_claim(struct context *context, const struct ilv_change *change)
{
	const struct ilv_entity *claim = change->entity;
	const struct ilv_run *run = ilv_finding_run_now(claim);
	enum ilv_status status = ILV_STATUS_OK;
	struct gil *gil;
	struct share *share;
	int64_t begin_ns;

	if (!run) {
		return ILV_STATUS_OK;
	}

	gil = ilv_account_take(&context->gils, run, claim->scheduler, sizeof(*gil));
	share = take_share(context, claim, run);
	if (!gil || !share) {
		return ILV_STATUS_MEMORY;
	}

	begin_ns = ilv_finding_since(claim, run);
	if (claim->state == ILV_STATE_READY) {
		note_wait(gil, share, claim, begin_ns, change->time_ns,
			  change->state == ILV_STATE_RUNNING);
	} else if (claim->state == ILV_STATE_RUNNING) {
		note_hold(gil, share, claim, begin_ns, change->time_ns);
		gil->forced_count += change->cause == ILV_CAUSE_FORCED;
		gil->current = NULL;
		status = set_hold(context, gil->thread, NULL);
		gil->thread = NULL;
	}

	if (status == ILV_STATUS_OK && change->state == ILV_STATE_RUNNING) {
		gil->acquisition_count++;
		gil->current = claim;
		gil->thread = thread_of(claim);
		status = set_hold(context, gil->thread, gil);
	}

	return status;
}

static enum ilv_status on_change(void *context, const struct ilv_change *change)
{
	if (change->is_correction) {
		return ILV_STATUS_OK;
	}
	if (change->entity->kind == ILV_ENTITY_KIND_THREAD) {
		watch_thread(context, change);
		return ILV_STATUS_OK;
	}

	return change->entity->scheduler->kind == ILV_SCHEDULER_KIND_GIL
		       ? watch_claim(context, change)
		       : ILV_STATUS_OK;
}

/* Whoever waits or holds it now has done so as far as this run is concerned. */
static enum ilv_status on_run_end(void *context_pointer, const struct ilv_run *run)
{
	struct context *context = context_pointer;
	struct gil *gil = NULL;

	while ((gil = ilv_account_next(&context->gils, run, gil)) != NULL) {
		const struct ilv_entity *current = gil->current;

		for (const struct ilv_entity *claim = gil->account.scheduler->first_ready; claim;
		     claim = claim->next_ready) {
			struct share *share = take_share(context, claim, run);

			if (!share) {
				return ILV_STATUS_MEMORY;
			}

			note_wait(gil, share, claim, ilv_finding_since(claim, run), run->end_ns,
				  false);
		}

		if (gil->thread && gil->thread->state == ILV_STATE_WAITING) {
			note_blocked(gil, gil->thread, run->end_ns);
		}
		if (current) {
			note_hold(gil, &context->shares[current->index], current,
				  ilv_finding_since(current, run), run->end_ns);
		}
	}

	return ILV_STATUS_OK;
}

/* Whoever held it computed, as one must hold it to do. */
static void describe_turns(struct ilv_draft *draft, const struct gil *gil)
{
	const char *label = ilv_finding_scheduler_label(gil->account.scheduler);
	char blocked[160] = "";
	char in_vain[64] = "";

	if (gil->in_vain_count > 0) {
		(void)snprintf(in_vain, sizeof(in_vain), ", %s in vain",
			       ilv_finding_plural((int64_t)gil->in_vain_count, "more wait was",
						  "more waits were"));
	}

	if ((double)gil->blocked_ns >= BLOCKED_SHARE_SAID * (double)gil->wait_ns) {
		(void)snprintf(blocked, sizeof(blocked),
			       " For %s whoever held it was blocked itself: give it up around such "
			       "calls.",
			       ilv_finding_duration(gil->blocked_ns));
	}

	ilv_draft_set_title(draft, "Threads take turns under a GIL");
	ilv_draft_set_text(
		draft,
		"%s waited for %s, %s in all; of %s, %s had to wait%s, and %s it was given up on "
		"request. %s held it longest, %s in all. The longest wait began at %s: %s waited "
		"%s. What computes under a GIL takes turns: hand it to processes, or to code that "
		"gives the GIL up.%s",
		ilv_finding_plural(gil->waiter_count, "thread", "threads"), label,
		ilv_finding_duration(gil->wait_ns),
		ilv_finding_plural((int64_t)gil->acquisition_count, "acquisition", "acquisitions"),
		ilv_finding_count((int64_t)gil->wait_count), in_vain,
		ilv_finding_plural((int64_t)gil->forced_count, "time", "times"),
		ilv_finding_label(gil->holder->subject), ilv_finding_duration(gil->held_ns),
		ilv_finding_duration(draft->finding.begin_ns),
		ilv_finding_label(gil->waiter->subject), ilv_finding_duration(gil->length_ns),
		blocked);
}

/* Whoever held it computed nothing: it could have been given up. */
static void describe_blocked(struct ilv_draft *draft, const struct gil *gil)
{
	const char *reason = ilv_wait_reason_word(gil->blocked_reason);
	char call[64] = "";

	if (gil->blocked_reason != ILV_WAIT_REASON_NONE) {
		(void)snprintf(call, sizeof(call), " (%s)", reason);
	}

	ilv_draft_set_title(draft, "Blocked while holding the GIL");
	ilv_draft_set_text(
		draft,
		"%s waited for %s, %s in all, and %s of that while whoever held it did not "
		"compute, but was blocked itself: %s for the longest, %s at a stretch%s. Give it "
		"up around calls that block, as CPython does around its own: who waits in them "
		"needs none.",
		ilv_finding_plural(gil->waiter_count, "thread", "threads"),
		ilv_finding_scheduler_label(gil->account.scheduler),
		ilv_finding_duration(gil->wait_ns), ilv_finding_duration(gil->blocked_ns),
		ilv_finding_label(gil->blocked), ilv_finding_duration(gil->blocked_length_ns),
		call);
}

static void describe_unheld(struct ilv_draft *draft, const struct gil *gil)
{
	ilv_draft_set_title(draft, "Threads take turns under a GIL");
	ilv_draft_set_text(
		draft,
		"%s waited for %s, %s in all, and nobody was seen to hold it. The "
		"longest wait began at %s: %s waited %s.",
		ilv_finding_plural(gil->waiter_count, "thread", "threads"),
		ilv_finding_scheduler_label(gil->account.scheduler),
		ilv_finding_duration(gil->wait_ns), ilv_finding_duration(draft->finding.begin_ns),
		ilv_finding_label(gil->waiter->subject), ilv_finding_duration(gil->length_ns));
}

static enum ilv_status speak(const struct gil *gil, struct ilv_judgement *judgement)
{
	struct ilv_draft draft = ilv_draft_begin(judgement, ILV_SEVERITY_WARNING);

	draft.finding.is_cost_summed = true;
	draft.finding.cost_ns = gil->wait_ns;
	draft.finding.affected_count = (int64_t)gil->wait_count;
	draft.finding.total_count = (int64_t)gil->acquisition_count;
	draft.finding.begin_ns = gil->begin_ns - judgement->run->begin_ns;
	draft.finding.end_ns = draft.finding.begin_ns + gil->length_ns;
	ilv_draft_set_moment(&draft, gil->waiter->subject,
			     draft.finding.begin_ns + gil->length_ns / 2, "%s waits %s for %s.",
			     ilv_finding_label(gil->waiter->subject),
			     ilv_finding_duration(gil->length_ns),
			     ilv_finding_scheduler_label(gil->account.scheduler));
	if (gil->blocked && (double)gil->blocked_ns >= BLOCKED_SHARE_MAIN * (double)gil->wait_ns) {
		describe_blocked(&draft, gil);
	} else if (gil->holder) {
		describe_turns(&draft, gil);
	} else {
		describe_unheld(&draft, gil);
	}

	ilv_draft_add_entity(&draft, gil->waiter->subject);
	if (gil->holder && gil->holder != gil->waiter) {
		ilv_draft_add_entity(&draft, gil->holder->subject);
	}

	ilv_draft_add_scheduler(&draft, gil->account.scheduler);
	return ilv_draft_finish(&draft);
}

static enum ilv_status judge(void *context_pointer, struct ilv_judgement *judgement)
{
	const struct context *context = context_pointer;
	const struct gil *gil = NULL;
	const double limit_ns = WAIT_SHARE_LIMIT * (double)judgement->duration_ns;
	enum ilv_status status = ILV_STATUS_OK;

	while (status >= 0 &&
	       (gil = ilv_account_next(&context->gils, judgement->run, gil)) != NULL) {
		if (gil->waiter && (double)gil->wait_ns >= limit_ns) {
			status = speak(gil, judgement);
		}
	}

	return status;
}

const struct ilv_finding_kind ilv_finding_gil_contention = {
	.id = "gil-contention",
	.context_size = sizeof(struct context),
	.fini = fini,
	.on_change = on_change,
	.change_kinds = 1 << ILV_ENTITY_KIND_THREAD | 1 << ILV_ENTITY_KIND_CLAIM,
	.on_run_end = on_run_end,
	.judge = judge,
};
