/* SPDX-License-Identifier: MIT */
/* Description: which lanes of a run are worth drawing. */
#define HASH_NONFATAL_OOM 1
#include "viz/lanes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/endings.h"
#include "base/cause.h"
#include "base/duration.h"
#include "base/grow.h"
#include "viz/candidates.h"
#include "viz/tags.h"

/* A lock whose waits are less than this share of the run is not worth a lane. */
#define LOCK_WAIT_SHARE 0.01

/* Loops, GILs and pools beyond as many of a kind are left to the lanes of whom they serve. */
#define KIND_LIMIT 4

static struct ilv_lane *add_lane(struct ilv_lanes *lanes, enum ilv_lane_kind kind,
				 const char *label, const char *id, int32_t executor)
{
	struct ilv_lane *lane;

	if (ilv_grow((void **)&lanes->list, &lanes->size, lanes->count, sizeof(*lanes->list)) !=
	    ILV_STATUS_OK) {
		return NULL;
	}

	lane = &lanes->list[lanes->count];
	lane->kind = kind;
	lane->executor = executor;
	lane->scheduler_index = UINT32_MAX;
	lane->label = strdup(label);
	lane->id = id ? strdup(id) : NULL;
	lanes->count++; /* From here on destruction frees what there is. */
	return lane->label && (lane->id || !id) ? lane : NULL;
}

/* Finds the entry for `id`, or makes one. */
static struct ilv_lanes_name *want_name(struct ilv_lanes *lanes, const char *id)
{
	struct ilv_lanes_name *name = NULL;

	HASH_FIND_STR(lanes->names, id, name);
	if (name) {
		return name;
	}

	name = calloc(1, sizeof(*name));
	if (!name) {
		return NULL;
	}
	name->id = strdup(id);
	name->lane = UINT32_MAX;
	name->own_lane = UINT32_MAX;
	if (!name->id) {
		free(name);
		return NULL;
	}

	HASH_ADD_KEYPTR(hh, lanes->names, name->id, strlen(name->id), name);
	if (!name->hh.tbl) {
		free(name->id);
		free(name);
		return NULL;
	}

	return name;
}

const struct ilv_lanes_name *ilv_lanes_name(const struct ilv_lanes *lanes, const char *id)
{
	struct ilv_lanes_name *name = NULL;

	HASH_FIND_STR(lanes->names, id, name);
	return name;
}

/* Adds one lane an executor, or a band when they are too many. */
static bool add_executors(struct ilv_lanes *lanes, const char *id, const char *word, uint64_t mask,
			  uint32_t executor_count)
{
	char label[32];

	if (executor_count > ILV_LANES_EXECUTOR_LIMIT) {
		struct ilv_lane *band;

		snprintf(label, sizeof(label), "%u %ss", executor_count, word);
		band = add_lane(lanes, ILV_LANE_KIND_EXECUTOR_BAND, label, id, -1);
		if (!band) {
			return false;
		}
		band->member_count = executor_count;
		return true;
	}

	for (int32_t executor = 0; executor < 64; executor++) {
		snprintf(label, sizeof(label), "%s %d", word, executor);
		if ((mask >> executor & 1) &&
		    !add_lane(lanes, ILV_LANE_KIND_EXECUTOR, label, id, executor)) {
			return false;
		}
	}

	return true;
}

uint64_t ilv_lanes_cpus(const struct ilv_report_run *run)
{
	uint64_t mask = 0;

	for (uint32_t i = 0; i < run->thread_count; i++) {
		const struct ilv_report_thread *thread = &run->threads[i];

		if (thread->role != ILV_ROLE_RECORDER && thread->role != ILV_ROLE_TRACER) {
			mask |= thread->cpu_mask;
		}
	}

	return mask;
}

