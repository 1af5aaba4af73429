/* SPDX-License-Identifier: MIT */
/*
 * Description: the model's frame: it takes events in, finds who emitted them, and hands each to the
 * handler of its type. The handlers, one file a family, say in verbs (scheduler.h) what happened.
 */
#include "analysis/model/model.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/model/inner.h"
#include "base/cause.h"

/* How an event comes to its handler. */
enum origin {
	ORIGIN_ANYONE, /* recorders, closings: not the doing of the thread that emits it */
	ORIGIN_THREAD, /* its emitter does it, and so evidently runs */
	ORIGIN_START,  /* the emitter may only now begin: the handler finds it */
};

static const struct {
	ilv_handler_fn handle;
	enum origin origin;
} handlers[ILV_EVENT_COUNT] = {
	[ILV_EVENT_RUN_BEGIN] = {ilv_on_run_begin, ORIGIN_THREAD},
	[ILV_EVENT_RUN_END] = {ilv_on_run_end, ORIGIN_THREAD},
	[ILV_EVENT_RUN_NOTE] = {ilv_on_run_note, ORIGIN_THREAD},
	[ILV_EVENT_PHASE_BEGIN] = {ilv_on_phase, ORIGIN_THREAD},
	[ILV_EVENT_PHASE_END] = {ilv_on_phase, ORIGIN_THREAD},
	[ILV_EVENT_PHASE_POINT] = {ilv_on_phase, ORIGIN_THREAD},
	[ILV_EVENT_PHASE_COUNT] = {ilv_on_phase, ORIGIN_THREAD},
	[ILV_EVENT_PHASE_PRICE] = {ilv_on_phase, ORIGIN_THREAD},
	[ILV_EVENT_RECORDER_BEGIN] = {ilv_on_recorder_begin, ORIGIN_ANYONE},
	[ILV_EVENT_RECORDER_END] = {ilv_on_recorder_end, ORIGIN_ANYONE},
	[ILV_EVENT_RECORDER_CLOSED] = {ilv_on_recorder_closed, ORIGIN_ANYONE},
	[ILV_EVENT_SWITCH_WATERMARK] = {ilv_on_switch_watermark, ORIGIN_ANYONE},
	[ILV_EVENT_SWITCH_LOST] = {ilv_on_switch_lost, ORIGIN_ANYONE},
	[ILV_EVENT_THREAD_SWITCH_IN] = {ilv_on_thread_switch_in, ORIGIN_ANYONE},
	[ILV_EVENT_THREAD_SWITCH_OUT] = {ilv_on_thread_switch_out, ORIGIN_ANYONE},
	[ILV_EVENT_THREAD_WAKEUP] = {ilv_on_thread_wakeup, ORIGIN_ANYONE},
	[ILV_EVENT_PROCESS_FORK] = {ilv_on_process_fork, ORIGIN_ANYONE},
	[ILV_EVENT_THREAD_YIELD_BEGIN] = {ilv_on_thread_yield_begin, ORIGIN_THREAD},
	[ILV_EVENT_THREAD_YIELD_END] = {ilv_on_thread_yield_end, ORIGIN_THREAD},
	[ILV_EVENT_THREAD_CREATE] = {ilv_on_thread_create, ORIGIN_THREAD},
	[ILV_EVENT_THREAD_START] = {ilv_on_thread_start, ORIGIN_START},
	[ILV_EVENT_THREAD_ANNOUNCE] = {ilv_on_thread_announce, ORIGIN_ANYONE},
	[ILV_EVENT_THREAD_EXIT] = {ilv_on_thread_exit, ORIGIN_THREAD},
	[ILV_EVENT_THREAD_JOIN_BEGIN] = {ilv_on_thread_join_begin, ORIGIN_THREAD},
	[ILV_EVENT_THREAD_JOIN_END] = {ilv_on_thread_join_end, ORIGIN_THREAD},
	[ILV_EVENT_LOCK_NAME] = {ilv_on_lock_name, ORIGIN_THREAD},
	[ILV_EVENT_LOCK_SHARE] = {ilv_on_lock_share, ORIGIN_THREAD},
	[ILV_EVENT_LOCK_WAIT_BEGIN] = {ilv_on_lock_wait_begin, ORIGIN_THREAD},
	[ILV_EVENT_LOCK_WAIT_ABANDON] = {ilv_on_lock_wait_abandon, ORIGIN_THREAD},
	[ILV_EVENT_LOCK_ACQUIRE] = {ilv_on_lock_acquire, ORIGIN_THREAD},
	[ILV_EVENT_LOCK_RELEASE] = {ilv_on_lock_release, ORIGIN_THREAD},
	[ILV_EVENT_LOCK_DESTROY] = {ilv_on_lock_destroy, ORIGIN_THREAD},
	[ILV_EVENT_WAIT_BEGIN] = {ilv_on_wait_begin, ORIGIN_THREAD},
	[ILV_EVENT_WAIT_END] = {ilv_on_wait_end, ORIGIN_THREAD},
	[ILV_EVENT_PROCESS_SPAWN] = {ilv_on_process_spawn, ORIGIN_THREAD},
	[ILV_EVENT_PROCESS_START] = {ilv_on_process_start, ORIGIN_START},
	[ILV_EVENT_PROCESS_EXIT] = {ilv_on_process_exit, ORIGIN_THREAD},
	[ILV_EVENT_PROCESS_MEMORY] = {ilv_on_process_memory, ORIGIN_THREAD},
	[ILV_EVENT_PROCESS_WAIT_BEGIN] = {ilv_on_process_wait_begin, ORIGIN_THREAD},
	[ILV_EVENT_PROCESS_WAIT_END] = {ilv_on_process_wait_end, ORIGIN_THREAD},
	[ILV_EVENT_LOOP_CREATE] = {ilv_on_loop_create, ORIGIN_THREAD},
	[ILV_EVENT_LOOP_POLL_BEGIN] = {ilv_on_loop_poll_begin, ORIGIN_THREAD},
	[ILV_EVENT_LOOP_POLL_END] = {ilv_on_loop_poll_end, ORIGIN_THREAD},
	[ILV_EVENT_TASK_CREATE] = {ilv_on_task_create, ORIGIN_THREAD},
	[ILV_EVENT_TASK_READY] = {ilv_on_task_ready, ORIGIN_THREAD},
	[ILV_EVENT_TASK_RESUME] = {ilv_on_task_resume, ORIGIN_THREAD},
	[ILV_EVENT_TASK_YIELD] = {ilv_on_task_yield, ORIGIN_THREAD},
	[ILV_EVENT_TASK_DONE] = {ilv_on_task_done, ORIGIN_THREAD},
	[ILV_EVENT_POOL_CREATE] = {ilv_on_pool_create, ORIGIN_THREAD},
	[ILV_EVENT_JOB_SUBMIT] = {ilv_on_job_submit, ORIGIN_THREAD},
	[ILV_EVENT_JOB_BEGIN] = {ilv_on_job_begin, ORIGIN_THREAD},
	[ILV_EVENT_JOB_END] = {ilv_on_job_end, ORIGIN_THREAD},
	[ILV_EVENT_SHARED_READ] = {ilv_on_shared_access, ORIGIN_THREAD},
	[ILV_EVENT_SHARED_WRITE] = {ilv_on_shared_access, ORIGIN_THREAD},
	[ILV_EVENT_SHARED_UPDATE] = {ilv_on_shared_access, ORIGIN_THREAD},
};

