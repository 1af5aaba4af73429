/* SPDX-License-Identifier: MIT */
/*
 * Description: from records to events. System-wide records are of everybody; only those of covered
 * threads are sent. Which thread a CPU runs is followed as well, for the kernel has no number any
 * more for a thread that is switched out for the last time.
 */
#include "recorder/drain.h"

#include <stdlib.h>
#include <time.h>

#include "recorder/merge.h"
#include "tracepoints/recorder_events.h"

/* What is known of a CPU from its own ring. */
struct cpu {
	int32_t running_tid; /* -1: not known */
	int64_t last_ns;     /* the time of the last record read */
};

struct ilv_drain {
	struct ilv_perf *perf;
	struct ilv_merge *merge;
	struct cpu *cpus; /* one a ring */
	uint64_t recorder_id;
	uint64_t switch_count;
	uint64_t lost_count;
	int64_t last_ns;
	int64_t begin_ns;
};

struct ilv_drain *ilv_drain_create(struct ilv_perf *perf, uint64_t recorder_id)
{
	struct ilv_drain *drain = calloc(1, sizeof(*drain));

	if (!drain) {
		return NULL;
	}
	drain->perf = perf;
	drain->recorder_id = recorder_id;
	drain->begin_ns = ilv_trace_now_ns();
	drain->last_ns = drain->begin_ns;
	drain->merge = ilv_merge_create(perf->rings, perf->ring_count, &perf->format);
	drain->cpus = calloc(perf->ring_count, sizeof(*drain->cpus));
	if (!drain->merge || !drain->cpus) {
		ilv_drain_destroy(drain);
		return NULL;
	}
	for (size_t i = 0; i < perf->ring_count; i++) {
		drain->cpus[i] = (struct cpu){.running_tid = -1, .last_ns = drain->begin_ns};
	}
	return drain;
}

void ilv_drain_destroy(struct ilv_drain *drain)
{
	if (!drain) {
		return;
	}
	ilv_merge_destroy(drain->merge);
	free(drain->cpus);
	free(drain);
}

void ilv_drain_begin(struct ilv_drain *drain)
{
	drain->begin_ns = ilv_trace_now_ns();
}

/* Nobody who reads the trace in order waits for what happened before the recorder said its begin.
 */
static bool is_early(const struct ilv_drain *drain, const struct ilv_record *record)
{
	return record->time_ns < drain->begin_ns;
}

static void send_in(struct ilv_drain *drain, const struct ilv_record *record, int32_t previous_tid)
{
	if (is_early(drain, record)) {
		return;
	}
	drain->switch_count++;
	ilv_trace_thread_switch_in(drain->recorder_id, record->pid, record->tid, record->cpu,
				   record->time_ns, previous_tid);
}

static void send_out(struct ilv_drain *drain, const struct ilv_record *record, int32_t next_tid)
{
	if (is_early(drain, record)) {
		return;
	}
	drain->switch_count++;
	ilv_trace_thread_switch_out(drain->recorder_id, record->pid, record->tid, record->cpu,
				    record->time_ns, record->is_involuntary, next_tid);
}

/* Who made a process is told for those that will not say so themselves. */
static void send_fork(const struct ilv_drain *drain, const struct ilv_record *record)
{
	if (!is_early(drain, record) && record->pid == record->tid) {
		ilv_trace_process_fork(drain->recorder_id, record->pid, record->parent_pid,
				       record->time_ns);
	}
}

static void send_lost(struct ilv_drain *drain, int32_t cpu, int64_t begin_ns, int64_t end_ns,
		      uint64_t lost_count)
{
	drain->lost_count += lost_count;
	ilv_trace_switch_lost(drain->recorder_id, cpu, begin_ns, end_ns, lost_count);
}

/* Records of source perf: all are of covered threads. */
static void take_own_record(struct ilv_drain *drain, const struct ilv_record *record)
{
	switch (record->kind) {
	case ILV_RECORD_KIND_SWITCH_IN:
		send_in(drain, record, -1);
		break;
	case ILV_RECORD_KIND_SWITCH_OUT:
	case ILV_RECORD_KIND_EXIT:
		/*
		 * The event ends with its thread, some microseconds before the thread's last
		 * switch-out, of which there is no record. To leave the CPU is what comes next, so
		 * that is said with the time of the end.
		 */
		send_out(drain, record, -1);
		break;
	case ILV_RECORD_KIND_FORK:
		send_fork(drain, record);
		break;
	default:
		break;
	}
}

/*
 * A thread is ready from the moment that somebody asks for its wake-up (sched_waking), for that
 * record names who asked. It may come so early that the thread is still on its way off the CPU:
 * then the thread is ready once the kernel has put it into a queue (sched_wakeup). If it never
 * leaves the CPU in between, neither means anything.
 */
