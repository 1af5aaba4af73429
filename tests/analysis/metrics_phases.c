/* SPDX-License-Identifier: MIT */
/* Description: phases by event script: what is measured of each, whose it is, and where it ends. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/metrics/phases.h"
#include "tests/analysis/report_fixture.h"

#define US 1000

static const struct ilv_report_phase *phase_of(const struct ilv_report_run *run, const char *name)
{
	for (uint32_t index = 0; index < run->phase_count; index++) {
		if (run->phases[index].name && strcmp(run->phases[index].name, name) == 0) {
			return &run->phases[index];
		}
	}

	fail_msg("no phase \"%s\"", name);
	return NULL;
}

static void assert_close(double left, double right)
{
	if (!(fabs(left - right) < 1e-9)) {
		fail_msg("%.12g != %.12g", left, right);
	}
}

static void a_phase_is_measured_by_what_happens_in_it(void **state)
{
	struct ilv_report *report = report_of_data("sweep_computing.script");
	const struct ilv_report_run *run = &report->runs[0];
	const struct ilv_report_phase *one = phase_of(run, "1 thread");
	const struct ilv_report_phase *four = phase_of(run, "4 threads");

	(void)state;
	assert_true(report->is_complete);
	assert_int_equal(run->phase_count, 3);
	assert_int_equal(one->begin_ns, 0);
	assert_int_equal(one->end_ns, 8000 * US);
	assert_true(one->is_ended);
	assert_close(one->cpus_busy, 1);
	/* main gave way; the thread's last switch is no decision of anybody. */
	assert_int_equal(one->gave_way_count, 1);
	assert_int_equal(one->voluntary_count, 2);
	assert_int_equal(one->involuntary_count, 0);
	assert_int_equal(one->cut_short_count, 0);
	assert_int_equal(one->thread_count, 2);
	assert_int_equal(one->memory_bytes, 1 << 20);

	assert_close(phase_of(run, "2 threads")->cpus_busy, 2);
	assert_int_equal(phase_of(run, "2 threads")->thread_count, 3);

	assert_close(four->cpus_busy, 2);
	assert_int_equal(four->cut_short_count, 2);
	assert_int_equal(four->involuntary_count, 2);
	assert_int_equal(four->gave_way_count, 1);
	assert_int_equal(four->voluntary_count, 5);
	assert_int_equal(four->thread_count, 5);
	assert_true(four->has_point);
	assert_string_equal(four->quantity, "threads");
	assert_int_equal(four->value, 4);
	assert_int_equal(four->unit, ILV_QUANTITY_SHARERS);
	assert_null(four->series);
	assert_int_equal(four->count_count, 1);
	assert_string_equal(four->counts[0].what, "pieces");
	assert_int_equal(four->counts[0].count, 4);
	assert_true(four->counts[0].is_work);
	ilv_report_destroy(report);
}

/* What ran before a phase began, and runs on after it, counts with its part inside. */
static void time_is_cut_at_the_ends(void **state)
{
	struct ilv_report *report = report_of_script(
		"0  recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=perf_wakeups "
		"covered_pid=1\n"
		"0  run_begin pid=1 tid=1 cpu=0 workload=w unit=thread cpu_count=2\n"
		"0  thread_switch_in pid=1 tid=2 cpu=1 recorder_id=1\n"
		"0  thread_start pid=1 tid=2 cpu=1 name=work role=job\n"
		"10 phase_begin pid=1 tid=1 cpu=0 name=outer\n"
		"20 phase_begin pid=1 tid=1 cpu=0 name=inner\n"
		"25 thread_switch_out pid=1 tid=2 cpu=1 recorder_id=1 is_involuntary=true\n"
		"30 thread_switch_in pid=1 tid=2 cpu=1 recorder_id=1\n"
		"40 phase_end pid=1 tid=1 cpu=0 name=inner\n"
		"50 phase_end pid=1 tid=1 cpu=0 name=outer\n"
		"60 run_end pid=1 tid=1 cpu=0\n"
		"60 recorder_end pid=1 tid=1 cpu=0 recorder_id=1 switch_count=3\n",
		false);
	const struct ilv_report_run *run = &report->runs[0];

	(void)state;
	assert_int_equal(run->phase_count, 2);
	assert_string_equal(run->phases[0].name, "outer");
	/* main all the time, work but for 5 of 40 us; of the inner one, of 20. */
	assert_close(run->phases[0].cpus_busy, (40.0 + 35) / 40);
	assert_close(run->phases[1].cpus_busy, (20.0 + 15) / 20);
	assert_int_equal(run->phases[0].cut_short_count, 1);
	assert_int_equal(run->phases[1].cut_short_count, 1);
	ilv_report_destroy(report);
}

