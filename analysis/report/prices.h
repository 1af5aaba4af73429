/* SPDX-License-Identifier: MIT */
/*
 * Description: what one of the things costs that a program does, as it measured it itself: without
 * tracing, and beside it while it was recorded. Borrows from the report, which must outlive it.
 */
#ifndef ILV_ANALYSIS_REPORT_PRICES_H
#define ILV_ANALYSIS_REPORT_PRICES_H

#include "analysis/report/report.h"

/* Prices of one run beyond these are left out. */
#define ILV_PRICE_LIMIT 64

struct ilv_price {
	const struct ilv_report_phase *phase; /* of its repeats the fastest */
	const char *what;
	enum ilv_quantity unit;
	double untraced, recorded; /* NAN: not known */
};

/*
 * Fills `prices` with what the phases of `run` tell, in their order, and returns how many there
 * are. Where a phase tells only what a piece of its work costs without tracing, its own time by its
 * work stands beside it.
 */
uint32_t ilv_prices_gather(const struct ilv_report_run *run,
			   struct ilv_price prices[ILV_PRICE_LIMIT]);

/* What one costs in `phase`, in ns, without tracing; NAN: it does not say. */
double ilv_price_untraced_ns(const struct ilv_report_phase *phase);

/* Writes `value` with its unit as people read it; "-" for NAN. */
void ilv_price_text(enum ilv_quantity unit, double value, char *text, size_t size);

/* "3.1 times", "1,070 times". */
void ilv_price_times_text(double ratio, char *text, size_t size);

#endif /* ILV_ANALYSIS_REPORT_PRICES_H */
