/* SPDX-License-Identifier: MIT */
/*
 * Description: a ring that a test fills as the kernel does: records of 8-byte multiples, laid
 * around the end.
 */
#ifndef ILV_TESTS_RECORDER_RINGS_H
#define ILV_TESTS_RECORDER_RINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/record.h"
#include "recorder/ring.h"

enum {
	TEST_RING_SIZE = 4096,
	TEST_TRACEPOINT_WAKING = 315,
	TEST_TRACEPOINT_WAKEUP = 316,
	TEST_TRACEPOINT_WAKEUP_NEW = 317,
	TEST_TRACEPOINT_TID_OFFSET = 24,
};

struct test_ring {
	struct perf_event_mmap_page control;
	_Alignas(8) char bytes[TEST_RING_SIZE];
	struct ilv_ring ring;
	uint32_t cpu;
};

extern const struct ilv_record_format test_format;

/* An empty ring whose next record lies `offset` bytes from the start. */
void test_ring_init(struct test_ring *ring, uint32_t cpu, uint64_t offset);

/* Each appends a record and fails the test when there is no room. */
void test_ring_switch(struct test_ring *ring, uint64_t time_ns, uint32_t tid, bool is_out,
		      bool is_involuntary);
void test_ring_switch_wide(struct test_ring *ring, uint64_t time_ns, uint32_t tid, bool is_out,
			   uint32_t other_tid);
void test_ring_lost(struct test_ring *ring, uint64_t time_ns, uint64_t lost_count);
void test_ring_task(struct test_ring *ring, uint64_t time_ns, bool is_fork, uint32_t pid,
		    uint32_t tid, uint32_t parent_tid);
void test_ring_exec(struct test_ring *ring, uint64_t time_ns, uint32_t pid, uint32_t tid);
void test_ring_wake(struct test_ring *ring, uint64_t time_ns, uint16_t tracepoint, uint8_t flags,
		    uint32_t waker_tid, uint32_t tid);
/* A record of a type that nobody asked for, with `body_size` bytes. */
void test_ring_other(struct test_ring *ring, uint64_t time_ns, size_t body_size);

#endif /* ILV_TESTS_RECORDER_RINGS_H */
