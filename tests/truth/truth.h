/* SPDX-License-Identifier: MIT */
/*
 * Description: what the programs themselves, and the kernel, counted (docs/truth.schema.json), and
 * beside each count what the analysis told of the same thing.
 */
#ifndef ILV_TESTS_TRUTH_TRUTH_H
#define ILV_TESTS_TRUTH_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <uthash.h>

#include "base/status.h"

/* What happened to a thread between two moments, or before the first of them. */
struct switch_counts {
	int64_t voluntary, involuntary;
};

struct thread_truth {
	struct {
		int32_t pid, tid;
	} key;
	char *name;
	int64_t started_ns, read_at_ns;
	/* By the kernel: */
	struct switch_counts before, between;
	/* By the analysis: */
	struct switch_counts told_before, told_between;
	UT_hash_handle hh;
};

struct task_truth {
	struct {
		uint64_t loop, number;
		int32_t pid, padding;
	} key;
	int64_t resume_count, yield_count;
	int64_t told_resume_count, told_yield_count; /* as events, one by one */
	UT_hash_handle hh;
};

/* One file: a run, or one process of a program that is no workload (then `begin_ns` is -1). */
struct run_truth {
	char *path;
	json_t *json;
	int32_t pid;
	int64_t begin_ns, end_ns;
	const char *workload, *runtime, *variant;
	int64_t increment_count, lost_count; /* -1: not counted */
};

struct truth {
	struct thread_truth *threads; /* by `key` */
	struct task_truth *tasks;
	struct run_truth *runs;
	size_t run_count;
};

/* Reads the files `paths`. */
enum ilv_status truth_load(struct truth *truth, char *const *paths, size_t count) ILV_NODISCARD;
void truth_fini(struct truth *truth);

/* NULL: the truth says nothing of it. */
struct thread_truth *truth_find_thread(const struct truth *truth, int32_t pid, int32_t tid);
/* Any of its threads that lived between the two: the kernel gives numbers anew. */
struct thread_truth *truth_find_process(const struct truth *truth, int32_t pid, int64_t begin_ns,
					int64_t end_ns);
struct task_truth *truth_find_task(const struct truth *truth, int32_t pid, uint64_t loop,
				   uint64_t number);

/* An integer member of `object`; fails the check when there is none. */
int64_t truth_integer(const json_t *object, const char *name);

/* Says what does not hold; the first thirty are printed. */
void check_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Fails unless both are equal, with both values. */
void check_equal(int64_t told, int64_t truth, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* How often something failed. */
size_t check_failure_count(void);

#endif /* ILV_TESTS_TRUTH_TRUTH_H */
