/* SPDX-License-Identifier: MIT */
/* Description: the tables of schedulers, locks, loops and pools. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/text_parts.h"
#include "analysis/report/text_table.h"
#include "base/duration.h"

#define LOCK_ROW_MAX 8
#define LOCK_SHOWN   3  /* among the schedulers: they have a table of their own */
#define ROW_SHOWN    12 /* of more loops or pools, those that tell most */
#define NAME_MAX     26
#define NAME_SIZE    128
#define GAUGE_WIDTH  8
#define GAUGE_NARROW 4
#define NARROW       110
#define WORDS_MAX    24

/* The few items that weigh most; of equal ones the first. */
struct top {
	const void *items[ROW_SHOWN];
	int64_t weights[ROW_SHOWN];
	uint32_t limit, count, left_out_count;
};

static void add_to_top(struct top *top, const void *item, int64_t weight)
{
	uint32_t at = top->count;

	if (top->count == top->limit) {
		top->left_out_count++;
		if (weight <= top->weights[--at]) {
			return;
		}
	} else {
		top->count++;
	}

	for (; at > 0 && weight > top->weights[at - 1]; at--) {
		top->items[at] = top->items[at - 1];
		top->weights[at] = top->weights[at - 1];
	}
	top->items[at] = item;
	top->weights[at] = weight;
}

static bool is_in_top(const struct top *top, const void *item)
{
	for (uint32_t index = 0; index < top->count; index++) {
		if (top->items[index] == item) {
			return true;
		}
	}

	return false;
}

static void add_rest_name(struct ilv_table *table, uint32_t count)
{
	char number[ILV_DURATION_TEXT_SIZE];

	ilv_count_text(count, number, sizeof(number));
	ilv_table_printf(table, "  and %s more", number);
}

/* A last row for those that are left out, if any are. */
static void add_rest(struct ilv_table *table, uint32_t count)
{
	if (count > 0) {
		add_rest_name(table, count);
		for (uint32_t column = 1; column < table->column_count; column++) {
			ilv_table_text(table, "");
		}
	}
}

static int64_t percentile(const struct ilv_distribution *distribution, double percent)
{
	int64_t value_ns;
	int64_t step_ns = 1;

	if (distribution->count == 0) {
		return ILV_UNKNOWN;
	}

	value_ns = ilv_distribution_percentile(distribution, percent);
	if (value_ns == distribution->max_ns) {
		return value_ns;
	}

	/* It is right within 3 in 100: a third digit would be made up. */
	while (value_ns / step_ns >= 100) {
		step_ns *= 10;
	}

	return value_ns / step_ns * step_ns +
	       (value_ns % step_ns >= (step_ns + 1) / 2 ? step_ns : 0);
}

/* "lock `results`", "lock 0x1000" where nobody named it: an id is KIND:PID.ADDRESS.LIFE. */
static void add_name(struct ilv_table *table, const char *what, const char *name, const char *id)
{
	const char *address = strchr(id, '.');

	if (name && name[0]) {
		ilv_table_printf(table, "  %s%s`%s`", what, what[0] ? " " : "", name);
	} else if (address) {
		ilv_table_printf(table, "  %s%s%.*s", what, what[0] ? " " : "",
				 (int)strcspn(address + 1, "."), address + 1);
	} else {
		ilv_table_printf(table, "  %s", id);
	}
}

static void add_scheduler_name(struct ilv_table *table, const struct ilv_report_scheduler *of)
{
	static const char *const kinds[] = {
		[ILV_SCHEDULER_KIND_KERNEL] = "kernel", [ILV_SCHEDULER_KIND_LOOP] = "loop",
		[ILV_SCHEDULER_KIND_GIL] = "GIL",       [ILV_SCHEDULER_KIND_POOL] = "pool",
		[ILV_SCHEDULER_KIND_LOCK] = "lock",
	};

	if (of->kind == ILV_SCHEDULER_KIND_KERNEL) {
		ilv_table_text(table, "  kernel");
	} else {
		add_name(table, kinds[of->kind], of->name, of->id);
	}
}

