/* SPDX-License-Identifier: MIT */
/* Description: reads truths, and counts what does not hold. */
#include "tests/truth/truth.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"

#define PRINTED_MAX 30

static size_t failure_count;

static void __attribute__((format(printf, 1, 0))) fail_with(const char *format, va_list arguments)
{
	if (failure_count++ < PRINTED_MAX) {
		printf("FAIL: ");
		vprintf(format, arguments);
		printf("\n");
	}
}

void check_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fail_with(format, arguments);
	va_end(arguments);
}

void check_equal(int64_t told, int64_t truth, const char *format, ...)
{
	va_list arguments;
	char what[256];

	if (told == truth) {
		return;
	}
	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	check_fail("%s: the analysis says %" PRId64 ", the truth is %" PRId64, what, told, truth);
}

size_t check_failure_count(void)
{
	return failure_count;
}

int64_t truth_integer(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_integer(value)) {
		check_fail("\"%s\" is missing, or no integer", name);
		return -1;
	}
	return json_integer_value(value);
}

static int64_t integer_or(const json_t *object, const char *name, int64_t absent)
{
	const json_t *value = json_object_get(object, name);

	return json_is_integer(value) ? json_integer_value(value) : absent;
}

static enum ilv_status add_thread(struct truth *truth, const json_t *json)
{
	struct thread_truth *thread = calloc(1, sizeof(*thread));
	const char *name = json_string_value(json_object_get(json, "name"));

	if (!thread) {
		return ILV_STATUS_MEMORY;
	}
	thread->key.pid = (int32_t)truth_integer(json, "pid");
	thread->key.tid = (int32_t)truth_integer(json, "tid");
	thread->name = strdup(name ? name : "");
	thread->started_ns = truth_integer(json, "started_ns");
	thread->read_at_ns = truth_integer(json, "read_at_ns");
	thread->before = (struct switch_counts){
		truth_integer(json, "voluntary_before_count"),
		truth_integer(json, "involuntary_before_count"),
	};
	thread->between = (struct switch_counts){
		truth_integer(json, "voluntary_count") - thread->before.voluntary,
		truth_integer(json, "involuntary_count") - thread->before.involuntary,
	};
	if (truth_find_thread(truth, thread->key.pid, thread->key.tid)) {
		check_fail("thread %d of process %d is there twice", thread->key.tid,
			   thread->key.pid);
	}
	HASH_ADD(hh, truth->threads, key, sizeof(thread->key), thread);
	return ILV_STATUS_OK;
}

static enum ilv_status add_task(struct truth *truth, int32_t pid, const json_t *json)
{
	struct task_truth *task = calloc(1, sizeof(*task));
	const char *loop = json_string_value(json_object_get(json, "loop"));

	if (!task) {
		return ILV_STATUS_MEMORY;
	}
	task->key.pid = pid;
	task->key.loop = loop ? strtoull(loop, NULL, 0) : 0;
	task->key.number = (uint64_t)truth_integer(json, "number");
	task->resume_count = truth_integer(json, "resume_count");
	task->yield_count = truth_integer(json, "yield_count");
	HASH_ADD(hh, truth->tasks, key, sizeof(task->key), task);
	return ILV_STATUS_OK;
}

static enum ilv_status load_run(struct truth *truth, struct run_truth *run, const char *path)
{
	enum ilv_status status = ILV_STATUS_OK;
	json_error_t error;
	const json_t *counted;
	const json_t *item;
	size_t index;

	run->path = strdup(path);
	run->json = json_load_file(path, 0, &error);
	if (!run->path || !run->json) {
		ilv_cause_add("Cannot read truth: path=\"%s\", error=\"%s\"", path, error.text);
		return ILV_STATUS_IO;
	}

	run->workload = json_string_value(json_object_get(run->json, "workload"));
	run->runtime = json_string_value(json_object_get(run->json, "runtime"));
	run->variant = json_string_value(json_object_get(run->json, "variant"));
	run->begin_ns = integer_or(run->json, "begin_ns", -1);
	run->end_ns = integer_or(run->json, "end_ns", -1);
	counted = json_object_get(run->json, "counted");
	run->increment_count = integer_or(counted, "increment_count", -1);
	run->lost_count = integer_or(counted, "lost_count", -1);

	json_array_foreach(json_object_get(run->json, "threads"), index, item)
	{
		if (status == ILV_STATUS_OK) {
			status = add_thread(truth, item);
			run->pid = (int32_t)truth_integer(item, "pid");
		}
	}
	json_array_foreach(json_object_get(run->json, "tasks"), index, item)
	{
		if (status == ILV_STATUS_OK) {
			status = add_task(truth, run->pid, item);
		}
	}
	return status;
}

enum ilv_status truth_load(struct truth *truth, char *const *paths, size_t count)
{
	truth->runs = calloc(count, sizeof(*truth->runs));
	if (!truth->runs) {
		return ILV_STATUS_MEMORY;
	}
	while (truth->run_count < count) {
		struct run_truth *run = &truth->runs[truth->run_count];
		enum ilv_status status = load_run(truth, run, paths[truth->run_count++]);

		if (status != ILV_STATUS_OK) {
			return status;
		}
	}
	return ILV_STATUS_OK;
}

void truth_fini(struct truth *truth)
{
	struct thread_truth *thread;
	struct thread_truth *next_thread;
	struct task_truth *task;
	struct task_truth *next_task;

	HASH_ITER (hh, truth->threads, thread, next_thread) {
		HASH_DEL(truth->threads, thread);
		free(thread->name);
		free(thread);
	}
	HASH_ITER (hh, truth->tasks, task, next_task) {
		HASH_DEL(truth->tasks, task);
		free(task);
	}
	for (size_t index = 0; index < truth->run_count; index++) {
		free(truth->runs[index].path);
		json_decref(truth->runs[index].json);
	}
	free(truth->runs);
}

struct thread_truth *truth_find_thread(const struct truth *truth, int32_t pid, int32_t tid)
{
	struct thread_truth *thread;
	struct thread_truth wanted = {.key = {pid, tid}};

	HASH_FIND(hh, truth->threads, &wanted.key, sizeof(wanted.key), thread);
	return thread;
}

struct thread_truth *truth_find_process(const struct truth *truth, int32_t pid, int64_t begin_ns,
					int64_t end_ns)
{
	struct thread_truth *thread;

	for (thread = truth->threads; thread; thread = thread->hh.next) {
		if (thread->key.pid == pid && thread->started_ns <= end_ns &&
		    thread->read_at_ns >= begin_ns) {
			return thread;
		}
	}
	return NULL;
}

struct task_truth *truth_find_task(const struct truth *truth, int32_t pid, uint64_t loop,
				   uint64_t number)
{
	struct task_truth *task;
	struct task_truth wanted = {.key = {.loop = loop, .number = number, .pid = pid}};

	HASH_FIND(hh, truth->tasks, &wanted.key, sizeof(wanted.key), task);
	return task;
}
