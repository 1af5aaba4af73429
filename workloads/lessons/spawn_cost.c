/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `spawn-cost`: what it costs to start something that does nothing, and to wait
 * for its end: a thread, a forked process, a program, a task, a job for a pool; and how much memory
 * one takes that is there and waits.
 *
 * It is measured twice. Bare: the plain call of the system, in a process of its own that is in no
 * trace. In the run: through the runtime, with all its events; LTTng's own work after a fork, some
 * ms, is in that number and not in the first. The run tells both as the prices of its phase.
 *
 * The variant `fork` also shows copy-on-write: children that write to 0, 25, 50 and 100 % of a
 * block of their parent's get a page fault for each page that they write to, and none for the
 * others. The trace shows a phase for each, the points of a curve, and in its child how long the
 * writing took.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/lessons/spawn_bare.h"
#include "workloads/lessons/spawn_held.h"
#include "workloads/runtimes/processes.h"
#include "workloads/runtimes/refusal.h"
#include "workloads/stop.h"
#include "workloads/untraced.h"
#include "workloads/workload.h"

#define MIB   ((size_t)1024 * 1024)
#define SPAWN "spawn" /* the phase */

/* Of fewer, the middle one is still one of the first, which find nothing in any cache. */
#define BARE_LEAST 100

enum option { OPTION_MEMORY_MIB };

/* What the pass without tracing counts; variant fork one for each of the touches too. */
enum figure { FIGURE_TIME, FIGURE_MEMORY, FIGURE_TOUCH };

static const struct ilv_option options[] = {
	[OPTION_MEMORY_MIB] = {"memory-mib", "block that children of variant fork write to", 16, 1,
			       16384},
	{0},
};

/* In the order of enum ilv_spawn_kind. */
static const struct ilv_variant variants[] = {
	{"thread", "threads", "a thread each"},
	{"fork",
	 "processes",
	 "a forked process each, and what writing to shared pages costs it",
	 {{"start-method", ILV_START_METHOD_FORK}}},
	{"posix-spawn",
	 "processes",
	 "a program each; bare, that is cat",
	 {{"start-method", ILV_START_METHOD_SPAWN}}},
	{"task", "event-loop", "a task of a loop each; bare, a fiber"},
	{"pool", "thread-pool", "a job each for a standing thread"},
	{0},
};

static const unsigned int touched_percents[] = {0, 25, 50, 100};
static const char *const fault_names[] = {"faults_0_percent", "faults_25_percent",
					  "faults_50_percent", "faults_100_percent"};

static const char *const touch_names[] = {"bare_touch_0_ns", "bare_touch_25_ns", "bare_touch_50_ns",
					  "bare_touch_100_ns"};

#define TOUCH_COUNT  (sizeof(touched_percents) / sizeof(touched_percents[0]))
#define TOUCH_ROUNDS 5

struct spawn_cost {
	int64_t *times_ns;     /* one an entity */
	int64_t runtime_bytes; /* one that the runtime has started and that waits */
	unsigned char *block;  /* NULL: only variant fork has one */
	size_t block_size;
};

struct touch {
	unsigned char *block;
	size_t length;
};

