/* SPDX-License-Identifier: MIT */
/* Description: one ring of items with three ways to wait for it, and a pipe. */
#include "workloads/lessons/bounded_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <utlist.h>

#include <interleave/pthread.h>

#include "base/cause.h"
#include "workloads/runtime.h"
#include "workloads/runtimes/loop.h"

/* A task that waits at a queue of the loop; on its own stack. */
struct queued_task {
	struct ilv_task *task;
	struct queued_task **list;
	struct queued_task *next;
	struct queued_task *prev;
};

struct ilv_bounded_queue {
	enum ilv_queue_kind kind;
	size_t capacity;
	size_t party_count;

	/* The ring, and what protects it among threads; nothing but tracing nests inside `mutex`.
	 */
	pthread_mutex_t mutex;
	int64_t *items;
	size_t first;
	size_t length;
	size_t max_length;
	bool is_closed;

	pthread_cond_t has_room;
	pthread_cond_t has_items;
	sem_t room;
	sem_t filled;
	struct queued_task *putters;
	struct queued_task *takers;

	int fds[2];
	size_t item_size; /* in the pipe, so that its bytes hold `capacity` of them */
	_Atomic size_t max_pipe_length;
	atomic_bool is_pipe_closed;
};

static void push(struct ilv_bounded_queue *queue, int64_t item)
{
	queue->items[(queue->first + queue->length) % queue->capacity] = item;
	queue->length++;
	if (queue->length > queue->max_length) {
		queue->max_length = queue->length;
	}
}

static int64_t pop(struct ilv_bounded_queue *queue)
{
	const int64_t item = queue->items[queue->first];

	queue->first = (queue->first + 1) % queue->capacity;
	queue->length--;

	return item;
}

static enum ilv_status condition_put(struct ilv_bounded_queue *queue, int64_t item)
{
	enum ilv_status status = ILV_STATUS_END;

	(void)ilv_mutex_lock(&queue->mutex);
	while (queue->length == queue->capacity && !queue->is_closed) {
		(void)ilv_cond_wait(&queue->has_room, &queue->mutex);
	}

	if (!queue->is_closed) {
		push(queue, item);
		(void)pthread_cond_signal(&queue->has_items);
		status = ILV_STATUS_OK;
	}
	(void)ilv_mutex_unlock(&queue->mutex);

	return status;
}

static enum ilv_status condition_take(struct ilv_bounded_queue *queue, int64_t *item)
{
	enum ilv_status status = ILV_STATUS_END;

	(void)ilv_mutex_lock(&queue->mutex);
	while (queue->length == 0 && !queue->is_closed) {
		(void)ilv_cond_wait(&queue->has_items, &queue->mutex);
	}

	if (queue->length > 0) {
		*item = pop(queue);
		(void)pthread_cond_signal(&queue->has_room);
		status = ILV_STATUS_OK;
	}
	(void)ilv_mutex_unlock(&queue->mutex);

	return status;
}

static void wait_semaphore(sem_t *semaphore)
{
	while (ilv_sem_wait(semaphore) != 0) {
		/* A signal. */
	}
}

static enum ilv_status semaphore_put(struct ilv_bounded_queue *queue, int64_t item)
{
	enum ilv_status status = ILV_STATUS_END;

	wait_semaphore(&queue->room);
	(void)ilv_mutex_lock(&queue->mutex);
	if (!queue->is_closed) {
		push(queue, item);
		status = ILV_STATUS_OK;
	}
	(void)ilv_mutex_unlock(&queue->mutex);
	if (status == ILV_STATUS_OK) {
		(void)ilv_sem_post(&queue->filled);
	}

	return status;
}

/* A count that came from the closing stands for no item. */
static enum ilv_status semaphore_take(struct ilv_bounded_queue *queue, int64_t *item)
{
	enum ilv_status status = ILV_STATUS_END;

	wait_semaphore(&queue->filled);
	(void)ilv_mutex_lock(&queue->mutex);
	if (queue->length > 0) {
		*item = pop(queue);
		status = ILV_STATUS_OK;
	}
	(void)ilv_mutex_unlock(&queue->mutex);
	if (status == ILV_STATUS_OK) {
		(void)ilv_sem_post(&queue->room);
	}

	return status;
}

static void note_pipe_length(struct ilv_bounded_queue *queue)
{
	size_t seen = atomic_load(&queue->max_pipe_length);
	int byte_count = 0;
	size_t length = 0;

	if (ioctl(queue->fds[0], FIONREAD, &byte_count) != 0) {
		return;
	}

	length = (size_t)byte_count / queue->item_size;
	while (length > seen &&
	       !atomic_compare_exchange_weak(&queue->max_pipe_length, &seen, length)) {
		/* `seen` is what it is now. */
	}
}

