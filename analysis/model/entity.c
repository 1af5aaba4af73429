/* SPDX-License-Identifier: MIT */
/*
 * Description: who there is: processes, schedulers and entities, found by their numbers and made
 * when first spoken of. Everything made here lives as long as the model; numbers are reused, lives
 * are not.
 */
#include <string.h>

#include "analysis/model/inner.h"
#include "analysis/model/scheduler.h"

struct ilv_process_node *ilv_process_find(const struct ilv_model *model, int32_t pid)
{
	return ilv_identity_find(model, ILV_IDENTITY_KIND_PROCESS, pid, 0, 0);
}

/* A number means another one from now on. */
static void forget_emitters(struct ilv_model *model)
{
	memset(model->emitters, 0, sizeof(model->emitters));
}

static struct ilv_process_node *make_process(struct ilv_model *model, struct ilv_identity *identity,
					     int32_t pid)
{
	struct ilv_process_node *process = ilv_model_allocate(model, sizeof(*process));

	if (!process || !ilv_list_add(model, &model->processes, process)) {
		return NULL;
	}

	process->shown = (struct ilv_process){
		.index = model->processes.count - 1,
		.pid = pid,
		.parent_pid = -1,
		.life = identity->life_count++,
		.run = model->implied_run,
		.begin_ns = model->now_ns,
		.end_ns = INT64_MAX,
		.first_act_ns = INT64_MAX,
		.tracer_begin_ns = INT64_MAX,
		.memory_begin_bytes = -1,
		.memory_peak_bytes = -1,
		.claimed_event_count = UINT64_MAX,
	};
	identity->newest = process;
	forget_emitters(model);
	return process;
}

struct ilv_process_node *ilv_process_take(struct ilv_model *model, int32_t pid)
{
	struct ilv_identity *identity =
		ilv_identity_take(model, ILV_IDENTITY_KIND_PROCESS, pid, 0, 0);

	if (!identity) {
		return NULL;
	}
	return identity->newest ? identity->newest : make_process(model, identity, pid);
}

struct ilv_process_node *ilv_process_renew(struct ilv_model *model, int32_t pid)
{
	struct ilv_identity *identity =
		ilv_identity_take(model, ILV_IDENTITY_KIND_PROCESS, pid, 0, 0);

	if (!identity) {
		return NULL;
	}
	if (identity->newest) {
		ilv_process_end(model, identity->newest, true);
	}
	return make_process(model, identity, pid);
}

/* Numbers a new entity, ties it to its scheduler and tells of it. */
static bool admit(struct ilv_model *model, struct ilv_entity_node *node,
		  struct ilv_identity *identity, enum ilv_entity_kind kind,
		  struct ilv_scheduler_node *scheduler, struct ilv_process *process)
{
	struct ilv_entity *shown = &node->shown;

	shown->kind = kind;
	shown->scheduler = &scheduler->shown;
	shown->process = process;
	shown->subject = shown;
	shown->life = identity->life_count++;
	shown->begin_ns = model->now_ns;
	shown->end_ns = INT64_MAX;
	shown->since_ns = model->now_ns;
	shown->state = ILV_STATE_UNKNOWN;
	shown->executor = ILV_EXECUTOR_UNKNOWN;
	shown->cpu_ns = -1;
	shown->index = model->entities.count;
	node->last_executor = ILV_EXECUTOR_UNKNOWN;
	if (!ilv_list_add(model, &model->entities, node)) {
		return false;
	}
	node->next_of_scheduler = scheduler->entities;
	scheduler->entities = node;
	identity->newest = node;
	return true;
}

struct ilv_thread *ilv_thread_find(const struct ilv_model *model, int32_t tid)
{
	return ilv_identity_find(model, ILV_IDENTITY_KIND_TID, 0, (uint64_t)tid, 0);
}

