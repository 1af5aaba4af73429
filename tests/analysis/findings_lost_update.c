/* SPDX-License-Identifier: MIT */
/* Description: the finding lost-update: small stories with counts made by hand, random ones held
 * against a simulated memory, and long ones that must not take long. Times in scripts are us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/analysis/findings_fixture.h"

#define READ(time, tid, value)                                                                     \
	time " shared_read pid=10 tid=" tid " address=0x600 value_before=" value                   \
	     " value_after=" value "\n"
#define WRITE(time, tid, before, after)                                                            \
	time " shared_write pid=10 tid=" tid " address=0x600 value_before=" before                 \
	     " value_after=" after "\n"
#define UPDATE(time, tid, before, after)                                                           \
	time " shared_update pid=10 tid=" tid " address=0x600 value_before=" before                \
	     " value_after=" after "\n"
#define TWO_THREADS                                                                                \
	SCRIPT_BEGIN("thread", "2")                                                                \
	STARTS("0", "11", "0", "alpha") STARTS("0", "12", "1", "beta")

static void assert_counts(const char *script, int64_t lost_count, int64_t total_count)
{
	struct ilv_report *report = findings_report(script);
	const struct ilv_finding *found = findings_find(report, 0, "lost-update", 0);

	assert_non_null(found);
	assert_int_equal(found->affected_count, lost_count);
	assert_int_equal(found->total_count, total_count);
	ilv_report_destroy(report);
}

/* alpha reads 0 and is cut short; beta makes it 2 on the same CPU; alpha writes 1 over that. */
static void test_cut_in_the_gap(void **state)
{
	struct ilv_report *report = findings_report(
		SCRIPT_BEGIN("thread", "1") STARTS("0", "11", "0", "alpha") READ("100", "11", "0")
			CUT("150", "11", "0") STARTS("150", "12", "0", "beta")
				READ("200", "12", "0") WRITE("210", "12", "0", "1")
					READ("220", "12", "1") WRITE("230", "12", "1", "2")
						EXITS("240", "12", "0") RUNS("240", "11", "0")
							WRITE("400", "11", "0", "1")
								SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "lost-update", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->severity, ILV_SEVERITY_PROBLEM);
	assert_int_equal(found->cost_ns, ILV_UNKNOWN);
	assert_int_equal(found->affected_count, 2);
	assert_int_equal(found->total_count, 3);
	assert_int_equal(found->begin_ns, 100000);
	assert_int_equal(found->end_ns, 400000);
	assert_int_equal(found->moment_ns, 400000);
	assert_string_equal(found->moment_entity_id, "thread:10.11.0");
	assert_int_equal(found->entity_count, 2);
	assert_string_equal(found->entity_ids[0], "thread:10.11.0");
	assert_string_equal(found->entity_ids[1], "thread:10.12.0");
	assert_string_equal(found->title, "2 of 3 updates lost");
	assert_string_equal(
		found->text,
		"A value was written over newer ones, computed from what had been read "
		"before them. The worst: at 100 µs alpha read 0 and was cut short before it "
		"could write; others made it 2; then, 300 µs after its read, alpha wrote 1, "
		"which undid 2 updates. Lost at 0x600: 2 while the one that overwrote it was "
		"cut short. Hold a lock from read to write, or use one atomic operation.");
	assert_string_equal(
		found->moment_text,
		"alpha writes 1, computed from the 0 that it read 300 µs before; others had "
		"made it 2 meanwhile: 2 updates lost.");
	ilv_report_destroy(report);
}

static void test_two_cpus_at_once(void **state)
{
	struct ilv_report *report =
		findings_report(TWO_THREADS READ("100", "11", "0") READ("110", "12", "0") WRITE(
			"120", "12", "0", "1") WRITE("130", "11", "0", "1") SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "lost-update", 0);

	(void)state;
	assert_int_equal(found->affected_count, 1);
	assert_int_equal(found->total_count, 2);
	assert_non_null(
		strstr(found->text,
		       "at 100 µs alpha read 0; beta, on another CPU at the same time, made it "
		       "1; then, 30 µs after its read, alpha wrote 1, which undid 1 update."));
	assert_non_null(
		strstr(found->text, "1 while both ran, on two CPUs at the same time. Hold a lock"));
	ilv_report_destroy(report);
}

