/* SPDX-License-Identifier: MIT */
/*
 * Description: the sentences of a comparison. Each is said only when the numbers carry it: first
 * what ended sooner and by which cause, then who decided about the switches, then the price that
 * was paid for it.
 */
#include "analysis/report/verdict.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"

/* Below this ratio two runs take "about as long". */
#define SAME_RATIO 1.1

/* A run's label as people say it. */
static const char *spoken(const struct ilv_compared_run *compared)
{
	return strcmp(compared->label, "event-loop") == 0 ? "the event loop" : compared->label;
}

static bool is_cooperative(const struct ilv_report_run *run)
{
	return run->has_unit && run->unit == ILV_UNIT_TASK;
}

static const char *unit_word(const struct ilv_report_run *run)
{
	static const char *const words[] = {
		[ILV_UNIT_THREAD] = "thread",
		[ILV_UNIT_TASK] = "task",
		[ILV_UNIT_PROCESS] = "process",
		[ILV_UNIT_POOL_JOB] = "job",
	};

	return run->has_unit ? words[run->unit] : "thread";
}

static void duration(double value_ns, char *text)
{
	ilv_duration_text((int64_t)value_ns, text, ILV_DURATION_TEXT_SIZE);
}

/* Writes "key=value ..." as words: "6 jobs, size 256"; what only repeats a run (seed, cpus) is left
 * out. */
static void write_parameters(FILE *stream, const char *parameters)
{
	char *copy = strdup(parameters);
	char *rest = NULL;
	const char *separator = ": ";

	for (char *word = copy ? strtok_r(copy, " ", &rest) : NULL; word;
	     word = strtok_r(NULL, " ", &rest)) {
		char *value = strchr(word, '=');

		if (!value || strncmp(word, "seed=", 5) == 0 || strncmp(word, "cpus=", 5) == 0) {
			continue;
		}

		*value++ = '\0';
		for (char *at = word; *at; at++) {
			*at = *at == '-' || *at == '_' ? ' ' : *at;
		}

		if (strcmp(word, "jobs") == 0) {
			(void)fprintf(stream, "%s%s %s", separator, value,
				      strcmp(value, "1") == 0 ? "job" : "jobs");
		} else if (strlen(word) > 3 && strcmp(word + strlen(word) - 3, " ms") == 0) {
			(void)fprintf(stream, "%s%.*s %s ms", separator, (int)strlen(word) - 3,
				      word, value);
		} else if (strlen(word) > 3 && strcmp(word + strlen(word) - 3, " ns") == 0) {
			char text[ILV_DURATION_TEXT_SIZE];

			duration(atof(value), text);
			(void)fprintf(stream, "%s%.*s %s", separator, (int)strlen(word) - 3, word,
				      text);
		} else if (isdigit((unsigned char)value[0]) && word[strlen(word) - 1] == 's') {
			(void)fprintf(stream, "%s%s %s", separator, value, word);
		} else {
			(void)fprintf(stream, "%s%s %s", separator, word, value);
		}

		separator = ", ";
	}

	free(copy);
}

char *ilv_comparison_title(const struct ilv_comparison *comparison)
{
	const struct ilv_report_run *first = comparison->runs[0].run;
	int64_t cpu_count = first->cpu_count;
	bool is_same_job = true;
	bool is_same_size = true;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream) {
		return NULL;
	}

	for (uint32_t index = 1; index < comparison->run_count; index++) {
		const struct ilv_report_run *run = comparison->runs[index].run;

		is_same_job = is_same_job && first->workload && run->workload &&
			      strcmp(first->workload, run->workload) == 0;
		is_same_size = is_same_size && first->parameters && run->parameters &&
			       strcmp(first->parameters, run->parameters) == 0;
		if (run->cpu_count != cpu_count) {
			cpu_count = ILV_UNKNOWN;
		}
	}

	if (is_same_job && first->workload) {
		(void)fputs(first->workload, stream);
		if (is_same_size && first->parameters) {
			write_parameters(stream, first->parameters);
		}
	} else {
		for (uint32_t index = 0; index < comparison->run_count; index++) {
			(void)fprintf(stream, "%s%s", index ? " and " : "",
				      comparison->runs[index].label);
		}
	}

	if (cpu_count != ILV_UNKNOWN) {
		(void)fprintf(stream, ", on %lld %s", (long long)cpu_count,
			      cpu_count == 1 ? "CPU" : "CPUs");
	}

	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}

	return text;
}

