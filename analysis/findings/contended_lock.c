/* SPDX-License-Identifier: MIT */
/*
 * Description: a lock that others had to wait for, often or long. The waits are claims' stays in
 * ready; the cost is their sum. A GIL has a finding of its own. The moment shown is the longest
 * wait, with whoever held the lock when it began.
 */
#include "analysis/findings/build.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysis/findings/ready_set.h"

/* A lock is worth a word when its waits add up to this share of the run. */
#define WAIT_SHARE_LIMIT 0.05
#define TITLE_NAME_MAX   23 /* bytes */

/* What is known of one lock in the run that goes on in its process. */
struct contention {
	const struct ilv_scheduler *lock;
	const struct ilv_run *run;
	const struct ilv_entity *holder; /* the newest claim that got it */
	int64_t total_ns;
	uint64_t wait_count, acquisition_count;
	/* The longest wait: */
	const struct ilv_entity *waiter, *held_by;
	int64_t begin_ns, length_ns;
};

struct context {
	struct contention *now; /* by the scheduler's index */
	uint32_t now_count;
	struct contention *past; /* of runs that are over */
	uint32_t past_count;
	/* Who held the lock when a claim began to wait, by the claim's index. */
	const struct ilv_entity **blockers;
	uint32_t blocker_count;
};

static void *create(void)
{
	return calloc(1, sizeof(struct context));
}

static void destroy(void *context_pointer)
{
	struct context *context = context_pointer;

	if (context) {
		free(context->now);
		free(context->past);
		free(context->blockers);
		free(context);
	}
}

