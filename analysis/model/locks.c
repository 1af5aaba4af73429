/* SPDX-License-Identifier: MIT */
/*
 * Description: locks as schedulers. A claim is somebody's wish for a lock: it is ready while it
 * waits for the lock, runs while it holds it, and between two wishes it idles: WAITING for nothing
 * (reason none), which is no wait that anybody should measure. A GIL is a lock that is handed over
 * on request. A lock in shared memory belongs to the process that shared it; those forked from it
 * speak of the same one.
 */
#include "analysis/model/inner.h"
#include "analysis/model/scheduler.h"

static struct ilv_process_node *process_of(const struct ilv_thread *thread)
{
	return (struct ilv_process_node *)thread->node.shown.process;
}

static bool is_exclusive(const struct ilv_scheduler *lock)
{
	return lock->lock_kind != ILV_LOCK_KIND_SEM && lock->lock_kind != ILV_LOCK_KIND_RWLOCK;
}

/* Finds the lock at `address` for a thread of `own`: its process's, or one that a process before it
 * in the line of forks shares. NULL: there is none yet. */
static struct ilv_scheduler_node *find_lock(struct ilv_model *model, enum ilv_scheduler_kind kind,
					    struct ilv_process_node *own, uint64_t address)
{
	struct ilv_scheduler_node *lock = ilv_scheduler_find(model, kind, own, address);
	struct ilv_process_node *process = own->parent;

	for (; !lock && process; process = process->parent) {
		struct ilv_scheduler_node *inherited =
			ilv_scheduler_find(model, kind, process, address);

		lock = inherited && inherited->is_shared ? inherited : NULL;
	}
	return lock;
}

/* Finds the lock that an event of this family speaks of. */
static struct ilv_scheduler_node *take_lock(struct ilv_model *model, const struct ilv_event *event,
					    const struct ilv_thread *thread)
{
	enum ilv_lock_kind lock_kind =
		(enum ilv_lock_kind)ilv_known(event->u.lock.kind, ILV_LOCK_KIND_GIL);
	enum ilv_scheduler_kind kind =
		lock_kind == ILV_LOCK_KIND_GIL ? ILV_SCHEDULER_KIND_GIL : ILV_SCHEDULER_KIND_LOCK;
	struct ilv_scheduler_node *lock =
		find_lock(model, kind, process_of(thread), event->u.lock.lock);

	if (lock) {
		return lock;
	}
	lock = ilv_scheduler_take(model, kind, process_of(thread), event->u.lock.lock);
	if (lock) {
		lock->shown.lock_kind = lock_kind;
		lock->shown.executor_count = is_exclusive(&lock->shown) ? 1 : 0;
	}
	return lock;
}

static enum ilv_wait_reason reason_of(const struct ilv_scheduler *lock)
{
	return lock->kind == ILV_SCHEDULER_KIND_GIL ? ILV_WAIT_REASON_GIL : ILV_WAIT_REASON_LOCK;
}

static enum ilv_lock_mode mode_of(const struct ilv_event *event)
{
	return (enum ilv_lock_mode)ilv_known(event->u.lock.mode, ILV_LOCK_MODE_TRIED);
}

static struct ilv_claim *take_claim(struct ilv_model *model, struct ilv_scheduler_node *lock,
				    struct ilv_thread *thread)
{
	return lock ? ilv_claim_take(model, lock, ilv_thread_context(thread)) : NULL;
}

ILV_HANDLER(lock_name)
{
	struct ilv_scheduler_node *lock = take_lock(model, event, thread);

	if (!lock) {
		return;
	}
	if (ilv_text_or_null(event->u.lock.name)) {
		lock->shown.name = event->u.lock.name;
	}
	if (event->u.lock.capacity > 0) {
		lock->shown.executor_count = event->u.lock.capacity;
	}
}

static void make_idle(struct ilv_model *model, struct ilv_claim *claim, enum ilv_cause cause)
{
	struct ilv_stop stop = {
		.cause = cause,
		.next = ILV_STATE_WAITING,
		.is_counted = cause != ILV_CAUSE_NONE,
	};

	claim->depth = 0;
	ilv_scheduler_stop(model, &claim->node.shown, &stop);
}

/*
 * Whoever takes of a semaphore once more does not give back what it has, as with a lock that is
 * taken twice: another will, or nobody. What it took before is over for it, so that each taking is
 * a hold of its own.
 */
static void end_earlier_taking(struct ilv_model *model, const struct ilv_scheduler_node *lock,
			       struct ilv_claim *claim)
{
	if (lock->shown.lock_kind == ILV_LOCK_KIND_SEM &&
	    claim->node.shown.state == ILV_STATE_RUNNING) {
		make_idle(model, claim, ILV_CAUSE_FINISHED);
	}
}

ILV_HANDLER(lock_share)
{
	/* Of what kind it is, its name said. */
	struct ilv_scheduler_node *lock = ilv_scheduler_find(
		model, ILV_SCHEDULER_KIND_LOCK, process_of(thread), event->u.lock.lock);

	if (lock) {
		lock->is_shared = true;
	}
}

ILV_HANDLER(lock_wait_begin)
{
	struct ilv_scheduler_node *lock = take_lock(model, event, thread);
	struct ilv_claim *claim = take_claim(model, lock, thread);
	struct ilv_wait wait = {.object = event->u.lock.lock};

	if (!claim) {
		return;
	}
	end_earlier_taking(model, lock, claim);
	wait.reason = reason_of(&lock->shown);
	wait.waits_for = &lock->shown;
	claim->node.shown.mode = mode_of(event);
	ilv_scheduler_ready(model, &claim->node.shown, NULL);
	ilv_thread_enter_wait(model, thread, &wait);
}

