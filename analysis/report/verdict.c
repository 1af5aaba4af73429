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

#include "base/duration.h"

#define SENTENCE_MAX 3

/* Below this ratio two runs take "about as long". */
#define SAME_RATIO 1.1

/* A verdict while it is put together. */
struct verdict {
	const struct ilv_comparison *comparison;
	FILE *stream;
	unsigned int sentence_count;
};

/* Ends a sentence. */
static void stop(struct verdict *verdict)
{
	(void)fputs(". ", verdict->stream);
	verdict->sentence_count++;
}

/* A run's label as people say it. */
static const char *spoken(const struct ilv_compared_run *compared)
{
	return strcmp(compared->label, "event-loop") == 0 ? "the event loop" : compared->label;
}

static bool is_cooperative(const struct ilv_report_run *run)
{
	return run->has_unit && run->unit == ILV_UNIT_TASK;
}

static const char *unit_word(const struct ilv_report_run *run, bool is_plural)
{
	static const char *const words[][2] = {
		[ILV_UNIT_THREAD] = {"thread", "threads"},
		[ILV_UNIT_TASK] = {"task", "tasks"},
		[ILV_UNIT_PROCESS] = {"process", "processes"},
		[ILV_UNIT_POOL_JOB] = {"job", "jobs"},
	};

	return words[run->has_unit ? run->unit : ILV_UNIT_THREAD][is_plural];
}

static void duration(double value_ns, char *text)
{
	ilv_duration_text((int64_t)value_ns, text, ILV_DURATION_TEXT_SIZE);
}

static bool has_failed(const struct ilv_report_run *run)
{
	return run->exit_status != ILV_UNKNOWN && run->exit_status != 0;
}

/* Its time is that of the whole job. */
static bool is_whole(const struct ilv_report_run *run)
{
	return !run->is_interrupted && !has_failed(run);
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

/* What cannot be taken at its word: a run that did not get to its end, or of which events are
 * missing. */
static void write_doubts(struct verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const struct ilv_compared_run *doubtful = NULL;
	uint32_t doubtful_count = 0;

	for (uint32_t index = comparison->run_count; index-- > 0;) {
		const struct ilv_compared_run *compared = &comparison->runs[index];

		if (!is_whole(compared->run) || !compared->report->is_complete) {
			doubtful = compared;
			doubtful_count++;
		}
	}

	if (!doubtful) {
		return;
	}

	if (doubtful_count > 1) {
		(void)fprintf(verdict->stream,
			      "%u of the runs failed, were interrupted or lost events, so that "
			      "their numbers are too low",
			      doubtful_count);
	} else if (has_failed(doubtful->run)) {
		(void)fprintf(verdict->stream,
			      "The run of %s failed, so that its time says nothing",
			      spoken(doubtful));
	} else if (doubtful->run->is_interrupted) {
		(void)fprintf(verdict->stream,
			      "The run of %s was interrupted, so that its time says nothing",
			      spoken(doubtful));
	} else {
		(void)fprintf(verdict->stream,
			      "Of the run of %s some events are missing, so that its numbers are "
			      "too low",
			      spoken(doubtful));
	}

	stop(verdict);
}

/*
 * Whether a run used few CPUs because it had nothing to compute: not where its threads stood ready
 * while others had the CPUs.
 */
static bool is_mostly_waiting(const struct ilv_compared_run *compared)
{
	double ready_ns = 0;
	uint32_t thread_count = 0;

	for (uint32_t index = 0; index < compared->run->thread_count; index++) {
		const struct ilv_report_thread *thread = &compared->run->threads[index];
		const struct ilv_report_times *times = &thread->times;

		if (thread->role != ILV_ROLE_JOB && thread->role != ILV_ROLE_LOOP) {
			continue;
		}

		thread_count++;
		if (times->runnable_ns != ILV_UNKNOWN) {
			ready_ns += (double)times->runnable_ns;
		} else if (times->runnable_after_cut_ns != ILV_UNKNOWN) {
			ready_ns += (double)times->runnable_after_cut_ns;
		}
	}

	return compared->values[ILV_MEASURE_CPUS_BUSY] < 0.5 &&
	       ready_ns <= 0.2 * compared->values[ILV_MEASURE_TIME] * thread_count;
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
		(void)fprintf(stream, "%s computed on %s CPUs at a time, %s on %s: ", spoken(fast),
			      fast_text, spoken(slow), slow_text);
	} else if (slow_work > 1.3 * fast_work && slow_busy > 0.3) {
		duration(fast_work, fast_text);
		duration(slow_work, slow_text);
		(void)fprintf(stream, "%s needed %s of CPU time and %s only %s: ", spoken(slow),
			      slow_text, spoken(fast), fast_text);
	} else if (fast_busy > 1.2 * slow_busy && is_mostly_waiting(slow)) {
		(void)fprintf(stream, "%s spent most of its time waiting, with all its CPUs idle: ",
			      spoken(slow));
	} else {
		return false;
	}

	return true;
}

