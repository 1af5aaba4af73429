/* SPDX-License-Identifier: MIT */
/*
 * Description: job `matmul`: multiplies square matrices, in blocks, and nothing else: it never
 * waits. Under `threads` the trace shows as many jobs at work as there are CPUs, cut short in turn;
 * on a loop each job runs to its end, and all others are ready for that long, unless --yield-every
 * makes it give way.
 */
#include "workloads/jobs/matmul.h"

#include <stdlib.h>

#include "base/cause.h"
#include "workloads/random.h"
#include "workloads/workload.h"

#define BLOCK_SIZE 32

enum option { OPTION_SIZE, OPTION_COUNT, OPTION_YIELD_EVERY };

static const struct ilv_option options[] = {
	[OPTION_SIZE] = {"size", "rows and columns of each matrix", 640, 1, 8192},
	[OPTION_COUNT] = {"count", "products that each job makes", 1, 1, 1000000},
	[OPTION_YIELD_EVERY] = {"yield-every", "give way after so many blocks; 0 is never", 0, 0,
				1000000000},
	{0},
};

/* Small whole numbers: their sums of products are exact, so the order of additions does not show.
 */
static void fill(double *matrix, size_t size, uint64_t *random)
{
	for (size_t index = 0; index < size * size; index++) {
		matrix[index] = (double)(ilv_random_next(random) % 256);
	}
}

static size_t block_end(size_t begin, size_t size)
{
	return begin + BLOCK_SIZE < size ? begin + BLOCK_SIZE : size;
}

/* Adds a's block at (`row`, `inner`) times b's rows `inner`... to c's rows `row`... */
static void multiply_block(const double *a, const double *b, double *c, size_t size, size_t row,
			   size_t inner)
{
	const size_t row_end = block_end(row, size);
	const size_t inner_end = block_end(inner, size);

	for (size_t column = 0; column < size; column += BLOCK_SIZE) {
		const size_t column_end = block_end(column, size);

		for (size_t i = row; i < row_end; i++) {
			for (size_t k = inner; k < inner_end; k++) {
				const double factor = a[i * size + k];

				for (size_t j = column; j < column_end; j++) {
					c[i * size + j] += factor * b[k * size + j];
				}
			}
		}
	}
}

static enum ilv_status multiply(const struct ilv_matmul *matmul, const double *a, const double *b,
				double *c)
{
	enum ilv_status status = ILV_STATUS_OK;
	int64_t block_count = 0;

	for (size_t index = 0; index < matmul->size * matmul->size; index++) {
		c[index] = 0;
	}

	for (size_t row = 0; row < matmul->size; row += BLOCK_SIZE) {
		for (size_t inner = 0; inner < matmul->size; inner += BLOCK_SIZE) {
			multiply_block(a, b, c, matmul->size, row, inner);
			block_count++;
			status = ilv_tick();
			if (status == ILV_STATUS_OK && matmul->yield_every > 0 &&
			    block_count % matmul->yield_every == 0) {
				status = ilv_yield();
			}

			if (status < 0) {
				return status;
			}
		}
	}

	return status;
}

enum ilv_status ilv_matmul(const struct ilv_matmul *matmul, uint64_t *checksum)
{
	const size_t element_count = matmul->size * matmul->size;
	enum ilv_status status = ILV_STATUS_MEMORY;
	uint64_t random = matmul->random;
	double *matrices = calloc(3 * element_count, sizeof(*matrices));

	if (!matrices) {
		ilv_cause_add("Cannot make matrices: size=%zu", matmul->size);
		goto end;
	}

	for (int64_t number = 0; number < matmul->count; number++) {
		double *product = matrices + 2 * element_count;

		fill(matrices, matmul->size, &random);
		fill(matrices + element_count, matmul->size, &random);
		status = multiply(matmul, matrices, matrices + element_count, product);
		if (status < 0) {
			goto end;
		}

		for (size_t index = 0; index < element_count; index++) {
			*checksum = ilv_checksum_add(*checksum, (uint64_t)product[index]);
		}
	}

end:
	free(matrices);

	return status;
}

static enum ilv_status compute(void *argument, struct ilv_result *result)
{
	uint64_t checksum = ILV_CHECKSUM_EMPTY;
	enum ilv_status status = ilv_matmul(argument, &checksum);

	return status == ILV_STATUS_OK ? ilv_result_append(result, &checksum, sizeof(checksum))
				       : status;
}

/* All of it is computing: a runtime that has a pool for that is to use it. */
static enum ilv_status matmul_job(void *argument, struct ilv_result *result)
{
	return ilv_run_in_pool_flat(compute, argument, sizeof(struct ilv_matmul), result);
}

static void plan(const struct ilv_run *run, int64_t index, void *argument)
{
	*(struct ilv_matmul *)argument = (struct ilv_matmul){
		.size = (size_t)run->values[OPTION_SIZE],
		.count = run->values[OPTION_COUNT],
		.yield_every = run->values[OPTION_YIELD_EVERY],
		.random = ilv_random_stream((uint64_t)run->seed, (uint64_t)index),
	};
}

const struct ilv_workload ilv_workload_matmul = {
	.name = "matmul",
	.description = "multiplies matrices: computes, and never waits",
	.shows = "Under threads as many jobs run as there are CPUs, and red lines show where the "
		 "kernel cuts one short to let another in. On a loop one job runs to its end while "
		 "all others stand ready (hatched), and no task is ever cut.",
	.job_noun = "jobs",
	.default_job_count = 6,
	.max_job_count = 100000,
	.options = options,
	.job = matmul_job,
	.argument_size = sizeof(struct ilv_matmul),
	.plan = plan,
	.has_flat_arguments = true,
};
