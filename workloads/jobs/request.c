/* SPDX-License-Identifier: MIT */
/*
 * Description: job `request`: asks an HTTP server for numbers, waits, and works on each answer.
 * Most of the time it waits for the server, so one thread with an event loop serves all jobs as
 * fast as a thread for each; the trace shows the waits side by side and short slices of work
 * between them.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cause.h"
#include "workloads/http_client.h"
#include "workloads/random.h"
#include "workloads/server.h"
#include "workloads/slots.h"
#include "workloads/workload.h"

#define KIB ((size_t)1024)

enum option {
	OPTION_REQUESTS,
	OPTION_SERVICE_MS,
	OPTION_BODY_KIB,
	OPTION_PASSES,
	OPTION_KEEP_ALIVE,
	OPTION_CONCURRENCY,
};

static const struct ilv_option options[] = {
	[OPTION_REQUESTS] = {"requests", "requests that each job makes", 3, 1, 1000000},
	[OPTION_SERVICE_MS] = {"service-ms", "how long the server takes to answer", 20, 0, 600000},
	[OPTION_BODY_KIB] = {"body-kib", "size of an answer", 64, 1, 16384},
	[OPTION_PASSES] = {"passes", "how often a job goes through an answer", 15, 1, 1000000},
	[OPTION_KEEP_ALIVE] = {"keep-alive", "one connection a job, not one a request",
			       .kind = ILV_OPTION_KIND_FLAG, .max = 1},
	[OPTION_CONCURRENCY] = {"concurrency", "requests under way at once; 0 is no limit", 0, 0,
				100000},
	{0},
};

struct requester {
	uint16_t port;
	int64_t request_count;
	int64_t pass_count;
	size_t body_length;
	bool keeps_alive;
	int64_t slot_count; /* 0: no limit */
	int64_t index;
	uint64_t seed; /* of its first answer */
};

/* Reads the numbers of a body as one does with text from a network: digit by digit. */
static uint64_t digest(const char *body, size_t length, int64_t pass)
{
	uint64_t checksum = ilv_checksum_add(ILV_CHECKSUM_EMPTY, (uint64_t)pass);
	uint64_t number = 0;

	for (size_t index = 0; index < length; index++) {
		if (body[index] == '\n') {
			checksum = ilv_checksum_add(checksum, number);
			number = 0;
		} else {
			number = number * 10 + (uint64_t)(body[index] - '0');
		}
	}

	return checksum;
}

static enum ilv_status work_on(const struct requester *requester, const char *body,
			       uint64_t *checksum)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (int64_t pass = 0; pass < requester->pass_count && status == ILV_STATUS_OK; pass++) {
		*checksum = ilv_checksum_add(*checksum, digest(body, requester->body_length, pass));
		status = ilv_tick();
	}

	return status;
}

/* At most --concurrency requests are under way at once. */
static struct ilv_slots slots;

/* Connects where there is no connection, asks, and lets go of a connection that is not kept. */
static enum ilv_status fetch(const struct requester *requester, uint64_t seed, int *fd,
			     struct ilv_http_answer *answer)
{
	char path[64];
	enum ilv_status status = ILV_STATUS_OK;

	(void)snprintf(path, sizeof(path), "/numbers/%llu/%zu", (unsigned long long)seed,
		       requester->body_length);
	if (*fd < 0) {
		status = ilv_http_connect(requester->port, fd);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_http_get(*fd, path, requester->keeps_alive, answer);
	}

	if (*fd >= 0 && !requester->keeps_alive) {
		(void)close(*fd);
		*fd = -1;
	}

	return status;
}

static enum ilv_status request_once(const struct requester *requester, int64_t number, int *fd,
				    struct ilv_http_answer *answer, char *expected,
				    uint64_t *checksum)
{
	const uint64_t seed = requester->seed + (uint64_t)number;
	const int64_t turn = requester->index + number;
	enum ilv_status status = ilv_slots_enter(&slots, requester->slot_count, turn);

	if (status < 0) {
		return status;
	}

	status = fetch(requester, seed, fd, answer);
	ilv_slots_leave(&slots, turn);
	if (status < 0) {
		return status;
	}

	ilv_server_fill_body(seed, expected, requester->body_length);
	if (answer->body_length != requester->body_length ||
	    memcmp(answer->body, expected, requester->body_length) != 0) {
		ilv_cause_add("the answer for %llu is not what was asked for",
			      (unsigned long long)seed);
		return ILV_STATUS_ERROR;
	}

	return work_on(requester, answer->body, checksum);
}

static enum ilv_status request_job(void *argument, struct ilv_result *result)
{
	const struct requester *requester = argument;
	enum ilv_status status = ILV_STATUS_OK;
	struct ilv_http_answer answer = {0};
	uint64_t checksum = ILV_CHECKSUM_EMPTY;
	int fd = -1;
	char *expected = malloc(requester->body_length);

	if (!expected) {
		ilv_cause_add("Cannot make room for answers: size=%zu", requester->body_length);
		return ILV_STATUS_MEMORY;
	}

	for (int64_t number = 0; number < requester->request_count && status == ILV_STATUS_OK;
	     number++) {
		status = request_once(requester, number, &fd, &answer, expected, &checksum);
	}

	if (status == ILV_STATUS_OK) {
		status = ilv_result_append(result, &checksum, sizeof(checksum));
	}

	if (fd >= 0) {
		(void)close(fd);
	}

	ilv_http_answer_fini(&answer);
	free(expected);

	return status;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	/* A descriptor for each job, here and in the server. */
	ilv_http_raise_limits();

	return ilv_server_start(run->values[OPTION_SERVICE_MS], run->state);
}

/* More slots than jobs limit nothing. */
static int64_t slot_count(const struct ilv_run *run)
{
	return run->values[OPTION_CONCURRENCY] < run->job_count ? run->values[OPTION_CONCURRENCY]
								: 0;
}

static void plan(const struct ilv_run *run, int64_t index, void *argument)
{
	const struct ilv_server *server = run->state;

	*(struct requester *)argument = (struct requester){
		.port = server->port,
		.request_count = run->values[OPTION_REQUESTS],
		.pass_count = run->values[OPTION_PASSES],
		.body_length = (size_t)run->values[OPTION_BODY_KIB] * KIB,
		.keeps_alive = run->values[OPTION_KEEP_ALIVE] != 0,
		.slot_count = slot_count(run),
		.index = index,
		.seed = ilv_random_stream((uint64_t)run->seed, (uint64_t)index),
	};
}

static enum ilv_status run(struct ilv_run *run)
{
	enum ilv_status status = ilv_slots_open(&slots, slot_count(run), "slot");

	if (status == ILV_STATUS_OK) {
		status = ilv_run_planned(run);
	}

	ilv_slots_close(&slots);

	return status;
}

static void cleanup(struct ilv_run *run)
{
	ilv_server_stop(run->state);
}

const struct ilv_workload ilv_workload_request = {
	.name = "request",
	.description = "asks a server and works on its answers: waits most, computes a little",
	.shows =
		"The long waits for the server lie side by side, with short slices of work between "
		"them. So one thread with a loop keeps up with a thread for each job.",
	.job_noun = "jobs",
	.default_job_count = 6,
	.max_job_count = 100000,
	.options = options,
	.job = request_job,
	.argument_size = sizeof(struct requester),
	.plan = plan,
	.has_flat_arguments = true,
	.state_size = sizeof(struct ilv_server),
	.prepare = prepare,
	.run = run,
	.cleanup = cleanup,
};
