/* SPDX-License-Identifier: MIT */
/*
 * Description: whatever comes in, in whatever order, what the model says must hang together. Random
 * events from a small world (few numbers, so that they collide and are reused), and after them the
 * laws that no trace may break.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/model/interval.h"
#include "analysis/model/model.h"

#define SEED_COUNT  48
#define EVENT_COUNT 2500
#define CHECK_EVERY 50

struct seen {
	enum ilv_state state;
	int64_t since_ns;
	int64_t told_up_to_ns; /* intervals: where the next part must begin */
};

struct watch {
	struct ilv_model *model;
	struct seen *seen;
	uint32_t count;
	int64_t now_ns, delivered_ns;
	uint64_t change_count, interval_count;
};

static uint64_t random_state;

static uint32_t pick(uint32_t count)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 33) % count;
}

static void advance(struct watch *watch, int64_t time_ns)
{
	assert_true(time_ns >= watch->now_ns);
	watch->now_ns = time_ns;
}

static enum ilv_status on_entity(void *context, const struct ilv_entity *entity)
{
	struct watch *watch = context;

	assert_int_equal(entity->index, watch->count);
	watch->seen = realloc(watch->seen, (watch->count + 1) * sizeof(*watch->seen));
	assert_non_null(watch->seen);
	watch->seen[watch->count++] = (struct seen){
		.state = entity->state,
		.since_ns = entity->begin_ns,
		.told_up_to_ns = entity->begin_ns,
	};
	assert_int_equal(entity->state, ILV_STATE_UNKNOWN);
	advance(watch, entity->begin_ns);
	return ILV_STATUS_OK;
}

static enum ilv_status on_change(void *context, const struct ilv_change *change)
{
	struct watch *watch = context;
	struct seen *seen = &watch->seen[change->entity->index];

	watch->change_count++;
	advance(watch, change->time_ns);
	assert_int_equal(change->entity->state, seen->state);
	assert_int_equal(change->entity->since_ns, seen->since_ns);
	assert_int_not_equal(seen->state, ILV_STATE_DONE);
	if (change->is_correction) {
		assert_int_equal(change->state, seen->state);
		return ILV_STATUS_OK;
	}
	/* Only what does not run may go on as it was: that is a counted switch whose begin was
	 * lost. */
	assert_true(change->state != seen->state || change->is_counted ||
		    change->state == ILV_STATE_RUNNING);
	seen->state = change->state;
	seen->since_ns = change->time_ns;
	return ILV_STATUS_OK;
}

static enum ilv_status on_edge(void *context, const struct ilv_edge *edge)
{
	(void)context;
	assert_non_null(edge->from);
	assert_non_null(edge->to);
	assert_ptr_not_equal(edge->from, edge->to);
	assert_true(edge->from_ns <= edge->to_ns);
	return ILV_STATUS_OK;
}

static enum ilv_status on_mark(void *context, const struct ilv_mark *mark)
{
	advance(context, mark->time_ns);
	return ILV_STATUS_OK;
}

static enum ilv_status on_interval(void *context, const struct ilv_interval *interval)
{
	struct watch *watch = context;
	struct seen *seen = &watch->seen[interval->entity->index];

	watch->interval_count++;
	assert_true(interval->end_ns >= watch->delivered_ns);
	watch->delivered_ns = interval->end_ns;
	assert_int_equal(interval->begin_ns, seen->told_up_to_ns);
	assert_true(interval->begin_ns <= interval->end_ns);
	assert_true(interval->since_ns <= interval->begin_ns);
	assert_int_not_equal(interval->state, ILV_STATE_DONE);
	assert_in_range(interval->reason, 0, ILV_WAIT_REASON_LOOP);
	assert_in_range(interval->entity->role, 0, ILV_ROLE_TRACER);
	assert_true(interval->executor >= -1 && interval->executor < 65536);
	if (interval->run) {
		assert_true(interval->begin_ns >= interval->run->begin_ns);
		assert_true(interval->end_ns <= interval->run->end_ns);
	}
	seen->told_up_to_ns = interval->end_ns;
	return ILV_STATUS_OK;
}

