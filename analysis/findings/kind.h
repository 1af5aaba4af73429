/* SPDX-License-Identifier: MIT */
/* Description: what a kind of finding is, the list of them, and what they all ask the model; not
 * for others. */
#ifndef ILV_ANALYSIS_FINDINGS_KIND_H
#define ILV_ANALYSIS_FINDINGS_KIND_H

#include "analysis/metrics/measures.h"
#include "analysis/model/model.h"
#include "analysis/report/report.h"

/* One run that is judged: by what, and what one kind after another has found. */
struct ilv_judgement {
	const struct ilv_run *run;
	const struct ilv_measures *measures; /* as they were taken */
	const struct ilv_report *report;
	const struct ilv_report_run *measured; /* the run's measures as they are told */
	int64_t duration_ns;
	int64_t cpu_count;   /* CPUs that the run may use; where it did not say, the machine's */
	const char *kind_id; /* of the kind that speaks now */
	struct ilv_finding *findings;
	uint32_t finding_count;
};

struct ilv_finding_kind {
	const char *id; /* kebab-case, as in the JSON */
	/*
	 * What it watches; NULL members are not called. What it keeps is handed to all of them as
	 * context: so many bytes, zeroed at first, and `fini` frees what they own. A kind that
	 * judges by the measures alone has none of these.
	 */
	size_t context_size;
	void (*fini)(void *context);
	enum ilv_status (*on_change)(void *context, const struct ilv_change *change);
	uint32_t change_kinds; /* as in struct ilv_model_listener */
	enum ilv_status (*on_edge)(void *context, const struct ilv_edge *edge);
	enum ilv_status (*on_mark)(void *context, const struct ilv_mark *mark);
	enum ilv_status (*on_run_end)(void *context, const struct ilv_run *run);
	/* Speaks: drafts each finding that holds in the run, and finishes it. */
	enum ilv_status (*judge)(void *context, struct ilv_judgement *judgement);
};

/* One file each. */
extern const struct ilv_finding_kind ilv_finding_lost_update;
extern const struct ilv_finding_kind ilv_finding_contended_lock;
extern const struct ilv_finding_kind ilv_finding_cut_while_holding;
extern const struct ilv_finding_kind ilv_finding_blocked_loop;
extern const struct ilv_finding_kind ilv_finding_oversubscription;
extern const struct ilv_finding_kind ilv_finding_idle_cpus;
extern const struct ilv_finding_kind ilv_finding_imbalance;
extern const struct ilv_finding_kind ilv_finding_lock_order;
extern const struct ilv_finding_kind ilv_finding_gil_contention;
extern const struct ilv_finding_kind ilv_finding_crowded_cpus;
extern const struct ilv_finding_kind ilv_finding_starvation;
extern const struct ilv_finding_kind ilv_finding_lock_convoy;

/*
 * True where a lock is held by whoever got it. A semaphore of more places than one, or of none to
 * begin with, is a queue or a signal: to wait for it is what it is for.
 */
static inline bool ilv_finding_is_held(const struct ilv_scheduler *lock)
{
	return lock->lock_kind != ILV_LOCK_KIND_SEM || lock->executor_count == 1;
}

/* The run that `entity`'s process is in right now; NULL: none. */
static inline const struct ilv_run *ilv_finding_run_now(const struct ilv_entity *entity)
{
	const struct ilv_run *run = entity->process ? entity->process->run : NULL;

	return run && !run->is_ended ? run : NULL;
}

/* Since when `entity` does what it does now, as far as that lies in `run`. */
static inline int64_t ilv_finding_since(const struct ilv_entity *entity, const struct ilv_run *run)
{
	return entity->since_ns > run->begin_ns ? entity->since_ns : run->begin_ns;
}

#endif /* ILV_ANALYSIS_FINDINGS_KIND_H */
