/* SPDX-License-Identifier: MIT */
/*
 * Description: the ground truth of a run: what the program itself, and the kernel, counted while it
 * ran, so that any analysis of its trace can be held against it. docs/truth.schema.json describes
 * the file.
 */
#ifndef ILV_WORKLOADS_TRUTH_H
#define ILV_WORKLOADS_TRUTH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <interleave/events.h>

#include "base/status.h"
#include "workloads/runtimes/runtime.h"

struct ilv_run;

/* The kernel's counts of the calling thread since the thread began. */
struct ilv_thread_counts {
	int64_t read_at_ns; /* when they were exactly these */
	int64_t cpu_ns;
	uint64_t voluntary_count;
	uint64_t involuntary_count;
};

/* One thread: its counts where its part in the run began, and where it ended. */
struct ilv_truth_thread {
	pid_t pid;
	pid_t tid;
	enum ilv_role role;
	char name[ILV_NAME_SIZE];
	struct ilv_thread_counts begin;
	struct ilv_thread_counts end;
};

/* One task of a loop, by its own counters. */
struct ilv_truth_task {
	uint64_t loop; /* as the trace names it */
	uint64_t number;
	char name[ILV_NAME_SIZE];
	uint64_t resume_count;
	uint64_t yield_count;
	enum ilv_outcome outcome;
};

/* Starts the record of the calling thread: to be called first thing in it. */
void ilv_truth_thread_begin(struct ilv_truth_thread *thread, enum ilv_role role, const char *name);

/* Reads the counts of the calling thread once more, and keeps a copy of the record for the truth.
 */
void ilv_truth_thread_end(struct ilv_truth_thread *thread);

/* Keeps a copy of the record of a thread of another process. */
void ilv_truth_add_thread(const struct ilv_truth_thread *thread);

/* Returns the `*count` records of threads that were kept. Borrowed until the next is. */
const struct ilv_truth_thread *ilv_truth_threads(size_t *count);

/* Keeps a copy. Without memory left the truth says that it has holes. */
void ilv_truth_add_task(const struct ilv_truth_task *task);

/*
 * Writes what was kept, and what `run` says of itself, to `path`. No job may run any more. A file
 * is replaced as a whole, or stays as it was; what is none (a pipe, a device) is written to.
 */
enum ilv_status ilv_truth_write(const struct ilv_run *run, const char *path) ILV_NODISCARD;

/* Forgets what was kept: what a forked child does with its parent's. */
void ilv_truth_clear(void);

#endif /* ILV_WORKLOADS_TRUTH_H */
