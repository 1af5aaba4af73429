/* SPDX-License-Identifier: MIT */
/*
 * Description: pictures of 8-bit red, green and blue, and what job `image` does with them. All of
 * it is whole-number arithmetic, filters too: a picture comes out the same, bit by bit, on every
 * machine and under every runtime.
 *
 * Each function makes a new picture in `*to`, which is to be freed with ilv_image_fini(), and ticks
 * after each row.
 */
#ifndef ILV_WORKLOADS_JOBS_IMAGE_PIXELS_H
#define ILV_WORKLOADS_JOBS_IMAGE_PIXELS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define ILV_IMAGE_CHANNELS 3
#define ILV_IMAGE_SIDE_MAX 16384
#define ILV_IMAGE_AREA_MAX ((size_t)64 * 1024 * 1024) /* pixels */

/* Zeroed: none. */
struct ilv_image {
	size_t width;
	size_t height;
	unsigned char *pixels; /* row by row, from the top left */
};

/* Gives `image` room for its pixels, of which none is set. */
enum ilv_status ilv_image_init(struct ilv_image *image, size_t width, size_t height) ILV_NODISCARD;
void ilv_image_fini(struct ilv_image *image);

/* A picture of discs before a sky, the same for a seed. */
enum ilv_status ilv_image_generate(uint64_t seed, size_t width, size_t height,
				   struct ilv_image *to) ILV_NODISCARD;

/* The part of `width` x `height` whose top left is at (`left`, `top`); it must lie in `from`. */
enum ilv_status ilv_image_crop(const struct ilv_image *from, size_t left, size_t top, size_t width,
			       size_t height, struct ilv_image *to) ILV_NODISCARD;

/* Catmull-Rom's cubic, which is stretched where the picture gets smaller. */
enum ilv_status ilv_image_resize(const struct ilv_image *from, size_t width, size_t height,
				 struct ilv_image *to) ILV_NODISCARD;

/* A Gaussian with a standard deviation of `sigma_tenths` tenths of a pixel, at least 1. */
enum ilv_status ilv_image_blur(const struct ilv_image *from, uint32_t sigma_tenths,
			       struct ilv_image *to) ILV_NODISCARD;

/* Left becomes right, or top becomes bottom. */
enum ilv_status ilv_image_mirror(const struct ilv_image *from, struct ilv_image *to) ILV_NODISCARD;
enum ilv_status ilv_image_flip(const struct ilv_image *from, struct ilv_image *to) ILV_NODISCARD;

/* A quarter of a turn, clockwise. */
enum ilv_status ilv_image_rotate(const struct ilv_image *from, struct ilv_image *to) ILV_NODISCARD;

/* Each channel times `percent` / 100, at most 255. */
enum ilv_status ilv_image_brighten(const struct ilv_image *from, uint32_t percent,
				   struct ilv_image *to) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_JOBS_IMAGE_PIXELS_H */
