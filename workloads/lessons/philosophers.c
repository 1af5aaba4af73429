/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `philosophers`: they sit around a table, a fork between every two, and each
 * needs both forks beside it to eat. The trace shows five locks and who waits for which: a ring
 * where all take the left one first, waits that end where they keep an order or leave a seat empty,
 * and who hardly ever eats, and waits for a fork instead, where the neighbours are greedy.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <interleave/pthread.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/lessons/crew.h"
#include "workloads/lessons/watchdog.h"
#include "workloads/random.h"
#include "workloads/runtimes/blocking.h"
#include "workloads/stop.h"
#include "workloads/workload.h"

#define NS_PER_US   INT64_C(1000)
#define NS_PER_MS   INT64_C(1000000)
#define SEAT_MIN    2
#define LOOK_NS_MAX (100 * NS_PER_MS) /* between two looks for a fork, and for the end */

/* For how many times the length of a meal nobody may finish one while all goes well: in naive all
 * may first think for two, then reach for the other fork for eight, and one of them eats. */
#define PAUSE_MAX       3
#define PAUSE_MAX_NAIVE 11

#define STARVING_SHARE 4 /* who has less than this part of an equal share starves */
#define STARVED_TOLD   3 /* of no more than these it is said who they are */

enum option { OPTION_DINNER, OPTION_EAT, OPTION_PATIENCE };

static const struct ilv_option options[] = {
	[OPTION_DINNER] = {.name = "dinner-ms",
			   .help = "ms for which they dine",
			   .default_value = 300,
			   .min = 1,
			   .max = 600000},
	[OPTION_EAT] = {.name = "eat-us",
			.help = "us of a meal, and on average of thinking before the next",
			.default_value = 1000,
			.min = 1,
			.max = 1000000},
	[OPTION_PATIENCE] = {.name = "patience-ms",
			     .help = "ms without a meal after which the watchdog ends the run",
			     .default_value = 300,
			     .min = 10,
			     .max = 600000},
	{.name = NULL},
};

enum manners { MANNERS_LEFT_FIRST, MANNERS_ORDERED, MANNERS_WAITER, MANNERS_GREEDY };

/* In the order of `enum manners`. */
static const struct ilv_variant variants[] = {
	{"naive", "threads", "all take the left fork first: sooner or later nobody eats any more"},
	{"ordered", "threads", "all take the fork with the lower number first: no deadlock"},
	{"waiter", "threads", "a waiter lets all but one sit down to eat: no deadlock"},
	{"greedy", "threads",
	 "both forks or none, and every other one is always hungry: who sits between starves"},
	{.name = NULL},
};

struct table;

struct philosopher {
	struct table *table;
	size_t index;
	uint64_t random;
	_Atomic int64_t meal_count;
	_Atomic int64_t vain_count; /* tries that did not get both forks */
};

struct table {
	struct ilv_watchdog *watchdog;
	enum manners manners;
	int64_t eat_ns;
	int64_t dinner_ns;
	_Atomic int64_t end_ns;
	size_t seat_count;
	pthread_mutex_t *forks;
	sem_t waiter; /* seats that may still be taken */
	struct philosopher *philosophers;
};

/* False: the run is to end before it is over. Whoever slept on would pass for one who is stuck. */
static bool pass_time(int64_t duration_ns)
{
	return ilv_blocking_await_sleep(duration_ns) == ILV_STATUS_OK;
}

/* From 0 to twice the mean, evenly. */
static int64_t think_ns(struct philosopher *philosopher)
{
	const struct table *table = philosopher->table;

	return (int64_t)(ilv_random_next(&philosopher->random) % (uint64_t)(2 * table->eat_ns));
}

/* Every second one is greedy, but the last of an odd table, whose neighbour is greedy too. */
static bool is_greedy(const struct philosopher *philosopher)
{
	return philosopher->index % 2 == 1;
}

static void think(struct philosopher *philosopher)
{
	if (philosopher->table->manners != MANNERS_GREEDY) {
		(void)pass_time(think_ns(philosopher));
	} else if (!is_greedy(philosopher)) {
		(void)pass_time(philosopher->table->eat_ns / 2);
	}
}

static bool is_over(const struct table *table)
{
	return ilv_trace_now_ns() >= table->end_ns || ilv_stop_is_requested();
}

