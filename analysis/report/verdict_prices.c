/* SPDX-License-Identifier: MIT */
/*
 * Description: what one of the things costs that the compared programs do, as they measured it
 * themselves. Where they tell that, it is what the comparison is about: how long each took to
 * measure it, events and all, says nothing.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>

#include "analysis/report/verdict_parts.h"
#include "base/duration.h"

/* Of more runs only the cheapest and the dearest are said. */
#define LISTED_MAX 6

/* "1.6 us by pool". */
static void write_one(FILE *stream, const struct ilv_comparison *comparison,
		      const struct ilv_compared_price *price, uint32_t run)
{
	char text[ILV_DURATION_TEXT_SIZE];

	ilv_price_text(price->unit, ilv_compared_price_value(price, run), text, sizeof(text));
	(void)fprintf(stream, "%s by %s", text, ilv_verdict_label(&comparison->runs[run]));
}

/* From what to what the price was while it was recorded, where all runs tell that too. */
static void write_recorded(FILE *stream, const struct ilv_comparison *comparison,
			   const struct ilv_compared_price *price)
{
	double least = INFINITY;
	double most = -INFINITY;
	char texts[2][ILV_DURATION_TEXT_SIZE];

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const double recorded = price->of_runs[index].recorded;

		if (isnan(recorded)) {
			return;
		}
		least = fmin(least, recorded);
		most = fmax(most, recorded);
	}

	ilv_price_text(price->unit, least, texts[0], sizeof(texts[0]));
	ilv_price_text(price->unit, most, texts[1], sizeof(texts[1]));
	(void)fprintf(stream, "; recorded, %s to %s", texts[0], texts[1]);
}

static void write_price(struct ilv_verdict *verdict, const struct ilv_compared_price *price,
			bool is_first)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const uint32_t last = comparison->run_count - 1;
	const double least = ilv_compared_price_value(price, price->order[0]);
	const double most = ilv_compared_price_value(price, price->order[last]);
	char times[ILV_DURATION_TEXT_SIZE];

	if (price->is_untraced && is_first) {
		(void)fprintf(verdict->stream, "Without tracing, %s costs ", price->what);
	} else {
		(void)fprintf(verdict->stream, "%c%s costs ",
			      toupper((unsigned char)price->what[0]), price->what + 1);
	}
	for (uint32_t place = 0; place <= last; place++) {
		if (last >= LISTED_MAX && place != 0 && place != last) {
			continue;
		}
		if (last >= LISTED_MAX) {
			(void)fputs(place == 0 ? "" : " to ", verdict->stream);
		} else {
			ilv_verdict_separate(verdict->stream, place, comparison->run_count);
		}
		write_one(verdict->stream, comparison, price, price->order[place]);
	}
	if (least > 0 && most >= 1.95 * least) {
		ilv_price_times_text(most / least, times, sizeof(times));
		(void)fprintf(verdict->stream, ", %s as much", times);
	}
	if (price->is_untraced) {
		write_recorded(verdict->stream, comparison, price);
	}
	ilv_verdict_stop(verdict);
}

void ilv_verdict_write_prices(struct ilv_verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;

	if (comparison->run_count < 2) {
		return;
	}

	for (uint32_t index = 0; index < comparison->price_count; index++) {
		write_price(verdict, &comparison->prices[index], index == 0);
		verdict->has_unlike_times = true;
		verdict->has_outcome = true;
	}
}
