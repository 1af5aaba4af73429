/* SPDX-License-Identifier: MIT */
/* Description: the multiplication of job `matmul`, for other jobs that have to compute. */
#ifndef ILV_WORKLOADS_JOBS_MATMUL_H
#define ILV_WORKLOADS_JOBS_MATMUL_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct ilv_matmul {
	size_t size;         /* rows and columns */
	int64_t count;       /* products */
	int64_t yield_every; /* gives way after so many blocks; 0: never */
	uint64_t random;     /* the state from which the numbers come */
};

/* Makes the products, with ticks, and adds their numbers to `checksum`. */
enum ilv_status ilv_matmul(const struct ilv_matmul *matmul, uint64_t *checksum) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_JOBS_MATMUL_H */