static void write_same_times(struct verdict *verdict, const struct ilv_compared_run *fast,
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

	duration(fast->values[ILV_MEASURE_TIME], fast_text);
	duration(slow->values[ILV_MEASURE_TIME], slow_text);
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

	stop(verdict);
}

static void write_times(struct verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const struct ilv_compared_run *fast = NULL;
	const struct ilv_compared_run *slow = NULL;
	uint32_t whole_count = 0;
	char fast_text[ILV_DURATION_TEXT_SIZE];
	char slow_text[ILV_DURATION_TEXT_SIZE];
	double ratio;

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		double time_ns = compared->values[ILV_MEASURE_TIME];

		if (!is_whole(compared->run) || !(time_ns > 0)) {
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

	if (whole_count < 2) {
		return;
	}

	ratio = slow->values[ILV_MEASURE_TIME] / fast->values[ILV_MEASURE_TIME];
	if (ratio < SAME_RATIO) {
		if (whole_count == comparison->run_count) {
			write_same_times(verdict, fast, slow);
		}
		return;
	}

	duration(fast->values[ILV_MEASURE_TIME], fast_text);
	duration(slow->values[ILV_MEASURE_TIME], slow_text);
	if (!comparison->is_left_out[ILV_MEASURE_CPUS_BUSY] &&
	    write_cause(verdict->stream, fast, slow)) {
		(void)fputs("so ", verdict->stream);
	}

	if (ratio < 1.95) {
		(void)fprintf(verdict->stream, "%s finished %.0f %% sooner", spoken(fast),
			      100 * (1 - 1 / ratio));
	} else {
		(void)fprintf(verdict->stream, "%s finished %.*f times as fast", spoken(fast),
			      ratio < 9.95 ? 1 : 0, ratio);
	}

	if (comparison->run_count > 2) {
		(void)fprintf(verdict->stream, " %s %s, the slowest", ratio < 1.95 ? "than" : "as",
			      spoken(slow));
	}

	(void)fprintf(verdict->stream, " (%s against %s)", fast_text, slow_text);
	stop(verdict);
}

static const struct ilv_finding *find_loss(const struct ilv_report_run *run)
{
	for (uint32_t index = 0; index < run->finding_count; index++) {
		if (strcmp(run->findings[index].id, "lost-update") == 0) {
			return &run->findings[index];
		}
	}

	return NULL;
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

/* The names of the runs that lost nothing: "mutex, atomic and task". Returns how many they are. */
static uint32_t write_unharmed(struct verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const struct ilv_compared_run *pending = NULL;
	uint32_t count = 0;

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		if (find_loss(comparison->runs[index].run)) {
			continue;
		}

		if (pending) {
			(void)fprintf(verdict->stream, "%s%s", count > 1 ? ", " : "; ",
				      spoken(pending));
		}

		pending = &comparison->runs[index];
		count++;
	}

	if (pending) {
		(void)fprintf(verdict->stream, "%s%s lost none", count > 1 ? " and " : "; ",
			      spoken(pending));
	}

	return count;
}

/* Which runs lost updates, where any did. */
static void write_losses(struct verdict *verdict)
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
			      spoken(&comparison->runs[index]), lost, total,
			      separator[0] ? "" : " updates");
		separator = ", ";
	}

	if (separator[0]) {
		(void)write_unharmed(verdict);
		stop(verdict);
	}
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
static void write_cuts(struct verdict *verdict)
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
		} else {
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
			      unit_word(preemptive->run, true),
			      times((int64_t)preemptive->values[ILV_MEASURE_CUT_SHORT], text,
				    sizeof(text)));
	} else {
		(void)fprintf(
			verdict->stream,
			"The kernel could have cut a %s short and never did; a task it cannot",
			unit_word(preemptive->run, false));
	}

	if (cooperative->run->sum.thread_cut_count != ILV_UNKNOWN &&
	    cooperative->run->sum.thread_cut_count > 0) {
		(void)fprintf(verdict->stream, ", though it cut the loop's own thread %s",
			      times(cooperative->run->sum.thread_cut_count, text, sizeof(text)));
	}

	stop(verdict);
}

