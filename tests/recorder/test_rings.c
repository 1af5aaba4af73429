/* SPDX-License-Identifier: MIT */
/*
 * Description: reads rings that the test fills: around the end, split records, losses, and the
 * order of a merge.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recorder/merge.h"
#include "tests/recorder/rings.h"

struct collected {
	struct ilv_record records[256];
	int32_t ring_cpus[256];
	size_t count;
};

static void collect(void *context, const struct ilv_ring *ring, const struct ilv_record *record)
{
	struct collected *collected = context;

	assert_true(collected->count < 256);
	collected->ring_cpus[collected->count] = ring->cpu;
	collected->records[collected->count++] = *record;
}

/* Merges the rings, which keep what they hold between calls. */
static struct collected drain(struct ilv_ring *rings, size_t count, int64_t limit_ns)
{
	struct ilv_merge *merge = ilv_merge_create(rings, count, &test_format);
	struct collected collected = {.count = 0};

	assert_non_null(merge);
	ilv_merge_run(merge, limit_ns, collect, &collected);
	ilv_merge_destroy(merge);
	return collected;
}

/* Wherever a record lies in the ring, also split by its end at each place, it reads the same. */
static void test_wraps(void **state)
{
	(void)state;
	for (uint64_t offset = 0; offset < 2 * TEST_RING_SIZE; offset += 8) {
		struct test_ring ring;
		struct collected collected;

		test_ring_init(&ring, 3, offset);
		for (uint32_t i = 0; i < 100; i++) {
			test_ring_switch(&ring, 1000 + i, 50 + i, i % 2, i % 4 == 3);
		}
		collected = drain(&ring.ring, 1, INT64_MAX);
		assert_int_equal(collected.count, 100);
		for (uint32_t i = 0; i < 100; i++) {
			const struct ilv_record *record = &collected.records[i];

			assert_int_equal(record->kind, i % 2 ? ILV_RECORD_KIND_SWITCH_OUT
							     : ILV_RECORD_KIND_SWITCH_IN);
			assert_int_equal(record->time_ns, 1000 + i);
			assert_int_equal(record->tid, 50 + i);
			assert_int_equal(record->pid, 1);
			assert_int_equal(record->cpu, 3);
			assert_int_equal(record->other_tid, -1);
			assert_int_equal(record->is_involuntary, i % 4 == 3);
		}
		/* The kernel knows that all of it is free again. */
		assert_int_equal(ring.control.data_tail, ring.control.data_head);
	}
}

/* A record that is longer than what is left of a ring reads as one. */
static void test_split_long_record(void **state)
{
	struct test_ring ring;
	struct collected collected;

	(void)state;
	test_ring_init(&ring, 0, TEST_RING_SIZE - 8);
	test_ring_other(&ring, 5, 2048);
	test_ring_wake(&ring, 6, TEST_TRACEPOINT_WAKEUP, 0, 7, 8);
	collected = drain(&ring.ring, 1, INT64_MAX);
	assert_int_equal(collected.count, 1);
	assert_int_equal(collected.records[0].kind, ILV_RECORD_KIND_WAKEUP);
	assert_int_equal(collected.records[0].tid, 8);
}

static void test_stops_at_snapshot(void **state)
{
	_Alignas(8) static char bounce[ILV_RING_RECORD_MAX];
	const struct perf_event_header *header;
	struct test_ring ring;

	(void)state;
	test_ring_init(&ring, 0, 0);
	test_ring_switch(&ring, 1, 1, false, false);
	ilv_ring_snapshot(&ring.ring);
	test_ring_switch(&ring, 2, 1, true, false);
	header = ilv_ring_peek(&ring.ring, bounce);
	assert_non_null(header);
	ilv_ring_advance(&ring.ring, header->size);
	assert_null(ilv_ring_peek(&ring.ring, bounce));
	ilv_ring_snapshot(&ring.ring);
	assert_non_null(ilv_ring_peek(&ring.ring, bounce));
}

/* Nonsense is given up to the snapshot: it neither ends the reader nor keeps it for ever. */
static void test_survives_nonsense(void **state)
{
	static const uint16_t sizes[] = {0, 7, TEST_RING_SIZE + 8, 65535};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct test_ring ring;
		struct perf_event_header *header = (void *)ring.bytes;

		test_ring_init(&ring, 0, 0);
		test_ring_switch(&ring, 1, 1, false, false);
		header->size = sizes[i];
		assert_int_equal(drain(&ring.ring, 1, INT64_MAX).count, 0);
		test_ring_switch(&ring, 2, 1, true, false);
		assert_int_equal(drain(&ring.ring, 1, INT64_MAX).count, 1);
	}
}

static void test_lost(void **state)
{
	struct test_ring ring;
	struct collected collected;

	(void)state;
	test_ring_init(&ring, 2, 64);
	test_ring_switch(&ring, 10, 1, false, false);
	test_ring_lost(&ring, 20, 12345);
	collected = drain(&ring.ring, 1, INT64_MAX);
	assert_int_equal(collected.count, 2);
	assert_int_equal(collected.records[1].kind, ILV_RECORD_KIND_LOST);
	assert_int_equal(collected.records[1].lost_count, 12345);
	assert_int_equal(collected.records[1].time_ns, 20);
}

