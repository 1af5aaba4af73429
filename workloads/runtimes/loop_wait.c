/* SPDX-License-Identifier: MIT */
/*
 * Description: how tasks wait for descriptors and for a time. Several tasks may wait for one
 * descriptor, one to read it and one to write, say: libuv, which allows one watch of it, is told
 * what they want together.
 */
#include <fcntl.h>
#include <stdlib.h>

#include <uthash.h>
#include <utlist.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/runtimes/loop.h"

#define NS_PER_MS INT64_C(1000000)

/* libuv's watch of one descriptor, while somebody waits for it. */
struct watch {
	uv_poll_t poll;
	int fd;
	struct interest *interests;
	UT_hash_handle hh;
};

/* One descriptor in one task's wait. */
struct interest {
	struct pollfd *descriptor;
	struct watch *watch;
	struct wait *wait;
	struct interest *next;
	struct interest *prev;
};

/* What a task waits for; on the task's own stack. */
struct wait {
	struct ilv_task *task;
	struct interest *interests;
	size_t count;      /* of those that were begun */
	uv_timer_t *timer; /* NULL: no time limit */
};

static struct watch *watches; /* by descriptor */

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void free_watch(uv_handle_t *handle)
{
	free(handle->data);
}

/* The kind of event that hardly ever comes stands for those of which libuv knows nothing, and for
 * none at all: that the other end hung up is heard with any. */
static int uv_events(short events)
{
	const int known = ((events & (POLLIN | POLLRDNORM)) ? UV_READABLE : 0) |
			  ((events & (POLLOUT | POLLWRNORM)) ? UV_WRITABLE : 0) |
			  ((events & POLLRDHUP) ? UV_DISCONNECT : 0);

	return known && !(events & POLLPRI) ? known : known | UV_PRIORITIZED;
}

/* What of `asked` stands for libuv's `events`; POLLHUP where nothing does. */
static short poll_events(short asked, int events)
{
	const short came = (short)(asked & (((events & UV_READABLE) ? POLLIN | POLLRDNORM : 0) |
					    ((events & UV_WRITABLE) ? POLLOUT | POLLWRNORM : 0) |
					    ((events & UV_DISCONNECT) ? POLLRDHUP : 0) |
					    ((events & UV_PRIORITIZED) ? POLLPRI : 0)));

	return came ? came : POLLHUP;
}

