/* SPDX-License-Identifier: MIT */
/* Description: what entities, schedulers and processes are called: ids for programs, labels for
 * people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analysis/model/model.h"

void ilv_process_id(const struct ilv_process *process, char *text, size_t size)
{
	snprintf(text, size, "process:%" PRId32 ".%" PRIu32, process->pid, process->life);
}

void ilv_scheduler_id(const struct ilv_scheduler *scheduler, char *text, size_t size)
{
	static const char *const words[] = {
		[ILV_SCHEDULER_KIND_KERNEL] = "kernel", [ILV_SCHEDULER_KIND_LOOP] = "loop",
		[ILV_SCHEDULER_KIND_GIL] = "lock",      [ILV_SCHEDULER_KIND_POOL] = "pool",
		[ILV_SCHEDULER_KIND_LOCK] = "lock",
	};

	if (scheduler->kind == ILV_SCHEDULER_KIND_KERNEL) {
		snprintf(text, size, "kernel");
		return;
	}
	snprintf(text, size, "%s:%" PRId32 ".0x%" PRIx64 ".%" PRIu32, words[scheduler->kind],
		 scheduler->process->pid, scheduler->address, scheduler->life);
}

/* A number that was used again gets the count of its lives behind it; the first is called by the
 * number alone. */
static void member_id(const char *word, const struct ilv_entity *member, char *text, size_t size)
{
	int length = snprintf(text, size, "%s:%" PRId32 ".0x%" PRIx64 ".%" PRIu64, word,
			      member->process->pid, member->scheduler->address, member->number);

	if (member->life > 0 && length >= 0 && (size_t)length < size) {
		snprintf(text + length, size - (size_t)length, ".%" PRIu32, member->life);
	}
}

void ilv_entity_id(const struct ilv_entity *entity, char *text, size_t size)
{
	char lock[80];
	char subject[96];

	switch (entity->kind) {
	case ILV_ENTITY_KIND_THREAD:
		snprintf(text, size, "thread:%" PRId32 ".%" PRId32 ".%" PRIu32,
			 entity->process->pid, entity->tid, entity->life);
		break;
	case ILV_ENTITY_KIND_TASK:
		member_id("task", entity, text, size);
		break;
	case ILV_ENTITY_KIND_JOB:
		member_id("job", entity, text, size);
		break;
	default:
		ilv_scheduler_id(entity->scheduler, lock, sizeof(lock));
		ilv_entity_id(entity->subject, subject, sizeof(subject));
		snprintf(text, size, "claim:%s/%s", strchr(lock, ':') + 1, subject);
		break;
	}
}

void ilv_scheduler_label(const struct ilv_scheduler *scheduler, char *text, size_t size)
{
	static const char *const words[] = {
		[ILV_SCHEDULER_KIND_KERNEL] = "kernel", [ILV_SCHEDULER_KIND_LOOP] = "loop",
		[ILV_SCHEDULER_KIND_GIL] = "GIL",       [ILV_SCHEDULER_KIND_POOL] = "pool",
		[ILV_SCHEDULER_KIND_LOCK] = "lock",
	};

	if (scheduler->name) {
		snprintf(text, size, "%s", scheduler->name);
	} else if (scheduler->kind == ILV_SCHEDULER_KIND_KERNEL) {
		snprintf(text, size, "kernel");
	} else {
		snprintf(text, size, "%s 0x%" PRIx64, words[scheduler->kind], scheduler->address);
	}
}

const char *ilv_entity_name(const struct ilv_entity *entity)
{
	const struct ilv_process *process = entity->process;

	if (entity->name || entity->kind != ILV_ENTITY_KIND_THREAD || !process ||
	    entity->tid != process->pid) {
		return entity->name;
	}

	return process->name;
}

void ilv_entity_label(const struct ilv_entity *entity, char *text, size_t size)
{
	const char *name = ilv_entity_name(entity);

	if (name) {
		snprintf(text, size, "%s", name);
		return;
	}

	switch (entity->kind) {
	case ILV_ENTITY_KIND_THREAD:
		snprintf(text, size, "thread %" PRId32, entity->tid);
		break;
	case ILV_ENTITY_KIND_TASK:
		snprintf(text, size, "task %" PRIu64, entity->number);
		break;
	case ILV_ENTITY_KIND_JOB:
		snprintf(text, size, "job %" PRIu64, entity->number);
		break;
	default:
		ilv_entity_label(entity->subject, text, size);
		break;
	}
}
