/* SPDX-License-Identifier: MIT */
/*
 * Description: who emits, how many events it were, and the gate that closes at the end of the
 * process.
 *
 * Counts live in a fixed set of slots, a cache line each, which threads share out in turn: no
 * thread needs to be registered or to leave, so that events may also come from destructors of
 * thread-specific data and from signal handlers, nothing is allocated, and no count is lost when a
 * thread ends.
 */
#include "tracepoints/src/emission.h"

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "tracepoints/src/lifecycle.h"

enum {
	SLOT_COUNT = 64,
	CLOSE_TRY_COUNT = 1000,
	CLOSE_PAUSE_NS = 100 * 1000, /* so a close waits for 0.1 s at most */
};

/*
 * One word holds both, so that one atomic step counts an event and lets its emitter out. Who finds
 * the gate closed was inside for a moment too, but has counted nothing: whoever reads the count of
 * a closed process reads what stands.
 */
#define INSIDE_ONE ((uint64_t)1 << 48)
#define COUNT_MASK (INSIDE_ONE - 1)

enum gate {
	GATE_OPEN = 0,
	GATE_UNARMED = 1, /* open; the exit status is not being caught yet */
	GATE_CLOSED = 2,
};

struct slot {
	/*
	 * Pairs with `gate`: an emitter adds itself, then looks at the gate; who closes writes the
	 * gate, then looks at the slots. Both are sequentially consistent, so at least one of them
	 * sees the other.
	 */
	alignas(64) _Atomic uint64_t inside_and_count;
};

static struct slot slots[SLOT_COUNT];
static _Atomic uint32_t next_slot;
static _Atomic int gate;
static bool is_silent;             /* set before there are other threads, and never taken back */
static _Atomic int32_t process_id; /* 0: not asked for yet */

/*
 * Where the library is linked, there is room for it from the beginning of each thread. Not
 * `initial-exec`, which is a little faster: a library that is opened late would then have to fit,
 * with all its thread-specific data, into the little room that the dynamic linker keeps for such.
 */
static __thread struct {
	int32_t tid; /* 0: this thread has not asked yet */
	uint32_t slot;
} self;

/* Kept out of line, for it runs once in a thread. */
static __attribute__((noinline)) void know_self(void)
{
	self.slot = atomic_fetch_add_explicit(&next_slot, 1, memory_order_relaxed) % SLOT_COUNT;
	self.tid = gettid();
}

pid_t ilv_trace_pid(void)
{
	int32_t pid = atomic_load_explicit(&process_id, memory_order_relaxed);

	if (pid == 0) {
		pid = getpid();
		atomic_store_explicit(&process_id, pid, memory_order_relaxed);
	}

	return pid;
}

pid_t ilv_trace_tid(void)
{
	if (self.tid == 0) {
		know_self();
	}

	return self.tid;
}

int64_t ilv_trace_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The main thread's first event after the constructors: from here on a handler for exit() comes in
 * time. */
static __attribute__((noinline)) void arm(const struct ilv_emission *emission)
{
	int expected = GATE_UNARMED;

	if (emission->pid == emission->tid &&
	    atomic_compare_exchange_strong(&gate, &expected, GATE_OPEN)) {
		ilv_lifecycle_catch_status();
	}
}

void ilv_emission_identify(struct ilv_emission *emission)
{
	emission->saved_errno = errno;
	emission->pid = ilv_trace_pid();
	emission->tid = ilv_trace_tid();
	emission->slot = self.slot;
}

bool ilv_emission_begin(struct ilv_emission *emission)
{
	int state;

	if (is_silent) {
		return false;
	}

	ilv_emission_identify(emission);
	ilv_lifecycle_first_event();
	atomic_fetch_add(&slots[emission->slot].inside_and_count, INSIDE_ONE);
	state = atomic_load(&gate);
	if (state == GATE_CLOSED) {
		atomic_fetch_sub(&slots[emission->slot].inside_and_count, INSIDE_ONE);
		errno = emission->saved_errno;
		return false;
	}

	if (state == GATE_UNARMED) {
		arm(emission);
	}

	return true;
}

void ilv_emission_end(const struct ilv_emission *emission)
{
	/* A child forked inside an event (by a signal handler) has slots of its own, in which
	 * nobody is. */
	if (emission->pid == ilv_trace_pid()) {
		atomic_fetch_sub_explicit(&slots[emission->slot].inside_and_count, INSIDE_ONE - 1,
					  memory_order_release);
	}

	errno = emission->saved_errno;
}

uint64_t ilv_emission_count(void)
{
	uint64_t event_count = 0;

	for (size_t i = 0; i < SLOT_COUNT; i++) {
		event_count += atomic_load(&slots[i].inside_and_count) & COUNT_MASK;
	}

	return event_count;
}

static bool is_anybody_inside(void)
{
	for (size_t i = 0; i < SLOT_COUNT; i++) {
		if (atomic_load(&slots[i].inside_and_count) >= INSIDE_ONE) {
			return true;
		}
	}

	return false;
}

bool ilv_emission_close(void)
{
	const struct timespec pause = {.tv_nsec = CLOSE_PAUSE_NS};

	if (atomic_exchange(&gate, GATE_CLOSED) == GATE_CLOSED) {
		return false;
	}

	for (int i = 0; i < CLOSE_TRY_COUNT && is_anybody_inside(); i++) {
		nanosleep(&pause, NULL);
	}

	return true;
}

void ilv_emission_silence(void)
{
	is_silent = true;
	atomic_store(&gate, GATE_CLOSED);
}

bool ilv_emission_is_silent(void)
{
	return is_silent;
}

void ilv_emission_reset(void)
{
	for (size_t i = 0; i < SLOT_COUNT; i++) {
		atomic_store_explicit(&slots[i].inside_and_count, 0, memory_order_relaxed);
	}

	atomic_store(&process_id, 0);
	self.tid = 0;
	/* What the parent armed is inherited; what it had not, the child's first event arms. */
	if (atomic_load(&gate) == GATE_CLOSED && !is_silent) {
		atomic_store(&gate, GATE_OPEN);
	}
}

void ilv_emission_arm_exit(void)
{
	int expected = GATE_OPEN;

	atomic_compare_exchange_strong(&gate, &expected, GATE_UNARMED);
}

const char *ilv_bounded_text(const char *text, char copy[ILV_TEXT_SIZE])
{
	size_t length;

	if (!text) {
		return "";
	}

	length = strnlen(text, ILV_TEXT_SIZE);
	if (length < ILV_TEXT_SIZE) {
		return text;
	}

	length = ILV_TEXT_SIZE - 1;
	/* Bytes 10xxxxxx continue a UTF-8 character: a cut before one would split it. */
	while (length > ILV_TEXT_SIZE - 5 && ((unsigned char)text[length] & 0xc0) == 0x80) {
		length--;
	}

	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}
