/* SPDX-License-Identifier: MIT */
/*
 * Description: a lock that others had to wait for, often or long. The waits are claims' stays in
 * ready, whether they ended with the lock or not; the cost is their sum. A GIL has a finding of its
 * own. The moment shown is the longest wait, with whoever held the lock when it began.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/findings/accounts.h"
#include "analysis/findings/draft.h"
#include "analysis/findings/words.h"
#include "base/grow.h"

/* A lock is worth a word when its waits add up to this share of the run. */
#define WAIT_SHARE_LIMIT 0.05

enum fate {
	FATE_GOT_IT,
	FATE_GAVE_UP,
	FATE_NEVER_GOT_IT, /* the run was over, or the life of who waited */
};

/* What is known of one lock in one run. */
struct contention {
	struct ilv_account account;
	int64_t total_ns;
	uint64_t wait_count, in_vain_count, acquisition_count;
	/* The longest wait: */
	const struct ilv_entity *waiter, *held_by;
	int64_t begin_ns, length_ns;
	enum fate fate;
};

struct context {
	struct ilv_accounts contentions;
	const struct ilv_entity **holders; /* by the scheduler's index: the newest claim that got it
					    */
	uint32_t holder_count;
	/* Who held the lock when a claim began to wait, by the claim's index. */
	const struct ilv_entity **blockers;
	uint32_t blocker_count;
};

static void fini(void *context_pointer)
{
	struct context *context = context_pointer;

	ilv_accounts_fini(&context->contentions);
	free(context->holders);
	free(context->blockers);
}

/* Who held the lock when `claim` began to wait; NULL: nobody known, or it did so before any run. */
static const struct ilv_entity *blocker_of(const struct context *context,
					   const struct ilv_entity *claim)
{
	return claim->index < context->blocker_count ? context->blockers[claim->index] : NULL;
}

/* A wait of `claim` is over. */
static void note_wait(struct contention *contention, const struct ilv_entity *claim,
		      const struct ilv_entity *held_by, int64_t now_ns, enum fate fate)
{
	int64_t begin_ns = ilv_finding_since(claim, contention->account.run);

	contention->total_ns += now_ns - begin_ns;
	contention->wait_count += fate == FATE_GOT_IT;
	contention->in_vain_count += fate != FATE_GOT_IT;
	if (now_ns - begin_ns > contention->length_ns) {
		contention->length_ns = now_ns - begin_ns;
		contention->begin_ns = begin_ns;
		contention->waiter = claim;
		contention->held_by = held_by;
		contention->fate = fate;
	}
}

static enum ilv_status on_change(void *context_pointer, const struct ilv_change *change)
{
	struct context *context = context_pointer;
	const struct ilv_entity *claim = change->entity;
	const struct ilv_entity **holder;
	struct contention *contention;
	const struct ilv_run *run;

	if (change->is_correction || claim->scheduler->kind == ILV_SCHEDULER_KIND_GIL ||
	    !ilv_finding_is_held(claim->scheduler)) {
		return ILV_STATUS_OK;
	}

	run = ilv_finding_run_now(claim);
	if (!run) {
		return ILV_STATUS_OK;
	}

	contention =
		ilv_account_take(&context->contentions, run, claim->scheduler, sizeof(*contention));
	if (!contention ||
	    ilv_grow((void **)&context->holders, &context->holder_count, claim->scheduler->index,
		     sizeof(*context->holders)) != ILV_STATUS_OK ||
	    ilv_grow((void **)&context->blockers, &context->blocker_count, claim->index,
		     sizeof(*context->blockers)) != ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	holder = &context->holders[claim->scheduler->index];
	if (claim->state == ILV_STATE_READY) {
		note_wait(contention, claim, blocker_of(context, claim), change->time_ns,
			  change->state == ILV_STATE_RUNNING ? FATE_GOT_IT
			  : change->state == ILV_STATE_DONE  ? FATE_NEVER_GOT_IT
							     : FATE_GAVE_UP);
	}

	if (change->state == ILV_STATE_READY) {
		context->blockers[claim->index] = *holder;
	} else if (change->state == ILV_STATE_RUNNING) {
		contention->acquisition_count++;
		*holder = claim;
	} else if (*holder == claim) {
		*holder = NULL;
	}

	return ILV_STATUS_OK;
}

/* Whoever waits now has waited for nothing, as far as this run is concerned. */
static enum ilv_status on_run_end(void *context_pointer, const struct ilv_run *run)
{
	const struct context *context = context_pointer;
	struct contention *contention = NULL;

	while ((contention = ilv_account_next(&context->contentions, run, contention)) != NULL) {
		for (const struct ilv_entity *claim = contention->account.scheduler->first_ready;
		     claim; claim = claim->next_ready) {
			note_wait(contention, claim, blocker_of(context, claim), run->end_ns,
				  FATE_NEVER_GOT_IT);
		}
	}

