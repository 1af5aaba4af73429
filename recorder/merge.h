/* SPDX-License-Identifier: MIT */
/*
 * Description: brings the records of several rings into one order, that of time. Each ring is in
 * order by itself.
 */
#ifndef ILV_RECORDER_MERGE_H
#define ILV_RECORDER_MERGE_H

#include <stddef.h>
#include <stdint.h>

#include "recorder/record.h"
#include "recorder/ring.h"

/* `ring` is where the record comes from. */
typedef void ilv_merge_sink(void *context, const struct ilv_ring *ring,
			    const struct ilv_record *record);

struct ilv_merge;

/* The rings are borrowed, as long as the merge lives. NULL when there is no memory. */
struct ilv_merge *ilv_merge_create(struct ilv_ring *rings, size_t ring_count,
				   const struct ilv_record_format *format);
void ilv_merge_destroy(struct ilv_merge *merge);

/*
 * Reads the rings up to what they hold now and gives each record with a time up to `limit_ns` to
 * `sink`, in order of time; what is later stays in the rings. Allocates nothing.
 */
void ilv_merge_run(struct ilv_merge *merge, int64_t limit_ns, ilv_merge_sink *sink, void *context);

#endif /* ILV_RECORDER_MERGE_H */
