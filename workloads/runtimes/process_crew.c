/* SPDX-License-Identifier: MIT */
/* Description: forks workers, shares out jobs, takes answers, and puts up with deaths. */
#include "workloads/runtimes/process_crew.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <utlist.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/runtimes/process_child.h"
#include "workloads/runtimes/process_worker.h"
#include "workloads/stop.h"

enum ilv_status ilv_process_crew_init(struct ilv_process_crew *crew, size_t worker_count,
				      void (*job_ended)(struct ilv_process_job *job))
{
	*crew = (struct ilv_process_crew){
		.workers = calloc(worker_count, sizeof(*crew->workers)),
		.job_ended = job_ended,
	};
	if (!crew->workers) {
		ilv_cause_add("Cannot plan workers: count=%zu", worker_count);
		return ILV_STATUS_MEMORY;
	}

	crew->worker_count = worker_count;
	for (size_t index = 0; index < worker_count; index++) {
		ilv_process_link_init(&crew->workers[index].link, index);
	}

	ilv_trace_pool_create(crew, "processes", (uint32_t)worker_count, true);

	return ILV_STATUS_OK;
}

void ilv_process_crew_fini(struct ilv_process_crew *crew)
{
	for (size_t index = 0; index < crew->worker_count; index++) {
		struct ilv_process_link *link = &crew->workers[index].link;

		if (link->pid > 0) {
			ilv_process_link_dismiss(link);
		}

		ilv_process_link_fini(link);
	}

	free(crew->workers);
	free(crew->broken);
	*crew = (struct ilv_process_crew){0};
}

static enum ilv_status fork_worker(struct ilv_process_crew *crew, struct ilv_process_worker *worker)
{
	int fd = -1;
	enum ilv_status status = ilv_process_link_fork(&worker->link, &fd);

	if (status == ILV_STATUS_OK && worker->link.pid == 0) {
		for (size_t index = 0; index < crew->worker_count; index++) {
			if (crew->workers[index].link.fd >= 0) {
				(void)close(crew->workers[index].link.fd);
			}
		}

		crew->is_worker = true;
		status = ilv_process_worker(crew, fd, worker->link.name);
		ilv_trace_process_exit(ilv_process_exit_status(status));
		_exit(ilv_process_exit_status(status));
	}

	if (status < 0) {
		ilv_cause_add("Cannot start %s of %zu", worker->link.name, crew->worker_count);
	}

	return status;
}

enum ilv_status ilv_process_crew_fork(struct ilv_process_crew *crew)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0; index < crew->worker_count && status == ILV_STATUS_OK; index++) {
		status = fork_worker(crew, &crew->workers[index]);
	}

	return status;
}

void ilv_process_crew_submit(struct ilv_process_crew *crew, struct ilv_process_job *job)
{
	job->number = ++crew->last_number;
	DL_APPEND(crew->queue, job);
	ilv_trace_job_submit(crew, job->number, job->base.name, ++crew->queue_length);
}

void ilv_process_crew_withdraw(struct ilv_process_crew *crew, struct ilv_process_job *job)
{
	if (job->worker) {
		DL_DELETE(job->worker->assigned, job);
		job->worker->assigned_count--;
	} else {
		DL_DELETE(crew->queue, job);
		crew->queue_length--;
	}
}

void ilv_process_crew_assign(struct ilv_process_crew *crew)
{
	for (unsigned int room = 1; room <= ILV_PROCESS_LINK_ASSIGNED_MAX; room++) {
		for (size_t index = 0; index < crew->worker_count && crew->queue; index++) {
			struct ilv_process_worker *worker = &crew->workers[index];
			struct ilv_process_job *job = crew->queue;
			const size_t length_before = worker->link.to_send.length;

			if (worker->link.fd < 0 || worker->assigned_count >= room) {
				continue;
			}

			DL_DELETE(crew->queue, job);
			crew->queue_length--;
			if (ilv_wire_put_job(&worker->link.to_send, job->number, &job->base) < 0) {
				ilv_process_crew_finish(crew, job, ILV_STATUS_MEMORY,
							ilv_cause_text());
				ilv_cause_clear();
				continue;
			}

			job->message_length = worker->link.to_send.length - length_before;
			job->worker = worker;
			DL_APPEND(worker->assigned, job);
			worker->assigned_count++;
			ilv_process_link_flush(&worker->link);
		}
	}
}

