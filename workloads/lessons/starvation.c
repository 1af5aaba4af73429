/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `starvation`: all want the same lock again as soon as they gave it up. In the
 * trace a lock that the others poll for, sleeping longer each time, goes back to who just had it,
 * many times in a row; the others stand ready for it and hardly ever get it. A ticket lock lets
 * them in in the order in which they came, so nobody is overtaken and all get as many turns, at the
 * price of a switch a turn. A mutex lies in between: its waiters are woken, but have to be quick.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <interleave/pthread.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/lessons/crew.h"
#include "workloads/workload.h"

#define NS_PER_US  INT64_C(1000)
#define NS_PER_MS  INT64_C(1000000)
#define NAP_MIN_NS 50000
#define NAP_MAX_NS 2000000

enum option { OPTION_DURATION, OPTION_HOLD };

static const struct ilv_option options[] = {
	[OPTION_DURATION] = {.name = "duration-ms",
			     .help = "ms for which they compete",
			     .default_value = 300,
			     .min = 1,
			     .max = 600000},
	[OPTION_HOLD] = {.name = "hold-us",
			 .help = "us of computation with the lock",
			 .default_value = 200,
			 .min = 0,
			 .max = 1000000},
	{.name = NULL},
};

enum lock_sort { LOCK_SORT_POLLED, LOCK_SORT_MUTEX, LOCK_SORT_TICKET };

/* In the order of `enum lock_sort`. */
static const struct ilv_variant variants[] = {
	{"unfair", "threads", "a lock that is polled for: who just had it gets it again"},
	{"mutex", "threads", "a mutex, which wakes one of those who wait"},
	{"ticket", "threads", "a ticket lock: who came first is next"},
	{.name = NULL},
};

/* Those who want it draw a number and are let in in its order. */
struct ticket_lock {
	pthread_mutex_t mutex; /* protects the numbers; nothing nests inside it */
	pthread_cond_t turned;
	uint64_t next_ticket;
	uint64_t now_serving;
};

struct contest {
	enum lock_sort sort;
	int64_t duration_ns;
	int64_t hold_ns;
	_Atomic int64_t end_ns; /* 0 until the first one begins */
	atomic_flag polled_lock;
	pthread_mutex_t mutex;
	struct ticket_lock ticket_lock;
	atomic_uint_fast64_t next_place;
	atomic_uint_fast64_t *places; /* of each in the order of asking; 0: it asks for nothing */
	int64_t *turn_counts;
	int64_t longest_row_count; /* protected by the lock that all want, as what follows */
	int64_t row_count;
	int64_t overtaken_count;
	size_t count;
	size_t last_index;
};

/* Tries, sleeps, tries again, and sleeps twice as long each time, up to a limit. */
static void polled_lock_acquire(atomic_flag *lock)
{
	struct timespec nap = {.tv_nsec = NAP_MIN_NS};

	if (!atomic_flag_test_and_set(lock)) {
		ilv_trace_lock_acquire(lock, ILV_LOCK_KIND_SPIN, ILV_LOCK_MODE_EXCLUSIVE, false);
		return;
	}

	ilv_trace_lock_wait_begin(lock, ILV_LOCK_KIND_SPIN, ILV_LOCK_MODE_EXCLUSIVE);
	while (atomic_flag_test_and_set(lock)) {
		(void)nanosleep(&nap, NULL);
		nap.tv_nsec = 2 * nap.tv_nsec < NAP_MAX_NS ? 2 * nap.tv_nsec : NAP_MAX_NS;
	}

	ilv_trace_lock_acquire(lock, ILV_LOCK_KIND_SPIN, ILV_LOCK_MODE_EXCLUSIVE, true);
}

static void polled_lock_release(atomic_flag *lock)
{
	ilv_trace_lock_release(lock, ILV_LOCK_KIND_SPIN, ILV_LOCK_MODE_EXCLUSIVE,
			       ILV_RELEASE_CAUSE_NONE);
	atomic_flag_clear(lock);
}

