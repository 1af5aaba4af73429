/* SPDX-License-Identifier: MIT */
/*
 * Description: writes a report for people, what matters first: what was recorded and whether
 * anything is missing, what stands out, then the tables.
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/endings.h"
#include "analysis/report/report.h"
#include "analysis/report/text_parts.h"
#include "analysis/report/text_table.h"
#include "analysis/report/words.h"
#include "base/cause.h"
#include "base/duration.h"
#include "base/escape.h"
#include "base/shell.h"

#define LINE_SIZE     1024
#define FINDING_SHOWN 12 /* the gravest: what happens in a hundred places is one thing to mend */
#define NOT_RECORDED                                                                               \
	"Thread switches were not recorded, so when threads ran or were ready is not known. To "   \
	"have them, leave the switch source at auto: it takes the best that the rights allow."
#define NO_WAKEUPS                                                                                 \
	"Who woke whom was not recorded (source perf+wakeups does, and needs root or "             \
	"CAP_PERFMON): a thread counts as waiting until it runs, and ready time is known only "    \
	"after a cut."
#define APPROXIMATE                                                                                \
	"Thread switches come from what the program noticed itself: counts are right, times "      \
	"approximate."
#define NO_YIELDS                                                                                  \
	"Explicit yields of this program cannot be seen, so cuts are given as the kernel counts "  \
	"them: involuntary."
#define NOTHING_KNOWN "No thread, lock or task is told of in this trace"
#define TO_DO                                                                                      \
	"Record a job with `interleave run`, or a program that emits events of interleave itself."

/* A line that is put together piece by piece. */
struct line {
	char text[LINE_SIZE];
	size_t length;
};

