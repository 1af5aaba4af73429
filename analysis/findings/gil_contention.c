/* SPDX-License-Identifier: MIT */
/*
 * Description: threads that computed in turns because one interpreter lock had to be held for it.
 * The waits are claims' stays in ready, and the cost is their sum. What tells it from any other
 * lock: it was handed over on request, and holding it for less time is not in the program's power.
 */
#include "analysis/findings/build.h"

#include <stdlib.h>

#include "analysis/findings/accounts.h"
#include "base/grow.h"

/* A GIL is worth a word when the waits for it add up to this share of the run. */
#define WAIT_SHARE_LIMIT 0.05

/* One GIL in one run. */
struct gil {
	struct ilv_account account;
	int64_t wait_ns;
	uint64_t wait_count, acquisition_count, forced_count;
	uint32_t waiter_count;            /* threads that waited at least once */
	const struct ilv_entity *current; /* who has it now; NULL: nobody who got it in this run */
	/* Who held it most: */
	const struct ilv_entity *holder;
	int64_t held_ns;
	/* The longest wait: */
	const struct ilv_entity *waiter;
	int64_t begin_ns, length_ns;
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
};

static void fini(void *context_pointer)
{
	struct context *context = context_pointer;

	ilv_accounts_fini(&context->gils);
	free(context->shares);
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

/* When what `claim` does now began, as far as it lies in `run`. */
static int64_t begin_in(const struct ilv_run *run, const struct ilv_entity *claim)
{
	return claim->since_ns > run->begin_ns ? claim->since_ns : run->begin_ns;
}

/* A wait of `claim` is over, be it that it got the GIL, that it gave up, or that the run ended. */
static void note_wait(struct gil *gil, struct share *share, const struct ilv_entity *claim,
		      int64_t begin_ns, int64_t end_ns)
{
	gil->waiter_count += share->wait_ns == 0 && end_ns > begin_ns;
	share->wait_ns += end_ns - begin_ns;
	gil->wait_ns += end_ns - begin_ns;
	gil->wait_count++;
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

static enum ilv_status on_change(void *context_pointer, const struct ilv_change *change)
{
	struct context *context = context_pointer;
	const struct ilv_entity *claim = change->entity;
	const struct ilv_run *run;
	struct gil *gil;
	struct share *share;
	int64_t begin_ns;

	if (change->is_correction || claim->scheduler->kind != ILV_SCHEDULER_KIND_GIL) {
		return ILV_STATUS_OK;
	}

	run = ilv_finding_run_now(claim);
	if (!run) {
		return ILV_STATUS_OK;
	}

	gil = ilv_account_take(&context->gils, run, claim->scheduler, sizeof(*gil));
	share = take_share(context, claim, run);
	if (!gil || !share) {
		return ILV_STATUS_MEMORY;
	}

	begin_ns = begin_in(run, claim);
	if (claim->state == ILV_STATE_READY) {
		note_wait(gil, share, claim, begin_ns, change->time_ns);
	} else if (claim->state == ILV_STATE_RUNNING) {
		note_hold(gil, share, claim, begin_ns, change->time_ns);
		gil->forced_count += change->cause == ILV_CAUSE_FORCED;
		gil->current = NULL;
	}

	if (change->state == ILV_STATE_RUNNING) {
		gil->acquisition_count++;
		gil->current = claim;
	}

	return ILV_STATUS_OK;
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

			note_wait(gil, share, claim, begin_in(run, claim), run->end_ns);
		}

		if (current) {
			note_hold(gil, &context->shares[current->index], current,
				  begin_in(run, current), run->end_ns);
		}
	}

	return ILV_STATUS_OK;
}

static enum ilv_status describe(struct ilv_finding *finding, const struct gil *gil)
{
	const char *label = ilv_finding_scheduler_label(gil->account.scheduler);
	const char *waiter = ilv_finding_label(gil->waiter->subject);
	enum ilv_status status;

