/* SPDX-License-Identifier: MIT */
/* Description: metadata in packets is told from metadata that ends within one, wherever it ends. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/decode/metadata.h"
#include "base/cause.h"

#define HEADER_SIZE  37
#define CONTENT_SIZE 60
#define PACKET_SIZE  64

static char folder[64];
static char path[80];

static void put(unsigned char *at, uint32_t value, bool is_big)
{
	for (int byte = 0; byte < 4; byte++) {
		at[is_big ? 3 - byte : byte] = (unsigned char)(value >> (8 * byte));
	}
}

/* A packet: magic, UUID, checksum, bits of content and of the whole; the rest of it is text. */
static void make_packet(unsigned char *packet, uint32_t content_size, uint32_t packet_size,
			bool is_big)
{
	memset(packet, ' ', PACKET_SIZE);
	memset(packet, 0, HEADER_SIZE);
	put(packet, 0x75d11d57, is_big);
	put(packet + 24, content_size * 8, is_big);
	put(packet + 28, packet_size * 8, is_big);
}

static enum ilv_status check(const void *bytes, size_t size)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	enum ilv_status status;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(close(fd), 0);
	ilv_cause_clear();
	status = ilv_metadata_check(folder);
	assert_int_equal(ilv_cause_text()[0] == '\0', status == ILV_STATUS_OK);
	return status;
}

static void test_cut(void **state)
{
	(void)state;
	for (int is_big = 0; is_big < 2; is_big++) {
		unsigned char file[2 * PACKET_SIZE];

		make_packet(file, CONTENT_SIZE, PACKET_SIZE, is_big);
		make_packet(file + PACKET_SIZE, CONTENT_SIZE, PACKET_SIZE, is_big);
		for (size_t size = 4; size <= sizeof(file); size++) {
			/* The content must be there; padding may be missing. */
			const size_t rest = size % PACKET_SIZE;
			const bool is_whole = rest == 0 || rest >= CONTENT_SIZE;

			assert_int_equal(check(file, size),
					 is_whole ? ILV_STATUS_OK : ILV_STATUS_TRACE);
		}
	}
}

static void test_lengths_that_cannot_be(void **state)
{
	unsigned char packet[PACKET_SIZE];

	(void)state;
	make_packet(packet, 0, 0, false);
	assert_int_equal(check(packet, sizeof(packet)), ILV_STATUS_TRACE);
	make_packet(packet, HEADER_SIZE - 1, PACKET_SIZE, false);
	assert_int_equal(check(packet, sizeof(packet)), ILV_STATUS_TRACE);
	make_packet(packet, PACKET_SIZE, CONTENT_SIZE, false);
	assert_int_equal(check(packet, sizeof(packet)), ILV_STATUS_TRACE);
	make_packet(packet, UINT32_MAX / 8, UINT32_MAX / 8, false);
	assert_int_equal(check(packet, sizeof(packet)), ILV_STATUS_TRACE);
}

static void test_no_packets(void **state)
{
	static const char text[] = "/* CTF 1.8 */ trace { major = 1; };";

	(void)state;
	assert_int_equal(check(text, sizeof(text) - 1), ILV_STATUS_OK);
	assert_int_equal(check(text, 2), ILV_STATUS_OK);
	assert_int_equal(check("", 0), ILV_STATUS_TRACE);
	assert_int_equal(check("{\"type\":\"preamble\"}", 5), ILV_STATUS_TRACE);
	assert_int_equal(check("\x1e{", 2), ILV_STATUS_TRACE);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ilv_metadata_check(folder), ILV_STATUS_TRACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_lengths_that_cannot_be),
		cmocka_unit_test(test_no_packets),
	};
	const char *parent = getenv("TMPDIR");
	int failed_count;

	(void)snprintf(folder, sizeof(folder), "%.40s/ilv-metadata.XXXXXX",
		       parent ? parent : "/tmp");
	if (!mkdtemp(folder)) {
		return 1;
	}
	(void)snprintf(path, sizeof(path), "%s/metadata", folder);
	failed_count = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(folder);
	return failed_count;
}
