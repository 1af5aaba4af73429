/* SPDX-License-Identifier: MIT */
/*
 * Description: two threads on one CPU that hand a token back and forth, each hand-over two
 * switches, at a given rate or as fast as it goes. Prints the rate, and its CPU time by the
 * kernel's account less what the hand-overs would cost anyway: the caller runs it with and without
 * a recording.
 *
 * Usage: bench_switches SECONDS SWITCHES_PER_SECOND        (0: as fast as it goes)
 */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <interleave/trace.h>

static int pipes[2][2];

static void *echo(void *unused)
{
	char byte;

	(void)unused;
	while (read(pipes[0][0], &byte, 1) == 1) {
		if (write(pipes[1][1], &byte, 1) != 1) {
			break;
		}
	}

	return NULL;
}

int main(int argc, char **argv)
{
	double seconds = argc == 3 ? atof(argv[1]) : 0;
	double rate = argc == 3 ? atof(argv[2]) : -1;
	struct rusage usage;
	uint64_t turn_count = 0;
	pthread_t thread;
	cpu_set_t cpus;
	char byte = 0;
	int64_t begin_ns;
	int64_t now_ns;
	double wall_s;

	if (seconds <= 0 || rate < 0) {
		(void)fprintf(stderr, "usage: bench_switches SECONDS SWITCHES_PER_SECOND\n");
		return 2;
	}

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	(void)sched_setaffinity(0, sizeof(cpus), &cpus);
	if (pipe(pipes[0]) != 0 || pipe(pipes[1]) != 0 ||
	    pthread_create(&thread, NULL, echo, NULL) != 0) {
		return 1;
	}

	begin_ns = ilv_trace_now_ns();
	do {
		if (write(pipes[0][1], &byte, 1) != 1 || read(pipes[1][0], &byte, 1) != 1) {
			return 1;
		}

		turn_count++;
		now_ns = ilv_trace_now_ns();
		if (rate > 0 && turn_count % 20 == 0) {
			/* Each turn is two switches, and each rest two more. */
			int64_t due_ns =
				begin_ns + (int64_t)(1e9 * 2.1 * (double)turn_count / rate);

			if (due_ns > now_ns) {
				struct timespec rest = {.tv_nsec = due_ns - now_ns};

				(void)nanosleep(&rest, NULL);
			}
		}
	} while ((double)(now_ns - begin_ns) < 1e9 * seconds);

	(void)close(pipes[0][1]);
	(void)pthread_join(thread, NULL);
	(void)getrusage(RUSAGE_SELF, &usage);
	wall_s = 1e-9 * (double)(now_ns - begin_ns);
	(void)printf("%.0f %.6f\n", (double)(usage.ru_nvcsw + usage.ru_nivcsw) / wall_s,
		     ((double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		      1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)) /
			     wall_s);
	return 0;
}
