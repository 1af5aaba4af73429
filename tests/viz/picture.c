/* SPDX-License-Identifier: MIT */
/* Description: whole pictures: valid, small, harmless, and explained by their legend. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>

#include "scene.h"
#include "viz/page.h"
#include "viz/viz.h"

/* Parses the picture, which must be well-formed, and counts the nodes of `xpath`. */
static unsigned int count_nodes(const char *text, size_t size, const char *xpath)
{
	xmlDocPtr document = xmlReadMemory(text, (int)size, "picture.svg", NULL, XML_PARSE_NONET);
	xmlXPathContextPtr context;
	xmlXPathObjectPtr result;
	unsigned int count;

	assert_non_null(document);
	context = xmlXPathNewContext(document);
	result = xmlXPathEvalExpression(BAD_CAST xpath, context);
	assert_non_null(result);
	count = result->nodesetval ? (unsigned int)result->nodesetval->nodeNr : 0;
	xmlXPathFreeObject(result);
	xmlXPathFreeContext(context);
	xmlFreeDoc(document);
	return count;
}

#define TEXT_IS(words) "//*[local-name()='text' and .='" words "']"
#define CLASS_IS(name) "//*[local-name()='g']//*[@class='" name "']"

static uint32_t next_random(uint32_t *random)
{
	*random = *random * 1664525u + 1013904223u;
	return *random >> 8;
}

/* `stay_count` stays in all, of random length and kind. */
static void play_random(struct scene *scene, uint32_t stay_count, int64_t duration_ns)
{
	uint32_t per_entity = stay_count / scene->entity_count;
	uint32_t random = 7;

	for (uint32_t i = 0; i < scene->entity_count; i++) {
		int64_t at_ns = 0;

		for (uint32_t j = 0; j < per_entity; j++) {
			struct ilv_interval *stay;

			at_ns += 1 + next_random(&random) % (2 * (duration_ns / per_entity));
			if (at_ns > duration_ns) {
				break;
			}
			stay = scene_stay(scene, i, (enum ilv_state)(j % ILV_STATE_DONE), at_ns);
			stay->reason = (enum ilv_wait_reason)(next_random(&random) % 16);
			stay->executor = (int32_t)(i % 4);
			stay->end_cause = (enum ilv_cause)(next_random(&random) % ILV_CAUSE_COUNT);
			stay->other = &scene->entities[(i + 1) % scene->entity_count].entity;
		}
		if (i < scene->run.thread_count) {
			scene->run.threads[i].cpu_mask = UINT64_C(1) << (i % 4);
		}
	}
	scene_finish(scene, duration_ns);
}

static void a_million_stays_make_a_small_picture(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 20, 4);
	size_t size;
	char *text;

	(void)state;
	/* The longest names that a trace can have, each character four times as long when escaped.
	 */
	for (uint32_t i = 0; i < scene->entity_count; i++) {
		memset(scene->entities[i].name, '<', sizeof(scene->entities[i].name) - 1);
	}
	play_random(scene, 1000000, 2000000000);
	text = scene_timeline(scene, &size);
	assert_true(size < ILV_PICTURE_SIZE_LIMIT);
	/* It is used, too: a picture that shows nothing is small as well. */
	assert_in_range(count_nodes(text, size, "//*[local-name()='g']//*[local-name()='path']"),
			500, 4500);
	free(text);
	scene_destroy(scene);
}

/* Where marks are few, what is short is folded; but each lane and each kind of ink stays. */
static void fewer_marks_make_a_smaller_picture(void **state)
{
	static const uint32_t limits[] = {ILV_MARKS_DEFAULT, 1000, 300};
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 20, 4);
	unsigned int marks_before = 0;
	size_t size_before = 0;

	(void)state;
	play_random(scene, 20000, 2000000000);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		size_t size;
		char *text = scene_timeline_marks(scene, limits[i], &size);
		unsigned int marks =
			count_nodes(text, size,
				    "//*[@class='entity' or @class='executor']//*"
				    "[local-name()='path' and "
				    "(*[local-name()='title'] or ../*[local-name()='title'])]");

		assert_in_range(marks, limits[i] / 3, limits[i]);
		if (i > 0) {
			assert_true(marks < marks_before);
			assert_true(size < size_before * 2 / 3);
		}
		assert_int_equal(count_nodes(text, size, "//*[@class='entity']"), 20);
		for (uint32_t entity = 0; entity < 20; entity++) {
			char xpath[200];

			snprintf(xpath, sizeof(xpath),
				 "//*[@class='entity'][*[local-name()='text' and .='thread %u']]"
				 "//*[local-name()='title' and contains(., ' stays')]",
				 entity);
			assert_true(count_nodes(text, size, xpath) > 0);
		}
		assert_true(count_nodes(text, size, "//*[@class='ready']") > 20);
		assert_int_equal(
			count_nodes(text, size, TEXT_IS("many short stays, in proportion")), 1);
		marks_before = marks;
		size_before = size;
		free(text);
	}
	scene_destroy(scene);
}

