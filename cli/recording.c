/* SPDX-License-Identifier: MIT */
/* Description: opens a session, runs a program beside the recorder, and closes the session, come
 * what may. */
#include "cli/recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "cli/daemon.h"
#include "cli/folder.h"
#include "cli/session.h"
#include "cli/signals.h"

/* A disk with less than this has no room for one more packet of a trace. */
#define ROOM_LEAST (UINT64_C(1) << 20)

static bool is_disk_full(const char *folder)
{
	struct statvfs facts;

	return statvfs(folder, &facts) == 0 &&
	       (uint64_t)facts.f_bavail * facts.f_frsize < ROOM_LEAST;
}

/* The session daemon has another working folder, so it needs the whole path. */
static char *make_trace_path(const char *folder)
{
	char *whole = realpath(folder, NULL);
	char *path = whole ? ilv_path_join(whole, "trace") : NULL;

	if (!whole) {
		ilv_cause_add("Cannot find folder \"%s\": errno=%d, %s", folder, errno,
			      strerror(errno));
	}
	free(whole);

	return path;
}

enum ilv_status ilv_recording_make(struct ilv_daemon *daemon, const char *folder,
				   const struct ilv_launch *launch, struct ilv_recording *recording)
{
	struct ilv_session *session = NULL;
	struct ilv_session_end end = {0};
	enum ilv_status status = ILV_STATUS_IO;
	enum ilv_status stopped;
	char *trace_path = NULL;

	*recording = (struct ilv_recording){0};
	if (is_disk_full(folder)) {
		ilv_cause_add("Cannot record into \"%s\": its disk is full", folder);
		return status;
	}
	trace_path = make_trace_path(folder);
	if (!trace_path) {
		return status;
	}

	ilv_signals_hold();
	ilv_daemon_await(daemon);
	status = ilv_session_start(trace_path, &session);
	ilv_daemon_awaited(daemon);
	if (status == ILV_STATUS_OK) {
		/* This process is in the trace, for the recorder lives here: it must not be taken
		 * for a part of the run. */
		ilv_trace_process_start(getppid(), "interleave", ILV_ROLE_RECORDER,
					ilv_trace_now_ns());
		status = ilv_launch_run(launch, &recording->launched);
	}
	ilv_daemon_await(daemon);
	stopped = ilv_session_stop(session, &end);
	ilv_daemon_awaited(daemon);
	ilv_signals_release();

	recording->is_stuck = end.is_stuck;
	recording->is_disk_full = is_disk_full(folder);
	free(trace_path);
	if (status != ILV_STATUS_OK) {
		return status;
	}

	/* A session that cannot be closed well still leaves what was written. */
	recording->is_unclosed = stopped != ILV_STATUS_OK;
	ilv_cause_clear();

	return ILV_STATUS_OK;
}
