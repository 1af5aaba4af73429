/* SPDX-License-Identifier: MIT */
/*
 * Description: a file that appears whole or not at all. What is written goes to a file without a
 * name, or to one beside the target; at the end it is renamed into place, or copied to what is no
 * plain file (a terminal, a pipe, a device) and stays what it is. Links are followed.
 */
#ifndef ILV_BASE_WHOLE_FILE_H
#define ILV_BASE_WHOLE_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"

struct ilv_whole_file {
	const char *what;  /* borrowed: what it is called where it cannot be written */
	const char *path;  /* borrowed; NULL: standard output */
	char *target_path; /* what is replaced or written to; NULL: standard output */
	char *hidden_path; /* what is renamed at the end; NULL: it has no name, and is copied */
	int own_fd;        /* of the process's own outputs the one that is meant; -1: none */
	int fd;
	bool is_open; /* zeroed memory is a file that was not created */
};

/* Creates the hidden file for `path`. ILV_STATUS_IO and a cause when there is no place for it. */
enum ilv_status ilv_whole_file_create(struct ilv_whole_file *file, const char *what,
				      const char *path) ILV_NODISCARD;

/* Opens a stream that writes to it; closing the stream leaves the file open. */
enum ilv_status ilv_whole_file_open_stream(struct ilv_whole_file *file,
					   FILE **stream) ILV_NODISCARD;

/* Puts what was written in place. */
enum ilv_status ilv_whole_file_place(struct ilv_whole_file *file) ILV_NODISCARD;

/* Closes, and removes what was not put in place. To be called whatever became of the others. */
void ilv_whole_file_discard(struct ilv_whole_file *file);

#endif /* ILV_BASE_WHOLE_FILE_H */