/* The columns of a band are wider, and none of those who stand in it is left out. */
static void fewer_marks_make_coarser_bands(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_TASK, 1000, 1);
	size_t size;
	size_t small_size;
	char *text;
	char *small;

	(void)state;
	play_random(scene, 20000, 100000000);
	text = scene_timeline(scene, &size);
	small = scene_timeline_marks(scene, 300, &small_size);
	assert_true(small_size < size / 2);
	assert_int_equal(count_nodes(small, small_size, TEXT_IS("977 more")), 1);
	assert_true(count_nodes(small, small_size, "//*[@class='hit']") > 10);
	assert_true(count_nodes(small, small_size, "//*[@class='hit']") <
		    count_nodes(text, size, "//*[@class='hit']"));
	free(text);
	free(small);
	scene_destroy(scene);
}

static void ten_thousand_tasks_make_a_small_picture(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_TASK, 10000, 1);
	size_t size;
	char *text;

	(void)state;
	play_random(scene, 200000, 100000000);
	text = scene_timeline(scene, &size);
	assert_true(size < ILV_PICTURE_SIZE_LIMIT);
	assert_int_equal(count_nodes(text, size, TEXT_IS("9,977 more")), 1);
	free(text);
	scene_destroy(scene);
}

static void hostile_names_stay_names(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 3, 2);
	size_t size;
	char *text;

	(void)state;
	strcpy(scene->entities[0].name, "<script>alert(1)</script>");
	strcpy(scene->entities[1].name, "]]>&\"'\x01\x1b[31m\xff\xed\xa0\x80");
	strcpy(scene->entities[2].name, "\xe2\x80\xae--><!--");
	scene->run.workload = "</title><script>";
	scene->run.parameters = "a=\x02 b=</svg>";
	scene->run.finding_count = 1;
	scene->run.findings[0] = (struct ilv_finding){.title = "<b>",
						      .text = "\x03</text>",
						      .moment_text = "<script>\xc0",
						      .moment_entity_id = scene->entities[0].id};
	scene_play_jobs(scene, 3, 5000000, 5000000, 2);
	text = scene_timeline(scene, &size);
	assert_int_equal(count_nodes(text, size, "//*[local-name()='script']"), 0);
	assert_null(strstr(text, "<script"));
	for (size_t i = 0; i < size; i++) {
		assert_true(text[i] == '\n' || (unsigned char)text[i] >= 0x20);
	}
	assert_true(count_nodes(text, size,
				"//*[local-name()='title' and starts-with(., '<script>')]") > 0);
	free(text);
	scene_destroy(scene);
}

static void the_legend_explains_what_occurs(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 4, 2);
	size_t size;
	char *text;

	(void)state;
	scene_play_jobs(scene, 3, 5000000, 20000000, 2);
	text = scene_timeline(scene, &size);
	assert_int_equal(count_nodes(text, size, TEXT_IS("runs")), 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("waits for I/O or a child")), 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("cut short")), 2); /* a measure as well */
	assert_int_equal(count_nodes(text, size, TEXT_IS("gave way by itself")), 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("waits for a lock")), 0);
	assert_int_equal(count_nodes(text, size, TEXT_IS("loop waits for events")), 0);
	assert_int_equal(count_nodes(text, size, TEXT_IS("not known")), 0);
	assert_int_equal(count_nodes(text, size, TEXT_IS("many short stays, in proportion")), 0);
	assert_true(count_nodes(text, size, CLASS_IS("run")) > 0);
	assert_true(count_nodes(text, size, CLASS_IS("ready")) > 0);
	assert_int_equal(count_nodes(text, size, CLASS_IS("lock")), 0);
	assert_int_equal(count_nodes(text, size, "/*[@role='img' and @aria-labelledby]"), 1);
	free(text);
	scene_destroy(scene);
}

