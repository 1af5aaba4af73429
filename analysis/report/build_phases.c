/* SPDX-License-Identifier: MIT */
/* Description: the phases of a run, each with what was measured of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/build.h"

/* One thread more, or one less. */
struct step {
	int64_t time_ns;
	int32_t by;
};

/* Who ends makes room before who begins takes it. */
static int by_time(const void *left_pointer, const void *right_pointer)
{
	const struct step *left = left_pointer;
	const struct step *right = right_pointer;

	if (left->time_ns != right->time_ns) {
		return left->time_ns < right->time_ns ? -1 : 1;
	}

	return (left->by > right->by) - (left->by < right->by);
}

/* The lives of the run's threads as steps, in the order of time; `*count` says how many. */
static struct step *make_steps(struct ilv_run_build *build, size_t *count)
{
	struct step *steps = ilv_report_array(build, 2 * build->entity_count, sizeof(*steps));

	*count = 0;
	for (uint32_t index = 0; steps && index < build->entity_count; index++) {
		const struct ilv_entity *entity = build->entities[index]->entity;

		if (entity->kind == ILV_ENTITY_KIND_THREAD && ilv_measures_counts(entity)) {
			steps[(*count)++] = (struct step){entity->begin_ns, 1};
			steps[(*count)++] = (struct step){entity->end_ns, -1};
		}
	}
	if (*count > 0) {
		qsort(steps, *count, sizeof(*steps), by_time);
	}

	return steps;
}

/* How many threads lived at once, at most, between `begin_ns` and `end_ns`. `alive` counts them
 * after each step. */
static int64_t most_alive(const struct step *steps, const int64_t *alive, size_t count,
			  int64_t begin_ns, int64_t end_ns)
{
	size_t low = 0;
	size_t high = count;
	int64_t most;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (steps[middle].time_ns <= begin_ns) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}

	most = low > 0 ? alive[low - 1] : 0;
	for (; low < count && steps[low].time_ns <= end_ns; low++) {
		most = alive[low] > most ? alive[low] : most;
	}

	return most;
}

static void copy_counts(struct ilv_run_build *build, const struct ilv_phase *phase,
			struct ilv_report_phase *made)
{
	made->counts = ilv_report_array(build, phase->count_count, sizeof(*made->counts));
	for (uint32_t index = 0; made->counts && index < phase->count_count; index++) {
		const char *what = phase->counts[index].what;
		const char *bar = what ? strchr(what, '|') : NULL;
		struct ilv_report_count *count = &made->counts[made->count_count++];

		/* "page fault|page faults", or the plural alone. */
		count->what = ilv_report_copy(build, bar ? bar + 1 : what);
		count->what_one = bar ? ilv_report_copy(build, what) : NULL;
		if (count->what_one) {
			count->what_one[bar - what] = '\0';
		}
		count->count = phase->counts[index].count;
		count->is_work = phase->counts[index].is_work;
	}
}

static void copy_prices(struct ilv_run_build *build, const struct ilv_phase *phase,
			struct ilv_report_phase *made)
{
	made->prices = ilv_report_array(build, phase->price_count, sizeof(*made->prices));
	for (uint32_t index = 0; made->prices && index < phase->price_count; index++) {
		made->prices[made->price_count++] = (struct ilv_report_price){
			.what = ilv_report_copy(build, phase->prices[index].what),
			.value = phase->prices[index].value,
			.unit = phase->prices[index].unit,
			.is_untraced = phase->prices[index].is_untraced,
		};
	}
}

static void build_phase(struct ilv_run_build *build, const struct ilv_phase *phase,
			struct ilv_report_phase *made)
{
	int64_t duration_ns = phase->end_ns - phase->begin_ns;

	made->name = ilv_report_copy(build, phase->name);
	made->entity_id = ilv_report_entity_id(build, phase->entity);
	made->begin_ns = ilv_report_time_in_run(build, phase->begin_ns);
	made->end_ns = ilv_report_time_in_run(build, phase->end_ns);
	made->is_ended = phase->is_ended;
	made->memory_bytes = phase->memory_bytes < 0 ? ILV_UNKNOWN : phase->memory_bytes;
	made->cpus_busy = NAN;
	made->voluntary_count = ILV_UNKNOWN;
	made->involuntary_count = ILV_UNKNOWN;
	made->cut_short_count = ILV_UNKNOWN;
	made->gave_way_count = ILV_UNKNOWN;
	if (build->has_switches) {
		made->voluntary_count = (int64_t)phase->sums.voluntary_count;
		made->involuntary_count = (int64_t)phase->sums.involuntary_count;
		made->gave_way_count = (int64_t)phase->sums.gave_way_count;
		if (build->facts->has_yields) {
			made->cut_short_count = (int64_t)phase->sums.cut_count;
		}
		if (duration_ns > 0) {
			made->cpus_busy = (double)phase->sums.running_ns / (double)duration_ns;
		}
	}

	made->has_point = phase->has_point;
	if (phase->has_point) {
		made->series = ilv_report_copy(build, phase->point.series);
		made->quantity = ilv_report_copy(build, phase->point.quantity);
		made->value = phase->point.value;
		made->unit = phase->point.unit;
		made->is_reference = phase->point.is_reference;
	}
	copy_counts(build, phase, made);
	copy_prices(build, phase, made);
}

static void count_threads(struct ilv_run_build *build)
{
	size_t count = 0;
	struct step *steps = make_steps(build, &count);
	int64_t *alive = ilv_report_array(build, (uint32_t)count, sizeof(*alive));

	for (size_t index = 0; alive && index < count; index++) {
		alive[index] = (index > 0 ? alive[index - 1] : 0) + steps[index].by;
	}
	for (uint32_t index = 0; steps && alive && index < build->made->phase_count; index++) {
		struct ilv_report_phase *made = &build->made->phases[index];

		made->thread_count =
			most_alive(steps, alive, count, build->begin_ns + made->begin_ns,
				   build->begin_ns + made->end_ns);
	}
	free(alive);
	free(steps);
}

void ilv_report_build_phases(struct ilv_run_build *build)
{
	const struct ilv_phases *phases = build->source->phases;
	struct ilv_report_run *made = build->made;
	const struct ilv_phase *list;
	uint32_t count = 0;
	uint32_t own_count = 0;

	if (!phases) {
		return;
	}

	list = ilv_phases_list(phases, &count);
	for (uint32_t index = 0; index < count; index++) {
		own_count += list[index].run == build->run;
	}
	made->phase_left_out_count = (int64_t)ilv_phases_left_out(phases, build->run);
	made->phases = ilv_report_array(build, own_count, sizeof(*made->phases));
	for (uint32_t index = 0; made->phases && index < count; index++) {
		if (list[index].run == build->run) {
			build_phase(build, &list[index], &made->phases[made->phase_count++]);
		}
	}
	if (made->phase_count > 0 && !build->is_out_of_memory) {
		count_threads(build);
	}
}
