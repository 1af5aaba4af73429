/* SPDX-License-Identifier: MIT */
/* Description: which lanes are chosen, and which lane and ink an interval goes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"
#include "viz/lanes.h"

static const struct ilv_lanes_limits limits = {.entity_limit = 24, .lock_limit = 1};

static struct ilv_lanes *fill(struct scene *scene, const struct ilv_lanes_limits *chosen)
{
	const struct ilv_lanes_scale scale = {.fold_ns = 1, .band_columns = 10};
	struct ilv_lanes *lanes = ilv_lanes_create(&scene->report, &scene->run, chosen);

	assert_non_null(lanes);
	assert_int_equal(ilv_lanes_set_scale(lanes, &scale), ILV_STATUS_OK);
	for (size_t i = 0; i < scene->interval_count; i++) {
		assert_int_equal(ilv_lanes_take(lanes, &scene->intervals[i]), ILV_STATUS_OK);
	}

	return lanes;
}

static void states_have_their_inks(void **state)
{
	static const struct {
		enum ilv_state state;
		enum ilv_wait_reason reason;
		enum ilv_state beneath;
		enum ilv_ink ink;
	} rows[] = {
		{ILV_STATE_RUNNING, ILV_WAIT_REASON_NONE, ILV_STATE_RUNNING, ILV_INK_RUN},
		{ILV_STATE_RUNNING, ILV_WAIT_REASON_NONE, ILV_STATE_READY, ILV_INK_STALLED},
		{ILV_STATE_RUNNING, ILV_WAIT_REASON_NONE, ILV_STATE_WAITING, ILV_INK_STALLED},
		{ILV_STATE_RUNNING, ILV_WAIT_REASON_NONE, ILV_STATE_UNKNOWN, ILV_INK_RUN},
		{ILV_STATE_READY, ILV_WAIT_REASON_NONE, ILV_STATE_RUNNING, ILV_INK_READY},
		{ILV_STATE_WAITING, ILV_WAIT_REASON_LOCK, ILV_STATE_RUNNING, ILV_INK_LOCK},
		{ILV_STATE_WAITING, ILV_WAIT_REASON_GIL, ILV_STATE_RUNNING, ILV_INK_GIL},
		{ILV_STATE_WAITING, ILV_WAIT_REASON_READ, ILV_STATE_RUNNING, ILV_INK_IO},
		{ILV_STATE_WAITING, ILV_WAIT_REASON_CHILD, ILV_STATE_RUNNING, ILV_INK_IO},
		{ILV_STATE_WAITING, ILV_WAIT_REASON_POOL_JOB, ILV_STATE_RUNNING, ILV_INK_IO},
		{ILV_STATE_WAITING, ILV_WAIT_REASON_LOOP, ILV_STATE_RUNNING, ILV_INK_POLL},
		{ILV_STATE_WAITING, ILV_WAIT_REASON_SLEEP, ILV_STATE_RUNNING, ILV_INK_IDLE},
		{ILV_STATE_WAITING, ILV_WAIT_REASON_TASK, ILV_STATE_RUNNING, ILV_INK_IDLE},
		{ILV_STATE_UNKNOWN, ILV_WAIT_REASON_NONE, ILV_STATE_RUNNING, ILV_INK_LOST},
		{ILV_STATE_DONE, ILV_WAIT_REASON_NONE, ILV_STATE_RUNNING, ILV_INK_COUNT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct ilv_entity task = {.kind = ILV_ENTITY_KIND_TASK};
		struct ilv_interval interval = {.entity = &task,
						.state = rows[i].state,
						.reason = rows[i].reason,
						.beneath = rows[i].beneath};

		assert_int_equal(ilv_ink_of(&interval), rows[i].ink);
	}
}

static void ends_have_their_signs(void **state)
{
	struct ilv_interval interval = {
		.state = ILV_STATE_RUNNING, .end_cause = ILV_CAUSE_CUT, .is_last = true};

	(void)state;
	assert_int_equal(ilv_sign_of(&interval), ILV_SIGN_CUT);
	interval.end_cause = ILV_CAUSE_FORCED;
	assert_int_equal(ilv_sign_of(&interval), ILV_SIGN_FORCED);
	interval.end_cause = ILV_CAUSE_BLOCKED;
	assert_int_equal(ilv_sign_of(&interval), ILV_SIGN_GAVE_WAY);
	interval.end_cause = ILV_CAUSE_YIELDED;
	assert_int_equal(ilv_sign_of(&interval), ILV_SIGN_GAVE_WAY);
	interval.end_cause = ILV_CAUSE_FINISHED;
	assert_int_equal(ilv_sign_of(&interval), ILV_SIGN_DONE);
	interval.is_last = false;
	assert_int_equal(ilv_sign_of(&interval), ILV_SIGN_NONE);
	interval.is_last = true;
	interval.state = ILV_STATE_READY;
	assert_int_equal(ilv_sign_of(&interval), ILV_SIGN_NONE);
}

/* A thread that runs shows in its own lane and on its CPU, one rule for both. */
static void running_shows_on_entity_and_executor(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 2, 2);
	struct ilv_interval *run;
	struct ilv_lanes *lanes;

	(void)state;
	scene->run.threads[0].cpu_mask = 3;
	scene_stay(scene, 0, ILV_STATE_READY, 100);
	run = scene_stay(scene, 0, ILV_STATE_RUNNING, 300);
	run->executor = 1;
	run->end_cause = ILV_CAUSE_CUT;
	run->other = &scene->entities[1].entity;
	scene_finish(scene, 1000);
	lanes = fill(scene, &limits);

	assert_int_equal(lanes->count, 4);
	assert_string_equal(lanes->list[0].label, "CPU 0");
	assert_int_equal(lanes->list[0].shown.count, 0);
	assert_int_equal(lanes->list[1].shown.count, 1);
	assert_string_equal(lanes->list[1].shown.list[0].who, "thread 0");
	assert_int_equal(lanes->list[1].signs[ILV_SIGN_CUT].count, 0);
	assert_string_equal(lanes->list[2].label, "thread 0");
	assert_int_equal(lanes->list[2].shown.count, 2);
	assert_string_equal(lanes->list[2].shown.list[1].who, "thread 1");
	assert_int_equal(lanes->list[2].signs[ILV_SIGN_CUT].count, 1);
	assert_ptr_equal(ilv_lanes_find(lanes, scene->entities[0].id), &lanes->list[2]);
	ilv_lanes_destroy(lanes);
	scene_destroy(scene);
}

