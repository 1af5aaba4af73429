/* SPDX-License-Identifier: MIT */
/* Description: the time scale of a picture: from time to place, round ticks, one unit. */
#ifndef ILV_VIZ_AXIS_H
#define ILV_VIZ_AXIS_H

#include <stddef.h>
#include <stdint.h>

struct ilv_axis {
	double left, width; /* where the span is drawn: pixels or columns */
	int64_t span_ns;    /* at least 1 */
	int64_t step_ns;    /* between ticks */
	int64_t unit_ns;
	const char *unit;
	int tick_decimals, time_decimals;
};

/* Sets up the scale for 0 to `span_ns`, with about `tick_count` ticks. */
void ilv_axis_init(struct ilv_axis *axis, int64_t span_ns, double left, double width,
		   unsigned int tick_count);

double ilv_axis_x(const struct ilv_axis *axis, int64_t time_ns);

/* How much time `width` stands for, at least 1 ns. */
int64_t ilv_axis_ns(const struct ilv_axis *axis, double width);

/* A tick's number; the unit is said with the first. */
void ilv_axis_tick_text(const struct ilv_axis *axis, int64_t time_ns, char *text, size_t size);

/* A moment, as exact as the scale can show, without its unit. */
void ilv_axis_time_text(const struct ilv_axis *axis, int64_t time_ns, char *text, size_t size);

#endif /* ILV_VIZ_AXIS_H */