/* All who are ready in `scheduler` stand in its line, who has been so for longest first. */
static void check_line(const struct ilv_scheduler *scheduler, uint32_t ready_count)
{
	int64_t since_ns = INT64_MIN;
	uint32_t count = 0;

	for (const struct ilv_entity *entity = scheduler->first_ready; entity;
	     entity = entity->next_ready) {
		assert_ptr_equal(entity->scheduler, scheduler);
		assert_int_equal(entity->state, ILV_STATE_READY);
		assert_true(entity->since_ns >= since_ns);
		since_ns = entity->since_ns;
		count++;
	}

	assert_int_equal(count, ready_count);
	assert_int_equal(scheduler->ready_count, ready_count);
}

/* The laws that hold between any two events. */
static void check_now(const struct watch *watch)
{
	uint32_t entity_count;
	uint32_t scheduler_count;
	struct ilv_entity *const *entities = ilv_model_entities(watch->model, &entity_count);
	struct ilv_scheduler *const *schedulers =
		ilv_model_schedulers(watch->model, &scheduler_count);
	uint32_t *running = calloc(scheduler_count, sizeof(*running));
	uint32_t *ready = calloc(scheduler_count, sizeof(*ready));
	uint32_t *holding = calloc(entity_count + 1, sizeof(*holding));
	const struct ilv_entity *on_cpu[64] = {NULL};

	assert_int_equal(entity_count, watch->count);
	for (uint32_t i = 0; i < entity_count; i++) {
		const struct ilv_entity *entity = entities[i];

		assert_int_equal(entity->state, watch->seen[i].state);
		assert_int_equal(entity->state == ILV_STATE_DONE, entity->end_ns != INT64_MAX);
		ready[entity->scheduler->index] += entity->state == ILV_STATE_READY;
		if (entity->state != ILV_STATE_RUNNING) {
			assert_int_equal(entity->executor, -1);
			continue;
		}
		running[entity->scheduler->index]++;
		holding[entity->subject->index] += entity->kind == ILV_ENTITY_KIND_CLAIM;
		if (entity->kind == ILV_ENTITY_KIND_THREAD && entity->executor >= 0 &&
		    entity->executor < 64) {
			assert_null(on_cpu[entity->executor]);
			on_cpu[entity->executor] = entity;
		}
	}
	for (uint32_t i = 0; i < scheduler_count; i++) {
		assert_int_equal(schedulers[i]->running_count, running[i]);
		check_line(schedulers[i], ready[i]);
		if (schedulers[i]->kind == ILV_SCHEDULER_KIND_LOOP ||
		    schedulers[i]->kind == ILV_SCHEDULER_KIND_GIL) {
			assert_true(running[i] <= 1);
		}
		if (schedulers[i]->kind == ILV_SCHEDULER_KIND_LOCK &&
		    (schedulers[i]->lock_kind == ILV_LOCK_KIND_MUTEX ||
		     schedulers[i]->lock_kind == ILV_LOCK_KIND_SPIN)) {
			assert_true(running[i] <= 1);
		}
	}
	for (uint32_t i = 0; i < entity_count; i++) {
		assert_true(entities[i]->held_lock_count <= holding[i]);
	}
	free(running);
	free(ready);
	free(holding);
}

/* Each life is told from its begin to its end, without a gap. */
static void check_end(const struct watch *watch)
{
	uint32_t count;
	struct ilv_entity *const *entities = ilv_model_entities(watch->model, &count);

	for (uint32_t i = 0; i < count; i++) {
		int64_t end_ns =
			entities[i]->state == ILV_STATE_DONE ? entities[i]->end_ns : watch->now_ns;

		assert_int_equal(watch->seen[i].told_up_to_ns, end_ns);
	}
}

