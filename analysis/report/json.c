/* SPDX-License-Identifier: MIT */
/*
 * Description: writes a report as JSON, exactly as docs/report.schema.json says: times in ns as
 * integers, unknown as null, keys in a fixed order. Strings of the trace are made valid first, for
 * JSON is UTF-8.
 */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/report/endings.h"
#include "analysis/report/report.h"
#include "analysis/report/words.h"
#include "base/cause.h"
#include "base/escape.h"

/* NULL for memory that is short: jansson's packing and setting pass it on, and the writer fails
 * once, at the end. */
static json_t *text_or_null(const char *text)
{
	char *safe;
	json_t *value;

	if (!text) {
		return json_null();
	}

	safe = ilv_escape_copy(text);
	value = safe ? json_string(safe) : NULL;
	free(safe);
	return value;
}

static json_t *integer_or_null(int64_t value)
{
	return value == ILV_UNKNOWN ? json_null() : json_integer(value);
}

static json_t *real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* 64 bits do not fit into the numbers of every reader of JSON: origins are strings. */
static json_t *origin_or_null(int64_t value)
{
	char text[24];

	if (value == ILV_UNKNOWN) {
		return json_null();
	}

	(void)snprintf(text, sizeof(text), "%" PRId64, value);
	return json_string(text);
}

static json_t *distribution_json(const struct ilv_distribution *distribution)
{
	bool is_empty = distribution->count == 0;
	int64_t p50_ns = is_empty ? ILV_UNKNOWN : ilv_distribution_percentile(distribution, 50);
	int64_t p90_ns = is_empty ? ILV_UNKNOWN : ilv_distribution_percentile(distribution, 90);
	int64_t p99_ns = is_empty ? ILV_UNKNOWN : ilv_distribution_percentile(distribution, 99);

	return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o}", "count", (json_int_t)distribution->count,
			 "total_ns", (json_int_t)distribution->total_ns, "p50_ns",
			 integer_or_null(p50_ns), "p90_ns", integer_or_null(p90_ns), "p99_ns",
			 integer_or_null(p99_ns), "max_ns",
			 integer_or_null(is_empty ? ILV_UNKNOWN : distribution->max_ns));
}

/* A distribution that cannot be known at all, which is not one that is empty. */
static json_t *distribution_or_null(const struct ilv_distribution *distribution, bool is_known)
{
	return is_known ? distribution_json(distribution) : json_null();
}

static json_t *scheduler_json(const struct ilv_report_scheduler *scheduler)
{
	const struct ilv_switch_counts *switches = &scheduler->switches;
	bool is_observed = switches->finished != ILV_UNKNOWN;

	return json_pack(
		"{s:s, s:o, s:o, s:s, s:I, s:o, s:o, s:o, s:{s:o, s:o, s:o, s:o, s:o, s:o}, s:o, "
		"s:{s:o, s:o}, s:o}",
		"kind", ilv_scheduler_kind_word(scheduler->kind), "id", text_or_null(scheduler->id),
		"name", text_or_null(scheduler->name), "discipline",
		ilv_discipline_word(scheduler->discipline), "entity_count",
		(json_int_t)scheduler->entity_count, "executor_count",
		integer_or_null(scheduler->executor_count), "slices",
		distribution_or_null(&scheduler->slices, is_observed), "waits",
		distribution_or_null(&scheduler->waits, scheduler->has_waits), "switches",
		"involuntary", integer_or_null(switches->involuntary), "cut_short",
		integer_or_null(switches->cut_short), "blocked", integer_or_null(switches->blocked),
		"yielded", integer_or_null(switches->yielded), "forced",
		integer_or_null(switches->forced), "finished", integer_or_null(switches->finished),
		"utilisation", real_or_null(scheduler->utilisation), "parallelism", "mean",
		real_or_null(scheduler->parallelism_mean), "max",
		integer_or_null(scheduler->parallelism_max), "fairness",
		real_or_null(scheduler->fairness));
}

static json_t *reasons_json(const struct ilv_report_times *times)
{
	json_t *reasons = json_object();

	for (int reason = 0; reason <= ILV_WAIT_REASON_LOOP; reason++) {
		(void)json_object_set_new(reasons,
					  ilv_wait_reason_key((enum ilv_wait_reason)reason),
					  integer_or_null(times->reason_ns[reason]));
	}

	return reasons;
}

