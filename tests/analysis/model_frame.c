/* SPDX-License-Identifier: MIT */
/*
 * Description: the model's frame rather than its rules (those are golden files): listeners that
 * refuse, times that fall, runs that nobody began, ids, and every allocation failing once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/model/interval.h"
#include "analysis/model/model.h"
#include "base/cause.h"
#include "tests/lib/script.h"

/* The linker sends allocations of the program, the model's among them, here. */
static long allocations_left = -1; /* below zero: all succeed */

void *__real_calloc(size_t count, size_t size);
void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);

static int must_fail(void)
{
	if (allocations_left < 0) {
		return 0;
	}
	if (allocations_left == 0) {
		return 1;
	}
	allocations_left--;
	return 0;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return must_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_malloc(size_t size)
{
	return must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return must_fail() ? NULL : __real_realloc(memory, size);
}

struct told {
	uint32_t change_count, run_count, end_count;
	uint32_t refuse_at; /* 0: never */
	int64_t newest_ns;
};

static enum ilv_status on_change(void *context, const struct ilv_change *change)
{
	struct told *told = context;

	told->newest_ns = change->time_ns;
	told->change_count++;
	return told->change_count == told->refuse_at ? ILV_STATUS_IO : ILV_STATUS_OK;
}

static enum ilv_status on_run_begin(void *context, const struct ilv_run *run)
{
	(void)run;
	((struct told *)context)->run_count++;
	return ILV_STATUS_OK;
}

static enum ilv_status on_end(void *context, int64_t time_ns)
{
	(void)time_ns;
	((struct told *)context)->end_count++;
	return ILV_STATUS_OK;
}

static enum ilv_status pass_interval(void *context, const struct ilv_interval *interval)
{
	(void)context;
	(void)interval;
	return ILV_STATUS_OK;
}

static enum ilv_status feed_all(struct ilv_model *model, const struct ilv_script *script)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t i = 0; i < script->count && status >= 0; i++) {
		status = ilv_model_feed(model, &script->events[i]);
	}
	return status;
}

static struct ilv_model *create_with(struct told *told)
{
	struct ilv_model_listener listener = {
		.context = told,
		.on_change = on_change,
		.on_run_begin = on_run_begin,
		.on_end = on_end,
	};
	struct ilv_model *model = ilv_model_create();

	assert_non_null(model);
	assert_int_equal(ilv_model_listen(model, &listener), ILV_STATUS_OK);
	return model;
}

static const char waits[] = "5 wait_begin pid=1 tid=1 reason=read\n"
			    "6 wait_end pid=1 tid=1 reason=read\n"
			    "4 wait_begin pid=1 tid=1 reason=read\n" /* late */
			    "9 wait_end pid=1 tid=1 reason=read\n";

static void test_a_refusal_ends_the_telling(void **state)
{
	struct told told = {.refuse_at = 2};
	struct ilv_script *script = ilv_script_parse(waits);
	struct ilv_model *model = create_with(&told);

	(void)state;
	assert_int_equal(feed_all(model, script), ILV_STATUS_IO);
	assert_int_equal(ilv_model_feed(model, &script->events[3]), ILV_STATUS_IO);
	assert_int_equal(ilv_model_finish(model), ILV_STATUS_IO);
	assert_int_equal(told.change_count, 2);
	assert_int_equal(told.end_count, 0);
	ilv_model_destroy(model);
	ilv_script_destroy(script);
}

static void test_a_late_event_comes_at_the_newest_time(void **state)
{
	struct told told = {0};
	struct ilv_script *script = ilv_script_parse(waits);
	struct ilv_model *model = create_with(&told);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(ilv_model_feed(model, &script->events[i]), ILV_STATUS_OK);
	}
	assert_int_equal(told.newest_ns, 6000);
	assert_int_equal(ilv_model_feed(model, &script->events[3]), ILV_STATUS_OK);
	assert_int_equal(ilv_model_finish(model), ILV_STATUS_OK);
	assert_int_equal(told.change_count, 4);
	assert_int_equal(told.end_count, 1);
	ilv_model_destroy(model);
	ilv_script_destroy(script);
}

static void test_a_run_is_implied_only_when_asked_for(void **state)
{
	struct ilv_script *script = ilv_script_parse(waits);

	(void)state;
	for (int is_implied = 0; is_implied < 2; is_implied++) {
		struct told told = {0};
		struct ilv_model *model = create_with(&told);
		struct ilv_run *const *runs;
		uint32_t count;

		ilv_model_set_implied_run(model, is_implied);
		assert_int_equal(feed_all(model, script), ILV_STATUS_OK);
		assert_int_equal(ilv_model_finish(model), ILV_STATUS_OK);
		runs = ilv_model_runs(model, &count);
		assert_int_equal(count, is_implied);
		assert_int_equal(told.run_count, is_implied);
		if (is_implied) {
			assert_true(runs[0]->is_implied);
			assert_null(runs[0]->workload);
			assert_int_equal(runs[0]->pid, -1);
			assert_int_equal(runs[0]->begin_ns, 5000);
			assert_int_equal(runs[0]->end_ns, 9000);
		}
		ilv_model_destroy(model);
	}
	ilv_script_destroy(script);
}

