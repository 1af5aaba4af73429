/* SPDX-License-Identifier: MIT */
/*
 * Description: what a comparison says of what became of the work, before it says how long that
 * took: what was lost, who waited in a ring, who was cancelled or left behind.
 */
#include <stdio.h>
#include <string.h>

#include "analysis/report/endings.h"
#include "analysis/report/verdict_parts.h"
#include "base/duration.h"

/* After what happened in some runs: "; mutex, atomic and task lost none", where there are others.
 */
static void write_others(struct ilv_verdict *verdict,
			 bool (*has_happened)(const struct ilv_compared_run *compared),
			 const char *what_they_did)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	uint32_t count = 0;
	uint32_t written = 0;

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		count += !has_happened(&comparison->runs[index]);
	}
	if (count == 0) {
		return;
	}

	(void)fputs("; ", verdict->stream);
	for (uint32_t index = 0; index < comparison->run_count; index++) {
		if (!has_happened(&comparison->runs[index])) {
			ilv_verdict_separate(verdict->stream, written++, count);
			(void)fputs(ilv_verdict_label(&comparison->runs[index]), verdict->stream);
		}
	}
	(void)fprintf(verdict->stream, " %s", what_they_did);
}

static bool has_loss(const struct ilv_compared_run *compared)
{
	const struct ilv_report_run *run = compared->run;

	for (uint32_t index = 0; index < run->finding_count; index++) {
		if (strcmp(run->findings[index].id, "lost-update") == 0) {
			return true;
		}
	}

	return false;
}

/* What a run lost of all its variables. False: nothing, or it is not known how much. */
static bool sum_losses(const struct ilv_report_run *run, int64_t *lost_count, int64_t *total_count)
{
	*lost_count = 0;
	*total_count = 0;
	for (uint32_t index = 0; index < run->finding_count; index++) {
		const struct ilv_finding *finding = &run->findings[index];

		if (strcmp(finding->id, "lost-update") == 0 &&
		    finding->affected_count != ILV_UNKNOWN) {
			*lost_count += finding->affected_count;
			*total_count += finding->total_count;
		}
	}

	return *lost_count > 0;
}

void ilv_verdict_write_losses(struct ilv_verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const char *separator = "";

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		char lost[ILV_DURATION_TEXT_SIZE];
		char total[ILV_DURATION_TEXT_SIZE];
		int64_t lost_count;
		int64_t total_count;

		if (!sum_losses(comparison->runs[index].run, &lost_count, &total_count)) {
			continue;
		}

		if (!separator[0]) {
			(void)fputs("Whoever is stopped or overtaken between a read and its write "
				    "goes over what others wrote meanwhile: ",
				    verdict->stream);
		}

		ilv_count_text(lost_count, lost, sizeof(lost));
		ilv_count_text(total_count, total, sizeof(total));
		(void)fprintf(verdict->stream, "%s%s lost %s of %s%s", separator,
			      ilv_verdict_label(&comparison->runs[index]), lost, total,
			      separator[0] ? "" : " updates");
		separator = ", ";
	}

	if (separator[0]) {
		write_others(verdict, has_loss, "lost none");
		verdict->has_outcome = true;
		ilv_verdict_stop(verdict);
	}
}

const struct ilv_finding *ilv_verdict_ring(const struct ilv_compared_run *compared)
{
	const struct ilv_report_run *run = compared->run;

	for (uint32_t index = 0; index < run->finding_count; index++) {
		const struct ilv_finding *finding = &run->findings[index];

		/* A ring that somebody broke is no end of the run. */
		if (strcmp(finding->id, "lock-order-cycle") == 0 &&
		    finding->severity == ILV_SEVERITY_PROBLEM &&
		    finding->end_ns >= run->sum.duration_ns) {
			return finding;
		}
	}

	return NULL;
}

static bool has_ring(const struct ilv_compared_run *compared)
{
	return ilv_verdict_ring(compared) != NULL;
}

void ilv_verdict_write_rings(struct ilv_verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	uint32_t written = 0;

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		const struct ilv_finding *ring = ilv_verdict_ring(compared);
		char begin[ILV_DURATION_TEXT_SIZE];

		if (!ring) {
			continue;
		}
		ilv_verdict_duration((double)ring->begin_ns, begin);
		if (written++ == 0) {
			(void)fprintf(verdict->stream,
				      "In %s each of %lld %s holds the lock that the next one "
				      "waits for, from %s to the end: a deadlock",
				      ilv_verdict_label(compared), (long long)ring->affected_count,
				      ilv_verdict_unit(compared->run, true), begin);
		} else {
			(void)fprintf(verdict->stream, "; in %s each of %lld, from %s",
				      ilv_verdict_label(compared), (long long)ring->affected_count,
				      begin);
		}
	}

	if (written > 0) {
		write_others(verdict, has_ring, "went on to the end");
		verdict->has_outcome = true;
		ilv_verdict_stop(verdict);
	}
}

