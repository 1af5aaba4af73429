/* SPDX-License-Identifier: MIT */
/*
 * Description: a file that appears whole or not at all. What is written goes to a file without a
 * name, or to one beside the target; at the end it is renamed into place, or copied to what is no
 * plain file (a terminal, a pipe, a device).
 */
#ifndef ILV_ANALYSIS_GUARD_OUTPUT_H
#define ILV_ANALYSIS_GUARD_OUTPUT_H

#include <stdio.h>

#include "base/status.h"

struct ilv_guard_file {
	const char *path;  /* borrowed; NULL: standard output */
	char *target_path; /* with links resolved; NULL: standard output */
	char *hidden_path; /* what is renamed at the end; NULL: it has no name, and is copied */
	int fd;
	int is_open; /* zeroed memory is a file that was not created */
};

/* Creates the hidden file for `path`. ILV_STATUS_IO and a cause when there is no place for it. */
enum ilv_status ilv_guard_file_create(struct ilv_guard_file *file, const char *path) ILV_NODISCARD;

/* Opens a stream that writes to it; closing the stream leaves the file open. */
enum ilv_status ilv_guard_file_open_stream(struct ilv_guard_file *file,
					   FILE **stream) ILV_NODISCARD;

/* Puts what was written in place. */
enum ilv_status ilv_guard_file_place(struct ilv_guard_file *file) ILV_NODISCARD;

/* Closes, and removes what was not put in place. */
void ilv_guard_file_discard(struct ilv_guard_file *file);

#endif /* ILV_ANALYSIS_GUARD_OUTPUT_H */
