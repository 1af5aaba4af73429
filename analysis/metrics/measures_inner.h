/* SPDX-License-Identifier: MIT */
/* Description: what the files of the measures share and nobody else sees. */
#ifndef ILV_ANALYSIS_METRICS_MEASURES_INNER_H
#define ILV_ANALYSIS_METRICS_MEASURES_INNER_H

#include "analysis/metrics/crowd.h"
#include "analysis/metrics/measures.h"
#include "analysis/model/interval.h"

struct ilv_run_measures {
	struct ilv_entity_measures *entities;
	struct ilv_scheduler_measures *schedulers;
	struct ilv_scheduler_measures **by_scheduler; /* by the scheduler's index */
	uint32_t by_scheduler_count;
	struct ilv_crowd *crowd; /* owned; NULL: no thread ran or stood ready */
};

/* Beside each entity of the model: */
struct ilv_entity_slot {
	struct ilv_entity_measures *newest; /* of the latest run that it lived in */
	struct ilv_scheduler_measures *running_in, *ready_in; /* where it is counted now */
	double share_begin_ns; /* `share_ns` of `running_in` when it began to run */
	struct ilv_scheduler_measures *counted_in; /* where it was counted last */
	const struct ilv_scheduler *polls;         /* threads: the loop that they polled last */
	struct ilv_crowd_thread crowd;             /* threads: where they run or stand ready */
	struct ilv_absence absence;                /* threads and tasks */
};

struct ilv_measures {
	struct ilv_model *model;
	struct ilv_intervals *intervals;
	struct ilv_run_measures *runs; /* by the run's index */
	uint32_t run_count;
	struct ilv_entity_slot *slots; /* by the entity's index */
	uint32_t slot_count;
	int64_t *spawn_ns; /* by the process's index */
	uint32_t spawn_count;
	struct ilv_lock_wait **lock_waits; /* by the lock's index: the latest of them */
	uint32_t lock_count;
	int64_t end_ns;
};

/*
 * measures_store.c: find what is kept of a run, an entity in a run, a scheduler in a run, and make
 * room for it when it is new. Pointers to slots and runs are good until the next of these calls,
 * those to measures as long as the measures.
 */
enum ilv_status ilv_measures_take_slot(struct ilv_measures *measures,
				       const struct ilv_entity *entity,
				       struct ilv_entity_slot **slot) ILV_NODISCARD;
enum ilv_status ilv_measures_take_run(struct ilv_measures *measures, const struct ilv_run *run,
				      struct ilv_run_measures **of) ILV_NODISCARD;
enum ilv_status ilv_measures_take_entity(struct ilv_measures *measures, const struct ilv_run *run,
					 const struct ilv_entity *entity,
					 struct ilv_entity_measures **of) ILV_NODISCARD;
enum ilv_status ilv_measures_take_scheduler(struct ilv_measures *measures,
					    const struct ilv_run *run,
					    const struct ilv_scheduler *scheduler,
					    struct ilv_scheduler_measures **of) ILV_NODISCARD;
enum ilv_status ilv_measures_take_lock_wait(struct ilv_measures *measures,
					    struct ilv_entity_measures *of,
					    const struct ilv_scheduler *lock,
					    struct ilv_lock_wait **wait) ILV_NODISCARD;

/* What is kept of a scheduler in a run; NULL: nothing yet. */
struct ilv_scheduler_measures *ilv_measures_scheduler(const struct ilv_measures *measures,
						      const struct ilv_run *run,
						      const struct ilv_scheduler *scheduler);
enum ilv_status ilv_measures_take_crowd(struct ilv_measures *measures, const struct ilv_run *run,
					struct ilv_crowd **crowd) ILV_NODISCARD;

/* stalls.c: notes what the end of a stay means for stalls. The entity's slot must be there. */
enum ilv_status ilv_stalls_follow(struct ilv_measures *measures, const struct ilv_run *run,
				  const struct ilv_change *change) ILV_NODISCARD;
/* Notes for how long they kept their loops who still do at the end of `run`. */
enum ilv_status ilv_stalls_end_run(struct ilv_measures *measures,
				   const struct ilv_run *run) ILV_NODISCARD;

/* measures_sums.c: puts the length of a stay that is over among the others. */
enum ilv_status ilv_measures_close_stay(struct ilv_distribution *distribution,
					int64_t *open_ns) ILV_NODISCARD;

/* Adds what an entity lived through to its scheduler's sums. */
enum ilv_status ilv_measures_sum_up(struct ilv_measures *measures,
				    struct ilv_entity_measures *of) ILV_NODISCARD;

/* Works out the fairness of all schedulers of a run. */
enum ilv_status ilv_measures_judge_fairness(struct ilv_run_measures *in_run) ILV_NODISCARD;

#endif /* ILV_ANALYSIS_METRICS_MEASURES_INNER_H */
