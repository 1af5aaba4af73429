/* SPDX-License-Identifier: MIT */
/*
 * Description: runs: what is measured and compared. A run belongs to the process that says
 * run_begin and to its descendants, until it says run_end or ends.
 */
#include <string.h>

#include "analysis/model/inner.h"

static struct ilv_run *make_run(struct ilv_model *model)
{
	struct ilv_run *run = ilv_model_allocate(model, sizeof(*run));

	if (!run || !ilv_list_add(model, &model->runs, run)) {
		return NULL;
	}
	run->index = model->runs.count - 1;
	run->pid = -1;
	run->recorder_cpu_ns = -1;
	run->begin_ns = model->now_ns;
	run->end_ns = INT64_MAX;
	return run;
}

static void end_run(struct ilv_model *model, struct ilv_run *run)
{
	if (run->end_ns == INT64_MAX) {
		run->end_ns = model->now_ns;
		ilv_tell_run_end(model, run);
	}
}

void ilv_run_imply(struct ilv_model *model)
{
	struct ilv_run *run = make_run(model);

	if (run) {
		run->is_implied = true;
		model->implied_run = run;
		ilv_tell_run_begin(model, run);
	}
}

/*
 * Whether nothing but its making is known of a process, least of all its end. If it lives still, a
 * switch of it will say so, and it is of the run from then on.
 */
static bool may_be_gone(const struct ilv_process_node *process)
{
	return process->has_fork && !process->has_spawn && process->shown.event_count == 0;
}

/*
 * Whether `process` is run by another `interleave` than that whose session this trace is: one
 * session daemon serves both, and tells each of all.
 */
static bool is_of_another_session(const struct ilv_model *model,
				  const struct ilv_process_node *process)
{
	for (; model->session_pid > 0 && process; process = process->parent) {
		if (process->shown.role == ILV_ROLE_RECORDER && process->has_start) {
			return process->shown.pid != model->session_pid;
		}
	}
	return false;
}

ILV_HANDLER(run_begin)
{
	struct ilv_process_node *process = (struct ilv_process_node *)thread->node.shown.process;
	struct ilv_run *run;

	if (is_of_another_session(model, process)) {
		return;
	}

	/* A process has one run at a time; whoever begins another has left the one before. */
	ilv_run_end_of_process(model, process);
	run = make_run(model);
	if (!run) {
		return;
	}

	run->workload = event->u.run_begin.workload;
	run->runtime = event->u.run_begin.runtime;
	run->variant = event->u.run_begin.variant;
	run->parameters = event->u.run_begin.parameters;
	run->unit = (enum ilv_unit)ilv_known(event->u.run_begin.unit, ILV_UNIT_POOL_JOB);
	run->cpu_count = event->u.run_begin.cpu_count;
	run->pid = event->pid;
	for (uint32_t i = 0; i < model->processes.count; i++) {
		struct ilv_process_node *member = model->processes.items[i];

		if (ilv_process_descends_from(member, process) && !may_be_gone(member)) {
			member->shown.run = run;
			member->shown.memory_begin_bytes = -1;
			member->shown.memory_peak_bytes = -1;
		}
	}
	/* Who speaks of runs has our library, which tells of yields. */
	model->facts.has_yields = true;
	ilv_tell_run_begin(model, run);
}

ILV_HANDLER(run_end)
{
	struct ilv_run *run = thread->node.shown.process->run;

	if (run && !run->is_implied && run->end_ns == INT64_MAX) {
		run->status = event->u.run_end.status;
		run->is_ended = true;
		end_run(model, run);
	}
}

ILV_HANDLER(run_note)
{
	struct ilv_run *run = thread->node.shown.process->run;
	const char *text = ilv_text_or_null(event->u.run_note.text);

	(void)model;
	if (!run || run->end_ns != INT64_MAX || !text) {
		return;
	}

	if (run->note_count == ILV_RUN_NOTE_LIMIT) {
		/* What came of a run is said at its end: the last words count. */
		memmove(run->notes, run->notes + 1, sizeof(run->notes) - sizeof(run->notes[0]));
		run->note_count--;
		run->note_left_out_count++;
	}
	run->notes[run->note_count++] = text;
}

void ilv_run_end_of_process(struct ilv_model *model, const struct ilv_process_node *process)
{
	struct ilv_run *run = process->shown.run;

	if (run && !run->is_implied && run->pid == process->shown.pid) {
		end_run(model, run);
	}
}

void ilv_runs_finish(struct ilv_model *model)
{
	for (uint32_t i = 0; i < model->runs.count; i++) {
		end_run(model, model->runs.items[i]);
	}
}
