/* SPDX-License-Identifier: MIT */
/*
 * Description: a folder for the time of one command, `interleave-PID-XXXXXX` in TMPDIR or /tmp.
 * What a killed command left there, the next one removes.
 */
#ifndef ILV_CLI_SCRATCH_H
#define ILV_CLI_SCRATCH_H

#include "base/status.h"

/* Makes the folder. `*path` is the caller's: free() after `ilv_scratch_remove()`. */
enum ilv_status ilv_scratch_create(char **path) ILV_NODISCARD;

/* Removes the folder at `path` with all that is in it. */
void ilv_scratch_remove(const char *path);

/* Removes such folders of this user whose command lives no more. */
void ilv_scratch_clean(void);

/* Removes the file or the folder at `path` with all that is in it, following no link. */
enum ilv_status ilv_remove_tree(const char *path) ILV_NODISCARD;

#endif /* ILV_CLI_SCRATCH_H */
