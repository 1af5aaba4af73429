/* SPDX-License-Identifier: MIT */
/*
 * Description: the tables of threads, tasks and processes. Of many, the most telling are shown one
 * by one and the rest as one sum, so that the table stays as long as a person reads.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/report/endings.h"
#include "analysis/report/text_parts.h"
#include "analysis/report/text_table.h"
#include "analysis/report/words.h"
#include "base/duration.h"

#define ROW_MAX          24 /* as many are all shown */
#define ROW_SHOWN        12 /* of more, that many */
#define BAR_WIDTH        16
#define BAR_WIDTH_NARROW 12 /* as wide as the header */
#define NARROW           110
#define NAME_MAX         20
#define WORDS_MAX        28

/* A row of the table: what threads and tasks share. */
struct row {
	char name[64];
	const struct ilv_report_times *times;
	int64_t weight; /* how telling */
	uint32_t order;
	bool is_shown;
	enum ilv_ending ending;
	const struct ilv_report_thread *thread;
	const struct ilv_report_task *task;
};

static int64_t known_or_zero(int64_t value)
{
	return value == ILV_UNKNOWN ? 0 : value;
}

static int64_t add(int64_t sum, int64_t value)
{
	if (value == ILV_UNKNOWN) {
		return sum;
	}

	return (sum == ILV_UNKNOWN ? 0 : sum) + value;
}

static int64_t lock_ns(const struct ilv_report_times *times)
{
	return known_or_zero(times->reason_ns[ILV_WAIT_REASON_LOCK]) +
	       known_or_zero(times->reason_ns[ILV_WAIT_REASON_GIL]);
}

/* Waits by choice: asleep, or suspended until another task is done. */
static int64_t suspended_ns(const struct ilv_report_times *times)
{
	return known_or_zero(times->reason_ns[ILV_WAIT_REASON_SLEEP]) +
	       known_or_zero(times->reason_ns[ILV_WAIT_REASON_TASK]) +
	       known_or_zero(times->reason_ns[ILV_WAIT_REASON_YIELD]);
}

/* A bar of what is not known would only look like something. */
static bool is_known(const struct ilv_report_times *times)
{
	return times->running_ns != ILV_UNKNOWN || times->waiting_ns != ILV_UNKNOWN;
}

static void add_life(struct ilv_table *table, const struct ilv_report_times *times,
		     int64_t whole_ns)
{
	int64_t waiting_ns = known_or_zero(times->waiting_ns);
	const struct ilv_bar_part parts[] = {
		{ILV_BAR_GLYPH_RUNNING, ILV_PAINT_RUNNING, known_or_zero(times->running_ns)},
		{ILV_BAR_GLYPH_READY, ILV_PAINT_READY, known_or_zero(ilv_report_ready_ns(times))},
		{ILV_BAR_GLYPH_WAITING, ILV_PAINT_LOCK, lock_ns(times)},
		{ILV_BAR_GLYPH_WAITING, ILV_PAINT_WAITING,
		 waiting_ns - lock_ns(times) - suspended_ns(times)},
		{ILV_BAR_GLYPH_SUSPENDED, ILV_PAINT_FAINT, suspended_ns(times)},
		{ILV_BAR_GLYPH_UNKNOWN, ILV_PAINT_FAINT, times->unknown_ns},
	};

	ilv_table_bar(table, parts, is_known(times) ? sizeof(parts) / sizeof(parts[0]) : 0,
		      whole_ns, table->style->width < NARROW ? BAR_WIDTH_NARROW : BAR_WIDTH);
}

static void add_words(struct ilv_table *table, const char *words, int64_t wait_ns)
{
	char duration[40];

	if (!words) {
		ilv_table_text(table, "");
		return;
	}

	ilv_table_printf(table, "%s %s",
			 ilv_text_duration(table->style, wait_ns, duration, sizeof(duration)),
			 words);
}

static void add_cpus(struct ilv_table *table, uint64_t mask)
{
	char text[256] = "";
	size_t length = 0;

	for (int cpu = 0; cpu < 64 && length + 8 < sizeof(text); cpu++) {
		int last = cpu;

		if (!(mask >> cpu & 1)) {
			continue;
		}
		while (last < 63 && mask >> (last + 1) & 1) {
			last++;
		}
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   last > cpu + 1 ? "%s%d-%d" : "%s%d", length ? "," : "",
					   cpu, last);
		cpu = last > cpu + 1 ? last : cpu;
	}
	ilv_table_text(table, text);
}

