/* SPDX-License-Identifier: MIT */
/*
 * Description: the event loop that several runtimes stand on: one thread, on which tasks take turns
 * as they await. A task is a fiber; libuv says when its descriptor or its time has come.
 *
 * A turn of the loop: every task that is ready now is resumed, first come, first served; then the
 * loop polls, without blocking if some task became ready meanwhile. Callbacks of libuv only make
 * tasks ready, so that the time between loop_poll_begin and loop_poll_end is polling and nothing
 * else.
 *
 * There is one loop, and all of it belongs to the thread that started it.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_LOOP_H
#define ILV_WORKLOADS_RUNTIMES_LOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "workloads/runtimes/fiber.h"
#include "workloads/runtimes/runtime.h"
#include "workloads/truth.h"

/* A task: the handle of every runtime that stands on the loop begins with one. */
struct ilv_task {
	struct ilv_handle base;
	struct ilv_fiber *fiber;
	struct ilv_truth_task truth; /* number and counters */
	struct ilv_task *joiner;     /* the task that awaits this one; NULL: none */
	void (*abandon)(void *wait); /* set while its wait can be interrupted */
	void *wait;
	enum ilv_status wake_status; /* what its wait returns */
	bool is_done;
	struct ilv_task *next; /* in the ready queue, or in that of what it waits for */
	struct ilv_task *prev;
	struct ilv_task *next_waiting; /* in the list of those whose wait can be interrupted */
	struct ilv_task *prev_waiting;
};

/* What a runtime may do of its own; NULL in any place: nothing. */
struct ilv_loop_hooks {
	/* Whether awaits of `task` are to return ILV_STATUS_INTERRUPTED at once. */
	bool (*is_cancelled)(const struct ilv_task *task);
	/* `task` returned; it still is the current one, and its status is set. */
	void (*task_returned)(struct ilv_task *task);
	/* The last that the loop does with `task`: from now on it may be freed. */
	void (*task_gone)(struct ilv_task *task);
	/* The run is to end; waits that can be interrupted were. Once, while the loop polls. */
	void (*stop_came)(void);
};

/* `hooks` is borrowed until ilv_loop_stop(); NULL: none. */
enum ilv_status ilv_loop_start(const struct ilv_loop_hooks *hooks) ILV_NODISCARD;
void ilv_loop_stop(void);

/* libuv's loop, for handles of a runtime's own. Their callbacks first call ilv_loop_end_poll(). */
uv_loop_t *ilv_loop_borrow_uv(void);
void ilv_loop_end_poll(void);

/* The task that the calling thread runs; NULL: none, or another thread. */
struct ilv_task *ilv_loop_current(void);

/*
 * Leaves the current task until ilv_loop_wake(), and returns the status given there. With `abandon`
 * the wait can be interrupted: then abandon(wait) takes the task out of whatever it waits in, and
 * ILV_STATUS_INTERRUPTED is returned; at once, when the task is cancelled already.
 */
enum ilv_status ilv_loop_wait(enum ilv_wait_reason reason, uint64_t object,
			      void (*abandon)(void *wait), void *wait) ILV_NODISCARD;
void ilv_loop_wake(struct ilv_task *task, enum ilv_status status);

/* Whether awaits of the current task return ILV_STATUS_INTERRUPTED at once. */
bool ilv_loop_is_interrupted(void);

/* Interrupts the wait of `task`, if it is in one that can be. */
void ilv_loop_interrupt(struct ilv_task *task);

/*
 * Waits until one of `descriptors` has one of its events, which stand in `revents` then, or
 * `timeout_ns` have passed (< 0: for ever): ILV_STATUS_AGAIN. ILV_STATUS_UNSUPPORTED: a descriptor
 * is of a kind that cannot be watched. `reason` and `object` go into the trace.
 */
enum ilv_status ilv_loop_await_fds(struct pollfd *descriptors, size_t count, int64_t timeout_ns,
				   enum ilv_wait_reason reason, uint64_t object) ILV_NODISCARD;

/* `fd` is about to be closed: whoever waits for it gets ILV_STATUS_IO, for the number may be
 * another's by the time that they look. */
void ilv_loop_forget_fd(int fd);

/* The entries of a runtime's table. */
enum ilv_status ilv_loop_spawn(struct ilv_handle *handle) ILV_NODISCARD;
void ilv_loop_join(struct ilv_handle *handle);
enum ilv_status ilv_loop_await_fd(int fd, enum ilv_wait_reason reason,
				  int64_t timeout_ns) ILV_NODISCARD;
enum ilv_status ilv_loop_await_sleep(int64_t duration_ns) ILV_NODISCARD;
enum ilv_status ilv_loop_await_call(ilv_blocking_call call, void *argument,
				    enum ilv_wait_reason reason, uint64_t object) ILV_NODISCARD;
enum ilv_status ilv_loop_yield(void) ILV_NODISCARD;
extern const struct ilv_runtime_locks ilv_loop_locks;

#endif /* ILV_WORKLOADS_RUNTIMES_LOOP_H */
