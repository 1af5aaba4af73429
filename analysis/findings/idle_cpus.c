/* SPDX-License-Identifier: MIT */
/*
 * Description: no parallelism although CPUs were idle: the run computed on one CPU at a time while
 * units that could have used another stood in line for a loop, a lock or a GIL.
 */
#include "analysis/findings/build.h"

#include <stdio.h>

#define BUSY_MAX 1.2  /* CPUs: up to here it is "one at a time" */
#define BUSY_MIN 0.5  /* below, the run mostly waits and needs no second CPU */
#define LINE_MIN 0.25 /* units standing in line on average */

/* What units stood in line for, added up over the run. */
struct line {
	int64_t total_ns;
	int64_t longest_ns;
	const char *longest_id;
	const char *what; /* words of the longest's; NULL: tasks, whose line is the loop */
};

static void add(struct line *line, int64_t time_ns, const char *id, const char *what)
{
	if (time_ns == ILV_UNKNOWN) {
		return;
	}

	line->total_ns += time_ns;
	if (time_ns > line->longest_ns) {
		line->longest_ns = time_ns;
		line->longest_id = id;
		line->what = what;
	}
}

static enum ilv_status judge(void *context, const struct ilv_run *run,
			     const struct ilv_report *report, const struct ilv_report_run *measured,
			     ilv_finding_emit_fn emit, void *emit_context)
{
	int64_t duration_ns = measured->end_ns - measured->begin_ns;
	double busy = measured->sum.cpus_busy;
	struct line line = {0};
	bool is_loop = measured->has_unit && measured->unit == ILV_UNIT_TASK;
	char why[256];
	struct ilv_finding finding;
	enum ilv_status status;

	(void)context;
	(void)run;
	(void)report;
	for (uint32_t index = 0; is_loop && index < measured->task_count; index++) {
		const struct ilv_report_task *task = &measured->tasks[index];

		add(&line, task->times.runnable_ns, task->id, NULL);
	}

	for (uint32_t index = 0; !is_loop && index < measured->thread_count; index++) {
		const struct ilv_report_thread *thread = &measured->threads[index];

		if (thread->is_unit) {
			add(&line,
			    thread->times.reason_ns[ILV_WAIT_REASON_LOCK] +
				    thread->times.reason_ns[ILV_WAIT_REASON_GIL],
			    thread->id, thread->waits_most_for);
		}
	}

	/* Written so that an unknown (NAN) share of CPUs says nothing. */
	if (measured->cpu_count == ILV_UNKNOWN || measured->cpu_count < 2 || duration_ns <= 0 ||
	    !line.longest_id || !(busy >= BUSY_MIN && busy <= BUSY_MAX) ||
	    (double)line.total_ns < LINE_MIN * (double)duration_ns) {
		return ILV_STATUS_OK;
	}

	if (is_loop) {
		(void)snprintf(
			why, sizeof(why),
			"All tasks share the loop's one thread. Hand the computing to a pool of "
			"threads or processes.");
	} else {
		(void)snprintf(
			why, sizeof(why),
			"They stood in line for %.120s. Hold it for less time, or split what it "
			"protects.",
			line.what ? line.what : "a lock");
	}

	finding = ilv_finding_make("idle-cpus", ILV_SEVERITY_WARNING);
	/* At the best, the same computing spread over all CPUs would save this much. */
	finding.cost_ns =
		(int64_t)((double)duration_ns *
			  (1.0 - (busy < 1.0 ? busy : 1.0) / (double)measured->cpu_count) *
			  (busy < 1.0 ? busy : 1.0));
	finding.begin_ns = 0;
	finding.end_ns = duration_ns;
	status = ilv_finding_set_title(&finding, "One CPU works, the others idle");
	if (status == ILV_STATUS_OK) {
		status = ilv_finding_set_text(&finding,
					      "The run kept %.1f of %lld CPUs busy while on "
					      "average %.1f of its %s were ready "
					      "or in line to compute. %s",
					      busy, (long long)measured->cpu_count,
					      (double)line.total_ns / (double)duration_ns,
					      is_loop ? "tasks" : "threads", why);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_finding_add_id(&finding, line.longest_id);
	}

	if (status < 0) {
		ilv_finding_fini(&finding);
		return status;
	}

	return emit(emit_context, &finding);
}

const struct ilv_finding_kind ilv_finding_idle_cpus = {
	.id = "idle-cpus",
	.judge = judge,
};
