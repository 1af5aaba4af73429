/* SPDX-License-Identifier: MIT */
/* Description: the distribution against exact percentiles of the same values, merged, and at its
 * limits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/metrics/distribution.h"

#define VALUE_COUNT 20000
#define ERROR_MAX   (1.0 / 32)

static uint64_t random_state = 42;

/* xorshift64: the same values on every machine. */
static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Durations of every size: as many between 1 and 2 us as between 1 and 2 s. */
static int64_t next_duration(void)
{
	return (int64_t)(next_random() >> (1 + next_random() % 62));
}

static int by_value(const void *left_pointer, const void *right_pointer)
{
	int64_t left = *(const int64_t *)left_pointer;
	int64_t right = *(const int64_t *)right_pointer;

	return (left > right) - (left < right);
}

static void add(struct ilv_distribution *distribution, int64_t value_ns)
{
	assert_int_equal(ilv_distribution_add(distribution, value_ns), ILV_STATUS_OK);
}

static void assert_percentiles(const struct ilv_distribution *distribution, const int64_t *sorted,
			       size_t count)
{
	static const double percents[] = {0, 0.1, 1, 10, 25, 50, 75, 90, 99, 99.9, 100};

	for (size_t at = 0; at < sizeof(percents) / sizeof(percents[0]); at++) {
		size_t rank = (size_t)ceil((double)count * percents[at] / 100);
		int64_t exact = sorted[rank > 0 ? rank - 1 : 0];
		int64_t told = ilv_distribution_percentile(distribution, percents[at]);

		if (fabs((double)told - (double)exact) > ERROR_MAX * (double)exact) {
			fail_msg("percentile %g of %zu: told %lld, exact %lld", percents[at], count,
				 (long long)told, (long long)exact);
		}
	}
	assert_int_equal(ilv_distribution_percentile(distribution, 100), sorted[count - 1]);
}

static void percentiles_agree_with_exact_ones(void **state)
{
	int64_t *values = calloc(VALUE_COUNT, sizeof(*values));
	struct ilv_distribution distribution;

	(void)state;
	for (size_t count = 1; count <= VALUE_COUNT; count = count * 3 + 1) {
		int64_t max_ns = 0;

		memset(&distribution, 0, sizeof(distribution));
		for (size_t at = 0; at < count; at++) {
			values[at] = next_duration();
			max_ns = values[at] > max_ns ? values[at] : max_ns;
			add(&distribution, values[at]);
		}
		qsort(values, count, sizeof(*values), by_value);
		assert_percentiles(&distribution, values, count);
		assert_int_equal(distribution.count, count);
		assert_int_equal(distribution.max_ns, max_ns);
		ilv_distribution_fini(&distribution);
	}
	free(values);
}

static void small_values_are_exact(void **state)
{
	struct ilv_distribution distribution = {.count = 0};

	(void)state;
	for (int64_t value = 0; value < 32; value++) {
		add(&distribution, value);
	}
	for (int rank = 1; rank <= 32; rank++) {
		assert_int_equal(ilv_distribution_percentile(&distribution, 100.0 * rank / 32),
				 rank - 1);
	}
	assert_int_equal(distribution.total_ns, 31 * 32 / 2);
	ilv_distribution_fini(&distribution);
}

static void merging_is_adding_all(void **state)
{
	struct ilv_distribution all = {.count = 0};
	struct ilv_distribution parts[3] = {{.count = 0}};
	struct ilv_distribution merged = {.count = 0};

	(void)state;
	for (size_t at = 0; at < 3000; at++) {
		int64_t value = next_duration() % 1000000000;

		add(&all, value);
		add(&parts[at % 3], value);
	}
	for (size_t part = 0; part < 3; part++) {
		assert_int_equal(ilv_distribution_merge(&merged, &parts[part]), ILV_STATUS_OK);
		ilv_distribution_fini(&parts[part]);
	}

	assert_int_equal(merged.count, all.count);
	assert_int_equal(merged.total_ns, all.total_ns);
	assert_int_equal(merged.max_ns, all.max_ns);
	for (int percent = 0; percent <= 100; percent++) {
		assert_int_equal(ilv_distribution_percentile(&merged, percent),
				 ilv_distribution_percentile(&all, percent));
	}
	ilv_distribution_fini(&all);
	ilv_distribution_fini(&merged);
}

static void limits_hold(void **state)
{
	struct ilv_distribution distribution = {.count = 0};

	(void)state;
	assert_int_equal(ilv_distribution_percentile(&distribution, 50), 0);
	assert_null(distribution.buckets);

	add(&distribution, INT64_MAX);
	add(&distribution, INT64_MAX);
	add(&distribution, -5);
	assert_int_equal(distribution.count, 3);
	assert_int_equal(distribution.max_ns, INT64_MAX);
	assert_int_equal(distribution.total_ns, INT64_MAX); /* full, not turned negative */
	assert_int_equal(ilv_distribution_percentile(&distribution, 1), 0);
	assert_int_equal(ilv_distribution_percentile(&distribution, 100), INT64_MAX);
	assert_true(ilv_distribution_percentile(&distribution, 50) > INT64_MAX - INT64_MAX / 32);
	ilv_distribution_fini(&distribution);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_agree_with_exact_ones),
		cmocka_unit_test(small_values_are_exact),
		cmocka_unit_test(merging_is_adding_all),
		cmocka_unit_test(limits_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
