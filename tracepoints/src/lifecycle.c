/* SPDX-License-Identifier: MIT */
/*
 * Description: what the library says by itself of its process: `process_start` when it is loaded,
 * the threads that LTTng made, and `process_exit`, last of all, when the process ends by exit() or
 * by returning from main.
 *
 * It ends in the library's destructor, since all handlers of the program have run by then, while
 * LTTng still lives. A destructor is not told the exit status: on_exit() is. But what a constructor
 * registers there runs after the destructors, too late; so the handler is registered with the main
 * thread's first event after them. quick_exit() calls handlers of its own, the first registered
 * last.
 */
#include "tracepoints/src/lifecycle.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "ilv_version.h"
#include "tracepoints/recorder_events.h"
#include "tracepoints/src/emission.h"

enum {
	HOOK_COUNT = 4,
};

static _Atomic int64_t started_ns;
static _Atomic int exit_status = -1;
static _Atomic bool is_start_due;
static _Atomic(ilv_trace_exit_hook) hooks[HOOK_COUNT];
static bool has_fork_wrapper;

const char *ilv_version(void)
{
	return ILV_VERSION;
}

int64_t ilv_lifecycle_started_ns(void)
{
	return atomic_load_explicit(&started_ns, memory_order_relaxed);
}

bool ilv_lifecycle_has_fork_wrapper(void)
{
	return has_fork_wrapper;
}

bool ilv_trace_at_exit(ilv_trace_exit_hook hook)
{
	for (size_t i = 0; i < HOOK_COUNT; i++) {
		ilv_trace_exit_hook expected = NULL;

		if (atomic_compare_exchange_strong(&hooks[i], &expected, hook)) {
			ilv_emission_arm_exit();
			return true;
		}
	}

	return false;
}

/* Last registered, first called; each once. */
static void run_hooks(void)
{
	for (size_t i = HOOK_COUNT; i > 0; i--) {
		ilv_trace_exit_hook hook = atomic_exchange(&hooks[i - 1], NULL);

		if (hook) {
			hook();
		}
	}
}

void ilv_trace_process_exit(int status)
{
	struct ilv_emission emission;
	int saved_errno = errno;

	run_hooks();
	ilv_lifecycle_first_event();
	if (ilv_emission_close() && lttng_ust_tracepoint_enabled(interleave, process_exit)) {
		ilv_emission_identify(&emission);
		lttng_ust_do_tracepoint(interleave, process_exit, emission.pid, emission.tid,
					status, ilv_emission_count() + 1);
	}

	errno = saved_errno;
}

static void keep_status(int status, void *unused)
{
	(void)unused;
	atomic_store(&exit_status, status & 0xff);
}

void ilv_lifecycle_catch_status(void)
{
	on_exit(keep_status, NULL);
}

bool ilv_lifecycle_read_name(const char *tid_text, char name[ILV_THREAD_NAME_SIZE])
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%.20s/comm", tid_text);
	file = fopen(path, "re");
	if (!file) {
		return false;
	}

	if (!fgets(name, ILV_THREAD_NAME_SIZE, file)) {
		name[0] = '\0';
	}

	fclose(file);
	name[strcspn(name, "\n")] = '\0';
	return name[0] != '\0';
}

bool ilv_lifecycle_is_tracer_name(const char *name)
{
	static const char ending[] = "-ust";
	size_t length = strlen(name);

	return length >= strlen(ending) && strcmp(name + length - strlen(ending), ending) == 0;
}

void ilv_lifecycle_announce_tracers(void)
{
	int saved_errno = errno;
	char name[ILV_THREAD_NAME_SIZE];
	struct dirent *entry;
	DIR *tasks;

	if (!lttng_ust_tracepoint_enabled(interleave, thread_announce)) {
		return;
	}

	tasks = opendir("/proc/self/task");
	if (!tasks) {
		errno = saved_errno;
		return;
	}

	while ((entry = readdir(tasks))) {
		long tid = strtol(entry->d_name, NULL, 10);

		if (tid > 0 && tid != ilv_trace_pid() &&
		    ilv_lifecycle_read_name(entry->d_name, name) &&
		    ilv_lifecycle_is_tracer_name(name)) {
			ilv_trace_thread_announce((pid_t)tid, name, ILV_ROLE_TRACER);
		}
	}

	closedir(tasks);
	errno = saved_errno;
}

void ilv_lifecycle_start_is_said(void)
{
	atomic_store_explicit(&is_start_due, false, memory_order_relaxed);
}

void ilv_lifecycle_first_event(void)
{
	if (atomic_load_explicit(&is_start_due, memory_order_relaxed) &&
	    atomic_exchange(&is_start_due, false)) {
		ilv_trace_process_start(getppid(), program_invocation_short_name, ILV_ROLE_OTHER,
					ilv_lifecycle_started_ns());
	}
}

static void after_fork_in_child(void)
{
	atomic_store(&started_ns, ilv_trace_now_ns());
	atomic_store(&exit_status, -1);
	atomic_store(&is_start_due, true);
	/* They would stop what only the parent has: threads and mappings are not inherited. */
	for (size_t i = 0; i < HOOK_COUNT; i++) {
		atomic_store(&hooks[i], NULL);
	}

	ilv_emission_reset();
}

static bool is_fork_wrapped(void)
{
	Dl_info info;
	void *symbol = dlsym(RTLD_DEFAULT, "fork");

	return symbol && dladdr(symbol, &info) && info.dli_fname &&
	       strstr(info.dli_fname, "liblttng-ust-fork");
}

/* Handlers of quick_exit() are not told the status. */
static __attribute__((destructor)) void leave_process(void)
{
	ilv_trace_process_exit(atomic_load(&exit_status));
}

static __attribute__((constructor)) void enter_process(void)
{
	int saved_errno = errno;
	const char *untraced = getenv(ILV_UNTRACED_ENV);

	atomic_store(&started_ns, ilv_trace_now_ns());
	if (untraced && untraced[0]) {
		ilv_emission_silence();
	}

	has_fork_wrapper = is_fork_wrapped();
	pthread_atfork(NULL, NULL, after_fork_in_child);
	ilv_trace_process_start(getppid(), program_invocation_short_name, ILV_ROLE_OTHER,
				ilv_lifecycle_started_ns());
	ilv_lifecycle_announce_tracers();
	ilv_emission_arm_exit();
	(void)at_quick_exit(leave_process);
	ilv_main_watch_leaving();
	errno = saved_errno;
}
