/* SPDX-License-Identifier: MIT */
/*
 * Description: writes records into a test's ring.
 */
#include "tests/recorder/rings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct sample_id {
	uint32_t pid, tid;
	uint64_t time_ns;
	uint32_t cpu, reserved;
};

const struct ilv_record_format test_format = {
	.waking = {TEST_TRACEPOINT_WAKING, TEST_TRACEPOINT_TID_OFFSET},
	.wakeup = {TEST_TRACEPOINT_WAKEUP, TEST_TRACEPOINT_TID_OFFSET},
	.wakeup_new = {TEST_TRACEPOINT_WAKEUP_NEW, TEST_TRACEPOINT_TID_OFFSET},
};

void test_ring_init(struct test_ring *ring, uint32_t cpu, uint64_t offset)
{
	memset(ring, 0, sizeof(*ring));
	ring->control.data_head = offset;
	ring->control.data_tail = offset;
	ring->cpu = cpu;
	ilv_ring_init(&ring->ring, &ring->control, ring->bytes, TEST_RING_SIZE);
	ring->ring.cpu = (int32_t)cpu;
}

static void put(struct test_ring *ring, const void *bytes, size_t size)
{
	assert_true(ring->control.data_head - ring->control.data_tail + size <= TEST_RING_SIZE);
	for (size_t i = 0; i < size; i++) {
		ring->bytes[ring->control.data_head++ % TEST_RING_SIZE] = ((const char *)bytes)[i];
	}
}

static void put_record(struct test_ring *ring, uint32_t type, uint16_t misc, const void *body,
		       size_t body_size, struct sample_id id)
{
	struct perf_event_header header = {
		.type = type,
		.misc = misc,
		.size = (uint16_t)(sizeof(header) + body_size + sizeof(id)),
	};

	assert_int_equal(body_size % 8, 0);
	put(ring, &header, sizeof(header));
	put(ring, body, body_size);
	put(ring, &id, sizeof(id));
}

void test_ring_switch(struct test_ring *ring, uint64_t time_ns, uint32_t tid, bool is_out,
		      bool is_involuntary)
{
	uint16_t misc = (is_out ? PERF_RECORD_MISC_SWITCH_OUT : 0) |
			(is_involuntary ? PERF_RECORD_MISC_SWITCH_OUT_PREEMPT : 0);

	put_record(ring, PERF_RECORD_SWITCH, misc, "", 0,
		   (struct sample_id){1, tid, time_ns, ring->cpu, 0});
}

void test_ring_switch_wide(struct test_ring *ring, uint64_t time_ns, uint32_t tid, bool is_out,
			   uint32_t other_tid)
{
	uint32_t body[2] = {1, other_tid};

	put_record(ring, PERF_RECORD_SWITCH_CPU_WIDE, is_out ? PERF_RECORD_MISC_SWITCH_OUT : 0,
		   body, sizeof(body), (struct sample_id){1, tid, time_ns, ring->cpu, 0});
}

void test_ring_lost(struct test_ring *ring, uint64_t time_ns, uint64_t lost_count)
{
	uint64_t body[2] = {7, lost_count};

	put_record(ring, PERF_RECORD_LOST, 0, body, sizeof(body),
		   (struct sample_id){1, 1, time_ns, ring->cpu, 0});
}

void test_ring_task(struct test_ring *ring, uint64_t time_ns, bool is_fork, uint32_t pid,
		    uint32_t tid, uint32_t parent_tid)
{
	struct {
		uint32_t pid, parent_pid, tid, parent_tid;
		uint64_t time_ns;
	} body = {pid, 1, tid, parent_tid, time_ns};

	put_record(ring, is_fork ? PERF_RECORD_FORK : PERF_RECORD_EXIT, 0, &body, sizeof(body),
		   (struct sample_id){1, parent_tid, time_ns, ring->cpu, 0});
}

void test_ring_exec(struct test_ring *ring, uint64_t time_ns, uint32_t pid, uint32_t tid)
{
	struct {
		uint32_t pid, tid;
		char name[8];
	} body = {pid, tid, "true"};

	put_record(ring, PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC, &body, sizeof(body),
		   (struct sample_id){pid, tid, time_ns, ring->cpu, 0});
}

void test_ring_wake(struct test_ring *ring, uint64_t time_ns, uint16_t tracepoint, uint8_t flags,
		    uint32_t waker_tid, uint32_t tid)
{
	struct sample_id id = {1, waker_tid, time_ns, ring->cpu, 0};
	struct __attribute__((packed)) {
		uint32_t size;
		uint16_t type;
		uint8_t flags, preempt_count;
		int32_t pid;
		char name[16];
		uint32_t tid, priority, cpu;
	} raw = {36, tracepoint, flags, 0, (int32_t)waker_tid, "thread", tid, 120, 0};
	struct perf_event_header header = {
		.type = PERF_RECORD_SAMPLE,
		.size = sizeof(header) + sizeof(id) + sizeof(raw),
	};

	assert_int_equal(sizeof(raw) % 8, 0);
	put(ring, &header, sizeof(header));
	put(ring, &id, sizeof(id));
	put(ring, &raw, sizeof(raw));
}

void test_ring_other(struct test_ring *ring, uint64_t time_ns, size_t body_size)
{
	static const char body[TEST_RING_SIZE];

	put_record(ring, PERF_RECORD_THROTTLE, 0, body, body_size,
		   (struct sample_id){1, 1, time_ns, ring->cpu, 0});
}
