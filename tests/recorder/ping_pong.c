/* SPDX-License-Identifier: MIT */
/*
 * Description: two threads that wake each other as fast as they can, or at a given rate, on the CPU
 * that the program is bound to: `ping_pong SECONDS [SWITCHES-A-SECOND]`. Prints how many switches
 * the kernel counted, a second.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <interleave/trace.h>

static atomic_int turn;
static atomic_bool is_over;
static int64_t begin_ns;
static int64_t end_ns;
static double rate;

static void futex(int operation, int value)
{
	syscall(SYS_futex, &turn, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void *play(void *argument)
{
	int me = argument != NULL;
	uint64_t round = 0;

	while (!atomic_load(&is_over)) {
		while (atomic_load(&turn) != me && !atomic_load(&is_over)) {
			futex(FUTEX_WAIT, !me);
		}
		/* Two switches a round; one thread keeps the rate, in steps of 100 rounds. */
		if (me == 0 && rate > 0 && ++round % 100 == 0) {
			int64_t due_ns = begin_ns + (int64_t)((double)round * 2 / rate * 1e9);
			struct timespec due = {due_ns / 1000000000, due_ns % 1000000000};

			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
		}
		if (me == 0 && ilv_trace_now_ns() > end_ns) {
			atomic_store(&is_over, true);
		}
		atomic_store(&turn, !me);
		futex(FUTEX_WAKE, 1);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 1;
	pthread_t threads[2];
	struct rusage usage;

	rate = argc > 2 ? atof(argv[2]) : 0;
	begin_ns = ilv_trace_now_ns();
	end_ns = begin_ns + (int64_t)(seconds * 1e9);
	for (int i = 0; i < 2; i++) {
		if (pthread_create(&threads[i], NULL, play, i ? &turn : NULL) != 0) {
			return 1;
		}
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("%.0f switches a second\n", (double)(usage.ru_nvcsw + usage.ru_nivcsw) / seconds);
	return 0;
}
