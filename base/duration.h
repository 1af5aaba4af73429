/* SPDX-License-Identifier: MIT */
/*
 * Description: durations, counts, numbers and sizes as people read them: "93 ms", "8.1 ms", "640
 * µs", "1,204", "0.54", "1.5 MiB".
 */
#ifndef ILV_BASE_DURATION_H
#define ILV_BASE_DURATION_H

#include <stddef.h>
#include <stdint.h>

/* Enough for every text of this module with its NUL. */
#define ILV_DURATION_TEXT_SIZE 40

/*
 * Writes `duration_ns` with the unit that suits it and at most three significant digits, trailing
 * zeros of the fraction left out; from 1,000 s on whole seconds. INT64_MIN, which stands for
 * unknown, becomes "unknown". UTF-8: where that cannot be shown, `ilv_escape_text()` makes the
 * micro sign a "u".
 */
void ilv_duration_text(int64_t duration_ns, char *text, size_t size);

/* Writes `count` with a comma between thousands; INT64_MIN becomes "unknown". */
void ilv_count_text(int64_t count, char *text, size_t size);

/*
 * Writes `value` with at most `digit_count` significant digits, whole where more stand before its
 * point, and never with an exponent: "0.54", "2", "1,204". Something is never nothing: what is
 * above 0 and below 0.0001 becomes "<0.0001".
 */
void ilv_number_text(double value, unsigned int digit_count, char *text, size_t size);

/* Returns `one` for a count of 1, else `many`: "1 task", "2 tasks". */
const char *ilv_plural(int64_t count, const char *one, const char *many);

/* Writes `bytes` with the unit that suits it, whole above 999 and with at most three significant
 * digits below. */
void ilv_bytes_text(double bytes, char *text, size_t size);

#endif /* ILV_BASE_DURATION_H */
