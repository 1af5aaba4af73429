/* SPDX-License-Identifier: MIT */
/* Description: makes a report of all runs, and has what its parts share. */
#include "analysis/report/build.h"

#include <stdlib.h>
#include <string.h>

#include "base/cause.h"

#define LABEL_SIZE 512

char *ilv_report_copy(struct ilv_run_build *build, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy) {
		build->is_out_of_memory = true;
	}

	return copy;
}

char *ilv_report_entity_id(struct ilv_run_build *build, const struct ilv_entity *entity)
{
	char text[LABEL_SIZE];

	ilv_entity_id(entity, text, sizeof(text));
	return ilv_report_copy(build, text);
}

char *ilv_report_entity_label(struct ilv_run_build *build, const struct ilv_entity *entity)
{
	char text[LABEL_SIZE];

	ilv_entity_label(entity, text, sizeof(text));
	return ilv_report_copy(build, text);
}

char *ilv_report_scheduler_id(struct ilv_run_build *build, const struct ilv_scheduler *scheduler)
{
	char text[LABEL_SIZE];

	ilv_scheduler_id(scheduler, text, sizeof(text));
	return ilv_report_copy(build, text);
}

void *ilv_report_array(struct ilv_run_build *build, uint32_t count, size_t size)
{
	void *array = calloc(count ? count : 1, size);

	if (!array) {
		build->is_out_of_memory = true;
	}

	return array;
}

void ilv_report_copy_distribution(struct ilv_run_build *build, struct ilv_distribution *into,
				  const struct ilv_distribution *from)
{
	if (ilv_distribution_merge(into, from) != ILV_STATUS_OK) {
		build->is_out_of_memory = true;
	}
}

int64_t ilv_report_time_in_run(const struct ilv_run_build *build, int64_t time_ns)
{
	if (time_ns < build->begin_ns) {
		time_ns = build->begin_ns;
	}
	if (time_ns > build->end_ns) {
		time_ns = build->end_ns;
	}

	return time_ns - build->begin_ns;
}

static int by_age(const void *left_pointer, const void *right_pointer)
{
	const struct ilv_entity_measures *left = *(struct ilv_entity_measures *const *)left_pointer;
	const struct ilv_entity_measures *right =
		*(struct ilv_entity_measures *const *)right_pointer;

	return (left->entity->index > right->entity->index) -
	       (left->entity->index < right->entity->index);
}

static int by_kind(const void *left_pointer, const void *right_pointer)
{
	const struct ilv_scheduler *left =
		(*(struct ilv_scheduler_measures *const *)left_pointer)->scheduler;
	const struct ilv_scheduler *right =
		(*(struct ilv_scheduler_measures *const *)right_pointer)->scheduler;

	if (left->kind != right->kind) {
		return left->kind < right->kind ? -1 : 1;
	}

	return (left->index > right->index) - (left->index < right->index);
}

/* Collects what the measures keep as lists, in an order that does not depend on who stopped first.
 */
static void collect(struct ilv_run_build *build)
{
	const struct ilv_measures *measures = build->source->measures;
	struct ilv_entity_measures *of;
	struct ilv_scheduler_measures *in;

	for (of = ilv_measures_entities(measures, build->run); of; of = of->next_in_run) {
		build->entity_count++;
	}
	for (in = ilv_measures_schedulers(measures, build->run); in; in = in->next_in_run) {
		build->scheduler_count++;
	}

	build->entities = ilv_report_array(build, build->entity_count, sizeof(of));
	build->schedulers = ilv_report_array(build, build->scheduler_count, sizeof(in));
	if (build->is_out_of_memory) {
		return;
	}

	build->entity_count = 0;
	for (of = ilv_measures_entities(measures, build->run); of; of = of->next_in_run) {
		build->entities[build->entity_count++] = of;
	}
	build->scheduler_count = 0;
	for (in = ilv_measures_schedulers(measures, build->run); in; in = in->next_in_run) {
		build->schedulers[build->scheduler_count++] = in;
	}

	qsort(build->entities, build->entity_count, sizeof(of), by_age);
	qsort(build->schedulers, build->scheduler_count, sizeof(in), by_kind);
}

/*
 * Where the trace's switches come from. With source rusage a program tells of them itself, where it
 * looks at its clock: of one that never does nothing is known, rather than that it had none.
 */
