/* SPDX-License-Identifier: MIT */
/* Description: lets every allocation of findings and comparison fail: a failure must come out as
 * one, and nothing may be lost or used twice (which a sanitizer sees). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/findings/draft.h"
#include "analysis/report/comparison.h"
#include "base/cause.h"
#include "tests/analysis/findings_fixture.h"
#include "tests/lib/script.h"

/* The linker sends the program's allocations here; what the C library makes for itself it does not.
 */
static long allocations_left = -1; /* below zero: all succeed */
static bool is_short_for_good;     /* those after the one that fails do too */
static bool has_failed;

void *__real_calloc(size_t count, size_t size);
void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);

static bool must_fail(void)
{
	const bool is_failing = allocations_left == 0;

	has_failed = has_failed || is_failing;
	if (allocations_left > 0 || (is_failing && !is_short_for_good)) {
		allocations_left--;
	}

	return is_failing;
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

char *__wrap_strdup(const char *text)
{
	return must_fail() ? NULL : __real_strdup(text);
}

/* Two runs in which lost-update, contended-lock and cut-while-holding speak.
 */
#define EVERYTHING(later)                                                                          \
	STARTS(later "0", "11", "0", "alpha")                                                      \
	STARTS(later "0", "12", "1", "beta")                                                       \
	later "010 shared_read pid=10 tid=11 cpu=0 address=0x600\n" later                          \
	      "020 shared_read pid=10 tid=12 cpu=1 address=0x600\n" later                          \
	      "030 shared_write pid=10 tid=11 cpu=0 address=0x600 value_before=0 "                 \
	      "value_after=1\n" later "040 shared_write pid=10 tid=12 cpu=1 address=0x600 "        \
	      "value_before=0 value_after=1\n" later                                               \
	      "050 lock_acquire pid=10 tid=11 cpu=0 lock=0x100 kind=mutex\n" later                 \
	      "060 lock_wait_begin pid=10 tid=12 cpu=1 lock=0x100 kind=mutex\n" STOPS(later "060", \
										      "12", "1")   \
		      CUT(later "100", "11", "0") RUNS(later "300", "11", "0") later               \
		"900 lock_release pid=10 tid=11 cpu=0 lock=0x100 kind=mutex\n" WOKEN(              \
			later "900", "12") RUNS(later "900", "12", "1") later                      \
		"900 lock_acquire pid=10 tid=12 cpu=1 lock=0x100 kind=mutex\n" later               \
		"990 lock_release pid=10 tid=12 cpu=1 lock=0x100 kind=mutex\n"

static const char script_text[] = SCRIPT_BEGIN("thread", "2") EVERYTHING("1")
	SCRIPT_END("1999") "2000 run_begin pid=10 tid=10 cpu=9 workload=test runtime=other "
			   "parameters=\"size=3\" "
			   "unit=thread cpu_count=2\n" EVERYTHING("2") SCRIPT_END("2999");

/* A loop that is blocked. */
static const char loop_text[] = SCRIPT_BEGIN("task", "2")
	RUNS("0", "10", "9") "0 loop_create pid=10 tid=10 cpu=9 loop=0x200\n"
			     "0 task_create pid=10 tid=10 cpu=9 loop=0x200 task=1\n"
			     "0 task_create pid=10 tid=10 cpu=9 loop=0x200 task=2\n"
			     "0 task_ready pid=10 tid=10 cpu=9 loop=0x200 task=2\n"
			     "0 task_resume pid=10 tid=10 cpu=9 loop=0x200 task=1\n"
			     "90000 task_done pid=10 tid=10 cpu=9 loop=0x200 task=1\n"
			     "100000 run_end pid=10 tid=10 cpu=9 status=0\n";

/* Two hand a lock around, and a third never gets it. Allocated. */
static char *make_line_text(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	(void)fputs(
		SCRIPT_BEGIN("thread", "4") STARTS("0", "11", "0", "alpha") STARTS("0", "12", "1",
										   "beta")
			STARTS("0", "13", "2",
			       "gamma") "0 lock_acquire pid=10 tid=11 cpu=0 lock=0x100 kind=mutex\n"
					"0 lock_wait_begin pid=10 tid=12 cpu=1 lock=0x100 "
					"kind=mutex\n"
					"0 lock_wait_begin pid=10 tid=13 cpu=2 lock=0x100 "
					"kind=mutex\n",
		stream);
	for (int turn = 0; turn < 120; turn++) {
		(void)fprintf(stream,
			      "%d lock_release pid=10 tid=%d lock=0x100 kind=mutex\n"
			      "%d lock_wait_begin pid=10 tid=%d lock=0x100 kind=mutex\n"
			      "%d lock_acquire pid=10 tid=%d lock=0x100 kind=mutex\n",
			      100 * turn + 5, 11 + turn % 2, 100 * turn + 5, 11 + turn % 2,
			      100 * turn + 100, 12 - turn % 2);
	}

	(void)fputs(SCRIPT_END("13000"), stream);
	assert_int_equal(fclose(stream), 0);
	return text;
}

/* Lets allocation after allocation fail until the report is made without. */
static void walk_report(const char *text, const char *const *expected)
{
	struct ilv_script *script = ilv_script_parse(text);
	struct ilv_report *report = NULL;
	long failed_count = 0;

	do {
		enum ilv_status status;

		ilv_report_destroy(report);
		has_failed = false;
		allocations_left = failed_count;
		status = findings_report_of_events(script->events, script->count, &report);
		allocations_left = -1;
		ilv_cause_clear();
		assert_int_equal(status, has_failed ? ILV_STATUS_MEMORY : ILV_STATUS_OK);
		assert_true((status == ILV_STATUS_OK) == (report != NULL));
		failed_count += has_failed;
	} while (has_failed && failed_count < 100000);

	assert_false(has_failed);
	assert_true(failed_count > 50);
	for (; *expected; expected++) {
		assert_non_null(findings_find(report, 0, *expected, 0));
	}

	ilv_report_destroy(report);
	ilv_script_destroy(script);
}

static void test_reports(void **state)
{
	static const char *const of_threads[] = {"lost-update", "contended-lock",
						 "cut-while-holding", NULL};
	static const char *const of_loop[] = {"blocked-loop", "idle-cpus", NULL};
	static const char *const of_line[] = {"contended-lock", "starvation", "lock-convoy", NULL};
	char *line_text = make_line_text();

	(void)state;
	is_short_for_good = true;
	walk_report(script_text, of_threads);
	walk_report(loop_text, of_loop);
	walk_report(line_text, of_line);
	free(line_text);
}

static enum ilv_status draft_one(struct ilv_judgement *judgement)
{
	struct ilv_process process = {.pid = 10};
	const struct ilv_entity thread = {
		.kind = ILV_ENTITY_KIND_THREAD, .process = &process, .tid = 11};
	struct ilv_draft draft = ilv_draft_begin(judgement, ILV_SEVERITY_NOTE);

	ilv_draft_set_title(&draft, "%d of %d", 1, 2);
	ilv_draft_set_text(&draft, "What happened.");
	ilv_draft_add_id(&draft, "first");
	ilv_draft_add_entity(&draft, &thread);
	ilv_draft_set_moment(&draft, &thread, 5, "Here.");
	return ilv_draft_finish(&draft);
}

/* What a draft is told after a failure succeeds, and the failure comes out all the same. */
static void test_draft(void **state)
{
	struct ilv_judgement judgement = {.kind_id = "kind"};
	const struct ilv_finding *made;
	long failed_count = 0;

	(void)state;
	is_short_for_good = false;
	do {
		enum ilv_status status;

		has_failed = false;
		allocations_left = failed_count;
		status = draft_one(&judgement);
		allocations_left = -1;
		assert_int_equal(status, has_failed ? ILV_STATUS_MEMORY : ILV_STATUS_OK);
		assert_int_equal(judgement.finding_count, has_failed ? 0 : 1);
		failed_count += has_failed;
	} while (has_failed && failed_count < 100);

	/* Of the kind, two ids with their array twice, the moment's, and room for the finding. */
	assert_int_equal(failed_count, 7);
	made = &judgement.findings[0];
	assert_string_equal(made->id, "kind");
	assert_string_equal(made->title, "1 of 2");
	assert_string_equal(made->text, "What happened.");
	assert_int_equal(made->entity_count, 2);
	assert_string_equal(made->entity_ids[0], "first");
	assert_string_equal(made->entity_ids[1], "thread:10.11.0");
	assert_string_equal(made->moment_entity_id, "thread:10.11.0");
	assert_string_equal(made->moment_text, "Here.");
	assert_int_equal(made->moment_ns, 5);
	assert_int_equal(made->cost_ns, ILV_UNKNOWN);
	ilv_finding_fini(&judgement.findings[0]);
	free(judgement.findings);
}

static void test_comparison(void **state)
{
	struct ilv_report *reports[2] = {findings_report(script_text), findings_report(loop_text)};
	const char *const names[2] = {"one", "two"};
	struct ilv_text_style style = {.has_unicode = true, .width = 100};
	struct ilv_comparison *comparison = NULL;
	enum ilv_status status = ILV_STATUS_MEMORY;
	long failed_count = 0;

	(void)state;
	is_short_for_good = true;
	for (; status != ILV_STATUS_OK && failed_count < 1000; failed_count++) {
		allocations_left = failed_count;
		status = ilv_comparison_create((const struct ilv_report *const *)reports, names, 2,
					       &comparison);
		allocations_left = -1;
		assert_true((status == ILV_STATUS_OK) == (comparison != NULL));
	}

	assert_int_equal(status, ILV_STATUS_OK);
	assert_true(failed_count > 3);
	for (failed_count = 0; failed_count < 200; failed_count++) {
		FILE *stream = tmpfile();

		assert_non_null(stream);
		allocations_left = failed_count;
		status = ilv_comparison_write_text(comparison, &style, stream);
		if (status == ILV_STATUS_OK) {
			status = ilv_comparison_write_json(comparison, stream);
		}

		allocations_left = -1;
		(void)fclose(stream);
	}

	assert_int_equal(status, ILV_STATUS_OK);
	ilv_comparison_destroy(comparison);
	ilv_report_destroy(reports[0]);
	ilv_report_destroy(reports[1]);
	ilv_cause_clear();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_draft),
		cmocka_unit_test(test_comparison),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
