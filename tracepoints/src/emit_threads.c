/* SPDX-License-Identifier: MIT */
/*
 * Description: emits the families threads, locks and waits.
 */
#include <interleave/trace.h>

#include <time.h>

#include "tracepoints/src/emission.h"

void ilv_trace_thread_create(uint64_t key, const char *name)
{
	char copy[ILV_TEXT_SIZE];

	ILV_EMIT(thread_create, key, ilv_bounded_text(name, copy));
}

void ilv_trace_thread_start(uint64_t key, pid_t parent_tid, const char *name, enum ilv_role role,
			    bool is_daemon)
{
	char copy[ILV_TEXT_SIZE];

	ILV_EMIT(thread_start, key, parent_tid, ilv_bounded_text(name, copy), (uint8_t)role,
		 is_daemon);
}

void ilv_trace_thread_announce(pid_t tid, const char *name, enum ilv_role role)
{
	char copy[ILV_TEXT_SIZE];

	ILV_EMIT(thread_announce, tid, ilv_bounded_text(name, copy), (uint8_t)role);
}

/* What the calling thread's own clock says: what it used of CPUs since it began, switches included.
 */
static int64_t own_cpu_ns(void)
{
	struct timespec used;

	return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) == 0
		       ? (int64_t)used.tv_sec * 1000000000 + used.tv_nsec
		       : -1;
}

void ilv_trace_thread_exit(void)
{
	if (lttng_ust_tracepoint_enabled(interleave, thread_exit)) {
		int64_t cpu_ns = own_cpu_ns();

		ILV_EMIT(thread_exit, cpu_ns);
	}
}

void ilv_trace_thread_join_begin(pid_t joined_tid)
{
	ILV_EMIT(thread_join_begin, joined_tid);
}

void ilv_trace_thread_join_end(pid_t joined_tid)
{
	ILV_EMIT(thread_join_end, joined_tid);
}

void ilv_trace_thread_yield_begin(void)
{
	ILV_EMIT(thread_yield_begin);
}

void ilv_trace_thread_yield_end(void)
{
	ILV_EMIT(thread_yield_end);
}

void ilv_trace_lock_name(const void *lock, enum ilv_lock_kind kind, uint32_t capacity,
			 const char *name)
{
	char copy[ILV_TEXT_SIZE];

	ILV_EMIT(lock_name, (uintptr_t)lock, (uint8_t)kind, capacity, ilv_bounded_text(name, copy));
}

void ilv_trace_lock_wait_begin(const void *lock, enum ilv_lock_kind kind, enum ilv_lock_mode mode)
{
	ILV_EMIT(lock_wait_begin, (uintptr_t)lock, (uint8_t)kind, (uint8_t)mode);
}

void ilv_trace_lock_wait_abandon(const void *lock, enum ilv_lock_kind kind, enum ilv_lock_mode mode)
{
	ILV_EMIT(lock_wait_abandon, (uintptr_t)lock, (uint8_t)kind, (uint8_t)mode);
}

void ilv_trace_lock_acquire(const void *lock, enum ilv_lock_kind kind, enum ilv_lock_mode mode,
			    bool is_contended)
{
	ILV_EMIT(lock_acquire, (uintptr_t)lock, (uint8_t)kind, (uint8_t)mode, is_contended);
}

void ilv_trace_lock_release(const void *lock, enum ilv_lock_kind kind, enum ilv_lock_mode mode,
			    enum ilv_release_cause cause)
{
	ILV_EMIT(lock_release, (uintptr_t)lock, (uint8_t)kind, (uint8_t)mode, (uint8_t)cause);
}

void ilv_trace_lock_share(const void *lock)
{
	ILV_EMIT(lock_share, (uintptr_t)lock);
}

void ilv_trace_lock_destroy(const void *lock)
{
	ILV_EMIT(lock_destroy, (uintptr_t)lock);
}

void ilv_trace_wait_begin(enum ilv_wait_reason reason, uint64_t object)
{
	ILV_EMIT(wait_begin, (uint8_t)reason, object);
}

void ilv_trace_wait_end(enum ilv_wait_reason reason, uint64_t object)
{
	ILV_EMIT(wait_end, (uint8_t)reason, object);
}
