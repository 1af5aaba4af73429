/* SPDX-License-Identifier: MIT */
/* Description: the scale of one direction of a chart: from a value to its place, linear from 0 on
 * or logarithmic, as fits the values, with ticks at round ones. */
#ifndef ILV_VIZ_SCALE_H
#define ILV_VIZ_SCALE_H

#include <stdbool.h>
#include <stddef.h>

#define ILV_SCALE_TICK_LIMIT 12

/* How values are written, and what is round. */
enum ilv_scale_kind {
	ILV_SCALE_KIND_COUNT,
	ILV_SCALE_KIND_AMOUNT, /* never logarithmic: how much of a whole */
	ILV_SCALE_KIND_RATIO,  /* logarithmic around 1 */
	ILV_SCALE_KIND_NS,
	ILV_SCALE_KIND_BYTES,
	ILV_SCALE_KIND_PERCENT,
};

struct ilv_scale {
	enum ilv_scale_kind kind;
	bool is_log;
	double low, high;  /* the values at its ends; log: above 0 */
	double begin, end; /* their places */
	double ticks[ILV_SCALE_TICK_LIMIT];
	unsigned int tick_count;
};

/*
 * Sets up the scale for values from `least` to `most`, which may be equal, between the places
 * `begin` and `end`: logarithmic where they are above 0 and the most is at least `log_ratio` times
 * the least.
 */
void ilv_scale_init(struct ilv_scale *scale, enum ilv_scale_kind kind, double least, double most,
		    double log_ratio, double begin, double end);

double ilv_scale_place(const struct ilv_scale *scale, double value);

/* Writes `value` short, as a tick wants it: "10,000", "2 M", "64 us". */
void ilv_scale_text(enum ilv_scale_kind kind, double value, char *text, size_t size);

#endif /* ILV_VIZ_SCALE_H */
