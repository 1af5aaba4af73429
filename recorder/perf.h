/* SPDX-License-Identifier: MIT */
/*
 * Description: opens the kernel's events for a recording and the rings they write into, one a CPU.
 */
#ifndef ILV_RECORDER_PERF_H
#define ILV_RECORDER_PERF_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/status.h"
#include "recorder/covered.h"
#include "recorder/descriptor.h"
#include "recorder/record.h"
#include "recorder/ring.h"

struct ilv_perf {
	bool is_system_wide; /* source perf+wakeups */
	struct ilv_record_format format;
	struct ilv_ring *rings;
	int *ring_fds; /* the event that owns each ring, to wait for */
	size_t ring_count;
	int *fds; /* all events, those of the rings included */
	size_t fd_count;
	size_t fd_capacity;
	struct ilv_descriptor_kind kind;
	struct ilv_covered covered; /* system-wide only: whom it is about */
};

/*
 * Opens the events of source perf+wakeups or perf, and starts them - at once, or when `pid` calls
 * exec. The threads of `pid` that exist are covered, but for LTTng's and the calling one. On
 * failure a cause says in a sentence what refuses it and what changes that, and nothing stays open.
 */
enum ilv_status ilv_perf_open_system_wide(struct ilv_perf *perf, pid_t pid,
					  bool is_waiting_for_exec) ILV_NODISCARD;
enum ilv_status ilv_perf_open_threads(struct ilv_perf *perf, pid_t pid,
				      bool is_waiting_for_exec) ILV_NODISCARD;

/* Stops the events: when it returns, every record of before is in its ring. */
void ilv_perf_disable(struct ilv_perf *perf);

/* How many records the rings have had no room for so far, by the kernel's own count; -1: it does
 * not count (before 6.0), or nobody can ask it any more. */
int64_t ilv_perf_lost_count(const struct ilv_perf *perf);

void ilv_perf_close(struct ilv_perf *perf);

/* In a forked child: closes the descriptors alone, for the rings are not mapped there. */
void ilv_perf_close_after_fork(struct ilv_perf *perf);

#endif /* ILV_RECORDER_PERF_H */
