/* SPDX-License-Identifier: MIT */
/*
 * Description: the sums over the units of a run: what a comparison shows. The run's server, its
 * recorder and the tracer get lines of their own.
 */
#include "analysis/report/build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct unit_sums {
	double running_sum, running_square_sum;
	uint32_t running_count; /* units of which running times are known */
	int64_t unit_count, done_count, cut_count, gave_way_count;
	struct ilv_distribution waits;
};

static bool is_thread(const struct ilv_entity_measures *of)
{
	return of->entity->kind == ILV_ENTITY_KIND_THREAD;
}

/* Where nobody has the role that a run counts by (a job run by the main thread, say), all its
 * threads are units. */
static bool has_units(const struct ilv_run_build *build)
{
	for (uint32_t index = 0; index < build->entity_count; index++) {
		if (ilv_report_is_unit(build, build->entities[index]->entity)) {
			return true;
		}
	}

	return false;
}

static void add_running(struct unit_sums *sums, int64_t running_ns)
{
	sums->running_count++;
	sums->running_sum += (double)running_ns;
	sums->running_square_sum += (double)running_ns * (double)running_ns;
}

static void add_unit(struct ilv_run_build *build, struct unit_sums *sums,
		     const struct ilv_entity_measures *of)
{
	sums->unit_count++;
	sums->done_count += of->is_done;
	sums->cut_count +=
		(int64_t)(of->stop_counts[ILV_CAUSE_CUT] + of->stop_counts[ILV_CAUSE_FORCED]);
	sums->gave_way_count +=
		(int64_t)(of->stop_counts[ILV_CAUSE_BLOCKED] + of->stop_counts[ILV_CAUSE_YIELDED]);
	add_running(sums, of->state_ns[ILV_STATE_RUNNING]);
	ilv_report_copy_distribution(build, &sums->waits, &of->waits);
}

/* A process is one unit, however many threads it has. */
static void regroup_by_process(const struct ilv_report_run *made, struct unit_sums *sums)
{
	sums->unit_count = 0;
	sums->done_count = 0;
	sums->running_count = 0;
	sums->running_sum = 0;
	sums->running_square_sum = 0;

	for (uint32_t index = 0; index < made->process_count; index++) {
		const struct ilv_report_process *process = &made->processes[index];

		if (process->role != ILV_ROLE_JOB) {
			continue;
		}
		sums->unit_count++;
		sums->done_count += process->exit_status != ILV_UNKNOWN;
		if (process->running_ns != ILV_UNKNOWN) {
			add_running(sums, process->running_ns);
		}
	}
}

/* Cuts of the threads that carry units which are no threads themselves. */
static int64_t count_carrier_cuts(const struct ilv_run_build *build)
{
	int64_t count = 0;

	for (uint32_t index = 0; index < build->entity_count; index++) {
		const struct ilv_entity_measures *of = build->entities[index];
		bool is_carrier =
			build->run->unit == ILV_UNIT_POOL_JOB && of->entity->role == ILV_ROLE_POOL;

		/* Tasks, jobs and claims are many, and so are locks: only threads are looked for.
		 */
		if (!is_thread(of)) {
			continue;
		}
		for (uint32_t at = 0; at < build->scheduler_count && !is_carrier; at++) {
			const struct ilv_scheduler *scheduler = build->schedulers[at]->scheduler;

			is_carrier = build->run->unit == ILV_UNIT_TASK &&
				     scheduler->kind == ILV_SCHEDULER_KIND_LOOP &&
				     scheduler->thread == of->entity;
		}
		if (is_carrier) {
			count += (int64_t)of->stop_counts[ILV_CAUSE_CUT];
		}
	}

	return count;
}