static int compare_times(const void *a, const void *b)
{
	const int64_t left = *(const int64_t *)a;
	const int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* The middle one: whoever was disturbed does not count. */
static int64_t median(int64_t *times_ns, int64_t count)
{
	qsort(times_ns, (size_t)count, sizeof(*times_ns), compare_times);

	return times_ns[count / 2];
}

static enum ilv_spawn_kind kind_of(const struct ilv_run *run)
{
	return (enum ilv_spawn_kind)(run->variant - variants);
}

static int64_t bare_count(const struct ilv_run *run)
{
	return run->job_count > BARE_LEAST ? run->job_count : BARE_LEAST;
}

/*
 * A block in which each page is there, and a page of its own: huge ones would be counted as one. No
 * child has it until it is to be written to: to copy its page tables takes time.
 */
static enum ilv_status make_block(struct spawn_cost *cost, size_t size)
{
	void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (block == MAP_FAILED) {
		ilv_cause_add("Cannot make a block of memory: mib=%zu, error=\"%s\"", size / MIB,
			      strerror(errno));
		return ILV_STATUS_MEMORY;
	}

	(void)madvise(block, size, MADV_NOHUGEPAGE);
	(void)madvise(block, size, MADV_DONTFORK);
	memset(block, 1, size);
	cost->block = block;
	cost->block_size = size;

	return ILV_STATUS_OK;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	struct spawn_cost *cost = run->state;
	enum ilv_status status = ILV_STATUS_OK;

	cost->times_ns = calloc((size_t)bare_count(run), sizeof(*cost->times_ns));
	if (!cost->times_ns) {
		ilv_cause_add("Cannot keep times: count=%lld", (long long)run->job_count);
		return ILV_STATUS_MEMORY;
	}

	/* The pass without tracing, which has no figures yet, is about the plain calls. */
	if (run->untraced_count > 0) {
		status = ilv_untraced_check(run, kind_of(run) == ILV_SPAWN_KIND_FORK
							 ? FIGURE_TOUCH + TOUCH_COUNT
							 : FIGURE_TOUCH);
		if (status == ILV_STATUS_OK) {
			status = ilv_spawn_held_memory(run, kind_of(run), &cost->runtime_bytes);
		}
	}

	if (status == ILV_STATUS_OK && kind_of(run) == ILV_SPAWN_KIND_FORK) {
		status = make_block(cost, (size_t)run->values[OPTION_MEMORY_MIB] * MIB);
	}

	return status;
}

static enum ilv_status empty_job(void *argument, struct ilv_result *result)
{
	(void)argument;
	(void)result;

	return ILV_STATUS_OK;
}

/* How much of the block that is. */
static size_t length_of(const struct spawn_cost *cost, unsigned int percent)
{
	return percent == 100 ? cost->block_size : cost->block_size / 100 * percent;
}

static void write_to(unsigned char *block, size_t length)
{
	const size_t page_size = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t at = 0; at < length; at += page_size) {
		((volatile unsigned char *)block)[at] = 2;
	}
}

/* Writes to the first pages of the block, and hands back the page faults that it got for it. */
static enum ilv_status touch_job(void *argument, struct ilv_result *result)
{
	const struct touch *touch = argument;
	struct rusage before;
	struct rusage after;
	int64_t fault_count = 0;

	(void)getrusage(RUSAGE_SELF, &before); /* Twice: the first may cost a fault of its own. */
	(void)getrusage(RUSAGE_SELF, &after);
	(void)getrusage(RUSAGE_SELF, &before);
	write_to(touch->block, touch->length);
	(void)getrusage(RUSAGE_SELF, &after);
	fault_count = after.ru_minflt - before.ru_minflt;

	return ilv_result_append(result, &fault_count, sizeof(fault_count));
}

/* Spawns and joins them one by one, through the runtime. */
static enum ilv_status spawn_all(struct ilv_run *run, struct spawn_cost *cost)
{
	char nothing = 0;

	for (int64_t index = 0; index < run->job_count; index++) {
		const int64_t begin_ns = ilv_trace_now_ns();
		struct ilv_handle *handle = NULL;
		enum ilv_status status = ILV_STATUS_OK;

		status = ilv_stop_is_requested()
				 ? ILV_STATUS_INTERRUPTED
				 : ilv_spawn_flat(empty_job, &nothing, sizeof(nothing), "idler",
						  &handle);
		if (status == ILV_STATUS_OK) {
			status = ilv_join(handle, NULL);
		}

		if (status < 0) {
			return status;
		}

		cost->times_ns[index] = ilv_trace_now_ns() - begin_ns;
	}

	return ILV_STATUS_OK;
}

