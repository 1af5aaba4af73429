/* SPDX-License-Identifier: MIT */
/* Description: what findings say about an event script, for the tests of findings and comparisons.
 */
#ifndef ILV_TESTS_ANALYSIS_FINDINGS_FIXTURE_H
#define ILV_TESTS_ANALYSIS_FINDINGS_FIXTURE_H

#include <stddef.h>

#include "analysis/event.h"
#include "analysis/report/report.h"

/* The beginning of most scripts: a run of process 10, whose main thread is on CPU 9 and out of the
 * way. */
#define SCRIPT_BEGIN(unit, cpu_count) SCRIPT_BEGIN_FROM("perf_wakeups", unit, cpu_count)
#define SCRIPT_BEGIN_FROM(source, unit, cpu_count)                                                 \
	"0 recorder_begin pid=10 tid=10 cpu=9 recorder_id=1 source=" source " covered_pid=10\n"    \
	"0 thread_start pid=10 tid=10 cpu=9 name=main role=main\n"                                 \
	"0 run_begin pid=10 tid=10 cpu=9 workload=test runtime=test parameters=\"\" unit=" unit    \
	" cpu_count=" cpu_count "\n"                                                               \
	"0 thread_switch_out pid=10 tid=10 cpu=9 recorder_id=1 is_involuntary=false\n"
#define SCRIPT_END(time)                                                                           \
	time " thread_switch_in pid=10 tid=10 cpu=9 recorder_id=1\n" time                          \
	     " run_end pid=10 tid=10 cpu=9 status=0\n"

/* A thread of role job begins to run; stops, being cut or not; goes on. */
#define STARTS(time, tid, cpu, name)                                                               \
	time " thread_switch_in pid=10 tid=" tid " cpu=" cpu " recorder_id=1\n" time               \
	     " thread_start pid=10 tid=" tid " cpu=" cpu " name=" name " role=job\n"
#define RUNS(time, tid, cpu) time " thread_switch_in pid=10 tid=" tid " cpu=" cpu " recorder_id=1\n"
#define CUT(time, tid, cpu)                                                                        \
	time " thread_switch_out pid=10 tid=" tid " cpu=" cpu " recorder_id=1 "                    \
	     "is_involuntary=true\n"
#define STOPS(time, tid, cpu)                                                                      \
	time " thread_switch_out pid=10 tid=" tid " cpu=" cpu                                      \
	     " recorder_id=1 is_involuntary=false\n"
#define WOKEN(time, tid) time " thread_wakeup pid=10 tid=" tid " recorder_id=1\n"
#define EXITS(time, tid, cpu)                                                                      \
	time " thread_exit pid=10 tid=" tid " cpu=" cpu "\n" STOPS(time, tid, cpu)

/*
 * Makes the report with its findings from events. Passes failures on, that of an allocation among
 * them; then `*report` is NULL.
 */
enum ilv_status findings_report_of_events(const struct ilv_event *events, size_t count,
					  struct ilv_report **report) ILV_NODISCARD;

/* The same of a script; ends the test when it fails. The caller's to destroy. */
struct ilv_report *findings_report(const char *script);

/* The `nth` finding of a kind in a run; NULL: there are no more. */
const struct ilv_finding *findings_find(const struct ilv_report *report, uint32_t run_index,
					const char *id, uint32_t nth);

/* Checks that no finding of this kind is in any run of `script`. */
void findings_assert_none(const char *script, const char *id);

/* Checks what holds for every finding: sentences, titles, ids, times. */
void findings_assert_sound(const struct ilv_report *report);

#endif /* ILV_TESTS_ANALYSIS_FINDINGS_FIXTURE_H */
