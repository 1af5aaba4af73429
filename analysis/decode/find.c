/* SPDX-License-Identifier: MIT */
/* Description: a walk over folders, each visited once, that looks for CTF metadata. */
#include "analysis/decode/find.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/decode/metadata.h"
#include "base/cause.h"

#define CTF_MAGIC 0xc1fc1fc1U
#define DEPTH_MAX 32
#define FOLDER_MAX                                                                                 \
	10000 /* a path that leads over so many is not a recording but somebody's disk             \
	       */

struct visited {
	dev_t device;
	ino_t inode;
};

struct walk {
	struct ilv_found *found;
	struct visited *visited;
	size_t visited_count;
	size_t visited_size;
};

static void trace_fini(struct ilv_found_trace *trace)
{
	for (size_t index = 0; index < trace->stream_count; index++) {
		free(trace->streams[index].path);
	}

	free(trace->streams);
	free(trace->path);
}

static char *join_path(const char *folder, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		return NULL;
	}

	return path;
}

static enum ilv_status out_of_memory(void)
{
	ilv_cause_add("Cannot look for traces: out of memory");
	return ILV_STATUS_MEMORY;
}

/* Says whether the folder is met for the first time, and remembers it. */
static enum ilv_status visit(struct walk *walk, const struct stat *folder, bool *is_new)
{
	for (size_t index = 0; index < walk->visited_count; index++) {
		if (walk->visited[index].device == folder->st_dev &&
		    walk->visited[index].inode == folder->st_ino) {
			*is_new = false;
			return ILV_STATUS_OK;
		}
	}

	if (walk->visited_count == walk->visited_size) {
		size_t size = walk->visited_size ? walk->visited_size * 2 : 64;
		struct visited *grown = realloc(walk->visited, size * sizeof(*grown));

		if (!grown) {
			return out_of_memory();
		}

		walk->visited = grown;
		walk->visited_size = size;
	}

	walk->visited[walk->visited_count++] =
		(struct visited){.device = folder->st_dev, .inode = folder->st_ino};
	*is_new = true;
	return ILV_STATUS_OK;
}

/* Reads which stream a file belongs to, where the packet header is LTTng's: magic, UUID, class,
 * instance. */
static void read_stream_ids(struct ilv_stream_file *stream)
{
	struct {
		uint32_t magic;
		uint8_t uuid[16];
		uint32_t class_id;
		uint64_t instance_id;
	} __attribute__((packed)) header = {0};
	int fd = open(stream->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	stream->class_id = UINT64_MAX;
	stream->instance_id = UINT64_MAX;
	if (fd < 0) {
		return;
	}

	if (read(fd, &header, sizeof(header)) == (ssize_t)sizeof(header)) {
		if (le32toh(header.magic) == CTF_MAGIC) {
			stream->class_id = le32toh(header.class_id);
			stream->instance_id = le64toh(header.instance_id);
		} else if (be32toh(header.magic) == CTF_MAGIC) {
			stream->class_id = be32toh(header.class_id);
			stream->instance_id = be64toh(header.instance_id);
		}
	}

	close(fd);
}

static int by_stream_path(const void *left, const void *right)
{
	return strcmp(((const struct ilv_stream_file *)left)->path,
		      ((const struct ilv_stream_file *)right)->path);
}

static int by_trace_path(const void *left, const void *right)
{
	return strcmp(((const struct ilv_found_trace *)left)->path,
		      ((const struct ilv_found_trace *)right)->path);
}

/* Every regular file beside `metadata` is a stream, as for babeltrace2; hidden ones are not. */
static enum ilv_status add_streams(struct ilv_found_trace *trace)
{
	DIR *folder = opendir(trace->path);
	const struct dirent *entry = NULL;

	if (!folder) {
		ilv_cause_add("Cannot open trace: path=\"%s\", error=\"%s\"", trace->path,
			      strerror(errno));
		return ILV_STATUS_TRACE;
	}

	while ((entry = readdir(folder))) {
		struct ilv_stream_file stream = {0};
		struct ilv_stream_file *grown = NULL;
		struct stat info;

		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "metadata") == 0) {
			continue;
		}

		stream.path = join_path(trace->path, entry->d_name);
		if (!stream.path) {
			closedir(folder);
			return out_of_memory();
		}

		if (stat(stream.path, &info) != 0 || !S_ISREG(info.st_mode)) {
			free(stream.path);
			continue;
		}

		stream.size = (uint64_t)info.st_size;
		read_stream_ids(&stream);
		grown = realloc(trace->streams, (trace->stream_count + 1) * sizeof(*grown));
		if (!grown) {
			free(stream.path);
			closedir(folder);
			return out_of_memory();
		}

		trace->streams = grown;
		trace->streams[trace->stream_count++] = stream;
		trace->size += stream.size;
	}

	closedir(folder);
	if (trace->stream_count > 0) {
		qsort(trace->streams, trace->stream_count, sizeof(*trace->streams), by_stream_path);
	}

	return ILV_STATUS_OK;
}

