/* SPDX-License-Identifier: MIT */
/*
 * Description: divides the difference between the times of two runs among its causes. What adds up
 * is compared by differences, what multiplies by the logarithms of ratios, weighted by the mean for
 * which both come to the same: so nothing is left over, and no order of the causes is preferred.
 */
#include "analysis/report/attribution.h"

#include <math.h>

/* How the time of one run divides, as in attribution.h; in ns. */
struct parts {
	double time, all_wait, active, work, wanted;
};

static bool divide(const struct ilv_report_run *run, struct parts *parts)
{
	parts->time = (double)run->sum.duration_ns;
	parts->all_wait = (double)run->sum.all_wait_ns;
	parts->active = parts->time - parts->all_wait;
	parts->work = run->sum.cpus_busy * parts->time;
	parts->wanted = run->sum.cpus_wanted * parts->time;

	/* Written so that what is not known (NAN) is none. */
	return run->sum.all_wait_ns != ILV_UNKNOWN && parts->active > 0 && parts->work > 0 &&
	       parts->wanted > 0;
}

/* What makes of a ratio's logarithm a difference. */
static double logarithmic_mean(double left, double right)
{
	return fabs(left - right) < 1e-9 * left ? left : (left - right) / log(left / right);
}

bool ilv_attribute(const struct ilv_report_run *fast_run, const struct ilv_report_run *slow_run,
		   struct ilv_attribution *attribution)
{
	struct parts fast;
	struct parts slow;
	double weight;

	if (!divide(fast_run, &fast) || !divide(slow_run, &slow) || slow.time <= fast.time) {
		return false;
	}

	weight = logarithmic_mean(slow.active, fast.active) / (slow.time - fast.time);
	attribution->shares[ILV_TIME_CAUSE_WORK] = weight * log(slow.work / fast.work);
	attribution->shares[ILV_TIME_CAUSE_KEPT] =
		weight * log((slow.wanted / slow.work) / (fast.wanted / fast.work));
	attribution->shares[ILV_TIME_CAUSE_WIDTH] =
		weight * log((fast.wanted / fast.active) / (slow.wanted / slow.active));
	attribution->shares[ILV_TIME_CAUSE_WAIT] =
		(slow.all_wait - fast.all_wait) / (slow.time - fast.time);
	attribution->work_ratio = slow.work / fast.work;
	attribution->pace_ratio = (slow.time / slow.work) / (fast.time / fast.work);
	return true;
}
