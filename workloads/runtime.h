/* SPDX-License-Identifier: MIT */
/*
 * Description: what a job may ask of the runtime that it runs under. A job is written once against
 * this; the runtime that the run chose decides what each call means: a thread or a task, a blocked
 * thread or a suspended coroutine.
 *
 * Two calls must not be confused: ilv_tick() stands where an interpreter looks up between two
 * bytecodes, and gives way only where the runtime takes the executor away by force; ilv_yield()
 * gives way by the job's own will.
 *
 * Calls that return ILV_STATUS_INTERRUPTED say that the run is to end: the job frees what it holds
 * and passes that status on.
 */
#ifndef ILV_WORKLOADS_RUNTIME_H
#define ILV_WORKLOADS_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <interleave/events.h>

#include "base/status.h"

/*
 * What a job hands back: bytes, because a job may have run in another process, from which pointers
 * mean nothing. Zeroed is empty.
 */
struct ilv_result {
	unsigned char *bytes;
	size_t length;
	size_t capacity;
};

/* Appends `length` bytes. ILV_STATUS_MEMORY leaves `result` as it was. */
enum ilv_status ilv_result_append(struct ilv_result *result, const void *bytes,
				  size_t length) ILV_NODISCARD;
void ilv_result_fini(struct ilv_result *result);

/*
 * The work of one entity. `argument` is borrowed until the job was joined; a runtime of processes
 * shows the job a copy, so what the job changes there is lost: results go to `result` alone.
 */
typedef enum ilv_status (*ilv_job_function)(void *argument, struct ilv_result *result);

struct ilv_handle;

/*
 * Starts `function` as an entity of its own named `name` (copied), from the run's main function or
 * from a job. When it begins is the runtime's affair: `sequential` runs it to its end before this
 * call returns. `*handle` must be given to ilv_join(). Fails when the machine has no room for one
 * more, and says which limit was met.
 */
enum ilv_status ilv_spawn(ilv_job_function function, void *argument, const char *name,
			  struct ilv_handle **handle) ILV_NODISCARD;

/*
 * The same for an argument of `argument_size` bytes which mean the same in another program: no
 * pointers in them. Only such a job can be handed to a process that does not share this one's
 * memory; what ilv_spawn() starts can only be forked.
 */
enum ilv_status ilv_spawn_flat(ilv_job_function function, void *argument, size_t argument_size,
			       const char *name, struct ilv_handle **handle) ILV_NODISCARD;

/*
 * Waits until the job of `handle` is done and returns its status. Its result is moved to `result`,
 * or dropped where that is NULL. Consumes `handle`: each is joined exactly once.
 */
enum ilv_status ilv_join(struct ilv_handle *handle, struct ilv_result *result) ILV_NODISCARD;

/*
 * Asks that the job of `handle` not begin. True: it never will, and its ilv_join() returns
 * ILV_STATUS_INTERRUPTED without a result; asked again, it is true again. False: it has begun, goes
 * on to its own end and is not disturbed, or has ended; or the runtime takes no job back. Joined it
 * must be in any case.
 */
bool ilv_cancel(struct ilv_handle *handle) ILV_NODISCARD;

/* Waits until `fd` (non-blocking) can be read (ILV_WAIT_REASON_READ) or written (..._WRITE). Jobs
 * only. */
enum ilv_status ilv_await_fd(int fd, enum ilv_wait_reason reason) ILV_NODISCARD;

/* The same for at most `timeout_ns` (< 0: for ever): ILV_STATUS_AGAIN once they have passed. */
enum ilv_status ilv_await_fd_for(int fd, enum ilv_wait_reason reason,
				 int64_t timeout_ns) ILV_NODISCARD;

/* Waits for at least `duration_ns`. Jobs only. */
enum ilv_status ilv_await_sleep(int64_t duration_ns) ILV_NODISCARD;

/* A call that blocks whoever makes it, for there is no descriptor to wait for. It must not use the
 * runtime, and what it adds as a cause is lost: what came of it stands in its argument. */
typedef void (*ilv_blocking_call)(void *argument);

/*
 * Makes `call`, which reads (ILV_WAIT_REASON_READ) or writes (..._WRITE, fsync too) the file behind
 * `object`, and returns when it is done; it is made in any case unless this fails. A thread makes
 * it itself and is blocked for so long; a loop has a few threads for such calls, as libuv and
 * Node.js do, and resumes the task when one of them is through. Jobs only.
 */
enum ilv_status ilv_await_call(ilv_blocking_call call, void *argument, enum ilv_wait_reason reason,
			       uint64_t object) ILV_NODISCARD;

/* A lock between the jobs of a run, by address: it must not move between init and fini. */
struct ilv_lock {
	void *state;
};

enum ilv_status ilv_lock_init(struct ilv_lock *lock, const char *name) ILV_NODISCARD;

/*
 * Waits until the calling job holds the lock. ILV_STATUS_INTERRUPTED: the run is to end, or the
 * task is cancelled, before it had it; it holds nothing. A thread that waits already is not
 * disturbed: who holds the lock is, and lets go.
 */
enum ilv_status ilv_lock_acquire(struct ilv_lock *lock) ILV_NODISCARD;
void ilv_lock_release(struct ilv_lock *lock);
void ilv_lock_fini(struct ilv_lock *lock);

/* Hands work to the runtime's pool and awaits its end; a runtime that has none does it on the spot.
 */
enum ilv_status ilv_run_in_pool(ilv_job_function function, void *argument,
				struct ilv_result *result) ILV_NODISCARD;

/* The same for an argument of `argument_size` bytes without pointers, as ilv_spawn_flat(): only
 * such work can be handed to a pool of processes. */
enum ilv_status ilv_run_in_pool_flat(ilv_job_function function, void *argument,
				     size_t argument_size, struct ilv_result *result) ILV_NODISCARD;

/* A point between two steps of computation: costs a few ns, to be called every few hundred us. */
enum ilv_status ilv_tick(void) ILV_NODISCARD;

/* Gives way to others that are ready, of the job's own will. */
enum ilv_status ilv_yield(void) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_RUNTIME_H */