/* alpha was cut, but ran again when beta wrote: that was no fault of the cut. */
static void test_cut_before_and_at_once(void **state)
{
	struct ilv_report *report = findings_report(
		TWO_THREADS READ("100", "11", "0") CUT("110", "11", "0") RUNS("120", "11", "0")
			READ("130", "12", "0") WRITE("140", "12", "0", "1")
				WRITE("150", "11", "0", "1") SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "lost-update", 0);

	(void)state;
	assert_non_null(strstr(found->text, "alpha read 0; beta, on another CPU at the same time"));
	assert_non_null(strstr(found->text, "1 while both ran"));
	ilv_report_destroy(report);
}

/* Where nobody recorded switches, how it came about is not known, and not said. */
static void test_without_switches(void **state)
{
	struct ilv_report *report = findings_report(
		"0 thread_start pid=10 tid=11 cpu=0 name=alpha role=job\n"
		"0 run_begin pid=10 tid=11 cpu=0 workload=test unit=thread cpu_count=2\n"
		"0 thread_start pid=10 tid=12 cpu=1 name=beta role=job\n" READ("100", "11", "0")
			READ("110", "12", "0") WRITE("120", "12", "0", "1")
				WRITE("130", "11", "0", "1") "200 run_end pid=10 tid=11 cpu=0\n");
	const struct ilv_finding *found = findings_find(report, 0, "lost-update", 0);

	(void)state;
	assert_int_equal(found->affected_count, 1);
	assert_null(strstr(found->text, "same time"));
	assert_null(strstr(found->text, "cut short"));
	assert_non_null(strstr(found->text, "1 in a way that the recording does not show."));
	ilv_report_destroy(report);
}

static void test_nothing_lost(void **state)
{
	(void)state;
	/* Unprotected, but one after the other. */
	findings_assert_none(TWO_THREADS READ("100", "11", "0") WRITE("110", "11", "0", "1")
				     READ("120", "12", "1") WRITE("130", "12", "1", "2")
					     READ("140", "11", "2") SCRIPT_END("1000"),
			     "lost-update");
	/* Cut in the gap, and nobody else wrote meanwhile. */
	findings_assert_none(TWO_THREADS READ("100", "11", "0") CUT("105", "11", "0")
				     READ("106", "12", "0") RUNS("107", "11", "0")
					     WRITE("110", "11", "0", "1") SCRIPT_END("1000"),
			     "lost-update");
	/* Atomic updates, told in another order than they happened. */
	findings_assert_none(TWO_THREADS UPDATE("100", "11", "0", "1") UPDATE("110", "12", "2", "3")
				     UPDATE("111", "11", "1", "2") READ("120", "11", "3")
					     SCRIPT_END("1000"),
			     "lost-update");
	/* Not even the first one is told first. */
	findings_assert_none(TWO_THREADS UPDATE("100", "11", "1", "2") UPDATE("101", "12", "0", "1")
				     UPDATE("102", "11", "2", "3") READ("120", "11", "3")
					     SCRIPT_END("1000"),
			     "lost-update");
	/* A plain write told only after another had read and raised what it wrote. */
	findings_assert_none(TWO_THREADS READ("100", "11", "0") READ("101", "12", "1")
				     WRITE("102", "12", "1", "2") WRITE("103", "11", "0", "1")
					     READ("104", "12", "2") SCRIPT_END("1000"),
			     "lost-update");
	/* A write whose read was long ago and is not told for this write: it tells what it read. */
	findings_assert_none(TWO_THREADS READ("10", "12", "0") UPDATE("100", "11", "0", "1")
				     WRITE("110", "12", "1", "2") SCRIPT_END("1000"),
			     "lost-update");
	/* Reads alone. */
	findings_assert_none(TWO_THREADS READ("100", "11", "7") READ("110", "12", "7")
				     SCRIPT_END("1000"),
			     "lost-update");
}

/* Two wrote the same value: one of them is kept. */
static void test_duplicates(void **state)
{
	(void)state;
	assert_counts(TWO_THREADS READ("100", "11", "0") READ("110", "12", "0")
			      WRITE("120", "11", "0", "1") WRITE("130", "12", "0", "1")
				      READ("140", "11", "1") READ("150", "12",
								  "1") WRITE("160", "11", "1", "2")
					      WRITE("170", "12", "1", "2") SCRIPT_END("1000"),
		      2, 4);
}

/* alpha reads 0, and writes 1 when beta has made it 3; then beta raises that to 2. */
static void test_dragged_back(void **state)
{
	(void)state;
	assert_counts(TWO_THREADS READ("100", "11", "0") UPDATE("110", "12", "0", "1")
			      UPDATE("120", "12", "1", "2") UPDATE("130", "12", "2", "3")
				      WRITE("140", "11", "0", "1") UPDATE("150", "12", "1", "2")
					      SCRIPT_END("1000"),
		      3, 5);
}

