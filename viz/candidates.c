/* SPDX-License-Identifier: MIT */
/* Description: which entities get a lane of their own, and in which order. */
#include "viz/candidates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_label(const void *a, const void *b)
{
	const struct ilv_candidate *left = a;
	const struct ilv_candidate *right = b;
	int order = strcmp(left->label, right->label);

	if (order != 0) {
		return order;
	}

	return left->order < right->order ? -1 : left->order > right->order;
}

static int by_order(const void *a, const void *b)
{
	const struct ilv_candidate *left = a;
	const struct ilv_candidate *right = b;

	return left->order < right->order ? -1 : left->order > right->order;
}

void ilv_candidates_tell_apart(struct ilv_candidates *candidates)
{
	uint32_t next;

	qsort(candidates->list, candidates->count, sizeof(*candidates->list), by_label);
	for (uint32_t first = 0; first < candidates->count; first = next) {
		uint32_t number = 0;
		uint32_t thread_count = 0;

		for (next = first;
		     next < candidates->count &&
		     strcmp(candidates->list[next].label, candidates->list[first].label) == 0;
		     next++) {
			thread_count += !candidates->list[next].group;
		}
		for (uint32_t i = first; i < next && thread_count > 1; i++) {
			struct ilv_candidate *candidate = &candidates->list[i];
			size_t length = strlen(candidate->label);

			if (candidate->group) {
				continue;
			}
			if (length + 12 > sizeof(candidate->label)) {
				length = sizeof(candidate->label) - 12;
			}
			snprintf(candidate->label + length, 12, " %u", number++);
		}
	}
	qsort(candidates->list, candidates->count, sizeof(*candidates->list), by_order);
}

bool ilv_candidates_same_group(const struct ilv_candidate *a, const struct ilv_candidate *b)
{
	if (a->group || b->group) {
		return a->group && b->group && strcmp(a->group, b->group) == 0;
	}

	return a->pid == b->pid;
}

static int by_score(const void *a, const void *b)
{
	const struct ilv_candidate *left = a;
	const struct ilv_candidate *right = b;

	if (left->score != right->score) {
		return left->score < right->score ? 1 : -1;
	}

	return left->order < right->order ? -1 : 1;
}

/* Those that do the job first; then by the process or loop, in the order in which these came up. */
static int by_place(const void *a, const void *b)
{
	const struct ilv_candidate *left = a;
	const struct ilv_candidate *right = b;

	if (left->is_chosen != right->is_chosen) {
		return left->is_chosen ? -1 : 1;
	}
	if (left->is_unit != right->is_unit) {
		return left->is_unit ? -1 : 1;
	}
	if (left->group_rank != right->group_rank) {
		return left->group_rank < right->group_rank ? -1 : 1;
	}

	return left->order < right->order ? -1 : left->order > right->order;
}

uint32_t ilv_candidates_choose(struct ilv_candidates *candidates, uint32_t limit)
{
	uint32_t chosen_count = candidates->count;

	if (candidates->count > limit) {
		chosen_count = limit - 1; /* one is for the band of the rest */
		qsort(candidates->list, candidates->count, sizeof(*candidates->list), by_score);
	}

	for (uint32_t i = 0; i < chosen_count; i++) {
		struct ilv_candidate *candidate = &candidates->list[i];

		candidate->is_chosen = true;
		candidate->group_rank = candidate->order;
		for (uint32_t j = 0; j < chosen_count; j++) {
			const struct ilv_candidate *other = &candidates->list[j];

			if (ilv_candidates_same_group(candidate, other) &&
			    other->order < candidate->group_rank) {
				candidate->group_rank = other->order;
			}
		}
	}

	qsort(candidates->list, candidates->count, sizeof(*candidates->list), by_place);
	return chosen_count;
}
