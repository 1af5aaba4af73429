/* SPDX-License-Identifier: MIT */
/*
 * Description: lesson `immutable`: readers use a set of prices that one updates. In the trace a
 * lock makes readers wait while it updates; a copy that is changed and then put in place by one
 * pointer makes nobody wait, for what a reader holds never changes. Changed in place, without
 * either, readers see old and new prices mixed.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <interleave/pthread.h>

#include "base/cause.h"
#include "base/duration.h"
#include "workloads/lessons/crew.h"
#include "workloads/workload.h"

#define NS_PER_US   INT64_C(1000)
#define PRICE_COUNT 16

enum option { OPTION_READS, OPTION_UPDATES, OPTION_STEP };

static const struct ilv_option options[] = {
	[OPTION_READS] = {.name = "reads",
			  .help = "how often each reader goes through the prices",
			  .default_value = 200,
			  .min = 1,
			  .max = 1000000},
	[OPTION_UPDATES] = {.name = "updates",
			    .help = "how often they are updated meanwhile",
			    .default_value = 20,
			    .min = 0,
			    .max = 100000},
	[OPTION_STEP] = {.name = "step-us",
			 .help = "us of computation with each price",
			 .default_value = 20,
			 .min = 0,
			 .max = 100000},
	{.name = NULL},
};

enum care { CARE_NONE, CARE_LOCK, CARE_SNAPSHOT };

/* In the order of `enum care`. */
static const struct ilv_variant variants[] = {
	{"in-place", "threads", "changed in place, unprotected: readers see mixed prices"},
	{"locked", "threads", "changed in place under a lock: right, and all wait"},
	{"snapshot", "threads", "a changed copy is put in place: right, and nobody waits"},
	{.name = NULL},
};

/* All of one version have its number, unless somebody is changing them. */
struct prices {
	struct prices *older; /* kept until the run is over, for somebody may still read it */
	_Atomic int64_t values[PRICE_COUNT];
};

struct shop {
	enum care care;
	int64_t reads_each;
	int64_t update_count;
	int64_t step_ns;
	pthread_mutex_t mutex;
	_Atomic(struct prices *) current;
	_Atomic int64_t read_count;
	_Atomic int64_t updated_count;
	_Atomic int64_t mixed_count;
};

static enum ilv_status read_prices(struct shop *shop)
{
	struct prices *prices = NULL;
	enum ilv_status status = ILV_STATUS_OK;
	bool is_mixed = false;
	int64_t first = 0;

	if (shop->care == CARE_LOCK) {
		(void)ilv_mutex_lock(&shop->mutex);
	}

	prices = atomic_load(&shop->current);
	first = prices->values[0];
	for (size_t index = 1; index < PRICE_COUNT && status == ILV_STATUS_OK; index++) {
		status = ilv_compute_for(shop->step_ns);
		is_mixed = is_mixed || prices->values[index] != first;
	}

	if (shop->care == CARE_LOCK) {
		(void)ilv_mutex_unlock(&shop->mutex);
	}

	shop->read_count += status == ILV_STATUS_OK;
	shop->mixed_count += status == ILV_STATUS_OK && is_mixed;

	return status == ILV_STATUS_OK ? ilv_tick() : status;
}

static enum ilv_status raise_prices(const struct shop *shop, struct prices *prices)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0; index < PRICE_COUNT && status == ILV_STATUS_OK; index++) {
		status = ilv_compute_for(shop->step_ns);
		prices->values[index]++;
	}

	return status;
}

static enum ilv_status update_prices(struct shop *shop)
{
	struct prices *current = atomic_load(&shop->current);
	enum ilv_status status = ILV_STATUS_OK;

