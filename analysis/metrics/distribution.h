/* SPDX-License-Identifier: MIT */
/*
 * Description: a distribution of durations: a sparse log-linear histogram (32 linear steps an
 * octave, so a percentile is right within 1/32, about 3 %; count, total and maximum are exact),
 * allocated at its first value.
 */
#ifndef ILV_ANALYSIS_METRICS_DISTRIBUTION_H
#define ILV_ANALYSIS_METRICS_DISTRIBUTION_H

#include <stdint.h>

#include "base/status.h"

struct ilv_distribution {
	uint64_t count;
	int64_t total_ns, max_ns;
	struct ilv_distribution_buckets *buckets; /* owned; NULL until the first value */
};

/* A zeroed structure is an empty distribution. Negative values count as 0. */
enum ilv_status ilv_distribution_add(struct ilv_distribution *distribution,
				     int64_t value_ns) ILV_NODISCARD;

/* Adds all values of `from` to `into`. */
enum ilv_status ilv_distribution_merge(struct ilv_distribution *into,
				       const struct ilv_distribution *from) ILV_NODISCARD;

/* The value that `percent` per cent of all do not exceed, nearest rank; 0 when empty. */
int64_t ilv_distribution_percentile(const struct ilv_distribution *distribution, double percent);

void ilv_distribution_fini(struct ilv_distribution *distribution);

#endif /* ILV_ANALYSIS_METRICS_DISTRIBUTION_H */
