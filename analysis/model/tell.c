/* SPDX-License-Identifier: MIT */
/* Description: tells the listeners, in the order in which they were added, until one refuses. */
#include "analysis/model/inner.h"

#define TELL(model, member, ...)                                                                   \
	do {                                                                                       \
		for (uint32_t i = 0; i < (model)->listeners.count && (model)->status >= 0; i++) {  \
			const struct ilv_model_listener *listener = (model)->listeners.items[i];   \
                                                                                                   \
			if (listener->member) {                                                    \
				ilv_model_fail(model,                                              \
					       listener->member(listener->context, __VA_ARGS__));  \
			}                                                                          \
		}                                                                                  \
	} while (0)

void ilv_tell_run_begin(struct ilv_model *model, const struct ilv_run *run)
{
	TELL(model, on_run_begin, run);
}

void ilv_tell_run_end(struct ilv_model *model, const struct ilv_run *run)
{
	TELL(model, on_run_end, run);
}

void ilv_tell_scheduler(struct ilv_model *model, const struct ilv_scheduler *scheduler)
{
	TELL(model, on_scheduler, scheduler);
}

void ilv_tell_entity(struct ilv_model *model, const struct ilv_entity *entity)
{
	TELL(model, on_entity, entity);
}

void ilv_tell_change(struct ilv_model *model, const struct ilv_change *change)
{
	/* Changes are most of all that happens: only those who asked for this kind of entity are
	 * looked at. */
	const struct ilv_list *hearers = &model->hearers[change->entity->kind];

	for (uint32_t i = 0; i < hearers->count && model->status >= 0; i++) {
		const struct ilv_model_listener *listener = hearers->items[i];

		ilv_model_fail(model, listener->on_change(listener->context, change));
	}
}

void ilv_tell_mark(struct ilv_model *model, const struct ilv_mark *mark)
{
	TELL(model, on_mark, mark);
}

void ilv_tell_end(struct ilv_model *model)
{
	TELL(model, on_end, model->now_ns);
}

void ilv_tell_edge(struct ilv_model *model, enum ilv_edge_kind kind, const struct ilv_entity *from,
		   int64_t from_ns, const struct ilv_entity *to, int64_t to_ns,
		   const struct ilv_scheduler *over)
{
	struct ilv_edge edge = {
		.kind = kind,
		.from = from,
		.to = to,
		.from_ns = from_ns < to_ns ? from_ns : to_ns,
		.to_ns = to_ns,
		.over = over,
	};

	if (from && to && from != to) {
		TELL(model, on_edge, &edge);
	}
}
