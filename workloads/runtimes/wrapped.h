/* SPDX-License-Identifier: MIT */
/*
 * Description: the libc calls that the linker sends through `__wrap_NAME`, and libc's own under
 * `__real_NAME`. The list stands a second time in CMakeLists.txt, for the linker.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_WRAPPED_H
#define ILV_WORKLOADS_RUNTIMES_WRAPPED_H

#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

/* X(type, name, parameters) */
#define ILV_WRAPPED_LIST(X)                                                                        \
	X(ssize_t, read, (int fd, void *buffer, size_t length))                                    \
	X(ssize_t, write, (int fd, const void *buffer, size_t length))                             \
	X(ssize_t, recv, (int fd, void *buffer, size_t length, int flags))                         \
	X(ssize_t, send, (int fd, const void *buffer, size_t length, int flags))                   \
	X(ssize_t, sendfile, (int to, int from, off_t *offset, size_t length))                     \
	X(int, close, (int fd))                                                                    \
	X(int, accept, (int fd, struct sockaddr *address, socklen_t *length))                      \
	X(int, accept4, (int fd, struct sockaddr *address, socklen_t *length, int flags))          \
	X(int, connect, (int fd, const struct sockaddr *address, socklen_t length))                \
	X(ssize_t, recvfrom,                                                                       \
	  (int fd, void *buffer, size_t length, int flags, struct sockaddr *address,               \
	   socklen_t *address_length))                                                             \
	X(ssize_t, sendto,                                                                         \
	  (int fd, const void *buffer, size_t length, int flags, const struct sockaddr *address,   \
	   socklen_t address_length))                                                              \
	X(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags))                           \
	X(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags))                     \
	X(ssize_t, readv, (int fd, const struct iovec *vector, int count))                         \
	X(ssize_t, writev, (int fd, const struct iovec *vector, int count))                        \
	X(int, getaddrinfo,                                                                        \
	  (const char *host, const char *service, const struct addrinfo *hints,                    \
	   struct addrinfo **found))                                                               \
	X(int, nanosleep, (const struct timespec *duration, struct timespec *left))                \
	X(int, clock_nanosleep,                                                                    \
	  (clockid_t clock, int flags, const struct timespec *duration, struct timespec *left))    \
	X(int, usleep, (useconds_t duration_us))                                                   \
	X(unsigned int, sleep, (unsigned int duration_s))                                          \
	X(int, poll, (struct pollfd * descriptors, nfds_t count, int timeout_ms))                  \
	X(int, ppoll,                                                                              \
	  (struct pollfd * descriptors, nfds_t count, const struct timespec *timeout,              \
	   const sigset_t *signals))                                                               \
	X(int, epoll_wait,                                                                         \
	  (int epoll_fd, struct epoll_event *events, int capacity, int timeout_ms))                \
	X(int, select,                                                                             \
	  (int limit, fd_set *read_set, fd_set *write_set, fd_set *except_set,                     \
	   struct timeval *timeout))                                                               \
	X(int, pselect,                                                                            \
	  (int limit, fd_set *read_set, fd_set *write_set, fd_set *except_set,                     \
	   const struct timespec *timeout, const sigset_t *signals))                               \
	X(int, pthread_mutex_lock, (pthread_mutex_t * mutex))                                      \
	X(int, pthread_mutex_trylock, (pthread_mutex_t * mutex))                                   \
	X(int, pthread_mutex_unlock, (pthread_mutex_t * mutex))                                    \
	X(int, pthread_mutex_timedlock,                                                            \
	  (pthread_mutex_t * mutex, const struct timespec *deadline))                              \
	X(int, pthread_rwlock_rdlock, (pthread_rwlock_t * lock))                                   \
	X(int, pthread_rwlock_wrlock, (pthread_rwlock_t * lock))                                   \
	X(int, pthread_rwlock_unlock, (pthread_rwlock_t * lock))                                   \
	X(int, pthread_join, (pthread_t thread, void **returned))                                  \
	X(pid_t, waitpid, (pid_t pid, int *wait_status, int options))                              \
	X(pid_t, wait, (int *wait_status))                                                         \
	X(int, flock, (int fd, int operation))                                                     \
	X(int, pthread_cond_wait, (pthread_cond_t * cond, pthread_mutex_t * mutex))                \
	X(int, pthread_cond_timedwait,                                                             \
	  (pthread_cond_t * cond, pthread_mutex_t * mutex, const struct timespec *deadline))       \
	X(int, pthread_cond_signal, (pthread_cond_t * cond))                                       \
	X(int, pthread_cond_broadcast, (pthread_cond_t * cond))                                    \
	X(int, sem_wait, (sem_t * semaphore))                                                      \
	X(int, sem_timedwait, (sem_t * semaphore, const struct timespec *deadline))                \
	X(int, sem_post, (sem_t * semaphore))

/* Visible, for a sanitizer's library that calls one of these is linked to the wrapped one by name.
 */
#define X(type, name, parameters)                                                                  \
	__attribute__((visibility("default"))) type __wrap_##name parameters;                      \
	type __real_##name parameters;
ILV_WRAPPED_LIST(X)
#undef X

#endif /* ILV_WORKLOADS_RUNTIMES_WRAPPED_H */