/* "6 threads, 2 CPUs". */
static void add_sharing(struct ilv_table *table, const struct ilv_report_scheduler *of)
{
	static const struct {
		const char *entity, *entities, *executor, *executors;
	} words[] = {
		[ILV_SCHEDULER_KIND_KERNEL] = {"thread", "threads", "CPU", "CPUs"},
		[ILV_SCHEDULER_KIND_LOOP] = {"task", "tasks", "thread", "threads"},
		[ILV_SCHEDULER_KIND_GIL] = {"thread", "threads", "token", "tokens"},
		[ILV_SCHEDULER_KIND_POOL] = {"job", "jobs", "worker", "workers"},
		[ILV_SCHEDULER_KIND_LOCK] = {"user", "users", "place", "places"},
	};
	const char *entities =
		of->entity_count == 1 ? words[of->kind].entity : words[of->kind].entities;
	char count[ILV_DURATION_TEXT_SIZE];

	ilv_count_text(of->entity_count, count, sizeof(count));

	/* That a lock has one place goes without saying. */
	if (of->executor_count == ILV_UNKNOWN ||
	    ((of->kind == ILV_SCHEDULER_KIND_LOCK || of->kind == ILV_SCHEDULER_KIND_GIL) &&
	     of->executor_count == 1)) {
		ilv_table_printf(table, "%s %s", count, entities);
		return;
	}

	ilv_table_printf(table, "%s %s, %lld %s", count, entities, (long long)of->executor_count,
			 of->executor_count == 1 ? words[of->kind].executor
						 : words[of->kind].executors);
}

static int64_t gave_way(const struct ilv_switch_counts *switches)
{
	int64_t sum = 0;

	if (switches->blocked == ILV_UNKNOWN) {
		return ILV_UNKNOWN;
	}
	sum += switches->blocked;
	if (switches->yielded != ILV_UNKNOWN) {
		sum += switches->yielded;
	}

	return sum;
}

static void add_scheduler(struct ilv_table *table, const struct ilv_report_text *text,
			  const struct ilv_report_scheduler *of)
{
	bool is_observed = of->switches.finished != ILV_UNKNOWN;
	bool is_kernel = of->kind == ILV_SCHEDULER_KIND_KERNEL;

	add_scheduler_name(table, of);
	add_sharing(table, of);
	ilv_table_count(table, is_observed ? (int64_t)of->slices.count : ILV_UNKNOWN);
	ilv_table_duration(table, percentile(&of->slices, 50));
	ilv_table_duration(table, percentile(&of->slices, 99));
	ilv_table_duration(table, of->has_waits ? percentile(&of->waits, 99) : ILV_UNKNOWN);
	ilv_table_count(table, is_kernel && !text->report->has_yields ? of->switches.involuntary
								      : of->switches.cut_short);
	ilv_table_count(table, gave_way(&of->switches));
	ilv_table_percent(table, of->utilisation);
	ilv_table_number(table, of->parallelism_mean);
}

/* Of each kind those with the longest waits stand for all. */
static void choose(const struct ilv_report_text *text, struct top tops[ILV_SCHEDULER_KIND_COUNT])
{
	for (int kind = 0; kind < ILV_SCHEDULER_KIND_COUNT; kind++) {
		tops[kind] = (struct top){.limit = kind == ILV_SCHEDULER_KIND_LOCK ? LOCK_SHOWN
										   : ROW_SHOWN};
	}

	for (uint32_t index = 0; index < text->run->scheduler_count; index++) {
		const struct ilv_report_scheduler *of = &text->run->schedulers[index];

		if (of->kind != ILV_SCHEDULER_KIND_KERNEL ||
		    text->report->switch_source != ILV_SWITCH_SOURCE_NONE) {
			add_to_top(&tops[of->kind], of, of->waits.total_ns);
		}
	}
}

enum ilv_status ilv_report_text_schedulers(const struct ilv_report_text *text)
{
	bool is_involuntary_told =
		!text->report->has_yields && text->report->switch_source != ILV_SWITCH_SOURCE_NONE;
	struct top tops[ILV_SCHEDULER_KIND_COUNT];
	uint32_t left_out_count = 0;
	struct ilv_table table;
	enum ilv_status status;

