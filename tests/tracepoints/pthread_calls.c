/* SPDX-License-Identifier: MIT */
/*
 * Description: uses each function of <interleave/pthread.h> so that every thread's events come in
 * one possible order; pthread_calls.expected has them.
 */
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <interleave/pthread.h>

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

static pthread_mutex_t mutex;
static pthread_mutex_t checked = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_rwlock_t rwlock;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static bool is_told;
static _Atomic pid_t other_tid;

/* Waits until the thread that is in `other_tid` sleeps in the kernel: in the call that it
 * announced. */
static void wait_until_other_sleeps(void)
{
	char path[64];
	char state = 0;

	while (atomic_load(&other_tid) == 0) {
		sched_yield();
	}

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)atomic_load(&other_tid));
	while (state != 'S') {
		FILE *file = fopen(path, "r");

		CHECK(file && fscanf(file, "%*d (%*[^)]) %c", &state) == 1);
		fclose(file);
		sched_yield();
	}

	atomic_store(&other_tid, 0);
}

static void *contend(void *argument)
{
	atomic_store(&other_tid, gettid());
	CHECK(ilv_mutex_lock(&mutex) == 0);
	CHECK(ilv_mutex_unlock(&mutex) == 0);
	return argument;
}

static void *read_lock(void *argument)
{
	atomic_store(&other_tid, gettid());
	CHECK(ilv_rwlock_rdlock(&rwlock) == 0);
	CHECK(ilv_rwlock_unlock(&rwlock) == 0);
	pthread_exit(argument);
}

static void *write_lock(void *argument)
{
	atomic_store(&other_tid, gettid());
	CHECK(ilv_rwlock_wrlock(&rwlock) == 0);
	CHECK(ilv_rwlock_unlock(&rwlock) == 0);
	return argument;
}

static void *take_slot(void *argument)
{
	atomic_store(&other_tid, gettid());
	CHECK(ilv_sem_wait(&semaphore) == 0);
	return argument;
}

static void *wait_to_be_told(void *argument)
{
	CHECK(ilv_mutex_lock(&mutex) == 0);
	atomic_store(&other_tid, gettid());
	while (!is_told) {
		CHECK(ilv_cond_wait(&condition, &mutex) == 0);
	}

	CHECK(ilv_mutex_unlock(&mutex) == 0);
	return argument;
}

static void unlock_when_cancelled(void *unused)
{
	(void)unused;
	CHECK(ilv_mutex_unlock(&mutex) == 0);
}

static void *wait_to_be_cancelled(void *argument)
{
	CHECK(ilv_mutex_lock(&mutex) == 0);
	atomic_store(&other_tid, gettid());
	pthread_cleanup_push(unlock_when_cancelled, NULL);
	for (;;) {
		ilv_cond_wait(&condition, &mutex);
	}

	pthread_cleanup_pop(0);
	return argument;
}

static void *wait_for_slot_for_ever(void *argument)
{
	atomic_store(&other_tid, gettid());
	ilv_sem_wait(&semaphore);
	return argument;
}

static pthread_t start(void *(*function)(void *), const char *name)
{
	pthread_t thread;

	CHECK(ilv_thread_create(&thread, NULL, function, (void *)name, name, ILV_ROLE_JOB) == 0);
	return thread;
}

static void join(pthread_t thread, const void *expected)
{
	void *result;

	CHECK(ilv_thread_join(thread, &result) == 0);
	CHECK(result == expected);
}

static void use_mutexes(void)
{
	static const char name[] = "contender";
	pthread_t thread;

	CHECK(ilv_mutex_init(&mutex, "mutex") == 0);
	CHECK(ilv_mutex_lock(&mutex) == 0);
	thread = start(contend, name);
	wait_until_other_sleeps();
	CHECK(ilv_mutex_trylock(&mutex) == EBUSY);
	CHECK(ilv_mutex_unlock(&mutex) == 0);
	join(thread, name);
	CHECK(ilv_mutex_trylock(&mutex) == 0);
	CHECK(ilv_mutex_unlock(&mutex) == 0);

	ilv_trace_lock_name(&checked, ILV_LOCK_KIND_MUTEX, 1, "checked");
	CHECK(ilv_mutex_lock(&checked) == 0);
	CHECK(ilv_mutex_lock(&checked) == EDEADLK);
	CHECK(ilv_mutex_unlock(&checked) == 0);
	CHECK(ilv_mutex_destroy(&checked) == 0);
}

