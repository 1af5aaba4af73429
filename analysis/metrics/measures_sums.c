/* SPDX-License-Identifier: MIT */
/* Description: what is made of the measures of entities once all is over: the sums over each
 * scheduler, and fairness. */
#include <math.h>
#include <stdlib.h>

#include "analysis/metrics/measures_inner.h"
#include "base/cause.h"

enum ilv_status ilv_measures_close_stay(struct ilv_distribution *distribution, int64_t *open_ns)
{
	enum ilv_status status = ilv_distribution_add(distribution, *open_ns);

	*open_ns = 0;
	return status;
}

enum ilv_status ilv_measures_sum_up(struct ilv_measures *measures, struct ilv_entity_measures *of)
{
	struct ilv_scheduler_measures *in;
	enum ilv_status status = ILV_STATUS_OK;

	if (of->open_slice_ns > 0) {
		status = ilv_measures_close_stay(&of->slices, &of->open_slice_ns);
	}
	if (status == ILV_STATUS_OK && of->open_wait_ns > 0) {
		of->in_vain_count++;
		status = ilv_measures_close_stay(&of->waits, &of->open_wait_ns);
	}
	if (status != ILV_STATUS_OK || !ilv_measures_counts(of->entity)) {
		return status;
	}

	status = ilv_measures_take_scheduler(measures, of->run, of->entity->scheduler, &in);
	if (status == ILV_STATUS_OK) {
		status = ilv_distribution_merge(&in->slices, &of->slices);
	}
	if (status == ILV_STATUS_OK) {
		status = ilv_distribution_merge(&in->waits, &of->waits);
	}
	if (status != ILV_STATUS_OK) {
		return status;
	}

	in->entity_count++;
	in->busy_executor_ns += of->executor_ns;
	in->involuntary_count += of->involuntary_count;
	in->in_vain_count += of->in_vain_count;
	for (int state = 0; state < ILV_STATE_COUNT; state++) {
		in->state_ns[state] += of->state_ns[state];
	}
	for (int cause = 0; cause < ILV_CAUSE_COUNT; cause++) {
		in->stop_counts[cause] += of->stop_counts[cause];
	}
	if (of->slices.count > 0 &&
	    (!in->longest_slice_of || of->slices.max_ns > in->longest_slice_of->slices.max_ns)) {
		in->longest_slice_of = of;
	}
	if (of->waits.count > 0 &&
	    (!in->longest_wait_of || of->waits.max_ns > in->longest_wait_of->waits.max_ns)) {
		in->longest_wait_of = of;
	}

	return ILV_STATUS_OK;
}

/* Jain: (sum x)^2 / (n * sum x^2), between 1 / n, where one had all, and 1, where all had the same.
 */
struct jain {
	double count, sum, square_sum;
};

static double jain_index(const struct jain *jain)
{
	return jain->square_sum > 0 ? jain->sum * jain->sum / (jain->count * jain->square_sum)
				    : NAN;
}

/* Entities of which nothing is known say nothing about fairness. */
static bool is_known(const struct ilv_entity_measures *of)
{
	return of->state_ns[ILV_STATE_RUNNING] > 0 || of->state_ns[ILV_STATE_UNKNOWN] == 0 ||
	       of->state_ns[ILV_STATE_READY] > 0 || of->state_ns[ILV_STATE_WAITING] > 0;
}

enum ilv_status ilv_measures_judge_fairness(struct ilv_run_measures *in_run)
{
	uint32_t count = in_run->by_scheduler_count;
	struct jain *jobs = calloc(count ? count : 1, sizeof(*jobs));
	struct jain *all = calloc(count ? count : 1, sizeof(*all));
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (!jobs || !all) {
		ilv_cause_add("Cannot measure fairness");
		goto end;
	}

	for (struct ilv_entity_measures *of = in_run->entities; of; of = of->next_in_run) {
		double running_ns = (double)of->state_ns[ILV_STATE_RUNNING];
		struct jain *sets[] = {&all[of->entity->scheduler->index],
				       &jobs[of->entity->scheduler->index]};
		size_t set_count = ilv_measures_role(of->entity) == ILV_ROLE_JOB ? 2 : 1;

		if (!ilv_measures_counts(of->entity) || !is_known(of)) {
			continue;
		}
		for (size_t set = 0; set < set_count; set++) {
			sets[set]->count++;
			sets[set]->sum += running_ns;
			sets[set]->square_sum += running_ns * running_ns;
		}
	}

	for (struct ilv_scheduler_measures *in = in_run->schedulers; in; in = in->next_in_run) {
		uint32_t index = in->scheduler->index;

		in->fairness = jain_index(jobs[index].count > 0 ? &jobs[index] : &all[index]);
	}
	status = ILV_STATUS_OK;

end:
	free(jobs);
	free(all);
	return status;
}
