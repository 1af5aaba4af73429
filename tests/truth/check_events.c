/* SPDX-License-Identifier: MIT */
/*
 * Description: what must hold of the ordered events themselves. The model keeps some of it by
 * construction, so it is not asked here.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decode/decode.h"
#include "analysis/order/order.h"
#include "base/cause.h"
#include "tests/truth/checks.h"

/* Something that one at a time may have: a CPU, a loop, a mutex. */
struct place {
	struct {
		uint64_t address;
		int32_t pid;
		int32_t kind;
	} key;
	uint64_t holder;    /* 0: nobody */
	int32_t holder_pid; /* whose process it is, of a CPU */
	UT_hash_handle hh;
};

enum place_kind { PLACE_KIND_CPU, PLACE_KIND_THREAD, PLACE_KIND_LOOP, PLACE_KIND_MUTEX };

static const char *const place_names[] = {"CPU", "thread", "loop", "mutex"};

struct walk {
	struct truth *truth;
	struct event_facts *facts;
	struct place *places;
	int64_t last_ns;
};

static struct place *take_place(struct walk *walk, enum place_kind kind, int32_t pid,
				uint64_t address)
{
	struct place wanted;
	struct place *place;

	memset(&wanted, 0, sizeof(wanted));
	wanted.key.address = address;
	wanted.key.pid = pid;
	wanted.key.kind = (int32_t)kind;
	HASH_FIND(hh, walk->places, &wanted.key, sizeof(wanted.key), place);
	if (!place) {
		place = calloc(1, sizeof(*place));
		if (!place) {
			abort();
		}
		place->key = wanted.key;
		HASH_ADD(hh, walk->places, key, sizeof(place->key), place);
	}
	return place;
}

static void enter(struct walk *walk, const struct ilv_event *event, enum place_kind kind,
		  int32_t pid, uint64_t address, uint64_t who)
{
	struct place *place = take_place(walk, kind, pid, address);

	if (place->holder != 0) {
		check_fail("%s 0x%" PRIx64 " is taken by %" PRIu64 " at %" PRId64
			   " ns, and %" PRIu64 " has it still",
			   place_names[kind], address, who, event->time_ns, place->holder);
	}
	place->holder = who;
}

/* `is_strict`: who leaves must have entered; otherwise it may have, before the recording began. */
static void leave(struct walk *walk, const struct ilv_event *event, enum place_kind kind,
		  int32_t pid, uint64_t address, uint64_t who, bool is_strict)
{
	struct place *place = take_place(walk, kind, pid, address);

	if (place->holder != who && (is_strict || place->holder != 0)) {
		check_fail("%s 0x%" PRIx64 " is left by %" PRIu64 " at %" PRId64 " ns, and %" PRIu64
			   " has it",
			   place_names[kind], address, who, event->time_ns, place->holder);
	}
	place->holder = 0;
}

static void see_switch(struct walk *walk, const struct ilv_event *event)
{
	const int32_t tid = event->u.thread_switch.tid;
	const int32_t cpu = event->u.thread_switch.cpu;

	walk->facts->switch_count++;
	if (event->type == ILV_EVENT_THREAD_SWITCH_IN) {
		enter(walk, event, PLACE_KIND_CPU, 0, (uint64_t)cpu, (uint64_t)tid);
		take_place(walk, PLACE_KIND_CPU, 0, (uint64_t)cpu)->holder_pid =
			event->u.thread_switch.pid;
		enter(walk, event, PLACE_KIND_THREAD, 0, (uint64_t)tid, (uint64_t)cpu + 1);
	} else {
		leave(walk, event, PLACE_KIND_CPU, 0, (uint64_t)cpu, (uint64_t)tid, false);
		leave(walk, event, PLACE_KIND_THREAD, 0, (uint64_t)tid, (uint64_t)cpu + 1, false);
	}
}

/* Its recorder ends with it, and so does not see it leave its CPU. */
static void see_exit(struct walk *walk, const struct ilv_event *event)
{
	struct place *place;

	for (place = walk->places; place; place = place->hh.next) {
		if (place->key.kind == PLACE_KIND_CPU && place->holder_pid == event->pid) {
			place->holder = 0;
		}
	}
}