static bool add_cpus(struct ilv_lanes *lanes, uint64_t idle_mask)
{
	uint64_t mask = ilv_lanes_cpus(lanes->run);
	uint32_t cpu_count;

	if (mask) {
		mask |= idle_mask;
	}
	cpu_count = (uint32_t)__builtin_popcountll(mask);
	if (mask >> 63 && lanes->report->cpu_count > cpu_count) {
		/* The mask ends at CPU 63. */
		cpu_count = lanes->report->cpu_count;
	}

	return add_executors(lanes, "kernel", "CPU", mask, cpu_count);
}

static bool add_loops(struct ilv_lanes *lanes)
{
	const struct ilv_report_run *run = lanes->run;

	for (uint32_t i = 0; i < run->loop_count && i < KIND_LIMIT; i++) {
		const struct ilv_report_loop *loop = &run->loops[i];
		const char *label = run->loop_count == 1 ? "its thread"
				    : loop->name         ? loop->name
							 : "loop";
		struct ilv_lane *lane =
			add_lane(lanes, ILV_LANE_KIND_EXECUTOR, label, loop->id, -1);
		struct ilv_lanes_name *name;

		if (!lane) {
			return false;
		}
		if (!loop->thread_id) {
			continue;
		}
		lane->own_id = strdup(loop->thread_id);
		name = want_name(lanes, loop->thread_id);
		if (!lane->own_id || !name) {
			return false;
		}
		name->own_lane = lanes->count - 1;
	}

	return true;
}

static bool add_others(struct ilv_lanes *lanes)
{
	const struct ilv_report_run *run = lanes->run;
	uint32_t gil_count = 0;
	uint32_t pool_count = 0;

	for (uint32_t i = 0; i < run->scheduler_count; i++) {
		const struct ilv_report_scheduler *scheduler = &run->schedulers[i];
		uint32_t executor_count =
			scheduler->executor_count > 0 ? (uint32_t)scheduler->executor_count : 0;

		if (scheduler->kind == ILV_SCHEDULER_KIND_GIL && gil_count++ < KIND_LIMIT &&
		    !add_lane(lanes, ILV_LANE_KIND_EXECUTOR, "GIL", scheduler->id, -1)) {
			return false;
		}
		if (scheduler->kind == ILV_SCHEDULER_KIND_POOL && pool_count++ < KIND_LIMIT &&
		    !add_executors(lanes, scheduler->id, "worker",
				   executor_count < 64 ? (UINT64_C(1) << executor_count) - 1
						       : UINT64_MAX,
				   executor_count)) {
			return false;
		}
	}

	return true;
}

static bool has_lane_of(const struct ilv_lanes *lanes, const char *id)
{
	for (uint32_t i = 0; i < lanes->count; i++) {
		if (lanes->list[i].id && strcmp(lanes->list[i].id, id) == 0) {
			return true;
		}
	}

	return false;
}

/* "lock queue", but not "lock polled lock". */
static void name_lock(const char *name, char *label, size_t size)
{
	if (!name) {
		snprintf(label, size, "a lock");
	} else if (strstr(name, "lock") || strstr(name, "mutex")) {
		snprintf(label, size, "%s", name);
	} else {
		snprintf(label, size, "lock %s", name);
	}
}

/* What a finding speaks of is what the reader looks for. */
static bool is_in_findings(const struct ilv_report_run *run, const char *id)
{
	for (uint32_t i = 0; i < run->finding_count; i++) {
		const struct ilv_finding *finding = &run->findings[i];

		for (uint32_t j = 0; j < finding->entity_count; j++) {
			if (strcmp(finding->entity_ids[j], id) == 0) {
				return true;
			}
		}
	}

	return false;
}

/* Whether `lock` is worth a lane more than `other`. */
static bool tells_more(const struct ilv_report_run *run, const struct ilv_report_lock *lock,
		       const struct ilv_report_lock *other)
{
	bool is_named = is_in_findings(run, lock->id);
	bool is_other_named = is_in_findings(run, other->id);

	return is_named != is_other_named ? is_named : lock->waits.total_ns > other->waits.total_ns;
}

