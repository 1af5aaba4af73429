/* SPDX-License-Identifier: MIT */
/*
 * Description: what programs beside a run had of the CPUs, told by the run's own threads alone, in
 * two ways.
 *
 * At the least: a thread that stands ready stands in line for CPUs which others have, or it would
 * run. So, over all CPUs c and all stretches of time of at least ILV_CROWD_STRETCH_NS during which
 *
 *	- a thread of the run stood ready that may run on c,
 *	- none of the run's threads ran on c, and
 *	- c had not been left idle by the last of them that did,
 *
 * what others had is no less than
 *
 *	kept = the sum of the lengths of these stretches
 *
 * It is less than the truth wherever nobody stood ready, or where readiness is not known: without
 * wake-ups it is so after a cut only. It could be more only where the kernel leaves a CPU idle
 * beside who may use it, which it does not for long: for less than such a stretch a thread is on
 * its way, or waits for the kernel to see it.
 *
 * Where a thread may run, nobody says. It is taken to be where it ran in its last
 * ILV_CROWD_TURN_COUNT turns, or up to as many before them; and a new one, which may what its
 * creator may, wherever threads of the run ran, if the records say whether they left a CPU idle. So
 * who binds itself to fewer CPUs is misjudged for a while, and no longer.
 *
 * As seen: the records of switches say, if the source sees the whole machine, who had a CPU before
 * and after one of the run's threads. Where another program followed upon one of them, and another
 * program went before the next, it or its like had the CPU in between:
 *
 *	seen = the sum of these times
 *
 * which is nearer to the truth, but no bound: the CPU may have been idle in the midst of it.
 *
 * The run's threads are here all of its processes, whomever they serve.
 */
#ifndef ILV_ANALYSIS_METRICS_CROWD_H
#define ILV_ANALYSIS_METRICS_CROWD_H

#include "analysis/model/model.h"

#define ILV_CROWD_STRETCH_NS INT64_C(1000000)
#define ILV_CROWD_TURN_COUNT 64

/* Of CPUs beyond that nothing is said, which makes both sums less. */
#define ILV_CROWD_CPU_COUNT 64

struct ilv_crowd_cpu {
	bool has_own;             /* a thread of the run runs there */
	bool was_left;            /* one of them did, and left it at `left_ns` */
	bool is_kept;             /* since `kept_ns`, from one that stands ready */
	enum ilv_neighbour after; /* who followed upon the last of them */
	uint32_t ready_count;     /* of the run's threads, those that may run there */
	int64_t left_ns, kept_ns;
};

/* Of one run; zeroed, nothing is known. */
struct ilv_crowd {
	struct ilv_crowd_cpu cpus[ILV_CROWD_CPU_COUNT];
	uint64_t known_cpus;      /* that any of its threads has had */
	int64_t kept_ns, seen_ns; /* CPU time, as above */
	bool has_neighbours;      /* records say who went before and came after */
};

/* Beside each thread; zeroed, it was never seen. */
struct ilv_crowd_thread {
	struct ilv_crowd *in; /* where it runs or stands ready; NULL: it does not */
	int32_t cpu;          /* where it runs; -1: it stands ready */
	uint64_t ready_cpus;  /* where it may run, while it stands ready */
	/* CPUs that it had in its last turns, and in as many before them. */
	uint64_t recent_cpus, former_cpus;
	uint32_t turn_count;
};

/* `thread` runs on `cpu` from now on, `before` having had it, or stands ready. It must have left
 * where it was. */
void ilv_crowd_run(struct ilv_crowd *crowd, struct ilv_crowd_thread *thread, int32_t cpu,
		   enum ilv_neighbour before, int64_t time_ns);
void ilv_crowd_stand_ready(struct ilv_crowd *crowd, struct ilv_crowd_thread *thread,
			   int64_t time_ns);

/* `thread` does neither any more; `after` follows upon it if it ran. */
void ilv_crowd_leave(struct ilv_crowd_thread *thread, enum ilv_neighbour after, int64_t time_ns);

#endif /* ILV_ANALYSIS_METRICS_CROWD_H */
