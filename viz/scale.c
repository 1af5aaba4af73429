/* SPDX-License-Identifier: MIT */
/* Description: the scale of one direction of a chart. */
#include "viz/scale.h"

#include <math.h>
#include <stdio.h>

#include "base/duration.h"

/* A logarithmic scale over less than this shows ticks between the powers, too. */
#define FINE_DECADES 2.2
#define MILLION      1e6

#define TICKS_WANTED 4

void ilv_scale_text(enum ilv_scale_kind kind, double value, char *text, size_t size)
{
	char number[ILV_DURATION_TEXT_SIZE];

	if (kind == ILV_SCALE_KIND_NS && value != 0) {
		ilv_duration_text((long long)value, text, size);
	} else if (kind == ILV_SCALE_KIND_BYTES) {
		ilv_bytes_text(value, text, size);
	} else if (kind == ILV_SCALE_KIND_PERCENT) {
		ilv_number_text(value, 3, number, sizeof(number));
		snprintf(text, size, "%s %%", number);
	} else if (kind == ILV_SCALE_KIND_RATIO || (fabs(value) < 1000 && value != floor(value))) {
		ilv_number_text(value, 3, text, size);
	} else if (fabs(value) >= MILLION) {
		bool is_large = fabs(value) >= 1000 * MILLION;

		ilv_number_text(value / (is_large ? 1000 * MILLION : MILLION), 3, number,
				sizeof(number));
		snprintf(text, size, "%s %s", number, is_large ? "G" : "M");
	} else {
		ilv_count_text(llround(value), text, size);
	}
}

static void add_tick(struct ilv_scale *scale, double value)
{
	/* A hair of room for what rounding did to the ends. */
	double room = scale->is_log ? 0 : (scale->high - scale->low) * 1e-9;

	if (scale->tick_count < ILV_SCALE_TICK_LIMIT && value >= scale->low * (1 - 1e-9) - room &&
	    value <= scale->high * (1 + 1e-9) + room) {
		scale->ticks[scale->tick_count++] = value;
	}
}

/* The round number at or above `value`: 1, 2 or 5 times a power of ten; of bytes, a power of two.
 */
static double round_up(enum ilv_scale_kind kind, double value)
{
	double power = pow(10, floor(log10(value)));
	double digit = value / power;

	if (kind == ILV_SCALE_KIND_BYTES) {
		return exp2(ceil(log2(value) - 1e-9));
	}

	return power * (digit <= 1 + 1e-9 ? 1 : digit <= 2 + 1e-9 ? 2 : digit <= 5 + 1e-9 ? 5 : 10);
}

static void make_linear(struct ilv_scale *scale, double least, double most)
{
	double step;

	scale->low = fmin(least, 0);
	scale->high = most > scale->low ? most : scale->low + 1;
	step = round_up(scale->kind, (scale->high - scale->low) / TICKS_WANTED);
	if (scale->kind != ILV_SCALE_KIND_PERCENT) {
		scale->high = ceil(scale->high / step - 1e-9) * step;
	}
	scale->low = floor(scale->low / step + 1e-9) * step;
	for (unsigned int index = 0; index < ILV_SCALE_TICK_LIMIT; index++) {
		add_tick(scale, scale->low + index * step);
	}
}

static void make_log(struct ilv_scale *scale, double least, double most)
{
	static const double digits[] = {1, 2, 5};
	double base = scale->kind == ILV_SCALE_KIND_BYTES ? 4 : 10;
	double decades;
	double stride;
	int first;
	int last;

	scale->low = least / 1.15;
	scale->high = most * 1.15;
	decades = log10(scale->high / scale->low);
	first = (int)floor(log(scale->low) / log(base));
	last = (int)ceil(log(scale->high) / log(base));
	stride = ceil((last - first) / 8.0);
	for (int power = first; power <= last; power += (int)stride) {
		add_tick(scale, pow(base, power));
		for (unsigned int digit = 1; base == 10 && decades < FINE_DECADES && digit < 3;
		     digit++) {
			add_tick(scale, digits[digit] * pow(base, power));
		}
	}
}

void ilv_scale_init(struct ilv_scale *scale, enum ilv_scale_kind kind, double least, double most,
		    double log_ratio, double begin, double end)
{
	*scale = (struct ilv_scale){.kind = kind, .begin = begin, .end = end};
	if (kind == ILV_SCALE_KIND_RATIO) {
		/* 1 is where the question is decided. */
		least = fmin(least, 1);
		most = fmax(most, 1);
	}
	scale->is_log = least > 0 && kind != ILV_SCALE_KIND_AMOUNT &&
			(kind == ILV_SCALE_KIND_RATIO || most / least >= log_ratio);
	if (scale->is_log) {
		make_log(scale, least, most);
	} else {
		make_linear(scale, least, most);
	}
}

double ilv_scale_place(const struct ilv_scale *scale, double value)
{
	double share;

	if (scale->is_log) {
		share = value > 0 ? log(value / scale->low) / log(scale->high / scale->low) : 0;
	} else {
		share = (value - scale->low) / (scale->high - scale->low);
	}

	return scale->begin + share * (scale->end - scale->begin);
}
