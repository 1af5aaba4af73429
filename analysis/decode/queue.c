/* SPDX-License-Identifier: MIT */
/* Description: a ring of batches under one lock, taken once a batch. */
#include "analysis/decode/queue.h"

#include <pthread.h>
#include <stdlib.h>

struct ilv_queue {
	pthread_mutex_t lock; /* protects the numbers below, not the batches; nothing nests in it */
	pthread_cond_t changed;
	size_t put_count; /* ever put; the batch that is filled has this number */
	size_t released_count;
	size_t batch_count;
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

	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->changed, NULL);
	queue->put_count = 0;
	queue->released_count = 0;
	queue->batch_count = batch_count;
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
	free(queue);
}

struct ilv_batch *ilv_queue_borrow_empty(struct ilv_queue *queue)
{
	struct ilv_batch *batch = NULL;

	pthread_mutex_lock(&queue->lock);
	while (!queue->is_stopped &&
	       queue->put_count - queue->released_count == queue->batch_count) {
		pthread_cond_wait(&queue->changed, &queue->lock);
	}

	if (!queue->is_stopped) {
		batch = &queue->batches[queue->put_count % queue->batch_count];
	}

	pthread_mutex_unlock(&queue->lock);
	return batch;
}

void ilv_queue_put(struct ilv_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->put_count++;
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
	while (!queue->is_ended && queue->put_count == queue->released_count) {
		pthread_cond_wait(&queue->changed, &queue->lock);
	}

	if (queue->put_count != queue->released_count) {
		batch = &queue->batches[queue->released_count % queue->batch_count];
	}

	pthread_mutex_unlock(&queue->lock);
	return batch;
}

void ilv_queue_release(struct ilv_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->released_count++;
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