/* The cut of a loop's thread is the executor's: no task was cut. */
static void cuts_of_a_loops_thread_show_on_its_lane(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_TASK, 1, 1);
	struct ilv_interval *run;
	struct ilv_lanes *lanes;
	const struct ilv_lane *executor;
	const struct ilv_lane *task;

	(void)state;
	run = scene_stay(scene, 0, ILV_STATE_RUNNING, 100);
	run->executor = 0;
	run->is_last = false;
	run = scene_stay(scene, 0, ILV_STATE_RUNNING, 250);
	run->executor = 0;
	run->beneath = ILV_STATE_READY;
	run->is_last = false;
	run = scene_stay(scene, 0, ILV_STATE_RUNNING, 300);
	run->executor = 0;
	run->end_cause = ILV_CAUSE_YIELDED;
	scene_stay(scene, 1, ILV_STATE_RUNNING, 100)->end_cause = ILV_CAUSE_CUT;
	scene_stay(scene, 1, ILV_STATE_READY, 250);
	scene_stay(scene, 1, ILV_STATE_RUNNING, 400)->end_cause = ILV_CAUSE_BLOCKED;
	scene_stay(scene, 1, ILV_STATE_WAITING, 900)->reason = ILV_WAIT_REASON_LOOP;
	scene_finish(scene, 1000);
	lanes = fill(scene, &limits);

	executor = ilv_lanes_find(lanes, scene->entities[1].id);
	task = ilv_lanes_find(lanes, scene->entities[0].id);
	assert_non_null(executor);
	assert_non_null(task);
	assert_int_equal(executor->kind, ILV_LANE_KIND_EXECUTOR);
	assert_int_equal(executor->signs[ILV_SIGN_CUT].count, 1);
	assert_int_equal(executor->signs[ILV_SIGN_GAVE_WAY].count, 0);
	assert_int_equal(executor->own.count, 2);
	assert_int_equal(executor->own.list[1].ink, ILV_INK_POLL);
	assert_int_equal(executor->shown.count, 3);
	assert_int_equal(executor->shown.list[1].ink, ILV_INK_STALLED);
	assert_int_equal(task->signs[ILV_SIGN_CUT].count, 0);
	assert_int_equal(task->signs[ILV_SIGN_GAVE_WAY].count, 1);
	assert_int_equal(task->shown.list[1].ink, ILV_INK_STALLED);
	ilv_lanes_destroy(lanes);
	scene_destroy(scene);
}

