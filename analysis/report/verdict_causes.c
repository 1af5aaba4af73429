/* SPDX-License-Identifier: MIT */
/*
 * Description: what a comparison says of why its runs took as long as they did: a task that kept
 * its loop, a GIL, a lock, shares that were not equal: who kept others from their turn.
 */
#include <stdio.h>
#include <string.h>

#include "analysis/report/verdict_parts.h"
#include "base/duration.h"

/* What happens once in one run must be this much rarer or shorter in another, to be a contrast. */
#define CONTRAST 2.0

/* Less than this share of the run is nothing that anybody would notice. */
#define NOTICEABLE 0.05

/* Nor is less than this, however short the run. */
#define NOTICEABLE_NS 2000000

/* What the kernel took besides is worth a word from this share of what the task took on. */
#define KERNEL_SHARE 0.25

/* The loop of `run` that one task kept longest; NULL: none. */
static const struct ilv_report_loop *longest_held(const struct ilv_report_run *run)
{
	const struct ilv_report_loop *longest = NULL;

	for (uint32_t index = 0; index < run->loop_count; index++) {
		const struct ilv_report_loop *loop = &run->loops[index];

		if (loop->longest_callback_ns != ILV_UNKNOWN &&
		    (!longest || loop->longest_callback_ns > longest->longest_callback_ns)) {
			longest = loop;
		}
	}

	return longest;
}

static const char *task_name(const struct ilv_report_run *run, const char *id)
{
	for (uint32_t index = 0; id && index < run->task_count; index++) {
		if (strcmp(run->tasks[index].id, id) == 0 && run->tasks[index].name) {
			return run->tasks[index].name;
		}
	}

	return "a task";
}

void ilv_verdict_write_held_loops(struct ilv_verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const struct ilv_compared_run *worst = NULL;
	const struct ilv_report_loop *worst_loop = NULL;
	int64_t least_ns = INT64_MAX;
	uint32_t count = 0;
	uint32_t written = 0;
	char text[ILV_DURATION_TEXT_SIZE];

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		const struct ilv_report_loop *loop = longest_held(compared->run);

		if (!loop) {
			continue;
		}
		count++;
		least_ns =
			loop->longest_callback_ns < least_ns ? loop->longest_callback_ns : least_ns;
		if (!worst_loop || loop->longest_callback_ns > worst_loop->longest_callback_ns) {
			worst_loop = loop;
			worst = compared;
		}
	}
	if (count < 2 || worst_loop->longest_callback_ns < NOTICEABLE_NS ||
	    (double)worst_loop->longest_callback_ns <
		    NOTICEABLE * worst->values[ILV_MEASURE_TIME] ||
	    (double)worst_loop->longest_callback_ns < CONTRAST * (double)least_ns) {
		return;
	}

	ilv_verdict_duration((double)worst_loop->longest_callback_ns, text);
	(void)fprintf(verdict->stream,
		      "Until a task gives way its loop serves nobody else: %s kept it for %s at a "
		      "time in %s",
		      task_name(worst->run, worst_loop->longest_callback_by), text,
		      ilv_verdict_label(worst));
	if ((double)worst_loop->longest_callback_ready_ns >=
	    KERNEL_SHARE * (double)worst_loop->longest_callback_ns) {
		ilv_verdict_duration((double)worst_loop->longest_callback_ready_ns, text);
		(void)fprintf(verdict->stream, " (for %s more its thread stood ready for a CPU)",
			      text);
	}
	(void)fputs(", ", verdict->stream);
	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		const struct ilv_report_loop *loop = longest_held(compared->run);

		if (!loop || compared == worst) {
			continue;
		}
		ilv_verdict_separate(verdict->stream, written++, count - 1);
		ilv_verdict_duration((double)loop->longest_callback_ns, text);
		(void)fprintf(verdict->stream, "%s%s in %s",
			      written == 1 ? "nobody for more than " : "", text,
			      ilv_verdict_label(compared));
	}
	ilv_verdict_stop(verdict);
}