static struct ilv_thread *make_thread(struct ilv_model *model, struct ilv_process_node *process,
				      struct ilv_identity *identity, int32_t tid)
{
	struct ilv_identity *by_tid =
		ilv_identity_take(model, ILV_IDENTITY_KIND_TID, 0, (uint64_t)tid, 0);
	struct ilv_thread *thread = by_tid ? ilv_model_allocate(model, sizeof(*thread)) : NULL;

	if (!thread) {
		return NULL;
	}
	thread->node.shown.tid = tid;
	thread->node.shown.number = (uint64_t)tid;
	if (!admit(model, &thread->node, identity, ILV_ENTITY_KIND_THREAD, model->kernel,
		   &process->shown)) {
		return NULL;
	}

	by_tid->newest = thread;
	forget_emitters(model);
	thread->next_of_process = process->threads;
	process->threads = thread;
	if (tid == process->shown.pid) {
		thread->node.shown.role = ILV_ROLE_MAIN;
		process->shown.main_thread = &thread->node.shown;
	}
	ilv_tell_entity(model, &thread->node.shown);
	return thread;
}

struct ilv_thread *ilv_thread_take(struct ilv_model *model, struct ilv_process_node *process,
				   int32_t tid)
{
	struct ilv_identity *identity = ilv_identity_take(model, ILV_IDENTITY_KIND_THREAD,
							  process->shown.pid, (uint64_t)tid, 0);
	struct ilv_thread *thread = identity ? identity->newest : NULL;

	if (!identity || (thread && thread->node.shown.process == &process->shown)) {
		return thread;
	}
	return make_thread(model, process, identity, tid);
}

struct ilv_thread *ilv_thread_renew(struct ilv_model *model, struct ilv_process_node *process,
				    int32_t tid)
{
	struct ilv_identity *identity = ilv_identity_take(model, ILV_IDENTITY_KIND_THREAD,
							  process->shown.pid, (uint64_t)tid, 0);
	struct ilv_stop unseen = {.cause = ILV_CAUSE_UNKNOWN};

	if (!identity) {
		return NULL;
	}
	if (identity->newest) {
		struct ilv_thread *old = identity->newest;

		ilv_scheduler_done(model, &old->node.shown, ILV_OUTCOME_RETURNED, &unseen);
	}
	return make_thread(model, process, identity, tid);
}

/* GIL and lock are told apart by what is said of them, not by where they are: they share their
 * addresses. */
static enum ilv_identity_kind identity_kind_of(enum ilv_scheduler_kind kind)
{
	switch (kind) {
	case ILV_SCHEDULER_KIND_LOOP:
		return ILV_IDENTITY_KIND_LOOP;
	case ILV_SCHEDULER_KIND_POOL:
		return ILV_IDENTITY_KIND_POOL;
	default:
		return ILV_IDENTITY_KIND_LOCK;
	}
}

static enum ilv_discipline discipline_of(enum ilv_scheduler_kind kind)
{
	static const enum ilv_discipline disciplines[] = {
		[ILV_SCHEDULER_KIND_KERNEL] = ILV_DISCIPLINE_PREEMPTIVE,
		[ILV_SCHEDULER_KIND_LOOP] = ILV_DISCIPLINE_COOPERATIVE,
		[ILV_SCHEDULER_KIND_GIL] = ILV_DISCIPLINE_ON_REQUEST,
		[ILV_SCHEDULER_KIND_POOL] = ILV_DISCIPLINE_UNTIL_DONE,
		[ILV_SCHEDULER_KIND_LOCK] = ILV_DISCIPLINE_UNTIL_DONE,
	};

	return disciplines[kind];
}

struct ilv_scheduler_node *ilv_scheduler_find(const struct ilv_model *model,
					      enum ilv_scheduler_kind kind,
					      const struct ilv_process_node *process,
					      uint64_t address)
{
	struct ilv_scheduler_node *scheduler =
		ilv_identity_find(model, identity_kind_of(kind), process->shown.pid, address, 0);

	return scheduler && scheduler->shown.process == &process->shown ? scheduler : NULL;
}

