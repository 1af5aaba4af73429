/* SPDX-License-Identifier: MIT */
/*
 * Description: the libc calls that the linker sends through `__wrap_NAME`, and libc's own under
 * `__real_NAME`. The list stands a second time in CMakeLists.txt, for the linker.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_WRAPPED_H
#define ILV_WORKLOADS_RUNTIMES_WRAPPED_H

#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

/* X(type, name, parameters) */
#define ILV_WRAPPED_LIST(X)                                                                        \
	X(ssize_t, read, (int fd, void *buffer, size_t length))                                    \
	X(ssize_t, write, (int fd, const void *buffer, size_t length))                             \
	X(ssize_t, recv, (int fd, void *buffer, size_t length, int flags))                         \
	X(ssize_t, send, (int fd, const void *buffer, size_t length, int flags))                   \
	X(int, accept, (int fd, struct sockaddr *address, socklen_t *length))                      \
	X(int, accept4, (int fd, struct sockaddr *address, socklen_t *length, int flags))          \
	X(int, connect, (int fd, const struct sockaddr *address, socklen_t length))                \
	X(int, nanosleep, (const struct timespec *duration, struct timespec *left))                \
	X(int, usleep, (useconds_t duration_us))                                                   \
	X(unsigned int, sleep, (unsigned int duration_s))                                          \
	X(int, poll, (struct pollfd * descriptors, nfds_t count, int timeout_ms))                  \
	X(int, pthread_mutex_lock, (pthread_mutex_t * mutex))                                      \
	X(int, pthread_mutex_trylock, (pthread_mutex_t * mutex))                                   \
	X(int, pthread_mutex_unlock, (pthread_mutex_t * mutex))

/* Visible, for a sanitizer's library that calls one of these is linked to the wrapped one by name.
 */
#define X(type, name, parameters)                                                                  \
	__attribute__((visibility("default"))) type __wrap_##name parameters;                      \
	type __real_##name parameters;
ILV_WRAPPED_LIST(X)
#undef X

#endif /* ILV_WORKLOADS_RUNTIMES_WRAPPED_H */