/* Back at the initial value by what is told: that a value was read from the beginning ends the
 * chain there. */
static void test_initial_value_again(void **state)
{
	(void)state;
	assert_counts(TWO_THREADS READ("100", "11", "0") UPDATE("110", "12", "0", "1")
			      UPDATE("120", "12", "1", "0") WRITE("140", "11", "0", "1")
				      SCRIPT_END("1000"),
		      2, 3);
}

/* What the trace does not show wrote last: nothing that was told is left. */
static void test_written_from_outside(void **state)
{
	struct ilv_report *report = findings_report(TWO_THREADS UPDATE("100", "11", "0", "1") READ(
		"200", "11", "99") SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "lost-update", 0);

	(void)state;
	assert_string_equal(found->title, "1 of 1 update lost");
	assert_string_equal(
		found->text,
		"The number at 0x600 ended as 99, which no update that was recorded led "
		"to: something else has written it.");
	ilv_report_destroy(report);
}

static void test_two_variables(void **state)
{
	struct ilv_report *report = findings_report(
		TWO_THREADS READ("100", "11", "0") READ("110", "12", "0")
			WRITE("120", "12", "0", "1")
				WRITE("130", "11", "0",
				      "1") "140 shared_update pid=10 tid=11 address=0x700 "
					   "value_before=0 value_after=1\n"
					   "150 shared_update pid=10 tid=12 address=0x700 "
					   "value_before=1 value_after=2\n" SCRIPT_END("1000"));

	(void)state;
	assert_int_equal(findings_find(report, 0, "lost-update", 0)->total_count, 2);
	assert_null(findings_find(report, 0, "lost-update", 1));
	ilv_report_destroy(report);
}

/* The same address in the next run, where nothing is lost; and in a third, where it is. */
static void test_runs_apart(void **state)
{
#define NEXT(time) time " run_begin pid=10 tid=10 cpu=9 workload=test unit=thread cpu_count=2\n"
	struct ilv_report *report = findings_report(
		TWO_THREADS READ("100", "11", "0") READ("110", "12", "0") WRITE(
			"120", "12", "0", "1") WRITE("130", "11", "0", "1") SCRIPT_END("1000")
			NEXT("2000") READ("2100", "11", "0") WRITE("2110", "11", "0", "1") READ(
				"2120", "12", "1") WRITE("2130", "12", "1", "2") SCRIPT_END("3000")
				NEXT("4000") READ("4100", "11", "5") UPDATE("4110", "12", "5", "6")
					WRITE("4120", "11", "5", "6") SCRIPT_END("5000"));
	const struct ilv_finding *third = findings_find(report, 2, "lost-update", 0);

	(void)state;
	assert_int_equal(report->run_count, 3);
	assert_int_equal(findings_find(report, 0, "lost-update", 0)->affected_count, 1);
	assert_null(findings_find(report, 1, "lost-update", 0));
	assert_int_equal(third->affected_count, 1);
	assert_int_equal(third->begin_ns, 100000);
	ilv_report_destroy(report);
}

#define TASK(time, what, number, more)                                                             \
	time " task_" what " pid=10 tid=10 cpu=9 loop=0x200 task=" number " " more "\n"
#define TWO_TASKS                                                                                  \
	SCRIPT_BEGIN("task", "2")                                                                  \
	RUNS("0", "10", "9")                                                                       \
	"0 loop_create pid=10 tid=10 cpu=9 loop=0x200\n" TASK("0", "create", "1", "name=one")      \
		TASK("0", "create", "2", "name=two") TASK("0", "resume", "1", "")
#define LOOP_END "1000 run_end pid=10 tid=10 cpu=9 status=0\n"

static void test_await_in_the_gap(void **state)
{
	struct ilv_report *report = findings_report(
		TWO_TASKS READ("100", "10", "0") TASK("110", "yield", "1",
						      "reason=yield") TASK("120", "resume", "2", "")
			READ("130", "10", "0") TASK("140", "yield", "2", "reason=yield")
				TASK("150", "resume", "1", "") WRITE("160", "10", "0", "1")
					TASK("170", "done", "1", "") TASK("180", "resume", "2", "")
						WRITE("190", "10", "0", "1") LOOP_END);
	const struct ilv_finding *found = findings_find(report, 0, "lost-update", 0);

	(void)state;
	assert_int_equal(found->affected_count, 1);
	assert_int_equal(found->total_count, 2);
	assert_string_equal(found->moment_entity_id, "task:10.0x200.2");
	assert_non_null(strstr(found->text,
			       "at 130 µs two read 0 and gave way before it wrote; one "
			       "made it 1; then, 60 µs after its read, two wrote 1"));
	assert_non_null(strstr(found->text, "1 while the one that overwrote it had given way."));
	ilv_report_destroy(report);
}

