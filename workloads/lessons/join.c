/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `join`: threads compute parts of a sum, and main adds them up. In the trace
 * main either waits for each thread before it reads the thread's part, or reads all at once, while
 * they still compute: then what it adds up is not there yet.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/lessons/crew.h"
#include "workloads/workload.h"

#define NS_PER_MS INT64_C(1000000)

enum option { OPTION_WORK };

static const struct ilv_option options[] = {
	[OPTION_WORK] = {.name = "work-ms",
			 .help = "ms of computation of the first thread, twice of the second, ...",
			 .default_value = 10,
			 .min = 1,
			 .max = 60000},
	{.name = NULL},
};

/* The first joins. */
static const struct ilv_variant variants[] = {
	{"joined", "threads", "main waits for a thread's end before it uses its part"},
	{"unjoined", "threads", "main uses all parts at once, there or not"},
	{.name = NULL},
};

struct sum {
	int64_t work_ns;
	_Atomic int64_t *parts; /* 0: not there yet */
};

static enum ilv_status compute_part(void *argument, struct ilv_result *result)
{
	struct ilv_member *member = argument;
	struct sum *sum = member->shared;
	const int64_t part = (int64_t)member->index + 1;
	enum ilv_status status = ilv_compute_for(sum->work_ns * part);

	(void)result;
	if (status == ILV_STATUS_OK) {
		atomic_store(&sum->parts[member->index], part);
		ilv_trace_shared_write(&sum->parts[member->index], 0, part);
	}

	return status;
}

/* Adds a part to what main has; counts those that were there. */
static void use_part(struct sum *sum, size_t index, int64_t *total, int64_t *there_count)
{
	const int64_t part = atomic_load(&sum->parts[index]);

	ilv_trace_shared_read(&sum->parts[index], part);
	*total += part;
	*there_count += part != 0;
}

static enum ilv_status run(struct ilv_run *run)
{
	const size_t count = (size_t)run->job_count;
	const bool is_joined = run->variant == variants;
	struct sum sum = {.work_ns = run->values[OPTION_WORK] * NS_PER_MS};
	const int64_t expected = (int64_t)(count * (count + 1) / 2);
	enum ilv_status status = ILV_STATUS_MEMORY;
	struct ilv_crew crew;
	int64_t total = 0;
	int64_t there_count = 0;

	sum.parts = calloc(count, sizeof(*sum.parts));
	if (!sum.parts) {
		ilv_cause_add("Cannot prepare parts: count=%zu", count);
		return ILV_STATUS_MEMORY;
	}

	status = ilv_crew_begin(&crew, count, compute_part, &sum, "part", NULL, false);
	if (status < 0) {
		goto end;
	}

	if (is_joined) {
		ilv_trace_phase_begin("wait");
		status = ilv_crew_join(&crew);
		ilv_trace_phase_end("wait");
	}

	ilv_trace_phase_begin("use");
	for (size_t index = 0; index < count; index++) {
		use_part(&sum, index, &total, &there_count);
	}
	ilv_trace_phase_count("use", "part that was not there yet|parts that were not there yet",
			      (int64_t)count - there_count, false);
	ilv_trace_phase_end("use");

	if (!is_joined) {
		/* Too late for the sum; but nobody may be left behind. */
		ilv_trace_phase_begin("wait");
		status = ilv_crew_join(&crew);
		ilv_trace_phase_end("wait");
	}

	ilv_crew_fini(&crew);
	ilv_run_count(run, "expected_total", expected);
	ilv_run_count(run, "total", total);
	ilv_run_count(run, "part_count", (int64_t)count);
	ilv_run_count(run, "there_count", there_count);
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "main used %lld %s %s: %lld %s there, and it came to %lld instead of %lld",
		       (long long)count, ilv_plural((int64_t)count, "part", "parts"),
		       is_joined ? "after it had joined each thread" : "without having joined",
		       (long long)there_count, ilv_plural(there_count, "was", "were"),
		       (long long)total, (long long)expected);
	if (total == expected) {
		(void)snprintf(run->sentence, sizeof(run->sentence),
			       "main used %lld %s %s: %s there, and it came to %lld",
			       (long long)count, ilv_plural((int64_t)count, "part", "parts"),
			       is_joined ? "after it had joined each thread"
					 : "without having joined, and was lucky",
			       ilv_plural((int64_t)count, "it was", "all were"), (long long)total);
	}

end:
	free(sum.parts);

	return status;
}

const struct ilv_workload ilv_workload_join = {
	.name = "join",
	.description = "a result that is used before it is there, and waiting for it",
	.shows =
		"The parts take their time whether somebody waits or not: main is what differs. In "
		"joined it waits, and `use` stands behind the last flag. In unjoined `use` stands "
		"before the first, when nobody has put a part there yet, and the wait comes too "
		"late.",
	.job_noun = "threads, each with a part of the result",
	.default_job_count = 4,
	.max_job_count = 1000,
	.options = options,
	.variants = variants,
	.run = run,
};