/* The locks that were waited for most, as long as somebody waited long enough to be seen. */
static bool add_locks(struct ilv_lanes *lanes, uint32_t limit)
{
	const struct ilv_report_run *run = lanes->run;

	for (uint32_t added = 0; added < limit; added++) {
		const struct ilv_report_lock *most = NULL;
		char label[80];

		for (uint32_t i = 0; i < run->lock_count; i++) {
			const struct ilv_report_lock *lock = &run->locks[i];

			if (lock->kind != ILV_LOCK_KIND_GIL && lock->id &&
			    !has_lane_of(lanes, lock->id) &&
			    (!most || tells_more(run, lock, most))) {
				most = lock;
			}
		}

		if (!most ||
		    (double)most->waits.total_ns < LOCK_WAIT_SHARE * (double)run->sum.duration_ns) {
			break;
		}

		name_lock(most->name, label, sizeof(label));
		if (!add_lane(lanes, ILV_LANE_KIND_EXECUTOR, label, most->id, -1)) {
			return false;
		}
	}

	return true;
}

/* What must be seen comes before what waited long: who a finding names, and most of all where its
 * number goes. */
static int64_t score_of(const struct ilv_report_run *run, const char *id, int64_t wait_ns)
{
	int64_t score = wait_ns / 4;

	for (uint32_t i = 0; i < run->finding_count; i++) {
		const struct ilv_finding *finding = &run->findings[i];

		if (finding->moment_entity_id && strcmp(finding->moment_entity_id, id) == 0) {
			return INT64_MAX - i;
		}
		for (uint32_t j = 0; j < finding->entity_count && j < 8; j++) {
			if (strcmp(finding->entity_ids[j], id) == 0) {
				score = INT64_MAX / 2 - i;
			}
		}
	}

	return score;
}

static void add_candidate(struct ilv_lanes *lanes, struct ilv_candidates *candidates,
			  const char *id, const char *name, const char *word, int32_t pid,
			  const char *group, bool is_unit, const struct ilv_distribution *waits,
			  int64_t most_ns, bool is_wanted)
{
	struct ilv_candidate *candidate = &candidates->list[candidates->count];
	int64_t wait_ns = waits->max_ns > most_ns ? waits->max_ns : most_ns;
	int64_t score = score_of(lanes->run, id, wait_ns);

	*candidate = (struct ilv_candidate){.id = id,
					    .pid = pid,
					    .group = group,
					    .is_unit = is_unit,
					    .order = candidates->count,
					    .score = score};
	if (is_wanted && score < INT64_MAX / 4) {
		candidate->score = INT64_MAX / 4;
	}
	if (name) {
		snprintf(candidate->label, sizeof(candidate->label), "%s", name);
	} else {
		const char *number = strrchr(id, '.');

		snprintf(candidate->label, sizeof(candidate->label), "%s %s", word,
			 number ? number + 1 : id);
	}
	candidates->count++;
}

/* Whether all workers of pools have a lane among the executors. */
static bool has_lane_each(const struct ilv_lanes *lanes)
{
	const struct ilv_report_run *run = lanes->run;
	int64_t executor_count = 0;
	int64_t thread_count = 0;
	uint32_t pool_count = 0;

	for (uint32_t i = 0; i < run->scheduler_count; i++) {
		const struct ilv_report_scheduler *scheduler = &run->schedulers[i];

		if (scheduler->kind == ILV_SCHEDULER_KIND_POOL && pool_count++ < KIND_LIMIT &&
		    scheduler->executor_count > 0 &&
		    scheduler->executor_count <= ILV_LANES_EXECUTOR_LIMIT) {
			executor_count += scheduler->executor_count;
		}
	}
	for (uint32_t i = 0; i < run->thread_count; i++) {
		thread_count += run->threads[i].role == ILV_ROLE_POOL;
	}

	return executor_count >= thread_count;
}

