/* SPDX-License-Identifier: MIT */
/*
 * Description: a task that kept its loop long without giving way while others were ready: nobody
 * cuts a task short, so they all had to wait. It may compute or sit in a blocking call, which makes
 * no difference to the others; but while the kernel has the loop's thread off its CPU, that is not
 * the task's doing. The limit is the one at which the loops' table counts a stall; what is shorter
 * is told where it happens so often that much of the run was waited in all.
 *
 * While a task runs, a loop does not look at the clock either: those whose sleep was over in the
 * meantime are made ready only afterwards, and had to wait as well.
 */
#include "analysis/findings/build.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysis/findings/accounts.h"
#include "analysis/metrics/measures.h"
#include "base/grow.h"

/* How long a stay must be: once, and often. */
enum { LIMIT_STALL, LIMIT_SHORT, LIMIT_COUNT };

static const int64_t limits_ns[LIMIT_COUNT] = {
	[LIMIT_STALL] = ILV_LOOP_STALL_NS,
	[LIMIT_SHORT] = INT64_C(10000000),
};

/* So many make often; and this share of the run others must have waited for them, in all. */
#define SHORT_COUNT_MIN  3
#define SHORT_COST_LIMIT 0.1

/* A task's stay on its loop that was longer than it should be. */
struct long_slice {
	const struct ilv_entity *task; /* NULL: there was none */
	int64_t begin_ns, end_ns;
	int64_t blocked_ns; /* of it in calls that block */
	int64_t cost_ns;
	uint32_t waiter_count; /* who could have run: were ready, or had slept enough */
	uint32_t due_count;    /* of them the latter */
};

/* The stays of one limit or longer, added up. */
struct tally {
	uint32_t count;
	int64_t cost_ns;
	int64_t first_ns, last_ns;
	struct long_slice last; /* whether or not anybody had to wait for it */
	struct long_slice worst;
};

/* What blocked one loop in one run. */
struct blockage {
	struct ilv_account account; /* of the loop */
	struct tally tallies[LIMIT_COUNT];
};

/* How long a thread was off its CPU so far; of a task, how long its thread had been when it was
 * resumed. */
struct absence {
	int64_t ready_ns, waiting_ns;
};

struct context {
	struct absence *absences; /* by the entity's index */
	uint32_t absence_count;
	struct ilv_accounts blockages;
};

static void fini(void *context_pointer)
{
	struct context *context = context_pointer;

	free(context->absences);
	ilv_accounts_fini(&context->blockages);
}

/* Keeps how long threads were off their CPUs, and what that was when a task was resumed. */
static enum ilv_status note_absence(struct context *context, const struct ilv_change *change)
{
	const struct ilv_entity *entity = change->entity;
	const struct ilv_entity *carrier = change->carrier;
	uint32_t index = entity->index;

	if (carrier && carrier->index > index) {
		index = carrier->index;
	}