/* Puts the times by state, which threads and tasks share, into `object`. */
static void set_times(json_t *object, const struct ilv_report_times *times)
{
	(void)json_object_set_new(object, "running_ns", integer_or_null(times->running_ns));
	(void)json_object_set_new(object, "runnable_ns", integer_or_null(times->runnable_ns));
	(void)json_object_set_new(object, "runnable_after_cut_ns",
				  integer_or_null(times->runnable_after_cut_ns));
	(void)json_object_set_new(object, "waiting_ns", integer_or_null(times->waiting_ns));
	(void)json_object_set_new(object, "off_cpu_ns", integer_or_null(times->off_cpu_ns));
	(void)json_object_set_new(object, "unknown_ns", integer_or_null(times->unknown_ns));
	(void)json_object_set_new(object, "times", reasons_json(times));
}

static json_t *cpus_json(uint64_t mask)
{
	json_t *cpus = json_array();

	for (int cpu = 0; cpu < 64; cpu++) {
		if (mask >> cpu & 1) {
			(void)json_array_append_new(cpus, json_integer(cpu));
		}
	}

	return cpus;
}

/* What it waited most for: the words and how long; both null where it waited for nothing. */
static json_t *most_json(const char *words, int64_t wait_ns)
{
	if (!words) {
		return json_null();
	}

	return json_pack("{s:o, s:I}", "for", text_or_null(words), "wait_ns", (json_int_t)wait_ns);
}

static json_t *thread_json(const struct ilv_report_thread *thread)
{
	bool has_slices = thread->times.running_ns != ILV_UNKNOWN;
	bool has_waits = thread->times.runnable_ns != ILV_UNKNOWN;
	json_t *object =
		json_pack("{s:o, s:i, s:i, s:o, s:s, s:b, s:b, s:I, s:I}", "id",
			  text_or_null(thread->id), "pid", thread->pid, "tid", thread->tid, "name",
			  text_or_null(thread->name), "role", ilv_role_word(thread->role),
			  "is_daemon", thread->is_daemon, "is_unit", thread->is_unit, "begin_ns",
			  (json_int_t)thread->begin_ns, "end_ns", (json_int_t)thread->end_ns);

	(void)json_object_set_new(object, "outcome",
				  text_or_null(ilv_ending_word(ilv_ending_of_thread(thread))));
	set_times(object, &thread->times);
	(void)json_object_set_new(object, "switch_cost_ns",
				  integer_or_null(thread->switch_cost_ns));
	(void)json_object_set_new(object, "switches",
				  json_pack("{s:o, s:o, s:o, s:o}", "voluntary",
					    integer_or_null(thread->voluntary_count), "involuntary",
					    integer_or_null(thread->involuntary_count), "cut_short",
					    integer_or_null(thread->cut_short_count), "gave_way",
					    integer_or_null(thread->gave_way_count)));
	(void)json_object_set_new(object, "migration_count",
				  integer_or_null(thread->migration_count));
	(void)json_object_set_new(object, "cpus", cpus_json(thread->cpu_mask));
	(void)json_object_set_new(object, "waits_most",
				  most_json(thread->waits_most_for, thread->waits_most_ns));
	(void)json_object_set_new(object, "slices",
				  distribution_or_null(&thread->slices, has_slices));
	(void)json_object_set_new(object, "waits", distribution_or_null(&thread->waits, has_waits));
	return object;
}

static json_t *process_json(const struct ilv_report_process *process)
{
	return json_pack(
		"{s:o, s:i, s:o, s:o, s:s, s:I, s:I, s:o, s:I, s:o, s:o, s:o, s:o, s:I, s:o}", "id",
		text_or_null(process->id), "pid", process->pid, "parent_pid",
		integer_or_null(process->parent_pid < 0 ? ILV_UNKNOWN : process->parent_pid),
		"name", text_or_null(process->name), "role", ilv_role_word(process->role),
		"begin_ns", (json_int_t)process->begin_ns, "end_ns", (json_int_t)process->end_ns,
		"running_ns", integer_or_null(process->running_ns), "thread_count",
		(json_int_t)process->thread_count, "spawn_ns", integer_or_null(process->spawn_ns),
		"spawn_tracer_ns", integer_or_null(process->spawn_tracer_ns), "memory_growth_bytes",
		integer_or_null(process->memory_growth_bytes), "sent_event_count",
		integer_or_null(process->sent_event_count), "received_event_count",
		(json_int_t)process->received_event_count, "exit_status",
		integer_or_null(process->exit_status));
}

