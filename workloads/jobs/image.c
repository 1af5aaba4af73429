/* SPDX-License-Identifier: MIT */
/*
 * Description: job `image`: each job takes a picture, its own or that of --input, and crops,
 * resizes, blurs, mirrors, flips, turns and brightens it, each step from what the one before made.
 * It computes and never waits, unless --output asks for the pictures. The trace shows what it shows
 * of `matmul`, with memory that comes and goes besides.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cause.h"
#include "workloads/jobs/image_pixels.h"
#include "workloads/jobs/image_ppm.h"
#include "workloads/random.h"
#include "workloads/workload.h"

#define PATH_SIZE 1024
#define PERCENT   100

enum option {
	OPTION_WIDTH,
	OPTION_HEIGHT,
	OPTION_SCALE,
	OPTION_SIGMA,
	OPTION_BRIGHTNESS,
	OPTION_INPUT,
	OPTION_OUTPUT,
};

static const struct ilv_option options[] = {
	[OPTION_WIDTH] = {"width", "pixels of a row of each picture", 480, 1, ILV_IMAGE_SIDE_MAX,
			  .decided_by = "input"},
	[OPTION_HEIGHT] = {"height", "rows of each picture", 320, 1, ILV_IMAGE_SIDE_MAX,
			   .decided_by = "input"},
	[OPTION_SCALE] = {"scale", "what becomes of width and height, in percent", 150, 1, 1000},
	[OPTION_SIGMA] = {"sigma", "of the blur, in tenths of a pixel", 20, 1, 1000},
	[OPTION_BRIGHTNESS] = {"brightness", "in percent", 120, 0, 1000},
	[OPTION_INPUT] = {"input", "a picture (PPM, P6) instead of generated ones, of its own size",
			  .kind = ILV_OPTION_KIND_TEXT, .value_name = "FILE"},
	[OPTION_OUTPUT] = {"output", "a folder for what each step makes",
			   .kind = ILV_OPTION_KIND_TEXT, .value_name = "DIR"},
	{0},
};

/* Flat: it may be copied to another program, which then reads the picture itself. */
struct editor {
	size_t width;
	size_t height;
	uint32_t scale_percent;
	uint32_t sigma_tenths;
	uint32_t brightness_percent;
	int64_t index;
	uint64_t seed;
	char input[PATH_SIZE];  /* empty: none */
	char output[PATH_SIZE]; /* empty: none */
};

/* Each step makes `to` from `from`. */
typedef enum ilv_status (*step_function)(const struct editor *editor, const struct ilv_image *from,
					 struct ilv_image *to);

static enum ilv_status load(const struct editor *editor, const struct ilv_image *from,
			    struct ilv_image *to)
{
	(void)from;

	return editor->input[0]
		       ? ilv_image_read_ppm(editor->input, to)
		       : ilv_image_generate(editor->seed, editor->width, editor->height, to);
}

/* Three quarters of each side, from anywhere. */
static enum ilv_status crop(const struct editor *editor, const struct ilv_image *from,
			    struct ilv_image *to)
{
	const size_t width = from->width - from->width / 4;
	const size_t height = from->height - from->height / 4;
	uint64_t random = ~editor->seed;
	const size_t left = (size_t)(ilv_random_next(&random) % (from->width - width + 1));
	const size_t top = (size_t)(ilv_random_next(&random) % (from->height - height + 1));

	return ilv_image_crop(from, left, top, width, height, to);
}

static size_t scale(size_t length, uint32_t percent)
{
	const size_t scaled = length * percent / PERCENT;

	return scaled > 0 ? scaled : 1;
}

static enum ilv_status resize(const struct editor *editor, const struct ilv_image *from,
			      struct ilv_image *to)
{
	return ilv_image_resize(from, scale(from->width, editor->scale_percent),
				scale(from->height, editor->scale_percent), to);
}

static enum ilv_status blur(const struct editor *editor, const struct ilv_image *from,
			    struct ilv_image *to)
{
	return ilv_image_blur(from, editor->sigma_tenths, to);
}

static enum ilv_status mirror(const struct editor *editor, const struct ilv_image *from,
			      struct ilv_image *to)
{
	(void)editor;

	return ilv_image_mirror(from, to);
}

static enum ilv_status flip(const struct editor *editor, const struct ilv_image *from,
			    struct ilv_image *to)
{
	(void)editor;

	return ilv_image_flip(from, to);
}

static enum ilv_status rotate(const struct editor *editor, const struct ilv_image *from,
			      struct ilv_image *to)
{
	(void)editor;

	return ilv_image_rotate(from, to);
}

static enum ilv_status brighten(const struct editor *editor, const struct ilv_image *from,
				struct ilv_image *to)
{
	return ilv_image_brighten(from, editor->brightness_percent, to);
}

