/* SPDX-License-Identifier: MIT */
/*
 * Description: emits the families recorder and switches.
 */
#include "tracepoints/recorder_events.h"

#include "tracepoints/src/emission.h"

bool ilv_trace_switches_enabled(void)
{
	return lttng_ust_tracepoint_enabled(interleave, thread_switch_out);
}

void ilv_trace_recorder_begin(uint64_t recorder_id, enum ilv_switch_source source,
			      pid_t covered_pid, const char *covers)
{
	char copy[ILV_TEXT_SIZE];

	ILV_EMIT(recorder_begin, recorder_id, (uint8_t)source, covered_pid,
		 ilv_bounded_text(covers, copy));
}

void ilv_trace_recorder_end(uint64_t recorder_id, uint64_t switch_count, uint64_t lost_count,
			    int64_t cpu_ns)
{
	ILV_EMIT(recorder_end, recorder_id, switch_count, lost_count, cpu_ns);
}

void ilv_trace_switch_watermark(uint64_t recorder_id, int64_t time_ns, uint64_t switch_count,
				int64_t cpu_ns)
{
	ILV_EMIT(switch_watermark, recorder_id, time_ns, switch_count, cpu_ns);
}

void ilv_trace_switch_lost(uint64_t recorder_id, int32_t cpu, int64_t begin_ns, int64_t end_ns,
			   uint64_t lost_count)
{
	ILV_EMIT(switch_lost, recorder_id, cpu, begin_ns, end_ns, lost_count);
}

void ilv_trace_thread_switch_in(uint64_t recorder_id, pid_t subject_pid, pid_t subject_tid,
				int32_t cpu, int64_t time_ns, pid_t previous_tid)
{
	ILV_EMIT(thread_switch_in, recorder_id, subject_pid, subject_tid, cpu, time_ns,
		 previous_tid);
}

void ilv_trace_thread_switch_out(uint64_t recorder_id, pid_t subject_pid, pid_t subject_tid,
				 int32_t cpu, int64_t time_ns, bool is_involuntary, pid_t next_tid)
{
	ILV_EMIT(thread_switch_out, recorder_id, subject_pid, subject_tid, cpu, time_ns,
		 is_involuntary, next_tid);
}

void ilv_trace_thread_wakeup(uint64_t recorder_id, pid_t subject_pid, pid_t subject_tid,
			     int32_t cpu, int64_t time_ns, pid_t waker_tid)
{
	ILV_EMIT(thread_wakeup, recorder_id, subject_pid, subject_tid, cpu, time_ns, waker_tid);
}

void ilv_trace_process_fork(uint64_t recorder_id, pid_t subject_pid, pid_t parent_pid,
			    int64_t time_ns)
{
	ILV_EMIT(process_fork, recorder_id, subject_pid, parent_pid, time_ns);
}