static void fill_own(struct ilv_event *event, int32_t pid)
{
	switch (event->type) {
	case ILV_EVENT_RECORDER_BEGIN:
		event->u.recorder_begin.recorder_id = pick(3);
		event->u.recorder_begin.source = (int32_t)pick(5);
		event->u.recorder_begin.covered_pid = (int32_t)pick(6);
		break;
	case ILV_EVENT_RECORDER_CLOSED:
	case ILV_EVENT_RECORDER_END:
	case ILV_EVENT_SWITCH_WATERMARK:
		event->u.closed.recorder_id = pick(3);
		break;
	case ILV_EVENT_SWITCH_LOST:
		event->u.switch_lost.recorder_id = pick(3);
		event->u.switch_lost.cpu = (int32_t)pick(5) - 1;
		break;
	case ILV_EVENT_THREAD_SWITCH_IN:
	case ILV_EVENT_THREAD_SWITCH_OUT:
	case ILV_EVENT_THREAD_WAKEUP:
		event->u.thread_switch.recorder_id = pick(3);
		event->u.thread_switch.pid = pick(20) == 0 ? -1 : pid;
		event->u.thread_switch.tid = pid + (int32_t)pick(4);
		event->u.thread_switch.cpu = pick(50) == 0 ? INT32_MAX : (int32_t)pick(4) - 1;
		event->u.thread_switch.other_tid = (int32_t)pick(12) - 1;
		event->u.thread_switch.is_involuntary = (int32_t)pick(2);
		break;
	case ILV_EVENT_PROCESS_FORK:
		event->u.fork.recorder_id = pick(3);
		event->u.fork.pid = (int32_t)pick(6) - 1;
		event->u.fork.parent_pid = pick(20) == 0 ? -1 : pid;
		break;
	case ILV_EVENT_THREAD_CREATE:
	case ILV_EVENT_THREAD_START:
	case ILV_EVENT_THREAD_ANNOUNCE:
		event->u.thread.key = pick(3);
		event->u.thread.tid = pid + (int32_t)pick(4);
		event->u.thread.parent_tid = pid + (int32_t)pick(4);
		event->u.thread.role = (int32_t)pick(10) - 1;
		break;
	case ILV_EVENT_THREAD_JOIN_BEGIN:
	case ILV_EVENT_THREAD_JOIN_END:
		event->u.join.joined_tid = (int32_t)pick(12) - 1;
		break;
	case ILV_EVENT_LOCK_NAME:
	case ILV_EVENT_LOCK_WAIT_BEGIN:
	case ILV_EVENT_LOCK_WAIT_ABANDON:
	case ILV_EVENT_LOCK_ACQUIRE:
	case ILV_EVENT_LOCK_RELEASE:
	case ILV_EVENT_LOCK_DESTROY:
		event->u.lock.lock = pick(5);
		event->u.lock.kind = pick(30) == 0 ? (int32_t)pick(5)
						   : (int32_t)event->u.lock.lock; /* mostly one */
		event->u.lock.mode = (int32_t)pick(2);
		event->u.lock.cause = (int32_t)pick(4);
		event->u.lock.capacity = pick(3);
		break;
	case ILV_EVENT_WAIT_BEGIN:
	case ILV_EVENT_WAIT_END:
		event->u.wait.reason = (int32_t)pick(18) - 1;
		event->u.wait.object = pick(2);
		break;
	case ILV_EVENT_PROCESS_SPAWN:
	case ILV_EVENT_PROCESS_START:
	case ILV_EVENT_PROCESS_EXIT:
	case ILV_EVENT_PROCESS_WAIT_BEGIN:
	case ILV_EVENT_PROCESS_WAIT_END:
		event->u.process.child_pid = (int32_t)pick(7) - 1;
		event->u.process.parent_pid = (int32_t)pick(7) - 1;
		event->u.process.started_ns = (int64_t)pick(100000);
		event->u.process.event_count = pick(1000);
		break;
	default: /* Loops, tasks, pools, jobs: the numbers lie alike, but for the last. */
		event->u.task.loop = pick(2);
		event->u.task.task = pick(6);
		event->u.task.other_task = pick(6);
		if (event->type == ILV_EVENT_TASK_YIELD) {
			event->u.task.reason = (int32_t)pick(18) - 1;
			event->u.task.object = pick(5);
		}
		break;
	}
}

