/* SPDX-License-Identifier: MIT */
/* Description: arrays by index that grow as indexes come. */
#ifndef ILV_BASE_GROW_H
#define ILV_BASE_GROW_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/*
 * Makes `*array`, of `*count` elements of `size` bytes each, long enough to hold `index`; new
 * elements are zeroed. NULL with a count of 0 is an empty array. On failure it is as it was.
 */
static inline enum ilv_status ilv_grow(void **array, uint32_t *count, uint32_t index,
				       size_t size) ILV_NODISCARD;

/* For those above: it does not fit. */
enum ilv_status ilv_grow_to(void **array, uint32_t *count, uint32_t index,
			    size_t size) ILV_NODISCARD;

/* Asked for with every event, so that what nearly always holds costs no call. */
static inline enum ilv_status ilv_grow(void **array, uint32_t *count, uint32_t index, size_t size)
{
	return index < *count ? ILV_STATUS_OK : ilv_grow_to(array, count, index, size);
}

#endif /* ILV_BASE_GROW_H */
