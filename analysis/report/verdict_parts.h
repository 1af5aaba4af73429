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

/* What happened to the work, before anything is said of times: verdict_causes.c. */
void ilv_verdict_write_rings(struct ilv_verdict *verdict);
void ilv_verdict_write_outcomes(struct ilv_verdict *verdict);
void ilv_verdict_write_cut_off(struct ilv_verdict *verdict);
void ilv_verdict_write_held_loops(struct ilv_verdict *verdict);
void ilv_verdict_write_gil(struct ilv_verdict *verdict);
void ilv_verdict_write_lock_waits(struct ilv_verdict *verdict);
void ilv_verdict_write_shares(struct ilv_verdict *verdict);

/* What programs counted of their own work: verdict_counts.c. */
void ilv_verdict_write_counts(struct ilv_verdict *verdict);

/* What ended sooner, and why: verdict_times.c. */
void ilv_verdict_write_times(struct ilv_verdict *verdict);

#endif /* ILV_ANALYSIS_REPORT_VERDICT_PARTS_H */
