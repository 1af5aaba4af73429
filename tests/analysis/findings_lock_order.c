/* SPDX-License-Identifier: MIT */
/* Description: the finding lock-order-cycle, where it must appear and where it must not. Times in
 * scripts are us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/analysis/findings_fixture.h"

/* What thread `tid`, on CPU `cpu`, does with a lock. */
#define ON(time, what, tid, cpu, lock, more)                                                       \
	time " lock_" what " pid=10 tid=" tid " cpu=" cpu " lock=" lock " kind=mutex " more "\n"
#define A                           "0x100"
#define B                           "0x200"
#define C                           "0x300"
#define TAKES(time, tid, cpu, lock) ON(time, "acquire", tid, cpu, lock, "")
#define TRIES(time, tid, cpu, lock) ON(time, "acquire", tid, cpu, lock, "mode=tried")
#define GIVES(time, tid, cpu, lock) ON(time, "release", tid, cpu, lock, "")
#define WANTS(time, tid, cpu, lock) ON(time, "wait_begin", tid, cpu, lock, "") STOPS(time, tid, cpu)
#define NAME(lock, name)                                                                           \
	"0 lock_name pid=10 tid=10 cpu=9 lock=" lock " kind=mutex capacity=1 name=" name "\n"

#define BEGIN                                                                                      \
	SCRIPT_BEGIN("thread", "4")                                                                \
	NAME(A, "first")                                                                           \
	NAME(B, "second")                                                                          \
	NAME(C, "third")                                                                           \
	STARTS("0", "11", "0", "alpha")                                                            \
	STARTS("0", "12", "1", "beta")                                                             \
	STARTS("0", "13", "2", "gamma")

/* Thread takes two locks, one after the other, and gives them up; takes 4 us. */
#define NESTED(time, tid, cpu, outer, inner)                                                       \
	TAKES(time ".1", tid, cpu, outer)                                                          \
	TAKES(time ".2", tid, cpu, inner)                                                          \
	GIVES(time ".3", tid, cpu, inner) GIVES(time ".4", tid, cpu, outer)

static void test_deadlock(void **state)
{
	struct ilv_report *report = findings_report(
		BEGIN TAKES("100", "11", "0", A) TAKES("110", "12", "1", B)
			WANTS("200", "11", "0", B) WANTS("300", "12", "1", A) SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "lock-order-cycle", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->severity, ILV_SEVERITY_PROBLEM);
	assert_string_equal(found->title, "Deadlock of 2 threads");
	assert_int_equal(found->begin_ns, 300000);
	assert_int_equal(found->end_ns, 1000000);
	assert_int_equal(found->cost_ns, 2 * 700000);
	assert_int_equal(found->affected_count, 2);
	assert_int_equal(found->entity_count, 4);
	assert_string_equal(found->entity_ids[0], "thread:10.12.0");
	assert_string_equal(found->entity_ids[1], "thread:10.11.0");
	assert_string_equal(found->entity_ids[2], "lock:10.0x100.0");
	assert_string_equal(found->entity_ids[3], "lock:10.0x200.0");
	assert_string_equal(
		found->text,
		"At 300 µs a ring closed: beta waits for lock `first`, which alpha holds, and "
		"alpha "
		"waits for lock `second`, which beta holds. None of them ever went on; the run "
		"ended 700 µs later. Take these locks in one order everywhere, or hold one at a "
		"time.");
	assert_string_equal(found->moment_entity_id, "thread:10.12.0");
	assert_int_equal(found->moment_ns, 300000);
	/* What happened is not called possible besides. */
	assert_null(findings_find(report, 0, "lock-order-cycle", 1));
	ilv_report_destroy(report);
}

/* What becomes of the threads after the run's end does not end the deadlock in it. */
static void test_deadlock_outlives_run(void **state)
{
	struct ilv_report *report = findings_report(
		BEGIN TAKES("100", "11", "0", A) TAKES("110", "12", "1", B)
			WANTS("200", "11", "0", B) WANTS("300", "12", "1", A)
				SCRIPT_END("1000") "1100 lock_wait_abandon pid=10 tid=12 cpu=1 "
						   "lock=0x100 kind=mutex\n");
	const struct ilv_finding *found = findings_find(report, 0, "lock-order-cycle", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->end_ns, 1000000);
	assert_non_null(strstr(found->text, "None of them ever went on"));
	ilv_report_destroy(report);
}