/* An item is written and read whole, being smaller than PIPE_BUF. */
static enum ilv_status pipe_put(struct ilv_bounded_queue *queue, int64_t item)
{
	unsigned char bytes[PIPE_BUF] = {0};

	memcpy(bytes, &item, sizeof(item));
	while (!atomic_load(&queue->is_pipe_closed)) {
		enum ilv_status status = ILV_STATUS_OK;

		if (write(queue->fds[1], bytes, queue->item_size) == (ssize_t)queue->item_size) {
			note_pipe_length(queue);
			return ILV_STATUS_OK;
		}

		if (errno != EAGAIN && errno != EINTR) {
			ilv_cause_add("Cannot write to a pipe: errno=%d", errno);
			return ILV_STATUS_IO;
		}

		status = ilv_await_fd(queue->fds[1], ILV_WAIT_REASON_WRITE);
		if (status < 0) {
			return status;
		}
	}

	return ILV_STATUS_END;
}

static enum ilv_status pipe_take(struct ilv_bounded_queue *queue, int64_t *item)
{
	unsigned char bytes[PIPE_BUF];

	for (;;) {
		const ssize_t got = read(queue->fds[0], bytes, queue->item_size);
		enum ilv_status status = ILV_STATUS_OK;

		if (got == (ssize_t)queue->item_size) {
			memcpy(item, bytes, sizeof(*item));
			return ILV_STATUS_OK;
		}

		if (got == 0) {
			return ILV_STATUS_END;
		}

		if (got > 0 || (errno != EAGAIN && errno != EINTR)) {
			ilv_cause_add("Cannot read from a pipe: errno=%d", errno);
			return ILV_STATUS_IO;
		}

		status = ilv_await_fd(queue->fds[0], ILV_WAIT_REASON_READ);
		if (status < 0) {
			return status;
		}
	}
}

static void leave_list(void *argument)
{
	struct queued_task *queued = argument;

	if (queued->list) {
		DL_DELETE(*queued->list, queued);
		queued->list = NULL;
	}
}

static enum ilv_status wait_in(struct ilv_bounded_queue *queue, struct queued_task **list)
{
	struct queued_task queued = {.task = ilv_loop_current(), .list = list};

	DL_APPEND(*list, &queued);

	return ilv_loop_wait(ILV_WAIT_REASON_QUEUE, (uintptr_t)queue, leave_list, &queued);
}

static void wake_first(struct queued_task **list)
{
	struct queued_task *queued = *list;

	if (queued) {
		leave_list(queued);
		ilv_loop_wake(queued->task, ILV_STATUS_OK);
	}
}

static enum ilv_status loop_put(struct ilv_bounded_queue *queue, int64_t item)
{
	enum ilv_status status = ILV_STATUS_OK;

	while (queue->length == queue->capacity && !queue->is_closed && status == ILV_STATUS_OK) {
		status = wait_in(queue, &queue->putters);
	}

	if (status == ILV_STATUS_OK && queue->is_closed) {
		status = ILV_STATUS_END;
	}

	if (status == ILV_STATUS_OK) {
		push(queue, item);
		wake_first(&queue->takers);
	}

	return status;
}

static enum ilv_status loop_take(struct ilv_bounded_queue *queue, int64_t *item)
{
	enum ilv_status status = ILV_STATUS_OK;

	while (queue->length == 0 && !queue->is_closed && status == ILV_STATUS_OK) {
		status = wait_in(queue, &queue->takers);
	}

	if (status == ILV_STATUS_OK && queue->length == 0) {
		status = ILV_STATUS_END;
	}

	if (status == ILV_STATUS_OK) {
		*item = pop(queue);
		wake_first(&queue->putters);
	}

	return status;
}

enum ilv_status ilv_bounded_queue_put(struct ilv_bounded_queue *queue, int64_t item)
{
	switch (queue->kind) {
	case ILV_QUEUE_KIND_CONDITION:
		return condition_put(queue, item);
	case ILV_QUEUE_KIND_SEMAPHORE:
		return semaphore_put(queue, item);
	case ILV_QUEUE_KIND_PIPE:
		return pipe_put(queue, item);
	case ILV_QUEUE_KIND_LOOP:
		return loop_put(queue, item);
	}

	abort();
}

enum ilv_status ilv_bounded_queue_take(struct ilv_bounded_queue *queue, int64_t *item)
{
	switch (queue->kind) {
	case ILV_QUEUE_KIND_CONDITION:
		return condition_take(queue, item);
	case ILV_QUEUE_KIND_SEMAPHORE:
		return semaphore_take(queue, item);
	case ILV_QUEUE_KIND_PIPE:
		return pipe_take(queue, item);
	case ILV_QUEUE_KIND_LOOP:
		return loop_take(queue, item);
	}

	abort();
}