	if (shop->care == CARE_SNAPSHOT) {
		struct prices *copy = malloc(sizeof(*copy));

		if (!copy) {
			ilv_cause_add("Cannot copy the prices");
			return ILV_STATUS_MEMORY;
		}

		copy->older = current;
		for (size_t index = 0; index < PRICE_COUNT; index++) {
			atomic_init(&copy->values[index], current->values[index]);
		}

		status = raise_prices(shop, copy);
		ilv_trace_shared_update(&shop->current, (int64_t)(intptr_t)current,
					(int64_t)(intptr_t)copy);
		atomic_store(&shop->current, copy);
	} else {
		if (shop->care == CARE_LOCK) {
			(void)ilv_mutex_lock(&shop->mutex);
		}

		status = raise_prices(shop, current);
		if (shop->care == CARE_LOCK) {
			(void)ilv_mutex_unlock(&shop->mutex);
		}
	}

	shop->updated_count++;

	return status;
}

static enum ilv_status visit(void *argument, struct ilv_result *result)
{
	struct ilv_member *member = argument;
	struct shop *shop = member->shared;
	const bool is_owner = member->index == 0;
	const int64_t times = is_owner ? shop->update_count : shop->reads_each;
	enum ilv_status status = ILV_STATUS_OK;

	(void)result;
	ilv_gate_pass(member->gate);
	for (int64_t time = 0; time < times && status == ILV_STATUS_OK; time++) {
		status = is_owner ? update_prices(shop) : read_prices(shop);
		if (status == ILV_STATUS_OK && is_owner) {
			status = ilv_await_sleep(2 * PRICE_COUNT * shop->step_ns);
		}
	}

	return status;
}

static enum ilv_status run(struct ilv_run *run)
{
	struct shop shop = {
		.care = (enum care)(run->variant - variants),
		.reads_each = run->values[OPTION_READS],
		.update_count = run->values[OPTION_UPDATES],
		.step_ns = run->values[OPTION_STEP] * NS_PER_US,
	};
	struct prices *prices = calloc(1, sizeof(*prices));
	enum ilv_status status = ILV_STATUS_OK;

	if (!prices) {
		ilv_cause_add("Cannot set prices");
		return ILV_STATUS_MEMORY;
	}

	atomic_init(&shop.current, prices);
	(void)ilv_mutex_init(&shop.mutex, "prices");
	ilv_trace_phase_begin("visits");
	/* One more: somebody who updates. */
	status = ilv_crew_run((size_t)run->job_count + 1, visit, &shop, "visitor");
	ilv_trace_phase_count("visits", "read|reads", shop.read_count, true);
	ilv_trace_phase_count("visits",
			      "read of old and new prices mixed|reads of old and new prices mixed",
			      shop.mixed_count, false);
	ilv_trace_phase_end("visits");
	(void)ilv_mutex_destroy(&shop.mutex);

	for (prices = atomic_load(&shop.current); prices;) {
		struct prices *older = prices->older;

		free(prices);
		prices = older;
	}

	ilv_run_count(run, "read_count", shop.read_count);
	ilv_run_count(run, "update_count", shop.updated_count);
	ilv_run_count(run, "mixed_count", shop.mixed_count);
	(void)snprintf(run->sentence, sizeof(run->sentence),
		       "%lld %s beside %lld %s: %lld saw old and new prices mixed",
		       (long long)shop.read_count, ilv_plural(shop.read_count, "read", "reads"),
		       (long long)shop.updated_count,
		       ilv_plural(shop.updated_count, "update", "updates"),
		       (long long)shop.mixed_count);

	return status;
}

const struct ilv_workload ilv_workload_immutable = {
	.name = "immutable",
	.description = "change in place, under a lock, or a copy that never changes again",
	.shows =
		"Under the lock readers wait (dotted) while prices change. With a copy that is put "
		"in place by one pointer nobody waits, and nobody reads old and new prices mixed, "
		"as they do where prices are changed in place without a lock.",
	.job_noun = "readers, beside one who updates",
	.default_job_count = 3,
	.max_job_count = 1000,
	.options = options,
	.variants = variants,
	.run = run,
};
