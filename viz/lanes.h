/* SPDX-License-Identifier: MIT */
/*
 * Description: the lanes of one run: which ones are worth drawing (from the report of the first
 * pass), and how they are filled (from the intervals of the second). Nothing here draws; and
 * nothing knows more of threads and tasks than that executors are had by entities, and entities go
 * through states.
 */
#ifndef ILV_VIZ_LANES_H
#define ILV_VIZ_LANES_H

#include <uthash.h>

#include "analysis/report/report.h"
#include "viz/arrows.h"
#include "viz/lane.h"
#include "viz/losses.h"

/* More executors than this of one scheduler are drawn as one band. */
#define ILV_LANES_EXECUTOR_LIMIT 8

struct ilv_lanes_limits {
	uint32_t entity_limit; /* lanes of entities, the band of the rest counted; at least 2 */
	uint64_t cpu_mask;     /* CPUs to be shown besides, even if the run left them idle */
	uint32_t lock_limit;   /* lanes of contended locks */
	bool units_only; /* leave out threads that carry no part of the job, and tell of none */
};

/* How fine lanes are kept. */
struct ilv_lanes_scale {
	int64_t fold_ns;                    /* shorter neighbours are folded */
	int64_t spacing_ns[ILV_SIGN_COUNT]; /* nearer signs are gathered */
	uint32_t band_columns;
	bool all_columns;         /* every lane in columns rather than stretches */
	int64_t arrow_wait_ns;    /* arrows tell the end of waits from this length on */
	int64_t arrow_spacing_ns; /* nearer arrows are one */
};

/* What is known of an entity before the second pass. */
struct ilv_lanes_name {
	char *id;
	char *label;   /* as the report, which has seen the whole recording, calls it; NULL: nobody
			  named it */
	uint32_t lane; /* index; UINT32_MAX: none */
	uint32_t own_lane; /* index of the executor that it is; UINT32_MAX: none */
	uint32_t order;
	bool is_foreign; /* a server, say: not of the job */
	UT_hash_handle hh;
};

struct ilv_lanes_target;

struct ilv_lanes {
	const struct ilv_report *report;
	const struct ilv_report_run *run;
	int64_t begin_ns, end_ns; /* in the trace's clock */
	struct ilv_lane *list;    /* executors first */
	uint32_t count, size;
	struct ilv_lanes_scale scale;
	struct ilv_arrows arrows;
	struct ilv_losses *losses;        /* NULL: no lost update is to be shown */
	struct ilv_lanes_name *names;     /* hash: what is known of an entity by its id */
	struct ilv_lanes_target *targets; /* the same by the index of the entity in the model */
	uint32_t target_count;
	uint8_t *has_executor_lane; /* by the index of a scheduler: 0 not asked yet, 1 no, 2 yes */
	uint32_t scheduler_count;
};

/* The CPUs from 0 to 63 that the run's threads used, the recorder's left out. */
uint64_t ilv_lanes_cpus(const struct ilv_report_run *run);

/*
 * Chooses the lanes of `run`. `report` and `run` must outlive them. NULL and a cause when memory is
 * short.
 */
struct ilv_lanes *ilv_lanes_create(const struct ilv_report *report,
				   const struct ilv_report_run *run,
				   const struct ilv_lanes_limits *limits);
void ilv_lanes_destroy(struct ilv_lanes *lanes);

/* The lane that shows the entity or executor called `id`; NULL: none shows it alone. */
struct ilv_lane *ilv_lanes_find(const struct ilv_lanes *lanes, const char *id);

/* To be said before the first interval. */
enum ilv_status ilv_lanes_set_scale(struct ilv_lanes *lanes,
				    const struct ilv_lanes_scale *scale) ILV_NODISCARD;

/* Takes an interval of the second pass: an `ilv_interval_fn`, with the `struct ilv_lanes` as its
 * context. */
enum ilv_status ilv_lanes_take(void *lanes, const struct ilv_interval *interval) ILV_NODISCARD;

/* Takes an edge of the second pass, after the intervals that end with it. */
enum ilv_status ilv_lanes_take_edge(void *lanes, const struct ilv_edge *edge) ILV_NODISCARD;

/* Takes a mark of the second pass. */
enum ilv_status ilv_lanes_take_mark(void *lanes, const struct ilv_mark *mark) ILV_NODISCARD;

/* Once all is taken: crosses out lost writes, and puts the workers of a pool into the order of
 * their names. */
enum ilv_status ilv_lanes_settle(struct ilv_lanes *lanes) ILV_NODISCARD;

/* What is known of the entity called `id`; NULL: it is not of the run. */
const struct ilv_lanes_name *ilv_lanes_name(const struct ilv_lanes *lanes, const char *id);
/* Frees what `ilv_lanes_take` keeps. */
void ilv_lanes_free_targets(struct ilv_lanes *lanes);

#endif /* ILV_VIZ_LANES_H */
