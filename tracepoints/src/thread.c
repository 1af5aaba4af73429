/* SPDX-License-Identifier: MIT */
/*
 * Description: POSIX threads that say when they are made, start, end and are joined.
 *
 * Events name threads by tid, a program by pthread_t, and POSIX has no way from one to the other: a
 * list keeps both for each thread that was made here and is neither joined nor detached.
 */
#include <interleave/pthread.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "tracepoints/src/emission.h"

/* One thread: its creator, the thread itself and its joiner share it; `user_count` says who still
 * will. */
struct thread_record {
	struct thread_record *next; /* in `joinable_threads` */
	pthread_t thread;
	void *(*function)(void *);
	void *argument;
	uint64_t key;
	pid_t creator_tid;
	pid_t tid; /* 0 until it runs */
	enum ilv_role role;
	_Atomic int user_count;
	char name[ILV_TEXT_SIZE];
};

/* Protects the list and the `tid` in each record; nothing nests inside it. */
static pthread_mutex_t records_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t record_started = PTHREAD_COND_INITIALIZER;
static struct thread_record *joinable_threads;

/* Another thread may be at the list when this one forks: the child, which does not have that
 * thread, would never get the mutex. */
static void lock_records(void)
{
	pthread_mutex_lock(&records_mutex);
}

static void unlock_records(void)
{
	pthread_mutex_unlock(&records_mutex);
}

/* Nor do those live here who waited for the condition, which counts them. */
static void renew_records(void)
{
	pthread_cond_init(&record_started, NULL);
	unlock_records();
}

static __attribute__((constructor)) void watch_forks(void)
{
	pthread_atfork(lock_records, unlock_records, renew_records);
}

static void leave_record(struct thread_record *record)
{
	if (atomic_fetch_sub(&record->user_count, 1) == 1) {
		free(record);
	}
}

/* Takes the record of `thread` off the list; NULL when the thread was not made here. Needs the
 * mutex. */
static struct thread_record *take_record_locked(pthread_t thread)
{
	struct thread_record **link = &joinable_threads;

	while (*link && !pthread_equal((*link)->thread, thread)) {
		link = &(*link)->next;
	}

	if (*link) {
		struct thread_record *record = *link;

		*link = record->next;
		return record;
	}

	return NULL;
}

static void end_thread(void *argument)
{
	ilv_trace_thread_exit();
	leave_record(argument);
}

static void *run_thread(void *argument)
{
	struct thread_record *record = argument;
	void *result;

	pthread_mutex_lock(&records_mutex);
	record->tid = ilv_trace_tid();
	pthread_cond_broadcast(&record_started);
	pthread_mutex_unlock(&records_mutex);

	ilv_trace_thread_start(record->key, record->creator_tid, record->name, record->role, false);
	pthread_cleanup_push(end_thread, record);
	result = record->function(record->argument);
	pthread_cleanup_pop(1);
	return result;
}

int ilv_thread_create(pthread_t *thread, const pthread_attr_t *attributes,
		      void *(*function)(void *), void *argument, const char *name,
		      enum ilv_role role)
{
	struct thread_record *record = calloc(1, sizeof(*record));
	struct thread_record *stale;
	char copy[ILV_TEXT_SIZE];
	int detach_state = PTHREAD_CREATE_JOINABLE;
	int error;

	if (!record) {
		return EAGAIN;
	}

	if (attributes) {
		pthread_attr_getdetachstate(attributes, &detach_state);
	}

	record->function = function;
	record->argument = argument;
	record->key = (uintptr_t)record;
	record->creator_tid = ilv_trace_tid();
	record->role = role;
	record->user_count = 2; /* the thread and its creator */
	snprintf(record->name, sizeof(record->name), "%s", ilv_bounded_text(name, copy));

	ilv_trace_thread_create(record->key, record->name);
	error = pthread_create(thread, attributes, run_thread, record);
	if (error != 0) {
		free(record);
		return error;
	}

	pthread_mutex_lock(&records_mutex);
	if (detach_state == PTHREAD_CREATE_DETACHED) {
		leave_record(record);
	} else {
		/* The creator's share is the list's now. A thread joined by plain pthread_join()
		 * left its own there. */
		stale = take_record_locked(*thread);
		if (stale) {
			leave_record(stale);
		}

		record->thread = *thread;
		record->next = joinable_threads;
		joinable_threads = record;
	}

	pthread_mutex_unlock(&records_mutex);
	return 0;
}

int ilv_thread_join(pthread_t thread, void **result)
{
	struct thread_record *record;
	pid_t tid = -1;
	int error;

	pthread_mutex_lock(&records_mutex);
	record = take_record_locked(thread);
	if (record) {
		/* It blocks until the thread ends anyway, so it may as well until it begins. */
		while (record->tid == 0) {
			pthread_cond_wait(&record_started, &records_mutex);
		}

		tid = record->tid;
		leave_record(record);
	}

	pthread_mutex_unlock(&records_mutex);

	ilv_trace_thread_join_begin(tid);
	error = pthread_join(thread, result);
	ilv_trace_thread_join_end(tid);
	return error;
}

int ilv_thread_detach(pthread_t thread)
{
	struct thread_record *record;

	pthread_mutex_lock(&records_mutex);
	record = take_record_locked(thread);
	if (record) {
		leave_record(record);
	}

	pthread_mutex_unlock(&records_mutex);
	return pthread_detach(thread);
}
