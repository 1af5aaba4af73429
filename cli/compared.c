/* SPDX-License-Identifier: MIT */
/* Description: collects the recordings of a comparison. */
#include "cli/compared.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cause.h"
#include "cli/folder.h"
#include "cli/message.h"

/* Returns the last `part_count` parts of `path`; the whole of it for "." and the like. */
static char *name_of(const char *path, unsigned int part_count)
{
	size_t length = strlen(path);
	size_t begin;

	while (length > 1 && path[length - 1] == '/') {
		length--;
	}
	for (begin = length; begin > 0; begin--) {
		if (path[begin - 1] == '/' && begin < length && --part_count == 0) {
			break;
		}
	}

	return strndup(path + begin, length - begin);
}

/* Returns how long `path` is without the ".2" that a repeat carries. */
static size_t length_without_number(const char *path)
{
	size_t length = strlen(path);
	size_t end = length;

	while (end > 0 && path[end - 1] >= '0' && path[end - 1] <= '9') {
		end--;
	}

	return end < length && end > 1 && path[end - 1] == '.' ? end - 1 : length;
}

/*
 * A repeat belongs to the recording of the same folder whose name it carries, with a number behind.
 * What was named by itself, as the `number`th of all, repeats nothing.
 */
static char *group_of(const struct ilv_recordings *recordings, const char *path, size_t number)
{
	size_t length = length_without_number(path);
	char *group;

	if (!recordings->is_several) {
		return asprintf(&group, "#%zu", number) < 0 ? NULL : group;
	}

	for (size_t index = 0; index < recordings->count; index++) {
		const char *other = recordings->paths[index];

		if (strlen(other) == length && strncmp(other, path, length) == 0) {
			return strdup(other);
		}
	}

	return strdup(path);
}

/*
 * Splits "TRACE#N" into the path of a recording, which is the caller's, and the number of a run in
 * it. What exists under the whole name is meant as it stands.
 */
static enum ilv_status split_run(const char *text, char **path, uint32_t *run_index)
{
	const char *hash = strrchr(text, '#');
	char *end;
	unsigned long number;

	*run_index = ILV_ALL_RUNS;
	if (!hash || access(text, F_OK) == 0) {
		*path = strdup(text);
		return *path ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
	}

	errno = 0;
	number = strtoul(hash + 1, &end, 10);
	if (hash[1] < '0' || hash[1] > '9' || *end != '\0' || errno != 0 || number == 0 ||
	    number >= ILV_ALL_RUNS) {
		*path = NULL;
		ilv_cause_add("\"%s\" wants the number of a run behind #, from 1", text);
		return ILV_STATUS_USAGE;
	}
	*run_index = (uint32_t)(number - 1);
	*path = strndup(text, (size_t)(hash - text));

	return *path ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
}

static enum ilv_status add_one(struct ilv_compared_list *list,
			       const struct ilv_recordings *recordings, const char *path,
			       uint32_t run_index)
{
	struct ilv_view_compared item = {
		.run_index = run_index,
		.path = strdup(path),
		.name = name_of(path, 1),
		.group = group_of(recordings, path, list->count),
	};
	struct ilv_view_compared *grown =
		reallocarray(list->items, list->count + 1, sizeof(*list->items));

	if (grown) {
		list->items = grown;
	}
	if (!grown || !item.path || !item.name || !item.group) {
		free((char *)item.path);
		free((char *)item.name);
		free((char *)item.group);
		return ILV_STATUS_MEMORY;
	}
	list->items[list->count++] = item;

	return ILV_STATUS_OK;
}

enum ilv_status ilv_compared_add(struct ilv_compared_list *list, const char *text)
{
	struct ilv_recordings recordings = {0};
	uint32_t run_index;
	char *path;
	enum ilv_status status = split_run(text, &path, &run_index);

	if (status == ILV_STATUS_OK && run_index != ILV_ALL_RUNS) {
		status = ilv_recording_check(path);
	}
	if (status == ILV_STATUS_OK) {
		status = ilv_recordings_find(path, &recordings);
	}
	for (size_t index = 0; index < recordings.count && status == ILV_STATUS_OK; index++) {
		status = add_one(list, &recordings, recordings.paths[index], run_index);
	}
	free(path);
	ilv_recordings_fini(&recordings);

	return status;
}

static bool is_name_shared(const struct ilv_compared_list *list, size_t index)
{
	for (size_t other = 0; other < list->count; other++) {
		if (other != index &&
		    strcmp(list->items[other].path, list->items[index].path) != 0 &&
		    strcmp(list->items[other].name, list->items[index].name) == 0) {
			return true;
		}
	}

	return false;
}

enum ilv_status ilv_compared_name(struct ilv_compared_list *list)
{
	bool is_longer = true;

	/* All alike, so that they read as one list: "before/threads", "after/threads". */
	for (unsigned int part_count = 2; is_longer; part_count++) {
		bool is_shared = false;

		for (size_t index = 0; index < list->count; index++) {
			is_shared = is_shared || is_name_shared(list, index);
		}
		is_longer = false;
		for (size_t index = 0; is_shared && index < list->count; index++) {
			char *name = name_of(list->items[index].path, part_count);

			if (!name) {
				return ILV_STATUS_MEMORY;
			}
			is_longer |= strcmp(name, list->items[index].name) != 0;
			free((char *)list->items[index].name);
			list->items[index].name = name;
		}
	}

	/* Of a recording with several runs, the number is part of the name. */
	for (size_t index = 0; index < list->count; index++) {
		char *name;

		if (list->items[index].run_index == ILV_ALL_RUNS) {
			continue;
		}
		if (asprintf(&name, "%s#%u", list->items[index].name,
			     list->items[index].run_index + 1) < 0) {
			return ILV_STATUS_MEMORY;
		}
		free((char *)list->items[index].name);
		list->items[index].name = name;
	}

	return ILV_STATUS_OK;
}

void ilv_compared_fini(struct ilv_compared_list *list)
{
	for (size_t index = 0; index < list->count; index++) {
		free((char *)list->items[index].path);
		free((char *)list->items[index].name);
		free((char *)list->items[index].group);
	}
	free(list->items);
	*list = (struct ilv_compared_list){0};
}

void ilv_compared_say_repeats(const struct ilv_view_facts *facts)
{
	if (facts->repeat_count > 0) {
		ilv_message("of the repeats of a run, the one that took the median time is shown");
	}
}
