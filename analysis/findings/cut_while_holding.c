/* SPDX-License-Identifier: MIT */
/*
 * Description: the kernel took the CPU from a thread that held a lock, and others waited for that
 * lock until the thread ran again. The cost is the time that waiters spent while the holder was
 * ready and not let. Tasks are no case of this: while their thread is off its CPU, no other task of
 * the loop could run either.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/findings/accounts.h"
#include "analysis/findings/draft.h"
#include "analysis/findings/words.h"
#include "base/grow.h"

/* Less than this share of the run is not worth a word. */
#define COST_SHARE_LIMIT 0.01

struct cut {
	struct ilv_account account; /* of the lock */
	uint32_t count;
	int64_t cost_ns;
	/* The worst one: */
	const struct ilv_entity *holder, *taker;
	int64_t begin_ns, length_ns, worst_cost_ns;
	int32_t cpu;
	uint32_t waiter_count;
};

/* What is remembered of one entity: threads use the first part, claims the second. */
struct memory {
	const struct ilv_entity *first_held; /* a claim */
	bool is_cut;
	int64_t cut_ns;
	int32_t cpu;
	const struct ilv_entity *taker;

	const struct ilv_entity *next_held, *previous_held;
	bool is_held;
};

struct context {
	struct memory *memories; /* by the entity's index */
	uint32_t memory_count;
	struct ilv_accounts cuts;
};

static void fini(void *context_pointer)
{
	struct context *context = context_pointer;

	free(context->memories);
	ilv_accounts_fini(&context->cuts);
}

static struct memory *remember(struct context *context, const struct ilv_entity *entity)
{
	if (ilv_grow((void **)&context->memories, &context->memory_count, entity->index,
		     sizeof(*context->memories)) != ILV_STATUS_OK) {
		return NULL;
	}

	return &context->memories[entity->index];
}

/* Keeps each thread's list of the claims that it holds. */
static enum ilv_status note_claim(struct context *context, const struct ilv_change *change)
{
	const struct ilv_entity *claim = change->entity;
	bool is_held = change->state == ILV_STATE_RUNNING;
	struct memory *mine;
	struct memory *owner;

	if (!ilv_finding_is_held(claim->scheduler)) {
		return ILV_STATUS_OK;
	}

	/* Both must exist before either is pointed to, for growing moves them. */
	if (!remember(context, claim) || !remember(context, claim->subject)) {
		return ILV_STATUS_MEMORY;
	}

	mine = &context->memories[claim->index];
	owner = &context->memories[claim->subject->index];
	if (is_held && !mine->is_held) {
		mine->previous_held = NULL;
		mine->next_held = owner->first_held;
		if (mine->next_held) {
			context->memories[mine->next_held->index].previous_held = claim;
		}

		owner->first_held = claim;
	} else if (!is_held && mine->is_held) {
		if (mine->previous_held) {
			context->memories[mine->previous_held->index].next_held = mine->next_held;
		} else {
			owner->first_held = mine->next_held;
		}

		if (mine->next_held) {
			context->memories[mine->next_held->index].previous_held =
				mine->previous_held;
		}
	}

	mine->is_held = is_held;
	return ILV_STATUS_OK;
}

/* `thread`, cut short before, goes on now: whoever waited for one of its locks did so because of
 * that. */
static enum ilv_status note_return(struct context *context, const struct ilv_run *run,
				   const struct ilv_entity *thread, int64_t now_ns)
{
	struct memory *memory = &context->memories[thread->index];
	int64_t begin_ns = memory->cut_ns > run->begin_ns ? memory->cut_ns : run->begin_ns;

	for (const struct ilv_entity *claim = memory->first_held; claim;
	     claim = context->memories[claim->index].next_held) {
		int64_t cost_ns = 0;
		struct cut *cut;

		for (const struct ilv_entity *waiter = claim->scheduler->first_ready; waiter;
		     waiter = waiter->next_ready) {
			int64_t since_ns = waiter->since_ns;

			cost_ns += now_ns - (since_ns > begin_ns ? since_ns : begin_ns);
		}

		if (cost_ns <= 0) {
			continue;
		}

		cut = ilv_account_take(&context->cuts, run, claim->scheduler, sizeof(*cut));
		if (!cut) {
			return ILV_STATUS_MEMORY;
		}

		cut->count++;
		cut->cost_ns += cost_ns;
		if (cost_ns > cut->worst_cost_ns) {
			cut->worst_cost_ns = cost_ns;
			cut->holder = thread;
			cut->taker = memory->taker;
			cut->cpu = memory->cpu;
			cut->begin_ns = begin_ns;
			cut->length_ns = now_ns - begin_ns;
			cut->waiter_count = claim->scheduler->ready_count;
		}
	}

	return ILV_STATUS_OK;
}

