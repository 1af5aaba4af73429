/* SPDX-License-Identifier: MIT */
/*
 * Description: temporary folders that do not stay behind. A run removes its own when it ends; each
 * holds a lock for as long as somebody lives who uses it, so that a later run can tell, and
 * removes, those of runs that were killed.
 */
#ifndef ILV_WORKLOADS_SCRATCH_H
#define ILV_WORKLOADS_SCRATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define ILV_SCRATCH_PATH_SIZE 256

/* Zeroed: none. */
struct ilv_scratch {
	char path[ILV_SCRATCH_PATH_SIZE]; /* absolute */
	int lock_fd; /* whoever inherits it keeps the folder from being removed by others */
};

/*
 * Makes a folder in `parent`, or where temporary files belong (TMPDIR, /tmp) when that is NULL, and
 * removes those that nobody uses any more there. With `is_open_to_all` others may enter it, and a
 * TMPDIR into which they may not is passed over.
 */
enum ilv_status ilv_scratch_create(const char *parent, bool is_open_to_all,
				   struct ilv_scratch *scratch) ILV_NODISCARD;

/*
 * Waits until nobody else uses the folder any more, or `patience_ms` are over: whoever inherited
 * the lock would go on to write into it. The folder is no longer the caller's own then, only to be
 * removed; if it is still in use, a later run removes it.
 */
void ilv_scratch_await(struct ilv_scratch *scratch, int64_t patience_ms);

/* Removes it with all that is in it. */
void ilv_scratch_remove(struct ilv_scratch *scratch);

/* Removes the folder `path` with all that is in it, and follows no link out of it. */
void ilv_scratch_remove_tree(const char *path);

#endif /* ILV_WORKLOADS_SCRATCH_H */
