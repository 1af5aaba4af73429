/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `convoy`: a thread that computes, and beside it one that asks a peer for
 * something, waits for the answer, and asks again. Under a GIL the answer is there, and the thread
 * that waits for it may not go on: the computing one has the GIL, and keeps it for a whole switch
 * interval. The trace shows it after every answer: ready for the GIL, for as long as the interval;
 * the shorter the interval, the shorter that wait, and the more hand-overs. Without a GIL the
 * answer is taken as soon as there is a CPU.
 *
 * The peer is a thread of the program that stands for a network: it takes no GIL, and computes
 * nothing.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <interleave/pthread.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/random.h"
#include "workloads/stop.h"
#include "workloads/workload.h"

#define STEPS_BETWEEN_TICKS 5000
#define NS_PER_US           INT64_C(1000)
#define NS_PER_S            INT64_C(1000000000)

#define SWITCH_INTERVAL "switch-interval" /* the GIL's option */

enum option { OPTION_REQUESTS, OPTION_SERVICE_US };

static const struct ilv_option options[] = {
	[OPTION_REQUESTS] = {"requests", "how often it asks", 100, 1, 1000000},
	[OPTION_SERVICE_US] = {"service-us", "us until the peer answers", 500, 0, 1000000},
	{0},
};

static const struct ilv_variant variants[] = {
	{"gil-5ms",
	 "gil",
	 "one GIL, asked for after 5 ms, as in Python: each answer waits so long",
	 {{SWITCH_INTERVAL, 5000}}},
	{"gil-100us",
	 "gil",
	 "one GIL, asked for after 100 us: short waits, many hand-overs",
	 {{SWITCH_INTERVAL, 100}}},
	{"threads", "threads", "no GIL: each answer is taken at once, if there is a CPU"},
	{"processes", "processes", "no common GIL: each process has its own, and no wait for it"},
	{0},
};

enum end { END_JOB, END_PEER, END_COUNT };

/* In memory that forked jobs share too. */
struct convoy {
	atomic_bool is_over; /* the last answer is there: nobody needs to compute any more */
	int ends[END_COUNT];
	int64_t request_count;
	int64_t service_ns;
	pthread_t peer;
	bool has_peer;
};

/* Answers until the other end is closed. */
static void *peer_main(void *argument)
{
	const struct convoy *convoy = argument;
	const struct timespec service = {.tv_sec = convoy->service_ns / NS_PER_S,
					 .tv_nsec = convoy->service_ns % NS_PER_S};
	char request = 0;

	for (;;) {
		ssize_t length = 0;

		ilv_trace_wait_begin(ILV_WAIT_REASON_READ, (uint64_t)convoy->ends[END_PEER]);
		do {
			length = read(convoy->ends[END_PEER], &request, 1);
		} while (length < 0 && errno == EINTR);
		ilv_trace_wait_end(ILV_WAIT_REASON_READ, (uint64_t)convoy->ends[END_PEER]);
		if (length != 1) {
			return NULL;
		}

		if (convoy->service_ns > 0) {
			(void)ilv_nanosleep(&service, NULL);
		}

		if (send(convoy->ends[END_PEER], &request, 1, MSG_NOSIGNAL) != 1) {
			return NULL;
		}
	}
}

static enum ilv_status request(const struct convoy *convoy)
{
	const int fd = convoy->ends[END_JOB];
	enum ilv_status status = ILV_STATUS_OK;
	char byte = 1;

	if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1) {
		ilv_cause_add("Cannot send request: errno=%d", errno);
		return ILV_STATUS_IO;
	}

	/* That there is something to read may be said too early. */
	do {
		status = ilv_await_fd(fd, ILV_WAIT_REASON_READ);
		if (status < 0) {
			return status;
		}
	} while (recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EINTR));

	return ILV_STATUS_OK;
}

/* Its result: how long each request took. */
static enum ilv_status ask_job(void *argument, struct ilv_result *result)
{
	struct convoy *convoy = argument;
	enum ilv_status status = ILV_STATUS_OK;

