/* SPDX-License-Identifier: MIT */
/* Description: sets the same measures of several runs side by side, and says in words what differs
 * and why. */
#ifndef ILV_ANALYSIS_REPORT_COMPARISON_H
#define ILV_ANALYSIS_REPORT_COMPARISON_H

#include "analysis/report/prices.h"
#include "analysis/report/report.h"
#include "analysis/report/sweep.h"

/* Prices beyond these are not compared. */
#define ILV_COMPARED_PRICE_LIMIT 4

enum ilv_measure {
	ILV_MEASURE_TIME,
	ILV_MEASURE_CPUS_BUSY,
	ILV_MEASURE_CUT_SHORT,
	ILV_MEASURE_GAVE_WAY,
	ILV_MEASURE_WAIT_P99,
	ILV_MEASURE_MEMORY,
	ILV_MEASURE_COUNT
};

struct ilv_compared_run {
	const struct ilv_report *report; /* borrowed: must outlive the comparison */
	const struct ilv_report_run *run;
	char *label; /* the runtime, the variant, or the recording's name: unique among the compared
		      */
	double values[ILV_MEASURE_COUNT]; /* ns, ratios, counts, bytes; NAN: unknown */
};

/* A price that all runs tell, in the same way: what it costs under a tracer says nothing beside
 * what it costs without. */
struct ilv_compared_price {
	const char *what;
	enum ilv_quantity unit;
	bool is_untraced; /* what is compared is the price without tracing; else the recorded one */
	struct ilv_price *of_runs;
	uint32_t *order; /* which run is the cheapest, which the next, ... */
};

struct ilv_comparison {
	char *title;   /* the job in words, its size, the CPUs */
	char *verdict; /* one to three sentences, the cause before the number */
	struct ilv_compared_run *runs;
	uint32_t run_count;
	struct ilv_compared_price prices[ILV_COMPARED_PRICE_LIMIT];
	uint32_t price_count;
	struct ilv_sweep *sweep;             /* NULL: no run swept anything */
	bool is_sweep;                       /* every run did: then the curves are the comparison */
	bool is_left_out[ILV_MEASURE_COUNT]; /* not comparable between these runs */
	char *left_out_because[ILV_MEASURE_COUNT];
};

/* Compares `runs` (all of `reports`, in order); labels are made here. `*comparison` is the
 * caller's. */
enum ilv_status ilv_comparison_create(const struct ilv_report *const *reports,
				      const char *const *names, uint32_t report_count,
				      struct ilv_comparison **comparison) ILV_NODISCARD;
void ilv_comparison_destroy(struct ilv_comparison *comparison);

enum ilv_status ilv_comparison_write_json(const struct ilv_comparison *comparison,
					  FILE *stream) ILV_NODISCARD;
enum ilv_status ilv_comparison_write_text(const struct ilv_comparison *comparison,
					  const struct ilv_text_style *style,
					  FILE *stream) ILV_NODISCARD;

/* What is compared of the run at `index`. */
double ilv_compared_price_value(const struct ilv_compared_price *price, uint32_t index);

/* "cut short", "CPUs busy": static. */
const char *ilv_measure_name(enum ilv_measure measure);

/* Writes `value` with its unit as people read it: "93 ms", "1.5", "21"; "unknown" for NAN. */
void ilv_measure_text(enum ilv_measure measure, double value, char *text, size_t size);

#endif /* ILV_ANALYSIS_REPORT_COMPARISON_H */
