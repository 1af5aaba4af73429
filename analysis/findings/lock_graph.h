/* SPDX-License-Identifier: MIT */
/*
 * Description: in which orders locks are taken, as a graph. Who waits for a lock and holds another
 * one makes an edge from the held to the wanted. A ring of edges may become a deadlock some day; a
 * ring of those that wait right now is one.
 *
 * A try that would not have waited makes no edge to what it got. Semaphores make none either, for
 * anybody may give them back, but like any lock around others they keep a ring from closing. A GIL
 * is left out: it is given up before anybody waits.
 */
#ifndef ILV_ANALYSIS_FINDINGS_LOCK_GRAPH_H
#define ILV_ANALYSIS_FINDINGS_LOCK_GRAPH_H

#include "analysis/model/model.h"
#include "analysis/report/report.h"

#define ILV_LOCK_RING_MAX  16 /* locks in one ring: longer ones are not looked for */
#define ILV_LOCK_GUARD_MAX 4
#define ILV_LOCK_HELD_MAX  32 /* locks that one holds at once; further ones make no edges */

/* `wanted` was waited for or taken by somebody who held `held`. */
struct ilv_lock_edge {
	const struct ilv_run *run;
	const struct ilv_scheduler *held, *wanted;
	const struct ilv_entity *by; /* the first who did */
	bool has_others;             /* somebody else did too */
	int64_t first_ns;
	uint64_t count;
	/* What was held every time besides: two edges with a common guard never meet. */
	const struct ilv_scheduler *guards[ILV_LOCK_GUARD_MAX];
	uint32_t guard_count;
	bool is_spoken_of;
	uint32_t next; /* the next one with the same `held`: its number + 1; 0: none */
};

/* The edges that leave from one lock: numbers + 1; 0: none. */
struct ilv_lock_way {
	uint32_t first, last;
};

/* A ring of those who wait for each other: locks[i] is what members[i] waits for, and members[i +
 * 1] holds. */
struct ilv_deadlock {
	const struct ilv_run *run;
	const struct ilv_entity *members[ILV_LOCK_RING_MAX];
	const struct ilv_scheduler *locks[ILV_LOCK_RING_MAX];
	uint32_t count;
	int64_t begin_ns;
	int64_t end_ns; /* when one of them gave up; ILV_UNKNOWN: none did */
};

/* What one thread or task holds and wants, by its index. */
struct ilv_lock_holder {
	const struct ilv_entity
		*claims[ILV_LOCK_HELD_MAX]; /* in the order in which they were got */
	uint32_t count;
	const struct ilv_entity *wanted; /* the claim that it waits with; NULL: none */
};

/* A zeroed one is empty. */
struct ilv_lock_graph {
	struct ilv_lock_holder *holders; /* by the subject's index */
	uint32_t holder_count;
	const struct ilv_entity **owners; /* by the lock's index: its exclusive holder's claim */
	uint32_t owner_count;
	struct ilv_lock_edge *edges;
	uint32_t edge_count, edge_capacity;
	uint32_t *table;           /* edges by what they are of: numbers + 1; 0: an empty place */
	struct ilv_lock_way *ways; /* by the index of the lock that they leave from */
	uint32_t way_count;
	struct ilv_deadlock *deadlocks;
	uint32_t deadlock_count, deadlock_capacity;
};

/* Takes note of `change`, which happens in `run`. */
enum ilv_status ilv_lock_graph_update(struct ilv_lock_graph *graph, const struct ilv_run *run,
				      const struct ilv_change *change) ILV_NODISCARD;

/*
 * Finds the shortest way of edges from the end of `edges[first]` back to its beginning. Fills
 * `ring`, of ILV_LOCK_RING_MAX, with the edges' numbers, `first` in front; `*length` 0: there is
 * none.
 */
enum ilv_status ilv_lock_graph_find_ring(const struct ilv_lock_graph *graph, uint32_t first,
					 uint32_t *ring, uint32_t *length) ILV_NODISCARD;

/* A ring by one alone cannot close, nor one around which a lock stands that lets fewer in than it
 * takes. */
bool ilv_lock_graph_is_dangerous(const struct ilv_lock_graph *graph, const uint32_t *ring,
				 uint32_t length);

void ilv_lock_graph_fini(struct ilv_lock_graph *graph);

#endif /* ILV_ANALYSIS_FINDINGS_LOCK_GRAPH_H */
