/* SPDX-License-Identifier: MIT */
/*
 * Description: who is covered by a system-wide recording, after forks, ends, and exec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "recorder/covered.h"

static void follow(struct ilv_covered *covered, enum ilv_record_kind kind, int32_t pid, int32_t tid,
		   int32_t parent_tid)
{
	struct ilv_record record = {
		.kind = kind,
		.pid = pid,
		.tid = tid,
		.other_tid = parent_tid,
	};

	assert_int_equal(ilv_covered_follow(covered, &record), ILV_STATUS_OK);
}

static void test_grows_by_fork(void **state)
{
	struct ilv_covered covered = {0};

	(void)state;
	assert_int_equal(ilv_covered_add(&covered, 10, 10), ILV_STATUS_OK);
	follow(&covered, ILV_RECORD_KIND_FORK, 10, 11, 10);
	follow(&covered, ILV_RECORD_KIND_FORK, 12, 12, 11);
	follow(&covered, ILV_RECORD_KIND_FORK, 21, 21, 20);
	assert_non_null(ilv_covered_find(&covered, 11));
	assert_int_equal(ilv_covered_find(&covered, 12)->pid, 12);
	assert_null(ilv_covered_find(&covered, 21));
	follow(&covered, ILV_RECORD_KIND_EXIT, 10, 11, 10);
	assert_true(ilv_covered_find(&covered, 11)->is_exiting);
	ilv_covered_fini(&covered);
	assert_null(ilv_covered_find(&covered, 10));
}

static void test_begins_at_exec(void **state)
{
	struct ilv_covered covered = {.exec_pid = 10};

	(void)state;
	follow(&covered, ILV_RECORD_KIND_FORK, 9, 9, 10);
	assert_null(ilv_covered_find(&covered, 9));
	follow(&covered, ILV_RECORD_KIND_EXEC, 10, 10, -1);
	assert_non_null(ilv_covered_find(&covered, 10));
	follow(&covered, ILV_RECORD_KIND_FORK, 11, 11, 10);
	assert_non_null(ilv_covered_find(&covered, 11));
	/* Somebody else's exec. */
	follow(&covered, ILV_RECORD_KIND_EXEC, 30, 30, -1);
	assert_null(ilv_covered_find(&covered, 30));
	ilv_covered_fini(&covered);
}

/* A thread other than the first calls exec: it gets the first one's id, which had ended. */
static void test_exec_of_another_thread(void **state)
{
	struct ilv_covered covered = {0};

	(void)state;
	assert_int_equal(ilv_covered_add(&covered, 10, 10), ILV_STATUS_OK);
	follow(&covered, ILV_RECORD_KIND_FORK, 10, 11, 10);
	follow(&covered, ILV_RECORD_KIND_EXIT, 10, 10, 1);
	ilv_covered_remove(&covered, ilv_covered_find(&covered, 10));
	follow(&covered, ILV_RECORD_KIND_EXEC, 10, 10, -1);
	assert_non_null(ilv_covered_find(&covered, 10));
	assert_false(ilv_covered_find(&covered, 10)->is_exiting);
	ilv_covered_fini(&covered);
}

/* Ids are used again: a stranger who gets one of ours is a stranger all the same. */
static void test_reused_ids(void **state)
{
	struct ilv_covered covered = {0};

	(void)state;
	assert_int_equal(ilv_covered_add(&covered, 10, 10), ILV_STATUS_OK);
	follow(&covered, ILV_RECORD_KIND_FORK, 12, 12, 10);
	follow(&covered, ILV_RECORD_KIND_FORK, 10, 13, 10);
	follow(&covered, ILV_RECORD_KIND_FORK, 12, 12, 90);
	follow(&covered, ILV_RECORD_KIND_FORK, 91, 13, 90);
	assert_null(ilv_covered_find(&covered, 12));
	assert_null(ilv_covered_find(&covered, 13));
	assert_non_null(ilv_covered_find(&covered, 10));
	ilv_covered_fini(&covered);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows_by_fork),
		cmocka_unit_test(test_begins_at_exec),
		cmocka_unit_test(test_exec_of_another_thread),
		cmocka_unit_test(test_reused_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
