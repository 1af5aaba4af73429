/* SPDX-License-Identifier: MIT */
/*
 * Description: what a comparison says of times: what ended sooner, and why. On a machine that was
 * busy with something else the times are as much about that: then CPU time is what is compared.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/report/verdict_parts.h"
#include "base/duration.h"

/* Below this ratio two runs take "about as long". */
#define SAME_RATIO 1.1

/* What others had of the CPUs at the least; 0 where it is not known. */
static double share_of_others(const struct ilv_compared_run *compared)
{
	double share = compared->run->sum.others_share;

	return isnan(share) ? 0 : share;
}

/* Of the runs that came to their end, of which there is one, those that used least and most CPU
 * time. False: they cannot be compared. */
static bool find_extremes(const struct ilv_comparison *comparison,
			  const struct ilv_compared_run **least,
			  const struct ilv_compared_run **most)
{
	*least = *most = NULL;
	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];

		if (!ilv_verdict_is_whole(compared)) {
			continue;
		}
		if (ilv_verdict_is_estimated(compared)) {
			return false;
		}
		if (!*least || ilv_verdict_cpu_ns(compared) < ilv_verdict_cpu_ns(*least)) {
			*least = compared;
		}
		if (!*most || ilv_verdict_cpu_ns(compared) > ilv_verdict_cpu_ns(*most)) {
			*most = compared;
		}
	}

	return !comparison->is_left_out[ILV_MEASURE_CPUS_BUSY];
}

static void write_same_times(struct ilv_verdict *verdict, const struct ilv_compared_run *fast,
			     const struct ilv_compared_run *slow)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	char fast_text[ILV_DURATION_TEXT_SIZE];
	char slow_text[ILV_DURATION_TEXT_SIZE];
	const char *all = comparison->run_count == 2 ? "both" : "all";
	const struct ilv_compared_run *least;
	const struct ilv_compared_run *most;
	bool is_waiting = !comparison->is_left_out[ILV_MEASURE_CPUS_BUSY];

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		is_waiting = is_waiting && ilv_verdict_is_mostly_waiting(&comparison->runs[index]);
	}

	ilv_verdict_duration(fast->values[ILV_MEASURE_TIME], fast_text);
	ilv_verdict_duration(slow->values[ILV_MEASURE_TIME], slow_text);
	if (is_waiting) {
		(void)fputs("The job mostly waits, and while one waits the others go on, whoever "
			    "switches between them: ",
			    verdict->stream);
	}

	if (strcmp(fast_text, slow_text) == 0) {
		(void)fprintf(verdict->stream, "%s took about as long (%s)", all, fast_text);
	} else {
		(void)fprintf(verdict->stream, "%s took about as long (%s %s %s)", all, fast_text,
			      comparison->run_count == 2 ? "and" : "to", slow_text);
	}

	/* Beside what happened to the work, what it cost is not worth a word. */
	if (!is_waiting && !verdict->has_outcome && find_extremes(comparison, &least, &most)) {
		ilv_verdict_write_evened(verdict, least, most);
	}

	ilv_verdict_stop(verdict);
}

/* What all used of CPU time, which a crowd changes least. */
static void write_cpu_times(FILE *stream, const struct ilv_compared_run *least,
			    const struct ilv_compared_run *most)
{
	const double ratio = ilv_verdict_cpu_ns(most) / ilv_verdict_cpu_ns(least);
	char least_text[ILV_DURATION_TEXT_SIZE];
	char most_text[ILV_DURATION_TEXT_SIZE];

	ilv_verdict_duration(ilv_verdict_cpu_ns(least), least_text);
	ilv_verdict_duration(ilv_verdict_cpu_ns(most), most_text);
	if (ratio >= SAME_RATIO) {
		(void)fprintf(stream,
			      "; of CPU time %s used %.1f times what %s did (%s against %s)",
			      ilv_verdict_label(most), ratio, ilv_verdict_label(least), most_text,
			      least_text);
	} else {
		(void)fprintf(stream,
			      strcmp(least_text, most_text) == 0
				      ? "; of CPU time all needed about as much (%s)"
				      : "; of CPU time all needed about as much (%s to %s)",
			      least_text, most_text);
	}
}

/*
 * On a crowded machine: how much of it others had, and what can be compared all the same. Returns
 * whether that was the case.
 */