static void waits_without_wake_ups_have_open_ends(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 2, 2);
	size_t size;
	char *text;

	(void)state;
	scene->report.switch_source = ILV_SWITCH_SOURCE_PERF;
	scene_play_jobs(scene, 2, 5000000, 20000000, 2);
	text = scene_timeline(scene, &size);
	assert_int_equal(count_nodes(text, size, "//*[local-name()='path' and @class='open e-io']"),
			 2);
	assert_int_equal(count_nodes(text, size, TEXT_IS("hollow end: may hold a wait for a CPU")),
			 1);
	free(text);
	scene_destroy(scene);
}

/* Nothing to draw is drawn as such. */
static void empty_runs_have_a_picture(void **state)
{
	struct scene *nobody = scene_create(ILV_UNIT_THREAD, 0, 1);
	struct scene *no_time = scene_create(ILV_UNIT_THREAD, 2, 1);
	struct scene *no_source = scene_create(ILV_UNIT_TASK, 2, 1);
	const struct ilv_text_style style = {.width = 60};
	size_t size;
	char *text;

	(void)state;
	nobody->run.workload = NULL;
	nobody->run.runtime = NULL;
	nobody->run.sum.cut_short_count = ILV_UNKNOWN;
	nobody->schedulers[0].switches.involuntary = ILV_UNKNOWN;
	nobody->run.has_unit = false;
	scene_finish(nobody, 1000);
	text = scene_timeline(nobody, &size);
	assert_int_equal(count_nodes(text, size,
				     TEXT_IS("No thread, task or lock was recorded in this run.")),
			 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("unknown")), 1);
	free(text);
	text = scene_text(nobody, &style);
	for (const char *line = text; *line;
	     line += strcspn(line, "\n") + (strchr(line, '\n') != NULL)) {
		assert_in_range(strcspn(line, "\n"), 0, style.width);
	}
	free(text);
	scene_destroy(nobody);

	scene_stay(no_time, 0, ILV_STATE_RUNNING, 0);
	scene_finish(no_time, 0);
	text = scene_timeline(no_time, &size);
	assert_int_equal(count_nodes(text, size, TEXT_IS("thread 0")), 1);
	free(text);
	text = scene_text(no_time, &style);
	assert_non_null(strstr(text, "The run took no time"));
	free(text);
	scene_destroy(no_time);

	no_source->report.switch_source = ILV_SWITCH_SOURCE_NONE;
	scene_stay(no_source, 0, ILV_STATE_RUNNING, 500)->beneath = ILV_STATE_UNKNOWN;
	scene_stay(no_source, 2, ILV_STATE_UNKNOWN, 1000);
	scene_finish(no_source, 1000);
	text = scene_timeline(no_source, &size);
	assert_int_equal(count_nodes(text, size, TEXT_IS("CPU 0")), 0);
	assert_int_equal(count_nodes(text, size, TEXT_IS("its thread")), 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("task 1")), 1);
	free(text);
	scene_destroy(no_source);
}

static void what_is_missing_is_said(void **state)
{
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 2, 2);
	size_t size;
	char *text;

	(void)state;
	scene->report.is_complete = false;
	scene->report.discarded_event_count = 1234;
	scene_play_jobs(scene, 2, 5000000, 20000000, 2);
	text = scene_timeline(scene, &size);
	assert_int_equal(count_nodes(text, size,
				     "//*[@class='alarm' and .='incomplete: 1,234 events lost']"),
			 1);
	free(text);
	scene_destroy(scene);
}

