/* SPDX-License-Identifier: MIT */
/* Description: a run made by hand for tests of pictures. */
#include "scene.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PID      100
#define SLICE_NS 4000000
#define CPU_MAX  8

static void add_thread(struct scene *scene, uint32_t index, enum ilv_role role, const char *name)
{
	struct scene_entity *made = &scene->entities[index];
	struct ilv_report_thread *thread = &scene->run.threads[scene->run.thread_count++];

	made->entity.kind = ILV_ENTITY_KIND_THREAD;
	made->entity.scheduler = &scene->kernel;
	made->entity.tid = PID + 1 + (int32_t)index;
	made->entity.role = role;
	snprintf(made->id, sizeof(made->id), "thread:%d.%d.0", PID, made->entity.tid);
	snprintf(made->name, sizeof(made->name), "%s", name);
	*thread = (struct ilv_report_thread){.id = made->id,
					     .name = made->name,
					     .pid = PID,
					     .tid = made->entity.tid,
					     .role = role,
					     .is_unit = role == ILV_ROLE_JOB};
}

static void add_task(struct scene *scene, uint32_t index)
{
	struct scene_entity *made = &scene->entities[index];
	struct ilv_report_task *task = &scene->run.tasks[scene->run.task_count++];

	made->entity.kind = ILV_ENTITY_KIND_TASK;
	made->entity.scheduler = &scene->loop;
	made->entity.number = index;
	snprintf(made->name, sizeof(made->name), "task %u", index);
	ilv_entity_id(&made->entity, made->id, sizeof(made->id));
	*task = (struct ilv_report_task){.id = made->id,
					 .name = made->name,
					 .loop_id = scene->report_loop.id,
					 .is_unit = true};
}

struct scene *scene_create(enum ilv_unit unit, uint32_t unit_count, uint32_t cpu_count)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct ilv_report_run *run;
	char loop_id[64];

	assert_non_null(scene);
	scene->origin_ns = 5000000000;
	scene->entity_count = unit_count + (unit == ILV_UNIT_TASK);
	scene->entities = calloc(scene->entity_count + 1, sizeof(*scene->entities));
	assert_non_null(scene->entities);
	scene->process = (struct ilv_process){.pid = PID, .parent_pid = -1};
	scene->kernel = (struct ilv_scheduler){.kind = ILV_SCHEDULER_KIND_KERNEL};
	scene->loop = (struct ilv_scheduler){.index = 1,
					     .kind = ILV_SCHEDULER_KIND_LOOP,
					     .discipline = ILV_DISCIPLINE_COOPERATIVE,
					     .process = &scene->process,
					     .address = 0x10,
					     .executor_count = 1};
	ilv_scheduler_id(&scene->loop, loop_id, sizeof(loop_id));

	scene->report = (struct ilv_report){.event_count = 1204,
					    .switch_source = ILV_SWITCH_SOURCE_PERF_WAKEUPS,
					    .has_yields = true,
					    .is_complete = true,
					    .cpu_count = cpu_count};
	run = &scene->run;
	run->workload = "mixed";
	run->runtime = unit == ILV_UNIT_TASK ? "event-loop" : "threads";
	run->parameters = "jobs=6";
	run->unit = unit;
	run->has_unit = true;
	run->cpu_count = cpu_count;
	run->absolute_begin_ns = scene->origin_ns;
	run->threads = calloc(scene->entity_count + 1, sizeof(*run->threads));
	run->tasks = calloc(scene->entity_count + 1, sizeof(*run->tasks));
	run->schedulers = scene->schedulers;
	run->schedulers[run->scheduler_count++] = (struct ilv_report_scheduler){
		.kind = ILV_SCHEDULER_KIND_KERNEL, .id = "kernel", .executor_count = cpu_count};
	run->findings = scene->findings;
	run->sum.unit_count = unit_count;
	run->sum.memory_bytes = ILV_UNKNOWN;
	run->sum.has_waits = true;
	assert_non_null(run->threads);
	assert_non_null(run->tasks);

	for (uint32_t i = 0; i < scene->entity_count; i++) {
		scene->entities[i].entity =
			(struct ilv_entity){.index = i, .process = &scene->process, .executor = -1};
		scene->entities[i].entity.subject = &scene->entities[i].entity;
		scene->entities[i].entity.name = scene->entities[i].name;
	}

	if (unit == ILV_UNIT_TASK) {
		scene->report_loop = (struct ilv_report_loop){.id = strdup(loop_id)};
		add_thread(scene, unit_count, ILV_ROLE_LOOP, "main");
		scene->report_loop.thread_id = scene->entities[unit_count].id;
		run->loops = &scene->report_loop;
		run->loop_count = 1;
		run->schedulers[run->scheduler_count++] =
			(struct ilv_report_scheduler){.kind = ILV_SCHEDULER_KIND_LOOP,
						      .discipline = ILV_DISCIPLINE_COOPERATIVE,
						      .id = scene->report_loop.id,
						      .executor_count = 1};
	}
	for (uint32_t i = 0; i < unit_count; i++) {
		char name[32];

		snprintf(name, sizeof(name), "thread %u", i);
		if (unit == ILV_UNIT_TASK) {
			add_task(scene, i);
		} else {
			add_thread(scene, i, ILV_ROLE_JOB, name);
		}
	}

	return scene;
}

