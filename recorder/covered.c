/* SPDX-License-Identifier: MIT */
/*
 * Description: the set of covered threads. Thread ids are used again, so a thread leaves the set at
 * its last switch-out, and a new one with the same id begins anew.
 */
#define HASH_NONFATAL_OOM 1
#include "recorder/covered.h"

#include <stdlib.h>

enum ilv_status ilv_covered_add(struct ilv_covered *covered, int32_t pid, int32_t tid)
{
	struct ilv_covered_thread *thread = ilv_covered_find(covered, tid);

	if (!thread) {
		thread = calloc(1, sizeof(*thread));
		if (!thread) {
			return ILV_STATUS_MEMORY;
		}
		thread->tid = tid;
		HASH_ADD_INT(covered->threads, tid, thread);
		if (!thread->hh.tbl) {
			free(thread);
			return ILV_STATUS_MEMORY;
		}
	}
	thread->pid = pid;
	thread->waker_tid = -1;
	thread->place = ILV_COVERED_PLACE_UNKNOWN;
	thread->is_exiting = false;
	return ILV_STATUS_OK;
}

struct ilv_covered_thread *ilv_covered_find(const struct ilv_covered *covered, int32_t tid)
{
	struct ilv_covered_thread *thread;

	HASH_FIND_INT(covered->threads, &tid, thread);
	return thread;
}

void ilv_covered_remove(struct ilv_covered *covered, struct ilv_covered_thread *thread)
{
	/* The analyzer does not see that uthash frees its table with the last item only. */
	HASH_DEL(covered->threads, thread); /* NOLINT(clang-analyzer-unix.Malloc) */
	free(thread);
}

static bool covers_process(const struct ilv_covered *covered, int32_t pid)
{
	for (struct ilv_covered_thread *thread = covered->threads; thread;
	     thread = thread->hh.next) {
		if (thread->pid == pid) {
			return true;
		}
	}
	return false;
}

enum ilv_status ilv_covered_follow(struct ilv_covered *covered, const struct ilv_record *record)
{
	struct ilv_covered_thread *thread;

	switch (record->kind) {
	case ILV_RECORD_KIND_FORK:
		if (ilv_covered_find(covered, record->other_tid)) {
			return ilv_covered_add(covered, record->pid, record->tid);
		}
		/*
		 * An id of ours that somebody else got: the end of our thread was among lost
		 * records. (A new thread of the same process is ours: its creator had ended when
		 * the recording began.)
		 */
		thread = ilv_covered_find(covered, record->tid);
		if (thread && (thread->pid != record->pid || record->pid == record->tid)) {
			ilv_covered_remove(covered, thread);
		}
		break;
	case ILV_RECORD_KIND_EXEC:
		if (record->pid == covered->exec_pid) {
			covered->exec_pid = 0;
			return ilv_covered_add(covered, record->pid, record->tid);
		}
		/* A thread that calls exec takes over the id of its process's first thread, which
		 * has ended. */
		thread = ilv_covered_find(covered, record->tid);
		if (thread) {
			thread->is_exiting = false;
		} else if (covers_process(covered, record->pid)) {
			enum ilv_status status = ilv_covered_add(covered, record->pid, record->tid);

			if (status == ILV_STATUS_OK) {
				ilv_covered_find(covered, record->tid)->place =
					ILV_COVERED_PLACE_ON_CPU;
			}
			return status;
		}
		break;
	case ILV_RECORD_KIND_EXIT:
		thread = ilv_covered_find(covered, record->tid);
		if (thread) {
			thread->is_exiting = true;
		}
		break;
	default:
		break;
	}

	return ILV_STATUS_OK;
}

void ilv_covered_doubt(struct ilv_covered *covered)
{
	for (struct ilv_covered_thread *thread = covered->threads; thread;
	     thread = thread->hh.next) {
		thread->place = ILV_COVERED_PLACE_UNKNOWN;
		thread->waker_tid = -1;
	}
}

void ilv_covered_fini(struct ilv_covered *covered)
{
	struct ilv_covered_thread *thread;
	struct ilv_covered_thread *next;

	HASH_ITER (hh, covered->threads, thread, next) {
		ilv_covered_remove(covered, thread);
	}
}
