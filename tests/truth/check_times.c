/* SPDX-License-Identifier: MIT */
/*
 * Description: holds the stays of threads on CPUs against the threads' own bursts (crowd.c), and
 * what lies between them against the threads' own clocks. A thread's records end where its switches
 * begin, its clocks hold them too: the difference is what a switch costs.
 *
 * The kernel has two clocks for that, which do not always agree. CLOCK_THREAD_CPUTIME_ID is the
 * scheduler's: it stands still from a wake-up that asks for a switch to the switch itself
 * (rq_clock_skip_update() in kernel/sched/core.c), and what that takes is charged to the newcomer:
 * some us at each cut, now and then as long as a tick. perf's task clock goes on to the switch. So
 * a thread as a whole is held against the task clock, and the scheduler's at single switches.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analyse.h"
#include "analysis/model/interval.h"
#include "tests/truth/checks.h"

#define SWITCH_COST_MAX_NS 10000
#define FEW_SWITCHES       100
#define NS_PER_MS          INT64_C(1000000)

struct stay {
	int64_t begin_ns, end_ns;
	bool is_over;
};

/* From the last reading of a burst, or the first one, to the next. */
struct burst {
	int64_t begin_ns, begin_cpu_ns, begin_task_clock_ns; /* -1: the thread has none */
	int64_t end_ns, end_cpu_ns, end_task_clock_ns;
	int64_t switch_count; /* so far */
};

struct thread_times {
	struct {
		int32_t pid, tid;
	} key;
	const char *name;
	const json_t *bursts;
	struct stay *stays; /* in their order */
	size_t stay_count, stay_capacity;
	UT_hash_handle hh;
};

/* Of switches between bursts, by one of the clocks. */
struct switches {
	int64_t count, odd_count;
	int64_t cost_ns; /* of those that are not odd */
};

struct times {
	struct thread_times *threads;
	struct ilv_intervals *intervals;
	int64_t burst_count;
	struct switches by_scheduler, by_perf;
	/* Threads with both clocks, and those of them whose clocks contradict each other: */
	int64_t clocked_count, contradicted_count;
};

static struct thread_times *find_thread(const struct times *times, int32_t pid, int32_t tid)
{
	struct thread_times *thread = NULL;
	struct thread_times wanted = {.key = {pid, tid}};

	HASH_FIND(hh, times->threads, &wanted.key, sizeof(wanted.key), thread);
	return thread;
}

static enum ilv_status add_stay(struct thread_times *thread, const struct ilv_interval *interval)
{
	struct stay *last = thread->stay_count > 0 ? &thread->stays[thread->stay_count - 1] : NULL;

	/* A stay is told in parts where a run begins or ends. */
	if (last && !last->is_over && last->end_ns == interval->begin_ns) {
		last->end_ns = interval->end_ns;
		last->is_over = interval->is_last;
		return ILV_STATUS_OK;
	}

	if (!thread->stays || thread->stay_count == thread->stay_capacity) {
		const size_t capacity = 2 * thread->stay_capacity + 256;
		struct stay *grown = realloc(thread->stays, capacity * sizeof(*grown));

		if (!grown) {
			return ILV_STATUS_MEMORY;
		}
		thread->stays = grown;
		thread->stay_capacity = capacity;
	}
	thread->stays[thread->stay_count++] =
		(struct stay){interval->begin_ns, interval->end_ns, interval->is_last};
	return ILV_STATUS_OK;
}

static enum ilv_status on_interval(void *context, const struct ilv_interval *interval)
{
	const struct ilv_entity *entity = interval->entity;
	struct thread_times *thread = NULL;

	if (entity->kind == ILV_ENTITY_KIND_THREAD && interval->state == ILV_STATE_RUNNING) {
		thread = find_thread(context, entity->process->pid, entity->tid);
	}
	return thread ? add_stay(thread, interval) : ILV_STATUS_OK;
}

static enum ilv_status prepare(void *context, struct ilv_model *model)
{
	struct times *times = context;

	times->intervals = ilv_intervals_create(model, on_interval, times);
	return times->intervals ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
}

static int64_t number_at(const json_t *array, size_t index)
{
	return json_integer_value(json_array_get(array, index));
}

