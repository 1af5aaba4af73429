/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `priority`: threads that compute all the time, of different priority, on one
 * CPU. In the trace the kernel gives each the share that its weight says: with nice 0, 10 and 19
 * some 89, 10 and 1 %. A SCHED_FIFO thread leaves nothing to those of lower priority, and SCHED_RR
 * threads of one priority get equal shares in turns. Where these want the CPU for longer than the
 * kernel's limit for real-time threads allows, all of them stand ready for the rest of its period.
 *
 * Every variant keeps the run to one CPU by itself.
 */
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/lessons/crew.h"
#include "workloads/lessons/rt_limit.h"
#include "workloads/workload.h"

#define NS_PER_MS    INT64_C(1000000)
#define STEPS_A_LOOK 2000
#define THREAD_COUNT 3

enum option { OPTION_DURATION };

static const struct ilv_option options[] = {
	[OPTION_DURATION] = {.name = "duration-ms",
			     .help = "ms for which they share the CPU",
			     .default_value = 1200,
			     .min = 10,
			     .max = 600000},
	{.name = NULL},
};

enum policy { POLICY_NICE, POLICY_FIFO, POLICY_RR };

/* In the order of `enum policy`. */
static const struct ilv_variant variants[] = {
	{"nice", "threads", "nice 0, 10 and 19: shares by the kernel's weights"},
	{"fifo", "threads", "SCHED_FIFO, three priorities: the highest has all"},
	{"rr", "threads", "SCHED_RR, one priority: equal shares, in turns"},
	{.name = NULL},
};

/* How a thread is scheduled, and the weight of its share: of nice levels the kernel's own
 * (sched_prio_to_weight). */
struct rank {
	const char *name;
	int policy;
	int priority; /* nice, or real-time */
	double weight;
};

static const struct rank ranks[][THREAD_COUNT] = {
	[POLICY_NICE] = {{"nice 0", SCHED_OTHER, 0, 1024},
			 {"nice 10", SCHED_OTHER, 10, 110},
			 {"nice 19", SCHED_OTHER, 19, 15}},
	[POLICY_FIFO] = {{"fifo 30", SCHED_FIFO, 30, 1},
			 {"fifo 20", SCHED_FIFO, 20, 0},
			 {"fifo 10", SCHED_FIFO, 10, 0}},
	[POLICY_RR] = {{"rr 10 a", SCHED_RR, 10, 1},
		       {"rr 10 b", SCHED_RR, 10, 1},
		       {"rr 10 c", SCHED_RR, 10, 1}},
};

struct contest {
	const struct rank *ranks;
	int64_t duration_ns;
	_Atomic int64_t end_ns; /* 0 until the first one begins */
	int64_t cpu_ns[THREAD_COUNT];
	int64_t ready_ns[THREAD_COUNT]; /* without a CPU; -1: not known */
	int64_t done_ns[THREAD_COUNT];
};

static enum ilv_status take_rank(const struct rank *rank)
{
	const struct sched_param parameters = {.sched_priority = rank->priority};
	int failed = 0;

	if (rank->policy == SCHED_OTHER) {
		/* To Linux 0 is the calling thread alone. */
		failed = setpriority(PRIO_PROCESS, 0, rank->priority);
	} else {
		failed = sched_setscheduler(0, rank->policy, &parameters);
	}