static void runs_share_one_scale(void **state)
{
	struct scene *scenes[] = {scene_create(ILV_UNIT_THREAD, 6, 2),
				  scene_create(ILV_UNIT_TASK, 6, 2)};
	struct ilv_compared_run runs[2];
	struct ilv_comparison comparison = {.title = "mixed: 6 jobs",
					    .verdict = "Threads are faster.",
					    .runs = runs,
					    .run_count = 2};
	struct ilv_report_process ours = {.name = (char *)"interleave-workload"};
	struct ilv_report_process theirs = {.name = (char *)"mixed"};
	char because[] = "thread switches of event-loop were not recorded";
	size_t size;
	char *text;

	(void)state;
	for (int i = 0; i < 2; i++) {
		scene_play_jobs(scenes[i], 4, 6000000, 12000000, 2);
		scenes[i]->run.processes = &ours;
		scenes[i]->run.process_count = 1;
		runs[i] = (struct ilv_compared_run){.report = &scenes[i]->report,
						    .run = &scenes[i]->run,
						    .label = scenes[i]->run.runtime};
		ilv_page_measure(&scenes[i]->run, runs[i].values);
		scenes[i]->run.finding_count = 2;
		for (int j = 0; j < 2; j++) {
			scenes[i]->run.findings[j] =
				(struct ilv_finding){.moment_entity_id = scenes[i]->entities[2].id,
						     .moment_ns = 8000000,
						     .moment_text = j ? "second" : "first"};
		}
	}
	comparison.is_left_out[ILV_MEASURE_CPUS_BUSY] = true;
	comparison.left_out_because[ILV_MEASURE_CPUS_BUSY] = because;
	comparison.is_left_out[ILV_MEASURE_WAIT_P99] = true;
	comparison.left_out_because[ILV_MEASURE_WAIT_P99] = because;

	text = scene_compare(&comparison, scenes, &size);
	assert_int_equal(count_nodes(text, size, TEXT_IS("0 ms")), 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("threads")), 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("event-loop")), 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("CPU 1")), 2); /* idle under the loop */
	assert_int_equal(count_nodes(text, size, "//*[@class='dot halo']"), 6);
	assert_int_equal(count_nodes(text, size, TEXT_IS("8 ms: first")), 2);
	assert_int_equal(count_nodes(text, size, TEXT_IS("8 ms: second")), 1);
	/* The reason once and whole, and a star at each measure that it is about. */
	assert_int_equal(count_nodes(text, size,
				     TEXT_IS("* Left out: CPUs busy; wait, p99, because thread "
					     "switches of event-loop were not recorded.")),
			 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("*")), 4);
	assert_non_null(strstr(text, "interleave run mixed --runtime threads,event-loop --jobs 6"));
	free(text);

	/* Anybody may say so: nothing that a shell would do stands in a command to be pasted. */
	for (int i = 0; i < 2; i++) {
		scenes[i]->run.parameters = (char *)"jobs=$(x) ;rm";
	}
	text = scene_compare(&comparison, scenes, &size);
	assert_non_null(strstr(text, "--jobs '$(x)' ';rm'"));
	free(text);

	/* What one program of somebody else's took part in, no command of ours repeats. */
	scenes[1]->run.processes = &theirs;
	text = scene_compare(&comparison, scenes, &size);
	assert_null(strstr(text, "interleave run"));
	free(text);
	scene_destroy(scenes[0]);
	scene_destroy(scenes[1]);
}

/* Letters stand for numbers only where the legend says so. */
static void letters_for_numbers_are_explained(void **state)
{
	const struct ilv_text_style style = {.width = 120, .name = "threads"};

	(void)state;
	for (uint32_t last = 9; last <= 10; last++) {
		struct scene *scene = scene_create(ILV_UNIT_THREAD, last + 1, 1);
		char *text;

		scene->run.threads[last].cpu_mask = 1;
		scene_stay(scene, last, ILV_STATE_RUNNING, 1000000)->executor = 0;
		scene_finish(scene, 1000000);
		text = scene_text(scene, &style);
		assert_non_null(
			strstr(text, last < 10 ? "CPU 0           9###" : "CPU 0           A###"));
		assert_int_equal(strstr(text, "A-Z who has it: numbers 10 to 35") != NULL,
				 last >= 10);
		free(text);
		scene_destroy(scene);
	}
}

/* Beside a run that takes a hundred times as long, two dozen lanes would only be empty paper. */
static void short_runs_take_little_room(void **state)
{
	struct scene *scenes[] = {scene_create(ILV_UNIT_THREAD, 1, 1),
				  scene_create(ILV_UNIT_THREAD, 100, 1)};
	struct ilv_compared_run runs[2];
	struct ilv_comparison comparison = {
		.title = "sleep", .verdict = "Once.", .runs = runs, .run_count = 2};
	size_t size;
	char *text;

	(void)state;
	scene_finish(scenes[0], 100000000);
	scene_finish(scenes[1], 1000000);
	for (int i = 0; i < 2; i++) {
		runs[i] = (struct ilv_compared_run){.report = &scenes[i]->report,
						    .run = &scenes[i]->run,
						    .label = i ? "threads" : "sequential"};
		ilv_page_measure(&scenes[i]->run, runs[i].values);
	}
	text = scene_compare(&comparison, scenes, &size);
	assert_int_equal(count_nodes(text, size, TEXT_IS("93 more")), 1);
	free(text);
	scene_destroy(scenes[0]);
	scene_destroy(scenes[1]);
}

