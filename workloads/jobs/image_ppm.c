/* SPDX-License-Identifier: MIT */
/* Description: reads and writes PPM files. What comes from a file is believed only as far as it was
 * checked. */
#include "workloads/jobs/image_ppm.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cause.h"
#include "workloads/runtime.h"

#define CHANNEL_MAX 255
#define NUMBER_MAX  1000000 /* more than any number of a header that makes sense */

static int skip_comment(FILE *file)
{
	int letter = fgetc(file);

	while (letter != '\n' && letter != EOF) {
		letter = fgetc(file);
	}

	return letter;
}

/* Reads a number of the header, and the one blank after it; 0 if there is none. */
static unsigned long read_number(FILE *file)
{
	unsigned long number = 0;
	int letter = fgetc(file);

	while (letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n' ||
	       letter == '#') {
		if (letter == '#') {
			(void)skip_comment(file);
		}

		letter = fgetc(file);
	}

	while (letter >= '0' && letter <= '9' && number <= NUMBER_MAX) {
		number = number * 10 + (unsigned long)(letter - '0');
		letter = fgetc(file);
	}

	if (letter == '#') {
		letter = skip_comment(file);
	}

	return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n' ? number : 0;
}

static enum ilv_status read_header(FILE *file, struct ilv_image *image, unsigned long *max)
{
	char magic[2] = "";
	unsigned long width = 0;
	unsigned long height = 0;

	if (fread(magic, 1, sizeof(magic), file) != sizeof(magic) || magic[0] != 'P' ||
	    magic[1] != '6') {
		ilv_cause_add("it is not a binary PPM file, which begins with P6");
		return ILV_STATUS_UNSUPPORTED;
	}

	width = read_number(file);
	height = read_number(file);
	*max = read_number(file);
	if (width == 0 || height == 0 || *max == 0) {
		ilv_cause_add("its header does not give width, height and largest value");
		return ILV_STATUS_UNSUPPORTED;
	}

	if (*max > CHANNEL_MAX) {
		ilv_cause_add("its largest value is %lu, and only 8 bits a channel are understood",
			      *max);
		return ILV_STATUS_UNSUPPORTED;
	}

	return ilv_image_init(image, width, height);
}

static enum ilv_status read_pixels(FILE *file, struct ilv_image *image, unsigned long max)
{
	const size_t length = image->width * image->height * ILV_IMAGE_CHANNELS;
	const size_t received = fread(image->pixels, 1, length, file);

	if (received != length) {
		ilv_cause_add("it ends after %zu of %zu bytes of pixels", received, length);
		return ILV_STATUS_IO;
	}

	for (size_t index = 0; index < length && max < CHANNEL_MAX; index++) {
		const unsigned long value = image->pixels[index] < max ? image->pixels[index] : max;

		image->pixels[index] = (unsigned char)(value * CHANNEL_MAX / max);
	}

	return ILV_STATUS_OK;
}

enum ilv_status ilv_image_read_ppm(const char *path, struct ilv_image *image)
{
	enum ilv_status status = ILV_STATUS_IO;
	unsigned long max = 0;
	struct stat info;
	FILE *file = NULL;
	/* A pipe without a writer must not keep the run waiting. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*image = (struct ilv_image){0};
	if (fd >= 0 && fstat(fd, &info) == 0 && !S_ISREG(info.st_mode)) {
		ilv_cause_add("it is not a file");
		goto end;
	}

	file = fd >= 0 ? fdopen(fd, "re") : NULL;
	if (!file) {
		ilv_cause_add("%s", strerror(errno));
		goto end;
	}

	status = read_header(file, image, &max);
	if (status == ILV_STATUS_OK) {
		status = read_pixels(file, image, max);
	}

end:
	if (file) {
		(void)fclose(file);
	} else if (fd >= 0) {
		(void)close(fd);
	}

	if (status < 0) {
		ilv_image_fini(image);
		ilv_cause_add("Cannot read picture \"%s\"", path);
	}

	return status;
}

struct write_call {
	const struct ilv_image *image;
	const char *path;
	int error;
};

static void write_file(void *argument)
{
	struct write_call *call = argument;
	const struct ilv_image *image = call->image;
	FILE *file = fopen(call->path, "we");

	if (!file) {
		call->error = errno;
		return;
	}

	if (fprintf(file, "P6\n%zu %zu\n%d\n", image->width, image->height, CHANNEL_MAX) < 0 ||
	    fwrite(image->pixels, ILV_IMAGE_CHANNELS, image->width * image->height, file) !=
		    image->width * image->height) {
		call->error = errno;
	}

	if (fclose(file) != 0 && call->error == 0) {
		call->error = errno;
	}
}

enum ilv_status ilv_image_write_ppm(const struct ilv_image *image, const char *path)
{
	struct write_call call = {.image = image, .path = path};
	enum ilv_status status = ilv_await_call(write_file, &call, ILV_WAIT_REASON_WRITE, 0);

	if (status == ILV_STATUS_OK && call.error != 0) {
		ilv_cause_add("Cannot write picture \"%s\": %s", path, strerror(call.error));
		status = ILV_STATUS_IO;
	}

	return status;
}
