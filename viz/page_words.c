/* SPDX-License-Identifier: MIT */
/* Description: what pages say of a run besides its numbers: its kind, what is missing, where it
 * comes from. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/shell.h"
#include "viz/page.h"
#include "viz/words.h"

static void append(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void append(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + used, size - used, format, arguments);
	va_end(arguments);
}

/* Who decides when a unit of the run stops: asked of the scheduler that its units belong to. */
static enum ilv_discipline discipline_of(const struct ilv_report_run *run)
{
	enum ilv_scheduler_kind kind = ILV_SCHEDULER_KIND_KERNEL;

	/* Where nobody said what the run counts, its tasks are what a page shows. */
	if (run->has_unit ? run->unit == ILV_UNIT_TASK : run->task_count > 0) {
		kind = ILV_SCHEDULER_KIND_LOOP;
	} else if (run->has_unit && run->unit == ILV_UNIT_POOL_JOB) {
		kind = ILV_SCHEDULER_KIND_POOL;
	}

	for (uint32_t i = 0; i < run->scheduler_count; i++) {
		if (run->schedulers[i].kind == ILV_SCHEDULER_KIND_GIL &&
		    kind == ILV_SCHEDULER_KIND_KERNEL) {
			return run->schedulers[i].discipline;
		}
	}
	for (uint32_t i = 0; i < run->scheduler_count; i++) {
		if (run->schedulers[i].kind == kind) {
			return run->schedulers[i].discipline;
		}
	}

	return kind == ILV_SCHEDULER_KIND_LOOP   ? ILV_DISCIPLINE_COOPERATIVE
	       : kind == ILV_SCHEDULER_KIND_POOL ? ILV_DISCIPLINE_UNTIL_DONE
						 : ILV_DISCIPLINE_PREEMPTIVE;
}

const char *ilv_page_kind(const struct ilv_report_run *run)
{
	if (run->runtime && strcmp(run->runtime, "sequential") == 0) {
		return "sequential: one job after another";
	}

	switch (discipline_of(run)) {
	case ILV_DISCIPLINE_PREEMPTIVE:
		return run->has_unit && run->unit == ILV_UNIT_PROCESS
			       ? "preemptive: the kernel decides when a process stops"
			       : "preemptive: the kernel decides when a thread stops";
	case ILV_DISCIPLINE_COOPERATIVE:
		return "cooperative: a task runs until it awaits";
	case ILV_DISCIPLINE_ON_REQUEST:
		return "one at a time: a thread hands over when it is asked to";
	case ILV_DISCIPLINE_UNTIL_DONE:
		return "queued: a job keeps its worker until it is done";
	}

	return "";
}

void ilv_page_trouble(const struct ilv_report *report, const struct ilv_report_run *run, char *text,
		      size_t size)
{
	const struct {
		uint64_t count;
		const char *one;
		const char *many;
	} losses[] = {
		{report->discarded_event_count, "event lost", "events lost"},
		{report->missing_event_count, "event missing", "events missing"},
		{report->discarded_packet_count, "packet of events lost", "packets of events lost"},
		{report->lost_switch_count, "switch lost", "switches lost"},
		{report->late_switch_count, "switch late", "switches late"},
	};
	const char *separator = "incomplete: ";

	text[0] = '\0';
	if (run->is_interrupted) {
		append(text, size, "%sthe run was interrupted", separator);
		separator = ", ";
	}
	if (report->is_complete) {
		return;
	}

	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		char count[ILV_DURATION_TEXT_SIZE];

		if (losses[i].count > 0) {
			ilv_count_text((int64_t)losses[i].count, count, sizeof(count));
			append(text, size, "%s%s %s", separator, count,
			       ilv_plural((int64_t)losses[i].count, losses[i].one, losses[i].many));
			separator = ", ";
		}
	}
	if (report->is_cut_off) {
		append(text, size, "%sthe trace is cut off", separator);
		separator = ", ";
	}
	if (report->has_unknown_discards && report->discarded_packet_count == 0) {
		append(text, size, "%sevents lost, how many is not known", separator);
		separator = ", ";
	}
	if (report->unfinished_recorder_count > 0) {
		append(text, size, "%sa recorder ended too early", separator);
	}
	if (!report->has_losses && ilv_report_uncounted(report) > 0) {
		append(text, size, "%s",
		       text[0] == '\0' ? "not known to be complete" : ", not known to be complete");
	}
	if (text[0] == '\0') {
		append(text, size, "incomplete");
	}
}

