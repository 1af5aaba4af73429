/* SPDX-License-Identifier: MIT */
/*
 * Description: executor pools as schedulers of jobs: submitted is ready, begun is running on one of
 * the workers, ended is done. A worker that begins a job in the midst of another does so because
 * the other waits for it: the other waits until the inner one has ended.
 */
#include "analysis/model/inner.h"
#include "analysis/model/scheduler.h"

/* Finds the pool. A worker process speaks of a pool that it knows from the process that forked it.
 */
static struct ilv_scheduler_node *take_pool(struct ilv_model *model, const struct ilv_event *event,
					    const struct ilv_thread *thread)
{
	struct ilv_process_node *own = (struct ilv_process_node *)thread->node.shown.process;
	struct ilv_process_node *process;

	for (process = own; process; process = process->parent) {
		struct ilv_scheduler_node *pool = ilv_scheduler_find(model, ILV_SCHEDULER_KIND_POOL,
								     process, event->u.job.pool);

		if (pool) {
			return pool;
		}
	}
	return ilv_scheduler_take(model, ILV_SCHEDULER_KIND_POOL, own, event->u.job.pool);
}

ILV_HANDLER(pool_create)
{
	struct ilv_process_node *process = (struct ilv_process_node *)thread->node.shown.process;
	struct ilv_scheduler_node *pool =
		ilv_scheduler_find(model, ILV_SCHEDULER_KIND_POOL, process, event->u.job.pool);

	if (pool && pool->is_created) {
		ilv_scheduler_end(model, pool);
	}
	pool = ilv_scheduler_take(model, ILV_SCHEDULER_KIND_POOL, process, event->u.job.pool);
	if (pool) {
		pool->is_created = true;
		pool->shown.name = ilv_text_or_null(event->u.job.name);
		pool->shown.executor_count = event->u.job.worker_count;
	}
}

ILV_HANDLER(job_submit)
{
	struct ilv_scheduler_node *pool = take_pool(model, event, thread);
	struct ilv_entity *job;

	if (!pool) {
		return;
	}
	job = ilv_member_take(model, pool, event->u.job.job);
	if (job && (ilv_node_of(job)->is_created || job->state == ILV_STATE_DONE)) {
		job = ilv_member_renew(model, pool, event->u.job.job);
	}
	if (!job) {
		return;
	}

	ilv_node_of(job)->is_created = true;
	job->name = ilv_text_or_null(event->u.job.name);
	job->parent = ilv_thread_context(thread);
	ilv_tell_edge(model, ILV_EDGE_KIND_SPAWN, job->parent, model->now_ns, job, model->now_ns,
		      NULL);
	ilv_scheduler_ready(model, job, NULL);
}

/* Which worker of the pool `thread` is: always the same, in the order in which they were seen. */
static int32_t place_of(struct ilv_scheduler_node *pool, struct ilv_thread *thread)
{
	if (thread->pool != pool) {
		if (pool->shown.executor_count > 0 &&
		    pool->worker_count >= pool->shown.executor_count) {
			return ilv_scheduler_free_place(
				&pool->shown); /* More than were announced. */
		}

		thread->pool = pool;
		thread->pool_place = (int32_t)pool->worker_count++;
	}

	return thread->pool_place;
}

ILV_HANDLER(job_begin)
{
	struct ilv_scheduler_node *pool = take_pool(model, event, thread);
	struct ilv_entity *job = pool ? ilv_member_take(model, pool, event->u.job.job) : NULL;
	struct ilv_turn turn = {
		.carrier = &thread->node.shown,
		.is_counted = true,
	};
	struct ilv_entity *outer;

	if (!job || job->state == ILV_STATE_RUNNING || job->state == ILV_STATE_DONE) {
		return;
	}
	turn.executor = place_of(pool, thread);
	outer = ilv_scheduler_occupant(&pool->shown, turn.executor);
	if (outer && outer->carrier == turn.carrier) {
		struct ilv_stop stop = {
			.cause = ILV_CAUSE_BLOCKED,
			.next = ILV_STATE_WAITING,
			.wait = {.reason = ILV_WAIT_REASON_POOL_JOB, .object = job->number},
			.is_counted = true,
		};

		ilv_node_of(job)->outer = outer;
		ilv_scheduler_stop(model, outer, &stop);
	}
	ilv_scheduler_run(model, job, &turn);
}

/* The worker goes on with what it had left for a job that has ended. */
static void resume_outer(struct ilv_model *model, struct ilv_entity *job, int32_t executor,
			 struct ilv_thread *thread)
{
	struct ilv_entity *outer = ilv_node_of(job)->outer;
	struct ilv_turn turn = {
		.executor = executor,
		.carrier = &thread->node.shown,
		.is_counted = true,
	};

	ilv_node_of(job)->outer = NULL;
	if (outer && outer->state == ILV_STATE_WAITING) {
		ilv_scheduler_run(model, outer, &turn);
	}
}

ILV_HANDLER(job_end)
{
	struct ilv_scheduler_node *pool = take_pool(model, event, thread);
	struct ilv_entity *job = pool ? ilv_member_take(model, pool, event->u.job.job) : NULL;
	struct ilv_stop stop = {
		.cause = ILV_CAUSE_FINISHED,
		.is_counted = true,
	};
	int32_t executor;

	if (!job) {
		return;
	}
	if (job->state == ILV_STATE_READY) {
		stop = (struct ilv_stop){.cause = ILV_CAUSE_NONE}; /* Cancelled: it never ran. */
	}
	executor = job->executor;
	ilv_scheduler_done(model, job,
			   (enum ilv_outcome)ilv_known(event->u.job.outcome, ILV_OUTCOME_CANCELLED),
			   &stop);
	resume_outer(model, job, executor, thread);
}
