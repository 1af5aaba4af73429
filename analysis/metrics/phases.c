/* SPDX-License-Identifier: MIT */
/*
 * Description: takes the measures of phases. As long as a trace speaks of none, it costs nothing.
 */
#include "analysis/metrics/phases.h"

#include <stdlib.h>

#include "analysis/metrics/measures.h"
#include "analysis/metrics/measures_inner.h"
#include "base/cause.h"
#include "base/grow.h"

/* What is kept of a run. */
struct run_state {
	struct ilv_phase_sums sums;
	uint32_t running_count;
	int64_t changed_ns; /* when `running_count` last changed */
	uint64_t left_out_count;
};

/* Where an entity is counted as running: a run's index, or one of these. */
#define NOWHERE 0
#define IN(run) ((run)->index + 1)

struct ilv_phases {
	struct ilv_model *model;
	bool has_begun;         /* somebody spoke of a phase */
	struct run_state *runs; /* by the run's index */
	uint32_t run_count;
	uint32_t *running_in; /* by the entity's index */
	uint32_t running_in_count;
	struct ilv_phase *list;
	uint32_t count, capacity;
	uint32_t open[ILV_PHASE_OPEN_LIMIT]; /* indexes into `list`, oldest first */
	uint32_t open_count;
};

static const struct ilv_run *run_now(const struct ilv_entity *entity)
{
	const struct ilv_run *run = entity && entity->process ? entity->process->run : NULL;

	return run && run->end_ns == INT64_MAX ? run : NULL;
}

static enum ilv_status take_run(struct ilv_phases *phases, const struct ilv_run *run,
				struct run_state **state)
{
	enum ilv_status status = ilv_grow((void **)&phases->runs, &phases->run_count, run->index,
					  sizeof(*phases->runs));

	if (status == ILV_STATUS_OK) {
		*state = &phases->runs[run->index];
	}

	return status;
}

/* Brings the running time up to `time_ns`. */
static void advance(struct run_state *state, int64_t time_ns)
{
	if (time_ns > state->changed_ns) {
		state->sums.running_ns +=
			(int64_t)state->running_count * (time_ns - state->changed_ns);
		state->changed_ns = time_ns;
	}
}

/* Counts `entity` as running where it runs now, and no longer where it ran before. */
static enum ilv_status place(struct ilv_phases *phases, const struct ilv_entity *entity,
			     bool is_running, int64_t time_ns)
{
	const struct ilv_run *run = is_running ? run_now(entity) : NULL;
	enum ilv_status status = ilv_grow((void **)&phases->running_in, &phases->running_in_count,
					  entity->index, sizeof(*phases->running_in));
	uint32_t wanted = run && ilv_measures_counts(entity) ? IN(run) : NOWHERE;
	struct run_state *state;
	uint32_t *where;

	if (status != ILV_STATUS_OK) {
		return status;
	}

	where = &phases->running_in[entity->index];
	if (*where == wanted) {
		return ILV_STATUS_OK;
	}

	if (*where != NOWHERE) {
		state = &phases->runs[*where - 1];
		advance(state, time_ns);
		state->running_count--;
		*where = NOWHERE;
	}
	if (wanted == NOWHERE) {
		return ILV_STATUS_OK;
	}

	status = take_run(phases, run, &state);
	if (status == ILV_STATUS_OK) {
		advance(state, time_ns);
		state->running_count++;
		*where = wanted;
	}

	return status;
}

/* Who runs already is counted from now on. */
static enum ilv_status place_all(struct ilv_phases *phases, int64_t time_ns)
{
	uint32_t count;
	struct ilv_entity *const *entities = ilv_model_entities(phases->model, &count);
	enum ilv_status status = ILV_STATUS_OK;

	for (uint32_t index = 0; index < count && status == ILV_STATUS_OK; index++) {
		if (entities[index]->kind == ILV_ENTITY_KIND_THREAD) {
			status = place(phases, entities[index],
				       entities[index]->state == ILV_STATE_RUNNING, time_ns);
		}
	}

	return status;
}

static void count_stop(struct ilv_phase_sums *sums, const struct ilv_change *change)
{
	if (!change->is_counted) {
		return;
	}

	sums->voluntary_count += !change->is_involuntary;
	sums->involuntary_count += change->is_involuntary;
	sums->cut_count += change->cause == ILV_CAUSE_CUT || change->cause == ILV_CAUSE_FORCED;
	sums->gave_way_count +=
		change->cause == ILV_CAUSE_BLOCKED || change->cause == ILV_CAUSE_YIELDED;
}

static enum ilv_status on_change(void *context, const struct ilv_change *change)
{
	struct ilv_phases *phases = context;
	const struct ilv_entity *entity = change->entity;
	const struct ilv_run *run;
	struct run_state *state;
	enum ilv_status status = ILV_STATUS_OK;

	if (!phases->has_begun) {
		return ILV_STATUS_OK;
	}

