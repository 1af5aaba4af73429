/* SPDX-License-Identifier: MIT */
/* Description: the life of a worker process: a job, its answer, the next job. */
#include "workloads/runtimes/process_worker.h"

#include <stdlib.h>

#include <interleave/trace.h>

#include "recorder/rusage.h"
#include "workloads/runtimes/process_wire.h"
#include "workloads/runtimes/runtime.h"
#include "workloads/truth.h"

/* Does the first job in `received` and answers. ILV_STATUS_AGAIN: not all of it is there. */
static enum ilv_status do_next_job(const void *pool, int fd, struct ilv_result *received)
{
	struct ilv_handle handle = {0};
	struct ilv_result answer = {0};
	void *argument = NULL;
	uint64_t number = 0;
	size_t length = 0;
	enum ilv_status status = ilv_wire_take_job(received, &handle, &number, &argument, &length);

	if (status != ILV_STATUS_OK) {
		return status;
	}

	ilv_wire_drop(received, length);
	ilv_trace_job_begin(pool, number);
	ilv_handle_execute(&handle);
	ilv_trace_job_end(pool, number, ilv_outcome_of(handle.status));

	status = ilv_wire_put_answer(&answer, number, &handle, false);
	if (status == ILV_STATUS_OK) {
		status = ilv_wire_send(fd, &answer);
	}

	ilv_result_fini(&answer);
	ilv_result_fini(&handle.result);
	free(handle.cause);
	free(argument);

	return status;
}

static enum ilv_status await_job(const void *pool, int fd, struct ilv_result *received)
{
	enum ilv_status status = ILV_STATUS_OK;

	ilv_trace_wait_begin(ILV_WAIT_REASON_QUEUE, (uintptr_t)pool);
	ilv_rusage_wait_begin();
	status = ilv_wire_receive(fd, received);
	ilv_rusage_wait_end();
	ilv_trace_wait_end(ILV_WAIT_REASON_QUEUE, (uintptr_t)pool);

	return status;
}

enum ilv_status ilv_process_worker(const void *pool, int fd, const char *name)
{
	struct ilv_result received = {0};
	struct ilv_result good_bye = {0};
	const struct ilv_handle nothing = {0};
	struct ilv_truth_thread truth;
	enum ilv_status status = ILV_STATUS_AGAIN;

	ilv_truth_clear();
	ilv_truth_thread_begin(&truth, ILV_ROLE_POOL, name);
	ilv_trace_process_memory();
	while (status == ILV_STATUS_OK || status == ILV_STATUS_AGAIN) {
		status = status == ILV_STATUS_AGAIN ? await_job(pool, fd, &received)
						    : do_next_job(pool, fd, &received);
	}

	ilv_result_fini(&received);
	ilv_truth_thread_end(&truth);
	if (status == ILV_STATUS_END &&
	    ilv_wire_put_answer(&good_bye, 0, &nothing, true) == ILV_STATUS_OK) {
		status = ilv_wire_send(fd, &good_bye);
	}

	ilv_result_fini(&good_bye);

	return status;
}
