/* SPDX-License-Identifier: MIT */
/* Description: sweeps: which phases make a line, what stands for repeats, where lines turn and
 * cross, and what is said of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/report/comparison.h"
#include "tests/analysis/report_fixture.h"

struct read {
	struct ilv_report *reports[4];
	struct ilv_comparison *comparison;
	struct ilv_sweep *sweep; /* of the first report alone */
};

static void read_reports(struct read *read, struct ilv_report *const *reports, uint32_t count)
{
	static const char *const names[] = {"a", "b", "c", "d"};

	*read = (struct read){.comparison = NULL};
	for (uint32_t index = 0; index < count; index++) {
		read->reports[index] = reports[index];
	}
	assert_int_equal(ilv_comparison_create((const struct ilv_report *const *)read->reports,
					       names, count, &read->comparison),
			 ILV_STATUS_OK);
	assert_int_equal(ilv_sweep_create(&(struct ilv_sweep_source){&reports[0]->runs[0], "own"},
					  1, &read->sweep),
			 ILV_STATUS_OK);
}

static void forget(struct read *read)
{
	ilv_sweep_destroy(read->sweep);
	ilv_comparison_destroy(read->comparison);
	for (size_t index = 0; index < 4; index++) {
		ilv_report_destroy(read->reports[index]);
	}
}

static void assert_near(double left, double right)
{
	if (!(fabs(left - right) <= 1e-6 * fabs(right))) {
		fail_msg("%.12g != %.12g", left, right);
	}
}

static void sharers_have_a_knee(void **state)
{
	struct ilv_report *reports[] = {report_of_data("sweep_computing.script"),
					report_of_data("sweep_waiting.script")};
	const struct ilv_sweep *sweep;
	struct read read;

	(void)state;
	read_reports(&read, reports, 2);
	sweep = read.comparison->sweep;
	assert_non_null(sweep);
	assert_true(read.comparison->is_sweep);
	assert_string_equal(sweep->quantity, "threads");
	assert_string_equal(sweep->work, "pieces");
	assert_int_equal(sweep->cpu_count, 2);
	assert_int_equal(sweep->line_count, 2);
	assert_string_equal(sweep->lines[0].label, "computing");
	assert_int_equal(sweep->lines[0].point_count, 3);
	assert_int_equal(sweep->lines[0].knee, 1);
	assert_near(ilv_sweep_value(&sweep->lines[0], 0, ILV_SWEEP_MEASURE_RATE), 500);
	assert_near(ilv_sweep_value(&sweep->lines[0], 2, ILV_SWEEP_MEASURE_RATE), 1000);
	assert_near(ilv_sweep_value(&sweep->lines[0], 2, ILV_SWEEP_MEASURE_CUT_SHORT), 2);
	assert_int_equal(sweep->lines[1].knee, 2);
	assert_near(ilv_sweep_value(&sweep->lines[1], 2, ILV_SWEEP_MEASURE_RATE), 2000);
	assert_true(isnan(ilv_sweep_value(&sweep->lines[1], 2, ILV_SWEEP_MEASURE_GAIN)));
	assert_string_equal(
		read.comparison->verdict,
		"computing gains up to 2 threads (2.0 times what 1 does) and nothing beyond: both "
		"CPUs are busy then, and more only take turns, cut short 2 times with 4. waiting "
		"gains up to the 4 threads tried, 4.0 times what 1 does.");
	forget(&read);
}

/* On one CPU nobody gains: said in words, not as "more than 1 threads". */
static void one_is_enough_on_one_cpu(void **state)
{
	struct ilv_report *report = report_of_data("sweep_computing.script");
	struct ilv_report_run *run = &report->runs[0];
	struct ilv_sweep *sweep;

	(void)state;
	run->cpu_count = 1;
	for (uint32_t index = 0; index < run->phase_count; index++) {
		run->phases[index].end_ns = run->phases[index].begin_ns + 8000000;
		run->phases[index].cpus_busy = 1;
		run->phases[index].cut_short_count = 0;
	}
	assert_int_equal(ilv_sweep_create(&(struct ilv_sweep_source){run, "cpu"}, 1, &sweep),
			 ILV_STATUS_OK);
	assert_string_equal(sweep->verdict, "cpu gains nothing from more than one: the one CPU is "
					    "busy then, and more only take turns.");
	ilv_sweep_destroy(sweep);
	ilv_report_destroy(report);
}