static int64_t sum_running_of_role(const struct ilv_run_build *build, enum ilv_role role)
{
	int64_t sum_ns = ILV_UNKNOWN;

	for (uint32_t index = 0; index < build->made->thread_count; index++) {
		const struct ilv_report_thread *thread = &build->made->threads[index];

		if (thread->role == role && thread->times.running_ns != ILV_UNKNOWN) {
			sum_ns = (sum_ns == ILV_UNKNOWN ? 0 : sum_ns) + thread->times.running_ns;
		}
	}

	return sum_ns;
}

static double mean_cpus_busy(const struct ilv_run_build *build)
{
	int64_t running_ns = 0;
	int64_t duration_ns = build->end_ns - build->begin_ns;

	if (!build->has_switches || duration_ns <= 0) {
		return NAN;
	}

	for (uint32_t index = 0; index < build->entity_count; index++) {
		const struct ilv_entity_measures *of = build->entities[index];

		if (is_thread(of) && ilv_measures_counts(of->entity)) {
			running_ns += of->state_ns[ILV_STATE_RUNNING];
		}
	}

	return (double)running_ns / (double)duration_ns;
}

/* What the kernel did for the run; NULL: nothing is known of it. */
static const struct ilv_scheduler_measures *find_kernel(const struct ilv_run_build *build)
{
	for (uint32_t index = 0; index < build->scheduler_count; index++) {
		if (build->schedulers[index]->scheduler->kind == ILV_SCHEDULER_KIND_KERNEL) {
			return build->schedulers[index];
		}
	}

	return NULL;
}

/*
 * How many CPUs the run would have used had it got each one that it stood ready for, and for how
 * long it had no use for any. Estimates of who ran when do not carry either.
 */
static void sum_wants(struct ilv_run_build *build)
{
	struct ilv_report_run *made = build->made;
	const struct ilv_scheduler_measures *in = find_kernel(build);
	const int64_t duration_ns = build->end_ns - build->begin_ns;

	made->sum.cpus_wanted = NAN;
	made->sum.all_wait_ns = ILV_UNKNOWN;
	if (build->has_records && in && duration_ns > 0) {
		made->sum.cpus_wanted =
			made->sum.cpus_busy + (double)in->kept_executor_ns / (double)duration_ns;
		made->sum.all_wait_ns = duration_ns - in->active_ns;
	}
}

static int64_t known_or_zero(int64_t value)
{
	return value == ILV_UNKNOWN ? 0 : value;
}

/* What share of the CPUs' time others had, the recorder being one of those who had `cpu_ns`. NAN:
 * not known. */
static double share_of_cpus(const struct ilv_run_build *build, int64_t cpu_ns)
{
	const struct ilv_report_run *made = build->made;
	const int64_t cpu_count =
		made->cpu_count != ILV_UNKNOWN ? made->cpu_count : build->facts->cpu_count;
	const double whole_ns = (double)cpu_count * (double)(build->end_ns - build->begin_ns);
	const double others_ns = (double)(cpu_ns - known_or_zero(made->recorder_cpu_ns));

	return whole_ns > 0 ? fmin(fmax(0, others_ns / whole_ns), 1) : NAN;
}

/* What others had of the CPUs, at the least and as seen (see analysis/metrics/crowd.h). */
static void sum_others(struct ilv_run_build *build)
{
	struct ilv_report_run *made = build->made;
	const struct ilv_crowd *crowd = ilv_measures_crowd(build->source->measures, build->run);

	made->sum.others_share = NAN;
	made->sum.others_seen_share = NAN;
	if (build->has_switches) {
		made->sum.others_share = share_of_cpus(build, crowd ? crowd->kept_ns : 0);
	}
	if (crowd && crowd->has_neighbours) {
		made->sum.others_seen_share = share_of_cpus(build, crowd->seen_ns);
	}
}

