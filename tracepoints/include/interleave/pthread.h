/* SPDX-License-Identifier: MIT */
/*
 * Description: POSIX threads, locks and waits that say what they do: each function does what its
 * namesake without the prefix does, returns what that returns, and emits the events of
 * docs/events.md around it.
 *
 * The types are the plain ones, so a program may use both kinds of functions on one object; the
 * trace then knows only what went through these. `name` may be NULL. Where no session records, each
 * costs a few nanoseconds more than its namesake. Under -std=c11 it needs what <pthread.h> needs
 * there: -D_XOPEN_SOURCE=700.
 */
#ifndef ILV_PTHREAD_H
#define ILV_PTHREAD_H

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include <interleave/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Mutexes. A first try that fails says `lock_wait_begin`. Errors are the namesake's: EOWNERDEAD
 * holds the lock. */
ILV_API int ilv_mutex_init(pthread_mutex_t *mutex, const char *name);
ILV_API int ilv_mutex_lock(pthread_mutex_t *mutex);
ILV_API int ilv_mutex_trylock(pthread_mutex_t *mutex);
ILV_API int ilv_mutex_unlock(pthread_mutex_t *mutex);
ILV_API int ilv_mutex_destroy(pthread_mutex_t *mutex);

/* Read-write locks: shared and exclusive mode of one lock. The unlock finds out which it gives up.
 */
ILV_API int ilv_rwlock_init(pthread_rwlock_t *rwlock, const char *name);
ILV_API int ilv_rwlock_rdlock(pthread_rwlock_t *rwlock);
ILV_API int ilv_rwlock_wrlock(pthread_rwlock_t *rwlock);
ILV_API int ilv_rwlock_unlock(pthread_rwlock_t *rwlock);
ILV_API int ilv_rwlock_destroy(pthread_rwlock_t *rwlock);

/* Conditions: `mutex` is released, the wait begins, the wait ends, `mutex` is acquired. */
ILV_API int ilv_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
ILV_API int ilv_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
			       const struct timespec *deadline);

/* Semaphores, as locks of kind sem with `value` as capacity. These set errno, as their namesakes
 * do. */
ILV_API int ilv_sem_init(sem_t *semaphore, unsigned int value, const char *name);
ILV_API int ilv_sem_wait(sem_t *semaphore);
ILV_API int ilv_sem_post(sem_t *semaphore);
ILV_API int ilv_sem_destroy(sem_t *semaphore);

/*
 * Threads. The new thread says its start and, however it ends - return, pthread_exit(),
 * cancellation -, its exit. EAGAIN also when there is no memory. End each with ilv_thread_join() or
 * ilv_thread_detach().
 */
ILV_API int ilv_thread_create(pthread_t *thread, const pthread_attr_t *attributes,
			      void *(*function)(void *), void *argument, const char *name,
			      enum ilv_role role);
ILV_API int ilv_thread_join(pthread_t thread, void **result);
ILV_API int ilv_thread_detach(pthread_t thread);

/* Gives way, and sleeps: sched_yield() and nanosleep(), which set errno. */
ILV_API int ilv_sched_yield(void);
ILV_API int ilv_nanosleep(const struct timespec *duration, struct timespec *left);

#ifdef __cplusplus
}
#endif

#endif /* ILV_PTHREAD_H */
