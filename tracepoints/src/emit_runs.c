/* SPDX-License-Identifier: MIT */
/*
 * Description: emits the families runs, processes and memory.
 */
#include <interleave/trace.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracepoints/src/emission.h"
#include "tracepoints/src/lifecycle.h"

/* How many CPUs the calling thread may use; 0: not known. A set of 1,024 bits does for all but the
 * largest machines. */
static uint32_t allowed_cpu_count(void)
{
	cpu_set_t cpus;

	return sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? (uint32_t)CPU_COUNT(&cpus) : 0;
}

void ilv_trace_run_begin(const char *workload, const char *runtime, const char *variant,
			 const char *parameters, enum ilv_unit unit)
{
	char workload_copy[ILV_TEXT_SIZE];
	char runtime_copy[ILV_TEXT_SIZE];
	char variant_copy[ILV_TEXT_SIZE];
	char parameters_copy[ILV_TEXT_SIZE];

	ILV_EMIT(run_begin, ilv_bounded_text(workload, workload_copy),
		 ilv_bounded_text(runtime, runtime_copy), ilv_bounded_text(variant, variant_copy),
		 ilv_bounded_text(parameters, parameters_copy), (uint8_t)unit, allowed_cpu_count());
}

void ilv_trace_run_end(int status)
{
	ILV_EMIT(run_end, status);
}

void ilv_trace_run_note(const char *text)
{
	char copy[ILV_TEXT_SIZE];

	ILV_EMIT(run_note, ilv_bounded_text(text, copy));
}

void ilv_trace_phase_begin(const char *name)
{
	char copy[ILV_TEXT_SIZE];

	ILV_EMIT(phase_begin, ilv_bounded_text(name, copy));
}

void ilv_trace_phase_end(const char *name)
{
	char copy[ILV_TEXT_SIZE];

	ILV_EMIT(phase_end, ilv_bounded_text(name, copy));
}

void ilv_trace_phase_point(const char *name, const char *series, bool is_reference,
			   const char *quantity, int64_t value, enum ilv_quantity unit)
{
	char name_copy[ILV_TEXT_SIZE];
	char series_copy[ILV_TEXT_SIZE];
	char quantity_copy[ILV_TEXT_SIZE];

	ILV_EMIT(phase_point, ilv_bounded_text(name, name_copy),
		 ilv_bounded_text(series, series_copy), is_reference,
		 ilv_bounded_text(quantity, quantity_copy), value, (uint8_t)unit);
}

void ilv_trace_phase_count(const char *name, const char *what, int64_t count, bool is_work)
{
	char name_copy[ILV_TEXT_SIZE];
	char what_copy[ILV_TEXT_SIZE];

	ILV_EMIT(phase_count, ilv_bounded_text(name, name_copy), ilv_bounded_text(what, what_copy),
		 count, is_work);
}

void ilv_trace_phase_price(const char *name, const char *what, int64_t value,
			   enum ilv_quantity unit, bool is_untraced)
{
	char name_copy[ILV_TEXT_SIZE];
	char what_copy[ILV_TEXT_SIZE];

	ILV_EMIT(phase_price, ilv_bounded_text(name, name_copy), ilv_bounded_text(what, what_copy),
		 value, (uint8_t)unit, is_untraced);
}

void ilv_trace_process_spawn(pid_t child_pid, enum ilv_spawn_method method)
{
	ILV_EMIT(process_spawn, child_pid, (uint8_t)method);
}

void ilv_trace_process_start(pid_t parent_pid, const char *name, enum ilv_role role,
			     int64_t started_ns)
{
	char copy[ILV_TEXT_SIZE];

	ilv_lifecycle_start_is_said();
	/* The event itself is counted when it is out: the field says how many went before it. */
	ILV_EMIT(process_start, parent_pid, ilv_bounded_text(name, copy), (uint8_t)role, started_ns,
		 ilv_emission_count());
}

/* Resident private anonymous memory in bytes; -1: not known. Reads without stdio, which would
 * allocate. */
static int64_t anonymous_bytes(void)
{
	static const char key[] = "\nRssAnon:";
	char text[4096];
	const char *found = NULL;
	ssize_t length = -1;
	int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	if (file >= 0) {
		length = read(file, text, sizeof(text) - 1);
		(void)close(file);
	}

	if (length > 0) {
		text[length] = '\0';
		found = strstr(text, key);
	}

	return found ? 1024 * strtoll(found + sizeof(key) - 1, NULL, 10) : -1;
}

void ilv_trace_process_memory(void)
{
	if (lttng_ust_tracepoint_enabled(interleave, process_memory) && !ilv_emission_is_silent()) {
		int saved_errno = errno;
		int64_t bytes = anonymous_bytes();

		if (bytes >= 0) {
			ILV_EMIT(process_memory, bytes);
		}

		errno = saved_errno;
	}
}

void ilv_trace_process_wait_begin(pid_t child_pid)
{
	ILV_EMIT(process_wait_begin, child_pid);
}

void ilv_trace_process_wait_end(pid_t child_pid, int status)
{
	ILV_EMIT(process_wait_end, child_pid, status);
}

void ilv_trace_shared_read(const void *address, int64_t value)
{
	ILV_EMIT(shared_read, (uintptr_t)address, value);
}

void ilv_trace_shared_write(const void *address, int64_t value_read, int64_t value_written)
{
	ILV_EMIT(shared_write, (uintptr_t)address, value_read, value_written);
}

void ilv_trace_shared_update(const void *address, int64_t value_before, int64_t value_after)
{
	ILV_EMIT(shared_update, (uintptr_t)address, value_before, value_after);
}