static bool collect(struct ilv_lanes *lanes, const struct ilv_lanes_limits *limits,
		    struct ilv_candidates *candidates)
{
	const struct ilv_report_run *run = lanes->run;
	bool has_units = run->task_count > 0 || run->job_count > 0;
	bool has_worker_lanes = has_lane_each(lanes);

	candidates->list = calloc((size_t)run->thread_count + run->task_count + run->job_count + 1,
				  sizeof(*candidates->list));
	if (!candidates->list) {
		return false;
	}

	for (uint32_t i = 0; i < run->thread_count; i++) {
		has_units |= run->threads[i].is_unit || run->threads[i].role == ILV_ROLE_JOB;
	}

	for (uint32_t i = 0; i < run->thread_count; i++) {
		const struct ilv_report_thread *thread = &run->threads[i];
		struct ilv_lanes_name *name = want_name(lanes, thread->id);
		bool is_unit = thread->is_unit || thread->role == ILV_ROLE_JOB;
		bool is_told;
		char word[32];

		if (!name) {
			return false;
		}
		name->is_foreign = thread->role == ILV_ROLE_SERVER ||
				   thread->role == ILV_ROLE_RECORDER ||
				   thread->role == ILV_ROLE_TRACER;
		name->order = i;
		if (thread->name && !name->label) {
			name->label = strdup(thread->name);
			if (!name->label) {
				return false;
			}
		}
		/* A worker's lane is its pool's, where each has one. Of a server only the CPUs'
		 * lanes tell. */
		is_told = ilv_tags_are_told(run, thread->id);
		if (name->is_foreign || name->own_lane != UINT32_MAX ||
		    (thread->role == ILV_ROLE_POOL && has_worker_lanes) ||
		    (limits->units_only && has_units && !is_unit && !is_told)) {
			continue;
		}

		snprintf(word, sizeof(word), "tid %d", thread->tid);
		add_candidate(lanes, candidates, thread->id, thread->name ? thread->name : word,
			      "thread", thread->pid, NULL, is_unit, &thread->waits,
			      thread->waits_most_ns,
			      is_told || ilv_ending_of_thread(thread) == ILV_ENDING_FAILED);
	}

	for (uint32_t i = 0; i < run->task_count; i++) {
		const struct ilv_report_task *task = &run->tasks[i];

		add_candidate(lanes, candidates, task->id, task->name, "task", -1, task->loop_id,
			      true, &task->waits, task->waits_most_ns,
			      ilv_ending_of_task(task) == ILV_ENDING_FAILED);
	}

	for (uint32_t i = 0; i < run->job_count; i++) {
		const struct ilv_report_task *job = &run->jobs[i];

		/* What a pool does besides, for its loop, say, its workers' lanes show. */
		if (run->has_unit && !job->is_unit && score_of(run, job->id, 0) == 0) {
			continue;
		}
		add_candidate(lanes, candidates, job->id, job->name, "job", -1, job->loop_id, true,
			      &job->waits, job->waits_most_ns,
			      ilv_ending_of_task(job) == ILV_ENDING_FAILED);
	}

	return true;
}

