/* SPDX-License-Identifier: MIT */
/*
 * Description: ordinary events wait in a queue, for they come in order; switches wait in a heap.
 * The older of the two heads goes out when no living recorder can say anything earlier any more.
 * Where nobody records switches nothing has to wait, and nothing is copied.
 */
#include "analysis/order/order.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/order/recorders.h"
#include "base/cause.h"

/* Beyond this many, the oldest go out, come what may: a bound of memory (about 200 MB), not a
 * tuning knob. */
#define WAITING_MAX 2000000

#define SIZE_MIN 1024

/* A switch, or a closing, with its place among equal times. */
struct dated {
	struct ilv_event event;
	uint64_t number;
};

struct ilv_order {
	struct ilv_recorders *recorders;

	/* Events whose time is the trace's own: a ring, `number` of the first is `first_number`. */
	struct dated *queue;
	size_t queue_size; /* a power of two */
	size_t queue_head, queue_count;

	/* Events of an earlier time: a heap. */
	struct dated *heap;
	size_t heap_size, heap_count;

	/* The caller's: nothing is before it, and nothing can come before it. NULL: none. */
	const struct ilv_event *passing;
	struct ilv_event given; /* what left the heap last */
	uint64_t next_number;
	int64_t newest_ns; /* the time of what went out last */
	uint64_t late_count;
	size_t peak_count;
	bool is_ended;
};

static enum ilv_status out_of_memory(void)
{
	ilv_cause_add("Cannot put events into order: out of memory");
	return ILV_STATUS_MEMORY;
}

struct ilv_order *ilv_order_create(void)
{
	struct ilv_order *order = calloc(1, sizeof(*order));

	if (!order) {
		return NULL;
	}

	order->newest_ns = INT64_MIN;
	order->queue_size = SIZE_MIN;
	order->heap_size = SIZE_MIN;
	order->queue = malloc(order->queue_size * sizeof(*order->queue));
	order->heap = malloc(order->heap_size * sizeof(*order->heap));
	order->recorders = ilv_recorders_create();
	if (!order->queue || !order->heap || !order->recorders) {
		ilv_order_destroy(order);
		return NULL;
	}

	return order;
}

void ilv_order_destroy(struct ilv_order *order)
{
	if (!order) {
		return;
	}

	ilv_recorders_destroy(order->recorders);
	free(order->queue);
	free(order->heap);
	free(order);
}

static enum ilv_status queue_push(struct ilv_order *order, const struct ilv_event *event)
{
	struct dated *slot = NULL;

	if (order->queue_count == order->queue_size) {
		struct dated *grown = malloc(order->queue_size * 2 * sizeof(*grown));
		size_t first = order->queue_size - order->queue_head;

		if (!grown) {
			return out_of_memory();
		}

		memcpy(grown, order->queue + order->queue_head, first * sizeof(*grown));
		memcpy(grown + first, order->queue, order->queue_head * sizeof(*grown));
		free(order->queue);
		order->queue = grown;
		order->queue_head = 0;
		order->queue_size *= 2;
	}

	slot = &order->queue[(order->queue_head + order->queue_count) & (order->queue_size - 1)];
	slot->event = *event;
	slot->number = order->next_number++;
	order->queue_count++;
	return ILV_STATUS_OK;
}

static bool is_before(const struct dated *left, const struct dated *right)
{
	if (left->event.time_ns != right->event.time_ns) {
		return left->event.time_ns < right->event.time_ns;
	}

	return left->number < right->number;
}

static enum ilv_status heap_push(struct ilv_order *order, const struct ilv_event *event)
{
	struct dated dated = {.event = *event, .number = order->next_number++};
	size_t at = order->heap_count;

	if (order->heap_count == order->heap_size) {
		const size_t size = order->heap_size > 0 ? 2 * order->heap_size : SIZE_MIN;
		struct dated *grown = realloc(order->heap, size * sizeof(*grown));

		if (!grown) {
			return out_of_memory();
		}

		order->heap = grown;
		order->heap_size = size;
	}

	order->heap_count++;
	while (at > 0 && is_before(&dated, &order->heap[(at - 1) / 2])) {
		order->heap[at] = order->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}

	order->heap[at] = dated;
	return ILV_STATUS_OK;
}

