/* SPDX-License-Identifier: MIT */
/* Description: what libc's sleeps become for a task of `green`: a wait on the loop. */
#include "workloads/runtimes/green_time.h"

#include <errno.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "workloads/runtimes/green.h"
#include "workloads/runtimes/loop.h"
#include "workloads/runtimes/wrapped.h"

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_US INT64_C(1000)
#define MOMENT_NS INT64_C(1000000)

bool ilv_green_wait_a_moment(void)
{
	return ilv_loop_await_sleep(MOMENT_NS) == ILV_STATUS_OK;
}

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

bool ilv_green_is_duration(const struct timespec *duration)
{
	return duration->tv_sec >= 0 && duration->tv_nsec >= 0 && duration->tv_nsec < NS_PER_S;
}

int64_t ilv_green_ns(const struct timespec *time)
{
	const int64_t longest_ns = INT64_MAX / 2;

	return time->tv_sec < longest_ns / NS_PER_S ? time->tv_sec * NS_PER_S + time->tv_nsec
						    : longest_ns;
}

int64_t ilv_green_until_ns(clockid_t clock, const struct timespec *deadline)
{
	struct timespec now;
	int64_t left_ns = 0;

	(void)clock_gettime(clock, &now);
	left_ns = ilv_green_ns(deadline) - ilv_green_ns(&now);

	return left_ns > 0 ? left_ns : 0;
}

int64_t ilv_green_deadline_ns(int64_t timeout_ns)
{
	return timeout_ns < 0 ? INT64_MAX : ilv_trace_now_ns() + timeout_ns;
}

int64_t ilv_green_left_ns(int64_t deadline_ns)
{
	const int64_t left_ns = deadline_ns - ilv_trace_now_ns();

	return deadline_ns == INT64_MAX ? ILV_GREEN_NEVER_NS : left_ns > 0 ? left_ns : 0;
}

int __wrap_nanosleep(const struct timespec *duration, struct timespec *left)
{
	int64_t left_ns = 0;

	if (!ilv_green_is_here() || !ilv_green_is_duration(duration)) {
		return __real_nanosleep(duration, left);
	}

	left_ns = green_sleep(ilv_green_ns(duration));
	if (left_ns == 0) {
		return 0;
	}

	if (left) {
		*left = (struct timespec){.tv_sec = left_ns / NS_PER_S,
					  .tv_nsec = left_ns % NS_PER_S};
	}

	errno = ilv_green_cut_off();

	return -1;
}

int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *duration,
			   struct timespec *left)
{
	struct timespec now;
	int64_t left_ns = 0;

	/* A thread's CPU time, say, does not pass while its task waits. */
	if (!ilv_green_is_here() || !ilv_green_is_duration(duration) ||
	    (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)) {
		return __real_clock_nanosleep(clock, flags, duration, left);
	}

	left_ns = ilv_green_ns(duration);
	if (flags & TIMER_ABSTIME) {
		(void)clock_gettime(clock, &now);
		left_ns -= ilv_green_ns(&now);
	}

	left_ns = green_sleep(left_ns > 0 ? left_ns : 0);
	if (left_ns == 0) {
		return 0;
	}

	if (left && !(flags & TIMER_ABSTIME)) {
		*left = (struct timespec){.tv_sec = left_ns / NS_PER_S,
					  .tv_nsec = left_ns % NS_PER_S};
	}

	return ilv_green_cut_off();
}

int __wrap_usleep(useconds_t duration_us)
{
	if (!ilv_green_is_here()) {
		return __real_usleep(duration_us);
	}

	if (green_sleep((int64_t)duration_us * NS_PER_US) > 0) {
		errno = ilv_green_cut_off();
		return -1;
	}

	return 0;
}

unsigned int __wrap_sleep(unsigned int duration_s)
{
	int64_t left_ns = 0;

	if (!ilv_green_is_here()) {
		return __real_sleep(duration_s);
	}

	left_ns = green_sleep(duration_s * NS_PER_S);
	/* It has no errno: to a task that sleeps again it is over too early, rather than never. */
	if (left_ns > 0 && ilv_green_cut_off() == ECANCELED) {
		left_ns = 0;
	}

	return (unsigned int)((left_ns + NS_PER_S / 2) / NS_PER_S);
}