/* Takes a wait apart: its task hears no more of descriptors and time. */
static void end_wait(void *argument)
{
	struct wait *wait = argument;

	for (size_t index = 0; index < wait->count; index++) {
		struct interest *interest = &wait->interests[index];
		struct watch *watch = interest->watch;

		DL_DELETE(watch->interests, interest);
		if (!watch->interests) {
			/* It is in the table as long as somebody is interested, so `watches` is not
			 * empty. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
			HASH_DEL(watches, watch);
			uv_close((uv_handle_t *)&watch->poll, free_watch);
		}
	}

	wait->count = 0;
	if (wait->timer) {
		uv_close((uv_handle_t *)wait->timer, free_handle);
		wait->timer = NULL;
	}
}

static void finish_wait(struct wait *wait, enum ilv_status status)
{
	end_wait(wait);
	ilv_loop_wake(wait->task, status);
}

/* The first of the watch's waits for which something came. */
static struct wait *find_served(const struct watch *watch)
{
	const struct interest *interest = NULL;

	DL_FOREACH (watch->interests, interest) {
		if (interest->descriptor->revents) {
			return interest->wait;
		}
	}

	return NULL;
}

static void poll_came(uv_poll_t *poll, int uv_status, int events)
{
	struct watch *watch = poll->data;
	struct interest *interest = NULL;
	struct wait *served = NULL;
	int left_events = 0;

	ilv_loop_end_poll();
	DL_FOREACH (watch->interests, interest) {
		struct pollfd *descriptor = interest->descriptor;

		/* Whatever is wrong with the descriptor, the job meets when it uses it. */
		if (uv_status < 0) {
			events = uv_events(descriptor->events);
		}

		if (events & uv_events(descriptor->events)) {
			descriptor->revents = poll_events(descriptor->events, events);
		}
	}

	for (served = find_served(watch); served; served = find_served(watch)) {
		finish_wait(served, ILV_STATUS_OK);
	}

	/* Freed later, so it can be looked at still. */
	DL_FOREACH (watch->interests, interest) {
		left_events |= uv_events(interest->descriptor->events);
	}

	if (left_events) {
		(void)uv_poll_start(&watch->poll, left_events, poll_came);
	}
}

static void timer_came(uv_timer_t *timer)
{
	ilv_loop_end_poll();
	finish_wait(timer->data, ILV_STATUS_AGAIN);
}

static enum ilv_status find_or_create_watch(int fd, struct watch **found)
{
	const int flags = fcntl(fd, F_GETFL);
	struct watch *watch = NULL;
	int error = 0;

	HASH_FIND_INT(watches, &fd, watch);
	if (watch) {
		*found = watch;
		return ILV_STATUS_OK;
	}

	watch = calloc(1, sizeof(*watch));
	if (!watch) {
		ilv_cause_add("Cannot watch descriptor: fd=%d", fd);
		return ILV_STATUS_MEMORY;
	}

	error = uv_poll_init(ilv_loop_borrow_uv(), &watch->poll, fd);
	if (error != 0) {
		ilv_cause_add("Cannot watch descriptor: fd=%d, error=\"%s\"", fd,
			      uv_strerror(error));
		free(watch);
		return error == UV_EPERM ? ILV_STATUS_UNSUPPORTED : ILV_STATUS_IO;
	}

	/* libuv makes it non-blocking; its owner may count on its blocking. */
	if (flags >= 0 && !(flags & O_NONBLOCK)) {
		(void)fcntl(fd, F_SETFL, flags);
	}

	watch->fd = fd;
	watch->poll.data = watch;
	HASH_ADD_INT(watches, fd, watch);
	*found = watch;

	return ILV_STATUS_OK;
}

void ilv_loop_forget_fd(int fd)
{
	struct watch *watch = NULL;

	HASH_FIND_INT(watches, &fd, watch);
	while (watch) {
		/* The last takes the watch out of the table. */
		finish_wait(watch->interests->wait, ILV_STATUS_IO);
		HASH_FIND_INT(watches, &fd, watch);
	}
}

static enum ilv_status begin_interest(struct wait *wait, struct pollfd *descriptor)
{
	struct interest *interest = &wait->interests[wait->count];
	struct interest *other = NULL;
	enum ilv_status status = ILV_STATUS_OK;
	int events = 0;

	descriptor->revents = 0;
	status = find_or_create_watch(descriptor->fd, &interest->watch);
	if (status < 0) {
		return status;
	}

	interest->descriptor = descriptor;
	interest->wait = wait;
	DL_APPEND(interest->watch->interests, interest);
	wait->count++;
	DL_FOREACH (interest->watch->interests, other) {
		events |= uv_events(other->descriptor->events);
	}

	if (uv_poll_start(&interest->watch->poll, events, poll_came) != 0) {
		ilv_cause_add("Cannot watch descriptor: fd=%d", descriptor->fd);
		status = ILV_STATUS_IO;
	}

	return status;
}

/* libuv counts in ms, from a clock that stood still while tasks ran: round up, so as never to wake
 * early. */
static enum ilv_status begin_timer(struct wait *wait, int64_t deadline_ns)
{
	int64_t due_ms = 0;

	wait->timer = calloc(1, sizeof(*wait->timer));
	if (!wait->timer) {
		ilv_cause_add("Cannot await a time");
		return ILV_STATUS_MEMORY;
	}

	uv_update_time(ilv_loop_borrow_uv());
	due_ms = (deadline_ns + NS_PER_MS - 1) / NS_PER_MS - (int64_t)uv_now(ilv_loop_borrow_uv());
	(void)uv_timer_init(ilv_loop_borrow_uv(), wait->timer);
	wait->timer->data = wait;
	(void)uv_timer_start(wait->timer, timer_came, due_ms > 0 ? (uint64_t)due_ms : 0, 0);

	return ILV_STATUS_OK;
}

static enum ilv_status await(struct wait *wait, struct pollfd *descriptors, size_t count,
			     int64_t timeout_ns, enum ilv_wait_reason reason, uint64_t object)
{
	const int64_t deadline_ns = ilv_trace_now_ns() + timeout_ns;
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0; index < count && status == ILV_STATUS_OK; index++) {
		if (descriptors[index].fd >= 0) {
			status = begin_interest(wait, &descriptors[index]);
		}
	}

	if (status == ILV_STATUS_OK && timeout_ns >= 0) {
		status = begin_timer(wait, deadline_ns);
	}

	if (status < 0) {
		end_wait(wait);
		return status;
	}

	return ilv_loop_wait(reason, object, end_wait, wait);
}

enum ilv_status ilv_loop_await_fds(struct pollfd *descriptors, size_t count, int64_t timeout_ns,
				   enum ilv_wait_reason reason, uint64_t object)
{
	struct interest one;
	struct wait wait = {.task = ilv_loop_current(), .interests = &one};
	enum ilv_status status = ILV_STATUS_OK;

	if (!wait.task) {
		ilv_cause_add(
			"Cannot await outside a job: the loop itself never waits for one thing");
		return ILV_STATUS_ERROR;
	}

	if (count > 1) {
		wait.interests = calloc(count, sizeof(*wait.interests));
		if (!wait.interests) {
			ilv_cause_add("Cannot await descriptors: count=%zu", count);
			return ILV_STATUS_MEMORY;
		}
	}

	status = await(&wait, descriptors, count, timeout_ns, reason, object);
	if (wait.interests != &one) {
		free(wait.interests);
	}

	return status;
}

enum ilv_status ilv_loop_await_fd(int fd, enum ilv_wait_reason reason, int64_t timeout_ns)
{
	struct pollfd descriptor = {.fd = fd,
				    .events = reason == ILV_WAIT_REASON_WRITE ? POLLOUT : POLLIN};

	return ilv_loop_await_fds(&descriptor, 1, timeout_ns, reason, (uint64_t)fd);
}

enum ilv_status ilv_loop_await_sleep(int64_t duration_ns)
{
	const int64_t sleep_ns = duration_ns > 0 ? duration_ns : 0;
	/* When it is due goes into the trace: a loop may look much later. */
	enum ilv_status status = ilv_loop_await_fds(NULL, 0, sleep_ns, ILV_WAIT_REASON_SLEEP,
						    (uint64_t)(ilv_trace_now_ns() + sleep_ns));

	return status == ILV_STATUS_AGAIN ? ILV_STATUS_OK : status;
}