static json_t *task_json(const struct ilv_report_task *task)
{
	json_t *object =
		json_pack("{s:o, s:o, s:o, s:b, s:I, s:I, s:o}", "id", text_or_null(task->id),
			  "name", text_or_null(task->name), "loop", text_or_null(task->loop_id),
			  "is_unit", task->is_unit, "begin_ns", (json_int_t)task->begin_ns,
			  "end_ns", (json_int_t)task->end_ns, "outcome",
			  text_or_null(ilv_ending_word(ilv_ending_of_task(task))));

	set_times(object, &task->times);
	(void)json_object_set_new(object, "resume_count", integer_or_null(task->resume_count));
	(void)json_object_set_new(object, "yield_count", integer_or_null(task->yield_count));
	(void)json_object_set_new(object, "stalled_ns", integer_or_null(task->stalled_ns));
	(void)json_object_set_new(object, "longest_slice_ns",
				  integer_or_null(task->longest_slice_ns));
	(void)json_object_set_new(object, "waits_most",
				  most_json(task->waits_most_for, task->waits_most_ns));
	(void)json_object_set_new(object, "slices", distribution_json(&task->slices));
	(void)json_object_set_new(object, "waits", distribution_json(&task->waits));
	return object;
}

static json_t *job_json(const struct ilv_report_task *job)
{
	return json_pack("{s:o, s:o, s:o, s:b, s:I, s:I, s:o, s:I, s:I, s:o}", "id",
			 text_or_null(job->id), "name", text_or_null(job->name), "pool",
			 text_or_null(job->loop_id), "is_unit", job->is_unit, "begin_ns",
			 (json_int_t)job->begin_ns, "end_ns", (json_int_t)job->end_ns, "outcome",
			 text_or_null(ilv_ending_word(ilv_ending_of_task(job))), "queue_ns",
			 (json_int_t)job->waits.total_ns, "service_ns",
			 (json_int_t)job->slices.total_ns, "stalled_ns",
			 integer_or_null(job->stalled_ns));
}

static json_t *lock_json(const struct ilv_report_lock *lock)
{
	return json_pack(
		"{s:o, s:o, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "id", text_or_null(lock->id),
		"name", text_or_null(lock->name), "kind", ilv_lock_kind_word(lock->kind),
		"acquisition_count", (json_int_t)lock->acquisition_count, "contended_count",
		(json_int_t)lock->contended_count, "in_vain_count", (json_int_t)lock->in_vain_count,
		"waits", distribution_json(&lock->waits), "holds", distribution_json(&lock->holds),
		"held_longest_by", text_or_null(lock->held_longest_by), "waited_longest_by",
		text_or_null(lock->waited_longest_by));
}

static json_t *pool_json(const struct ilv_report_pool *pool)
{
	return json_pack(
		"{s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:o}", "id", text_or_null(pool->id), "name",
		text_or_null(pool->name), "worker_count", integer_or_null(pool->worker_count),
		"job_count", (json_int_t)pool->job_count, "failed_count",
		(json_int_t)pool->failed_count, "cancelled_count",
		(json_int_t)pool->cancelled_count, "queue", distribution_json(&pool->queue),
		"service", distribution_json(&pool->service));
}

static json_t *loop_json(const struct ilv_report_loop *loop)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "id",
			 text_or_null(loop->id), "name", text_or_null(loop->name), "thread",
			 text_or_null(loop->thread_id), "iteration_count",
			 integer_or_null(loop->iteration_count), "poll_ns",
			 integer_or_null(loop->poll_ns), "task_count", (json_int_t)loop->task_count,
			 "longest_callback_ns", integer_or_null(loop->longest_callback_ns),
			 "longest_callback_ready_ns",
			 integer_or_null(loop->longest_callback_ready_ns), "longest_callback_by",
			 text_or_null(loop->longest_callback_by), "stall_count",
			 integer_or_null(loop->stall_count), "thread_cut_count",
			 integer_or_null(loop->thread_cut_count));
}

static json_t *finding_json(const struct ilv_finding *finding)
{
	json_t *entities = json_array();

	for (uint32_t index = 0; index < finding->entity_count; index++) {
		(void)json_array_append_new(entities, text_or_null(finding->entity_ids[index]));
	}

	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "id",
			 text_or_null(finding->id), "severity",
			 ilv_severity_word(finding->severity), "title",
			 text_or_null(finding->title), "text", text_or_null(finding->text),
			 "cost_ns", integer_or_null(finding->cost_ns), "is_cost_summed",
			 finding->is_cost_summed, "begin_ns", integer_or_null(finding->begin_ns),
			 "end_ns", integer_or_null(finding->end_ns), "affected_count",
			 integer_or_null(finding->affected_count), "total_count",
			 integer_or_null(finding->total_count), "entities", entities);
}

