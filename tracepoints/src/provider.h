/* SPDX-License-Identifier: MIT */
/*
 * Description: the tracepoint provider `interleave`: every event with the types of its fields, as
 * docs/events.md lists them. LTTng reads this file several times over, each time with other
 * meanings of its macros. A field keeps its name, type and unit for ever; what changes becomes a
 * new event.
 */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER interleave

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "tracepoints/src/provider.h"

#if !defined(ILV_TRACEPOINTS_SRC_PROVIDER_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define ILV_TRACEPOINTS_SRC_PROVIDER_H

#include <stdint.h>

#include <lttng/tracepoint.h>

/* clang-format off */

/* Who emits: the first two fields of every event, so that a trace without contexts is complete. */
#undef ILV_WHO_FIELDS
#define ILV_WHO_FIELDS                                                                             \
	lttng_ust_field_integer(int32_t, pid, pid)                                                 \
	lttng_ust_field_integer(int32_t, tid, tid)

/* The names of the numbers in <interleave/events.h>. */
LTTNG_UST_TRACEPOINT_ENUM(interleave, role, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("other", 0)
	lttng_ust_field_enum_value("job", 1)
	lttng_ust_field_enum_value("pool", 2)
	lttng_ust_field_enum_value("loop", 3)
	lttng_ust_field_enum_value("main", 4)
	lttng_ust_field_enum_value("server", 5)
	lttng_ust_field_enum_value("recorder", 6)
	lttng_ust_field_enum_value("tracer", 7)
))

LTTNG_UST_TRACEPOINT_ENUM(interleave, unit, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("thread", 0)
	lttng_ust_field_enum_value("task", 1)
	lttng_ust_field_enum_value("process", 2)
	lttng_ust_field_enum_value("pool_job", 3)
))

LTTNG_UST_TRACEPOINT_ENUM(interleave, quantity, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("number", 0)
	lttng_ust_field_enum_value("sharers", 1)
	lttng_ust_field_enum_value("ns", 2)
	lttng_ust_field_enum_value("bytes", 3)
	lttng_ust_field_enum_value("percent", 4)
))

LTTNG_UST_TRACEPOINT_ENUM(interleave, lock_kind, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("mutex", 0)
	lttng_ust_field_enum_value("rwlock", 1)
	lttng_ust_field_enum_value("spin", 2)
	lttng_ust_field_enum_value("sem", 3)
	lttng_ust_field_enum_value("gil", 4)
))

LTTNG_UST_TRACEPOINT_ENUM(interleave, lock_mode, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("exclusive", 0)
	lttng_ust_field_enum_value("shared", 1)
	lttng_ust_field_enum_value("tried", 2)
))

LTTNG_UST_TRACEPOINT_ENUM(interleave, release_cause, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("none", 0)
	lttng_ust_field_enum_value("blocking", 1)
	lttng_ust_field_enum_value("request", 2)
	lttng_ust_field_enum_value("done", 3)
	lttng_ust_field_enum_value("yield", 4)
))

LTTNG_UST_TRACEPOINT_ENUM(interleave, wait_reason, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("none", 0)
	lttng_ust_field_enum_value("yield", 1)
	lttng_ust_field_enum_value("sleep", 2)
	lttng_ust_field_enum_value("read", 3)
	lttng_ust_field_enum_value("write", 4)
	lttng_ust_field_enum_value("poll", 5)
	lttng_ust_field_enum_value("cond", 6)
	lttng_ust_field_enum_value("barrier", 7)
	lttng_ust_field_enum_value("lock", 8)
	lttng_ust_field_enum_value("gil", 9)
	lttng_ust_field_enum_value("join", 10)
	lttng_ust_field_enum_value("child", 11)
	lttng_ust_field_enum_value("task", 12)
	lttng_ust_field_enum_value("pool_job", 13)
	lttng_ust_field_enum_value("queue", 14)
	lttng_ust_field_enum_value("loop", 15)
))

LTTNG_UST_TRACEPOINT_ENUM(interleave, spawn_method, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("fork", 0)
	lttng_ust_field_enum_value("vfork", 1)
	lttng_ust_field_enum_value("spawn", 2)
	lttng_ust_field_enum_value("clone", 3)
))

