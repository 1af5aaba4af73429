/* SPDX-License-Identifier: MIT */
/*
 * Description: the parts that a verdict is put together from; not for others. A part writes one
 * sentence where the numbers carry it, and nothing where they do not.
 */
#ifndef ILV_ANALYSIS_REPORT_VERDICT_PARTS_H
#define ILV_ANALYSIS_REPORT_VERDICT_PARTS_H

#include "analysis/report/comparison.h"

/* A verdict while it is put together. */
struct ilv_verdict {
	const struct ilv_comparison *comparison;
	FILE *stream;
	unsigned int sentence_count;
	/* The runs did not do the same work: their times say nothing about who is faster. */
	bool has_unlike_times;
	/* What happened to the work is said: who kept whom waiting is beside the point. */
	bool has_outcome;
	/* Why the times differ is said already. */
	bool has_cause;
	/* The machine was busy with something else: times and waits are as much about that. */
	bool has_crowd;
};

/* Ends a sentence. */
void ilv_verdict_stop(struct ilv_verdict *verdict);

/* Writes what stands before the one at `index` in a list of `count`: "one, two and three". */
void ilv_verdict_separate(FILE *stream, uint32_t index, uint32_t count);

/* A run's label as people say it. */
const char *ilv_verdict_label(const struct ilv_compared_run *compared);
/* "thread", "tasks": what a comparison of `run` counts. */
const char *ilv_verdict_unit(const struct ilv_report_run *run, bool is_plural);
/* Writes ILV_DURATION_TEXT_SIZE bytes at most. */
void ilv_verdict_duration(double value_ns, char *text);

/* Its time is that of the whole job. */
bool ilv_verdict_is_whole(const struct ilv_compared_run *compared);
/* The ring of locks in which this run ended; NULL: none. */
const struct ilv_finding *ilv_verdict_ring(const struct ilv_compared_run *compared);

/* What became of the work: verdict_outcomes.c. */
void ilv_verdict_write_losses(struct ilv_verdict *verdict);
void ilv_verdict_write_rings(struct ilv_verdict *verdict);
void ilv_verdict_write_outcomes(struct ilv_verdict *verdict);
void ilv_verdict_write_cut_off(struct ilv_verdict *verdict);

/* Who kept others from their turn: verdict_causes.c. */
void ilv_verdict_write_held_loops(struct ilv_verdict *verdict);
void ilv_verdict_write_gil(struct ilv_verdict *verdict);
void ilv_verdict_write_lock_waits(struct ilv_verdict *verdict);
void ilv_verdict_write_shares(struct ilv_verdict *verdict);

/* What programs counted of their own work: verdict_counts.c. */
void ilv_verdict_write_counts(struct ilv_verdict *verdict);

/* What one of the things costs that they do: verdict_prices.c. */
void ilv_verdict_write_prices(struct ilv_verdict *verdict);

/* What ended sooner: verdict_times.c. */
void ilv_verdict_write_times(struct ilv_verdict *verdict);

/* Below this ratio, and where nothing that was recorded says why, a difference may be chance: two
 * runs of one and the same program often differ as much. */
#define ILV_VERDICT_CHANCE_RATIO 1.3

enum ilv_verdict_why {
	ILV_VERDICT_WHY_NOT_KNOWN, /* nothing was written */
	ILV_VERDICT_WHY_JOB,
	ILV_VERDICT_WHY_MACHINE, /* others had the CPUs: it says nothing of the job */
};

/* Says why `slow` took longer than `fast`, as far as the numbers do: verdict_why.c. Beside a cause
 * that is said already, only what that does not explain. */
enum ilv_verdict_why ilv_verdict_write_why(struct ilv_verdict *verdict,
					   const struct ilv_compared_run *fast,
					   const struct ilv_compared_run *slow);

/* Says of two runs that chance may have told apart how few of the CPUs that they wanted they got,
 * where it was few. */
void ilv_verdict_write_kept(struct ilv_verdict *verdict, const struct ilv_compared_run *fast,
			    const struct ilv_compared_run *slow);

/* Says of runs that took as long that they did not use as much CPU time, where they did not, and
 * what evened it out. */
void ilv_verdict_write_evened(struct ilv_verdict *verdict, const struct ilv_compared_run *least,
			      const struct ilv_compared_run *most);

/* The CPU time that `compared` used. */
double ilv_verdict_cpu_ns(const struct ilv_compared_run *compared);

/* Whether its CPU time is an estimate: where a program looks at its clock now and then, a wait
 * between two looks is taken for work, and may double it. */
bool ilv_verdict_is_estimated(const struct ilv_compared_run *compared);

/*
 * Whether a run used few CPUs because it had nothing to compute: not where one of its threads, main
 * among them, stood ready for long, for then somebody else had the CPUs.
 */
bool ilv_verdict_is_mostly_waiting(const struct ilv_compared_run *compared);

#endif /* ILV_ANALYSIS_REPORT_VERDICT_PARTS_H */