static enum ilv_status add_trace(struct walk *walk, const char *path)
{
	struct ilv_found *found = walk->found;
	struct ilv_found_trace *grown = NULL;
	struct ilv_found_trace *trace = NULL;
	enum ilv_status status = ilv_metadata_check(path);

	if (status != ILV_STATUS_OK) {
		return status;
	}

	grown = realloc(found->traces, (found->trace_count + 1) * sizeof(*grown));
	if (!grown) {
		return out_of_memory();
	}

	found->traces = grown;
	trace = &found->traces[found->trace_count];
	*trace = (struct ilv_found_trace){.path = strdup(path)};
	if (!trace->path) {
		return out_of_memory();
	}

	found->trace_count++;
	return add_streams(trace);
}

static enum ilv_status walk_folder(struct walk *walk, const char *path, unsigned int depth);

/* Goes into the folders of `folder`. Below the path that was asked for, what may not be read is
 * passed over. */
static enum ilv_status walk_entries(struct walk *walk, DIR *folder, const char *path,
				    unsigned int depth)
{
	enum ilv_status status = ILV_STATUS_OK;
	const struct dirent *entry = NULL;

	while (status == ILV_STATUS_OK && (entry = readdir(folder))) {
		char *below = NULL;
		struct stat info;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    entry->d_type == DT_REG) {
			continue;
		}

		below = join_path(path, entry->d_name);
		if (!below) {
			return out_of_memory();
		}

		if (stat(below, &info) == 0 && S_ISDIR(info.st_mode)) {
			status = walk_folder(walk, below, depth + 1);
		}

		free(below);
	}

	return status;
}

static enum ilv_status walk_folder(struct walk *walk, const char *path, unsigned int depth)
{
	enum ilv_status status = ILV_STATUS_OK;
	char *metadata = NULL;
	struct stat info;
	DIR *folder = NULL;
	bool is_new = false;
	bool is_trace = false;

	if (depth > DEPTH_MAX || stat(path, &info) != 0) {
		return ILV_STATUS_OK;
	}

	status = visit(walk, &info, &is_new);
	if (status != ILV_STATUS_OK || !is_new) {
		return status;
	}

	if (walk->visited_count > FOLDER_MAX) {
		ilv_cause_add("Cannot look for traces: there are more than %d folders below it",
			      FOLDER_MAX);
		return ILV_STATUS_TRACE;
	}

	metadata = join_path(path, "metadata");
	if (!metadata) {
		return out_of_memory();
	}

	is_trace = stat(metadata, &info) == 0 && S_ISREG(info.st_mode);
	free(metadata);
	if (is_trace) {
		return add_trace(walk, path);
	}

	folder = opendir(path);
	if (!folder) {
		if (depth > 0) {
			return ILV_STATUS_OK;
		}

		ilv_cause_add("Cannot open folder: path=\"%s\", error=\"%s\"", path,
			      strerror(errno));
		return ILV_STATUS_TRACE;
	}

	status = walk_entries(walk, folder, path, depth);
	closedir(folder);
	return status;
}

enum ilv_status ilv_found_create(const char *path, struct ilv_found **found)
{
	struct walk walk = {.found = calloc(1, sizeof(*walk.found))};
	enum ilv_status status = ILV_STATUS_TRACE;
	struct stat info;

	*found = NULL;
	if (!walk.found) {
		return out_of_memory();
	}

	if (stat(path, &info) != 0) {
		ilv_cause_add("Cannot open trace: path=\"%s\", error=\"%s\"", path,
			      strerror(errno));
		goto end;
	}

	if (!S_ISDIR(info.st_mode)) {
		ilv_cause_add("Not a trace, for it is not a folder: path=\"%s\"", path);
		goto end;
	}

	status = walk_folder(&walk, path, 0);
	if (status != ILV_STATUS_OK) {
		goto end;
	}

	if (walk.found->trace_count == 0) {
		ilv_cause_add("Not a trace, for no folder in it holds a file named \"metadata\": "
			      "path=\"%s\"",
			      path);
		status = ILV_STATUS_TRACE;
		goto end;
	}

	qsort(walk.found->traces, walk.found->trace_count, sizeof(*walk.found->traces),
	      by_trace_path);
	*found = walk.found;
	walk.found = NULL;

end:
	free(walk.visited);
	ilv_found_destroy(walk.found);
	return status;
}

void ilv_found_destroy(struct ilv_found *found)
{
	if (!found) {
		return;
	}

	for (size_t index = 0; index < found->trace_count; index++) {
		trace_fini(&found->traces[index]);
	}

	free(found->traces);
	free(found);
}
