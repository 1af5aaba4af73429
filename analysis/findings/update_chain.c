/* SPDX-License-Identifier: MIT */
/* Description: follows the values read back from the final one, then finds who overwrote what is
 * not among them. */
#include "analysis/findings/update_chain.h"

#include <stdlib.h>
#include <string.h>

/* Places in the order of the values written there, equal values in the order of their telling. */
struct index {
	const struct ilv_update *updates;
	uint32_t *places;
	uint32_t count;
};

static int by_value(const void *left_pointer, const void *right_pointer, void *context)
{
	const struct ilv_update *updates = context;
	uint32_t left = *(const uint32_t *)left_pointer;
	uint32_t right = *(const uint32_t *)right_pointer;

	if (updates[left].value_written != updates[right].value_written) {
		return updates[left].value_written < updates[right].value_written ? -1 : 1;
	}

	return (left > right) - (left < right);
}

/* The first of `index` that is not before `value` written at `place`. */
static uint32_t lower_bound(const struct index *index, int64_t value, uint32_t place)
{
	uint32_t begin = 0;
	uint32_t end = index->count;

	while (begin < end) {
		uint32_t middle = begin + (end - begin) / 2;
		uint32_t at = index->places[middle];
		int64_t written = index->updates[at].value_written;

		if (written < value || (written == value && at < place)) {
			begin = middle + 1;
		} else {
			end = middle;
		}
	}

	return begin;
}

/* The write from which a read of `value` at `read_place`, made for the write at `own_place`, got
 * it. */
static uint32_t find_source(const struct index *index, int64_t value, uint32_t read_place,
			    uint32_t own_place, int64_t initial)
{
	uint32_t at;

	/* Mostly it is the one just before. */
	if (read_place > 0 && index->updates[read_place - 1].value_written == value) {
		return read_place - 1;
	}

	at = lower_bound(index, value, read_place);
	if (at > 0 && index->updates[index->places[at - 1]].value_written == value) {
		return index->places[at - 1];
	}

	if (value == initial) {
		return ILV_UPDATE_NOWHERE;
	}

	if (at < index->count && index->places[at] == own_place) {
		at++;
	}

	return at < index->count && index->updates[index->places[at]].value_written == value
		       ? index->places[at]
		       : ILV_UPDATE_NOWHERE;
}

static uint32_t mark_kept(struct ilv_update *updates, const struct index *index, int64_t initial,
			  int64_t final)
{
	uint32_t kept_count = 0;
	uint32_t place = find_source(index, final, index->count, ILV_UPDATE_NOWHERE, initial);

	/* What was told out of order, or never happened so, may lead in a circle. */
	while (place != ILV_UPDATE_NOWHERE && !updates[place].is_kept) {
		struct ilv_update *update = &updates[place];

		update->is_kept = true;
		kept_count++;
		place = find_source(index, update->value_read, update->read_place, place, initial);
	}

	return kept_count;
}

/*
 * Finds for each lost write the first later one that had read before it was told. Backwards, a
 * write that had not read by then has not for anything earlier either: it is dropped for good, and
 * each is put on `stack` and taken off at most once.
 */
static void find_overwriters(struct ilv_update *updates, uint32_t count, uint32_t *stack,
			     struct ilv_update_losses *losses)
{
	uint32_t depth = 0;

	for (uint32_t place = count; place-- > 0;) {
		struct ilv_update *over;

		while (depth > 0 && updates[stack[depth - 1]].read_place > place) {
			depth--;
		}

		if (!updates[place].is_kept && depth == 0) {
			losses->count_by_gap[ILV_UPDATE_GAP_UNKNOWN]++;
		} else if (!updates[place].is_kept) {
			over = &updates[stack[depth - 1]];
			/* Stopped, but not any more when this one was written: both ran. */
			losses->count_by_gap[over->gap == ILV_UPDATE_GAP_UNKNOWN ||
							     over->resumed_ns >
								     updates[place].time_ns
						     ? over->gap
						     : ILV_UPDATE_GAP_NONE]++;
			over->overwrote_count++;
			if (losses->worst_place == ILV_UPDATE_NOWHERE ||
			    over->overwrote_count >= updates[losses->worst_place].overwrote_count) {
				losses->worst_place = stack[depth - 1];
			}
		}

		stack[depth++] = place;
	}
}

enum ilv_status ilv_update_chain_follow(struct ilv_update *updates, uint32_t count, int64_t initial,
					int64_t final, struct ilv_update_losses *losses)
{
	struct index index = {.updates = updates, .count = count};

	memset(losses, 0, sizeof(*losses));
	losses->worst_place = ILV_UPDATE_NOWHERE;
	if (count == 0) {
		return ILV_STATUS_OK;
	}

	index.places = malloc(count * sizeof(*index.places));
	if (!index.places) {
		return ILV_STATUS_MEMORY;
	}

	for (uint32_t place = 0; place < count; place++) {
		index.places[place] = place;
		updates[place].is_kept = false;
		updates[place].overwrote_count = 0;
	}

	qsort_r(index.places, count, sizeof(*index.places), by_value, updates);
	losses->lost_count = count - mark_kept(updates, &index, initial, final);
	if (losses->lost_count > 0) {
		/* The order of values has served: its room holds the stack. */
		find_overwriters(updates, count, index.places, losses);
	}

	free(index.places);
	return ILV_STATUS_OK;
}
