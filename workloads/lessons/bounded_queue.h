/* SPDX-License-Identifier: MIT */
/*
 * Description: queues of numbers with room for so many, in the ways that systems offer: who puts
 * into a full one waits, as does who takes from an empty one.
 */
#ifndef ILV_WORKLOADS_LESSONS_BOUNDED_QUEUE_H
#define ILV_WORKLOADS_LESSONS_BOUNDED_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum ilv_queue_kind {
	ILV_QUEUE_KIND_CONDITION, /* mutex and two condition variables; of threads */
	ILV_QUEUE_KIND_SEMAPHORE, /* two semaphores that count room and items; of threads */
	ILV_QUEUE_KIND_PIPE,      /* the kernel's own queue; of threads or tasks */
	ILV_QUEUE_KIND_LOOP,      /* of the tasks of a loop */
};

struct ilv_bounded_queue;

/* `party_count`: how many threads or tasks will use it, at most. */
enum ilv_status ilv_bounded_queue_create(enum ilv_queue_kind kind, size_t capacity,
					 size_t party_count,
					 struct ilv_bounded_queue **queue) ILV_NODISCARD;

/* ILV_STATUS_END: it was closed. */
enum ilv_status ilv_bounded_queue_put(struct ilv_bounded_queue *queue, int64_t item) ILV_NODISCARD;

/* ILV_STATUS_END: it was closed, and nothing is left in it. */
enum ilv_status ilv_bounded_queue_take(struct ilv_bounded_queue *queue,
				       int64_t *item) ILV_NODISCARD;

/* Nothing more comes: all who wait go on. Nobody puts any more. */
void ilv_bounded_queue_close(struct ilv_bounded_queue *queue);

/* The same in the middle of it all, by anybody, when the run was asked to stop. */
void ilv_bounded_queue_break(struct ilv_bounded_queue *queue);

/* The most that ever stood in it, seen after each put. */
size_t ilv_bounded_queue_max_length(const struct ilv_bounded_queue *queue);

/* NULL is allowed. Nobody uses it any more. */
void ilv_bounded_queue_destroy(struct ilv_bounded_queue *queue);

#endif /* ILV_WORKLOADS_LESSONS_BOUNDED_QUEUE_H */
