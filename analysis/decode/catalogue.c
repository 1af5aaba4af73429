/* SPDX-License-Identifier: MIT */
/* Description: the table of events and fields, in the words of docs/events.md. */
#include "analysis/decode/catalogue.h"

#include <string.h>

/* The C type of a member decides how it is stored. */
#define MEMBER_TYPE(member)                                                                        \
	_Generic(((struct ilv_event *)0)->member, int32_t                                          \
		 : ILV_MEMBER_TYPE_I32, uint32_t                                                   \
		 : ILV_MEMBER_TYPE_U32, int64_t                                                    \
		 : ILV_MEMBER_TYPE_I64, uint64_t                                                   \
		 : ILV_MEMBER_TYPE_U64, const char *                                               \
		 : ILV_MEMBER_TYPE_STRING)

#define FIELD(name, member, is_required, unknown)                                                  \
	{                                                                                          \
		name, offsetof(struct ilv_event, member), MEMBER_TYPE(member), is_required,        \
			unknown                                                                    \
	}

#define NEED(name, member)             FIELD(name, member, true, 0)
#define TAKE(name, member)             FIELD(name, member, false, -1)
#define TAKE_OR(name, member, unknown) FIELD(name, member, false, unknown)

#define THREAD_SWITCH(other_name)                                                                  \
	NEED("recorder_id", u.thread_switch.recorder_id),                                          \
		TAKE("subject_pid", u.thread_switch.pid),                                          \
		NEED("subject_tid", u.thread_switch.tid), TAKE("cpu", u.thread_switch.cpu),        \
		NEED("time_ns", time_ns), TAKE(other_name, u.thread_switch.other_tid)