/* Who waited most for the GIL, in all; NULL: nobody did. */
static const struct ilv_report_thread *gil_waiter(const struct ilv_report_run *run)
{
	const struct ilv_report_thread *most = NULL;
	int64_t most_ns = 0;

	for (uint32_t index = 0; index < run->thread_count; index++) {
		const struct ilv_report_thread *thread = &run->threads[index];
		int64_t wait_ns = thread->times.reason_ns[ILV_WAIT_REASON_GIL];

		if (wait_ns != ILV_UNKNOWN && wait_ns > most_ns) {
			most_ns = wait_ns;
			most = thread;
		}
	}

	return most;
}

/* What share of the run that was. */
static double gil_share(const struct ilv_compared_run *compared,
			const struct ilv_report_thread *waiter)
{
	return (double)waiter->times.reason_ns[ILV_WAIT_REASON_GIL] /
	       compared->values[ILV_MEASURE_TIME];
}

/* Who comes back from a wait must get the GIL first: what that took. */
void ilv_verdict_write_gil(struct ilv_verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	bool is_noticeable = false;
	bool is_contrast = false;
	double first_share = -1;
	uint32_t gil_count = 0;
	uint32_t written = 0;

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		const struct ilv_report_thread *waiter = gil_waiter(compared->run);
		double share = waiter ? gil_share(compared, waiter) : 0;

		if (!waiter) {
			is_contrast = true;
			continue;
		}
		gil_count++;
		is_noticeable |= share > NOTICEABLE;
		is_contrast |= first_share >= 0 &&
			       (share > CONTRAST * first_share || first_share > CONTRAST * share);
		first_share = first_share < 0 ? share : first_share;
	}
	if (gil_count == 0 || !is_noticeable || !is_contrast) {
		return;
	}

	(void)fputs("Under a GIL one thread goes on at a time, and the others wait for it: ",
		    verdict->stream);
	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		const struct ilv_report_thread *waiter = gil_waiter(compared->run);
		char text[2][ILV_DURATION_TEXT_SIZE];

		if (!waiter) {
			continue;
		}
		ilv_verdict_separate(verdict->stream, written++, gil_count);
		ilv_verdict_duration((double)waiter->times.reason_ns[ILV_WAIT_REASON_GIL], text[0]);
		ilv_verdict_duration(compared->values[ILV_MEASURE_TIME], text[1]);
		if (waiter->name && waiter->name[0]) {
			(void)fprintf(verdict->stream, "%s", waiter->name);
		} else {
			(void)fprintf(verdict->stream, "thread %d", (int)waiter->tid);
		}
		(void)fprintf(verdict->stream, " for %s of %s in %s", text[0], text[1],
			      ilv_verdict_label(compared));
	}
	verdict->has_cause = true;
	ilv_verdict_stop(verdict);
}

/* The lock for which somebody of `run` waited longest at a stretch; NULL: nobody waited. */
static const struct ilv_report_lock *longest_waited(const struct ilv_report_run *run)
{
	const struct ilv_report_lock *longest = NULL;

	for (uint32_t index = 0; index < run->lock_count; index++) {
		const struct ilv_report_lock *lock = &run->locks[index];

		if (lock->kind != ILV_LOCK_KIND_GIL && !lock->is_count && lock->waits.count > 0 &&
		    (!longest || lock->waits.max_ns > longest->waits.max_ns)) {
			longest = lock;
		}
	}

	return longest;
}

/* Whether most of the longest wait for `lock` was one in which its holder had lost the CPU. */
static bool is_holder_cut(const struct ilv_report_run *run, const struct ilv_report_lock *lock)
{
	for (uint32_t index = 0; index < run->finding_count; index++) {
		const struct ilv_finding *finding = &run->findings[index];

		if (strcmp(finding->id, "cut-while-holding") != 0 ||
		    finding->end_ns - finding->begin_ns < lock->waits.max_ns / 2) {
			continue;
		}
		for (uint32_t entity = 0; entity < finding->entity_count; entity++) {
			if (lock->id && strcmp(finding->entity_ids[entity], lock->id) == 0) {
				return true;
			}
		}
	}

	return false;
}

