/* SPDX-License-Identifier: MIT */
/* Description: threads, tasks and processes of a run, with what each waited most for, in words. */
#include "analysis/report/build.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysis/report/words.h"

#define WORDS_SIZE            256
#define SWITCH_COST_COUNT_MIN 100

/* More than a switch takes on any machine: there the thread's clock measured something else. */
#define SWITCH_COST_MAX_NS 10000

/* What serves the run or the recording within a process that does not is none of its doing: it has
 * a line of its own. */
static bool is_of_its_process(const struct ilv_entity *thread)
{
	return ilv_measures_counts(thread) || ilv_measures_role(thread) == thread->process->role;
}

/* Entities of which only UNKNOWN time was seen have no times. */
static bool has_times(const struct ilv_run_build *build, const struct ilv_entity_measures *of)
{
	return of->entity->kind != ILV_ENTITY_KIND_THREAD ||
	       (build->has_switches &&
		(of->state_ns[ILV_STATE_RUNNING] > 0 || of->state_ns[ILV_STATE_READY] > 0 ||
		 of->state_ns[ILV_STATE_WAITING] > 0 || of->state_ns[ILV_STATE_UNKNOWN] == 0));
}

static bool has_readiness(const struct ilv_run_build *build, const struct ilv_entity_measures *of)
{
	return of->entity->kind != ILV_ENTITY_KIND_THREAD || build->has_readiness;
}

/* With source rusage threads tell of themselves: of one that told nothing no count is known. */
static bool has_counts(const struct ilv_run_build *build, const struct ilv_entity_measures *of)
{
	return has_times(build, of) &&
	       (of->entity->is_recorded || build->facts->switch_source != ILV_SWITCH_SOURCE_RUSAGE);
}

static void build_times(const struct ilv_run_build *build, const struct ilv_entity_measures *of,
			struct ilv_report_times *times)
{
	bool is_known = has_times(build, of);
	int64_t waiting_ns = of->state_ns[ILV_STATE_WAITING];

	for (int reason = 0; reason <= ILV_WAIT_REASON_LOOP; reason++) {
		times->reason_ns[reason] =
			is_known || of->reason_ns[reason] > 0 ? of->reason_ns[reason] : ILV_UNKNOWN;
	}
	times->unknown_ns = of->state_ns[ILV_STATE_UNKNOWN];
	times->running_ns = ILV_UNKNOWN;
	times->runnable_ns = ILV_UNKNOWN;
	times->runnable_after_cut_ns = ILV_UNKNOWN;
	times->off_cpu_ns = ILV_UNKNOWN;
	times->waiting_ns = waiting_ns > 0 ? waiting_ns : ILV_UNKNOWN;
	if (!is_known) {
		return;
	}

	times->running_ns = of->state_ns[ILV_STATE_RUNNING];
	times->runnable_after_cut_ns = of->ready_after_cut_ns;
	times->waiting_ns = waiting_ns;
	times->off_cpu_ns = waiting_ns + of->state_ns[ILV_STATE_READY];
	if (has_readiness(build, of)) {
		times->runnable_ns = of->state_ns[ILV_STATE_READY];
	}
}

/* Whether it is known that LTTng worked in `process` after the fork that made it. */
static bool has_tracer_work(const struct ilv_process *process)
{
	return process && process->first_act_ns != INT64_MAX &&
	       process->tracer_begin_ns < process->first_act_ns;
}