static struct burst burst_at(const struct thread_times *thread, size_t index)
{
	const json_t *json = json_array_get(thread->bursts, index);

	return (struct burst){
		.begin_ns = number_at(json, 0),
		.begin_cpu_ns = number_at(json, 1),
		.begin_task_clock_ns = number_at(json, 2),
		.end_ns = number_at(json, 3),
		.end_cpu_ns = number_at(json, 4),
		.end_task_clock_ns = number_at(json, 5),
		.switch_count = number_at(json, 6),
	};
}

/* What `thread` ran from one moment to another. `*at` is a stay that is not later, and moves on. */
static int64_t running_ns(const struct thread_times *thread, size_t *at, int64_t begin_ns,
			  int64_t end_ns)
{
	int64_t sum_ns = 0;

	while (*at < thread->stay_count && thread->stays[*at].end_ns <= begin_ns) {
		(*at)++;
	}
	for (size_t index = *at;
	     index < thread->stay_count && thread->stays[index].begin_ns < end_ns; index++) {
		const struct stay *stay = &thread->stays[index];

		sum_ns += (stay->end_ns < end_ns ? stay->end_ns : end_ns) -
			  (stay->begin_ns > begin_ns ? stay->begin_ns : begin_ns);
	}
	return sum_ns;
}

/* While its counts of switches stood still a thread was on a CPU, all the time, in one stay. */
static void check_burst(const struct thread_times *thread, const struct burst *burst, size_t *at)
{
	const struct stay *stay = NULL;

	(void)running_ns(thread, at, burst->begin_ns, burst->begin_ns);
	stay = *at < thread->stay_count ? &thread->stays[*at] : NULL;
	if (!stay || stay->begin_ns > burst->begin_ns || stay->end_ns < burst->end_ns) {
		check_fail("thread %d `%s` of process %d was on a CPU from %" PRId64 " to %" PRId64
			   " ns: the analysis does not say so",
			   thread->key.tid, thread->name, thread->key.pid, burst->begin_ns,
			   burst->end_ns);
	}
}

static void add_switches(struct switches *switches, int64_t count, int64_t cost_ns)
{
	switches->count += count;
	if (llabs(cost_ns) < count * SWITCH_COST_MAX_NS) {
		switches->cost_ns += cost_ns;
	} else {
		switches->odd_count += count;
	}
}

/* Between two bursts, its own clocks go on by what it ran, and by its switches. */
static void check_gap(struct times *times, const struct thread_times *thread,
		      const struct burst *before, const struct burst *after, size_t *at)
{
	const int64_t count = after->switch_count - before->switch_count;
	const int64_t ran_ns = running_ns(thread, at, before->end_ns, after->begin_ns);

	if (ran_ns >= after->begin_ns - before->end_ns) {
		check_fail("thread %d `%s` of process %d was switched after %" PRId64
			   " ns: the analysis says that it ran on",
			   thread->key.tid, thread->name, thread->key.pid, before->end_ns);
	}
	add_switches(&times->by_scheduler, count,
		     after->begin_cpu_ns - before->end_cpu_ns - ran_ns);
	if (after->begin_task_clock_ns >= 0) {
		add_switches(&times->by_perf, count,
			     after->begin_task_clock_ns - before->end_task_clock_ns - ran_ns);
	}
}

/* A thread of few switches ran what a clock says; one of many ran less, by what its switches cost.
 */
static bool is_within(int64_t clock_ns, int64_t ran_ns, int64_t switch_count)
{
	const int64_t limit_ns = clock_ns / 100 > NS_PER_MS ? clock_ns / 100 : NS_PER_MS;

	if (switch_count < FEW_SWITCHES) {
		return llabs(clock_ns - ran_ns) <= limit_ns;
	}
	return clock_ns > ran_ns && clock_ns - ran_ns < switch_count * SWITCH_COST_MAX_NS;
}

