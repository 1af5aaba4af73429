/* SPDX-License-Identifier: MIT */
/*
 * Description: job `file`: each job writes a file in a temporary folder, waits until the disk has
 * it, and reads it back. A disk gives no descriptor that says when it is ready, so a thread is
 * blocked in each call; on a loop the trace shows the few threads of libuv's pool blocked in its
 * place, tasks that wait for them, and a queue before them.
 */
#include <string.h>

#include "base/cause.h"
#include "workloads/http_client.h"
#include "workloads/jobs/file_work.h"
#include "workloads/random.h"
#include "workloads/workload.h"

#define KIB ((size_t)1024)

enum option { OPTION_FILE_KIB, OPTION_BLOCK_KIB, OPTION_ROUNDS, OPTION_FOLDER };

static const struct ilv_option options[] = {
	[OPTION_FILE_KIB] = {"file-kib", "size of each file", 2048, 1, 16777216},
	[OPTION_BLOCK_KIB] = {"block-kib", "how much is written or read at once", 256, 1, 65536},
	[OPTION_ROUNDS] = {"rounds", "how often each file is written and read", 2, 1, 1000000},
	[OPTION_FOLDER] = {"folder", "where to make the temporary folder (default: TMPDIR, /tmp)",
			   .kind = ILV_OPTION_KIND_TEXT, .value_name = "DIR"},
	{0},
};

static enum ilv_status file_job(void *argument, struct ilv_result *result)
{
	uint64_t checksum = ILV_CHECKSUM_EMPTY;
	enum ilv_status status = ilv_file_work(argument, &checksum);

	return status == ILV_STATUS_OK ? ilv_result_append(result, &checksum, sizeof(checksum))
				       : status;
}

static enum ilv_status prepare(struct ilv_run *run)
{
	ilv_http_raise_limits();

	return ilv_scratch_create(run->texts[OPTION_FOLDER], false, run->state);
}

static void plan(const struct ilv_run *run, int64_t index, void *argument)
{
	const struct ilv_scratch *scratch = run->state;
	struct ilv_file_work *work = argument;

	*work = (struct ilv_file_work){
		.index = index,
		.round_count = run->values[OPTION_ROUNDS],
		.file_bytes = (size_t)run->values[OPTION_FILE_KIB] * KIB,
		.block_bytes = (size_t)run->values[OPTION_BLOCK_KIB] * KIB,
		.seed = ilv_random_stream((uint64_t)run->seed, (uint64_t)index),
	};
	memcpy(work->folder, scratch->path, sizeof(work->folder));
}

static void cleanup(struct ilv_run *run)
{
	ilv_scratch_remove(run->state);
}

const struct ilv_workload ilv_workload_file = {
	.name = "file",
	.description = "writes files, synchronises and reads them: waits for the disk",
	.shows =
		"A disk does not say when it is ready: a thread must be blocked for each job that "
		"waits. Under threads it is the job's own; on a loop the workers of libuv's pool "
		"are blocked in its place, as many as there are, and further tasks wait for one of "
		"them.",
	.job_noun = "jobs",
	.default_job_count = 6,
	.max_job_count = 10000,
	.options = options,
	.job = file_job,
	.argument_size = sizeof(struct ilv_file_work),
	.plan = plan,
	.has_flat_arguments = true,
	.state_size = sizeof(struct ilv_scratch),
	.prepare = prepare,
	.cleanup = cleanup,
};
