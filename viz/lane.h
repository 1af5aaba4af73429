/* SPDX-License-Identifier: MIT */
/*
 * Description: what is drawn in one row of a picture, in bounded memory however long the trace:
 * stretches in the order of time, signs where slices end, and for bands of many entities a grid of
 * columns. A stretch is one stay, or several that would touch, folded: then it holds how long each
 * ink took, exactly.
 */
#ifndef ILV_VIZ_LANE_H
#define ILV_VIZ_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "viz/theme.h"

/* Room for the name of who has an executor, or took it: longer ones are cut. */
#define ILV_WHO_SIZE 28

struct ilv_stretch {
	int64_t begin_ns, end_ns;
	int64_t ink_ns[ILV_INK_COUNT]; /* their sum is less than the stretch where an executor was
					  idle */
	uint32_t stay_count;
	uint32_t sign_counts[ILV_SIGN_COUNT];
	/* Of a single stay: */
	enum ilv_ink ink;
	enum ilv_wait_reason reason;
	enum ilv_cause end_cause;
	bool is_open;           /* waiting that may hold the way from wake-up to running, too */
	char who[ILV_WHO_SIZE]; /* executors: who has it; else who took it at the end; "": not known
				 */
};

struct ilv_stretches {
	struct ilv_stretch *list;
	uint32_t count, size;
};

/*
 * Adds what comes next in time. What is shorter than `fold_ns` joins what lies before it when that
 * is as short and near. What overlaps the one before is cut at the front; nothing is left of it
 * when it lies wholly inside.
 */
enum ilv_status ilv_stretches_add(struct ilv_stretches *stretches,
				  const struct ilv_stretch *stretch, int64_t fold_ns) ILV_NODISCARD;

/* Folds once more, with a larger `fold_ns`. */
void ilv_stretches_coarsen(struct ilv_stretches *stretches, int64_t fold_ns);

/* How many shapes it takes to draw them. */
size_t ilv_stretches_shapes(const struct ilv_stretches *stretches);

/* Signs of one kind, those that would touch gathered under one. */
struct ilv_signs {
	struct ilv_sign_place {
		int64_t first_ns, last_ns;
		uint32_t count;
	} * list;
	uint32_t count, size;
};

enum ilv_status ilv_signs_add(struct ilv_signs *signs, int64_t time_ns,
			      int64_t spacing_ns) ILV_NODISCARD;

/* Time by ink in columns of equal width; adding costs the same however many columns a stay covers.
 */
struct ilv_grid {
	uint32_t column_count;
	int64_t begin_ns, end_ns;
	int64_t *part_ns;      /* [column][ink]: from stays that begin or end in the column */
	int64_t *whole_change; /* [column][ink]: by how much the number of stays that cover it whole
				  changes */
	uint32_t *sign_counts; /* [column][sign] */
	char *holders; /* [column]: by a character, who had the executor in its middle; 0: nobody */
};

enum ilv_status ilv_grid_init(struct ilv_grid *grid, uint32_t column_count, int64_t begin_ns,
			      int64_t end_ns) ILV_NODISCARD;
void ilv_grid_fini(struct ilv_grid *grid);
void ilv_grid_add(struct ilv_grid *grid, enum ilv_ink ink, int64_t begin_ns, int64_t end_ns);
void ilv_grid_sign(struct ilv_grid *grid, enum ilv_sign sign, int64_t time_ns);

/* Entities with numbers up to this one are told apart by a letter, the others are not. */
#define ILV_HOLDER_LETTERED 35
#define ILV_HOLDER_BEYOND   '+'

/* Says that the executor was in the hands of whom `holder` stands for. */
void ilv_grid_hold(struct ilv_grid *grid, int64_t begin_ns, int64_t end_ns, char holder);
/* When column `column` begins; `column_count` gives the end of the last. */
int64_t ilv_grid_time(const struct ilv_grid *grid, uint32_t column);

/*
 * Sums each ink in `column` into `ink_ns`. Columns must be asked for from 0 on, with the same
 * `covering` array, zeroed before the first.
 */
void ilv_grid_sum(const struct ilv_grid *grid, uint32_t column, int64_t covering[ILV_INK_COUNT],
		  int64_t ink_ns[ILV_INK_COUNT]);

enum ilv_lane_kind {
	ILV_LANE_KIND_EXECUTOR,
	ILV_LANE_KIND_ENTITY,
	ILV_LANE_KIND_EXECUTOR_BAND, /* more executors than can be drawn one by one */
	ILV_LANE_KIND_ENTITY_BAND,
};

struct ilv_lane {
	enum ilv_lane_kind kind;
	char *label;
	char *id; /* of the entity, or of the executor's scheduler; NULL: a band of entities */
	int32_t executor;         /* which of the scheduler's; -1: it has one */
	uint32_t scheduler_index; /* executors: of `id` in the model, once it was met; UINT32_MAX
				     before */
	bool has_own_label;       /* pools: called as the worker that it is */
	char *own_id;          /* the entity that is this executor: a loop's thread, a pool's worker
				* once it was seen; NULL: none */
	uint32_t member_count; /* bands: how many they stand for */
	uint32_t order; /* entities: its number among its equals, for the shade of its colour */
	bool begins_group;
	bool has_tags;              /* the phases of its thread stand above it */
	struct ilv_stretches own;   /* what the executor itself goes through */
	struct ilv_stretches shown; /* the lane's content, drawn above */
	struct ilv_signs signs[ILV_SIGN_COUNT];
	struct ilv_grid grid; /* bands, and every lane in a terminal; no columns: not used */
	double y, height;
};

void ilv_lane_fini(struct ilv_lane *lane);

#endif /* ILV_VIZ_LANE_H */
