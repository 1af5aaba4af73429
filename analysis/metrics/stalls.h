/* SPDX-License-Identifier: MIT */
/*
 * Description: tasks that kept their loop long without giving way, while others could have run: the
 * one definition of what the loops' table counts as stalls and the finding of blocked loops tells
 * of.
 *
 * A stay on a loop is long by the time for which the task, and not the kernel, kept the others
 * waiting: while the loop's thread stood ready for a CPU nobody could have run. Others could have
 * run who stood ready when it ended, and who had slept enough by then: while a task runs, its loop
 * does not look at the clock, and makes those ready only afterwards.
 */
#ifndef ILV_ANALYSIS_METRICS_STALLS_H
#define ILV_ANALYSIS_METRICS_STALLS_H

#include "analysis/model/model.h"

/* How long a stay must be: to be a stall, and to be looked at where it happens often. */
enum ilv_stall_limit { ILV_STALL_LIMIT_LONG, ILV_STALL_LIMIT_SHORT, ILV_STALL_LIMIT_COUNT };

#define ILV_LOOP_STALL_NS       INT64_C(50000000)
#define ILV_LOOP_STALL_SHORT_NS INT64_C(10000000)

/* A task's stay on its loop that was longer than it should be. */
struct ilv_stall {
	const struct ilv_entity *task; /* NULL: there was none */
	int64_t begin_ns, end_ns;
	int64_t ready_ns;   /* of it the kernel's: the loop's thread stood ready for a CPU */
	int64_t blocked_ns; /* of it in calls that block the whole thread */
	int64_t cost_ns;    /* for which others had to wait, in all */
	uint32_t waiter_count;
	uint32_t due_count; /* of the waiters, those that had slept enough */
};

/* A loop's stays in one run of one limit or longer, for which others had to wait. */
struct ilv_stalls {
	uint32_t count;
	int64_t cost_ns;
	int64_t first_ns, last_ns;
	struct ilv_stall last; /* whether or not anybody had to wait for it */
	struct ilv_stall worst;
};

/* For how long a task kept its loop in one stay, and how long the kernel kept its thread ready for
 * a CPU besides. */
struct ilv_hold {
	const struct ilv_entity *task; /* NULL: there was none */
	int64_t kept_ns, ready_ns;
};

/* How long a thread was off its CPU so far; of a task, how long its thread had been when it was
 * resumed. */
struct ilv_absence {
	int64_t ready_ns, waiting_ns;
};

/* The limit in ns. */
int64_t ilv_stall_limit_ns(enum ilv_stall_limit limit);

#endif /* ILV_ANALYSIS_METRICS_STALLS_H */