/* The ticket is the `place` too, as soon as it is drawn. */
static void ticket_lock_acquire(struct ticket_lock *lock, atomic_uint_fast64_t *place)
{
	bool is_contended = false;
	uint64_t ticket = 0;

	(void)pthread_mutex_lock(&lock->mutex);
	ticket = lock->next_ticket++;
	atomic_store(place, ticket + 1);
	is_contended = lock->now_serving != ticket;
	if (is_contended) {
		ilv_trace_lock_wait_begin(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE);
	}

	while (lock->now_serving != ticket) {
		(void)pthread_cond_wait(&lock->turned, &lock->mutex);
	}

	(void)pthread_mutex_unlock(&lock->mutex);
	ilv_trace_lock_acquire(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE, is_contended);
}

static void ticket_lock_release(struct ticket_lock *lock)
{
	ilv_trace_lock_release(lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE,
			       ILV_RELEASE_CAUSE_NONE);
	(void)pthread_mutex_lock(&lock->mutex);
	lock->now_serving++;
	(void)pthread_cond_broadcast(&lock->turned);
	(void)pthread_mutex_unlock(&lock->mutex);
}

static void acquire(struct contest *contest, size_t index)
{
	atomic_uint_fast64_t *place = &contest->places[index];

	switch (contest->sort) {
	case LOCK_SORT_POLLED:
		atomic_store(place, atomic_fetch_add(&contest->next_place, 1) + 1);
		polled_lock_acquire(&contest->polled_lock);
		break;
	case LOCK_SORT_MUTEX:
		atomic_store(place, atomic_fetch_add(&contest->next_place, 1) + 1);
		(void)ilv_mutex_lock(&contest->mutex);
		break;
	case LOCK_SORT_TICKET:
		ticket_lock_acquire(&contest->ticket_lock, place);
		break;
	}
}

static void release(struct contest *contest)
{
	switch (contest->sort) {
	case LOCK_SORT_POLLED:
		polled_lock_release(&contest->polled_lock);
		break;
	case LOCK_SORT_MUTEX:
		(void)ilv_mutex_unlock(&contest->mutex);
		break;
	case LOCK_SORT_TICKET:
		ticket_lock_release(&contest->ticket_lock);
		break;
	}
}

static void init_lock(struct contest *contest)
{
	(void)pthread_mutex_init(&contest->ticket_lock.mutex, NULL);
	(void)pthread_cond_init(&contest->ticket_lock.turned, NULL);
	switch (contest->sort) {
	case LOCK_SORT_POLLED:
		ilv_trace_lock_name(&contest->polled_lock, ILV_LOCK_KIND_SPIN, 1, "polled lock");
		break;
	case LOCK_SORT_MUTEX:
		(void)ilv_mutex_init(&contest->mutex, "mutex");
		break;
	case LOCK_SORT_TICKET:
		ilv_trace_lock_name(&contest->ticket_lock, ILV_LOCK_KIND_MUTEX, 1, "ticket lock");
		break;
	}
}

static void fini_lock(struct contest *contest)
{
	switch (contest->sort) {
	case LOCK_SORT_POLLED:
		ilv_trace_lock_destroy(&contest->polled_lock);
		break;
	case LOCK_SORT_MUTEX:
		(void)ilv_mutex_destroy(&contest->mutex);
		break;
	case LOCK_SORT_TICKET:
		ilv_trace_lock_destroy(&contest->ticket_lock);
		break;
	}

	(void)pthread_cond_destroy(&contest->ticket_lock.turned);
	(void)pthread_mutex_destroy(&contest->ticket_lock.mutex);
}

/* Counts a turn, and who asked earlier and waits still; under the lock. */
static void note_turn(struct contest *contest, size_t index)
{
	const uint64_t own_place = atomic_load(&contest->places[index]);

	for (size_t other = 0; other < contest->count; other++) {
		const uint64_t place = atomic_load(&contest->places[other]);

		contest->overtaken_count += place != 0 && place < own_place;
	}

	contest->turn_counts[index]++;
	contest->row_count = contest->last_index == index ? contest->row_count + 1 : 1;
	contest->last_index = index;
	if (contest->row_count > contest->longest_row_count) {
		contest->longest_row_count = contest->row_count;
	}
}

