/* SPDX-License-Identifier: MIT */
/* Description: waits for processes with an end, finds descendants in /proc, ends what is left. */
#include "cli/processes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 10

/* Returns true when the process behind `fd` ended within the time. */
static bool wait_for_end(int fd, int timeout_ms)
{
	struct pollfd entry = {.fd = fd, .events = POLLIN};
	int count;

	do {
		count = poll(&entry, 1, timeout_ms);
	} while (count < 0 && errno == EINTR);

	return count > 0;
}

bool ilv_process_wait(pid_t pid, int timeout_ms)
{
	int fd = pidfd_open(pid, 0);

	if (fd >= 0) {
		bool has_ended = wait_for_end(fd, timeout_ms);

		close(fd);
		if (!has_ended) {
			return false;
		}
	}

	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
	}

	return true;
}

static pid_t parent_of(const char *pid_text)
{
	char path[64];
	char line[512];
	const char *after_name;
	FILE *file;
	int parent = 0;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/stat", pid_text);
	file = fopen(path, "re");
	if (!file) {
		return 0;
	}
	if (fgets(line, sizeof(line), file)) {
		/* The name may hold blanks and brackets: what follows the last bracket is plain. */
		after_name = strrchr(line, ')');
		if (!after_name || sscanf(after_name + 1, " %*c %d", &parent) != 1) {
			parent = 0;
		}
	}
	fclose(file);

	return parent;
}

static bool is_among(const struct ilv_processes *processes, pid_t pid)
{
	for (size_t index = 0; index < processes->count; index++) {
		if (processes->pids[index] == pid) {
			return true;
		}
	}

	return false;
}

/* One sweep over /proc: adds the children of `pid` and of those already found. Returns how many
 * came new. */
static size_t sweep(pid_t pid, struct ilv_processes *processes)
{
	DIR *folder = opendir("/proc");
	size_t added = 0;

	if (!folder) {
		return 0;
	}

	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		pid_t found;
		pid_t parent;
		int fd;

		if (!isdigit((unsigned char)entry->d_name[0])) {
			continue;
		}
		found = (pid_t)atoi(entry->d_name);
		parent = parent_of(entry->d_name);
		if (parent == 0 || (parent != pid && !is_among(processes, parent)) ||
		    is_among(processes, found) || processes->count == ILV_PROCESSES_MAX) {
			continue;
		}
		fd = pidfd_open(found, 0);
		if (fd >= 0) {
			processes->pids[processes->count] = found;
			processes->fds[processes->count++] = fd;
			added++;
		}
	}
	closedir(folder);

	return added;
}

void ilv_processes_find(pid_t pid, struct ilv_processes *processes)
{
	processes->count = 0;
	while (sweep(pid, processes) > 0) {
	}
}

void ilv_processes_forget(struct ilv_processes *processes)
{
	for (size_t index = 0; index < processes->count; index++) {
		close(processes->fds[index]);
	}
	processes->count = 0;
}

void ilv_processes_end(struct ilv_processes *processes, int timeout_ms)
{
	for (size_t index = 0; index < processes->count; index++) {
		if (!wait_for_end(processes->fds[index], 0)) {
			(void)pidfd_send_signal(processes->fds[index], SIGKILL, NULL, 0);
			(void)wait_for_end(processes->fds[index], timeout_ms);
		}
		(void)waitpid(processes->pids[index], NULL, WNOHANG);
		close(processes->fds[index]);
	}
	processes->count = 0;
}

/* Reaps what it can of the group. Returns true when nobody is left in it. */
static bool is_group_gone(pid_t group)
{
	while (waitpid(-group, NULL, WNOHANG) > 0) {
	}

	return kill(-group, 0) != 0 && errno == ESRCH;
}

static bool wait_for_group(pid_t group, int timeout_ms)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

	for (int waited_ms = 0; waited_ms < timeout_ms; waited_ms += POLL_MS) {
		if (is_group_gone(group)) {
			return true;
		}
		(void)nanosleep(&pause, NULL);
	}

	return is_group_gone(group);
}

void ilv_process_group_end(pid_t group, int timeout_ms)
{
	if (is_group_gone(group)) {
		return;
	}

	(void)kill(-group, SIGTERM);
	if (!wait_for_group(group, timeout_ms)) {
		(void)kill(-group, SIGKILL);
		(void)wait_for_group(group, timeout_ms);
	}
}
