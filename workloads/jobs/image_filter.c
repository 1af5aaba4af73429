/* SPDX-License-Identifier: MIT */
/*
 * Description: filters that are done in two passes, along the rows and then along the columns. A
 * kernel says with which weights the pixels of a line go into each pixel of the line that it
 * becomes; beyond its ends a line goes on as it ended. Weights are fixed-point numbers whose sum is
 * exactly one, so that an even area stays as it is.
 */
#include <stdlib.h>

#include "base/cause.h"
#include "workloads/jobs/image_pixels.h"
#include "workloads/runtime.h"

#define WEIGHT_ONE  INT64_C(16384) /* a weight of one */
#define BETWEEN_ONE 64             /* what 1 becomes in a line between the passes */
#define CHANNEL_MAX 255

#define FIXED_ONE    INT64_C(65536) /* of distances */
#define CUBIC_RADIUS 2
#define TENTHS       10
#define SIGMAS       3 /* how far a Gaussian reaches */
#define EXP_ONE      (INT64_C(1) << 30)
#define EXP_HALVINGS 6
#define EXP_TERMS    8

/* For a line that becomes one of `length` pixels: `tap_count` weights for each, and from where. */
struct kernel {
	size_t length;
	size_t tap_count;
	size_t *taps; /* which pixel of the line */
	int32_t *weights;
};

static void kernel_fini(struct kernel *kernel)
{
	free(kernel->taps);
	free(kernel->weights);
	*kernel = (struct kernel){0}; /* Whoever made it may end it again. */
}

static enum ilv_status kernel_init(struct kernel *kernel, size_t length, size_t tap_count)
{
	*kernel = (struct kernel){
		.length = length,
		.tap_count = tap_count,
		.taps = calloc(length * tap_count, sizeof(*kernel->taps)),
		.weights = calloc(length * tap_count, sizeof(*kernel->weights)),
	};
	if (!kernel->taps || !kernel->weights) {
		ilv_cause_add("Cannot make a filter: length=%zu, taps=%zu", length, tap_count);
		kernel_fini(kernel);
		return ILV_STATUS_MEMORY;
	}

	return ILV_STATUS_OK;
}

/* Sets the taps of pixel `index`, from `first` on, to `raw` weights, scaled so that they make one.
 */
static void set_taps(struct kernel *kernel, size_t index, int64_t first, size_t line_length,
		     const int64_t *raw)
{
	size_t *taps = kernel->taps + index * kernel->tap_count;
	int32_t *weights = kernel->weights + index * kernel->tap_count;
	size_t largest = 0;
	int64_t sum = 0;
	int64_t left = WEIGHT_ONE;

	for (size_t tap = 0; tap < kernel->tap_count; tap++) {
		sum += raw[tap];
	}

	for (size_t tap = 0; tap < kernel->tap_count; tap++) {
		const int64_t at = first + (int64_t)tap;

		taps[tap] = at < 0 ? 0 : at >= (int64_t)line_length ? line_length - 1 : (size_t)at;
		/* Every filter weighs something. */
		/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
		weights[tap] = (int32_t)(raw[tap] * WEIGHT_ONE / sum);
		left -= weights[tap];
		largest = weights[tap] > weights[largest] ? tap : largest;
	}

	weights[largest] += (int32_t)left; /* What rounding left over. */
}

/* Catmull-Rom's cubic at `distance`, times 2 FIXED_ONE: 3x^3 - 5x^2 + 2 up to 1, then
 * -x^3 + 5x^2 - 8x + 4 up to 2. */
static int64_t cubic(int64_t distance)
{
	const int64_t x = distance < 0 ? -distance : distance;
	const int64_t square = x * x / FIXED_ONE;
	const int64_t cube = square * x / FIXED_ONE;

	if (x < FIXED_ONE) {
		return 3 * cube - 5 * square + 2 * FIXED_ONE;
	}

	return x < 2 * FIXED_ONE ? -cube + 5 * square - 8 * x + 4 * FIXED_ONE : 0;
}

static int64_t floor_divide(int64_t number, int64_t divisor)
{
	return number >= 0 ? number / divisor : -((-number + divisor - 1) / divisor);
}

