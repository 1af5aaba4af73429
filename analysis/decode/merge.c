/* SPDX-License-Identifier: MIT */
/* Description: a binary heap. */
#include "analysis/decode/merge.h"

#include <stdlib.h>

#include "base/line.h"

static bool is_before(const struct ilv_merge_head *left, const struct ilv_merge_head *right)
{
	if (left->time_ns != right->time_ns) {
		return left->time_ns < right->time_ns;
	}

	return left->stream_index < right->stream_index;
}

bool ilv_merge_init(struct ilv_merge *merge, size_t size)
{
	merge->heads = ilv_line_calloc(size ? size : 1, sizeof(*merge->heads));
	merge->count = 0;
	return merge->heads != NULL;
}

void ilv_merge_fini(struct ilv_merge *merge)
{
	free(merge->heads);
	merge->heads = NULL;
	merge->count = 0;
}

void ilv_merge_add(struct ilv_merge *merge, struct ilv_merge_head head)
{
	size_t at = merge->count++;

	while (at > 0 && is_before(&head, &merge->heads[(at - 1) / 2])) {
		merge->heads[at] = merge->heads[(at - 1) / 2];
		at = (at - 1) / 2;
	}

	merge->heads[at] = head;
}

/* Puts `head` in the first place and lets it sink to where it belongs. */
static void sink_first(struct ilv_merge *merge, struct ilv_merge_head head)
{
	size_t at = 0;

	for (;;) {
		size_t below = at * 2 + 1;

		if (below >= merge->count) {
			break;
		}

		if (below + 1 < merge->count &&
		    is_before(&merge->heads[below + 1], &merge->heads[below])) {
			below++;
		}

		if (!is_before(&merge->heads[below], &head)) {
			break;
		}

		merge->heads[at] = merge->heads[below];
		at = below;
	}

	merge->heads[at] = head;
}

void ilv_merge_advance(struct ilv_merge *merge, int64_t time_ns, uint32_t stream_index)
{
	struct ilv_merge_head *first = &merge->heads[0];

	first->time_ns = time_ns;
	first->stream_index = stream_index;
	/* Events come in bursts: the source of one is mostly that of the next. */
	if ((merge->count > 1 && is_before(&merge->heads[1], first)) ||
	    (merge->count > 2 && is_before(&merge->heads[2], first))) {
		sink_first(merge, *first);
	}
}

void ilv_merge_remove(struct ilv_merge *merge)
{
	merge->count--;
	if (merge->count > 0) {
		sink_first(merge, merge->heads[merge->count]);
	}
}
