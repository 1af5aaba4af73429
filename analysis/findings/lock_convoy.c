/* SPDX-License-Identifier: MIT */
/*
 * Description: threads or tasks that hand a lock around. As soon as one has it, the next one waits
 * for it; each hand-over is a switch, and takes longer than what is done under the lock, so that
 * the hand-over and not the work sets the pace. It is when
 *
 * - the line never empties: nine tenths of the time in which the lock is held or wanted, somebody
 *   waits for it;
 * - most acquisitions had to wait. Otherwise somebody takes it again and again before whoever was
 *   woken comes, and the hand-overs are few;
 * - while somebody waits, the lock is free for at least as long as it is held;
 * - a hand-over takes 2 us or more on average: what is faster is no switch, they spin;
 * - there were 100 hand-overs, so that an average says something; and together they took a
 *   twentieth of the run, as with a contended lock.
 *
 * The cost is the time in which the lock was free while somebody waited for it. A GIL has a finding
 * of its own.
 */
#include "analysis/findings/accounts.h"
#include "analysis/findings/draft.h"
#include "analysis/findings/words.h"

#define WANTED_SHARE_MIN    0.9
#define CONTENDED_SHARE_MIN 0.5
#define HAND_OVER_MIN_NS    2000
#define HAND_OVER_COUNT_MIN 100
#define COST_SHARE_LIMIT    0.05 /* of the run */

/* A lock in one run. */
struct convoy {
	struct ilv_account account;
	uint64_t acquisition_count, contended_count;
	int64_t told_ns;            /* up to here the times below are counted */
	int64_t held_ns;            /* in all */
	int64_t wanted_ns, free_ns; /* somebody waited: in all, and while nobody held it */
	int64_t begin_ns, end_ns; /* the first and the last acquisition of those that had to wait */
	/* The longest hand-over: */
	const struct ilv_entity *taker;
	int64_t free_since_ns; /* of the one that goes on; ILV_UNKNOWN: none does */
	int64_t longest_begin_ns, longest_ns;
};

struct context {
	struct ilv_accounts convoys;
};

static void fini(void *context_pointer)
{
	struct context *context = context_pointer;

	ilv_accounts_fini(&context->convoys);
}

/* Counts the time up to now, in which the lock was as it still is. */
static void count_time(struct convoy *convoy, int64_t now_ns)
{
	const bool is_wanted = convoy->account.scheduler->ready_count > 0;
	const bool is_held = convoy->account.scheduler->running_count > 0;
	const int64_t length_ns = now_ns - convoy->told_ns;

	convoy->held_ns += is_held ? length_ns : 0;
	convoy->wanted_ns += is_wanted ? length_ns : 0;
	convoy->free_ns += is_wanted && !is_held ? length_ns : 0;
	if (!is_wanted || is_held) {
		convoy->free_since_ns = ILV_UNKNOWN;
	} else if (convoy->free_since_ns == ILV_UNKNOWN) {
		convoy->free_since_ns = convoy->told_ns;
	}

	convoy->told_ns = now_ns;
}

/* `claim` gets the lock after it has waited. */
static void note_hand_over(struct convoy *convoy, const struct ilv_entity *claim, int64_t now_ns)
{
	if (convoy->contended_count++ == 0) {
		convoy->begin_ns = now_ns;
	}

	convoy->end_ns = now_ns;
	if (convoy->free_since_ns != ILV_UNKNOWN &&
	    now_ns - convoy->free_since_ns > convoy->longest_ns) {
		convoy->longest_begin_ns = convoy->free_since_ns;
		convoy->longest_ns = now_ns - convoy->free_since_ns;
		convoy->taker = claim;
	}
}

static enum ilv_status on_change(void *context_pointer, const struct ilv_change *change)
{
	struct context *context = context_pointer;
	const struct ilv_entity *claim = change->entity;
	const struct ilv_run *run;
	struct convoy *convoy;

	if (change->is_correction || claim->scheduler->kind == ILV_SCHEDULER_KIND_GIL ||
	    !ilv_finding_is_held(claim->scheduler)) {
		return ILV_STATUS_OK;
	}

	run = ilv_finding_run_now(claim);
	if (!run) {
		return ILV_STATUS_OK;
	}

	convoy = ilv_account_take(&context->convoys, run, claim->scheduler, sizeof(*convoy));
	if (!convoy) {
		return ILV_STATUS_MEMORY;
	}

