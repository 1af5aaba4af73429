/* SPDX-License-Identifier: MIT */
/* Description: pictures as files in the format PPM: P6, 8 bits a channel. */
#ifndef ILV_WORKLOADS_JOBS_IMAGE_PPM_H
#define ILV_WORKLOADS_JOBS_IMAGE_PPM_H

#include "workloads/jobs/image_pixels.h"

/* Reads `path`. A file that is damaged, of another format or absurd fails with one sentence that
 * says what is wrong. `*image` is to be freed with ilv_image_fini(). */
enum ilv_status ilv_image_read_ppm(const char *path, struct ilv_image *image) ILV_NODISCARD;

/* Writes `image` to `path`, through the runtime, as a job does. An existing file is replaced. */
enum ilv_status ilv_image_write_ppm(const struct ilv_image *image, const char *path) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_JOBS_IMAGE_PPM_H */
