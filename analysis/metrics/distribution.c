/* SPDX-License-Identifier: MIT */
/*
 * Description: the sparse log-linear histogram behind a distribution: a sorted array of the buckets
 * that hold something. Most entities have few stays of few lengths, so a hundred thousand of these
 * fit into memory.
 */
#include "analysis/metrics/distribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"

#define STEP_BITS        5 /* 32 linear steps an octave */
#define STEP_COUNT       (1u << STEP_BITS)
#define CAPACITY_INITIAL 4

/*
 * What a long trace of many entities spends its cache on: so the names of the buckets, among which
 * each value is searched for, stand close together, right behind where the search begins.
 */
struct ilv_distribution_buckets {
	uint32_t length, capacity;
	uint32_t newest;    /* where the last value went: the next one goes there or near it */
	uint16_t indexes[]; /* rise with the values that the buckets hold */
	/* uint32_t counts[capacity]: stay at their greatest: some 4 billion values of one bucket */
};

/* Values below STEP_COUNT have a bucket each; above, the leading STEP_BITS + 1 bits name the
 * bucket. */
static uint32_t bucket_of(int64_t value_ns)
{
	uint64_t value = (uint64_t)value_ns;
	unsigned int shift;

	if (value < STEP_COUNT) {
		return (uint32_t)value;
	}

	shift = 63u - (unsigned int)__builtin_clzll(value) - STEP_BITS;
	return ((shift + 1) << STEP_BITS) + (uint32_t)((value >> shift) - STEP_COUNT);
}

/* The middle of what a bucket holds: half a step off at most. */
static int64_t middle_of(uint32_t index)
{
	unsigned int shift;
	uint64_t low;

	if (index < STEP_COUNT) {
		return index;
	}

	shift = (index >> STEP_BITS) - 1;
	low = (uint64_t)(STEP_COUNT + (index & (STEP_COUNT - 1))) << shift;
	return (int64_t)(low + ((1ull << shift) - 1) / 2);
}

/* Capacities are multiples of the initial one, so that the counts are aligned. */
static uint32_t *counts_of(struct ilv_distribution_buckets *buckets)
{
	return (uint32_t *)&buckets->indexes[buckets->capacity];
}

/* The position of the first of `length` bucket indexes that is not below `index`. */
static uint32_t find(const uint16_t *indexes, uint32_t length, uint32_t index)
{
	uint32_t low = 0;
	uint32_t left = length;

	/* Which half it is cannot be guessed, so the step is a sum rather than a branch. */
	while (left > 0) {
		uint32_t half = left / 2;
		uint32_t is_above = indexes[low + half] < index;

		low += is_above * (left - half);
		left = half;
	}

	return low;
}

/* The position of bucket `index`, or, where there is none yet, of the first above it. */
static uint32_t place_of(const struct ilv_distribution_buckets *buckets, uint32_t index)
{
	const uint16_t *indexes = buckets->indexes;
	/* Where values crowd no bucket is left out, so that it stands as many places from the last
	 * one as its index is away. */
	uint32_t guess = buckets->newest + index - indexes[buckets->newest];

	if (guess < buckets->length && indexes[guess] == index) {
		return guess;
	}

	return find(indexes, buckets->length, index);
}

static enum ilv_status reserve(struct ilv_distribution *distribution)
{
	struct ilv_distribution_buckets *old = distribution->buckets;
	struct ilv_distribution_buckets *grown;
	uint32_t capacity;

	if (old && old->length < old->capacity) {
		return ILV_STATUS_OK;
	}

	capacity = old ? old->capacity * 2 : CAPACITY_INITIAL;
	grown = malloc(sizeof(*grown) + capacity * (sizeof(uint32_t) + sizeof(uint16_t)));
	if (!grown) {
		ilv_cause_add("Cannot keep a distribution: bucket_count=%u", capacity);
		return ILV_STATUS_MEMORY;
	}

	*grown = (struct ilv_distribution_buckets){.capacity = capacity};
	if (old) {
		grown->length = old->length;
		grown->newest = old->newest;
		memcpy(counts_of(grown), counts_of(old), old->length * sizeof(uint32_t));
		memcpy(grown->indexes, old->indexes, old->length * sizeof(uint16_t));
		free(old);
	}

