/* SPDX-License-Identifier: MIT */
/*
 * Description: what lies beneath is drawn too: a job with a worker that waits, waits; a worker has
 * one lane; a task whose sleep was over is ready.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/analysis/report_fixture.h"
#include "tests/lib/script.h"
#include "viz/lanes.h"

/* Two workers. Job 1 computes, reads, is cut, goes on; job 2 stands in line all the time. */
static const char *const pool_text =
	"0 recorder_begin pid=10 tid=90 recorder_id=0x1 source=perf_wakeups covered_pid=10\n"
	"0 thread_start pid=10 tid=10 name=main role=main\n"
	"1 run_begin pid=10 tid=10 workload=job runtime=thread-pool unit=pool_job cpu_count=2\n"
	"2 pool_create pid=10 tid=10 pool=0x1 name=pool worker_count=2\n"
	"3 thread_start pid=10 tid=11 name=\"worker 0\" role=pool\n"
	"3 thread_start pid=10 tid=12 name=\"worker 1\" role=pool\n"
	"4 thread_switch_in recorder_id=0x1 pid=10 tid=12 cpu=1\n"
	"5 thread_switch_in recorder_id=0x1 pid=10 tid=11 cpu=0\n"
	"6 job_submit pid=10 tid=10 pool=0x1 job=1 name=\"job 0\" queue_length=1\n"
	"7 job_submit pid=10 tid=10 pool=0x1 job=2 name=\"job 1\" queue_length=1\n"
	/* The second worker is the first to take a job. */
	"10 job_begin pid=10 tid=12 pool=0x1 job=2\n"
	"10 job_begin pid=10 tid=11 pool=0x1 job=1\n"
	"20 wait_begin pid=10 tid=11 reason=read object=0x5\n"
	"21 thread_switch_out recorder_id=0x1 pid=10 tid=11 cpu=0\n"
	"40 thread_wakeup recorder_id=0x1 pid=10 tid=11 cpu=0\n"
	"50 thread_switch_in recorder_id=0x1 pid=10 tid=11 cpu=0\n"
	"51 wait_end pid=10 tid=11 reason=read object=0x5\n"
	"60 thread_switch_out recorder_id=0x1 pid=10 tid=11 cpu=0 is_involuntary=1 other_tid=99\n"
	"80 thread_switch_in recorder_id=0x1 pid=10 tid=11 cpu=0\n"
	"90 job_end pid=10 tid=11 pool=0x1 job=1\n"
	"95 job_end pid=10 tid=12 pool=0x1 job=2\n"
	"100 run_end pid=10 tid=10\n"
	"100 switch_watermark pid=10 tid=90 recorder_id=0x1 up_to_ns=100us switch_count=7\n"
	"100 recorder_end pid=10 tid=90 recorder_id=0x1 switch_count=7\n";

struct drawn {
	struct ilv_report *report;
	struct ilv_lanes *lanes;
};

static void draw(struct drawn *drawn, const char *text, bool units_only)
{
	const struct ilv_lanes_limits limits = {
		.entity_limit = 24, .lock_limit = 1, .units_only = units_only};
	const struct ilv_lanes_scale scale = {.fold_ns = 1, .band_columns = 10};
	struct ilv_script *script = ilv_script_parse(text);
	struct ilv_model *model = ilv_model_create();
	struct ilv_intervals *intervals;

	drawn->report = report_of_script(text, false);
	assert_int_equal(drawn->report->run_count, 1);
	drawn->lanes = ilv_lanes_create(drawn->report, &drawn->report->runs[0], &limits);
	assert_non_null(drawn->lanes);
	assert_int_equal(ilv_lanes_set_scale(drawn->lanes, &scale), ILV_STATUS_OK);
	intervals = ilv_intervals_create(model, ilv_lanes_take, drawn->lanes);
	assert_non_null(intervals);
	for (size_t i = 0; i < script->count; i++) {
		assert_int_equal(ilv_model_feed(model, &script->events[i]), ILV_STATUS_OK);
	}
	assert_int_equal(ilv_model_finish(model), ILV_STATUS_OK);
	assert_int_equal(ilv_lanes_settle(drawn->lanes), ILV_STATUS_OK);
	ilv_model_destroy(model);
	ilv_intervals_destroy(intervals);
	ilv_script_destroy(script);
}