void ilv_model_fail(struct ilv_model *model, enum ilv_status status)
{
	if (status >= 0 || model->status < 0) {
		return;
	}
	model->status = status;
	if (status == ILV_STATUS_MEMORY) {
		ilv_cause_add("Cannot follow the trace: out of memory, entities=%u",
			      model->entities.count);
	}
}

void *ilv_model_allocate(struct ilv_model *model, size_t size)
{
	void *memory = calloc(1, size);

	if (!memory) {
		ilv_model_fail(model, ILV_STATUS_MEMORY);
	}
	return memory;
}

/* Makes room for one item more. */
static bool list_reserve(struct ilv_model *model, struct ilv_list *list)
{
	uint32_t capacity = list->capacity ? list->capacity * 2 : 16;
	void **items;

	if (list->count < list->capacity) {
		return true;
	}

	items = realloc(list->items, capacity * sizeof(*items));
	if (!items) {
		ilv_model_fail(model, ILV_STATUS_MEMORY);
		return false;
	}
	list->items = items;
	list->capacity = capacity;
	return true;
}

/* Takes `item` over: where there is no room for it, it is freed, and the failure kept. */
bool ilv_list_add(struct ilv_model *model, struct ilv_list *list, void *item)
{
	if (!list_reserve(model, list)) {
		free(item);
		return false;
	}
	list->items[list->count++] = item;
	return true;
}