	distribution->buckets = grown;
	return ILV_STATUS_OK;
}

static enum ilv_status insert(struct ilv_distribution *distribution, uint32_t at, uint32_t index,
			      uint64_t count)
{
	struct ilv_distribution_buckets *buckets;
	uint16_t *indexes;
	uint32_t *counts;
	uint32_t behind;
	enum ilv_status status = reserve(distribution);

	if (status != ILV_STATUS_OK) {
		return status;
	}

	buckets = distribution->buckets;
	indexes = buckets->indexes;
	counts = counts_of(buckets);
	behind = buckets->length - at;
	memmove(&counts[at + 1], &counts[at], behind * sizeof(uint32_t));
	memmove(&indexes[at + 1], &indexes[at], behind * sizeof(uint16_t));
	counts[at] = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
	indexes[at] = (uint16_t)index;
	buckets->newest = at;
	buckets->length++;
	return ILV_STATUS_OK;
}

static enum ilv_status count_in(struct ilv_distribution *distribution, uint32_t index,
				uint64_t count)
{
	struct ilv_distribution_buckets *buckets = distribution->buckets;
	uint32_t at;

	if (!buckets) {
		return insert(distribution, 0, index, count);
	}

	at = place_of(buckets, index);
	if (at < buckets->length && buckets->indexes[at] == index) {
		uint32_t *counts = counts_of(buckets);
		uint64_t sum = counts[at] + count;

		counts[at] = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
		buckets->newest = at;
		return ILV_STATUS_OK;
	}

	return insert(distribution, at, index, count);
}

static int64_t sum_or_max(int64_t one, int64_t other)
{
	int64_t sum;

	return __builtin_add_overflow(one, other, &sum) ? INT64_MAX : sum;
}

enum ilv_status ilv_distribution_add(struct ilv_distribution *distribution, int64_t value_ns)
{
	enum ilv_status status;

	if (value_ns < 0) {
		value_ns = 0;
	}

	status = count_in(distribution, bucket_of(value_ns), 1);
	if (status != ILV_STATUS_OK) {
		return status;
	}

	distribution->count++;
	distribution->total_ns = sum_or_max(distribution->total_ns, value_ns);
	if (value_ns > distribution->max_ns) {
		distribution->max_ns = value_ns;
	}

	return ILV_STATUS_OK;
}

enum ilv_status ilv_distribution_merge(struct ilv_distribution *into,
				       const struct ilv_distribution *from)
{
	struct ilv_distribution_buckets *buckets = from->buckets;

	for (uint32_t at = 0; buckets && at < buckets->length; at++) {
		enum ilv_status status =
			count_in(into, buckets->indexes[at], counts_of(buckets)[at]);

		if (status != ILV_STATUS_OK) {
			return status;
		}
	}

	into->count += from->count;
	into->total_ns = sum_or_max(into->total_ns, from->total_ns);
	if (from->max_ns > into->max_ns) {
		into->max_ns = from->max_ns;
	}

	return ILV_STATUS_OK;
}

int64_t ilv_distribution_percentile(const struct ilv_distribution *distribution, double percent)
{
	uint64_t rank;
	uint64_t passed = 0;

	if (distribution->count == 0 || !distribution->buckets) {
		return 0;
	}

	/* Nearest rank: the smallest value with at least `percent` per cent of all at or below it.
	 */
	rank = percent <= 0 ? 1 : (uint64_t)ceil((double)distribution->count * percent / 100.0);
	if (rank < 1) {
		rank = 1;
	}
	if (rank >= distribution->count) {
		return distribution->max_ns;
	}

	for (uint32_t at = 0; at < distribution->buckets->length; at++) {
		passed += counts_of(distribution->buckets)[at];
		if (passed >= rank) {
			int64_t value = middle_of(distribution->buckets->indexes[at]);

			return value < distribution->max_ns ? value : distribution->max_ns;
		}
	}

	return distribution->max_ns;
}

void ilv_distribution_fini(struct ilv_distribution *distribution)
{
	free(distribution->buckets);
	memset(distribution, 0, sizeof(*distribution));
}
