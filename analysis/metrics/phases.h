/* SPDX-License-Identifier: MIT */
/*
 * Description: the measures of phases: how long each took, and what the run's threads did in the
 * meantime. Switches and running time are kept as sums that only grow; a phase is the difference
 * between its end and its begin, so it costs the same however much happens in it.
 *
 * Memory is bounded: what comes after the first ILV_PHASE_LIMIT phases of a trace is only counted.
 */
#ifndef ILV_ANALYSIS_METRICS_PHASES_H
#define ILV_ANALYSIS_METRICS_PHASES_H

#include "analysis/model/model.h"

#define ILV_PHASE_LIMIT       65536
#define ILV_PHASE_OPEN_LIMIT  256 /* at once */
#define ILV_PHASE_COUNT_LIMIT 4   /* numbers that the program counts in one phase */
#define ILV_PHASE_PRICE_LIMIT 8   /* prices that it tells of one */

/* What a run's threads, without those that serve it or the recording, did so far. */
struct ilv_phase_sums {
	int64_t running_ns;
	uint64_t voluntary_count, involuntary_count; /* switches off a CPU, as the kernel counts */
	uint64_t cut_count, gave_way_count;          /* cut short or forced; blocked or yielded */
};

/* A number that the program counted. */
struct ilv_phase_count {
	const char *what;
	int64_t count;
	bool is_work;
};

/* What one of the things costs that the program does in the phase, as it measured it itself. */
struct ilv_phase_price {
	const char *what;
	int64_t value;
	enum ilv_quantity unit;
	bool is_untraced; /* in a pass before, which emitted nothing */
};

/* Where a phase stands in a sweep. */
struct ilv_phase_point {
	const char *series; /* NULL: the run's own */
	const char *quantity;
	int64_t value;
	enum ilv_quantity unit;
	bool is_reference;
};

struct ilv_phase {
	const char *name; /* NULL: it has none */
	const struct ilv_run *run;
	const struct ilv_entity *entity; /* whose phase it is: a thread or a task */
	int64_t begin_ns, end_ns;
	bool is_ended;              /* false: the run ended before it */
	struct ilv_phase_sums sums; /* of all of the run's threads, between begin and end */
	int64_t memory_bytes;       /* of its process at most, as that said it; -1: not said */
	struct ilv_phase_point point;
	bool has_point;
	struct ilv_phase_count counts[ILV_PHASE_COUNT_LIMIT];
	uint32_t count_count;
	struct ilv_phase_price prices[ILV_PHASE_PRICE_LIMIT];
	uint32_t price_count;
};

struct ilv_phases;

/* Creates measures of phases that listen to `model`, which must be empty. They are destroyed before
 * the model. NULL when memory is short. */
struct ilv_phases *ilv_phases_create(struct ilv_model *model);
void ilv_phases_destroy(struct ilv_phases *phases);

/* All that began within a run, in the order in which they began. Borrowed; good once the model has
 * finished. */
const struct ilv_phase *ilv_phases_list(const struct ilv_phases *phases, uint32_t *count);

/* Phases of `run` beyond the limits: they are not in the list. */
uint64_t ilv_phases_left_out(const struct ilv_phases *phases, const struct ilv_run *run);

#endif /* ILV_ANALYSIS_METRICS_PHASES_H */
