/* SPDX-License-Identifier: MIT */
/* Description: the ways in which a recording is held against the truth; each fails by check_fail().
 */
#ifndef ILV_TESTS_TRUTH_CHECKS_H
#define ILV_TESTS_TRUTH_CHECKS_H

#include "tests/truth/truth.h"

/* What is known of the recording from its events alone, without the model. */
struct event_facts {
	uint64_t event_count;
	uint64_t switch_count;
	uint64_t lock_acquire_count;
};

/*
 * Walks the events in their order, and counts tasks' resumes and yields into `truth`. Two threads
 * on one CPU, one thread on two, two running tasks of a loop, and two holders of a mutex fail.
 */
enum ilv_status check_events(const char *path, struct truth *truth,
			     struct event_facts *facts) ILV_NODISCARD;

/*
 * Analyses the recording, and counts switches into `truth`. Fails where the model had to mend the
 * record of switches, or its stays do not join end to end.
 */
enum ilv_status check_model(const char *path, struct truth *truth) ILV_NODISCARD;

/* Compares what was counted, thread by thread. The truth must hold at least so much to mean
 * something. */
void check_threads(const struct truth *truth, int64_t least_thread_count,
		   int64_t least_switch_count);
/*
 * Compares when each thread ran, between its switches to the nanosecond, and its own clock at
 * each of them. For truths that have bursts.
 */
enum ilv_status check_times(const char *path, const struct truth *truth) ILV_NODISCARD;
void check_tasks(const struct truth *truth);

/* Holds a report as JSON against `truth`, the events, and itself. */
enum ilv_status check_report(const char *path, const char *source, const struct truth *truth,
			     const struct event_facts *facts) ILV_NODISCARD;

#endif /* ILV_TESTS_TRUTH_CHECKS_H */