static void see_task(struct walk *walk, const struct ilv_event *event)
{
	const uint64_t loop = event->u.task.loop;
	const uint64_t number = event->u.task.task;
	struct task_truth *task = truth_find_task(walk->truth, event->pid, loop, number);

	if (event->type == ILV_EVENT_TASK_RESUME) {
		enter(walk, event, PLACE_KIND_LOOP, event->pid, loop, number);
	} else {
		leave(walk, event, PLACE_KIND_LOOP, event->pid, loop, number, true);
	}
	if (task) {
		task->told_resume_count += event->type == ILV_EVENT_TASK_RESUME;
		task->told_yield_count += event->type == ILV_EVENT_TASK_YIELD;
	}
}

static void see_lock(struct walk *walk, const struct ilv_event *event)
{
	const bool is_acquire = event->type == ILV_EVENT_LOCK_ACQUIRE;

	/* What a process did of which no truth tells was no part of a run. */
	walk->facts->lock_acquire_count +=
		is_acquire && truth_find_process(walk->truth, event->pid, 0, INT64_MAX) != NULL;
	if (event->u.lock.kind != ILV_LOCK_KIND_MUTEX) {
		return;
	}
	if (is_acquire) {
		enter(walk, event, PLACE_KIND_MUTEX, event->pid, event->u.lock.lock,
		      (uint64_t)event->tid);
	} else {
		leave(walk, event, PLACE_KIND_MUTEX, event->pid, event->u.lock.lock,
		      (uint64_t)event->tid, true);
	}
}

static void see(struct walk *walk, const struct ilv_event *event)
{
	if (event->time_ns < walk->last_ns) {
		check_fail("%s at %" PRId64 " ns comes after %" PRId64 " ns",
			   ilv_event_type_name(event->type), event->time_ns, walk->last_ns);
	}
	walk->last_ns = event->time_ns;

	switch (event->type) {
	case ILV_EVENT_THREAD_SWITCH_IN:
	case ILV_EVENT_THREAD_SWITCH_OUT:
		see_switch(walk, event);
		break;
	case ILV_EVENT_TASK_RESUME:
	case ILV_EVENT_TASK_YIELD:
	case ILV_EVENT_TASK_DONE:
		see_task(walk, event);
		break;
	case ILV_EVENT_LOOP_POLL_BEGIN:
		check_equal(
			(int64_t)take_place(walk, PLACE_KIND_LOOP, event->pid, event->u.task.loop)
				->holder,
			0, "the task that runs while its loop polls");
		break;
	case ILV_EVENT_PROCESS_EXIT:
		see_exit(walk, event);
		break;
	case ILV_EVENT_LOCK_ACQUIRE:
	case ILV_EVENT_LOCK_RELEASE:
		see_lock(walk, event);
		break;
	default:
		break;
	}
}

static enum ilv_status drain(struct walk *walk, struct ilv_order *order)
{
	const struct ilv_event *event;
	enum ilv_status status;

	while ((status = ilv_order_pop(order, &event)) == ILV_STATUS_OK) {
		see(walk, event);
	}
	return status;
}

enum ilv_status check_events(const char *path, struct truth *truth, struct event_facts *facts)
{
	struct walk walk = {.truth = truth, .facts = facts};
	struct ilv_order *order = ilv_order_create();
	struct ilv_decoder *decoder = NULL;
	const struct ilv_event *event;
	struct place *place;
	struct place *next;
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (!order) {
		goto end;
	}
	status = ilv_decoder_open(path, 0, &decoder);
	while (status >= ILV_STATUS_OK) {
		status = ilv_decoder_next(decoder, &event);
		if (status != ILV_STATUS_OK) {
			break;
		}
		facts->event_count++;
		status = ilv_order_push(order, event);
		if (status >= ILV_STATUS_OK) {
			status = drain(&walk, order);
		}
	}
	if (status < ILV_STATUS_OK) {
		goto end;
	}
	ilv_order_end(order);
	status = drain(&walk, order);
	if (status < ILV_STATUS_OK) {
		goto end;
	}
	status = ILV_STATUS_OK;
	check_equal((int64_t)ilv_order_late_count(order), 0, "late switches");
	check_equal((int64_t)ilv_decoder_facts(decoder)->discarded_event_count, 0,
		    "discarded events");

end:
	HASH_ITER (hh, walk.places, place, next) {
		HASH_DEL(walk.places, place);
		free(place);
	}
	ilv_decoder_close(decoder);
	ilv_order_destroy(order);
	return status;
}