/* Takes all whole answers that came from `worker`. */
static void take_answers(const struct ilv_process_crew *crew, struct ilv_process_worker *worker)
{
	struct ilv_wire_answer answer;
	size_t length = 0;

	while (ilv_wire_look(&worker->link.received, &answer, &length) == ILV_STATUS_OK) {
		struct ilv_process_job *job = worker->assigned;
		struct ilv_handle nobody = {0};
		struct ilv_handle *handle =
			job && job->number == answer.number ? &job->base : &nobody;

		if (ilv_wire_keep(&worker->link.received, &answer, handle) < 0) {
			handle->status = ILV_STATUS_MEMORY;
		}

		ilv_wire_drop(&worker->link.received, length);
		if (handle == &nobody) {
			continue; /* Its good-bye. */
		}

		DL_DELETE(worker->assigned, job);
		worker->assigned_count--;
		/* What was asked to end only because of a death is told of that. */
		if (crew->broken && handle->status == ILV_STATUS_INTERRUPTED) {
			handle->status = ILV_STATUS_ERROR;
			free(handle->cause);
			handle->cause = strdup(crew->broken);
		}

		crew->job_ended(job);
	}
}

enum ilv_status ilv_process_crew_listen(const struct ilv_process_crew *crew,
					struct ilv_process_worker *worker)
{
	enum ilv_status status = ILV_STATUS_OK;

	while (status == ILV_STATUS_OK) {
		status = ilv_wire_receive(worker->link.fd, &worker->link.received);
		take_answers(crew, worker);
	}

	return status;
}

void ilv_process_crew_bury(struct ilv_process_crew *crew, struct ilv_process_worker *worker)
{
	const enum ilv_status status =
		ilv_stop_is_requested() ? ILV_STATUS_INTERRUPTED : ILV_STATUS_ERROR;
	char *cause = ilv_process_link_bury(&worker->link,
					    worker->assigned ? worker->assigned->base.name : NULL);
	/* Who dies after another only because it did not end when it was asked to is no cause. */
	const char *told = crew->broken ? crew->broken : cause;

	while (worker->assigned) {
		struct ilv_process_job *job = worker->assigned;

		DL_DELETE(worker->assigned, job);
		ilv_process_crew_finish(crew, job, status, told);
	}

	worker->assigned_count = 0;
	if (crew->broken) {
		free(cause);
		return;
	}

	crew->broken = cause ? cause : strdup("the pool is broken");
	ilv_process_crew_finish_queue(crew, status, crew->broken);
	ilv_process_crew_ask_to_end(crew);
}

void ilv_process_crew_finish(const struct ilv_process_crew *crew, struct ilv_process_job *job,
			     enum ilv_status status, const char *cause)
{
	job->base.status = status;
	job->base.cause = cause ? strdup(cause) : NULL;
	ilv_trace_job_end(crew, job->number, ilv_outcome_of(status));
	crew->job_ended(job);
}

void ilv_process_crew_finish_queue(struct ilv_process_crew *crew, enum ilv_status status,
				   const char *cause)
{
	while (crew->queue) {
		struct ilv_process_job *job = crew->queue;

		DL_DELETE(crew->queue, job);
		ilv_process_crew_finish(crew, job, status, cause);
	}

	crew->queue_length = 0;
}

void ilv_process_crew_ask_to_end(struct ilv_process_crew *crew)
{
	if (crew->are_asked_to_end) {
		return;
	}

	crew->are_asked_to_end = true;
	for (size_t index = 0; index < crew->worker_count; index++) {
		if (crew->workers[index].link.pid > 0) {
			ilv_process_ask(crew->workers[index].link.pid);
		}
	}
}

void ilv_process_crew_kill(const struct ilv_process_crew *crew)
{
	for (size_t index = 0; index < crew->worker_count; index++) {
		if (crew->workers[index].link.pid > 0) {
			(void)kill(crew->workers[index].link.pid, SIGKILL);
		}
	}
}