static int by_weight(const void *left_pointer, const void *right_pointer)
{
	const struct row *left = left_pointer;
	const struct row *right = right_pointer;

	if (left->weight != right->weight) {
		return left->weight > right->weight ? -1 : 1;
	}

	return (left->order > right->order) - (left->order < right->order);
}

static int by_order(const void *left_pointer, const void *right_pointer)
{
	const struct row *left = left_pointer;
	const struct row *right = right_pointer;

	if (left->is_shown != right->is_shown) {
		return left->is_shown ? -1 : 1;
	}

	return (left->order > right->order) - (left->order < right->order);
}

/* Sorts what is shown to the front, in its own order, and says how many that are. */
static uint32_t choose(struct row *rows, uint32_t count)
{
	uint32_t shown = count <= ROW_MAX ? count : ROW_SHOWN;

	qsort(rows, count, sizeof(*rows), by_weight);
	for (uint32_t index = 0; index < shown; index++) {
		rows[index].is_shown = true;
	}
	qsort(rows, count, sizeof(*rows), by_order);
	return shown;
}

static void weigh(struct row *row, const struct ilv_report_text *text, const char *id,
		  const struct ilv_report_times *times, bool is_unit, enum ilv_ending ending)
{
	row->times = times;
	row->ending = ending;
	row->weight = known_or_zero(ilv_report_ready_ns(times)) + lock_ns(times);
	row->weight += known_or_zero(times->running_ns) / 1000; /* among those that never waited */
	if (is_unit) {
		row->weight += text->run->end_ns - text->run->begin_ns;
	}
	if (ending == ILV_ENDING_FAILED) {
		row->weight += 100 * (text->run->end_ns - text->run->begin_ns);
	}
	for (uint32_t index = 0; index < text->run->finding_count; index++) {
		const struct ilv_finding *finding = &text->run->findings[index];

		/* Who is pictured in a finding is shown, however many there are. */
		if (finding->moment_entity_id && strcmp(finding->moment_entity_id, id) == 0) {
			row->weight += 1000 * (text->run->end_ns - text->run->begin_ns);
		}
	}
}

static void sum_times(struct ilv_report_times *sum, const struct row *rows, uint32_t count)
{
	*sum = (struct ilv_report_times){ILV_UNKNOWN, ILV_UNKNOWN, ILV_UNKNOWN, ILV_UNKNOWN,
					 ILV_UNKNOWN, 0,           {0}};
	for (uint32_t index = 0; index < count; index++) {
		const struct ilv_report_times *times = rows[index].times;

		sum->running_ns = add(sum->running_ns, times->running_ns);
		sum->runnable_ns = add(sum->runnable_ns, times->runnable_ns);
		sum->runnable_after_cut_ns =
			add(sum->runnable_after_cut_ns, times->runnable_after_cut_ns);
		sum->waiting_ns = add(sum->waiting_ns, times->waiting_ns);
	}
}

static void add_rest_name(struct ilv_table *table, uint32_t count)
{
	char number[ILV_DURATION_TEXT_SIZE];

	ilv_count_text(count, number, sizeof(number));
	ilv_table_printf(table, "  and %s more", number);
}

/* Where all returned nobody needs to be told. */
static bool are_endings_told(const struct row *rows, uint32_t count)
{
	for (uint32_t index = 0; index < count; index++) {
		if (ilv_ending_is_told(rows[index].ending)) {
			return true;
		}
	}

	return false;
}

static bool has_bar(const struct row *rows, uint32_t count)
{
	for (uint32_t index = 0; index < count; index++) {
		if (is_known(rows[index].times)) {
			return true;
		}
	}

	return false;
}

/* Of times that are known in part alone, the switches were not recorded, and most is not known. */
static bool has_unknown(const struct row *rows, uint32_t count)
{
	for (uint32_t index = 0; index < count; index++) {
		if (is_known(rows[index].times) && rows[index].times->running_ns == ILV_UNKNOWN &&
		    rows[index].times->unknown_ns > 0) {
			return true;
		}
	}

	return false;
}