/* The entry of a claim's lock, begun anew when another run goes on than the last time. */
static enum ilv_status find(struct context *context, const struct ilv_entity *claim,
			    const struct ilv_run *run, struct contention **found)
{
	struct contention *contention;

	if (ilv_grow((void **)&context->now, &context->now_count, claim->scheduler->index,
		     sizeof(*context->now)) != ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	contention = &context->now[claim->scheduler->index];
	if (contention->run != run) {
		if (contention->run && contention->total_ns > 0) {
			struct contention *grown =
				realloc(context->past, (context->past_count + 1) * sizeof(*grown));

			if (!grown) {
				return ILV_STATUS_MEMORY;
			}

			context->past = grown;
			grown[context->past_count++] = *contention;
		}

		*contention = (struct contention){
			.lock = claim->scheduler,
			.run = run,
			.holder = contention->holder,
		};
	}

	*found = contention;
	return ILV_STATUS_OK;
}

/* A wait of `claim` is over, be it that it got the lock or that it gave up. */
static void note_wait(struct contention *contention, const struct ilv_entity *claim,
		      const struct ilv_entity *held_by, int64_t now_ns)
{
	int64_t run_begin_ns = contention->run->begin_ns;
	int64_t begin_ns = claim->since_ns > run_begin_ns ? claim->since_ns : run_begin_ns;

	contention->total_ns += now_ns - begin_ns;
	if (now_ns - begin_ns > contention->length_ns) {
		contention->length_ns = now_ns - begin_ns;
		contention->begin_ns = begin_ns;
		contention->waiter = claim;
		contention->held_by = held_by;
	}
}

static enum ilv_status on_change(void *context_pointer, const struct ilv_change *change)
{
	struct context *context = context_pointer;
	const struct ilv_entity *claim = change->entity;
	struct contention *contention;
	const struct ilv_run *run;

	if (claim->kind != ILV_ENTITY_KIND_CLAIM || change->is_correction ||
	    claim->scheduler->kind == ILV_SCHEDULER_KIND_GIL ||
	    !ilv_finding_is_held(claim->scheduler)) {
		return ILV_STATUS_OK;
	}

	run = ilv_finding_run_now(claim);
	if (!run) {
		return ILV_STATUS_OK;
	}

	if (find(context, claim, run, &contention) != ILV_STATUS_OK ||
	    ilv_grow((void **)&context->blockers, &context->blocker_count, claim->index,
		     sizeof(*context->blockers)) != ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	if (claim->state == ILV_STATE_READY) {
		note_wait(contention, claim, context->blockers[claim->index], change->time_ns);
		contention->wait_count += change->state == ILV_STATE_RUNNING;
	}

	if (change->state == ILV_STATE_READY) {
		context->blockers[claim->index] = contention->holder;
	} else if (change->state == ILV_STATE_RUNNING) {
		contention->acquisition_count++;
		contention->holder = claim;
	} else if (contention->holder == claim) {
		contention->holder = NULL;
	}

	return ILV_STATUS_OK;
}

/* A title has little room: a long name is cut short, between two characters. */
static const char *title_of(const struct ilv_scheduler *lock)
{
	static _Thread_local char title[48];

	if (!lock->name) {
		return ilv_finding_scheduler_label(lock);
	}

	(void)snprintf(title, sizeof(title), "lock `%.*s`",
		       (int)ilv_finding_fit(lock->name, TITLE_NAME_MAX), lock->name);
	return title;
}

static enum ilv_status speak(const struct contention *contention, const struct ilv_run *run,
			     int64_t duration_ns, ilv_finding_emit_fn emit, void *emit_context)
{
	struct ilv_finding finding;
	const struct ilv_entity *waiter = contention->waiter;
	const char *lock = ilv_finding_scheduler_label(contention->lock);
	const char *holder = contention->held_by ? ilv_finding_label(contention->held_by->subject)
						 : "somebody unknown";
	enum ilv_status status;

	if (!waiter || (double)contention->total_ns < WAIT_SHARE_LIMIT * (double)duration_ns) {
		return ILV_STATUS_OK;
	}

	finding = ilv_finding_make("contended-lock", ILV_SEVERITY_WARNING);
	finding.is_cost_summed = true;
	finding.cost_ns = contention->total_ns;
	finding.affected_count = (int64_t)contention->wait_count;
	finding.total_count = (int64_t)contention->acquisition_count;
	finding.begin_ns = contention->begin_ns - run->begin_ns;
	finding.end_ns = finding.begin_ns + contention->length_ns;
	status = ilv_finding_set_title(&finding, "Contended %s", title_of(contention->lock));
	if (status == ILV_STATUS_OK) {
		status = ilv_finding_set_text(
			&finding,
			"Of %s of %s, %s had to wait; all waits together took %s. The longest "
			"began at %s: %s waited %s while %s held it. Hold it for less time, or "
			"give each its own part of what it protects.",
			ilv_finding_plural((int64_t)contention->acquisition_count, "acquisition",
					   "acquisitions"),
			lock, ilv_finding_count((int64_t)contention->wait_count),
			ilv_finding_duration(contention->total_ns),
			ilv_finding_duration(finding.begin_ns), ilv_finding_label(waiter->subject),
			ilv_finding_duration(contention->length_ns), holder);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_finding_add_entity(&finding, waiter->subject);
	}

	if (status == ILV_STATUS_OK && contention->held_by) {
		status = ilv_finding_add_entity(&finding, contention->held_by->subject);
	}

	if (status == ILV_STATUS_OK) {
		char id[128];

		ilv_scheduler_id(contention->lock, id, sizeof(id));
		status = ilv_finding_add_id(&finding, id);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_finding_set_moment(
			&finding, waiter->subject, finding.begin_ns + contention->length_ns / 2,
			"%s waits %s for %s, which %s holds.", ilv_finding_label(waiter->subject),
			ilv_finding_duration(contention->length_ns), lock, holder);
	}

	if (status < 0) {
		ilv_finding_fini(&finding);
		return status;
	}

	return emit(emit_context, &finding);
}

static enum ilv_status judge(void *context_pointer, const struct ilv_run *run,
			     const struct ilv_report *report, const struct ilv_report_run *measured,
			     ilv_finding_emit_fn emit, void *emit_context)
{
	const struct context *context = context_pointer;
	int64_t duration_ns = measured->end_ns - measured->begin_ns;
	enum ilv_status status = ILV_STATUS_OK;

	(void)report;
	for (uint32_t index = 0; index < context->now_count && status >= 0; index++) {
		if (context->now[index].run == run) {
			status = speak(&context->now[index], run, duration_ns, emit, emit_context);
		}
	}

	for (uint32_t index = 0; index < context->past_count && status >= 0; index++) {
		if (context->past[index].run == run) {
			status = speak(&context->past[index], run, duration_ns, emit, emit_context);
		}
	}

	return status;
}

const struct ilv_finding_kind ilv_finding_contended_lock = {
	.id = "contended-lock",
	.create = create,
	.destroy = destroy,
	.on_change = on_change,
	.judge = judge,
};