void scene_destroy(struct scene *scene)
{
	ilv_distribution_fini(&scene->run.sum.waits);
	free(scene->report_loop.id);
	free(scene->run.threads);
	free(scene->run.tasks);
	free(scene->intervals);
	free(scene->entities);
	free(scene);
}

struct ilv_interval *scene_stay(struct scene *scene, uint32_t index, enum ilv_state state,
				int64_t end_ns)
{
	struct scene_entity *entity = &scene->entities[index];
	struct ilv_interval *interval;

	if (scene->interval_count == scene->interval_size) {
		scene->interval_size = scene->interval_size ? scene->interval_size * 2 : 64;
		scene->intervals =
			realloc(scene->intervals, scene->interval_size * sizeof(*scene->intervals));
		assert_non_null(scene->intervals);
	}

	interval = &scene->intervals[scene->interval_count++];
	*interval = (struct ilv_interval){.entity = &entity->entity,
					  .begin_ns = scene->origin_ns + entity->at_ns,
					  .end_ns = scene->origin_ns + end_ns,
					  .since_ns = scene->origin_ns + entity->at_ns,
					  .state = state,
					  .executor = -1,
					  .beneath = ILV_STATE_RUNNING,
					  .is_last = true};
	entity->at_ns = end_ns;
	return interval;
}

static int by_end(const void *a, const void *b)
{
	const struct ilv_interval *left = a;
	const struct ilv_interval *right = b;

	if (left->end_ns != right->end_ns) {
		return left->end_ns < right->end_ns ? -1 : 1;
	}
	if (left->begin_ns != right->begin_ns) {
		return left->begin_ns < right->begin_ns ? -1 : 1;
	}

	return left->entity->index < right->entity->index ? -1 : 1;
}

void scene_finish(struct scene *scene, int64_t duration_ns)
{
	scene->run.sum.duration_ns = duration_ns;
	scene->run.end_ns = duration_ns;
	if (scene->interval_count) {
		qsort(scene->intervals, scene->interval_count, sizeof(*scene->intervals), by_end);
	}
}

struct job {
	uint32_t bursts_left;
	int64_t left_ns;     /* of the burst */
	int64_t awake_at_ns; /* waits until then */
	int64_t queued_ns;   /* ready since then */
	bool is_started, is_done;
};

static void begin_ready(struct scene *scene, struct job *job, uint32_t index, int64_t now_ns,
			enum ilv_unit unit)
{
	struct ilv_interval *wait;

	if (!job->is_started || now_ns <= scene->entities[index].at_ns) {
		return;
	}

	wait = scene_stay(scene, index, ILV_STATE_WAITING, now_ns);
	wait->reason = unit == ILV_UNIT_TASK ? ILV_WAIT_REASON_SLEEP : ILV_WAIT_REASON_READ;
}

