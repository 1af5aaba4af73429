/* SPDX-License-Identifier: MIT */
/* Description: walks over packet headers, and links and copies what is whole. */
#include "analysis/decode/salvage.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "analysis/guard.h"
#include "base/cause.h"

#define CTF_MAGIC           0xc1fc1fc1U
#define METADATA_SEARCH_MAX (1024 * 1024)

struct ilv_salvage {
	char folder[64];
	char **links; /* in the folder */
	size_t link_count;
	int *fds; /* of the copies, which have no name of their own */
	size_t fd_count;
	char text[400];
};

/* Packet headers of LTTng hold the stream's number since 2.8; then the packet context begins later.
 */
static bool has_instance_ids(const char *trace_path)
{
	bool is_found = false;
	char *path = NULL;
	char *text = calloc(1, METADATA_SEARCH_MAX + 1);
	ssize_t size = 0;
	int fd = -1;

	if (text && asprintf(&path, "%s/metadata", trace_path) >= 0) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		free(path);
	}

	if (fd >= 0) {
		size = read(fd, text, METADATA_SEARCH_MAX);
		close(fd);
	}

	is_found = size > 0 &&
		   memmem(text, (size_t)size, "stream_instance_id;", strlen("stream_instance_id;"));
	free(text);
	return is_found;
}

/* Returns how many bytes of `stream` are whole packets; its size when nothing is wrong with it, or
 * nothing known. */
static uint64_t whole_size(const struct ilv_stream_file *stream, bool has_instances)
{
	struct {
		uint32_t magic;
		uint8_t uuid[16];
		uint32_t class_id;
	} __attribute__((packed)) header;
	struct {
		uint64_t begin, end, content_bits, packet_bits;
	} __attribute__((packed)) context;
	const off_t context_at = (off_t)sizeof(header) + (has_instances ? 8 : 0);
	int fd = open(stream->path, O_RDONLY | O_CLOEXEC);
	uint64_t at = 0;

	while (fd >= 0 && at < stream->size) {
		uint64_t packet_bits = 0;
		uint64_t content_bits = 0;
		bool is_little = false;

		if (pread(fd, &header, sizeof(header), (off_t)at) != (ssize_t)sizeof(header) ||
		    pread(fd, &context, sizeof(context), (off_t)at + context_at) !=
			    (ssize_t)sizeof(context)) {
			break;
		}

		is_little = le32toh(header.magic) == CTF_MAGIC;
		if (!is_little && be32toh(header.magic) != CTF_MAGIC) {
			break;
		}

		packet_bits =
			is_little ? le64toh(context.packet_bits) : be64toh(context.packet_bits);
		content_bits =
			is_little ? le64toh(context.content_bits) : be64toh(context.content_bits);
		if (packet_bits % 8 != 0 || content_bits > packet_bits || packet_bits == 0 ||
		    packet_bits / 8 > stream->size - at) {
			break;
		}

		at += packet_bits / 8;
	}

	if (fd >= 0) {
		close(fd);
	}

	return at;
}

