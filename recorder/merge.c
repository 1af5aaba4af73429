/* SPDX-License-Identifier: MIT */
/*
 * Description: a k-way merge with a binary heap of rings, the one whose next record is earliest on
 * top.
 */
#include "recorder/merge.h"

#include <stdalign.h>
#include <stdlib.h>

struct input {
	struct ilv_ring *ring;
	struct ilv_record next;
	size_t next_size;
};

struct ilv_merge {
	const struct ilv_record_format *format;
	struct input *inputs;
	size_t input_count;
	struct input **heap;
	size_t heap_count;
	alignas(8) char bounce[ILV_RING_RECORD_MAX];
};

struct ilv_merge *ilv_merge_create(struct ilv_ring *rings, size_t ring_count,
				   const struct ilv_record_format *format)
{
	struct ilv_merge *merge = calloc(1, sizeof(*merge));

	if (!merge) {
		return NULL;
	}
	merge->format = format;
	merge->input_count = ring_count;
	merge->inputs = calloc(ring_count, sizeof(*merge->inputs));
	merge->heap = calloc(ring_count, sizeof(struct input *));
	if (!merge->inputs || !merge->heap) {
		ilv_merge_destroy(merge);
		return NULL;
	}
	for (size_t i = 0; i < ring_count; i++) {
		merge->inputs[i].ring = &rings[i];
	}

	return merge;
}

void ilv_merge_destroy(struct ilv_merge *merge)
{
	if (!merge) {
		return;
	}
	free(merge->inputs);
	free(merge->heap);
	free(merge);
}

/* Parses the next record of interest; false when the ring has none up to the limit. */
static bool load(struct ilv_merge *merge, struct input *input, int64_t limit_ns)
{
	const struct perf_event_header *header;

	while ((header = ilv_ring_peek(input->ring, merge->bounce))) {
		input->next_size = header->size;
		ilv_record_parse(header, merge->format, &input->next);
		if (input->next.kind != ILV_RECORD_KIND_OTHER) {
			return input->next.time_ns <= limit_ns;
		}
		ilv_ring_advance(input->ring, input->next_size);
	}

	return false;
}

static void sift_down(struct ilv_merge *merge, size_t index)
{
	struct input **heap = merge->heap;

	for (;;) {
		size_t first = index;
		struct input *moved;

		for (size_t child = 2 * index + 1; child <= 2 * index + 2; child++) {
			if (child < merge->heap_count &&
			    heap[child]->next.time_ns < heap[first]->next.time_ns) {
				first = child;
			}
		}
		if (first == index) {
			return;
		}
		moved = heap[index];
		heap[index] = heap[first];
		heap[first] = moved;
		index = first;
	}
}

void ilv_merge_run(struct ilv_merge *merge, int64_t limit_ns, ilv_merge_sink *sink, void *context)
{
	merge->heap_count = 0;
	for (size_t i = 0; i < merge->input_count; i++) {
		ilv_ring_snapshot(merge->inputs[i].ring);
		if (load(merge, &merge->inputs[i], limit_ns)) {
			merge->heap[merge->heap_count++] = &merge->inputs[i];
		}
	}
	for (size_t i = merge->heap_count / 2; i-- > 0;) {
		sift_down(merge, i);
	}
	while (merge->heap_count > 0) {
		struct input *input = merge->heap[0];

		sink(context, input->ring, &input->next);
		ilv_ring_advance(input->ring, input->next_size);
		if (!load(merge, input, limit_ns)) {
			merge->heap[0] = merge->heap[--merge->heap_count];
		}
		sift_down(merge, 0);
	}
	for (size_t i = 0; i < merge->input_count; i++) {
		ilv_ring_publish(merge->inputs[i].ring);
	}
}
