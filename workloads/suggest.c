/* SPDX-License-Identifier: MIT */
/* Description: which known name somebody meant who typed another. */
#include <stddef.h>
#include <string.h>

#include "workloads/options.h"

#define LENGTH_MAX 64

static size_t smallest(size_t a, size_t b, size_t c)
{
	const size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Letters to insert, delete or replace to make `a` into `b`; both shorter than LENGTH_MAX. */
static size_t edit_distance(const char *a, const char *b)
{
	const size_t b_length = strlen(b);
	size_t row[LENGTH_MAX];

	for (size_t column = 0; column <= b_length; column++) {
		row[column] = column;
	}

	for (size_t line = 1; a[line - 1]; line++) {
		size_t diagonal = row[0];

		row[0] = line;
		for (size_t column = 1; column <= b_length; column++) {
			const size_t above = row[column];

			row[column] = smallest(above + 1, row[column - 1] + 1,
					       diagonal + (a[line - 1] != b[column - 1]));
			diagonal = above;
		}
	}

	return row[b_length];
}

const char *ilv_suggest(const char *wrong, const char *const *names)
{
	const size_t wrong_length = strlen(wrong);
	const char *nearest = NULL;
	size_t nearest_distance = 0;

	if (wrong_length >= LENGTH_MAX) {
		return NULL;
	}

	for (size_t index = 0; names[index]; index++) {
		size_t distance = 0;

		if (strlen(names[index]) >= LENGTH_MAX) {
			continue;
		}

		distance = edit_distance(wrong, names[index]);
		if (!nearest || distance < nearest_distance) {
			nearest = names[index];
			nearest_distance = distance;
		}
	}

	return nearest && (nearest_distance <= 1 || nearest_distance <= wrong_length / 3) ? nearest
											  : NULL;
}