/* How long a plain fork takes whose child writes to so much of the block, and the wait for it. */
static enum ilv_status time_touch(const struct spawn_cost *cost, unsigned int percent,
				  int64_t *bare_ns)
{
	int64_t times_ns[TOUCH_ROUNDS];

	for (int round = 0; round < TOUCH_ROUNDS; round++) {
		const int64_t begin_ns = ilv_trace_now_ns();
		pid_t child = fork();

		if (child == 0) {
			write_to(cost->block, length_of(cost, percent));
			_exit(0);
		}

		if (child < 0) {
			ilv_refusal_explain("process", errno);
			return ILV_STATUS_ERROR;
		}

		while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
			/* A signal. */
		}

		times_ns[round] = ilv_trace_now_ns() - begin_ns;
	}

	*bare_ns = median(times_ns, TOUCH_ROUNDS);

	return ILV_STATUS_OK;
}

static enum ilv_status time_touches(struct ilv_run *run, const struct spawn_cost *cost)
{
	enum ilv_status status = ILV_STATUS_OK;

	(void)madvise(cost->block, cost->block_size, MADV_DOFORK);

	for (size_t index = 0; index < TOUCH_COUNT && status == ILV_STATUS_OK; index++) {
		int64_t bare_ns = 0;

		status = time_touch(cost, touched_percents[index], &bare_ns);
		ilv_run_count(run, touch_names[index], bare_ns);
	}

	return status;
}

static enum ilv_status measure_untraced(struct ilv_run *run)
{
	struct spawn_cost *cost = run->state;
	const int64_t count = bare_count(run);
	int64_t memory_bytes = 0;
	enum ilv_status status = ilv_spawn_bare_time(kind_of(run), count, cost->times_ns);

	if (status == ILV_STATUS_OK) {
		ilv_run_count(run, "bare_ns", median(cost->times_ns, count));
		status = ilv_spawn_bare_memory(kind_of(run), &memory_bytes);
		ilv_run_count(run, "memory_bytes", memory_bytes);
	}

	if (status == ILV_STATUS_OK && kind_of(run) == ILV_SPAWN_KIND_FORK) {
		status = time_touches(run, cost);
	}

	return status;
}

static enum ilv_status touch_one(const struct spawn_cost *cost, unsigned int percent,
				 int64_t bare_ns, int64_t *fault_count)
{
	struct touch touch = {cost->block, length_of(cost, percent)};
	struct ilv_handle *handle = NULL;
	struct ilv_result result = {0};
	char name[ILV_NAME_SIZE];
	char writer[ILV_NAME_SIZE];
	enum ilv_status status = ILV_STATUS_OK;

	(void)snprintf(name, sizeof(name), "touch %u %%", percent);
	ilv_trace_phase_begin(name);
	ilv_trace_phase_point(name, NULL, false, "the block written to", percent,
			      ILV_QUANTITY_PERCENT);
	ilv_trace_phase_price(name, "a child that writes", bare_ns, ILV_QUANTITY_NS, true);
	(void)snprintf(writer, sizeof(writer), "writer of %u %%", percent);
	status = ilv_spawn(touch_job, &touch, writer, &handle);
	if (status == ILV_STATUS_OK) {
		status = ilv_join(handle, &result);
	}

	if (status == ILV_STATUS_OK) {
		memcpy(fault_count, result.bytes, sizeof(*fault_count));
		ilv_trace_phase_count(name, "page faults", *fault_count, false);
	}
	ilv_trace_phase_end(name);

	ilv_result_fini(&result);

	return status;
}

static enum ilv_status touch_all(struct ilv_run *run, const struct spawn_cost *cost)
{
	const size_t length = strlen(run->sentence);
	int64_t faults[TOUCH_COUNT] = {0};
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0; index < TOUCH_COUNT && status == ILV_STATUS_OK; index++) {
		const int64_t bare_ns = run->untraced[FIGURE_TOUCH + index];

		status = touch_one(cost, touched_percents[index], bare_ns, &faults[index]);
		ilv_run_count(run, fault_names[index], faults[index]);
		ilv_run_count(run, touch_names[index], bare_ns);
	}
	ilv_run_count(run, "page_count",
		      (int64_t)(cost->block_size / (size_t)sysconf(_SC_PAGESIZE)));
	(void)snprintf(run->sentence + length, sizeof(run->sentence) - length,
		       "; page faults for 0, 25, 50, 100 %% of %zu MiB: %lld, %lld, %lld, %lld",
		       cost->block_size / MIB, (long long)faults[0], (long long)faults[1],
		       (long long)faults[2], (long long)faults[3]);

	return status;
}