static json_t *counts_json(const struct ilv_report_phase *phase)
{
	json_t *counts = json_array();

	for (uint32_t index = 0; index < phase->count_count; index++) {
		const struct ilv_report_count *count = &phase->counts[index];

		(void)json_array_append_new(counts, json_pack("{s:o, s:I, s:b}", "what",
							      text_or_null(count->what), "count",
							      (json_int_t)count->count, "is_work",
							      count->is_work));
	}

	return counts;
}

static json_t *prices_json(const struct ilv_report_phase *phase)
{
	json_t *prices = json_array();

	for (uint32_t index = 0; index < phase->price_count; index++) {
		const struct ilv_report_price *price = &phase->prices[index];

		(void)json_array_append_new(prices, json_pack("{s:o, s:I, s:s, s:b}", "what",
							      text_or_null(price->what), "value",
							      (json_int_t)price->value, "unit",
							      ilv_quantity_word(price->unit),
							      "is_untraced", price->is_untraced));
	}

	return prices;
}

static json_t *point_or_null(const struct ilv_report_phase *phase)
{
	if (!phase->has_point) {
		return json_null();
	}

	return json_pack("{s:o, s:I, s:s, s:o, s:b}", "quantity", text_or_null(phase->quantity),
			 "value", (json_int_t)phase->value, "unit", ilv_quantity_word(phase->unit),
			 "series", text_or_null(phase->series), "is_reference",
			 phase->is_reference);
}

static json_t *phase_json(const struct ilv_report_phase *phase)
{
	json_t *object = json_pack(
		"{s:o, s:o, s:I, s:I, s:b, s:o, s:I, s:o, s:o, s:o, s:o}", "name",
		text_or_null(phase->name), "entity", text_or_null(phase->entity_id), "begin_ns",
		(json_int_t)phase->begin_ns, "end_ns", (json_int_t)phase->end_ns, "is_ended",
		phase->is_ended, "cpus_busy", real_or_null(phase->cpus_busy), "thread_count",
		(json_int_t)phase->thread_count, "memory_bytes",
		integer_or_null(phase->memory_bytes), "point", point_or_null(phase), "counts",
		counts_json(phase), "prices", prices_json(phase));

	(void)json_object_set_new(object, "switches",
				  json_pack("{s:o, s:o, s:o, s:o}", "voluntary",
					    integer_or_null(phase->voluntary_count), "involuntary",
					    integer_or_null(phase->involuntary_count), "cut_short",
					    integer_or_null(phase->cut_short_count), "gave_way",
					    integer_or_null(phase->gave_way_count)));
	return object;
}

static json_t *sum_json(const struct ilv_report_run *run)
{
	return json_pack(
		"{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o}",
		"unit_count", (json_int_t)run->sum.unit_count, "duration_ns",
		(json_int_t)run->sum.duration_ns, "cpus_busy", real_or_null(run->sum.cpus_busy),
		"cpus_wanted", real_or_null(run->sum.cpus_wanted), "all_wait_ns",
		integer_or_null(run->sum.all_wait_ns), "others_share",
		real_or_null(run->sum.others_share), "others_seen_share",
		real_or_null(run->sum.others_seen_share), "cut_short_count",
		integer_or_null(run->sum.cut_short_count), "thread_cut_count",
		integer_or_null(run->sum.thread_cut_count), "gave_way_count",
		integer_or_null(run->sum.gave_way_count), "waits",
		distribution_or_null(&run->sum.waits, run->sum.has_waits), "memory_bytes",
		integer_or_null(run->sum.memory_bytes), "fairness", real_or_null(run->sum.fairness),
		"throughput_per_s", integer_or_null(run->sum.throughput_per_s), "server_cpu_ns",
		integer_or_null(run->server_cpu_ns), "recorder_cpu_ns",
		integer_or_null(run->recorder_cpu_ns), "tracer_cpu_ns",
		integer_or_null(run->tracer_cpu_ns));
}