static void use_rwlocks(void)
{
	static const char reader[] = "reader";
	static const char writer[] = "writer";
	pthread_t thread;

	CHECK(ilv_rwlock_init(&rwlock, "rwlock") == 0);
	CHECK(ilv_rwlock_wrlock(&rwlock) == 0);
	thread = start(read_lock, reader);
	wait_until_other_sleeps();
	CHECK(ilv_rwlock_unlock(&rwlock) == 0);
	join(thread, reader);
	CHECK(ilv_rwlock_rdlock(&rwlock) == 0);
	thread = start(write_lock, writer);
	wait_until_other_sleeps();
	CHECK(ilv_rwlock_unlock(&rwlock) == 0);
	join(thread, writer);
	CHECK(ilv_rwlock_destroy(&rwlock) == 0);
}

static void use_conditions(void)
{
	static const char told[] = "told";
	static const char cancelled[] = "cancelled";
	struct timespec long_ago = {0};
	pthread_t thread = start(wait_to_be_told, told);

	wait_until_other_sleeps();
	CHECK(pthread_mutex_lock(&mutex) == 0);
	is_told = true;
	CHECK(pthread_cond_broadcast(&condition) == 0);
	CHECK(pthread_mutex_unlock(&mutex) == 0);
	join(thread, told);

	thread = start(wait_to_be_cancelled, cancelled);
	wait_until_other_sleeps();
	CHECK(pthread_cancel(thread) == 0);
	join(thread, PTHREAD_CANCELED);

	CHECK(ilv_mutex_lock(&mutex) == 0);
	CHECK(ilv_cond_timedwait(&condition, &mutex, &long_ago) == ETIMEDOUT);
	CHECK(ilv_mutex_unlock(&mutex) == 0);
	CHECK(ilv_mutex_destroy(&mutex) == 0);
}

static void use_semaphores(void)
{
	static const char taker[] = "taker";
	static const char never[] = "never";
	pthread_t thread;

	CHECK(ilv_sem_init(&semaphore, 2, "semaphore") == 0);
	CHECK(ilv_sem_wait(&semaphore) == 0);
	CHECK(ilv_sem_wait(&semaphore) == 0);
	thread = start(take_slot, taker);
	wait_until_other_sleeps();
	CHECK(ilv_sem_post(&semaphore) == 0);
	join(thread, taker);

	thread = start(wait_for_slot_for_ever, never);
	wait_until_other_sleeps();
	CHECK(pthread_cancel(thread) == 0);
	join(thread, PTHREAD_CANCELED);
	CHECK(ilv_sem_destroy(&semaphore) == 0);
}

static void *say_nothing(void *done)
{
	CHECK(sem_post(done) == 0);
	return NULL;
}

static void use_detached(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sem_t done;

	CHECK(sem_init(&done, 0, 0) == 0);
	CHECK(pthread_attr_init(&attributes) == 0);
	CHECK(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0);
	CHECK(ilv_thread_create(&thread, &attributes, say_nothing, &done, "detached",
				ILV_ROLE_OTHER) == 0);
	CHECK(pthread_attr_destroy(&attributes) == 0);
	CHECK(ilv_thread_create(&thread, NULL, say_nothing, &done, "detached", ILV_ROLE_OTHER) ==
	      0);
	CHECK(ilv_thread_detach(thread) == 0);
	CHECK(sem_wait(&done) == 0 && sem_wait(&done) == 0);
}

int main(void)
{
	const struct timespec short_time = {.tv_nsec = 1};
	const struct timespec wrong_time = {.tv_nsec = -1};

	ilv_trace_thread_start(0, 0, "main", ILV_ROLE_MAIN, false);
	use_mutexes();
	use_rwlocks();
	use_conditions();
	use_semaphores();
	CHECK(ilv_sched_yield() == 0);
	CHECK(ilv_nanosleep(&short_time, NULL) == 0);
	errno = 0;
	CHECK(ilv_nanosleep(&wrong_time, NULL) == -1 && errno == EINVAL);
	use_detached();
	return 0;
}