LTTNG_UST_TRACEPOINT_ENUM(interleave, outcome, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("returned", 0)
	lttng_ust_field_enum_value("failed", 1)
	lttng_ust_field_enum_value("cancelled", 2)
))

LTTNG_UST_TRACEPOINT_ENUM(interleave, switch_source, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("none", 0)
	lttng_ust_field_enum_value("kernel", 1)
	lttng_ust_field_enum_value("perf_wakeups", 2)
	lttng_ust_field_enum_value("perf", 3)
	lttng_ust_field_enum_value("rusage", 4)
))

/* Runs. */
LTTNG_UST_TRACEPOINT_EVENT(interleave, run_begin,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, const char *, workload,
		const char *, runtime, const char *, variant, const char *, parameters,
		uint8_t, unit, uint32_t, cpu_count),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_string(workload, workload)
		lttng_ust_field_string(runtime, runtime)
		lttng_ust_field_string(variant, variant)
		lttng_ust_field_string(parameters, parameters)
		lttng_ust_field_enum(interleave, unit, uint8_t, unit, unit)
		lttng_ust_field_integer(uint32_t, cpu_count, cpu_count)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, run_end,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, int32_t, status),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer(int32_t, status, status)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, run_note,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, const char *, text),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_string(text, text)))

LTTNG_UST_TRACEPOINT_EVENT_CLASS(interleave, phase,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, const char *, name),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_string(name, name)))

LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(interleave, phase, interleave, phase_begin,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, const char *, name))

LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(interleave, phase, interleave, phase_end,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, const char *, name))

LTTNG_UST_TRACEPOINT_EVENT(interleave, phase_point,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, const char *, name, const char *, series,
		uint8_t, is_reference, const char *, quantity, int64_t, value, uint8_t, unit),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_string(name, name)
		lttng_ust_field_string(series, series)
		lttng_ust_field_integer(uint8_t, is_reference, is_reference)
		lttng_ust_field_string(quantity, quantity)
		lttng_ust_field_integer(int64_t, value, value)
		lttng_ust_field_enum(interleave, quantity, uint8_t, unit, unit)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, phase_count,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, const char *, name, const char *, what,
		int64_t, count, uint8_t, is_work),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_string(name, name)
		lttng_ust_field_string(what, what)
		lttng_ust_field_integer(int64_t, count, count)
		lttng_ust_field_integer(uint8_t, is_work, is_work)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, phase_price,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, const char *, name, const char *, what,
		int64_t, value, uint8_t, unit, uint8_t, is_untraced),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_string(name, name)
		lttng_ust_field_string(what, what)
		lttng_ust_field_integer(int64_t, value, value)
		lttng_ust_field_enum(interleave, quantity, uint8_t, unit, unit)
		lttng_ust_field_integer(uint8_t, is_untraced, is_untraced)))