static void write_legend(const struct ilv_report_text *text, const struct row *rows, uint32_t count)
{
	/* A narrow terminal has no room for it; the columns beside the bars tell the same. */
	const unsigned int width_min = 64;
	const unsigned int width_whole = 80;

	static const struct {
		enum ilv_bar_glyph glyph;
		enum ilv_paint paint;
		const char *word;
	} entries[] = {
		{ILV_BAR_GLYPH_RUNNING, ILV_PAINT_RUNNING, "runs"},
		{ILV_BAR_GLYPH_READY, ILV_PAINT_READY, "ready, not let"},
		{ILV_BAR_GLYPH_WAITING, ILV_PAINT_WAITING, "waits"},
		{ILV_BAR_GLYPH_SUSPENDED, ILV_PAINT_FAINT, "asleep or suspended"},
		{ILV_BAR_GLYPH_UNKNOWN, ILV_PAINT_FAINT, "not known"},
	};
	size_t entry_count = sizeof(entries) / sizeof(entries[0]);

	if (text->style->width < width_whole || !has_unknown(rows, count)) {
		entry_count--;
	}
	if (text->style->width < width_min) {
		return;
	}

	(void)fputs("  ", text->stream);
	for (size_t index = 0; index < entry_count; index++) {
		if (text->style->has_colour) {
			ilv_text_paint(text->style, entries[index].paint,
				       ilv_bar_glyph_text(text->style, entries[index].glyph),
				       text->stream);
		} else {
			(void)fputs(ilv_bar_glyph_text(text->style, entries[index].glyph),
				    text->stream);
		}
		(void)fputc(' ', text->stream);
		ilv_text_paint(text->style, ILV_PAINT_FAINT, entries[index].word, text->stream);
		(void)fputs(index + 1 < entry_count ? "   " : "\n", text->stream);
	}
}

static const char *ready_header(const struct ilv_report_text *text, const char *otherwise)
{
	enum ilv_switch_source source = text->report->switch_source;

	return source == ILV_SWITCH_SOURCE_PERF || source == ILV_SWITCH_SOURCE_RUSAGE ? "after cut"
										      : otherwise;
}

static void add_times(struct ilv_table *table, const struct ilv_report_times *times)
{
	ilv_table_duration(table, times->running_ns);
	ilv_table_duration(table, ilv_report_ready_ns(times));
	ilv_table_duration(table, times->waiting_ns);
}

static int64_t cuts(const struct ilv_report_text *text, const struct ilv_report_thread *thread)
{
	return text->report->has_yields ? thread->cut_short_count : thread->involuntary_count;
}

static void add_thread(struct ilv_table *table, const struct ilv_report_text *text,
		       const struct row *row, bool has_ending)
{
	ilv_table_text(table, row->name);
	add_life(table, row->times, text->run->end_ns - text->run->begin_ns);
	add_times(table, row->times);
	ilv_table_count(table, cuts(text, row->thread));
	ilv_table_count(table, row->thread->gave_way_count);
	add_cpus(table, row->thread->cpu_mask);
	ilv_table_text(table, has_ending ? ilv_ending_word(row->ending) : NULL);
	add_words(table, row->thread->waits_most_for, row->thread->waits_most_ns);
}

static void add_rest_of_threads(struct ilv_table *table, const struct ilv_report_text *text,
				const struct row *rows, uint32_t count)
{
	struct ilv_report_times sum;
	int64_t cut_count = ILV_UNKNOWN;
	int64_t gave_way_count = ILV_UNKNOWN;
	uint64_t mask = 0;

	sum_times(&sum, rows, count);
	for (uint32_t index = 0; index < count; index++) {
		cut_count = add(cut_count, cuts(text, rows[index].thread));
		gave_way_count = add(gave_way_count, rows[index].thread->gave_way_count);
		mask |= rows[index].thread->cpu_mask;
	}

	add_rest_name(table, count);
	ilv_table_text(table, "together");
	add_times(table, &sum);
	ilv_table_count(table, cut_count);
	ilv_table_count(table, gave_way_count);
	add_cpus(table, mask);
	ilv_table_text(table, "");
	ilv_table_text(table, "");
}

static bool is_beside(enum ilv_role role)
{
	return role == ILV_ROLE_SERVER || role == ILV_ROLE_RECORDER || role == ILV_ROLE_TRACER;
}

enum ilv_status ilv_report_text_threads(const struct ilv_report_text *text)
{
	const struct ilv_report_run *run = text->run;
	struct row *rows = calloc(run->thread_count ? run->thread_count : 1, sizeof(*rows));
	struct ilv_table table;
	uint32_t count = 0;
	uint32_t shown;
	bool has_endings;
	enum ilv_status status;

	if (!rows) {
		return ILV_STATUS_MEMORY;
	}

