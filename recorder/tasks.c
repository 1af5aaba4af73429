/* SPDX-License-Identifier: MIT */
/*
 * Description: lists /proc/PID/task.
 */
#include "recorder/tasks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cause.h"

static void read_name(pid_t pid, struct ilv_task *task)
{
	static const char suffix[] = "-ust";
	char path[64];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", pid, task->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return;
	}
	length = read(fd, task->name, sizeof(task->name) - 1);
	close(fd);
	if (length > 0 && task->name[length - 1] == '\n') {
		length--;
	}
	task->name[length > 0 ? length : 0] = '\0';
	task->is_tracer = task->tid != pid && length >= (ssize_t)strlen(suffix) &&
			  strcmp(task->name + length - strlen(suffix), suffix) == 0;
}

enum ilv_status ilv_tasks_list(pid_t pid, struct ilv_task **tasks, size_t *count)
{
	enum ilv_status status = ILV_STATUS_ERROR;
	struct dirent *entry;
	size_t capacity = 0;
	char path[32];
	DIR *directory;

	*tasks = NULL;
	*count = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	directory = opendir(path);
	if (!directory) {
		ilv_cause_add("Cannot list the threads of a process: pid=%d, errno=%d", pid, errno);
		goto end;
	}
	while ((entry = readdir(directory))) {
		pid_t tid = (pid_t)atoi(entry->d_name);

		if (tid <= 0) {
			continue;
		}
		if (*count == capacity) {
			size_t wider = capacity ? 2 * capacity : 16;
			struct ilv_task *moved = realloc(*tasks, wider * sizeof(*moved));

			if (!moved) {
				status = ILV_STATUS_MEMORY;
				goto end;
			}
			*tasks = moved;
			capacity = wider;
		}
		(*tasks)[*count] = (struct ilv_task){.tid = tid};
		read_name(pid, &(*tasks)[*count]);
		(*count)++;
	}
	status = ILV_STATUS_OK;

end:
	if (directory) {
		closedir(directory);
	}
	if (status != ILV_STATUS_OK) {
		free(*tasks);
		*tasks = NULL;
		*count = 0;
	}
	return status;
}