static bool write_crowd(struct ilv_verdict *verdict, const struct ilv_compared_run *fast,
			const struct ilv_compared_run *slow)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const struct ilv_compared_run *crowded = slow;
	const struct ilv_compared_run *least;
	const struct ilv_compared_run *most;
	bool is_known = find_extremes(comparison, &least, &most);
	char texts[4][ILV_DURATION_TEXT_SIZE];

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];

		if (ilv_verdict_is_whole(compared) &&
		    share_of_others(compared) > share_of_others(crowded)) {
			crowded = compared;
		}
	}
	if (comparison->is_left_out[ILV_MEASURE_CPUS_BUSY] ||
	    share_of_others(crowded) < ILV_REPORT_CROWDED_SHARE) {
		return false;
	}

	ilv_verdict_duration(fast->values[ILV_MEASURE_TIME], texts[0]);
	ilv_verdict_duration(slow->values[ILV_MEASURE_TIME], texts[1]);
	(void)fprintf(verdict->stream,
		      "The job did not have its CPUs to itself: while %s ran, at least %.0f %% of "
		      "their time went elsewhere",
		      ilv_verdict_label(crowded), 100 * share_of_others(crowded));
	/* Runs of a set length took that length on any machine. */
	if (strcmp(texts[0], texts[1]) != 0) {
		(void)fprintf(verdict->stream, ", so that the times (%s to %s) say little",
			      texts[0], texts[1]);
	}
	/* Where hardly anybody computed, CPU time says no more. */
	if (is_known && ilv_verdict_cpu_ns(least) > 0.05 * fast->values[ILV_MEASURE_TIME]) {
		write_cpu_times(verdict->stream, least, most);
	}
	verdict->has_crowd = true;
	ilv_verdict_stop(verdict);
	return true;
}

void ilv_verdict_write_times(struct ilv_verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const struct ilv_compared_run *fast = NULL;
	const struct ilv_compared_run *slow = NULL;
	uint32_t whole_count = 0;
	char fast_text[ILV_DURATION_TEXT_SIZE];
	char slow_text[ILV_DURATION_TEXT_SIZE];
	enum ilv_verdict_why why = ILV_VERDICT_WHY_NOT_KNOWN;
	bool is_explained = verdict->has_cause;
	double ratio;

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		double time_ns = compared->values[ILV_MEASURE_TIME];

		if (!ilv_verdict_is_whole(compared) || !(time_ns > 0)) {
			continue;
		}

		whole_count++;
		if (!fast || time_ns < fast->values[ILV_MEASURE_TIME]) {
			fast = compared;
		}

		if (!slow || time_ns > slow->values[ILV_MEASURE_TIME]) {
			slow = compared;
		}
	}

	if (whole_count < 2 || verdict->has_unlike_times || write_crowd(verdict, fast, slow)) {
		return;
	}

	ratio = slow->values[ILV_MEASURE_TIME] / fast->values[ILV_MEASURE_TIME];
	if (ratio >= SAME_RATIO && !comparison->is_left_out[ILV_MEASURE_CPUS_BUSY]) {
		why = ilv_verdict_write_why(verdict, fast, slow);
	}
	if (why != ILV_VERDICT_WHY_NOT_KNOWN) {
		(void)fputs(": so ", verdict->stream);
		is_explained = true;
	}
	if (ratio < SAME_RATIO) {
		if (whole_count == comparison->run_count) {
			write_same_times(verdict, fast, slow);
		}
		return;
	}
	/* Beside what happened to the work, chance is not worth a sentence. */
	if (ratio < ILV_VERDICT_CHANCE_RATIO && !is_explained && verdict->has_outcome) {
		return;
	}

	ilv_verdict_duration(fast->values[ILV_MEASURE_TIME], fast_text);
	ilv_verdict_duration(slow->values[ILV_MEASURE_TIME], slow_text);

	if (ratio < 1.95) {
		(void)fprintf(verdict->stream, "%s finished %.0f %% sooner",
			      ilv_verdict_label(fast), 100 * (1 - 1 / ratio));
	} else {
		(void)fprintf(verdict->stream, "%s finished %.*f times as fast",
			      ilv_verdict_label(fast), ratio < 9.95 ? 1 : 0, ratio);
	}

	if (comparison->run_count > 2) {
		(void)fprintf(verdict->stream, " %s %s%s", ratio < 1.95 ? "than" : "as",
			      ilv_verdict_label(slow),
			      whole_count == comparison->run_count ? ", the slowest" : "");
	}

	(void)fprintf(verdict->stream, " (%s against %s)", fast_text, slow_text);
	if (why == ILV_VERDICT_WHY_MACHINE) {
		(void)fputs(", which is about the machine, not the job", verdict->stream);
	} else if (ratio < ILV_VERDICT_CHANCE_RATIO && !is_explained) {
		(void)fputs(", which may be chance", verdict->stream);
		ilv_verdict_write_kept(verdict, fast, slow);
	}
	ilv_verdict_stop(verdict);
}