static void test_broken_deadlock(void **state)
{
	struct ilv_report *report = findings_report(
		BEGIN TAKES("100", "11", "0", A) TAKES("110", "12", "1", B)
			WANTS("200", "11", "0", B) WANTS("300", "12", "1", A) RUNS("450", "12", "1")
				ON("450", "wait_abandon", "12", "1", A, "")
					GIVES("460", "12", "1", B) SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "lock-order-cycle", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->severity, ILV_SEVERITY_PROBLEM);
	assert_int_equal(found->end_ns, 450000);
	assert_non_null(
		strstr(found->text, "It was broken when one of them gave up 150 µs later."));
	ilv_report_destroy(report);
}

static void test_deadlock_of_three(void **state)
{
	struct ilv_report *report =
		findings_report(BEGIN TAKES("100", "11", "0", A) TAKES("100", "12", "1", B) TAKES(
			"100", "13", "2", C) WANTS("200", "11", "0", B) WANTS("210", "12", "1", C)
					WANTS("220", "13", "2", A) SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "lock-order-cycle", 0);

	(void)state;
	assert_non_null(found);
	assert_string_equal(found->title, "Deadlock of 3 threads");
	assert_int_equal(found->entity_count, 6);
	ilv_report_destroy(report);
}

/* Contrary orders, one after the other: it went well by luck. */
static void test_contrary_orders(void **state)
{
	struct ilv_report *report = findings_report(BEGIN NESTED("100", "11", "0", A, B) NESTED(
		"200", "12", "1", B, A) SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "lock-order-cycle", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->severity, ILV_SEVERITY_WARNING);
	assert_int_equal(found->cost_ns, ILV_UNKNOWN);
	assert_int_equal(found->begin_ns, 100200);
	assert_int_equal(found->end_ns, 200200);
	assert_string_equal(
		found->text,
		"Nothing happened this time, but it could deadlock: alpha took lock `second` while "
		"it held lock `first`, and beta took lock `first` while it held lock `second`. If "
		"all come in between at once, nobody goes on. Take these locks in one order "
		"everywhere.");
	assert_string_equal(found->moment_entity_id, "thread:10.12.0");
	assert_null(findings_find(report, 0, "lock-order-cycle", 1));
	ilv_report_destroy(report);
}

static void test_contrary_orders_of_three(void **state)
{
	struct ilv_report *report = findings_report(BEGIN NESTED("100", "11", "0", A, B) NESTED(
		"200", "12", "1", B, C) NESTED("300", "13", "2", C, A) SCRIPT_END("1000"));
	const struct ilv_finding *found = findings_find(report, 0, "lock-order-cycle", 0);

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->entity_count, 6);
	assert_null(findings_find(report, 0, "lock-order-cycle", 1));
	ilv_report_destroy(report);
}

static void test_no_cycle(void **state)
{
	(void)state;
	/* One order for all, contended or not. */
	findings_assert_none(
		BEGIN NESTED("100", "11", "0", A, B) NESTED("200", "12", "1", A, B)
			TAKES("300", "11", "0", A) WANTS("310", "12", "1", A)
				GIVES("400", "11", "0", A) WOKEN("400", "12") RUNS("410", "12", "1")
					TAKES("410", "12", "1", A) SCRIPT_END("1000"),
		"lock-order-cycle");
	/* A chain is no ring. */
	findings_assert_none(BEGIN NESTED("100", "11", "0", A, B) NESTED("200", "12", "1", B, C)
				     NESTED("300", "13", "2", A, C) SCRIPT_END("1000"),
			     "lock-order-cycle");
	/* One alone never meets itself. */
	findings_assert_none(BEGIN NESTED("100", "11", "0", A, B) NESTED("200", "11", "0", B, A)
				     SCRIPT_END("1000"),
			     "lock-order-cycle");
	/* Who only tries does not wait. */
	findings_assert_none(BEGIN TAKES("100", "11", "0", A) TRIES("110", "11", "0", B)
				     GIVES("120", "11", "0", B) GIVES("130", "11", "0",
								      A) TAKES("200", "12", "1", B)
					     TRIES("210", "12", "1", A) GIVES("220", "12", "1", A)
						     GIVES("230", "12", "1", B) SCRIPT_END("1000"),
			     "lock-order-cycle");
	/* A common lock around both: they never meet. */
	findings_assert_none(BEGIN TAKES("100", "11", "0", C) NESTED("101", "11", "0", A, B)
				     GIVES("102", "11", "0", C) TAKES("200", "12", "1", C)
					     NESTED("201", "12", "1", B, A)
						     GIVES("202", "12", "1", C) SCRIPT_END("1000"),
			     "lock-order-cycle");
	/* Never two at once. */
	findings_assert_none(BEGIN TAKES("100", "11", "0", A) GIVES("110", "11", "0", A)
				     TAKES("120", "11", "0", B) GIVES("130", "11", "0",
								      B) TAKES("200", "12", "1", B)
					     GIVES("210", "12", "1", B) TAKES("220", "12", "1", A)
						     GIVES("230", "12", "1", A) SCRIPT_END("1000"),
			     "lock-order-cycle");
}

