/* SPDX-License-Identifier: MIT */
/*
 * Description: the schedulers of a run, all by the same lines, and what locks, loops and pools have
 * beyond that. Here, and not where measures are taken, it is said which counts mean nothing for a
 * kind.
 */
#include "analysis/report/build.h"

#include <math.h>

/* Thread switches are known from records that may be missing; all else says itself what it does. */
static bool is_observed(const struct ilv_run_build *build, const struct ilv_scheduler *scheduler)
{
	return scheduler->kind != ILV_SCHEDULER_KIND_KERNEL || build->has_switches;
}

static void count_switches(const struct ilv_run_build *build,
			   const struct ilv_scheduler_measures *in,
			   struct ilv_switch_counts *counts)
{
	enum ilv_scheduler_kind kind = in->scheduler->kind;
	bool can_be_cut = kind != ILV_SCHEDULER_KIND_LOCK &&
			  (kind != ILV_SCHEDULER_KIND_KERNEL || build->facts->has_yields);

	*counts = (struct ilv_switch_counts){ILV_UNKNOWN, ILV_UNKNOWN, ILV_UNKNOWN,
					     ILV_UNKNOWN, ILV_UNKNOWN, ILV_UNKNOWN};
	if (!is_observed(build, in->scheduler)) {
		return;
	}

	counts->finished = (int64_t)in->stop_counts[ILV_CAUSE_FINISHED];
	if (kind == ILV_SCHEDULER_KIND_KERNEL) {
		counts->involuntary = (int64_t)in->involuntary_count;
	}
	if (kind == ILV_SCHEDULER_KIND_GIL) {
		counts->forced = (int64_t)in->stop_counts[ILV_CAUSE_FORCED];
	}
	if (can_be_cut) {
		counts->cut_short = (int64_t)(in->stop_counts[ILV_CAUSE_CUT] +
					      in->stop_counts[ILV_CAUSE_FORCED]);
		counts->yielded = (int64_t)in->stop_counts[ILV_CAUSE_YIELDED];
	}
	if (kind != ILV_SCHEDULER_KIND_LOCK) {
		counts->blocked = (int64_t)in->stop_counts[ILV_CAUSE_BLOCKED];
	}
}

static int64_t executor_count(const struct ilv_run_build *build,
			      const struct ilv_scheduler *scheduler)
{
	/* What a run may use says more than what it happened to use. */
	if (scheduler->kind == ILV_SCHEDULER_KIND_KERNEL && build->run->cpu_count > 0) {
		return build->run->cpu_count;
	}

	return scheduler->executor_count > 0 ? (int64_t)scheduler->executor_count : ILV_UNKNOWN;
}

static void build_scheduler(struct ilv_run_build *build, const struct ilv_scheduler_measures *in,
			    struct ilv_report_scheduler *made)
{
	const struct ilv_scheduler *scheduler = in->scheduler;
	double duration_ns = (double)(build->end_ns - build->begin_ns);

	made->kind = scheduler->kind;
	made->discipline = scheduler->discipline;
	made->id = ilv_report_scheduler_id(build, scheduler);
	made->name = ilv_report_copy(build, scheduler->name);
	made->entity_count = in->entity_count;
	made->executor_count = executor_count(build, scheduler);
	made->has_waits = scheduler->kind != ILV_SCHEDULER_KIND_KERNEL || build->has_readiness;
	ilv_report_copy_distribution(build, &made->slices, &in->slices);
	ilv_report_copy_distribution(build, &made->waits, &in->waits);
	count_switches(build, in, &made->switches);

	made->utilisation = NAN;
	made->parallelism_mean = NAN;
	made->parallelism_max = ILV_UNKNOWN;
	made->fairness = NAN;
	if (!is_observed(build, scheduler) || duration_ns <= 0) {
		return;
	}

	made->parallelism_mean = (double)in->state_ns[ILV_STATE_RUNNING] / duration_ns;
	made->parallelism_max = in->running_max;
	made->fairness = in->fairness;
	if (made->executor_count != ILV_UNKNOWN) {
		made->utilisation =
			in->busy_executor_ns / ((double)made->executor_count * duration_ns);
	}
}