static void test_an_empty_trace_is_over_at_once(void **state)
{
	struct told told = {0};
	struct ilv_model *model = create_with(&told);
	uint32_t count;

	(void)state;
	assert_int_equal(ilv_model_finish(model), ILV_STATUS_OK);
	assert_int_equal(told.end_count, 1);
	ilv_model_entities(model, &count);
	assert_int_equal(count, 0);
	assert_int_equal(ilv_model_facts(model)->recorder_cpu_ns, -1);
	ilv_model_destroy(model);
}

static void test_ids_tell_lives_apart_and_fit(void **state)
{
	struct ilv_script *script = ilv_script_parse("1 thread_start pid=7 tid=8 name=\"a b\"\n"
						     "2 thread_exit pid=7 tid=8\n"
						     "3 thread_start pid=7 tid=8\n"
						     "4 task_create pid=7 tid=8 loop=0xcc task=5\n"
						     "5 lock_acquire pid=7 tid=8 lock=0xff\n");
	static const char *const ids[] = {"thread:7.8.0", "thread:7.8.1", "task:7.0xcc.5",
					  "claim:7.0xff.0/thread:7.8.1"};
	static const char *const labels[] = {"a b", "thread 8", "task 5", "thread 8"};
	struct told told = {0};
	struct ilv_model *model = create_with(&told);
	struct ilv_entity *const *entities;
	uint32_t count;
	char text[64];

	(void)state;
	assert_int_equal(feed_all(model, script), ILV_STATUS_OK);
	entities = ilv_model_entities(model, &count);
	assert_int_equal(count, 4);
	for (uint32_t i = 0; i < count; i++) {
		ilv_entity_id(entities[i], text, sizeof(text));
		assert_string_equal(text, ids[i]);
		ilv_entity_label(entities[i], text, sizeof(text));
		assert_string_equal(text, labels[i]);
		ilv_entity_id(entities[i], text, 5);
		assert_int_equal(strlen(text), 4);
	}
	ilv_model_destroy(model);
	ilv_script_destroy(script);
}

#define TASK_COUNT 700 /* enough for the tables to grow several times */

static char *many_tasks(void)
{
	size_t size = TASK_COUNT * 256;
	char *text = malloc(size);
	size_t length = 0;

	assert_non_null(text);
	for (int i = 1; i <= TASK_COUNT; i++) {
		length += (size_t)snprintf(text + length, size - length,
					   "%d task_create pid=1 tid=1 loop=1 task=%d\n"
					   "%d task_resume pid=1 tid=1 loop=1 task=%d\n"
					   "%d lock_acquire pid=1 tid=1 lock=%d\n",
					   i, i, i, i, i, i % 50);
	}
	return text;
}

/* Makes the allocation number `failing` fail, and all after it. Returns whether everything went
 * well all the same. */
static bool run_short_of_memory(const struct ilv_script *script, long failing)
{
	struct ilv_intervals *intervals = NULL;
	enum ilv_status status = ILV_STATUS_MEMORY;
	struct ilv_model *model;

	ilv_cause_clear();
	allocations_left = failing;
	model = ilv_model_create();
	if (model) {
		intervals = ilv_intervals_create(model, pass_interval, NULL);
	}
	if (intervals) {
		status = feed_all(model, script);
		if (status >= 0) {
			status = ilv_model_finish(model);
		}
	}
	allocations_left = -1;
	assert_true(status == ILV_STATUS_OK || status == ILV_STATUS_MEMORY);
	if (status == ILV_STATUS_MEMORY) {
		assert_non_null(strstr(ilv_cause_text(), "out of memory"));
	}
	ilv_intervals_destroy(intervals);
	ilv_model_destroy(model);
	return status == ILV_STATUS_OK;
}

static void test_every_allocation_may_fail(void **state)
{
	char *text = many_tasks();
	struct ilv_script *script = ilv_script_parse(text);
	long failing = 0;

	(void)state;
	while (!run_short_of_memory(script, failing)) {
		failing += failing < 200 ? 1 : 7;
	}
	assert_true(failing > TASK_COUNT);
	ilv_script_destroy(script);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_refusal_ends_the_telling),
		cmocka_unit_test(test_a_late_event_comes_at_the_newest_time),
		cmocka_unit_test(test_a_run_is_implied_only_when_asked_for),
		cmocka_unit_test(test_an_empty_trace_is_over_at_once),
		cmocka_unit_test(test_ids_tell_lives_apart_and_fit),
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
