/* SPDX-License-Identifier: MIT */
/*
 * Description: the sentences of a comparison, three at most. Each is said only when the numbers
 * carry it, and gives the cause before the number: what was lost, what ended sooner, who decided
 * about the switches, and the price that was paid for it.
 */
#include "analysis/report/verdict.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/verdict_parts.h"
#include "base/duration.h"

#define SENTENCE_MAX 3

void ilv_verdict_stop(struct ilv_verdict *verdict)
{
	(void)fputs(". ", verdict->stream);
	verdict->sentence_count++;
}

void ilv_verdict_separate(FILE *stream, uint32_t index, uint32_t count)
{
	if (index > 0) {
		(void)fputs(index + 1 == count ? " and " : ", ", stream);
	}
}

const char *ilv_verdict_label(const struct ilv_compared_run *compared)
{
	return strcmp(compared->label, "event-loop") == 0 ? "the event loop" : compared->label;
}

static bool is_cooperative(const struct ilv_report_run *run)
{
	return run->has_unit && run->unit == ILV_UNIT_TASK;
}

const char *ilv_verdict_unit(const struct ilv_report_run *run, bool is_plural)
{
	static const char *const words[][2] = {
		[ILV_UNIT_THREAD] = {"thread", "threads"},
		[ILV_UNIT_TASK] = {"task", "tasks"},
		[ILV_UNIT_PROCESS] = {"process", "processes"},
		[ILV_UNIT_POOL_JOB] = {"job", "jobs"},
	};

	return words[run->has_unit ? run->unit : ILV_UNIT_THREAD][is_plural];
}

void ilv_verdict_duration(double value_ns, char *text)
{
	ilv_duration_text((int64_t)value_ns, text, ILV_DURATION_TEXT_SIZE);
}

static bool has_failed(const struct ilv_report_run *run)
{
	return run->exit_status != ILV_UNKNOWN && run->exit_status != 0;
}

bool ilv_verdict_is_whole(const struct ilv_compared_run *compared)
{
	return !compared->run->is_interrupted && !has_failed(compared->run) &&
	       !ilv_verdict_ring(compared);
}

/* Between different jobs nothing can be said to be better than the other. */
static bool is_same_job(const struct ilv_comparison *comparison)
{
	const char *first = comparison->runs[0].run->workload;

	for (uint32_t index = 1; index < comparison->run_count; index++) {
		const char *workload = comparison->runs[index].run->workload;

		if ((first == NULL) != (workload == NULL) ||
		    (first && strcmp(first, workload) != 0)) {
			return false;
		}
	}

	return true;
}

/* A trace of others, in which nobody speaks of a run, a thread or a task. */
static bool is_of_nobody(const struct ilv_compared_run *compared)
{
	return !compared->run->has_unit && compared->run->thread_count == 0 &&
	       compared->run->task_count == 0;
}

/* A run that did not get to its end, or of which events are missing for sure. */
static bool is_cut(const struct ilv_compared_run *compared)
{
	return compared->run->is_interrupted || has_failed(compared->run) ||
	       compared->report->has_losses;
}

/* One of which nobody knows whether all its events are there. */
static bool is_uncertain(const struct ilv_compared_run *compared)
{
	return !compared->report->is_complete;
}

/* Counts the runs of which `is_so`; `*first` is the first of them. */
static uint32_t count_runs(const struct ilv_comparison *comparison,
			   bool (*is_so)(const struct ilv_compared_run *compared),
			   const struct ilv_compared_run **first)
{
	uint32_t count = 0;

	for (uint32_t index = comparison->run_count; index-- > 0;) {
		if (is_so(&comparison->runs[index])) {
			*first = &comparison->runs[index];
			count++;
		}
	}

	return count;
}

/* Says of whom nothing is known that could be compared. Returns whether there are any. */
static bool write_nobody(const struct ilv_comparison *comparison, FILE *stream)
{
	const struct ilv_compared_run *nobody = NULL;
	const uint32_t count = count_runs(comparison, is_of_nobody, &nobody);

	if (count > 1) {
		(void)fprintf(stream,
			      "In %u of the traces no thread, lock or task is told of: there is "
			      "nothing to compare. ",
			      count);
	} else if (count == 1) {
		(void)fprintf(stream,
			      "In the trace of %s no thread, lock or task is told of: there is "
			      "nothing to compare. ",
			      ilv_verdict_label(nobody));
	}

	return count > 0;
}

