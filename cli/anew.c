/* SPDX-License-Identifier: MIT */
/* Description: starts this very program anew. */
#include "cli/anew.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/recorder.h"
#include "tracepoints/recorder_events.h"

static char **program_argv;
static char program_path[4096]; /* empty: not known */

void ilv_anew_remember(char **argv)
{
	ssize_t length = readlink("/proc/self/exe", program_path, sizeof(program_path) - 1);

	program_argv = argv;
	program_path[length > 0 ? length : 0] = '\0';
}

enum ilv_status ilv_anew(void)
{
	/* Ends a recorder in this process: a thread that dies in a tracepoint could wedge a buffer
	 * of LTTng. */
	ilv_trace_process_exit(0);
	/* By its path: in a mount namespace of our own, the link would lead to the file as it is
	 * mounted outside, and whoever is below a chroot would then be told a path from beyond it.
	 */
	(void)execv(program_path, program_argv);
	(void)execv("/proc/self/exe", program_argv);
	ilv_cause_add("Cannot start this program anew%s: errno=%d, %s",
		      access("/proc/self/exe", F_OK) == 0 ? "" : ", for /proc is not mounted",
		      errno, strerror(errno));

	return ILV_STATUS_ERROR;
}

enum ilv_status ilv_anew_unrecorded(void)
{
	const char *source = getenv(ILV_SWITCH_SOURCE_ENV);

	if (source && strcmp(source, "none") == 0) {
		return ILV_STATUS_OK;
	}
	if (setenv(ILV_SWITCH_SOURCE_ENV, "none", 1) != 0) {
		return ILV_STATUS_MEMORY;
	}

	return ilv_trace_switches_enabled() ? ilv_anew() : ILV_STATUS_OK;
}