static void discard(struct drawn *drawn)
{
	ilv_lanes_destroy(drawn->lanes);
	ilv_report_destroy(drawn->report);
}

/* The only lane called `label`. */
static const struct ilv_lane *lane_of(const struct drawn *drawn, const char *label)
{
	const struct ilv_lane *found = NULL;

	for (uint32_t i = 0; i < drawn->lanes->count; i++) {
		if (strcmp(drawn->lanes->list[i].label, label) == 0) {
			assert_null(found);
			found = &drawn->lanes->list[i];
		}
	}

	assert_non_null(found);
	return found;
}

static void assert_stretch(const struct ilv_stretch *stretch, enum ilv_ink ink, int64_t begin_us,
			   int64_t end_us)
{
	assert_int_equal(stretch->ink, ink);
	assert_int_equal(stretch->begin_ns, begin_us * 1000);
	assert_int_equal(stretch->end_ns, end_us * 1000);
}

static void jobs_wait_with_their_workers(void **state)
{
	struct drawn drawn;
	const struct ilv_lane *job;
	const struct ilv_report_task *reported;

	(void)state;
	draw(&drawn, pool_text, true);
	job = lane_of(&drawn, "job 0");
	assert_int_equal(job->shown.count, 7);
	assert_stretch(&job->shown.list[0], ILV_INK_READY, 6, 10);
	assert_stretch(&job->shown.list[1], ILV_INK_RUN, 10, 21);
	assert_stretch(&job->shown.list[2], ILV_INK_IO, 21, 40);
	assert_int_equal(job->shown.list[2].reason, ILV_WAIT_REASON_READ);
	assert_stretch(&job->shown.list[3], ILV_INK_STALLED, 40, 50);
	assert_stretch(&job->shown.list[4], ILV_INK_RUN, 50, 60);
	assert_stretch(&job->shown.list[5], ILV_INK_STALLED, 60, 80);
	assert_stretch(&job->shown.list[6], ILV_INK_RUN, 80, 90);
	assert_int_equal(job->signs[ILV_SIGN_DONE].count, 1);
	assert_int_equal(job->signs[ILV_SIGN_CUT].count, 0);

	/* The report says the same. */
	reported = &drawn.report->runs[0].jobs[0];
	assert_string_equal(reported->name, "job 0");
	assert_int_equal(reported->stalled_ns, 49000);
	discard(&drawn);
}

static void workers_have_one_lane(void **state)
{
	struct drawn drawn;

	(void)state;
	for (int units_only = 0; units_only <= 1; units_only++) {
		const struct ilv_lane *worker;
		char id[64];

		draw(&drawn, pool_text, units_only);
		worker = lane_of(&drawn, "worker 0");
		assert_int_equal(worker->kind, ILV_LANE_KIND_EXECUTOR);
		assert_string_equal(worker->shown.list[0].who, "job 0");
		assert_int_equal(worker->signs[ILV_SIGN_CUT].count, 1);
		assert_int_equal(worker->signs[ILV_SIGN_CUT].list[0].first_ns, 60000);
		assert_int_equal(lane_of(&drawn, "worker 1")->signs[ILV_SIGN_CUT].count, 0);

		/* What a finding says of the thread stands on it. */
		snprintf(id, sizeof(id), "thread:10.11.0");
		assert_ptr_equal(ilv_lanes_find(drawn.lanes, id), worker);
		discard(&drawn);
	}
}

/* Of three workers one has a job, and it is not the first: the others are called by other numbers.
 */
