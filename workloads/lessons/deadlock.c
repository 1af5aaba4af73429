/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `deadlock`: each thread needs two locks at once and takes its own first, the
 * next one's second. In the trace each ends up holding one lock and waiting for the other, for
 * ever: a ring. With one order for all, or with a try that gives back what it has, nobody waits in
 * a ring.
 *
 * A watchdog ends the run when nobody gets on. The threads in the ring stay in it, as they would.
 */
#include <stdio.h>
#include <stdlib.h>

#include <interleave/pthread.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/lessons/watchdog.h"
#include "workloads/random.h"
#include "workloads/runtimes/blocking.h"
#include "workloads/stop.h"
#include "workloads/workload.h"

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)

enum option { OPTION_ROUNDS, OPTION_HOLD, OPTION_PATIENCE };

static const struct ilv_option options[] = {
	[OPTION_ROUNDS] = {.name = "rounds",
			   .help = "how often each takes both locks",
			   .default_value = 50,
			   .min = 1,
			   .max = 1000000},
	[OPTION_HOLD] = {.name = "hold-us",
			 .help = "us with the first lock alone, and again with both",
			 .default_value = 1000,
			 .min = 0,
			 .max = 1000000},
	[OPTION_PATIENCE] = {.name = "patience-ms",
			     .help = "ms without progress after which the watchdog ends the run",
			     .default_value = 300,
			     .min = 10,
			     .max = 600000},
	{.name = NULL},
};

enum order { ORDER_OWN_FIRST, ORDER_SAME, ORDER_TRY };

/* The variants are in the order of `enum order`. */
static const struct ilv_variant variants[] = {
	{"abba", "threads", "each takes its own lock first: they end up waiting in a ring"},
	{"ordered", "threads", "all take the locks in one order: no ring can close"},
	{"trylock", "threads", "who does not get the second gives the first back and tries again"},
	{.name = NULL},
};

struct party {
	struct deadlock *deadlock;
	size_t first; /* of `locks` */
	size_t second;
	uint64_t random;
	_Atomic int64_t round_count;
	int64_t retreat_count;
};

struct deadlock {
	struct ilv_watchdog *watchdog;
	enum order order;
	int64_t rounds;
	int64_t hold_ns;
	size_t lock_count;
	size_t party_count;
	pthread_mutex_t *locks;
	struct party *parties;
};

/* False: the run is to end before its time is over. Whoever slept on would pass for one who is
 * stuck. */
static bool hold(const struct deadlock *deadlock)
{
	return deadlock->hold_ns == 0 ||
	       ilv_blocking_await_sleep(deadlock->hold_ns) == ILV_STATUS_OK;
}

/* Gets both locks without ever waiting while it holds one; false, and none: the run is to end. */
static bool take_by_trying(struct party *party)
{
	struct deadlock *deadlock = party->deadlock;
	int64_t pause_ns = 0;

	do {
		(void)ilv_mutex_lock(&deadlock->locks[party->first]);
		(void)hold(deadlock);
		if (ilv_mutex_trylock(&deadlock->locks[party->second]) == 0) {
			return true;
		}

		(void)ilv_mutex_unlock(&deadlock->locks[party->first]);
		party->retreat_count++;
		ilv_watchdog_feed(deadlock->watchdog);
		/* Of different length for each, or they would retreat in step for ever. */
		pause_ns = (int64_t)(ilv_random_next(&party->random) % 1000) * NS_PER_US;
	} while (ilv_blocking_await_sleep(pause_ns) == ILV_STATUS_OK);

	return false;
}

static void take_part(void *argument)
{
	struct party *party = argument;
	struct deadlock *deadlock = party->deadlock;

	ilv_watchdog_pass(deadlock->watchdog);
	while (party->round_count < deadlock->rounds && !ilv_stop_is_requested()) {
		bool is_whole = true;

		if (deadlock->order != ORDER_TRY) {
			(void)ilv_mutex_lock(&deadlock->locks[party->first]);
			(void)hold(deadlock);
			(void)ilv_mutex_lock(&deadlock->locks[party->second]);
		} else if (!take_by_trying(party)) {
			break;
		}

		is_whole = hold(deadlock);
		(void)ilv_mutex_unlock(&deadlock->locks[party->second]);
		(void)ilv_mutex_unlock(&deadlock->locks[party->first]);
		party->round_count += is_whole;
		ilv_watchdog_feed(deadlock->watchdog);
	}
}

static void cleanup(struct ilv_run *run)
{
	struct deadlock *deadlock = run->state;

	run->state = NULL;
	if (deadlock && ilv_watchdog_destroy(deadlock->watchdog, deadlock)) {
		free(deadlock->locks);
		free(deadlock->parties);
		free(deadlock);
	}
}

static enum ilv_status prepare(struct ilv_run *run)
{
	const int64_t hold_us = run->values[OPTION_HOLD];
	const int64_t patience_ms = run->values[OPTION_PATIENCE];
	struct deadlock *deadlock = NULL;

	if (patience_ms * NS_PER_MS <= 2 * hold_us * NS_PER_US) {
		ilv_cause_add("a round takes two times --hold-us %lld: with --patience-ms %lld it "
			      "would pass for a deadlock",
			      (long long)hold_us, (long long)patience_ms);
		return ILV_STATUS_USAGE;
	}

	deadlock = calloc(1, sizeof(*deadlock));
	run->state = deadlock;
	if (!deadlock) {
		ilv_cause_add("Cannot prepare deadlock");
		return ILV_STATUS_MEMORY;
	}

