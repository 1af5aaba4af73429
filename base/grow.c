/* SPDX-License-Identifier: MIT */
/* Description: arrays grow to twice their length at least, so that growing costs little in all. */
#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

#include "base/cause.h"

#define COUNT_INITIAL 16

enum ilv_status ilv_grow_to(void **array, uint32_t *count, uint32_t index, size_t size)
{
	uint32_t wanted = *count ? *count : COUNT_INITIAL;
	void *grown;

	while (wanted <= index) {
		wanted *= 2;
	}

	grown = realloc(*array, wanted * size);
	if (!grown) {
		ilv_cause_add("Cannot grow an array: count=%u, size=%zu", wanted, size);
		return ILV_STATUS_MEMORY;
	}

	memset((char *)grown + *count * size, 0, (wanted - *count) * size);
	*array = grown;
	*count = wanted;
	return ILV_STATUS_OK;
}