	for (int64_t number = 0; number < convoy->request_count && status == ILV_STATUS_OK;
	     number++) {
		int64_t latency_ns = -ilv_trace_now_ns();

		status = request(convoy);
		latency_ns += ilv_trace_now_ns();
		if (status == ILV_STATUS_OK) {
			status = ilv_result_append(result, &latency_ns, sizeof(latency_ns));
		}

		if (status == ILV_STATUS_OK) {
			status = ilv_tick();
		}
	}

	atomic_store(&convoy->is_over, true);

	return status;
}

/* Its result: how many steps it computed. */
static enum ilv_status compute_job(void *argument, struct ilv_result *result)
{
	const struct convoy *convoy = argument;
	enum ilv_status status = ILV_STATUS_OK;
	volatile uint64_t sink = 1;
	int64_t step_count = 0;

	while (!atomic_load(&convoy->is_over) && status == ILV_STATUS_OK) {
		uint64_t state = sink;

		for (unsigned int step = 0; step < STEPS_BETWEEN_TICKS; step++) {
			state = ilv_random_next(&state);
		}

		sink = state;
		step_count += STEPS_BETWEEN_TICKS;
		status = ilv_tick();
	}

	return status == ILV_STATUS_OK ? ilv_result_append(result, &step_count, sizeof(step_count))
				       : status;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	struct convoy *convoy = mmap(NULL, sizeof(*convoy), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int error = 0;

	if (convoy == MAP_FAILED) {
		ilv_cause_add("Cannot prepare convoy: errno=%d", errno);
		return ILV_STATUS_MEMORY;
	}

	run->state = convoy;
	convoy->request_count = run->values[OPTION_REQUESTS];
	convoy->service_ns = run->values[OPTION_SERVICE_US] * NS_PER_US;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, convoy->ends) != 0) {
		convoy->ends[END_JOB] = -1;
		convoy->ends[END_PEER] = -1;
		ilv_cause_add("Cannot make a pair of sockets: errno=%d", errno);
		return ILV_STATUS_ERROR;
	}

	error = ilv_thread_create(&convoy->peer, NULL, peer_main, convoy, "peer", ILV_ROLE_SERVER);
	if (error != 0) {
		ilv_cause_add("Cannot start peer: errno=%d", error);
		return ILV_STATUS_ERROR;
	}

	convoy->has_peer = true;

	return ILV_STATUS_OK;
}

static int compare(const void *left_pointer, const void *right_pointer)
{
	const int64_t left = *(const int64_t *)left_pointer;
	const int64_t right = *(const int64_t *)right_pointer;

	return (left > right) - (left < right);
}

/* The least of the sorted `latencies` that `percent` of them do not exceed. */
static int64_t percentile(const int64_t *latencies_ns, size_t count, size_t percent)
{
	const size_t rank = (count * percent + 99) / 100;

	return latencies_ns[rank > 0 ? rank - 1 : 0];
}

/* Counts, and says it in a sentence. `latencies` has one at least. */
static void sum_up(struct ilv_run *run, struct ilv_result *latencies, int64_t step_count,
		   int64_t switch_interval_us)
{
	const size_t count = latencies->length / sizeof(int64_t);
	int64_t *latencies_ns = (int64_t *)(void *)latencies->bytes;
	int64_t p50_ns = 0;
	int64_t p99_ns = 0;
	char words[4][ILV_DURATION_TEXT_SIZE];
	char ending[64];

	qsort(latencies_ns, count, sizeof(*latencies_ns), compare);
	p50_ns = percentile(latencies_ns, count, 50);
	p99_ns = percentile(latencies_ns, count, 99);
	ilv_run_count(run, "request_count", (int64_t)count);
	ilv_run_count(run, "latency_p50_ns", p50_ns);
	ilv_run_count(run, "latency_p99_ns", p99_ns);
	ilv_run_count(run, "latency_max_ns", latencies_ns[count - 1]);
	ilv_run_count(run, "computed_step_count", step_count);
	(void)snprintf(ending, sizeof(ending), "no GIL");
	if (switch_interval_us > 0) {
		ilv_run_count(run, "switch_interval_us", switch_interval_us);
		ilv_duration_text(switch_interval_us * NS_PER_US, words[3], sizeof(words[3]));
		(void)snprintf(ending, sizeof(ending), "GIL asked for after %.15s", words[3]);
	}

	ilv_duration_text(p50_ns, words[0], sizeof(words[0]));
	ilv_duration_text(p99_ns, words[1], sizeof(words[1]));
	ilv_duration_text(latencies_ns[count - 1], words[2], sizeof(words[2]));
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%zu %s beside %lld %s, %s: half took up to %.15s, 99 in 100 up to "
		       "%.15s, the longest %.15s",
		       count, ilv_plural((int64_t)count, "request", "requests"),
		       (long long)run->job_count,
		       ilv_plural(run->job_count, "job that computes", "jobs that compute"), ending,
		       words[0], words[1], words[2]);
}

