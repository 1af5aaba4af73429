/* SPDX-License-Identifier: MIT */
/*
 * Description: fills lanes from intervals. One rule for all schedulers: an interval goes to the
 * lane of its entity, and, while it has an executor, to the lane of that as well.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "viz/lanes.h"
#include "viz/words.h"

/* What is known of an entity of the model, asked for once. */
struct ilv_lanes_target {
	bool is_known;
	bool is_foreign;
	uint32_t lane, own_lane; /* as in struct ilv_lanes_name */
	uint32_t order;
	char who[ILV_WHO_SIZE];
};

void ilv_lanes_free_targets(struct ilv_lanes *lanes)
{
	free(lanes->targets);
	free(lanes->has_executor_lane);
}

enum ilv_status ilv_lanes_set_scale(struct ilv_lanes *lanes, const struct ilv_lanes_scale *scale)
{
	lanes->scale = *scale;
	for (uint32_t i = 0; i < lanes->count; i++) {
		struct ilv_lane *lane = &lanes->list[i];
		bool is_band = lane->kind == ILV_LANE_KIND_EXECUTOR_BAND ||
			       lane->kind == ILV_LANE_KIND_ENTITY_BAND;
		enum ilv_status status;

		if (!is_band && !scale->all_columns) {
			continue;
		}

		status = ilv_grid_init(&lane->grid, scale->band_columns, lanes->begin_ns,
				       lanes->end_ns);
		if (status < 0) {
			return status;
		}
	}

	return ILV_STATUS_OK;
}

static enum ilv_status target_of(struct ilv_lanes *lanes, const struct ilv_entity *entity,
				 struct ilv_lanes_target **found)
{
	struct ilv_lanes_target *target;

	if (entity->index >= lanes->target_count) {
		uint32_t count = entity->index + entity->index / 2 + 64;
		struct ilv_lanes_target *targets =
			realloc(lanes->targets, (size_t)count * sizeof(*targets));

		if (!targets) {
			ilv_cause_add("Cannot keep entities: not enough memory");
			return ILV_STATUS_MEMORY;
		}
		memset(targets + lanes->target_count, 0,
		       (size_t)(count - lanes->target_count) * sizeof(*targets));
		lanes->targets = targets;
		lanes->target_count = count;
	}

	target = &lanes->targets[entity->index];
	if (!target->is_known) {
		char text[256];
		const struct ilv_lanes_name *name;

		ilv_entity_id(entity, text, sizeof(text));
		name = ilv_lanes_name(lanes, text);
		target->is_known = true;
		target->lane = name ? name->lane : UINT32_MAX;
		target->own_lane = name ? name->own_lane : UINT32_MAX;
		target->is_foreign = name ? name->is_foreign : entity->kind != ILV_ENTITY_KIND_JOB;
		target->order = name ? name->order : (uint32_t)entity->number;
		if (!name || !name->label) {
			ilv_entity_label(entity, text, sizeof(text));
		}
		ilv_words_clean(target->who, sizeof(target->who),
				name && name->label ? name->label : text);
	}

	*found = target;
	return ILV_STATUS_OK;
}

/* Most intervals are of schedulers whose executors have no lane: one look tells. */
static enum ilv_status has_executors(struct ilv_lanes *lanes, const struct ilv_scheduler *scheduler,
				     bool *has)
{
	uint8_t *known;

	if (scheduler->index >= lanes->scheduler_count) {
		uint32_t count = scheduler->index + scheduler->index / 2 + 16;
		uint8_t *fresh = realloc(lanes->has_executor_lane, count);

		if (!fresh) {
			ilv_cause_add("Cannot keep schedulers: not enough memory");
			return ILV_STATUS_MEMORY;
		}
		memset(fresh + lanes->scheduler_count, 0, count - lanes->scheduler_count);
		lanes->has_executor_lane = fresh;
		lanes->scheduler_count = count;
	}

	known = &lanes->has_executor_lane[scheduler->index];
	if (*known == 0) {
		char id[128];

		ilv_scheduler_id(scheduler, id, sizeof(id));
		*known = 1;
		for (uint32_t i = 0; i < lanes->count; i++) {
			if (lanes->list[i].kind != ILV_LANE_KIND_ENTITY && lanes->list[i].id &&
			    strcmp(lanes->list[i].id, id) == 0) {
				lanes->list[i].scheduler_index = scheduler->index;
				*known = 2;
			}
		}
	}

	*has = *known == 2;
	return ILV_STATUS_OK;
}

static enum ilv_status add_sign(struct ilv_lanes *lanes, struct ilv_lane *lane, enum ilv_sign sign,
				int64_t time_ns)
{
	if (sign == ILV_SIGN_NONE) {
		return ILV_STATUS_OK;
	}
	if (lane->grid.column_count) {
		ilv_grid_sign(&lane->grid, sign, time_ns);
		return ILV_STATUS_OK;
	}

	return ilv_signs_add(&lane->signs[sign], time_ns, lanes->scale.spacing_ns[sign]);
}

static enum ilv_status add_stay(struct ilv_lanes *lanes, struct ilv_lane *lane,
				struct ilv_stretches *stretches, const struct ilv_stretch *stretch)
{
	if (lane->grid.column_count) {
		ilv_grid_add(&lane->grid, stretch->ink, stretch->begin_ns, stretch->end_ns);
		return ILV_STATUS_OK;
	}

