/* SPDX-License-Identifier: MIT */
/* Description: folding loses no time: columns hold exactly what the stays in them took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "viz/lane.h"

static struct ilv_stretch stay(int64_t begin_ns, int64_t end_ns, enum ilv_ink ink)
{
	struct ilv_stretch stretch = {
		.begin_ns = begin_ns, .end_ns = end_ns, .stay_count = 1, .ink = ink};

	stretch.ink_ns[ink] = end_ns - begin_ns;
	return stretch;
}

static void add(struct ilv_stretches *stretches, int64_t begin_ns, int64_t end_ns, enum ilv_ink ink,
		int64_t fold_ns)
{
	struct ilv_stretch stretch = stay(begin_ns, end_ns, ink);

	assert_int_equal(ilv_stretches_add(stretches, &stretch, fold_ns), ILV_STATUS_OK);
}

static void long_stays_stay_exact(void **state)
{
	struct ilv_stretches stretches = {0};

	(void)state;
	add(&stretches, 0, 100, ILV_INK_RUN, 10);
	add(&stretches, 100, 103, ILV_INK_READY, 10); /* short, but alone */
	add(&stretches, 103, 200, ILV_INK_IO, 10);
	assert_int_equal(stretches.count, 3);
	assert_int_equal(stretches.list[1].stay_count, 1);
	assert_int_equal(stretches.list[1].ink, ILV_INK_READY);
	assert_int_equal(stretches.list[1].end_ns, 103);
	free(stretches.list);
}

static void short_stays_fold_in_true_proportion(void **state)
{
	struct ilv_stretches stretches = {0};
	const struct ilv_stretch *fold;

	(void)state;
	add(&stretches, 0, 3, ILV_INK_RUN, 10);
	add(&stretches, 3, 4, ILV_INK_READY, 10);
	add(&stretches, 4, 9, ILV_INK_RUN, 10);
	add(&stretches, 9, 11, ILV_INK_LOCK, 10); /* now it is as long as a column */
	add(&stretches, 11, 12, ILV_INK_RUN, 10);
	assert_int_equal(stretches.count, 2);
	fold = &stretches.list[0];
	assert_int_equal(fold->stay_count, 4);
	assert_int_equal(fold->end_ns, 11);
	assert_int_equal(fold->ink_ns[ILV_INK_RUN], 8);
	assert_int_equal(fold->ink_ns[ILV_INK_READY], 1);
	assert_int_equal(fold->ink_ns[ILV_INK_LOCK], 2);
	assert_int_equal(ilv_stretches_shapes(&stretches), 4);

	ilv_stretches_coarsen(&stretches, 20);
	assert_int_equal(stretches.count, 1);
	assert_int_equal(stretches.list[0].ink_ns[ILV_INK_RUN], 9);
	assert_int_equal(stretches.list[0].stay_count, 5);
	free(stretches.list);
}

static void gaps_and_overlaps_are_borne(void **state)
{
	struct ilv_stretches stretches = {0};

	(void)state;
	add(&stretches, 0, 2, ILV_INK_HOLDER_0, 10);
	add(&stretches, 100, 102, ILV_INK_HOLDER_0, 10); /* far: nothing lies between */
	assert_int_equal(stretches.count, 2);
	add(&stretches, 101, 150, ILV_INK_HOLDER_1, 10); /* overlaps */
	assert_int_equal(stretches.list[2].begin_ns, 102);
	assert_int_equal(stretches.list[2].ink_ns[ILV_INK_HOLDER_1], 48);
	add(&stretches, 120, 130, ILV_INK_HOLDER_1, 10); /* inside */
	assert_int_equal(stretches.count, 3);
	free(stretches.list);
}

