/* SPDX-License-Identifier: MIT */
/*
 * Description: turns the model's changes into closed intervals: an entity's stay in one state,
 * delivered when it ends. For consumers who measure or draw stays rather than moments. Stays are
 * split where a run begins or ends, so that each lies wholly inside or outside a run, and, for
 * tasks and jobs that run, where the thread beneath leaves or takes its CPU. A task whose sleep was
 * over while its loop did something else was ready from then on, and is told of so.
 *
 * Switches off an executor are the ends with `is_counted` and a cause, whatever the state: a switch
 * may be known without the stay that it ended (records were lost; or, with source rusage, only the
 * count is known: then it splits the stay, and `is_last` is false). Claims that are WAITING with
 * reason none want nothing: they are no waits.
 */
#ifndef ILV_ANALYSIS_MODEL_INTERVAL_H
#define ILV_ANALYSIS_MODEL_INTERVAL_H

#include "analysis/model/model.h"

struct ilv_interval {
	const struct ilv_entity *entity;
	const struct ilv_run *run; /* NULL: outside every run */
	int64_t begin_ns, end_ns;  /* the part told here */
	int64_t since_ns;          /* when the whole stay began: `begin_ns`, unless it was split */
	enum ilv_state state;
	enum ilv_wait_reason reason;
	uint64_t object;
	struct ilv_scheduler *waits_for;
	int32_t executor;
	struct ilv_entity *carrier;
	/* Tasks and jobs that run: the state of the thread that carries them, and for what it
	 * waits; RUNNING for all else. */
	enum ilv_state beneath;
	enum ilv_wait_reason beneath_reason;
	enum ilv_cause begin_cause; /* READY after a cut: CUT; NONE: newly created or woken */
	enum ilv_cause end_cause;   /* why running ended; NONE for a part whose stay goes on */
	bool is_involuntary;
	bool is_counted; /* the end is a switch that a record told */
	bool is_last;    /* the stay ends here; false: only this part of it does */
	bool is_end;     /* the entity does: `outcome` and `is_abandoned` say how */
	enum ilv_outcome outcome;
	bool is_abandoned;
	struct ilv_entity *other; /* who took the executor at the end; NULL: not known */
};

typedef enum ilv_status (*ilv_interval_fn)(void *context, const struct ilv_interval *interval);

struct ilv_intervals;

/*
 * Creates a helper that calls `deliver` for each interval, in the order of their ends, and adds
 * itself to `model` as a listener. It belongs to the caller, who destroys it after the model has
 * finished. NULL when memory is short.
 */
struct ilv_intervals *ilv_intervals_create(struct ilv_model *model, ilv_interval_fn deliver,
					   void *context);
void ilv_intervals_destroy(struct ilv_intervals *intervals);

#endif /* ILV_ANALYSIS_MODEL_INTERVAL_H */
