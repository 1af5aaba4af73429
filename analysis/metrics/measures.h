/* SPDX-License-Identifier: MIT */
/*
 * Description: the one set of measures for every scheduler, taken from the model's changes and
 * intervals alone. A thread on the CPUs, a task on a loop and a claim on a lock are measured by the
 * same lines; what a count means for a kind of scheduler, and where it means nothing, the report
 * says.
 *
 * Memory is bounded by entities and runs, never by events.
 */
#ifndef ILV_ANALYSIS_METRICS_MEASURES_H
#define ILV_ANALYSIS_METRICS_MEASURES_H

#include "analysis/metrics/crowd.h"
#include "analysis/metrics/distribution.h"
#include "analysis/metrics/stalls.h"
#include "analysis/model/model.h"

/* How long an entity waited for one lock. */
struct ilv_lock_wait {
	const struct ilv_scheduler *lock;
	const struct ilv_entity_measures *of;
	int64_t wait_ns;
	struct ilv_lock_wait *next;         /* of the same entity, for another lock */
	struct ilv_lock_wait *next_of_lock; /* of another entity, for the same lock */
};

/* What one entity lived through within one run. */
struct ilv_entity_measures {
	const struct ilv_entity *entity;
	const struct ilv_run *run;
	struct ilv_entity_measures *next_in_run;
	struct ilv_entity_measures *next_of_entity; /* the same entity in an earlier run */

	int64_t state_ns[ILV_STATE_COUNT];
	double executor_ns; /* of executors' time: what it had of RUNNING, or its part of it where
			       more ran than there are executors */
	int64_t ready_after_cut_ns;
	int64_t reason_ns[ILV_WAIT_REASON_LOOP + 1]; /* WAITING by reason */
	int64_t before_act_ns; /* of that for an untold reason: before its process first spoke */
	int64_t stalled_ns;    /* RUNNING while the thread beneath was known to be off its CPU */
	int64_t unknown_beneath_ns;       /* RUNNING while nothing is known of the thread beneath */
	struct ilv_lock_wait *lock_waits; /* owned */

	struct ilv_distribution slices;      /* stays in RUNNING, as far as they lie in the run */
	struct ilv_distribution waits;       /* stays in READY, likewise */
	int64_t open_slice_ns, open_wait_ns; /* of stays that are not over */

	uint64_t stop_counts[ILV_CAUSE_COUNT]; /* ends of RUNNING by cause */
	uint64_t voluntary_count, involuntary_count;
	uint64_t in_vain_count; /* stays in READY that did not lead to RUNNING within the run */
	uint64_t migration_count;
	uint64_t executor_mask; /* executors 0 to 63 that it ran on */
	int32_t last_executor;

	bool is_done;
	enum ilv_outcome outcome;
	bool is_abandoned; /* its process or loop ended before it, in the run or after it */
};

/* What one scheduler did within one run: sums over those that count (see `ilv_measures_counts`). */
struct ilv_scheduler_measures {
	const struct ilv_scheduler *scheduler;
	const struct ilv_run *run;
	struct ilv_scheduler_measures *next_in_run;

	uint32_t entity_count;
	int64_t state_ns[ILV_STATE_COUNT];
	double busy_executor_ns; /* executor time in use, never more than there are executors */
	double share_ns;         /* what each who has run all along has had of an executor */
	/* Executor time that those who stood ready could have used besides and did not get: none
	 * while they only waited for each other, because as many ran as there are executors. */
	int64_t kept_executor_ns;
	int64_t active_ns; /* while anybody ran or stood ready; the rest of the time all waited */
	uint32_t running_count, running_max;
	uint32_t ready_count;
	int64_t changed_ns; /* when either count last changed */
	struct ilv_distribution slices, waits;
	uint64_t stop_counts[ILV_CAUSE_COUNT];
	uint64_t involuntary_count;
	uint64_t in_vain_count;
	double fairness; /* Jain's index over the running times of those of role job, else of all;
			    NAN: nobody ran */
	const struct ilv_entity_measures *longest_slice_of, *longest_wait_of; /* NULL: none */

	/* Loops: */
	uint64_t poll_count;
	int64_t poll_ns;
	int64_t poll_begin_ns; /* INT64_MIN: not in a poll */
	struct ilv_hold longest_hold;
	struct ilv_stalls *stalls; /* owned; by limit; NULL: no task kept it for long */
};

struct ilv_measures;

/*
 * Creates measures that listen to `model`, which must be empty. They belong to the caller, who
 * destroys them before the model. NULL when memory is short. Sums over schedulers are there once
 * the model has finished.
 */
struct ilv_measures *ilv_measures_create(struct ilv_model *model);
void ilv_measures_destroy(struct ilv_measures *measures);

/* The first of all entities that lived in `run`, linked by `next_in_run` in no order; NULL: none.
 * Borrowed. */
struct ilv_entity_measures *ilv_measures_entities(const struct ilv_measures *measures,
						  const struct ilv_run *run);
struct ilv_scheduler_measures *ilv_measures_schedulers(const struct ilv_measures *measures,
						       const struct ilv_run *run);

/* What others had of the CPUs while `run` went on; NULL: none of its threads ran or stood ready.
 * Borrowed. */
const struct ilv_crowd *ilv_measures_crowd(const struct ilv_measures *measures,
					   const struct ilv_run *run);

/* What `entity` lived through in `run`; NULL: it did not live then. Borrowed. */
struct ilv_entity_measures *ilv_measures_of(const struct ilv_measures *measures,
					    const struct ilv_run *run,
					    const struct ilv_entity *entity);

/* From the fork to the first act of `process`; INT64_MIN: not known. */
int64_t ilv_measures_spawn_ns(const struct ilv_measures *measures,
			      const struct ilv_process *process);

/* When the last event was; the end of runs that did not end. */
int64_t ilv_measures_end_ns(const struct ilv_measures *measures);

/* The role of `entity` or of whom it acts for: its own where it serves the run or the recording,
 * else its process's. */
enum ilv_role ilv_measures_role(const struct ilv_entity *entity);

/* Whether who has `role` serves the run or the recording, rather than being part of the run. */
bool ilv_measures_serves(enum ilv_role role);

/* True unless `entity` serves the run or the recording (roles server, recorder, tracer). */
bool ilv_measures_counts(const struct ilv_entity *entity);

#endif /* ILV_ANALYSIS_METRICS_MEASURES_H */
