/* SPDX-License-Identifier: MIT */
/*
 * Description: draws event scripts: `picture_dump timeline|text|ascii|colour|compare [--findings]
 * SCRIPT...`. What a reader of a recording does in two passes, without the recording.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "tests/analysis/report_fixture.h"
#include "tests/lib/script.h"
#include "viz/picture.h"
#include "viz/viz.h"

#define SCRIPT_LIMIT 8

struct scripts {
	char *texts[SCRIPT_LIMIT];
	struct ilv_report *reports[SCRIPT_LIMIT];
	uint32_t count;
};

static enum ilv_status pass(void *context, uint32_t index, const struct ilv_picture_sink *sink)
{
	const struct scripts *scripts = context;
	struct ilv_script *script = ilv_script_parse(scripts->texts[index]);
	struct ilv_model *model = ilv_model_create();
	struct ilv_intervals *intervals =
		model ? ilv_intervals_create(model, sink->take, sink->context) : NULL;
	const struct ilv_model_listener edges = {
		.context = sink->context, .on_edge = sink->take_edge, .on_mark = sink->take_mark};
	enum ilv_status status = intervals ? ilv_model_listen(model, &edges) : ILV_STATUS_MEMORY;

	for (size_t i = 0; i < script->count && status >= 0; i++) {
		status = ilv_model_feed(model, &script->events[i]);
	}
	if (status >= 0) {
		status = ilv_model_finish(model);
	}

	ilv_model_destroy(model);
	ilv_intervals_destroy(intervals);
	ilv_script_destroy(script);
	return status;
}

static enum ilv_status compare(struct scripts *scripts, bool has_findings,
			       const struct ilv_picture_source *source)
{
	const struct ilv_report *reports[SCRIPT_LIMIT];
	const char *names[SCRIPT_LIMIT];
	struct ilv_comparison *comparison;
	enum ilv_status status;

	for (uint32_t i = 0; i < scripts->count; i++) {
		reports[i] = scripts->reports[i];
		names[i] = "example";
	}
	status = ilv_comparison_create(reports, names, scripts->count, &comparison);
	if (status < 0) {
		return status;
	}

	if (!has_findings) {
		/* What the words are is tested where they are made. */
		free(comparison->title);
		free(comparison->verdict);
		comparison->title = strdup("mixed, on 2 CPUs");
		comparison->verdict = strdup("Threads are cut short; tasks give way.");
	}
	status = ilv_picture_comparison(comparison, source, ILV_MARKS_DEFAULT, stdout);
	ilv_comparison_destroy(comparison);
	return status;
}

int main(int argument_count, char **arguments)
{
	struct scripts scripts = {.count = 0};
	struct ilv_picture_source source = {pass, &scripts};
	struct ilv_text_style style = {.has_unicode = true, .width = 80, .name = "example"};
	enum ilv_status status = ILV_STATUS_USAGE;
	bool has_findings = false;
	const char *kind = argument_count > 1 ? arguments[1] : "";

	for (int index = 2; index < argument_count && scripts.count < SCRIPT_LIMIT; index++) {
		if (strcmp(arguments[index], "--findings") == 0) {
			has_findings = true;
			continue;
		}
		scripts.texts[scripts.count] = read_text_file(arguments[index]);
		scripts.reports[scripts.count] =
			report_of_script(scripts.texts[scripts.count], has_findings);
		scripts.count++;
	}
	if (scripts.count == 0) {
		fprintf(stderr, "usage: picture_dump KIND [--findings] SCRIPT...\n");
		return 2;
	}

	if (strcmp(kind, "timeline") == 0) {
		status = ilv_picture_timeline(scripts.reports[0], &scripts.reports[0]->runs[0],
					      &source, ILV_MARKS_DEFAULT, stdout);
	} else if (strcmp(kind, "compare") == 0) {
		status = compare(&scripts, has_findings, &source);
	} else {
		style.has_unicode = strcmp(kind, "ascii") != 0;
		style.has_colour = strcmp(kind, "colour") == 0;
		status = ilv_picture_text(scripts.reports[0], &scripts.reports[0]->runs[0], &style,
					  &source, stdout);
	}

	for (uint32_t i = 0; i < scripts.count; i++) {
		ilv_report_destroy(scripts.reports[i]);
		free(scripts.texts[i]);
	}
	if (status < 0) {
		fprintf(stderr, "%s: %s\n", ilv_status_text(status), ilv_cause_text());
		return 1;
	}
	return 0;
}