/* Without an await in the gap tasks lose nothing, though the kernel cuts their thread there. */
static void test_no_await_in_the_gap(void **state)
{
	(void)state;
	findings_assert_none(
		TWO_TASKS READ("100", "10", "0") CUT("110", "10", "9") RUNS("300", "10", "9")
			WRITE("310", "10", "0", "1") TASK("320", "yield", "1", "reason=yield")
				TASK("330", "resume", "2", "") READ("340", "10", "1")
					WRITE("350", "10", "1", "2") LOOP_END,
		"lost-update");
}

/* Events made by a simulation: a run in which actor `i` is thread 100 + i on CPU i. */
struct recording {
	struct ilv_event *events;
	size_t count, capacity;
	int64_t now_ns;
};

static struct ilv_event *record(struct recording *recording, enum ilv_event_type type, int32_t tid)
{
	struct ilv_event *event;

	if (recording->count == recording->capacity) {
		recording->capacity = recording->capacity ? 2 * recording->capacity : 1024;
		recording->events = realloc(recording->events,
					    recording->capacity * sizeof(*recording->events));
		assert_non_null(recording->events);
	}

	event = &recording->events[recording->count++];
	memset(event, 0, sizeof(*event));
	event->type = type;
	event->pid = 10;
	event->tid = tid;
	event->cpu = tid % 100;
	event->time_ns = recording->now_ns += 10;
	event->recorded_ns = event->time_ns;
	return event;
}

static void record_access(struct recording *recording, enum ilv_event_type type, int32_t tid,
			  int64_t before, int64_t after)
{
	struct ilv_event *event = record(recording, type, tid);

	event->u.shared.address = 0x600;
	event->u.shared.value_before = before;
	event->u.shared.value_after = after;
}

static void begin(struct recording *recording)
{
	struct ilv_event *event = record(recording, ILV_EVENT_RUN_BEGIN, 10);

	event->u.run_begin.unit = ILV_UNIT_THREAD;
	event->u.run_begin.cpu_count = 64;
}

/* Ends the recording, and returns what is said to be lost. */
static int64_t count_lost(struct recording *recording, int64_t *total_count)
{
	struct ilv_report *report;
	const struct ilv_finding *found;
	int64_t lost_count = 0;

	record(recording, ILV_EVENT_RUN_END, 10);
	assert_int_equal(findings_report_of_events(recording->events, recording->count, &report),
			 ILV_STATUS_OK);
	findings_assert_sound(report);
	found = findings_find(report, 0, "lost-update", 0);
	if (found) {
		lost_count = found->affected_count;
		*total_count = found->total_count;
	}

	ilv_report_destroy(report);
	free(recording->events);
	memset(recording, 0, sizeof(*recording));
	return lost_count;
}

static uint32_t random_below(uint64_t *seed, uint32_t limit)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((*seed >> 33) % limit);
}

/*
 * `actor_count` actors add one in turn as chance has it, some atomically, some in two steps with
 * whatever comes in between. Stubborn ones write late: they drag the number far back.
 */
static void simulate(uint64_t seed, uint32_t actor_count, uint32_t step_count)
{
	struct recording recording = {0};
	int64_t initial = random_below(&seed, 1000) - INT64_C(500);
	int64_t memory = initial;
	int64_t read[16];
	bool has_read[16] = {false};
	int64_t increment_count = 0;
	int64_t total_count = 0;
	int64_t lost_count;

	begin(&recording);
	for (uint32_t step = 0; step < step_count; step++) {
		uint32_t actor = random_below(&seed, actor_count);
		int32_t tid = 100 + (int32_t)actor;

		if (!has_read[actor] && random_below(&seed, 4) == 0) {
			record_access(&recording, ILV_EVENT_SHARED_UPDATE, tid, memory, memory + 1);
			memory++;
			increment_count++;
		} else if (!has_read[actor]) {
			read[actor] = memory;
			has_read[actor] = true;
			record_access(&recording, ILV_EVENT_SHARED_READ, tid, memory, memory);
		} else if (actor > 0 || random_below(&seed, 40) == 0) {
			memory = read[actor] + 1;
			has_read[actor] = false;
			increment_count++;
			record_access(&recording, ILV_EVENT_SHARED_WRITE, tid, read[actor], memory);
		}
	}

	lost_count = count_lost(&recording, &total_count);
	assert_int_equal(lost_count, increment_count - (memory - initial));
	assert_true(lost_count == 0 || total_count == increment_count);
}

