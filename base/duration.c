/* SPDX-License-Identifier: MIT */
/* Description: durations, counts, numbers and sizes as people read them. */
#include "base/duration.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

/* The magnitude of `value`, INT64_MIN included. */
static uint64_t magnitude(int64_t value)
{
	return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

/* The most digits that a number of 64 bits has, their commas, a sign and the NUL. */
#define GROUPED_SIZE (20 + 6 + 2)

/* Writes `value` with a comma between thousands. */
static void group_thousands(uint64_t value, bool is_negative, char grouped[GROUPED_SIZE])
{
	char digits[21];
	size_t digit_count = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, value);
	size_t length = 0;

	if (is_negative) {
		grouped[length++] = '-';
	}
	for (size_t at = 0; at < digit_count; at++) {
		if (at > 0 && (digit_count - at) % 3 == 0) {
			grouped[length++] = ',';
		}
		grouped[length++] = digits[at];
	}
	grouped[length] = '\0';
}

/* Writes value / unit_ns with three significant digits, rounded half up. False: it rounds up to
 * 1000 units. */
static int write_digits(uint64_t value, uint64_t unit_ns, char *text, size_t size)
{
	unsigned int decimals = 0;
	uint64_t scale = 1;
	uint64_t scaled;
	uint64_t whole;
	uint64_t fraction;
	size_t length;

	while (decimals < 2 && value * scale * 10 / unit_ns < 1000 && unit_ns > 1) {
		scale *= 10;
		decimals++;
	}

	scaled = (value * scale + unit_ns / 2) / unit_ns;
	if (scaled >= 1000 && decimals > 0) {
		/* 9.996 has become 10.00: one digit less. */
		scale /= 10;
		decimals--;
		scaled = (value * scale + unit_ns / 2) / unit_ns;
	}
	if (scaled >= 1000) {
		return 0;
	}

	whole = scaled / scale;
	fraction = scaled % scale;
	if (decimals == 0 || fraction == 0) {
		(void)snprintf(text, size, "%" PRIu64, whole);
		return 1;
	}

	length = (size_t)snprintf(text, size, "%" PRIu64 ".%0*" PRIu64, whole, (int)decimals,
				  fraction);
	if (length < size && text[length - 1] == '0') {
		text[length - 1] = '\0';
	}

	return 1;
}

void ilv_duration_text(int64_t duration_ns, char *text, size_t size)
{
	const struct {
		uint64_t unit_ns;
		const char *name;
	} units[] = {
		{1, "ns"},
		{NS_PER_US, "\u00b5s"},
		{NS_PER_MS, "ms"},
		{NS_PER_S, "s"},
	};
	uint64_t value = magnitude(duration_ns);
	char digits[ILV_DURATION_TEXT_SIZE];
	char grouped[GROUPED_SIZE];

	if (duration_ns == INT64_MIN) {
		(void)snprintf(text, size, "unknown");
		return;
	}

	for (size_t at = 0; at < sizeof(units) / sizeof(units[0]); at++) {
		if (value < units[at].unit_ns * 1000 &&
		    write_digits(value, units[at].unit_ns, digits, sizeof(digits))) {
			(void)snprintf(text, size, "%s%s %s", duration_ns < 0 ? "-" : "", digits,
				       units[at].name);
			return;
		}
	}

	group_thousands((value + NS_PER_S / 2) / NS_PER_S, duration_ns < 0, grouped);
	(void)snprintf(text, size, "%s s", grouped);
}

void ilv_count_text(int64_t count, char *text, size_t size)
{
	char grouped[GROUPED_SIZE];

	if (count == INT64_MIN) {
		(void)snprintf(text, size, "unknown");
		return;
	}

	group_thousands(magnitude(count), count < 0, grouped);
	(void)snprintf(text, size, "%s", grouped);
}

void ilv_number_text(double value, unsigned int digit_count, char *text, size_t size)
{
	/* "%g" writes an exponent below the one, and from what rounds to the other on. */
	const double least = 0.0001;
	const double most = pow(10, digit_count) - 0.5;

	if (value > 0 && value < least) {
		(void)snprintf(text, size, "<%g", least);
	} else if (fabs(value) < most) {
		(void)snprintf(text, size, "%.*g", (int)digit_count, value);
	} else {
		ilv_count_text(llround(value), text, size);
	}
}

const char *ilv_plural(int64_t count, const char *one, const char *many)
{
	return count == 1 ? one : many;
}

void ilv_bytes_text(double bytes, char *text, size_t size)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
	unsigned int unit = 0;

	while (fabs(bytes) >= 1023.5 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		bytes /= 1024;
		unit++;
	}

	/* "%.3g" writes 1e+03 from 999.5 on. */
	(void)snprintf(text, size, fabs(bytes) < 999.5 ? "%.3g %s" : "%.0f %s", bytes, units[unit]);
}