static void company_is_not_counted(void **state)
{
	struct ilv_report *report = report_of_script(
		"0  recorder_begin pid=1 tid=1 cpu=0 recorder_id=1 source=perf_wakeups "
		"covered_pid=1\n"
		"0  run_begin pid=1 tid=1 cpu=0 workload=w unit=thread cpu_count=2\n"
		"0  thread_announce pid=1 tid=1 cpu=0 tid=3 name=http role=server\n"
		"10 phase_begin pid=1 tid=1 cpu=0 name=only\n"
		"10 thread_switch_in pid=1 tid=3 cpu=1 recorder_id=1\n"
		"20 thread_switch_out pid=1 tid=3 cpu=1 recorder_id=1 is_involuntary=true\n"
		"30 phase_end pid=1 tid=1 cpu=0 name=only\n"
		"60 run_end pid=1 tid=1 cpu=0\n"
		"60 recorder_end pid=1 tid=1 cpu=0 recorder_id=1 switch_count=2\n",
		false);
	const struct ilv_report_phase *phase = &report->runs[0].phases[0];

	(void)state;
	assert_close(phase->cpus_busy, 1);
	assert_int_equal(phase->cut_short_count, 0);
	assert_int_equal(phase->involuntary_count, 0);
	assert_int_equal(phase->thread_count, 1);
	ilv_report_destroy(report);
}

/* A price without tracing and one with are two; a second of either takes the first one's place. */
static void prices_are_told_apart(void **state)
{
	struct ilv_report *report = report_of_script(
		"0  run_begin pid=1 tid=1 cpu=0 workload=w unit=thread cpu_count=2\n"
		"10 phase_begin pid=1 tid=1 cpu=0 name=spawn\n"
		"11 phase_price pid=1 tid=1 cpu=0 name=spawn what=start value=7 unit=ns "
		"is_untraced=true\n"
		"12 phase_price pid=1 tid=1 cpu=0 name=spawn what=start value=8 unit=ns "
		"is_untraced=false\n"
		"13 phase_price pid=1 tid=1 cpu=0 name=spawn what=start value=9 unit=ns "
		"is_untraced=true\n"
		"14 phase_price pid=1 tid=1 cpu=0 name=spawn what=wait value=4096 unit=bytes "
		"is_untraced=true\n"
		"15 phase_price pid=1 tid=1 cpu=0 name=other what=start value=10 unit=ns\n"
		"20 phase_end pid=1 tid=1 cpu=0 name=spawn\n"
		"60 run_end pid=1 tid=1 cpu=0\n",
		false);
	const struct ilv_report_phase *phase = &report->runs[0].phases[0];

	(void)state;
	assert_int_equal(phase->price_count, 3);
	assert_int_equal(phase->prices[0].value, 9);
	assert_true(phase->prices[0].is_untraced);
	assert_int_equal(phase->prices[1].value, 8);
	assert_false(phase->prices[1].is_untraced);
	assert_string_equal(phase->prices[2].what, "wait");
	assert_int_equal(phase->prices[2].unit, ILV_QUANTITY_BYTES);
	ilv_report_destroy(report);
}

