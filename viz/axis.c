/* SPDX-License-Identifier: MIT */
/* Description: the time scale of a picture. */
#include "viz/axis.h"

#include <math.h>
#include <stdio.h>

/* A moment is told this much finer than the whole span. */
#define TIME_RESOLUTION 5000.0

static int decimals_for(double step)
{
	int decimals = 0;

	while (step < 0.999 && decimals < 9) {
		step *= 10;
		decimals++;
	}

	return decimals;
}

void ilv_axis_init(struct ilv_axis *axis, int64_t span_ns, double left, double width,
		   unsigned int tick_count)
{
	static const struct {
		int64_t ns;
		const char *text;
	} units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "\xc2\xb5s"}, {1, "ns"}};
	static const int64_t factors[] = {1, 2, 5};
	unsigned int unit = 0;
	int64_t power = 1;
	unsigned int factor = 0;

	*axis = (struct ilv_axis){.left = left, .width = width};
	axis->span_ns = span_ns > 0 ? span_ns : 1;
	while (unit < 3 && axis->span_ns < 2 * units[unit].ns) {
		unit++;
	}
	axis->unit_ns = units[unit].ns;
	axis->unit = units[unit].text;

	while (power <= INT64_MAX / 50 &&
	       axis->span_ns / (power * factors[factor]) >= (int64_t)tick_count) {
		factor++;
		if (factor == 3) {
			factor = 0;
			power *= 10;
		}
	}
	axis->step_ns = power * factors[factor];
	axis->tick_decimals = decimals_for((double)axis->step_ns / (double)axis->unit_ns);
	axis->time_decimals = axis->unit_ns == 1
				      ? 0
				      : decimals_for((double)axis->span_ns / TIME_RESOLUTION /
						     (double)axis->unit_ns);
}

double ilv_axis_x(const struct ilv_axis *axis, int64_t time_ns)
{
	return axis->left + (double)time_ns / (double)axis->span_ns * axis->width;
}

int64_t ilv_axis_ns(const struct ilv_axis *axis, double width)
{
	double ns = width / axis->width * (double)axis->span_ns;

	return ns < 1 ? 1 : (int64_t)ns;
}

void ilv_axis_tick_text(const struct ilv_axis *axis, int64_t time_ns, char *text, size_t size)
{
	snprintf(text, size, "%.*f%s%s", time_ns == 0 ? 0 : axis->tick_decimals,
		 (double)time_ns / (double)axis->unit_ns, time_ns == 0 ? " " : "",
		 time_ns == 0 ? axis->unit : "");
}

void ilv_axis_time_text(const struct ilv_axis *axis, int64_t time_ns, char *text, size_t size)
{
	snprintf(text, size, "%.*f", axis->time_decimals, (double)time_ns / (double)axis->unit_ns);
}