	for (uint32_t index = 0; index < run->thread_count; index++) {
		const struct ilv_report_thread *thread = &run->threads[index];
		struct row *row = &rows[count];

		if (is_beside(thread->role)) {
			continue;
		}
		row->thread = thread;
		row->order = count++;
		if (thread->name && thread->name[0]) {
			(void)snprintf(row->name, sizeof(row->name), "  %s", thread->name);
		} else {
			(void)snprintf(row->name, sizeof(row->name), "  tid %d", thread->tid);
		}
		weigh(row, text, thread->id, &thread->times, thread->is_unit,
		      ilv_ending_of_thread(thread));
	}

	has_endings = are_endings_told(rows, count);
	shown = choose(rows, count);
	ilv_table_init(&table, text->style);
	ilv_table_column(&table, "Threads", false, NAME_MAX);
	ilv_table_column(&table, "over the run", false, 0);
	ilv_table_column_is_bar(&table);
	ilv_table_column(&table, "running", true, 0);
	ilv_table_column(&table, ready_header(text, "ready"), true, 0);
	ilv_table_column(&table, "waiting", true, 0);
	ilv_table_column(&table, text->report->has_yields ? "cut" : "involuntary", true, 0);
	ilv_table_column(&table, "gave way", true, 0);
	ilv_table_column(&table, "CPUs", false, 10);
	ilv_table_column(&table, "ended", true, 0);
	ilv_table_column(&table, "waited most for", false, WORDS_MAX);
	for (uint32_t index = 0; index < shown; index++) {
		add_thread(&table, text, &rows[index], has_endings);
	}
	if (shown < count) {
		add_rest_of_threads(&table, text, rows + shown, count - shown);
	}

	status = ilv_table_write(&table, text->stream);
	/* Tasks come first, and with them the legend. */
	if (status == ILV_STATUS_OK && run->task_count == 0 && has_bar(rows, shown)) {
		write_legend(text, rows, shown);
	}
	ilv_table_fini(&table);
	free(rows);
	return status;
}

const char *ilv_report_text_task(const char *name, const char *id, char *text, size_t size)
{
	/* What comes after the loop in `task:PID.LOOP.NUMBER`. */
	const char *loop = strchr(id, '.');
	const char *number = loop ? strchr(loop + 1, '.') : NULL;

	if (name && name[0]) {
		(void)snprintf(text, size, "%s", name);
	} else {
		(void)snprintf(text, size, "task %s", number ? number + 1 : id);
	}

	return text;
}

static void add_task(struct ilv_table *table, const struct ilv_report_text *text,
		     const struct row *row, bool has_ending)
{
	ilv_table_text(table, row->name);
	add_life(table, row->times, text->run->end_ns - text->run->begin_ns);
	add_times(table, row->times);
	ilv_table_count(table, row->task->yield_count);
	ilv_table_duration(table, row->task->longest_slice_ns);
	ilv_table_duration(table, row->task->stalled_ns);
	ilv_table_text(table, has_ending ? ilv_ending_word(row->ending) : NULL);
	/* Where there is no room for both, how it ended is told. */
	if (!has_ending || text->style->width >= NARROW) {
		add_words(table, row->task->waits_most_for, row->task->waits_most_ns);
	} else {
		ilv_table_text(table, "");
	}
}

static void add_rest_of_tasks(struct ilv_table *table, const struct row *rows, uint32_t count)
{
	struct ilv_report_times sum;
	int64_t yield_count = ILV_UNKNOWN;
	int64_t stalled_ns = ILV_UNKNOWN;
	int64_t longest_ns = ILV_UNKNOWN;

	sum_times(&sum, rows, count);
	for (uint32_t index = 0; index < count; index++) {
		const struct ilv_report_task *task = rows[index].task;

		yield_count = add(yield_count, task->yield_count);
		stalled_ns = add(stalled_ns, task->stalled_ns);
		longest_ns =
			task->longest_slice_ns > longest_ns ? task->longest_slice_ns : longest_ns;
	}

	add_rest_name(table, count);
	ilv_table_text(table, "together");
	add_times(table, &sum);
	ilv_table_count(table, yield_count);
	ilv_table_duration(table, longest_ns);
	ilv_table_duration(table, stalled_ns);
	ilv_table_text(table, "");
	ilv_table_text(table, "");
}

enum ilv_status ilv_report_text_tasks(const struct ilv_report_text *text)
{
	const struct ilv_report_run *run = text->run;
	struct row *rows = calloc(run->task_count ? run->task_count : 1, sizeof(*rows));
	struct ilv_table table;
	uint32_t shown;
	bool has_endings;
	enum ilv_status status;

