/* SPDX-License-Identifier: MIT */
/* Description: the words of enumerations. Numbers from a trace may be any: what has no word is
 * "other". */
#include "analysis/report/words.h"

#define WORD_OF(words, number)                                                                     \
	((size_t)(number) < sizeof(words) / sizeof((words)[0]) && (words)[number]                  \
		 ? (words)[number]                                                                 \
		 : "other")

const char *ilv_scheduler_kind_word(enum ilv_scheduler_kind kind)
{
	static const char *const words[] = {
		[ILV_SCHEDULER_KIND_KERNEL] = "kernel", [ILV_SCHEDULER_KIND_LOOP] = "event-loop",
		[ILV_SCHEDULER_KIND_GIL] = "gil",       [ILV_SCHEDULER_KIND_POOL] = "pool",
		[ILV_SCHEDULER_KIND_LOCK] = "lock",
	};

	return WORD_OF(words, kind);
}

const char *ilv_discipline_word(enum ilv_discipline discipline)
{
	static const char *const words[] = {
		[ILV_DISCIPLINE_PREEMPTIVE] = "preemptive",
		[ILV_DISCIPLINE_COOPERATIVE] = "cooperative",
		[ILV_DISCIPLINE_ON_REQUEST] = "on-request",
		[ILV_DISCIPLINE_UNTIL_DONE] = "until-done",
	};

	return WORD_OF(words, discipline);
}

const char *ilv_role_word(enum ilv_role role)
{
	static const char *const words[] = {
		[ILV_ROLE_OTHER] = "other",       [ILV_ROLE_JOB] = "job",
		[ILV_ROLE_POOL] = "pool",         [ILV_ROLE_LOOP] = "loop",
		[ILV_ROLE_MAIN] = "main",         [ILV_ROLE_SERVER] = "server",
		[ILV_ROLE_RECORDER] = "recorder", [ILV_ROLE_TRACER] = "tracer",
	};

	return WORD_OF(words, role);
}

const char *ilv_unit_word(enum ilv_unit unit)
{
	static const char *const words[] = {
		[ILV_UNIT_THREAD] = "thread",
		[ILV_UNIT_TASK] = "task",
		[ILV_UNIT_PROCESS] = "process",
		[ILV_UNIT_POOL_JOB] = "pool-job",
	};

	return WORD_OF(words, unit);
}

const char *ilv_lock_kind_word(enum ilv_lock_kind kind)
{
	static const char *const words[] = {
		[ILV_LOCK_KIND_MUTEX] = "mutex", [ILV_LOCK_KIND_RWLOCK] = "rwlock",
		[ILV_LOCK_KIND_SPIN] = "spin",   [ILV_LOCK_KIND_SEM] = "sem",
		[ILV_LOCK_KIND_GIL] = "gil",
	};

	return WORD_OF(words, kind);
}

const char *ilv_quantity_word(enum ilv_quantity unit)
{
	static const char *const words[] = {
		[ILV_QUANTITY_NUMBER] = "number",   [ILV_QUANTITY_SHARERS] = "sharers",
		[ILV_QUANTITY_NS] = "ns",           [ILV_QUANTITY_BYTES] = "bytes",
		[ILV_QUANTITY_PERCENT] = "percent",
	};

	return WORD_OF(words, unit);
}

const char *ilv_severity_word(enum ilv_severity severity)
{
	static const char *const words[] = {
		[ILV_SEVERITY_NOTE] = "note",
		[ILV_SEVERITY_WARNING] = "warning",
		[ILV_SEVERITY_PROBLEM] = "problem",
	};

	return WORD_OF(words, severity);
}

const char *ilv_switch_source_word(enum ilv_switch_source source)
{
	static const char *const words[] = {
		[ILV_SWITCH_SOURCE_NONE] = "none",
		[ILV_SWITCH_SOURCE_KERNEL] = "kernel",
		[ILV_SWITCH_SOURCE_PERF_WAKEUPS] = "perf+wakeups",
		[ILV_SWITCH_SOURCE_PERF] = "perf",
		[ILV_SWITCH_SOURCE_RUSAGE] = "rusage",
	};

	return WORD_OF(words, source);
}

/* X(NAME, "key in the JSON", "words for people") */
#define REASON_LIST(X)                                                                             \
	X(NONE, "untold_ns", "something untold")                                                   \
	X(YIELD, "yield_ns", "its turn")                                                           \
	X(SLEEP, "sleep_ns", "sleep")                                                              \
	X(READ, "read_ns", "read")                                                                 \
	X(WRITE, "write_ns", "write")                                                              \
	X(POLL, "poll_ns", "poll")                                                                 \
	X(COND, "cond_ns", "condition")                                                            \
	X(BARRIER, "barrier_ns", "barrier")                                                        \
	X(LOCK, "lock_ns", "a lock")                                                               \
	X(GIL, "gil_ns", "GIL")                                                                    \
	X(JOIN, "join_ns", "join")                                                                 \
	X(CHILD, "child_ns", "child process")                                                      \
	X(TASK, "task_ns", "another task")                                                         \
	X(POOL_JOB, "pool_job_ns", "pool job")                                                     \
	X(QUEUE, "queue_ns", "queue")                                                              \
	X(LOOP, "loop_ns", "events")

const char *ilv_wait_reason_word(enum ilv_wait_reason reason)
{
	static const char *const words[] = {
#define X(name, key, text) [ILV_WAIT_REASON_##name] = text,
		REASON_LIST(X)
#undef X
	};

	return WORD_OF(words, reason);
}

const char *ilv_wait_reason_key(enum ilv_wait_reason reason)
{
	static const char *const keys[] = {
#define X(name, key, text) [ILV_WAIT_REASON_##name] = key,
		REASON_LIST(X)
#undef X
	};

	return WORD_OF(keys, reason);
}