/* clang-format off */
static const struct ilv_catalogue_entry entries[] = {
	{ILV_EVENT_RUN_BEGIN, {
		TAKE("workload", u.run_begin.workload),
		TAKE("runtime", u.run_begin.runtime),
		TAKE("variant", u.run_begin.variant),
		TAKE("parameters", u.run_begin.parameters),
		TAKE("unit", u.run_begin.unit),
		TAKE_OR("cpu_count", u.run_begin.cpu_count, 0)}},
	{ILV_EVENT_RUN_END, {TAKE("status", u.run_end.status)}},
	{ILV_EVENT_RUN_NOTE, {TAKE("text", u.run_note.text)}},
	{ILV_EVENT_PHASE_BEGIN, {TAKE("name", u.phase.name)}},
	{ILV_EVENT_PHASE_END, {TAKE("name", u.phase.name)}},
	{ILV_EVENT_PHASE_POINT, {
		TAKE("name", u.phase.name),
		TAKE("series", u.phase.series),
		TAKE_OR("is_reference", u.phase.is_reference, 0),
		TAKE("quantity", u.phase.what),
		NEED("value", u.phase.value),
		TAKE_OR("unit", u.phase.unit, ILV_QUANTITY_NUMBER)}},
	{ILV_EVENT_PHASE_COUNT, {
		TAKE("name", u.phase.name),
		TAKE("what", u.phase.what),
		NEED("count", u.phase.value),
		TAKE_OR("is_work", u.phase.is_work, 0)}},
	{ILV_EVENT_PHASE_PRICE, {
		TAKE("name", u.phase.name),
		TAKE("what", u.phase.what),
		NEED("value", u.phase.value),
		TAKE_OR("unit", u.phase.unit, ILV_QUANTITY_NUMBER),
		TAKE_OR("is_untraced", u.phase.is_untraced, 0)}},

	{ILV_EVENT_RECORDER_BEGIN, {
		NEED("recorder_id", u.recorder_begin.recorder_id),
		TAKE_OR("source", u.recorder_begin.source, ILV_SWITCH_SOURCE_NONE),
		TAKE_OR("covered_pid", u.recorder_begin.covered_pid, 0),
		TAKE("covers", u.recorder_begin.covers)}},
	{ILV_EVENT_RECORDER_END, {
		NEED("recorder_id", u.recorder_end.recorder_id),
		NEED("switch_count", u.recorder_end.switch_count),
		TAKE_OR("lost_count", u.recorder_end.lost_count, 0),
		TAKE("cpu_ns", u.recorder_end.cpu_ns)}},
	{ILV_EVENT_SWITCH_WATERMARK, {
		NEED("recorder_id", u.watermark.recorder_id),
		NEED("switch_count", u.watermark.switch_count),
		NEED("time_ns", u.watermark.up_to_ns),
		TAKE("cpu_ns", u.watermark.cpu_ns)}},
	{ILV_EVENT_SWITCH_LOST, {
		NEED("recorder_id", u.switch_lost.recorder_id),
		NEED("lost_count", u.switch_lost.lost_count),
		TAKE("begin_ns", u.switch_lost.begin_ns),
		TAKE("end_ns", u.switch_lost.end_ns),
		TAKE("cpu", u.switch_lost.cpu)}},

	{ILV_EVENT_THREAD_SWITCH_IN, {THREAD_SWITCH("previous_tid")}},
	{ILV_EVENT_THREAD_SWITCH_OUT, {
		THREAD_SWITCH("next_tid"),
		NEED("is_involuntary", u.thread_switch.is_involuntary)}},
	{ILV_EVENT_THREAD_WAKEUP, {THREAD_SWITCH("waker_tid")}},
	{ILV_EVENT_PROCESS_FORK, {
		NEED("recorder_id", u.fork.recorder_id),
		NEED("subject_pid", u.fork.pid),
		NEED("parent_pid", u.fork.parent_pid),
		NEED("time_ns", time_ns)}},
	{ILV_EVENT_THREAD_YIELD_BEGIN, {{0}}},
	{ILV_EVENT_THREAD_YIELD_END, {{0}}},

	{ILV_EVENT_THREAD_CREATE, {
		NEED("key", u.thread.key),
		TAKE("name", u.thread.name)}},
	{ILV_EVENT_THREAD_START, {
		TAKE_OR("key", u.thread.key, 0),
		TAKE("parent_tid", u.thread.parent_tid),
		TAKE("name", u.thread.name),
		TAKE_OR("role", u.thread.role, ILV_ROLE_OTHER),
		TAKE_OR("is_daemon", u.thread.is_daemon, 0)}},
	{ILV_EVENT_THREAD_ANNOUNCE, {
		NEED("subject_tid", u.thread.tid),
		TAKE("name", u.thread.name),
		TAKE_OR("role", u.thread.role, ILV_ROLE_OTHER)}},
	{ILV_EVENT_THREAD_EXIT, {TAKE("cpu_ns", u.thread.cpu_ns)}},
	{ILV_EVENT_THREAD_JOIN_BEGIN, {TAKE("joined_tid", u.join.joined_tid)}},
	{ILV_EVENT_THREAD_JOIN_END, {TAKE("joined_tid", u.join.joined_tid)}},

	{ILV_EVENT_LOCK_NAME, {
		NEED("lock", u.lock.lock),
		TAKE_OR("kind", u.lock.kind, ILV_LOCK_KIND_MUTEX),
		TAKE_OR("capacity", u.lock.capacity, 0),
		TAKE("name", u.lock.name)}},
	{ILV_EVENT_LOCK_SHARE, {NEED("lock", u.lock.lock)}},
	{ILV_EVENT_LOCK_WAIT_BEGIN, {
		NEED("lock", u.lock.lock),
		TAKE_OR("kind", u.lock.kind, ILV_LOCK_KIND_MUTEX),
		TAKE_OR("mode", u.lock.mode, ILV_LOCK_MODE_EXCLUSIVE)}},
	{ILV_EVENT_LOCK_WAIT_ABANDON, {
		NEED("lock", u.lock.lock),
		TAKE_OR("kind", u.lock.kind, ILV_LOCK_KIND_MUTEX),
		TAKE_OR("mode", u.lock.mode, ILV_LOCK_MODE_EXCLUSIVE)}},
	{ILV_EVENT_LOCK_ACQUIRE, {
		NEED("lock", u.lock.lock),
		TAKE_OR("kind", u.lock.kind, ILV_LOCK_KIND_MUTEX),
		TAKE_OR("mode", u.lock.mode, ILV_LOCK_MODE_EXCLUSIVE),
		TAKE_OR("is_contended", u.lock.is_contended, 0)}},
	{ILV_EVENT_LOCK_RELEASE, {
		NEED("lock", u.lock.lock),
		TAKE_OR("kind", u.lock.kind, ILV_LOCK_KIND_MUTEX),
		TAKE_OR("mode", u.lock.mode, ILV_LOCK_MODE_EXCLUSIVE),
		TAKE_OR("cause", u.lock.cause, ILV_RELEASE_CAUSE_NONE)}},
	{ILV_EVENT_LOCK_DESTROY, {NEED("lock", u.lock.lock)}},

	{ILV_EVENT_WAIT_BEGIN, {
		TAKE_OR("reason", u.wait.reason, ILV_WAIT_REASON_NONE),
		TAKE_OR("object", u.wait.object, 0)}},
	{ILV_EVENT_WAIT_END, {
		TAKE_OR("reason", u.wait.reason, ILV_WAIT_REASON_NONE),
		TAKE_OR("object", u.wait.object, 0)}},

	{ILV_EVENT_PROCESS_SPAWN, {
		NEED("child_pid", u.process.child_pid),
		TAKE("method", u.process.method)}},
	{ILV_EVENT_PROCESS_START, {
		TAKE("parent_pid", u.process.parent_pid),
		TAKE("name", u.process.name),
		TAKE_OR("role", u.process.role, ILV_ROLE_OTHER),
		TAKE("started_ns", u.process.started_ns),
		TAKE("event_count", u.process.event_count)}},
	{ILV_EVENT_PROCESS_EXIT, {
		TAKE("status", u.process.status),
		TAKE("event_count", u.process.event_count)}},
	{ILV_EVENT_PROCESS_MEMORY, {NEED("anonymous_bytes", u.process.anonymous_bytes)}},
	{ILV_EVENT_PROCESS_WAIT_BEGIN, {TAKE("child_pid", u.process.child_pid)}},
	{ILV_EVENT_PROCESS_WAIT_END, {
		TAKE("child_pid", u.process.child_pid),
		TAKE("status", u.process.status)}},

	{ILV_EVENT_LOOP_CREATE, {
		NEED("loop", u.task.loop),
		TAKE("name", u.task.name)}},
	{ILV_EVENT_LOOP_POLL_BEGIN, {NEED("loop", u.task.loop)}},
	{ILV_EVENT_LOOP_POLL_END, {NEED("loop", u.task.loop)}},
	{ILV_EVENT_TASK_CREATE, {
		NEED("loop", u.task.loop),
		NEED("task", u.task.task),
		TAKE_OR("parent_task", u.task.other_task, 0),
		TAKE("name", u.task.name)}},
	{ILV_EVENT_TASK_READY, {
		NEED("loop", u.task.loop),
		NEED("task", u.task.task),
		TAKE_OR("waker_task", u.task.other_task, 0)}},
	{ILV_EVENT_TASK_RESUME, {
		NEED("loop", u.task.loop),
		NEED("task", u.task.task)}},
	{ILV_EVENT_TASK_YIELD, {
		NEED("loop", u.task.loop),
		NEED("task", u.task.task),
		TAKE_OR("reason", u.task.reason, ILV_WAIT_REASON_NONE),
		TAKE_OR("object", u.task.object, 0)}},
	{ILV_EVENT_TASK_DONE, {
		NEED("loop", u.task.loop),
		NEED("task", u.task.task),
		TAKE("outcome", u.task.outcome)}},

	{ILV_EVENT_POOL_CREATE, {
		NEED("pool", u.job.pool),
		TAKE("name", u.job.name),
		TAKE_OR("worker_count", u.job.worker_count, 0),
		TAKE_OR("has_processes", u.job.has_processes, 0)}},
	{ILV_EVENT_JOB_SUBMIT, {
		NEED("pool", u.job.pool),
		NEED("job", u.job.job),
		TAKE("name", u.job.name),
		TAKE_OR("queue_length", u.job.queue_length, 0)}},
	{ILV_EVENT_JOB_BEGIN, {
		NEED("pool", u.job.pool),
		NEED("job", u.job.job)}},
	{ILV_EVENT_JOB_END, {
		NEED("pool", u.job.pool),
		NEED("job", u.job.job),
		TAKE("outcome", u.job.outcome)}},

	{ILV_EVENT_SHARED_READ, {
		NEED("address", u.shared.address),
		NEED("value", u.shared.value_before),
		NEED("value", u.shared.value_after)}},
	{ILV_EVENT_SHARED_WRITE, {
		NEED("address", u.shared.address),
		NEED("value_read", u.shared.value_before),
		NEED("value_written", u.shared.value_after)}},
	{ILV_EVENT_SHARED_UPDATE, {
		NEED("address", u.shared.address),
		NEED("value_before", u.shared.value_before),
		NEED("value_after", u.shared.value_after)}},
};
/* clang-format on */

const struct ilv_catalogue_entry *ilv_catalogue_find(const char *name)
{
	for (size_t index = 0; index < sizeof(entries) / sizeof(entries[0]); index++) {
		if (strcmp(ilv_event_type_name(entries[index].type), name) == 0) {
			return &entries[index];
		}
	}

	return NULL;
}
