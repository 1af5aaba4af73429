/* SPDX-License-Identifier: MIT */
/*
 * Description: locks that are taken in orders that contradict each other: a ring of several threads
 * or tasks is a deadlock that may happen some day, and a ring of those that wait right now is one
 * that did. Which orders count is said where they are noted.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "analysis/findings/draft.h"
#include "analysis/findings/lock_graph.h"
#include "analysis/findings/words.h"

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
static void add_evidence(struct ilv_draft *draft, const struct ilv_entity *const *members,
			 const struct ilv_scheduler *const *locks, uint32_t count)
{
	for (uint32_t index = 0; index < count; index++) {
		bool is_new = true;

		for (uint32_t earlier = 0; earlier < index; earlier++) {
			is_new = is_new && members[earlier] != members[index];
		}

		if (is_new) {
			ilv_draft_add_entity(draft, members[index]);
		}
	}

	for (uint32_t index = 0; index < count; index++) {
		ilv_draft_add_scheduler(draft, locks[index]);
	}
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
					 struct ilv_judgement *judgement)
{
	struct ilv_draft draft = ilv_draft_begin(judgement, ILV_SEVERITY_PROBLEM);
	const int64_t begin_ns = deadlock->begin_ns - judgement->run->begin_ns;
	const bool is_broken = deadlock->end_ns != ILV_UNKNOWN;
	const int64_t end_ns =
		is_broken ? deadlock->end_ns - judgement->run->begin_ns : judgement->duration_ns;
	const bool is_of_tasks = deadlock->members[0]->kind == ILV_ENTITY_KIND_TASK;
	char ring[2048] = "";

	for (uint32_t index = 0; index < deadlock->count; index++) {
		append(ring, sizeof(ring), "%s%s waits for %s, which %s holds",
		       index == 0                     ? ""
		       : index + 1 == deadlock->count ? ", and "
						      : ", ",
		       ilv_finding_label(deadlock->members[index]),
		       ilv_finding_scheduler_label(deadlock->locks[index]),
		       ilv_finding_label(deadlock->members[(index + 1) % deadlock->count]));
	}

	draft.finding.begin_ns = begin_ns;
	draft.finding.end_ns = end_ns;
	draft.finding.cost_ns = (end_ns - begin_ns) * deadlock->count;
	draft.finding.affected_count = deadlock->count;
	ilv_draft_set_title(&draft, "Deadlock of %u %s", deadlock->count,
			    is_of_tasks ? "tasks" : "threads");
	ilv_draft_set_text(&draft,
			   "At %s a ring closed: %s. %s %s later. Take these locks in one order "
			   "everywhere, or hold one at a time.",
			   ilv_finding_duration(begin_ns), ring,
			   is_broken ? "It was broken when one of them gave up"
				     : "None of them ever went on; the run ended",
			   ilv_finding_duration(end_ns - begin_ns));
	add_evidence(&draft, deadlock->members, deadlock->locks, deadlock->count);
	ilv_draft_set_moment(&draft, deadlock->members[0], begin_ns,
			     "%s waits for %s, and the ring is closed: nobody in it can go on.",
			     ilv_finding_label(deadlock->members[0]),
			     ilv_finding_scheduler_label(deadlock->locks[0]));
	return ilv_draft_finish(&draft);
}

static enum ilv_status speak_of_order(const struct ilv_lock_graph *graph, const uint32_t *ring,
				      uint32_t length, struct ilv_judgement *judgement)
{
	struct ilv_draft draft = ilv_draft_begin(judgement, ILV_SEVERITY_WARNING);
	const struct ilv_entity *members[ILV_LOCK_RING_MAX];
	const struct ilv_scheduler *locks[ILV_LOCK_RING_MAX];
	const struct ilv_lock_edge *first = &graph->edges[ring[0]];
	const struct ilv_lock_edge *last = first;
	const int64_t run_begin_ns = judgement->run->begin_ns;
	char story[2048] = "";

	for (uint32_t index = 0; index < length; index++) {
		const struct ilv_lock_edge *edge = &graph->edges[ring[index]];

		members[index] = edge->by;
		locks[index] = edge->wanted;
		append(story, sizeof(story), "%s%s%s took %s while it held %s",
		       index == 0            ? ""
		       : index + 1 == length ? ", and "
					     : ", ",
		       ilv_finding_label(edge->by), edge->has_others ? ", and not it alone," : "",
		       ilv_finding_scheduler_label(edge->wanted),
		       ilv_finding_scheduler_label(edge->held));
		first = edge->first_ns < first->first_ns ? edge : first;
		last = edge->first_ns > last->first_ns ? edge : last;
	}

	draft.finding.begin_ns = first->first_ns - run_begin_ns;
	draft.finding.end_ns = last->first_ns - run_begin_ns;
	ilv_draft_set_title(&draft, "Locks in contrary orders");
	ilv_draft_set_text(&draft,
			   "Nothing happened this time, but it could deadlock: %s. If all come in "
			   "between at once, nobody goes on. Take these locks in one order "
			   "everywhere.",
			   story);
	add_evidence(&draft, members, locks, length);
	ilv_draft_set_moment(&draft, last->by, draft.finding.end_ns,
			     "%s takes %s while it holds %s; somebody did it the other way round.",
			     ilv_finding_label(last->by), ilv_finding_scheduler_label(last->wanted),
			     ilv_finding_scheduler_label(last->held));
	return ilv_draft_finish(&draft);
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

/* Speaks of the rings that somebody broke, or of those that nobody did. */
static enum ilv_status speak_of_deadlocks(struct ilv_lock_graph *graph, bool is_broken,
					  struct ilv_judgement *judgement, uint32_t *spoken_count)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (uint32_t index = 0; index < graph->deadlock_count && status >= 0; index++) {
		const struct ilv_deadlock *deadlock = &graph->deadlocks[index];

		if (deadlock->run != judgement->run ||
		    (deadlock->end_ns != ILV_UNKNOWN) != is_broken) {
			continue;
		}

		mark_spoken(graph, deadlock);
		if ((*spoken_count)++ < SPOKEN_MAX) {
			status = speak_of_deadlock(deadlock, judgement);
		}
	}

	return status;
}

static enum ilv_status judge(void *context, struct ilv_judgement *judgement)
{
	struct ilv_lock_graph *graph = context;
	uint32_t spoken_count = 0;
	uint32_t ring[ILV_LOCK_RING_MAX];
	enum ilv_status status;

	/* What nobody broke is what the run ended in: however many there were, it is told. */
	status = speak_of_deadlocks(graph, false, judgement, &spoken_count);
	if (status >= 0) {
		status = speak_of_deadlocks(graph, true, judgement, &spoken_count);
	}

	for (uint32_t index = 0;
	     index < graph->edge_count && status >= 0 && spoken_count < SPOKEN_MAX; index++) {
		uint32_t length = 0;

		if (graph->edges[index].run != judgement->run || graph->edges[index].is_spoken_of) {
			continue;
		}

		status = ilv_lock_graph_find_ring(graph, index, ring, &length);
		if (length >= 2 && ilv_lock_graph_is_dangerous(graph, ring, length)) {
			for (uint32_t at = 0; at < length; at++) {
				graph->edges[ring[at]].is_spoken_of = true;
			}

			spoken_count++;
			status = speak_of_order(graph, ring, length, judgement);
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
