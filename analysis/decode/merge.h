/* SPDX-License-Identifier: MIT */
/*
 * Description: which of several ordered sources comes next: a heap of their heads. Equal times go
 * by the number of the stream, so that a trace reads the same however many threads decode it.
 */
#ifndef ILV_ANALYSIS_DECODE_MERGE_H
#define ILV_ANALYSIS_DECODE_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ilv_merge_head {
	int64_t time_ns;
	uint32_t stream_index;
	uint32_t source; /* the caller's number for it */
};

struct ilv_merge {
	struct ilv_merge_head *heads; /* the first comes next */
	size_t count;
};

/* Makes room for `size` sources; false when memory is short. */
bool ilv_merge_init(struct ilv_merge *merge, size_t size);
void ilv_merge_fini(struct ilv_merge *merge);

/* Adds a source that has something. */
void ilv_merge_add(struct ilv_merge *merge, struct ilv_merge_head head);

/* The first source has moved on to `time_ns` and `stream_index`. */
void ilv_merge_advance(struct ilv_merge *merge, int64_t time_ns, uint32_t stream_index);

/* The first source has nothing more. */
void ilv_merge_remove(struct ilv_merge *merge);

#endif /* ILV_ANALYSIS_DECODE_MERGE_H */