/* The recorder of thread switches, and the switches. */
LTTNG_UST_TRACEPOINT_EVENT(interleave, recorder_begin,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, recorder_id, uint8_t, source,
		int32_t, covered_pid, const char *, covers),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, recorder_id, recorder_id)
		lttng_ust_field_enum(interleave, switch_source, uint8_t, source, source)
		lttng_ust_field_integer(int32_t, covered_pid, covered_pid)
		lttng_ust_field_string(covers, covers)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, recorder_end,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, recorder_id,
		uint64_t, switch_count, uint64_t, lost_count, int64_t, cpu_ns),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, recorder_id, recorder_id)
		lttng_ust_field_integer(uint64_t, switch_count, switch_count)
		lttng_ust_field_integer(uint64_t, lost_count, lost_count)
		lttng_ust_field_integer(int64_t, cpu_ns, cpu_ns)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, switch_watermark,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, recorder_id,
		int64_t, time_ns, uint64_t, switch_count, int64_t, cpu_ns),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, recorder_id, recorder_id)
		lttng_ust_field_integer(int64_t, time_ns, time_ns)
		lttng_ust_field_integer(uint64_t, switch_count, switch_count)
		lttng_ust_field_integer(int64_t, cpu_ns, cpu_ns)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, switch_lost,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, recorder_id, int32_t, cpu,
		int64_t, begin_ns, int64_t, end_ns, uint64_t, lost_count),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, recorder_id, recorder_id)
		lttng_ust_field_integer(int32_t, cpu, cpu)
		lttng_ust_field_integer(int64_t, begin_ns, begin_ns)
		lttng_ust_field_integer(int64_t, end_ns, end_ns)
		lttng_ust_field_integer(uint64_t, lost_count, lost_count)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, thread_switch_in,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, recorder_id,
		int32_t, subject_pid, int32_t, subject_tid, int32_t, cpu, int64_t, time_ns,
		int32_t, previous_tid),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, recorder_id, recorder_id)
		lttng_ust_field_integer(int32_t, subject_pid, subject_pid)
		lttng_ust_field_integer(int32_t, subject_tid, subject_tid)
		lttng_ust_field_integer(int32_t, cpu, cpu)
		lttng_ust_field_integer(int64_t, time_ns, time_ns)
		lttng_ust_field_integer(int32_t, previous_tid, previous_tid)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, thread_switch_out,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, recorder_id,
		int32_t, subject_pid, int32_t, subject_tid, int32_t, cpu, int64_t, time_ns,
		uint8_t, is_involuntary, int32_t, next_tid),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, recorder_id, recorder_id)
		lttng_ust_field_integer(int32_t, subject_pid, subject_pid)
		lttng_ust_field_integer(int32_t, subject_tid, subject_tid)
		lttng_ust_field_integer(int32_t, cpu, cpu)
		lttng_ust_field_integer(int64_t, time_ns, time_ns)
		lttng_ust_field_integer(uint8_t, is_involuntary, is_involuntary)
		lttng_ust_field_integer(int32_t, next_tid, next_tid)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, thread_wakeup,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, recorder_id,
		int32_t, subject_pid, int32_t, subject_tid, int32_t, cpu, int64_t, time_ns,
		int32_t, waker_tid),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, recorder_id, recorder_id)
		lttng_ust_field_integer(int32_t, subject_pid, subject_pid)
		lttng_ust_field_integer(int32_t, subject_tid, subject_tid)
		lttng_ust_field_integer(int32_t, cpu, cpu)
		lttng_ust_field_integer(int64_t, time_ns, time_ns)
		lttng_ust_field_integer(int32_t, waker_tid, waker_tid)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, process_fork,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, recorder_id,
		int32_t, subject_pid, int32_t, parent_pid, int64_t, time_ns),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, recorder_id, recorder_id)
		lttng_ust_field_integer(int32_t, subject_pid, subject_pid)
		lttng_ust_field_integer(int32_t, parent_pid, parent_pid)
		lttng_ust_field_integer(int64_t, time_ns, time_ns)))

/* Threads. `nothing` is the class of events that say only who. */
LTTNG_UST_TRACEPOINT_EVENT_CLASS(interleave, nothing,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS))

LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(interleave, nothing, interleave, thread_yield_begin,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid))

LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(interleave, nothing, interleave, thread_yield_end,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid))

LTTNG_UST_TRACEPOINT_EVENT(interleave, thread_exit,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, int64_t, cpu_ns),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer(int64_t, cpu_ns, cpu_ns)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, thread_create,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, key, const char *, name),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, key, key)
		lttng_ust_field_string(name, name)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, thread_start,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, key, int32_t, parent_tid,
		const char *, name, uint8_t, role, uint8_t, is_daemon),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, key, key)
		lttng_ust_field_integer(int32_t, parent_tid, parent_tid)
		lttng_ust_field_string(name, name)
		lttng_ust_field_enum(interleave, role, uint8_t, role, role)
		lttng_ust_field_integer(uint8_t, is_daemon, is_daemon)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, thread_announce,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, int32_t, subject_tid,
		const char *, name, uint8_t, role),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer(int32_t, subject_tid, subject_tid)
		lttng_ust_field_string(name, name)
		lttng_ust_field_enum(interleave, role, uint8_t, role, role)))