/* Adds the steps that one joined job computed. */
static enum ilv_status join_computing(struct ilv_handle *handle, int64_t *step_count)
{
	struct ilv_result result = {0};
	int64_t own_count = 0;
	enum ilv_status status = ilv_join(handle, &result);

	if (result.length == sizeof(own_count)) {
		memcpy(&own_count, result.bytes, sizeof(own_count));
		*step_count += own_count;
	}

	ilv_result_fini(&result);

	return status;
}

static enum ilv_status run(struct ilv_run *run)
{
	struct convoy *convoy = run->state;
	int64_t switch_interval_us = 0; /* there is no GIL */
	struct ilv_handle *asking = NULL;
	struct ilv_handle **computing = calloc((size_t)run->job_count, sizeof(*computing));
	struct ilv_result latencies = {0};
	int64_t spawned_count = 0;
	int64_t step_count = 0;
	enum ilv_status status = ILV_STATUS_OK;

	if (!computing) {
		ilv_cause_add("Cannot plan jobs: count=%lld", (long long)run->job_count);
		return ILV_STATUS_MEMORY;
	}

	(void)ilv_run_find_option(run, SWITCH_INTERVAL, &switch_interval_us);
	while (spawned_count < run->job_count && status == ILV_STATUS_OK) {
		char name[ILV_NAME_SIZE];

		(void)snprintf(name, sizeof(name), "cruncher %lld", (long long)spawned_count);
		status = ilv_spawn(compute_job, convoy, name, &computing[spawned_count]);
		spawned_count += status == ILV_STATUS_OK;
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_spawn(ask_job, convoy, "client", &asking);
	}

	if (asking) {
		status = ilv_join(asking, &latencies);
	}

	atomic_store(&convoy->is_over, true); /* Also where nobody asked. */
	for (int64_t index = 0; index < spawned_count; index++) {
		const enum ilv_status joined = join_computing(computing[index], &step_count);

		status = status == ILV_STATUS_OK ? joined : status;
	}

	if (latencies.length > 0) {
		sum_up(run, &latencies, step_count, switch_interval_us);
	}

	ilv_result_fini(&latencies);
	free(computing);

	return status;
}

static void cleanup(struct ilv_run *run)
{
	struct convoy *convoy = run->state;

	if (!convoy) {
		return;
	}

	/* The peer reads that nobody asks any more, and ends. */
	for (int end = 0; end < END_COUNT; end++) {
		if (end == END_PEER && convoy->has_peer) {
			(void)ilv_thread_join(convoy->peer, NULL);
		}

		if (convoy->ends[end] >= 0) {
			(void)close(convoy->ends[end]);
		}
	}

	(void)munmap(convoy, sizeof(*convoy));
	run->state = NULL;
}

const struct ilv_workload ilv_workload_convoy = {
	.name = "convoy",
	.description = "short waits beside a computation: what a GIL makes of them",
	.shows = "After each answer the asking thread is ready but stands in line for the GIL: for "
		 "5 "
		 "ms each time, as long as the computing one may keep it, or for 100 us at the "
		 "price "
		 "of many hand-overs. Without a GIL it goes on at once.",
	.job_noun = "computing threads",
	.default_job_count = 1,
	.max_job_count = 1000,
	.options = options,
	.variants = variants,
	.prepare = prepare,
	.run = run,
	.cleanup = cleanup,
};
