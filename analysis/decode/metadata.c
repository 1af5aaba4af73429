/* SPDX-License-Identifier: MIT */
/* Description: looks at the first byte of metadata, and at the lengths of its packets. */
#include "analysis/decode/metadata.h"

#include <byteswap.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cause.h"

#define PACKET_MAGIC 0x75d11d57U

/* As CTF 1.8 lays it out, in the byte order of the machine that wrote it. */
struct packet_header {
	uint32_t magic;
	uint8_t uuid[16];
	uint32_t checksum;
	uint32_t content_bits; /* with this header */
	uint32_t packet_bits;  /* with padding */
	uint8_t schemes[3];    /* compression, encryption, checksum */
	uint8_t version[2];
} __attribute__((packed));

/* Whether every packet of the open file `fd`, of `size` bytes, is there as far as it says. */
static bool is_whole(int fd, uint64_t size)
{
	struct packet_header header;
	uint64_t offset = 0;

	while (offset < size) {
		const ssize_t length = pread(fd, &header, sizeof(header), (off_t)offset);
		bool is_swapped = false;
		uint64_t content_size = 0;
		uint64_t packet_size = 0;

		if (length < (ssize_t)sizeof(header.magic) ||
		    (header.magic != PACKET_MAGIC && header.magic != bswap_32(PACKET_MAGIC))) {
			/* Plain text is in no packets; what else it is others will say. */
			return offset == 0;
		}

		if (length < (ssize_t)sizeof(header)) {
			return false;
		}

		is_swapped = header.magic != PACKET_MAGIC;
		content_size =
			(is_swapped ? bswap_32(header.content_bits) : header.content_bits) / 8;
		packet_size = (is_swapped ? bswap_32(header.packet_bits) : header.packet_bits) / 8;
		if (content_size < sizeof(header) || packet_size < content_size ||
		    content_size > size - offset) {
			return false;
		}

		offset += packet_size;
	}

	return true;
}

enum ilv_status ilv_metadata_check(const char *folder)
{
	enum ilv_status status = ILV_STATUS_TRACE;
	struct stat info = {.st_size = 0};
	unsigned char first = 0;
	char *path = NULL;
	ssize_t size = 0;
	int fd = -1;

	if (asprintf(&path, "%s/metadata", folder) < 0) {
		ilv_cause_add("Cannot look for metadata: memory is used up");
		return ILV_STATUS_MEMORY;
	}

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0) {
		size = fstat(fd, &info) == 0 ? pread(fd, &first, 1, 0) : -1;
	}

	/* CTF 2 metadata is JSON: it begins with a record separator or an opening bracket. */
	if (fd < 0 || size < 0) {
		ilv_cause_add("Cannot read metadata: path=\"%s\", error=\"%s\"", path,
			      strerror(errno));
	} else if (size == 0) {
		ilv_cause_add("Cannot read trace: its metadata is empty: path=\"%s\"", path);
	} else if (first == 0x1e || first == '{' || first == '[') {
		ilv_cause_add("CTF 2 is not supported by the installed libbabeltrace2: path=\"%s\"",
			      folder);
	} else if (!is_whole(fd, (uint64_t)info.st_size)) {
		ilv_cause_add("Cannot read trace: its metadata is damaged, or ends too early: "
			      "path=\"%s\"",
			      path);
	} else {
		status = ILV_STATUS_OK;
	}

	if (fd >= 0) {
		(void)close(fd);
	}

	free(path);

	return status;
}
