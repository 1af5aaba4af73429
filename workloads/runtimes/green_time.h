/* SPDX-License-Identifier: MIT */
/* Description: how the calls of `green` count time. */
#ifndef ILV_WORKLOADS_RUNTIMES_GREEN_TIME_H
#define ILV_WORKLOADS_RUNTIMES_GREEN_TIME_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "workloads/runtimes/green_fd.h"

/* Whether libc would take it for one: not negative, and its ns less than a second. */
bool ilv_green_is_duration(const struct timespec *duration);

/* Returns the ns of `time`: INT64_MAX / 2 where they are more than can be counted with. */
int64_t ilv_green_ns(const struct timespec *time);

/* Returns the ns until `deadline`, 0 when it is over. */
int64_t ilv_green_until_ns(clockid_t clock, const struct timespec *deadline);

/* When `timeout_ns` from now (< 0: never) is over: INT64_MAX is never. */
int64_t ilv_green_deadline_ns(int64_t timeout_ns);

/* What is left until then; ILV_GREEN_NEVER_NS where it is never, 0 where it is over. */
int64_t ilv_green_left_ns(int64_t deadline_ns);

/* Sleeps on the loop before something is tried again of which nobody says when it is worth it.
 * False: the run is to end. */
bool ilv_green_wait_a_moment(void);

#endif /* ILV_WORKLOADS_RUNTIMES_GREEN_TIME_H */