static void write_uncertain(struct ilv_verdict *verdict, const struct ilv_compared_run *uncertain,
			    uint32_t count)
{
	if (count > 1) {
		(void)fprintf(verdict->stream,
			      "Of %u of the runs it is not known whether all events are there, so "
			      "that their numbers may be too low",
			      count);
	} else {
		(void)fprintf(verdict->stream,
			      "Of the run of %s it is not known whether all events are there, so "
			      "that its numbers may be too low",
			      ilv_verdict_label(uncertain));
	}

	ilv_verdict_stop(verdict);
}

/* What cannot be taken at its word. */
static void write_doubts(struct ilv_verdict *verdict)
{
	const struct ilv_compared_run *doubtful = NULL;
	const uint32_t cut_count = count_runs(verdict->comparison, is_cut, &doubtful);
	uint32_t uncertain_count;

	if (cut_count == 0) {
		uncertain_count = count_runs(verdict->comparison, is_uncertain, &doubtful);
		if (uncertain_count > 0) {
			write_uncertain(verdict, doubtful, uncertain_count);
		}
		return;
	}

	if (cut_count > 1) {
		(void)fprintf(verdict->stream,
			      "%u of the runs failed, were interrupted or lost events, so that "
			      "their numbers are too low",
			      cut_count);
	} else if (has_failed(doubtful->run)) {
		(void)fprintf(verdict->stream,
			      "The run of %s failed, so that its time says nothing",
			      ilv_verdict_label(doubtful));
	} else if (doubtful->run->is_interrupted) {
		(void)fprintf(verdict->stream,
			      "The run of %s was interrupted, so that its time says nothing",
			      ilv_verdict_label(doubtful));
	} else {
		(void)fprintf(verdict->stream,
			      "Of the run of %s some events are missing, so that its numbers are "
			      "too low",
			      ilv_verdict_label(doubtful));
	}

	ilv_verdict_stop(verdict);
}

static const char *times(int64_t count, char *text, size_t size)
{
	char number[ILV_DURATION_TEXT_SIZE];

	if (count == 1) {
		return "once";
	}

	if (count == 2) {
		return "twice";
	}

	ilv_count_text(count, number, sizeof(number));
	(void)snprintf(text, size, "%s times", number);
	return text;
}

/* Who decided: the kernel's cuts of threads against the tasks, which nobody cuts. */
static void write_cuts(struct ilv_verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const struct ilv_compared_run *preemptive = NULL;
	const struct ilv_compared_run *cooperative = NULL;
	char text[ILV_DURATION_TEXT_SIZE + 8];

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];

		if (isnan(compared->values[ILV_MEASURE_CUT_SHORT]) ||
		    !compared->report->is_complete) {
			continue;
		}

		if (is_cooperative(compared->run)) {
			cooperative = cooperative ? cooperative : compared;
		} else if (compared->run->unit != ILV_UNIT_POOL_JOB) {
			/* Of a pool, the workers are cut, and its jobs never. */
			preemptive = preemptive ? preemptive : compared;
		}
	}

	/* Of several of a kind, the sentence would be about one and be read as about all. */
	if (!preemptive || !cooperative || comparison->run_count > 2 ||
	    cooperative->values[ILV_MEASURE_CUT_SHORT] > 0) {
		return;
	}

	if (preemptive->values[ILV_MEASURE_CUT_SHORT] > 0) {
		(void)fprintf(verdict->stream,
			      "Over %s the kernel decides, and it cut them short %s; tasks decide "
			      "themselves, and none was ever cut",
			      ilv_verdict_unit(preemptive->run, true),
			      times((int64_t)preemptive->values[ILV_MEASURE_CUT_SHORT], text,
				    sizeof(text)));
	} else {
		(void)fprintf(
			verdict->stream,
			"The kernel could have cut a %s short and never did; a task it cannot",
			ilv_verdict_unit(preemptive->run, false));
	}

	if (cooperative->run->sum.thread_cut_count != ILV_UNKNOWN &&
	    cooperative->run->sum.thread_cut_count > 0) {
		(void)fprintf(verdict->stream, ", though it cut the loop's own thread %s",
			      times(cooperative->run->sum.thread_cut_count, text, sizeof(text)));
	}

	ilv_verdict_stop(verdict);
}