/* Why `fast` ended before `slow`, as far as the numbers say: " because ..." or nothing. */
static void write_cause(FILE *stream, const struct ilv_compared_run *fast,
			const struct ilv_compared_run *slow)
{
	double fast_busy = fast->values[ILV_MEASURE_CPUS_BUSY];
	double slow_busy = slow->values[ILV_MEASURE_CPUS_BUSY];
	double fast_work = fast_busy * fast->values[ILV_MEASURE_TIME];
	double slow_work = slow_busy * slow->values[ILV_MEASURE_TIME];

	if (isnan(fast_busy) || isnan(slow_busy)) {
		return;
	}

	if (slow_work > 1.3 * fast_work && slow_busy > 0.3) {
		char fast_text[ILV_DURATION_TEXT_SIZE];
		char slow_text[ILV_DURATION_TEXT_SIZE];

		duration(fast_work, fast_text);
		duration(slow_work, slow_text);
		(void)fprintf(stream,
			      ", because %s needed less computing (%s of CPU time against %s)",
			      spoken(fast), fast_text, slow_text);
	} else if (fast_busy > 1.2 * slow_busy && fast_busy > 1.2) {
		(void)fprintf(stream, ", because %s computed on %.1f CPUs at a time and %s on %.1f",
			      spoken(fast), fast_busy, spoken(slow), slow_busy);
	} else if (fast_busy > 1.2 * slow_busy) {
		(void)fprintf(stream,
			      ", because %s waited for several things at once and %s for one after "
			      "another",
			      spoken(fast), spoken(slow));
	}
}

static void write_times(FILE *stream, const struct ilv_comparison *comparison)
{
	const struct ilv_compared_run *fast = &comparison->runs[0];
	const struct ilv_compared_run *slow = &comparison->runs[0];
	char fast_text[ILV_DURATION_TEXT_SIZE];
	char slow_text[ILV_DURATION_TEXT_SIZE];
	double ratio;

	for (uint32_t index = 1; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];

		if (compared->values[ILV_MEASURE_TIME] < fast->values[ILV_MEASURE_TIME]) {
			fast = compared;
		}

		if (compared->values[ILV_MEASURE_TIME] > slow->values[ILV_MEASURE_TIME]) {
			slow = compared;
		}
	}

	ratio = slow->values[ILV_MEASURE_TIME] / fast->values[ILV_MEASURE_TIME];
	duration(fast->values[ILV_MEASURE_TIME], fast_text);
	duration(slow->values[ILV_MEASURE_TIME], slow_text);
	if (isnan(ratio)) {
		return;
	}

	if (ratio < SAME_RATIO) {
		(void)fprintf(stream, "%s take about as long (%s to %s)",
			      comparison->run_count == 2 ? "Both" : "All", fast_text, slow_text);
		if (fast->values[ILV_MEASURE_CPUS_BUSY] < 0.5 &&
		    slow->values[ILV_MEASURE_CPUS_BUSY] < 0.5) {
			(void)fprintf(
				stream,
				", for the job mostly waits: while one waits, the others go on, "
				"whoever switches between them");
		}

		(void)fputs(". ", stream);
		return;
	}

	{
		const char *name = spoken(fast);

		(void)fprintf(stream, "%c%s ", toupper((unsigned char)name[0]), name + 1);
	}

	if (ratio < 1.95) {
		(void)fprintf(stream, "finished %.0f %% sooner (%s against %s)",
			      100 * (1 - 1 / ratio), fast_text, slow_text);
	} else {
		(void)fprintf(stream, "finished %.1f times as fast (%s against %s)", ratio,
			      fast_text, slow_text);
	}

	if (comparison->run_count > 2) {
		(void)fprintf(stream, " as %s, the slowest", spoken(slow));
	}

	write_cause(stream, fast, slow);
	(void)fputs(". ", stream);
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