/* The lock around both must be there every time. */
static void test_guard_that_is_left_out(void **state)
{
	struct ilv_report *report = findings_report(
		BEGIN TAKES("100", "11", "0", C) NESTED("101", "11", "0", A, B)
			GIVES("102", "11", "0", C) TAKES("200", "12", "1", C)
				NESTED("201", "12", "1", B, A) GIVES("202", "12", "1", C)
					NESTED("300", "12", "1", B, A) SCRIPT_END("1000"));

	(void)state;
	assert_non_null(findings_find(report, 0, "lock-order-cycle", 0));
	ilv_report_destroy(report);
}

/* Three who take three locks in a ring, each with one of `seats` seats. */
#define SEATED(seats)                                                                              \
	BEGIN "0 lock_name pid=10 tid=10 cpu=9 lock=0x400 kind=sem capacity=" seats                \
	      " name=seats\n" SEATED_NESTED("100", "11", "0", A, B)                                \
		      SEATED_NESTED("200", "12", "1", B, C) SEATED_NESTED("300", "13", "2", C, A)  \
			      SCRIPT_END("1000")
#define SEATED_NESTED(time, tid, cpu, outer, inner)                                                \
	time " lock_acquire pid=10 tid=" tid " cpu=" cpu                                           \
	     " lock=0x400 kind=sem\n" NESTED(time, tid, cpu, outer, inner) time                    \
		".9 lock_release pid=10 tid=" tid " cpu=" cpu " lock=0x400 kind=sem\n"

static void test_seats(void **state)
{
	struct ilv_report *report = findings_report(SEATED("3"));

	(void)state;
	assert_non_null(findings_find(report, 0, "lock-order-cycle", 0));
	ilv_report_destroy(report);
	/* Fewer seats than it takes to close the ring. */
	findings_assert_none(SEATED("2"), "lock-order-cycle");
	findings_assert_none(SEATED("1"), "lock-order-cycle");
}

/* Readers let each other in; a writer among them does not. */
#define RW(time, what, tid, cpu, lock, mode)                                                       \
	time " lock_" what " pid=10 tid=" tid " cpu=" cpu " lock=" lock " kind=rwlock mode=" mode  \
	     "\n"
#define RW_NESTED(time, tid, cpu, outer, outer_mode, inner, inner_mode)                            \
	RW(time ".1", "acquire", tid, cpu, outer, outer_mode)                                      \
	RW(time ".2", "acquire", tid, cpu, inner, inner_mode)                                      \
	RW(time ".3", "release", tid, cpu, inner, inner_mode)                                      \
	RW(time ".4", "release", tid, cpu, outer, outer_mode)
#define RW_BEGIN                                                                                   \
	SCRIPT_BEGIN("thread", "4")                                                                \
	STARTS("0", "11", "0", "alpha")                                                            \
	STARTS("0", "12", "1", "beta")

static void test_readers(void **state)
{
	struct ilv_report *report;

	(void)state;
	findings_assert_none(RW_BEGIN RW_NESTED("100", "11", "0", A, "shared", B, "shared")
				     RW_NESTED("200", "12", "1", B, "shared", A, "shared")
					     SCRIPT_END("1000"),
			     "lock-order-cycle");

	report = findings_report(RW_BEGIN RW_NESTED("100", "11", "0", A, "shared", B, "exclusive")
					 RW_NESTED("200", "12", "1", B, "shared", A, "exclusive")
						 SCRIPT_END("1000"));
	assert_non_null(findings_find(report, 0, "lock-order-cycle", 0));
	ilv_report_destroy(report);
}

/* Orders of one run say nothing of those of another. */
static void test_two_runs(void **state)
{
	struct ilv_report *report;

	(void)state;
	report = findings_report(BEGIN NESTED("100", "11", "0", A, B) SCRIPT_END(
		"1000") "2000 run_begin pid=10 tid=10 cpu=9 workload=test runtime=test "
			"parameters=\"\" unit=thread cpu_count=4\n" NESTED(
				"2100", "12", "1", B,
				A) "3000 run_end pid=10 tid=10 cpu=9 status=0\n");
	assert_int_equal(report->run_count, 2);
	assert_null(findings_find(report, 0, "lock-order-cycle", 0));
	assert_null(findings_find(report, 1, "lock-order-cycle", 0));
	ilv_report_destroy(report);
}