static void write_waits(struct ilv_verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const struct ilv_compared_run *left = &comparison->runs[0];
	const struct ilv_compared_run *right = &comparison->runs[1];
	const struct ilv_compared_run *longer;
	const struct ilv_compared_run *shorter;
	char longer_text[ILV_DURATION_TEXT_SIZE];
	char shorter_text[ILV_DURATION_TEXT_SIZE];
	double longer_ns;
	double shorter_ns;
	bool is_alike;

	if (comparison->run_count != 2 || comparison->is_left_out[ILV_MEASURE_WAIT_P99] ||
	    verdict->has_crowd) {
		return;
	}

	longer = left->values[ILV_MEASURE_WAIT_P99] > right->values[ILV_MEASURE_WAIT_P99] ? left
											  : right;
	shorter = longer == left ? right : left;
	longer_ns = longer->values[ILV_MEASURE_WAIT_P99];
	shorter_ns = shorter->values[ILV_MEASURE_WAIT_P99];
	/* A wait that nobody would notice beside the run is not worth a sentence. Between runs of
	 * one kind, which wait for the same, less is chance. */
	is_alike = is_cooperative(left->run) == is_cooperative(right->run);
	if (longer_ns < (is_alike ? 2.5 : 1.5) * shorter_ns ||
	    longer_ns < (is_alike ? 0.05 : 0.01) * longer->values[ILV_MEASURE_TIME]) {
		return;
	}

	ilv_verdict_duration(longer_ns, longer_text);
	ilv_verdict_duration(shorter_ns, shorter_text);
	if (is_cooperative(longer->run) && !is_cooperative(shorter->run)) {
		(void)fprintf(
			verdict->stream,
			"Between two awaits a task runs undisturbed while the others stand in "
			"line: tasks waited longer for their turn than %s (p99 %s against %s)",
			ilv_verdict_unit(shorter->run, true), longer_text, shorter_text);
	} else if (is_cooperative(shorter->run) && !is_cooperative(longer->run)) {
		(void)fprintf(verdict->stream,
			      "%s waited longer for a CPU than tasks for their loop (p99 %s "
			      "against %s)",
			      ilv_verdict_unit(longer->run, true), longer_text, shorter_text);
	} else {
		(void)fprintf(verdict->stream,
			      "%s of %s waited longer for their turn than those of %s (p99 %s "
			      "against %s)",
			      ilv_verdict_unit(longer->run, true), ilv_verdict_label(longer),
			      ilv_verdict_label(shorter), longer_text, shorter_text);
	}

	ilv_verdict_stop(verdict);
}

char *ilv_comparison_verdict(const struct ilv_comparison *comparison)
{
	static const struct {
		void (*write)(struct ilv_verdict *verdict);
		bool is_beside_outcome; /* of no interest once something happened to the work */
	} parts[] = {
		{ilv_verdict_write_losses, false},
		{ilv_verdict_write_rings, false},
		{write_doubts, false},
		{ilv_verdict_write_outcomes, false},
		{ilv_verdict_write_cut_off, false},
		{ilv_verdict_write_counts, false},
		{ilv_verdict_write_prices, false},
		{ilv_verdict_write_held_loops, true},
		{ilv_verdict_write_gil, true},
		{ilv_verdict_write_lock_waits, true},
		{ilv_verdict_write_shares, true},
		{ilv_verdict_write_times, false},
		{write_cuts, false},
		{write_waits, true},
	};
	char *text = NULL;
	size_t size = 0;
	struct ilv_verdict verdict = {
		.comparison = comparison,
		.stream = open_memstream(&text, &size),
	};

	if (!verdict.stream) {
		return NULL;
	}

	if (comparison->run_count == 1) {
		(void)fputs("There is one run, and nothing to compare it with. ", verdict.stream);
	} else if (write_nobody(comparison, verdict.stream)) {
		/* How long somebody recorded is no time of a job. */
	} else if (!is_same_job(comparison)) {
		(void)fputs("These are different jobs: their numbers stand side by side, and none "
			    "is better than another. ",
			    verdict.stream);
	} else {
		for (size_t index = 0; index < sizeof(parts) / sizeof(parts[0]) &&
				       verdict.sentence_count < SENTENCE_MAX;
		     index++) {
			long begin = 0;

			if (parts[index].is_beside_outcome && verdict.has_outcome) {
				continue;
			}
			(void)fflush(verdict.stream);
			begin = (long)size;
			parts[index].write(&verdict);
			(void)fflush(verdict.stream);
			/* It may begin with a label or a unit: with a capital all the same. */
			if ((long)size > begin) {
				text[begin] = (char)toupper((unsigned char)text[begin]);
			}
		}
	}

	if (fclose(verdict.stream) != 0) {
		free(text);
		return NULL;
	}

	while (size > 0 && text[size - 1] == ' ') {
		text[--size] = '\0';
	}

	return text;
}
