/* SPDX-License-Identifier: MIT */
/*
 * Description: fills lanes from intervals. One rule for all schedulers: an interval goes to the
 * lane of its entity, and, while it has an executor, to the lane of that as well.
 */
#include <stdio.h>
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
	uint32_t worker_lane;    /* of the pool's worker that it is; UINT32_MAX: none */
	uint32_t order;
	/* The last waits that ended, for the arrows that ended them: of its own, and for a lock. */
	int64_t wait_ns, wait_end_ns;
	int64_t lock_wait_ns, lock_wait_end_ns;
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
	lanes->arrows.least_wait_ns = scale->arrow_wait_ns;
	lanes->arrows.spacing_ns = scale->arrow_spacing_ns;
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
		target->worker_lane = UINT32_MAX;
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

/*
 * One character for an entity: the number at its name's end, from 10 on a capital as the legend
 * says, else the small first letter of its name.
 */
static char initial_of(const struct ilv_lanes_target *holder)
{
	size_t begin = strlen(holder->who);
	char first = holder->who[0];
	unsigned long number;

	while (begin > 0 && holder->who[begin - 1] >= '0' && holder->who[begin - 1] <= '9') {
		begin--;
	}
	if (!holder->who[begin]) {
		first = (char)(first >= 'A' && first <= 'Z' ? first - 'A' + 'a' : first);
		/* Nor is a name taken for a number. */
		return first > ' ' && first < 0x7f && !strchr("0123456789+", first) ? first : '?';
	}

	number = strtoul(holder->who + begin, NULL, 10);
	if (number < 10) {
		return (char)('0' + number);
	}

	return number <= ILV_HOLDER_LETTERED ? (char)('A' + number - 10) : ILV_HOLDER_BEYOND;
}

/* The worker of a pool stays the same: its lane is called as the thread that it is. */
static enum ilv_status name_worker(struct ilv_lanes *lanes, struct ilv_lane *lane,
				   const struct ilv_interval *interval)
{
	struct ilv_lanes_target *worker;
	enum ilv_status status;
	char id[256];
	char *label;

	if (interval->entity->kind != ILV_ENTITY_KIND_JOB || !interval->carrier ||
	    lane->kind != ILV_LANE_KIND_EXECUTOR || lane->has_own_label) {
		return ILV_STATUS_OK;
	}

	status = target_of(lanes, interval->carrier, &worker);
	if (status < 0) {
		return status;
	}
	ilv_entity_id(interval->carrier, id, sizeof(id));
	label = strdup(worker->who);
	lane->own_id = strdup(id);
	if (!label || !lane->own_id) {
		free(label);
		ilv_cause_add("Cannot name worker: not enough memory");
		return ILV_STATUS_MEMORY;
	}
	free(lane->label);
	lane->label = label;
	lane->has_own_label = true;
	worker->worker_lane = (uint32_t)(lane - lanes->list);
	return ILV_STATUS_OK;
}

/* "worker 10" comes after "worker 9". */
static bool comes_after(const struct ilv_lane *left, const struct ilv_lane *right)
{
	size_t left_length = strlen(left->label);
	size_t right_length = strlen(right->label);

	if (!left->has_own_label || !right->has_own_label) {
		return !left->has_own_label && right->has_own_label;
	}
	if (left_length != right_length) {
		return left_length > right_length;
	}

	return strcmp(left->label, right->label) > 0;
}

static bool is_same_pool(const struct ilv_lane *left, const struct ilv_lane *right)
{
	return left->kind == ILV_LANE_KIND_EXECUTOR && right->kind == ILV_LANE_KIND_EXECUTOR &&
	       left->scheduler_index != UINT32_MAX &&
	       left->scheduler_index == right->scheduler_index;
}

static bool is_called(const struct ilv_lanes *lanes, const struct ilv_lane *pool, const char *label)
{
	for (uint32_t i = 0; i < lanes->count; i++) {
		if (lanes->list[i].has_own_label && is_same_pool(&lanes->list[i], pool) &&
		    strcmp(lanes->list[i].label, label) == 0) {
			return true;
		}
	}

	return false;
}

