/* SPDX-License-Identifier: MIT */
/* Description: gathers the prices that the phases of a run tell. */
#include "analysis/report/prices.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/report/sweep.h"
#include "base/duration.h"

static int64_t duration_of(const struct ilv_report_phase *phase)
{
	return phase->end_ns - phase->begin_ns;
}

static bool is_same(const struct ilv_price *price, const struct ilv_report_phase *phase,
		    const struct ilv_report_price *told)
{
	return price->unit == told->unit && strcmp(price->what, told->what) == 0 &&
	       ilv_phase_is_repeat(price->phase, phase);
}

/* What `phase` itself has to say beside a price that it told without tracing alone. */
static void complete(struct ilv_price *price)
{
	const struct ilv_report_count *work = ilv_phase_work(price->phase);

	if (isnan(price->recorded) && price->unit == ILV_QUANTITY_NS && work && work->count > 0 &&
	    price->phase->is_ended) {
		price->recorded = (double)duration_of(price->phase) / (double)work->count;
	}
}

uint32_t ilv_prices_gather(const struct ilv_report_run *run,
			   struct ilv_price prices[ILV_PRICE_LIMIT])
{
	uint32_t count = 0;

	for (uint32_t index = 0; index < run->phase_count; index++) {
		const struct ilv_report_phase *phase = &run->phases[index];

		for (uint32_t at = 0; at < phase->price_count; at++) {
			const struct ilv_report_price *told = &phase->prices[at];
			uint32_t place = 0;

			if (!told->what || !told->what[0]) {
				continue;
			}
			while (place < count && !is_same(&prices[place], phase, told)) {
				place++;
			}
			if (place == ILV_PRICE_LIMIT) {
				continue;
			}
			if (place == count) {
				prices[count++] = (struct ilv_price){.phase = phase,
								     .what = told->what,
								     .unit = told->unit,
								     .untraced = NAN,
								     .recorded = NAN};
			} else if (prices[place].phase != phase &&
				   duration_of(phase) >= duration_of(prices[place].phase)) {
				continue; /* A slower repeat. */
			}
			prices[place].phase = phase;
			*(told->is_untraced ? &prices[place].untraced : &prices[place].recorded) =
				(double)told->value;
		}
	}

	for (uint32_t place = 0; place < count; place++) {
		complete(&prices[place]);
	}

	return count;
}

double ilv_price_untraced_ns(const struct ilv_report_phase *phase)
{
	for (uint32_t index = 0; index < phase->price_count; index++) {
		const struct ilv_report_price *price = &phase->prices[index];

		if (price->is_untraced && price->unit == ILV_QUANTITY_NS && price->value > 0) {
			return (double)price->value;
		}
	}

	return NAN;
}

void ilv_price_text(enum ilv_quantity unit, double value, char *text, size_t size)
{
	if (isnan(value)) {
		(void)snprintf(text, size, "-");
	} else {
		ilv_sweep_value_text(unit, value, text, size);
	}
}

void ilv_price_times_text(double ratio, char *text, size_t size)
{
	char count[ILV_DURATION_TEXT_SIZE];

	if (ratio < 9.95) {
		(void)snprintf(text, size, "%.1f times", ratio);
	} else {
		ilv_count_text(llround(ratio), count, sizeof(count));
		(void)snprintf(text, size, "%s times", count);
	}
}
