/* SPDX-License-Identifier: MIT */
/*
 * Description: what a runtime provides: one file in this folder, one table of functions, and one
 * line of CMake. The calls of workloads/runtime.h do what all runtimes share and end in this table.
 */
#ifndef ILV_WORKLOADS_RUNTIMES_RUNTIME_H
#define ILV_WORKLOADS_RUNTIMES_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#include "workloads/runtime.h"

#define ILV_NAME_SIZE 32 /* bytes of a job's or a thread's name, with the NUL */

/*
 * What every runtime keeps of a job. A runtime's own handle has it as first member. `status`,
 * `result` and `cause` belong to whoever runs the job until the runtime's join returns, and to the
 * joiner from then on.
 */
struct ilv_handle {
	ilv_job_function function;
	void *argument;
	size_t argument_size; /* of an argument without pointers; 0: only its address is known */
	char name[ILV_NAME_SIZE];
	enum ilv_status status;
	struct ilv_result result;
	char *cause; /* why it failed, as text, for it may have failed in another thread; NULL: it
			did not */
};

#define ILV_OPTION_MAX 12

enum ilv_option_kind {
	ILV_OPTION_KIND_NUMBER,
	ILV_OPTION_KIND_CHOICE, /* one of `choices`; the value is its index */
	ILV_OPTION_KIND_TEXT,
	ILV_OPTION_KIND_FLAG, /* 1 when given, else 0 */
};

/* An option of a workload or a runtime. Numbers are whole. */
struct ilv_option {
	const char *name; /* without the dashes */
	const char *help;
	int64_t default_value;
	int64_t min;
	int64_t max;
	enum ilv_option_kind kind;
	const char *const *choices; /* NULL-terminated */
	const char *value_name;     /* texts: what stands in the help, "FILE" */
	bool is_secret;             /* texts: may hold a password, and is never spelled out */
	const char *decided_by;     /* an option of the same list that, where it is said, leaves
				       nothing to say here; NULL: none */
};

struct ilv_runtime_options {
	uint32_t worker_count;          /* of runtimes that have workers; 0: their default */
	int64_t values[ILV_OPTION_MAX]; /* of the runtime's own options, in its order */
};

/* Locks between jobs, as workloads/runtime.h describes them. */
struct ilv_runtime_locks {
	enum ilv_status (*init)(struct ilv_lock *lock, const char *name);
	enum ilv_status (*acquire)(struct ilv_lock *lock);
	void (*release)(struct ilv_lock *lock);
	void (*fini)(struct ilv_lock *lock);
};

struct ilv_runtime {
	const char *name;
	const char *description;
	const char *shows;                /* as a workload's */
	enum ilv_unit unit;               /* what a run under it counts */
	enum ilv_role main_role;          /* what the main thread is there for */
	bool has_workers;                 /* --workers means something */
	const struct ilv_option *options; /* ends with a NULL name; NULL: none */
	size_t handle_size; /* of its own struct, which begins with a struct ilv_handle */
	enum ilv_status (*start)(
		const struct ilv_runtime_options *options); /* NULL: nothing to do */
	void (*stop)(void);                                 /* NULL: nothing to do */

	/* The handle comes zeroed with function, argument and name set. */
	enum ilv_status (*spawn)(struct ilv_handle *handle);
	/* Returns when the job is done. The caller frees the handle after it. */
	void (*join)(struct ilv_handle *handle);
	/* As ilv_cancel(). NULL: no job is taken back. */
	bool (*cancel)(struct ilv_handle *handle);

	enum ilv_status (*await_fd)(int fd, enum ilv_wait_reason reason, int64_t timeout_ns);
	enum ilv_status (*await_sleep)(int64_t duration_ns);
	/* NULL: ilv_blocking_await_call(). */
	enum ilv_status (*await_call)(ilv_blocking_call call, void *argument,
				      enum ilv_wait_reason reason, uint64_t object);
	const struct ilv_runtime_locks *locks;
	/* `argument_size` as in a handle. NULL: on the spot. */
	enum ilv_status (*run_in_pool)(ilv_job_function function, void *argument,
				       size_t argument_size, struct ilv_result *result);
	void (*tick)(void); /* NULL: nothing is taken by force here */
	enum ilv_status (*yield)(void);
};

/* Makes `runtime` the one that workloads/runtime.h speaks to, and starts it. One at a time. */
enum ilv_status ilv_runtime_start(const struct ilv_runtime *runtime,
				  const struct ilv_runtime_options *options) ILV_NODISCARD;

/* Ends it; every handle must have been joined. */
void ilv_runtime_stop(void);

/* For runtimes: does the job of `handle` in the calling context, and keeps status, result and cause
 * in it. */
void ilv_handle_execute(struct ilv_handle *handle);

/* What the trace calls the end of a job with `status`. */
enum ilv_outcome ilv_outcome_of(enum ilv_status status);

/* How many threads a pool has where nobody says: as many as CPUs, and some more for those that
 * wait, as Python's executor. */
uint32_t ilv_default_worker_count(void);

#endif /* ILV_WORKLOADS_RUNTIMES_RUNTIME_H */
