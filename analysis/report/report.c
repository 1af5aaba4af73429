/* SPDX-License-Identifier: MIT */
/* Description: gives back what a report owns. */
#include "analysis/report/report.h"

#include <stdlib.h>
#include <string.h>

static void destroy_schedulers(struct ilv_report_run *run)
{
	for (uint32_t index = 0; index < run->scheduler_count; index++) {
		struct ilv_report_scheduler *scheduler = &run->schedulers[index];

		free(scheduler->id);
		free(scheduler->name);
		ilv_distribution_fini(&scheduler->slices);
		ilv_distribution_fini(&scheduler->waits);
	}
	for (uint32_t index = 0; index < run->lock_count; index++) {
		struct ilv_report_lock *lock = &run->locks[index];

		free(lock->id);
		free(lock->name);
		free(lock->held_longest_by);
		free(lock->waited_longest_by);
		free(lock->held_longest_by_name);
		free(lock->waited_longest_by_name);
		ilv_distribution_fini(&lock->waits);
		ilv_distribution_fini(&lock->holds);
	}
	for (uint32_t index = 0; index < run->pool_count; index++) {
		struct ilv_report_pool *pool = &run->pools[index];

		free(pool->id);
		free(pool->name);
		ilv_distribution_fini(&pool->queue);
		ilv_distribution_fini(&pool->service);
	}
	for (uint32_t index = 0; index < run->loop_count; index++) {
		struct ilv_report_loop *loop = &run->loops[index];

		free(loop->id);
		free(loop->name);
		free(loop->thread_id);
		free(loop->longest_callback_by);
	}
	free(run->schedulers);
	free(run->locks);
	free(run->pools);
	free(run->loops);
}

static void fini_tasks(struct ilv_report_task *tasks, uint32_t count)
{
	for (uint32_t index = 0; index < count; index++) {
		struct ilv_report_task *task = &tasks[index];

		free(task->id);
		free(task->name);
		free(task->loop_id);
		free(task->waits_most_for);
		ilv_distribution_fini(&task->slices);
		ilv_distribution_fini(&task->waits);
	}
	free(tasks);
}

static void destroy_entities(struct ilv_report_run *run)
{
	for (uint32_t index = 0; index < run->thread_count; index++) {
		struct ilv_report_thread *thread = &run->threads[index];

		free(thread->id);
		free(thread->name);
		free(thread->waits_most_for);
		ilv_distribution_fini(&thread->slices);
		ilv_distribution_fini(&thread->waits);
	}
	fini_tasks(run->tasks, run->task_count);
	fini_tasks(run->jobs, run->job_count);
	for (uint32_t index = 0; index < run->process_count; index++) {
		free(run->processes[index].id);
		free(run->processes[index].name);
	}
	free(run->threads);
	free(run->processes);
}

static void destroy_phases(struct ilv_report_run *run)
{
	for (uint32_t index = 0; index < run->phase_count; index++) {
		struct ilv_report_phase *phase = &run->phases[index];

		for (uint32_t count = 0; count < phase->count_count; count++) {
			free(phase->counts[count].what);
			free(phase->counts[count].what_one);
		}
		for (uint32_t price = 0; price < phase->price_count; price++) {
			free(phase->prices[price].what);
		}
		free(phase->counts);
		free(phase->prices);
		free(phase->name);
		free(phase->entity_id);
		free(phase->series);
		free(phase->quantity);
	}
	free(run->phases);
}

void ilv_finding_fini(struct ilv_finding *finding)
{
	for (uint32_t index = 0; index < finding->entity_count; index++) {
		free(finding->entity_ids[index]);
	}
	free(finding->entity_ids);
	free(finding->id);
	free(finding->title);
	free(finding->text);
	free(finding->moment_entity_id);
	free(finding->moment_text);
	memset(finding, 0, sizeof(*finding));
}

static void destroy_findings(struct ilv_report_run *run)
{
	for (uint32_t index = 0; index < run->finding_count; index++) {
		ilv_finding_fini(&run->findings[index]);
	}
	free(run->findings);
}

bool ilv_report_says_same(const struct ilv_report_run *left, const struct ilv_report_run *right)
{
	if (left->note_count != right->note_count) {
		return false;
	}

	for (uint32_t index = 0; index < left->note_count; index++) {
		if (strcmp(left->notes[index], right->notes[index]) != 0) {
			return false;
		}
	}

	return true;
}

void ilv_report_destroy(struct ilv_report *report)
{
	if (!report) {
		return;
	}

	for (uint32_t index = 0; index < report->run_count; index++) {
		struct ilv_report_run *run = &report->runs[index];

		free(run->workload);
		free(run->runtime);
		free(run->variant);
		free(run->parameters);
		for (uint32_t note = 0; note < run->note_count; note++) {
			free(run->notes[note]);
		}
		destroy_schedulers(run);
		destroy_entities(run);
		destroy_findings(run);
		destroy_phases(run);
		ilv_distribution_fini(&run->sum.waits);
	}
	for (uint32_t index = 0; index < report->path_count; index++) {
		free(report->paths[index]);
	}
	free(report->runs);
	free(report->paths);
	free(report->other_events);
	free(report);
}