static void lines_cross_where_the_gain_is_one(void **state)
{
	struct ilv_report *report = report_of_data("sweep_handing.script");
	const struct ilv_sweep_line *own;
	struct read read;

	(void)state;
	read_reports(&read, &report, 1);
	assert_int_equal(read.sweep->line_count, 2);
	assert_ptr_equal(read.sweep->reference, &read.sweep->lines[0]);
	assert_string_equal(read.sweep->reference->label, "one by one");
	assert_true(isnan(read.sweep->reference->crossing));
	own = &read.sweep->lines[1];
	assert_string_equal(own->label, "own");
	assert_int_equal(own->point_count, 3);
	/* The faster of two: 70 us for two jobs of 10 us. */
	assert_int_equal(own->points[0].repeat_count, 2);
	assert_near(ilv_sweep_value(own, 0, ILV_SWEEP_MEASURE_TIME), 35000);
	assert_near(ilv_sweep_value(own, 0, ILV_SWEEP_MEASURE_GAIN), 20.0 / 70);
	assert_near(ilv_sweep_value(own, 2, ILV_SWEEP_MEASURE_GAIN), 320.0 / 220);
	assert_near(own->crossing, 40000 * pow(4, log(0.8) / (log(0.8) - log(320.0 / 220))));
	assert_string_equal(
		read.sweep->verdict,
		"At 10 \u00b5s of work each it takes 3.5 times as long by own as one by "
		"one. Faster than one by one: own from 67.1 \u00b5s of work each on.");
	forget(&read);
}

/* A script with a reference of `alone_us` at sizes 1, 2 and 4, and a way that takes `own_us`. */
static struct ilv_report *handing(const char *variant, const char *parameters, const int *alone_us,
				  const int *own_us)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	struct ilv_report *report;
	int now_us = 1;

	assert_non_null(stream);
	(void)fprintf(stream,
		      "0 run_begin pid=1 tid=1 cpu=0 workload=w variant=%s parameters=\"%s\" "
		      "unit=thread\n",
		      variant, parameters);
	for (int step = 0; step < 6; step++) {
		bool is_alone = step % 2 == 0;

		(void)fprintf(stream, "%d phase_begin pid=1 tid=1 cpu=0 name=p%d\n", now_us, step);
		(void)fprintf(stream,
			      "%d phase_point pid=1 tid=1 cpu=0 name=p%d what=size value=%d "
			      "unit=number series=\"%s\" is_reference=%s\n",
			      now_us, step, 1 << step / 2, is_alone ? "alone" : "",
			      is_alone ? "true" : "false");
		now_us += is_alone ? alone_us[step / 2] : own_us[step / 2];
		(void)fprintf(stream, "%d phase_end pid=1 tid=1 cpu=0 name=p%d\n", now_us, step);
	}
	(void)fprintf(stream, "%d run_end pid=1 tid=1 cpu=0\n", now_us);
	assert_int_equal(fclose(stream), 0);
	report = report_of_script(text, false);
	free(text);
	return report;
}

static void variants_of_one_job_share_a_reference(void **state)
{
	static const int alone_us[] = {10, 20, 40};
	static const int slower_us[] = {11, 21, 39}; /* a gain of 2.5 % may be chance */
	static const int faster_us[] = {5, 8, 10};
	struct ilv_report *reports[] = {
		handing("slow", "jobs=2", alone_us, slower_us),
		handing("fast", "jobs=2 workers=4", alone_us, faster_us),
	};
	const struct ilv_sweep *sweep;
	struct read read;

	(void)state;
	read_reports(&read, reports, 2);
	sweep = read.comparison->sweep;
	assert_int_equal(sweep->line_count, 3);
	assert_string_equal(sweep->lines[0].label, "alone");
	assert_int_equal(sweep->lines[0].points[0].repeat_count, 2);
	assert_string_equal(sweep->lines[1].label, "slow");
	assert_true(isnan(sweep->lines[1].crossing));
	assert_string_equal(sweep->lines[2].label, "fast");
	assert_near(sweep->lines[2].crossing, 1); /* from the first step on */
	forget(&read);
}

/* Each line is held against what was taken in its own run: the machine may be another a minute
 * later, and what is printed beside a gain is what it comes from. */
static void a_gain_is_over_the_reference_of_its_run(void **state)
{
	static const int quick_us[] = {10, 20, 40};
	static const int tardy_us[] = {20, 40, 80}; /* the same, on a machine half as fast */
	static const int first_us[] = {20, 20, 20};
	static const int other_us[] = {40, 40, 40};
	struct ilv_report *reports[] = {
		handing("first", "jobs=2", quick_us, first_us),
		handing("other", "jobs=2", tardy_us, other_us),
	};
	const struct ilv_sweep *sweep;
	struct read read;

	(void)state;
	read_reports(&read, reports, 2);
	sweep = read.comparison->sweep;
	assert_int_equal(sweep->line_count, 3);
	assert_false(sweep->is_untraced);
	for (uint32_t line = 1; line < 3; line++) {
		for (uint32_t at = 0; at < 3; at++) {
			const struct ilv_sweep_line *own = &sweep->lines[line];
			double reference = ilv_sweep_value(own, at, ILV_SWEEP_MEASURE_REFERENCE);

			assert_near(reference, 1000 * (line == 1 ? quick_us : tardy_us)[at]);
			assert_near(ilv_sweep_value(own, at, ILV_SWEEP_MEASURE_GAIN),
				    reference / ilv_sweep_value(own, at, ILV_SWEEP_MEASURE_TIME));
			assert_true(
				isnan(ilv_sweep_value(own, at, ILV_SWEEP_MEASURE_RECORDED_GAIN)));
		}
		assert_near(sweep->lines[line].crossing, 2);
	}
	forget(&read);
}