static void write_waits(struct verdict *verdict)
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

	if (comparison->run_count != 2 || comparison->is_left_out[ILV_MEASURE_WAIT_P99]) {
		return;
	}

	longer = left->values[ILV_MEASURE_WAIT_P99] > right->values[ILV_MEASURE_WAIT_P99] ? left
											  : right;
	shorter = longer == left ? right : left;
	longer_ns = longer->values[ILV_MEASURE_WAIT_P99];
	shorter_ns = shorter->values[ILV_MEASURE_WAIT_P99];
	/* A wait that nobody would notice beside the run is not worth a sentence. */
	if (longer_ns < 1.5 * shorter_ns || longer_ns < 0.01 * longer->values[ILV_MEASURE_TIME]) {
		return;
	}

	duration(longer_ns, longer_text);
	duration(shorter_ns, shorter_text);
	if (is_cooperative(longer->run) && !is_cooperative(shorter->run)) {
		(void)fprintf(
			verdict->stream,
			"Between two awaits a task runs undisturbed while the others stand in "
			"line: tasks waited longer for their turn than %s (p99 %s against %s)",
			unit_word(shorter->run, true), longer_text, shorter_text);
	} else if (is_cooperative(shorter->run) && !is_cooperative(longer->run)) {
		(void)fprintf(verdict->stream,
			      "%s waited longer for a CPU than tasks for their loop (p99 %s "
			      "against %s)",
			      unit_word(longer->run, true), longer_text, shorter_text);
	} else {
		(void)fprintf(verdict->stream,
			      "%s of %s waited longer for their turn than those of %s (p99 %s "
			      "against %s)",
			      unit_word(longer->run, true), spoken(longer), spoken(shorter),
			      longer_text, shorter_text);
	}

	stop(verdict);
}

char *ilv_comparison_verdict(const struct ilv_comparison *comparison)
{
	static void (*const writers[])(struct verdict *) = {
		write_losses, write_doubts, write_times, write_cuts, write_waits,
	};
	char *text = NULL;
	char *sentence;
	size_t size = 0;
	struct verdict verdict = {
		.comparison = comparison,
		.stream = open_memstream(&text, &size),
	};

	if (!verdict.stream) {
		return NULL;
	}

	if (comparison->run_count == 1) {
		(void)fputs("There is one run, and nothing to compare it with. ", verdict.stream);
	} else if (!is_same_job(comparison)) {
		(void)fputs("These are different jobs: their numbers stand side by side, and none "
			    "is better than another. ",
			    verdict.stream);
	} else {
		for (size_t index = 0; index < sizeof(writers) / sizeof(writers[0]) &&
				       verdict.sentence_count < SENTENCE_MAX;
		     index++) {
			long begin = 0;

			(void)fflush(verdict.stream);
			begin = (long)size;
			writers[index](&verdict);
			(void)fflush(verdict.stream);
			/* It may begin with a label or a unit: with a capital all the same. */
			sentence = text ? text + begin : NULL;
			if (sentence && (long)size > begin) {
				*sentence = (char)toupper((unsigned char)*sentence);
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