static void take_wakeup(struct ilv_drain *drain, const struct ilv_record *record,
			struct ilv_covered_thread *thread, int32_t waker_tid)
{
	if (thread->place == ILV_COVERED_PLACE_BLOCKED ||
	    thread->place == ILV_COVERED_PLACE_UNKNOWN) {
		if (!is_early(drain, record)) {
			drain->switch_count++;
			ilv_trace_thread_wakeup(drain->recorder_id, thread->pid, thread->tid,
						record->cpu, record->time_ns, waker_tid);
		}
		thread->place = ILV_COVERED_PLACE_READY;
		thread->waker_tid = -1;
	} else if (record->kind == ILV_RECORD_KIND_WAKING) {
		thread->waker_tid = waker_tid;
	}
}

/* Records of source perf+wakeups: of every thread of the machine. */
static void take_any_record(struct ilv_drain *drain, struct cpu *cpu,
			    const struct ilv_record *record)
{
	struct ilv_covered *covered = &drain->perf->covered;
	struct ilv_covered_thread *thread;
	struct ilv_record known = *record;

	switch (record->kind) {
	case ILV_RECORD_KIND_SWITCH_IN:
		if (known.other_tid == -1) {
			known.other_tid = cpu->running_tid;
		}
		cpu->running_tid = known.tid;
		thread = ilv_covered_find(covered, known.tid);
		if (thread) {
			known.pid = thread->pid;
			thread->place = ILV_COVERED_PLACE_ON_CPU;
			thread->waker_tid = -1;
			send_in(drain, &known, known.other_tid);
		}
		break;
	case ILV_RECORD_KIND_SWITCH_OUT:
		if (known.tid == -1) {
			known.tid = cpu->running_tid;
		}
		/* Stays known for the switch-in that follows: it may be dead to the kernel by then.
		 */
		cpu->running_tid = known.tid;
		thread = ilv_covered_find(covered, known.tid);
		if (thread) {
			known.pid = thread->pid;
			thread->place = known.is_involuntary ? ILV_COVERED_PLACE_READY
							     : ILV_COVERED_PLACE_BLOCKED;
			send_out(drain, &known, known.other_tid);
			if (thread->is_exiting && !known.is_involuntary) {
				ilv_covered_remove(covered, thread);
			}
		}
		break;
	case ILV_RECORD_KIND_WAKING:
	case ILV_RECORD_KIND_WAKEUP:
	case ILV_RECORD_KIND_WAKEUP_NEW:
		thread = ilv_covered_find(covered, known.tid);
		if (thread) {
			/* Only sched_waking, and the creator of a new thread, say who. */
			take_wakeup(drain, record, thread,
				    known.kind == ILV_RECORD_KIND_WAKEUP ? thread->waker_tid
									 : known.other_tid);
		}
		break;
	default:
		if (ilv_covered_follow(covered, record) != ILV_STATUS_OK) {
			/* A thread that cannot be followed is a thread whose switches are lost. */
			send_lost(drain, record->cpu, record->time_ns, record->time_ns, 1);
		} else if (record->kind == ILV_RECORD_KIND_FORK &&
			   ilv_covered_find(covered, record->tid)) {
			send_fork(drain, record);
		}
		break;
	}
}

static void take(void *context, const struct ilv_ring *ring, const struct ilv_record *record)
{
	struct ilv_drain *drain = context;
	struct cpu *cpu = &drain->cpus[ring - drain->perf->rings];

	if (record->kind == ILV_RECORD_KIND_LOST) {
		send_lost(drain, ring->cpu, cpu->last_ns, record->time_ns, record->lost_count);
		cpu->running_tid = -1;
		ilv_covered_doubt(&drain->perf->covered);
	} else if (drain->perf->is_system_wide) {
		take_any_record(drain, cpu, record);
	} else {
		take_own_record(drain, record);
	}
	cpu->last_ns = record->time_ns;
}

int64_t ilv_drain_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void ilv_drain_run(struct ilv_drain *drain, int64_t limit_ns)
{
	ilv_merge_run(drain->merge, limit_ns, take, drain);
	drain->last_ns = limit_ns;
	ilv_trace_switch_watermark(drain->recorder_id, limit_ns, drain->switch_count,
				   ilv_drain_cpu_ns());
}

void ilv_drain_finish(struct ilv_drain *drain, int64_t now_ns)
{
	int64_t lost_count = ilv_perf_lost_count(drain->perf);
	int64_t last_ns = drain->last_ns;

	ilv_merge_run(drain->merge, INT64_MAX, take, drain);
	/* A loss is told by the next record that has room. After the last one, only the kernel's
	 * own count tells it. */
	if (lost_count > (int64_t)drain->lost_count) {
		send_lost(drain, -1, last_ns, now_ns, (uint64_t)lost_count - drain->lost_count);
	}
	ilv_trace_switch_watermark(drain->recorder_id, now_ns, drain->switch_count,
				   ilv_drain_cpu_ns());
}

uint64_t ilv_drain_switch_count(const struct ilv_drain *drain)
{
	return drain->switch_count;
}

uint64_t ilv_drain_lost_count(const struct ilv_drain *drain)
{
	return drain->lost_count;
}
