/* SPDX-License-Identifier: MIT */
/* Description: one LTTng session: all events of provider `interleave`, written to a folder of their
 * own. */
#ifndef ILV_CLI_SESSION_H
#define ILV_CLI_SESSION_H

#include <stdbool.h>

#include "base/status.h"

struct ilv_session;

/* How a session ended. */
struct ilv_session_end {
	/*
	 * A buffer never came to rest: a process died while it wrote to it. The session was given
	 * up, what reached the disk is readable, and some is missing although nothing was counted
	 * as lost.
	 */
	bool is_stuck;
};

/* Ends the sessions that commands left which live no more: those of our name whose pid is gone. */
void ilv_session_clean(void);

/*
 * Creates a session that writes below `trace_path`, an absolute path, and starts it; then waits
 * until its events reach this process as well, for the recorder emits here. `*session` is to be
 * given to `ilv_session_stop()`.
 */
enum ilv_status ilv_session_start(const char *trace_path,
				  struct ilv_session **session) ILV_NODISCARD;

/* Stops and destroys the session, within a finite time, and frees it. NULL is allowed. */
enum ilv_status ilv_session_stop(struct ilv_session *session,
				 struct ilv_session_end *end) ILV_NODISCARD;

#endif /* ILV_CLI_SESSION_H */