struct ilv_scheduler_node *ilv_scheduler_take(struct ilv_model *model, enum ilv_scheduler_kind kind,
					      struct ilv_process_node *process, uint64_t address)
{
	int32_t pid = process ? process->shown.pid : 0;
	struct ilv_identity *identity =
		ilv_identity_take(model, identity_kind_of(kind), pid, address, 0);
	struct ilv_scheduler_node *scheduler = identity ? identity->newest : NULL;

	if (!identity || (scheduler && process && scheduler->shown.process == &process->shown)) {
		return scheduler;
	}

	scheduler = ilv_model_allocate(model, sizeof(*scheduler));
	if (!scheduler || !ilv_list_add(model, &model->schedulers, scheduler)) {
		return NULL;
	}
	scheduler->shown = (struct ilv_scheduler){
		.index = model->schedulers.count - 1,
		.kind = kind,
		.discipline = discipline_of(kind),
		.process = process ? &process->shown : NULL,
		.address = address,
		.life = process ? identity->life_count++ : 0,
		.executor_count =
			kind == ILV_SCHEDULER_KIND_LOOP || kind == ILV_SCHEDULER_KIND_GIL ? 1 : 0,
		.lock_kind =
			kind == ILV_SCHEDULER_KIND_GIL ? ILV_LOCK_KIND_GIL : ILV_LOCK_KIND_MUTEX,
		.begin_ns = model->now_ns,
		.end_ns = INT64_MAX,
	};
	scheduler->identity = identity;
	if (process) { /* The kernel serves all and has no address. */
		identity->newest = scheduler;
		scheduler->next_of_process = process->schedulers;
		process->schedulers = scheduler;
	}
	ilv_tell_scheduler(model, &scheduler->shown);
	return scheduler;
}

void ilv_scheduler_end(struct ilv_model *model, struct ilv_scheduler_node *scheduler)
{
	struct ilv_entity_node *node;

	if (scheduler->shown.end_ns != INT64_MAX) {
		return;
	}
	for (node = scheduler->entities; node; node = node->next_of_scheduler) {
		struct ilv_stop end = {
			.cause = node->shown.state == ILV_STATE_RUNNING ? ILV_CAUSE_UNKNOWN
									: ILV_CAUSE_NONE,
			.is_abandoned = node->shown.kind != ILV_ENTITY_KIND_CLAIM,
		};

		ilv_scheduler_done(model, &node->shown,
				   node->shown.kind == ILV_ENTITY_KIND_CLAIM
					   ? ILV_OUTCOME_RETURNED
					   : ILV_OUTCOME_CANCELLED,
				   &end);
	}
	scheduler->shown.end_ns = model->now_ns;
	if (scheduler->identity->newest == scheduler) {
		scheduler->identity->newest = NULL;
	}
}

static enum ilv_identity_kind member_identity_kind(const struct ilv_scheduler_node *scheduler)
{
	return scheduler->shown.kind == ILV_SCHEDULER_KIND_POOL ? ILV_IDENTITY_KIND_JOB
								: ILV_IDENTITY_KIND_TASK;
}

static struct ilv_identity *
take_member_identity(struct ilv_model *model, struct ilv_scheduler_node *scheduler, uint64_t number)
{
	return ilv_identity_take(model, member_identity_kind(scheduler),
				 scheduler->shown.process->pid, scheduler->shown.address, number);
}

static struct ilv_entity *make_member(struct ilv_model *model, struct ilv_scheduler_node *scheduler,
				      struct ilv_identity *identity, uint64_t number)
{
	bool is_job = scheduler->shown.kind == ILV_SCHEDULER_KIND_POOL;
	struct ilv_task *member = ilv_model_allocate(model, sizeof(*member));