static void the_rest_becomes_one_band(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 100, 1);
	char *named[] = {scene->entities[77].id};
	struct ilv_lanes *lanes;
	const struct ilv_lane *band;
	int64_t covering[ILV_INK_COUNT] = {0};
	int64_t sums[ILV_INK_COUNT];

	(void)state;
	scene->run.threads[42].waits_most_ns = 1000000;
	scene->run.findings[0] = (struct ilv_finding){.entity_ids = named, .entity_count = 1};
	scene->run.finding_count = 1;
	for (uint32_t i = 0; i < 100; i++) {
		scene_stay(scene, i, ILV_STATE_READY, 1000);
	}
	scene_finish(scene, 1000);
	lanes = fill(scene, &limits);

	assert_int_equal(lanes->count, 24);
	assert_non_null(ilv_lanes_find(lanes, scene->entities[42].id));
	assert_non_null(ilv_lanes_find(lanes, scene->entities[77].id));
	assert_null(ilv_lanes_find(lanes, scene->entities[99].id));
	band = &lanes->list[23];
	assert_int_equal(band->kind, ILV_LANE_KIND_ENTITY_BAND);
	assert_int_equal(band->member_count, 77);
	assert_string_equal(band->label, "77 more");
	ilv_grid_sum(&band->grid, 0, covering, sums);
	assert_int_equal(sums[ILV_INK_READY], 77 * 100);
	ilv_lanes_destroy(lanes);
	scene_destroy(scene);
}

/* The wait of entity 0 for `reason` that ends at `end_ns`, and the edge that ends it. */
static void wait_and_edge(struct scene *scene, struct ilv_lanes *lanes, enum ilv_edge_kind kind,
			  enum ilv_wait_reason reason, int64_t begin_ns, int64_t end_ns)
{
	const struct ilv_edge edge = {.kind = kind,
				      .from = &scene->entities[1].entity,
				      .to = &scene->entities[0].entity,
				      .from_ns = scene->origin_ns + end_ns,
				      .to_ns = scene->origin_ns + end_ns};
	struct ilv_interval *wait;

	scene->entities[0].at_ns = begin_ns;
	wait = scene_stay(scene, 0, ILV_STATE_WAITING, end_ns);
	wait->reason = reason;
	assert_int_equal(ilv_lanes_take(lanes, wait), ILV_STATUS_OK);
	assert_int_equal(ilv_lanes_take_edge(lanes, &edge), ILV_STATUS_OK);
}

