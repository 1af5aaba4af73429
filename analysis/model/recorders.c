/* SPDX-License-Identifier: MIT */
/*
 * Description: recorders of switches: which processes each tells of, and whether all that it told
 * has arrived. Where a recording ends, or loses something, what threads do becomes unknown rather
 * than going on as it was.
 */
#include "analysis/model/inner.h"
#include "analysis/model/scheduler.h"

struct ilv_recorder_node *ilv_recorder_take(struct ilv_model *model, uint64_t id)
{
	struct ilv_identity *identity =
		ilv_identity_take(model, ILV_IDENTITY_KIND_RECORDER, 0, id, 0);
	struct ilv_recorder_node *recorder;

	if (!identity || identity->newest) {
		return identity ? identity->newest : NULL;
	}

	recorder = ilv_model_allocate(model, sizeof(*recorder));
	if (!recorder || !ilv_list_add(model, &model->recorders, recorder)) {
		return NULL;
	}
	recorder->id = id;
	/* Switches whose recorder's begin was lost: the least that is known to give records. */
	recorder->source = ILV_SWITCH_SOURCE_PERF;
	recorder->cpu_ns = -1;
	identity->newest = recorder;
	return recorder;
}

enum ilv_switch_source ilv_process_source(const struct ilv_process *process)
{
	const struct ilv_recorder_node *recorder =
		((const struct ilv_process_node *)process)->recorder;

	return recorder && !recorder->is_closed ? recorder->source : ILV_SWITCH_SOURCE_NONE;
}

ILV_HANDLER(recorder_begin)
{
	struct ilv_recorder_node *recorder =
		ilv_recorder_take(model, event->u.recorder_begin.recorder_id);
	struct ilv_process_node *covered;

	(void)thread;
	if (!recorder) {
		return;
	}
	recorder->source = (enum ilv_switch_source)ilv_known(event->u.recorder_begin.source,
							     ILV_SWITCH_SOURCE_RUSAGE);
	recorder->has_begun = true;
	if (event->u.recorder_begin.covered_pid <= 0) {
		return; /* Whom it covers, its records will tell. */
	}

	covered = ilv_process_take(model, event->u.recorder_begin.covered_pid);
	recorder->covered = covered;
	for (uint32_t i = 0; covered && i < model->processes.count; i++) {
		struct ilv_process_node *process = model->processes.items[i];

		if (process == covered ||
		    (!process->recorder && ilv_process_descends_from(process, covered))) {
			process->recorder = recorder;
		}
	}
}

static bool tells_of(const struct ilv_model *model, const struct ilv_recorder_node *recorder,
		     const struct ilv_run *run)
{
	const struct ilv_process_node *process =
		run->pid > 0 ? ilv_process_find(model, run->pid) : NULL;

	return run->is_implied || (process && process->recorder == recorder);
}

/* Gives each run its part of the `used_ns` that `recorder` used since it spoke of it last. */
static void share_cpu_time(struct ilv_model *model, const struct ilv_recorder_node *recorder,
			   int64_t used_ns)
{
	const int64_t length_ns = model->now_ns - recorder->told_ns;

	/* A recorder is one thread: what is more is not its clock's doing. */
	used_ns = used_ns < length_ns ? used_ns : length_ns;
	for (uint32_t i = 0; i < model->runs.count; i++) {
		struct ilv_run *run = model->runs.items[i];
		int64_t begin_ns =
			run->begin_ns > recorder->told_ns ? run->begin_ns : recorder->told_ns;
		int64_t end_ns = run->end_ns < model->now_ns ? run->end_ns : model->now_ns;

		if (end_ns > begin_ns && tells_of(model, recorder, run)) {
			run->recorder_cpu_ns = run->recorder_cpu_ns < 0 ? 0 : run->recorder_cpu_ns;
			run->recorder_cpu_ns +=
				(int64_t)((double)used_ns * (double)(end_ns - begin_ns) /
					  (double)length_ns);
		}
	}
}

/* What a recorder used before it first speaks of it, it mostly used before it began to record. */
static void note_cpu_time(struct ilv_model *model, struct ilv_recorder_node *recorder,
			  int64_t cpu_ns)
{
	if (cpu_ns < recorder->cpu_ns) {
		return;
	}
	if (recorder->cpu_ns >= 0) {
		share_cpu_time(model, recorder, cpu_ns - recorder->cpu_ns);
	}
	recorder->cpu_ns = cpu_ns;
	recorder->told_ns = model->now_ns;
}

ILV_HANDLER(recorder_end)
{
	struct ilv_recorder_node *recorder =
		ilv_recorder_take(model, event->u.recorder_end.recorder_id);

	(void)thread;
	if (recorder) {
		recorder->has_ended = true;
		recorder->claimed_switch_count = event->u.recorder_end.switch_count;
		recorder->claimed_lost_count = event->u.recorder_end.lost_count;
		note_cpu_time(model, recorder, event->u.recorder_end.cpu_ns);
	}
}

ILV_HANDLER(switch_watermark)
{
	struct ilv_recorder_node *recorder =
		ilv_recorder_take(model, event->u.watermark.recorder_id);

	(void)thread;
	if (recorder) {
		if (!recorder->has_claimed &&
		    event->u.watermark.switch_count > recorder->seen_switch_count) {
			recorder->early_switch_count =
				event->u.watermark.switch_count - recorder->seen_switch_count;
		}
		recorder->has_claimed = true;
		if (event->u.watermark.switch_count > recorder->claimed_switch_count) {
			recorder->claimed_switch_count = event->u.watermark.switch_count;
		}
		note_cpu_time(model, recorder, event->u.watermark.cpu_ns);
	}
}