static void free_list(struct ilv_list *list)
{
	for (uint32_t i = 0; i < list->count; i++) {
		free(list->items[i]);
	}
	free(list->items);
}

struct ilv_model *ilv_model_create(void)
{
	struct ilv_model *model = calloc(1, sizeof(*model));

	if (!model) {
		goto fail;
	}
	model->facts.recorder_cpu_ns = -1;
	model->identities = ilv_identities_create();
	if (!model->identities) {
		goto fail;
	}
	model->kernel = ilv_scheduler_take(model, ILV_SCHEDULER_KIND_KERNEL, NULL, 0);
	if (!model->kernel) {
		goto fail;
	}
	return model;

fail:
	ilv_cause_add("Cannot create model: out of memory");
	ilv_model_destroy(model);
	return NULL;
}

void ilv_model_destroy(struct ilv_model *model)
{
	if (!model) {
		return;
	}

	ilv_identities_destroy(model->identities);
	for (uint32_t i = 0; i < model->schedulers.count; i++) {
		struct ilv_scheduler_node *scheduler = model->schedulers.items[i];

		free(scheduler->places.items); /* The entities on them are freed below. */
	}
	for (int kind = 0; kind < ILV_ENTITY_KIND_COUNT; kind++) {
		free(model->hearers[kind].items); /* The listeners are freed below. */
	}
	free_list(&model->listeners);
	free_list(&model->processes);
	free_list(&model->schedulers);
	free_list(&model->entities);
	free_list(&model->runs);
	free_list(&model->recorders);
	free_list(&model->creations);
	free(model);
}

void ilv_model_set_implied_run(struct ilv_model *model, bool is_implied)
{
	model->is_run_implied = is_implied;
}

void ilv_model_set_session(struct ilv_model *model, int32_t pid)
{
	model->session_pid = pid;
}

/* Puts `listener`, which stays the caller's, among those who hear of the changes it asks for. */
static bool add_hearer(struct ilv_model *model, struct ilv_model_listener *listener)
{
	for (int kind = 0; listener->on_change && kind < ILV_ENTITY_KIND_COUNT; kind++) {
		bool is_wanted =
			listener->change_kinds == 0 || (listener->change_kinds & 1U << kind) != 0;

		if (is_wanted && !list_reserve(model, &model->hearers[kind])) {
			return false;
		}
		if (is_wanted) {
			model->hearers[kind].items[model->hearers[kind].count++] = listener;
		}
	}
	return true;
}

enum ilv_status ilv_model_listen(struct ilv_model *model, const struct ilv_model_listener *listener)
{
	struct ilv_model_listener *copy = ilv_model_allocate(model, sizeof(*copy));

	if (!copy) {
		return ILV_STATUS_MEMORY;
	}
	*copy = *listener;
	if (!add_hearer(model, copy)) {
		free(copy);
		return ILV_STATUS_MEMORY;
	}
	if (!ilv_list_add(model, &model->listeners, copy)) {
		return ILV_STATUS_MEMORY;
	}
	/* The kernel is there from the beginning, before anybody listens. */
	if (listener->on_scheduler) {
		ilv_model_fail(model,
			       listener->on_scheduler(listener->context, &model->kernel->shown));
	}
	return model->status;
}

