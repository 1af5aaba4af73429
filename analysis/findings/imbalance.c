/* SPDX-License-Identifier: MIT */
/*
 * Description: at the end of a run fewer units worked than there were executors for, since the
 * others had finished: the work was not shared evenly. With n units on k executors this begins when
 * the (n - k + 1)th has finished.
 */
#include <stdlib.h>

#include "analysis/findings/draft.h"
#include "analysis/findings/words.h"

/* The tail must last this share of the run, and the busiest unit have run this much longer than the
 * mean. */
#define TAIL_LIMIT 0.2
#define BUSY_LIMIT 1.3

struct worker {
	const char *id, *name;
	int64_t running_ns, end_ns;
	const struct ilv_report_thread *thread; /* NULL: a task */
};

static const char *label(const struct worker *worker)
{
	if (worker->thread) {
		return ilv_finding_thread_label(worker->thread);
	}

	return worker->name ? worker->name : worker->id;
}

static int by_end(const void *left, const void *right)
{
	int64_t left_ns = ((const struct worker *)left)->end_ns;
	int64_t right_ns = ((const struct worker *)right)->end_ns;

	return (left_ns > right_ns) - (left_ns < right_ns);
}

/* Whether `thread` is one of those that share the work. Where nobody said what the run counts, a
 * thread or a process that calls itself a job is. */
static bool is_worker(const struct ilv_report_run *measured, const struct ilv_report_thread *thread)
{
	if (measured->has_unit || !thread->is_unit || thread->role == ILV_ROLE_JOB) {
		return thread->is_unit;
	}

	for (uint32_t index = 0; index < measured->process_count; index++) {
		const struct ilv_report_process *process = &measured->processes[index];

		if (process->pid == thread->pid && process->role == ILV_ROLE_JOB) {
			return thread->tid == process->pid;
		}
	}

	return false;
}

static uint32_t collect(const struct ilv_report_run *measured, struct worker *workers)
{
	uint32_t count = 0;

	for (uint32_t index = 0; index < measured->thread_count; index++) {
		const struct ilv_report_thread *thread = &measured->threads[index];

		if (is_worker(measured, thread) && thread->times.running_ns != ILV_UNKNOWN) {
			workers[count++] =
				(struct worker){thread->id, thread->name, thread->times.running_ns,
						thread->end_ns, thread};
		}
	}

	for (uint32_t index = 0; measured->has_unit && index < measured->task_count; index++) {
		const struct ilv_report_task *task = &measured->tasks[index];

		if (task->is_unit && task->times.running_ns != ILV_UNKNOWN) {
			workers[count++] = (struct worker){
				task->id, task->name, task->times.running_ns, task->end_ns, NULL};
		}
	}

	return count;
}

static enum ilv_status judge(void *context, struct ilv_judgement *judgement)
{
	const struct ilv_report_run *measured = judgement->measured;
	const int64_t duration_ns = judgement->duration_ns;
	int64_t executor_count = judgement->cpu_count;
	struct worker *workers;
	const struct worker *busiest = NULL;
	int64_t tail_ns;
	double mean_ns = 0;
	uint32_t count;
	uint32_t first_idle;
	struct ilv_draft draft;
	enum ilv_status status = ILV_STATUS_OK;

	(void)context;
	if (measured->has_unit && measured->unit == ILV_UNIT_TASK) {
		executor_count = measured->loop_count;
	}

	workers = calloc(measured->thread_count + measured->task_count + 1, sizeof(*workers));
	if (!workers) {
		return ILV_STATUS_MEMORY;
	}

	count = collect(measured, workers);
	if (count < 2 || executor_count < 2 || duration_ns <= 0) {
		goto end;
	}

	qsort(workers, count, sizeof(*workers), by_end);
	for (uint32_t index = 0; index < count; index++) {
		mean_ns += (double)workers[index].running_ns / count;
		if (!busiest || workers[index].running_ns > busiest->running_ns) {
			busiest = &workers[index];
		}
	}

	/* Fewer than `executor_count` are left once this one has finished. */
	first_idle = count > (uint64_t)executor_count ? count - (uint32_t)executor_count : 0;
	tail_ns = workers[count - 1].end_ns - workers[first_idle].end_ns;
	/* Units that mostly wait are not workers whose load could be shared. */
	if (mean_ns * count < 0.2 * (double)duration_ns ||
	    (double)busiest->running_ns < BUSY_LIMIT * mean_ns ||
	    (double)tail_ns < TAIL_LIMIT * (double)duration_ns ||
	    /* Who ends late because it waited had no greater share of the work. */
	    busiest->end_ns <= workers[first_idle].end_ns ||
	    busiest->running_ns - workers[first_idle].running_ns < tail_ns / 2) {
		goto end;
	}

	draft = ilv_draft_begin(judgement, ILV_SEVERITY_NOTE);
	draft.finding.cost_ns = tail_ns;
	draft.finding.begin_ns = workers[first_idle].end_ns;
	draft.finding.end_ns = workers[count - 1].end_ns;
	ilv_draft_set_title(&draft, "Work shared unevenly");
	ilv_draft_add_id(&draft, busiest->id);
	ilv_draft_set_text(
		&draft,
		"Of %s %s computed most: %s, %.1f times the mean of %s. For the last %s, from when "
		"%s finished, there was too little work left to share. Divide it into smaller "
		"pieces that workers fetch when they are free.",
		ilv_finding_plural(count, "worker", "workers"), label(busiest),
		ilv_finding_duration(busiest->running_ns), (double)busiest->running_ns / mean_ns,
		ilv_finding_duration((int64_t)mean_ns), ilv_finding_duration(tail_ns),
		label(&workers[first_idle]));
	status = ilv_draft_finish(&draft);

end:
	free(workers);
	return status;
}

const struct ilv_finding_kind ilv_finding_imbalance = {
	.id = "imbalance",
	.judge = judge,
};