static void append(struct line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void append(struct line *line, const char *format, ...)
{
	va_list arguments;
	int written;

	va_start(arguments, format);
	written = vsnprintf(line->text + line->length, LINE_SIZE - line->length, format, arguments);
	va_end(arguments);
	if (written > 0) {
		line->length += (size_t)written;
	}
	if (line->length >= LINE_SIZE) {
		line->length = LINE_SIZE - 1;
	}
}

static bool is_told(const char *text)
{
	return text && text[0];
}

/* "1 thread", "6 threads", separated from what stands before. */
static void append_count(struct line *line, int64_t count, const char *one, const char *many)
{
	char number[ILV_DURATION_TEXT_SIZE];

	ilv_count_text(count, number, sizeof(number));
	append(line, "%s%s %s", line->length > 0 ? ", " : "", number, count == 1 ? one : many);
}

static void name_run(const struct ilv_report_text *text, struct line *line)
{
	const struct ilv_report_run *run = text->run;

	if (!is_told(run->workload)) {
		append(line, "%s", text->style->name ? text->style->name : "the whole trace");
		return;
	}

	append(line, "%s", run->workload);
	if (is_told(run->variant)) {
		append(line, " (%s)", run->variant);
	}
	if (is_told(run->runtime)) {
		append(line, " under %s", run->runtime);
	}
}

static int64_t cpu_count(const struct ilv_report_text *text)
{
	return text->run->cpu_count != ILV_UNKNOWN ? text->run->cpu_count
						   : (int64_t)text->report->cpu_count;
}

static void tell_size(const struct ilv_report_text *text, struct line *line)
{
	static const char *const units[][2] = {
		[ILV_UNIT_THREAD] = {"thread", "threads"},
		[ILV_UNIT_TASK] = {"task", "tasks"},
		[ILV_UNIT_PROCESS] = {"process", "processes"},
		[ILV_UNIT_POOL_JOB] = {"job", "jobs"},
	};
	const struct ilv_report_run *run = text->run;
	enum ilv_unit unit = run->has_unit && (size_t)run->unit < 4 ? run->unit : ILV_UNIT_THREAD;
	char duration[ILV_DURATION_TEXT_SIZE];

	append(line, "%s",
	       ilv_text_duration(text->style, run->end_ns - run->begin_ns, duration,
				 sizeof(duration)));
	if (cpu_count(text) > 0) {
		append_count(line, cpu_count(text), "CPU", "CPUs");
	}
	append_count(line, run->sum.unit_count, units[unit][0], units[unit][1]);
	if (run->sum.memory_bytes != ILV_UNKNOWN) {
		append(line, ", %.1f MiB", (double)run->sum.memory_bytes / (1024.0 * 1024.0));
	}
	append_count(line, (int64_t)text->report->event_count, "event", "events");
}

static void tell_source(const struct ilv_report *report, struct line *line)
{
	static const char *const qualities[] = {
		[ILV_SWITCH_SOURCE_NONE] = "not recorded",
		[ILV_SWITCH_SOURCE_KERNEL] = "kernel tracer, exact",
		[ILV_SWITCH_SOURCE_PERF_WAKEUPS] = "perf+wakeups, exact",
		[ILV_SWITCH_SOURCE_PERF] = "perf, exact",
		[ILV_SWITCH_SOURCE_RUSAGE] = "rusage, approximate",
	};
	size_t known = sizeof(qualities) / sizeof(qualities[0]);

	append(line, "switches: %s",
	       (size_t)report->switch_source < known ? qualities[report->switch_source] : "other");
	append(line, "; %s",
	       report->is_complete  ? "nothing lost"
	       : report->has_losses ? "incomplete"
				    : "not known to be complete");
}

/* "mixed under threads   93 ms, 2 CPUs, ...   switches: ...", on one line where it fits, else on
 * two. */
static void write_headline(const struct ilv_report_text *text)
{
	const struct ilv_text_style *style = text->style;
	struct line name = {.length = 0};
	struct line size = {.length = 0};
	struct line source = {.length = 0};
	char safe_name[LINE_SIZE];
	size_t name_width;
	size_t size_width;
	size_t source_width;
	size_t used = 0; /* columns of the first line */
	enum ilv_paint paint = text->report->is_complete ? ILV_PAINT_FAINT : ILV_PAINT_WARNING;

	name_run(text, &name);
	tell_size(text, &size);
	tell_source(text->report, &source);
	ilv_escape_text(name.text, style->has_unicode, safe_name, sizeof(safe_name));
	safe_name[ilv_text_fit(safe_name, style->width)] = '\0';
	name_width = ilv_text_width(safe_name);
	size_width = ilv_text_width(size.text);
	source_width = ilv_text_width(source.text);

	ilv_text_paint(style, ILV_PAINT_STRONG, safe_name, text->stream);
	if (name_width + 3 + size_width > style->width) {
		(void)fputc('\n', text->stream);
		ilv_text_paragraph(style, 2, ILV_PAINT_NONE, size.text, text->stream);
	} else {
		(void)fprintf(text->stream, "   %s", size.text);
		used = name_width + 3 + size_width;
	}

	if (used > 0 && used + 3 + source_width <= style->width) {
		(void)fprintf(text->stream, "%*s", (int)(style->width - used - source_width), "");
		ilv_text_paint(style, paint, source.text, text->stream);
		(void)fputc('\n', text->stream);
	} else {
		(void)fputs(used > 0 ? "\n" : "", text->stream);
		ilv_text_paragraph(style, 2, paint, source.text, text->stream);
	}

	if (is_told(text->run->parameters)) {
		ilv_text_paragraph(style, 2, ILV_PAINT_FAINT, text->run->parameters, text->stream);
	}
}

/* In the program's own words, and marked so: what it counted need not be seen in its trace. */
static void write_notes(const struct ilv_report_text *text)
{
	static const char lead[] = "  It says:";
	const struct ilv_report_run *run = text->run;
	const unsigned int indent = sizeof(lead); /* with a blank after it */
	struct line line = {.length = 0};

	for (uint32_t index = 0; index < run->note_count; index++) {
		ilv_text_item(text->style, index == 0 ? lead : "", indent, ILV_PAINT_NONE,
			      run->notes[index], text->stream);
	}
	if (run->note_left_out_count > 0) {
		append_count(&line, run->note_left_out_count, "sentence before was not kept",
			     "sentences before were not kept");
		ilv_text_paragraph(text->style, indent, ILV_PAINT_FAINT, line.text, text->stream);
	}
}

/* Who left it open how many events it sent. */
static void append_uncounted(const struct ilv_report *report, struct line *losses)
{
	if (report->silent_process_count > 0) {
		append_count(losses, report->silent_process_count,
			     "process ended without saying how many events it sent (killed, or its "
			     "last events were lost)",
			     "processes ended without saying how many events they sent (killed, or "
			     "their last events were lost)");
	}
	if (report->unheard_process_count > 0) {
		append_count(losses, report->unheard_process_count,
			     "process was forked and never said that it began (LTTng did not "
			     "register it in time, or it is another program by now)",
			     "processes were forked and never said that they began (LTTng did not "
			     "register them in time, or they are other programs by now)");
	}
	if (report->open_process_count > 0) {
		append_count(losses, report->open_process_count,
			     "process never said its end (it ran on, was killed, or its last "
			     "events were lost)",
			     "processes never said their end (they ran on, were killed, or their "
			     "last events were lost)");
	}
	if (report->unbegun_process_count > 0) {
		append_count(losses, report->unbegun_process_count,
			     "process sent more events than arrived (some before this trace began, "
			     "or its first events were lost)",
			     "processes sent more events than arrived (some before this trace "
			     "began, or their first events were lost)");
	}
}

static void append_discards(const struct ilv_report *report, struct line *losses)
{
	if (report->discarded_event_count > 0) {
		append_count(losses, (int64_t)report->discarded_event_count, "event discarded",
			     "events discarded");
	}
	if (report->discarded_packet_count > 0) {
		append_count(losses, (int64_t)report->discarded_packet_count,
			     "packet of events lost", "packets of events lost");
	} else if (report->has_unknown_discards) {
		append(losses, "%s discarded, nobody knows how many",
		       losses->length > 0 ? ", others" : "events");
	}
}

static void write_incompleteness(const struct ilv_report_text *text)
{
	const struct ilv_report *report = text->report;
	struct line losses = {.length = 0};
	struct line line = {.length = 0};

	if (text->run->is_interrupted) {
		ilv_text_paragraph(text->style, 2, ILV_PAINT_WARNING,
				   text->run->exit_status == ILV_UNKNOWN
					   ? "Interrupted: the run has no end in the trace; what "
					     "follows is what was seen of it."
					   : "Interrupted: a signal ended the run early; what "
					     "follows is what it did until then.",
				   text->stream);
	}
	if (report->is_complete) {
		return;
	}

	append_discards(report, &losses);
	if (report->missing_event_count > 0) {
		append_count(&losses, (int64_t)report->missing_event_count,
			     "event sent that never arrived", "events sent that never arrived");
	}
	if (report->lost_switch_count > 0) {
		append_count(&losses, (int64_t)report->lost_switch_count, "thread switch lost",
			     "thread switches lost");
	}
	if (report->late_switch_count > 0) {
		append_count(&losses, (int64_t)report->late_switch_count,
			     "switch too late to be put in its place",
			     "switches too late to be put in their place");
	}
	if (report->unfinished_recorder_count > 0) {
		append_count(&losses, report->unfinished_recorder_count,
			     "recorder ended before its time", "recorders ended before their time");
	}
	if (report->is_cut_off) {
		append(&losses, "%sthe end of the trace is damaged or missing",
		       losses.length > 0 ? ", " : "");
	}
	append_uncounted(report, &losses);
	if (losses.length > 0) {
		append(&line, "%s: %s. Numbers below are of what is there.",
		       report->has_losses ? "Incomplete" : "Not known to be complete", losses.text);
		ilv_text_paragraph(text->style, 2, ILV_PAINT_WARNING, line.text, text->stream);
	}
}

static void write_unknowns(const struct ilv_report_text *text)
{
	const char *note = NULL;

	switch (text->report->switch_source) {
	case ILV_SWITCH_SOURCE_NONE:
		/* Where nothing at all is of ours, that is told instead. */
		note = text->report->other_events ? NULL : NOT_RECORDED;
		break;
	case ILV_SWITCH_SOURCE_PERF:
		note = NO_WAKEUPS;
		break;
	case ILV_SWITCH_SOURCE_RUSAGE:
		note = APPROXIMATE;
		break;
	default:
		break;
	}

	if (note) {
		ilv_text_paragraph(text->style, 2, ILV_PAINT_FAINT, note, text->stream);
	}
	if (text->report->switch_source != ILV_SWITCH_SOURCE_NONE && !text->report->has_yields) {
		ilv_text_paragraph(text->style, 2, ILV_PAINT_FAINT, NO_YIELDS, text->stream);
	}
}

static void write_finding(const struct ilv_report_text *text, uint32_t index)
{
	const struct ilv_finding *finding = &text->run->findings[index];
	char title[LINE_SIZE];
	char cost[ILV_DURATION_TEXT_SIZE];
	int padding;

	ilv_escape_text(finding->title, text->style->has_unicode, title, sizeof(title));
	title[ilv_text_fit(title, text->style->width > 45 ? text->style->width - 25 : 20)] = '\0';
	/* Costs stand below each other where the lines are long enough. */
	padding = text->style->width >= 60 ? 36 - (int)ilv_text_width(title) : 0;
	(void)fprintf(text->stream, "%3u  ", index + 1);
	ilv_text_paint(text->style,
		       finding->severity == ILV_SEVERITY_NOTE ? ILV_PAINT_STRONG
							      : ILV_PAINT_WARNING,
		       title, text->stream);
	if (finding->cost_ns != ILV_UNKNOWN) {
		(void)fprintf(text->stream, "%*scost %s%s", padding > 2 ? padding : 2, "",
			      ilv_text_duration(text->style, finding->cost_ns, cost, sizeof(cost)),
			      finding->is_cost_summed ? " of waiting in all" : "");
	}
	(void)fputc('\n', text->stream);
	ilv_text_paragraph(text->style, 5, ILV_PAINT_NONE, finding->text, text->stream);
}

/* Returns whether there was something to say. */
static bool write_endings(const struct ilv_report_text *text)
{
	char endings[LINE_SIZE];

	ilv_endings_text(text->run, endings, sizeof(endings));
	if (endings[0]) {
		ilv_text_paragraph(text->style, 2, ILV_PAINT_NONE, endings, text->stream);
	}
	return endings[0] != '\0';
}

/* Says why there is nothing to say. */
static void write_nothing(const struct ilv_report_text *text)
{
	struct line line = {.length = 0};
	char count[ILV_DURATION_TEXT_SIZE];
	char safe[LINE_SIZE];

	append(&line, NOTHING_KNOWN);
	if (text->report->other_events) {
		ilv_escape_text(text->report->other_events, text->style->has_unicode, safe,
				sizeof(safe));
		ilv_count_text((int64_t)text->report->event_count, count, sizeof(count));
		append(&line, ": its %s event%s %s. " TO_DO, count,
		       text->report->event_count == 1 ? " is" : "s are", safe);
	} else {
		append(&line, ".");
	}
	ilv_text_paragraph(text->style, 0, ILV_PAINT_STRONG, line.text, text->stream);
}

static void write_findings(const struct ilv_report_text *text, bool has_endings)
{
	struct line line = {.length = 0};
	char count[ILV_DURATION_TEXT_SIZE];

	(void)fputc('\n', text->stream);
	if (text->run->thread_count == 0 && text->run->task_count == 0) {
		write_nothing(text);
		return;
	}
	if (text->run->finding_count == 0) {
		ilv_text_paint(text->style, ILV_PAINT_STRONG,
			       has_endings ? "Nothing else stands out" : "Nothing stands out",
			       text->stream);
		(void)fputc('\n', text->stream);
		return;
	}

	ilv_text_paint(text->style, ILV_PAINT_STRONG, "What stands out", text->stream);
	(void)fputc('\n', text->stream);
	for (uint32_t index = 0; index < text->run->finding_count && index < FINDING_SHOWN;
	     index++) {
		write_finding(text, index);
	}
	if (text->run->finding_count > FINDING_SHOWN) {
		ilv_count_text(text->run->finding_count - FINDING_SHOWN, count, sizeof(count));
		append(&line, "and %s more, which --json tells", count);
		ilv_text_paragraph(text->style, 5, ILV_PAINT_FAINT, line.text, text->stream);
	}
}

/* What somebody used of the CPUs in `length_ns`. */
static void append_cpu(const struct ilv_report_text *text, struct line *line, const char *who,
		       int64_t cpu_ns, int64_t length_ns)
{
	char duration[ILV_DURATION_TEXT_SIZE];
	char share[ILV_DURATION_TEXT_SIZE];

	if (cpu_ns == ILV_UNKNOWN || cpu_ns == 0) {
		return;
	}

	append(line, "%s%s %s", line->length > 0 ? ", " : "", who,
	       ilv_text_duration(text->style, cpu_ns, duration, sizeof(duration)));
	if (length_ns > 0) {
		ilv_number_text(100.0 * (double)cpu_ns / (double)length_ns, 3, share,
				sizeof(share));
		append(line, " (%s %% of a CPU)", share);
	}
}

/* What ran beside the job, so that nobody takes its time for the job's. */
static void write_company(const struct ilv_report_text *text)
{
	const struct ilv_report_run *run = text->run;
	const int64_t run_ns = run->end_ns - run->begin_ns;
	struct line line = {.length = 0};

	append_cpu(text, &line, "server", run->server_cpu_ns, run_ns);
	append_cpu(text, &line, "recorder", run->recorder_cpu_ns, run_ns);
	append_cpu(text, &line, "tracer", run->tracer_cpu_ns, run_ns);
	/* It speaks of it every 10 ms; a run may be shorter. */
	if (run->recorder_cpu_ns == ILV_UNKNOWN) {
		append_cpu(text, &line, "over the whole trace the recorder",
			   text->report->recorder_cpu_ns, text->report->duration_ns);
	}
	if (line.length == 0) {
		return;
	}

	(void)fputc('\n', text->stream);
	ilv_text_paint(text->style, ILV_PAINT_STRONG, "Not counted above", text->stream);
	(void)fputc('\n', text->stream);
	ilv_text_paragraph(text->style, 2, ILV_PAINT_NONE, line.text, text->stream);
}

/* What is to be pasted into a shell is not wrapped. */
static void write_command(const struct ilv_report_text *text, const char *lead, const char *verb,
			  const char *word, const char *options)
{
	struct line line = {.length = 0};

	append(&line, "%sinterleave %s %s%s", lead, verb, word, options);
	ilv_text_paint(text->style, ILV_PAINT_FAINT, line.text, text->stream);
	(void)fputc('\n', text->stream);
}

static enum ilv_status write_more(const struct ilv_report_text *text)
{
	char safe[LINE_SIZE];
	char *word;

	if (!text->style->name) {
		return ILV_STATUS_OK;
	}

	word = ilv_shell_word(text->style->name);
	if (!word) {
		return ILV_STATUS_MEMORY;
	}

	ilv_escape_text(word, text->style->has_unicode, safe, sizeof(safe));
	free(word);
	(void)fputc('\n', text->stream);
	write_command(text, "more   ", "timeline", safe, "");
	write_command(text, "       ", "report", safe, " --json");
	return ILV_STATUS_OK;
}

static enum ilv_status write_run(const struct ilv_report_text *text)
{
	static enum ilv_status (*const tables[])(const struct ilv_report_text *) = {
		ilv_report_text_phases, ilv_report_text_prices,  ilv_report_text_schedulers,
		ilv_report_text_tasks,  ilv_report_text_threads, ilv_report_text_locks,
		ilv_report_text_loops,  ilv_report_text_pools,   ilv_report_text_processes,
	};
	enum ilv_status status = ILV_STATUS_OK;

	write_headline(text);
	write_notes(text);
	write_incompleteness(text);
	write_unknowns(text);
	write_findings(text, write_endings(text));
	for (size_t table = 0; table < sizeof(tables) / sizeof(tables[0]); table++) {
		status = tables[table](text);
		if (status != ILV_STATUS_OK) {
			return status;
		}
	}
	write_company(text);
	return ILV_STATUS_OK;
}

enum ilv_status ilv_report_write_text(const struct ilv_report *report, uint32_t run_index,
				      const struct ilv_text_style *style, FILE *stream)
{
	struct ilv_report_text text = {.report = report, .style = style, .stream = stream};
	bool are_all = run_index == UINT32_MAX;
	enum ilv_status status = ILV_STATUS_OK;

	if (!are_all && run_index >= report->run_count) {
		ilv_cause_add("Cannot report on run %u: the recording has %u", run_index + 1,
			      report->run_count);
		return ILV_STATUS_USAGE;
	}

	for (uint32_t index = are_all ? 0 : run_index;
	     index < (are_all ? report->run_count : run_index + 1) && status == ILV_STATUS_OK;
	     index++) {
		text.run = &report->runs[index];
		if (are_all && index > 0) {
			(void)fputs("\n\n", stream);
		}
		if (are_all && report->run_count > 1) {
			(void)fprintf(stream, "run %u of %u\n", index + 1, report->run_count);
		}
		status = write_run(&text);
	}
	if (status == ILV_STATUS_OK) {
		status = write_more(&text);
	}
	if (status == ILV_STATUS_OK && (fflush(stream) != 0 || ferror(stream))) {
		ilv_cause_add("Cannot write the report");
		status = ILV_STATUS_IO;
	}

	return status;
}
