/* SPDX-License-Identifier: MIT */
/*
 * Description: batches under one lock, taken once a batch. The full ones stand in a ring, the empty
 * ones in a stack: the one that was given back last is still in the cache and is filled first, and
 * memory that was never needed is never touched.
 */
#include "analysis/decode/queue.h"

#include <pthread.h>
#include <stdlib.h>

struct ilv_queue {
	pthread_mutex_t lock; /* protects the numbers below, not the batches; nothing nests in it */
	pthread_cond_t changed;
	size_t batch_count;
	struct ilv_batch **empty; /* a stack */
	size_t empty_count;
	struct ilv_batch **full; /* a ring; the batch that is read stays the first */
	size_t full_first, full_count;
	bool is_ended;
	bool is_stopped;
	struct ilv_batch batches[];
};

struct ilv_queue *ilv_queue_create(size_t batch_count)
{
	/* Not cleared: memory is touched only when batches are filled. */
	struct ilv_queue *queue = malloc(sizeof(*queue) + batch_count * sizeof(queue->batches[0]));

	if (!queue) {
		return NULL;
	}

	queue->empty = calloc(2 * batch_count, sizeof(struct ilv_batch *));
	if (!queue->empty) {
		free(queue);
		return NULL;
	}

	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->changed, NULL);
	queue->batch_count = batch_count;
	queue->empty_count = batch_count;
	for (size_t index = 0; index < batch_count; index++) {
		queue->empty[index] = &queue->batches[batch_count - 1 - index];
	}

	queue->full = queue->empty + batch_count;
	queue->full_first = 0;
	queue->full_count = 0;
	queue->is_ended = false;
	queue->is_stopped = false;
	return queue;
}

void ilv_queue_destroy(struct ilv_queue *queue)
{
	if (!queue) {
		return;
	}

	pthread_cond_destroy(&queue->changed);
	pthread_mutex_destroy(&queue->lock);
	free(queue->empty);
	free(queue);
}

struct ilv_batch *ilv_queue_borrow_empty(struct ilv_queue *queue)
{
	struct ilv_batch *batch = NULL;

	pthread_mutex_lock(&queue->lock);
	while (!queue->is_stopped && queue->empty_count == 0) {
		pthread_cond_wait(&queue->changed, &queue->lock);
	}

	if (!queue->is_stopped) {
		batch = queue->empty[--queue->empty_count];
	}

	pthread_mutex_unlock(&queue->lock);
	return batch;
}

void ilv_queue_put(struct ilv_queue *queue, struct ilv_batch *batch)
{
	pthread_mutex_lock(&queue->lock);
	queue->full[(queue->full_first + queue->full_count++) % queue->batch_count] = batch;
	pthread_cond_signal(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}

void ilv_queue_end(struct ilv_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->is_ended = true;
	pthread_cond_signal(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}

const struct ilv_batch *ilv_queue_borrow_full(struct ilv_queue *queue)
{
	const struct ilv_batch *batch = NULL;

	pthread_mutex_lock(&queue->lock);
	while (!queue->is_ended && queue->full_count == 0) {
		pthread_cond_wait(&queue->changed, &queue->lock);
	}

	if (queue->full_count > 0) {
		batch = queue->full[queue->full_first];
	}

	pthread_mutex_unlock(&queue->lock);
	return batch;
}

void ilv_queue_release(struct ilv_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->empty[queue->empty_count++] = queue->full[queue->full_first];
	queue->full_first = (queue->full_first + 1) % queue->batch_count;
	queue->full_count--;
	pthread_cond_signal(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}

void ilv_queue_stop(struct ilv_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->is_stopped = true;
	pthread_cond_signal(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}
