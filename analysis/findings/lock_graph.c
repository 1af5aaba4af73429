/* SPDX-License-Identifier: MIT */
/* Description: puts the graph of lock orders together, and finds the rings in it. */
#include "analysis/findings/lock_graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

#define EDGE_MAX   4096 /* further ones are not looked at */
#define TABLE_SIZE (2 * EDGE_MAX)

/* Broken rings of a run that are kept: who gives up and tries again may close one each time. */
#define BROKEN_MAX 64

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

static bool has_guard(const struct ilv_lock_holder *holder, const struct ilv_scheduler *lock)
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
static void narrow_guards(struct ilv_lock_edge *edge, const struct ilv_lock_holder *holder)
{
	uint32_t kept_count = 0;

	for (uint32_t index = 0; index < edge->guard_count; index++) {
		if (has_guard(holder, edge->guards[index])) {
			edge->guards[kept_count++] = edge->guards[index];
		}
	}

	edge->guard_count = kept_count;
}

/* Where in the table the edge stands, or would stand. It is asked for with every lock that is taken
 * while another one is held. */
static uint32_t *find_place(const struct ilv_lock_graph *graph, const struct ilv_run *run,
			    const struct ilv_scheduler *held, const struct ilv_scheduler *wanted)
{
	uint32_t at = (held->index * UINT32_C(2654435761)) ^
		      (wanted->index * UINT32_C(2246822519)) ^ run->index;

	for (at ^= at >> 15;; at++) {
		uint32_t *place = &graph->table[at % TABLE_SIZE];
		const struct ilv_lock_edge *edge = *place ? &graph->edges[*place - 1] : NULL;

		if (!edge || (edge->held == held && edge->wanted == wanted && edge->run == run)) {
			return place;
		}
	}
}

