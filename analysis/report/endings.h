/* SPDX-License-Identifier: MIT */
/*
 * Description: how the units of a run came to their ends: by themselves, or by a failure, because
 * they were cancelled, or because the program ended before them.
 */
#ifndef ILV_ANALYSIS_REPORT_ENDINGS_H
#define ILV_ANALYSIS_REPORT_ENDINGS_H

#include "analysis/report/report.h"

enum ilv_ending {
	ILV_ENDING_NONE, /* it lived on */
	ILV_ENDING_RETURNED,
	ILV_ENDING_FAILED,
	ILV_ENDING_CANCELLED,
	ILV_ENDING_ABANDONED,
	ILV_ENDING_OTHER, /* of a later catalogue */
	ILV_ENDING_COUNT
};

/* Of a task or a job. */
enum ilv_ending ilv_ending_of_task(const struct ilv_report_task *task);
enum ilv_ending ilv_ending_of_thread(const struct ilv_report_thread *thread);
/* By its exit status; ILV_ENDING_NONE where that is not known. */
enum ilv_ending ilv_ending_of_process(const struct ilv_report_process *process);

/* "returned", "abandoned", as in the JSON; NULL of ILV_ENDING_NONE. Static. */
const char *ilv_ending_word(enum ilv_ending ending);

/* How the units of a run came to their ends. */
struct ilv_ending_counts {
	uint32_t of[ILV_ENDING_COUNT];
	uint32_t abandoned_thread_count; /* of those that were abandoned */
};

struct ilv_ending_counts ilv_endings_count(const struct ilv_report_run *run);

/* True unless it returned or lived on: what a reader wants to see. */
static inline bool ilv_ending_is_told(enum ilv_ending ending)
{
	return ending != ILV_ENDING_NONE && ending != ILV_ENDING_RETURNED;
}

/*
 * Writes "Not all came to their own end: of 6 tasks 1 failed (culprit 2) and 4 were cancelled.", at
 * most `size` bytes with the NUL; nothing where all units did. Names are raw: escape the text.
 */
void ilv_endings_text(const struct ilv_report_run *run, char *text, size_t size);

#endif /* ILV_ANALYSIS_REPORT_ENDINGS_H */