/* Arrows that end the longest waits are kept; what a timer ended is nobody's doing. */
static void arrows_end_long_waits(void **state)
{
	const struct ilv_lanes_scale scale = {
		.fold_ns = 1, .band_columns = 10, .arrow_wait_ns = 50, .arrow_spacing_ns = 40};
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 2, 1);
	struct ilv_lanes *lanes;
	const struct ilv_arrow *arrows;
	uint32_t count;

	(void)state;
	scene_finish(scene, 1000000);
	lanes = ilv_lanes_create(&scene->report, &scene->run, &limits);
	assert_non_null(lanes);
	assert_int_equal(ilv_lanes_set_scale(lanes, &scale), ILV_STATUS_OK);

	wait_and_edge(scene, lanes, ILV_EDGE_KIND_WAKEUP, ILV_WAIT_REASON_COND, 0, 100);
	wait_and_edge(scene, lanes, ILV_EDGE_KIND_WAKEUP, ILV_WAIT_REASON_COND, 150, 190);
	wait_and_edge(scene, lanes, ILV_EDGE_KIND_WAKEUP, ILV_WAIT_REASON_SLEEP, 200, 400);
	assert_int_equal(ilv_arrows_drawn(&lanes->arrows, ILV_ARROW_WAKE_UP), 1);
	assert_int_equal(lanes->arrows.list[ILV_ARROW_WAKE_UP][0].waited_ns, 100);
	assert_string_equal(lanes->list[lanes->arrows.list[ILV_ARROW_WAKE_UP][0].from_lane].label,
			    "thread 1");

	for (int64_t i = 1; i <= 1000; i++) {
		wait_and_edge(scene, lanes, ILV_EDGE_KIND_WAKEUP, ILV_WAIT_REASON_COND, i * 1000,
			      i * 1000 + 100 + (i * 7) % 1000 % 800);
	}
	arrows = lanes->arrows.list[ILV_ARROW_WAKE_UP];
	count = ilv_arrows_drawn(&lanes->arrows, ILV_ARROW_WAKE_UP);
	assert_in_range(count, 2, ILV_ARROW_LIMIT);
	for (uint32_t i = 0; i < count; i++) {
		assert_in_range(arrows[i].waited_ns, 880, 899);
	}
	assert_int_equal(ilv_arrows_drawn(&lanes->arrows, ILV_ARROW_LOCK), 0);
	ilv_lanes_destroy(lanes);
	scene_destroy(scene);
}

/* Few spawns are drawn, many are not, for a choice among them would tell nothing. */
static void many_spawns_are_left_out(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 2, 1);
	const struct ilv_edge spawn = {.kind = ILV_EDGE_KIND_SPAWN,
				       .from = &scene->entities[0].entity,
				       .to = &scene->entities[1].entity,
				       .from_ns = scene->origin_ns + 5,
				       .to_ns = scene->origin_ns + 9};
	const struct ilv_edge outside = {.kind = ILV_EDGE_KIND_SPAWN,
					 .from = &scene->entities[0].entity,
					 .to = &scene->entities[1].entity,
					 .from_ns = scene->origin_ns - 5,
					 .to_ns = scene->origin_ns + 9};
	struct ilv_lanes *lanes;

	(void)state;
	scene_finish(scene, 1000);
	lanes = fill(scene, &limits);
	assert_int_equal(ilv_lanes_take_edge(lanes, &outside), ILV_STATUS_OK);
	assert_int_equal(ilv_arrows_drawn(&lanes->arrows, ILV_ARROW_SPAWN), 0);
	for (uint32_t i = 0; i < ILV_ARROW_LIMIT; i++) {
		assert_int_equal(ilv_lanes_take_edge(lanes, &spawn), ILV_STATUS_OK);
	}
	assert_int_equal(ilv_arrows_drawn(&lanes->arrows, ILV_ARROW_SPAWN), ILV_ARROW_LIMIT);
	assert_int_equal(ilv_lanes_take_edge(lanes, &spawn), ILV_STATUS_OK);
	assert_int_equal(ilv_arrows_drawn(&lanes->arrows, ILV_ARROW_SPAWN), 0);
	ilv_lanes_destroy(lanes);
	scene_destroy(scene);
}

