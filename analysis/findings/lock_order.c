/* SPDX-License-Identifier: MIT */
/*
 * Description: locks that are taken in orders that contradict each other. Who waits for a lock and
 * holds another one makes an edge from the held to the wanted; a ring of edges by several threads
 * or tasks is a deadlock that may happen some day, and a ring of those that wait right now is one
 * that did.
 *
 * A try that would not have waited makes no edge to what it got. Semaphores make none either, for
 * anybody may give them back, but like any lock around others they keep a ring from closing. A GIL
 * is left out: it is given up before anybody waits.
 */
#include "analysis/findings/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/findings/ready_set.h"

#define RING_MAX   16 /* locks in one ring: longer ones are not looked for */
#define GUARD_MAX  4
#define HELD_MAX   32   /* locks that one holds at once; further ones make no edges */
#define EDGE_MAX   4096 /* a run; further ones are not looked at */
#define SPOKEN_MAX 8    /* findings of one run */

/* `wanted` was waited for or taken by somebody who held `held`. */
struct order_edge {
	const struct ilv_run *run;
	const struct ilv_scheduler *held, *wanted;
	const struct ilv_entity *by; /* the first who did */
	bool has_others;             /* somebody else did too */
	int64_t first_ns;
	uint64_t count;
	/* What was held every time besides: two edges with a common guard never meet. */
	const struct ilv_scheduler *guards[GUARD_MAX];
	uint32_t guard_count;
	bool is_spoken_of;
};

/* A ring of those who wait for each other: locks[i] is what members[i] waits for, and members[i +
 * 1] holds. */
struct deadlock {
	const struct ilv_run *run;
	const struct ilv_entity *members[RING_MAX];
	const struct ilv_scheduler *locks[RING_MAX];
	uint32_t count;
	int64_t begin_ns;
	int64_t end_ns; /* when one of them gave up; ILV_UNKNOWN: none did */
};

/* What one thread or task holds and wants, by its index. */
struct holder {
	const struct ilv_entity *claims[HELD_MAX]; /* in the order in which they were got */
	uint32_t count;
	const struct ilv_entity *wanted; /* the claim that it waits with; NULL: none */
};

struct context {
	struct holder *holders; /* by the subject's index */
	uint32_t holder_count;
	const struct ilv_entity **owners; /* by the lock's index: its exclusive holder's claim */
	uint32_t owner_count;
	struct order_edge *edges;
	uint32_t edge_count, edge_capacity;
	struct deadlock *deadlocks;
	uint32_t deadlock_count, deadlock_capacity;
};

static void *create(void)
{
	return calloc(1, sizeof(struct context));
}

static void destroy(void *context_pointer)
{
	struct context *context = context_pointer;

	if (context) {
		free(context->holders);
		free(context->owners);
		free(context->edges);
		free(context->deadlocks);
		free(context);
	}
}

static bool is_looked_at(const struct ilv_entity *entity)
{
	return entity->kind == ILV_ENTITY_KIND_CLAIM &&
	       entity->scheduler->kind == ILV_SCHEDULER_KIND_LOCK;
}

static bool is_semaphore(const struct ilv_scheduler *lock)
{
	return lock->lock_kind == ILV_LOCK_KIND_SEM;
}

/* Readers let each other in, so what is wanted or held to read closes no ring by itself. */
static bool is_exclusive(const struct ilv_entity *claim)
{
	return claim->mode != ILV_LOCK_MODE_SHARED;
}

static bool has_guard(const struct holder *holder, const struct ilv_scheduler *lock)
{
	for (uint32_t index = 0; index < holder->count; index++) {
		if (holder->claims[index]->scheduler == lock &&
		    is_exclusive(holder->claims[index])) {
			return true;
		}
	}

	return false;
}

/* Keeps of the edge's guards those that are held this time too. */
static void narrow_guards(struct order_edge *edge, const struct holder *holder)
{
	uint32_t kept_count = 0;

	for (uint32_t index = 0; index < edge->guard_count; index++) {
		if (has_guard(holder, edge->guards[index])) {
			edge->guards[kept_count++] = edge->guards[index];
		}
	}

	edge->guard_count = kept_count;
}