/* Where the program tells what each step costs without tracing, that decides. */
static void the_answer_is_that_without_tracing(void **state)
{
	struct ilv_report *reports[] = {report_of_data("untraced_pool.script"),
					report_of_data("untraced_fork.script")};
	const struct ilv_sweep_line *pool;
	const struct ilv_sweep_line *fork_line;
	struct read read;

	(void)state;
	read_reports(&read, reports, 2);
	assert_true(read.comparison->sweep->is_untraced);
	pool = &read.comparison->sweep->lines[1];
	fork_line = &read.comparison->sweep->lines[2];
	assert_string_equal(fork_line->label, "fork");
	assert_near(ilv_sweep_value(pool, 1, ILV_SWEEP_MEASURE_TIME), 25000);
	assert_near(ilv_sweep_value(pool, 1, ILV_SWEEP_MEASURE_RATE), 40000);
	assert_near(ilv_sweep_value(pool, 1, ILV_SWEEP_MEASURE_GAIN), 40.0 / 25);
	assert_near(ilv_sweep_value(pool, 1, ILV_SWEEP_MEASURE_RECORDED_TIME), 60000);
	assert_near(ilv_sweep_value(pool, 1, ILV_SWEEP_MEASURE_RECORDED_GAIN), 80.0 / 120);
	assert_near(ilv_sweep_value(fork_line, 2, ILV_SWEEP_MEASURE_GAIN), 320.0 / 250);
	assert_near(ilv_sweep_value(fork_line, 2, ILV_SWEEP_MEASURE_RECORDED_GAIN), 640.0 / 4500);
	assert_true(fork_line->crossing > 40000 && fork_line->crossing < 160000);
	assert_true(isnan(fork_line->recorded_crossing));
	assert_true(pool->recorded_crossing > pool->crossing);
	forget(&read);
}

/* One step without it, and the times would be of two kinds. */
static void a_price_of_some_steps_decides_nothing(void **state)
{
	struct ilv_report *report = report_of_data("untraced_pool.script");
	struct ilv_report_run *run = &report->runs[0];
	uint32_t kept_count = run->phases[3].price_count;
	struct ilv_sweep *sweep;

	(void)state;
	assert_int_equal(kept_count, 1);
	run->phases[3].price_count = 0;
	assert_int_equal(ilv_sweep_create(&(struct ilv_sweep_source){run, "pool"}, 1, &sweep),
			 ILV_STATUS_OK);
	assert_false(sweep->is_untraced);
	assert_near(ilv_sweep_value(&sweep->lines[1], 1, ILV_SWEEP_MEASURE_TIME), 60000);
	assert_near(ilv_sweep_value(&sweep->lines[1], 1, ILV_SWEEP_MEASURE_GAIN), 80.0 / 120);
	assert_true(isnan(ilv_sweep_value(&sweep->lines[1], 1, ILV_SWEEP_MEASURE_RECORDED_GAIN)));
	ilv_sweep_destroy(sweep);
	run->phases[3].price_count = kept_count;
	ilv_report_destroy(report);
}

/* Before and after a change, what they are measured against is not the same thing. */
static void other_jobs_keep_their_references(void **state)
{
	static const int alone_us[] = {10, 20, 40};
	static const int own_us[] = {5, 8, 10};
	struct ilv_report *reports[] = {
		handing("same", "jobs=2", alone_us, own_us),
		handing("same", "jobs=3", alone_us, own_us),
	};
	const struct ilv_sweep *sweep;
	struct read read;

	(void)state;
	read_reports(&read, reports, 2);
	sweep = read.comparison->sweep;
	assert_int_equal(sweep->line_count, 4);
	assert_string_equal(sweep->lines[0].label, "alone (jobs=2)");
	assert_string_equal(sweep->lines[2].label, "alone (jobs=3)");
	forget(&read);
}

static void others_have_none(void **state)
{
	struct ilv_report *reports[] = {report_of_data("report_threads.script"),
					report_of_data("sweep_computing.script")};
	struct read read;

	(void)state;
	read_reports(&read, reports, 2);
	assert_null(read.sweep);
	assert_non_null(read.comparison->sweep);
	assert_false(read.comparison->is_sweep);
	assert_int_equal(read.comparison->sweep->line_count, 1);
	forget(&read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sharers_have_a_knee),
		cmocka_unit_test(one_is_enough_on_one_cpu),
		cmocka_unit_test(lines_cross_where_the_gain_is_one),
		cmocka_unit_test(variants_of_one_job_share_a_reference),
		cmocka_unit_test(a_gain_is_over_the_reference_of_its_run),
		cmocka_unit_test(the_answer_is_that_without_tracing),
		cmocka_unit_test(a_price_of_some_steps_decides_nothing),
		cmocka_unit_test(other_jobs_keep_their_references),
		cmocka_unit_test(others_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
