/* SPDX-License-Identifier: MIT */
/* Description: the prices that all compared runs tell. The steps of a sweep are told by its curves.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/verdict.h"
#include "base/cause.h"

/* What `run` tells of the same as `wanted`; NULL: nothing. */
static const struct ilv_price *find(const struct ilv_price *prices, uint32_t count,
				    const struct ilv_price *wanted)
{
	for (uint32_t index = 0; index < count; index++) {
		const char *phase = prices[index].phase->name;
		const char *wanted_phase = wanted->phase->name;

		if (prices[index].unit == wanted->unit && !prices[index].phase->has_point &&
		    strcmp(prices[index].what, wanted->what) == 0 &&
		    strcmp(phase ? phase : "", wanted_phase ? wanted_phase : "") == 0) {
			return &prices[index];
		}
	}

	return NULL;
}

double ilv_compared_price_value(const struct ilv_compared_price *price, uint32_t index)
{
	return price->is_untraced ? price->of_runs[index].untraced : price->of_runs[index].recorded;
}

/* Puts the cheapest first; equal ones stay as they were. */
static void sort(const struct ilv_compared_price *price, uint32_t run_count)
{
	for (uint32_t index = 0; index < run_count; index++) {
		uint32_t at = index;

		while (at > 0 && ilv_compared_price_value(price, price->order[at - 1]) >
					 ilv_compared_price_value(price, index)) {
			price->order[at] = price->order[at - 1];
			at--;
		}
		price->order[at] = index;
	}
}

static enum ilv_status add(struct ilv_comparison *comparison, const struct ilv_price *first)
{
	struct ilv_compared_price *added = &comparison->prices[comparison->price_count];
	struct ilv_price *prices = calloc(ILV_PRICE_LIMIT, sizeof(*prices));
	enum ilv_status status = ILV_STATUS_MEMORY;
	bool is_untraced = true;
	bool is_recorded = true;

	*added = (struct ilv_compared_price){
		.what = first->what,
		.unit = first->unit,
		.of_runs = calloc(comparison->run_count, sizeof(*added->of_runs)),
		.order = calloc(comparison->run_count, sizeof(*added->order)),
	};
	comparison->price_count++;
	if (!prices || !added->of_runs || !added->order) {
		ilv_cause_add("Cannot compare prices: memory is short");
		goto end;
	}

	for (uint32_t index = 0; index < comparison->run_count && (is_untraced || is_recorded);
	     index++) {
		uint32_t count = ilv_prices_gather(comparison->runs[index].run, prices);
		const struct ilv_price *told = find(prices, count, first);

		is_untraced = is_untraced && told && !isnan(told->untraced);
		is_recorded = is_recorded && told && !isnan(told->recorded);
		if (told) {
			added->of_runs[index] = *told;
		}
	}
	status = ILV_STATUS_OK;
	if (is_untraced || is_recorded) {
		added->is_untraced = is_untraced;
		sort(added, comparison->run_count);
	} else {
		comparison->price_count--;
		free(added->of_runs);
		free(added->order);
	}

end:
	free(prices);
	return status;
}

enum ilv_status ilv_comparison_find_prices(struct ilv_comparison *comparison)
{
	struct ilv_price *prices = calloc(ILV_PRICE_LIMIT, sizeof(*prices));
	enum ilv_status status = prices ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
	uint32_t count = 0;

	if (prices) {
		count = ilv_prices_gather(comparison->runs[0].run, prices);
	} else {
		ilv_cause_add("Cannot compare prices: memory is short");
	}
	for (uint32_t index = 0; index < count && status == ILV_STATUS_OK &&
				 comparison->price_count < ILV_COMPARED_PRICE_LIMIT;
	     index++) {
		if (!prices[index].phase->has_point) {
			status = add(comparison, &prices[index]);
		}
	}
	free(prices);

	return status;
}