/* Workers that had no job are called by the numbers that the others left. */
static enum ilv_status name_idle_workers(struct ilv_lanes *lanes)
{
	for (uint32_t i = 0; i < lanes->count; i++) {
		struct ilv_lane *lane = &lanes->list[i];
		char label[32];

		if (lane->has_own_label || lane->executor < 0 || !is_same_pool(lane, lane) ||
		    strncmp(lane->label, "worker ", 7) != 0) {
			continue;
		}
		for (uint32_t number = 0; number <= lanes->count; number++) {
			snprintf(label, sizeof(label), "worker %u", number);
			if (!is_called(lanes, lane, label)) {
				break;
			}
		}
		free(lane->label);
		lane->label = strdup(label);
		lane->has_own_label = true;
		if (!lane->label) {
			ilv_cause_add("Cannot name worker: not enough memory");
			return ILV_STATUS_MEMORY;
		}
	}

	return ILV_STATUS_OK;
}

static void sort_workers(struct ilv_lanes *lanes)
{
	for (uint32_t i = 1; i < lanes->count; i++) {
		for (uint32_t j = i; j > 0; j--) {
			struct ilv_lane *left = &lanes->list[j - 1];
			struct ilv_lane *right = &lanes->list[j];
			struct ilv_lane swapped = *left;

			/* Only lanes of one pool: of theirs, no index is used any more. */
			if (!is_same_pool(left, right) || !comes_after(left, right)) {
				break;
			}
			*left = *right;
			*right = swapped;
		}
	}
}

enum ilv_status ilv_lanes_take_mark(void *context, const struct ilv_mark *mark)
{
	struct ilv_lanes *lanes = context;
	enum ilv_status status = ILV_STATUS_OK;

	if (!lanes->losses || mark->time_ns < lanes->begin_ns || mark->time_ns > lanes->end_ns) {
		return ILV_STATUS_OK;
	}

	if (mark->entity) {
		struct ilv_lanes_target *target;

		/* Now, for it will be gone when its write turns out to be lost. */
		status = target_of(lanes, mark->entity, &target);
	}
	return status < 0 ? status : ilv_losses_take(lanes->losses, mark);
}

static enum ilv_status cross_out(void *context, uint32_t entity_index, int64_t time_ns)
{
	struct ilv_lanes *lanes = context;
	uint32_t lane = lanes->targets[entity_index].lane;

	if (lane == UINT32_MAX) {
		return ILV_STATUS_OK;
	}

	return add_sign(lanes, &lanes->list[lane], ILV_SIGN_LOST_UPDATE, time_ns);
}

enum ilv_status ilv_lanes_settle(struct ilv_lanes *lanes)
{
	enum ilv_status status = ILV_STATUS_OK;

	if (lanes->losses) {
		status = ilv_losses_tell(lanes->losses, cross_out, lanes);
	}
	if (status >= 0) {
		status = name_idle_workers(lanes);
	}
	if (status >= 0) {
		sort_workers(lanes);
	}
	return status;
}

static enum ilv_status take_executor(struct ilv_lanes *lanes, const struct ilv_interval *interval,
				     const struct ilv_lanes_target *holder,
				     struct ilv_stretch stretch)
{
	enum ilv_status status;

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
			status = name_worker(lanes, lane, interval);
			return status < 0 ? status : add_stay(lanes, lane, &lane->shown, &stretch);
		}
	}

	return ILV_STATUS_OK;
}

/*
 * Whether the kernel's word of who woke a thread can be believed. What a device or a timer ends is
 * put down to whoever happened to be interrupted. Locks have an arrow of their own.
 */
static bool is_woken_by_others(enum ilv_wait_reason reason)
{
	return reason == ILV_WAIT_REASON_COND || reason == ILV_WAIT_REASON_BARRIER ||
	       reason == ILV_WAIT_REASON_JOIN || reason == ILV_WAIT_REASON_CHILD ||
	       reason == ILV_WAIT_REASON_TASK || reason == ILV_WAIT_REASON_POOL_JOB ||
	       reason == ILV_WAIT_REASON_QUEUE;
}

static void note_wait(struct ilv_lanes_target *target, const struct ilv_interval *interval)
{
	const struct ilv_entity *entity = interval->entity;

	if (!interval->is_last) {
		return;
	}
	if (entity->kind == ILV_ENTITY_KIND_CLAIM) {
		if (interval->state == ILV_STATE_READY) {
			target->lock_wait_ns = interval->end_ns - interval->since_ns;
			target->lock_wait_end_ns = interval->end_ns;
		}
	} else if (interval->state == ILV_STATE_WAITING &&
		   (entity->kind != ILV_ENTITY_KIND_THREAD ||
		    is_woken_by_others(interval->reason))) {
		target->wait_ns = interval->end_ns - interval->since_ns;
		target->wait_end_ns = interval->end_ns;
	}
}