static enum ilv_status add_edge(struct context *context, const struct ilv_run *run,
				const struct ilv_scheduler *held, const struct ilv_entity *claim,
				int64_t now_ns)
{
	const struct holder *holder = &context->holders[claim->subject->index];
	struct order_edge *edge;

	for (uint32_t index = 0; index < context->edge_count; index++) {
		edge = &context->edges[index];
		if (edge->held == held && edge->wanted == claim->scheduler && edge->run == run) {
			edge->count++;
			edge->has_others = edge->has_others || edge->by != claim->subject;
			narrow_guards(edge, holder);
			return ILV_STATUS_OK;
		}
	}

	if (context->edge_count >= EDGE_MAX) {
		return ILV_STATUS_OK;
	}

	if (ilv_grow((void **)&context->edges, &context->edge_capacity, context->edge_count,
		     sizeof(*context->edges)) != ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	edge = &context->edges[context->edge_count++];
	*edge = (struct order_edge){
		.run = run,
		.held = held,
		.wanted = claim->scheduler,
		.by = claim->subject,
		.first_ns = now_ns,
		.count = 1,
	};
	for (uint32_t index = 0; index < holder->count && edge->guard_count < GUARD_MAX; index++) {
		const struct ilv_entity *guard = holder->claims[index];

		if (guard->scheduler != held && is_exclusive(guard)) {
			edge->guards[edge->guard_count++] = guard->scheduler;
		}
	}

	return ILV_STATUS_OK;
}

/* `claim` is wanted: each lock that its subject holds comes before it. */
static enum ilv_status add_edges(struct context *context, const struct ilv_run *run,
				 const struct ilv_entity *claim, int64_t now_ns)
{
	const struct holder *holder = &context->holders[claim->subject->index];
	enum ilv_status status = ILV_STATUS_OK;

	for (uint32_t index = 0; index < holder->count && status == ILV_STATUS_OK; index++) {
		const struct ilv_entity *held = holder->claims[index];

		if (held != claim && !is_semaphore(held->scheduler) &&
		    !is_semaphore(claim->scheduler) &&
		    (is_exclusive(held) || is_exclusive(claim))) {
			status = add_edge(context, run, held->scheduler, claim, now_ns);
		}
	}

	return status;
}

/* Follows from `claim`, which begins to wait, who holds what is waited for: back at its subject,
 * nobody in the ring can ever go on. */
static enum ilv_status look_for_deadlock(struct context *context, const struct ilv_run *run,
					 const struct ilv_entity *claim, int64_t now_ns)
{
	struct deadlock found = {.run = run, .begin_ns = now_ns, .end_ns = ILV_UNKNOWN};
	const struct ilv_entity *at = claim;

	while (at && found.count < RING_MAX) {
		const struct ilv_entity *owner = at->scheduler->index < context->owner_count
							 ? context->owners[at->scheduler->index]
							 : NULL;

		found.members[found.count] = at->subject;
		found.locks[found.count++] = at->scheduler;
		if (!owner) {
			return ILV_STATUS_OK;
		}

		if (owner->subject == claim->subject) {
			break;
		}

		at = context->holders[owner->subject->index].wanted;
	}

	/* Whoever waits for what it holds itself is an error of another kind. */
	if (!at || found.count < 2 || found.count == RING_MAX) {
		return ILV_STATUS_OK;
	}

	if (ilv_grow((void **)&context->deadlocks, &context->deadlock_capacity,
		     context->deadlock_count, sizeof(*context->deadlocks)) != ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	context->deadlocks[context->deadlock_count++] = found;
	return ILV_STATUS_OK;
}

/* `claim` waits no more without having got the lock: a ring that it was in is broken. */
static void end_deadlocks(struct context *context, const struct ilv_entity *claim, int64_t now_ns)
{
	for (uint32_t index = 0; index < context->deadlock_count; index++) {
		struct deadlock *deadlock = &context->deadlocks[index];

		for (uint32_t at = 0; at < deadlock->count; at++) {
			if (deadlock->members[at] == claim->subject &&
			    deadlock->locks[at] == claim->scheduler &&
			    deadlock->end_ns == ILV_UNKNOWN) {
				deadlock->end_ns = now_ns;
			}
		}
	}
}

static void forget_hold(struct holder *holder, const struct ilv_entity *claim)
{
	for (uint32_t index = 0; index < holder->count; index++) {
		if (holder->claims[index] == claim) {
			memmove(&holder->claims[index], &holder->claims[index + 1],
				(holder->count - index - 1) * sizeof(holder->claims[0]));
			holder->count--;
			return;
		}
	}
}

static enum ilv_status on_change(void *context_pointer, const struct ilv_change *change)
{
	struct context *context = context_pointer;
	const struct ilv_entity *claim = change->entity;
	enum ilv_status status = ILV_STATUS_OK;
	const struct ilv_run *run;
	struct holder *holder;

	if (!is_looked_at(claim) || change->is_correction) {
		return ILV_STATUS_OK;
	}

	/* After a run's end all stands still for it: who waits then waits for ever. */
	run = ilv_finding_run_now(claim);
	if (!run) {
		return ILV_STATUS_OK;
	}

	if (ilv_grow((void **)&context->holders, &context->holder_count, claim->subject->index,
		     sizeof(*context->holders)) != ILV_STATUS_OK ||
	    ilv_grow((void **)&context->owners, &context->owner_count, claim->scheduler->index,
		     sizeof(*context->owners)) != ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	holder = &context->holders[claim->subject->index];
	if (change->state == ILV_STATE_READY) {
		holder->wanted = claim;
		status = add_edges(context, run, claim, change->time_ns);
		return status == ILV_STATUS_OK
			       ? look_for_deadlock(context, run, claim, change->time_ns)
			       : status;
	}

	if (claim->state == ILV_STATE_READY) {
		holder->wanted = NULL;
	}

	if (change->state == ILV_STATE_RUNNING) {
		if (claim->state != ILV_STATE_READY && claim->mode != ILV_LOCK_MODE_TRIED) {
			status = add_edges(context, run, claim, change->time_ns);
		}

		if (holder->count < HELD_MAX) {
			holder->claims[holder->count++] = claim;
		}

		if (is_exclusive(claim) && !is_semaphore(claim->scheduler)) {
			context->owners[claim->scheduler->index] = claim;
		}

		return status;
	}

	if (claim->state == ILV_STATE_READY) {
		end_deadlocks(context, claim, change->time_ns);
	}

	forget_hold(holder, claim);
	if (context->owners[claim->scheduler->index] == claim) {
		context->owners[claim->scheduler->index] = NULL;
	}

	return ILV_STATUS_OK;
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
		char id[128];

		ilv_scheduler_id(locks[index], id, sizeof(id));
		status = ilv_finding_add_id(finding, id);
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

static enum ilv_status speak_of_deadlock(const struct deadlock *deadlock, const struct ilv_run *run,
					 int64_t run_end_ns, ilv_finding_emit_fn emit,
					 void *emit_context)
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

	if (status < 0) {
		ilv_finding_fini(&finding);
		return status;
	}

	return emit(emit_context, &finding);
}

/* Finds the shortest way of edges from the end of `edges[first]` back to its beginning. Fills
 * `ring` with the edges' numbers, `first` in front; 0: there is none. */
static uint32_t find_ring(const struct context *context, uint32_t first, uint32_t *ring)
{
	const struct order_edge *edges = context->edges;
	uint32_t *queue = calloc(context->edge_count, 2 * sizeof(*queue));
	uint32_t *came_from = queue + context->edge_count; /* 0: not reached; else number + 1 */
	uint32_t begin = 0;
	uint32_t end = 0;
	uint32_t length = 0;

	if (!queue) {
		return UINT32_MAX;
	}

	queue[end++] = first;
	came_from[first] = first + 1;
	while (begin < end && length == 0) {
		const uint32_t at = queue[begin++];

		if (edges[at].wanted == edges[first].held) {
			uint32_t back = at;
			uint32_t place;

			for (length = 1; back != first; length++) {
				back = came_from[back] - 1;
			}

			place = length;
			for (back = at; place > 0; back = came_from[back] - 1) {
				place--;
				if (place < RING_MAX) {
					ring[place] = back;
				}
			}
			break;
		}

		for (uint32_t next = 0; next < context->edge_count; next++) {
			if (edges[next].run == edges[first].run &&
			    edges[next].held == edges[at].wanted && came_from[next] == 0) {
				came_from[next] = at + 1;
				queue[end++] = next;
			}
		}
	}

	free(queue);
	return length <= RING_MAX ? length : 0;
}

/* How many edges of the ring have `guard` around them. */
static uint32_t count_guarded(const struct order_edge *edges, const uint32_t *ring, uint32_t length,
			      const struct ilv_scheduler *guard)
{
	uint32_t guarded_count = 0;

	for (uint32_t at = 0; at < length; at++) {
		const struct order_edge *edge = &edges[ring[at]];

		for (uint32_t index = 0; index < edge->guard_count; index++) {
			guarded_count += edge->guards[index] == guard;
		}
	}

	return guarded_count;
}

/* A ring by one alone cannot close, nor one around which a lock stands that lets fewer in than it
 * takes. */
static bool is_dangerous(const struct order_edge *edges, const uint32_t *ring, uint32_t length)
{
	bool is_of_several = false;

	for (uint32_t at = 0; at < length; at++) {
		const struct order_edge *edge = &edges[ring[at]];

		is_of_several = is_of_several || edge->has_others || edge->by != edges[ring[0]].by;
		for (uint32_t index = 0; index < edge->guard_count; index++) {
			const struct ilv_scheduler *guard = edge->guards[index];
			const uint32_t capacity = guard->lock_kind == ILV_LOCK_KIND_RWLOCK
							  ? 1
							  : guard->executor_count;

			/* A capacity of 0 is one that is not known. */
			if (capacity > 0 && count_guarded(edges, ring, length, guard) > capacity) {
				return false;
			}
		}
	}

	return is_of_several;
}

static enum ilv_status speak_of_order(const struct context *context, const uint32_t *ring,
				      uint32_t length, const struct ilv_run *run,
				      ilv_finding_emit_fn emit, void *emit_context)
{
	struct ilv_finding finding = ilv_finding_make("lock-order-cycle", ILV_SEVERITY_WARNING);
	const struct ilv_entity *members[RING_MAX];
	const struct ilv_scheduler *locks[RING_MAX];
	const struct order_edge *last = &context->edges[ring[0]];
	char story[2048] = "";
	enum ilv_status status;

	finding.begin_ns = last->first_ns - run->begin_ns;
	for (uint32_t index = 0; index < length; index++) {
		const struct order_edge *edge = &context->edges[ring[index]];
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

	if (status < 0) {
		ilv_finding_fini(&finding);
		return status;
	}

	return emit(emit_context, &finding);
}

/* What became a deadlock need not be called possible as well. */
static void mark_spoken(struct context *context, const struct deadlock *deadlock)
{
	for (uint32_t index = 0; index < context->edge_count; index++) {
		struct order_edge *edge = &context->edges[index];

		for (uint32_t at = 0; at < deadlock->count && edge->run == deadlock->run; at++) {
			const uint32_t before = (at + deadlock->count - 1) % deadlock->count;

			edge->is_spoken_of =
				edge->is_spoken_of || (edge->wanted == deadlock->locks[at] &&
						       edge->held == deadlock->locks[before]);
		}
	}
}

static enum ilv_status judge(void *context_pointer, const struct ilv_run *run,
			     const struct ilv_report *report, const struct ilv_report_run *measured,
			     ilv_finding_emit_fn emit, void *emit_context)
{
	struct context *context = context_pointer;
	enum ilv_status status = ILV_STATUS_OK;
	uint32_t spoken_count = 0;
	uint32_t ring[RING_MAX];

	(void)report;
	for (uint32_t index = 0; index < context->deadlock_count && status >= 0; index++) {
		const struct deadlock *deadlock = &context->deadlocks[index];

		if (deadlock->run == run) {
			mark_spoken(context, deadlock);
			if (spoken_count++ < SPOKEN_MAX) {
				status = speak_of_deadlock(deadlock, run,
							   measured->end_ns - measured->begin_ns,
							   emit, emit_context);
			}
		}
	}

	for (uint32_t index = 0;
	     index < context->edge_count && status >= 0 && spoken_count < SPOKEN_MAX; index++) {
		uint32_t length = 0;

		if (context->edges[index].run != run || context->edges[index].is_spoken_of) {
			continue;
		}

		length = find_ring(context, index, ring);
		if (length == UINT32_MAX) {
			return ILV_STATUS_MEMORY;
		}

		if (length >= 2 && is_dangerous(context->edges, ring, length)) {
			for (uint32_t at = 0; at < length; at++) {
				context->edges[ring[at]].is_spoken_of = true;
			}

			spoken_count++;
			status = speak_of_order(context, ring, length, run, emit, emit_context);
		}
	}

	return status;
}

const struct ilv_finding_kind ilv_finding_lock_order = {
	.id = "lock-order-cycle",
	.create = create,
	.destroy = destroy,
	.on_change = on_change,
	.judge = judge,
};
