/* SPDX-License-Identifier: MIT */
/*
 * Description: one event, as every stage after decoding sees it: neutral of tracer and format. The
 * types are interleave's own catalogue (docs/events.md) and, in time, what other tracers say of the
 * same things.
 */
#ifndef ILV_ANALYSIS_EVENT_H
#define ILV_ANALYSIS_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include <interleave/events.h>

/* X(NAME, "name in the trace"); the order has no meaning. */
#define ILV_EVENT_LIST(X)                                                                          \
	X(RUN_BEGIN, "interleave:run_begin")                                                       \
	X(RUN_END, "interleave:run_end")                                                           \
	X(RUN_NOTE, "interleave:run_note")                                                         \
	X(PHASE_BEGIN, "interleave:phase_begin")                                                   \
	X(PHASE_END, "interleave:phase_end")                                                       \
	X(PHASE_POINT, "interleave:phase_point")                                                   \
	X(PHASE_COUNT, "interleave:phase_count")                                                   \
	X(PHASE_PRICE, "interleave:phase_price")                                                   \
	X(RECORDER_BEGIN, "interleave:recorder_begin")                                             \
	X(RECORDER_END, "interleave:recorder_end")                                                 \
	X(SWITCH_WATERMARK, "interleave:switch_watermark")                                         \
	X(SWITCH_LOST, "interleave:switch_lost")                                                   \
	X(THREAD_SWITCH_IN, "interleave:thread_switch_in")                                         \
	X(THREAD_SWITCH_OUT, "interleave:thread_switch_out")                                       \
	X(THREAD_WAKEUP, "interleave:thread_wakeup")                                               \
	X(PROCESS_FORK, "interleave:process_fork")                                                 \
	X(THREAD_YIELD_BEGIN, "interleave:thread_yield_begin")                                     \
	X(THREAD_YIELD_END, "interleave:thread_yield_end")                                         \
	X(THREAD_CREATE, "interleave:thread_create")                                               \
	X(THREAD_START, "interleave:thread_start")                                                 \
	X(THREAD_ANNOUNCE, "interleave:thread_announce")                                           \
	X(THREAD_EXIT, "interleave:thread_exit")                                                   \
	X(THREAD_JOIN_BEGIN, "interleave:thread_join_begin")                                       \
	X(THREAD_JOIN_END, "interleave:thread_join_end")                                           \
	X(LOCK_NAME, "interleave:lock_name")                                                       \
	X(LOCK_SHARE, "interleave:lock_share")                                                     \
	X(LOCK_WAIT_BEGIN, "interleave:lock_wait_begin")                                           \
	X(LOCK_WAIT_ABANDON, "interleave:lock_wait_abandon")                                       \
	X(LOCK_ACQUIRE, "interleave:lock_acquire")                                                 \
	X(LOCK_RELEASE, "interleave:lock_release")                                                 \
	X(LOCK_DESTROY, "interleave:lock_destroy")                                                 \
	X(WAIT_BEGIN, "interleave:wait_begin")                                                     \
	X(WAIT_END, "interleave:wait_end")                                                         \
	X(PROCESS_SPAWN, "interleave:process_spawn")                                               \
	X(PROCESS_START, "interleave:process_start")                                               \
	X(PROCESS_EXIT, "interleave:process_exit")                                                 \
	X(PROCESS_MEMORY, "interleave:process_memory")                                             \
	X(PROCESS_WAIT_BEGIN, "interleave:process_wait_begin")                                     \
	X(PROCESS_WAIT_END, "interleave:process_wait_end")                                         \
	X(LOOP_CREATE, "interleave:loop_create")                                                   \
	X(LOOP_POLL_BEGIN, "interleave:loop_poll_begin")                                           \
	X(LOOP_POLL_END, "interleave:loop_poll_end")                                               \
	X(TASK_CREATE, "interleave:task_create")                                                   \
	X(TASK_READY, "interleave:task_ready")                                                     \
	X(TASK_RESUME, "interleave:task_resume")                                                   \
	X(TASK_YIELD, "interleave:task_yield")                                                     \
	X(TASK_DONE, "interleave:task_done")                                                       \
	X(POOL_CREATE, "interleave:pool_create")                                                   \
	X(JOB_SUBMIT, "interleave:job_submit")                                                     \
	X(JOB_BEGIN, "interleave:job_begin")                                                       \
	X(JOB_END, "interleave:job_end")                                                           \
	X(SHARED_READ, "interleave:shared_read")                                                   \
	X(SHARED_WRITE, "interleave:shared_write")                                                 \
	X(SHARED_UPDATE, "interleave:shared_update")