static enum ilv_status make_cubic(size_t from_length, size_t to_length, struct kernel *kernel)
{
	/* Where the line gets shorter the cubic is as much wider, or it would skip pixels. */
	const int64_t from = (int64_t)from_length;
	const int64_t to = (int64_t)to_length;
	const int64_t widest = from > to ? from : to;
	const int64_t reach = (CUBIC_RADIUS * widest + to - 1) / to;
	const size_t tap_count = (size_t)(2 * reach + 1);
	int64_t *raw = calloc(tap_count, sizeof(*raw));
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (!raw) {
		ilv_cause_add("Cannot make a filter: taps=%zu", tap_count);
		return ILV_STATUS_MEMORY;
	}

	status = kernel_init(kernel, to_length, tap_count);
	for (int64_t index = 0; status == ILV_STATUS_OK && index < to; index++) {
		/* The middle of the new pixel, where the middle of pixel 0 is 0. */
		const int64_t centre =
			(2 * index + 1) * from * FIXED_ONE / (2 * to) - FIXED_ONE / 2;
		const int64_t first = floor_divide(centre, FIXED_ONE) - reach;

		for (size_t tap = 0; tap < tap_count; tap++) {
			const int64_t distance = (first + (int64_t)tap) * FIXED_ONE - centre;

			raw[tap] = cubic(distance * to / widest);
		}

		set_taps(kernel, (size_t)index, first, from_length, raw);
	}

	free(raw);

	return status;
}

/* e to the power of -`number` / `divisor`, times EXP_ONE: a series for a 64th of it, and that
 * squared six times. */
static int64_t exp_of_minus(int64_t number, int64_t divisor)
{
	const int64_t x = number * EXP_ONE / divisor >> EXP_HALVINGS;
	int64_t term = EXP_ONE;
	int64_t sum = EXP_ONE;

	for (int64_t index = 1; index <= EXP_TERMS; index++) {
		term = -term * x / EXP_ONE / index;
		sum += term;
	}

	for (int halving = 0; halving < EXP_HALVINGS; halving++) {
		sum = sum * sum / EXP_ONE;
	}

	return sum;
}

static enum ilv_status make_gaussian(size_t length, uint32_t sigma_tenths, struct kernel *kernel)
{
	const int64_t sigma = sigma_tenths;
	const int64_t reach = (SIGMAS * sigma + TENTHS - 1) / TENTHS;
	const size_t tap_count = (size_t)(2 * reach + 1);
	int64_t *raw = calloc(tap_count, sizeof(*raw));
	enum ilv_status status = ILV_STATUS_MEMORY;

	if (!raw) {
		ilv_cause_add("Cannot make a filter: taps=%zu", tap_count);
		return ILV_STATUS_MEMORY;
	}

	for (int64_t distance = -reach; distance <= reach; distance++) {
		/* Distance squared by twice sigma squared, both in tenths. */
		raw[distance + reach] =
			exp_of_minus(distance * distance * TENTHS * TENTHS, 2 * sigma * sigma);
	}

	status = kernel_init(kernel, length, tap_count);
	for (size_t index = 0; status == ILV_STATUS_OK && index < length; index++) {
		set_taps(kernel, index, (int64_t)index - reach, length, raw);
	}

	free(raw);

	return status;
}

/* Along the rows: pixels of `from` to finer numbers, as many rows of the kernel's length. */
static enum ilv_status filter_rows(const struct ilv_image *from, const struct kernel *kernel,
				   int16_t *between)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t y = 0; y < from->height && status == ILV_STATUS_OK; y++) {
		const unsigned char *row = from->pixels + y * from->width * ILV_IMAGE_CHANNELS;
		int16_t *target = between + y * kernel->length * ILV_IMAGE_CHANNELS;

		for (size_t x = 0; x < kernel->length; x++) {
			const size_t *taps = kernel->taps + x * kernel->tap_count;
			const int32_t *weights = kernel->weights + x * kernel->tap_count;
			int32_t sums[ILV_IMAGE_CHANNELS] = {0};

			for (size_t tap = 0; tap < kernel->tap_count; tap++) {
				const unsigned char *pixel = row + taps[tap] * ILV_IMAGE_CHANNELS;

				for (size_t channel = 0; channel < ILV_IMAGE_CHANNELS; channel++) {
					sums[channel] += weights[tap] * pixel[channel];
				}
			}

			for (size_t channel = 0; channel < ILV_IMAGE_CHANNELS; channel++) {
				*target++ = (int16_t)(sums[channel] * BETWEEN_ONE / WEIGHT_ONE);
			}
		}

		status = ilv_tick();
	}

	return status;
}