	return ilv_stretches_add(stretches, stretch, lanes->scale.fold_ns);
}

/* One character for an entity: the last digit of its number, else its first letter. */
static char initial_of(const struct ilv_lanes_target *holder)
{
	size_t length = strlen(holder->who);
	char last = length ? holder->who[length - 1] : '\0';
	char first = holder->who[0];

	if (last >= '0' && last <= '9') {
		return last;
	}

	return first > ' ' && first < 0x7f ? first : '?';
}

static enum ilv_status take_executor(struct ilv_lanes *lanes, const struct ilv_interval *interval,
				     const struct ilv_lanes_target *holder,
				     struct ilv_stretch stretch)
{
	if (holder->is_foreign) {
		stretch.ink = ILV_INK_FOREIGN;
	} else if (stretch.ink != ILV_INK_STALLED) {
		stretch.ink =
			(enum ilv_ink)(ILV_INK_HOLDER_0 + holder->order % ILV_INK_HOLDER_COUNT);
	}
	memset(stretch.ink_ns, 0, sizeof(stretch.ink_ns));
	stretch.ink_ns[stretch.ink] = stretch.end_ns - stretch.begin_ns;
	memcpy(stretch.who, holder->who, sizeof(stretch.who));

	for (uint32_t i = 0; i < lanes->count; i++) {
		struct ilv_lane *lane = &lanes->list[i];

		if ((lane->kind == ILV_LANE_KIND_EXECUTOR ||
		     lane->kind == ILV_LANE_KIND_EXECUTOR_BAND) &&
		    (lane->executor < 0 || lane->executor == interval->executor) &&
		    lane->scheduler_index == interval->entity->scheduler->index) {
			if (lane->grid.column_count) {
				ilv_grid_hold(&lane->grid, stretch.begin_ns, stretch.end_ns,
					      initial_of(holder));
			}
			return add_stay(lanes, lane, &lane->shown, &stretch);
		}
	}

	return ILV_STATUS_OK;
}

enum ilv_status ilv_lanes_take(void *context, const struct ilv_interval *interval)
{
	struct ilv_lanes *lanes = context;
	const struct ilv_entity *subject =
		interval->entity->subject ? interval->entity->subject : interval->entity;
	enum ilv_sign sign = ilv_sign_of(interval);
	struct ilv_stretch stretch = {
		.begin_ns =
			interval->begin_ns > lanes->begin_ns ? interval->begin_ns : lanes->begin_ns,
		.end_ns = interval->end_ns < lanes->end_ns ? interval->end_ns : lanes->end_ns,
		.stay_count = 1,
		.ink = ilv_ink_of(interval),
		.reason = interval->reason,
		.end_cause = interval->end_cause};
	struct ilv_lanes_target *target;
	struct ilv_lanes_target holder;
	enum ilv_status status;
	bool has = false;

	if (stretch.ink == ILV_INK_COUNT || stretch.begin_ns > stretch.end_ns) {
		return ILV_STATUS_OK;
	}
	if (interval->end_ns > lanes->end_ns) {
		sign = ILV_SIGN_NONE;
	}

	status = target_of(lanes, subject, &target);
	if (status < 0) {
		return status;
	}
	holder = *target;
	if (interval->other) {
		struct ilv_lanes_target *other;

		status = target_of(lanes, interval->other, &other);
		if (status < 0) {
			return status;
		}
		memcpy(stretch.who, other->who, sizeof(stretch.who));
	}

	stretch.ink_ns[stretch.ink] = stretch.end_ns - stretch.begin_ns;
	if (sign != ILV_SIGN_NONE) {
		stretch.sign_counts[sign] = 1;
	}
	stretch.is_open = interval->state == ILV_STATE_WAITING &&
			  interval->entity->kind == ILV_ENTITY_KIND_THREAD &&
			  lanes->report->switch_source == ILV_SWITCH_SOURCE_PERF;

	if (interval->entity == subject && holder.lane != UINT32_MAX) {
		struct ilv_lane *lane = &lanes->list[holder.lane];

		status = add_stay(lanes, lane, &lane->shown, &stretch);
		if (status == ILV_STATUS_OK) {
			status = add_sign(lanes, lane, sign, stretch.end_ns);
		}
	}

	if (status == ILV_STATUS_OK && interval->entity == subject &&
	    holder.own_lane != UINT32_MAX) {
		/* The executor is an entity itself: what keeps it from serving shows beneath those
		 * it serves. */
		struct ilv_lane *lane = &lanes->list[holder.own_lane];

		if (stretch.ink != ILV_INK_RUN) {
			status = add_stay(lanes, lane, &lane->own, &stretch);
		} else if (sign == ILV_SIGN_CUT || sign == ILV_SIGN_FORCED) {
			status = add_sign(lanes, lane, sign, stretch.end_ns);
		}
	}

	if (status == ILV_STATUS_OK && interval->state == ILV_STATE_RUNNING) {
		status = has_executors(lanes, interval->entity->scheduler, &has);
	}
	if (status == ILV_STATUS_OK && has) {
		status = take_executor(lanes, interval, &holder, stretch);
	}

	return status;
}
