/* SPDX-License-Identifier: MIT */
/*
 * Description: which threads a process has at this moment, and which of them belong to the tracing
 * itself.
 */
#ifndef ILV_RECORDER_TASKS_H
#define ILV_RECORDER_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/status.h"

struct ilv_task {
	pid_t tid;
	bool is_tracer; /* one of LTTng's listeners, told by its name: "<program>-ust" */
	char name[32];
};

/* Lists the threads of `pid`; the caller frees `*tasks`. */
enum ilv_status ilv_tasks_list(pid_t pid, struct ilv_task **tasks, size_t *count) ILV_NODISCARD;

#endif /* ILV_RECORDER_TASKS_H */
