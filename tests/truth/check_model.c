/* SPDX-License-Identifier: MIT */
/* Description: counts what the model tells of the threads that the truth knows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/analyse.h"
#include "analysis/model/interval.h"
#include "tests/truth/checks.h"

#define CPU_LIMIT 1024

struct watch {
	struct truth *truth;
	struct ilv_intervals *intervals;
	int64_t cpu_end_ns[CPU_LIMIT]; /* of the last stay on it */
	int64_t *entity_end_ns;        /* by entity; of its last stay */
	uint32_t entity_count;
};

static void count_switch(struct switch_counts *counts, bool is_involuntary)
{
	counts->voluntary += !is_involuntary;
	counts->involuntary += is_involuntary;
}

static enum ilv_status on_change(void *context, const struct ilv_change *change)
{
	struct watch *watch = context;
	const struct ilv_entity *entity = change->entity;
	const struct ilv_run *run;
	struct thread_truth *thread;

	if (entity->kind != ILV_ENTITY_KIND_THREAD || change->cause == ILV_CAUSE_NONE) {
		return ILV_STATUS_OK;
	}
	/* Somebody else took its CPU, or it went to another, and no record says that it left.
	 * Daemon threads go on after the run, while the recorder looks for the last time and ends.
	 */
	run = entity->process->run;
	if (entity->state == ILV_STATE_RUNNING && change->cause == ILV_CAUSE_UNKNOWN &&
	    (change->other || change->state == ILV_STATE_RUNNING) &&
	    !(run && entity->is_daemon && change->time_ns > run->end_ns)) {
		check_fail("thread %d left CPU %d unseen before %" PRId64 " ns", entity->tid,
			   entity->executor, change->time_ns);
	}

	thread = truth_find_thread(watch->truth, entity->process->pid, entity->tid);
	if (!change->is_counted || !thread || change->time_ns > thread->read_at_ns) {
		return ILV_STATUS_OK;
	}
	count_switch(change->time_ns <= thread->started_ns ? &thread->told_before
							   : &thread->told_between,
		     change->is_involuntary);
	return ILV_STATUS_OK;
}

/* The stays of an entity join end to end: they share out its life. */
static enum ilv_status check_joined(struct watch *watch, const struct ilv_interval *interval)
{
	const uint32_t index = interval->entity->index;

	if (index >= watch->entity_count) {
		const uint32_t count = 2 * index + 64;
		int64_t *grown = realloc(watch->entity_end_ns, count * sizeof(*grown));

		if (!grown) {
			return ILV_STATUS_MEMORY;
		}
		for (uint32_t at = watch->entity_count; at < count; at++) {
			grown[at] = INT64_MIN;
		}
		watch->entity_end_ns = grown;
		watch->entity_count = count;
	}
	if (watch->entity_end_ns[index] == INT64_MIN) {
		watch->entity_end_ns[index] = interval->entity->begin_ns;
	}
	if (interval->begin_ns != watch->entity_end_ns[index]) {
		check_fail("a stay of entity %u begins at %" PRId64
			   " ns, the one before it ended at %" PRId64 " ns",
			   index, interval->begin_ns, watch->entity_end_ns[index]);
	}
	watch->entity_end_ns[index] = interval->end_ns;
	return ILV_STATUS_OK;
}

static enum ilv_status on_interval(void *context, const struct ilv_interval *interval)
{
	struct watch *watch = context;
	const struct ilv_entity *entity = interval->entity;
	const enum ilv_status status = check_joined(watch, interval);

	if (status != ILV_STATUS_OK || entity->kind != ILV_ENTITY_KIND_THREAD ||
	    interval->state != ILV_STATE_RUNNING) {
		return status;
	}
	if (interval->executor >= 0 && interval->executor < CPU_LIMIT) {
		int64_t *cpu_end_ns = &watch->cpu_end_ns[interval->executor];

		if (interval->begin_ns < *cpu_end_ns) {
			check_fail("thread %d is on CPU %d from %" PRId64
				   " ns, which is taken until %" PRId64 " ns",
				   entity->tid, interval->executor, interval->begin_ns,
				   *cpu_end_ns);
		}
		*cpu_end_ns = interval->end_ns;
	}
	return ILV_STATUS_OK;
}

static enum ilv_status prepare(void *context, struct ilv_model *model)
{
	struct watch *watch = context;
	const struct ilv_model_listener listener = {.context = watch, .on_change = on_change};

	watch->intervals = ilv_intervals_create(model, on_interval, watch);
	return watch->intervals ? ilv_model_listen(model, &listener) : ILV_STATUS_MEMORY;
}

enum ilv_status check_model(const char *path, struct truth *truth)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	const struct ilv_pass pass = {.path = path, .prepare = prepare, .context = watch};
	enum ilv_status status;

	if (!watch) {
		return ILV_STATUS_MEMORY;
	}
	watch->truth = truth;
	status = ilv_analyse(&pass);
	ilv_intervals_destroy(watch->intervals);
	free(watch->entity_end_ns);
	free(watch);
	return status;
}

void check_threads(const struct truth *truth, int64_t least_thread_count,
		   int64_t least_switch_count)
{
	const struct thread_truth *thread;
	const int64_t thread_count = HASH_COUNT(truth->threads);
	struct switch_counts sum = {0, 0};

	for (thread = truth->threads; thread; thread = thread->hh.next) {
		check_equal(thread->told_between.voluntary, thread->between.voluntary,
			    "voluntary switches of thread %d `%s` of process %d", thread->key.tid,
			    thread->name, thread->key.pid);
		check_equal(thread->told_between.involuntary, thread->between.involuntary,
			    "involuntary switches of thread %d `%s` of process %d", thread->key.tid,
			    thread->name, thread->key.pid);
		if (thread->key.tid != thread->key.pid) {
			/* It was created while all was recorded, so its first switches are there
			 * too. */
			check_equal(thread->told_before.voluntary, thread->before.voluntary,
				    "first voluntary switches of thread %d", thread->key.tid);
			check_equal(thread->told_before.involuntary, thread->before.involuntary,
				    "first involuntary switches of thread %d", thread->key.tid);
		}
		sum.voluntary += thread->between.voluntary;
		sum.involuntary += thread->between.involuntary;
	}

	printf("%" PRId64 " threads: %" PRId64 " voluntary and %" PRId64 " involuntary switches\n",
	       thread_count, sum.voluntary, sum.involuntary);
	if (thread_count < least_thread_count ||
	    sum.voluntary + sum.involuntary < least_switch_count) {
		check_fail("that is too few to mean something");
	}
}