static void heap_remove_first(struct ilv_order *order)
{
	const struct dated last = order->heap[--order->heap_count];
	size_t at = 0;

	for (;;) {
		size_t below = at * 2 + 1;

		if (below >= order->heap_count) {
			break;
		}

		if (below + 1 < order->heap_count &&
		    is_before(&order->heap[below + 1], &order->heap[below])) {
			below++;
		}

		if (!is_before(&order->heap[below], &last)) {
			break;
		}

		order->heap[at] = order->heap[below];
		at = below;
	}

	order->heap[at] = last;
}

/* Puts the closing of a recorder where its last watermark stands. */
static enum ilv_status on_closed(void *context, const struct ilv_event *event)
{
	return heap_push(context, event);
}

/* Copies an event, to keep it until its turn. */
static enum ilv_status keep(struct ilv_order *order, const struct ilv_event *event)
{
	return event->time_ns < event->recorded_ns ? heap_push(order, event)
						   : queue_push(order, event);
}

/* Whether `event` goes out at once, as it is. */
static bool can_pass(const struct ilv_order *order, const struct ilv_event *event)
{
	return order->queue_count == 0 && order->heap_count == 0 &&
	       event->time_ns >= order->newest_ns &&
	       event->time_ns <= ilv_recorders_horizon_ns(order->recorders);
}

enum ilv_status ilv_order_push(struct ilv_order *order, const struct ilv_event *event)
{
	enum ilv_status status = ILV_STATUS_OK;
	size_t waiting = 0;

	if (order->passing) {
		status = keep(order, order->passing);
		order->passing = NULL;
	}
	if (status == ILV_STATUS_OK) {
		status = ilv_recorders_hear(order->recorders, event, order->newest_ns, on_closed,
					    order);
	}
	if (status != ILV_STATUS_OK) {
		return status;
	}

	if (can_pass(order, event)) {
		order->passing = event;
	} else {
		status = keep(order, event);
	}

	waiting = order->queue_count + order->heap_count + (order->passing != NULL);
	if (waiting > order->peak_count) {
		order->peak_count = waiting;
	}

	return status;
}

void ilv_order_end(struct ilv_order *order)
{
	/* Cannot fail for want of memory in a way that matters: a closing that is not said is said
	 * by the end itself. */
	if (ilv_recorders_close_all(order->recorders, on_closed, order) != ILV_STATUS_OK) {
		ilv_cause_clear();
	}

	order->is_ended = true;
}

enum ilv_status ilv_order_pop(struct ilv_order *order, const struct ilv_event **event)
{
	struct dated *queued = NULL;
	struct dated *dated = NULL;
	struct dated *next = NULL;
	struct ilv_event *given = NULL;

	if (order->passing) {
		*event = order->passing;
		order->newest_ns = order->passing->time_ns;
		order->passing = NULL;
		return ILV_STATUS_OK;
	}

	*event = NULL;
	queued = order->queue_count > 0 ? &order->queue[order->queue_head] : NULL;
	dated = order->heap_count > 0 ? &order->heap[0] : NULL;
	if (!queued && !dated) {
		return order->is_ended ? ILV_STATUS_END : ILV_STATUS_AGAIN;
	}

	next = !queued || (dated && is_before(dated, queued)) ? dated : queued;
	if (!order->is_ended && next->event.time_ns > ilv_recorders_horizon_ns(order->recorders) &&
	    order->queue_count + order->heap_count <= WAITING_MAX) {
		return ILV_STATUS_AGAIN;
	}

	if (next == dated) {
		order->given = next->event;
		heap_remove_first(order);
		given = &order->given;
	} else {
		given = &next->event; /* It stays in its place until another one is pushed. */
		order->queue_count--;
		/* Where nothing waits, all go through the same few places. */
		order->queue_head = order->queue_count > 0
					    ? (order->queue_head + 1) & (order->queue_size - 1)
					    : 0;
	}

	if (given->time_ns < order->newest_ns) {
		if (given->type != ILV_EVENT_RECORDER_CLOSED) {
			order->late_count++;
			given->is_late = true;
		}

		given->time_ns = order->newest_ns;
	}

	order->newest_ns = given->time_ns;
	*event = given;
	return ILV_STATUS_OK;
}

uint64_t ilv_order_late_count(const struct ilv_order *order)
{
	return order->late_count;
}

uint64_t ilv_order_lost_switch_count(const struct ilv_order *order)
{
	return ilv_recorders_lost_switch_count(order->recorders);
}

size_t ilv_order_peak_count(const struct ilv_order *order)
{
	return order->peak_count;
}
