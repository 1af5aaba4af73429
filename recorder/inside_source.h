/* SPDX-License-Identifier: MIT */
/*
 * Description: a source of switches that only code inside the recorded program can have. The
 * library offers it to the recorder when it is loaded; a host outside has none, and its program
 * none of the library's own symbols twice.
 */
#ifndef ILV_RECORDER_INSIDE_SOURCE_H
#define ILV_RECORDER_INSIDE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct ilv_inside_source {
	/*
	 * Begins to record this process, as `recorder_id`. Switches of threads that exist are
	 * counted from now on, of others from their start; with `is_forked_child` all are counted
	 * from their start.
	 */
	enum ilv_status (*start)(uint64_t recorder_id, bool is_forked_child);
	/* Emits the watermark: it stays behind every time that a thread may still have to tell of.
	 */
	void (*send_watermark)(void);
	/* Tells what is new of the calling thread, if it has told anything, before the end. */
	void (*check_caller)(void);
	/* Ends it and returns how many events were sent. */
	uint64_t (*stop)(void);
	/* In a forked child: the recording is the parent's and knows nothing of the child. */
	void (*forget_after_fork)(void);
};

/* `source` is borrowed for ever. Called before any recorder is started. */
void ilv_recorder_offer(const struct ilv_inside_source *source);

#endif /* ILV_RECORDER_INSIDE_SOURCE_H */