/* By one character, and yet nobody is taken for another. */
static void holders_are_told_apart_by_a_character(void **state)
{
	static const struct {
		const char *name;
		char holder;
	} rows[] = {{"job 4", '4'},  {"job 14", 'E'}, {"job 10", 'A'},
		    {"job 35", 'Z'}, {"job 36", '+'}, {"3d model", '?'},
		    {"alpha", 'a'},  {"Alpha", 'a'},  {"\xc3\xa9t\xc3\xa9", '?'}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct ilv_lanes_scale scale = {
			.fold_ns = 1, .band_columns = 10, .all_columns = true};
		struct scene *scene = scene_create(ILV_UNIT_THREAD, 1, 1);
		struct ilv_lanes *lanes;

		scene_stay(scene, 0, ILV_STATE_RUNNING, 1000)->executor = 0;
		scene_finish(scene, 1000);
		scene->run.threads[0].cpu_mask = 1;
		scene->run.threads[0].name = (char *)rows[i].name;
		lanes = ilv_lanes_create(&scene->report, &scene->run, &limits);
		assert_int_equal(ilv_lanes_set_scale(lanes, &scale), ILV_STATUS_OK);
		assert_int_equal(ilv_lanes_take(lanes, &scene->intervals[0]), ILV_STATUS_OK);
		assert_string_equal(lanes->list[0].label, "CPU 0");
		assert_int_equal(lanes->list[0].grid.holders[5], rows[i].holder);
		ilv_lanes_destroy(lanes);
		scene_destroy(scene);
	}
}

/* Of contended locks the one that a finding speaks of is drawn, else the most waited for; none is
 * called "lock ... lock". */
static void the_lock_of_a_finding_has_a_lane(void **state)
{
	struct ilv_report_lock locks[] = {
		{.id = (char *)"lock:1", .name = (char *)"call mutex", .waits.total_ns = 900},
		{.id = (char *)"lock:2", .name = (char *)"resource", .waits.total_ns = 800}};
	char *entities[] = {(char *)"thread:9", (char *)"lock:2"};

	(void)state;
	for (uint32_t finding_count = 0; finding_count <= 1; finding_count++) {
		struct scene *scene = scene_create(ILV_UNIT_THREAD, 2, 1);
		struct ilv_lanes *lanes;

		scene->run.locks = locks;
		scene->run.lock_count = 2;
		scene->run.findings[0] = (struct ilv_finding){
			.id = (char *)"contended-lock", .entity_ids = entities, .entity_count = 2};
		scene->run.finding_count = finding_count;
		scene_finish(scene, 1000);
		lanes = fill(scene, &limits);
		assert_string_equal(lanes->list[0].id, finding_count ? "lock:2" : "lock:1");
		assert_string_equal(lanes->list[0].label,
				    finding_count ? "lock resource" : "call mutex");
		assert_int_equal(lanes->count, 3);
		ilv_lanes_destroy(lanes);
		scene_destroy(scene);
	}
}

static void share(struct scene *scene, struct ilv_lanes *lanes, enum ilv_mark_kind kind,
		  uint32_t index, int64_t time_ns, int64_t before, int64_t after)
{
	const struct ilv_mark mark = {.kind = kind,
				      .entity = &scene->entities[index].entity,
				      .time_ns = scene->origin_ns + time_ns,
				      .address = 0x30,
				      .value_before = before,
				      .value_after = after};

	assert_int_equal(ilv_lanes_take_mark(lanes, &mark), ILV_STATUS_OK);
}

/* Thread 1 writes 1, and thread 0, which had read before, writes its own 1 over it. */
static struct ilv_lanes *lose_one(struct scene *scene, int64_t found_count)
{
	const struct ilv_lanes_scale scale = {.fold_ns = 1, .band_columns = 10};
	struct ilv_lanes *lanes;

