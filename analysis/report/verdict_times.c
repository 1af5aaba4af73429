/* SPDX-License-Identifier: MIT */
/*
 * Description: what a comparison says of times: what ended sooner, and why. On a machine that was
 * busy with something else the times are as much about that: then CPU time is what is compared.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/metrics/measures.h"
#include "analysis/report/verdict_parts.h"
#include "base/duration.h"

/* Below this ratio two runs take "about as long". */
#define SAME_RATIO 1.1

/* Below this one, and where nothing that was recorded says why, it may be chance: two runs of one
 * and the same program often differ as much. */
#define CHANCE_RATIO 1.3

/* Waiting is a cause where the other took so much longer, and left the CPUs so much idler. */
#define WAITING_CONTRAST 1.5

/* Waiting for locks that is worth to be called a cause: this share of the threads' time. */
#define LOCK_SHARE 0.3

/*
 * Whether a run used few CPUs because it had nothing to compute: not where one of its threads, main
 * among them, stood ready for long, for then somebody else had the CPUs.
 */
static bool is_mostly_waiting(const struct ilv_compared_run *compared)
{
	double longest_ns = 0;

	for (uint32_t index = 0; index < compared->run->thread_count; index++) {
		const struct ilv_report_thread *thread = &compared->run->threads[index];
		int64_t ready_ns = ilv_report_ready_ns(&thread->times);

		if (!ilv_measures_serves(thread->role) && ready_ns != ILV_UNKNOWN) {
			longest_ns = fmax(longest_ns, (double)ready_ns);
		}
	}

	return compared->values[ILV_MEASURE_CPUS_BUSY] < 0.5 &&
	       longest_ns <= 0.2 * compared->values[ILV_MEASURE_TIME];
}

/* What others had of the CPUs at the least; 0 where it is not known. */
static double share_of_others(const struct ilv_compared_run *compared)
{
	double share = compared->run->sum.others_share;

	return isnan(share) ? 0 : share;
}

/* What share of their time the units of `compared` stood in line for locks. */
static double share_of_locks(const struct ilv_compared_run *compared)
{
	const struct ilv_report_run *run = compared->run;
	double lock_ns = 0;
	double alive_ns = 0;

	for (uint32_t index = 0; index < run->thread_count; index++) {
		const struct ilv_report_thread *thread = &run->threads[index];

		if (thread->role == ILV_ROLE_JOB && thread->end_ns != ILV_UNKNOWN) {
			lock_ns += (double)thread->times.reason_ns[ILV_WAIT_REASON_LOCK];
			alive_ns += (double)(thread->end_ns - thread->begin_ns);
		}
	}

	/* To wait at a queue is no line for a lock. */
	for (uint32_t index = 0; index < run->lock_count; index++) {
		if (run->locks[index].is_count) {
			lock_ns -= (double)run->locks[index].waits.total_ns;
		}
	}

	return alive_ns > 0 ? fmax(0, lock_ns) / alive_ns : 0;
}

/* Whether its CPU time is an estimate: where a program looks at its clock now and then, a wait
 * between two looks is taken for work, and may double it. */
static bool is_estimated(const struct ilv_compared_run *compared)
{
	return compared->report->switch_source == ILV_SWITCH_SOURCE_RUSAGE;
}

/* "threads spent their time", "the event loop spent its time". */
static const char *whose(const struct ilv_compared_run *compared)
{
	size_t length = strlen(compared->label);

	return length > 1 && compared->label[length - 1] == 's' &&
			       compared->label[length - 2] != 's'
		       ? "their"
		       : "its";
}

/* Why `fast` ended before `slow`, as far as the numbers say it: a clause that ends in a colon, or
 * nothing. */
static bool write_cause(FILE *stream, const struct ilv_compared_run *fast,
			const struct ilv_compared_run *slow)
{
	double fast_busy = fast->values[ILV_MEASURE_CPUS_BUSY];
	double slow_busy = slow->values[ILV_MEASURE_CPUS_BUSY];
	double fast_work = fast_busy * fast->values[ILV_MEASURE_TIME];
	double slow_work = slow_busy * slow->values[ILV_MEASURE_TIME];
	char fast_text[ILV_DURATION_TEXT_SIZE];
	char slow_text[ILV_DURATION_TEXT_SIZE];

	if (isnan(fast_busy) || isnan(slow_busy)) {
		return false;
	}

	if (fast_busy > 1.2 * slow_busy && fast_busy > 1.2) {
		ilv_measure_text(ILV_MEASURE_CPUS_BUSY, fast_busy, fast_text, sizeof(fast_text));
		ilv_measure_text(ILV_MEASURE_CPUS_BUSY, slow_busy, slow_text, sizeof(slow_text));
		(void)fprintf(stream, "%s computed on %s CPUs at a time, %s on %s: ",
			      ilv_verdict_label(fast), fast_text, ilv_verdict_label(slow),
			      slow_text);
	} else if (share_of_locks(slow) > LOCK_SHARE &&
		   share_of_locks(slow) > 1.5 * share_of_locks(fast)) {
		(void)fprintf(stream, "in %s %s stood in line for locks %.0f %% of their time: ",
			      ilv_verdict_label(slow), ilv_verdict_unit(slow->run, true),
			      100 * share_of_locks(slow));
	} else if (slow_work > 1.3 * fast_work && slow_busy > 0.3 && !is_estimated(fast) &&
		   !is_estimated(slow)) {
		ilv_verdict_duration(fast_work, fast_text);
		ilv_verdict_duration(slow_work, slow_text);
		(void)fprintf(stream,
			      "%s needed %s of CPU time and %s only %s: ", ilv_verdict_label(slow),
			      slow_text, ilv_verdict_label(fast), fast_text);
	} else if (fast_busy > WAITING_CONTRAST * slow_busy &&
		   slow->values[ILV_MEASURE_TIME] >
			   WAITING_CONTRAST * fast->values[ILV_MEASURE_TIME] &&
		   is_mostly_waiting(slow)) {
		(void)fprintf(stream, "%s spent most of %s time waiting, with %s%s%s idle: ",
			      ilv_verdict_label(slow), whose(slow),
			      slow->run->cpu_count == 1 ? "" : "all ", whose(slow),
			      slow->run->cpu_count == 1 ? " CPU" : " CPUs");
	} else {
		return false;
	}

	return true;
}

