/* SPDX-License-Identifier: MIT */
/* Description: the list of those who wait, and how another thread gets the loop to look at it. */
#include "workloads/runtimes/green_park.h"

#include <stdatomic.h>
#include <stdlib.h>

#include <utlist.h>

#include "base/cause.h"
#include "workloads/runtimes/loop.h"

#define NS_PER_MS INT64_C(1000000)

/* All but the count, and what libuv lets any thread send, is the loop's thread's alone. */
static struct {
	struct ilv_parked *list; /* who waits longest comes first */
	_Atomic unsigned int count;
	uv_async_t from_afar;
} park;

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void take_out(struct ilv_parked *parked)
{
	DL_DELETE(park.list, parked);
	(void)atomic_fetch_sub(&park.count, 1);
	if (parked->timer) {
		uv_close((uv_handle_t *)parked->timer, free_handle);
	}
}

static void end_wait(struct ilv_parked *parked, bool is_woken)
{
	take_out(parked);
	parked->is_woken = is_woken;
	ilv_loop_wake(parked->task, ILV_STATUS_OK);
}

static void time_came(uv_timer_t *timer)
{
	ilv_loop_end_poll();
	end_wait(timer->data, false);
}

static void afar_came(uv_async_t *async)
{
	(void)async;
	ilv_loop_end_poll();
	while (park.list) {
		end_wait(park.list, true);
	}
}

enum ilv_status ilv_green_park_start(void)
{
	const int error = uv_async_init(ilv_loop_borrow_uv(), &park.from_afar, afar_came);

	if (error != 0) {
		ilv_cause_add("Cannot listen to other threads: error=\"%s\"", uv_strerror(error));
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

void ilv_green_park_stop(void)
{
	uv_close((uv_handle_t *)&park.from_afar, NULL);
}

static void begin_timer(struct ilv_parked *parked, int64_t timeout_ns)
{
	parked->timer = calloc(1, sizeof(*parked->timer));
	if (!parked->timer) {
		parked->is_over = true; /* Rather too early than never. */
		return;
	}

	uv_update_time(ilv_loop_borrow_uv());
	(void)uv_timer_init(ilv_loop_borrow_uv(), parked->timer);
	parked->timer->data = parked;
	/* One more, for libuv's clock is behind by a part of a ms. */
	(void)uv_timer_start(parked->timer, time_came,
			     (uint64_t)((timeout_ns + NS_PER_MS - 1) / NS_PER_MS + 1), 0);
}

void ilv_green_park_begin(struct ilv_parked *parked, const void *address, int64_t timeout_ns)
{
	*parked = (struct ilv_parked){.address = address, .task = ilv_loop_current()};
	if (timeout_ns >= 0) {
		begin_timer(parked, timeout_ns);
	}

	DL_APPEND(park.list, parked);
	(void)atomic_fetch_add(&park.count, 1);
}

void ilv_green_park_cancel(struct ilv_parked *parked)
{
	take_out(parked);
}

bool ilv_green_park_wait(struct ilv_parked *parked, enum ilv_wait_reason reason)
{
	if (parked->is_over) {
		take_out(parked);
		return false;
	}

	(void)!ilv_loop_wait(reason, (uintptr_t)parked->address, NULL, NULL);

	return parked->is_woken;
}

bool ilv_green_unpark(const void *address, bool are_all)
{
	struct ilv_parked *parked = NULL;
	struct ilv_parked *next = NULL;
	bool is_any = false;

	DL_FOREACH_SAFE(park.list, parked, next)
	{
		if (parked->address == address && (are_all || !is_any)) {
			end_wait(parked, true);
			is_any = true;
		}
	}

	return is_any;
}

void ilv_green_unpark_from_afar(void)
{
	if (atomic_load(&park.count) > 0) {
		(void)uv_async_send(&park.from_afar);
	}
}
