/* SPDX-License-Identifier: MIT */
/*
 * Description: parses the records of a perf ring. Fields are copied out, for nothing promises their
 * alignment in raw data; a record too short for what its type promises is passed over.
 */
#include "recorder/record.h"

#include <string.h>

/* What sample_id_all appends to each record, and with what each sample begins. */
struct sample_id {
	uint32_t pid;
	uint32_t tid;
	uint64_t time_ns;
	uint32_t cpu;
	uint32_t reserved;
};

struct task_body {
	uint32_t pid;
	uint32_t parent_pid;
	uint32_t tid;
	uint32_t parent_tid;
};

/* The common head of every tracepoint's raw data. */
struct raw_head {
	uint16_t type;
	uint8_t flags;
	uint8_t preempt_count;
	int32_t pid;
};

/* In `raw_head.flags`: the code ran on behalf of nobody, least of all of the thread that it
 * interrupted. */
#define RAW_FLAG_HARDIRQ 0x08
#define RAW_FLAG_SOFTIRQ 0x10
#define RAW_FLAG_NMI     0x40

static void parse_switch(const struct perf_event_header *header, const char *body, size_t size,
			 struct ilv_record *record)
{
	bool is_out = header->misc & PERF_RECORD_MISC_SWITCH_OUT;

	record->kind = is_out ? ILV_RECORD_KIND_SWITCH_OUT : ILV_RECORD_KIND_SWITCH_IN;
	record->is_involuntary = is_out && (header->misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT);
	if (header->type == PERF_RECORD_SWITCH_CPU_WIDE && size >= 2 * sizeof(uint32_t)) {
		memcpy(&record->other_tid, body + sizeof(uint32_t), sizeof(record->other_tid));
	}
}

static void parse_task(const struct perf_event_header *header, const char *body, size_t size,
		       struct ilv_record *record)
{
	struct task_body task;

	if (size < sizeof(task)) {
		return;
	}
	memcpy(&task, body, sizeof(task));
	record->pid = (int32_t)task.pid;
	record->tid = (int32_t)task.tid;
	if (header->type == PERF_RECORD_FORK) {
		record->kind = ILV_RECORD_KIND_FORK;
		record->other_tid = (int32_t)task.parent_tid;
		record->parent_pid = (int32_t)task.parent_pid;
	} else {
		record->kind = ILV_RECORD_KIND_EXIT;
	}
}

static void parse_comm(const struct perf_event_header *header, const char *body, size_t size,
		       struct ilv_record *record)
{
	if (!(header->misc & PERF_RECORD_MISC_COMM_EXEC) || size < 2 * sizeof(uint32_t)) {
		return;
	}
	record->kind = ILV_RECORD_KIND_EXEC;
	memcpy(&record->pid, body, sizeof(record->pid));
	memcpy(&record->tid, body + sizeof(uint32_t), sizeof(record->tid));
}

static void parse_lost(const char *body, size_t size, struct ilv_record *record)
{
	if (size >= 2 * sizeof(uint64_t)) {
		record->kind = ILV_RECORD_KIND_LOST;
		memcpy(&record->lost_count, body + sizeof(uint64_t), sizeof(record->lost_count));
	}
}

static void parse_raw(const char *raw, size_t size, const struct ilv_record_format *format,
		      struct ilv_record *record)
{
	const struct ilv_tracepoint *tracepoint = NULL;
	struct raw_head head;
	int32_t waker_tid = record->tid;

	if (size < sizeof(head)) {
		return;
	}
	memcpy(&head, raw, sizeof(head));
	if (head.type == format->waking.id) {
		tracepoint = &format->waking;
		record->kind = ILV_RECORD_KIND_WAKING;
	} else if (head.type == format->wakeup.id) {
		tracepoint = &format->wakeup;
		record->kind = ILV_RECORD_KIND_WAKEUP;
	} else if (head.type == format->wakeup_new.id) {
		tracepoint = &format->wakeup_new;
		record->kind = ILV_RECORD_KIND_WAKEUP_NEW;
	}
	if (!tracepoint || size < tracepoint->tid_offset + sizeof(record->tid)) {
		record->kind = ILV_RECORD_KIND_OTHER;
		return;
	}
	memcpy(&record->tid, raw + tracepoint->tid_offset, sizeof(record->tid));
	record->pid = -1;
	if ((head.flags & (RAW_FLAG_HARDIRQ | RAW_FLAG_SOFTIRQ | RAW_FLAG_NMI)) || waker_tid == 0) {
		waker_tid = -1;
	}
	record->other_tid = waker_tid;
}

void ilv_record_parse(const struct perf_event_header *header,
		      const struct ilv_record_format *format, struct ilv_record *record)
{
	const char *body = (const char *)(header + 1);
	struct sample_id id;
	uint32_t raw_size;
	size_t size;

	*record = (struct ilv_record){.kind = ILV_RECORD_KIND_OTHER, .other_tid = -1};
	if (header->size < sizeof(*header) + sizeof(id)) {
		return;
	}
	size = header->size - sizeof(*header) - sizeof(id);
	memcpy(&id, header->type == PERF_RECORD_SAMPLE ? body : body + size, sizeof(id));
	record->time_ns = (int64_t)id.time_ns;
	record->pid = (int32_t)id.pid;
	record->tid = (int32_t)id.tid;
	record->cpu = (int32_t)id.cpu;

	switch (header->type) {
	case PERF_RECORD_SWITCH:
	case PERF_RECORD_SWITCH_CPU_WIDE:
		parse_switch(header, body, size, record);
		break;
	case PERF_RECORD_FORK:
	case PERF_RECORD_EXIT:
		parse_task(header, body, size, record);
		break;
	case PERF_RECORD_COMM:
		parse_comm(header, body, size, record);
		break;
	case PERF_RECORD_LOST:
		parse_lost(body, size, record);
		break;
	case PERF_RECORD_SAMPLE:
		if (size < sizeof(raw_size)) {
			break;
		}
		memcpy(&raw_size, body + sizeof(id), sizeof(raw_size));
		size -= sizeof(raw_size);
		parse_raw(body + sizeof(id) + sizeof(raw_size), raw_size < size ? raw_size : size,
			  format, record);
		break;
	default:
		break;
	}
}