static void check_whole(struct times *times, const struct thread_times *thread,
			const struct burst *first, const struct burst *last)
{
	const int64_t switch_count = last->switch_count - first->switch_count;
	const int64_t clock_ns = last->end_task_clock_ns - first->begin_task_clock_ns;
	size_t at = 0;
	const int64_t ran_ns = running_ns(thread, &at, first->begin_ns, last->end_ns);

	if (!is_within(clock_ns, ran_ns, switch_count)) {
		check_fail("thread %d `%s` of process %d ran %" PRId64 " ns by perf's task clock, "
			   "with %" PRId64 " switches: the analysis says %" PRId64,
			   thread->key.tid, thread->name, thread->key.pid, clock_ns, switch_count,
			   ran_ns);
	}
	times->clocked_count++;
	times->contradicted_count +=
		!is_within(last->end_cpu_ns - first->begin_cpu_ns, ran_ns, switch_count);
}

static void check_thread(struct times *times, const struct thread_times *thread)
{
	const size_t count = json_array_size(thread->bursts);
	struct burst before;
	size_t at = 0;

	for (size_t index = 0; index < count; index++) {
		const struct burst burst = burst_at(thread, index);

		if (index > 0) {
			check_gap(times, thread, &before, &burst, &at);
		}
		check_burst(thread, &burst, &at);
		before = burst;
	}
	if (count > 0 && burst_at(thread, 0).begin_task_clock_ns >= 0) {
		const struct burst first = burst_at(thread, 0);

		check_whole(times, thread, &first, &before);
	}
	times->burst_count += (int64_t)count;
}

static void judge_switches(const struct switches *switches, const char *clock, int64_t odd_in)
{
	const int64_t even_count = switches->count - switches->odd_count;

	printf("by %s: %" PRId64 " switches, %" PRId64 " odd; the others cost %" PRId64
	       " ns each\n",
	       clock, switches->count, switches->odd_count,
	       even_count > 0 ? switches->cost_ns / even_count : 0);
	if (switches->odd_count * odd_in > switches->count) {
		check_fail("threads ran something else, by %s, at too many switches", clock);
	}
	if (switches->cost_ns <= 0) {
		check_fail("a switch costs nothing, by %s", clock);
	}
}

static void judge(const struct times *times)
{
	printf("%" PRId64 " bursts; %" PRId64 " threads with both clocks; of %" PRId64
	       " the scheduler's is another than perf's and what they ran\n",
	       times->burst_count, times->clocked_count, times->contradicted_count);
	if (times->clocked_count == 0) {
		check_fail("no thread has a task clock");
	}
	/* The clocks are read one after the other: an interrupt in between makes a switch odd. */
	judge_switches(&times->by_perf, "perf's task clock", 100);
	judge_switches(&times->by_scheduler, "the scheduler's clock", 10);
}

static enum ilv_status collect(struct times *times, const struct truth *truth)
{
	for (size_t index = 0; index < truth->run_count; index++) {
		const json_t *threads = json_object_get(truth->runs[index].json, "threads");
		const json_t *json = NULL;
		size_t at = 0;

		json_array_foreach(threads, at, json)
		{
			struct thread_times *thread = calloc(1, sizeof(*thread));

			if (!thread) {
				return ILV_STATUS_MEMORY;
			}
			thread->key.pid = (int32_t)truth_integer(json, "pid");
			thread->key.tid = (int32_t)truth_integer(json, "tid");
			thread->name = json_string_value(json_object_get(json, "name"));
			thread->bursts = json_object_get(json, "bursts");
			HASH_ADD(hh, times->threads, key, sizeof(thread->key), thread);
		}
	}
	return ILV_STATUS_OK;
}

enum ilv_status check_times(const char *path, const struct truth *truth)
{
	struct times times = {.threads = NULL};
	const struct ilv_pass pass = {.path = path, .prepare = prepare, .context = &times};
	struct thread_times *thread = NULL;
	struct thread_times *next = NULL;
	enum ilv_status status = collect(&times, truth);

	if (status == ILV_STATUS_OK) {
		status = ilv_analyse(&pass);
	}
	if (status == ILV_STATUS_OK) {
		for (thread = times.threads; thread; thread = thread->hh.next) {
			check_thread(&times, thread);
		}
		judge(&times);
	}

	ilv_intervals_destroy(times.intervals);
	HASH_ITER (hh, times.threads, thread, next) {
		HASH_DEL(times.threads, thread);
		free(thread->stays);
		free(thread);
	}
	return status;
}