enum ilv_event_type {
	ILV_EVENT_OTHER = 0, /* decoded for its time only: counted, and otherwise passed over */
#define X(name, text) ILV_EVENT_##name,
	ILV_EVENT_LIST(X)
#undef X
	/* Made by the order stage, not found in a trace: */
	ILV_EVENT_RECORDER_CLOSED, /* nothing is known of switches after `time_ns` */
	ILV_EVENT_COUNT
};

/*
 * Strings are interned: they are valid as long as the analysis, equal texts have equal addresses,
 * and they are as the trace has them, hostile bytes included: whoever prints them escapes them.
 */
struct ilv_event {
	int64_t time_ns;     /* when it happened (CLOCK_MONOTONIC) */
	int64_t recorded_ns; /* the trace's own timestamp; later than `time_ns` for switches */
	enum ilv_event_type type;
	int32_t pid; /* the emitter; -1 when the trace does not say */
	int32_t tid;
	int32_t cpu;           /* where it was emitted; -1 when the trace does not say */
	bool is_late;          /* it came after its turn: `time_ns` is not quite when it happened */
	uint32_t stream_index; /* which stream of the trace it is of */
	union {
		struct {
			const char *workload, *runtime, *variant, *parameters;
			int32_t unit;
			int32_t cpu_count; /* CPUs that the process may use; 0: not said */
		} run_begin;
		struct {
			int32_t status;
		} run_end;
		struct {
			const char *text;
		} run_note;
		struct { /* the whole family phases */
			const char *name;
			const char *series, *what; /* what is swept, was counted, or costs */
			int64_t value;
			int32_t unit, is_reference, is_work, is_untraced;
		} phase;
		struct {
			uint64_t recorder_id;
			int32_t source, covered_pid;
			const char *covers;
		} recorder_begin;
		struct {
			uint64_t recorder_id, switch_count, lost_count;
			int64_t cpu_ns;
		} recorder_end;
		struct {
			uint64_t recorder_id, switch_count;
			int64_t up_to_ns, cpu_ns;
		} watermark;
		struct {
			uint64_t recorder_id, lost_count;
			int64_t begin_ns, end_ns;
			int32_t cpu;
		} switch_lost;
		struct { /* thread_switch_in, thread_switch_out, thread_wakeup */
			uint64_t recorder_id;
			int32_t pid, tid, cpu;
			int32_t other_tid; /* previous, next, waker; -1: not known */
			int32_t is_involuntary;
		} thread_switch;
		struct { /* process_fork */
			uint64_t recorder_id;
			int32_t pid, parent_pid;
		} fork;
		struct { /* thread_create, thread_start, thread_announce */
			uint64_t key;
			const char *name;
			int32_t tid; /* the announced one */
			int32_t parent_tid, role, is_daemon;
			int64_t cpu_ns; /* thread_exit: by its own clock; -1: not said */
		} thread;
		struct {
			int32_t joined_tid;
		} join;
		struct { /* the whole family locks */
			uint64_t lock;
			const char *name;
			int32_t kind, mode, is_contended, cause;
			uint32_t capacity;
		} lock;
		struct {
			uint64_t object;
			int32_t reason;
		} wait;
		struct { /* the whole family processes */
			const char *name;
			int64_t started_ns;
			uint64_t event_count;
			int64_t anonymous_bytes;
			int32_t child_pid, parent_pid, role, method, status;
		} process;
		struct { /* the whole family loops */
			uint64_t loop, task, other_task /* parent or waker; 0: none */, object;
			const char *name;
			int32_t reason, outcome;
		} task;
		struct { /* the whole family pools */
			uint64_t pool, job;
			const char *name;
			uint32_t worker_count, queue_length;
			int32_t has_processes, outcome;
		} job;
		struct {
			uint64_t address;
			int64_t value_before; /* the value read */
			int64_t value_after;
		} shared;
		struct {
			uint64_t recorder_id;
			int32_t covered_pid;  /* 0: every process */
			int32_t is_premature; /* it did not end of its own will: killed or silent */
		} closed;
	} u;
};

/* Returns the name of `type` in a trace, a static string; "other" for what has none. */
const char *ilv_event_type_name(enum ilv_event_type type);

#endif /* ILV_ANALYSIS_EVENT_H */
