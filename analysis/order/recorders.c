/* SPDX-License-Identifier: MIT */
/* Description: a table of recorders by their id, the living ones in an array beside it. */
#include "analysis/order/recorders.h"

#include <stdbool.h>
#include <stdlib.h>

#define HASH_NONFATAL_OOM            1
#define uthash_nonfatal_oom(element) is_out_of_memory = true
#include <uthash.h>

#include "base/cause.h"

/* A recorder says something with each drain, every few ms: one that is silent so long is gone. */
#define SILENCE_MAX_NS INT64_C(2000000000)

/*
 * A machine that stood still (a paused guest, a stopped session) is no silence of its recorders:
 * however long nobody says anything, it counts as so much.
 */
#define STANDSTILL_MAX_NS INT64_C(500000000)

struct recorder {
	uint64_t id;
	int32_t covered_pid;      /* 0: every process, or not said */
	int64_t watermark_ns;     /* its switches up to here are out */
	int64_t newest_switch_ns; /* of its switches that came; INT64_MIN: none */
	int64_t heard_ns;         /* when it last said something, in time that others lived */
	uint64_t arrived_count;   /* its switches that came */
	uint64_t base_count;      /* what it had counted before the trace began */
	uint64_t lost_count;
	bool has_base;
	bool has_watermark; /* else only its switches say how far it came */
	bool is_living;
	size_t living_index; /* while it lives */
	UT_hash_handle hh;
};

struct ilv_recorders {
	struct recorder *by_id;
	struct recorder **living;
	size_t living_count, living_size;
	int64_t horizon_ns;
	int64_t lived_ns; /* time of the trace in which somebody said something */
	int64_t recorded_ns;
	int64_t check_ns;         /* when to look for silent ones next, in lived time */
	uint64_t past_lost_count; /* of recorders whose id began anew */
	bool has_time;
};

struct ilv_recorders *ilv_recorders_create(void)
{
	struct ilv_recorders *recorders = calloc(1, sizeof(*recorders));

	if (recorders) {
		recorders->horizon_ns = INT64_MAX;
	}

	return recorders;
}

void ilv_recorders_destroy(struct ilv_recorders *recorders)
{
	struct recorder *recorder;
	struct recorder *next;

	if (!recorders) {
		return;
	}

	recorder = recorders->by_id;
	HASH_CLEAR(hh, recorders->by_id);
	for (; recorder; recorder = next) {
		next = recorder->hh.next;
		free(recorder);
	}

	free(recorders->living);
	free(recorders);
}

static enum ilv_status out_of_memory(void)
{
	ilv_cause_add("Cannot put events into order: out of memory");
	return ILV_STATUS_MEMORY;
}

static void find_horizon(struct ilv_recorders *recorders)
{
	recorders->horizon_ns = INT64_MAX;
	for (size_t index = 0; index < recorders->living_count; index++) {
		if (recorders->living[index]->watermark_ns < recorders->horizon_ns) {
			recorders->horizon_ns = recorders->living[index]->watermark_ns;
		}
	}
}

static enum ilv_status revive(struct ilv_recorders *recorders, struct recorder *recorder)
{
	if (recorders->living_count == recorders->living_size) {
		size_t size = recorders->living_size ? recorders->living_size * 2 : 8;
		struct recorder **grown =
			realloc(recorders->living, size * sizeof(struct recorder *));

		if (!grown) {
			return out_of_memory();
		}

		recorders->living = grown;
		recorders->living_size = size;
	}

	recorder->living_index = recorders->living_count;
	recorders->living[recorders->living_count++] = recorder;
	recorder->is_living = true;
	return ILV_STATUS_OK;
}

/* Finds the recorder `id`, or makes its acquaintance: then it may speak of all that was not given
 * out yet. */
static enum ilv_status meet(struct ilv_recorders *recorders, uint64_t id, int64_t given_ns,
			    struct recorder **met)
{
	struct recorder *recorder = NULL;
	bool is_out_of_memory = false; /* set by HASH_ADD */
	enum ilv_status status = ILV_STATUS_OK;

	HASH_FIND(hh, recorders->by_id, &id, sizeof(id), recorder);
	if (!recorder) {
		recorder = calloc(1, sizeof(*recorder));
		if (!recorder) {
			return out_of_memory();
		}

		recorder->id = id;
		recorder->watermark_ns = given_ns;
		recorder->newest_switch_ns = INT64_MIN;
		HASH_ADD(hh, recorders->by_id, id, sizeof(recorder->id), recorder);
		if (is_out_of_memory) {
			free(recorder);
			return out_of_memory();
		}
	}

