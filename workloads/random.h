/* SPDX-License-Identifier: MIT */
/*
 * Description: numbers that look random and are the same for a seed everywhere, and the checksum
 * over results.
 */
#ifndef ILV_WORKLOADS_RANDOM_H
#define ILV_WORKLOADS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#define ILV_CHECKSUM_EMPTY UINT64_C(0xcbf29ce484222325)

/* SplitMix64: one step of `state`. */
static inline uint64_t ilv_random_next(uint64_t *state)
{
	uint64_t mixed = (*state += UINT64_C(0x9e3779b97f4a7c15));

	mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);

	return mixed ^ (mixed >> 31);
}

/* The state from which stream `index` of `seed` starts: streams of one seed have nothing in common.
 */
static inline uint64_t ilv_random_stream(uint64_t seed, uint64_t index)
{
	uint64_t state = seed ^ (index * UINT64_C(0xd1342543de82ef95));

	return ilv_random_next(&state);
}

/* FNV-1a, 64 bits: adds a number to `checksum`, byte by byte, lowest first, so that byte order
 * plays no part. */
static inline uint64_t ilv_checksum_add(uint64_t checksum, uint64_t number)
{
	for (unsigned int shift = 0; shift < 64; shift += 8) {
		checksum = (checksum ^ ((number >> shift) & 0xff)) * UINT64_C(0x100000001b3);
	}

	return checksum;
}

static inline uint64_t ilv_checksum_add_bytes(uint64_t checksum, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;

	for (size_t index = 0; index < length; index++) {
		checksum = (checksum ^ at[index]) * UINT64_C(0x100000001b3);
	}

	return checksum;
}

#endif /* ILV_WORKLOADS_RANDOM_H */
