/* SPDX-License-Identifier: MIT */
/*
 * Description: locks that are taken in orders that contradict each other: a ring of several threads
 * or tasks is a deadlock that may happen some day, and a ring of those that wait right now is one
 * that did. Which orders count is said where they are noted.
 */
#include "analysis/findings/build.h"

#include <stdio.h>
#include <string.h>

#include "analysis/findings/lock_graph.h"

#define SPOKEN_MAX 8 /* findings of one run */

static void fini(void *context)
{
	ilv_lock_graph_fini(context);
}

static enum ilv_status on_change(void *context, const struct ilv_change *change)
{
	/* After a run's end all stands still for it: who waits then waits for ever. */
	const struct ilv_run *run = ilv_finding_run_now(change->entity);

	return run ? ilv_lock_graph_update(context, run, change) : ILV_STATUS_OK;
}

/* Who, what and where, as one finding: `members[i]` wants `locks[i]`. */
static enum ilv_status add_evidence(struct ilv_finding *finding,
				    const struct ilv_entity *const *members,
				    const struct ilv_scheduler *const *locks, uint32_t count)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (uint32_t index = 0; index < count && status == ILV_STATUS_OK; index++) {
		bool is_new = true;

		for (uint32_t earlier = 0; earlier < index; earlier++) {
			is_new = is_new && members[earlier] != members[index];
		}

		if (is_new) {
			status = ilv_finding_add_entity(finding, members[index]);
		}
	}

	for (uint32_t index = 0; index < count && status == ILV_STATUS_OK; index++) {
		status = ilv_finding_add_scheduler(finding, locks[index]);
	}

	return status;
}

/* Adds to `text`, of `size` bytes, as far as there is room. */
static void __attribute__((format(printf, 3, 4)))
append(char *text, size_t size, const char *format, ...)
{
	const size_t length = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text + length, size - length, format, arguments);
	va_end(arguments);
}

static enum ilv_status speak_of_deadlock(const struct ilv_deadlock *deadlock,
					 const struct ilv_run *run, int64_t run_end_ns,
					 ilv_finding_emit_fn emit, void *emit_context)
{
	struct ilv_finding finding = ilv_finding_make("lock-order-cycle", ILV_SEVERITY_PROBLEM);
	const bool is_broken = deadlock->end_ns != ILV_UNKNOWN;
	const int64_t end_ns = is_broken ? deadlock->end_ns - run->begin_ns : run_end_ns;
	const bool is_of_tasks = deadlock->members[0]->kind == ILV_ENTITY_KIND_TASK;
	char ring[2048] = "";
	enum ilv_status status;

	for (uint32_t index = 0; index < deadlock->count; index++) {
		append(ring, sizeof(ring), "%s%s waits for %s, which %s holds",
		       index == 0                     ? ""
		       : index + 1 == deadlock->count ? ", and "
						      : ", ",
		       ilv_finding_label(deadlock->members[index]),
		       ilv_finding_scheduler_label(deadlock->locks[index]),
		       ilv_finding_label(deadlock->members[(index + 1) % deadlock->count]));
	}

	finding.begin_ns = deadlock->begin_ns - run->begin_ns;
	finding.end_ns = end_ns;
	finding.cost_ns = (end_ns - finding.begin_ns) * deadlock->count;
	finding.affected_count = deadlock->count;
	status = ilv_finding_set_title(&finding, "Deadlock of %u %s", deadlock->count,
				       is_of_tasks ? "tasks" : "threads");
	if (status == ILV_STATUS_OK) {
		status = ilv_finding_set_text(
			&finding,
			"At %s a ring closed: %s. %s %s later. Take these locks in one order "
			"everywhere, or hold one at a time.",
			ilv_finding_duration(finding.begin_ns), ring,
			is_broken ? "It was broken when one of them gave up"
				  : "None of them ever went on; the run ended",
			ilv_finding_duration(end_ns - finding.begin_ns));
	}

	if (status == ILV_STATUS_OK) {
		status =
			add_evidence(&finding, deadlock->members, deadlock->locks, deadlock->count);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_finding_set_moment(
			&finding, deadlock->members[0], finding.begin_ns,
			"%s waits for %s, and the ring is closed: nobody in it can go on.",
			ilv_finding_label(deadlock->members[0]),
			ilv_finding_scheduler_label(deadlock->locks[0]));
	}

	return ilv_finding_emit(&finding, status, emit, emit_context);
}