/* What a long title is about stays whole, in smaller letters. */
static void long_titles_are_smaller(void **state)
{
	static const char *const title = "producer-consumer: 2 jobs, 2 consumers, 100 items, "
					 "capacity 4, produce 100 \u00b5s, "
					 "consume 300 \u00b5s, on 2 CPUs";
	struct scene *scenes[] = {scene_create(ILV_UNIT_THREAD, 1, 1)};
	struct ilv_compared_run run = {
		.report = &scenes[0]->report, .run = &scenes[0]->run, .label = (char *)"threads"};
	struct ilv_comparison comparison = {
		.title = (char *)title, .verdict = (char *)"Once.", .runs = &run, .run_count = 1};
	size_t size;
	char *text;

	(void)state;
	scene_finish(scenes[0], 100000000);
	ilv_page_measure(&scenes[0]->run, run.values);
	text = scene_compare(&comparison, scenes, &size);
	assert_int_equal(count_nodes(text, size,
				     TEXT_IS("producer-consumer: 2 jobs, 2 consumers, "
					     "100 items, capacity 4, produce 100 "
					     "\u00b5s, consume 300 \u00b5s, on 2 "
					     "CPUs") "[@class='run-name']"),
			 1);
	free(text);
	scene_destroy(scenes[0]);
}

/* A variant is none that a job runs under, and who records is no thread of the job. */
static void timelines_say_what_they_show(void **state)
{
	const struct ilv_text_style style = {.width = 80};
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 3, 1);
	size_t size;
	char *text;

	(void)state;
	scene->run.workload = (char *)"deadlock";
	scene->run.runtime = NULL;
	scene->run.variant = (char *)"abba";
	scene->run.threads[2].role = ILV_ROLE_TRACER;
	scene_finish(scene, 100000000);
	text = scene_timeline(scene, &size);
	assert_int_equal(count_nodes(text, size, TEXT_IS("deadlock (abba)")), 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("2 threads in 100 ms.")), 1);
	free(text);
	text = scene_text(scene, &style);
	assert_non_null(strstr(text, "deadlock (abba), 100 ms"));
	free(text);
	scene_destroy(scene);
}

/* Of a program that knows nothing of us there is its name, its threads' numbers, and what the
 * kernel counts. */
static void programs_of_others_are_shown_as_the_report_tells(void **state)
{
	const struct ilv_text_style style = {.width = 80, .name = "some/folder"};
	struct scene *scene = scene_create(ILV_UNIT_THREAD, 2, 2);
	struct ilv_report_process processes[] = {
		{.name = (char *)"postgres", .role = ILV_ROLE_SERVER},
		{.name = (char *)"pigz", .role = ILV_ROLE_OTHER}};
	size_t size;
	char *text;

	(void)state;
	scene->report.has_yields = false;
	scene->run.workload = NULL;
	scene->run.runtime = NULL;
	scene->run.has_unit = false;
	scene->run.processes = processes;
	scene->run.process_count = 2;
	scene->run.sum.cut_short_count = ILV_UNKNOWN;
	scene->schedulers[0].switches.involuntary = 2195;
	for (uint32_t i = 0; i < 2; i++) {
		scene->run.threads[i].name = NULL;
		scene->run.threads[i].tid = 1187400 + (int32_t)i;
	}
	scene_finish(scene, 100000000);
	text = scene_timeline(scene, &size);
	assert_int_equal(count_nodes(text, size, TEXT_IS("involuntary")), 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("2,195")), 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("unknown")), 0);
	assert_int_equal(count_nodes(text, size, TEXT_IS("pigz") "[@class='h1']"), 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("pigz") "[@class='run-name']"), 1);
	assert_int_equal(count_nodes(text, size, TEXT_IS("tid 1187401")), 1);
	free(text);
	text = scene_text(scene, &style);
	assert_int_equal(strncmp(text, "pigz, 100 ms", strlen("pigz, 100 ms")), 0);
	assert_non_null(strstr(text, "\ntid 1187401 "));
	free(text);
	scene->run.processes = NULL;
	scene->run.process_count = 0;
	scene_destroy(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_stays_make_a_small_picture),
		cmocka_unit_test(fewer_marks_make_a_smaller_picture),
		cmocka_unit_test(fewer_marks_make_coarser_bands),
		cmocka_unit_test(ten_thousand_tasks_make_a_small_picture),
		cmocka_unit_test(hostile_names_stay_names),
		cmocka_unit_test(the_legend_explains_what_occurs),
		cmocka_unit_test(waits_without_wake_ups_have_open_ends),
		cmocka_unit_test(empty_runs_have_a_picture),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(runs_share_one_scale),
		cmocka_unit_test(letters_for_numbers_are_explained),
		cmocka_unit_test(short_runs_take_little_room),
		cmocka_unit_test(long_titles_are_smaller),
		cmocka_unit_test(timelines_say_what_they_show),
		cmocka_unit_test(programs_of_others_are_shown_as_the_report_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
