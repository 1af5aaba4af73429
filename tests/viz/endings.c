/* SPDX-License-Identifier: MIT */
/* Description: the end of an entity is drawn by how it came about, and phases on the lane of the
 * thread whose they are, where there is something to see in them. */
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
#include "viz/tags.h"

static const struct ilv_lanes_limits limits = {.entity_limit = 24};

static struct ilv_lanes *fill(struct scene *scene)
{
	const struct ilv_lanes_scale scale = {.fold_ns = 1, .band_columns = 10};
	struct ilv_lanes *lanes = ilv_lanes_create(&scene->report, &scene->run, &limits);

	assert_non_null(lanes);
	assert_int_equal(ilv_lanes_set_scale(lanes, &scale), ILV_STATUS_OK);
	for (size_t i = 0; i < scene->interval_count; i++) {
		assert_int_equal(ilv_lanes_take(lanes, &scene->intervals[i]), ILV_STATUS_OK);
	}

	return lanes;
}

static void ends_have_signs_of_their_own(void **state)
{
	static const enum ilv_state states[] = {ILV_STATE_RUNNING, ILV_STATE_READY,
						ILV_STATE_WAITING, ILV_STATE_UNKNOWN};

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct ilv_interval interval = {.state = states[i],
						.end_cause = states[i] == ILV_STATE_RUNNING
								     ? ILV_CAUSE_FINISHED
								     : ILV_CAUSE_NONE,
						.is_last = true,
						.is_end = true};

		/* Of a stay in line nobody needs to know more than that it ended. */
		assert_int_equal(ilv_sign_of(&interval),
				 states[i] == ILV_STATE_RUNNING ? ILV_SIGN_DONE : ILV_SIGN_NONE);
		interval.outcome = ILV_OUTCOME_FAILED;
		assert_int_equal(ilv_sign_of(&interval), ILV_SIGN_FAILED);
		interval.outcome = ILV_OUTCOME_CANCELLED;
		assert_int_equal(ilv_sign_of(&interval), ILV_SIGN_CANCELLED);
		interval.is_abandoned = true;
		assert_int_equal(ilv_sign_of(&interval), ILV_SIGN_ABANDONED);
		interval.is_end = false;
		assert_true(ilv_sign_of(&interval) <= ILV_SIGN_DONE ||
			    ilv_sign_of(&interval) == ILV_SIGN_NONE);
	}
}

static void abandon(struct scene *scene, uint32_t index, int64_t end_ns)
{
	struct ilv_interval *stay = scene_stay(scene, index, ILV_STATE_WAITING, end_ns);

	stay->is_end = true;
	stay->is_abandoned = true;
}

/* Who is left behind by its program has its mark at the run's end, where the picture is over; but
 * not in the picture of an earlier run, nor who began after it. */
static void who_is_left_behind_has_a_mark_at_the_edge(void **state)
{
	for (int case_index = 0; case_index < 3; case_index++) {
		struct scene *scene = scene_create(ILV_UNIT_THREAD, 2, 1);
		struct ilv_run run = {.begin_ns = scene->origin_ns};
		const struct ilv_signs *signs;
		struct ilv_lanes *lanes;

		(void)state;
		scene->process.run = &run;
		scene->entities[0].entity.begin_ns = scene->origin_ns;
		if (case_index == 1) {
			run.begin_ns = scene->origin_ns + 2000;
		} else if (case_index == 2) {
			scene->entities[0].entity.begin_ns = scene->origin_ns + 1200;
			scene->entities[0].at_ns = 1200;
		}
		scene_stay(scene, 1, ILV_STATE_RUNNING, 100);
		abandon(scene, 0, 1500);
		scene_finish(scene, 1000);
		lanes = fill(scene);
		signs = &lanes->list[0].signs[ILV_SIGN_ABANDONED];
		assert_string_equal(lanes->list[0].label, "thread 0");
		assert_int_equal(signs->count, case_index == 0);
		if (case_index == 0) {
			assert_int_equal(signs->list[0].first_ns, scene->origin_ns + 1000);
		}
		ilv_lanes_destroy(lanes);
		scene_destroy(scene);
	}
}

static bool holds(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

/* Marks and legend, in a picture and in a terminal; where all return, there is none of it. */
static void only_what_occurs_is_explained(void **state)
{
	static const char *const words[] = {">failed<", ">was cancelled<",
					    ">ended with the program<"};
	static const char *const titles[] = {"<title>task 1: failed, ",
					     "<title>task 2: was cancelled, ",
					     "<title>task 3: ended with the program, "};
	const struct ilv_text_style style = {.width = 80};

	(void)state;
	for (int mask = 0; mask < 8; mask++) {
		struct scene *scene = scene_create(ILV_UNIT_TASK, 4, 1);
		struct ilv_interval *end;
		char *picture;
		char *terminal;
		size_t size;

		for (uint32_t task = 0; task < 4; task++) {
			scene_stay(scene, task, ILV_STATE_WAITING, 400000 + 100000 * task)->reason =
				ILV_WAIT_REASON_SLEEP;
			end = scene_stay(scene, task, ILV_STATE_RUNNING, 500000 + 100000 * task);
			end->end_cause = ILV_CAUSE_FINISHED;
			end->is_end = true;
			if (task > 0 && (mask >> (task - 1) & 1)) {
				end->outcome = task == 1   ? ILV_OUTCOME_FAILED
					       : task == 2 ? ILV_OUTCOME_CANCELLED
							   : ILV_OUTCOME_RETURNED;
				end->is_abandoned = task == 3;
			}
		}
		scene_finish(scene, 1000000);
		picture = scene_timeline(scene, &size);
		terminal = scene_text(scene, &style);
		assert_true(holds(picture, ">done<"));
		for (int i = 0; i < 3; i++) {
			assert_int_equal(holds(picture, words[i]), mask >> i & 1);
			assert_int_equal(holds(picture, titles[i]), mask >> i & 1);
		}
		assert_int_equal(holds(picture, ", then failed<"), mask & 1);
		assert_int_equal(holds(terminal, "! failed"), mask & 1);
		assert_int_equal(holds(terminal, "c was cancelled"), mask >> 1 & 1);
		assert_int_equal(holds(terminal, "~ ended with the program"), mask >> 2 & 1);
		free(picture);
		free(terminal);
		scene_destroy(scene);
	}
}

/* Of many, who failed has a lane of its own, however little it waited. */
static void who_failed_is_shown(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_TASK, 60, 1);
	struct ilv_lanes *lanes;

	(void)state;
	for (uint32_t task = 0; task < 60; task++) {
		scene->run.tasks[task].waits.max_ns = 1000 * (task + 1);
	}
	scene->run.tasks[3].is_done = true;
	scene->run.tasks[3].outcome = ILV_OUTCOME_FAILED;
	scene_finish(scene, 1000000);
	lanes = fill(scene);
	assert_non_null(ilv_lanes_find(lanes, scene->entities[3].id));
	assert_null(ilv_lanes_find(lanes, scene->entities[4].id));
	ilv_lanes_destroy(lanes);
	scene_destroy(scene);
}