/* Finds what `of` waited longest for: an executor, one lock, or one reason. NULL: for nothing. */
static char *name_longest_wait(struct ilv_run_build *build, const struct ilv_entity_measures *of,
			       int64_t *longest_ns)
{
	char words[WORDS_SIZE];
	int64_t reason_ns[ILV_WAIT_REASON_LOOP + 1];

	*longest_ns = of->state_ns[ILV_STATE_READY];
	(void)snprintf(words, sizeof(words), "%s",
		       of->entity->kind == ILV_ENTITY_KIND_THREAD ? "CPU" : "its turn");

	for (int reason = 0; reason <= ILV_WAIT_REASON_LOOP; reason++) {
		reason_ns[reason] = of->reason_ns[reason];
	}
	for (const struct ilv_lock_wait *wait = of->lock_waits; wait; wait = wait->next) {
		enum ilv_wait_reason reason = wait->lock->kind == ILV_SCHEDULER_KIND_GIL
						      ? ILV_WAIT_REASON_GIL
						      : ILV_WAIT_REASON_LOCK;

		reason_ns[reason] -= wait->wait_ns;
		if (wait->wait_ns <= *longest_ns) {
			continue;
		}

		*longest_ns = wait->wait_ns;
		if (wait->lock->name) {
			(void)snprintf(words, sizeof(words), "%s `%s`",
				       reason == ILV_WAIT_REASON_GIL ? "GIL" : "lock",
				       wait->lock->name);
		} else {
			ilv_scheduler_label(wait->lock, words, sizeof(words));
		}
	}
	if (has_tracer_work(of->entity->process)) {
		reason_ns[ILV_WAIT_REASON_NONE] -= of->before_act_ns;
		if (of->before_act_ns > *longest_ns) {
			*longest_ns = of->before_act_ns;
			(void)snprintf(words, sizeof(words), "the tracer");
		}
	}
	for (int reason = 0; reason <= ILV_WAIT_REASON_LOOP; reason++) {
		if (reason_ns[reason] > *longest_ns) {
			*longest_ns = reason_ns[reason];
			(void)snprintf(words, sizeof(words), "%s",
				       ilv_wait_reason_word((enum ilv_wait_reason)reason));
		}
	}

	return *longest_ns > 0 ? ilv_report_copy(build, words) : NULL;
}

bool ilv_report_is_unit(const struct ilv_run_build *build, const struct ilv_entity *entity)
{
	enum ilv_role role = ilv_measures_role(entity);

	if (!ilv_measures_counts(entity)) {
		return false;
	}

	/* Where nobody said what the run counts, every thread of the program is as good as the
	 * next. */
	if (build->run->is_implied) {
		return entity->kind == ILV_ENTITY_KIND_THREAD;
	}

	switch (build->run->unit) {
	case ILV_UNIT_THREAD:
		return entity->kind == ILV_ENTITY_KIND_THREAD && role == ILV_ROLE_JOB;
	case ILV_UNIT_TASK:
		return entity->kind == ILV_ENTITY_KIND_TASK;
	case ILV_UNIT_PROCESS:
		return entity->kind == ILV_ENTITY_KIND_THREAD && entity->process &&
		       entity->process->role == ILV_ROLE_JOB;
	case ILV_UNIT_POOL_JOB:
		return entity->kind == ILV_ENTITY_KIND_JOB;
	}

	return false;
}

/* See struct ilv_report_thread. Only for threads that lived within the run: their clock counts all
 * their life. */
static int64_t switch_cost_ns(const struct ilv_run_build *build,
			      const struct ilv_entity_measures *of)
{
	const struct ilv_entity *thread = of->entity;
	int64_t switch_count = (int64_t)(of->voluntary_count + of->involuntary_count);
	int64_t running_ns = of->state_ns[ILV_STATE_RUNNING];
	int64_t cost_ns;

	if (thread->cpu_ns < 0 || !has_times(build, of) || switch_count < SWITCH_COST_COUNT_MIN ||
	    build->facts->switch_source == ILV_SWITCH_SOURCE_RUSAGE ||
	    thread->begin_ns < build->run->begin_ns || thread->end_ns > build->run->end_ns) {
		return ILV_UNKNOWN;
	}

	/* What it ran after it had read its clock, until it was gone. */
	running_ns -= thread->end_ns - thread->cpu_read_ns;
	cost_ns = (thread->cpu_ns - running_ns) / switch_count;
	return thread->cpu_ns >= running_ns && cost_ns <= SWITCH_COST_MAX_NS ? cost_ns
									     : ILV_UNKNOWN;
}