static enum ilv_status speak_of_order(const struct ilv_lock_graph *graph, const uint32_t *ring,
				      uint32_t length, const struct ilv_run *run,
				      ilv_finding_emit_fn emit, void *emit_context)
{
	struct ilv_finding finding = ilv_finding_make("lock-order-cycle", ILV_SEVERITY_WARNING);
	const struct ilv_entity *members[ILV_LOCK_RING_MAX];
	const struct ilv_scheduler *locks[ILV_LOCK_RING_MAX];
	const struct ilv_lock_edge *last = &graph->edges[ring[0]];
	char story[2048] = "";
	enum ilv_status status;

	finding.begin_ns = last->first_ns - run->begin_ns;
	for (uint32_t index = 0; index < length; index++) {
		const struct ilv_lock_edge *edge = &graph->edges[ring[index]];
		const int64_t first_ns = edge->first_ns - run->begin_ns;

		members[index] = edge->by;
		locks[index] = edge->wanted;
		append(story, sizeof(story), "%s%s%s took %s while it held %s",
		       index == 0            ? ""
		       : index + 1 == length ? ", and "
					     : ", ",
		       ilv_finding_label(edge->by), edge->has_others ? ", and not it alone," : "",
		       ilv_finding_scheduler_label(edge->wanted),
		       ilv_finding_scheduler_label(edge->held));
		finding.begin_ns = first_ns < finding.begin_ns ? first_ns : finding.begin_ns;
		last = edge->first_ns > last->first_ns ? edge : last;
	}

	finding.end_ns = last->first_ns - run->begin_ns;
	status = ilv_finding_set_title(&finding, "Locks in contrary orders");
	if (status == ILV_STATUS_OK) {
		status = ilv_finding_set_text(
			&finding,
			"Nothing happened this time, but it could deadlock: %s. If all come in "
			"between at once, nobody goes on. Take these locks in one order "
			"everywhere.",
			story);
	}

	if (status == ILV_STATUS_OK) {
		status = add_evidence(&finding, members, locks, length);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_finding_set_moment(
			&finding, last->by, finding.end_ns,
			"%s takes %s while it holds %s; somebody did it the other way round.",
			ilv_finding_label(last->by), ilv_finding_scheduler_label(last->wanted),
			ilv_finding_scheduler_label(last->held));
	}

	return ilv_finding_emit(&finding, status, emit, emit_context);
}

/* What became a deadlock need not be called possible as well. */
static void mark_spoken(struct ilv_lock_graph *graph, const struct ilv_deadlock *deadlock)
{
	for (uint32_t index = 0; index < graph->edge_count; index++) {
		struct ilv_lock_edge *edge = &graph->edges[index];

		for (uint32_t at = 0; at < deadlock->count && edge->run == deadlock->run; at++) {
			const uint32_t before = (at + deadlock->count - 1) % deadlock->count;

			edge->is_spoken_of =
				edge->is_spoken_of || (edge->wanted == deadlock->locks[at] &&
						       edge->held == deadlock->locks[before]);
		}
	}
}

static enum ilv_status judge(void *context, const struct ilv_run *run,
			     const struct ilv_report *report, const struct ilv_report_run *measured,
			     ilv_finding_emit_fn emit, void *emit_context)
{
	struct ilv_lock_graph *graph = context;
	enum ilv_status status = ILV_STATUS_OK;
	uint32_t spoken_count = 0;
	uint32_t ring[ILV_LOCK_RING_MAX];

	(void)report;
	for (uint32_t index = 0; index < graph->deadlock_count && status >= 0; index++) {
		const struct ilv_deadlock *deadlock = &graph->deadlocks[index];

		if (deadlock->run == run) {
			mark_spoken(graph, deadlock);
			if (spoken_count++ < SPOKEN_MAX) {
				status = speak_of_deadlock(deadlock, run,
							   measured->end_ns - measured->begin_ns,
							   emit, emit_context);
			}
		}
	}

	for (uint32_t index = 0;
	     index < graph->edge_count && status >= 0 && spoken_count < SPOKEN_MAX; index++) {
		uint32_t length = 0;

		if (graph->edges[index].run != run || graph->edges[index].is_spoken_of) {
			continue;
		}

		status = ilv_lock_graph_find_ring(graph, index, ring, &length);
		if (length >= 2 && ilv_lock_graph_is_dangerous(graph, ring, length)) {
			for (uint32_t at = 0; at < length; at++) {
				graph->edges[ring[at]].is_spoken_of = true;
			}

			spoken_count++;
			status = speak_of_order(graph, ring, length, run, emit, emit_context);
		}
	}

	return status;
}

const struct ilv_finding_kind ilv_finding_lock_order = {
	.id = "lock-order-cycle",
	.context_size = sizeof(struct ilv_lock_graph),
	.fini = fini,
	.on_change = on_change,
	.change_kinds = 1 << ILV_ENTITY_KIND_CLAIM,
	.judge = judge,
};