LTTNG_UST_TRACEPOINT_EVENT_CLASS(interleave, thread_join,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, int32_t, joined_tid),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer(int32_t, joined_tid, joined_tid)))

LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(interleave, thread_join, interleave, thread_join_begin,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, int32_t, joined_tid))

LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(interleave, thread_join, interleave, thread_join_end,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, int32_t, joined_tid))

/* Locks. */
LTTNG_UST_TRACEPOINT_EVENT(interleave, lock_name,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, lock, uint8_t, kind,
		uint32_t, capacity, const char *, name),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, lock, lock)
		lttng_ust_field_enum(interleave, lock_kind, uint8_t, kind, kind)
		lttng_ust_field_integer(uint32_t, capacity, capacity)
		lttng_ust_field_string(name, name)))

LTTNG_UST_TRACEPOINT_EVENT_CLASS(interleave, lock_wait,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, lock, uint8_t, kind,
		uint8_t, mode),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, lock, lock)
		lttng_ust_field_enum(interleave, lock_kind, uint8_t, kind, kind)
		lttng_ust_field_enum(interleave, lock_mode, uint8_t, mode, mode)))

LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(interleave, lock_wait, interleave, lock_wait_begin,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, lock, uint8_t, kind,
		uint8_t, mode))

LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(interleave, lock_wait, interleave, lock_wait_abandon,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, lock, uint8_t, kind,
		uint8_t, mode))

LTTNG_UST_TRACEPOINT_EVENT(interleave, lock_acquire,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, lock, uint8_t, kind,
		uint8_t, mode, uint8_t, is_contended),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, lock, lock)
		lttng_ust_field_enum(interleave, lock_kind, uint8_t, kind, kind)
		lttng_ust_field_enum(interleave, lock_mode, uint8_t, mode, mode)
		lttng_ust_field_integer(uint8_t, is_contended, is_contended)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, lock_release,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, lock, uint8_t, kind,
		uint8_t, mode, uint8_t, cause),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, lock, lock)
		lttng_ust_field_enum(interleave, lock_kind, uint8_t, kind, kind)
		lttng_ust_field_enum(interleave, lock_mode, uint8_t, mode, mode)
		lttng_ust_field_enum(interleave, release_cause, uint8_t, cause, cause)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, lock_share,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, lock),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, lock, lock)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, lock_destroy,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, lock),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, lock, lock)))

/* Waits. */
LTTNG_UST_TRACEPOINT_EVENT_CLASS(interleave, wait,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint8_t, reason, uint64_t, object),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_enum(interleave, wait_reason, uint8_t, reason, reason)
		lttng_ust_field_integer_hex(uint64_t, object, object)))

LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(interleave, wait, interleave, wait_begin,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint8_t, reason, uint64_t, object))

LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(interleave, wait, interleave, wait_end,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint8_t, reason, uint64_t, object))

/* Processes. */
LTTNG_UST_TRACEPOINT_EVENT(interleave, process_spawn,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, int32_t, child_pid, uint8_t, method),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer(int32_t, child_pid, child_pid)
		lttng_ust_field_enum(interleave, spawn_method, uint8_t, method, method)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, process_start,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, int32_t, parent_pid,
		const char *, name, uint8_t, role, int64_t, started_ns,
		uint64_t, event_count),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer(int32_t, parent_pid, parent_pid)
		lttng_ust_field_string(name, name)
		lttng_ust_field_enum(interleave, role, uint8_t, role, role)
		lttng_ust_field_integer(int64_t, started_ns, started_ns)
		lttng_ust_field_integer(uint64_t, event_count, event_count)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, process_memory,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, int64_t, anonymous_bytes),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer(int64_t, anonymous_bytes, anonymous_bytes)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, process_exit,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, int32_t, status, uint64_t, event_count),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer(int32_t, status, status)
		lttng_ust_field_integer(uint64_t, event_count, event_count)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, process_wait_begin,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, int32_t, child_pid),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer(int32_t, child_pid, child_pid)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, process_wait_end,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, int32_t, child_pid, int32_t, status),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer(int32_t, child_pid, child_pid)
		lttng_ust_field_integer(int32_t, status, status)))