/* Five rings of unequal length come out in order of time, and nothing is missing. */
static void test_merges_by_time(void **state)
{
	struct test_ring tests[5];
	struct ilv_ring rings[5];
	struct collected collected;
	size_t count = 0;

	(void)state;
	for (uint32_t cpu = 0; cpu < 5; cpu++) {
		test_ring_init(&tests[cpu], cpu, cpu * 8);
		for (uint32_t i = 0; i < cpu * 12; i++) {
			test_ring_switch(&tests[cpu], 100 + i * (7 - cpu) + cpu, i, false, false);
			count++;
		}
		rings[cpu] = tests[cpu].ring;
	}
	collected = drain(rings, 5, INT64_MAX);
	assert_int_equal(collected.count, count);
	for (size_t i = 1; i < count; i++) {
		assert_true(collected.records[i - 1].time_ns <= collected.records[i].time_ns);
	}
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(collected.ring_cpus[i], collected.records[i].cpu);
	}
}

/* What is later than the limit waits in its ring; a record at the limit goes. */
static void test_keeps_later_records(void **state)
{
	struct test_ring tests[2];
	struct ilv_ring rings[2];
	struct collected collected;

	(void)state;
	test_ring_init(&tests[0], 0, 0);
	test_ring_init(&tests[1], 1, 0);
	test_ring_switch(&tests[0], 10, 1, false, false);
	test_ring_switch(&tests[0], 20, 1, true, false);
	test_ring_switch(&tests[0], 30, 1, false, false);
	test_ring_switch(&tests[1], 25, 2, false, false);
	rings[0] = tests[0].ring;
	rings[1] = tests[1].ring;
	collected = drain(rings, 2, 20);
	assert_int_equal(collected.count, 2);
	assert_int_equal(collected.records[1].time_ns, 20);
	test_ring_switch(&tests[1], 26, 2, true, false);
	collected = drain(rings, 2, 29);
	assert_int_equal(collected.count, 2);
	assert_int_equal(collected.records[0].time_ns, 25);
	assert_int_equal(collected.records[1].time_ns, 26);
	collected = drain(rings, 2, INT64_MAX);
	assert_int_equal(collected.count, 1);
	assert_int_equal(collected.records[0].time_ns, 30);
}

static void test_parses_wide(void **state)
{
	struct test_ring ring;
	struct collected collected;
	const struct ilv_record *records = collected.records;

	(void)state;
	test_ring_init(&ring, 1, 0);
	test_ring_switch_wide(&ring, 1, 10, true, 11);
	test_ring_switch_wide(&ring, 2, 11, false, UINT32_MAX);
	test_ring_task(&ring, 3, true, 5, 6, 4);
	test_ring_task(&ring, 4, false, 5, 6, 4);
	test_ring_exec(&ring, 5, 8, 9);
	test_ring_wake(&ring, 6, TEST_TRACEPOINT_WAKING, 0x01, 20, 21);
	test_ring_wake(&ring, 7, TEST_TRACEPOINT_WAKING, 0x08, 20, 21); /* hard interrupt */
	test_ring_wake(&ring, 8, TEST_TRACEPOINT_WAKING, 0x10, 20, 21); /* soft interrupt */
	test_ring_wake(&ring, 9, TEST_TRACEPOINT_WAKEUP_NEW, 0, 20, 21);
	test_ring_wake(&ring, 10, 999, 0, 20, 21); /* somebody else's tracepoint */
	collected = drain(&ring.ring, 1, INT64_MAX);
	assert_int_equal(collected.count, 9);
	assert_int_equal(records[0].kind, ILV_RECORD_KIND_SWITCH_OUT);
	assert_int_equal(records[0].tid, 10);
	assert_int_equal(records[0].other_tid, 11);
	assert_int_equal(records[1].other_tid, -1);
	assert_int_equal(records[2].kind, ILV_RECORD_KIND_FORK);
	assert_int_equal(records[2].pid, 5);
	assert_int_equal(records[2].tid, 6);
	assert_int_equal(records[2].other_tid, 4);
	assert_int_equal(records[3].kind, ILV_RECORD_KIND_EXIT);
	assert_int_equal(records[3].tid, 6);
	assert_int_equal(records[4].kind, ILV_RECORD_KIND_EXEC);
	assert_int_equal(records[4].tid, 9);
	assert_int_equal(records[5].kind, ILV_RECORD_KIND_WAKING);
	assert_int_equal(records[5].tid, 21);
	assert_int_equal(records[5].other_tid, 20);
	/* A thread that an interrupt found there wakes nobody. */
	assert_int_equal(records[6].other_tid, -1);
	assert_int_equal(records[7].other_tid, -1);
	assert_int_equal(records[8].kind, ILV_RECORD_KIND_WAKEUP_NEW);
	assert_int_equal(records[8].other_tid, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wraps),
		cmocka_unit_test(test_split_long_record),
		cmocka_unit_test(test_stops_at_snapshot),
		cmocka_unit_test(test_survives_nonsense),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_merges_by_time),
		cmocka_unit_test(test_keeps_later_records),
		cmocka_unit_test(test_parses_wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