	run = run_now(entity);
	if (run && change->cause != ILV_CAUSE_NONE && ilv_measures_counts(entity)) {
		status = take_run(phases, run, &state);
		if (status == ILV_STATUS_OK) {
			count_stop(&state->sums, change);
		}
	}
	if (status != ILV_STATUS_OK || change->is_correction) {
		return status;
	}

	return place(phases, entity, change->state == ILV_STATE_RUNNING, change->time_ns);
}

/* A new run takes over who runs in its processes. */
static enum ilv_status on_run_begin(void *context, const struct ilv_run *run)
{
	struct ilv_phases *phases = context;

	return phases->has_begun ? place_all(phases, run->begin_ns) : ILV_STATUS_OK;
}

static struct ilv_phase_sums difference(const struct ilv_phase_sums *end,
					const struct ilv_phase_sums *begin)
{
	return (struct ilv_phase_sums){
		.running_ns = end->running_ns - begin->running_ns,
		.voluntary_count = end->voluntary_count - begin->voluntary_count,
		.involuntary_count = end->involuntary_count - begin->involuntary_count,
		.cut_count = end->cut_count - begin->cut_count,
		.gave_way_count = end->gave_way_count - begin->gave_way_count,
	};
}

/* Ends the phase that stands at `place` of the open ones. Until then its sums were those of its
 * begin. */
static void close_phase(struct ilv_phases *phases, uint32_t place, int64_t time_ns, bool is_ended)
{
	struct ilv_phase *phase = &phases->list[phases->open[place]];
	struct run_state *state = &phases->runs[phase->run->index];

	advance(state, time_ns);
	phase->end_ns = time_ns;
	phase->is_ended = is_ended;
	phase->sums = difference(&state->sums, &phase->sums);
	phases->open_count--;
	for (uint32_t next = place; next < phases->open_count; next++) {
		phases->open[next] = phases->open[next + 1];
	}
}

/*
 * The place of the phase that `mark` speaks of, the youngest of its name: of this entity's, else of
 * its process's. Returns `open_count` when there is none.
 */
static uint32_t find_open(const struct ilv_phases *phases, const struct ilv_mark *mark)
{
	uint32_t found = phases->open_count;

	for (uint32_t place = phases->open_count; place-- > 0;) {
		const struct ilv_phase *phase = &phases->list[phases->open[place]];

		/* Names are interned: equal ones have one address. */
		if (phase->name != mark->name || phase->entity->process != mark->entity->process) {
			continue;
		}
		if (phase->entity == mark->entity) {
			return place;
		}
		found = found == phases->open_count ? place : found;
	}

	return found;
}

static bool grow_list(struct ilv_phases *phases)
{
	uint32_t capacity = phases->capacity ? 2 * phases->capacity : 16;
	struct ilv_phase *grown;

	if (phases->count < phases->capacity) {
		return true;
	}

	grown = reallocarray(phases->list, capacity, sizeof(*grown));
	if (!grown) {
		ilv_cause_add("Cannot measure phases: count=%u", phases->count);
		return false;
	}

	phases->list = grown;
	phases->capacity = capacity;
	return true;
}

static enum ilv_status begin_phase(struct ilv_phases *phases, const struct ilv_mark *mark,
				   const struct ilv_run *run)
{
	struct run_state *state;
	enum ilv_status status = ILV_STATUS_OK;

	if (!phases->has_begun) {
		phases->has_begun = true;
		status = place_all(phases, mark->time_ns);
	}
	if (status == ILV_STATUS_OK) {
		status = take_run(phases, run, &state);
	}
	if (status != ILV_STATUS_OK) {
		return status;
	}

	if (phases->count == ILV_PHASE_LIMIT || phases->open_count == ILV_PHASE_OPEN_LIMIT) {
		state->left_out_count++;
		return ILV_STATUS_OK;
	}
	if (!grow_list(phases)) {
		return ILV_STATUS_MEMORY;
	}

	advance(state, mark->time_ns);
	phases->open[phases->open_count++] = phases->count;
	phases->list[phases->count++] = (struct ilv_phase){
		.name = mark->name,
		.run = run,
		.entity = mark->entity,
		.begin_ns = mark->time_ns,
		.end_ns = INT64_MAX,
		.sums = state->sums,
		.memory_bytes = -1,
	};
	return ILV_STATUS_OK;
}

static const char *text_or_null(const char *text)
{
	return text && text[0] ? text : NULL;
}

static enum ilv_quantity unit_of(const struct ilv_event *event)
{
	int32_t unit = event->u.phase.unit;

	return unit >= 0 && unit <= ILV_QUANTITY_PERCENT ? (enum ilv_quantity)unit
							 : ILV_QUANTITY_NUMBER;
}

static void note_point(struct ilv_phase *phase, const struct ilv_event *event)
{
	phase->has_point = true;
	phase->point = (struct ilv_phase_point){
		.series = text_or_null(event->u.phase.series),
		.quantity = text_or_null(event->u.phase.what),
		.value = event->u.phase.value,
		.unit = unit_of(event),
		.is_reference = event->u.phase.is_reference != 0,
	};
}

