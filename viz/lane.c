/* SPDX-License-Identifier: MIT */
/* Description: what is drawn in one row of a picture: stretches, signs, columns. */
#include "viz/lane.h"

#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "base/grow.h"

static bool is_short(const struct ilv_stretch *stretch, int64_t fold_ns)
{
	return stretch->end_ns - stretch->begin_ns < fold_ns;
}

/* Whether `next` is drawn together with `last`, which ends before it. */
static bool is_one_fold(const struct ilv_stretch *last, const struct ilv_stretch *next,
			int64_t fold_ns)
{
	return is_short(last, fold_ns) && is_short(next, fold_ns) &&
	       next->begin_ns - last->end_ns < fold_ns;
}

static void merge(struct ilv_stretch *into, const struct ilv_stretch *from)
{
	into->end_ns = from->end_ns;
	into->stay_count += from->stay_count;
	if (strcmp(into->who, from->who) != 0) {
		into->who[0] = '\0';
	}
	for (int ink = 0; ink < ILV_INK_COUNT; ink++) {
		into->ink_ns[ink] += from->ink_ns[ink];
	}
	for (int sign = 0; sign < ILV_SIGN_COUNT; sign++) {
		into->sign_counts[sign] += from->sign_counts[sign];
	}
}

/* Lets a stretch begin later; what is cut off was a single stay's.  */
static void cut_front(struct ilv_stretch *stretch, int64_t begin_ns)
{
	int64_t cut_ns = begin_ns - stretch->begin_ns;

	for (int ink = 0; ink < ILV_INK_COUNT && cut_ns > 0; ink++) {
		int64_t part_ns = stretch->ink_ns[ink] < cut_ns ? stretch->ink_ns[ink] : cut_ns;

		stretch->ink_ns[ink] -= part_ns;
		cut_ns -= part_ns;
	}

	stretch->begin_ns = begin_ns;
}

enum ilv_status ilv_stretches_add(struct ilv_stretches *stretches,
				  const struct ilv_stretch *stretch, int64_t fold_ns)
{
	struct ilv_stretch fresh = *stretch;

	if (stretches->count > 0) {
		struct ilv_stretch *last = &stretches->list[stretches->count - 1];

		if (fresh.begin_ns < last->end_ns) {
			cut_front(&fresh, last->end_ns);
		}
		if (fresh.end_ns > fresh.begin_ns && is_one_fold(last, &fresh, fold_ns)) {
			merge(last, &fresh);
			return ILV_STATUS_OK;
		}
	}
	if (fresh.end_ns <= fresh.begin_ns) {
		return ILV_STATUS_OK;
	}

	if (ilv_grow((void **)&stretches->list, &stretches->size, stretches->count,
		     sizeof(*stretches->list)) != ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	stretches->list[stretches->count++] = fresh;
	return ILV_STATUS_OK;
}

void ilv_stretches_coarsen(struct ilv_stretches *stretches, int64_t fold_ns)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < stretches->count; i++) {
		struct ilv_stretch *last = kept ? &stretches->list[kept - 1] : NULL;
		const struct ilv_stretch *next = &stretches->list[i];

		if (last && is_one_fold(last, next, fold_ns)) {
			merge(last, next);
		} else {
			stretches->list[kept++] = *next;
		}
	}

	stretches->count = kept;
}

size_t ilv_stretches_shapes(const struct ilv_stretches *stretches)
{
	size_t shape_count = 0;

	for (uint32_t i = 0; i < stretches->count; i++) {
		for (int ink = 0; ink < ILV_INK_COUNT; ink++) {
			shape_count += stretches->list[i].ink_ns[ink] > 0;
		}
	}

	return shape_count;
}

enum ilv_status ilv_signs_add(struct ilv_signs *signs, int64_t time_ns, int64_t spacing_ns)
{
	if (signs->count) {
		struct ilv_sign_place *last = &signs->list[signs->count - 1];

		if (time_ns - last->first_ns < spacing_ns) {
			last->count++;
			last->last_ns = time_ns > last->last_ns ? time_ns : last->last_ns;
			return ILV_STATUS_OK;
		}
	}

	if (ilv_grow((void **)&signs->list, &signs->size, signs->count, sizeof(*signs->list)) !=
	    ILV_STATUS_OK) {
		return ILV_STATUS_MEMORY;
	}

	signs->list[signs->count++] = (struct ilv_sign_place){time_ns, time_ns, 1};
	return ILV_STATUS_OK;
}

enum ilv_status ilv_grid_init(struct ilv_grid *grid, uint32_t column_count, int64_t begin_ns,
			      int64_t end_ns)
{
	*grid = (struct ilv_grid){.begin_ns = begin_ns, .end_ns = end_ns};
	grid->part_ns = calloc((size_t)column_count * ILV_INK_COUNT, sizeof(*grid->part_ns));
	grid->whole_change =
		calloc((size_t)(column_count + 1) * ILV_INK_COUNT, sizeof(*grid->whole_change));
	grid->sign_counts = calloc((size_t)column_count * ILV_SIGN_COUNT, sizeof(uint32_t));
	grid->holders = calloc(column_count, 1);
	if (!grid->part_ns || !grid->whole_change || !grid->sign_counts || !grid->holders) {
		ilv_grid_fini(grid);
		ilv_cause_add("Cannot keep columns: not enough memory");
		return ILV_STATUS_MEMORY;
	}

	grid->column_count = column_count;
	return ILV_STATUS_OK;
}