static void idle_workers_have_names_of_their_own(void **state)
{
	static const char *const text =
		"1 run_begin pid=10 tid=10 workload=job runtime=thread-pool unit=pool_job "
		"cpu_count=2\n"
		"2 pool_create pid=10 tid=10 pool=0x1 name=pool worker_count=3\n"
		"3 thread_start pid=10 tid=12 name=\"worker 1\" role=pool\n"
		"6 job_submit pid=10 tid=10 pool=0x1 job=1 name=\"job 0\" queue_length=1\n"
		"10 job_begin pid=10 tid=12 pool=0x1 job=1\n"
		"90 job_end pid=10 tid=12 pool=0x1 job=1\n"
		"100 run_end pid=10 tid=10\n";
	struct drawn drawn;

	(void)state;
	draw(&drawn, text, true);
	assert_int_equal(drawn.lanes->count, 4);
	assert_string_equal(drawn.lanes->list[0].label, "worker 0");
	assert_string_equal(drawn.lanes->list[1].label, "worker 1");
	assert_string_equal(drawn.lanes->list[2].label, "worker 2");
	assert_int_equal(lane_of(&drawn, "worker 1")->shown.count, 1);
	discard(&drawn);
}

/* A sleeper that should have woken at 3 ms and at 12.5 ms; the loop computes from 2 to 12 ms. */
static const char *const sleep_text =
	"0 thread_start pid=10 tid=10 name=main role=loop\n"
	"1 run_begin pid=10 tid=10 workload=job runtime=event-loop unit=task cpu_count=1\n"
	"2 loop_create pid=10 tid=10 loop=0x1 name=loop\n"
	"3 task_create pid=10 tid=10 loop=0x1 task=1 name=sleeper\n"
	"3 task_create pid=10 tid=10 loop=0x1 task=2 name=computer\n"
	"4 task_ready pid=10 tid=10 loop=0x1 task=1\n"
	"4 task_ready pid=10 tid=10 loop=0x1 task=2\n"
	"1000 task_resume pid=10 tid=10 loop=0x1 task=1\n"
	"1001 task_yield pid=10 tid=10 loop=0x1 task=1 reason=sleep object=3000000\n"
	"2000 task_resume pid=10 tid=10 loop=0x1 task=2\n"
	"12000 task_yield pid=10 tid=10 loop=0x1 task=2 reason=sleep object=99000000\n"
	"12001 task_ready pid=10 tid=10 loop=0x1 task=1\n"
	"12002 task_resume pid=10 tid=10 loop=0x1 task=1\n"
	/* What the loop sees when it comes back from looking for events is on time. */
	"12010 task_yield pid=10 tid=10 loop=0x1 task=1 reason=sleep object=12500000\n"
	"12011 loop_poll_begin pid=10 tid=10 loop=0x1\n"
	"13399 loop_poll_end pid=10 tid=10 loop=0x1\n"
	"13400 task_ready pid=10 tid=10 loop=0x1 task=1\n"
	"13401 task_resume pid=10 tid=10 loop=0x1 task=1\n"
	"13402 task_done pid=10 tid=10 loop=0x1 task=1\n"
	"14000 run_end pid=10 tid=10\n";

static void sleepers_that_are_not_woken_are_ready(void **state)
{
	struct drawn drawn;
	const struct ilv_lane *sleeper;
	const struct ilv_report_run *run;

	(void)state;
	draw(&drawn, sleep_text, true);
	sleeper = lane_of(&drawn, "sleeper");
	assert_int_equal(sleeper->shown.count, 10);
	assert_stretch(&sleeper->shown.list[1], ILV_INK_READY, 4, 1000);
	assert_stretch(&sleeper->shown.list[3], ILV_INK_IDLE, 1001, 3000);
	assert_stretch(&sleeper->shown.list[4], ILV_INK_READY, 3000, 12001);
	assert_stretch(&sleeper->shown.list[5], ILV_INK_READY, 12001, 12002);
	assert_stretch(&sleeper->shown.list[7], ILV_INK_IDLE, 12010, 13400);

	/* One wait for its turn, not two. */
	run = &drawn.report->runs[0];
	assert_string_equal(run->tasks[0].name, "sleeper");
	assert_int_equal(run->tasks[0].waits.count, 3);
	assert_int_equal(run->tasks[0].waits.max_ns, 9002000);
	assert_int_equal(run->tasks[0].times.reason_ns[ILV_WAIT_REASON_SLEEP], 3389000);
	discard(&drawn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_wait_with_their_workers),
		cmocka_unit_test(workers_have_one_lane),
		cmocka_unit_test(idle_workers_have_names_of_their_own),
		cmocka_unit_test(sleepers_that_are_not_woken_are_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
