/* SPDX-License-Identifier: MIT */
/* Description: makes, empties and looks through the folders that recordings live in. */
#include "cli/folder.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cause.h"

#define MARKER      ".interleave"
#define DEFAULT_MAX 100000
#define LIST_MAX    320
#define OPEN_FD_MAX 16

/* What a recording, and a comparison of several, leave in their folder. */
static const char *const leavings[] = {
	"trace",        "output.txt",  "untraced.txt", "truth.json",   "report.json", ".report.txt",
	"timeline.svg", "compare.svg", "compare.html", "compare.json", MARKER,
};

#define LEAVING_COUNT (sizeof(leavings) / sizeof(leavings[0]))

char *ilv_path_join(const char *folder, const char *name)
{
	size_t length = strlen(folder);
	char *path;

	while (length > 1 && folder[length - 1] == '/') {
		length--;
	}

	return asprintf(&path, "%.*s/%s", (int)length, folder, name) < 0 ? NULL : path;
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

static bool has(const char *folder, const char *name)
{
	char *path = ilv_path_join(folder, name);
	bool is_there = path && access(path, F_OK) == 0;

	free(path);

	return is_there;
}

static bool is_folder(const char *path)
{
	struct stat facts;

	return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool is_empty(const char *path)
{
	DIR *folder = opendir(path);
	bool has_entry = false;

	if (!folder) {
		return false;
	}
	for (struct dirent *entry = readdir(folder); entry && !has_entry; entry = readdir(folder)) {
		has_entry = !is_dots(entry->d_name);
	}
	closedir(folder);

	return !has_entry;
}

enum ilv_status ilv_folder_default(const char *name, char **path)
{
	for (int number = 1; number <= DEFAULT_MAX; number++) {
		if (asprintf(path, "%s-%d", name, number) < 0) {
			*path = NULL;
			return ILV_STATUS_MEMORY;
		}
		if (access(*path, F_OK) != 0 && errno == ENOENT) {
			return ILV_STATUS_OK;
		}
		free(*path);
	}
	*path = NULL;
	ilv_cause_add("Cannot find a free folder name: all of %s-1 to %s-%d exist", name, name,
		      DEFAULT_MAX);

	return ILV_STATUS_IO;
}

/* Creates the folder `path` and those above it; one that exists is fine. */
static enum ilv_status create_folders(const char *path)
{
	char *partial = strdup(path);
	bool is_made = true;

	if (!partial) {
		return ILV_STATUS_MEMORY;
	}

	for (char *slash = strchr(partial + 1, '/'); slash && is_made;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		is_made = mkdir(partial, 0777) == 0 || errno == EEXIST;
		*slash = '/';
	}
	is_made = is_made && (mkdir(partial, 0777) == 0 || errno == EEXIST);
	free(partial);

	if (!is_made || !is_folder(path)) {
		ilv_cause_add("Cannot create folder \"%s\": %s", path,
			      is_made ? "something else has that name" : strerror(errno));
		return ILV_STATUS_IO;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status write_marker(const char *path)
{
	enum ilv_status status = ILV_STATUS_IO;
	char *marker = ilv_path_join(path, MARKER);
	FILE *file = marker ? fopen(marker, "we") : NULL;

	if (file) {
		bool is_written = fputs("This folder holds a recording made by interleave; "
					"`interleave run --force` may replace it.\n",
					file) >= 0;

		status = fclose(file) == 0 && is_written ? ILV_STATUS_OK : ILV_STATUS_IO;
	}
	if (status != ILV_STATUS_OK) {
		ilv_cause_add("Cannot write to folder \"%s\": errno=%d, %s", path, errno,
			      strerror(errno));
	}
	free(marker);

	return status;
}

static enum ilv_status remove_leavings(const char *path)
{
	for (size_t index = 0; index < LEAVING_COUNT; index++) {
		char *leaving = ilv_path_join(path, leavings[index]);
		enum ilv_status status = leaving ? ilv_remove_tree(leaving) : ILV_STATUS_MEMORY;

		free(leaving);
		if (status != ILV_STATUS_OK) {
			return status;
		}
	}

	return ILV_STATUS_OK;
}

/* Empties the folders in `path` that carry our marker, then `path` itself. */
static enum ilv_status remove_recordings(const char *path)
{
	enum ilv_status status = ILV_STATUS_OK;
	DIR *folder = opendir(path);

	if (!folder) {
		ilv_cause_add("Cannot read folder \"%s\": errno=%d, %s", path, errno,
			      strerror(errno));
		return ILV_STATUS_IO;
	}

	for (struct dirent *entry = readdir(folder); entry && status == ILV_STATUS_OK;
	     entry = readdir(folder)) {
		char *below = is_dots(entry->d_name) ? NULL : ilv_path_join(path, entry->d_name);
		struct stat facts;

		if (below && lstat(below, &facts) == 0 && S_ISDIR(facts.st_mode) &&
		    has(below, MARKER)) {
			status = remove_leavings(below);
			(void)rmdir(below); /* Fails where somebody put something of theirs. */
		}
		free(below);
	}
	closedir(folder);

	return status == ILV_STATUS_OK ? remove_leavings(path) : status;
}

enum ilv_status ilv_folder_check(const char *path, bool is_forced)
{
	if (access(path, F_OK) != 0) {
		return ILV_STATUS_OK;
	}
	if (!is_folder(path)) {
		ilv_cause_add("\"%s\" exists and is not a folder; choose another with -o", path);
		return ILV_STATUS_USAGE;
	}
	if (is_empty(path)) {
		return ILV_STATUS_OK;
	}
	if (!is_forced) {
		ilv_cause_add("Folder \"%s\" is not empty; choose another with -o%s", path,
			      has(path, MARKER) ? ", or replace the recording in it with --force"
						: "");
		return ILV_STATUS_USAGE;
	}
	if (!has(path, MARKER)) {
		ilv_cause_add(
			"Folder \"%s\" is not empty and was not made by interleave, so --force "
			"leaves it alone; choose another with -o",
			path);
		return ILV_STATUS_USAGE;
	}

	return ILV_STATUS_OK;
}

enum ilv_status ilv_folder_prepare(const char *path, bool is_forced)
{
	enum ilv_status status = ilv_folder_check(path, is_forced);

	if (status == ILV_STATUS_OK && is_folder(path) && has(path, MARKER)) {
		status = remove_recordings(path);
	}
	if (status == ILV_STATUS_OK) {
		status = create_folders(path);
	}

	return status == ILV_STATUS_OK ? write_marker(path) : status;
}

void ilv_folder_discard(const char *path)
{
	if (has(path, MARKER) && remove_recordings(path) == ILV_STATUS_OK) {
		(void)rmdir(path);
	}
}

struct found {
	char *path;
	struct timespec time;
};

/* By the time their traces were begun, then by name: runtimes stay in the order in which they were
 * asked for. */
static int by_time(const void *left, const void *right)
{
	const struct found *a = left;
	const struct found *b = right;

	if (a->time.tv_sec != b->time.tv_sec) {
		return a->time.tv_sec < b->time.tv_sec ? -1 : 1;
	}
	if (a->time.tv_nsec != b->time.tv_nsec) {
		return a->time.tv_nsec < b->time.tv_nsec ? -1 : 1;
	}

	return strcmp(a->path, b->path);
}

/* Takes `path` among the found when it holds `trace/`; frees it else. Returns false without memory.
 */
static bool take(char *path, struct found **found, size_t *count)
{
	char *trace = ilv_path_join(path, "trace");
	struct found *grown;
	struct stat facts;

	if (!trace || stat(trace, &facts) != 0 || !S_ISDIR(facts.st_mode)) {
		free(path);
		free(trace);
		return trace != NULL;
	}
	free(trace);

	grown = reallocarray(*found, *count + 1, sizeof(**found));
	if (!grown) {
		free(path);
		return false;
	}
	*found = grown;
	grown[(*count)++] = (struct found){.path = path, .time = facts.st_mtim};

	return true;
}

static enum ilv_status find_inside(const char *path, struct found **found, size_t *count)
{
	enum ilv_status status = ILV_STATUS_OK;
	DIR *folder = opendir(path);

	if (!folder) {
		ilv_cause_add("Cannot read folder \"%s\": errno=%d, %s", path, errno,
			      strerror(errno));
		return ILV_STATUS_TRACE;
	}
	for (struct dirent *entry = readdir(folder); entry && status == ILV_STATUS_OK;
	     entry = readdir(folder)) {
		char *below;

		if (is_dots(entry->d_name)) {
			continue;
		}
		below = ilv_path_join(path, entry->d_name);
		if (!below || !take(below, found, count)) {
			status = ILV_STATUS_MEMORY;
		}
	}
	closedir(folder);

	return status;
}

enum ilv_status ilv_recordings_find(const char *path, struct ilv_recordings *recordings)
{
	enum ilv_status status = ILV_STATUS_OK;
	struct found *found = NULL;
	size_t count = 0;

	*recordings = (struct ilv_recordings){0};
	if (access(path, F_OK) != 0) {
		ilv_cause_add("There is no recording \"%s\": %s", path, strerror(errno));
		return ILV_STATUS_TRACE;
	}
	if (!is_folder(path)) {
		ilv_cause_add("\"%s\" is not a recording: it is not a folder", path);
		return ILV_STATUS_TRACE;
	}

	if (!has(path, "trace") && !has(path, "metadata")) {
		status = find_inside(path, &found, &count);
	}
	recordings->is_several = count > 0;
	recordings->paths = calloc(count ? count : 1, sizeof(char *));
	if (!recordings->paths) {
		status = ILV_STATUS_MEMORY;
	}
	if (status != ILV_STATUS_OK) {
		for (size_t index = 0; index < count; index++) {
			free(found[index].path);
		}
		free(found);
		return status;
	}

	if (count > 0) {
		qsort(found, count, sizeof(*found), by_time);
		for (size_t index = 0; index < count; index++) {
			recordings->paths[recordings->count++] = found[index].path;
		}
	} else {
		recordings->paths[0] = strdup(path);
		recordings->count = recordings->paths[0] ? 1 : 0;
		status = recordings->paths[0] ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
	}
	free(found);

	return status;
}

void ilv_recordings_fini(struct ilv_recordings *recordings)
{
	for (size_t index = 0; index < recordings->count; index++) {
		free(recordings->paths[index]);
	}
	free(recordings->paths);
	*recordings = (struct ilv_recordings){0};
}

enum ilv_status ilv_recording_check(const char *path)
{
	struct ilv_recordings recordings;
	enum ilv_status status = ilv_recordings_find(path, &recordings);
	char list[LIST_MAX] = "";
	size_t length = 0;

	if (status == ILV_STATUS_OK && recordings.is_several) {
		for (size_t index = 0; index < recordings.count && length < sizeof(list); index++) {
			length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
						   index ? ", " : "", recordings.paths[index]);
		}
		ilv_cause_add("\"%s\" holds several recordings; name one of them: %s", path, list);
		status = ILV_STATUS_USAGE;
	}
	ilv_recordings_fini(&recordings);

	return status;
}