/* A run of 1 ms of a job's thread, and of main, which has the phase `phase`. */
static struct scene *scene_with(struct ilv_report_phase *phase, bool is_mains)
{
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 2, 1);
	struct ilv_report_thread *main_thread = &scene->run.threads[1];

	snprintf(scene->entities[1].name, sizeof(scene->entities[1].name), "main");
	main_thread->role = ILV_ROLE_MAIN;
	main_thread->is_unit = false;
	phase->entity_id = scene->entities[is_mains ? 1 : 0].id;
	scene->run.phases = phase;
	scene->run.phase_count = 1;
	scene_stay(scene, 0, ILV_STATE_RUNNING, 900000);
	scene_stay(scene, 1, ILV_STATE_WAITING, 900000);
	scene_finish(scene, 1000000);
	return scene;
}

static bool has_lane_of_main(struct scene *scene)
{
	const struct ilv_lanes_limits only_units = {.entity_limit = 24, .units_only = true};
	struct ilv_lanes *lanes = ilv_lanes_create(&scene->report, &scene->run, &only_units);
	const struct ilv_lane *lane;
	bool has;

	assert_non_null(lanes);
	lane = ilv_lanes_find(lanes, scene->entities[1].id);
	has = lane != NULL;
	assert_int_equal(has && lane->has_tags,
			 ilv_tags_are_told(&scene->run, scene->entities[1].id));
	ilv_lanes_destroy(lanes);
	return has;
}

/* In a comparison main has a lane where it counted something at a moment of the run. */
static void main_is_shown_where_it_counts_at_a_moment(void **state)
{
	struct ilv_report_count count = {.what = (char *)"parts that were not there yet"};
	const struct ilv_report_phase moment = {.name = (char *)"use",
						.begin_ns = 100000,
						.end_ns = 110000,
						.is_ended = true,
						.counts = &count,
						.count_count = 1};
	static const struct {
		bool is_long, is_work, is_point, is_another, is_uncounted, is_told;
	} rows[] = {
		{.is_told = true},  {.is_long = true},    {.is_work = true},
		{.is_point = true}, {.is_another = true}, {.is_uncounted = true},
	};

	(void)state;
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		struct ilv_report_phase phase = moment;
		struct scene *scene;

		phase.end_ns = rows[row].is_long ? 800000 : phase.end_ns;
		phase.has_point = rows[row].is_point;
		phase.count_count = rows[row].is_uncounted ? 0 : 1;
		count.is_work = rows[row].is_work;
		scene = scene_with(&phase, !rows[row].is_another);
		assert_int_equal(has_lane_of_main(scene), rows[row].is_told);
		scene_destroy(scene);
	}
}

/* What was counted stands beside the name; none of it is no news. */
static void a_tag_says_what_was_counted(void **state)
{
	struct ilv_report_count count = {.what = (char *)"parts that were <not> there",
					 .what_one = (char *)"part that was <not> there"};
	struct ilv_report_phase phase = {.name = (char *)"use",
					 .begin_ns = 100000,
					 .end_ns = 110000,
					 .is_ended = true,
					 .counts = &count,
					 .count_count = 1};

	(void)state;
	for (count.count = 0; count.count < 3; count.count++) {
		struct scene *scene = scene_with(&phase, true);
		size_t size;
		char *text = scene_timeline(scene, &size);

		assert_true(holds(text, "class=\"tag\""));
		assert_true(holds(text, ">a phase of this thread, by its name<"));
		assert_int_equal(holds(text, ">use<"), count.count == 0);
		assert_int_equal(holds(text, ">use: 1 part that was &lt;not&gt; there<"),
				 count.count == 1);
		assert_int_equal(holds(text, ">use: 2 parts that were &lt;not&gt; there<"),
				 count.count == 2);
		free(text);
		scene_destroy(scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_have_signs_of_their_own),
		cmocka_unit_test(who_is_left_behind_has_a_mark_at_the_edge),
		cmocka_unit_test(only_what_occurs_is_explained),
		cmocka_unit_test(who_failed_is_shown),
		cmocka_unit_test(main_is_shown_where_it_counts_at_a_moment),
		cmocka_unit_test(a_tag_says_what_was_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
