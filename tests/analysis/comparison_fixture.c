/* SPDX-License-Identifier: MIT */
/* Description: runs made by hand, to be compared. */
#include "comparison_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct ilv_report compared_reports[COMPARED_MAX];
struct ilv_report_run compared_runs[COMPARED_MAX];
const char *compared_names[COMPARED_MAX];
static uint32_t compared_count;

int compared_clear(void **state)
{
	(void)state;
	memset(compared_reports, 0, sizeof(compared_reports));
	memset(compared_runs, 0, sizeof(compared_runs));
	compared_count = 0;
	return 0;
}

void compared_add_wait(struct ilv_report_run *run, int64_t wait_ns)
{
	assert_int_equal(ilv_distribution_add(&run->sum.waits, wait_ns), ILV_STATUS_OK);
	run->sum.has_waits = true;
}

int compared_forget(void **state)
{
	(void)state;
	for (uint32_t index = 0; index < compared_count; index++) {
		ilv_distribution_fini(&compared_runs[index].sum.waits);
	}

	return 0;
}

struct ilv_report_run *compared_add(const char *workload, const char *runtime,
				    const char *parameters, enum ilv_unit unit, int64_t duration_ms,
				    double cpus_busy)
{
	struct ilv_report_run *run = &compared_runs[compared_count];

	run->workload = (char *)workload;
	run->runtime = (char *)runtime;
	run->parameters = (char *)parameters;
	run->unit = unit;
	run->has_unit = true;
	run->cpu_count = 2;
	run->sum.duration_ns = duration_ms * MS;
	run->sum.cpus_busy = cpus_busy;
	/* It got what it wanted, and computed all the time, or else waited. */
	run->sum.cpus_wanted = cpus_busy;
	run->sum.all_wait_ns =
		cpus_busy < 1 ? (int64_t)((1 - cpus_busy) * (double)run->sum.duration_ns) : 0;
	run->sum.thread_cut_count = ILV_UNKNOWN;
	run->sum.memory_bytes = ILV_UNKNOWN;
	compared_reports[compared_count].is_complete = true;
	compared_reports[compared_count].has_yields = true;
	compared_reports[compared_count].switch_source = ILV_SWITCH_SOURCE_PERF_WAKEUPS;
	compared_reports[compared_count].runs = run;
	compared_reports[compared_count].run_count = 1;
	compared_names[compared_count++] = "recording";
	return run;
}

void compared_set_variant(uint32_t index, const char *variant)
{
	compared_runs[index].variant = (char *)variant;
}

struct ilv_comparison *compared_make(void)
{
	const struct ilv_report *pointers[COMPARED_MAX];
	struct ilv_comparison *comparison;

	for (uint32_t index = 0; index < compared_count; index++) {
		pointers[index] = &compared_reports[index];
	}

	assert_int_equal(
		ilv_comparison_create(pointers, compared_names, compared_count, &comparison),
		ILV_STATUS_OK);
	for (uint32_t left = 0; left < compared_count; left++) {
		for (uint32_t right = 0; right < left; right++) {
			assert_string_not_equal(comparison->runs[left].label,
						comparison->runs[right].label);
		}
	}

	return comparison;
}

void compared_assert_verdict(const char *expected)
{
	struct ilv_comparison *comparison = compared_make();

	assert_string_equal(comparison->verdict, expected);
	ilv_comparison_destroy(comparison);
	compared_forget(NULL);
	compared_clear(NULL);
}
