/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `daemon`: threads write chapters; a program ends when its main thread has
 * waited for those that are no daemons. In the trace the others are in mid-work when the run ends,
 * have no end of their own, and main joins none of them.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <interleave/pthread.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/runtimes/refusal.h"
#include "workloads/stop.h"
#include "workloads/truth.h"
#include "workloads/workload.h"

#define NS_PER_MS    INT64_C(1000000)
#define SLOWER_TIMES 4 /* daemons have this many times as much to write */

enum option { OPTION_CHAPTERS, OPTION_CHAPTER };

static const struct ilv_option options[] = {
	[OPTION_CHAPTERS] = {.name = "chapters",
			     .help = "how many a writer has to write, and a daemon 4 times as many",
			     .default_value = 10,
			     .min = 1,
			     .max = 1000000},
	[OPTION_CHAPTER] = {.name = "chapter-ms",
			    .help = "ms that a chapter takes",
			    .default_value = 5,
			    .min = 1,
			    .max = 100000},
	{.name = NULL},
};

enum crowd { CROWD_MIXED, CROWD_DAEMONS, CROWD_WAITED };

/* In the order of `enum crowd`. */
static const struct ilv_variant variants[] = {
	{"mixed", "threads", "every second is a daemon: the run ends when the others are done"},
	{"daemons", "threads", "all are daemons: main does its own part and leaves them behind"},
	{"waited", "threads", "none is a daemon: the run ends when the last one is done"},
	{.name = NULL},
};

struct writer {
	pthread_t thread;
	pid_t creator_tid;
	sem_t is_started;
	pid_t tid; /* once it has started */
	char name[ILV_NAME_SIZE];
	bool is_daemon;
	bool was_created;
	int64_t chapter_count; /* to be written */
	int64_t chapter_ns;
	_Atomic int64_t written_count;
};

struct office {
	size_t writer_count;
	struct writer writers[];
};

static void *write_chapters(void *argument)
{
	struct writer *writer = argument;
	const struct timespec duration = {.tv_sec = writer->chapter_ns / 1000000000,
					  .tv_nsec = writer->chapter_ns % 1000000000};
	struct ilv_truth_thread truth;

	ilv_truth_thread_begin(&truth, ILV_ROLE_JOB, writer->name);
	ilv_trace_thread_start((uintptr_t)writer, writer->creator_tid, writer->name, ILV_ROLE_JOB,
			       writer->is_daemon);
	writer->tid = ilv_trace_tid();
	(void)sem_post(&writer->is_started);
	while (writer->written_count < writer->chapter_count && !ilv_stop_is_requested()) {
		(void)ilv_nanosleep(&duration, NULL);
		writer->written_count++;
	}

	/* A daemon that the run's end overtakes leaves no count, for nobody waits for it. */
	if (!writer->is_daemon) {
		ilv_truth_thread_end(&truth);
	}

	ilv_trace_thread_exit();

	return NULL;
}

static enum ilv_status start_writer(struct writer *writer)
{
	int error = 0;

	writer->creator_tid = ilv_trace_tid();
	(void)sem_init(&writer->is_started, 0, 0);
	ilv_trace_thread_create((uintptr_t)writer, writer->name);
	error = pthread_create(&writer->thread, NULL, write_chapters, writer);
	if (error != 0) {
		ilv_refusal_explain("thread", error);
		ilv_cause_add("Cannot start a thread: name=\"%s\"", writer->name);
		return ILV_STATUS_ERROR;
	}

	writer->was_created = true;
	while (sem_wait(&writer->is_started) != 0) {
		/* A signal; it is still about to start. */
	}

	if (writer->is_daemon) {
		(void)pthread_detach(writer->thread);
	}

	return ILV_STATUS_OK;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	/* Daemons use it until the program ends, so it is never freed. */
	static struct office *_Atomic kept;
	const size_t writer_count = (size_t)run->job_count;
	struct office *office =
		calloc(1, sizeof(*office) + writer_count * sizeof(office->writers[0]));

	if (!office) {
		ilv_cause_add("Cannot prepare writers: count=%zu", writer_count);
		return ILV_STATUS_MEMORY;
	}