static const struct {
	const char *name;
	step_function function;
} steps[] = {
	{"original", load}, {"crop", crop}, {"resize", resize}, {"blur", blur},
	{"mirror", mirror}, {"flip", flip}, {"rotate", rotate}, {"brighten", brighten},
};

static enum ilv_status save(const struct editor *editor, size_t step, const struct ilv_image *image)
{
	char path[PATH_SIZE + 64];

	if (!editor->output[0]) {
		return ILV_STATUS_OK;
	}

	(void)snprintf(path, sizeof(path), "%s/job-%lld-%zu-%s.ppm", editor->output,
		       (long long)editor->index, step, steps[step].name);

	return ilv_image_write_ppm(image, path);
}

static uint64_t checksum_of(const struct ilv_image *image, uint64_t checksum)
{
	checksum = ilv_checksum_add(checksum, image->width);
	checksum = ilv_checksum_add(checksum, image->height);

	return ilv_checksum_add_bytes(checksum, image->pixels,
				      image->width * image->height * ILV_IMAGE_CHANNELS);
}

static enum ilv_status image_job(void *argument, struct ilv_result *result)
{
	const struct editor *editor = argument;
	struct ilv_image image = {0};
	enum ilv_status status = ILV_STATUS_OK;
	uint64_t checksum = ILV_CHECKSUM_EMPTY;

	for (size_t step = 0; step < sizeof(steps) / sizeof(steps[0]) && status == ILV_STATUS_OK;
	     step++) {
		struct ilv_image next = {0};

		status = steps[step].function(editor, &image, &next);
		ilv_image_fini(&image);
		image = next;
		if (status == ILV_STATUS_OK) {
			checksum = checksum_of(&image, checksum);
			status = save(editor, step, &image);
		}
	}

	ilv_image_fini(&image);

	return status == ILV_STATUS_OK ? ilv_result_append(result, &checksum, sizeof(checksum))
				       : status;
}

/* Jobs may be done in another program: they get the whole path. */
static enum ilv_status keep_path(const char *path, char absolute[PATH_SIZE])
{
	char whole[PATH_MAX];

	if (!realpath(path, whole) || strlen(whole) >= PATH_SIZE) {
		ilv_cause_add("Cannot use \"%s\": %s", path,
			      strlen(path) < PATH_SIZE ? strerror(errno) : "the path is too long");
		return ILV_STATUS_IO;
	}

	memcpy(absolute, whole, strlen(whole) + 1);

	return ILV_STATUS_OK;
}

/* Finds out before the run whether its picture and its folder are of any use. */
static enum ilv_status prepare(struct ilv_run *run)
{
	const char *input = run->texts[OPTION_INPUT];
	const char *output = run->texts[OPTION_OUTPUT];
	struct editor *editor = run->state;
	enum ilv_status status = ILV_STATUS_OK;

	if (input) {
		struct ilv_image image = {0};

		status = keep_path(input, editor->input);
		if (status == ILV_STATUS_OK) {
			status = ilv_image_read_ppm(input, &image);
		}

		/* What the run is said to have. */
		run->values[OPTION_WIDTH] = (int64_t)image.width;
		run->values[OPTION_HEIGHT] = (int64_t)image.height;
		ilv_image_fini(&image);
	}

	if (status == ILV_STATUS_OK && output) {
		if (mkdir(output, 0777) != 0 && errno != EEXIST) {
			ilv_cause_add("Cannot make folder \"%s\": %s", output, strerror(errno));
			return ILV_STATUS_IO;
		}

		status = keep_path(output, editor->output);
	}

	return status;
}

/* The state is what all of them have in common. */
static void plan(const struct ilv_run *run, int64_t index, void *argument)
{
	struct editor *editor = argument;

	*editor = *(const struct editor *)run->state;
	editor->width = (size_t)run->values[OPTION_WIDTH];
	editor->height = (size_t)run->values[OPTION_HEIGHT];
	editor->scale_percent = (uint32_t)run->values[OPTION_SCALE];
	editor->sigma_tenths = (uint32_t)run->values[OPTION_SIGMA];
	editor->brightness_percent = (uint32_t)run->values[OPTION_BRIGHTNESS];
	editor->index = index;
	editor->seed = ilv_random_stream((uint64_t)run->seed, (uint64_t)index);
}

const struct ilv_workload ilv_workload_image = {
	.name = "image",
	.description = "crops, resizes, blurs and turns pictures: computes, in steps",
	.shows =
		"It computes, as matmul does. Under a GIL its lane is never free: one thread works "
		"at a time, and the others wait for it, CPUs or not. Processes have a memory and a "
		"GIL each, and wait for a CPU alone.",
	.job_noun = "jobs",
	.default_job_count = 6,
	.max_job_count = 10000,
	.options = options,
	.job = image_job,
	.argument_size = sizeof(struct editor),
	.plan = plan,
	.has_flat_arguments = true,
	.state_size = sizeof(struct editor),
	.prepare = prepare,
};