/* Forgets what the threads of `process` do, as far as they ran on `cpu`; -1: on any. */
static void lose_threads(struct ilv_model *model, struct ilv_process_node *process, int32_t cpu)
{
	struct ilv_thread *thread;

	for (thread = process->threads; thread; thread = thread->next_of_process) {
		if (cpu < 0 || thread->node.last_executor == cpu) {
			ilv_scheduler_lose(model, &thread->node.shown);
		}
	}
}

ILV_HANDLER(switch_lost)
{
	struct ilv_recorder_node *recorder =
		ilv_recorder_take(model, event->u.switch_lost.recorder_id);
	struct ilv_mark mark = {
		.kind = ILV_MARK_KIND_SWITCHES_LOST,
		.time_ns = model->now_ns,
		.count = event->u.switch_lost.lost_count,
	};

	(void)thread;
	if (!recorder) {
		return;
	}
	recorder->seen_lost_count += event->u.switch_lost.lost_count;
	ilv_tell_mark(model, &mark);
	for (uint32_t i = 0; i < model->processes.count; i++) {
		struct ilv_process_node *process = model->processes.items[i];

		if (process->recorder == recorder) {
			lose_threads(model, process, event->u.switch_lost.cpu);
		}
	}
}

ILV_HANDLER(recorder_closed)
{
	struct ilv_recorder_node *recorder = ilv_recorder_take(model, event->u.closed.recorder_id);
	struct ilv_mark mark = {
		.kind = ILV_MARK_KIND_RECORDING_ENDED,
		.time_ns = model->now_ns,
	};

	(void)thread;
	if (!recorder || recorder->is_closed) {
		return;
	}
	if (event->u.closed.is_premature) {
		ilv_tell_mark(model, &mark);
	}
	for (uint32_t i = 0; i < model->processes.count; i++) {
		struct ilv_process_node *process = model->processes.items[i];

		if (process->recorder == recorder) {
			lose_threads(model, process, -1);
		}
	}
	recorder->is_closed = true;
}

/* What of a recorder concerns the runs of the trace. */
struct service {
	bool has_run;   /* it tells of a process of a run */
	bool has_start; /* it tells of a process whose start is in the trace */
};

/*
 * A session takes the events of all programs of a user, also of those that are recorded by somebody
 * else at the same time: what their recorders leave out matters to no run.
 */
static struct service find_service(const struct ilv_model *model,
				   const struct ilv_recorder_node *recorder)
{
	struct service service = {.has_run = model->runs.count == 0};

	for (uint32_t i = 0; i < model->processes.count; i++) {
		const struct ilv_process_node *process = model->processes.items[i];

		if (process->recorder == recorder) {
			service.has_run = service.has_run || process->shown.run;
			service.has_start = service.has_start || process->has_start;
		}
	}
	return service;
}

/* Late switches are counted by who sent them: the upper half of a recorder's id. */
static void leave_out_late_switches(struct ilv_model *model,
				    const struct ilv_recorder_node *recorder)
{
	for (uint32_t i = 0; i < model->processes.count; i++) {
		struct ilv_process_node *process = model->processes.items[i];

		if (process->shown.pid == (int32_t)(recorder->id >> 32)) {
			model->facts.foreign_late_switch_count += process->late_switch_count;
			process->late_switch_count = 0;
		}
	}
}

void ilv_recorders_finish(struct ilv_model *model)
{
	struct ilv_model_facts *facts = &model->facts;

	for (uint32_t i = 0; i < model->recorders.count; i++) {
		struct ilv_recorder_node *recorder = model->recorders.items[i];
		struct service service = find_service(model, recorder);

		if (!service.has_run) {
			leave_out_late_switches(model, recorder);
			continue;
		}
		/* The weakest has the highest number. */
		if (recorder->has_begun && recorder->source > facts->switch_source) {
			facts->switch_source = recorder->source;
		}
		/* It was at work before the trace began: what it sent until then is nobody's loss.
		 */
		if (!recorder->has_begun && !service.has_start) {
			recorder->seen_switch_count += recorder->early_switch_count;
		}
		/* The rings' losses are told as they happen and once more, as a sum, at the end. */
		facts->lost_switch_count += recorder->claimed_lost_count > recorder->seen_lost_count
						    ? recorder->claimed_lost_count
						    : recorder->seen_lost_count;
		if (recorder->claimed_switch_count > recorder->seen_switch_count) {
			facts->lost_switch_count +=
				recorder->claimed_switch_count - recorder->seen_switch_count;
		}
		facts->unfinished_recorder_count += recorder->has_begun && !recorder->has_ended;
		if (recorder->cpu_ns >= 0) {
			facts->recorder_cpu_ns =
				(facts->recorder_cpu_ns < 0 ? 0 : facts->recorder_cpu_ns) +
				recorder->cpu_ns;
		}
	}
	if (model->has_switches && facts->switch_source == ILV_SWITCH_SOURCE_NONE) {
		facts->switch_source = ILV_SWITCH_SOURCE_PERF;
	}
}
