/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `priority-inversion`: on one CPU a thread of high priority wants a lock that
 * one of low priority holds, while one of middle priority computes. In the trace of `plain` the
 * middle one keeps the low one from giving the lock up, so the high one waits for both; with
 * priority inheritance the low one is lent the high one's priority until it gives the lock up.
 *
 * All real-time (SCHED_FIFO), and by its own doing on one CPU. What happens when is fixed: the low
 * one takes the lock and then wakes the other two.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <interleave/pthread.h>

#include "base/cause.h"
#include "workloads/lessons/crew.h"
#include "workloads/stop.h"
#include "workloads/workload.h"

#define NS_PER_MS INT64_C(1000000)

enum option { OPTION_HOLD, OPTION_MIDDLE };

static const struct ilv_option options[] = {
	[OPTION_HOLD] = {.name = "hold-ms",
			 .help = "ms of computation of the low one with the lock",
			 .default_value = 10,
			 .min = 1,
			 .max = 10000},
	[OPTION_MIDDLE] = {.name = "middle-ms",
			   .help = "ms of computation of the middle one, which wants no lock",
			   .default_value = 50,
			   .min = 1,
			   .max = 10000},
	{.name = NULL},
};

/* The first is plain. */
static const struct ilv_variant variants[] = {
	{"plain", "threads", "an ordinary mutex: the high one waits for the middle one too"},
	{"inherit", "threads", "PTHREAD_PRIO_INHERIT: the high one waits for the low one alone"},
	{.name = NULL},
};

enum part { PART_LOW, PART_MIDDLE, PART_HIGH, PART_COUNT };

static const char *const part_names[PART_COUNT] = {"low one", "middle one", "high one"};
static const int part_priorities[PART_COUNT] = {10, 20, 30};

struct inversion {
	pthread_mutex_t mutex;
	sem_t calls[PART_COUNT]; /* posted to let one begin */
	int64_t hold_ns;
	int64_t middle_ns;
	int64_t high_wait_ns;
	int64_t middle_end_ns;
	int64_t high_end_ns;
};

static enum ilv_status play_low(struct inversion *inversion)
{
	enum ilv_status status = ILV_STATUS_OK;

	(void)ilv_mutex_lock(&inversion->mutex);
	/* The high one takes the CPU at once, finds the lock taken, and gives the CPU back. */
	(void)ilv_sem_post(&inversion->calls[PART_HIGH]);
	(void)ilv_sem_post(&inversion->calls[PART_MIDDLE]);
	status = ilv_compute_for(inversion->hold_ns);
	(void)ilv_mutex_unlock(&inversion->mutex);

	return status;
}

static void play_high(struct inversion *inversion)
{
	int64_t begin_ns = 0;

	while (ilv_sem_wait(&inversion->calls[PART_HIGH]) != 0) {
		/* A signal. */
	}

	begin_ns = ilv_trace_now_ns();
	(void)ilv_mutex_lock(&inversion->mutex);
	inversion->high_wait_ns = ilv_trace_now_ns() - begin_ns;
	(void)ilv_mutex_unlock(&inversion->mutex);
	inversion->high_end_ns = ilv_trace_now_ns();
}

static enum ilv_status play_middle(struct inversion *inversion)
{
	enum ilv_status status = ILV_STATUS_OK;

	while (ilv_sem_wait(&inversion->calls[PART_MIDDLE]) != 0) {
		/* A signal. */
	}

	status = ilv_compute_for(inversion->middle_ns);
	inversion->middle_end_ns = ilv_trace_now_ns();

	return status;
}

static enum ilv_status play(void *argument, struct ilv_result *result)
{
	struct ilv_member *member = argument;
	struct inversion *inversion = member->shared;
	const struct sched_param parameters = {.sched_priority = part_priorities[member->index]};
	enum ilv_status status = ILV_STATUS_OK;

	(void)result;
	if (sched_setscheduler(0, SCHED_FIFO, &parameters) != 0) {
		ilv_cause_add("Cannot take priority: priority=%d, error=\"%s\"",
			      parameters.sched_priority, strerror(errno));
		status = ILV_STATUS_UNSUPPORTED;
		ilv_stop_request();
	}

	ilv_gate_pass(member->gate);
	/* All or none of them have the right: otherwise nobody would wake those who wait. */
	if (status < 0) {
		return status;
	}
	/* The low one calls the others in any case: they may wait for it already. */
	if (member->index != PART_LOW && ilv_stop_is_requested()) {
		return ILV_STATUS_INTERRUPTED;
	}