static enum ilv_status add_edge(struct ilv_lock_graph *graph, const struct ilv_run *run,
				const struct ilv_scheduler *held, const struct ilv_entity *claim,
				int64_t now_ns)
{
	const struct ilv_lock_holder *holder = &graph->holders[claim->subject->index];
	struct ilv_lock_edge *edge;
	struct ilv_lock_way *way;
	uint32_t *place;

	if (!graph->table) {
		graph->table = calloc(TABLE_SIZE, sizeof(*graph->table));
		if (!graph->table) {
			return ILV_STATUS_MEMORY;
		}
	}

	place = find_place(graph, run, held, claim->scheduler);
	if (*place) {
		edge = &graph->edges[*place - 1];
		edge->count++;
		edge->has_others = edge->has_others || edge->by != claim->subject;
		narrow_guards(edge, holder);
		return ILV_STATUS_OK;
	}

	if (graph->edge_count >= EDGE_MAX) {
		return ILV_STATUS_OK;
	}

	if (ilv_grow((void **)&graph->edges, &graph->edge_capacity, graph->edge_count,
		     sizeof(*graph->edges)) != ILV_STATUS_OK ||
	    ilv_grow((void **)&graph->ways, &graph->way_count, held->index, sizeof(*graph->ways)) !=
		    ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	edge = &graph->edges[graph->edge_count++];
	*place = graph->edge_count;
	way = &graph->ways[held->index];
	if (way->last) {
		graph->edges[way->last - 1].next = graph->edge_count;
	} else {
		way->first = graph->edge_count;
	}
	way->last = graph->edge_count;
	*edge = (struct ilv_lock_edge){
		.run = run,
		.held = held,
		.wanted = claim->scheduler,
		.by = claim->subject,
		.first_ns = now_ns,
		.count = 1,
	};
	for (uint32_t index = 0; index < holder->count && edge->guard_count < ILV_LOCK_GUARD_MAX;
	     index++) {
		const struct ilv_entity *guard = holder->claims[index];

		if (guard->scheduler != held && is_exclusive(guard)) {
			edge->guards[edge->guard_count++] = guard->scheduler;
		}
	}

	return ILV_STATUS_OK;
}

/* `claim` is wanted: each lock that its subject holds comes before it. */
static enum ilv_status add_edges(struct ilv_lock_graph *graph, const struct ilv_run *run,
				 const struct ilv_entity *claim, int64_t now_ns)
{
	const struct ilv_lock_holder *holder = &graph->holders[claim->subject->index];
	enum ilv_status status = ILV_STATUS_OK;

	for (uint32_t index = 0; index < holder->count && status == ILV_STATUS_OK; index++) {
		const struct ilv_entity *held = holder->claims[index];

		if (held != claim && !is_semaphore(held->scheduler) &&
		    !is_semaphore(claim->scheduler) &&
		    (is_exclusive(held) || is_exclusive(claim))) {
			status = add_edge(graph, run, held->scheduler, claim, now_ns);
		}
	}

	return status;
}

/* Follows from `claim`, which begins to wait, who holds what is waited for: back at its subject,
 * nobody in the ring can ever go on. */
static enum ilv_status look_for_deadlock(struct ilv_lock_graph *graph, const struct ilv_run *run,
					 const struct ilv_entity *claim, int64_t now_ns)
{
	struct ilv_deadlock found = {.run = run, .begin_ns = now_ns, .end_ns = ILV_UNKNOWN};
	const struct ilv_entity *at = claim;

	while (at && found.count < ILV_LOCK_RING_MAX) {
		const struct ilv_entity *owner = at->scheduler->index < graph->owner_count
							 ? graph->owners[at->scheduler->index]
							 : NULL;

		found.members[found.count] = at->subject;
		found.locks[found.count++] = at->scheduler;
		if (!owner) {
			return ILV_STATUS_OK;
		}

		if (owner->subject == claim->subject) {
			break;
		}

		at = graph->holders[owner->subject->index].wanted;
	}

	/* Whoever waits for what it holds itself is an error of another kind. */
	if (!at || found.count < 2 || found.count == ILV_LOCK_RING_MAX) {
		return ILV_STATUS_OK;
	}

	if (ilv_grow((void **)&graph->deadlocks, &graph->deadlock_capacity, graph->deadlock_count,
		     sizeof(*graph->deadlocks)) != ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	graph->deadlocks[graph->deadlock_count++] = found;
	return ILV_STATUS_OK;
}

static bool is_in_ring(const struct ilv_deadlock *deadlock, const struct ilv_entity *claim)
{
	for (uint32_t at = 0; at < deadlock->count; at++) {
		if (deadlock->members[at] == claim->subject &&
		    deadlock->locks[at] == claim->scheduler) {
			return true;
		}
	}

	return false;
}

/* `claim` waits no more without having got the lock: a ring that it was in is broken. */
static void end_deadlocks(struct ilv_lock_graph *graph, const struct ilv_run *run,
			  const struct ilv_entity *claim, int64_t now_ns)
{
	uint32_t broken_count = 0;
	uint32_t kept_count = 0;

	for (uint32_t index = 0; index < graph->deadlock_count; index++) {
		struct ilv_deadlock *deadlock = &graph->deadlocks[index];

		if (deadlock->end_ns == ILV_UNKNOWN && is_in_ring(deadlock, claim)) {
			deadlock->end_ns = now_ns;
		}

		broken_count += deadlock->run == run && deadlock->end_ns != ILV_UNKNOWN;
		if (deadlock->run != run || deadlock->end_ns != now_ns ||
		    broken_count <= BROKEN_MAX) {
			graph->deadlocks[kept_count++] = *deadlock;
		}
	}

	graph->deadlock_count = kept_count;
}

static void forget_hold(struct ilv_lock_holder *holder, const struct ilv_entity *claim)
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

enum ilv_status ilv_lock_graph_update(struct ilv_lock_graph *graph, const struct ilv_run *run,
				      const struct ilv_change *change)
{
	const struct ilv_entity *claim = change->entity;
	enum ilv_status status = ILV_STATUS_OK;
	struct ilv_lock_holder *holder;

	if (!is_looked_at(claim) || change->is_correction) {
		return ILV_STATUS_OK;
	}

	if (ilv_grow((void **)&graph->holders, &graph->holder_count, claim->subject->index,
		     sizeof(*graph->holders)) != ILV_STATUS_OK ||
	    ilv_grow((void **)&graph->owners, &graph->owner_count, claim->scheduler->index,
		     sizeof(*graph->owners)) != ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	holder = &graph->holders[claim->subject->index];
	if (change->state == ILV_STATE_READY) {
		holder->wanted = claim;
		status = add_edges(graph, run, claim, change->time_ns);
		return status == ILV_STATUS_OK
			       ? look_for_deadlock(graph, run, claim, change->time_ns)
			       : status;
	}

	if (claim->state == ILV_STATE_READY) {
		holder->wanted = NULL;
	}

	if (change->state == ILV_STATE_RUNNING) {
		if (claim->state != ILV_STATE_READY && claim->mode != ILV_LOCK_MODE_TRIED) {
			status = add_edges(graph, run, claim, change->time_ns);
		}

		if (holder->count < ILV_LOCK_HELD_MAX) {
			holder->claims[holder->count++] = claim;
		}

		if (is_exclusive(claim) && !is_semaphore(claim->scheduler)) {
			graph->owners[claim->scheduler->index] = claim;
		}

		return status;
	}

	if (claim->state == ILV_STATE_READY) {
		end_deadlocks(graph, run, claim, change->time_ns);
	}

	forget_hold(holder, claim);
	if (graph->owners[claim->scheduler->index] == claim) {
		graph->owners[claim->scheduler->index] = NULL;
	}

	return ILV_STATUS_OK;
}

/* The first edge that leaves from `lock`, as its number + 1; 0: there is none. */
static uint32_t first_way(const struct ilv_lock_graph *graph, const struct ilv_scheduler *lock)
{
	return lock->index < graph->way_count ? graph->ways[lock->index].first : 0;
}

enum ilv_status ilv_lock_graph_find_ring(const struct ilv_lock_graph *graph, uint32_t first,
					 uint32_t *ring, uint32_t *length)
{
	const struct ilv_lock_edge *edges = graph->edges;
	uint32_t *queue = calloc(graph->edge_count, 2 * sizeof(*queue));
	uint32_t *came_from = queue + graph->edge_count; /* 0: not reached; else number + 1 */
	uint32_t begin = 0;
	uint32_t end = 0;

	*length = 0;
	if (!queue) {
		return ILV_STATUS_MEMORY;
	}

	queue[end++] = first;
	came_from[first] = first + 1;
	while (begin < end && *length == 0) {
		const uint32_t at = queue[begin++];

		if (edges[at].wanted == edges[first].held) {
			uint32_t back = at;
			uint32_t place;

			for (*length = 1; back != first; (*length)++) {
				back = came_from[back] - 1;
			}

			place = *length;
			for (back = at; place > 0; back = came_from[back] - 1) {
				place--;
				if (place < ILV_LOCK_RING_MAX) {
					ring[place] = back;
				}
			}
			break;
		}

		for (uint32_t next = first_way(graph, edges[at].wanted); next > 0;
		     next = edges[next - 1].next) {
			if (edges[next - 1].run == edges[first].run && came_from[next - 1] == 0) {
				came_from[next - 1] = at + 1;
				queue[end++] = next - 1;
			}
		}
	}

	free(queue);
	*length = *length <= ILV_LOCK_RING_MAX ? *length : 0;
	return ILV_STATUS_OK;
}

/* How many edges of the ring have `guard` around them. */
static uint32_t count_guarded(const struct ilv_lock_edge *edges, const uint32_t *ring,
			      uint32_t length, const struct ilv_scheduler *guard)
{
	uint32_t guarded_count = 0;

	for (uint32_t at = 0; at < length; at++) {
		const struct ilv_lock_edge *edge = &edges[ring[at]];

		for (uint32_t index = 0; index < edge->guard_count; index++) {
			guarded_count += edge->guards[index] == guard;
		}
	}

	return guarded_count;
}

bool ilv_lock_graph_is_dangerous(const struct ilv_lock_graph *graph, const uint32_t *ring,
				 uint32_t length)
{
	const struct ilv_lock_edge *edges = graph->edges;
	bool is_of_several = false;

	for (uint32_t at = 0; at < length; at++) {
		const struct ilv_lock_edge *edge = &edges[ring[at]];

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

void ilv_lock_graph_fini(struct ilv_lock_graph *graph)
{
	free(graph->holders);
	free(graph->owners);
	free(graph->edges);
	free(graph->table);
	free(graph->ways);
	free(graph->deadlocks);
	memset(graph, 0, sizeof(*graph));
}
