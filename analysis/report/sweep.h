/* SPDX-License-Identifier: MIT */
/*
 * Description: a sweep: phases of one or several runs that differ in how much there is of one
 * quantity, as the points of lines. It borrows from the reports, which must outlive it.
 */
#ifndef ILV_ANALYSIS_REPORT_SWEEP_H
#define ILV_ANALYSIS_REPORT_SWEEP_H

#include <jansson.h>

#include "analysis/report/report.h"

/* More lines than this nobody tells apart; the others are counted. */
#define ILV_SWEEP_LINE_LIMIT 8

/* Steps beyond these are left out: nobody could see them apart either. */
#define ILV_SWEEP_POINT_LIMIT 128

/*
 * Where the program tells of every step what a piece of work costs without tracing, that is its
 * time, and rate and gain follow from it; what was recorded stands beside it.
 */
enum ilv_sweep_measure {
	ILV_SWEEP_MEASURE_RATE, /* work done a second */
	ILV_SWEEP_MEASURE_TIME, /* of one piece of work in ns; of the phase where work is not said
				 */
	ILV_SWEEP_MEASURE_GAIN, /* how many times as fast as the reference */
	ILV_SWEEP_MEASURE_REFERENCE,     /* the time of the reference, in the line's own run */
	ILV_SWEEP_MEASURE_RECORDED_TIME, /* NAN where it is no other */
	ILV_SWEEP_MEASURE_RECORDED_GAIN,
	ILV_SWEEP_MEASURE_CPUS_BUSY,
	ILV_SWEEP_MEASURE_CUT_SHORT,
	ILV_SWEEP_MEASURE_GAVE_WAY,
	ILV_SWEEP_MEASURE_MEMORY,
	ILV_SWEEP_MEASURE_COUNTED, /* what the program counted besides its work */
	ILV_SWEEP_MEASURE_COUNT
};

/* Repeats of one phase: of those the one that took the shortest time stands for all. */
struct ilv_sweep_point {
	int64_t value;
	uint32_t repeat_count;
	const struct ilv_report_phase *phase;
	/* Of one piece of work in ns, as it counts, and as it was recorded where that is not the
	 * same; and those of the reference of its own run. NAN: unknown. */
	double time_ns, recorded_ns;
	double reference_ns, recorded_reference_ns;
};

struct ilv_sweep_line {
	char *label;
	const struct ilv_report_run *run; /* of several that share a reference: the first */
	const char *series;               /* NULL: the run's own */
	bool is_reference;
	struct ilv_sweep_point *points; /* by value, rising */
	uint32_t point_count;
	/* From where on it is always faster than the reference: between two points, on the straight
	 * line that logarithmic scales draw through both. NAN: it is not, or there is none. */
	double crossing, recorded_crossing;
	/* Sharers: the smallest number of them beyond which more bring little or nothing; index. */
	uint32_t knee;
};

struct ilv_sweep {
	const char *quantity;
	enum ilv_quantity unit;
	const char *work;    /* in the plural; NULL: the phases do not say */
	const char *counted; /* what else the program counted; NULL: nothing */
	struct ilv_sweep_line lines[ILV_SWEEP_LINE_LIMIT];
	uint32_t line_count, line_left_out_count;
	const struct ilv_sweep_line *reference; /* NULL: none */
	bool is_untraced;                       /* times are those without tracing */
	int64_t cpu_count;  /* that all runs may use; ILV_UNKNOWN: not said, or not the same */
	uint32_t run_count; /* runs that swept it */
	char *verdict;
};

struct ilv_sweep_source {
	const struct ilv_report_run *run;
	const char *label;
};

/*
 * Makes the sweep of the first quantity that any of `sources` swept, in at least two steps. On
 * success `*sweep` is the caller's; NULL where nobody swept anything.
 */
enum ilv_status ilv_sweep_create(const struct ilv_sweep_source *sources, uint32_t source_count,
				 struct ilv_sweep **sweep) ILV_NODISCARD;
void ilv_sweep_destroy(struct ilv_sweep *sweep);

/* NAN: not known. */
double ilv_sweep_value(const struct ilv_sweep_line *line, uint32_t point,
		       enum ilv_sweep_measure measure);

/* True where `left` and `right` are repeats of one phase. */
bool ilv_phase_is_repeat(const struct ilv_report_phase *left, const struct ilv_report_phase *right);

/* The work that was done in `phase`, or what else was counted first; NULL: nothing was said. */
const struct ilv_report_count *ilv_phase_work(const struct ilv_report_phase *phase);
const struct ilv_report_count *ilv_phase_counted(const struct ilv_report_phase *phase);

/* Writes how much of the swept quantity `value` is: "64", "256 us", "25 %". */
void ilv_sweep_value_text(enum ilv_quantity unit, double value, char *text, size_t size);

/* The verdict, which the caller frees; NULL when memory is short. */
char *ilv_sweep_verdict(const struct ilv_sweep *sweep);

/* Writes the steps as a table, an empty line before it. */
enum ilv_status ilv_sweep_write_text(const struct ilv_sweep *sweep,
				     const struct ilv_text_style *style,
				     FILE *stream) ILV_NODISCARD;

/* As docs/comparison.schema.json has it; null for NULL. */
json_t *ilv_sweep_json(const struct ilv_sweep *sweep);

#endif /* ILV_ANALYSIS_REPORT_SWEEP_H */
