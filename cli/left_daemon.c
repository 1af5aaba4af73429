/* SPDX-License-Identifier: MIT */
/* Description: finds daemons of ours in /proc by what we put into their environment. */
#include "cli/left_daemon.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/types.h>
#include <unistd.h>

#define DAEMON_NAME "lttng-sessiond"

static FILE *open_file_of(const char *pid_text, const char *name)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%.20s/%s", pid_text, name);

	return fopen(path, "re");
}

static bool is_daemon(const char *pid_text)
{
	char name[sizeof(DAEMON_NAME)] = "";
	FILE *file = open_file_of(pid_text, "comm");
	bool is_it = file && fgets(name, sizeof(name), file) && strcmp(name, DAEMON_NAME) == 0;

	if (file) {
		fclose(file);
	}

	return is_it;
}

/* The pid of the command that the process is for; 0: nobody says, or may read it. */
static pid_t command_of(const char *pid_text)
{
	static const char prefix[] = ILV_DAEMON_OF_ENV "=";
	FILE *file = open_file_of(pid_text, "environ");
	char *entry = NULL;
	size_t size = 0;
	pid_t pid = 0;

	while (file && pid == 0 && getdelim(&entry, &size, '\0', file) > 0) {
		if (strncmp(entry, prefix, strlen(prefix)) == 0) {
			pid = (pid_t)strtol(entry + strlen(prefix), NULL, 10);
		}
	}

	free(entry);
	if (file) {
		fclose(file);
	}

	return pid;
}

static bool is_gone(pid_t pid)
{
	return pid > 0 && kill(pid, 0) != 0 && errno == ESRCH;
}

void ilv_left_daemons_end(void)
{
	DIR *folder = opendir("/proc");

	if (!folder) {
		return;
	}

	for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		int fd = -1;

		if (!isdigit((unsigned char)entry->d_name[0]) || !is_daemon(entry->d_name)) {
			continue;
		}

		/* Held before it is looked at, so that the signal goes to nobody else. */
		fd = pidfd_open((pid_t)atoi(entry->d_name), 0);
		if (fd >= 0 && is_gone(command_of(entry->d_name))) {
			(void)pidfd_send_signal(fd, SIGTERM, NULL, 0);
		}

		if (fd >= 0) {
			close(fd);
		}
	}
	closedir(folder);
}
