/* SPDX-License-Identifier: MIT */
/*
 * Description: the numbers that interleave's events carry. They are part of the event catalogue
 * (docs/events.md): a number keeps its meaning for ever, new meanings take new numbers. Nothing
 * here needs LTTng.
 */
#ifndef ILV_EVENTS_H
#define ILV_EVENTS_H

#ifdef __cplusplus
extern "C" {
#endif

/* What a thread or process is there for. Comparisons count units of role job. */
enum ilv_role {
	ILV_ROLE_OTHER = 0,
	ILV_ROLE_JOB = 1,
	ILV_ROLE_POOL = 2,
	ILV_ROLE_LOOP = 3,
	ILV_ROLE_MAIN = 4,
	ILV_ROLE_SERVER = 5,
	ILV_ROLE_RECORDER = 6,
	ILV_ROLE_TRACER = 7,
};

/* What a run counts: the entities whose measures a comparison sets side by side. */
enum ilv_unit {
	ILV_UNIT_THREAD = 0,
	ILV_UNIT_TASK = 1,
	ILV_UNIT_PROCESS = 2,
	ILV_UNIT_POOL_JOB = 3,
};

/* What the swept quantity of a `phase_point`, or what a `phase_price` is counted in, is: of what
 * kind its number, and so how it is best drawn. */
enum ilv_quantity {
	ILV_QUANTITY_NUMBER = 0,
	ILV_QUANTITY_SHARERS = 1, /* how many threads, processes or tasks share the work */
	ILV_QUANTITY_NS = 2,
	ILV_QUANTITY_BYTES = 3,
	ILV_QUANTITY_PERCENT = 4,
};

enum ilv_lock_kind {
	ILV_LOCK_KIND_MUTEX = 0,
	ILV_LOCK_KIND_RWLOCK = 1,
	ILV_LOCK_KIND_SPIN = 2,
	ILV_LOCK_KIND_SEM = 3,
	ILV_LOCK_KIND_GIL = 4,
};

enum ilv_lock_mode {
	ILV_LOCK_MODE_EXCLUSIVE = 0,
	ILV_LOCK_MODE_SHARED = 1,
	ILV_LOCK_MODE_TRIED = 2, /* exclusive, got by a try that would not have waited */
};

/* Why the holder of a GIL gave it up (`lock_release`, kind gil; none for every other kind). */
enum ilv_release_cause {
	ILV_RELEASE_CAUSE_NONE = 0,
	ILV_RELEASE_CAUSE_BLOCKING = 1,
	ILV_RELEASE_CAUSE_REQUEST = 2,
	ILV_RELEASE_CAUSE_DONE = 3,
	ILV_RELEASE_CAUSE_YIELD = 4,
};

/* What somebody waits for: threads in `wait_begin`, tasks in `task_yield`. */
enum ilv_wait_reason {
	ILV_WAIT_REASON_NONE = 0,
	ILV_WAIT_REASON_YIELD = 1, /* gave way explicitly and is ready at once */
	ILV_WAIT_REASON_SLEEP = 2,
	ILV_WAIT_REASON_READ = 3,
	ILV_WAIT_REASON_WRITE = 4,
	ILV_WAIT_REASON_POLL = 5,
	ILV_WAIT_REASON_COND = 6,
	ILV_WAIT_REASON_BARRIER = 7,
	ILV_WAIT_REASON_LOCK = 8,
	ILV_WAIT_REASON_GIL = 9,
	ILV_WAIT_REASON_JOIN = 10,
	ILV_WAIT_REASON_CHILD = 11,
	ILV_WAIT_REASON_TASK = 12,
	ILV_WAIT_REASON_POOL_JOB = 13,
	ILV_WAIT_REASON_QUEUE = 14,
	ILV_WAIT_REASON_LOOP = 15, /* a loop's thread, while it polls for events */
};

enum ilv_spawn_method {
	ILV_SPAWN_METHOD_FORK = 0,
	ILV_SPAWN_METHOD_VFORK = 1,
	ILV_SPAWN_METHOD_SPAWN = 2, /* posix_spawn */
	ILV_SPAWN_METHOD_CLONE = 3,
};

enum ilv_outcome {
	ILV_OUTCOME_RETURNED = 0,
	ILV_OUTCOME_FAILED = 1,
	ILV_OUTCOME_CANCELLED = 2,
};

/* Where the record of thread switches comes from, best first. */
enum ilv_switch_source {
	ILV_SWITCH_SOURCE_NONE = 0,
	ILV_SWITCH_SOURCE_KERNEL = 1,
	ILV_SWITCH_SOURCE_PERF_WAKEUPS = 2,
	ILV_SWITCH_SOURCE_PERF = 3,
	ILV_SWITCH_SOURCE_RUSAGE = 4,
};

#ifdef __cplusplus
}
#endif

#endif /* ILV_EVENTS_H */