void ilv_verdict_write_lock_waits(struct ilv_verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const struct ilv_compared_run *worst = NULL;
	const struct ilv_report_lock *worst_lock = NULL;
	int64_t least_ns = INT64_MAX;
	uint32_t written = 0;
	char text[ILV_DURATION_TEXT_SIZE];

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		const struct ilv_report_lock *lock = longest_waited(compared->run);

		/* Where nobody waited, there need not be a lock at all. */
		if (!lock || ilv_verdict_ring(compared)) {
			return;
		}
		least_ns = lock->waits.max_ns < least_ns ? lock->waits.max_ns : least_ns;
		if (!worst || lock->waits.max_ns > worst_lock->waits.max_ns) {
			worst = compared;
			worst_lock = lock;
		}
	}
	if (!worst || worst_lock->waits.max_ns < NOTICEABLE_NS ||
	    (double)worst_lock->waits.max_ns < NOTICEABLE * worst->values[ILV_MEASURE_TIME] ||
	    (double)worst_lock->waits.max_ns < CONTRAST * (double)least_ns) {
		return;
	}

	if (is_holder_cut(worst->run, worst_lock)) {
		(void)fputs("Who holds a lock and loses the CPU keeps all waiting that want it: ",
			    verdict->stream);
	}
	ilv_verdict_duration((double)worst_lock->waits.max_ns, text);
	(void)fprintf(verdict->stream, "%s waited up to %s for a lock in %s, ",
		      worst_lock->waited_longest_by_name ? worst_lock->waited_longest_by_name
							 : "somebody",
		      text, ilv_verdict_label(worst));
	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];

		if (compared == worst) {
			continue;
		}
		ilv_verdict_separate(verdict->stream, written++, comparison->run_count - 1);
		ilv_verdict_duration((double)longest_waited(compared->run)->waits.max_ns, text);
		(void)fprintf(verdict->stream, "%s%s in %s",
			      written == 1 ? "nobody longer than " : "", text,
			      ilv_verdict_label(compared));
	}
	ilv_verdict_stop(verdict);
}

/* The unit thread of `run` that computed most, and its share of what all of them computed. */
static const struct ilv_report_thread *largest_share(const struct ilv_report_run *run,
						     uint32_t *unit_count, double *share)
{
	const struct ilv_report_thread *largest = NULL;
	double sum_ns = 0;

	*unit_count = 0;
	for (uint32_t index = 0; index < run->thread_count; index++) {
		const struct ilv_report_thread *thread = &run->threads[index];

		if (thread->role != ILV_ROLE_JOB || thread->times.running_ns == ILV_UNKNOWN) {
			continue;
		}
		(*unit_count)++;
		sum_ns += (double)thread->times.running_ns;
		if (!largest || thread->times.running_ns > largest->times.running_ns) {
			largest = thread;
		}
	}

	*share = largest && sum_ns > 0 ? (double)largest->times.running_ns / sum_ns : 0;
	return largest;
}

/* Where equals do not get equal shares. */
#define SHARE_DIFFERENCE 0.25

void ilv_verdict_write_shares(struct ilv_verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const struct ilv_compared_run *worst = NULL;
	const struct ilv_report_thread *largest = NULL;
	uint32_t unit_count = 0;
	uint32_t written = 0;
	double most = 0;
	double least = 1;

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		const struct ilv_report_thread *thread;
		uint32_t count;
		double share;

		thread = largest_share(compared->run, &count, &share);
		if (count < 2 || (unit_count > 0 && count != unit_count) ||
		    compared->values[ILV_MEASURE_CPUS_BUSY] < NOTICEABLE) {
			return;
		}
		unit_count = count;
		least = share < least ? share : least;
		if (share > most) {
			most = share;
			worst = compared;
			largest = thread;
		}
	}
	if (!worst || most < least + SHARE_DIFFERENCE) {
		return;
	}

	(void)fprintf(verdict->stream,
		      "Of the CPU time of all %u threads %s had %.0f %% in %s; the largest share "
		      "was ",
		      unit_count, largest->name ? largest->name : "one", 100 * most,
		      ilv_verdict_label(worst));
	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		uint32_t count;
		double share;

		if (compared == worst) {
			continue;
		}
		(void)largest_share(compared->run, &count, &share);
		ilv_verdict_separate(verdict->stream, written++, comparison->run_count - 1);
		(void)fprintf(verdict->stream, "%.0f %% in %s", 100 * share,
			      ilv_verdict_label(compared));
	}
	ilv_verdict_stop(verdict);
}
