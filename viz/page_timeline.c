/* SPDX-License-Identifier: MIT */
/* Description: the page of one run. */
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "viz/page.h"
#include "viz/words.h"

/* Up to this many entities each gets a lane. */
#define ENTITY_LIMIT 24
#define LOCK_LIMIT   2

static void name_run(const struct ilv_report_run *run, char *text, size_t size)
{
	const char *kind = run->runtime && *run->runtime   ? run->runtime
			   : run->variant && *run->variant ? run->variant
							   : NULL;

	snprintf(text, size, "%s", kind ? kind : run->workload ? run->workload : "the recording");
}

static void describe(const struct ilv_report_run *run, char *title, size_t title_size,
		     char *verdict, size_t verdict_size)
{
	char duration[ILV_DURATION_TEXT_SIZE] = "an unknown time";
	char count[ILV_DURATION_TEXT_SIZE];
	const char *kind = run->runtime && *run->runtime ? run->runtime : run->variant;
	size_t used;

	if (run->sum.duration_ns != ILV_UNKNOWN) {
		ilv_duration_text_unicode(run->sum.duration_ns, duration, sizeof(duration));
	}
	snprintf(title, title_size, "%s%s%s", run->workload ? run->workload : "A recording",
		 kind && *kind ? " under " : "", kind && *kind ? kind : "");
	if (run->task_count > 0) {
		ilv_count_text(run->task_count, count, sizeof(count));
		snprintf(verdict, verdict_size, "%s task%s on %u loop%s in %s.", count,
			 run->task_count == 1 ? "" : "s", run->loop_count,
			 run->loop_count == 1 ? "" : "s", duration);
	} else if (run->job_count > 0) {
		ilv_count_text(run->job_count, count, sizeof(count));
		snprintf(verdict, verdict_size, "%s job%s in %u pool%s in %s.", count,
			 run->job_count == 1 ? "" : "s", run->pool_count,
			 run->pool_count == 1 ? "" : "s", duration);
	} else {
		ilv_count_text(run->thread_count, count, sizeof(count));
		snprintf(verdict, verdict_size, "%s thread%s in %s.", count,
			 run->thread_count == 1 ? "" : "s", duration);
	}

	used = strlen(verdict);
	if (run->finding_count > 0 && run->findings[0].title) {
		snprintf(verdict + used, verdict_size - used, " What stands out: %s. %s",
			 run->findings[0].title,
			 run->findings[0].text ? run->findings[0].text : "");
	}
}

enum ilv_status ilv_picture_timeline(const struct ilv_report *report,
				     const struct ilv_report_run *run,
				     const struct ilv_picture_source *source, FILE *stream)
{
	const struct ilv_lanes_limits limits = {.entity_limit = ENTITY_LIMIT,
						.lock_limit = LOCK_LIMIT};
	struct ilv_page page = {0};
	double values[ILV_MEASURE_COUNT];
	char name[128];
	char title[256];
	char verdict[1000];
	enum ilv_status status;

	name_run(run, name, sizeof(name));
	describe(run, title, sizeof(title), verdict, sizeof(verdict));
	ilv_page_measure(run, values);
	page.title = title;
	page.verdict = verdict;
	status = ilv_page_init(&page, 1);
	if (status == ILV_STATUS_OK) {
		status = ilv_page_set_panel(&page, 0, report, run, name, values, &limits);
	}
	if (status < 0) {
		goto end;
	}

	for (uint32_t i = 0; i < run->finding_count && page.moment_count < ILV_PAGE_MOMENT_LIMIT;
	     i++) {
		if (run->findings[i].moment_text) {
			page.moments[page.moment_count++] =
				(struct ilv_page_moment){0, &run->findings[i]};
		}
	}

	status = ilv_page_write(&page, source, stream);

end:
	ilv_page_fini(&page);
	return status;
}
