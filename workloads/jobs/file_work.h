/* SPDX-License-Identifier: MIT */
/*
 * Description: a piece of work on a file, as jobs `file` and `mixed` do it: write it, make sure
 * that it is on the disk, read it back. The calls block, so they go through ilv_await_call().
 */
#ifndef ILV_WORKLOADS_JOBS_FILE_WORK_H
#define ILV_WORKLOADS_JOBS_FILE_WORK_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "workloads/scratch.h"

struct ilv_file_work {
	char folder[ILV_SCRATCH_PATH_SIZE];
	int64_t index; /* of the job: no two have one file */
	int64_t round_count;
	size_t file_bytes;
	size_t block_bytes; /* of one call */
	uint64_t seed;
};

/* Does it, and adds what it read to `checksum`. The file has no name any more once it is open, so
 * none is left in any case. */
enum ilv_status ilv_file_work(const struct ilv_file_work *work, uint64_t *checksum) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_JOBS_FILE_WORK_H */