	scene->run.findings[0] = (struct ilv_finding){
		.id = "lost-update", .affected_count = found_count, .total_count = 3};
	scene->run.finding_count = 1;
	scene_finish(scene, 1000);
	lanes = ilv_lanes_create(&scene->report, &scene->run, &limits);
	assert_non_null(lanes);
	assert_int_equal(ilv_lanes_set_scale(lanes, &scale), ILV_STATUS_OK);
	share(scene, lanes, ILV_MARK_KIND_SHARED_READ, 0, 10, 0, 0);
	share(scene, lanes, ILV_MARK_KIND_SHARED_READ, 1, 20, 0, 0);
	share(scene, lanes, ILV_MARK_KIND_SHARED_WRITE, 1, 30, 0, 1);
	share(scene, lanes, ILV_MARK_KIND_SHARED_WRITE, 0, 40, 0, 1);
	share(scene, lanes, ILV_MARK_KIND_SHARED_READ, 1, 50, 1, 1);
	share(scene, lanes, ILV_MARK_KIND_SHARED_WRITE, 1, 60, 1, 2);
	/* What a pass told of is gone when lanes are settled. */
	for (uint32_t i = 0; i < scene->entity_count; i++) {
		memset(&scene->entities[i].entity, 0x7f, sizeof(scene->entities[i].entity));
	}
	assert_int_equal(ilv_lanes_settle(lanes), ILV_STATUS_OK);
	return lanes;
}

/* Few are crossed out where they were written; of many, or of others than the report's, none. */
static void lost_writes_are_crossed_out(void **state)
{
	static const struct {
		int64_t found_count;
		size_t crossed_count;
	} rows[] = {{1, 1}, {2, 0}, {41, 0}, {ILV_UNKNOWN, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene *scene = scene_create(ILV_UNIT_THREAD, 2, 1);
		struct ilv_lanes *lanes = lose_one(scene, rows[i].found_count);
		const struct ilv_signs *first = &lanes->list[0].signs[ILV_SIGN_LOST_UPDATE];
		const struct ilv_signs *second = &lanes->list[1].signs[ILV_SIGN_LOST_UPDATE];

		assert_int_equal(first->count, 0);
		assert_int_equal(second->count, rows[i].crossed_count);
		if (second->count) {
			assert_int_equal(second->list[0].first_ns, scene->origin_ns + 30);
		}
		ilv_lanes_destroy(lanes);
		scene_destroy(scene);
	}
}

/* Executors of a pool are called as the threads that they are, in the order of their names. */
static void workers_have_their_own_names(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 4, 1);
	struct ilv_scheduler pool = {.index = 1,
				     .kind = ILV_SCHEDULER_KIND_POOL,
				     .process = &scene->process,
				     .address = 0x20,
				     .executor_count = 2};
	char pool_id[64];
	struct ilv_lanes *lanes;

	(void)state;
	ilv_scheduler_id(&pool, pool_id, sizeof(pool_id));
	snprintf(scene->entities[2].name, sizeof(scene->entities[2].name), "helper");
	snprintf(scene->entities[3].name, sizeof(scene->entities[3].name), "helper");
	scene->run.schedulers[scene->run.scheduler_count++] = (struct ilv_report_scheduler){
		.kind = ILV_SCHEDULER_KIND_POOL, .id = pool_id, .executor_count = 2};
	for (uint32_t i = 0; i < 2; i++) {
		struct ilv_interval *run = scene_stay(scene, i, ILV_STATE_RUNNING, 100);

		/* The one that was met first is not the first by its name. */
		scene->entities[i].entity.kind = ILV_ENTITY_KIND_JOB;
		scene->entities[i].entity.scheduler = &pool;
		run->executor = (int32_t)i;
		run->carrier = &scene->entities[3 - i].entity;
	}
	scene_finish(scene, 1000);
	lanes = fill(scene, &limits);
	assert_string_equal(lanes->list[0].label, "helper 1");
	assert_string_equal(lanes->list[1].label, "helper 0");
	assert_int_equal(ilv_lanes_settle(lanes), ILV_STATUS_OK);
	assert_string_equal(lanes->list[0].label, "helper 0");
	assert_int_equal(lanes->list[0].executor, 1);
	assert_string_equal(lanes->list[1].label, "helper 1");
	assert_int_equal(lanes->list[1].executor, 0);
	ilv_lanes_destroy(lanes);
	scene_destroy(scene);
}

