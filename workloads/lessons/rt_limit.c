/* SPDX-License-Identifier: MIT */
/* Description: reads the limit, and what came of it, from /proc. */
#include "workloads/lessons/rt_limit.h"

#include <inttypes.h>
#include <stdio.h>

#define NS_PER_US INT64_C(1000)

static bool read_us(const char *path, int64_t *value_us)
{
	FILE *file = fopen(path, "re");
	const bool is_read = file && fscanf(file, "%" SCNd64, value_us) == 1;

	if (file) {
		(void)fclose(file);
	}

	return is_read;
}

bool ilv_rt_limit_read(struct ilv_rt_limit *limit)
{
	int64_t runtime_us = 0;
	int64_t period_us = 0;

	if (!read_us("/proc/sys/kernel/sched_rt_runtime_us", &runtime_us) ||
	    !read_us("/proc/sys/kernel/sched_rt_period_us", &period_us) || runtime_us < 0 ||
	    runtime_us >= period_us) {
		return false;
	}

	limit->runtime_ns = runtime_us * NS_PER_US;
	limit->period_ns = period_us * NS_PER_US;

	return true;
}

bool ilv_rt_limit_explains(const struct ilv_rt_limit *limit, int64_t duration_ns,
			   int64_t held_back_ns)
{
	const int64_t kept_ns = limit->period_ns - limit->runtime_ns;
	const int64_t period_count = duration_ns / limit->period_ns + 1;

	/* The kernel looks when its clock ticks, and periods began when nobody knows. */
	return held_back_ns >= kept_ns / 2 && held_back_ns <= period_count * kept_ns * 3 / 2;
}

int64_t ilv_ready_ns(void)
{
	FILE *file = fopen("/proc/thread-self/schedstat", "re");
	int64_t ready_ns = -1;

	if (file) {
		if (fscanf(file, "%*d %" SCNd64, &ready_ns) != 1) {
			ready_ns = -1;
		}
		(void)fclose(file);
	}

	return ready_ns;
}
