/* SPDX-License-Identifier: MIT */
/*
 * Description: waits that block the calling thread, as every runtime without a loop means them.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_BLOCKING_H
#define ILV_WORKLOADS_RUNTIMES_BLOCKING_H

#include "workloads/runtimes/runtime.h"

enum ilv_status ilv_blocking_await_fd(int fd, enum ilv_wait_reason reason, int64_t timeout_ns);
enum ilv_status ilv_blocking_await_sleep(int64_t duration_ns);
enum ilv_status ilv_blocking_await_call(ilv_blocking_call call, void *argument,
					enum ilv_wait_reason reason, uint64_t object);
enum ilv_status ilv_blocking_yield(void);

/* A pthread mutex that says what happens to it. */
extern const struct ilv_runtime_locks ilv_blocking_locks;
enum ilv_status ilv_blocking_lock_init(struct ilv_lock *lock, const char *name);
void ilv_blocking_lock_release(struct ilv_lock *lock);
void ilv_blocking_lock_fini(struct ilv_lock *lock);

#endif /* ILV_WORKLOADS_RUNTIMES_BLOCKING_H */