	switch (member->index) {
	case PART_LOW:
		status = play_low(inversion);
		break;
	case PART_MIDDLE:
		status = play_middle(inversion);
		break;
	default:
		play_high(inversion);
		break;
	}

	return status;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	(void)run;
	/* Before the run is told, so that it says that it has one CPU. */
	return ilv_keep_to_one_cpu();
}

static enum ilv_status init_mutex(struct inversion *inversion, bool is_inherited)
{
	pthread_mutexattr_t attributes;
	int error = 0;

	(void)pthread_mutexattr_init(&attributes);
	error = pthread_mutexattr_setprotocol(&attributes, is_inherited ? PTHREAD_PRIO_INHERIT
									: PTHREAD_PRIO_NONE);
	error = error == 0 ? pthread_mutex_init(&inversion->mutex, &attributes) : error;
	(void)pthread_mutexattr_destroy(&attributes);
	if (error != 0) {
		ilv_cause_add("Cannot make a mutex with priority inheritance: error=\"%s\"",
			      strerror(error));
		return ILV_STATUS_UNSUPPORTED;
	}

	ilv_trace_lock_name(&inversion->mutex, ILV_LOCK_KIND_MUTEX, 1, "resource");

	return ILV_STATUS_OK;
}

static enum ilv_status run(struct ilv_run *run)
{
	const bool is_inherited = run->variant != variants;
	struct inversion inversion = {
		.hold_ns = run->values[OPTION_HOLD] * NS_PER_MS,
		.middle_ns = run->values[OPTION_MIDDLE] * NS_PER_MS,
	};
	enum ilv_status status = init_mutex(&inversion, is_inherited);
	struct ilv_crew crew;

	if (status < 0) {
		return status;
	}

	for (int part = 0; part < PART_COUNT; part++) {
		char name[ILV_NAME_SIZE];

		(void)snprintf(name, sizeof(name), "call of %s", part_names[part]);
		(void)ilv_sem_init(&inversion.calls[part], 0, name);
	}

	ilv_come_first(true);
	status = ilv_crew_begin(&crew, PART_COUNT, play, &inversion, "part", part_names, true);
	if (status == ILV_STATUS_OK) {
		status = ilv_crew_join(&crew);
		ilv_crew_fini(&crew);
	}

	ilv_come_first(false);

	for (int part = 0; part < PART_COUNT; part++) {
		(void)ilv_sem_destroy(&inversion.calls[part]);
	}

	(void)ilv_mutex_destroy(&inversion.mutex);
	if (status == ILV_STATUS_UNSUPPORTED) {
		ilv_cause_add(
			"priority-inversion needs the right to real-time priorities: be root, "
			"have CAP_SYS_NICE, or raise ulimit -r");
	}

	if (status < 0) {
		return status;
	}

	ilv_run_count(run, "high_wait_ns", inversion.high_wait_ns);
	ilv_run_count(run, "hold_ns", inversion.hold_ns);
	ilv_run_count(run, "middle_ns", inversion.middle_ns);
	ilv_run_count(run, "inversion_count", inversion.middle_end_ns < inversion.high_end_ns);
	(void)snprintf(
		run->sentence, sizeof(run->sentence),
		"the high one waited %.1f ms for a lock that the low one needed for %.1f ms; "
		"the middle one, which computed %.1f ms, was done %s it",
		(double)inversion.high_wait_ns / NS_PER_MS, (double)inversion.hold_ns / NS_PER_MS,
		(double)inversion.middle_ns / NS_PER_MS,
		inversion.middle_end_ns < inversion.high_end_ns ? "before" : "after");

	return ILV_STATUS_OK;
}

const struct ilv_workload ilv_workload_priority_inversion = {
	.name = "priority-inversion",
	.description = "high priority waits for low, which waits for middle; and inheritance",
	.shows =
		"In plain the high one waits for the lock, and the low one, which holds it, waits "
		"for the CPU, which the middle one has. With inheritance the low one runs at once, "
		"at the high one's priority, until it gives the lock up.",
	.job_noun = "(always three threads)",
	.default_job_count = PART_COUNT,
	.max_job_count = PART_COUNT,
	.options = options,
	.variants = variants,
	.prepare = prepare,
	.run = run,
};