void ilv_grid_fini(struct ilv_grid *grid)
{
	free(grid->part_ns);
	free(grid->whole_change);
	free(grid->sign_counts);
	free(grid->holders);
	memset(grid, 0, sizeof(*grid));
}

int64_t ilv_grid_time(const struct ilv_grid *grid, uint32_t column)
{
	int64_t span_ns = grid->end_ns - grid->begin_ns;

	/* In two parts, so that a long run times many columns cannot overflow. */
	return grid->begin_ns + span_ns / grid->column_count * column +
	       span_ns % grid->column_count * column / grid->column_count;
}

/* The column in which `time_ns` lies: the last one that does not begin after it. */
static uint32_t column_at(const struct ilv_grid *grid, int64_t time_ns)
{
	double share = (double)(time_ns - grid->begin_ns) / (double)(grid->end_ns - grid->begin_ns);
	uint32_t column = (uint32_t)(share * grid->column_count);

	if (column >= grid->column_count) {
		column = grid->column_count - 1;
	}
	while (column > 0 && ilv_grid_time(grid, column) > time_ns) {
		column--;
	}
	while (column + 1 < grid->column_count && ilv_grid_time(grid, column + 1) <= time_ns) {
		column++;
	}

	return column;
}

void ilv_grid_add(struct ilv_grid *grid, enum ilv_ink ink, int64_t begin_ns, int64_t end_ns)
{
	uint32_t first;
	uint32_t last;

	begin_ns = begin_ns < grid->begin_ns ? grid->begin_ns : begin_ns;
	end_ns = end_ns > grid->end_ns ? grid->end_ns : end_ns;
	if (begin_ns >= end_ns) {
		return;
	}

	first = column_at(grid, begin_ns);
	last = column_at(grid, end_ns - 1);
	if (first == last) {
		grid->part_ns[first * ILV_INK_COUNT + ink] += end_ns - begin_ns;
		return;
	}

	grid->part_ns[first * ILV_INK_COUNT + ink] += ilv_grid_time(grid, first + 1) - begin_ns;
	grid->part_ns[last * ILV_INK_COUNT + ink] += end_ns - ilv_grid_time(grid, last);
	grid->whole_change[(first + 1) * ILV_INK_COUNT + ink]++;
	grid->whole_change[last * ILV_INK_COUNT + ink]--;
}

void ilv_grid_hold(struct ilv_grid *grid, int64_t begin_ns, int64_t end_ns, char holder)
{
	if (begin_ns >= end_ns || end_ns <= grid->begin_ns || begin_ns >= grid->end_ns) {
		return;
	}

	for (uint32_t column =
		     column_at(grid, begin_ns > grid->begin_ns ? begin_ns : grid->begin_ns);
	     column < grid->column_count; column++) {
		int64_t left_ns = ilv_grid_time(grid, column);
		int64_t middle_ns = left_ns + (ilv_grid_time(grid, column + 1) - left_ns) / 2;

		if (middle_ns >= end_ns) {
			break;
		}
		if (middle_ns >= begin_ns) {
			grid->holders[column] = holder;
		}
	}
}

void ilv_grid_sign(struct ilv_grid *grid, enum ilv_sign sign, int64_t time_ns)
{
	if (time_ns < grid->begin_ns || time_ns > grid->end_ns || grid->begin_ns == grid->end_ns) {
		return;
	}

	/* A slice that ends with a column ended in it. */
	if (time_ns > grid->begin_ns) {
		time_ns--;
	}
	grid->sign_counts[column_at(grid, time_ns) * ILV_SIGN_COUNT + sign]++;
}

void ilv_grid_sum(const struct ilv_grid *grid, uint32_t column, int64_t covering[ILV_INK_COUNT],
		  int64_t ink_ns[ILV_INK_COUNT])
{
	int64_t width_ns = ilv_grid_time(grid, column + 1) - ilv_grid_time(grid, column);

	for (int ink = 0; ink < ILV_INK_COUNT; ink++) {
		covering[ink] += grid->whole_change[column * ILV_INK_COUNT + ink];
		ink_ns[ink] =
			grid->part_ns[column * ILV_INK_COUNT + ink] + covering[ink] * width_ns;
	}
}

void ilv_lane_fini(struct ilv_lane *lane)
{
	free(lane->label);
	free(lane->id);
	free(lane->own_id);
	free(lane->own.list);
	free(lane->shown.list);
	for (int sign = 0; sign < ILV_SIGN_COUNT; sign++) {
		free(lane->signs[sign].list);
	}
	ilv_grid_fini(&lane->grid);
	memset(lane, 0, sizeof(*lane));
}