/* Tells what one costs, bare and in this run, to the trace, the truth and the reader. */
static void tell_prices(struct ilv_run *run, const struct spawn_cost *cost, int64_t runtime_ns)
{
	static const char time_of[] = "a start with its end";
	static const char memory_of[] = "one that waits";
	const int64_t bare_ns = run->untraced[FIGURE_TIME];
	const int64_t bare_bytes = run->untraced[FIGURE_MEMORY];
	char bare[ILV_DURATION_TEXT_SIZE];
	char traced[ILV_DURATION_TEXT_SIZE];

	ilv_trace_phase_price(SPAWN, time_of, bare_ns, ILV_QUANTITY_NS, true);
	ilv_trace_phase_price(SPAWN, time_of, runtime_ns, ILV_QUANTITY_NS, false);
	ilv_trace_phase_price(SPAWN, memory_of, bare_bytes, ILV_QUANTITY_BYTES, true);
	ilv_trace_phase_price(SPAWN, memory_of, cost->runtime_bytes, ILV_QUANTITY_BYTES, false);
	ilv_run_count(run, "bare_ns", bare_ns);
	ilv_run_count(run, "runtime_ns", runtime_ns);
	ilv_run_count(run, "memory_bytes", bare_bytes);
	ilv_run_count(run, "runtime_memory_bytes", cost->runtime_bytes);
	ilv_duration_text(bare_ns, bare, sizeof(bare));
	ilv_duration_text(runtime_ns, traced, sizeof(traced));
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%s: bare %.15s and %.1f KiB while it waits; by runtime %s %.15s and "
		       "%.1f KiB",
		       run->variant->name, bare, (double)bare_bytes / 1024, run->runtime->name,
		       traced, (double)cost->runtime_bytes / 1024);
}

static enum ilv_status run(struct ilv_run *run)
{
	struct spawn_cost *cost = run->state;
	enum ilv_status status = ILV_STATUS_OK;

	ilv_trace_phase_begin(SPAWN);
	status = spawn_all(run, cost);
	if (status == ILV_STATUS_OK) {
		tell_prices(run, cost, median(cost->times_ns, run->job_count));
	}
	ilv_trace_phase_end(SPAWN);

	if (status == ILV_STATUS_OK && cost->block) {
		(void)madvise(cost->block, cost->block_size, MADV_DOFORK);
		status = touch_all(run, cost);
	}

	return status;
}

static void cleanup(struct ilv_run *run)
{
	struct spawn_cost *cost = run->state;

	if (cost->block) {
		(void)munmap(cost->block, cost->block_size);
	}

	free(cost->times_ns);
}

const struct ilv_workload ilv_workload_spawn_cost = {
	.name = "spawn-cost",
	.description = "thread, fork, program, task, pool: what one more costs, in time and memory",
	.shows =
		"The same nothing is started and awaited one time after another. What one costs is "
		"in the first two charts, from a pass without tracing, and as hollow marks while "
		"it is recorded: jobs of a pool and tasks cost least, threads little more, "
		"processes and whole programs far more. Lanes are long where LTTng works after a "
		"fork. The curves are of fork alone: each page that a child writes to costs it a "
		"page fault.",
	.job_noun = "how many are started",
	.default_job_count = 20,
	.max_job_count = 100000,
	.options = options,
	.variants = variants,
	.state_size = sizeof(struct spawn_cost),
	.prepare = prepare,
	.measure_untraced = measure_untraced,
	.run = run,
	.cleanup = cleanup,
};
