/* SPDX-License-Identifier: MIT */
/*
 * Description: the cost of one event, beside a peer measured in the same turn: a call of an empty
 * function while tracing is off, LTTng's own lttng_ust_tracef() while it is on.
 *
 * Usage: bench_tracepoint CALL_COUNT
 */
#include <stdio.h>
#include <stdlib.h>

#include <interleave/trace.h>
#include <lttng/tracef.h>

#define TURNS 7

static __attribute__((noinline)) void nothing(const void *address, int64_t value)
{
	__asm__ volatile("" : : "r"(address), "r"(value) : "memory");
}

static int by_value(const void *left, const void *right)
{
	double left_value = *(const double *)left;
	double right_value = *(const double *)right;

	return (left_value > right_value) - (left_value < right_value);
}

static double median(double *values)
{
	qsort(values, TURNS, sizeof(*values), by_value);
	return values[TURNS / 2];
}

int main(int argc, char **argv)
{
	int64_t count = argc == 2 ? atoll(argv[1]) : 0;
	double event_ns[TURNS];
	double call_ns[TURNS];
	double tracef_ns[TURNS];

	if (count <= 0) {
		(void)fprintf(stderr, "usage: bench_tracepoint CALL_COUNT\n");
		return 2;
	}

	for (int turn = 0; turn < TURNS; turn++) {
		int64_t begin_ns = ilv_trace_now_ns();
		int64_t now_ns;

		for (int64_t index = 0; index < count; index++) {
			ilv_trace_shared_read(&count, index);
		}

		now_ns = ilv_trace_now_ns();
		event_ns[turn] = (double)(now_ns - begin_ns) / (double)count;
		begin_ns = now_ns;
		for (int64_t index = 0; index < count; index++) {
			nothing(&count, index);
		}

		now_ns = ilv_trace_now_ns();
		call_ns[turn] = (double)(now_ns - begin_ns) / (double)count;
		begin_ns = now_ns;
		for (int64_t index = 0; index < count; index++) {
			lttng_ust_tracef("%lld", (long long)index);
		}

		now_ns = ilv_trace_now_ns();
		tracef_ns[turn] = (double)(now_ns - begin_ns) / (double)count;
	}

	(void)printf("  event %.1f ns   empty call %.1f ns   lttng_ust_tracef %.1f ns\n",
		     median(event_ns), median(call_ns), median(tracef_ns));
	return 0;
}
