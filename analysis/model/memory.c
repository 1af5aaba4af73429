/* SPDX-License-Identifier: MIT */
/* Description: shared memory and phases: moments that change nobody's state, told as marks of
 * whoever's doing they are. */
#include "analysis/model/inner.h"

ILV_HANDLER(shared_access)
{
	struct ilv_mark mark = {
		.kind = event->type == ILV_EVENT_SHARED_READ    ? ILV_MARK_KIND_SHARED_READ
			: event->type == ILV_EVENT_SHARED_WRITE ? ILV_MARK_KIND_SHARED_WRITE
								: ILV_MARK_KIND_SHARED_UPDATE,
		.entity = ilv_thread_context(thread),
		.time_ns = model->now_ns,
		.address = event->u.shared.address,
		.value_before = event->u.shared.value_before,
		.value_after = event->u.shared.value_after,
	};

	ilv_tell_mark(model, &mark);
}

ILV_HANDLER(phase)
{
	struct ilv_mark mark = {
		.kind = event->type == ILV_EVENT_PHASE_BEGIN   ? ILV_MARK_KIND_PHASE_BEGIN
			: event->type == ILV_EVENT_PHASE_POINT ? ILV_MARK_KIND_PHASE_POINT
			: event->type == ILV_EVENT_PHASE_COUNT ? ILV_MARK_KIND_PHASE_COUNT
			: event->type == ILV_EVENT_PHASE_PRICE ? ILV_MARK_KIND_PHASE_PRICE
							       : ILV_MARK_KIND_PHASE_END,
		.entity = ilv_thread_context(thread),
		.time_ns = model->now_ns,
		.name = event->u.phase.name,
		.event = event,
	};

	ilv_tell_mark(model, &mark);
}
