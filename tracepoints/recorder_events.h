/* SPDX-License-Identifier: MIT */
/*
 * Description: emits the events that a switch recorder alone sends (families recorder and switches
 * of docs/events.md). Not installed: other programs have no business with them, but the symbols are
 * exported, for the recorder has two hosts.
 */
#ifndef ILV_TRACEPOINTS_RECORDER_EVENTS_H
#define ILV_TRACEPOINTS_RECORDER_EVENTS_H

#include <interleave/trace.h>

/*
 * Has `hook` called when the process ends, and while it still may emit: first thing in the
 * library's destructor, or in `ilv_trace_process_exit()`, whichever comes first. After the hooks,
 * the last registered first, no event of this process passes any more but `process_exit`, with the
 * count of them all. A recorder stops itself in its hook. Hooks are not inherited by a forked
 * child. Called last in a constructor, after its own events: the exit status is caught from the
 * main thread's next event on. False when there is no room (4 hooks).
 */
typedef void (*ilv_trace_exit_hook)(void);
ILV_API bool ilv_trace_at_exit(ilv_trace_exit_hook hook);

/* True while some session takes `thread_switch_out`: then a recorder is worth starting. */
ILV_API bool ilv_trace_switches_enabled(void);

/*
 * `recorder_id` is unique in a trace: pid << 32 | counter. `covered_pid` is the process whose
 * threads, with those that they will create, are covered; `covers` says it in words.
 */
ILV_API void ilv_trace_recorder_begin(uint64_t recorder_id, enum ilv_switch_source source,
				      pid_t covered_pid, const char *covers);
ILV_API void ilv_trace_recorder_end(uint64_t recorder_id, uint64_t switch_count,
				    uint64_t lost_count, int64_t cpu_ns);
/* "Every switch of mine up to `time_ns` is out, `switch_count` (ins and outs and wake-ups) so far."
 */
ILV_API void ilv_trace_switch_watermark(uint64_t recorder_id, int64_t time_ns,
					uint64_t switch_count, int64_t cpu_ns);
/* `lost_count` records were lost on `cpu` between the times, as far as they are known. */
ILV_API void ilv_trace_switch_lost(uint64_t recorder_id, int32_t cpu, int64_t begin_ns,
				   int64_t end_ns, uint64_t lost_count);

/* Unknown other threads are -1. */
ILV_API void ilv_trace_thread_switch_in(uint64_t recorder_id, pid_t subject_pid, pid_t subject_tid,
					int32_t cpu, int64_t time_ns, pid_t previous_tid);
ILV_API void ilv_trace_thread_switch_out(uint64_t recorder_id, pid_t subject_pid, pid_t subject_tid,
					 int32_t cpu, int64_t time_ns, bool is_involuntary,
					 pid_t next_tid);
ILV_API void ilv_trace_thread_wakeup(uint64_t recorder_id, pid_t subject_pid, pid_t subject_tid,
				     int32_t cpu, int64_t time_ns, pid_t waker_tid);
/* A thread of `parent_pid` made the process `subject_pid`. */
ILV_API void ilv_trace_process_fork(uint64_t recorder_id, pid_t subject_pid, pid_t parent_pid,
				    int64_t time_ns);

#endif /* ILV_TRACEPOINTS_RECORDER_EVENTS_H */