	return ILV_STATUS_OK;
}

/* How many had to wait, of how many. */
static void count_waits(const struct contention *contention, const char *lock, char *text,
			size_t size)
{
	const int64_t in_vain_count = (int64_t)contention->in_vain_count;
	char in_vain[64] = "";

	if (contention->acquisition_count == 0) {
		(void)snprintf(text, size, "Nobody got %s in this run, and %s in vain", lock,
			       ilv_finding_plural(in_vain_count, "wait was", "waits were"));
		return;
	}

	if (in_vain_count > 0) {
		(void)snprintf(
			in_vain, sizeof(in_vain), "; %s in vain",
			ilv_finding_plural(in_vain_count, "more wait was", "more waits were"));
	}

	(void)snprintf(text, size, "Of %s of %s, %s had to wait%s",
		       ilv_finding_plural((int64_t)contention->acquisition_count, "acquisition",
					  "acquisitions"),
		       lock, ilv_finding_count((int64_t)contention->wait_count), in_vain);
}

/* What the finding says, and what to do about it. */
static void describe(struct ilv_draft *draft, const struct contention *contention)
{
	static const char *const fates[] = {
		[FATE_GOT_IT] = "",
		[FATE_GAVE_UP] = ", and gave up",
		[FATE_NEVER_GOT_IT] = ", and never got it",
	};
	const char *waiter = ilv_finding_label(contention->waiter->subject);
	const char *lock = ilv_finding_scheduler_label(contention->account.scheduler);
	const char *holder =
		contention->held_by ? ilv_finding_label(contention->held_by->subject) : NULL;
	const int64_t begin_ns = draft->finding.begin_ns;
	const bool is_endless = contention->fate == FATE_NEVER_GOT_IT;
	const bool is_only = contention->wait_count + contention->in_vain_count == 1;
	char waits[300];
	char all[100] = ". The wait";
	char held[200] = "";
	char holds[200] = "";
	char advice[240] = "Hold it for less time, or give each its own part of what it protects.";

	count_waits(contention, lock, waits, sizeof(waits));
	if (!is_only) {
		(void)snprintf(all, sizeof(all), "; all waits together took %s. The longest",
			       ilv_finding_duration(contention->total_ns));
	}

	if (holder) {
		(void)snprintf(held, sizeof(held), " while %s held it", holder);
		(void)snprintf(holds, sizeof(holds), ", which %s holds", holder);
	}

	if (is_endless) {
		(void)snprintf(advice, sizeof(advice), "See why %s did not give it up.",
			       holder ? holder : "whoever had it");
	}

	ilv_draft_set_text(draft, "%s%s began at %s%s: %s waited %s%s%s. %s", waits, all,
			   ilv_finding_duration(begin_ns),
			   holder ? "" : ", when nobody was seen to hold it", waiter,
			   ilv_finding_duration(contention->length_ns), held,
			   fates[contention->fate], advice);
	ilv_draft_set_moment(draft, contention->waiter->subject,
			     begin_ns + contention->length_ns / 2, "%s waits %s for %s%s%s.",
			     waiter, ilv_finding_duration(contention->length_ns), lock, holds,
			     is_endless ? ", and never gets it" : "");
}

static enum ilv_status speak(const struct contention *contention, struct ilv_judgement *judgement)
{
	const struct ilv_scheduler *lock = contention->account.scheduler;
	struct ilv_draft draft = ilv_draft_begin(judgement, ILV_SEVERITY_WARNING);

	draft.finding.is_cost_summed = true;
	draft.finding.cost_ns = contention->total_ns;
	draft.finding.affected_count = (int64_t)contention->wait_count;
	draft.finding.total_count = (int64_t)contention->acquisition_count;
	draft.finding.begin_ns = contention->begin_ns - judgement->run->begin_ns;
	draft.finding.end_ns = draft.finding.begin_ns + contention->length_ns;
	ilv_draft_set_title(&draft, "Contended %s", ilv_finding_title_label(lock));
	describe(&draft, contention);
	ilv_draft_add_entity(&draft, contention->waiter->subject);
	if (contention->held_by) {
		ilv_draft_add_entity(&draft, contention->held_by->subject);
	}

	ilv_draft_add_scheduler(&draft, lock);
	return ilv_draft_finish(&draft);
}

static enum ilv_status judge(void *context_pointer, struct ilv_judgement *judgement)
{
	const struct context *context = context_pointer;
	const struct contention *contention = NULL;
	const double limit_ns = WAIT_SHARE_LIMIT * (double)judgement->duration_ns;
	enum ilv_status status = ILV_STATUS_OK;

	while (status >= 0 && (contention = ilv_account_next(&context->contentions, judgement->run,
							     contention)) != NULL) {
		if (contention->waiter && (double)contention->total_ns >= limit_ns) {
			status = speak(contention, judgement);
		}
	}

	return status;
}

const struct ilv_finding_kind ilv_finding_contended_lock = {
	.id = "contended-lock",
	.context_size = sizeof(struct context),
	.fini = fini,
	.on_change = on_change,
	.change_kinds = 1 << ILV_ENTITY_KIND_CLAIM,
	.on_run_end = on_run_end,
	.judge = judge,
};