	choose(text, tops);
	ilv_table_init(&table, text->style);
	ilv_table_column(&table, "Schedulers", false, NAME_MAX);
	ilv_table_column(&table, "shared by", false, NAME_MAX);
	ilv_table_column(&table, "slices", true, 0);
	ilv_table_column(&table, "p50", true, 0);
	ilv_table_column(&table, "p99", true, 0);
	ilv_table_column(&table, "wait p99", true, 0);
	ilv_table_column(&table, is_involuntary_told ? "involuntary" : "cut", true, 0);
	ilv_table_column(&table, "gave way", true, 0);
	ilv_table_column(&table, "busy", true, 0);
	ilv_table_column(&table, "at once", true, 0);
	for (uint32_t index = 0; index < text->run->scheduler_count; index++) {
		const struct ilv_report_scheduler *of = &text->run->schedulers[index];

		if (is_in_top(&tops[of->kind], of)) {
			add_scheduler(&table, text, of);
		}
	}
	for (int kind = 0; kind < ILV_SCHEDULER_KIND_COUNT; kind++) {
		left_out_count += tops[kind].left_out_count;
	}
	add_rest(&table, left_out_count);

	status = ilv_table_write(&table, text->stream);
	ilv_table_fini(&table);
	return status;
}

static int by_wait(const void *left_pointer, const void *right_pointer)
{
	const struct ilv_report_lock *left = *(const struct ilv_report_lock *const *)left_pointer;
	const struct ilv_report_lock *right = *(const struct ilv_report_lock *const *)right_pointer;

	if (left->waits.total_ns != right->waits.total_ns) {
		return left->waits.total_ns > right->waits.total_ns ? -1 : 1;
	}
	if (left->acquisition_count != right->acquisition_count) {
		return left->acquisition_count > right->acquisition_count ? -1 : 1;
	}

	return (left > right) - (left < right);
}

/* How often somebody had to wait, of all who wanted it, and how often for nothing. */
static void add_contention(struct ilv_table *table, int64_t acquisition_count,
			   int64_t contended_count, int64_t in_vain_count)
{
	const int64_t wish_count = acquisition_count + in_vain_count;
	char count[ILV_DURATION_TEXT_SIZE];

	if (contended_count > 0 && wish_count > 0) {
		ilv_count_text(contended_count, count, sizeof(count));
		ilv_table_printf(table, "%s (%.0f %%)", count,
				 100.0 * (double)contended_count / (double)wish_count);
	} else {
		ilv_table_count(table, contended_count);
	}

	/* Seldom: the column is there where it happened. */
	if (in_vain_count > 0) {
		ilv_table_count(table, in_vain_count);
	} else {
		ilv_table_text(table, "");
	}
}

/* The number of the thread `id` where it is all that `name` says, for it has none; else NULL. */
static const char *number_of(const char *name, const char *id)
{
	static const char nameless[] = "thread ";
	/* What comes after the process in `thread:PID.TID.LIFE`. */
	const char *tid = strncmp(id, "thread:", 7) == 0 ? strchr(id, '.') : NULL;
	const char *number = name + strlen(nameless);
	size_t length = tid ? strcspn(tid + 1, ".") : 0;

	return length > 0 && strncmp(name, nameless, strlen(nameless)) == 0 &&
			       strncmp(number, tid + 1, length) == 0 && number[length] == '\0'
		       ? number
		       : NULL;
}

/* Who has no name is told by his number, in few letters, or the number would be cut off. `id` is
 * NULL: nobody. */
static void add_whom(struct ilv_table *table, int64_t duration_ns, const char *name, const char *id)
{
	const char *number = name && id ? number_of(name, id) : NULL;
	char duration[40];

	if (!name) {
		ilv_table_text(table, "");
		return;
	}

	ilv_table_printf(table, "%s %s%s",
			 ilv_text_duration(table->style, duration_ns, duration, sizeof(duration)),
			 number ? "tid " : "", number ? number : name);
}

static uint32_t gauge_width(const struct ilv_table *table)
{
	return table->style->width < NARROW ? GAUGE_NARROW : GAUGE_WIDTH;
}

