/* SPDX-License-Identifier: MIT */
/*
 * Description: times two shell commands in turn, A B A B ..., and prints the median of each and of
 * their ratios, pair by pair: wall time, CPU time (user and system, children included), and peak
 * resident memory of the largest process.
 *
 * Usage: bench_pair RUNS NAME_A COMMAND_A NAME_B COMMAND_B
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUN_MAX 100

enum figure { FIGURE_WALL, FIGURE_CPU, FIGURE_MEMORY, FIGURE_COUNT };

static double now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + 1e-6 * (double)time.tv_usec;
}

static void run(const char *command, double figures[FIGURE_COUNT])
{
	struct rusage usage;
	double begin_s = now_s();
	int status;
	pid_t child = fork();

	if (child == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}

	if (child < 0 || wait4(child, &status, 0, &usage) != child) {
		(void)fprintf(stderr, "bench_pair: cannot run: %s\n", strerror(errno));
		exit(1);
	}

	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		(void)fprintf(stderr, "bench_pair: failed with status %d: %s\n", status, command);
		exit(1);
	}

	figures[FIGURE_WALL] = now_s() - begin_s;
	figures[FIGURE_CPU] = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	figures[FIGURE_MEMORY] = (double)usage.ru_maxrss / 1024;
}

static int by_value(const void *left, const void *right)
{
	double left_value = *(const double *)left;
	double right_value = *(const double *)right;

	return (left_value > right_value) - (left_value < right_value);
}

static double median(const double *values, int count)
{
	double sorted[RUN_MAX];

	memcpy(sorted, values, (size_t)count * sizeof(*sorted));
	qsort(sorted, (size_t)count, sizeof(*sorted), by_value);
	return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

int main(int argc, char **argv)
{
	static const char *const names[] = {"wall s", "CPU s", "peak MiB"};
	static double values[2][FIGURE_COUNT][RUN_MAX];
	static double ratios[FIGURE_COUNT][RUN_MAX];
	double ignored[FIGURE_COUNT];
	int count = argc == 6 ? atoi(argv[1]) : 0;

	if (count < 1 || count > RUN_MAX) {
		(void)fprintf(stderr, "usage: bench_pair RUNS NAME_A COMMAND_A NAME_B COMMAND_B\n");
		return 2;
	}

	run(argv[3], ignored);
	run(argv[5], ignored);
	for (int index = 0; index < count; index++) {
		for (int side = 0; side < 2; side++) {
			double figures[FIGURE_COUNT];

			run(argv[3 + 2 * side], figures);
			for (int figure = 0; figure < FIGURE_COUNT; figure++) {
				values[side][figure][index] = figures[figure];
			}
		}

		for (int figure = 0; figure < FIGURE_COUNT; figure++) {
			ratios[figure][index] = values[0][figure][index] / values[1][figure][index];
		}
	}

	(void)printf("  %-10s %20s %20s %8s\n", "", argv[2], argv[4], "ratio");
	for (int figure = 0; figure < FIGURE_COUNT; figure++) {
		(void)printf("  %-10s %20.3f %20.3f %8.2f\n", names[figure],
			     median(values[0][figure], count), median(values[1][figure], count),
			     median(ratios[figure], count));
	}

	return 0;
}