/* Event loops and their tasks. */
LTTNG_UST_TRACEPOINT_EVENT(interleave, loop_create,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, loop, const char *, name),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, loop, loop)
		lttng_ust_field_string(name, name)))

LTTNG_UST_TRACEPOINT_EVENT_CLASS(interleave, loop_poll,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, loop),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, loop, loop)))

LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(interleave, loop_poll, interleave, loop_poll_begin,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, loop))

LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(interleave, loop_poll, interleave, loop_poll_end,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, loop))

LTTNG_UST_TRACEPOINT_EVENT(interleave, task_create,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, loop, uint64_t, task,
		uint64_t, parent_task, const char *, name),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, loop, loop)
		lttng_ust_field_integer(uint64_t, task, task)
		lttng_ust_field_integer(uint64_t, parent_task, parent_task)
		lttng_ust_field_string(name, name)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, task_ready,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, loop, uint64_t, task,
		uint64_t, waker_task),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, loop, loop)
		lttng_ust_field_integer(uint64_t, task, task)
		lttng_ust_field_integer(uint64_t, waker_task, waker_task)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, task_resume,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, loop, uint64_t, task),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, loop, loop)
		lttng_ust_field_integer(uint64_t, task, task)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, task_yield,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, loop, uint64_t, task,
		uint8_t, reason, uint64_t, object),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, loop, loop)
		lttng_ust_field_integer(uint64_t, task, task)
		lttng_ust_field_enum(interleave, wait_reason, uint8_t, reason, reason)
		lttng_ust_field_integer_hex(uint64_t, object, object)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, task_done,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, loop, uint64_t, task,
		uint8_t, outcome),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, loop, loop)
		lttng_ust_field_integer(uint64_t, task, task)
		lttng_ust_field_enum(interleave, outcome, uint8_t, outcome, outcome)))

/* Pools and their jobs. */
LTTNG_UST_TRACEPOINT_EVENT(interleave, pool_create,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, pool, const char *, name,
		uint32_t, worker_count, uint8_t, has_processes),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, pool, pool)
		lttng_ust_field_string(name, name)
		lttng_ust_field_integer(uint32_t, worker_count, worker_count)
		lttng_ust_field_integer(uint8_t, has_processes, has_processes)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, job_submit,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, pool, uint64_t, job,
		const char *, name, uint32_t, queue_length),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, pool, pool)
		lttng_ust_field_integer(uint64_t, job, job)
		lttng_ust_field_string(name, name)
		lttng_ust_field_integer(uint32_t, queue_length, queue_length)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, job_begin,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, pool, uint64_t, job),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, pool, pool)
		lttng_ust_field_integer(uint64_t, job, job)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, job_end,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, pool, uint64_t, job,
		uint8_t, outcome),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, pool, pool)
		lttng_ust_field_integer(uint64_t, job, job)
		lttng_ust_field_enum(interleave, outcome, uint8_t, outcome, outcome)))

/* Memory that several share. */
LTTNG_UST_TRACEPOINT_EVENT(interleave, shared_read,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, address, int64_t, value),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, address, address)
		lttng_ust_field_integer(int64_t, value, value)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, shared_write,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, address, int64_t, value_read,
		int64_t, value_written),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, address, address)
		lttng_ust_field_integer(int64_t, value_read, value_read)
		lttng_ust_field_integer(int64_t, value_written, value_written)))

LTTNG_UST_TRACEPOINT_EVENT(interleave, shared_update,
	LTTNG_UST_TP_ARGS(int32_t, pid, int32_t, tid, uint64_t, address,
		int64_t, value_before, int64_t, value_after),
	LTTNG_UST_TP_FIELDS(
		ILV_WHO_FIELDS
		lttng_ust_field_integer_hex(uint64_t, address, address)
		lttng_ust_field_integer(int64_t, value_before, value_before)
		lttng_ust_field_integer(int64_t, value_after, value_after)))

/* clang-format on */

#endif /* ILV_TRACEPOINTS_SRC_PROVIDER_H */

#include <lttng/tracepoint-event.h>