	office->writer_count = writer_count;
	for (size_t index = 0; index < writer_count; index++) {
		struct writer *writer = &office->writers[index];

		writer->is_daemon = run->variant == &variants[CROWD_DAEMONS] ||
				    (run->variant == &variants[CROWD_MIXED] && index % 2 == 1);
		writer->chapter_count =
			run->values[OPTION_CHAPTERS] * (writer->is_daemon ? SLOWER_TIMES : 1);
		writer->chapter_ns = run->values[OPTION_CHAPTER] * NS_PER_MS;
		(void)snprintf(writer->name, sizeof(writer->name), "%s %zu",
			       writer->is_daemon ? "daemon" : "writer", index + 1);
	}

	run->state = office;
	atomic_store(&kept, office);

	return ILV_STATUS_OK;
}

/* Main's own part: as long as a writer that is waited for takes. */
static void work_in_main(const struct ilv_run *run)
{
	const struct timespec duration = {.tv_sec = run->values[OPTION_CHAPTER] / 1000,
					  .tv_nsec =
						  run->values[OPTION_CHAPTER] % 1000 * NS_PER_MS};

	for (int64_t chapter = 0;
	     chapter < run->values[OPTION_CHAPTERS] && !ilv_stop_is_requested(); chapter++) {
		(void)ilv_nanosleep(&duration, NULL);
	}
}

static enum ilv_status run(struct ilv_run *run)
{
	struct office *office = run->state;
	enum ilv_status status = ILV_STATUS_OK;
	int64_t waited_count = 0;
	int64_t waited_chapters = 0;
	int64_t daemon_count = 0;
	int64_t daemon_chapters = 0;
	int64_t cut_off_count = 0;
	size_t length = 0;

	for (size_t index = 0; index < office->writer_count && status == ILV_STATUS_OK; index++) {
		status = start_writer(&office->writers[index]);
	}

	if (status < 0) {
		ilv_stop_request();
	} else if (run->variant == &variants[CROWD_DAEMONS]) {
		work_in_main(run);
	}

	for (size_t index = 0; index < office->writer_count; index++) {
		struct writer *writer = &office->writers[index];

		if (writer->was_created && !writer->is_daemon) {
			ilv_trace_thread_join_begin(writer->tid);
			(void)pthread_join(writer->thread, NULL);
			ilv_trace_thread_join_end(writer->tid);
		}
	}

	for (size_t index = 0; index < office->writer_count; index++) {
		const struct writer *writer = &office->writers[index];
		const int64_t written_count = writer->written_count;

		if (writer->is_daemon) {
			daemon_count++;
			daemon_chapters += written_count;
			cut_off_count += written_count < writer->chapter_count;
		} else {
			waited_count++;
			waited_chapters += written_count;
		}
	}

	ilv_run_count(run, "waited_thread_count", waited_count);
	ilv_run_count(run, "waited_chapter_count", waited_chapters);
	ilv_run_count(run, "daemon_thread_count", daemon_count);
	ilv_run_count(run, "daemon_chapter_count", daemon_chapters);
	ilv_run_count(run, "cut_off_count", cut_off_count);
	if (waited_count > 0) {
		length = (size_t)snprintf(run->sentence, sizeof(run->sentence),
					  "main waited for %lld %s, which wrote %lld of %lld %s%s",
					  (long long)waited_count,
					  ilv_plural(waited_count, "thread", "threads"),
					  (long long)waited_chapters,
					  (long long)waited_count * run->values[OPTION_CHAPTERS],
					  ilv_plural(waited_count * run->values[OPTION_CHAPTERS],
						     "chapter", "chapters"),
					  daemon_count > 0 ? "; " : "; there was no daemon");
	}
	if (daemon_count > 0) {
		(void)snprintf(run->sentence + length, sizeof(run->sentence) - length,
			       "%lld of %lld %s cut off in mid-work, with %lld of %lld "
			       "chapters written",
			       (long long)cut_off_count, (long long)daemon_count,
			       ilv_plural(daemon_count, "daemon was", "daemons were"),
			       (long long)daemon_chapters,
			       (long long)daemon_count * run->values[OPTION_CHAPTERS] *
				       SLOWER_TIMES);
	}

	return status;
}

const struct ilv_workload ilv_workload_daemon = {
	.name = "daemon",
	.description = "daemon threads die with the program in mid-work, others are waited for",
	.shows =
		"Main waits for those that are no daemons, and then the program ends. The lanes of "
		"daemons stop in mid-work, at a torn edge, without the flag of those that are "
		"done.",
	.job_noun = "threads",
	.default_job_count = 4,
	.max_job_count = 10000,
	.options = options,
	.variants = variants,
	.prepare = prepare,
	.run = run,
};
