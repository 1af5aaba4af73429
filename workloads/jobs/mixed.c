/* SPDX-License-Identifier: MIT */
/*
 * Description: job `mixed`: asks a server, multiplies matrices, writes and reads a file, in turn:
 * what most programs do, and the job in which the choice of a runtime shows. The trace shows how
 * threads overlap all three; how a loop overlaps the first and the last while each multiplication
 * keeps all others waiting; and how a loop with a pool gets rid of that.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cause.h"
#include "workloads/http_client.h"
#include "workloads/jobs/file_work.h"
#include "workloads/jobs/matmul.h"
#include "workloads/random.h"
#include "workloads/server.h"
#include "workloads/workload.h"

#define KIB       ((size_t)1024)
#define BODY_SIZE (4 * KIB) /* of an answer: a request is there to wait */
#define BLOCK_MAX (64 * 1024 * KIB)

enum option { OPTION_ROUNDS, OPTION_SERVICE_MS, OPTION_SIZE, OPTION_FILE_KIB };

static const struct ilv_option options[] = {
	[OPTION_ROUNDS] = {"rounds", "how often each job does all three", 2, 1, 1000000},
	[OPTION_SERVICE_MS] = {"service-ms", "how long the server takes to answer", 20, 0, 600000},
	[OPTION_SIZE] = {"size", "rows and columns of each matrix", 320, 1, 8192},
	[OPTION_FILE_KIB] = {"file-kib", "size of a file", 1024, 1, 16777216},
	{0},
};

struct mixed {
	uint16_t port;
	int64_t round_count;
	uint64_t seed;
	struct ilv_matmul matmul;
	struct ilv_file_work file;
};

struct state {
	struct ilv_server server;
	struct ilv_scratch scratch;
};

static enum ilv_status fetch(const struct mixed *mixed, int64_t round, uint64_t *checksum)
{
	char path[64];
	int fd = -1;
	struct ilv_http_answer answer = {0};
	enum ilv_status status = ilv_http_connect(mixed->port, &fd);

	(void)snprintf(path, sizeof(path), "/numbers/%llu/%zu",
		       (unsigned long long)mixed->seed + (unsigned long long)round, BODY_SIZE);
	if (status == ILV_STATUS_OK) {
		status = ilv_http_get(fd, path, false, &answer);
	}

	if (status == ILV_STATUS_OK) {
		*checksum = ilv_checksum_add_bytes(*checksum, answer.body, answer.body_length);
	}

	if (fd >= 0) {
		(void)close(fd);
	}

	ilv_http_answer_fini(&answer);

	return status;
}

/* For a pool, where the runtime has one. */
static enum ilv_status multiply(void *argument, struct ilv_result *result)
{
	uint64_t checksum = ILV_CHECKSUM_EMPTY;
	enum ilv_status status = ilv_matmul(argument, &checksum);

	return status == ILV_STATUS_OK ? ilv_result_append(result, &checksum, sizeof(checksum))
				       : status;
}

static enum ilv_status do_round(const struct mixed *mixed, int64_t round, uint64_t *checksum)
{
	struct ilv_matmul matmul = mixed->matmul;
	struct ilv_file_work file = mixed->file;
	struct ilv_result product = {0};
	enum ilv_status status = fetch(mixed, round, checksum);

	if (status < 0) {
		return status;
	}

	matmul.random += (uint64_t)round;
	status = ilv_run_in_pool_flat(multiply, &matmul, sizeof(matmul), &product);
	*checksum = ilv_checksum_add_bytes(*checksum, product.bytes, product.length);
	ilv_result_fini(&product);
	if (status < 0) {
		return status;
	}

	file.seed += (uint64_t)round;

	return ilv_file_work(&file, checksum);
}

static enum ilv_status mixed_job(void *argument, struct ilv_result *result)
{
	const struct mixed *mixed = argument;
	uint64_t checksum = ILV_CHECKSUM_EMPTY;
	enum ilv_status status = ILV_STATUS_OK;

	for (int64_t round = 0; round < mixed->round_count && status == ILV_STATUS_OK; round++) {
		status = do_round(mixed, round, &checksum);
	}

	return status == ILV_STATUS_OK ? ilv_result_append(result, &checksum, sizeof(checksum))
				       : status;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	struct state *state = run->state;
	enum ilv_status status = ILV_STATUS_OK;

	ilv_http_raise_limits();
	status = ilv_scratch_create(NULL, false, &state->scratch);

	return status == ILV_STATUS_OK
		       ? ilv_server_start(run->values[OPTION_SERVICE_MS], &state->server)
		       : status;
}

static void plan(const struct ilv_run *run, int64_t index, void *argument)
{
	const struct state *state = run->state;
	const size_t file_bytes = (size_t)run->values[OPTION_FILE_KIB] * KIB;
	const uint64_t seed = ilv_random_stream((uint64_t)run->seed, (uint64_t)index);
	struct mixed *mixed = argument;

	*mixed = (struct mixed){
		.port = state->server.port,
		.round_count = run->values[OPTION_ROUNDS],
		.seed = seed,
		.matmul = {.size = (size_t)run->values[OPTION_SIZE], .count = 1, .random = seed},
		.file = {.index = index,
			 .round_count = 1,
			 .file_bytes = file_bytes,
			 .block_bytes = file_bytes < BLOCK_MAX ? file_bytes : BLOCK_MAX,
			 .seed = seed},
	};
	memcpy(mixed->file.folder, state->scratch.path, sizeof(mixed->file.folder));
}

static void cleanup(struct ilv_run *run)
{
	struct state *state = run->state;

	ilv_server_stop(&state->server);
	ilv_scratch_remove(&state->scratch);
}

const struct ilv_workload ilv_workload_mixed = {
	.name = "mixed",
	.description = "a request, a multiplication and a file in turn: waits and computes",
	.shows = "Threads overlap all that they do. On a loop the requests overlap, but each "
		 "multiplication keeps the other tasks waiting for their turn (hatched). In hybrid "
		 "a "
		 "worker of the pool multiplies, and the loop is free for others meanwhile.",
	.job_noun = "jobs",
	.default_job_count = 6,
	.max_job_count = 10000,
	.options = options,
	.job = mixed_job,
	.argument_size = sizeof(struct mixed),
	.plan = plan,
	.has_flat_arguments = true,
	.state_size = sizeof(struct state),
	.prepare = prepare,
	.cleanup = cleanup,
};