static void what_lies_outside_the_run_is_left_out(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 1, 1);
	struct ilv_interval *run;
	struct ilv_lanes *lanes;

	(void)state;
	scene->entities[0].at_ns = -500;
	scene_stay(scene, 0, ILV_STATE_READY, -100);
	scene_stay(scene, 0, ILV_STATE_RUNNING, 100);
	run = scene_stay(scene, 0, ILV_STATE_RUNNING, 5000);
	run->end_cause = ILV_CAUSE_CUT;
	scene_finish(scene, 1000);
	lanes = fill(scene, &limits);
	assert_int_equal(lanes->list[0].shown.count, 2);
	assert_int_equal(lanes->list[0].shown.list[0].ink_ns[ILV_INK_RUN], 100);
	assert_int_equal(lanes->list[0].shown.list[1].ink_ns[ILV_INK_RUN], 900);
	assert_int_equal(lanes->list[0].signs[ILV_SIGN_CUT].count, 0);
	ilv_lanes_destroy(lanes);
	scene_destroy(scene);
}

/* A GIL for each of many processes, or a pool for each request, would fill a picture by themselves.
 */
static void many_pools_and_gils_have_few_lanes(void **state)
{
	static struct ilv_report_scheduler schedulers[600];
	static const struct {
		uint32_t worker_count;
		uint32_t entity_lane_count; /* of six threads, of which five are workers */
	} cases[] = {{1, 6}, {8, 1}, {100, 6}};
	const size_t count = sizeof(schedulers) / sizeof(schedulers[0]);

	(void)state;
	for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
		struct scene *scene = scene_create(ILV_UNIT_THREAD, 6, 2);
		struct ilv_lanes *lanes;
		uint32_t entity_lane_count = 0;

		for (size_t i = 0; i < count; i++) {
			schedulers[i] = (struct ilv_report_scheduler){
				.kind = i % 2 ? ILV_SCHEDULER_KIND_POOL : ILV_SCHEDULER_KIND_GIL,
				.id = (char *)"x",
				.executor_count = cases[at].worker_count};
		}
		scene->run.schedulers = schedulers;
		scene->run.scheduler_count = count;
		for (uint32_t i = 1; i < 6; i++) {
			scene->run.threads[i].role = ILV_ROLE_POOL;
		}
		scene_stay(scene, 2, ILV_STATE_WAITING, 1000);
		scene_finish(scene, 1000);
		lanes = fill(scene, &limits);
		assert_true(lanes->count < 50);
		for (uint32_t i = 0; i < lanes->count; i++) {
			entity_lane_count += lanes->list[i].kind == ILV_LANE_KIND_ENTITY;
		}
		/* Workers that have no lane among their pools' have one of their own. */
		assert_int_equal(entity_lane_count, cases[at].entity_lane_count);
		ilv_lanes_destroy(lanes);
		scene_destroy(scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_have_their_inks),
		cmocka_unit_test(ends_have_their_signs),
		cmocka_unit_test(running_shows_on_entity_and_executor),
		cmocka_unit_test(cuts_of_a_loops_thread_show_on_its_lane),
		cmocka_unit_test(the_rest_becomes_one_band),
		cmocka_unit_test(arrows_end_long_waits),
		cmocka_unit_test(many_spawns_are_left_out),
		cmocka_unit_test(holders_are_told_apart_by_a_character),
		cmocka_unit_test(the_lock_of_a_finding_has_a_lane),
		cmocka_unit_test(lost_writes_are_crossed_out),
		cmocka_unit_test(workers_have_their_own_names),
		cmocka_unit_test(what_lies_outside_the_run_is_left_out),
		cmocka_unit_test(many_pools_and_gils_have_few_lanes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
