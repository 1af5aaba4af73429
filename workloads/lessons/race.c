/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `race`: threads, or tasks, add one to a shared number, each time by reading
 * it, computing or sleeping for a while, and writing what they read plus one. Who is interrupted in
 * between overwrites what others added, and who sleeps is interrupted always, GIL or not. The trace
 * shows each read and write with its values, so every lost update can be named.
 *
 * The number is read and written atomically, and only the gap between is not: what is lost is lost
 * by the meaning of the program, not by undefined behaviour.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <interleave/trace.h>

#include "base/duration.h"
#include "workloads/lessons/crew.h"
#include "workloads/workload.h"

#define NS_PER_US 1e3

enum option { OPTION_INCREMENTS, OPTION_GAP };

static const struct ilv_option options[] = {
	[OPTION_INCREMENTS] = {"increments", "how often each of them adds one", 1000, 1, 10000000},
	[OPTION_GAP] = {"gap", "ns of computation, or of sleep, between read and write", 40000, 0,
			1000000000},
	{0},
};

enum protection {
	PROTECTION_NONE,
	PROTECTION_MUTEX,
	PROTECTION_ATOMIC,
	PROTECTION_AWAIT,       /* the opposite: an await in the gap */
	PROTECTION_SLEEP,       /* the opposite too: a sleep instead of the computation */
	PROTECTION_MUTEX_SLEEP, /* a mutex held over that sleep */
};

/* In the order of `protections`. */
static const struct ilv_variant variants[] = {
	{"unlocked", "threads", "nothing protects the number: updates are lost"},
	{"mutex", "threads", "a mutex is held from read to write: nothing is lost"},
	{"atomic", "threads", "one atomic addition: nothing is lost"},
	{"task", "event-loop", "tasks that do not await in the gap: nothing is lost"},
	{"task-await", "event-loop", "tasks that await in the gap: updates are lost again"},
	{"gil-sleep", "gil", "a GIL, and a sleep in the gap, which gives it up: most are lost"},
	{"gil-sleep-lock", "gil", "the same with a mutex held over the sleep: nothing is lost"},
	{0},
};

static const enum protection protections[] = {
	PROTECTION_NONE,  PROTECTION_MUTEX, PROTECTION_ATOMIC,      PROTECTION_NONE,
	PROTECTION_AWAIT, PROTECTION_SLEEP, PROTECTION_MUTEX_SLEEP,
};

struct race {
	_Atomic int64_t number;
	_Atomic int64_t increment_count; /* done, whether or not they survived */
	struct ilv_lock lock;
	enum protection protection;
	bool has_lock;
	bool has_sleep;
	int64_t increments_each;
	int64_t gap_ns;
	uint64_t gap_steps;
};

/* Fills the gap, with a tick at least once, and as often as a job should. */
static enum ilv_status fill_gap(const struct race *race, int64_t value)
{
	enum ilv_status status = ILV_STATUS_OK;
	uint64_t sum = (uint64_t)value;

	if (race->has_sleep) {
		return ilv_await_sleep(race->gap_ns);
	}

	status = ilv_compute_ticking(race->gap_steps, &sum);
	if (status == ILV_STATUS_OK && race->protection == PROTECTION_AWAIT) {
		status = ilv_yield();
	}

	return status;
}

static enum ilv_status increment(struct race *race)
{
	enum ilv_status status = ILV_STATUS_OK;
	int64_t value = 0;

	if (race->protection == PROTECTION_ATOMIC) {
		status = fill_gap(race, value);
		if (status == ILV_STATUS_OK) {
			value = atomic_fetch_add_explicit(&race->number, 1, memory_order_relaxed);
			ilv_trace_shared_update(&race->number, value, value + 1);
		}

		return status;
	}

	value = atomic_load_explicit(&race->number, memory_order_relaxed);
	ilv_trace_shared_read(&race->number, value);
	status = fill_gap(race, value);
	if (status == ILV_STATUS_OK) {
		/* Side by side, so that the order in the trace is the order in memory. */
		atomic_store_explicit(&race->number, value + 1, memory_order_relaxed);
		ilv_trace_shared_write(&race->number, value, value + 1);
	}

	return status;
}

static enum ilv_status increment_locked(struct race *race)
{
	enum ilv_status status = ilv_lock_acquire(&race->lock);

	if (status == ILV_STATUS_OK) {
		status = increment(race);
		ilv_lock_release(&race->lock);
	}

	return status;
}

static enum ilv_status race_job(void *argument, struct ilv_result *result)
{
	struct race *race = argument;
	enum ilv_status status = ILV_STATUS_OK;
	int64_t done_count = 0;

	while (done_count < race->increments_each && status == ILV_STATUS_OK) {
		status = race->has_lock ? increment_locked(race) : increment(race);
		done_count += status == ILV_STATUS_OK;
	}

	(void)atomic_fetch_add(&race->increment_count, done_count);
	(void)result; /* It is the shared number. */

	return status;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	struct race *race = run->state;

	race->protection = protections[run->variant - variants];
	race->has_lock =
		race->protection == PROTECTION_MUTEX || race->protection == PROTECTION_MUTEX_SLEEP;
	race->has_sleep =
		race->protection == PROTECTION_SLEEP || race->protection == PROTECTION_MUTEX_SLEEP;
	race->increments_each = run->values[OPTION_INCREMENTS];
	race->gap_ns = run->values[OPTION_GAP];
	if (race->gap_ns > 0 && !race->has_sleep) {
		race->gap_steps = (uint64_t)((double)race->gap_ns / NS_PER_US * ilv_steps_per_us());
	}

	return ILV_STATUS_OK;
}

static enum ilv_status run(struct ilv_run *run)
{
	struct race *race = run->state;
	enum ilv_status status = ilv_lock_init(&race->lock, "number");
	int64_t final_value = 0;
	int64_t increment_count = 0;

	if (status < 0) {
		return status;
	}

	status = ilv_run_jobs(run, race_job, race, 0);
	run->has_checksum = false; /* What comes out is chance, not a function of the seed. */
	ilv_lock_fini(&race->lock);

	final_value = atomic_load(&race->number);
	increment_count = atomic_load(&race->increment_count);
	ilv_trace_shared_read(&race->number, final_value);
	ilv_run_count(run, "increment_count", increment_count);
	ilv_run_count(run, "final_value", final_value);
	ilv_run_count(run, "lost_count", increment_count - final_value);
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%lld %s x %lld %s: expected %lld, got %lld, lost %lld",
		       (long long)run->job_count,
		       run->runtime->unit == ILV_UNIT_TASK
			       ? ilv_plural(run->job_count, "task", "tasks")
			       : ilv_plural(run->job_count, "thread", "threads"),
		       (long long)race->increments_each,
		       ilv_plural(race->increments_each, "increment", "increments"),
		       (long long)increment_count, (long long)final_value,
		       (long long)(increment_count - final_value));

	return status;
}

const struct ilv_workload ilv_workload_race = {
	.name = "race",
	.description = "x = x + 1 by several at once: what is lost, and what prevents it",
	.shows =
		"A cross is an update that was lost: who wrote there was overwritten by somebody "
		"who had read the number before. Unlocked threads lose updates because they work "
		"at "
		"the same time; tasks lose them although only one runs, because they await between "
		"reading and writing. With a mutex they wait for each other instead.",
	.job_noun = "threads or tasks",
	.default_job_count = 5,
	.max_job_count = 10000,
	.options = options,
	.variants = variants,
	.state_size = sizeof(struct race),
	.prepare = prepare,
	.run = run,
};
