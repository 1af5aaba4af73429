/* SPDX-License-Identifier: MIT */
/* Description: makes a private place for a session daemon, and tidies up after it. */
#include "cli/private_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cause.h"
#include "cli/anew.h"
#include "cli/folder.h"

/* Tells the program, started anew, of its place: the folder to remove, or the word for none. */
#define PLACE_ENV    "ILV_PRIVATE_PLACE"
#define NO_FOLDER    "namespace"
#define PREFIX       "interleave-"
#define LTTNG_FOLDER "/run/lttng"

/* Programs of root without a daemon sleep on a word in this file until one starts; a daemon that
 * ends clears it. */
#define WAIT_FILE     "/dev/shm/lttng-ust-wait-8"
#define OWN_WAIT_FILE LTTNG_FOLDER "/wait"

static const char *temporary_folder(void)
{
	const char *path = getenv("TMPDIR");

	return path && path[0] == '/' ? path : "/tmp";
}

/* Where it fails, a daemon of somebody else that ends just when ours starts can delay us. */
static void hide_wait_file(void)
{
	int fd = open(OWN_WAIT_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0 && ftruncate(fd, sysconf(_SC_PAGESIZE)) == 0) {
		(void)mount(OWN_WAIT_FILE, WAIT_FILE, NULL, MS_BIND, NULL);
	}
	if (fd >= 0) {
		close(fd);
	}
}

/*
 * Of all threads only the calling one comes into the namespace; the others end when the program is
 * started anew. What is mounted elsewhere meanwhile is still seen.
 */
static bool enter_namespace(void)
{
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0 ||
	    (mkdir(LTTNG_FOLDER, 0755) != 0 && errno != EEXIST) ||
	    mount("tmpfs", LTTNG_FOLDER, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0) {
		return false;
	}
	hide_wait_file();

	return true;
}

static enum ilv_status enter_as_root(void)
{
	if (!enter_namespace()) {
		return ILV_STATUS_OK;
	}

	return setenv(PLACE_ENV, NO_FOLDER, 1) == 0 ? ilv_anew() : ILV_STATUS_MEMORY;
}

static void remove_folder(const char *path)
{
	/* What is left over is in a place for temporary things: no reason to fail. */
	if (ilv_remove_tree(path) != ILV_STATUS_OK) {
		ilv_cause_clear();
	}
}

enum ilv_status ilv_private_place_enter(void)
{
	enum ilv_status status = ILV_STATUS_MEMORY;
	char *folder;

	if (geteuid() == 0) {
		return enter_as_root();
	}

	if (asprintf(&folder, "%s/" PREFIX "%d-XXXXXX", temporary_folder(), (int)getpid()) < 0) {
		return status;
	}
	if (!mkdtemp(folder)) {
		ilv_cause_add(
			"Cannot make a folder for the session daemon; set TMPDIR to one that can "
			"be written to: path=\"%s\", errno=%d, %s",
			folder, errno, strerror(errno));
		free(folder);
		return ILV_STATUS_IO;
	}

	if (setenv("LTTNG_HOME", folder, 1) == 0 && setenv(PLACE_ENV, folder, 1) == 0) {
		status = ilv_anew();
	}
	remove_folder(folder);
	free(folder);

	return status;
}

enum ilv_status ilv_private_place_find(struct ilv_private_place *place)
{
	const char *found = getenv(PLACE_ENV);

	*place = (struct ilv_private_place){.is_private = found != NULL};
	if (found && strcmp(found, NO_FOLDER) != 0) {
		place->folder = strdup(found);
		if (!place->folder) {
			return ILV_STATUS_MEMORY;
		}
	}
	(void)unsetenv(PLACE_ENV);

	return ILV_STATUS_OK;
}

void ilv_private_place_fini(struct ilv_private_place *place)
{
	if (place->folder) {
		remove_folder(place->folder);
		free(place->folder);
	}
	*place = (struct ilv_private_place){0};
}

/* Is the folder of this name, `interleave-PID-...`, one of a command that lives no more? */
static bool is_left_over(const char *name)
{
	int pid;
	int length = 0;

	return sscanf(name, PREFIX "%d-%n", &pid, &length) == 1 && length > 0 && pid > 0 &&
	       strlen(name + length) == 6 && kill(pid, 0) != 0 && errno == ESRCH;
}

void ilv_private_place_clean(void)
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
			remove_folder(path);
			free(path);
		}
	}
	closedir(folder);
}