static void write_same_times(struct ilv_verdict *verdict, const struct ilv_compared_run *fast,
			     const struct ilv_compared_run *slow)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	char fast_text[ILV_DURATION_TEXT_SIZE];
	char slow_text[ILV_DURATION_TEXT_SIZE];
	const char *all = comparison->run_count == 2 ? "both" : "all";
	bool is_waiting = !comparison->is_left_out[ILV_MEASURE_CPUS_BUSY];

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		is_waiting = is_waiting && is_mostly_waiting(&comparison->runs[index]);
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

	ilv_verdict_stop(verdict);
}

/*
 * On a crowded machine: how much of it others had, and what can be compared all the same. Returns
 * whether that was the case.
 */
static bool write_crowd(struct ilv_verdict *verdict, const struct ilv_compared_run *fast,
			const struct ilv_compared_run *slow)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const struct ilv_compared_run *most = NULL;
	double least_work = INFINITY;
	double most_work = 0;
	bool is_known = true;
	char texts[4][ILV_DURATION_TEXT_SIZE];

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		double work_ns = compared->values[ILV_MEASURE_CPUS_BUSY] *
				 compared->values[ILV_MEASURE_TIME];

		least_work = fmin(least_work, work_ns);
		most_work = fmax(most_work, work_ns);
		is_known = is_known && !is_estimated(compared);
		if (!most || share_of_others(compared) > share_of_others(most)) {
			most = compared;
		}
	}
	if (comparison->is_left_out[ILV_MEASURE_CPUS_BUSY] ||
	    share_of_others(most) < ILV_REPORT_CROWDED_SHARE) {
		return false;
	}

	ilv_verdict_duration(fast->values[ILV_MEASURE_TIME], texts[0]);
	ilv_verdict_duration(slow->values[ILV_MEASURE_TIME], texts[1]);
	ilv_verdict_duration(least_work, texts[2]);
	ilv_verdict_duration(most_work, texts[3]);
	(void)fprintf(verdict->stream,
		      "The job did not have its CPUs to itself: while %s ran, at least %.0f %% of "
		      "their time went elsewhere",
		      ilv_verdict_label(most), 100 * share_of_others(most));
	/* Runs of a set length took that length on any machine. */
	if (strcmp(texts[0], texts[1]) != 0) {
		(void)fprintf(verdict->stream, ", so that the times (%s to %s) say little",
			      texts[0], texts[1]);
	}
	/* Where hardly anybody computed, CPU time says no more. */
	if (is_known && least_work > 0.05 * fast->values[ILV_MEASURE_TIME]) {
		(void)fprintf(verdict->stream,
			      strcmp(texts[2], texts[3]) == 0
				      ? "; of CPU time all needed about as much (%s)"
			      : most_work < SAME_RATIO * least_work
				      ? "; of CPU time all needed about as much (%s to %s)"
				      : "; CPU time was %s to %s",
			      texts[2], texts[3]);
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
	double ratio;
	bool is_explained = verdict->has_cause;

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
	if (ratio >= SAME_RATIO && !is_explained &&
	    !comparison->is_left_out[ILV_MEASURE_CPUS_BUSY] &&
	    write_cause(verdict->stream, fast, slow)) {
		(void)fputs("so ", verdict->stream);
		is_explained = true;
	}
	if (ratio < SAME_RATIO) {
		if (whole_count == comparison->run_count) {
			write_same_times(verdict, fast, slow);
		}
		return;
	}
	/* Beside what happened to the work, chance is not worth a sentence. */
	if (ratio < CHANCE_RATIO && !is_explained && verdict->has_outcome) {
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

	(void)fprintf(verdict->stream, " (%s against %s)%s", fast_text, slow_text,
		      ratio < CHANCE_RATIO && !is_explained ? ", which may be chance" : "");
	ilv_verdict_stop(verdict);
}
