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

/* Eight bytes, for these are what a long trace of many entities spends its cache on. */
struct bucket {
	uint32_t index; /* rises with the values that it holds */
	uint32_t count; /* stays at its greatest: some 4 billion values of one bucket */
};

struct ilv_distribution_buckets {
	uint32_t length, capacity;
	uint32_t newest; /* where the last value went: the next one often goes there too */
	struct bucket items[];
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

/* The position of the first bucket that is not below `index`. */
static uint32_t find(const struct ilv_distribution_buckets *buckets, uint32_t index)
{
	uint32_t low = 0;
	uint32_t left = buckets ? buckets->length : 0;

	/* Which half it is cannot be guessed, so the step is a sum rather than a branch. */
	while (left > 0) {
		uint32_t half = left / 2;
		uint32_t is_above = buckets->items[low + half].index < index;

		low += is_above * (left - half);
		left = half;
	}

	return low;
}

static enum ilv_status reserve(struct ilv_distribution *distribution)
{
	struct ilv_distribution_buckets *buckets = distribution->buckets;
	uint32_t capacity;

	if (buckets && buckets->length < buckets->capacity) {
		return ILV_STATUS_OK;
	}

	capacity = buckets ? buckets->capacity * 2 : CAPACITY_INITIAL;
	buckets = realloc(buckets, sizeof(*buckets) + capacity * sizeof(buckets->items[0]));
	if (!buckets) {
		ilv_cause_add("Cannot keep a distribution: bucket_count=%u", capacity);
		return ILV_STATUS_MEMORY;
	}

	if (!distribution->buckets) {
		buckets->length = 0;
		buckets->newest = 0;
	}
	buckets->capacity = capacity;
	distribution->buckets = buckets;
	return ILV_STATUS_OK;
}

static enum ilv_status count_in(struct ilv_distribution *distribution, uint32_t index,
				uint64_t count)
{
	struct ilv_distribution_buckets *buckets = distribution->buckets;
	uint32_t at = buckets ? buckets->newest : 0;
	enum ilv_status status;

	if (!buckets || at >= buckets->length || buckets->items[at].index != index) {
		at = find(buckets, index);
	}

	if (buckets && at < buckets->length && buckets->items[at].index == index) {
		uint64_t sum = buckets->items[at].count + count;

		buckets->items[at].count = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
		buckets->newest = at;
		return ILV_STATUS_OK;
	}

	status = reserve(distribution);
	if (status != ILV_STATUS_OK) {
		return status;
	}

	buckets = distribution->buckets;
	memmove(&buckets->items[at + 1], &buckets->items[at],
		(buckets->length - at) * sizeof(buckets->items[0]));
	buckets->items[at].index = index;
	buckets->items[at].count = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
	buckets->newest = at;
	buckets->length++;
	return ILV_STATUS_OK;
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
	uint32_t length = from->buckets ? from->buckets->length : 0;

	for (uint32_t at = 0; at < length; at++) {
		enum ilv_status status = count_in(into, from->buckets->items[at].index,
						  from->buckets->items[at].count);

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
		passed += distribution->buckets->items[at].count;
		if (passed >= rank) {
			int64_t value = middle_of(distribution->buckets->items[at].index);

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
