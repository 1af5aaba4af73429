/* SPDX-License-Identifier: MIT */
/*
 * Description: a fork that keeps the trace whole: LTTng is told, so that the child is registered as
 * a process of its own, and parent and child each say what happened.
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <lttng/ust-fork.h>

#include <interleave/trace.h>

#include "tracepoints/src/emission.h"
#include "tracepoints/src/lifecycle.h"

pid_t ilv_fork(const char *name, enum ilv_role role)
{
	/* LTTng's preloaded wrapper does its part inside fork(); told twice, it would wait for
	 * itself. */
	bool is_lttng_ours = !ilv_lifecycle_has_fork_wrapper() && !ilv_emission_is_silent();
	sigset_t signals;
	pid_t child;
	int saved_errno;

	if (is_lttng_ours) {
		lttng_ust_before_fork(&signals);
	}

	child = fork();
	saved_errno = errno;
	if (child == 0) {
		if (is_lttng_ours) {
			lttng_ust_after_fork_child(&signals);
		}

		ilv_trace_process_start(getppid(), name, role, ilv_lifecycle_started_ns());
		ilv_lifecycle_announce_tracers();
	} else {
		if (is_lttng_ours) {
			lttng_ust_after_fork_parent(&signals);
		}

		if (child > 0) {
			ilv_trace_process_spawn(child, ILV_SPAWN_METHOD_FORK);
		}
	}

	errno = saved_errno;
	return child;
}
