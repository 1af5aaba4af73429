/* SPDX-License-Identifier: MIT */
/* Description: what libc's sleeps become for a task of `green`: a wait on the loop. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "workloads/runtimes/green.h"
#include "workloads/runtimes/loop.h"
#include "workloads/runtimes/wrapped.h"

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_US INT64_C(1000)

/* Returns the ns that are left, 0 when all have passed. */
static int64_t green_sleep(int64_t duration_ns)
{
	const int saved_errno = errno;
	const int64_t deadline_ns = ilv_trace_now_ns() + duration_ns;
	int64_t left_ns = 0;

	if (ilv_loop_await_sleep(duration_ns) < 0) {
		left_ns = deadline_ns - ilv_trace_now_ns();
	}

	errno = saved_errno;

	return left_ns > 0 ? left_ns : 0;
}

static bool is_duration(const struct timespec *duration)
{
	return duration->tv_sec >= 0 && duration->tv_nsec >= 0 && duration->tv_nsec < NS_PER_S;
}

static int64_t nanoseconds(const struct timespec *time)
{
	return time->tv_sec * NS_PER_S + time->tv_nsec;
}

int __wrap_nanosleep(const struct timespec *duration, struct timespec *left)
{
	int64_t left_ns = 0;

	if (!ilv_green_is_here() || !is_duration(duration)) {
		return __real_nanosleep(duration, left);
	}

	left_ns = green_sleep(nanoseconds(duration));
	if (left_ns == 0) {
		return 0;
	}

	if (left) {
		*left = (struct timespec){.tv_sec = left_ns / NS_PER_S,
					  .tv_nsec = left_ns % NS_PER_S};
	}

	errno = EINTR;

	return -1;
}

int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *duration,
			   struct timespec *left)
{
	struct timespec now;
	int64_t left_ns = 0;

	/* A thread's CPU time, say, does not pass while its task waits. */
	if (!ilv_green_is_here() || !is_duration(duration) ||
	    (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)) {
		return __real_clock_nanosleep(clock, flags, duration, left);
	}

	left_ns = nanoseconds(duration);
	if (flags & TIMER_ABSTIME) {
		(void)clock_gettime(clock, &now);
		left_ns -= nanoseconds(&now);
	}

	left_ns = green_sleep(left_ns > 0 ? left_ns : 0);
	if (left_ns == 0) {
		return 0;
	}

	if (left && !(flags & TIMER_ABSTIME)) {
		*left = (struct timespec){.tv_sec = left_ns / NS_PER_S,
					  .tv_nsec = left_ns % NS_PER_S};
	}

	return EINTR;
}

int __wrap_usleep(useconds_t duration_us)
{
	if (!ilv_green_is_here()) {
		return __real_usleep(duration_us);
	}

	if (green_sleep((int64_t)duration_us * NS_PER_US) > 0) {
		errno = EINTR;
		return -1;
	}

	return 0;
}

unsigned int __wrap_sleep(unsigned int duration_s)
{
	if (!ilv_green_is_here()) {
		return __real_sleep(duration_s);
	}

	return (unsigned int)((green_sleep(duration_s * NS_PER_S) + NS_PER_S / 2) / NS_PER_S);
}
