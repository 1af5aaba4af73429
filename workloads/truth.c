/* SPDX-License-Identifier: MIT */
/* Description: keeps what threads and tasks counted, and writes it as JSON. */
#include "workloads/truth.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <jansson.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "base/whole_file.h"
#include "recorder/rusage.h"
#include "workloads/workload.h"

#define NS_PER_S      INT64_C(1000000000)
#define MAX_TRY_COUNT 100

/* Guards what follows; nothing is called while it is held, and nobody holds another lock when
 * taking it. */
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	struct ilv_truth_thread *threads;
	size_t thread_count;
	size_t thread_capacity;
	struct ilv_truth_task *tasks;
	size_t task_count;
	size_t task_capacity;
	bool is_incomplete; /* memory ran out */
} kept;

/*
 * Between the two readings that agree the thread was not switched, so the counts hold at any moment
 * in between. A switch in the middle of all this makes the next try; each try is far shorter than a
 * time slice. Under a tracer that stops the thread at each system call (strace) none ever agrees,
 * so the last one stands.
 */
static void read_counts(struct ilv_thread_counts *counts)
{
	struct rusage before;
	struct rusage after;
	struct timespec cpu_time;
	int try_count = 0;

	/* Where the recorder has only these counts too, it is to know of all that happened so far.
	 */
	ilv_rusage_look();
	do {
		(void)getrusage(RUSAGE_THREAD, &before);
		counts->read_at_ns = ilv_trace_now_ns();
		(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu_time);
		(void)getrusage(RUSAGE_THREAD, &after);
	} while (++try_count < MAX_TRY_COUNT &&
		 (before.ru_nvcsw != after.ru_nvcsw || before.ru_nivcsw != after.ru_nivcsw));

	counts->cpu_ns = cpu_time.tv_sec * NS_PER_S + cpu_time.tv_nsec;
	counts->voluntary_count = (uint64_t)after.ru_nvcsw;
	counts->involuntary_count = (uint64_t)after.ru_nivcsw;
}

/* Makes room for one more element; NULL when there is no memory, with `*array` as it was. */
static void *append(void **array, size_t *count, size_t *capacity, size_t element_size)
{
	if (*count == *capacity) {
		const size_t grown_capacity = *capacity ? 2 * *capacity : 16;
		void *grown = realloc(*array, grown_capacity * element_size);

		if (!grown) {
			kept.is_incomplete = true;
			return NULL;
		}

		*array = grown;
		*capacity = grown_capacity;
	}

	return (char *)*array + (*count)++ * element_size;
}

void ilv_truth_thread_begin(struct ilv_truth_thread *thread, enum ilv_role role, const char *name)
{
	*thread = (struct ilv_truth_thread){.role = role};
	read_counts(&thread->begin);
	ilv_rusage_look(); /* What it finds from now on lies after that reading. */
	thread->pid = ilv_trace_pid();
	thread->tid = ilv_trace_tid();
	(void)snprintf(thread->name, sizeof(thread->name), "%s", name);
}

void ilv_truth_thread_end(struct ilv_truth_thread *thread)
{
	read_counts(&thread->end);
	ilv_truth_add_thread(thread);
}

void ilv_truth_add_thread(const struct ilv_truth_thread *thread)
{
	struct ilv_truth_thread *copy = NULL;

	(void)pthread_mutex_lock(&kept_lock);
	copy = append((void **)&kept.threads, &kept.thread_count, &kept.thread_capacity,
		      sizeof(*copy));
	if (copy) {
		*copy = *thread;
	}
	(void)pthread_mutex_unlock(&kept_lock);
}

void ilv_truth_add_task(const struct ilv_truth_task *task)
{
	struct ilv_truth_task *copy = NULL;

	(void)pthread_mutex_lock(&kept_lock);
	copy = append((void **)&kept.tasks, &kept.task_count, &kept.task_capacity, sizeof(*copy));
	if (copy) {
		*copy = *task;
	}
	(void)pthread_mutex_unlock(&kept_lock);
}

const struct ilv_truth_thread *ilv_truth_threads(size_t *count)
{
	*count = kept.thread_count;

	return kept.threads;
}

void ilv_truth_clear(void)
{
	free(kept.threads);
	free(kept.tasks);
	memset(&kept, 0, sizeof(kept));
}

static const char *role_name(enum ilv_role role)
{
	static const char *const names[] = {
		[ILV_ROLE_OTHER] = "other",       [ILV_ROLE_JOB] = "job",
		[ILV_ROLE_POOL] = "pool",         [ILV_ROLE_LOOP] = "loop",
		[ILV_ROLE_MAIN] = "main",         [ILV_ROLE_SERVER] = "server",
		[ILV_ROLE_RECORDER] = "recorder", [ILV_ROLE_TRACER] = "tracer",
	};

	return names[role];
}

static const char *outcome_name(enum ilv_outcome outcome)
{
	static const char *const names[] = {
		[ILV_OUTCOME_RETURNED] = "returned",
		[ILV_OUTCOME_FAILED] = "failed",
		[ILV_OUTCOME_CANCELLED] = "cancelled",
	};

	return names[outcome];
}