/* Phases of one name belong to who began them; what is said of one is of the speaker's own. */
static void names_are_told_apart_by_their_threads(void **state)
{
	struct ilv_report *report = report_of_script(
		"0  run_begin pid=1 tid=1 cpu=0 workload=w unit=thread cpu_count=2\n"
		"0  thread_start pid=1 tid=2 cpu=1 name=two role=job\n"
		"10 phase_begin pid=1 tid=1 cpu=0 name=request\n"
		"20 phase_begin pid=1 tid=2 cpu=1 name=request\n"
		"25 phase_count pid=1 tid=1 cpu=0 name=request what=bytes value=7 is_work=false\n"
		"26 phase_count pid=1 tid=2 cpu=1 name=request what=bytes value=8 is_work=false\n"
		"27 phase_count pid=1 tid=2 cpu=1 name=request what=bytes value=9 is_work=false\n"
		"28 phase_count pid=1 tid=2 cpu=1 name=nothing what=bytes value=10\n"
		"30 phase_end pid=1 tid=1 cpu=0 name=request\n"
		"50 phase_end pid=1 tid=2 cpu=1 name=request\n"
		"55 phase_end pid=1 tid=2 cpu=1 name=request\n"
		"60 run_end pid=1 tid=1 cpu=0\n",
		false);
	const struct ilv_report_run *run = &report->runs[0];

	(void)state;
	assert_int_equal(run->phase_count, 2);
	assert_int_equal(run->phases[0].end_ns, 30 * US);
	assert_int_equal(run->phases[1].begin_ns, 20 * US);
	assert_int_equal(run->phases[1].end_ns, 50 * US);
	assert_int_equal(run->phases[0].counts[0].count, 7);
	assert_int_equal(run->phases[1].count_count, 1);
	assert_int_equal(run->phases[1].counts[0].count, 9);
	assert_false(run->phases[1].counts[0].is_work);
	ilv_report_destroy(report);
}

/* What was counted may be told in the singular too. */
static void one_is_counted_in_the_singular(void **state)
{
	struct ilv_report *report = report_of_script(
		"0  run_begin pid=1 tid=1 cpu=0 workload=w unit=thread cpu_count=2\n"
		"10 phase_begin pid=1 tid=1 cpu=0 name=request\n"
		"25 phase_count pid=1 tid=1 cpu=0 name=request what=\"page fault|page faults\" "
		"value=1 is_work=false\n"
		"26 phase_count pid=1 tid=1 cpu=0 name=request what=pieces value=1 is_work=true\n"
		"30 phase_end pid=1 tid=1 cpu=0 name=request\n"
		"60 run_end pid=1 tid=1 cpu=0\n",
		false);
	const struct ilv_report_count *counts = report->runs[0].phases[0].counts;

	(void)state;
	assert_int_equal(report->runs[0].phases[0].count_count, 2);
	assert_string_equal(counts[0].what, "page faults");
	assert_string_equal(ilv_report_count_words(&counts[0], 0), "page faults");
	assert_string_equal(ilv_report_count_words(&counts[0], 1), "page fault");
	assert_string_equal(ilv_report_count_words(&counts[0], 2), "page faults");
	assert_string_equal(ilv_report_count_words(&counts[1], 1), "pieces");
	ilv_report_destroy(report);
}

static void memory_is_of_the_own_process(void **state)
{
	struct ilv_report *report = report_of_script(
		"0  run_begin pid=1 tid=1 cpu=0 workload=w unit=process cpu_count=2\n"
		"1  process_memory pid=1 tid=1 cpu=0 anonymous_bytes=99000\n"
		"5  process_spawn pid=1 tid=1 cpu=0 child_pid=7 method=fork\n"
		"5  process_start pid=7 tid=7 cpu=1 parent_pid=1 name=child role=job "
		"started_ns=5us\n"
		"10 phase_begin pid=1 tid=1 cpu=0 name=a\n"
		"11 process_memory pid=1 tid=1 cpu=0 anonymous_bytes=2000\n"
		"12 process_memory pid=7 tid=7 cpu=1 anonymous_bytes=50000\n"
		"13 process_memory pid=1 tid=1 cpu=0 anonymous_bytes=3000\n"
		"14 process_memory pid=1 tid=1 cpu=0 anonymous_bytes=1000\n"
		"20 phase_end pid=1 tid=1 cpu=0 name=a\n"
		"30 phase_begin pid=1 tid=1 cpu=0 name=b\n"
		"40 phase_end pid=1 tid=1 cpu=0 name=b\n"
		"60 run_end pid=1 tid=1 cpu=0\n",
		false);
	const struct ilv_report_run *run = &report->runs[0];

	(void)state;
	assert_int_equal(run->phases[0].memory_bytes, 3000);
	assert_true(run->phases[1].memory_bytes == ILV_UNKNOWN);
	ilv_report_destroy(report);
}