/* Which runs lost updates, where any did. */
static void write_losses(FILE *stream, const struct ilv_comparison *comparison)
{
	bool has_loss = false;
	const char *separator = "";

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		has_loss = has_loss || find_loss(comparison->runs[index].run);
	}

	for (uint32_t index = 0; has_loss && index < comparison->run_count; index++) {
		const struct ilv_finding *loss = find_loss(comparison->runs[index].run);
		char lost[ILV_DURATION_TEXT_SIZE];
		char total[ILV_DURATION_TEXT_SIZE];

		(void)fprintf(stream, "%s%s lost ", separator, comparison->runs[index].label);
		if (!loss) {
			(void)fputs("none", stream);
		} else if (loss->affected_count == ILV_UNKNOWN) {
			(void)fputs("too many updates to count", stream);
		} else {
			ilv_count_text(loss->affected_count, lost, sizeof(lost));
			ilv_count_text(loss->total_count, total, sizeof(total));
			(void)fprintf(stream, "%s of %s updates", lost, total);
		}

		separator = "; ";
	}

	if (has_loss) {
		(void)fputs(". ", stream);
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
static void write_cuts(FILE *stream, const struct ilv_comparison *comparison)
{
	const struct ilv_compared_run *preemptive = NULL;
	const struct ilv_compared_run *cooperative = NULL;
	char text[ILV_DURATION_TEXT_SIZE + 8];

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];

		if (isnan(compared->values[ILV_MEASURE_CUT_SHORT])) {
			continue;
		}

		if (is_cooperative(compared->run)) {
			cooperative = cooperative ? cooperative : compared;
		} else {
			preemptive = preemptive ? preemptive : compared;
		}
	}

	if (!preemptive || !cooperative) {
		return;
	}

	if (preemptive->values[ILV_MEASURE_CUT_SHORT] > 0) {
		(void)fprintf(stream, "The kernel cut %ss short %s; ", unit_word(preemptive->run),
			      times((int64_t)preemptive->values[ILV_MEASURE_CUT_SHORT], text,
				    sizeof(text)));
	} else {
		(void)fprintf(stream, "No %s was cut short; ", unit_word(preemptive->run));
	}

	(void)fputs("no task was ever cut", stream);
	if (cooperative->run->sum.thread_cut_count != ILV_UNKNOWN &&
	    cooperative->run->sum.thread_cut_count > 0) {
		(void)fprintf(stream, ", though the loop's own thread was, %s",
			      times(cooperative->run->sum.thread_cut_count, text, sizeof(text)));
	}

	(void)fputs(". ", stream);
}

static void write_waits(FILE *stream, const struct ilv_comparison *comparison)
{
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
	(void)fprintf(stream, "%ss of %s waited longer for their turn (p99 %s against %s)%s. ",
		      unit_word(longer->run), longer->label, longer_text, shorter_text,
		      is_cooperative(longer->run) ? ": between two awaits a task runs undisturbed, "
						    "and the others stand in line"
						  : "");
}

char *ilv_comparison_verdict(const struct ilv_comparison *comparison)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream) {
		return NULL;
	}

	if (comparison->run_count > 1) {
		write_losses(stream, comparison);
		write_times(stream, comparison);
		write_cuts(stream, comparison);
		write_waits(stream, comparison);
	}

	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}

	while (size > 0 && text[size - 1] == ' ') {
		text[--size] = '\0';
	}

	/* Sentences may begin with a label or a unit: with a capital all the same. */
	for (size_t index = 0; index < size; index++) {
		bool is_start = index == 0 ||
				(index > 1 && text[index - 2] == '.' && text[index - 1] == ' ');

		if (is_start) {
			text[index] = (char)toupper((unsigned char)text[index]);
		}
	}

	return text;
}