ILV_HANDLER(lock_wait_abandon)
{
	struct ilv_scheduler_node *lock = take_lock(model, event, thread);
	struct ilv_claim *claim = take_claim(model, lock, thread);

	if (!claim) {
		return;
	}
	ilv_thread_leave_wait(model, thread, reason_of(&lock->shown), event->u.lock.lock);
	if (claim->node.shown.state == ILV_STATE_READY) {
		make_idle(model, claim, ILV_CAUSE_NONE);
	}
}

/* Ends the holds that cannot go on beside the one that begins: their releases were lost. */
static void end_impossible_holds(struct ilv_model *model, struct ilv_scheduler_node *lock,
				 const struct ilv_claim *claim, bool is_shared)
{
	for (uint32_t i = 0; i < lock->places.count; i++) {
		struct ilv_claim *holder = lock->places.items[i];

		if (holder && holder != claim && (!is_shared || !holder->is_shared)) {
			struct ilv_stop unseen = {
				.cause = ILV_CAUSE_UNKNOWN,
				.next = ILV_STATE_UNKNOWN,
			};

			holder->depth = 0;
			ilv_scheduler_stop(model, &holder->node.shown, &unseen);
		}
	}
}

ILV_HANDLER(lock_acquire)
{
	struct ilv_scheduler_node *lock = take_lock(model, event, thread);
	struct ilv_claim *claim = take_claim(model, lock, thread);
	struct ilv_entity *shown = claim ? &claim->node.shown : NULL;
	struct ilv_turn turn = {.carrier = NULL, .is_counted = true};
	bool is_shared;
	bool has_waited;

	if (!claim) {
		return;
	}
	ilv_thread_leave_wait(model, thread, reason_of(&lock->shown), event->u.lock.lock);
	end_earlier_taking(model, lock, claim);
	if (shown->state == ILV_STATE_RUNNING) {
		claim->depth++;
		return;
	}

	shown->mode = mode_of(event);
	is_shared = lock->shown.lock_kind == ILV_LOCK_KIND_SEM ||
		    (lock->shown.lock_kind == ILV_LOCK_KIND_RWLOCK &&
		     event->u.lock.mode == ILV_LOCK_MODE_SHARED);
	end_impossible_holds(model, lock, claim, is_shared);
	turn.executor = ilv_scheduler_free_place(&lock->shown);
	has_waited = shown->state == ILV_STATE_READY;
	claim->depth = 1;
	claim->is_shared = is_shared;
	ilv_scheduler_run(model, shown, &turn);
	if (has_waited && lock->releaser) {
		ilv_tell_edge(model, ILV_EDGE_KIND_HAND_OVER, lock->releaser, lock->release_ns,
			      shown->subject, model->now_ns, &lock->shown);
	}
	lock->releaser = NULL;
}

/*
 * Finds the hold that a release ends. Mostly the releaser's own; but what a thread took may be
 * given up by a task on it and the other way round, and a semaphore may be given back by anybody:
 * then it is the oldest hold's.
 */
static struct ilv_claim *find_hold(struct ilv_model *model, struct ilv_scheduler_node *lock,
				   struct ilv_thread *thread)
{
	struct ilv_claim *oldest = ilv_claim_find(model, lock, ilv_thread_context(thread));

	if (oldest && oldest->node.shown.state == ILV_STATE_RUNNING) {
		return oldest;
	}

	oldest = NULL;
	for (uint32_t i = 0; i < lock->places.count; i++) {
		struct ilv_claim *holder = lock->places.items[i];
		const struct ilv_entity *subject = holder ? holder->node.shown.subject : NULL;

		if (!holder ||
		    (lock->shown.lock_kind != ILV_LOCK_KIND_SEM && subject != &thread->node.shown &&
		     (subject->kind != ILV_ENTITY_KIND_TASK ||
		      subject->scheduler->thread != &thread->node.shown))) {
			continue;
		}
		if (!oldest || holder->node.shown.since_ns < oldest->node.shown.since_ns) {
			oldest = holder;
		}
	}
	return oldest;
}

static enum ilv_cause cause_of_release(const struct ilv_scheduler *lock, int32_t release_cause)
{
	if (lock->kind == ILV_SCHEDULER_KIND_GIL) {
		switch (release_cause) {
		case ILV_RELEASE_CAUSE_REQUEST:
			return ILV_CAUSE_FORCED;
		case ILV_RELEASE_CAUSE_BLOCKING:
			return ILV_CAUSE_BLOCKED;
		case ILV_RELEASE_CAUSE_YIELD:
			return ILV_CAUSE_YIELDED;
		default:
			break;
		}
	}
	return ILV_CAUSE_FINISHED;
}

ILV_HANDLER(lock_release)
{
	struct ilv_scheduler_node *lock = take_lock(model, event, thread);
	struct ilv_claim *claim = lock ? find_hold(model, lock, thread) : NULL;

	if (!lock) {
		return;
	}
	if (claim && claim->depth > 1) {
		claim->depth--;
		return;
	}
	if (claim) {
		make_idle(model, claim, cause_of_release(&lock->shown, event->u.lock.cause));
	}
	/* Also where nothing was seen to be held: the trace may have begun in between. */
	lock->releaser = ilv_thread_context(thread);
	lock->release_ns = model->now_ns;
}

ILV_HANDLER(lock_destroy)
{
	/* Of what kind it was, the event does not say. */
	const enum ilv_scheduler_kind kinds[] = {ILV_SCHEDULER_KIND_LOCK, ILV_SCHEDULER_KIND_GIL};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct ilv_scheduler_node *lock =
			ilv_scheduler_find(model, kinds[i], process_of(thread), event->u.lock.lock);

		if (lock) {
			ilv_scheduler_end(model, lock);
		}
	}
}
