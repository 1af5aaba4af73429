/* SPDX-License-Identifier: MIT */
/* Description: what a program says of its run stands in the run's panel, below its lanes, and whole
 * in the tooltip. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>

#include "scene.h"
#include "viz/page.h"
#include "viz/words.h"

#define SAID  "//*[local-name()='g' and @class='said']"
#define LINES SAID "/*[local-name()='text']"
#define BAND  "//*[local-name()='rect' and @class='band']"
#define LABEL                                                                                      \
	"//*[@class='entity' or @class='executor']/*[local-name()='text' and @text-anchor='end']"

/* The number that `xpath` comes to in a picture, which must be well-formed. */
static double number_of(const char *text, size_t size, const char *xpath)
{
	xmlDocPtr document = xmlReadMemory(text, (int)size, "picture.svg", NULL, XML_PARSE_NONET);
	xmlXPathContextPtr context;
	xmlXPathObjectPtr result;
	double number;

	assert_non_null(document);
	context = xmlXPathNewContext(document);
	result = xmlXPathEvalExpression(BAD_CAST xpath, context);
	assert_non_null(result);
	number = xmlXPathCastToNumber(result);
	xmlXPathFreeObject(result);
	xmlXPathFreeContext(context);
	xmlFreeDoc(document);
	return number;
}

/* The same with the number `index`, from 1, in place of each %d. */
static double number_at(const char *text, size_t size, const char *format, int index)
{
	char xpath[600];

	snprintf(xpath, sizeof(xpath), format, index, index);
	return number_of(text, size, xpath);
}

static char *draw_pair(struct scene **scenes, size_t *size)
{
	struct ilv_compared_run runs[2];
	struct ilv_comparison comparison = {
		.title = "join", .verdict = "Both.", .runs = runs, .run_count = 2};

	for (int i = 0; i < 2; i++) {
		runs[i] = (struct ilv_compared_run){.report = &scenes[i]->report,
						    .run = &scenes[i]->run,
						    .label = i ? "unjoined" : "joined"};
		ilv_page_measure(&scenes[i]->run, runs[i].values);
	}
	return scene_compare(&comparison, scenes, size);
}

/* From few lanes, where the measures need more room than these, to many. */
static void words_stand_below_the_lanes_of_their_panel(void **state)
{
	static const uint32_t counts[] = {1, 3, 12, 24};

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct scene *scenes[] = {scene_create(ILV_UNIT_THREAD, counts[i], 2),
					  scene_create(ILV_UNIT_TASK, counts[i], 2)};
		size_t size;
		char *text;

		for (int panel = 0; panel < 2; panel++) {
			scene_play_jobs(scenes[panel], 2, 5000000, 5000000, 2);
			scenes[panel]->run.notes[0] = (char *)(panel ? "0 were there" : "all were");
			scenes[panel]->run.note_count = 1;
		}
		text = draw_pair(scenes, &size);
		assert_true(number_of(text, size, "count(" SAID ")") == 2);
		assert_true(number_of(text, size,
				      "count(" SAID "[*[local-name()='title']='It says: all were' "
				      "and *[local-name()='text']='It says: all were'])") == 1);
		for (int panel = 1; panel <= 2; panel++) {
			const double y = number_at(text, size, "(" LINES ")[%d]/@y", panel);
			const double top = number_at(text, size, "(" BAND ")[%d]/@y", panel);
			const double height =
				number_at(text, size, "(" BAND ")[%d]/@height", panel);
			char lanes[600];

			assert_true(y - 11 > top);
			assert_true(y + 4 <= top + height);
			/* The labels of lanes end 3 pixels above their bottom; below the letters
			 * there is none. */
			snprintf(lanes, sizeof(lanes),
				 "count(" LABEL "[@y > %f and @y < %f and @y > %f - 14])", top,
				 top + height, y);
			assert_true(number_of(text, size, lanes) == 0);
			snprintf(lanes, sizeof(lanes), "count(" LABEL "[@y > %f and @y < %f])", top,
				 y);
			assert_true(number_of(text, size, lanes) >= 1);
		}
		free(text);
		scene_destroy(scenes[0]);
		scene_destroy(scenes[1]);
	}
}

