/* SPDX-License-Identifier: MIT */
/*
 * Description: one record of a perf ring in our own words. Parsing is the only place that knows the
 * kernel's layout; it needs no recorder, so that tests feed it rings of their own.
 */
#ifndef ILV_RECORDER_RECORD_H
#define ILV_RECORDER_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/perf_event.h>

/* Every event that writes into our rings asks for these, so that each record ends in the same
 * fields. */
#define ILV_RECORD_SAMPLE_TYPE (PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU)

enum ilv_record_kind {
	ILV_RECORD_KIND_OTHER, /* of no interest, passed over */
	ILV_RECORD_KIND_SWITCH_IN,
	ILV_RECORD_KIND_SWITCH_OUT,
	ILV_RECORD_KIND_WAKING,     /* the waker asks for a wake-up */
	ILV_RECORD_KIND_WAKEUP,     /* the thread can run again */
	ILV_RECORD_KIND_WAKEUP_NEW, /* a new thread can run for the first time */
	ILV_RECORD_KIND_FORK,
	ILV_RECORD_KIND_EXEC,
	ILV_RECORD_KIND_EXIT,
	ILV_RECORD_KIND_LOST,
};

struct ilv_record {
	int64_t time_ns;
	enum ilv_record_kind kind;
	int32_t cpu;
	int32_t pid; /* the subject; -1 when the kernel could not say */
	int32_t tid;
	/* Switches: who was before or comes after; wake-ups: the waker; fork: the parent. -1: not
	 * known. */
	int32_t other_tid;
	int32_t parent_pid; /* fork */
	bool is_involuntary;
	uint64_t lost_count;
};

/* Where a tracepoint of the scheduler keeps what we need; id 0: it is not recorded. */
struct ilv_tracepoint {
	uint32_t id;
	uint32_t tid_offset; /* of the woken thread's id in the raw data */
};

struct ilv_record_format {
	struct ilv_tracepoint waking;
	struct ilv_tracepoint wakeup;
	struct ilv_tracepoint wakeup_new;
};

/* Parses the record at `header`, which is whole and contiguous. */
void ilv_record_parse(const struct perf_event_header *header,
		      const struct ilv_record_format *format, struct ilv_record *record);

#endif /* ILV_RECORDER_RECORD_H */