static bool add_entities(struct ilv_lanes *lanes, struct ilv_candidates *candidates, uint32_t limit)
{
	uint32_t chosen_count;
	uint32_t rest_lane = UINT32_MAX;

	ilv_candidates_tell_apart(candidates);
	chosen_count = ilv_candidates_choose(candidates, limit);
	for (uint32_t i = 0; i < candidates->count; i++) {
		struct ilv_candidate *candidate = &candidates->list[i];
		struct ilv_lanes_name *name = want_name(lanes, candidate->id);

		if (!name) {
			return false;
		}

		name->order = candidate->order;
		free(name->label);
		name->label = strdup(candidate->label);
		if (!name->label) {
			return false;
		}
		if (i < chosen_count) {
			struct ilv_lane *lane;

			lane = add_lane(lanes, ILV_LANE_KIND_ENTITY, candidate->label,
					candidate->id, -1);
			if (!lane) {
				return false;
			}
			lane->order = candidate->order;
			lane->has_tags = ilv_tags_are_told(lanes->run, candidate->id);
			lane->begins_group = i == 0 || !ilv_candidates_same_group(
							       candidate, &candidates->list[i - 1]);
			name->lane = lanes->count - 1;
			continue;
		}

		if (rest_lane == UINT32_MAX) {
			char count[ILV_DURATION_TEXT_SIZE];
			char label[64];
			struct ilv_lane *lane;
			uint32_t rest_count = candidates->count - chosen_count;

			ilv_count_text(rest_count, count, sizeof(count));
			snprintf(label, sizeof(label), "%s more", count);
			lane = add_lane(lanes, ILV_LANE_KIND_ENTITY_BAND, label, NULL, -1);
			if (!lane) {
				return false;
			}
			lane->member_count = rest_count;
			lane->begins_group = true;
			rest_lane = lanes->count - 1;
		}
		name->lane = rest_lane;
	}

	return true;
}

struct ilv_lanes *ilv_lanes_create(const struct ilv_report *report,
				   const struct ilv_report_run *run,
				   const struct ilv_lanes_limits *limits)
{
	struct ilv_lanes *lanes = calloc(1, sizeof(*lanes));
	struct ilv_candidates candidates = {0};
	bool is_done = false;

	if (!lanes) {
		goto end;
	}

	lanes->report = report;
	lanes->run = run;
	lanes->begin_ns = run->absolute_begin_ns;
	lanes->end_ns =
		run->absolute_begin_ns + (run->sum.duration_ns > 0 ? run->sum.duration_ns : 0);
	is_done = add_cpus(lanes, limits->cpu_mask) && add_loops(lanes) && add_others(lanes) &&
		  add_locks(lanes, limits->lock_limit) && collect(lanes, limits, &candidates) &&
		  add_entities(lanes, &candidates, limits->entity_limit) &&
		  ilv_losses_create(run, &lanes->losses) >= 0;

end:
	free(candidates.list);
	if (!is_done) {
		ilv_cause_add("Cannot choose lanes: not enough memory");
		ilv_lanes_destroy(lanes);
		return NULL;
	}

	return lanes;
}

void ilv_lanes_destroy(struct ilv_lanes *lanes)
{
	struct ilv_lanes_name *name;
	struct ilv_lanes_name *next;

	if (!lanes) {
		return;
	}

	for (uint32_t i = 0; i < lanes->count; i++) {
		ilv_lane_fini(&lanes->list[i]);
	}
	name = lanes->names;
	HASH_CLEAR(hh, lanes->names);
	for (; name; name = next) {
		next = name->hh.next;
		free(name->id);
		free(name->label);
		free(name);
	}
	ilv_lanes_free_targets(lanes);
	ilv_losses_destroy(lanes->losses);
	free(lanes->list);
	free(lanes);
}

struct ilv_lane *ilv_lanes_find(const struct ilv_lanes *lanes, const char *id)
{
	const struct ilv_lanes_name *name = ilv_lanes_name(lanes, id);

	if (name && name->lane != UINT32_MAX &&
	    lanes->list[name->lane].kind == ILV_LANE_KIND_ENTITY) {
		return &lanes->list[name->lane];
	}
	if (name && name->own_lane != UINT32_MAX) {
		return &lanes->list[name->own_lane];
	}

	for (uint32_t i = 0; i < lanes->count; i++) {
		const struct ilv_lane *lane = &lanes->list[i];

		if ((lane->own_id && strcmp(lane->own_id, id) == 0) ||
		    (lane->id && lane->executor < 0 && strcmp(lane->id, id) == 0)) {
			return &lanes->list[i];
		}
	}

	return NULL;
}