/* Among threads: marks it closed, and wakes all. True for the first who does. */
static bool close_ring(struct ilv_bounded_queue *queue)
{
	bool is_first = false;

	(void)ilv_mutex_lock(&queue->mutex);
	is_first = !queue->is_closed;
	queue->is_closed = true;
	(void)pthread_cond_broadcast(&queue->has_room);
	(void)pthread_cond_broadcast(&queue->has_items);
	(void)ilv_mutex_unlock(&queue->mutex);

	return is_first;
}

void ilv_bounded_queue_break(struct ilv_bounded_queue *queue)
{
	switch (queue->kind) {
	case ILV_QUEUE_KIND_CONDITION:
		(void)close_ring(queue);
		break;
	case ILV_QUEUE_KIND_SEMAPHORE:
		if (close_ring(queue)) {
			for (size_t party = 0; party < queue->party_count; party++) {
				(void)ilv_sem_post(&queue->room);
				(void)ilv_sem_post(&queue->filled);
			}
		}
		break;
	case ILV_QUEUE_KIND_PIPE:
		/* Who waits for a pipe hears of the stop; its end others may be using. */
		atomic_store(&queue->is_pipe_closed, true);
		break;
	case ILV_QUEUE_KIND_LOOP:
		queue->is_closed = true;
		while (queue->putters) {
			wake_first(&queue->putters);
		}

		while (queue->takers) {
			wake_first(&queue->takers);
		}
		break;
	}
}

void ilv_bounded_queue_close(struct ilv_bounded_queue *queue)
{
	ilv_bounded_queue_break(queue);
	if (queue->fds[1] >= 0) {
		/* Takers see the end of file. */
		(void)close(queue->fds[1]);
		queue->fds[1] = -1;
	}
}

size_t ilv_bounded_queue_max_length(const struct ilv_bounded_queue *queue)
{
	return queue->kind == ILV_QUEUE_KIND_PIPE ? atomic_load(&queue->max_pipe_length)
						  : queue->max_length;
}

/* A pipe has a page at least: items are made as large as it takes to have `capacity` of them. */
static enum ilv_status open_pipe(struct ilv_bounded_queue *queue)
{
	const size_t page_size = (size_t)sysconf(_SC_PAGESIZE);

	queue->item_size = page_size / queue->capacity;
	if (queue->item_size < sizeof(int64_t) || queue->item_size > PIPE_BUF) {
		ilv_cause_add("Cannot make a pipe for %zu items: 1 to %zu are possible",
			      queue->capacity, page_size / sizeof(int64_t));
		return ILV_STATUS_USAGE;
	}

	if (pipe2(queue->fds, O_CLOEXEC | O_NONBLOCK) != 0 ||
	    fcntl(queue->fds[1], F_SETPIPE_SZ, (int)page_size) < 0) {
		ilv_cause_add("Cannot make a pipe: errno=%d", errno);
		return ILV_STATUS_IO;
	}

	return ILV_STATUS_OK;
}

enum ilv_status ilv_bounded_queue_create(enum ilv_queue_kind kind, size_t capacity,
					 size_t party_count, struct ilv_bounded_queue **queue)
{
	enum ilv_status status = ILV_STATUS_MEMORY;
	struct ilv_bounded_queue *created = calloc(1, sizeof(*created));

	if (!created) {
		ilv_cause_add("Cannot create a queue");
		return status;
	}

	created->kind = kind;
	created->capacity = capacity;
	created->party_count = party_count;
	created->fds[0] = -1;
	created->fds[1] = -1;
	(void)ilv_mutex_init(&created->mutex, "queue");
	(void)pthread_cond_init(&created->has_room, NULL);
	(void)pthread_cond_init(&created->has_items, NULL);
	(void)ilv_sem_init(&created->room, (unsigned int)capacity, "room");
	(void)ilv_sem_init(&created->filled, 0, "items");
	created->items = calloc(capacity, sizeof(*created->items));
	status = created->items ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
	if (status == ILV_STATUS_OK && kind == ILV_QUEUE_KIND_PIPE) {
		status = open_pipe(created);
	}

	if (status < 0) {
		ilv_bounded_queue_destroy(created);
		return status;
	}

	*queue = created;

	return ILV_STATUS_OK;
}

void ilv_bounded_queue_destroy(struct ilv_bounded_queue *queue)
{
	if (!queue) {
		return;
	}

	for (size_t side = 0; side < 2; side++) {
		if (queue->fds[side] >= 0) {
			(void)close(queue->fds[side]);
		}
	}

	(void)ilv_sem_destroy(&queue->filled);
	(void)ilv_sem_destroy(&queue->room);
	(void)pthread_cond_destroy(&queue->has_items);
	(void)pthread_cond_destroy(&queue->has_room);
	(void)ilv_mutex_destroy(&queue->mutex);
	free(queue->items);
	free(queue);
}