/*
 * Waits for a fork by looking for it again and again, which nobody makes room for. To the trace
 * that is a wait like any other. False: the dinner is over.
 */
static bool watch_for(struct philosopher *philosopher, pthread_mutex_t *fork)
{
	struct table *table = philosopher->table;
	const int64_t pause_ns = table->eat_ns / 2;
	const struct timespec pause = {.tv_nsec = pause_ns < LOOK_NS_MAX ? pause_ns : LOOK_NS_MAX};

	if (ilv_mutex_trylock(fork) == 0) {
		return true;
	}

	ilv_trace_lock_wait_begin(fork, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE);
	do {
		philosopher->vain_count++;
		if (is_over(table)) {
			ilv_trace_lock_wait_abandon(fork, ILV_LOCK_KIND_MUTEX,
						    ILV_LOCK_MODE_EXCLUSIVE);
			return false;
		}
		(void)nanosleep(&pause, NULL);
	} while (pthread_mutex_trylock(fork) != 0);
	ilv_trace_lock_acquire(fork, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE, true);

	return true;
}

/* Takes both forks or none: whoever finds the other one taken puts the first one back, and watches
 * for that. */
static bool take_both_or_none(struct philosopher *philosopher, pthread_mutex_t *first,
			      pthread_mutex_t *second)
{
	while (watch_for(philosopher, first)) {
		pthread_mutex_t *missing = second;

		if (ilv_mutex_trylock(second) == 0) {
			return true;
		}

		(void)ilv_mutex_unlock(first);
		second = first;
		first = missing;
	}

	return false;
}

/* Takes both forks; false: the dinner is over. */
static bool take_forks(struct philosopher *philosopher, size_t left, size_t right)
{
	struct table *table = philosopher->table;
	size_t first = left;
	size_t second = right;

	if (table->manners == MANNERS_ORDERED && right < left) {
		first = right;
		second = left;
	}

	if (table->manners == MANNERS_GREEDY && !is_greedy(philosopher)) {
		return take_both_or_none(philosopher, &table->forks[left], &table->forks[right]);
	}

	/* Greedy ones wait for their forks, and so get them as soon as they are free. Among
	 * themselves they have none in common, or take the common one last. */

	if (table->manners == MANNERS_WAITER) {
		(void)ilv_sem_wait(&table->waiter);
	}

	(void)ilv_mutex_lock(&table->forks[first]);
	if (table->manners == MANNERS_LEFT_FIRST) {
		/* The time to reach for the other one: what makes the ring likely. */
		(void)pass_time(4 * think_ns(philosopher));
	}

	(void)ilv_mutex_lock(&table->forks[second]);

	return true;
}

static void dine(void *argument)
{
	struct philosopher *philosopher = argument;
	struct table *table = philosopher->table;
	const size_t left = philosopher->index;
	const size_t right = (philosopher->index + 1) % table->seat_count;
	int64_t started_ns = 0;

	ilv_watchdog_pass(table->watchdog);
	/* The first who passes begins the dinner. */
	(void)atomic_compare_exchange_strong(&table->end_ns, &started_ns,
					     ilv_trace_now_ns() + table->dinner_ns);
	while (!is_over(table)) {
		bool is_whole = true;

		/* All come to the table hungry. */
		if (philosopher->meal_count > 0) {
			think(philosopher);
		}

		if (!take_forks(philosopher, left, right)) {
			break;
		}

		is_whole = pass_time(table->eat_ns);
		philosopher->meal_count += is_whole;
		(void)ilv_mutex_unlock(&table->forks[right]);
		(void)ilv_mutex_unlock(&table->forks[left]);
		if (table->manners == MANNERS_WAITER) {
			(void)ilv_sem_post(&table->waiter);
		}

		ilv_watchdog_feed(table->watchdog);
	}
}

static void cleanup(struct ilv_run *run)
{
	struct table *table = run->state;

	run->state = NULL;
	if (table && ilv_watchdog_destroy(table->watchdog, table)) {
		free(table->forks);
		free(table->philosophers);
		free(table);
	}
}

