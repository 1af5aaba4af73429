/* SPDX-License-Identifier: MIT */
/*
 * Description: a task that ran long without giving way while others of its loop were ready: nobody
 * cuts a task short, so they all had to wait. The limit is 50 ms, where people begin to feel a
 * delay and browsers speak of a long task.
 */
#include "analysis/findings/build.h"

#include <stdlib.h>

#include "analysis/findings/ready_set.h"

#define STALL_LIMIT_NS INT64_C(50000000)

/* What blocked one loop in one run, added up. */
struct blockage {
	const struct ilv_run *run;
	const struct ilv_scheduler *loop;
	uint32_t count;
	int64_t cost_ns;
	int64_t first_ns, last_ns;
	/* The worst one: */
	const struct ilv_entity *task;
	int64_t begin_ns, length_ns, worst_cost_ns;
	uint32_t waiter_count;
};

struct context {
	struct ilv_ready_set ready;
	struct blockage *blockages;
	uint32_t blockage_count;
};

static void *create(void)
{
	return calloc(1, sizeof(struct context));
}

static void destroy(void *context_pointer)
{
	struct context *context = context_pointer;

	if (context) {
		ilv_ready_set_fini(&context->ready);
		free(context->blockages);
		free(context);
	}
}

static struct blockage *find(struct context *context, const struct ilv_run *run,
			     const struct ilv_scheduler *loop)
{
	struct blockage *grown;

	for (uint32_t index = 0; index < context->blockage_count; index++) {
		if (context->blockages[index].run == run &&
		    context->blockages[index].loop == loop) {
			return &context->blockages[index];
		}
	}

	grown = realloc(context->blockages, (context->blockage_count + 1) * sizeof(*grown));
	if (!grown) {
		return NULL;
	}

	context->blockages = grown;
	grown[context->blockage_count] = (struct blockage){.run = run, .loop = loop};
	return &grown[context->blockage_count++];
}

/* `task` stops running now: notes whom it kept waiting for too long. */
static enum ilv_status note_slice(struct context *context, const struct ilv_run *run,
				  const struct ilv_entity *task, int64_t now_ns)
{
	struct ilv_ready_list ready = ilv_ready_set_of(&context->ready, task->scheduler);
	int64_t begin_ns = task->since_ns > run->begin_ns ? task->since_ns : run->begin_ns;
	int64_t cost_ns = 0;
	uint32_t waiter_count = 0;
	struct blockage *blockage;

	if (now_ns - begin_ns < STALL_LIMIT_NS) {
		return ILV_STATUS_OK;
	}

	for (uint32_t index = 0; index < ready.count; index++) {
		int64_t since_ns = ready.entities[index]->since_ns;

		if (ready.entities[index] != task && now_ns > since_ns) {
			cost_ns += now_ns - (since_ns > begin_ns ? since_ns : begin_ns);
			waiter_count++;
		}
	}

	if (waiter_count == 0) {
		return ILV_STATUS_OK;
	}

	blockage = find(context, run, task->scheduler);
	if (!blockage) {
		return ILV_STATUS_MEMORY;
	}

	if (blockage->count++ == 0) {
		blockage->first_ns = begin_ns;
	}

	blockage->last_ns = now_ns;
	blockage->cost_ns += cost_ns;
	if (cost_ns > blockage->worst_cost_ns) {
		blockage->worst_cost_ns = cost_ns;
		blockage->task = task;
		blockage->begin_ns = begin_ns;
		blockage->length_ns = now_ns - begin_ns;
		blockage->waiter_count = waiter_count;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status on_change(void *context_pointer, const struct ilv_change *change)
{
	struct context *context = context_pointer;
	const struct ilv_entity *entity = change->entity;
	const struct ilv_run *run;

	if (entity->kind != ILV_ENTITY_KIND_TASK || change->is_correction) {
		return ILV_STATUS_OK;
	}

	run = ilv_finding_run_now(entity);
	if (run && entity->state == ILV_STATE_RUNNING) {
		enum ilv_status status = note_slice(context, run, entity, change->time_ns);

		if (status < 0) {
			return status;
		}
	}

	return ilv_ready_set_update(&context->ready, change);
}

static enum ilv_status judge(void *context_pointer, const struct ilv_run *run,
			     const struct ilv_report *report, const struct ilv_report_run *measured,
			     ilv_finding_emit_fn emit, void *emit_context)
{
	const struct context *context = context_pointer;

	(void)report;
	(void)measured;
	for (uint32_t index = 0; index < context->blockage_count; index++) {
		const struct blockage *blockage = &context->blockages[index];
		struct ilv_finding finding;
		const char *who;
		const char *others;
		enum ilv_status status;

		if (blockage->run != run) {
			continue;
		}

		finding = ilv_finding_make("blocked-loop", ILV_SEVERITY_PROBLEM);
		finding.cost_ns = blockage->cost_ns;
		finding.begin_ns = blockage->first_ns - run->begin_ns;
		finding.end_ns = blockage->last_ns - run->begin_ns;
		who = ilv_finding_label(blockage->task);
		others = blockage->waiter_count == 1 ? "task was" : "tasks were";
		status = ilv_finding_set_title(&finding, "Blocked event loop");
		if (status == ILV_STATUS_OK) {
			status = ilv_finding_set_text(
				&finding,
				"%s ran for %s without giving way, at %s, while %u other %s ready; "
				"%u "
				"%s of this kind in all, longer than %s each. Move the work to a "
				"pool, or yield within it.",
				who, ilv_finding_duration(blockage->length_ns),
				ilv_finding_duration(blockage->begin_ns - run->begin_ns),
				blockage->waiter_count, others, blockage->count,
				blockage->count == 1 ? "slice" : "slices",
				ilv_finding_duration(STALL_LIMIT_NS));
		}

		if (status == ILV_STATUS_OK) {
			status = ilv_finding_add_entity(&finding, blockage->task);
		}

		if (status == ILV_STATUS_OK) {
			status = ilv_finding_set_moment(
				&finding, blockage->task,
				blockage->begin_ns - run->begin_ns + blockage->length_ns / 2,
				"%s computes for %s and gives way to nobody; %u other %s ready and "
				"had "
				"to wait: a loop cuts nobody short.",
				who, ilv_finding_duration(blockage->length_ns),
				blockage->waiter_count, others);
		}

		if (status < 0) {
			ilv_finding_fini(&finding);
			return status;
		}

		status = emit(emit_context, &finding);
		if (status < 0) {
			return status;
		}
	}

	return ILV_STATUS_OK;
}

const struct ilv_finding_kind ilv_finding_blocked_loop = {
	.id = "blocked-loop",
	.create = create,
	.destroy = destroy,
	.on_change = on_change,
	.judge = judge,
};
