/* SPDX-License-Identifier: MIT */
/*
 * Description: how a call on a descriptor that does not block is made of one that may, and where
 * its task waits between two tries. Of use to tasks of `green` alone.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_GREEN_FD_H
#define ILV_WORKLOADS_RUNTIMES_GREEN_FD_H

#include <stdbool.h>
#include <stdint.h>

#include <interleave/events.h>

#define ILV_GREEN_NEVER_NS INT64_C(-1)

/* Waits on the loop; false with errno where libc's call would fail, or be cut off, at this point.
 */
bool ilv_green_wait_ready(int fd, enum ilv_wait_reason reason, int64_t timeout_ns);

/* Whether the job itself made `fd` non-blocking: then it wants its EAGAIN. */
bool ilv_green_is_non_blocking(int fd);

/* The time limit that the job set on a socket, SO_RCVTIMEO or SO_SNDTIMEO. */
int64_t ilv_green_socket_timeout_ns(int fd, int option);

bool ilv_green_is_stream(int fd);

/* Makes `fd` non-blocking for one call; -1 when it is already, or is no descriptor. */
int ilv_green_push_non_blocking(int fd);

/* Makes it again what it was. Leaves errno alone. */
void ilv_green_pop_non_blocking(int fd, int flags);

#endif /* ILV_WORKLOADS_RUNTIMES_GREEN_FD_H */