static void add_lock(struct ilv_table *table, const struct ilv_report_lock *lock, int64_t most_ns)
{
	bool has_waits = lock->waits.count > 0;

	add_name(table, "", lock->name, lock->id);
	ilv_table_count(table, lock->acquisition_count);
	add_contention(table, lock->acquisition_count, lock->contended_count, lock->in_vain_count);
	ilv_table_duration(table, has_waits ? lock->waits.total_ns : ILV_UNKNOWN);
	ilv_table_gauge(table, has_waits ? lock->waits.total_ns : 0, most_ns, gauge_width(table));
	ilv_table_duration(table, percentile(&lock->waits, 99));
	ilv_table_duration(table, percentile(&lock->holds, 99));
	add_whom(table, lock->holds.max_ns, lock->held_longest_by_name, lock->held_longest_by);
	add_whom(table, lock->waits.max_ns, lock->waited_longest_by_name, lock->waited_longest_by);
}

static void add_rest_of_locks(struct ilv_table *table, const struct ilv_report_lock *const *locks,
			      uint32_t count, int64_t most_ns)
{
	int64_t acquisition_count = 0;
	int64_t contended_count = 0;
	int64_t in_vain_count = 0;
	int64_t wait_ns = 0;

	for (uint32_t index = 0; index < count; index++) {
		acquisition_count += locks[index]->acquisition_count;
		contended_count += locks[index]->contended_count;
		in_vain_count += locks[index]->in_vain_count;
		wait_ns += locks[index]->waits.total_ns;
	}

	add_rest_name(table, count);
	ilv_table_count(table, acquisition_count);
	add_contention(table, acquisition_count, contended_count, in_vain_count);
	ilv_table_duration(table, wait_ns);
	ilv_table_gauge(table, wait_ns, most_ns, gauge_width(table));
	for (int column = 0; column < 4; column++) {
		ilv_table_text(table, "");
	}
}

enum ilv_status ilv_report_text_locks(const struct ilv_report_text *text)
{
	uint32_t count = text->run->lock_count;
	uint32_t shown = count <= LOCK_ROW_MAX ? count : LOCK_ROW_MAX - 1;
	const struct ilv_report_lock **locks = calloc(count ? count : 1, sizeof(*locks));
	struct ilv_table table;
	int64_t most_ns = 0;
	enum ilv_status status;

	if (!locks) {
		return ILV_STATUS_MEMORY;
	}

	for (uint32_t index = 0; index < count; index++) {
		locks[index] = &text->run->locks[index];
		most_ns = locks[index]->waits.total_ns > most_ns ? locks[index]->waits.total_ns
								 : most_ns;
	}
	qsort(locks, count, sizeof(*locks), by_wait);

	ilv_table_init(&table, text->style);
	ilv_table_column(&table, "Locks", false, NAME_MAX);
	ilv_table_column(&table, "taken", true, 0);
	ilv_table_column(&table, "contended", true, 0);
	ilv_table_column(&table, "in vain", true, 0);
	ilv_table_column(&table, "waited", true, 0);
	ilv_table_column(&table, "", false, 0);
	ilv_table_column_is_bar(&table);
	ilv_table_column(&table, "p99", true, 0);
	ilv_table_column(&table, "held p99", true, 0);
	ilv_table_column(&table, "held longest", false, WORDS_MAX);
	ilv_table_column(&table, "waited longest", false, WORDS_MAX);
	for (uint32_t index = 0; index < shown; index++) {
		add_lock(&table, locks[index], most_ns);
	}
	if (shown < count) {
		add_rest_of_locks(&table, locks + shown, count - shown, most_ns);
	}

	status = ilv_table_write(&table, text->stream);
	ilv_table_fini(&table);
	free(locks);
	return status;
}

/* What a task is called that is known by its id; NULL: there is none. */
static const char *task_name(const struct ilv_report_run *run, const char *id, char *text,
			     size_t size)
{
	const char *name = NULL;

	if (!id) {
		return NULL;
	}

	for (uint32_t index = 0; index < run->task_count && !name; index++) {
		if (strcmp(run->tasks[index].id, id) == 0) {
			name = run->tasks[index].name;
		}
	}

	return ilv_report_text_task(name, id, text, size);
}

