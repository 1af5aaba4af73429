/* SPDX-License-Identifier: MIT */
/*
 * Description: what programs counted of their own work and no trace shows: reads that saw half a
 * change, results that were not there yet. Where one run counted some and another none, the runs
 * did not come to the same, and that is worth more than how long they took.
 */
#include <stdio.h>
#include <string.h>

#include "analysis/report/verdict_parts.h"
#include "base/duration.h"

/*
 * What `run` counted of `what` in its phases called `phase`; ILV_UNKNOWN: it did not count that.
 * The steps of a sweep are told by its curves, and work is there in any case.
 */
static int64_t count_of(const struct ilv_report_run *run, const char *phase, const char *what)
{
	int64_t sum = ILV_UNKNOWN;

	for (uint32_t index = 0; index < run->phase_count; index++) {
		const struct ilv_report_phase *other = &run->phases[index];

		if (other->has_point || !other->name || strcmp(other->name, phase) != 0) {
			continue;
		}
		for (uint32_t at = 0; at < other->count_count; at++) {
			const struct ilv_report_count *count = &other->counts[at];

			if (!count->is_work && count->what && strcmp(count->what, what) == 0) {
				sum = (sum == ILV_UNKNOWN ? 0 : sum) + count->count;
			}
		}
	}

	return sum;
}

/* Whether all counted it, and some came to none and others not. */
static bool is_contrast(const struct ilv_comparison *comparison, const char *phase,
			const char *what)
{
	uint32_t none_count = 0;

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		int64_t count = count_of(comparison->runs[index].run, phase, what);

		if (count == ILV_UNKNOWN) {
			return false;
		}
		none_count += count == 0;
	}

	return none_count > 0 && none_count < comparison->run_count;
}

/* "In-place counted 42 reads of half a change, locked and snapshot none." */
static void write_contrast(struct ilv_verdict *verdict, const char *phase,
			   const struct ilv_report_count *counted)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const char *what = counted->what;
	uint32_t none_count = 0;
	uint32_t written = 0;

	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];
		int64_t count = count_of(compared->run, phase, what);
		char text[ILV_DURATION_TEXT_SIZE];

		if (count == 0) {
			none_count++;
			continue;
		}
		ilv_count_text(count, text, sizeof(text));
		if (written++ == 0) {
			(void)fprintf(verdict->stream, "%s counted %s %s",
				      ilv_verdict_label(compared), text,
				      ilv_report_count_words(counted, count));
		} else {
			(void)fprintf(verdict->stream, ", %s %s", ilv_verdict_label(compared),
				      text);
		}
	}

	written = 0;
	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const struct ilv_compared_run *compared = &comparison->runs[index];

		if (count_of(compared->run, phase, what) == 0) {
			if (written == 0) {
				(void)fputs(", ", verdict->stream);
			}
			ilv_verdict_separate(verdict->stream, written++, none_count);
			(void)fputs(ilv_verdict_label(compared), verdict->stream);
		}
	}

	(void)fputs(" none", verdict->stream);
}

void ilv_verdict_write_counts(struct ilv_verdict *verdict)
{
	const struct ilv_comparison *comparison = verdict->comparison;
	const struct ilv_report_run *first = comparison->runs[0].run;

	for (uint32_t index = 0; index < first->phase_count; index++) {
		const struct ilv_report_phase *phase = &first->phases[index];

		for (uint32_t at = 0; at < phase->count_count; at++) {
			const char *what = phase->counts[at].what;

			if (!what || !phase->name || phase->has_point ||
			    phase->counts[at].is_work ||
			    !is_contrast(comparison, phase->name, what)) {
				continue;
			}
			write_contrast(verdict, phase->name, &phase->counts[at]);
			verdict->has_outcome = true;
			ilv_verdict_stop(verdict);
			return; /* of several the program says the one that counts first */
		}
	}
}