/* Left of the lanes no line is as long as to reach their labels. */
static void cuts_beneath_stay_left_of_the_lanes(void **state)
{
	struct scene *scenes[] = {scene_create(ILV_UNIT_THREAD, 12, 2),
				  scene_create(ILV_UNIT_TASK, 12, 2)};
	size_t size;
	char *text;

	(void)state;
	for (int panel = 0; panel < 2; panel++) {
		scene_play_jobs(scenes[panel], 2, 5000000, 5000000, 2);
	}
	scenes[1]->run.sum.thread_cut_count = 1234567;
	text = draw_pair(scenes, &size);
	assert_true(ilv_words_width("its thread was cut short 1,234,567 times", 11, false) > 176);
	assert_true(number_of(text, size,
			      "count(//*[local-name()='text' and "
			      "starts-with(., 'its thread was cut short')])") == 1);
	assert_true(number_of(text, size,
			      "count(//*[local-name()='text' and contains(., 'cut short') and "
			      "contains(., ' times')])") == 0);
	assert_true(number_of(text, size,
			      "count(//*[local-name()='text' and contains(., 'times')])") == 1);
	free(text);
	scene_destroy(scenes[0]);
	scene_destroy(scenes[1]);
}

/* What tells no run from another stands there once. */
static void what_all_say_is_said_once(void **state)
{
	struct scene *scenes[] = {scene_create(ILV_UNIT_THREAD, 3, 2),
				  scene_create(ILV_UNIT_TASK, 3, 2)};
	size_t size;
	char *text;

	(void)state;
	for (int panel = 0; panel < 2; panel++) {
		scene_play_jobs(scenes[panel], 2, 5000000, 5000000, 2);
		scenes[panel]->run.notes[0] = (char *)"40 pages";
		scenes[panel]->run.note_count = 1;
	}
	text = draw_pair(scenes, &size);
	assert_true(number_of(text, size, "count(" SAID ")") == 1);
	assert_true(number_of(text, size, "count(" LINES "[.='All say: 40 pages'])") == 1);
	free(text);

	/* The same and more is not the same. */
	scenes[1]->run.notes[1] = (char *)"no errors";
	scenes[1]->run.note_count = 2;
	text = draw_pair(scenes, &size);
	assert_true(number_of(text, size, "count(" SAID ")") == 2);
	free(text);
	scene_destroy(scenes[0]);
	scene_destroy(scenes[1]);
}

/* Two lines and an ellipsis; the tooltip has it all, and so the panel does not grow with it. */
static void long_words_are_cut_and_whole_in_the_tooltip(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 8, 2);
	char note[255] = "";
	char xpath[700];
	size_t size;
	char *text;
	double y;

	(void)state;
	while (strlen(note) + 9 < sizeof(note)) {
		strcat(note, "wwwwwww ");
	}
	strcat(note, "end");
	scene->run.notes[0] = note;
	scene->run.notes[1] = note;
	scene->run.notes[2] = (char *)"<b>&\x1b]]>";
	scene->run.note_count = 3;
	scene_play_jobs(scene, 2, 5000000, 5000000, 2);
	text = scene_timeline(scene, &size);
	assert_true(number_of(text, size, "count(" LINES ")") == 2);
	snprintf(xpath, sizeof(xpath),
		 "count(" SAID
		 "/*[local-name()='title' and contains(., '%s \u00b7 <b>&\ufffd]]>')])",
		 note);
	assert_true(number_of(text, size, xpath) == 1);
	assert_true(number_of(text, size, "count(" LINES "[2][contains(., '\u2026')])") == 1);
	assert_true(number_of(text, size, "count(" LINES "[1][contains(., '\u2026')])") == 0);
	y = number_of(text, size, LINES "[2]/@y");
	assert_true(y >= number_of(text, size, LINES "[1]/@y") + 12);
	assert_true(y + 4 <=
		    number_of(text, size, BAND "/@y") + number_of(text, size, BAND "/@height"));
	free(text);
	scene_destroy(scene);
}

/* Of a run in which nothing was recorded but its words. */
static void words_without_lanes_stand_below_what_says_so(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 0, 0);
	size_t size;
	char *text;

	(void)state;
	scene->run.thread_count = 0;
	scene->run.notes[0] = (char *)"nothing to be seen";
	scene->run.note_count = 1;
	scene_finish(scene, 1000000);
	text = scene_timeline(scene, &size);
	assert_true(number_of(text, size, LINES "/@y") >=
		    number_of(text, size,
			      "//*[local-name()='text' and starts-with(., 'No thread')]/@y") +
			    14);
	free(text);
	scene_destroy(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stand_below_the_lanes_of_their_panel),
		cmocka_unit_test(cuts_beneath_stay_left_of_the_lanes),
		cmocka_unit_test(what_all_say_is_said_once),
		cmocka_unit_test(long_words_are_cut_and_whole_in_the_tooltip),
		cmocka_unit_test(words_without_lanes_stand_below_what_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