static void note_count(struct ilv_phase *phase, const struct ilv_event *event)
{
	uint32_t index = 0;

	while (index < phase->count_count && phase->counts[index].what != event->u.phase.what) {
		index++;
	}
	if (index == ILV_PHASE_COUNT_LIMIT) {
		return;
	}

	phase->counts[index] = (struct ilv_phase_count){
		.what = event->u.phase.what,
		.count = event->u.phase.value,
		.is_work = event->u.phase.is_work != 0,
	};
	phase->count_count += index == phase->count_count;
}

static void note_price(struct ilv_phase *phase, const struct ilv_event *event)
{
	const bool is_untraced = event->u.phase.is_untraced != 0;
	uint32_t index = 0;

	while (index < phase->price_count && (phase->prices[index].what != event->u.phase.what ||
					      phase->prices[index].is_untraced != is_untraced)) {
		index++;
	}
	if (index == ILV_PHASE_PRICE_LIMIT) {
		return;
	}

	phase->prices[index] = (struct ilv_phase_price){
		.what = event->u.phase.what,
		.value = event->u.phase.value,
		.unit = unit_of(event),
		.is_untraced = is_untraced,
	};
	phase->price_count += index == phase->price_count;
}

/* A process speaks of its memory as a whole: it belongs to all its open phases. */
static void note_memory(struct ilv_phases *phases, const struct ilv_mark *mark)
{
	int64_t bytes = mark->event->u.process.anonymous_bytes;

	for (uint32_t place = 0; place < phases->open_count; place++) {
		struct ilv_phase *phase = &phases->list[phases->open[place]];

		if (phase->entity->process == mark->entity->process &&
		    bytes > phase->memory_bytes) {
			phase->memory_bytes = bytes;
		}
	}
}

static enum ilv_status on_mark(void *context, const struct ilv_mark *mark)
{
	struct ilv_phases *phases = context;
	const struct ilv_run *run;
	uint32_t place;

	if (mark->kind != ILV_MARK_KIND_PHASE_BEGIN && mark->kind != ILV_MARK_KIND_PHASE_END &&
	    mark->kind != ILV_MARK_KIND_PHASE_POINT && mark->kind != ILV_MARK_KIND_PHASE_COUNT &&
	    mark->kind != ILV_MARK_KIND_PHASE_PRICE && mark->kind != ILV_MARK_KIND_MEMORY) {
		return ILV_STATUS_OK;
	}

	run = run_now(mark->entity);
	if (!run) {
		return ILV_STATUS_OK;
	}
	if (mark->kind == ILV_MARK_KIND_PHASE_BEGIN) {
		return begin_phase(phases, mark, run);
	}
	if (mark->kind == ILV_MARK_KIND_MEMORY) {
		note_memory(phases, mark);
		return ILV_STATUS_OK;
	}

	place = find_open(phases, mark);
	if (place == phases->open_count) {
		return ILV_STATUS_OK;
	}

	if (mark->kind == ILV_MARK_KIND_PHASE_END) {
		close_phase(phases, place, mark->time_ns, true);
	} else if (mark->kind == ILV_MARK_KIND_PHASE_POINT) {
		note_point(&phases->list[phases->open[place]], mark->event);
	} else if (mark->kind == ILV_MARK_KIND_PHASE_PRICE) {
		note_price(&phases->list[phases->open[place]], mark->event);
	} else {
		note_count(&phases->list[phases->open[place]], mark->event);
	}

	return ILV_STATUS_OK;
}

/* No phase outlives its run. */
static enum ilv_status on_run_end(void *context, const struct ilv_run *run)
{
	struct ilv_phases *phases = context;

	for (uint32_t place = phases->open_count; place-- > 0;) {
		if (phases->list[phases->open[place]].run == run) {
			close_phase(phases, place, run->end_ns, false);
		}
	}

	return ILV_STATUS_OK;
}

struct ilv_phases *ilv_phases_create(struct ilv_model *model)
{
	struct ilv_phases *phases = calloc(1, sizeof(*phases));

	if (!phases) {
		return NULL;
	}

	phases->model = model;
	if (ilv_model_listen(
		    model, &(struct ilv_model_listener){.context = phases,
							.on_run_begin = on_run_begin,
							.on_run_end = on_run_end,
							.on_change = on_change,
							.change_kinds = 1 << ILV_ENTITY_KIND_THREAD,
							.on_mark = on_mark}) != ILV_STATUS_OK) {
		ilv_phases_destroy(phases);
		return NULL;
	}

	return phases;
}

void ilv_phases_destroy(struct ilv_phases *phases)
{
	if (!phases) {
		return;
	}

	free(phases->runs);
	free(phases->running_in);
	free(phases->list);
	free(phases);
}

const struct ilv_phase *ilv_phases_list(const struct ilv_phases *phases, uint32_t *count)
{
	*count = phases->count;
	return phases->list;
}

uint64_t ilv_phases_left_out(const struct ilv_phases *phases, const struct ilv_run *run)
{
	return run->index < phases->run_count ? phases->runs[run->index].left_out_count : 0;
}
