/* SPDX-License-Identifier: MIT */
/* Description: prices that programs tell: gathered from the phases of a run, and set side by side
 * where all runs tell them, in place of the runs' times. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/report/prices.h"
#include "comparison_fixture.h"

#define US 1000

/* What one run tells: a price without tracing and one with, or fewer of both. */
struct told {
	struct ilv_report_price prices[2];
	struct ilv_report_phase phase;
};

static struct told told[COMPARED_MAX];

/* Adds a run that took `duration_ms` and tells of its phase; 0 for a price: it does not. */
static void add(const char *runtime, int64_t duration_ms, int64_t untraced_ns, int64_t recorded_ns)
{
	struct ilv_report_run *run =
		compared_add("price", runtime, "", ILV_UNIT_THREAD, duration_ms, 0.9);
	struct told *of = &told[run - compared_runs];
	const int64_t values[] = {untraced_ns, recorded_ns};

	memset(of, 0, sizeof(*of));
	of->phase.name = (char *)"spawn";
	of->phase.is_ended = true;
	of->phase.end_ns = 10 * US;
	of->phase.prices = of->prices;
	for (int index = 0; index < 2; index++) {
		if (values[index] > 0) {
			of->prices[of->phase.price_count++] = (struct ilv_report_price){
				.what = (char *)"a start",
				.value = values[index],
				.unit = ILV_QUANTITY_NS,
				.is_untraced = index == 0,
			};
		}
	}
	run->phases = &of->phase;
	run->phase_count = 1;
	run->sum.cut_short_count = 0;
}

/* The times say the contrary: who was a thousand times slower costs the least. */
static void prices_are_said_and_not_times(void **state)
{
	(void)state;
	add("pool", 1000, 2 * US, 9 * US);
	add("fork", 1, 250 * US, 4000 * US);
	add("thread", 2, 9 * US, 20 * US);
	compared_assert_verdict("Without tracing, a start costs 2 \u00b5s by pool, 9 \u00b5s by "
				"thread and 250 \u00b5s by fork, 125 times as much; recorded, "
				"9 \u00b5s to 4 ms.");
}

static void recorded_prices_are_not_called_untraced(void **state)
{
	(void)state;
	add("pool", 1000, 0, 9 * US);
	add("fork", 1, 0, 15 * US);
	compared_assert_verdict("A start costs 9 \u00b5s by pool and 15 \u00b5s by fork.");
}

/* What one run measured without tracing is not set beside what another measured under it. */
static void like_is_compared_with_like(void **state)
{
	struct ilv_comparison *comparison;

	(void)state;
	add("pool", 100, 2 * US, 9 * US);
	add("fork", 100, 0, 4 * US);
	compared_assert_verdict(
		"A start costs 4 \u00b5s by fork and 9 \u00b5s by pool, 2.2 times as "
		"much.");

	add("pool", 100, 2 * US, 0);
	add("fork", 100, 0, 4 * US);
	comparison = compared_make();
	assert_int_equal(comparison->price_count, 0);
	ilv_comparison_destroy(comparison);
}

/* A price of one run alone is no comparison. */
static void one_price_is_none(void **state)
{
	struct ilv_comparison *comparison;

	(void)state;
	add("pool", 100, 2 * US, 9 * US);
	add("fork", 400, 0, 0);
	comparison = compared_make();
	assert_int_equal(comparison->price_count, 0);
	assert_null(strstr(comparison->verdict, "costs"));
	assert_non_null(strstr(comparison->verdict, "times as fast"));
	ilv_comparison_destroy(comparison);
}

static void other_units_are_other_prices(void **state)
{
	struct ilv_comparison *comparison;

	(void)state;
	add("pool", 100, 2 * US, 0);
	add("fork", 400, 5 * US, 0);
	told[1].prices[0].unit = ILV_QUANTITY_BYTES;
	comparison = compared_make();
	assert_int_equal(comparison->price_count, 0);
	ilv_comparison_destroy(comparison);
}

