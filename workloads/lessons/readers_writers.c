/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `readers-writers`: many read a page that one rewrites now and then. In the
 * trace a mutex lets the readers in one by one; a read-write lock lets them in together, several
 * holds side by side, and keeps them out only while the page is written.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <interleave/pthread.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/lessons/crew.h"
#include "workloads/workload.h"

#define NS_PER_US  INT64_C(1000)
#define NS_PER_S   1e9
#define LINE_COUNT 8

enum option { OPTION_READS, OPTION_WRITES, OPTION_READ };

static const struct ilv_option options[] = {
	[OPTION_READS] = {.name = "reads",
			  .help = "how often each reader reads the page",
			  .default_value = 50,
			  .min = 1,
			  .max = 1000000},
	[OPTION_WRITES] = {.name = "writes",
			   .help = "how often the writer rewrites it meanwhile",
			   .default_value = 5,
			   .min = 0,
			   .max = 1000000},
	[OPTION_READ] = {.name = "read-us",
			 .help = "us that a read or a write takes, as slow input or output does",
			 .default_value = 1000,
			 .min = 0,
			 .max = 1000000},
	{.name = NULL},
};

/* The first has the mutex. */
static const struct ilv_variant variants[] = {
	{"mutex", "threads", "a mutex: one reads at a time"},
	{"rwlock", "threads", "a read-write lock: all read together, the writer alone"},
	{.name = NULL},
};

struct library {
	bool has_rwlock;
	int64_t reads_each;
	int64_t write_count;
	int64_t read_ns;
	size_t reader_count;
	pthread_mutex_t mutex;
	pthread_rwlock_t rwlock;
	_Atomic int64_t page[LINE_COUNT]; /* all lines have one number unless it is being written */
	_Atomic int64_t reading_count;    /* inside right now */
	_Atomic int64_t most_reading_count;
	_Atomic int64_t read_count;
	_Atomic int64_t written_count;
	_Atomic int64_t torn_count; /* reads that saw a page half written */
};

static void enter(struct library *library, bool is_writer)
{
	if (!library->has_rwlock) {
		(void)ilv_mutex_lock(&library->mutex);
	} else if (is_writer) {
		(void)ilv_rwlock_wrlock(&library->rwlock);
	} else {
		(void)ilv_rwlock_rdlock(&library->rwlock);
	}
}

static void leave(struct library *library)
{
	if (library->has_rwlock) {
		(void)ilv_rwlock_unlock(&library->rwlock);
	} else {
		(void)ilv_mutex_unlock(&library->mutex);
	}
}

static enum ilv_status read_page(struct library *library)
{
	enum ilv_status status = ILV_STATUS_OK;
	const int64_t reading_count = atomic_fetch_add(&library->reading_count, 1) + 1;
	int64_t most = atomic_load(&library->most_reading_count);
	const int64_t number = library->page[0];

	while (reading_count > most &&
	       !atomic_compare_exchange_weak(&library->most_reading_count, &most, reading_count)) {
		/* Somebody else raised it; `most` is what it is now. */
	}

	status = ilv_await_sleep(library->read_ns);
	for (size_t line = 1; line < LINE_COUNT; line++) {
		if (library->page[line] != number) {
			library->torn_count++;
			break;
		}
	}

	library->reading_count--;
	library->read_count += status == ILV_STATUS_OK;

	return status;
}

static enum ilv_status write_page(struct library *library)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t line = 0; line < LINE_COUNT; line++) {
		library->page[line]++;
		if (line == LINE_COUNT / 2) {
			status = ilv_await_sleep(library->read_ns);
		}
	}

	library->written_count++;

	return status;
}

static enum ilv_status visit(void *argument, struct ilv_result *result)
{
	struct ilv_member *member = argument;
	struct library *library = member->shared;
	const bool is_writer = member->index == library->reader_count;
	const int64_t visit_count = is_writer ? library->write_count : library->reads_each;
	enum ilv_status status = ILV_STATUS_OK;

	(void)result;
	ilv_gate_pass(member->gate);
	for (int64_t visit = 0; visit < visit_count && status == ILV_STATUS_OK; visit++) {
		enter(library, is_writer);
		status = is_writer ? write_page(library) : read_page(library);
		leave(library);
		if (status == ILV_STATUS_OK) {
			/* The writer thinks, the readers turn the page. */
			status = ilv_await_sleep(is_writer ? 4 * library->read_ns
							   : library->read_ns / 4);
		}
	}

	return status;
}

static enum ilv_status run(struct ilv_run *run)
{
	struct library library = {
		.has_rwlock = run->variant != variants,
		.reads_each = run->values[OPTION_READS],
		.write_count = run->values[OPTION_WRITES],
		.read_ns = run->values[OPTION_READ] * NS_PER_US,
		.reader_count = (size_t)run->job_count,
	};
	const size_t count = library.reader_count + 1;
	const int64_t begin_ns = ilv_trace_now_ns();
	const char **names = calloc(count, sizeof(*names));
	char(*texts)[ILV_NAME_SIZE] = calloc(count, sizeof(*texts));
	enum ilv_status status = ILV_STATUS_MEMORY;
	struct ilv_crew crew;
	int64_t duration_ns = 0;
	double rate = 0;

	if (!names || !texts) {
		ilv_cause_add("Cannot name readers: count=%zu", count);
		goto end;
	}

	for (size_t index = 0; index < count; index++) {
		(void)snprintf(texts[index], sizeof(texts[index]), "reader %zu", index + 1);
		names[index] = index == library.reader_count ? "writer" : texts[index];
	}

	if (library.has_rwlock) {
		(void)ilv_rwlock_init(&library.rwlock, "page");
	} else {
		(void)ilv_mutex_init(&library.mutex, "page");
	}

	status = ilv_crew_begin(&crew, count, visit, &library, "reader", names, true);
	if (status == ILV_STATUS_OK) {
		status = ilv_crew_join(&crew);
		ilv_crew_fini(&crew);
	}

	duration_ns = ilv_trace_now_ns() - begin_ns;
	if (library.has_rwlock) {
		(void)ilv_rwlock_destroy(&library.rwlock);
	} else {
		(void)ilv_mutex_destroy(&library.mutex);
	}

	rate = (double)library.read_count * NS_PER_S / (double)duration_ns;
	ilv_run_count(run, "read_count", library.read_count);
	ilv_run_count(run, "write_count", library.written_count);
	ilv_run_count(run, "torn_count", library.torn_count);
	ilv_run_count(run, "most_reading_count", library.most_reading_count);
	ilv_run_count(run, "reads_per_s", (int64_t)rate);
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%lld %s made %lld %s at %.0f a second, up to %lld at once, beside %lld %s; "
		       "%lld saw a page half written",
		       (long long)run->job_count, ilv_plural(run->job_count, "reader", "readers"),
		       (long long)library.read_count,
		       ilv_plural(library.read_count, "read", "reads"), rate,
		       (long long)library.most_reading_count, (long long)library.written_count,
		       ilv_plural(library.written_count, "write", "writes"),
		       (long long)library.torn_count);

end:
	free(names);
	free(texts);

	return status;
}

const struct ilv_workload ilv_workload_readers_writers = {
	.name = "readers-writers",
	.description = "many readers and a writer: a mutex against a read-write lock",
	.shows = "Under the mutex one reader reads while the others wait for the lock (dotted). "
		 "Under the read-write lock all read side by side, and wait only while the page is "
		 "being written.",
	.job_noun = "readers, beside one writer",
	.default_job_count = 4,
	.max_job_count = 1000,
	.options = options,
	.variants = variants,
	.run = run,
};
