/* SPDX-License-Identifier: MIT */
/*
 * Description: holds a report against the truth, and its sums against each other. It is read as
 * JSON, as any program would.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "tests/truth/checks.h"

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* An integer member, or 0 where it is null. */
static int64_t known(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static bool counts(const json_t *thread)
{
	const char *role = text_of(thread, "role");

	return strcmp(role, "server") != 0 && strcmp(role, "recorder") != 0 &&
	       strcmp(role, "tracer") != 0;
}

static const json_t *find_with(const json_t *array, const char *name, const char *text)
{
	const json_t *item;
	size_t index;

	json_array_foreach(array, index, item)
	{
		if (strcmp(text_of(item, name), text) == 0) {
			return item;
		}
	}
	return NULL;
}

static int64_t integer_in(const json_t *object, const char *group, const char *name)
{
	return truth_integer(json_object_get(object, group), name);
}

/* The states of a thread or task share out its life in the run. */
static void check_states(const json_t *entity)
{
	const char *id = text_of(entity, "id");
	const bool has_wakeups = json_is_integer(json_object_get(entity, "runnable_ns"));
	const int64_t running_ns = truth_integer(entity, "running_ns");
	const int64_t off_ns = truth_integer(entity, "off_cpu_ns");
	const int64_t after_cut_ns = truth_integer(entity, "runnable_after_cut_ns");
	const int64_t waiting_ns = truth_integer(entity, "waiting_ns");
	const json_t *reason_ns;
	const char *reason;
	int64_t reasons_ns = 0;

	check_equal(running_ns + off_ns + truth_integer(entity, "unknown_ns"),
		    truth_integer(entity, "end_ns") - truth_integer(entity, "begin_ns"),
		    "times by state of %s", id);
	if (has_wakeups) {
		check_equal(truth_integer(entity, "runnable_ns") + waiting_ns, off_ns,
			    "ready and waiting of %s", id);
	}
	/* Who gave way is ready too, so there may be more than these two. */
	if (after_cut_ns + waiting_ns > off_ns) {
		check_fail("%s was ready for %" PRId64 " ns and waited for %" PRId64
			   " ns, and was off its CPU for %" PRId64 " ns",
			   id, after_cut_ns, waiting_ns, off_ns);
	}
	json_object_foreach(json_object_get(entity, "times"), reason, reason_ns)
	{
		reasons_ns += json_integer_value(reason_ns);
	}
	check_equal(reasons_ns, waiting_ns, "waiting by reason of %s", id);
	check_equal(integer_in(entity, "slices", "total_ns"), running_ns, "slices of %s", id);
}

/* Not linked with the library, as a database is not: only its switches are known. */
static bool is_silent(const json_t *process)
{
	return json_is_null(json_object_get(process, "sent_event_count")) &&
	       truth_integer(process, "received_event_count") == 0;
}

/* What serves the run or the recording is no part of what its process does, unless that serves as
 * well. */
static bool serves(const json_t *process, const json_t *thread)
{
	const char *role = text_of(thread, "role");

	return strcmp(role, text_of(process, "role")) != 0 &&
	       (strcmp(role, "server") == 0 || strcmp(role, "tracer") == 0 ||
		strcmp(role, "recorder") == 0);
}

static void check_process(const json_t *run, const json_t *process, const struct truth *truth,
			  int64_t begin_ns, int64_t end_ns)
{
	const int64_t pid = truth_integer(process, "pid");
	const json_t *thread;
	size_t index;
	int64_t running_ns = 0;
	int64_t thread_count = 0;

	json_array_foreach(json_object_get(run, "threads"), index, thread)
	{
		if (truth_integer(thread, "pid") == pid && !serves(process, thread)) {
			running_ns += known(thread, "running_ns");
			thread_count++;
		}
	}
	check_equal(known(process, "running_ns"), running_ns, "running time of %s",
		    text_of(process, "id"));
	check_equal(truth_integer(process, "thread_count"), thread_count, "threads of %s",
		    text_of(process, "id"));
	if (!is_silent(process)) {
		check_equal(truth_integer(process, "sent_event_count"),
			    truth_integer(process, "received_event_count"), "events sent by %s",
			    text_of(process, "id"));
	} else if (strcmp(text_of(process, "role"), "server") != 0) {
		check_fail("%s told nothing and does not serve", text_of(process, "id"));
	} else if (truth_find_process(truth, (int32_t)pid, begin_ns, end_ns)) {
		check_fail("%s, which the truth knows, told nothing", text_of(process, "id"));
	}
}

/* What the report says of the kernel as a scheduler is what it says of the threads together. */
static void check_kernel(const json_t *run, int64_t cpu_count)
{
	const json_t *kernel = find_with(json_object_get(run, "schedulers"), "kind", "kernel");
	const int64_t duration_ns = truth_integer(run, "end_ns") - truth_integer(run, "begin_ns");
	const json_t *thread;
	size_t index;
	int64_t counted_ns = 0;
	int64_t all_ns = 0;
	int64_t thread_count = 0;
	int64_t stop_count = 0;
	int64_t switch_count = 0;
	static const char *const causes[] = {"cut_short", "blocked", "yielded", "forced",
					     "finished"};

	if (!kernel) {
		check_fail("the report has no kernel");
		return;
	}
	json_array_foreach(json_object_get(run, "threads"), index, thread)
	{
		all_ns += known(thread, "running_ns");
		if (counts(thread)) {
			check_states(thread);
			thread_count++;
			counted_ns += known(thread, "running_ns");
			switch_count += integer_in(thread, "switches", "voluntary") +
					integer_in(thread, "switches", "involuntary");
		}
	}
	for (size_t cause = 0; cause < sizeof(causes) / sizeof(*causes); cause++) {
		stop_count += known(json_object_get(kernel, "switches"), causes[cause]);
	}
	check_equal(integer_in(kernel, "slices", "total_ns"), counted_ns, "the kernel's slices");
	check_equal(truth_integer(kernel, "entity_count"), thread_count, "the kernel's threads");
	check_equal(stop_count, switch_count, "the kernel's switches by cause");
	if (all_ns > cpu_count * duration_ns) {
		check_fail("threads ran for %" PRId64 " ns on %" PRId64 " CPUs in %" PRId64 " ns",
			   all_ns, cpu_count, duration_ns);
	}
}

/* How the trace names a task: task:PID.LOOP.NUMBER, LOOP in hex. */
static void check_report_tasks(const json_t *run, const struct truth *truth, int32_t pid)
{
	const json_t *tasks = json_object_get(run, "tasks");
	const struct task_truth *task;
	int64_t count = 0;

	for (task = truth->tasks; task; task = task->hh.next) {
		char id[96];
		const json_t *told;

		if (task->key.pid != pid) {
			continue;
		}
		count++;
		snprintf(id, sizeof(id), "task:%d.0x%" PRIx64 ".%" PRIu64, pid, task->key.loop,
			 task->key.number);
		told = find_with(tasks, "id", id);
		if (!told) {
			check_fail("the report has no %s", id);
			continue;
		}
		check_equal(truth_integer(told, "resume_count"), task->resume_count,
			    "resumes of %s", id);
		check_equal(truth_integer(told, "yield_count"), task->yield_count, "yields of %s",
			    id);
		check_states(told);
	}
	check_equal((int64_t)json_array_size(tasks), count, "tasks of process %d", pid);
}

/* Whether each increment of this variant of a race is made under a mutex. */
static bool is_guarded(const char *variant)
{
	static const char *const guarded[] = {"mutex", "gil-sleep-lock", "locked"};

	for (size_t index = 0; index < sizeof(guarded) / sizeof(*guarded); index++) {
		if (strcmp(variant, guarded[index]) == 0) {
			return true;
		}
	}
	return false;
}

/* A race: what was lost, and that the mutex, where there is one, was taken for each increment. */
static void check_race(const json_t *run, const struct run_truth *truth)
{
	const json_t *finding = find_with(json_object_get(run, "findings"), "id", "lost-update");
	const json_t *lock;
	size_t index;
	int64_t acquisition_count = 0;

	check_equal(finding ? truth_integer(finding, "affected_count") : 0, truth->lost_count,
		    "lost updates of %s", truth->path);
	if (finding) {
		check_equal(truth_integer(finding, "total_count"), truth->increment_count,
			    "updates of %s", truth->path);
	}
	json_array_foreach(json_object_get(run, "locks"), index, lock)
	{
		if (strcmp(text_of(lock, "kind"), "mutex") != 0) {
			continue;
		}
		acquisition_count += truth_integer(lock, "acquisition_count");
		check_equal(integer_in(lock, "holds", "count"),
			    truth_integer(lock, "acquisition_count"), "holds of %s",
			    text_of(lock, "id"));
	}
	check_equal(acquisition_count, is_guarded(truth->variant) ? truth->increment_count : 0,
		    "mutexes taken in %s", truth->path);
}

static void check_run(const json_t *report, const json_t *run, const struct truth *truth)
{
	const json_t *trace = json_object_get(report, "trace");
	const int64_t origin_ns = strtoll(text_of(trace, "monotonic_origin_ns"), NULL, 10);
	const int64_t begin_ns = origin_ns + truth_integer(run, "begin_ns");
	const int64_t end_ns = origin_ns + truth_integer(run, "end_ns");
	const json_t *process;
	size_t index;

	check_kernel(run, truth_integer(trace, "cpu_count"));
	json_array_foreach(json_object_get(run, "processes"), index, process)
	{
		check_process(run, process, truth, begin_ns, end_ns);
	}

	for (index = 0; index < truth->run_count; index++) {
		const struct run_truth *of = &truth->runs[index];
		bool is_same;

		if (of->begin_ns < 0 || begin_ns < of->begin_ns || end_ns > of->end_ns) {
			continue;
		}
		/* A lesson is known by its variant, a job by its runtime. */
		is_same = strcmp(text_of(run, "workload"), of->workload) == 0 &&
			  (of->variant ? strcmp(text_of(run, "variant"), of->variant)
				       : strcmp(text_of(run, "runtime"), of->runtime)) == 0;
		if (!is_same) {
			check_fail("%s is told as %s, runtime \"%s\", variant \"%s\"", of->path,
				   text_of(run, "workload"), text_of(run, "runtime"),
				   text_of(run, "variant"));
		}
		check_report_tasks(run, truth, of->pid);
		if (of->lost_count >= 0) {
			check_race(run, of);
		}
		return;
	}
	if (truth->run_count > 0 && truth->runs[0].begin_ns >= 0) {
		check_fail("the run of %s under %s is in no truth", text_of(run, "workload"),
			   text_of(run, "runtime"));
	}
}

static size_t count_runs(const struct truth *truth)
{
	size_t count = 0;

	for (size_t index = 0; index < truth->run_count; index++) {
		count += truth->runs[index].begin_ns >= 0;
	}
	return count > 0 ? count : 1;
}

enum ilv_status check_report(const char *path, const char *source, const struct truth *truth,
			     const struct event_facts *facts)
{
	json_error_t error;
	json_t *report = json_load_file(path, 0, &error);
	const json_t *trace = json_object_get(report, "trace");
	const json_t *runs = json_object_get(report, "runs");
	const json_t *run;
	const json_t *lock;
	size_t index;
	size_t lock_index;
	int64_t acquisition_count = 0;

	if (!report) {
		ilv_cause_add("Cannot read report: path=\"%s\", error=\"%s\"", path, error.text);
		return ILV_STATUS_IO;
	}
	if (!json_is_true(json_object_get(trace, "is_complete"))) {
		check_fail("the report calls the recording incomplete");
	}
	if (strcmp(text_of(trace, "switch_source"), source) != 0) {
		check_fail("the source of switches is \"%s\", not \"%s\"",
			   text_of(trace, "switch_source"), source);
	}
	check_equal(truth_integer(trace, "event_count"), (int64_t)facts->event_count, "events");
	check_equal(truth_integer(trace, "lost_switch_count"), 0, "lost switches");
	check_equal(truth_integer(trace, "missing_event_count"), 0, "missing events");
	check_equal((int64_t)json_array_size(runs), (int64_t)count_runs(truth), "runs");
	json_array_foreach(runs, index, run)
	{
		check_run(report, run, truth);
		json_array_foreach(json_object_get(run, "locks"), lock_index, lock)
		{
			acquisition_count += truth_integer(lock, "acquisition_count");
		}
	}
	check_equal(acquisition_count, (int64_t)facts->lock_acquire_count, "locks taken");
	json_decref(report);
	return ILV_STATUS_OK;
}
