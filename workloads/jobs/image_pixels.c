/* SPDX-License-Identifier: MIT */
/* Description: what moves pixels or changes each by itself; filters are in image_filter.c. */
#include "workloads/jobs/image_pixels.h"

#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "workloads/random.h"
#include "workloads/runtime.h"

#define DISC_COUNT     24
#define GRAIN          16 /* how much noise lies over a generated picture */
#define CHANNEL_MAX    255
#define PERCENT        100
#define CHANNEL_VALUES 256

enum ilv_status ilv_image_init(struct ilv_image *image, size_t width, size_t height)
{
	*image = (struct ilv_image){.width = width, .height = height};
	if (width < 1 || height < 1 || width > ILV_IMAGE_SIDE_MAX || height > ILV_IMAGE_SIDE_MAX ||
	    width * height > ILV_IMAGE_AREA_MAX) {
		ilv_cause_add("a picture of %zu x %zu pixels is too large or empty", width, height);
		return ILV_STATUS_UNSUPPORTED;
	}

	image->pixels = malloc(width * height * ILV_IMAGE_CHANNELS);
	if (!image->pixels) {
		ilv_cause_add("Cannot make a picture: width=%zu, height=%zu", width, height);
		return ILV_STATUS_MEMORY;
	}

	return ILV_STATUS_OK;
}

void ilv_image_fini(struct ilv_image *image)
{
	free(image->pixels);
	*image = (struct ilv_image){0};
}

static unsigned char *pixel_at(const struct ilv_image *image, size_t x, size_t y)
{
	return image->pixels + (y * image->width + x) * ILV_IMAGE_CHANNELS;
}

struct disc {
	int64_t x;
	int64_t y;
	int64_t radius;
	unsigned char colour[ILV_IMAGE_CHANNELS];
};

static void place_discs(uint64_t *random, size_t width, size_t height, struct disc *discs)
{
	const size_t side = width < height ? width : height;

	for (size_t index = 0; index < DISC_COUNT; index++) {
		discs[index].x = (int64_t)(ilv_random_next(random) % width);
		discs[index].y = (int64_t)(ilv_random_next(random) % height);
		discs[index].radius = (int64_t)(1 + ilv_random_next(random) % (side / 5 + 1));
		for (size_t channel = 0; channel < ILV_IMAGE_CHANNELS; channel++) {
			discs[index].colour[channel] =
				(unsigned char)(ilv_random_next(random) % CHANNEL_VALUES);
		}
	}
}

/* The colour of the last disc there, else of the sky. */
static void paint(const struct disc *discs, const struct ilv_image *image, size_t x, size_t y,
		  unsigned char *pixel)
{
	const unsigned char sky[ILV_IMAGE_CHANNELS] = {
		(unsigned char)(40 + 120 * y / image->height),
		(unsigned char)(90 + 110 * y / image->height),
		(unsigned char)(170 + 60 * x / image->width),
	};

	memcpy(pixel, sky, sizeof(sky));
	for (size_t index = 0; index < DISC_COUNT; index++) {
		const int64_t from_x = (int64_t)x - discs[index].x;
		const int64_t from_y = (int64_t)y - discs[index].y;

		if (from_x * from_x + from_y * from_y <=
		    discs[index].radius * discs[index].radius) {
			memcpy(pixel, discs[index].colour, sizeof(discs[index].colour));
		}
	}
}

enum ilv_status ilv_image_generate(uint64_t seed, size_t width, size_t height, struct ilv_image *to)
{
	struct disc discs[DISC_COUNT];
	uint64_t random = seed;
	enum ilv_status status = ilv_image_init(to, width, height);

	if (status < 0) {
		return status;
	}

	place_discs(&random, width, height, discs);
	for (size_t y = 0; y < height && status == ILV_STATUS_OK; y++) {
		for (size_t x = 0; x < width; x++) {
			unsigned char *pixel = pixel_at(to, x, y);
			const unsigned int grain = ilv_random_next(&random) % GRAIN;

			paint(discs, to, x, y, pixel);
			for (size_t channel = 0; channel < ILV_IMAGE_CHANNELS; channel++) {
				const unsigned int value = pixel[channel] + grain;

				pixel[channel] =
					(unsigned char)(value > CHANNEL_MAX ? CHANNEL_MAX : value);
			}
		}

		status = ilv_tick();
	}

	return status;
}

enum ilv_status ilv_image_crop(const struct ilv_image *from, size_t left, size_t top, size_t width,
			       size_t height, struct ilv_image *to)
{
	enum ilv_status status = ilv_image_init(to, width, height);

	for (size_t y = 0; y < height && status == ILV_STATUS_OK; y++) {
		memcpy(pixel_at(to, 0, y), pixel_at(from, left, top + y),
		       width * ILV_IMAGE_CHANNELS);
		status = ilv_tick();
	}

	return status;
}

enum ilv_status ilv_image_mirror(const struct ilv_image *from, struct ilv_image *to)
{
	enum ilv_status status = ilv_image_init(to, from->width, from->height);

	for (size_t y = 0; y < from->height && status == ILV_STATUS_OK; y++) {
		for (size_t x = 0; x < from->width; x++) {
			memcpy(pixel_at(to, from->width - 1 - x, y), pixel_at(from, x, y),
			       ILV_IMAGE_CHANNELS);
		}

		status = ilv_tick();
	}

	return status;
}

enum ilv_status ilv_image_flip(const struct ilv_image *from, struct ilv_image *to)
{
	enum ilv_status status = ilv_image_init(to, from->width, from->height);

	for (size_t y = 0; y < from->height && status == ILV_STATUS_OK; y++) {
		memcpy(pixel_at(to, 0, from->height - 1 - y), pixel_at(from, 0, y),
		       from->width * ILV_IMAGE_CHANNELS);
		status = ilv_tick();
	}

	return status;
}

enum ilv_status ilv_image_rotate(const struct ilv_image *from, struct ilv_image *to)
{
	enum ilv_status status = ilv_image_init(to, from->height, from->width);

	for (size_t y = 0; y < from->height && status == ILV_STATUS_OK; y++) {
		for (size_t x = 0; x < from->width; x++) {
			memcpy(pixel_at(to, from->height - 1 - y, x), pixel_at(from, x, y),
			       ILV_IMAGE_CHANNELS);
		}

		status = ilv_tick();
	}

	return status;
}

enum ilv_status ilv_image_brighten(const struct ilv_image *from, uint32_t percent,
				   struct ilv_image *to)
{
	unsigned char bright[CHANNEL_VALUES];
	const size_t row_bytes = from->width * ILV_IMAGE_CHANNELS;
	enum ilv_status status = ilv_image_init(to, from->width, from->height);

	for (uint32_t value = 0; value < CHANNEL_VALUES; value++) {
		const uint32_t scaled = (value * percent + PERCENT / 2) / PERCENT;

		bright[value] = (unsigned char)(scaled > CHANNEL_MAX ? CHANNEL_MAX : scaled);
	}

	for (size_t y = 0; y < from->height && status == ILV_STATUS_OK; y++) {
		const unsigned char *source = pixel_at(from, 0, y);
		unsigned char *target = pixel_at(to, 0, y);

		for (size_t byte = 0; byte < row_bytes; byte++) {
			target[byte] = bright[source[byte]];
		}

		status = ilv_tick();
	}

	return status;
}