	if (ilv_grow((void **)&context->absences, &context->absence_count, index,
		     sizeof(*context->absences)) != ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	if (entity->kind == ILV_ENTITY_KIND_TASK && carrier) {
		context->absences[entity->index] = context->absences[carrier->index];
	} else if (entity->kind == ILV_ENTITY_KIND_THREAD && entity->state == ILV_STATE_READY) {
		context->absences[entity->index].ready_ns += change->time_ns - entity->since_ns;
	} else if (entity->kind == ILV_ENTITY_KIND_THREAD && entity->state == ILV_STATE_WAITING) {
		context->absences[entity->index].waiting_ns += change->time_ns - entity->since_ns;
	}

	return ILV_STATUS_OK;
}

/* How long the thread of `task` was off its CPU since the task was resumed. */
static struct absence absence_within(const struct context *context, const struct ilv_entity *task,
				     int64_t now_ns)
{
	const struct ilv_entity *carrier = task->carrier;
	struct absence absence = {0};

	if (!carrier || carrier->index >= context->absence_count) {
		return absence;
	}

	absence.ready_ns = context->absences[carrier->index].ready_ns -
			   context->absences[task->index].ready_ns;
	absence.waiting_ns = context->absences[carrier->index].waiting_ns -
			     context->absences[task->index].waiting_ns;
	if (carrier->state == ILV_STATE_READY) {
		absence.ready_ns += now_ns - carrier->since_ns;
	} else if (carrier->state == ILV_STATE_WAITING) {
		absence.waiting_ns += now_ns - carrier->since_ns;
	}

	return absence;
}

/* So many had to wait for the loop's last long slice. */
static void blame(struct tally *tally, uint32_t waiter_count, uint32_t due_count, int64_t cost_ns)
{
	struct long_slice *last = &tally->last;

	if (last->waiter_count == 0) {
		if (tally->count++ == 0) {
			tally->first_ns = last->begin_ns;
		}

		tally->last_ns = last->end_ns;
	}

	last->waiter_count += waiter_count;
	last->due_count += due_count;
	last->cost_ns += cost_ns;
	tally->cost_ns += cost_ns;
	if (last->cost_ns > tally->worst.cost_ns) {
		tally->worst = *last;
	}
}

/* `task` stops running now: notes whom it kept waiting for too long. */
static enum ilv_status note_slice(struct context *context, const struct ilv_run *run,
				  const struct ilv_entity *task, int64_t now_ns)
{
	struct absence absence = absence_within(context, task, now_ns);
	int64_t begin_ns = task->since_ns > run->begin_ns ? task->since_ns : run->begin_ns;
	int64_t length_ns = now_ns - begin_ns - absence.ready_ns;
	int64_t cost_ns = 0;
	uint32_t waiter_count = 0;
	struct blockage *blockage;

	if (length_ns < limits_ns[LIMIT_SHORT]) {
		return ILV_STATUS_OK;
	}

	for (const struct ilv_entity *ready = task->scheduler->first_ready; ready;
	     ready = ready->next_ready) {
		int64_t since_ns = ready->since_ns;

		if (now_ns > since_ns) {
			cost_ns += now_ns - (since_ns > begin_ns ? since_ns : begin_ns);
			waiter_count++;
		}
	}

	blockage = ilv_account_take(&context->blockages, run, task->scheduler, sizeof(*blockage));
	if (!blockage) {
		return ILV_STATUS_MEMORY;
	}

	for (unsigned int limit = 0; limit < LIMIT_COUNT; limit++) {
		struct tally *tally = &blockage->tallies[limit];

		if (length_ns < limits_ns[limit]) {
			continue;
		}
		tally->last = (struct long_slice){
			.task = task,
			.begin_ns = begin_ns,
			.end_ns = now_ns,
			.blocked_ns = absence.waiting_ns,
		};
		if (waiter_count > 0) {
			blame(tally, waiter_count, 0, cost_ns);
		}
	}

	return ILV_STATUS_OK;
}

/* `task` becomes ready after a sleep: what of it was the doing of a task that kept the loop. */
static enum ilv_status note_overdue(struct context *context, const struct ilv_run *run,
				    const struct ilv_entity *task)
{
	const int64_t due_ns = (int64_t)task->object;
	struct blockage *blockage =
		ilv_account_take(&context->blockages, run, task->scheduler, sizeof(*blockage));

	if (!blockage) {
		return ILV_STATUS_MEMORY;
	}

	for (unsigned int limit = 0; limit < LIMIT_COUNT; limit++) {
		struct tally *tally = &blockage->tallies[limit];
		const struct long_slice *last = &tally->last;

		if (last->task && task->since_ns <= last->begin_ns && due_ns > 0 &&
		    due_ns < last->end_ns) {
			blame(tally, 1, 1,
			      last->end_ns - (due_ns > last->begin_ns ? due_ns : last->begin_ns));
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

	if (change->is_correction) {
		return ILV_STATUS_OK;
	}

	if (entity->kind == ILV_ENTITY_KIND_TASK) {
		run = ilv_finding_run_now(entity);
		if (run && entity->state == ILV_STATE_RUNNING) {
			status = note_slice(context, run, entity, change->time_ns);
		} else if (run && entity->state == ILV_STATE_WAITING &&
			   entity->reason == ILV_WAIT_REASON_SLEEP &&
			   change->state == ILV_STATE_READY) {
			status = note_overdue(context, run, entity);
		}
	}

	return status == ILV_STATUS_OK ? note_absence(context, change) : status;
}

static enum ilv_status speak(const struct blockage *blockage, unsigned int limit,
			     const struct ilv_run *run, ilv_finding_emit_fn emit,
			     void *emit_context)
{
	struct ilv_finding finding = ilv_finding_make("blocked-loop", ILV_SEVERITY_PROBLEM);
	const struct tally *tally = &blockage->tallies[limit];
	const struct long_slice *worst = &tally->worst;
	const struct ilv_entity *task = worst->task;
	const int64_t length_ns = worst->end_ns - worst->begin_ns;
	const bool is_in_call = worst->blocked_ns > length_ns / 2;
	const bool is_ready = worst->due_count < worst->waiter_count;
	const char *who = ilv_finding_label(task);
	const char *length = ilv_finding_duration(length_ns);
	const char *others = ilv_finding_plural(worst->waiter_count, "other task", "other tasks");
	char all[160] = "";
	char call[120] = "";
	enum ilv_status status;

	finding.is_cost_summed = true;
	finding.cost_ns = tally->cost_ns;
	finding.affected_count = tally->count;
	finding.begin_ns = tally->first_ns - run->begin_ns;
	finding.end_ns = tally->last_ns - run->begin_ns;
	if (tally->count > 1) {
		(void)snprintf(all, sizeof(all), " In all it happened %s, for %s or longer.",
			       ilv_finding_plural(tally->count, "time", "times"),
			       ilv_finding_duration(limits_ns[limit]));
	}

	if (is_in_call) {
		(void)snprintf(call, sizeof(call),
			       "; for %s of that it sat in calls that block the whole thread",
			       ilv_finding_duration(worst->blocked_ns));
	}

	status = ilv_finding_set_title(&finding, "Blocked event loop");
	if (status == ILV_STATUS_OK) {
		status = ilv_finding_set_text(
			&finding,
			"At %s %s began to run and gave way only %s later, while %s %s%s. "
			"Nobody cuts a task short, so %s had to wait.%s %s",
			ilv_finding_duration(worst->begin_ns - run->begin_ns), who, length, others,
			is_ready ? "stood ready" : "had slept enough", call,
			worst->waiter_count == 1 ? "it" : "they", all,
			is_in_call ? "Await instead of calling what blocks, or call it in a pool."
				   : "Give way within the work, or hand it to a pool.");
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_finding_add_entity(&finding, task);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_finding_add_scheduler(&finding, blockage->account.scheduler);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_finding_set_moment(
			&finding, task, worst->begin_ns - run->begin_ns + length_ns / 2,
			"%s keeps the loop for %s; %s %s and must wait, for a loop cuts nobody "
			"short.",
			who, length, others,
			!is_ready                  ? "should wake"
			: worst->waiter_count == 1 ? "is ready"
						   : "are ready");
	}

	return ilv_finding_emit(&finding, status, emit, emit_context);
}

static enum ilv_status judge(void *context_pointer, const struct ilv_run *run,
			     const struct ilv_report *report, const struct ilv_report_run *measured,
			     ilv_finding_emit_fn emit, void *emit_context)
{
	const struct context *context = context_pointer;
	const struct blockage *blockage = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	(void)report;
	while (status >= 0 &&
	       (blockage = ilv_account_next(&context->blockages, run, blockage)) != NULL) {
		if (blockage->tallies[LIMIT_STALL].count > 0) {
			status = speak(blockage, LIMIT_STALL, run, emit, emit_context);
		} else if (blockage->tallies[LIMIT_SHORT].count >= SHORT_COUNT_MIN &&
			   (double)blockage->tallies[LIMIT_SHORT].cost_ns >
				   SHORT_COST_LIMIT *
					   (double)(measured->end_ns - measured->begin_ns)) {
			status = speak(blockage, LIMIT_SHORT, run, emit, emit_context);
		}
	}

	return status;
}

const struct ilv_finding_kind ilv_finding_blocked_loop = {
	.id = "blocked-loop",
	.context_size = sizeof(struct context),
	.fini = fini,
	.on_change = on_change,
	.change_kinds = 1 << ILV_ENTITY_KIND_THREAD | 1 << ILV_ENTITY_KIND_TASK,
	.judge = judge,
};