/* Events that tear much down are rare, or nothing would ever get built up. */
static enum ilv_event_type pick_type(void)
{
	for (;;) {
		enum ilv_event_type type = (enum ilv_event_type)pick(ILV_EVENT_COUNT);
		bool is_strong =
			type == ILV_EVENT_PROCESS_EXIT || type == ILV_EVENT_PROCESS_WAIT_END ||
			type == ILV_EVENT_PROCESS_SPAWN || type == ILV_EVENT_PROCESS_START ||
			type == ILV_EVENT_RECORDER_CLOSED || type == ILV_EVENT_THREAD_EXIT ||
			type == ILV_EVENT_LOOP_CREATE || type == ILV_EVENT_RUN_BEGIN ||
			type == ILV_EVENT_RUN_END;
		/* What job_submit and run_begin carry lies where strings lie in others. */
		bool has_text = type == ILV_EVENT_POOL_CREATE || type == ILV_EVENT_JOB_SUBMIT ||
				type == ILV_EVENT_RUN_BEGIN || type == ILV_EVENT_PHASE_BEGIN ||
				type == ILV_EVENT_PHASE_END || type == ILV_EVENT_PHASE_POINT ||
				type == ILV_EVENT_PHASE_COUNT || type == ILV_EVENT_PHASE_PRICE;

		if ((!is_strong || pick(12) == 0) && (!has_text || pick(2) == 0)) {
			return type;
		}
	}
}

static struct ilv_event make_event(int64_t time_ns)
{
	int32_t pid = 1 + (int32_t)pick(5);
	struct ilv_event event = {
		.time_ns = time_ns,
		.recorded_ns = time_ns,
		.type = pick_type(),
		.pid = pick(40) == 0 ? -1 : pid,
		.tid = pick(40) == 0 ? -1 : pid + (int32_t)pick(4),
		.cpu = (int32_t)pick(5) - 1,
	};

	switch (event.type) {
	case ILV_EVENT_RUN_BEGIN:
	case ILV_EVENT_RUN_END:
	case ILV_EVENT_RUN_NOTE:
	case ILV_EVENT_PHASE_BEGIN:
	case ILV_EVENT_PHASE_END:
	case ILV_EVENT_PHASE_POINT:
	case ILV_EVENT_PHASE_COUNT:
	case ILV_EVENT_PHASE_PRICE:
		break;
	case ILV_EVENT_POOL_CREATE:
	case ILV_EVENT_JOB_SUBMIT:
	case ILV_EVENT_JOB_BEGIN:
	case ILV_EVENT_JOB_END:
		event.u.job.pool = pick(2);
		event.u.job.job = pick(5);
		event.u.job.worker_count = pick(3);
		break;
	case ILV_EVENT_SHARED_READ:
	case ILV_EVENT_SHARED_WRITE:
	case ILV_EVENT_SHARED_UPDATE:
		event.u.shared.address = pick(3);
		break;
	default:
		fill_own(&event, pid);
		break;
	}
	return event;
}

static void test_laws_hold_whatever_comes(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEED_COUNT; seed++) {
		struct watch watch = {.delivered_ns = INT64_MIN};
		struct ilv_model_listener listener = {
			.context = &watch,
			.on_entity = on_entity,
			.on_change = on_change,
			.on_edge = on_edge,
			.on_mark = on_mark,
		};
		struct ilv_intervals *intervals;
		int64_t time_ns = 1000;

		random_state = seed * 0x9e3779b97f4a7c15u;
		watch.model = ilv_model_create();
		assert_non_null(watch.model);
		ilv_model_set_implied_run(watch.model, seed % 4 == 0);
		assert_int_equal(ilv_model_listen(watch.model, &listener), ILV_STATUS_OK);
		intervals = ilv_intervals_create(watch.model, on_interval, &watch);
		assert_non_null(intervals);

		for (uint32_t i = 0; i < EVENT_COUNT; i++) {
			struct ilv_event event;

			time_ns += (int64_t)pick(30) - 2; /* Some come late. */
			event = make_event(time_ns);
			assert_int_equal(ilv_model_feed(watch.model, &event), ILV_STATUS_OK);
			if (i % CHECK_EVERY == 0) {
				check_now(&watch);
			}
		}
		if (watch.now_ns < time_ns) {
			watch.now_ns = time_ns;
		}
		assert_int_equal(ilv_model_finish(watch.model), ILV_STATUS_OK);
		watch.now_ns =
			watch.delivered_ns > watch.now_ns ? watch.delivered_ns : watch.now_ns;
		check_now(&watch);
		check_end(&watch);
		assert_true(watch.change_count > EVENT_COUNT / 10);
		assert_true(watch.interval_count > EVENT_COUNT / 10);

		ilv_intervals_destroy(intervals);
		ilv_model_destroy(watch.model);
		free(watch.seen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_laws_hold_whatever_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