static const char *source_text(enum ilv_switch_source source)
{
	switch (source) {
	case ILV_SWITCH_SOURCE_NONE:
		return "none";
	case ILV_SWITCH_SOURCE_KERNEL:
		return "kernel, exact";
	case ILV_SWITCH_SOURCE_PERF_WAKEUPS:
		return "perf+wakeups, exact";
	case ILV_SWITCH_SOURCE_PERF:
		return "perf, exact, without wake-ups";
	case ILV_SWITCH_SOURCE_RUSAGE:
		return "rusage, approximate";
	}

	return "unknown";
}

/* Appends `before` and the first `length` bytes of `word`, quoted where a shell would read
 * something into it: anybody's trace may be drawn, and the command be pasted. */
static void append_word(char *text, size_t size, const char *before, const char *word,
			size_t length)
{
	char *plain = strndup(word, length);
	char *quoted = plain ? ilv_shell_word(plain) : NULL;

	append(text, size, "%s%s", before, quoted ? quoted : "...");
	free(quoted);
	free(plain);
}

/* "jobs=4 size=100" becomes "--jobs 4 --size 100". */
static void append_options(char *text, size_t size, const char *parameters)
{
	while (*parameters) {
		size_t length = strcspn(parameters, " ");
		const char *equal = memchr(parameters, '=', length);

		if (equal) {
			append_word(text, size, " --", parameters, (size_t)(equal - parameters));
			append_word(text, size, " ", equal + 1,
				    (size_t)(parameters + length - equal - 1));
		} else if (length > 0) {
			append_word(text, size, " ", parameters, length);
		}
		parameters += length + (parameters[length] == ' ');
	}
}

/* The runtimes or variants that differ between the runs, joined by commas. */
static void append_choice(char *text, size_t size, const struct ilv_page *page, const char *option,
			  bool is_variant)
{
	bool is_said = false;

	for (uint32_t i = 0; i < page->panel_count; i++) {
		const struct ilv_report_run *run = page->panels[i].run;
		const char *choice = is_variant ? run->variant : run->runtime;
		bool is_repeated = false;

		for (uint32_t j = 0; j < i && choice; j++) {
			const struct ilv_report_run *other = page->panels[j].run;
			const char *before = is_variant ? other->variant : other->runtime;

			is_repeated |= before && strcmp(before, choice) == 0;
		}
		if (choice && *choice && !is_repeated) {
			append_word(text, size, is_said ? "," : option, choice, strlen(choice));
			is_said = true;
		}
	}
}

static bool is_same(const char *left, const char *right)
{
	return left && right ? strcmp(left, right) == 0 : left == right;
}

/* Whether the run is of one of our own programs: others may say a job and a runtime that
 * `interleave run` knows nothing of. */
static bool is_ours(const struct ilv_report_run *run)
{
	for (uint32_t i = 0; i < run->process_count; i++) {
		if (is_same(run->processes[i].name, "interleave-workload")) {
			return true;
		}
	}

	return false;
}

static void append_command(char *text, size_t size, const struct ilv_page *page)
{
	const struct ilv_report_run *first = page->panels[0].run;

	for (uint32_t i = 0; i < page->panel_count; i++) {
		const struct ilv_report_run *run = page->panels[i].run;

		if (!run->workload || !is_ours(run) || !is_same(run->workload, first->workload) ||
		    !is_same(run->parameters, first->parameters)) {
			return; /* No one command made these. */
		}
	}

	append_word(text, size, " \xc2\xb7 interleave run ", first->workload,
		    strlen(first->workload));
	append_choice(text, size, page, " --runtime ", false);
	append_choice(text, size, page, " --variant ", true);
	if (first->parameters) {
		append_options(text, size, first->parameters);
	}
}

