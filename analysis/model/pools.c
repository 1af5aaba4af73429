/* SPDX-License-Identifier: MIT */
/*
 * Description: executor pools as schedulers of jobs: submitted is ready, begun is running on one of
 * the workers, ended is done.
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

ILV_HANDLER(job_begin)
{
	struct ilv_scheduler_node *pool = take_pool(model, event, thread);
	struct ilv_entity *job = pool ? ilv_member_take(model, pool, event->u.job.job) : NULL;
	struct ilv_turn turn = {
		.carrier = &thread->node.shown,
		.is_counted = true,
	};

	if (job && job->state != ILV_STATE_RUNNING) {
		turn.executor = ilv_scheduler_free_place(&pool->shown);
		ilv_scheduler_run(model, job, &turn);
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

	if (job) {
		ilv_scheduler_done(
			model, job,
			(enum ilv_outcome)ilv_known(event->u.job.outcome, ILV_OUTCOME_CANCELLED),
			&stop);
	}
}