/* A phase belongs to the run in which it began, and ends with it at the latest. */
static void runs_end_their_phases(void **state)
{
	struct ilv_report *report = report_of_script(
		"0  phase_begin pid=1 tid=1 cpu=0 name=early\n"
		"5  run_begin pid=1 tid=1 cpu=0 workload=w unit=thread cpu_count=2\n"
		"6  phase_end pid=1 tid=1 cpu=0 name=early\n"
		"10 phase_begin pid=1 tid=1 cpu=0 name=open\n"
		"30 run_end pid=1 tid=1 cpu=0\n"
		"40 phase_end pid=1 tid=1 cpu=0 name=open\n"
		"50 run_begin pid=1 tid=1 cpu=0 workload=w unit=thread cpu_count=2\n"
		"60 phase_begin pid=1 tid=1 cpu=0 name=next\n"
		"70 phase_end pid=1 tid=1 cpu=0 name=next\n"
		"80 run_end pid=1 tid=1 cpu=0\n",
		false);

	(void)state;
	assert_int_equal(report->run_count, 2);
	assert_int_equal(report->runs[0].phase_count, 1);
	assert_string_equal(report->runs[0].phases[0].name, "open");
	assert_false(report->runs[0].phases[0].is_ended);
	assert_int_equal(report->runs[0].phases[0].end_ns, 25 * US);
	assert_int_equal(report->runs[1].phase_count, 1);
	assert_int_equal(report->runs[1].phases[0].begin_ns, 10 * US);
	assert_int_equal(report->runs[1].phases[0].end_ns, 20 * US);
	ilv_report_destroy(report);
}

static void unknown_is_never_zero(void **state)
{
	struct ilv_report *report = report_of_data("sweep_handing.script");
	const struct ilv_report_phase *phase = &report->runs[0].phases[0];

	(void)state;
	assert_true(isnan(phase->cpus_busy));
	assert_true(phase->cut_short_count == ILV_UNKNOWN);
	assert_true(phase->gave_way_count == ILV_UNKNOWN);
	assert_true(phase->voluntary_count == ILV_UNKNOWN);
	assert_true(phase->involuntary_count == ILV_UNKNOWN);
	assert_true(phase->memory_bytes == ILV_UNKNOWN);
	ilv_report_destroy(report);
}

/* Phases that are never ended cost no more than the limit, and are counted. */
static void what_is_beyond_the_limit_is_counted(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	struct ilv_report *report;

	(void)state;
	assert_non_null(stream);
	(void)fprintf(stream, "0 run_begin pid=1 tid=1 cpu=0 workload=w unit=thread\n");
	for (int index = 0; index < ILV_PHASE_OPEN_LIMIT + 5; index++) {
		(void)fprintf(stream, "1 phase_begin pid=1 tid=1 cpu=0 name=p%d\n", index);
	}
	(void)fprintf(stream, "2 run_end pid=1 tid=1 cpu=0\n");
	assert_int_equal(fclose(stream), 0);
	report = report_of_script(text, false);
	assert_int_equal(report->runs[0].phase_count, ILV_PHASE_OPEN_LIMIT);
	assert_int_equal(report->runs[0].phase_left_out_count, 5);
	ilv_report_destroy(report);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phase_is_measured_by_what_happens_in_it),
		cmocka_unit_test(time_is_cut_at_the_ends),
		cmocka_unit_test(company_is_not_counted),
		cmocka_unit_test(prices_are_told_apart),
		cmocka_unit_test(names_are_told_apart_by_their_threads),
		cmocka_unit_test(one_is_counted_in_the_singular),
		cmocka_unit_test(memory_is_of_the_own_process),
		cmocka_unit_test(runs_end_their_phases),
		cmocka_unit_test(unknown_is_never_zero),
		cmocka_unit_test(what_is_beyond_the_limit_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
