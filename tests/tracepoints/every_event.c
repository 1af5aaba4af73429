/* SPDX-License-Identifier: MIT */
/*
 * Description: emits every event of the catalogue once, with values that no two fields share, so
 * that a field which lost its place or its width shows. every_event.expected has what a trace of it
 * must say.
 */
#include <stddef.h>
#include <stdint.h>

#include <interleave/trace.h>

#include "tracepoints/recorder_events.h"

/* Wider than 32 bits, so that a field which is too narrow shows. */
#define THING(number) ((const void *)(uintptr_t)(0xabcdef0000000000u + (number)))
#define WIDE(number)  (10000000000000 + (number))

int main(void)
{
	static const char long_name[] =
		"0123456789012345678901234567890123456789012345678901234567890123456789012345678901"
		"2345678901234567890123456789012345678901234567890123456789012345678901234567890123"
		"4567890123456789012345678901234567890123456789012345678901234567890123456789012345"
		"67890123ä-and-what-is-cut";

	ilv_trace_run_begin("matmul", "threads", "v-locked", "jobs=4 \"quoted\"",
			    ILV_UNIT_POOL_JOB);
	ilv_trace_run_note("3 \"lost\", 4 kept");
	ilv_trace_run_end(-7);
	ilv_trace_phase_begin("warm up");
	ilv_trace_phase_end(NULL);
	ilv_trace_phase_point("8 threads", "locked", true, "threads", WIDE(29),
			      ILV_QUANTITY_SHARERS);
	ilv_trace_phase_count("9 threads", "pieces", -WIDE(30), true);
	ilv_trace_phase_price("start", "a thread", WIDE(32), ILV_QUANTITY_BYTES, true);

	ilv_trace_recorder_begin(0x1122334455667788, ILV_SWITCH_SOURCE_PERF, 101, "pid 101");
	ilv_trace_recorder_end(0x1122334455667789, WIDE(1), WIDE(2), WIDE(3));
	ilv_trace_switch_watermark(0x112233445566778a, WIDE(4), WIDE(5), WIDE(6));
	ilv_trace_switch_lost(0x112233445566778b, 3, WIDE(7), WIDE(8), WIDE(9));
	ilv_trace_thread_switch_in(0x112233445566778c, 102, 103, 4, WIDE(10), -1);
	ilv_trace_thread_switch_out(0x112233445566778d, 104, 105, 5, WIDE(11), true, 106);
	ilv_trace_thread_wakeup(0x112233445566778e, 107, 108, 6, WIDE(12), 109);
	ilv_trace_process_fork(0x112233445566778f, 150, 151, WIDE(31));
	ilv_trace_thread_yield_begin();
	ilv_trace_thread_yield_end();

	ilv_trace_thread_create(UINT64_MAX, long_name);
	ilv_trace_thread_start(0x2122334455667788, 110, "worker", ILV_ROLE_JOB, true);
	ilv_trace_thread_announce(111, "uv pool", ILV_ROLE_POOL);
	ilv_trace_thread_exit();
	ilv_trace_thread_join_begin(112);
	ilv_trace_thread_join_end(113);

	ilv_trace_lock_name(THING(1), ILV_LOCK_KIND_SEM, 4000000000, "slots");
	ilv_trace_lock_share(THING(31));
	ilv_trace_lock_wait_begin(THING(2), ILV_LOCK_KIND_RWLOCK, ILV_LOCK_MODE_SHARED);
	ilv_trace_lock_wait_abandon(THING(3), ILV_LOCK_KIND_SPIN, ILV_LOCK_MODE_EXCLUSIVE);
	ilv_trace_lock_acquire(THING(4), ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_SHARED, true);
	ilv_trace_lock_release(THING(5), ILV_LOCK_KIND_GIL, ILV_LOCK_MODE_SHARED,
			       ILV_RELEASE_CAUSE_REQUEST);
	ilv_trace_lock_destroy(THING(6));

	ilv_trace_wait_begin(ILV_WAIT_REASON_COND, 0xabcdef0000000007);
	ilv_trace_wait_end(ILV_WAIT_REASON_LOOP, 0xabcdef0000000008);

	ilv_trace_process_spawn(114, ILV_SPAWN_METHOD_SPAWN);
	ilv_trace_process_start(115, "worker process", ILV_ROLE_SERVER, WIDE(13));
	ilv_trace_process_memory();
	ilv_trace_process_wait_begin(116);
	ilv_trace_process_wait_end(117, 143);

	ilv_trace_loop_create(THING(9), "main loop");
	ilv_trace_loop_poll_begin(THING(10));
	ilv_trace_loop_poll_end(THING(11));
	ilv_trace_task_create(THING(12), WIDE(14), WIDE(15), "fetch");
	ilv_trace_task_ready(THING(13), WIDE(16), WIDE(17));
	ilv_trace_task_resume(THING(14), WIDE(18));
	ilv_trace_task_yield(THING(15), WIDE(19), ILV_WAIT_REASON_QUEUE, 0xabcdef0000000010);
	ilv_trace_task_done(THING(17), WIDE(20), ILV_OUTCOME_CANCELLED);

	ilv_trace_pool_create(THING(18), "pool", 3000000000, true);
	ilv_trace_job_submit(THING(19), WIDE(21), "resize", 3000000001);
	ilv_trace_job_begin(THING(20), WIDE(22));
	ilv_trace_job_end(THING(21), WIDE(23), ILV_OUTCOME_FAILED);

	ilv_trace_shared_read(THING(22), -WIDE(24));
	ilv_trace_shared_write(THING(23), WIDE(25), -WIDE(26));
	ilv_trace_shared_update(THING(24), -WIDE(27), WIDE(28));

	/* The library says process_exit, with this status. */
	return 42;
}