/* Whether units of one of `counts` did not end like those of the other. Of threads that their
 * program left behind, the sentences of rings and of daemons tell. */
static bool is_unlike(const struct ilv_ending_counts *counts, const struct ilv_ending_counts *other)
{
	return counts->of[ILV_ENDING_FAILED] != other->of[ILV_ENDING_FAILED] ||
	       counts->of[ILV_ENDING_CANCELLED] != other->of[ILV_ENDING_CANCELLED] ||
	       counts->of[ILV_ENDING_ABANDONED] - counts->abandoned_thread_count !=
		       other->of[ILV_ENDING_ABANDONED] - other->abandoned_thread_count;
}

/*
 * Of a pool's jobs it is said how many returned beside those that did not. Of tasks it is not: the
 * one that waits for the others returns too, and is none of them.
 */
static void write_outcomes(FILE *stream, const struct ilv_report_run *run)
{
	static const struct {
		enum ilv_ending ending;
		const char *words[2]; /* one and many of them */
	} parts[] = {
		{ILV_ENDING_RETURNED, {"returned", "returned"}},
		{ILV_ENDING_FAILED, {"failed", "failed"}},
		{ILV_ENDING_CANCELLED, {"was cancelled", "were cancelled"}},
		{ILV_ENDING_ABANDONED, {"ended with the program", "ended with the program"}},
	};
	const size_t count = sizeof(parts) / sizeof(parts[0]);
	struct ilv_ending_counts counts = ilv_endings_count(run);
	uint32_t part_count = 0;
	uint32_t written = 0;

	if (counts.of[ILV_ENDING_FAILED] + counts.of[ILV_ENDING_CANCELLED] +
		    counts.of[ILV_ENDING_ABANDONED] ==
	    0) {
		(void)fputs(counts.of[ILV_ENDING_NONE] == 0 ? "all returned"
							    : "none failed or was cancelled",
			    stream);
		return;
	}

	if (run->unit != ILV_UNIT_POOL_JOB) {
		counts.of[ILV_ENDING_RETURNED] = 0;
	}
	for (size_t index = 0; index < count; index++) {
		part_count += counts.of[parts[index].ending] > 0;
	}
	for (size_t index = 0; index < count; index++) {
		const uint32_t part = counts.of[parts[index].ending];

		if (part > 0) {
			ilv_verdict_separate(stream, written++, part_count);
			(void)fprintf(stream, "%u %s", part, parts[index].words[part != 1]);
		}
	}
}

void ilv_verdict_write_outcomes(struct ilv_verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const struct ilv_ending_counts first = ilv_endings_count(comparison->runs[0].run);
	bool is_different = false;

	for (uint32_t index = 1; index < comparison->run_count; index++) {
		const struct ilv_ending_counts other =
			ilv_endings_count(comparison->runs[index].run);

		is_different |= is_unlike(&first, &other);
	}
	if (!is_different) {
		return;
	}

	(void)fputs("Not all came to their own end: ", verdict->stream);
	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		char text[ILV_DURATION_TEXT_SIZE];

		ilv_verdict_duration(compared->values[ILV_MEASURE_TIME], text);
		(void)fprintf(verdict->stream, "%sin %s, after %s, ", index > 0 ? "; " : "",
			      ilv_verdict_label(compared), text);
		write_outcomes(verdict->stream, compared->run);
	}

	verdict->has_unlike_times = true;
	verdict->has_outcome = true;
	ilv_verdict_stop(verdict);
}

/* Threads that the program did not wait for, and that were still at work when it ended. */
static uint32_t count_cut_off(const struct ilv_report_run *run)
{
	uint32_t count = 0;

	for (uint32_t index = 0; index < run->thread_count; index++) {
		const struct ilv_report_thread *thread = &run->threads[index];

		count += thread->is_daemon && thread->is_unit &&
			 ilv_ending_of_thread(thread) == ILV_ENDING_ABANDONED;
	}

	return count;
}

void ilv_verdict_write_cut_off(struct ilv_verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	uint32_t least = UINT32_MAX;
	uint32_t most = 0;

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		uint32_t count = count_cut_off(comparison->runs[index].run);

		least = count < least ? count : least;
		most = count > most ? count : most;
	}
	if (least == most) {
		return;
	}

	(void)fputs("Nobody waits for a daemon thread, and the end of the program finds it in the "
		    "midst of its work: ",
		    verdict->stream);
	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		uint32_t count = count_cut_off(compared->run);

		ilv_verdict_separate(verdict->stream, index, comparison->run_count);
		if (count == 0) {
			(void)fprintf(verdict->stream, "none in %s", ilv_verdict_label(compared));
		} else {
			(void)fprintf(verdict->stream, "%u of %lld in %s", count,
				      (long long)compared->run->sum.unit_count,
				      ilv_verdict_label(compared));
		}
	}

	verdict->has_unlike_times = true;
	verdict->has_outcome = true;
	ilv_verdict_stop(verdict);
}