	if (failed != 0) {
		ilv_cause_add("Cannot take rank: rank=\"%s\", error=\"%s\"", rank->name,
			      strerror(errno));
		return ILV_STATUS_UNSUPPORTED;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status compete(void *argument, struct ilv_result *result)
{
	struct ilv_member *member = argument;
	struct contest *contest = member->shared;
	enum ilv_status status = take_rank(&contest->ranks[member->index]);
	volatile uint64_t sink = member->index;
	int64_t ready_before_ns = ilv_ready_ns();
	int64_t begin_ns = 0;
	int64_t not_begun = 0;
	int64_t end_ns = 0;

	(void)result;
	ilv_gate_pass(member->gate);
	/* The first who gets the CPU says until when, for all. */
	begin_ns = ilv_thread_cpu_ns();
	(void)atomic_compare_exchange_strong(&contest->end_ns, &not_begun,
					     ilv_trace_now_ns() + contest->duration_ns);
	end_ns = contest->end_ns;
	while (status == ILV_STATUS_OK && ilv_trace_now_ns() < end_ns) {
		sink = ilv_compute_steps(STEPS_A_LOOK, sink);
		status = ilv_tick();
	}

	contest->cpu_ns[member->index] = ilv_thread_cpu_ns() - begin_ns;
	contest->done_ns[member->index] = ilv_trace_now_ns();
	contest->ready_ns[member->index] =
		ready_before_ns < 0 ? -1 : ilv_ready_ns() - ready_before_ns;

	return status;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	struct contest *contest = run->state;

	contest->ranks = ranks[run->variant - variants];
	contest->duration_ns = run->values[OPTION_DURATION] * NS_PER_MS;
	/* Before the run is told, so that it says that it has one CPU. */
	return ilv_keep_to_one_cpu();
}

/*
 * For how long all of them stood ready and none had the CPU; 0 where nobody knows. While one of
 * them runs, each of the others is ready: what they were ready beyond that is this time, which they
 * all count.
 */
static int64_t held_back_ns(const struct contest *contest)
{
	const int64_t begin_ns = contest->end_ns - contest->duration_ns;
	int64_t last_ns = begin_ns;
	int64_t held_back_ns = 0;

	for (size_t index = 0; index < THREAD_COUNT; index++) {
		const int64_t done_ns = contest->done_ns[index];

		if (contest->ready_ns[index] < 0) {
			return 0;
		}

		held_back_ns += contest->ready_ns[index] - (done_ns - begin_ns);
		last_ns = done_ns > last_ns ? done_ns : last_ns;
	}

	held_back_ns += last_ns - begin_ns;

	return held_back_ns > 0 ? held_back_ns : 0;
}

/* "; real-time limit 950 of 1000 ms cost 54 ms", where it was met; else nothing. */
static void tell_limit(struct ilv_run *run, const struct contest *contest, char *text, size_t size)
{
	const int64_t cost_ns = held_back_ns(contest);
	struct ilv_rt_limit limit;

	text[0] = '\0';
	ilv_run_count(run, "held_back_ns", cost_ns);
	if (ilv_rt_limit_read(&limit) &&
	    ilv_rt_limit_explains(&limit, contest->duration_ns, cost_ns)) {
		(void)snprintf(text, size, "; real-time limit %d of %d ms cost %d ms",
			       (int)(limit.runtime_ns / NS_PER_MS),
			       (int)(limit.period_ns / NS_PER_MS), (int)(cost_ns / NS_PER_MS));
	}
}

static enum ilv_status run(struct ilv_run *run)
{
	static const char *const predicted_names[THREAD_COUNT] = {
		"predicted_permille_1", "predicted_permille_2", "predicted_permille_3"};
	static const char *const measured_names[THREAD_COUNT] = {
		"measured_permille_1", "measured_permille_2", "measured_permille_3"};
	struct contest *contest = run->state;
	const char *names[THREAD_COUNT];
	const bool is_real_time = contest->ranks != ranks[POLICY_NICE];
	char shares[THREAD_COUNT][48];
	char limit[72] = "";
	enum ilv_status status = ILV_STATUS_OK;
	struct ilv_crew crew;
	double weight_sum = 0;
	double cpu_sum_ns = 0;

	for (size_t index = 0; index < THREAD_COUNT; index++) {
		names[index] = contest->ranks[index].name;
	}

	ilv_come_first(is_real_time);
	status = ilv_crew_begin(&crew, THREAD_COUNT, compete, contest, "thread", names, true);
	if (status == ILV_STATUS_OK) {
		status = ilv_crew_join(&crew);
		ilv_crew_fini(&crew);
	}

	ilv_come_first(false);
	if (status == ILV_STATUS_UNSUPPORTED) {
		ilv_cause_add("Variant %s needs the right to real-time priorities: be root, have "
			      "CAP_SYS_NICE, or raise ulimit -r",
			      run->variant->name);
	}

	if (status < 0) {
		return status;
	}

	for (size_t index = 0; index < THREAD_COUNT; index++) {
		weight_sum += contest->ranks[index].weight;
		cpu_sum_ns += (double)contest->cpu_ns[index];
	}

	for (size_t index = 0; index < THREAD_COUNT; index++) {
		const double predicted = contest->ranks[index].weight / weight_sum;
		const double measured = (double)contest->cpu_ns[index] / cpu_sum_ns;

		(void)snprintf(shares[index], sizeof(shares[index]), "%s %.1f (%.1f)",
			       contest->ranks[index].name, 100 * measured, 100 * predicted);
		ilv_run_count(run, predicted_names[index], (int64_t)(1000 * predicted + 0.5));
		ilv_run_count(run, measured_names[index], (int64_t)(1000 * measured + 0.5));
	}

	if (is_real_time) {
		tell_limit(run, contest, limit, sizeof(limit));
	}

	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%% of one CPU, measured (predicted): %s, %s, %s%s", shares[0], shares[1],
		       shares[2], limit);

	return ILV_STATUS_OK;
}

const struct ilv_workload ilv_workload_priority = {
	.name = "priority",
	.description = "who gets how much of one CPU: nice levels, and real-time priorities",
	.shows = "Three threads want one CPU all the time. By nice levels they get shares of some "
		 "89, 10 and 1 %; under SCHED_FIFO the highest priority has it all and the others "
		 "only stand ready; under SCHED_RR they take turns of one length. Of each second "
		 "the kernel keeps a "
		 "little from real-time threads: a gap in all three lanes.",
	.job_noun = "(always three threads)",
	.default_job_count = THREAD_COUNT,
	.max_job_count = THREAD_COUNT,
	.options = options,
	.variants = variants,
	.state_size = sizeof(struct contest),
	.prepare = prepare,
	.run = run,
};