/* Steps of a curve are told by the curve. */
static void steps_are_no_prices_of_runs(void **state)
{
	struct ilv_comparison *comparison;

	(void)state;
	add("pool", 100, 2 * US, 9 * US);
	add("fork", 400, 5 * US, 9 * US);
	told[0].phase.has_point = told[1].phase.has_point = true;
	comparison = compared_make();
	assert_int_equal(comparison->price_count, 0);
	ilv_comparison_destroy(comparison);
}

static void of_many_the_ends_are_said(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};

	(void)state;
	for (int index = 0; index < 7; index++) {
		add(names[index], 100, (8 - index) * US, (8 - index) * US);
	}
	compared_assert_verdict("Without tracing, a start costs 2 \u00b5s by g to 8 \u00b5s by a, "
				"4.0 times as much; recorded, 2 \u00b5s to 8 \u00b5s.");
}

static struct ilv_report_phase phase_of(struct ilv_report_price *price, int64_t duration_ns)
{
	return (struct ilv_report_phase){
		.name = (char *)"step",
		.is_ended = true,
		.end_ns = duration_ns,
		.prices = price,
		.price_count = 1,
	};
}

/* Of repeats the fastest; what is recorded is its own, unless the program tells that too. */
static void the_fastest_repeat_stands_for_all(void **state)
{
	struct ilv_report_price told_prices[] = {
		{.what = (char *)"a job",
		 .value = 700,
		 .unit = ILV_QUANTITY_NS,
		 .is_untraced = true},
		{.what = (char *)"a job",
		 .value = 600,
		 .unit = ILV_QUANTITY_NS,
		 .is_untraced = true},
		{.what = (char *)"a job",
		 .value = 800,
		 .unit = ILV_QUANTITY_NS,
		 .is_untraced = true},
	};
	struct ilv_report_count work = {.what = (char *)"jobs", .count = 4, .is_work = true};
	struct ilv_report_phase phases[] = {
		phase_of(&told_prices[0], 9000),
		phase_of(&told_prices[1], 5000),
		phase_of(&told_prices[2], 6000),
	};
	const struct ilv_report_run run = {.phases = phases, .phase_count = 3};
	struct ilv_price prices[ILV_PRICE_LIMIT];

	(void)state;
	for (int index = 0; index < 3; index++) {
		phases[index].counts = &work;
		phases[index].count_count = 1;
	}
	assert_int_equal(ilv_prices_gather(&run, prices), 1);
	assert_true(prices[0].untraced == 600);
	assert_true(prices[0].recorded == 1250);
	assert_ptr_equal(prices[0].phase, &phases[1]);

	/* Without its work its time is that of nobody knows how many. */
	phases[1].count_count = 0;
	assert_int_equal(ilv_prices_gather(&run, prices), 1);
	assert_true(isnan(prices[0].recorded));
}

static void what_has_no_name_has_no_price(void **state)
{
	struct ilv_report_price told_price = {.value = 700, .is_untraced = true};
	struct ilv_report_phase phase = phase_of(&told_price, 9000);
	const struct ilv_report_run run = {.phases = &phase, .phase_count = 1};
	struct ilv_price prices[ILV_PRICE_LIMIT];

	(void)state;
	assert_int_equal(ilv_prices_gather(&run, prices), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(prices_are_said_and_not_times, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(recorded_prices_are_not_called_untraced,
						compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(like_is_compared_with_like, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(one_price_is_none, compared_clear, compared_forget),
		cmocka_unit_test_setup_teardown(other_units_are_other_prices, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(steps_are_no_prices_of_runs, compared_clear,
						compared_forget),
		cmocka_unit_test_setup_teardown(of_many_the_ends_are_said, compared_clear,
						compared_forget),
		cmocka_unit_test(the_fastest_repeat_stands_for_all),
		cmocka_unit_test(what_has_no_name_has_no_price),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
