/* SPDX-License-Identifier: MIT */
/*
 * Description: structured concurrency, for jobs and lessons under the runtime `nursery`. Tasks live
 * in scopes, and scopes in each other. A cancelled scope cancels all that is in it: their awaits,
 * ilv_lock_acquire() and ilv_yield() return ILV_STATUS_INTERRUPTED, at once and from then on every
 * time, until they have left it. A shielded scope keeps the cancellation of those around it out.
 *
 * All calls come from tasks. Scopes and nurseries are left in the reverse order of their opening,
 * by the task that opened them.
 */
#ifndef ILV_WORKLOADS_NURSERY_H
#define ILV_WORKLOADS_NURSERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "workloads/runtime.h"

struct ilv_scope;
struct ilv_nursery;

/* Opens a scope that is cancelled when `timeout_ns` have passed and it was not left. */
enum ilv_status ilv_move_on_after(int64_t timeout_ns, struct ilv_scope **scope) ILV_NODISCARD;

/* Opens a scope that cancellation from around it does not reach: for clean-up that awaits. */
enum ilv_status ilv_shield(struct ilv_scope **scope) ILV_NODISCARD;

/*
 * Leaves `scope`, and frees it. `status` is what the work in it came to, and is returned; but when
 * this scope was cancelled, and none around it, ILV_STATUS_INTERRUPTED has done its work and
 * becomes ILV_STATUS_OK. `*was_cancelled` (NULL: not asked) tells that this scope was.
 */
enum ilv_status ilv_scope_leave(struct ilv_scope *scope, enum ilv_status status,
				bool *was_cancelled);

/* Opens a nursery: a scope that has children. */
enum ilv_status ilv_nursery_open(struct ilv_nursery **nursery) ILV_NODISCARD;

/*
 * Starts `function` as a child of `nursery`, which may be another task's. The first child that
 * fails cancels all others, and the task that opened the nursery.
 */
enum ilv_status ilv_nursery_spawn(struct ilv_nursery *nursery, ilv_job_function function,
				  void *argument, const char *name) ILV_NODISCARD;

void ilv_nursery_cancel(struct ilv_nursery *nursery);

/*
 * Waits until all children are done, and frees `nursery`. `status` is what the opening task's own
 * work came to: a failure there is one of the nursery's. Returns the first failure with its cause,
 * else as ilv_scope_leave().
 */
enum ilv_status ilv_nursery_close(struct ilv_nursery *nursery, enum ilv_status status);

#endif /* ILV_WORKLOADS_NURSERY_H */