	if (!recorder->is_living) {
		status = revive(recorders, recorder);
		if (recorder->watermark_ns < given_ns) {
			recorder->watermark_ns = given_ns;
		}

		if (recorder->watermark_ns < recorders->horizon_ns) {
			recorders->horizon_ns = recorder->watermark_ns;
		}
	}

	recorder->heard_ns = recorders->lived_ns;
	*met = recorder;
	return status;
}

/* Whoever closes recorders finds the horizon anew afterwards. */
static enum ilv_status close_recorder(struct ilv_recorders *recorders, struct recorder *recorder,
				      bool is_premature, ilv_recorder_closed_fn on_closed,
				      void *context)
{
	struct ilv_event event = {.type = ILV_EVENT_RECORDER_CLOSED,
				  .time_ns = recorder->watermark_ns,
				  .recorded_ns = recorders->recorded_ns,
				  .pid = (int32_t)(recorder->id >> 32),
				  .tid = -1,
				  .cpu = -1};

	/* One that took its leave has told all, also beyond its last watermark. Where watermarks
	 * are not recorded, all that came is all that is known. */
	if ((!is_premature || !recorder->has_watermark) &&
	    recorder->newest_switch_ns > event.time_ns) {
		event.time_ns = recorder->newest_switch_ns;
	}

	recorders->living[recorder->living_index] = recorders->living[--recorders->living_count];
	recorders->living[recorder->living_index]->living_index = recorder->living_index;
	recorder->is_living = false;
	event.u.closed.recorder_id = recorder->id;
	event.u.closed.covered_pid = recorder->covered_pid;
	event.u.closed.is_premature = is_premature;
	return on_closed(context, &event);
}

/* Holds what a recorder counted against what came of it. */
static void compare_counts(struct recorder *recorder, uint64_t counted)
{
	uint64_t expected = 0;

	if (!recorder->has_base) {
		/* It was at work before the trace began: only what it counts from here on can be
		 * missed. */
		recorder->has_base = true;
		recorder->base_count =
			counted > recorder->arrived_count ? counted - recorder->arrived_count : 0;
	}

	if (counted < recorder->base_count) {
		return;
	}

	expected = counted - recorder->base_count;
	if (expected > recorder->arrived_count &&
	    expected - recorder->arrived_count > recorder->lost_count) {
		recorder->lost_count = expected - recorder->arrived_count;
	}
}

static enum ilv_status hear_begin(struct ilv_recorders *recorders, const struct ilv_event *event,
				  int64_t given_ns, ilv_recorder_closed_fn on_closed, void *context)
{
	const uint64_t id = event->u.recorder_begin.recorder_id;
	struct recorder *recorder = NULL;
	enum ilv_status status = meet(recorders, id, given_ns, &recorder);

	if (status != ILV_STATUS_OK) {
		return status;
	}

	/* The same id once more: the program replaced itself (exec), and with it the recorder. */
	if (recorder->has_base) {
		status = close_recorder(recorders, recorder, true, on_closed, context);
		find_horizon(recorders);
		if (status == ILV_STATUS_OK) {
			status = meet(recorders, id, given_ns, &recorder);
		}

		recorders->past_lost_count += recorder->lost_count;
		recorder->lost_count = 0;
		recorder->newest_switch_ns = INT64_MIN;
	}

	recorder->has_base = true;
	recorder->base_count = 0;
	recorder->arrived_count = 0;
	recorder->covered_pid = event->u.recorder_begin.covered_pid;
	return status;
}

static void hear_watermark(struct ilv_recorders *recorders, struct recorder *recorder,
			   const struct ilv_event *event)
{
	int64_t up_to_ns = event->u.watermark.up_to_ns;

	recorder->has_watermark = true;
	if (up_to_ns > event->recorded_ns) {
		up_to_ns = event->recorded_ns; /* Nobody knows what is yet to come. */
	}

	if (up_to_ns > recorder->watermark_ns) {
		bool was_lowest = recorder->watermark_ns == recorders->horizon_ns;

		recorder->watermark_ns = up_to_ns;
		if (was_lowest) {
			find_horizon(recorders);
		}
	}

	compare_counts(recorder, event->u.watermark.switch_count);
}

