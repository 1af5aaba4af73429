/* SPDX-License-Identifier: MIT */
/*
 * Description: what a workload is: a job, which every runtime can do, or a lesson, which has
 * variants. Each is one file that ends in a `const struct ilv_workload ilv_workload_NAME`, and one
 * line of CMake.
 */
#ifndef ILV_WORKLOADS_WORKLOAD_H
#define ILV_WORKLOADS_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "workloads/runtimes/runtime.h"

#define ILV_COUNTED_MAX        64
#define ILV_VARIANT_OPTION_MAX 4

/* What a variant sets of its runtime's options, by name. */
struct ilv_option_value {
	const char *name;
	int64_t value; /* of a choice: its index */
};

struct ilv_variant {
	const char *name;
	const char *runtime;
	const char *description;
	/* Ends with a NULL name, or is full. A number is the default in place of the runtime's; a
	 * choice is a part of what the variant is, and nobody can make another. */
	struct ilv_option_value options[ILV_VARIANT_OPTION_MAX];
	uint32_t worker_count; /* the default in place of the runtime's; 0: that */
};

/* What a lesson counted of itself: for the truth and for the reader. */
struct ilv_counted {
	const char *name; /* a static string, as the truth names it */
	int64_t value;
};

/* One execution: what was asked for, and what came of it. */
struct ilv_run {
	const struct ilv_workload *workload;
	const struct ilv_runtime *runtime;
	const struct ilv_variant *variant; /* NULL for jobs */
	int64_t job_count;
	int64_t seed;
	int64_t cpu_count; /* 0: all that are allowed */
	/* Of the workload's own options, in its order: numbers, choices, flags; and texts. */
	int64_t values[ILV_OPTION_MAX];
	const char *texts[ILV_OPTION_MAX]; /* borrowed from the command line; NULL: not said */
	/* Of the runtime's own options, in its order. */
	int64_t runtime_values[ILV_OPTION_MAX];
	char parameters[256];
	/* What `measure_untraced` counted, in its order. */
	int64_t untraced[ILV_COUNTED_MAX];
	size_t untraced_count;

	/* Set by the workload's functions. */
	void *state;
	bool has_checksum;
	uint64_t checksum;
	struct ilv_counted counted[ILV_COUNTED_MAX];
	size_t counted_count;
	/* What it has to say for itself, in some 140 characters: reports and pictures quote it.
	 * Empty: nothing. */
	char sentence[256];

	/* Set by whoever runs it. */
	enum ilv_status status;
	int signal;
	int64_t begin_ns;
	int64_t end_ns;
};

struct ilv_workload {
	const char *name;
	const char *description;
	const char *shows;    /* what to see in a picture of it, and why: whole sentences */
	const char *job_noun; /* what --jobs counts */
	int64_t default_job_count;
	int64_t max_job_count;
	const struct ilv_option *options; /* ends with a NULL name; NULL: none */
	const struct ilv_variant
		*variants; /* ends with a NULL name; the first is the default; NULL: a job */

	/* A job: what each of the run's jobs does, the size of its argument, and who fills that of
	 * job `index`, which comes zeroed. NULL: a lesson, or a job whose `run` does without. */
	ilv_job_function job;
	size_t argument_size;
	void (*plan)(const struct ilv_run *run, int64_t index, void *argument);
	/* The arguments of its jobs hold no pointers: they can be copied to another program. */
	bool has_flat_arguments;
	/* Bytes of `state`, which is there, zeroed, from `prepare` to `cleanup`; 0: the workload's
	 * own affair. */
	size_t state_size;
	/* Why `runtime` cannot do this job, in a sentence's end ("it has no ..."); NULL: it can. A
	 * NULL function: every runtime can. */
	const char *(*refuses)(const struct ilv_runtime *runtime);
	/* Before the run is measured: servers, data; what these decide of `values` it sets. NULL:
	 * nothing. What it made, `cleanup` ends in any case. */
	enum ilv_status (*prepare)(struct ilv_run *run);
	/*
	 * What is to be known without tracing, and counted with ilv_run_count(): asked in a process
	 * of its own that is in no trace, after `prepare` and with the runtime started, before the
	 * run. NULL: nothing.
	 */
	enum ilv_status (*measure_untraced)(struct ilv_run *run);
	/* What is measured: spawns and joins, and sets checksum or counts. NULL: ilv_run_planned().
	 */
	enum ilv_status (*run)(struct ilv_run *run);
	void (*cleanup)(struct ilv_run *run);
};

/* The tables that CMake fills from its lines, in their order; each ends with NULL. */
extern const struct ilv_workload *const ilv_workloads[];
extern const struct ilv_runtime *const ilv_runtimes[];

const struct ilv_workload *ilv_workload_find(const char *name);
const struct ilv_runtime *ilv_runtime_find(const char *name);

/* Adds a number to what `run` counted. */
void ilv_run_count(struct ilv_run *run, const char *name, int64_t value);

/* The most memory that the process ever had, in bytes. */
int64_t ilv_run_peak_memory(void);

/*
 * Counts, and adds to the run's sentence, by how much the process grew for each of the run's tasks
 * since its peak was `before_bytes`: stacks, and all that tasks hold. Nothing where they are too
 * few to tell.
 */
void ilv_run_count_memory(struct ilv_run *run, int64_t before_bytes);

/* Finds the value of an option of the run's runtime. False: it has none of that name. */
bool ilv_run_find_option(const struct ilv_run *run, const char *name, int64_t *value);

/*
 * The common shape of a job's run: spawns `function` once for each of the run's jobs with
 * arguments[i], an array of elements of `argument_size` bytes (of 0: all have the same), joins all,
 * and folds their results into the run's checksum. When one cannot be spawned or fails, the others
 * are asked to stop, and the first failure is returned.
 */
enum ilv_status ilv_run_jobs(struct ilv_run *run, ilv_job_function function, void *arguments,
			     size_t argument_size) ILV_NODISCARD;

/* The same for what the workload's `job` and `plan` say. */
enum ilv_status ilv_run_planned(struct ilv_run *run) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_WORKLOAD_H */