static void build_thread(struct ilv_run_build *build, struct ilv_entity_measures *of,
			 struct ilv_report_thread *made)
{
	const struct ilv_entity *thread = of->entity;

	made->id = ilv_report_entity_id(build, thread);
	made->name = ilv_report_copy(build, ilv_entity_name(thread));
	made->pid = thread->process ? thread->process->pid : -1;
	made->tid = thread->tid;
	made->role = ilv_measures_role(thread);
	made->is_daemon = thread->is_daemon;
	made->is_unit = ilv_report_is_unit(build, thread);
	made->begin_ns = ilv_report_time_in_run(build, thread->begin_ns);
	made->end_ns = ilv_report_time_in_run(build, thread->end_ns);
	build_times(build, of, &made->times);
	made->voluntary_count = ILV_UNKNOWN;
	made->involuntary_count = ILV_UNKNOWN;
	made->cut_short_count = ILV_UNKNOWN;
	made->gave_way_count = ILV_UNKNOWN;
	made->migration_count = ILV_UNKNOWN;
	made->switch_cost_ns = switch_cost_ns(build, of);
	if (has_counts(build, of)) {
		made->voluntary_count = (int64_t)of->voluntary_count;
		made->involuntary_count = (int64_t)of->involuntary_count;
		made->migration_count = (int64_t)of->migration_count;
		made->gave_way_count = (int64_t)(of->stop_counts[ILV_CAUSE_BLOCKED] +
						 of->stop_counts[ILV_CAUSE_YIELDED]);
		if (build->facts->has_yields) {
			made->cut_short_count = (int64_t)(of->stop_counts[ILV_CAUSE_CUT] +
							  of->stop_counts[ILV_CAUSE_FORCED]);
		}
	}
	made->cpu_mask = of->executor_mask;
	made->waits_most_for = name_longest_wait(build, of, &made->waits_most_ns);
	ilv_report_copy_distribution(build, &made->slices, &of->slices);
	ilv_report_copy_distribution(build, &made->waits, &of->waits);
	made->outcome = of->outcome;
	made->is_done = of->is_done;
	made->is_abandoned = of->is_abandoned;
}

static void build_task(struct ilv_run_build *build, struct ilv_entity_measures *of,
		       struct ilv_report_task *made)
{
	const struct ilv_entity *task = of->entity;

	made->id = ilv_report_entity_id(build, task);
	made->name = ilv_report_copy(build, task->name);
	made->loop_id = ilv_report_scheduler_id(build, task->scheduler);
	made->is_unit = ilv_report_is_unit(build, task);
	made->begin_ns = ilv_report_time_in_run(build, task->begin_ns);
	made->end_ns = ilv_report_time_in_run(build, task->end_ns);
	build_times(build, of, &made->times);
	made->resume_count = (int64_t)of->slices.count;
	made->yield_count =
		(int64_t)(of->stop_counts[ILV_CAUSE_YIELDED] + of->stop_counts[ILV_CAUSE_BLOCKED]);
	/* Time above a thread of which nothing is known might all be stalled, or none of it. */
	made->stalled_ns =
		build->has_switches && of->unknown_beneath_ns == 0 ? of->stalled_ns : ILV_UNKNOWN;
	made->longest_slice_ns = of->slices.count > 0 ? of->slices.max_ns : ILV_UNKNOWN;
	made->outcome = of->outcome;
	made->is_done = of->is_done;
	made->is_abandoned = of->is_abandoned;
	made->waits_most_for = name_longest_wait(build, of, &made->waits_most_ns);
	ilv_report_copy_distribution(build, &made->slices, &of->slices);
	ilv_report_copy_distribution(build, &made->waits, &of->waits);
}

static void build_process(struct ilv_run_build *build, const struct ilv_process *process,
			  struct ilv_report_process *made)
{
	char id[WORDS_SIZE];