static void test_random(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		simulate(seed, 1 + (uint32_t)(seed % 8), 20 + (uint32_t)(seed * 7 % 600));
	}
}

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The time that judging takes must not depend on what the values are. */
static void test_a_million(void **state)
{
	const uint32_t write_count = 1000000;
	double limit_s = 6;

	(void)state;
	for (unsigned int story = 0; story < 4; story++) {
		struct recording recording = {0};
		int64_t total_count = 0;
		int64_t lost_count;
		int64_t memory = 0;
		double begin_s;
		double made_s;

		begin(&recording);
		record_access(&recording, ILV_EVENT_SHARED_READ, 100, 0, 0);
		for (uint32_t index = 0; index < write_count - 1; index++) {
			int32_t tid = 101 + (int32_t)(index % 3);
			int64_t next = story == 0   ? memory + 1
				       : story == 1 ? !memory
				       : story == 2 ? 1
						    : (memory + 1) % 100;

			/* The third never reads what is there: each writes over the one before. */
			record_access(&recording, ILV_EVENT_SHARED_WRITE, tid,
				      story == 2 ? 0 : memory, next);
			memory = next;
		}

		/* The very first reader wakes up and undoes it all. */
		record_access(&recording, ILV_EVENT_SHARED_WRITE, 100, 0, 1);
		begin_s = seconds();
		lost_count = count_lost(&recording, &total_count);
		made_s = seconds() - begin_s;
		print_message("story %u: %.2f s\n", story, made_s);
		assert_int_equal(lost_count, write_count - 1);
		assert_int_equal(total_count, write_count);
		assert_true(made_s < limit_s);
	}
}

/* Beyond what is kept, it says that it does not know instead of a number that is wrong. */
static void test_too_many(void **state)
{
	struct recording recording = {0};
	struct ilv_report *report;
	const struct ilv_finding *found;

	(void)state;
	begin(&recording);
	for (int64_t value = 0; value <= 2000000; value++) {
		record_access(&recording, ILV_EVENT_SHARED_UPDATE, 100, value, value + 1);
	}

	record(&recording, ILV_EVENT_RUN_END, 10);
	assert_int_equal(findings_report_of_events(recording.events, recording.count, &report),
			 ILV_STATUS_OK);
	found = findings_find(report, 0, "lost-update", 0);
	assert_int_equal(found->severity, ILV_SEVERITY_NOTE);
	assert_int_equal(found->affected_count, ILV_UNKNOWN);
	assert_string_equal(found->title, "Lost updates not counted");
	assert_non_null(strstr(found->text, "more than 2,000,000 writes"));
	ilv_report_destroy(report);
	free(recording.events);
}

/* A program that shares an array rather than a variable. */
static void test_many_variables(void **state)
{
	struct recording recording = {0};
	struct ilv_report *report;

	(void)state;
	begin(&recording);
	for (uint32_t index = 0; index < 300000; index++) {
		record_access(&recording, ILV_EVENT_SHARED_UPDATE, 100, 0, 1);
		recording.events[recording.count - 1].u.shared.address = 0x1000 + 8 * index;
	}

	record(&recording, ILV_EVENT_RUN_END, 10);
	assert_int_equal(findings_report_of_events(recording.events, recording.count, &report),
			 ILV_STATUS_OK);
	assert_string_equal(findings_find(report, 0, "lost-update", 0)->title,
			    "Lost updates not counted");
	assert_null(findings_find(report, 0, "lost-update", 1));
	ilv_report_destroy(report);
	free(recording.events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_in_the_gap),
		cmocka_unit_test(test_two_cpus_at_once),
		cmocka_unit_test(test_cut_before_and_at_once),
		cmocka_unit_test(test_without_switches),
		cmocka_unit_test(test_nothing_lost),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_dragged_back),
		cmocka_unit_test(test_initial_value_again),
		cmocka_unit_test(test_written_from_outside),
		cmocka_unit_test(test_two_variables),
		cmocka_unit_test(test_runs_apart),
		cmocka_unit_test(test_await_in_the_gap),
		cmocka_unit_test(test_no_await_in_the_gap),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_a_million),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_many_variables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
