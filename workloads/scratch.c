/* SPDX-License-Identifier: MIT */
/* Description: temporary folders, their locks, and the removal of what killed runs left. */
#include "workloads/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cause.h"

#define PREFIX           "interleave-scratch."
#define LOCK_NAME        "lock"
#define UNLOCKED_NAME    "lock.new" /* the lock's file until it is locked */
#define FALLBACK         "/tmp"
#define PARENT_MAX       200
#define OPEN_FOLDERS_MAX 16
#define NAP_MS           10
#define UNLOCKED_S       3600 /* a folder that never got a lock is a ruin after this long */

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
	(void)info;
	(void)type;
	(void)place;
	(void)remove(path); /* What cannot be removed must not keep the rest. */

	return 0;
}

void ilv_scratch_remove_tree(const char *path)
{
	(void)nftw(path, remove_one, OPEN_FOLDERS_MAX, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

enum lock_state { LOCK_STATE_UNKNOWN, LOCK_STATE_MISSING, LOCK_STATE_FREE, LOCK_STATE_HELD };

static enum lock_state look_at_lock(const char *path)
{
	char lock_path[PATH_MAX + sizeof("/" LOCK_NAME)];
	enum lock_state state = LOCK_STATE_HELD;
	int fd = -1;

	(void)snprintf(lock_path, sizeof(lock_path), "%s/" LOCK_NAME, path);
	fd = open(lock_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0) {
		return errno == ENOENT ? LOCK_STATE_MISSING : LOCK_STATE_UNKNOWN;
	}

	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		state = LOCK_STATE_FREE;
	}

	(void)close(fd);

	return state;
}

/* True if nobody uses the folder: its lock can be had, or there never was one. */
static bool is_ruin(const char *path)
{
	struct stat info;
	enum lock_state state = LOCK_STATE_UNKNOWN;

	if (lstat(path, &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != geteuid()) {
		return false;
	}

	state = look_at_lock(path);

	return state == LOCK_STATE_FREE ||
	       (state == LOCK_STATE_MISSING && info.st_mtime < time(NULL) - UNLOCKED_S);
}

static void remove_ruins(const char *parent)
{
	DIR *folder = opendir(parent);
	const struct dirent *entry = NULL;

	if (!folder) {
		return;
	}

	while ((entry = readdir(folder)) != NULL) {
		char path[PATH_MAX];

		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0) {
			continue;
		}

		(void)snprintf(path, sizeof(path), "%s/%s", parent, entry->d_name);
		if (is_ruin(path)) {
			ilv_scratch_remove_tree(path);
		}
	}

	(void)closedir(folder);
}

/* True if every user can reach what is in `path`, which is absolute. */
static bool can_all_enter(const char *path)
{
	char part[PATH_MAX];
	struct stat info;

	(void)snprintf(part, sizeof(part), "%s", path);
	while (part[0]) {
		if (stat(part, &info) != 0 || !(info.st_mode & S_IXOTH)) {
			return false;
		}

		*strrchr(part, '/') = '\0';
	}

	return true;
}

/* Makes the lock's file under another name and gives it the right one once it is locked: a folder
 * with a lock that can be had is therefore never one in the making. */
static int lock_folder(const char *path)
{
	char unlocked_path[PATH_MAX + sizeof("/" UNLOCKED_NAME)];
	char lock_path[PATH_MAX + sizeof("/" LOCK_NAME)];
	int fd = -1;

	(void)snprintf(unlocked_path, sizeof(unlocked_path), "%s/" UNLOCKED_NAME, path);
	(void)snprintf(lock_path, sizeof(lock_path), "%s/" LOCK_NAME, path);
	fd = open(unlocked_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 &&
	    (flock(fd, LOCK_EX | LOCK_NB) != 0 || rename(unlocked_path, lock_path) != 0)) {
		(void)close(fd);
		fd = -1;
	}

	return fd;
}

enum ilv_status ilv_scratch_create(const char *parent, bool is_open_to_all,
				   struct ilv_scratch *scratch)
{
	const char *wanted = parent ? parent : getenv("TMPDIR");
	char absolute[PATH_MAX];

	*scratch = (struct ilv_scratch){.lock_fd = -1};
	if (!realpath(wanted && wanted[0] ? wanted : FALLBACK, absolute) ||
	    (!parent && is_open_to_all && !can_all_enter(absolute)) ||
	    strlen(absolute) > PARENT_MAX) {
		if (parent) {
			ilv_cause_add("Cannot use folder: path=\"%s\", errno=%d", parent, errno);
			return ILV_STATUS_IO;
		}

		(void)snprintf(absolute, sizeof(absolute), "%s", FALLBACK);
	}

	remove_ruins(absolute);
	/* It fits: that was looked at above. */
	(void)snprintf(scratch->path, sizeof(scratch->path), "%.200s/" PREFIX "XXXXXX", absolute);
	if (!mkdtemp(scratch->path)) {
		ilv_cause_add("Cannot make a temporary folder: parent=\"%s\", errno=%d", absolute,
			      errno);
		*scratch = (struct ilv_scratch){.lock_fd = -1};
		return ILV_STATUS_IO;
	}

	scratch->lock_fd = lock_folder(scratch->path);
	if (scratch->lock_fd < 0 || (is_open_to_all && chmod(scratch->path, 0711) != 0)) {
		ilv_cause_add("Cannot lock a temporary folder: path=\"%s\", errno=%d",
			      scratch->path, errno);
		ilv_scratch_remove(scratch);
		return ILV_STATUS_IO;
	}

	return ILV_STATUS_OK;
}

void ilv_scratch_await(struct ilv_scratch *scratch, int64_t patience_ms)
{
	const struct timespec nap = {.tv_nsec = NAP_MS * 1000000L};

	if (scratch->lock_fd < 0) {
		return;
	}

	/* Those who inherited it hold the same lock, so ours goes first. */
	(void)close(scratch->lock_fd);
	scratch->lock_fd = -1;
	for (int64_t waited_ms = 0;
	     waited_ms < patience_ms && look_at_lock(scratch->path) == LOCK_STATE_HELD;
	     waited_ms += NAP_MS) {
		(void)nanosleep(&nap, NULL);
	}
}

void ilv_scratch_remove(struct ilv_scratch *scratch)
{
	if (scratch->path[0]) {
		ilv_scratch_remove_tree(scratch->path);
		if (scratch->lock_fd >= 0) {
			(void)close(scratch->lock_fd);
		}
	}

	*scratch = (struct ilv_scratch){.lock_fd = -1};
}