	if (convoy->told_ns == 0) {
		convoy->told_ns = change->time_ns;
		convoy->free_since_ns = ILV_UNKNOWN;
	}

	count_time(convoy, change->time_ns);
	if (change->state == ILV_STATE_RUNNING && claim->state != ILV_STATE_RUNNING) {
		convoy->acquisition_count++;
		if (claim->state == ILV_STATE_READY) {
			note_hand_over(convoy, claim, change->time_ns);
		}
	}

	return ILV_STATUS_OK;
}

static bool is_convoy(const struct convoy *convoy, int64_t duration_ns)
{
	const int64_t busy_ns = convoy->held_ns + convoy->free_ns;
	const int64_t wanted_held_ns = convoy->wanted_ns - convoy->free_ns;

	return convoy->taker && convoy->contended_count >= HAND_OVER_COUNT_MIN &&
	       (double)convoy->wanted_ns >= WANTED_SHARE_MIN * (double)busy_ns &&
	       (double)convoy->contended_count >=
		       CONTENDED_SHARE_MIN * (double)convoy->acquisition_count &&
	       convoy->free_ns >= wanted_held_ns &&
	       convoy->free_ns >= (int64_t)convoy->contended_count * HAND_OVER_MIN_NS &&
	       (double)convoy->free_ns >= COST_SHARE_LIMIT * (double)duration_ns;
}

static enum ilv_status speak(const struct convoy *convoy, struct ilv_judgement *judgement)
{
	struct ilv_draft draft = ilv_draft_begin(judgement, ILV_SEVERITY_WARNING);
	const struct ilv_scheduler *lock = convoy->account.scheduler;
	const int64_t run_begin_ns = judgement->run->begin_ns;
	const int64_t hand_over_count = (int64_t)convoy->contended_count;
	const int64_t acquisition_count = (int64_t)convoy->acquisition_count;
	const struct ilv_entity *taker = convoy->taker->subject;

	draft.finding.cost_ns = convoy->free_ns;
	draft.finding.affected_count = hand_over_count;
	draft.finding.total_count = acquisition_count;
	draft.finding.begin_ns = convoy->begin_ns - run_begin_ns;
	draft.finding.end_ns = convoy->end_ns - run_begin_ns;
	ilv_draft_set_title(&draft, "Convoy at %s", ilv_finding_title_label(lock));
	ilv_draft_set_text(
		&draft,
		"From %s on %s was handed around: of %s, %s had to wait. It was held for %s at a "
		"time, and then it took %s until the next one had it, which is a switch each time: "
		"the hand-overs set the pace, not the work. Take it less often, for more at a "
		"time, or give each its own part of what it protects.",
		ilv_finding_duration(draft.finding.begin_ns), ilv_finding_scheduler_label(lock),
		ilv_finding_plural(acquisition_count, "acquisition", "acquisitions"),
		ilv_finding_count(hand_over_count),
		ilv_finding_duration(convoy->held_ns / acquisition_count),
		ilv_finding_duration(convoy->free_ns / hand_over_count));
	ilv_draft_add_entity(&draft, taker);
	ilv_draft_add_scheduler(&draft, lock);
	ilv_draft_set_moment(&draft, taker,
			     convoy->longest_begin_ns - run_begin_ns + convoy->longest_ns / 2,
			     "%s is free, and %s waits for it: it takes %s until it has it.",
			     ilv_finding_scheduler_label(lock), ilv_finding_label(taker),
			     ilv_finding_duration(convoy->longest_ns));
	return ilv_draft_finish(&draft);
}

static enum ilv_status judge(void *context_pointer, struct ilv_judgement *judgement)
{
	const struct context *context = context_pointer;
	const struct convoy *convoy = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	while (status >= 0 &&
	       (convoy = ilv_account_next(&context->convoys, judgement->run, convoy)) != NULL) {
		if (is_convoy(convoy, judgement->duration_ns)) {
			status = speak(convoy, judgement);
		}
	}

	return status;
}

const struct ilv_finding_kind ilv_finding_lock_convoy = {
	.id = "lock-convoy",
	.context_size = sizeof(struct context),
	.fini = fini,
	.on_change = on_change,
	.change_kinds = 1 << ILV_ENTITY_KIND_CLAIM,
	.judge = judge,
};
