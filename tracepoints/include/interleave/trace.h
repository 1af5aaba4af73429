/* SPDX-License-Identifier: MIT */
/*
 * Description: emits the events of provider `interleave` from any C or C++ program. Each function
 * fires one LTTng-UST tracepoint; docs/events.md says when, by which thread, and what each field
 * means.
 *
 * Every function may be called from any thread at any time, also in a forked child and where no
 * session daemon runs: it then costs about a nanosecond. None fails, none allocates after a
 * thread's first call, and none touches `errno`. Strings are copied into the trace; NULL stands for
 * the empty string. Times are CLOCK_MONOTONIC in ns. Addresses and other names of things are any
 * number that is unique while the thing lives.
 */
#ifndef ILV_TRACE_H
#define ILV_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <interleave/events.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ILV_API __attribute__((visibility("default")))

/* A program that is started with this in its environment, not empty, is in no trace, nor is what it
 * starts: it costs what it would without any tracing. */
#define ILV_UNTRACED_ENV "ILV_UNTRACED"

/* Runs: one execution of a job that is measured and compared. */
ILV_API void ilv_trace_run_begin(const char *workload, const char *runtime, const char *variant,
				 const char *parameters, enum ilv_unit unit);
ILV_API void ilv_trace_run_end(int status);
/* Says in a sentence what came of the run, before its end: reports and pictures quote the last few.
 */
ILV_API void ilv_trace_run_note(const char *text);
ILV_API void ilv_trace_phase_begin(const char *name);
ILV_API void ilv_trace_phase_end(const char *name);
/* Makes the phase `name`, which has begun, a point of a curve; `series` may be NULL. */
ILV_API void ilv_trace_phase_point(const char *name, const char *series, bool is_reference,
				   const char *quantity, int64_t value, enum ilv_quantity unit);
/* Says what was counted in the phase `name`, before its end: `what` in the plural, or in the
 * singular and the plural, "page fault|page faults". */
ILV_API void ilv_trace_phase_count(const char *name, const char *what, int64_t count, bool is_work);
/* Says what one of the things that the phase `name` does costs, before its end: here, or as it was
 * measured `is_untraced`. */
ILV_API void ilv_trace_phase_price(const char *name, const char *what, int64_t value,
				   enum ilv_quantity unit, bool is_untraced);

/* Threads. `key` joins a creation with the thread that it made: any number unique among those being
 * created. */
ILV_API void ilv_trace_thread_create(uint64_t key, const char *name);
ILV_API void ilv_trace_thread_start(uint64_t key, pid_t parent_tid, const char *name,
				    enum ilv_role role, bool is_daemon);
/* Tells of another thread of this process, which does not tell of itself. */
ILV_API void ilv_trace_thread_announce(pid_t tid, const char *name, enum ilv_role role);
ILV_API void ilv_trace_thread_exit(void);
ILV_API void ilv_trace_thread_join_begin(pid_t joined_tid);
ILV_API void ilv_trace_thread_join_end(pid_t joined_tid);
ILV_API void ilv_trace_thread_yield_begin(void);
ILV_API void ilv_trace_thread_yield_end(void);

/* Locks. `lock` is the lock's address. */
ILV_API void ilv_trace_lock_name(const void *lock, enum ilv_lock_kind kind, uint32_t capacity,
				 const char *name);
/* Says that `lock`, once named, is the same lock in the processes that will be forked. */
ILV_API void ilv_trace_lock_share(const void *lock);
ILV_API void ilv_trace_lock_wait_begin(const void *lock, enum ilv_lock_kind kind,
				       enum ilv_lock_mode mode);
ILV_API void ilv_trace_lock_wait_abandon(const void *lock, enum ilv_lock_kind kind,
					 enum ilv_lock_mode mode);
ILV_API void ilv_trace_lock_acquire(const void *lock, enum ilv_lock_kind kind,
				    enum ilv_lock_mode mode, bool is_contended);
ILV_API void ilv_trace_lock_release(const void *lock, enum ilv_lock_kind kind,
				    enum ilv_lock_mode mode, enum ilv_release_cause cause);
ILV_API void ilv_trace_lock_destroy(const void *lock);

