/* SPDX-License-Identifier: MIT */
/* Description: finds CTF traces on disk, and what can be told of them without decoding. */
#ifndef ILV_ANALYSIS_DECODE_FIND_H
#define ILV_ANALYSIS_DECODE_FIND_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct ilv_stream_file {
	char *path;
	uint64_t size;
	/* From the packet header as LTTng lays it out; UINT64_MAX: it is another tracer's. Only
	 * good for a guess. */
	uint64_t class_id, instance_id;
};

struct ilv_found_trace {
	char *path; /* the folder with `metadata` in it */
	struct ilv_stream_file *streams;
	size_t stream_count;
	uint64_t size; /* of all stream files, bytes */
};

struct ilv_found {
	struct ilv_found_trace *traces; /* by path */
	size_t trace_count;
};

/*
 * Finds every folder at `path` or below that holds `metadata`. Links to folders are followed once,
 * so that loops end. ILV_STATUS_TRACE and a cause when there is none, or one whose metadata cannot
 * be understood here.
 */
enum ilv_status ilv_found_create(const char *path, struct ilv_found **found) ILV_NODISCARD;
void ilv_found_destroy(struct ilv_found *found);

#endif /* ILV_ANALYSIS_DECODE_FIND_H */