static void begin(struct ilv_model *model, int64_t time_ns)
{
	model->has_begun = true;
	model->begin_ns = time_ns;
	model->now_ns = time_ns;
	model->kernel->shown.begin_ns = time_ns;
	if (model->is_run_implied) {
		ilv_run_imply(model);
	}
}

/* Finds the thread whose doing `event` is; NULL: nobody's who still lives. */
static struct ilv_thread *take_emitter(struct ilv_model *model, const struct ilv_event *event)
{
	struct ilv_thread **last = &model->emitters[(uint32_t)event->cpu % ILV_EMITTER_COUNT];
	struct ilv_thread *thread = *last;
	struct ilv_process_node *process;

	if (thread && thread->node.shown.tid == event->tid &&
	    thread->node.shown.process->pid == event->pid) {
		process = (struct ilv_process_node *)thread->node.shown.process;
	} else {
		process = event->pid > 0 ? ilv_process_take(model, event->pid) : NULL;
		thread = NULL;
	}
	if (!process) {
		return NULL;
	}

	ilv_process_count_event(process, event);
	/* What still comes from a process after its end is its tear-down, and begins nothing. */
	if (event->tid <= 0 || process->shown.end_ns != INT64_MAX) {
		return NULL;
	}
	if (!thread) {
		thread = ilv_thread_take(model, process, event->tid);
		*last = thread;
	}
	if (thread) {
		ilv_thread_is_evident(model, thread, event->cpu);
	}
	return thread;
}

enum ilv_status ilv_model_feed(struct ilv_model *model, const struct ilv_event *event)
{
	struct ilv_thread *thread = NULL;
	enum origin origin;

	if (model->status < 0 || model->is_finished) {
		return model->status < 0 ? model->status : ILV_STATUS_ERROR;
	}
	if (!model->has_begun) {
		begin(model, event->time_ns);
	}
	if (event->time_ns > model->now_ns) {
		model->now_ns = event->time_ns;
	}
	model->emitter_cpu = event->cpu;
	if ((unsigned int)event->type >= ILV_EVENT_COUNT || !handlers[event->type].handle) {
		return model->status; /* It told the time, and nothing else. */
	}

	origin = handlers[event->type].origin;
	if (origin == ORIGIN_THREAD) {
		thread = take_emitter(model, event);
	} else if (origin == ORIGIN_ANYONE && event->pid > 0 &&
		   event->type != ILV_EVENT_RECORDER_CLOSED) {
		struct ilv_process_node *process = ilv_process_take(model, event->pid);

		if (process) {
			ilv_process_count_event(process, event);
		}
	}
	if (origin != ORIGIN_THREAD || thread) {
		handlers[event->type].handle(model, event, thread);
	}
	return model->status;
}

enum ilv_status ilv_model_finish(struct ilv_model *model)
{
	if (model->status < 0 || model->is_finished) {
		return model->status;
	}

	model->is_finished = true;
	ilv_processes_finish(model);
	ilv_runs_finish(model);
	ilv_recorders_finish(model);
	ilv_tell_end(model);
	return model->status;
}

const struct ilv_model_facts *ilv_model_facts(const struct ilv_model *model)
{
	return &model->facts;
}

struct ilv_process *const *ilv_model_processes(const struct ilv_model *model, uint32_t *count)
{
	*count = model->processes.count;
	return (struct ilv_process *const *)model->processes.items;
}

struct ilv_scheduler *const *ilv_model_schedulers(const struct ilv_model *model, uint32_t *count)
{
	*count = model->schedulers.count;
	return (struct ilv_scheduler *const *)model->schedulers.items;
}

struct ilv_entity *const *ilv_model_entities(const struct ilv_model *model, uint32_t *count)
{
	*count = model->entities.count;
	return (struct ilv_entity *const *)model->entities.items;
}

struct ilv_run *const *ilv_model_runs(const struct ilv_model *model, uint32_t *count)
{
	*count = model->runs.count;
	return (struct ilv_run *const *)model->runs.items;
}
