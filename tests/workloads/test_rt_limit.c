/* SPDX-License-Identifier: MIT */
/* Description: what the kernel's limit for real-time threads explains, and what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "workloads/lessons/rt_limit.h"

#define MS INT64_C(1000000)

static void assert_explains(int64_t duration_ms, int64_t held_back_ms, bool is_explained)
{
	const struct ilv_rt_limit usual = {.runtime_ns = 950 * MS, .period_ns = 1000 * MS};

	assert_int_equal(ilv_rt_limit_explains(&usual, duration_ms * MS, held_back_ms * MS),
			 is_explained);
}

static void test_explains(void **state)
{
	const struct ilv_rt_limit half = {.runtime_ns = 5 * MS, .period_ns = 10 * MS};

	(void)state;
	assert_explains(1200, 54, true);
	assert_explains(4300, 214, true);
	assert_explains(4300, 50, true); /* others had the CPU so often that it was met once */
	assert_explains(60, 40, true);   /* of a period that began before */
	assert_explains(600, 0, false);
	assert_explains(1200, 3, false);
	assert_explains(1200, 400, false); /* nor is what takes longer than the limit */
	assert_true(ilv_rt_limit_explains(&half, 1000 * MS, 500 * MS));
	assert_false(ilv_rt_limit_explains(&half, 1000 * MS, 990 * MS));
}

static long read_long(const char *path, long missing)
{
	FILE *file = fopen(path, "r");
	long value = missing;

	if (file) {
		assert_int_equal(fscanf(file, "%ld", &value), 1);
		(void)fclose(file);
	}

	return value;
}

static void test_reads(void **state)
{
	const long runtime_us = read_long("/proc/sys/kernel/sched_rt_runtime_us", -1);
	const long period_us = read_long("/proc/sys/kernel/sched_rt_period_us", -1);
	struct ilv_rt_limit limit = {0};

	(void)state;
	assert_int_equal(ilv_rt_limit_read(&limit), runtime_us >= 0 && runtime_us < period_us);
	if (limit.period_ns > 0) {
		assert_int_equal(limit.runtime_ns, 1000 * runtime_us);
		assert_int_equal(limit.period_ns, 1000 * period_us);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explains),
		cmocka_unit_test(test_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