static enum ilv_status prepare(struct ilv_run *run)
{
	const enum manners manners = (enum manners)(run->variant - variants);
	const int64_t eat_us = run->values[OPTION_EAT];
	const int64_t patience_ms = run->values[OPTION_PATIENCE];
	const int pause = manners == MANNERS_LEFT_FIRST ? PAUSE_MAX_NAIVE : PAUSE_MAX;
	struct table *table = NULL;

	if (patience_ms * NS_PER_MS <= pause * eat_us * NS_PER_US) {
		ilv_cause_add("nobody may finish a meal for %d times --eat-us %lld: with "
			      "--patience-ms %lld that would pass for a deadlock",
			      pause, (long long)eat_us, (long long)patience_ms);
		return ILV_STATUS_USAGE;
	}

	table = calloc(1, sizeof(*table));
	run->state = table;
	if (!table) {
		ilv_cause_add("Cannot lay the table");
		return ILV_STATUS_MEMORY;
	}

	if (run->job_count < SEAT_MIN) {
		ilv_cause_add("--jobs: a table for %d at least, or nobody has two forks", SEAT_MIN);
		return ILV_STATUS_USAGE;
	}

	table->manners = manners;
	table->eat_ns = eat_us * NS_PER_US;
	table->dinner_ns = run->values[OPTION_DINNER] * NS_PER_MS;
	table->seat_count = (size_t)run->job_count;
	table->forks = calloc(table->seat_count, sizeof(*table->forks));
	table->philosophers = calloc(table->seat_count, sizeof(*table->philosophers));
	table->watchdog = ilv_watchdog_create(table->seat_count);
	if (!table->forks || !table->philosophers || !table->watchdog) {
		ilv_cause_add("Cannot lay the table: seats=%zu", table->seat_count);
		return ILV_STATUS_MEMORY;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status seat_all(struct ilv_run *run, struct table *table)
{
	enum ilv_status status = ILV_STATUS_OK;

	if (table->manners == MANNERS_WAITER) {
		(void)ilv_sem_init(&table->waiter, (unsigned int)table->seat_count - 1, "waiter");
	}

	for (size_t index = 0; index < table->seat_count; index++) {
		char name[ILV_NAME_SIZE];

		(void)snprintf(name, sizeof(name), "fork %zu", index + 1);
		(void)ilv_mutex_init(&table->forks[index], name);
	}

	for (size_t index = 0; index < table->seat_count && status == ILV_STATUS_OK; index++) {
		struct philosopher *philosopher = &table->philosophers[index];
		char name[2 * ILV_NAME_SIZE];

		philosopher->table = table;
		philosopher->index = index;
		philosopher->random = ilv_random_stream((uint64_t)run->seed, index);
		(void)snprintf(name, sizeof(name), "philosopher %zu", index + 1);
		status = ilv_watchdog_start(table->watchdog, dine, philosopher, name);
	}

	return status;
}

static void clear_table(struct table *table)
{
	for (size_t index = 0; index < table->seat_count; index++) {
		(void)ilv_mutex_destroy(&table->forks[index]);
	}

	if (table->manners == MANNERS_WAITER) {
		(void)ilv_sem_destroy(&table->waiter);
	}
}

/* Whether who ate `meal_count` of all `sum` meals starved. */
static bool is_starved(const struct table *table, int64_t meal_count, int64_t sum)
{
	return meal_count * (int64_t)table->seat_count * STARVING_SHARE < sum;
}

/* ", but philosophers 1 and 3 starved", behind what is said of all. */
static void tell_starved(struct ilv_run *run, const struct table *table, int64_t sum,
			 size_t starved_count)
{
	size_t length = strlen(run->sentence);
	size_t told_count = 0;

	if (starved_count == 0) {
		return;
	}

	if (starved_count > STARVED_TOLD) {
		(void)snprintf(run->sentence + length, sizeof(run->sentence) - length,
			       ", but %zu starved", starved_count);
		return;
	}

	length += (size_t)snprintf(run->sentence + length, sizeof(run->sentence) - length,
				   ", but philosopher%s ", starved_count == 1 ? "" : "s");
	for (size_t index = 0; index < table->seat_count && told_count < starved_count; index++) {
		if (is_starved(table, table->philosophers[index].meal_count, sum)) {
			told_count++;
			length +=
				(size_t)snprintf(run->sentence + length,
						 sizeof(run->sentence) - length, "%zu%s", index + 1,
						 told_count == starved_count       ? " starved"
						 : told_count + 1 == starved_count ? " and "
										   : ", ");
		}
	}
}

static enum ilv_status conclude(struct ilv_run *run, const struct table *table, bool has_ended)
{
	int64_t *meal_counts = calloc(table->seat_count, sizeof(*meal_counts));
	size_t starved_count = 0;
	int64_t meal_count = 0;
	int64_t vain_count = 0;
	int64_t fewest = INT64_MAX;
	int64_t most = 0;
	double fairness = 0;

	if (!meal_counts) {
		ilv_cause_add("Cannot count the meals: seats=%zu", table->seat_count);
		return ILV_STATUS_MEMORY;
	}

	for (size_t index = 0; index < table->seat_count; index++) {
		meal_counts[index] = table->philosophers[index].meal_count;
		meal_count += meal_counts[index];
		vain_count += table->philosophers[index].vain_count;
		fewest = meal_counts[index] < fewest ? meal_counts[index] : fewest;
		most = meal_counts[index] > most ? meal_counts[index] : most;
	}

	for (size_t index = 0; index < table->seat_count; index++) {
		/* Who is stuck will never eat again. */
		starved_count += !has_ended || is_starved(table, meal_counts[index], meal_count);
	}

	fairness = ilv_fairness(meal_counts, table->seat_count);
	free(meal_counts);
	ilv_trace_phase_count("dinner", "philosopher who starved|philosophers who starved",
			      (int64_t)starved_count, false);
	ilv_run_count(run, "meal_count", meal_count);
	ilv_run_count(run, "fewest_meal_count", fewest);
	ilv_run_count(run, "most_meal_count", most);
	ilv_run_count(run, "vain_count", vain_count);
	ilv_run_count(run, "fairness_permille", (int64_t)(fairness * 1000));
	ilv_run_count(run, "starved_count", (int64_t)starved_count);
	ilv_run_count(run, "deadlock_count", !has_ended);
	if (!has_ended) {
		(void)snprintf(run->sentence, sizeof(run->sentence),
			       "after %lld %s each of %zu philosophers held the left fork and "
			       "waited for the right one: deadlock, ended by the watchdog",
			       (long long)meal_count, ilv_plural(meal_count, "meal", "meals"),
			       table->seat_count);
	} else {
		(void)snprintf(
			run->sentence, sizeof(run->sentence),
			"%zu philosophers ate %lld %s, from %lld to %lld each (fairness %.2f); "
			"no deadlock%s",
			table->seat_count, (long long)meal_count,
			ilv_plural(meal_count, "meal", "meals"), (long long)fewest, (long long)most,
			fairness,
			table->manners == MANNERS_LEFT_FIRST ? " this time, by luck" : "");
		tell_starved(run, table, meal_count, starved_count);
	}

	return ILV_STATUS_OK;
}

static enum ilv_status run(struct ilv_run *run)
{
	struct table *table = run->state;
	enum ilv_status status = seat_all(run, table);
	bool has_ended = false;

	if (status < 0) {
		ilv_stop_request();
	}

	ilv_trace_phase_begin("dinner");
	has_ended = ilv_watchdog_await(table->watchdog, run->values[OPTION_PATIENCE] * NS_PER_MS);
	if (has_ended) {
		clear_table(table);
	}

	if (status == ILV_STATUS_OK) {
		status = conclude(run, table, has_ended);
	}

	ilv_trace_phase_end("dinner");

	return status;
}

const struct ilv_workload ilv_workload_philosophers = {
	.name = "philosophers",
	.description = "five eat with five forks: deadlock, its cures, and some who starve",
	.shows =
		"In naive all five soon wait for a fork, each for the next, and nobody eats any "
		"more. An order of the forks, or a waiter who keeps one seat empty, lets everybody "
		"eat. Where every other one is greedy nobody is stuck either, but who sits between "
		"waits for a fork (dotted) nearly all the time, and starves.",
	.job_noun = "philosophers",
	.default_job_count = 5,
	.max_job_count = 1000,
	.options = options,
	.variants = variants,
	.prepare = prepare,
	.run = run,
	.cleanup = cleanup,
};
