/* SPDX-License-Identifier: MIT */
/*
 * Description: the four verbs: ready, run, stop, done. They are the only way by which an entity's
 * state changes, be it a thread, a task, a job or a claim on a lock, and each tells the listeners.
 * What makes no sense for the state that an entity is in (a finished one runs, a running one
 * becomes ready) is passed over: traces begin midway and lose events.
 */
#ifndef ILV_ANALYSIS_MODEL_SCHEDULER_H
#define ILV_ANALYSIS_MODEL_SCHEDULER_H

#include "analysis/model/inner.h"

#define ILV_EXECUTOR_UNKNOWN (-1)

struct ilv_turn {
	int32_t executor;           /* CPU or place; ILV_EXECUTOR_UNKNOWN */
	struct ilv_entity *carrier; /* the thread that carries it; NULL for threads */
	bool is_counted;            /* a record says so; false: it is evident from something else */
	enum ilv_neighbour neighbour; /* who had the CPU before */
};

struct ilv_stop {
	enum ilv_cause cause;
	enum ilv_state next;  /* READY, WAITING or UNKNOWN */
	struct ilv_wait wait; /* for what, with WAITING */
	bool is_involuntary;
	bool is_counted;
	struct ilv_entity *other;     /* who took the executor; NULL: not known */
	enum ilv_neighbour neighbour; /* the same of a CPU, be it anybody's */
	bool is_abandoned;            /* when done: as in struct ilv_change */
};

/* `entity` could run from now on. `waker` made it so; NULL: not known. */
void ilv_scheduler_ready(struct ilv_model *model, struct ilv_entity *entity,
			 struct ilv_entity *waker);

/*
 * `entity` runs from now on. Whoever the model thought to be on that executor is not there any
 * more; since nobody said how it left, its state becomes unknown.
 */
void ilv_scheduler_run(struct ilv_model *model, struct ilv_entity *entity,
		       const struct ilv_turn *turn);

/* `entity` does not run any more, or, where it did not run, goes over into another way of not
 * running. */
void ilv_scheduler_stop(struct ilv_model *model, struct ilv_entity *entity,
			const struct ilv_stop *stop);

/* `entity` has ended, and its claims with it. Of `stop`, `next` and `wait` do not matter. */
void ilv_scheduler_done(struct ilv_model *model, struct ilv_entity *entity,
			enum ilv_outcome outcome, const struct ilv_stop *stop);

/* What `entity` does is not known from now on: nobody tells of it any more. */
void ilv_scheduler_lose(struct ilv_model *model, struct ilv_entity *entity);

/* `entity` waits as before, but what for is clearer now: no new stay begins. */
void ilv_scheduler_correct(struct ilv_model *model, struct ilv_entity *entity,
			   const struct ilv_wait *wait);

/* A switch was counted whose time is not known: `entity` stays as it is. */
void ilv_scheduler_count(struct ilv_model *model, struct ilv_entity *entity,
			 const struct ilv_stop *stop);

/* The lowest executor of `scheduler` on which nobody runs. */
int32_t ilv_scheduler_free_place(const struct ilv_scheduler *scheduler);

/* Who runs there; NULL: nobody, or not known. */
struct ilv_entity *ilv_scheduler_occupant(const struct ilv_scheduler *scheduler, int32_t executor);

#endif /* ILV_ANALYSIS_MODEL_SCHEDULER_H */