/* A small simulation: each executor takes whoever has been ready longest. */
void scene_play_jobs(struct scene *scene, uint32_t burst_count, int64_t burst_ns, int64_t wait_ns,
		     uint32_t cpu_count)
{
	enum ilv_unit unit = scene->run.unit;
	uint32_t job_count = (uint32_t)scene->run.sum.unit_count;
	struct job *jobs = calloc(job_count, sizeof(*jobs));
	int64_t free_at_ns[CPU_MAX] = {0};
	uint32_t executor_count = unit == ILV_UNIT_TASK ? 1 : cpu_count;
	int64_t slice_ns = unit == ILV_UNIT_TASK ? INT64_MAX : SLICE_NS;
	int64_t end_ns = 0;
	int64_t busy_ns = 0;
	uint32_t left = job_count;

	assert_non_null(jobs);
	assert_true(cpu_count <= CPU_MAX);
	for (uint32_t i = 0; i < job_count; i++) {
		jobs[i].bursts_left = burst_count;
		jobs[i].left_ns = burst_ns + burst_ns / 10 * (i % 3);
	}

	while (left > 0) {
		uint32_t executor = 0;
		uint32_t next = UINT32_MAX;
		struct job *job;
		struct ilv_interval *run;
		int64_t now_ns;
		int64_t ran_ns;

		for (uint32_t i = 1; i < executor_count; i++) {
			executor = free_at_ns[i] < free_at_ns[executor] ? i : executor;
		}
		for (uint32_t i = 0; i < job_count; i++) {
			if (!jobs[i].is_done &&
			    (next == UINT32_MAX || jobs[i].queued_ns < jobs[next].queued_ns)) {
				next = i;
			}
		}

		job = &jobs[next];
		now_ns = job->queued_ns > free_at_ns[executor] ? job->queued_ns
							       : free_at_ns[executor];
		if (unit == ILV_UNIT_TASK && now_ns > free_at_ns[0]) {
			struct scene_entity *thread = &scene->entities[job_count];

			if (thread->at_ns < free_at_ns[0]) {
				run = scene_stay(scene, job_count, ILV_STATE_RUNNING,
						 free_at_ns[0]);
				run->executor = 0;
				run->end_cause = ILV_CAUSE_BLOCKED;
			}
			scene_stay(scene, job_count, ILV_STATE_WAITING, now_ns)->reason =
				ILV_WAIT_REASON_LOOP;
		}
		begin_ready(scene, job, next, job->awake_at_ns, unit);
		if (now_ns > scene->entities[next].at_ns) {
			scene_stay(scene, next, ILV_STATE_READY, now_ns);
			assert_int_equal(ilv_distribution_add(&scene->run.sum.waits,
							      now_ns - job->queued_ns),
					 ILV_STATUS_OK);
		}

		ran_ns = job->left_ns < slice_ns ? job->left_ns : slice_ns;
		run = scene_stay(scene, next, ILV_STATE_RUNNING, now_ns + ran_ns);
		run->executor = unit == ILV_UNIT_TASK ? 0 : (int32_t)executor;
		job->is_started = true;
		job->left_ns -= ran_ns;
		busy_ns += ran_ns;
		now_ns += ran_ns;
		free_at_ns[executor] = now_ns;
		job->queued_ns = now_ns;
		job->awake_at_ns = now_ns;
		end_ns = now_ns > end_ns ? now_ns : end_ns;
		if (unit == ILV_UNIT_THREAD) {
			scene->run.threads[next].cpu_mask |= UINT64_C(1) << executor;
		}
		if (job->left_ns > 0) {
			run->end_cause = ILV_CAUSE_CUT;
			run->other = &scene->entities[(next + 1) % job_count].entity;
			scene->run.sum.cut_short_count++;
		} else if (--job->bursts_left == 0) {
			run->end_cause = ILV_CAUSE_FINISHED;
			job->is_done = true;
			left--;
		} else {
			run->end_cause =
				unit == ILV_UNIT_TASK ? ILV_CAUSE_YIELDED : ILV_CAUSE_BLOCKED;
			job->left_ns = burst_ns + burst_ns / 10 * ((next + job->bursts_left) % 3);
			job->awake_at_ns = now_ns + wait_ns;
			job->queued_ns = job->awake_at_ns;
			scene->run.sum.gave_way_count++;
		}
	}

	if (unit == ILV_UNIT_TASK) {
		struct ilv_interval *run =
			scene_stay(scene, job_count, ILV_STATE_RUNNING, free_at_ns[0]);

		run->executor = 0;
		run->end_cause = ILV_CAUSE_FINISHED;
		scene->run.threads[0].cpu_mask = 1;
	}
	scene->run.sum.cpus_busy = (double)busy_ns / (double)end_ns;
	scene_finish(scene, end_ns);
	free(jobs);
}

static enum ilv_status pass(void *context, uint32_t index, const struct ilv_picture_sink *sink)
{
	struct scene **scenes = context;
	const struct scene *scene = scenes[index];

	for (size_t i = 0; i < scene->interval_count; i++) {
		enum ilv_status status = sink->take(sink->context, &scene->intervals[i]);

		if (status < 0) {
			return status;
		}
	}

	return ILV_STATUS_OK;
}

char *scene_timeline(struct scene *scene, size_t *size)
{
	return scene_timeline_marks(scene, ILV_MARKS_DEFAULT, size);
}

char *scene_timeline_marks(struct scene *scene, uint32_t mark_limit, size_t *size)
{
	struct ilv_picture_source source = {pass, &scene};
	char *text = NULL;
	FILE *stream = open_memstream(&text, size);

	assert_non_null(stream);
	assert_int_equal(
		ilv_picture_timeline(&scene->report, &scene->run, &source, mark_limit, stream),
		ILV_STATUS_OK);
	fclose(stream);
	return text;
}

char *scene_text(struct scene *scene, const struct ilv_text_style *style)
{
	struct ilv_picture_source source = {pass, &scene};
	size_t size;
	char *text = NULL;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	assert_int_equal(ilv_picture_text(&scene->report, &scene->run, style, &source, stream),
			 ILV_STATUS_OK);
	fclose(stream);
	return text;
}

char *scene_compare(struct ilv_comparison *comparison, struct scene **scenes, size_t *size)
{
	struct ilv_picture_source source = {pass, scenes};
	char *text = NULL;
	FILE *stream = open_memstream(&text, size);

	assert_non_null(stream);
	assert_int_equal(ilv_picture_comparison(comparison, &source, ILV_MARKS_DEFAULT, stream),
			 ILV_STATUS_OK);
	fclose(stream);
	return text;
}
