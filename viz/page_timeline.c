/* SPDX-License-Identifier: MIT */
/* Description: the page of one run. */
#include <stdio.h>
#include <string.h>

#include "analysis/report/endings.h"
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

	kind = kind ? kind : ilv_page_subject(run);
	snprintf(text, size, "%s", kind ? kind : "the recording");
}

/* The run's own: neither who records it nor who serves it. */
static uint32_t own_threads(const struct ilv_report_run *run)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < run->thread_count; i++) {
		enum ilv_role role = run->threads[i].role;

		count += role != ILV_ROLE_RECORDER && role != ILV_ROLE_TRACER &&
			 role != ILV_ROLE_SERVER;
	}

	return count;
}

static void describe(const struct ilv_report_run *run, char *title, size_t title_size,
		     char *verdict, size_t verdict_size)
{
	char duration[ILV_DURATION_TEXT_SIZE] = "an unknown time";
	char count[ILV_DURATION_TEXT_SIZE];
	bool has_runtime = run->runtime && *run->runtime;
	bool has_variant = run->variant && *run->variant;
	char endings[400];
	const char *subject = ilv_page_subject(run);
	size_t used;

	if (run->sum.duration_ns != ILV_UNKNOWN) {
		ilv_duration_text(run->sum.duration_ns, duration, sizeof(duration));
	}
	snprintf(title, title_size, "%s%s%s%s%s%s", subject ? subject : "A recording",
		 has_runtime ? " under " : "", has_runtime ? run->runtime : "",
		 has_variant ? " (" : "", has_variant ? run->variant : "", has_variant ? ")" : "");
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
		uint32_t thread_count = own_threads(run);

		ilv_count_text(thread_count, count, sizeof(count));
		snprintf(verdict, verdict_size, "%s thread%s in %s.", count,
			 thread_count == 1 ? "" : "s", duration);
	}

	used = strlen(verdict);
	ilv_endings_text(run, endings, sizeof(endings));
	if (endings[0]) {
		used += (size_t)snprintf(verdict + used, verdict_size - used, " %s", endings);
	}
	if (run->finding_count > 0 && run->findings[0].title) {
		snprintf(verdict + used, verdict_size - used, " What stands out: %s. %s",
			 run->findings[0].title,
			 run->findings[0].text ? run->findings[0].text : "");
	}
}

enum ilv_status ilv_picture_timeline(const struct ilv_report *report,
				     const struct ilv_report_run *run,
				     const struct ilv_picture_source *source, uint32_t mark_limit,
				     FILE *stream)
{
	const struct ilv_lanes_limits limits = {.entity_limit = ENTITY_LIMIT,
						.lock_limit = LOCK_LIMIT};
	struct ilv_page page = {.mark_limit = mark_limit, .has_phases = true};
	struct ilv_sweep *sweep = NULL;
	struct ilv_curves *curves = NULL;
	double values[ILV_MEASURE_COUNT];
	char name[128];
	char title[256];
	char verdict[1000];
	enum ilv_status status;

	name_run(run, name, sizeof(name));
	status = ilv_sweep_create(&(struct ilv_sweep_source){run, name}, 1, &sweep);
	if (status < 0) {
		goto end;
	}
	if (sweep) {
		curves = ilv_curves_create(sweep, NULL, ILV_PAGE_WIDTH - ILV_PAGE_MARGIN, 1);
		page.curves = curves;
		status = curves ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
	}
	if (status < 0) {
		goto end;
	}

	describe(run, title, sizeof(title), verdict, sizeof(verdict));
	ilv_page_measure(run, values);
	page.title = title;
	/* Of a sweep, the sums over all steps say little. */
	page.verdict = sweep && sweep->verdict[0] ? sweep->verdict : verdict;
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
	ilv_curves_destroy(curves);
	ilv_sweep_destroy(sweep);
	ilv_page_fini(&page);
	return status;
}