/* What the run's own processes grew by; unknown when none said it. */
static int64_t sum_memory(const struct ilv_report_run *made)
{
	int64_t sum_bytes = ILV_UNKNOWN;

	for (uint32_t index = 0; index < made->process_count; index++) {
		const struct ilv_report_process *process = &made->processes[index];

		if (process->memory_growth_bytes != ILV_UNKNOWN &&
		    !ilv_measures_serves(process->role)) {
			sum_bytes = process->memory_growth_bytes +
				    (sum_bytes == ILV_UNKNOWN ? 0 : sum_bytes);
		}
	}

	return sum_bytes;
}

/* Makes every thread that counts a unit. */
static void fall_back_to_threads(struct ilv_run_build *build)
{
	uint32_t thread = 0;

	for (uint32_t index = 0; index < build->entity_count; index++) {
		const struct ilv_entity *entity = build->entities[index]->entity;

		if (entity->kind == ILV_ENTITY_KIND_THREAD) {
			build->made->threads[thread++].is_unit = ilv_measures_counts(entity);
		}
	}
}

static void sum_units(struct ilv_run_build *build, bool are_all_threads, struct unit_sums *sums)
{
	for (uint32_t index = 0; index < build->entity_count; index++) {
		const struct ilv_entity_measures *of = build->entities[index];
		bool is_unit = are_all_threads ? is_thread(of) && ilv_measures_counts(of->entity)
					       : ilv_report_is_unit(build, of->entity);

		if (is_unit) {
			add_unit(build, sums, of);
		}
	}
}

void ilv_report_build_sums(struct ilv_run_build *build)
{
	struct ilv_report_run *made = build->made;
	bool are_all_threads = !has_units(build);
	bool are_threads = are_all_threads || build->run->is_implied ||
			   build->run->unit == ILV_UNIT_THREAD ||
			   build->run->unit == ILV_UNIT_PROCESS;
	bool is_observed = !are_threads || build->has_switches;
	int64_t duration_ns = build->end_ns - build->begin_ns;
	struct unit_sums sums;

	memset(&sums, 0, sizeof(sums));
	sum_units(build, are_all_threads, &sums);
	if (are_all_threads) {
		fall_back_to_threads(build);
	} else if (!build->run->is_implied && build->run->unit == ILV_UNIT_PROCESS) {
		regroup_by_process(made, &sums);
	}

	made->sum.unit_count = sums.unit_count;
	made->sum.duration_ns = duration_ns;
	made->sum.cpus_busy = mean_cpus_busy(build);
	sum_wants(build);
	made->sum.has_waits = !are_threads || build->has_readiness;
	made->sum.waits = sums.waits;
	made->sum.memory_bytes = sum_memory(made);
	made->sum.throughput_per_s =
		duration_ns > 0
			? (int64_t)llround((double)sums.done_count * 1e9 / (double)duration_ns)
			: ILV_UNKNOWN;

	made->sum.cut_short_count = ILV_UNKNOWN;
	made->sum.gave_way_count = ILV_UNKNOWN;
	made->sum.thread_cut_count = ILV_UNKNOWN;
	if (is_observed) {
		made->sum.gave_way_count = sums.gave_way_count;
	}
	if (!are_threads) {
		made->sum.cut_short_count = sums.cut_count;
	}
	/* Where explicit yields cannot be seen, a cut cannot be told from one of them. */
	if (build->has_switches && build->facts->has_yields) {
		made->sum.cut_short_count = sums.cut_count;
		made->sum.thread_cut_count =
			are_threads ? sums.cut_count : count_carrier_cuts(build);
	}

	made->sum.fairness = NAN;
	if (is_observed && sums.running_square_sum > 0) {
		made->sum.fairness = sums.running_sum * sums.running_sum /
				     (sums.running_count * sums.running_square_sum);
	}

	made->server_cpu_ns = sum_running_of_role(build, ILV_ROLE_SERVER);
	made->tracer_cpu_ns = sum_running_of_role(build, ILV_ROLE_TRACER);
	made->recorder_cpu_ns =
		build->run->recorder_cpu_ns >= 0 ? build->run->recorder_cpu_ns : ILV_UNKNOWN;
	sum_others(build);
}