/* Copies the first `size` bytes of the file to one without a name. */
static int copy_head(const char *path, uint64_t size)
{
	const char *folder = getenv("TMPDIR");
	int from = open(path, O_RDONLY | O_CLOEXEC);
	int to = open(folder && folder[0] ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	while (from >= 0 && to >= 0 && size > 0) {
		ssize_t copied = sendfile(to, from, NULL, size > 1 << 24 ? 1 << 24 : size);

		if (copied <= 0) {
			close(to);
			to = -1;
			break;
		}

		ilv_guard_progress();
		size -= (uint64_t)copied;
	}

	if (from >= 0) {
		close(from);
	}

	return to;
}

/* Links `name` in the folder to `target`. */
static bool add_link(struct ilv_salvage *salvage, const char *name, const char *target)
{
	char *path = NULL;
	char *whole_target = NULL;
	bool is_done = false;

	/* The file's own path may be relative to where the program stands. */
	whole_target = strncmp(target, "/proc/", 6) == 0 ? strdup(target) : realpath(target, NULL);
	if (whole_target && asprintf(&path, "%s/%s", salvage->folder, name) >= 0) {
		is_done = symlink(whole_target, path) == 0;
	}

	free(whole_target);
	if (is_done) {
		salvage->links[salvage->link_count++] = path;
	} else {
		free(path);
	}

	return is_done;
}

static bool add_stream(struct ilv_salvage *salvage, const struct ilv_stream_file *stream,
		       uint64_t size)
{
	const char *name = strrchr(stream->path, '/') + 1;
	char target[64];
	int fd = -1;

	if (size == stream->size) {
		return add_link(salvage, name, stream->path);
	}

	if (size == 0) {
		return true;
	}

	fd = copy_head(stream->path, size);
	if (fd < 0) {
		return false;
	}

	salvage->fds[salvage->fd_count++] = fd;
	(void)snprintf(target, sizeof(target), "/proc/self/fd/%d", fd);
	return add_link(salvage, name, target);
}

static enum ilv_status fill(struct ilv_salvage *salvage, const struct ilv_found_trace *trace,
			    const uint64_t *sizes)
{
	const char *folder = getenv("TMPDIR");
	char *metadata = NULL;
	bool is_done = false;

	(void)snprintf(salvage->folder, sizeof(salvage->folder), "%.40s/ilv-salvage.XXXXXX",
		       folder && folder[0] && strlen(folder) <= 40 ? folder : "/tmp");
	if (!mkdtemp(salvage->folder)) {
		salvage->folder[0] = '\0';
		ilv_cause_add("Cannot create folder for what is whole of the trace: error=\"%s\"",
			      strerror(errno));
		return ILV_STATUS_IO;
	}

	ilv_guard_leave(salvage->folder);
	if (asprintf(&metadata, "%s/metadata", trace->path) >= 0) {
		is_done = add_link(salvage, "metadata", metadata);
		free(metadata);
	}

	for (size_t index = 0; is_done && index < trace->stream_count; index++) {
		is_done = add_stream(salvage, &trace->streams[index], sizes[index]);
	}

	if (!is_done) {
		ilv_cause_add("Cannot copy what is whole of the trace: path=\"%s\", error=\"%s\"",
			      trace->path, strerror(errno));
		return ILV_STATUS_IO;
	}

	return ILV_STATUS_OK;
}

enum ilv_status ilv_salvage_create(const struct ilv_found_trace *trace,
				   struct ilv_salvage **created)
{
	enum ilv_status status = ILV_STATUS_MEMORY;
	const bool has_instances = has_instance_ids(trace->path);
	uint64_t *sizes = calloc(trace->stream_count + 1, sizeof(*sizes));
	struct ilv_salvage *salvage = calloc(1, sizeof(*salvage));
	size_t cut_count = 0;
	uint64_t whole = 0;

	*created = NULL;
	if (!salvage || !sizes) {
		goto end;
	}

	salvage->links = calloc(trace->stream_count + 1, sizeof(char *));
	salvage->fds = calloc(trace->stream_count + 1, sizeof(int));
	if (!salvage->links || !salvage->fds) {
		goto end;
	}

	for (size_t index = 0; index < trace->stream_count; index++) {
		const struct ilv_stream_file *stream = &trace->streams[index];

		sizes[index] = whole_size(stream, has_instances);
		whole += sizes[index];
		if (sizes[index] < stream->size && cut_count++ == 0) {
			(void)snprintf(
				salvage->text, sizeof(salvage->text),
				"stream file ends in the middle of a packet: path=\"%.300s\"",
				stream->path);
		}
	}

	status = ILV_STATUS_END;
	if (cut_count == 0 || whole == 0) {
		goto end;
	}

	status = fill(salvage, trace, sizes);
	if (status == ILV_STATUS_OK) {
		*created = salvage;
		salvage = NULL;
	}

end:
	ilv_salvage_destroy(salvage);
	free(sizes);
	return status;
}

const char *ilv_salvage_path(const struct ilv_salvage *salvage)
{
	return salvage->folder;
}

const char *ilv_salvage_text(const struct ilv_salvage *salvage)
{
	return salvage->text;
}

void ilv_salvage_destroy(struct ilv_salvage *salvage)
{
	if (!salvage) {
		return;
	}

	for (size_t index = 0; index < salvage->link_count; index++) {
		(void)unlink(salvage->links[index]);
		free(salvage->links[index]);
	}

	for (size_t index = 0; index < salvage->fd_count; index++) {
		close(salvage->fds[index]);
	}

	if (salvage->folder[0] != '\0') {
		(void)rmdir(salvage->folder);
	}

	free(salvage->links);
	free(salvage->fds);
	free(salvage);
}
