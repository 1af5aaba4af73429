/* SPDX-License-Identifier: MIT */
/*
 * Description: what the difference between the times of two runs is made of; not for others.
 *
 * A run takes as long as all its threads wait at once, and beside that as long as it takes to get
 * the CPU time that it needs: the more CPUs it can use at a time the shorter, and the more of them
 * it stands ready for without getting them the longer:
 *
 *	time = all wait + (CPU time + CPU time not got) / CPUs wanted meanwhile
 */
#ifndef ILV_ANALYSIS_REPORT_ATTRIBUTION_H
#define ILV_ANALYSIS_REPORT_ATTRIBUTION_H

#include "analysis/report/report.h"

enum ilv_time_cause {
	ILV_TIME_CAUSE_WORK,  /* it used more CPU time */
	ILV_TIME_CAUSE_KEPT,  /* it did not get the CPUs that it stood ready for */
	ILV_TIME_CAUSE_WIDTH, /* fewer of its threads wanted to compute at a time */
	ILV_TIME_CAUSE_WAIT,  /* for longer none of them did */
	ILV_TIME_CAUSE_COUNT
};

struct ilv_attribution {
	/* Of the difference of times; less than nothing where it is the other way round. All
	 * together are 1. */
	double shares[ILV_TIME_CAUSE_COUNT];
	/* Slow against fast: the CPU time, and how long it took a unit of that. Their product is
	 * that of the times. */
	double work_ratio, pace_ratio;
};

/*
 * Attributes what `slow` took longer than `fast`. False where that is not known: switches were not
 * recorded one by one, nothing was computed, or `slow` is no slower.
 */
bool ilv_attribute(const struct ilv_report_run *fast, const struct ilv_report_run *slow,
		   struct ilv_attribution *attribution);

#endif /* ILV_ANALYSIS_REPORT_ATTRIBUTION_H */
