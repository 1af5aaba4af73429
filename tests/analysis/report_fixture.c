/* SPDX-License-Identifier: MIT */
/* Description: makes a report from an event script. */
#include "tests/analysis/report_fixture.h"

#include <stdlib.h>

#include "analysis/findings/findings.h"
#include "analysis/report/build.h"
#include "base/cause.h"
#include "tests/lib/script.h"

static void check(enum ilv_status status, const char *what)
{
	if (status != ILV_STATUS_OK) {
		(void)fprintf(stderr, "%s: %s: %s\n", what, ilv_status_text(status),
			      ilv_cause_text());
		exit(1);
	}
}

/* One pass, with the whole script as the run where `is_implied`; NULL when nobody said run_begin.
 */
static struct ilv_report *pass(const struct ilv_script *script, bool has_findings, bool is_implied)
{
	struct ilv_model *model = ilv_model_create();
	struct ilv_measures *measures;
	struct ilv_findings *findings;
	struct ilv_phases *phases;
	struct ilv_trace_facts facts = {
		.begin_ns = script->events[0].time_ns,
		.end_ns = script->events[script->count - 1].time_ns,
		.event_count = script->count,
	};
	struct ilv_report *report = NULL;
	uint32_t run_count;

	if (!model) {
		check(ILV_STATUS_MEMORY, "model");
	}
	ilv_model_set_implied_run(model, is_implied);
	measures = ilv_measures_create(model);
	phases = ilv_phases_create(model);
	findings = has_findings ? ilv_findings_create(model) : NULL;
	for (size_t index = 0; index < script->count; index++) {
		check(ilv_model_feed(model, &script->events[index]), "feed");
	}
	check(ilv_model_finish(model), "finish");

	(void)ilv_model_runs(model, &run_count);
	if (run_count > 0) {
		check(ilv_report_build(&(struct ilv_report_source){.model = model,
								   .measures = measures,
								   .phases = phases,
								   .facts = &facts},
				       &report),
		      "build");
	}
	for (uint32_t index = 0; index < run_count && findings; index++) {
		check(ilv_findings_judge(findings, ilv_model_runs(model, &run_count)[index],
					 measures, report, &report->runs[index]),
		      "judge");
	}

	ilv_findings_destroy(findings);
	ilv_phases_destroy(phases);
	ilv_measures_destroy(measures);
	ilv_model_destroy(model);
	return report;
}

struct ilv_report *report_of_script(const char *text, bool has_findings)
{
	struct ilv_script *script = ilv_script_parse(text);
	struct ilv_report *report = pass(script, has_findings, false);

	if (!report) {
		report = pass(script, has_findings, true);
	}
	ilv_script_destroy(script);
	return report;
}

char *read_text_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file || getdelim(&text, &size, '\0', file) < 0) {
		(void)fprintf(stderr, "cannot read %s\n", path);
		exit(1);
	}
	(void)fclose(file);
	return text;
}

struct ilv_report *report_of_data(const char *name)
{
	const char *source = getenv("ILV_SOURCE");
	char path[512];
	char *text;
	struct ilv_report *report;

	(void)snprintf(path, sizeof(path), "%s/tests/data/%s", source ? source : ".", name);
	text = read_text_file(path);
	report = report_of_script(text, false);
	free(text);
	return report;
}