static enum ilv_switch_source find_source(const struct ilv_report_source *source)
{
	const enum ilv_switch_source told = ilv_model_facts(source->model)->switch_source;
	uint32_t run_count;
	struct ilv_run *const *runs = ilv_model_runs(source->model, &run_count);

	if (told != ILV_SWITCH_SOURCE_RUSAGE) {
		return told;
	}

	for (uint32_t index = 0; index < run_count; index++) {
		const struct ilv_entity_measures *of =
			ilv_measures_entities(source->measures, runs[index]);

		for (; of; of = of->next_in_run) {
			if (of->entity->is_recorded) {
				return told;
			}
		}
	}

	return ILV_SWITCH_SOURCE_NONE;
}

static enum ilv_status build_run(struct ilv_run_build *build, enum ilv_switch_source switch_source,
				 int64_t origin_ns)
{
	const struct ilv_run *run = build->run;
	struct ilv_report_run *made = build->made;

	build->begin_ns = run->begin_ns;
	build->end_ns = run->end_ns == INT64_MAX ? ilv_measures_end_ns(build->source->measures)
						 : run->end_ns;
	build->facts = ilv_model_facts(build->source->model);
	build->has_switches = switch_source != ILV_SWITCH_SOURCE_NONE;
	build->has_records = build->has_switches && switch_source != ILV_SWITCH_SOURCE_RUSAGE;
	build->has_readiness = switch_source == ILV_SWITCH_SOURCE_KERNEL ||
			       switch_source == ILV_SWITCH_SOURCE_PERF_WAKEUPS;

	made->workload = ilv_report_copy(build, run->workload);
	made->runtime = ilv_report_copy(build, run->runtime);
	made->variant = ilv_report_copy(build, run->variant);
	made->parameters = ilv_report_copy(build, run->parameters);
	made->note_count = run->note_count;
	for (uint32_t index = 0; index < run->note_count; index++) {
		made->notes[index] = ilv_report_copy(build, run->notes[index]);
	}
	made->note_left_out_count = (int64_t)run->note_left_out_count;
	made->unit = run->unit;
	made->has_unit = !run->is_implied;
	made->cpu_count = run->cpu_count > 0 ? run->cpu_count : ILV_UNKNOWN;
	made->absolute_begin_ns = build->begin_ns;
	made->begin_ns = build->begin_ns - origin_ns;
	made->end_ns = build->end_ns - origin_ns;
	made->exit_status = run->is_ended ? run->status : ILV_UNKNOWN;
	/* One that a signal ended may still have had the time to say so. */
	made->is_interrupted =
		run->is_ended ? run->status == ILV_STATUS_INTERRUPTED : !run->is_implied;

	collect(build);
	if (!build->is_out_of_memory) {
		ilv_report_build_schedulers(build);
	}
	if (!build->is_out_of_memory) {
		ilv_report_build_entities(build);
	}
	if (!build->is_out_of_memory) {
		ilv_report_build_sums(build);
	}
	if (!build->is_out_of_memory) {
		ilv_report_build_phases(build);
	}

	free(build->entities);
	free(build->schedulers);
	if (build->is_out_of_memory) {
		ilv_cause_add("Cannot make the report of a run: entity_count=%u",
			      build->entity_count);
		return ILV_STATUS_MEMORY;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status copy_paths(const struct ilv_trace_facts *facts, struct ilv_report *report)
{
	report->paths = calloc(facts->path_count ? facts->path_count : 1, sizeof(*report->paths));
	if (!report->paths) {
		return ILV_STATUS_MEMORY;
	}

	for (size_t index = 0; index < facts->path_count; index++) {
		report->paths[index] = strdup(facts->paths[index]);
		if (!report->paths[index]) {
			return ILV_STATUS_MEMORY;
		}
		report->path_count++;
	}

	return ILV_STATUS_OK;
}

/* Says in words whose events a trace holds in which none is of ours. */
static enum ilv_status tell_other_events(const struct ilv_trace_facts *facts,
					 struct ilv_report *report)
{
	const struct ilv_foreign *foreign = &facts->foreign;
	const char *separator = "";
	FILE *stream = NULL;
	size_t size = 0;
	bool is_written;

	if (foreign->has_ours || (!foreign->has_kernel && foreign->provider_count == 0)) {
		return ILV_STATUS_OK;
	}

	stream = open_memstream(&report->other_events, &size);
	if (!stream) {
		return ILV_STATUS_MEMORY;
	}
	if (foreign->has_kernel) {
		(void)fprintf(stream, "of LTTng's kernel tracer%s, which are not read yet",
			      foreign->has_kernel_switches ? " (sched_switch and others)" : "");
		separator = foreign->provider_count > 0 ? ", and " : "";
	}
	for (uint32_t index = 0; index < foreign->provider_count; index++) {
		(void)fprintf(stream, "%s%s%s", separator, index == 0 ? "of other programs (" : "",
			      foreign->providers[index]);
		separator = ", ";
	}
	if (foreign->provider_count > 0) {
		(void)fputs(foreign->has_more_providers ? ", ...)" : ")", stream);
	}

	is_written = !ferror(stream);
	return fclose(stream) == 0 && is_written ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
}

static void judge_completeness(struct ilv_report *report)
{
	report->has_losses = report->discarded_event_count > 0 || report->has_unknown_discards ||
			     report->lost_switch_count > 0 || report->late_switch_count > 0 ||
			     report->missing_event_count > 0 || report->is_cut_off ||
			     report->unfinished_recorder_count > 0;

	for (uint32_t index = 0; index < report->run_count; index++) {
		const struct ilv_report_run *run = &report->runs[index];

		if (run->is_interrupted && run->exit_status == ILV_UNKNOWN) {
			report->has_losses = true;
		}
	}

	report->is_complete = !report->has_losses && ilv_report_uncounted(report) == 0;
}

enum ilv_status ilv_report_build(const struct ilv_report_source *source, struct ilv_report **report)
{
	const struct ilv_model_facts *facts = ilv_model_facts(source->model);
	uint32_t run_count;
	struct ilv_run *const *runs = ilv_model_runs(source->model, &run_count);
	struct ilv_report *made = calloc(1, sizeof(*made));
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (!made || copy_paths(source->facts, made) != ILV_STATUS_OK ||
	    tell_other_events(source->facts, made) != ILV_STATUS_OK) {
		ilv_cause_add("Cannot make the report: run_count=%u", run_count);
		goto end;
	}

	made->monotonic_origin_ns = source->facts->begin_ns;
	made->realtime_origin_ns =
		source->facts->has_clock_origin
			? source->facts->realtime_origin_ns + source->facts->begin_ns
			: ILV_UNKNOWN;
	made->duration_ns = source->facts->end_ns - source->facts->begin_ns;
	made->event_count = source->facts->event_count;
	made->discarded_event_count = source->facts->discarded_event_count;
	made->discarded_packet_count = source->facts->discarded_packet_count;
	made->has_unknown_discards =
		source->facts->has_unknown_discards || source->facts->discarded_packet_count > 0;
	made->lost_switch_count = facts->lost_switch_count;
	made->late_switch_count = source->late_switch_count - facts->foreign_late_switch_count;
	made->missing_event_count = facts->missing_event_count;
	made->silent_process_count = facts->silent_process_count;
	made->open_process_count = facts->open_process_count;
	made->unbegun_process_count = facts->unbegun_process_count;
	made->unheard_process_count = facts->unheard_process_count;
	made->is_cut_off = source->facts->is_cut_off;
	made->switch_source = find_source(source);
	made->unfinished_recorder_count = facts->unfinished_recorder_count;
	made->has_yields = facts->has_yields;
	made->cpu_count = facts->cpu_count;
	made->recorder_cpu_ns = facts->recorder_cpu_ns >= 0 ? facts->recorder_cpu_ns : ILV_UNKNOWN;

	made->runs = calloc(run_count ? run_count : 1, sizeof(*made->runs));
	if (!made->runs) {
		goto end;
	}

	status = ILV_STATUS_OK;
	for (uint32_t index = 0; index < run_count && status == ILV_STATUS_OK; index++) {
		struct ilv_run_build build = {
			.source = source,
			.run = runs[index],
			.made = &made->runs[index],
		};

		made->run_count++;
		status = build_run(&build, made->switch_source, made->monotonic_origin_ns);
	}
	judge_completeness(made);

end:
	if (status == ILV_STATUS_OK) {
		*report = made;
	} else {
		ilv_report_destroy(made);
	}

	return status;
}
