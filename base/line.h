/* SPDX-License-Identifier: MIT */
/* Description: memory for what a thread writes all the time while others work beside it. */
#ifndef ILV_BASE_LINE_H
#define ILV_BASE_LINE_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ILV_LINE_SIZE 64

/*
 * As calloc(), and for free(); but nothing else lies in the same lines of the cache, for threads
 * that write to one line wait for each other with each write.
 */
static inline void *ilv_line_calloc(size_t count, size_t size)
{
	const size_t line_count = (count * size + ILV_LINE_SIZE - 1) / ILV_LINE_SIZE;
	void *memory = aligned_alloc(ILV_LINE_SIZE, line_count * ILV_LINE_SIZE);

	return memory ? memset(memory, 0, line_count * ILV_LINE_SIZE) : NULL;
}

#endif /* ILV_BASE_LINE_H */
