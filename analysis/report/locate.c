/* SPDX-License-Identifier: MIT */
/* Description: tells a recording from a folder of several. */
#include "analysis/report/locate.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cause.h"

#define LIST_SIZE 400

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool is_recording(const char *folder, const char *name)
{
	char *path;
	bool is;

	if (name[0] == '.' || asprintf(&path, "%s/%s/trace", folder, name) < 0) {
		return false;
	}

	is = is_folder(path);
	free(path);
	return is;
}

/* Writes the names of the recordings in `path`, separated by commas, and returns how many there
 * are. */
static unsigned int list_recordings(const char *path, char *list, size_t size)
{
	struct dirent **entries;
	int entry_count = scandir(path, &entries, NULL, alphasort);
	unsigned int count = 0;
	size_t length = 0;

	list[0] = '\0';
	if (entry_count < 0) {
		return 0;
	}

	for (int index = 0; index < entry_count; index++) {
		if (is_recording(path, entries[index]->d_name)) {
			if (length < size) {
				length += (size_t)snprintf(list + length, size - length, "%s%s",
							   count > 0 ? ", " : "",
							   entries[index]->d_name);
			}
			count++;
		}
		free(entries[index]);
	}
	free(entries);
	return count;
}

enum ilv_status ilv_recording_locate(const char *path, char **trace_path)
{
	char list[LIST_SIZE];
	char *inner = NULL;
	unsigned int recording_count;

	if (!is_folder(path)) {
		ilv_cause_add("Cannot read a recording: path=\"%s\" is %s", path,
			      access(path, F_OK) == 0 ? "not a folder" : "not there");
		return ILV_STATUS_TRACE;
	}

	if (asprintf(&inner, "%s/trace", path) < 0) {
		ilv_cause_add("Cannot read a recording: path=\"%s\"", path);
		return ILV_STATUS_MEMORY;
	}
	if (is_folder(inner)) {
		*trace_path = inner;
		return ILV_STATUS_OK;
	}
	free(inner);

	recording_count = list_recordings(path, list, sizeof(list));
	if (recording_count > 1) {
		ilv_cause_add("Cannot report on %u recordings at once: path=\"%s\" holds %s; name "
			      "one, or compare them",
			      recording_count, path, list);
		return ILV_STATUS_USAGE;
	}

	*trace_path = strdup(path);
	if (!*trace_path) {
		ilv_cause_add("Cannot read a recording: path=\"%s\"", path);
		return ILV_STATUS_MEMORY;
	}

	return ILV_STATUS_OK;
}