/* The lane on which an arrow to or from `target` ends; UINT32_MAX: none shows it alone. */
static uint32_t arrow_lane(const struct ilv_lanes *lanes, const struct ilv_lanes_target *target)
{
	if (target->lane != UINT32_MAX && lanes->list[target->lane].kind == ILV_LANE_KIND_ENTITY) {
		return target->lane;
	}

	return target->own_lane;
}

enum ilv_status ilv_lanes_take_edge(void *context, const struct ilv_edge *edge)
{
	struct ilv_lanes *lanes = context;
	struct ilv_arrow arrow = {.from_ns = edge->from_ns, .to_ns = edge->to_ns};
	enum ilv_arrow_kind kind = ilv_arrow_kind(edge);
	struct ilv_lanes_target *target;
	enum ilv_status status;

	if (kind == ILV_ARROW_NONE || arrow.from_ns < lanes->begin_ns ||
	    arrow.to_ns > lanes->end_ns) {
		return ILV_STATUS_OK;
	}

	status = target_of(lanes, edge->from, &target);
	if (status < 0) {
		return status;
	}
	arrow.from_lane = arrow_lane(lanes, target);
	status = target_of(lanes, edge->to, &target);
	if (status < 0) {
		return status;
	}
	arrow.to_lane = arrow_lane(lanes, target);
	if (arrow.from_lane == UINT32_MAX || arrow.to_lane == UINT32_MAX ||
	    arrow.from_lane == arrow.to_lane) {
		return ILV_STATUS_OK;
	}

	if (kind == ILV_ARROW_WAKE_UP && target->wait_end_ns == edge->to_ns) {
		arrow.waited_ns = target->wait_ns;
	} else if (kind != ILV_ARROW_SPAWN && target->lock_wait_end_ns == edge->to_ns) {
		arrow.waited_ns = target->lock_wait_ns;
	}
	if (edge->over && edge->over->name) {
		ilv_words_clean(arrow.what, sizeof(arrow.what), edge->over->name);
	}
	ilv_arrows_add(&lanes->arrows, kind, &arrow);
	return ILV_STATUS_OK;
}

/* Whoever the program left behind mostly outlives the run by a moment: its mark stands where the
 * picture ends. */
static enum ilv_status take_left_behind(struct ilv_lanes *lanes,
					const struct ilv_interval *interval)
{
	const struct ilv_entity *entity = interval->entity;
	const struct ilv_run *run = entity->process ? entity->process->run : NULL;
	struct ilv_lanes_target *target;
	enum ilv_status status;

	if (!interval->is_end || !interval->is_abandoned || interval->end_ns <= lanes->end_ns ||
	    entity->begin_ns >= lanes->end_ns || !run || run->begin_ns != lanes->begin_ns) {
		return ILV_STATUS_OK;
	}

	status = target_of(lanes, entity, &target);
	return status < 0 || target->lane == UINT32_MAX
		       ? status
		       : add_sign(lanes, &lanes->list[target->lane], ILV_SIGN_ABANDONED,
				  lanes->end_ns);
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
	bool waits_beneath;
	bool has = false;

	status = take_left_behind(lanes, interval);
	if (status < 0) {
		return status;
	}
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
	note_wait(target, interval);
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
	waits_beneath = interval->state == ILV_STATE_RUNNING && stretch.ink != ILV_INK_RUN &&
			stretch.ink != ILV_INK_STALLED;
	if (waits_beneath) {
		stretch.reason = interval->beneath_reason;
	}
	stretch.is_open = (waits_beneath || (interval->state == ILV_STATE_WAITING &&
					     interval->entity->kind == ILV_ENTITY_KIND_THREAD)) &&
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

	if (status == ILV_STATUS_OK && interval->entity == subject &&
	    holder.worker_lane != UINT32_MAX && (sign == ILV_SIGN_CUT || sign == ILV_SIGN_FORCED)) {
		/* A job keeps its worker, but the worker can lose its CPU. */
		status = add_sign(lanes, &lanes->list[holder.worker_lane], sign, stretch.end_ns);
	}

	if (status == ILV_STATUS_OK && interval->state == ILV_STATE_RUNNING) {
		status = has_executors(lanes, interval->entity->scheduler, &has);
	}
	if (status == ILV_STATUS_OK && has) {
		status = take_executor(lanes, interval, &holder, stretch);
	}

	return status;
}
