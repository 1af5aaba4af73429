/* SPDX-License-Identifier: MIT */
/*
 * Description: a program that is switched often and in every way: threads that wake each other
 * through pipes and futexes, more computing threads than CPUs, threads that yield, and a forked
 * child that does the same. Each thread writes what the kernel itself counted for it, and until
 * when:
 *
 *     truth PID TID FROM_NS TO_NS VOLUNTARY INVOLUNTARY
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "recorder/rusage.h"

enum {
	PAIR_COUNT = 9,
	COMPUTING_COUNT = 6,
	YIELDING_COUNT = 2,
	ROUND_COUNT = 400,
	COMPUTING_MS = 300,
};

struct pair {
	int there[2];
	int back[2];
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int turn;
};

/* What the kernel had counted at `time_ns`: two readings around it agree. */
struct reading {
	int64_t time_ns;
	long voluntary_count;
	long involuntary_count;
};

static struct reading read_counts(void)
{
	struct rusage before;
	struct rusage after;
	int64_t time_ns;

	do {
		/*
		 * With source rusage a look tells what has happened, and what happens next is told
		 * as later than that look; so there is one before the time and one after it.
		 */
		getrusage(RUSAGE_THREAD, &before);
		ilv_rusage_wait_end();
		time_ns = ilv_trace_now_ns();
		ilv_rusage_wait_end();
		getrusage(RUSAGE_THREAD, &after);
	} while (before.ru_nvcsw != after.ru_nvcsw || before.ru_nivcsw != after.ru_nivcsw);

	return (struct reading){time_ns, after.ru_nvcsw, after.ru_nivcsw};
}

/* One write a line: a pipe or a file takes it whole, whatever other processes write. */
static void write_truth(struct reading from)
{
	struct reading to = read_counts();
	char line[160];
	int length = snprintf(line, sizeof(line), "truth %d %d %lld %lld %ld %ld\n", getpid(),
			      gettid(), (long long)from.time_ns, (long long)to.time_ns,
			      to.voluntary_count - from.voluntary_count,
			      to.involuntary_count - from.involuntary_count);

	if (write(STDOUT_FILENO, line, (size_t)length) != length) {
		abort();
	}
}

static void pass_byte(int to, int from, bool is_first)
{
	char byte = 0;

	for (int round = 0; round < ROUND_COUNT; round++) {
		if (is_first && write(to, &byte, 1) != 1) {
			abort();
		}
		ilv_rusage_wait_begin();
		if (read(from, &byte, 1) != 1) {
			abort();
		}
		ilv_rusage_wait_end();
		if (!is_first && write(to, &byte, 1) != 1) {
			abort();
		}
	}
}

static void take_turns(struct pair *pair, int me)
{
	for (int round = 0; round < ROUND_COUNT; round++) {
		ilv_rusage_wait_begin();
		pthread_mutex_lock(&pair->mutex);
		while (pair->turn != me) {
			pthread_cond_wait(&pair->cond, &pair->mutex);
		}
		pair->turn = !me;
		pthread_cond_signal(&pair->cond);
		pthread_mutex_unlock(&pair->mutex);
		ilv_rusage_wait_end();
	}
}

static void *ping(void *argument)
{
	struct pair *pair = argument;

	pass_byte(pair->there[1], pair->back[0], true);
	take_turns(pair, 0);
	write_truth((struct reading){0});
	return NULL;
}

static void *pong(void *argument)
{
	struct pair *pair = argument;

	pass_byte(pair->back[1], pair->there[0], false);
	take_turns(pair, 1);
	write_truth((struct reading){0});
	return NULL;
}

static void compute(bool is_yielding)
{
	int64_t until_ns = ilv_trace_now_ns() + COMPUTING_MS * INT64_C(1000000);

	while (ilv_trace_now_ns() < until_ns) {
		ilv_rusage_look();
		if (is_yielding) {
			sched_yield();
		}
	}
	write_truth((struct reading){0});
}

static void *compute_only(void *unused)
{
	(void)unused;
	compute(false);
	return NULL;
}

static void *compute_and_yield(void *unused)
{
	(void)unused;
	compute(true);
	return NULL;
}

static void start(pthread_t *thread, void *(*routine)(void *), void *argument)
{
	if (pthread_create(thread, NULL, routine, argument) != 0) {
		abort();
	}
}

static void work(void)
{
	static struct pair pairs[PAIR_COUNT];
	pthread_t threads[2 * PAIR_COUNT + COMPUTING_COUNT + YIELDING_COUNT];
	size_t count = 0;

	for (int i = 0; i < PAIR_COUNT; i++) {
		if (pipe(pairs[i].there) != 0 || pipe(pairs[i].back) != 0) {
			abort();
		}
		pthread_mutex_init(&pairs[i].mutex, NULL);
		pthread_cond_init(&pairs[i].cond, NULL);
		start(&threads[count++], ping, &pairs[i]);
		start(&threads[count++], pong, &pairs[i]);
	}
	for (int i = 0; i < COMPUTING_COUNT; i++) {
		start(&threads[count++], compute_only, NULL);
	}
	for (int i = 0; i < YIELDING_COUNT; i++) {
		start(&threads[count++], compute_and_yield, NULL);
	}
	ilv_rusage_wait_begin();
	for (size_t i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
	}
	ilv_rusage_wait_end();
}

int main(void)
{
	struct reading from;
	int status;
	pid_t child;

	/* What the main thread did before the recording began is none of its business. */
	from = read_counts();
	child = ilv_fork("child", ILV_ROLE_OTHER);
	if (child < 0) {
		return 1;
	}
	if (child == 0) {
		/* LTTng's part of the fork is over; what the child counts since then must be told.
		 */
		from = read_counts();
	}
	work();
	write_truth(from);
	if (child == 0) {
		return 0;
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}