/*
 * Waits that block the calling thread. What `object` is depends on `reason`: for read, write and
 * poll a descriptor, for cond, barrier and queue its address, for task and pool_job the number of
 * the task or job; 0 for sleep and the rest, or where it is not known. The end of a wait says the
 * same as its beginning.
 */
ILV_API void ilv_trace_wait_begin(enum ilv_wait_reason reason, uint64_t object);
ILV_API void ilv_trace_wait_end(enum ilv_wait_reason reason, uint64_t object);

/* Processes. `started_ns` is a time read first thing in the child, before LTTng's own work after
 * fork. */
ILV_API void ilv_trace_process_spawn(pid_t child_pid, enum ilv_spawn_method method);
ILV_API void ilv_trace_process_start(pid_t parent_pid, const char *name, enum ilv_role role,
				     int64_t started_ns);
/*
 * Ends the process for the trace: what it emits after this is dropped, uncounted. The library calls
 * it itself at exit() and quick_exit(); a program calls it before _exit().
 */
ILV_API void ilv_trace_process_exit(int status);
/*
 * Says how much private anonymous memory this process has now, read from /proc/self/status: some 20
 * us while tracing, nothing otherwise. A report takes the growth since the first of a run.
 */
ILV_API void ilv_trace_process_memory(void);
ILV_API void ilv_trace_process_wait_begin(pid_t child_pid);
ILV_API void ilv_trace_process_wait_end(pid_t child_pid, int status);

/* Loops and tasks. `loop` is the loop's address, `task` a number unique in its loop, never 0. */
ILV_API void ilv_trace_loop_create(const void *loop, const char *name);
ILV_API void ilv_trace_loop_poll_begin(const void *loop);
ILV_API void ilv_trace_loop_poll_end(const void *loop);
ILV_API void ilv_trace_task_create(const void *loop, uint64_t task, uint64_t parent_task,
				   const char *name);
ILV_API void ilv_trace_task_ready(const void *loop, uint64_t task, uint64_t waker_task);
ILV_API void ilv_trace_task_resume(const void *loop, uint64_t task);
/*
 * What `object` is depends on `reason`: for sleep the time at which it is due to end, absolute, in
 * ns of CLOCK_MONOTONIC (from then on the task counts as ready), for lock the address of the lock,
 * and else as for waits of a thread; 0 where it is not known, and for yield.
 */
ILV_API void ilv_trace_task_yield(const void *loop, uint64_t task, enum ilv_wait_reason reason,
				  uint64_t object);
ILV_API void ilv_trace_task_done(const void *loop, uint64_t task, enum ilv_outcome outcome);

/* Pools and their jobs. `pool` is the pool's address, `job` a number unique in its pool. */
ILV_API void ilv_trace_pool_create(const void *pool, const char *name, uint32_t worker_count,
				   bool has_processes);
ILV_API void ilv_trace_job_submit(const void *pool, uint64_t job, const char *name,
				  uint32_t queue_length);
ILV_API void ilv_trace_job_begin(const void *pool, uint64_t job);
ILV_API void ilv_trace_job_end(const void *pool, uint64_t job, enum ilv_outcome outcome);

/* Memory that several share, as values: enough to tell which updates were lost. */
ILV_API void ilv_trace_shared_read(const void *address, int64_t value);
ILV_API void ilv_trace_shared_write(const void *address, int64_t value_read, int64_t value_written);
ILV_API void ilv_trace_shared_update(const void *address, int64_t value_before,
				     int64_t value_after);

/*
 * Forks as fork() does, and keeps the trace whole: LTTng is told, the child says `process_start`
 * with `name` and `role`, the parent `process_spawn`. Returns what fork() returns; errno as fork()
 * leaves it.
 */
ILV_API pid_t ilv_fork(const char *name, enum ilv_role role);

/* The calling process's own id and thread id, without a system call after the first. */
ILV_API pid_t ilv_trace_pid(void);
ILV_API pid_t ilv_trace_tid(void);

/* CLOCK_MONOTONIC in ns: the clock of every time in a trace. */
ILV_API int64_t ilv_trace_now_ns(void);

/* The library's version, "MAJOR.MINOR.PATCH": a static string. */
ILV_API const char *ilv_version(void);

#ifdef __cplusplus
}
#endif

#endif /* ILV_TRACE_H */