	deadlock->order = (enum order)(run->variant - variants);
	deadlock->rounds = run->values[OPTION_ROUNDS];
	deadlock->hold_ns = hold_us * NS_PER_US;
	deadlock->party_count = (size_t)run->job_count;
	/* One alone needs two locks as well. */
	deadlock->lock_count = deadlock->party_count > 1 ? deadlock->party_count : 2;
	deadlock->locks = calloc(deadlock->lock_count, sizeof(*deadlock->locks));
	deadlock->parties = calloc(deadlock->party_count, sizeof(*deadlock->parties));
	deadlock->watchdog = ilv_watchdog_create(deadlock->party_count);
	if (!deadlock->locks || !deadlock->parties || !deadlock->watchdog) {
		ilv_cause_add("Cannot prepare deadlock: threads=%zu", deadlock->party_count);
		return ILV_STATUS_MEMORY;
	}

	return ILV_STATUS_OK;
}

/* "A", "B", and after 26 of them "lock 27". */
static void spell_lock(size_t index, char *name, size_t size)
{
	if (index < 26) {
		(void)snprintf(name, size, "%c", (int)('A' + index));
	} else {
		(void)snprintf(name, size, "lock %zu", index + 1);
	}
}

static enum ilv_status start_parties(struct ilv_run *run, struct deadlock *deadlock)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0; index < deadlock->lock_count; index++) {
		char name[ILV_NAME_SIZE];

		spell_lock(index, name, sizeof(name));
		(void)ilv_mutex_init(&deadlock->locks[index], name);
	}

	for (size_t index = 0; index < deadlock->party_count && status == ILV_STATUS_OK; index++) {
		struct party *party = &deadlock->parties[index];
		/* There are two locks at least. NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
		const size_t next = (index + 1) % deadlock->lock_count;
		const bool is_swapped = deadlock->order == ORDER_SAME && next < index;
		char name[ILV_NAME_SIZE];

		party->deadlock = deadlock;
		party->first = is_swapped ? next : index;
		party->second = is_swapped ? index : next;
		party->random = ilv_random_stream((uint64_t)run->seed, index);
		(void)snprintf(name, sizeof(name), "thread %zu", index + 1);
		status = ilv_watchdog_start(deadlock->watchdog, take_part, party, name);
	}

	return status;
}

static enum ilv_status run(struct ilv_run *run)
{
	struct deadlock *deadlock = run->state;
	const int64_t patience_ms = run->values[OPTION_PATIENCE];
	const int64_t planned_count = deadlock->rounds * run->job_count;
	const char *rounds = ilv_plural(planned_count, "round", "rounds");
	enum ilv_status status = start_parties(run, deadlock);
	int64_t round_count = 0;
	int64_t retreat_count = 0;
	bool is_over = false;

	if (status < 0) {
		ilv_stop_request();
	}

	is_over = ilv_watchdog_await(deadlock->watchdog, patience_ms * NS_PER_MS);
	for (size_t index = 0; index < deadlock->party_count; index++) {
		round_count += deadlock->parties[index].round_count;
		retreat_count += is_over ? deadlock->parties[index].retreat_count : 0;
	}

	if (is_over) {
		for (size_t index = 0; index < deadlock->lock_count; index++) {
			(void)ilv_mutex_destroy(&deadlock->locks[index]);
		}
	}

	ilv_run_count(run, "round_count", round_count);
	ilv_run_count(run, "deadlock_count", !is_over);
	ilv_run_count(run, "retreat_count", retreat_count);
	if (!is_over && ilv_stop_is_requested()) {
		(void)snprintf(run->sentence, sizeof(run->sentence),
			       "%lld of %lld %s done; asked to end, %zu threads did not: each "
			       "holds its own lock and waits for the next one's",
			       (long long)round_count, (long long)planned_count, rounds,
			       deadlock->party_count);
	} else if (!is_over) {
		(void)snprintf(run->sentence, sizeof(run->sentence),
			       "deadlock after %lld of %lld %s: each of %zu threads holds its "
			       "lock and waits for the next one's; the watchdog ended it %lld ms "
			       "later",
			       (long long)round_count, (long long)planned_count, rounds,
			       deadlock->party_count, (long long)patience_ms);
	} else if (retreat_count > 0) {
		(void)snprintf(run->sentence, sizeof(run->sentence),
			       "%lld of %lld %s done, no deadlock; %lld %s somebody gave a lock "
			       "back to try again",
			       (long long)round_count, (long long)planned_count, rounds,
			       (long long)retreat_count,
			       ilv_plural(retreat_count, "time", "times"));
	} else {
		(void)snprintf(run->sentence, sizeof(run->sentence),
			       "%lld of %lld %s done, no deadlock%s", (long long)round_count,
			       (long long)planned_count, rounds,
			       deadlock->order != ORDER_OWN_FIRST ? ""
			       : deadlock->party_count == 1 ? ": a thread alone waits for nobody"
							    : " this time, by luck");
	}

	return status;
}

const struct ilv_workload ilv_workload_deadlock = {
	.name = "deadlock",
	.description =
		"two locks in contrary orders: everybody waits in a ring, and what prevents it",
	.shows =
		"In abba each thread takes its own lock and then waits for that of the other until "
		"the watchdog ends the run: neither lane ever runs again. With one order for all, "
		"or a try that gives back what it has, waits are short and all rounds get done.",
	.job_noun = "threads, each with a lock of its own",
	.default_job_count = 2,
	.max_job_count = 100,
	.options = options,
	.variants = variants,
	.prepare = prepare,
	.run = run,
	.cleanup = cleanup,
};
