/* SPDX-License-Identifier: MIT */
/*
 * Description: runs a recorder in the program that the library is linked to. It starts in a
 * constructor, which runs after LTTng's own (the library depends on it), and stops before the
 * process says that it ends. A program that somebody records already, as ILV_RECORDER says, is left
 * alone.
 */
#include "recorder/inside.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cause.h"
#include "recorder/recorder.h"
#include "recorder/rusage.h"
#include "tracepoints/recorder_events.h"

/* Protects starting and stopping; `inside` itself is read without it. Nothing of ours nests in it.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct ilv_recorder *_Atomic inside;
static bool is_forked_child;
static atomic_bool is_refused; /* asked for and not to be had: said once, in the trace */

/* True when ILV_RECORDER names a recorder that lives, other than one of ours before an exec. */
static bool is_covered(void)
{
	const char *value = getenv(ILV_RECORDER_ENV);
	unsigned long long id;
	int pid;

	if (!value || sscanf(value, "%llu:%d", &id, &pid) != 2 || pid <= 0 || pid == getpid()) {
		return false;
	}
	return kill(pid, 0) == 0 || errno == EPERM;
}

/* False: nothing is to be recorded by us. */
static bool read_source(enum ilv_switch_source *source)
{
	const char *name = getenv(ILV_SWITCH_SOURCE_ENV);

	*source = ILV_SWITCH_SOURCE_NONE;
	if (!name || !*name) {
		return true;
	}
	if (strcmp(name, "none") == 0 || strcmp(name, "kernel") == 0) {
		return false;
	}
	if (ilv_switch_source_parse(name, source) != ILV_STATUS_OK) {
		ilv_cause_clear();
		fprintf(stderr,
			"interleave: %s=\"%s\" is no source of thread switches (auto, "
			"perf+wakeups, perf, "
			"rusage, none): auto is taken\n",
			ILV_SWITCH_SOURCE_ENV, name);
	}
	return true;
}

static void stop(void)
{
	struct ilv_recorder *recorder;

	pthread_mutex_lock(&lock);
	recorder = atomic_exchange(&inside, NULL);
	atomic_store(&is_refused, true); /* The process ends: nothing starts any more. */
	pthread_mutex_unlock(&lock);
	ilv_recorder_stop(recorder);
}

static void say_refused(void)
{
	uint64_t id = (uint64_t)getpid() << 32;

	/* What is recorded keeps its stderr clean; the trace tells why it has no switches. */
	ilv_trace_recorder_begin(id, ILV_SWITCH_SOURCE_NONE, getpid(), ilv_cause_text());
	ilv_trace_recorder_end(id, 0, 0, 0);
	ilv_cause_clear();
	atomic_store(&is_refused, true);
}

static void start(void)
{
	struct ilv_recorder_options options = {.pid = getpid(), .is_forked_child = is_forked_child};
	struct ilv_recorder *recorder;
	char value[64];

	if (is_covered() || !read_source(&options.source)) {
		return;
	}
	if (ilv_recorder_start(&options, &recorder) != ILV_STATUS_OK) {
		say_refused();
		return;
	}
	if (ilv_recorder_source(recorder) != ILV_SWITCH_SOURCE_RUSAGE) {
		/* Children are covered too. Source rusage knows one process: each child has its own
		 * recorder. */
		ilv_recorder_env(recorder, value, sizeof(value));
		setenv(ILV_RECORDER_ENV, value, 1);
	}
	atomic_store(&inside, recorder);
	ilv_trace_at_exit(stop);
}

void ilv_recorder_inside_start_if_needed(void)
{
	int saved_errno = errno;

	if (atomic_load_explicit(&inside, memory_order_acquire) || atomic_load(&is_refused) ||
	    !ilv_trace_switches_enabled()) {
		return;
	}
	pthread_mutex_lock(&lock);
	if (!atomic_load(&inside) && !atomic_load(&is_refused)) {
		start();
	}
	pthread_mutex_unlock(&lock);
	errno = saved_errno;
}

static void after_fork_in_child(void)
{
	int saved_errno = errno;

	pthread_mutex_init(&lock, NULL);
	is_forked_child = true;
	ilv_recorder_forget_after_fork(atomic_exchange(&inside, NULL));
	errno = saved_errno;
}

static __attribute__((constructor)) void enter_process(void)
{
	pthread_atfork(NULL, NULL, after_fork_in_child);
	ilv_recorder_offer(&ilv_rusage_source);
	ilv_rusage_set_restart(ilv_recorder_inside_start_if_needed);
	ilv_recorder_inside_start_if_needed();
}
