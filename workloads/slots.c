/* SPDX-License-Identifier: MIT */
/* Description: slots: an array of locks, and a turn that picks one. */
#include "workloads/slots.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cause.h"

#define NAME_SIZE 32

enum ilv_status ilv_slots_open(struct ilv_slots *slots, int64_t count, const char *name)
{
	enum ilv_status status = ILV_STATUS_OK;

	*slots = (struct ilv_slots){0};
	if (count == 0) {
		return ILV_STATUS_OK;
	}

	slots->locks = calloc((size_t)count, sizeof(*slots->locks));
	if (!slots->locks) {
		ilv_cause_add("Cannot make slots: count=%lld", (long long)count);
		return ILV_STATUS_MEMORY;
	}

	while (slots->count < count && status == ILV_STATUS_OK) {
		char lock_name[NAME_SIZE];

		(void)snprintf(lock_name, sizeof(lock_name), "%s %lld", name,
			       (long long)slots->count);
		status = ilv_lock_init(&slots->locks[slots->count], lock_name);
		slots->count += status == ILV_STATUS_OK;
	}

	return status;
}

void ilv_slots_close(struct ilv_slots *slots)
{
	for (int64_t index = 0; index < slots->count; index++) {
		ilv_lock_fini(&slots->locks[index]);
	}

	free(slots->locks);
	*slots = (struct ilv_slots){0};
}

enum ilv_status ilv_slots_enter(struct ilv_slots *slots, int64_t expected_count, int64_t turn)
{
	if (slots->count != expected_count) {
		ilv_cause_add("a limit of how many at once needs locks that all jobs share, which "
			      "programs that were started anew do not");
		return ILV_STATUS_UNSUPPORTED;
	}

	return slots->count > 0 ? ilv_lock_acquire(&slots->locks[turn % slots->count])
				: ILV_STATUS_OK;
}

void ilv_slots_leave(struct ilv_slots *slots, int64_t turn)
{
	if (slots->count > 0) {
		ilv_lock_release(&slots->locks[turn % slots->count]);
	}
}
