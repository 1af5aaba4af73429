/* SPDX-License-Identifier: MIT */
/* Description: how the units of a run came to their ends, counted and in words. */
#include "analysis/report/endings.h"

#include <stdio.h>
#include <string.h>

#include "base/duration.h"

/* As many are called by name. */
#define NAME_MAX 3

struct endings {
	uint32_t unit_count;
	struct ilv_ending_counts counts;
	const char *names[ILV_ENDING_COUNT][NAME_MAX]; /* NULL: it has none */
};

static enum ilv_ending ending_of(bool is_done, enum ilv_outcome outcome, bool is_abandoned)
{
	static const enum ilv_ending endings[] = {
		[ILV_OUTCOME_RETURNED] = ILV_ENDING_RETURNED,
		[ILV_OUTCOME_FAILED] = ILV_ENDING_FAILED,
		[ILV_OUTCOME_CANCELLED] = ILV_ENDING_CANCELLED,
	};

	if (is_abandoned) {
		return ILV_ENDING_ABANDONED;
	}
	if (!is_done) {
		return ILV_ENDING_NONE;
	}

	return (size_t)outcome < sizeof(endings) / sizeof(endings[0]) ? endings[outcome]
								      : ILV_ENDING_OTHER;
}

enum ilv_ending ilv_ending_of_task(const struct ilv_report_task *task)
{
	return ending_of(task->is_done, task->outcome, task->is_abandoned);
}

enum ilv_ending ilv_ending_of_thread(const struct ilv_report_thread *thread)
{
	return ending_of(thread->is_done, thread->outcome, thread->is_abandoned);
}

enum ilv_ending ilv_ending_of_process(const struct ilv_report_process *process)
{
	return process->exit_status == ILV_UNKNOWN
		       ? ILV_ENDING_NONE
		       : ending_of(true, ilv_exit_outcome(process->exit_status), false);
}

const char *ilv_ending_word(enum ilv_ending ending)
{
	static const char *const words[ILV_ENDING_COUNT] = {
		[ILV_ENDING_RETURNED] = "returned",   [ILV_ENDING_FAILED] = "failed",
		[ILV_ENDING_CANCELLED] = "cancelled", [ILV_ENDING_ABANDONED] = "abandoned",
		[ILV_ENDING_OTHER] = "other",
	};

	return words[ending];
}

static void add(struct endings *endings, enum ilv_ending ending, const char *name)
{
	endings->unit_count++;
	if (endings->counts.of[ending] < NAME_MAX) {
		endings->names[ending][endings->counts.of[ending]] = name && name[0] ? name : NULL;
	}
	endings->counts.of[ending]++;
}

static void count(struct endings *endings, const struct ilv_report_run *run)
{
	for (uint32_t index = 0; index < run->thread_count; index++) {
		if (run->threads[index].is_unit) {
			add(endings, ilv_ending_of_thread(&run->threads[index]),
			    run->threads[index].name);
		}
	}
	endings->counts.abandoned_thread_count = endings->counts.of[ILV_ENDING_ABANDONED];
	for (uint32_t index = 0; index < run->task_count; index++) {
		if (run->tasks[index].is_unit) {
			add(endings, ilv_ending_of_task(&run->tasks[index]),
			    run->tasks[index].name);
		}
	}
	for (uint32_t index = 0; index < run->job_count; index++) {
		if (run->jobs[index].is_unit) {
			add(endings, ilv_ending_of_task(&run->jobs[index]), run->jobs[index].name);
		}
	}
}

struct ilv_ending_counts ilv_endings_count(const struct ilv_report_run *run)
{
	struct endings endings = {.unit_count = 0};

	count(&endings, run);
	return endings.counts;
}

/* " (daemon 2 and daemon 4)", of a few that have names. */
static void write_names(FILE *stream, const struct endings *endings, enum ilv_ending ending)
{
	const uint32_t name_count = endings->counts.of[ending];

	if (name_count > NAME_MAX) {
		return;
	}
	for (uint32_t index = 0; index < name_count; index++) {
		if (!endings->names[ending][index]) {
			return;
		}
	}

	for (uint32_t index = 0; index < name_count; index++) {
		(void)fprintf(stream, "%s%s",
			      index == 0                ? " ("
			      : index + 1 == name_count ? " and "
							: ", ",
			      endings->names[ending][index]);
	}
	(void)fputc(')', stream);
}

static void write_text(FILE *stream, const struct ilv_report_run *run,
		       const struct endings *endings)
{
	static const char *const units[][2] = {
		[ILV_UNIT_THREAD] = {"thread", "threads"},
		[ILV_UNIT_TASK] = {"task", "tasks"},
		[ILV_UNIT_PROCESS] = {"process", "processes"},
		[ILV_UNIT_POOL_JOB] = {"job", "jobs"},
	};
	/* One and many of them. */
	static const struct {
		enum ilv_ending ending;
		const char *words[2];
	} parts[] = {
		{ILV_ENDING_FAILED, {"failed", "failed"}},
		{ILV_ENDING_CANCELLED, {"was cancelled", "were cancelled"}},
		{ILV_ENDING_ABANDONED, {"ended with the program", "ended with the program"}},
	};
	const size_t part_count = sizeof(parts) / sizeof(parts[0]);
	const enum ilv_unit unit = run->has_unit ? run->unit : ILV_UNIT_THREAD;
	char number[ILV_DURATION_TEXT_SIZE];
	uint32_t left_count = 0;
	bool is_first = true;

	for (size_t index = 0; index < part_count; index++) {
		left_count += endings->counts.of[parts[index].ending] > 0;
	}
	if (left_count == 0) {
		return;
	}

	ilv_count_text(endings->unit_count, number, sizeof(number));
	for (size_t index = 0; index < part_count; index++) {
		if (endings->counts.of[parts[index].ending] == endings->unit_count) {
			if (endings->unit_count == 1) {
				(void)fprintf(stream, "The only %s %s", units[unit][0],
					      parts[index].words[0]);
				write_names(stream, endings, parts[index].ending);
				(void)fputc('.', stream);
				return;
			}

			(void)fprintf(stream, "None came to its own end: %s%s %s %s.",
				      endings->unit_count == 2 ? "both" : "all ",
				      endings->unit_count == 2 ? "" : number, units[unit][1],
				      parts[index].words[1]);
			return;
		}
	}

	(void)fprintf(stream, "Not all came to their own end: of %s %s ", number, units[unit][1]);
	for (size_t index = 0; index < part_count; index++) {
		const uint32_t part = endings->counts.of[parts[index].ending];

		if (part == 0) {
			continue;
		}
		left_count--;
		ilv_count_text(part, number, sizeof(number));
		(void)fprintf(stream, "%s%s %s",
			      is_first          ? ""
			      : left_count == 0 ? " and "
						: ", ",
			      number, parts[index].words[part != 1]);
		write_names(stream, endings, parts[index].ending);
		is_first = false;
	}
	(void)fputc('.', stream);
}

void ilv_endings_text(const struct ilv_report_run *run, char *text, size_t size)
{
	struct endings endings = {.unit_count = 0};
	FILE *stream = fmemopen(text, size, "w");

	text[0] = '\0';
	if (!stream) {
		return; /* What the tables say too is left out. */
	}

	count(&endings, run);
	write_text(stream, run, &endings);
	(void)fclose(stream);
	text[size - 1] = '\0';
}