	status = ilv_finding_set_title(finding, "Threads take turns under a GIL");
	if (status == ILV_STATUS_OK && gil->holder) {
		status = ilv_finding_set_text(
			finding,
			"%s waited for %s, %s in all; of %s, %s had to wait, and %s it was given "
			"up "
			"on request. %s held it longest, %s in all. The longest wait began at %s: "
			"%s waited %s. What computes under a GIL takes turns: hand it to "
			"processes, or to code that gives the GIL up.",
			ilv_finding_plural(gil->waiter_count, "thread", "threads"), label,
			ilv_finding_duration(gil->wait_ns),
			ilv_finding_plural((int64_t)gil->acquisition_count, "acquisition",
					   "acquisitions"),
			ilv_finding_count((int64_t)gil->wait_count),
			ilv_finding_plural((int64_t)gil->forced_count, "time", "times"),
			ilv_finding_label(gil->holder->subject), ilv_finding_duration(gil->held_ns),
			ilv_finding_duration(finding->begin_ns), waiter,
			ilv_finding_duration(gil->length_ns));
	} else if (status == ILV_STATUS_OK) {
		status = ilv_finding_set_text(
			finding,
			"%s waited for %s, %s in all, and nobody was seen to hold it. The longest "
			"wait began at %s: %s waited %s.",
			ilv_finding_plural(gil->waiter_count, "thread", "threads"), label,
			ilv_finding_duration(gil->wait_ns), ilv_finding_duration(finding->begin_ns),
			waiter, ilv_finding_duration(gil->length_ns));
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_finding_set_moment(
			finding, gil->waiter->subject, finding->begin_ns + gil->length_ns / 2,
			"%s waits %s for %s.", waiter, ilv_finding_duration(gil->length_ns), label);
	}

	return status;
}

static enum ilv_status add_entities(struct ilv_finding *finding, const struct gil *gil)
{
	enum ilv_status status = ilv_finding_add_entity(finding, gil->waiter->subject);

	if (status == ILV_STATUS_OK && gil->holder && gil->holder != gil->waiter) {
		status = ilv_finding_add_entity(finding, gil->holder->subject);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_finding_add_scheduler(finding, gil->account.scheduler);
	}

	return status;
}

static enum ilv_status speak(const struct gil *gil, int64_t duration_ns, ilv_finding_emit_fn emit,
			     void *emit_context)
{
	struct ilv_finding finding;
	enum ilv_status status;

	if (!gil->waiter || (double)gil->wait_ns < WAIT_SHARE_LIMIT * (double)duration_ns) {
		return ILV_STATUS_OK;
	}

	finding = ilv_finding_make("gil-contention", ILV_SEVERITY_WARNING);
	finding.is_cost_summed = true;
	finding.cost_ns = gil->wait_ns;
	finding.affected_count = (int64_t)gil->wait_count;
	finding.total_count = (int64_t)gil->acquisition_count;
	finding.begin_ns = gil->begin_ns - gil->account.run->begin_ns;
	finding.end_ns = finding.begin_ns + gil->length_ns;
	status = describe(&finding, gil);
	if (status == ILV_STATUS_OK) {
		status = add_entities(&finding, gil);
	}

	return ilv_finding_emit(&finding, status, emit, emit_context);
}

static enum ilv_status judge(void *context_pointer, const struct ilv_run *run,
			     const struct ilv_report *report, const struct ilv_report_run *measured,
			     ilv_finding_emit_fn emit, void *emit_context)
{
	const struct context *context = context_pointer;
	const struct gil *gil = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	(void)report;
	while (status >= 0 && (gil = ilv_account_next(&context->gils, run, gil)) != NULL) {
		status = speak(gil, measured->end_ns - measured->begin_ns, emit, emit_context);
	}

	return status;
}

const struct ilv_finding_kind ilv_finding_gil_contention = {
	.id = "gil-contention",
	.context_size = sizeof(struct context),
	.fini = fini,
	.on_change = on_change,
	.change_kinds = 1 << ILV_ENTITY_KIND_CLAIM,
	.on_run_end = on_run_end,
	.judge = judge,
};