/* Random stays, folded over and over: sums and order must survive. */
static void no_time_is_lost(void **state)
{
	struct ilv_stretches stretches = {0};
	int64_t sums[ILV_INK_COUNT] = {0};
	int64_t folded[ILV_INK_COUNT] = {0};
	uint32_t random = 1;
	int64_t at_ns = 0;
	uint32_t stay_count = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int64_t length_ns;
		enum ilv_ink ink;

		random = random * 1664525u + 1013904223u;
		length_ns = 1 + (random >> 8) % (i % 50 == 0 ? 5000 : 60);
		ink = (enum ilv_ink)((random >> 20) % ILV_INK_LOST);
		add(&stretches, at_ns, at_ns + length_ns, ink, 200);
		sums[ink] += length_ns;
		at_ns += length_ns;
	}

	for (int64_t fold_ns = 200; fold_ns < at_ns; fold_ns *= 3) {
		memset(folded, 0, sizeof(folded));
		ilv_stretches_coarsen(&stretches, fold_ns);
		assert_true((int64_t)stretches.count <= 2 * at_ns / fold_ns + 2);
		stay_count = 0;
		for (size_t i = 0; i < stretches.count; i++) {
			int64_t extent_ns = 0;

			for (int ink = 0; ink < ILV_INK_COUNT; ink++) {
				folded[ink] += stretches.list[i].ink_ns[ink];
				extent_ns += stretches.list[i].ink_ns[ink];
			}
			assert_int_equal(extent_ns,
					 stretches.list[i].end_ns - stretches.list[i].begin_ns);
			stay_count += stretches.list[i].stay_count;
		}
		assert_memory_equal(folded, sums, sizeof(sums));
		assert_int_equal(stay_count, 20000);
	}
	free(stretches.list);
}

static void near_signs_are_gathered(void **state)
{
	struct ilv_signs signs = {0};

	(void)state;
	assert_int_equal(ilv_signs_add(&signs, 10, 5), ILV_STATUS_OK);
	assert_int_equal(ilv_signs_add(&signs, 14, 5), ILV_STATUS_OK);
	assert_int_equal(ilv_signs_add(&signs, 15, 5), ILV_STATUS_OK);
	assert_int_equal(signs.count, 2);
	assert_int_equal(signs.list[0].count, 2);
	assert_int_equal(signs.list[0].last_ns, 14);
	assert_int_equal(signs.list[1].count, 1);
	free(signs.list);
}

/* A grid against sums made column by column. */
static void columns_are_exact(void **state)
{
	enum { COLUMNS = 37 };
	const int64_t begin_ns = 1000003;
	const int64_t end_ns = 1010000;
	static int64_t expected[COLUMNS][ILV_INK_COUNT];
	int64_t covering[ILV_INK_COUNT] = {0};
	struct ilv_grid grid;
	uint32_t random = 7;

	(void)state;
	assert_int_equal(ilv_grid_init(&grid, COLUMNS, begin_ns, end_ns), ILV_STATUS_OK);
	assert_int_equal(ilv_grid_time(&grid, 0), begin_ns);
	assert_int_equal(ilv_grid_time(&grid, COLUMNS), end_ns);
	for (int i = 0; i < 3000; i++) {
		int64_t from_ns;
		int64_t to_ns;
		enum ilv_ink ink;

		random = random * 1664525u + 1013904223u;
		from_ns = begin_ns - 500 + (random >> 8) % 11000;
		random = random * 1664525u + 1013904223u;
		to_ns = from_ns + (random >> 8) % (i % 9 == 0 ? 6000 : 90);
		ink = (enum ilv_ink)((random >> 4) % ILV_INK_COUNT);
		ilv_grid_add(&grid, ink, from_ns, to_ns);
		for (uint32_t column = 0; column < COLUMNS; column++) {
			int64_t left_ns = ilv_grid_time(&grid, column);
			int64_t right_ns = ilv_grid_time(&grid, column + 1);

			left_ns = from_ns > left_ns ? from_ns : left_ns;
			right_ns = to_ns < right_ns ? to_ns : right_ns;
			expected[column][ink] += right_ns > left_ns ? right_ns - left_ns : 0;
		}
	}

	for (uint32_t column = 0; column < COLUMNS; column++) {
		int64_t sums[ILV_INK_COUNT];

		ilv_grid_sum(&grid, column, covering, sums);
		assert_memory_equal(sums, expected[column], sizeof(sums));
	}
	ilv_grid_fini(&grid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_stays_stay_exact),
		cmocka_unit_test(short_stays_fold_in_true_proportion),
		cmocka_unit_test(gaps_and_overlaps_are_borne),
		cmocka_unit_test(no_time_is_lost),
		cmocka_unit_test(near_signs_are_gathered),
		cmocka_unit_test(columns_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