static enum ilv_status on_change(void *context_pointer, const struct ilv_change *change)
{
	struct context *context = context_pointer;
	const struct ilv_entity *entity = change->entity;
	enum ilv_status status = ILV_STATUS_OK;
	const struct ilv_run *run;
	struct memory *memory;

	if (change->is_correction) {
		return ILV_STATUS_OK;
	}

	if (entity->kind == ILV_ENTITY_KIND_CLAIM) {
		return note_claim(context, change);
	}

	memory = remember(context, entity);
	if (!memory) {
		return ILV_STATUS_MEMORY;
	}

	run = ilv_finding_run_now(entity);
	if (memory->is_cut && run && change->state == ILV_STATE_RUNNING) {
		status = note_return(context, run, entity, change->time_ns);
	}

	memory->is_cut = change->cause == ILV_CAUSE_CUT && change->state == ILV_STATE_READY &&
			 memory->first_held != NULL;
	memory->cut_ns = change->time_ns;
	memory->cpu = entity->executor;
	memory->taker = change->other;
	return status;
}

static enum ilv_status speak(const struct cut *cut, struct ilv_judgement *judgement)
{
	struct ilv_draft draft = ilv_draft_begin(judgement, ILV_SEVERITY_WARNING);
	const int64_t begin_ns = cut->begin_ns - judgement->run->begin_ns;
	const char *holder = ilv_finding_label(cut->holder);
	const bool is_gil = cut->account.scheduler->kind == ILV_SCHEDULER_KIND_GIL;
	const char *lock = ilv_finding_scheduler_label(cut->account.scheduler);
	const char *taker = cut->taker ? ilv_finding_label(cut->taker) : "another thread";
	const char *waiters = ilv_finding_plural(cut->waiter_count, "thread", "threads");
	const char *length = ilv_finding_duration(cut->length_ns);
	char cpu[24] = "the CPU";
	char all[64] = "";

	if (cut->cpu >= 0) {
		(void)snprintf(cpu, sizeof(cpu), "CPU %d", cut->cpu);
	}

	if (cut->count > 1) {
		(void)snprintf(all, sizeof(all), " In all it happened %s.",
			       ilv_finding_plural(cut->count, "time", "times"));
	}

	draft.finding.is_cost_summed = true;
	draft.finding.cost_ns = cut->cost_ns;
	draft.finding.affected_count = cut->count;
	draft.finding.begin_ns = begin_ns;
	draft.finding.end_ns = begin_ns + cut->length_ns;
	ilv_draft_set_title(&draft, "Cut short while holding %s", is_gil ? "the GIL" : "a lock");
	ilv_draft_set_text(
		&draft,
		"At %s the kernel took %s from %s, which held %s, and gave it to %s. %s waited for "
		"%s until %s ran again, %s later.%s %s",
		ilv_finding_duration(begin_ns), cpu, holder, lock, taker, waiters,
		is_gil ? lock : "the lock", holder, length, all,
		is_gil ? "Whoever computes holds it, and all wait with whoever loses the CPU: let "
			 "fewer threads and programs want the CPUs, or hand the computing to "
			 "processes."
		       : "Do less while holding the lock, or start fewer threads than would have "
			 "to take turns.");
	ilv_draft_add_entity(&draft, cut->holder);
	ilv_draft_add_scheduler(&draft, cut->account.scheduler);
	ilv_draft_set_moment(
		&draft, cut->holder, begin_ns,
		"The kernel takes %s from %s, which holds %s, and gives it to %s; %s must wait "
		"until %s runs again, %s later.",
		cpu, holder, lock, taker, waiters, holder, length);
	return ilv_draft_finish(&draft);
}

static enum ilv_status judge(void *context_pointer, struct ilv_judgement *judgement)
{
	const struct context *context = context_pointer;
	const struct cut *cut = NULL;
	const double limit_ns = COST_SHARE_LIMIT * (double)judgement->duration_ns;
	enum ilv_status status = ILV_STATUS_OK;

	while (status >= 0 &&
	       (cut = ilv_account_next(&context->cuts, judgement->run, cut)) != NULL) {
		if ((double)cut->cost_ns >= limit_ns) {
			status = speak(cut, judgement);
		}
	}

	return status;
}

const struct ilv_finding_kind ilv_finding_cut_while_holding = {
	.id = "cut-while-holding",
	.context_size = sizeof(struct context),
	.fini = fini,
	.on_change = on_change,
	.change_kinds = 1 << ILV_ENTITY_KIND_THREAD | 1 << ILV_ENTITY_KIND_CLAIM,
	.judge = judge,
};