enum ilv_status ilv_report_text_loops(const struct ilv_report_text *text)
{
	int64_t run_ns = text->run->end_ns - text->run->begin_ns;
	struct top top = {.limit = ROW_SHOWN};
	struct ilv_table table;
	enum ilv_status status;

	for (uint32_t index = 0; index < text->run->loop_count; index++) {
		add_to_top(&top, &text->run->loops[index],
			   text->run->loops[index].longest_callback_ns);
	}

	ilv_table_init(&table, text->style);
	ilv_table_column(&table, "Loops", false, NAME_MAX);
	ilv_table_column(&table, "tasks", true, 0);
	ilv_table_column(&table, "iterations", true, 0);
	ilv_table_column(&table, "polling", true, 0);
	ilv_table_column(&table, "", true, 0);
	ilv_table_column(&table, "longest callback", false, 30);
	ilv_table_column(&table, "stalls", true, 0);
	ilv_table_column(&table, "thread cut", true, 0);
	for (uint32_t index = 0; index < text->run->loop_count; index++) {
		const struct ilv_report_loop *loop = &text->run->loops[index];
		char name[NAME_SIZE];

		if (!is_in_top(&top, loop)) {
			continue;
		}

		add_name(&table, "", loop->name, loop->id);
		ilv_table_count(&table, loop->task_count);
		ilv_table_count(&table, loop->iteration_count);
		ilv_table_duration(&table, loop->poll_ns);
		if (loop->poll_ns != ILV_UNKNOWN && run_ns > 0) {
			ilv_table_percent(&table, (double)loop->poll_ns / (double)run_ns);
		} else {
			ilv_table_text(&table, "");
		}
		add_whom(&table, loop->longest_callback_ns,
			 task_name(text->run, loop->longest_callback_by, name, sizeof(name)),
			 loop->longest_callback_by);
		ilv_table_count(&table, loop->stall_count);
		ilv_table_count(&table, loop->thread_cut_count);
	}
	add_rest(&table, top.left_out_count);

	status = ilv_table_write(&table, text->stream);
	ilv_table_fini(&table);
	return status;
}

enum ilv_status ilv_report_text_pools(const struct ilv_report_text *text)
{
	struct top top = {.limit = ROW_SHOWN};
	struct ilv_table table;
	enum ilv_status status;

	for (uint32_t index = 0; index < text->run->pool_count; index++) {
		add_to_top(&top, &text->run->pools[index], text->run->pools[index].queue.total_ns);
	}

	ilv_table_init(&table, text->style);
	ilv_table_column(&table, "Pools", false, NAME_MAX);
	ilv_table_column(&table, "workers", true, 0);
	ilv_table_column(&table, "jobs", true, 0);
	ilv_table_column(&table, "failed", true, 0);
	ilv_table_column(&table, "cancelled", true, 0);
	ilv_table_column(&table, "queued p50", true, 0);
	ilv_table_column(&table, "p99", true, 0);
	ilv_table_column(&table, "served p50", true, 0);
	ilv_table_column(&table, "p99", true, 0);
	for (uint32_t index = 0; index < text->run->pool_count; index++) {
		const struct ilv_report_pool *pool = &text->run->pools[index];

		if (!is_in_top(&top, pool)) {
			continue;
		}

		add_name(&table, "", pool->name, pool->id);
		ilv_table_count(&table, pool->worker_count);
		ilv_table_count(&table, pool->job_count);
		ilv_table_count(&table, pool->failed_count);
		ilv_table_count(&table, pool->cancelled_count);
		ilv_table_duration(&table, percentile(&pool->queue, 50));
		ilv_table_duration(&table, percentile(&pool->queue, 99));
		ilv_table_duration(&table, percentile(&pool->service, 50));
		ilv_table_duration(&table, percentile(&pool->service, 99));
	}
	add_rest(&table, top.left_out_count);

	status = ilv_table_write(&table, text->stream);
	ilv_table_fini(&table);
	return status;
}
