/* SPDX-License-Identifier: MIT */
/*
 * Description: what goes around every tracepoint of ours: who emits, the count of what was emitted,
 * and the gate that closes when the process ends.
 *
 *   operation              | may overlap with
 *   ilv_emission_begin/end | everything, in any thread and in signal handlers
 *   ilv_emission_close     | emissions; one caller at a time
 *   ilv_emission_reset     | nothing: it runs in a forked child, which has one thread
 */
#ifndef ILV_TRACEPOINTS_SRC_EMISSION_H
#define ILV_TRACEPOINTS_SRC_EMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracepoints/src/provider.h"

/* A string takes at most this much of an event, its final NUL included. */
#define ILV_TEXT_SIZE 256

/* One event on its way: on the stack of its emitter. */
struct ilv_emission {
	int32_t pid;
	int32_t tid;
	uint32_t slot;
	int saved_errno;
};

/*
 * Lets an event pass: fills `emission`. False once the gate is closed. Whoever got true fires the
 * tracepoint and calls `ilv_emission_end()`, which counts it.
 */
bool ilv_emission_begin(struct ilv_emission *emission);
void ilv_emission_end(const struct ilv_emission *emission);

/* Fills `emission` without a count: for the one event that is fired after the gate was closed. */
void ilv_emission_identify(struct ilv_emission *emission);

/* Returns how many events this process has emitted since it began, those under way not included. */
uint64_t ilv_emission_count(void);

/*
 * Closes the gate for good and waits, for a bounded time, until nobody is inside a tracepoint any
 * more: from then on the count stands, and no thread can be killed by the end of the process while
 * it writes into a buffer which other processes share. False when it was closed already.
 */
bool ilv_emission_close(void);

/*
 * Closes the gate of this process and of all that it forks, before anything was emitted: nothing of
 * them is in any trace, and LTTng is told of none of their forks.
 */
void ilv_emission_silence(void);
bool ilv_emission_is_silent(void);

/* In a forked child: a count of zero, an open gate, ids to be asked for anew. A silent process's
 * child is silent. */
void ilv_emission_reset(void);

/* Asks that the exit status be caught once the main thread emits next: see lifecycle.c. */
void ilv_emission_arm_exit(void);

/* Returns `text`, "" for NULL, or its beginning in `copy`, cut between two characters, when it is
 * too long. */
const char *ilv_bounded_text(const char *text, char copy[ILV_TEXT_SIZE]);

/* Fires interleave:`event` with its fields after pid and tid. Disabled, it costs one load and one
 * branch. */
#define ILV_EMIT(event, ...)                                                                       \
	do {                                                                                       \
		struct ilv_emission emission;                                                      \
                                                                                                   \
		if (lttng_ust_tracepoint_enabled(interleave, event) &&                             \
		    ilv_emission_begin(&emission)) {                                               \
			lttng_ust_do_tracepoint(interleave, event, emission.pid, emission.tid,     \
						##__VA_ARGS__);                                    \
			ilv_emission_end(&emission);                                               \
		}                                                                                  \
	} while (0)

#endif /* ILV_TRACEPOINTS_SRC_EMISSION_H */
