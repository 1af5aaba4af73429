/* SPDX-License-Identifier: MIT */
/* Description: scales of charts: where values lie, which ticks there are, what they say. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "viz/scale.h"

static void assert_near(double left, double right)
{
	if (!(fabs(left - right) < 1e-6)) {
		fail_msg("%.12g != %.12g", left, right);
	}
}

static void assert_text(enum ilv_scale_kind kind, double value, const char *expected)
{
	char text[64];

	ilv_scale_text(kind, value, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void texts_are_short(void **state)
{
	(void)state;
	assert_text(ILV_SCALE_KIND_COUNT, 0, "0");
	assert_text(ILV_SCALE_KIND_COUNT, 9999.6, "10,000");
	assert_text(ILV_SCALE_KIND_COUNT, 2000000, "2 M");
	assert_text(ILV_SCALE_KIND_COUNT, 999700000, "1,000 M");
	assert_text(ILV_SCALE_KIND_COUNT, 1500000000, "1.5 G");
	assert_text(ILV_SCALE_KIND_COUNT, 0.5, "0.5");
	assert_text(ILV_SCALE_KIND_RATIO, 2000, "2,000");
	assert_text(ILV_SCALE_KIND_RATIO, 0.05, "0.05");
	assert_text(ILV_SCALE_KIND_NS, 64000, "64 \u00b5s");
	assert_text(ILV_SCALE_KIND_NS, 0, "0");
	assert_text(ILV_SCALE_KIND_BYTES, 16 << 20, "16 MiB");
	assert_text(ILV_SCALE_KIND_BYTES, 1000, "1000 B");
	assert_text(ILV_SCALE_KIND_PERCENT, 25, "25 %");
}

static void linear_begins_at_zero(void **state)
{
	struct ilv_scale scale;

	(void)state;
	ilv_scale_init(&scale, ILV_SCALE_KIND_COUNT, 3, 9, 12, 100, 0);
	assert_false(scale.is_log);
	assert_near(ilv_scale_place(&scale, 0), 100);
	assert_near(ilv_scale_place(&scale, scale.high), 0);
	assert_true(scale.high >= 9);
	assert_near(scale.ticks[0], 0);
	assert_near(scale.ticks[scale.tick_count - 1], scale.high);
}

static void logarithmic_gives_factors_equal_room(void **state)
{
	struct ilv_scale scale;
	double step;

	(void)state;
	ilv_scale_init(&scale, ILV_SCALE_KIND_COUNT, 1, 1024, 12, 0, 500);
	assert_true(scale.is_log);
	step = ilv_scale_place(&scale, 2) - ilv_scale_place(&scale, 1);
	assert_near(ilv_scale_place(&scale, 1024) - ilv_scale_place(&scale, 512), step);
	assert_true(ilv_scale_place(&scale, 1) >= 0 && ilv_scale_place(&scale, 1024) <= 500);
	for (unsigned int index = 0; index < scale.tick_count; index++) {
		double power = log10(scale.ticks[index]);

		assert_near(power, round(power));
	}
}

/* An amount is never logarithmic; a ratio always is, with 1 in sight; nor is what has zeros. */
static void kinds_have_their_ways(void **state)
{
	struct ilv_scale scale;

	(void)state;
	ilv_scale_init(&scale, ILV_SCALE_KIND_AMOUNT, 0.001, 2, 12, 0, 100);
	assert_false(scale.is_log);
	ilv_scale_init(&scale, ILV_SCALE_KIND_COUNT, 0, 5000, 12, 0, 100);
	assert_false(scale.is_log);
	ilv_scale_init(&scale, ILV_SCALE_KIND_RATIO, 0.5, 0.6, 12, 0, 100);
	assert_true(scale.is_log);
	assert_true(ilv_scale_place(&scale, 1) < 100);
}

static void one_value_has_a_place(void **state)
{
	struct ilv_scale scale;

	(void)state;
	for (int kind = ILV_SCALE_KIND_COUNT; kind <= ILV_SCALE_KIND_PERCENT; kind++) {
		static const double values[] = {0, 1, 1e-9, 1e18, -5};

		for (size_t index = 0; index < sizeof(values) / sizeof(values[0]); index++) {
			double place;

			if (kind == ILV_SCALE_KIND_RATIO && values[index] <= 0) {
				continue; /* a gain is above 0 */
			}
			ilv_scale_init(&scale, (enum ilv_scale_kind)kind, values[index],
				       values[index], 12, 100, 0);
			place = ilv_scale_place(&scale, values[index]);
			assert_true(isfinite(place) && place >= -1e-6 && place <= 100 + 1e-6);
			assert_true(scale.tick_count <= ILV_SCALE_TICK_LIMIT);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_short),
		cmocka_unit_test(linear_begins_at_zero),
		cmocka_unit_test(logarithmic_gives_factors_equal_room),
		cmocka_unit_test(kinds_have_their_ways),
		cmocka_unit_test(one_value_has_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