static enum ilv_status compete(void *argument, struct ilv_result *result)
{
	struct ilv_member *member = argument;
	struct contest *contest = member->shared;
	enum ilv_status status = ILV_STATUS_OK;
	int64_t not_begun = 0;

	(void)result;
	ilv_gate_pass(member->gate);
	(void)atomic_compare_exchange_strong(&contest->end_ns, &not_begun,
					     ilv_trace_now_ns() + contest->duration_ns);
	while (status == ILV_STATUS_OK && ilv_trace_now_ns() < contest->end_ns) {
		acquire(contest, member->index);
		/* Who waited for the lock until the contest was over has no turn any more. */
		if (ilv_trace_now_ns() < contest->end_ns) {
			note_turn(contest, member->index);
			status = ilv_compute_for(contest->hold_ns);
		}

		atomic_store(&contest->places[member->index], 0);
		release(contest);
		status = status == ILV_STATUS_OK ? ilv_tick() : status;
	}

	return status;
}

static void conclude(struct ilv_run *run, const struct contest *contest)
{
	const size_t count = contest->count;
	const double fairness = ilv_fairness(contest->turn_counts, count);
	int64_t turn_count = 0;
	int64_t fewest = INT64_MAX;
	int64_t most = 0;
	char row[64] = "none of them twice in a row";

	for (size_t index = 0; index < count; index++) {
		const int64_t turns = contest->turn_counts[index];

		turn_count += turns;
		fewest = turns < fewest ? turns : fewest;
		most = turns > most ? turns : most;
	}

	ilv_run_count(run, "turn_count", turn_count);
	ilv_run_count(run, "fewest_turn_count", fewest);
	ilv_run_count(run, "most_turn_count", most);
	ilv_run_count(run, "longest_row_count", contest->longest_row_count);
	ilv_run_count(run, "overtaken_count", contest->overtaken_count);
	ilv_run_count(run, "fairness_permille", (int64_t)(1000 * fairness));
	if (contest->longest_row_count > 1) {
		(void)snprintf(row, sizeof(row), "one of them %lld times in a row",
			       (long long)contest->longest_row_count);
	}

	(void)snprintf(
		run->sentence, sizeof(run->sentence),
		"%zu %s had the lock from %lld to %lld %s each, %s; who had asked earlier was "
		"overtaken %lld %s",
		count, ilv_plural((int64_t)count, "thread", "threads"), (long long)fewest,
		(long long)most, ilv_plural(most, "time", "times"), row,
		(long long)contest->overtaken_count,
		ilv_plural(contest->overtaken_count, "time", "times"));
}

static enum ilv_status run(struct ilv_run *run)
{
	const size_t count = (size_t)run->job_count;
	struct contest contest = {
		.sort = (enum lock_sort)(run->variant - variants),
		.duration_ns = run->values[OPTION_DURATION] * NS_PER_MS,
		.hold_ns = run->values[OPTION_HOLD] * NS_PER_US,
		.polled_lock = ATOMIC_FLAG_INIT,
		.count = count,
		.last_index = SIZE_MAX,
		.places = calloc(count, sizeof(*contest.places)),
		.turn_counts = calloc(count, sizeof(*contest.turn_counts)),
	};
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (!contest.places || !contest.turn_counts) {
		ilv_cause_add("Cannot count turns: threads=%zu", count);
		goto end;
	}

	init_lock(&contest);
	status = ilv_crew_run(count, compete, &contest, "thread");
	fini_lock(&contest);
	conclude(run, &contest);

end:
	free(contest.places);
	free(contest.turn_counts);

	return status;
}

const struct ilv_workload ilv_workload_starvation = {
	.name = "starvation",
	.description = "a lock that goes back to who just had it, and one that keeps the order",
	.shows = "The lane of the lock shows who has it. In unfair it is the same thread for long, "
		 "for it is back before the others have slept out; a mutex wakes who waits, but "
		 "whoever just had it is often quicker. With a ticket lock it goes round in order, "
		 "at the price of a switch a turn.",
	.job_noun = "threads that want the lock",
	.default_job_count = 4,
	.max_job_count = 1000,
	.options = options,
	.variants = variants,
	.run = run,
};
