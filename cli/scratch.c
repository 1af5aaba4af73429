/* SPDX-License-Identifier: MIT */
/* Description: makes and removes folders for the time of one command. */
#include "cli/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cause.h"

#define PREFIX      "interleave-"
#define OPEN_FD_MAX 16

static const char *temporary_folder(void)
{
	const char *path = getenv("TMPDIR");

	return path && path[0] == '/' ? path : "/tmp";
}

enum ilv_status ilv_scratch_create(char **path)
{
	if (asprintf(path, "%s/" PREFIX "%d-XXXXXX", temporary_folder(), (int)getpid()) < 0) {
		*path = NULL;
		return ILV_STATUS_MEMORY;
	}

	if (!mkdtemp(*path)) {
		ilv_cause_add(
			"Cannot make a folder for the session daemon: path=\"%s\", errno=%d, %s",
			*path, errno, strerror(errno));
		free(*path);
		*path = NULL;
		return ILV_STATUS_IO;
	}

	return ILV_STATUS_OK;
}

static int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
	(void)facts;
	(void)kind;
	(void)place;

	return remove(path) != 0 && errno != ENOENT ? -1 : 0;
}

enum ilv_status ilv_remove_tree(const char *path)
{
	if (nftw(path, remove_entry, OPEN_FD_MAX, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT) {
		ilv_cause_add("Cannot remove \"%s\": errno=%d, %s", path, errno, strerror(errno));
		return ILV_STATUS_IO;
	}

	return ILV_STATUS_OK;
}

void ilv_scratch_remove(const char *path)
{
	/* What is left over is in a place for temporary things: no reason to fail. */
	if (ilv_remove_tree(path) != ILV_STATUS_OK) {
		ilv_cause_clear();
	}
}

/* Is the folder of this name, `interleave-PID-...`, one of a command that lives no more? */
static bool is_left_over(const char *name)
{
	int pid;
	int length = 0;

	return sscanf(name, PREFIX "%d-%n", &pid, &length) == 1 && length > 0 && pid > 0 &&
	       strlen(name + length) == 6 && kill(pid, 0) != 0 && errno == ESRCH;
}

void ilv_scratch_clean(void)
{
	DIR *folder = opendir(temporary_folder());

	if (!folder) {
		return;
	}

	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		struct stat facts;
		char *path;

		if (!is_left_over(entry->d_name) ||
		    fstatat(dirfd(folder), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISDIR(facts.st_mode) || facts.st_uid != geteuid()) {
			continue;
		}
		if (asprintf(&path, "%s/%s", temporary_folder(), entry->d_name) >= 0) {
			ilv_scratch_remove(path);
			free(path);
		}
	}
	closedir(folder);
}
