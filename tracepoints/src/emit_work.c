/* SPDX-License-Identifier: MIT */
/*
 * Description: emits the families loops and pools: work that is shared out in user space.
 */
#include <interleave/trace.h>

#include "tracepoints/src/emission.h"

void ilv_trace_loop_create(const void *loop, const char *name)
{
	char copy[ILV_TEXT_SIZE];

	ILV_EMIT(loop_create, (uintptr_t)loop, ilv_bounded_text(name, copy));
}

void ilv_trace_loop_poll_begin(const void *loop)
{
	ILV_EMIT(loop_poll_begin, (uintptr_t)loop);
}

void ilv_trace_loop_poll_end(const void *loop)
{
	ILV_EMIT(loop_poll_end, (uintptr_t)loop);
}

void ilv_trace_task_create(const void *loop, uint64_t task, uint64_t parent_task, const char *name)
{
	char copy[ILV_TEXT_SIZE];

	ILV_EMIT(task_create, (uintptr_t)loop, task, parent_task, ilv_bounded_text(name, copy));
}

void ilv_trace_task_ready(const void *loop, uint64_t task, uint64_t waker_task)
{
	ILV_EMIT(task_ready, (uintptr_t)loop, task, waker_task);
}

void ilv_trace_task_resume(const void *loop, uint64_t task)
{
	ILV_EMIT(task_resume, (uintptr_t)loop, task);
}

void ilv_trace_task_yield(const void *loop, uint64_t task, enum ilv_wait_reason reason,
			  uint64_t object)
{
	ILV_EMIT(task_yield, (uintptr_t)loop, task, (uint8_t)reason, object);
}

void ilv_trace_task_done(const void *loop, uint64_t task, enum ilv_outcome outcome)
{
	ILV_EMIT(task_done, (uintptr_t)loop, task, (uint8_t)outcome);
}

void ilv_trace_pool_create(const void *pool, const char *name, uint32_t worker_count,
			   bool has_processes)
{
	char copy[ILV_TEXT_SIZE];

	ILV_EMIT(pool_create, (uintptr_t)pool, ilv_bounded_text(name, copy), worker_count,
		 has_processes);
}

void ilv_trace_job_submit(const void *pool, uint64_t job, const char *name, uint32_t queue_length)
{
	char copy[ILV_TEXT_SIZE];

	ILV_EMIT(job_submit, (uintptr_t)pool, job, ilv_bounded_text(name, copy), queue_length);
}

void ilv_trace_job_begin(const void *pool, uint64_t job)
{
	ILV_EMIT(job_begin, (uintptr_t)pool, job);
}

void ilv_trace_job_end(const void *pool, uint64_t job, enum ilv_outcome outcome)
{
	ILV_EMIT(job_end, (uintptr_t)pool, job, (uint8_t)outcome);
}
