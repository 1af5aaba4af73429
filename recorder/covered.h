/* SPDX-License-Identifier: MIT */
/*
 * Description: the threads that a system-wide recording is about: those of one process, and all
 * that they create. It follows the kernel's records of fork, exec and exit, so it must be fed in
 * order of time.
 */
#ifndef ILV_RECORDER_COVERED_H
#define ILV_RECORDER_COVERED_H

#include <stdbool.h>
#include <stdint.h>

#include <uthash.h>

#include "base/status.h"
#include "recorder/record.h"

enum ilv_covered_place {
	ILV_COVERED_PLACE_UNKNOWN, /* nothing has been seen of it yet, or records were lost */
	ILV_COVERED_PLACE_ON_CPU,
	ILV_COVERED_PLACE_READY, /* cut short, or woken */
	ILV_COVERED_PLACE_BLOCKED,
};

struct ilv_covered_thread {
	int32_t tid; /* the key */
	int32_t pid;
	int32_t waker_tid; /* who asked for its wake-up before it had left the CPU; -1: not known */
	enum ilv_covered_place place;
	bool is_exiting; /* leaves the set at its next switch-out */
	UT_hash_handle hh;
};

struct ilv_covered {
	struct ilv_covered_thread *threads;
	int32_t exec_pid; /* nothing is covered before this process calls exec; 0: that is over */
};

/* Adds a thread, or makes a known one new. ILV_STATUS_MEMORY leaves the set as it was. */
enum ilv_status ilv_covered_add(struct ilv_covered *covered, int32_t pid,
				int32_t tid) ILV_NODISCARD;

/* Returns the thread, or NULL when it is not covered. Borrowed until it leaves the set. */
struct ilv_covered_thread *ilv_covered_find(const struct ilv_covered *covered, int32_t tid);

void ilv_covered_remove(struct ilv_covered *covered, struct ilv_covered_thread *thread);

/* Takes in a record of fork, exec or exit; others are ignored. */
enum ilv_status ilv_covered_follow(struct ilv_covered *covered,
				   const struct ilv_record *record) ILV_NODISCARD;

/* Records were lost: where each thread is, is no longer known. */
void ilv_covered_doubt(struct ilv_covered *covered);

void ilv_covered_fini(struct ilv_covered *covered);

#endif /* ILV_RECORDER_COVERED_H */
