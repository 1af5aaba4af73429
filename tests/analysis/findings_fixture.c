/* SPDX-License-Identifier: MIT */
/* Description: runs events through model, measures, report and findings. */
#include "tests/analysis/findings_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/findings/findings.h"
#include "analysis/report/build.h"
#include "base/cause.h"
#include "tests/lib/script.h"

enum ilv_status findings_report_of_events(const struct ilv_event *events, size_t count,
					  struct ilv_report **report)
{
	struct ilv_model *model = ilv_model_create();
	struct ilv_measures *measures = model ? ilv_measures_create(model) : NULL;
	struct ilv_findings *findings = measures ? ilv_findings_create(model) : NULL;
	struct ilv_trace_facts facts = {
		.begin_ns = events[0].time_ns,
		.end_ns = events[count - 1].time_ns,
		.event_count = count,
	};
	enum ilv_status status = findings ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
	struct ilv_run *const *runs;
	uint32_t run_count;
	bool has_run = false;

	*report = NULL;
	for (size_t index = 0; index < count; index++) {
		has_run = has_run || events[index].type == ILV_EVENT_RUN_BEGIN;
	}
	if (model && !has_run) {
		ilv_model_set_implied_run(model, true);
	}

	for (size_t index = 0; index < count && status >= 0; index++) {
		status = ilv_model_feed(model, &events[index]);
	}

	status = status < 0 ? status : ilv_model_finish(model);
	if (status >= 0) {
		status = ilv_report_build(&(struct ilv_report_source){.model = model,
								      .measures = measures,
								      .facts = &facts},
					  report);
	}

	runs = model ? ilv_model_runs(model, &run_count) : NULL;
	for (uint32_t index = 0; status >= 0 && index < run_count; index++) {
		status = ilv_findings_judge(findings, runs[index], measures, *report,
					    &(*report)->runs[index]);
	}

	if (status < 0) {
		ilv_report_destroy(*report);
		*report = NULL;
	}

	ilv_findings_destroy(findings);
	ilv_measures_destroy(measures);
	ilv_model_destroy(model);
	return status;
}

struct ilv_report *findings_report(const char *text)
{
	struct ilv_script *script = ilv_script_parse(text);
	struct ilv_report *report;

	if (findings_report_of_events(script->events, script->count, &report) != ILV_STATUS_OK) {
		fail_msg("%s", ilv_cause_text());
	}

	ilv_script_destroy(script);
	findings_assert_sound(report);
	return report;
}

const struct ilv_finding *findings_find(const struct ilv_report *report, uint32_t run_index,
					const char *id, uint32_t nth)
{
	const struct ilv_report_run *run = &report->runs[run_index];

	for (uint32_t index = 0; index < run->finding_count; index++) {
		if (strcmp(run->findings[index].id, id) == 0 && nth-- == 0) {
			return &run->findings[index];
		}
	}

	return NULL;
}

void findings_assert_none(const char *script, const char *id)
{
	struct ilv_report *report = findings_report(script);

	for (uint32_t run = 0; run < report->run_count; run++) {
		const struct ilv_finding *finding = findings_find(report, run, id, 0);

		if (finding) {
			fail_msg("must not be found: %s", finding->text);
		}
	}

	ilv_report_destroy(report);
}

static void assert_finding_sound(const struct ilv_finding *finding,
				 const struct ilv_report_run *run)
{
	int64_t duration_ns = run->end_ns - run->begin_ns;
	size_t length = strlen(finding->text);

	assert_true(strlen(finding->title) <= 40);
	assert_true(length > 20 && finding->text[length - 1] == '.');
	assert_null(strstr(finding->text, "  "));
	assert_null(strstr(finding->text, "unknown "));
	assert_null(strstr(finding->text, "(null)"));
	/* "1 others", "1 threads": a number of one and a plural. */
	assert_null(strstr(finding->text, " 1 others"));
	assert_null(strstr(finding->text, " 1 threads"));
	assert_null(strstr(finding->text, " 1 tasks"));
	assert_null(strstr(finding->text, " 1 updates"));
	assert_null(strstr(finding->text, " 1 times"));
	if (finding->begin_ns != ILV_UNKNOWN) {
		assert_in_range(finding->begin_ns, 0, duration_ns);
		assert_in_range(finding->end_ns, finding->begin_ns, duration_ns);
	}

	if (finding->moment_text) {
		assert_in_range(finding->moment_ns, 0, duration_ns);
		assert_non_null(finding->moment_entity_id);
		assert_int_equal(finding->moment_text[strlen(finding->moment_text) - 1], '.');
	}
}

void findings_assert_sound(const struct ilv_report *report)
{
	for (uint32_t run = 0; run < report->run_count; run++) {
		for (uint32_t index = 0; index < report->runs[run].finding_count; index++) {
			assert_finding_sound(&report->runs[run].findings[index],
					     &report->runs[run]);
		}
	}
}