/* Defines `<what>s_json`: the array of all of a kind. */
#define ARRAY_OF(what)                                                                             \
	static json_t *what##s_json(const struct ilv_report_##what *items, uint32_t count)         \
	{                                                                                          \
		json_t *array = json_array();                                                      \
                                                                                                   \
		for (uint32_t index = 0; index < count; index++) {                                 \
			if (json_array_append_new(array, what##_json(&items[index])) != 0) {       \
				json_decref(array);                                                \
				return NULL;                                                       \
			}                                                                          \
		}                                                                                  \
                                                                                                   \
		return array;                                                                      \
	}

#define ilv_report_finding ilv_finding
#define ilv_report_job     ilv_report_task
ARRAY_OF(scheduler)
ARRAY_OF(thread)
ARRAY_OF(process)
ARRAY_OF(task)
ARRAY_OF(job)
ARRAY_OF(lock)
ARRAY_OF(pool)
ARRAY_OF(loop)
ARRAY_OF(finding)
ARRAY_OF(phase)

static json_t *notes_json(const struct ilv_report_run *run)
{
	json_t *notes = json_array();

	for (uint32_t index = 0; index < run->note_count; index++) {
		(void)json_array_append_new(notes, text_or_null(run->notes[index]));
	}

	return notes;
}

static json_t *run_json(const struct ilv_report_run *run)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:I}",
		"workload", text_or_null(run->workload), "runtime", text_or_null(run->runtime),
		"variant", text_or_null(run->variant), "parameters", text_or_null(run->parameters),
		"unit", run->has_unit ? json_string(ilv_unit_word(run->unit)) : json_null(),
		"begin_ns", (json_int_t)run->begin_ns, "end_ns", (json_int_t)run->end_ns,
		"is_interrupted", run->is_interrupted, "exit_status",
		integer_or_null(run->exit_status), "cpu_count", integer_or_null(run->cpu_count),
		"sum", sum_json(run), "schedulers",
		schedulers_json(run->schedulers, run->scheduler_count), "threads",
		threads_json(run->threads, run->thread_count), "processes",
		processs_json(run->processes, run->process_count), "tasks",
		tasks_json(run->tasks, run->task_count), "jobs",
		jobs_json(run->jobs, run->job_count), "locks",
		locks_json(run->locks, run->lock_count), "pools",
		pools_json(run->pools, run->pool_count), "loops",
		loops_json(run->loops, run->loop_count), "findings",
		findings_json(run->findings, run->finding_count), "phases",
		phases_json(run->phases, run->phase_count), "phase_left_out_count",
		(json_int_t)run->phase_left_out_count, "notes", notes_json(run),
		"note_left_out_count", (json_int_t)run->note_left_out_count);
}

static json_t *trace_json(const struct ilv_report *report)
{
	json_t *paths = json_array();

	for (uint32_t index = 0; index < report->path_count; index++) {
		(void)json_array_append_new(paths, text_or_null(report->paths[index]));
	}

	return json_pack(
		"{s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:b, s:I, s:I, s:I, s:I, s:I, s:b, s:s, s:b, "
		"s:I, s:o, s:b}",
		"paths", paths, "monotonic_origin_ns", origin_or_null(report->monotonic_origin_ns),
		"realtime_origin_ns", origin_or_null(report->realtime_origin_ns), "duration_ns",
		(json_int_t)report->duration_ns, "event_count", (json_int_t)report->event_count,
		"discarded_event_count", (json_int_t)report->discarded_event_count,
		"discarded_packet_count", (json_int_t)report->discarded_packet_count,
		"has_unknown_discards", report->has_unknown_discards, "lost_switch_count",
		(json_int_t)report->lost_switch_count, "late_switch_count",
		(json_int_t)report->late_switch_count, "missing_event_count",
		(json_int_t)report->missing_event_count, "uncounted_process_count",
		(json_int_t)ilv_report_uncounted(report), "unfinished_recorder_count",
		(json_int_t)report->unfinished_recorder_count, "is_cut_off", report->is_cut_off,
		"switch_source", ilv_switch_source_word(report->switch_source), "has_yields",
		report->has_yields, "cpu_count", (json_int_t)report->cpu_count, "recorder_cpu_ns",
		integer_or_null(report->recorder_cpu_ns), "is_complete", report->is_complete);
}

static json_t *report_json(const struct ilv_report *report)
{
	json_t *runs = json_array();

	for (uint32_t index = 0; index < report->run_count; index++) {
		if (json_array_append_new(runs, run_json(&report->runs[index])) != 0) {
			json_decref(runs);
			return NULL;
		}
	}

	return json_pack("{s:s, s:i, s:o, s:o}", "format", "interleave-report", "version", 1,
			 "trace", trace_json(report), "runs", runs);
}

enum ilv_status ilv_report_write_json(const struct ilv_report *report, FILE *stream)
{
	json_t *root = report_json(report);
	enum ilv_status status = ILV_STATUS_OK;

	if (!root) {
		ilv_cause_add("Cannot write the report as JSON: memory is short");
		return ILV_STATUS_MEMORY;
	}

	if (json_dumpf(root, stream, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) != 0 ||
	    fputc('\n', stream) == EOF || fflush(stream) != 0) {
		ilv_cause_add("Cannot write the report as JSON");
		status = ILV_STATUS_IO;
	}

	json_decref(root);
	return status;
}