/* Closes the recorders that ran in process `pid`; with -1, those that are silent. */
static enum ilv_status close_gone(struct ilv_recorders *recorders, int32_t pid,
				  ilv_recorder_closed_fn on_closed, void *context)
{
	enum ilv_status status = ILV_STATUS_OK;
	size_t count = recorders->living_count;

	for (size_t index = count; status == ILV_STATUS_OK && index > 0; index--) {
		struct recorder *recorder = recorders->living[index - 1];

		if (pid >= 0 ? recorder->id >> 32 == (uint64_t)pid
			     : recorders->lived_ns - recorder->heard_ns >= SILENCE_MAX_NS) {
			status = close_recorder(recorders, recorder, true, on_closed, context);
		}
	}

	if (recorders->living_count != count) {
		find_horizon(recorders);
	}

	return status;
}

static void let_time_pass(struct ilv_recorders *recorders, int64_t recorded_ns)
{
	int64_t passed_ns = recorders->has_time ? recorded_ns - recorders->recorded_ns : 0;

	if (passed_ns < 0) {
		passed_ns = 0;
	} else if (passed_ns > STANDSTILL_MAX_NS) {
		passed_ns = STANDSTILL_MAX_NS;
	}

	recorders->has_time = true;
	recorders->recorded_ns = recorded_ns;
	recorders->lived_ns += passed_ns;
}

enum ilv_status ilv_recorders_hear(struct ilv_recorders *recorders, const struct ilv_event *event,
				   int64_t given_ns, ilv_recorder_closed_fn on_closed,
				   void *context)
{
	struct recorder *recorder = NULL;
	enum ilv_status status = ILV_STATUS_OK;

	let_time_pass(recorders, event->recorded_ns);
	switch (event->type) {
	case ILV_EVENT_RECORDER_BEGIN:
		status = hear_begin(recorders, event, given_ns, on_closed, context);
		break;
	case ILV_EVENT_SWITCH_WATERMARK:
		status = meet(recorders, event->u.watermark.recorder_id, given_ns, &recorder);
		if (status == ILV_STATUS_OK) {
			hear_watermark(recorders, recorder, event);
		}
		break;
	case ILV_EVENT_SWITCH_LOST:
		status = meet(recorders, event->u.switch_lost.recorder_id, given_ns, &recorder);
		break;
	case ILV_EVENT_THREAD_SWITCH_IN:
	case ILV_EVENT_THREAD_SWITCH_OUT:
	case ILV_EVENT_THREAD_WAKEUP:
		status = meet(recorders, event->u.thread_switch.recorder_id, given_ns, &recorder);
		if (status == ILV_STATUS_OK) {
			recorder->arrived_count++;
			if (event->time_ns > recorder->newest_switch_ns) {
				recorder->newest_switch_ns = event->time_ns;
			}
		}
		break;
	case ILV_EVENT_PROCESS_FORK:
		status = meet(recorders, event->u.fork.recorder_id, given_ns, &recorder);
		break;
	case ILV_EVENT_RECORDER_END:
		status = meet(recorders, event->u.recorder_end.recorder_id, given_ns, &recorder);
		if (status == ILV_STATUS_OK) {
			compare_counts(recorder, event->u.recorder_end.switch_count);
			status = close_recorder(recorders, recorder, false, on_closed, context);
			find_horizon(recorders);
		}
		break;
	case ILV_EVENT_PROCESS_EXIT:
		if (event->pid >= 0) {
			status = close_gone(recorders, event->pid, on_closed, context);
		}
		break;
	default:
		break;
	}

	if (status == ILV_STATUS_OK && recorders->lived_ns >= recorders->check_ns) {
		recorders->check_ns = recorders->lived_ns + SILENCE_MAX_NS / 20;
		status = close_gone(recorders, -1, on_closed, context);
	}

	return status;
}

enum ilv_status ilv_recorders_close_all(struct ilv_recorders *recorders,
					ilv_recorder_closed_fn on_closed, void *context)
{
	enum ilv_status status = ILV_STATUS_OK;

	while (status == ILV_STATUS_OK && recorders->living_count > 0) {
		status = close_recorder(recorders, recorders->living[recorders->living_count - 1],
					true, on_closed, context);
	}

	find_horizon(recorders);
	return status;
}

int64_t ilv_recorders_horizon_ns(const struct ilv_recorders *recorders)
{
	return recorders->horizon_ns;
}

uint64_t ilv_recorders_lost_switch_count(const struct ilv_recorders *recorders)
{
	uint64_t count = recorders->past_lost_count;

	for (const struct recorder *recorder = recorders->by_id; recorder;
	     recorder = recorder->hh.next) {
		count += recorder->lost_count;
	}

	return count;
}