static void build_lock(struct ilv_run_build *build, const struct ilv_scheduler_measures *in,
		       struct ilv_report_lock *made)
{
	made->id = ilv_report_scheduler_id(build, in->scheduler);
	made->name = ilv_report_copy(build, in->scheduler->name);
	made->kind = in->scheduler->lock_kind;
	made->is_count =
		in->scheduler->lock_kind == ILV_LOCK_KIND_SEM && in->scheduler->executor_count != 1;
	made->acquisition_count = (int64_t)in->slices.count;
	made->contended_count = (int64_t)in->waits.count;
	made->in_vain_count = (int64_t)in->in_vain_count;
	ilv_report_copy_distribution(build, &made->waits, &in->waits);
	ilv_report_copy_distribution(build, &made->holds, &in->slices);
	if (in->longest_slice_of) {
		const struct ilv_entity *holder = in->longest_slice_of->entity->subject;

		made->held_longest_by = ilv_report_entity_id(build, holder);
		made->held_longest_by_name = ilv_report_entity_label(build, holder);
	}
	if (in->longest_wait_of) {
		const struct ilv_entity *waiter = in->longest_wait_of->entity->subject;

		made->waited_longest_by = ilv_report_entity_id(build, waiter);
		made->waited_longest_by_name = ilv_report_entity_label(build, waiter);
	}
}

static void build_loop(struct ilv_run_build *build, const struct ilv_scheduler_measures *in,
		       struct ilv_report_loop *made)
{
	const struct ilv_entity *thread = in->scheduler->thread;
	const struct ilv_entity_measures *of =
		thread ? ilv_measures_of(build->source->measures, build->run, thread) : NULL;

	made->id = ilv_report_scheduler_id(build, in->scheduler);
	made->name = ilv_report_copy(build, in->scheduler->name);
	made->thread_id = thread ? ilv_report_entity_id(build, thread) : NULL;
	/* A loop that is never seen to poll may come from who cannot tell. */
	made->iteration_count = in->poll_count > 0 ? (int64_t)in->poll_count : ILV_UNKNOWN;
	made->poll_ns = in->poll_count > 0 ? in->poll_ns : ILV_UNKNOWN;
	made->task_count = in->entity_count;
	made->stall_count = in->stalls ? in->stalls[ILV_STALL_LIMIT_LONG].count : 0;
	made->longest_callback_ns = made->longest_callback_ready_ns = ILV_UNKNOWN;
	if (in->longest_hold.task) {
		made->longest_callback_ns = in->longest_hold.kept_ns;
		made->longest_callback_by = ilv_report_entity_id(build, in->longest_hold.task);
	}
	if (in->longest_hold.task && build->has_switches) {
		made->longest_callback_ready_ns = in->longest_hold.ready_ns;
	}
	made->thread_cut_count = of && build->has_switches && build->facts->has_yields
					 ? (int64_t)of->stop_counts[ILV_CAUSE_CUT]
					 : ILV_UNKNOWN;
}

static void build_pool(struct ilv_run_build *build, const struct ilv_scheduler_measures *in,
		       struct ilv_report_pool *made)
{
	made->id = ilv_report_scheduler_id(build, in->scheduler);
	made->name = ilv_report_copy(build, in->scheduler->name);
	made->worker_count = executor_count(build, in->scheduler);
	made->job_count = in->entity_count;
	ilv_report_copy_distribution(build, &made->queue, &in->waits);
	ilv_report_copy_distribution(build, &made->service, &in->slices);
	for (uint32_t index = 0; index < build->entity_count; index++) {
		const struct ilv_entity_measures *of = build->entities[index];

		if (of->entity->scheduler == in->scheduler && of->is_done) {
			made->failed_count += of->outcome == ILV_OUTCOME_FAILED;
			made->cancelled_count += of->outcome == ILV_OUTCOME_CANCELLED;
		}
	}
}

void ilv_report_build_schedulers(struct ilv_run_build *build)
{
	struct ilv_report_run *made = build->made;
	uint32_t count = build->scheduler_count;

	made->schedulers = ilv_report_array(build, count, sizeof(*made->schedulers));
	made->locks = ilv_report_array(build, count, sizeof(*made->locks));
	made->loops = ilv_report_array(build, count, sizeof(*made->loops));
	made->pools = ilv_report_array(build, count, sizeof(*made->pools));
	if (build->is_out_of_memory) {
		return;
	}

	for (uint32_t index = 0; index < count; index++) {
		const struct ilv_scheduler_measures *in = build->schedulers[index];

		/* Claims outlive their use: a lock that nobody touched in this run is not of it. */
		if (in->scheduler->kind == ILV_SCHEDULER_KIND_LOCK && in->slices.count == 0 &&
		    in->waits.count == 0) {
			continue;
		}

		build_scheduler(build, in, &made->schedulers[made->scheduler_count++]);
		switch (in->scheduler->kind) {
		case ILV_SCHEDULER_KIND_LOCK:
		case ILV_SCHEDULER_KIND_GIL:
			build_lock(build, in, &made->locks[made->lock_count++]);
			break;
		case ILV_SCHEDULER_KIND_LOOP:
			build_loop(build, in, &made->loops[made->loop_count++]);
			break;
		case ILV_SCHEDULER_KIND_POOL:
			build_pool(build, in, &made->pools[made->pool_count++]);
			break;
		default:
			break;
		}
	}
}