static unsigned char to_channel(int64_t sum)
{
	const int64_t one = WEIGHT_ONE * BETWEEN_ONE;
	const int64_t value = floor_divide(sum + one / 2, one);

	return (unsigned char)(value < 0 ? 0 : value > CHANNEL_MAX ? CHANNEL_MAX : value);
}

/* Along the columns, row by row of what comes out, because that is how memory lies. */
static enum ilv_status filter_columns(const int16_t *between, const struct kernel *kernel,
				      struct ilv_image *to, int32_t *sums)
{
	const size_t row_values = to->width * ILV_IMAGE_CHANNELS;
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t y = 0; y < to->height && status == ILV_STATUS_OK; y++) {
		const size_t *taps = kernel->taps + y * kernel->tap_count;
		const int32_t *weights = kernel->weights + y * kernel->tap_count;

		for (size_t value = 0; value < row_values; value++) {
			sums[value] = 0;
		}

		for (size_t tap = 0; tap < kernel->tap_count; tap++) {
			const int16_t *row = between + taps[tap] * row_values;

			for (size_t value = 0; value < row_values; value++) {
				sums[value] += weights[tap] * row[value];
			}
		}

		for (size_t value = 0; value < row_values; value++) {
			to->pixels[y * row_values + value] = to_channel(sums[value]);
		}

		status = ilv_tick();
	}

	return status;
}

static enum ilv_status filter(const struct ilv_image *from, const struct kernel *horizontal,
			      const struct kernel *vertical, struct ilv_image *to)
{
	const size_t row_values = horizontal->length * ILV_IMAGE_CHANNELS;
	enum ilv_status status = ilv_image_init(to, horizontal->length, vertical->length);
	int16_t *between = NULL;
	int32_t *sums = NULL;

	if (status < 0) {
		return status;
	}

	between = malloc(from->height * row_values * sizeof(*between));
	sums = malloc(row_values * sizeof(*sums));
	if (!between || !sums) {
		ilv_cause_add("Cannot filter a picture: width=%zu, height=%zu", horizontal->length,
			      from->height);
		status = ILV_STATUS_MEMORY;
		goto end;
	}

	status = filter_rows(from, horizontal, between);
	if (status == ILV_STATUS_OK) {
		status = filter_columns(between, vertical, to, sums);
	}

end:
	free(between);
	free(sums);

	return status;
}

enum ilv_status ilv_image_resize(const struct ilv_image *from, size_t width, size_t height,
				 struct ilv_image *to)
{
	struct kernel horizontal = {0};
	struct kernel vertical = {0};
	enum ilv_status status = make_cubic(from->width, width, &horizontal);

	*to = (struct ilv_image){0};
	if (status == ILV_STATUS_OK) {
		status = make_cubic(from->height, height, &vertical);
	}

	if (status == ILV_STATUS_OK) {
		status = filter(from, &horizontal, &vertical, to);
	}

	kernel_fini(&horizontal);
	kernel_fini(&vertical);

	return status;
}

enum ilv_status ilv_image_blur(const struct ilv_image *from, uint32_t sigma_tenths,
			       struct ilv_image *to)
{
	struct kernel horizontal = {0};
	struct kernel vertical = {0};
	enum ilv_status status = make_gaussian(from->width, sigma_tenths, &horizontal);

	*to = (struct ilv_image){0};
	if (status == ILV_STATUS_OK) {
		status = make_gaussian(from->height, sigma_tenths, &vertical);
	}

	if (status == ILV_STATUS_OK) {
		status = filter(from, &horizontal, &vertical, to);
	}

	kernel_fini(&horizontal);
	kernel_fini(&vertical);

	return status;
}