static const char *run_status_name(enum ilv_status status)
{
	switch (status) {
	case ILV_STATUS_OK:
		return "done";
	case ILV_STATUS_INTERRUPTED:
		return "interrupted";
	default:
		return "failed";
	}
}

static json_t *hex(uint64_t number)
{
	return json_sprintf("%016" PRIx64, number);
}

static json_t *thread_json(const struct ilv_truth_thread *thread)
{
	return json_pack("{s:i, s:i, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "pid",
			 (int)thread->pid, "tid", (int)thread->tid, "role", role_name(thread->role),
			 "name", thread->name, "started_ns", (json_int_t)thread->begin.read_at_ns,
			 "cpu_before_ns", (json_int_t)thread->begin.cpu_ns,
			 "voluntary_before_count", (json_int_t)thread->begin.voluntary_count,
			 "involuntary_before_count", (json_int_t)thread->begin.involuntary_count,
			 "read_at_ns", (json_int_t)thread->end.read_at_ns, "cpu_ns",
			 (json_int_t)thread->end.cpu_ns, "voluntary_count",
			 (json_int_t)thread->end.voluntary_count, "involuntary_count",
			 (json_int_t)thread->end.involuntary_count);
}

static json_t *task_json(const struct ilv_truth_task *task)
{
	return json_pack("{s:o, s:I, s:s, s:I, s:I, s:s}", "loop",
			 json_sprintf("0x%" PRIx64, task->loop), "number", (json_int_t)task->number,
			 "name", task->name, "resume_count", (json_int_t)task->resume_count,
			 "yield_count", (json_int_t)task->yield_count, "outcome",
			 outcome_name(task->outcome));
}

static json_t *options_json(const struct ilv_run *run)
{
	json_t *options = json_object();

	(void)json_object_set_new(options, "jobs", json_integer(run->job_count));
	for (size_t index = 0; run->workload->options && run->workload->options[index].name;
	     index++) {
		(void)json_object_set_new(options, run->workload->options[index].name,
					  json_integer(run->values[index]));
	}

	if (run->cpu_count > 0) {
		(void)json_object_set_new(options, "cpus", json_integer(run->cpu_count));
	}

	return options;
}

static json_t *run_json(const struct ilv_run *run)
{
	json_t *threads = json_array();
	json_t *tasks = json_array();
	json_t *counted = json_object();

	for (size_t index = 0; index < kept.thread_count; index++) {
		(void)json_array_append_new(threads, thread_json(&kept.threads[index]));
	}

	for (size_t index = 0; index < kept.task_count; index++) {
		(void)json_array_append_new(tasks, task_json(&kept.tasks[index]));
	}

	for (size_t index = 0; index < run->counted_count; index++) {
		(void)json_object_set_new(counted, run->counted[index].name,
					  json_integer(run->counted[index].value));
	}

	return json_pack(
		"{s:s, s:i, s:s, s:s, s:o, s:s, s:o, s:I, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:b, "
		"s:o, s:o, s:o}",
		"format", "interleave-truth", "version", 1, "workload", run->workload->name,
		"runtime", run->runtime->name, "variant",
		run->variant ? json_string(run->variant->name) : json_null(), "parameters",
		run->parameters, "options", options_json(run), "seed", (json_int_t)run->seed,
		"status", run_status_name(run->status), "signal",
		run->signal ? json_integer(run->signal) : json_null(), "checksum",
		run->has_checksum ? hex(run->checksum) : json_null(), "sentence",
		run->sentence[0] ? json_string(run->sentence) : json_null(), "begin_ns",
		(json_int_t)run->begin_ns, "end_ns", (json_int_t)run->end_ns, "wall_ns",
		(json_int_t)(run->end_ns - run->begin_ns), "is_complete", !kept.is_incomplete,
		"threads", threads, "tasks", tasks, "counted", counted);
}

enum ilv_status ilv_truth_write(const struct ilv_run *run, const char *path)
{
	struct ilv_whole_file file = {0};
	FILE *stream = NULL;
	json_t *truth = run_json(run);
	enum ilv_status status = ILV_STATUS_MEMORY;
	bool is_written = false;

	if (!truth) {
		ilv_cause_add("Cannot write truth: path=\"%s\", memory ran out", path);
		goto end;
	}

	/* In place as a whole or not at all, for a test may read it as soon as it is there. */
	status = ilv_whole_file_create(&file, "truth", path);
	if (status == ILV_STATUS_OK) {
		status = ilv_whole_file_open_stream(&file, &stream);
	}

	if (status != ILV_STATUS_OK) {
		goto end;
	}

	is_written = json_dumpf(truth, stream, JSON_INDENT(1)) == 0 && fputc('\n', stream) != EOF;
	if (fclose(stream) != 0 || !is_written) {
		ilv_cause_add("Cannot write truth: path=\"%s\", error=\"%s\"", path,
			      strerror(errno));
		status = ILV_STATUS_IO;
		goto end;
	}

	status = ilv_whole_file_place(&file);

end:
	ilv_whole_file_discard(&file);
	json_decref(truth);

	return status;
}
