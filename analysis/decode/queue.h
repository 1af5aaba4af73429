/* SPDX-License-Identifier: MIT */
/*
 * Description: a bounded queue of batches of events between one thread that decodes and the one
 * that consumes. The batches are the queue's own and are filled and read in place.
 *
 * May overlap: the producer's functions with the consumer's. Each side is one thread.
 */
#ifndef ILV_ANALYSIS_DECODE_QUEUE_H
#define ILV_ANALYSIS_DECODE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/event.h"

#define ILV_BATCH_SIZE 2048

struct ilv_batch {
	size_t count;
	struct ilv_event events[ILV_BATCH_SIZE];
};

struct ilv_queue;

/* Creates a queue of at most `batch_count` batches. NULL when memory is short. */
struct ilv_queue *ilv_queue_create(size_t batch_count);
void ilv_queue_destroy(struct ilv_queue *queue);

/* Producer: waits for a batch to fill, and takes it out; NULL: the consumer wants no more. */
struct ilv_batch *ilv_queue_borrow_empty(struct ilv_queue *queue);
/* Producer: hands over the batch that it filled. */
void ilv_queue_put(struct ilv_queue *queue, struct ilv_batch *batch);
/* Producer: nothing comes after what was put. */
void ilv_queue_end(struct ilv_queue *queue);

/* Consumer: waits for the next batch, the same until ilv_queue_release; NULL: that was all. */
const struct ilv_batch *ilv_queue_borrow_full(struct ilv_queue *queue);
/* Consumer: gives back the batch that it read. */
void ilv_queue_release(struct ilv_queue *queue);
/* Consumer: wants no more. */
void ilv_queue_stop(struct ilv_queue *queue);

#endif /* ILV_ANALYSIS_DECODE_QUEUE_H */
