/* SPDX-License-Identifier: MIT */
/* Description: the tables of prices, of one run and of several. */
#include <math.h>
#include <stdio.h>

#include "analysis/report/text_parts.h"
#include "analysis/report/text_table.h"
#include "analysis/report/verdict.h"
#include "base/duration.h"

#define NAME_MAX  26
#define PHASE_MAX 26

static void add_value(struct ilv_table *table, enum ilv_quantity unit, double value)
{
	char text[ILV_DURATION_TEXT_SIZE];

	if (isnan(value)) {
		ilv_table_text(table, NULL);
	} else {
		ilv_price_text(unit, value, text, sizeof(text));
		ilv_table_text(table, text);
	}
}

static void begin(struct ilv_table *table, const struct ilv_text_style *style, const char *of)
{
	ilv_table_init(table, style);
	ilv_table_column(table, "Prices", false, NAME_MAX);
	ilv_table_column(table, of, false, PHASE_MAX);
	ilv_table_column(table, "untraced", true, 0);
	ilv_table_column(table, "recorded", true, 0);
}

enum ilv_status ilv_report_text_prices(const struct ilv_report_text *text)
{
	struct ilv_price prices[ILV_PRICE_LIMIT];
	uint32_t count = ilv_prices_gather(text->run, prices);
	struct ilv_table table;
	enum ilv_status status;

	begin(&table, text->style, "in phase");
	for (uint32_t index = 0; index < count; index++) {
		ilv_table_printf(&table, "  %s", prices[index].what);
		ilv_table_text(&table, prices[index].phase->name);
		add_value(&table, prices[index].unit, prices[index].untraced);
		add_value(&table, prices[index].unit, prices[index].recorded);
	}
	status = ilv_table_write(&table, text->stream);
	ilv_table_fini(&table);

	return status;
}

/* How much it is beside the least of all. */
static void add_ratio(struct ilv_table *table, double value, double least)
{
	char text[ILV_DURATION_TEXT_SIZE];

	if (!(least > 0) || value <= least) {
		ilv_table_text(table, NULL);
	} else {
		ilv_price_times_text(value / least, text, sizeof(text));
		ilv_table_text(table, text);
	}
}

enum ilv_status ilv_comparison_write_prices(const struct ilv_comparison *comparison,
					    const struct ilv_text_style *style, FILE *stream)
{
	struct ilv_table table;
	enum ilv_status status;

	begin(&table, style, "of");
	ilv_table_column(&table, "as much", true, 0);
	for (uint32_t index = 0; index < comparison->price_count; index++) {
		const struct ilv_compared_price *price = &comparison->prices[index];
		const double least = ilv_compared_price_value(price, price->order[0]);

		for (uint32_t place = 0; place < comparison->run_count; place++) {
			const uint32_t run = price->order[place];

			ilv_table_printf(&table, "  %s", place == 0 ? price->what : "");
			ilv_table_text(&table, comparison->runs[run].label);
			add_value(&table, price->unit, price->of_runs[run].untraced);
			add_value(&table, price->unit, price->of_runs[run].recorded);
			add_ratio(&table, ilv_compared_price_value(price, run), least);
		}
	}
	status = ilv_table_write(&table, stream);
	ilv_table_fini(&table);

	return status;
}