	ilv_process_id(process, id, sizeof(id));
	made->id = ilv_report_copy(build, id);
	made->name = ilv_report_copy(build, process->name);
	made->pid = process->pid;
	made->parent_pid = process->parent_pid;
	made->role = process->role;
	made->begin_ns = ilv_report_time_in_run(build, process->begin_ns);
	made->end_ns = ilv_report_time_in_run(build, process->end_ns);
	made->running_ns = ILV_UNKNOWN;
	made->spawn_ns = ilv_measures_spawn_ns(build->source->measures, process);
	made->spawn_tracer_ns = has_tracer_work(process)
					? process->first_act_ns - process->tracer_begin_ns
					: ILV_UNKNOWN;
	/* A process that went on to another run has begun to count anew. */
	made->memory_growth_bytes =
		process->memory_begin_bytes >= 0 && process->run == build->run
			? process->memory_peak_bytes - process->memory_begin_bytes
			: ILV_UNKNOWN;
	made->sent_event_count = process->claimed_event_count == UINT64_MAX
					 ? ILV_UNKNOWN
					 : (int64_t)process->claimed_event_count;
	made->received_event_count = (int64_t)process->event_count;
	made->exit_status = process->has_status ? process->status : ILV_UNKNOWN;
}

/* The report's entry for the process of `of`, made where it has none yet. */
static struct ilv_report_process *process_of(struct ilv_run_build *build, uint32_t *places,
					     const struct ilv_entity_measures *of)
{
	struct ilv_report_run *made = build->made;
	uint32_t index = of->entity->process->index;

	if (places[index] == 0) {
		places[index] = ++made->process_count;
		build_process(build, of->entity->process,
			      &made->processes[made->process_count - 1]);
	}

	return &made->processes[places[index] - 1];
}

void ilv_report_build_entities(struct ilv_run_build *build)
{
	struct ilv_report_run *made = build->made;
	uint32_t thread_count = 0;
	uint32_t task_count = 0;
	uint32_t job_count = 0;
	uint32_t process_count;
	uint32_t *places; /* by the process's index: its place in the report + 1 */

	(void)ilv_model_processes(build->source->model, &process_count);
	for (uint32_t index = 0; index < build->entity_count; index++) {
		thread_count += build->entities[index]->entity->kind == ILV_ENTITY_KIND_THREAD;
		task_count += build->entities[index]->entity->kind == ILV_ENTITY_KIND_TASK;
		job_count += build->entities[index]->entity->kind == ILV_ENTITY_KIND_JOB;
	}

	made->threads = ilv_report_array(build, thread_count, sizeof(*made->threads));
	made->tasks = ilv_report_array(build, task_count, sizeof(*made->tasks));
	made->jobs = ilv_report_array(build, job_count, sizeof(*made->jobs));
	made->processes = ilv_report_array(build, process_count, sizeof(*made->processes));
	places = ilv_report_array(build, process_count, sizeof(*places));

	for (uint32_t index = 0; index < build->entity_count && !build->is_out_of_memory; index++) {
		struct ilv_entity_measures *of = build->entities[index];
		struct ilv_report_process *process;

		if (of->entity->kind == ILV_ENTITY_KIND_TASK) {
			build_task(build, of, &made->tasks[made->task_count++]);
		}
		if (of->entity->kind == ILV_ENTITY_KIND_JOB) {
			build_task(build, of, &made->jobs[made->job_count++]);
		}
		if (of->entity->kind != ILV_ENTITY_KIND_THREAD) {
			continue;
		}

		build_thread(build, of, &made->threads[made->thread_count++]);
		process = process_of(build, places, of);
		if (!is_of_its_process(of->entity)) {
			continue;
		}
		process->thread_count++;
		if (has_times(build, of)) {
			process->running_ns =
				of->state_ns[ILV_STATE_RUNNING] +
				(process->running_ns == ILV_UNKNOWN ? 0 : process->running_ns);
		}
	}

	free(places);
}