	if (!rows) {
		return ILV_STATUS_MEMORY;
	}

	for (uint32_t index = 0; index < run->task_count; index++) {
		const struct ilv_report_task *task = &run->tasks[index];
		struct row *row = &rows[index];
		char name[sizeof(row->name) - 2];

		row->task = task;
		row->order = index;
		(void)snprintf(row->name, sizeof(row->name), "  %s",
			       ilv_report_text_task(task->name, task->id, name, sizeof(name)));
		weigh(row, text, task->id, &task->times, task->is_unit, ilv_ending_of_task(task));
	}

	has_endings = are_endings_told(rows, run->task_count);
	shown = choose(rows, run->task_count);
	ilv_table_init(&table, text->style);
	ilv_table_column(&table, "Tasks", false, NAME_MAX);
	ilv_table_column(&table, "over the run", false, 0);
	ilv_table_column_is_bar(&table);
	ilv_table_column(&table, "running", true, 0);
	ilv_table_column(&table, "ready", true, 0);
	ilv_table_column(&table, "waiting", true, 0);
	ilv_table_column(&table, "gave way", true, 0);
	ilv_table_column(&table, "longest", true, 0);
	ilv_table_column(&table, "off CPU", true, 0);
	ilv_table_column(&table, "ended", true, 0);
	ilv_table_column(&table, "waited most for", false, WORDS_MAX);
	for (uint32_t index = 0; index < shown; index++) {
		add_task(&table, text, &rows[index], has_endings);
	}
	if (shown < run->task_count) {
		add_rest_of_tasks(&table, rows + shown, run->task_count - shown);
	}

	status = ilv_table_write(&table, text->stream);
	if (status == ILV_STATUS_OK && run->task_count > 0) {
		write_legend(text, rows, shown);
	}
	ilv_table_fini(&table);
	free(rows);
	return status;
}

/* How a server or the recording came to its end is nobody's concern. */
static bool are_processes_told(const struct ilv_report_run *run)
{
	for (uint32_t index = 0; index < run->process_count; index++) {
		const struct ilv_report_process *process = &run->processes[index];

		if (!is_beside(process->role) &&
		    ilv_ending_is_told(ilv_ending_of_process(process))) {
			return true;
		}
	}

	return false;
}

enum ilv_status ilv_report_text_processes(const struct ilv_report_text *text)
{
	const struct ilv_report_run *run = text->run;
	const bool has_endings = are_processes_told(run);
	struct ilv_table table;
	enum ilv_status status = ILV_STATUS_OK;

	if (run->process_count < 2) {
		return ILV_STATUS_OK;
	}

	ilv_table_init(&table, text->style);
	ilv_table_column(&table, "Processes", false, NAME_MAX);
	ilv_table_column(&table, "pid", true, 0);
	ilv_table_column(&table, "role", false, 0);
	ilv_table_column(&table, "threads", true, 0);
	ilv_table_column(&table, "running", true, 0);
	ilv_table_column(&table, "lived", true, 0);
	ilv_table_column(&table, "spawned in", true, 0);
	ilv_table_column(&table, "of it LTTng", true, 0);
	ilv_table_column(&table, "status", true, 0);
	ilv_table_column(&table, "ended", true, 0);
	for (uint32_t index = 0; index < run->process_count; index++) {
		const struct ilv_report_process *process = &run->processes[index];

		if (run->process_count > ROW_MAX && index == ROW_SHOWN) {
			add_rest_name(&table, run->process_count - index);
			for (uint32_t column = 1; column < table.column_count; column++) {
				ilv_table_text(&table, "");
			}
			break;
		}
		ilv_table_printf(&table, "  %s", process->name ? process->name : "process");
		ilv_table_printf(&table, "%d", process->pid);
		ilv_table_text(&table, ilv_role_word(process->role));
		ilv_table_count(&table, process->thread_count);
		ilv_table_duration(&table, process->running_ns);
		ilv_table_duration(&table, process->end_ns - process->begin_ns);
		ilv_table_duration(&table, process->spawn_ns);
		ilv_table_duration(&table, process->spawn_tracer_ns);
		ilv_table_count(&table, process->exit_status);
		ilv_table_text(&table, has_endings && !is_beside(process->role)
					       ? ilv_ending_word(ilv_ending_of_process(process))
					       : NULL);
	}

	status = ilv_table_write(&table, text->stream);
	ilv_table_fini(&table);
	return status;
}
