/* SPDX-License-Identifier: MIT */
/*
 * Description: no parallelism although there were CPUs for it: the run computed on one at a time
 * while units that could have used another stood in line for a loop, a lock or a GIL. Whether those
 * CPUs were idle, nobody can tell from a run alone; but as far as others are known to have had
 * them, they were none of the run's to use.
 */
#include <math.h>
#include <stdio.h>

#include "analysis/findings/draft.h"
#include "analysis/findings/words.h"

#define BUSY_MAX 1.2  /* CPUs: up to here it is "one at a time" */
#define BUSY_MIN 0.5  /* below, the run mostly waits and needs no second CPU */
#define FREE_MIN 0.5  /* CPUs of which nobody is known to have used them */
#define LINE_MIN 0.25 /* units standing in line on average */

/* What units stood in line for, added up over the run. */
struct line {
	int64_t total_ns;
	int64_t longest_ns;
	const char *longest_id;
};

static void add(struct line *line, int64_t time_ns, const char *id)
{
	if (time_ns == ILV_UNKNOWN) {
		return;
	}

	line->total_ns += time_ns;
	if (time_ns > line->longest_ns) {
		line->longest_ns = time_ns;
		line->longest_id = id;
	}
}

/* The lock that was waited for most: where the line was. NULL: none was. */
static const struct ilv_report_lock *find_worst_lock(const struct ilv_report_run *measured)
{
	const struct ilv_report_lock *worst = NULL;

	for (uint32_t index = 0; index < measured->lock_count; index++) {
		const struct ilv_report_lock *lock = &measured->locks[index];

		if (lock->waits.count > 0 && !lock->is_count &&
		    (!worst || lock->waits.total_ns > worst->waits.total_ns)) {
			worst = lock;
		}
	}

	return worst;
}

/* Where the line stood, and what shortens it. */
static void advise(char *advice, size_t size, bool is_loop, const struct ilv_report_lock *lock)
{
	if (is_loop) {
		(void)snprintf(advice, size,
			       "All tasks share the loop's one thread, and so one CPU: hand the "
			       "computing to a pool of threads or processes.");
	} else if (lock && lock->kind == ILV_LOCK_KIND_GIL) {
		(void)snprintf(advice, size,
			       "They waited for the GIL, under which one computes at a time: hand "
			       "the computing to processes, or to code that gives the GIL up.");
	} else if (lock && lock->name) {
		(void)snprintf(advice, size,
			       "They waited for lock `%.*s`: hold it for less time, or divide what "
			       "it protects.",
			       (int)ilv_finding_fit(lock->name, 160), lock->name);
	} else {
		(void)snprintf(advice, size,
			       "They waited for locks: hold each for less time, or divide what it "
			       "protects.");
	}
}

/*
 * What could be saved at the best: while it computed, the run was as fast as `busy` CPUs at a time,
 * at least one; with those in line it could have been as fast as all who wanted to, on as many CPUs
 * as there are for it.
 */
static int64_t estimate_saving(int64_t duration_ns, double busy, double line_mean, double cpu_count)
{
	double computing_share = busy < 1 ? busy : 1;
	double speed = busy < 1 ? 1 : busy;
	double wanted = (busy + line_mean) / computing_share;
	double possible = fmax(speed, fmin(wanted, cpu_count));

	return (int64_t)((double)duration_ns * computing_share * (1 - speed / possible));
}

static enum ilv_status judge(void *context, struct ilv_judgement *judgement)
{
	const struct ilv_report_run *measured = judgement->measured;
	const int64_t duration_ns = judgement->duration_ns;
	double busy = measured->sum.cpus_busy;
	const double others_share =
		fmax(measured->sum.others_share, measured->sum.others_seen_share);
	double cpus_left = (double)measured->cpu_count; /* to the run, as far as is known */
	struct line line = {0};
	bool is_loop = measured->has_unit && measured->unit == ILV_UNIT_TASK;
	const struct ilv_report_lock *lock = find_worst_lock(measured);
	char advice[320];
	double line_mean;
	struct ilv_draft draft;

	(void)context;
	for (uint32_t index = 0; is_loop && index < measured->task_count; index++) {
		const struct ilv_report_task *task = &measured->tasks[index];

		add(&line, task->times.runnable_ns, task->id);
	}

	for (uint32_t index = 0; !is_loop && index < measured->thread_count; index++) {
		const struct ilv_report_thread *thread = &measured->threads[index];

		if (thread->is_unit) {
			add(&line, thread->times.reason_ns[ILV_WAIT_REASON_LOCK], thread->id);
			add(&line, thread->times.reason_ns[ILV_WAIT_REASON_GIL], thread->id);
		}
	}

	/* Who waits at a queue has nothing to compute until something is put into it. */
	for (uint32_t index = 0; !is_loop && index < measured->lock_count; index++) {
		if (measured->locks[index].is_count) {
			line.total_ns -= measured->locks[index].waits.total_ns;
		}
	}

	/* A server of the run may have used what the run itself did not. */
	if (measured->server_cpu_ns != ILV_UNKNOWN && duration_ns > 0) {
		cpus_left -= (double)measured->server_cpu_ns / (double)duration_ns;
	}

	/* So may other programs. */
	if (isfinite(others_share)) {
		cpus_left -= others_share * (double)measured->cpu_count;
	}

	/* Written so that an unknown (NAN) share of CPUs says nothing. */
	if (measured->cpu_count == ILV_UNKNOWN || measured->cpu_count < 2 || duration_ns <= 0 ||
	    !line.longest_id || !(busy >= BUSY_MIN && busy <= BUSY_MAX) ||
	    busy > cpus_left - FREE_MIN || (double)line.total_ns < LINE_MIN * (double)duration_ns) {
		return ILV_STATUS_OK;
	}

	line_mean = (double)line.total_ns / (double)duration_ns;
	advise(advice, sizeof(advice), is_loop, lock);

	draft = ilv_draft_begin(judgement, ILV_SEVERITY_WARNING);
	draft.finding.cost_ns = estimate_saving(duration_ns, busy, line_mean, cpus_left);
	draft.finding.begin_ns = 0;
	draft.finding.end_ns = duration_ns;
	ilv_draft_set_title(&draft, "Computes on one CPU at a time");
	ilv_draft_set_text(&draft,
			   "The run kept %.1f of its %lld CPUs busy, while on average %.1f %s "
			   "could have computed too, as far as other programs left them CPUs. %s",
			   busy, (long long)measured->cpu_count, line_mean,
			   is_loop ? "further tasks" : "further threads", advice);
	ilv_draft_add_id(&draft, line.longest_id);
	return ilv_draft_finish(&draft);
}

const struct ilv_finding_kind ilv_finding_idle_cpus = {
	.id = "idle-cpus",
	.judge = judge,
};