void ilv_page_provenance(const struct ilv_page *page, char *text, size_t size)
{
	uint64_t event_count = 0;
	uint64_t lost_count = 0;
	int64_t cpu_count = 0;
	bool are_complete = true;
	char count[ILV_DURATION_TEXT_SIZE];

	snprintf(text, size, "switches: ");
	for (uint32_t i = 0; i < page->panel_count; i++) {
		const struct ilv_report *report = page->panels[i].report;
		bool is_repeated = false;
		bool has_same_source = false;

		for (uint32_t j = 0; j < i; j++) {
			is_repeated |= page->panels[j].report == report;
			has_same_source |=
				page->panels[j].report->switch_source == report->switch_source;
		}
		if (!has_same_source) {
			append(text, size, "%s%s", i > 0 ? " / " : "",
			       source_text(report->switch_source));
		}
		if (!is_repeated) {
			event_count += report->event_count;
			lost_count += report->discarded_event_count + report->lost_switch_count +
				      report->missing_event_count;
			are_complete = are_complete && report->is_complete;
		}
		if (page->panels[i].run->cpu_count > cpu_count) {
			cpu_count = page->panels[i].run->cpu_count;
		} else if (report->cpu_count > cpu_count) {
			cpu_count = report->cpu_count; /* at least these ran somebody */
		}
	}

	ilv_count_text((int64_t)event_count, count, sizeof(count));
	append(text, size, " \xc2\xb7 %s %s, ", count,
	       ilv_plural((int64_t)event_count, "event", "events"));
	if (lost_count > 0) {
		ilv_count_text((int64_t)lost_count, count, sizeof(count));
		append(text, size, "%s lost", count);
	} else {
		append(text, size, are_complete ? "none lost" : "perhaps some lost");
	}
	if (cpu_count > 0) {
		append(text, size, " \xc2\xb7 %lld %s", (long long)cpu_count,
		       ilv_plural(cpu_count, "CPU", "CPUs"));
	}
	append_command(text, size, page);
}

static double known(int64_t value)
{
	return value == ILV_UNKNOWN ? NAN : (double)value;
}

const char *ilv_page_subject(const struct ilv_report_run *run)
{
	if (run->workload && *run->workload) {
		return run->workload;
	}

	for (uint32_t i = 0; i < run->process_count; i++) {
		const struct ilv_report_process *process = &run->processes[i];

		if (process->role != ILV_ROLE_SERVER && process->role != ILV_ROLE_RECORDER &&
		    process->name && *process->name) {
			return process->name;
		}
	}

	return NULL;
}

/* How often the kernel took a CPU from the run's threads, by its own count, yields among them. */
static int64_t involuntary_count(const struct ilv_report_run *run)
{
	for (uint32_t i = 0; i < run->scheduler_count; i++) {
		if (run->schedulers[i].kind == ILV_SCHEDULER_KIND_KERNEL) {
			return run->schedulers[i].switches.involuntary;
		}
	}

	return ILV_UNKNOWN;
}

void ilv_page_measure(const struct ilv_report_run *run, double values[])
{
	int64_t cut_count = run->sum.cut_short_count;

	values[ILV_MEASURE_TIME] = known(run->sum.duration_ns);
	values[ILV_MEASURE_CPUS_BUSY] = run->sum.cpus_busy;
	values[ILV_MEASURE_CUT_SHORT] =
		known(cut_count != ILV_UNKNOWN ? cut_count : involuntary_count(run));
	values[ILV_MEASURE_GAVE_WAY] = known(run->sum.gave_way_count);
	values[ILV_MEASURE_WAIT_P99] =
		run->sum.has_waits ? (double)ilv_distribution_percentile(&run->sum.waits, 99) : NAN;
	values[ILV_MEASURE_MEMORY] = known(run->sum.memory_bytes);
}