/* Who gives up and tries again may close a ring each time: the one that the run ends in is told. */
static void test_last_of_many_deadlocks(void **state)
{
	const int broken_count = 100;
	char *script = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&script, &size);
	struct ilv_report *report;
	bool has_last = false;
	uint32_t count = 0;

	(void)state;
	(void)fputs(BEGIN, stream);
	for (int round = 0; round <= broken_count; round++) {
		const int at = 100 + 10 * round;

		(void)fprintf(stream,
			      "%d lock_acquire pid=10 tid=11 cpu=0 lock=" A " kind=mutex\n"
			      "%d lock_acquire pid=10 tid=12 cpu=1 lock=" B " kind=mutex\n"
			      "%d lock_wait_begin pid=10 tid=11 cpu=0 lock=" B " kind=mutex\n"
			      "%d lock_wait_begin pid=10 tid=12 cpu=1 lock=" A " kind=mutex\n",
			      at, at, at + 1, at + 2);
		if (round < broken_count) {
			(void)fprintf(stream,
				      "%d lock_wait_abandon pid=10 tid=12 cpu=1 lock=" A
				      " kind=mutex\n"
				      "%d lock_release pid=10 tid=12 cpu=1 lock=" B " kind=mutex\n"
				      "%d lock_acquire pid=10 tid=11 cpu=0 lock=" B
				      " kind=mutex is_contended=true\n"
				      "%d lock_release pid=10 tid=11 cpu=0 lock=" B " kind=mutex\n"
				      "%d lock_release pid=10 tid=11 cpu=0 lock=" A " kind=mutex\n",
				      at + 4, at + 5, at + 6, at + 7, at + 8);
		}
	}
	(void)fputs(SCRIPT_END("2000"), stream);
	(void)fclose(stream);
	report = findings_report(script);
	for (const struct ilv_finding *found;
	     (found = findings_find(report, 0, "lock-order-cycle", count)); count++) {
		assert_int_equal(found->severity, ILV_SEVERITY_PROBLEM);
		has_last |= found->begin_ns == (102 + 10 * broken_count) * 1000 &&
			    strstr(found->text, "None of them ever went on");
	}
	assert_true(has_last);
	assert_int_equal(count, 8);
	ilv_report_destroy(report);
	free(script);
}

/* Hand over hand along a list of thousands of locks, and once against its order. */
static void test_long_chain(void **state)
{
	const int lock_count = 4000;
	char *script = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&script, &size);
	struct ilv_report *report;
	const struct ilv_finding *found;

	(void)state;
	(void)fputs(BEGIN, stream);
	for (int lock = 0; lock <= lock_count; lock++) {
		/* The last time, the last but one is taken under the last. */
		const int outer = lock < lock_count ? lock : lock_count;
		const int inner = lock < lock_count ? lock + 1 : lock_count - 1;
		const int tid = lock < lock_count ? 11 : 12;
		const int times[] = {1, 2, 3, 4};
		const char *what[] = {"acquire", "acquire", "release", "release"};
		const int locks[] = {outer, inner, inner, outer};

		for (int step = 0; step < 4; step++) {
			(void)fprintf(stream,
				      "%d lock_%s pid=10 tid=%d cpu=%d lock=0x%x kind=mutex\n",
				      100 + 4 * lock + times[step], what[step], tid, tid - 11,
				      0x1000 + 16 * (unsigned int)locks[step]);
		}
	}
	(void)fputs(SCRIPT_END("20000"), stream);
	(void)fclose(stream);
	report = findings_report(script);
	found = findings_find(report, 0, "lock-order-cycle", 0);
	assert_non_null(found);
	assert_int_equal(found->entity_count, 4);
	assert_string_equal(found->entity_ids[2], "lock:10.0x10a00.0");
	assert_string_equal(found->entity_ids[3], "lock:10.0x109f0.0");
	assert_null(findings_find(report, 0, "lock-order-cycle", 1));
	ilv_report_destroy(report);
	free(script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deadlock),
		cmocka_unit_test(test_deadlock_outlives_run),
		cmocka_unit_test(test_broken_deadlock),
		cmocka_unit_test(test_deadlock_of_three),
		cmocka_unit_test(test_contrary_orders),
		cmocka_unit_test(test_contrary_orders_of_three),
		cmocka_unit_test(test_no_cycle),
		cmocka_unit_test(test_guard_that_is_left_out),
		cmocka_unit_test(test_seats),
		cmocka_unit_test(test_readers),
		cmocka_unit_test(test_two_runs),
		cmocka_unit_test(test_last_of_many_deadlocks),
		cmocka_unit_test(test_long_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
