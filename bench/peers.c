/* SPDX-License-Identifier: MIT */
/*
 * Description: what the plain thing costs beside which a runtime is measured, in ns an operation:
 *
 *   swapcontext  two contexts of the C library give way to each other
 *   libuv        a loop comes round once: an idle and a check callback that do nothing
 *   sched_yield  two threads give way to each other
 *   mutex        two threads take one mutex, sched_yield() while they hold it, and let go
 *   queue        jobs that do nothing pass from one thread through a queue to two others, under
 *                one mutex and two conditions, and are counted when done
 *
 * Usage: bench_peers PEER OPERATION_COUNT
 */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

#include <uv.h>

#define PLAYER_COUNT 2
#define BATCH_SIZE   1000
#define STACK_SIZE   65536

static int64_t turns_left[PLAYER_COUNT]; /* of each player */

static void fail(const char *what)
{
	(void)fprintf(stderr, "bench_peers: cannot make %s\n", what);
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Contexts. */

static ucontext_t contexts[PLAYER_COUNT];

static void swap_in_turn(int player)
{
	while (turns_left[player]-- > 0) {
		(void)swapcontext(&contexts[player], &contexts[1 - player]);
	}
}

static void swap_contexts(void)
{
	static char stacks[PLAYER_COUNT][STACK_SIZE];
	ucontext_t here;

	for (int player = 0; player < PLAYER_COUNT; player++) {
		(void)getcontext(&contexts[player]);
		contexts[player].uc_stack.ss_sp = stacks[player];
		contexts[player].uc_stack.ss_size = STACK_SIZE;
		contexts[player].uc_link = &here; /* the first to end ends it all */
		makecontext(&contexts[player], (void (*)(void))swap_in_turn, 1, player);
	}

	(void)swapcontext(&here, &contexts[0]);
}

/* The loop. */

static void on_idle(uv_idle_t *idle)
{
	(void)idle;
}

static void on_check(uv_check_t *check)
{
	if (--turns_left[0] <= 0) {
		uv_stop(check->loop);
	}
}

static void go_round(void)
{
	uv_loop_t loop;
	uv_idle_t idle;
	uv_check_t check;

	if (uv_loop_init(&loop) != 0) {
		fail("a loop");
	}

	(void)uv_idle_init(&loop, &idle);
	(void)uv_check_init(&loop, &check);
	(void)uv_idle_start(&idle, on_idle);
	(void)uv_check_start(&check, on_check);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&idle, NULL);
	uv_close((uv_handle_t *)&check, NULL);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&loop);
}

/* Threads. */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *yield_in_turn(void *turns)
{
	for (int64_t left = *(int64_t *)turns; left > 0; left--) {
		(void)sched_yield();
	}

	return NULL;
}

static void *lock_in_turn(void *turns)
{
	for (int64_t left = *(int64_t *)turns; left > 0; left--) {
		(void)pthread_mutex_lock(&mutex);
		(void)sched_yield();
		(void)pthread_mutex_unlock(&mutex);
	}

	return NULL;
}

static void start(pthread_t threads[PLAYER_COUNT], void *(*function)(void *))
{
	for (int player = 0; player < PLAYER_COUNT; player++) {
		if (pthread_create(&threads[player], NULL, function, &turns_left[player]) != 0) {
			fail("a thread");
		}
	}
}

static void join(const pthread_t threads[PLAYER_COUNT])
{
	for (int player = 0; player < PLAYER_COUNT; player++) {
		(void)pthread_join(threads[player], NULL);
	}
}

static void play(void *(*function)(void *))
{
	pthread_t threads[PLAYER_COUNT];

	start(threads, function);
	join(threads);
}

/* The queue: `mutex` protects it. */

static pthread_cond_t has_work = PTHREAD_COND_INITIALIZER;
static pthread_cond_t is_finished = PTHREAD_COND_INITIALIZER;
static int64_t waiting_count;
static int64_t unfinished_count;
static bool is_closed;

static void *work(void *unused)
{
	(void)unused;
	(void)pthread_mutex_lock(&mutex);
	for (;;) {
		while (waiting_count == 0 && !is_closed) {
			(void)pthread_cond_wait(&has_work, &mutex);
		}

		if (waiting_count == 0) {
			break;
		}

		waiting_count--;
		(void)pthread_mutex_unlock(&mutex);
		/* Here a job would be done. */
		(void)pthread_mutex_lock(&mutex);
		if (--unfinished_count == 0) {
			(void)pthread_cond_signal(&is_finished);
		}
	}

	(void)pthread_mutex_unlock(&mutex);
	return NULL;
}

static void pass_through_queue(int64_t count)
{
	pthread_t threads[PLAYER_COUNT];

	start(threads, work);
	for (int64_t done = 0; done < count; done += BATCH_SIZE) {
		for (int index = 0; index < BATCH_SIZE; index++) {
			(void)pthread_mutex_lock(&mutex);
			waiting_count++;
			unfinished_count++;
			(void)pthread_cond_signal(&has_work);
			(void)pthread_mutex_unlock(&mutex);
		}

		(void)pthread_mutex_lock(&mutex);
		while (unfinished_count > 0) {
			(void)pthread_cond_wait(&is_finished, &mutex);
		}

		(void)pthread_mutex_unlock(&mutex);
	}

	(void)pthread_mutex_lock(&mutex);
	is_closed = true;
	(void)pthread_cond_broadcast(&has_work);
	(void)pthread_mutex_unlock(&mutex);
	join(threads);
}

int main(int argc, char **argv)
{
	int64_t count = argc == 3 ? atoll(argv[2]) : 0;
	int64_t begin_ns = now_ns();

	if (count < BATCH_SIZE || count % BATCH_SIZE != 0) {
		(void)fprintf(stderr, "usage: bench_peers PEER COUNT, thousands of them\n");
		return 2;
	}

	turns_left[0] = count / PLAYER_COUNT;
	turns_left[1] = count / PLAYER_COUNT;
	if (strcmp(argv[1], "swapcontext") == 0) {
		swap_contexts();
	} else if (strcmp(argv[1], "libuv") == 0) {
		turns_left[0] = count;
		go_round();
	} else if (strcmp(argv[1], "sched_yield") == 0) {
		play(yield_in_turn);
	} else if (strcmp(argv[1], "mutex") == 0) {
		play(lock_in_turn);
	} else if (strcmp(argv[1], "queue") == 0) {
		pass_through_queue(count);
	} else {
		(void)fprintf(stderr, "bench_peers: there is no peer \"%s\"\n", argv[1]);
		return 2;
	}

	(void)printf("%.1f\n", (double)(now_ns() - begin_ns) / (double)count);
	return 0;
}