	if (!member) {
		return NULL;
	}
	member->node.shown.number = number;
	member->node.shown.role = ILV_ROLE_JOB;
	if (!admit(model, &member->node, identity,
		   is_job ? ILV_ENTITY_KIND_JOB : ILV_ENTITY_KIND_TASK, scheduler,
		   scheduler->shown.process)) {
		return NULL;
	}
	ilv_tell_entity(model, &member->node.shown);
	return &member->node.shown;
}

struct ilv_entity *ilv_member_find(const struct ilv_model *model,
				   const struct ilv_scheduler_node *scheduler, uint64_t number)
{
	struct ilv_entity *member =
		ilv_identity_find(model, member_identity_kind(scheduler),
				  scheduler->shown.process->pid, scheduler->shown.address, number);

	return member && member->scheduler == &scheduler->shown ? member : NULL;
}

struct ilv_entity *ilv_member_take(struct ilv_model *model, struct ilv_scheduler_node *scheduler,
				   uint64_t number)
{
	struct ilv_identity *identity = take_member_identity(model, scheduler, number);
	struct ilv_entity *member = identity ? identity->newest : NULL;

	if (!identity || (member && member->scheduler == &scheduler->shown)) {
		return member;
	}
	return make_member(model, scheduler, identity, number);
}

struct ilv_entity *ilv_member_renew(struct ilv_model *model, struct ilv_scheduler_node *scheduler,
				    uint64_t number)
{
	struct ilv_identity *identity = take_member_identity(model, scheduler, number);
	struct ilv_stop unseen = {.cause = ILV_CAUSE_UNKNOWN};

	if (!identity) {
		return NULL;
	}
	if (identity->newest) {
		ilv_scheduler_done(model, identity->newest, ILV_OUTCOME_RETURNED, &unseen);
	}
	return make_member(model, scheduler, identity, number);
}

/* The newest claim of `subject`, if it is one on `lock`: mostly the same few are taken over and
 * over. */
static struct ilv_claim *newest_claim(const struct ilv_scheduler_node *lock,
				      const struct ilv_entity *subject)
{
	struct ilv_claim *newest = ilv_node_of(subject)->claims;

	return newest && newest->node.shown.scheduler == &lock->shown ? newest : NULL;
}

struct ilv_claim *ilv_claim_find(const struct ilv_model *model,
				 const struct ilv_scheduler_node *lock,
				 const struct ilv_entity *subject)
{
	struct ilv_claim *newest = newest_claim(lock, subject);

	return newest ? newest
		      : ilv_identity_find(model, ILV_IDENTITY_KIND_CLAIM, 0, lock->shown.index,
					  subject->index);
}

struct ilv_claim *ilv_claim_take(struct ilv_model *model, struct ilv_scheduler_node *lock,
				 struct ilv_entity *subject)
{
	struct ilv_claim *claim = newest_claim(lock, subject);
	struct ilv_entity_node *subject_node = ilv_node_of(subject);
	struct ilv_identity *identity;

	if (claim) {
		return claim;
	}

	identity = ilv_identity_take(model, ILV_IDENTITY_KIND_CLAIM, 0, lock->shown.index,
				     subject->index);
	claim = identity ? identity->newest : NULL;
	/* The finished hold nothing: what still comes from them is the end of their tear-down. */
	if (!identity || claim || subject->state == ILV_STATE_DONE) {
		return claim;
	}

	claim = ilv_model_allocate(model, sizeof(*claim));
	if (!claim) {
		return NULL;
	}
	if (!admit(model, &claim->node, identity, ILV_ENTITY_KIND_CLAIM, lock, subject->process)) {
		return NULL;
	}
	claim->node.shown.subject = subject;
	claim->node.shown.role = subject->role;
	claim->next_of_subject = subject_node->claims;
	subject_node->claims = claim;
	ilv_tell_entity(model, &claim->node.shown);
	return claim;
}
