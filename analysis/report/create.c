/* SPDX-License-Identifier: MIT */
/* Description: reads a recording and makes its report: finds the trace, passes over it, lets the
 * findings speak. */
#include <stdlib.h>

#include "analysis/analyse.h"
#include "analysis/findings/findings.h"
#include "analysis/report/build.h"
#include "analysis/report/locate.h"
#include "base/cause.h"

struct reading {
	bool is_implied; /* nobody said run_begin: the trace itself is the run */
	bool has_run;
	struct ilv_measures *measures;
	struct ilv_phases *phases;
	struct ilv_findings *findings;
	struct ilv_report *report;
};

static enum ilv_status prepare(void *context, struct ilv_model *model)
{
	struct reading *reading = context;

	if (reading->is_implied) {
		ilv_model_set_implied_run(model, true);
	}

	reading->measures = ilv_measures_create(model);
	reading->findings = ilv_findings_create(model);
	reading->phases = ilv_phases_create(model);
	if (!reading->measures || !reading->findings || !reading->phases) {
		ilv_cause_add("Cannot prepare a report");
		return ILV_STATUS_MEMORY;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status finish(void *context, struct ilv_model *model,
			      const struct ilv_trace_facts *facts, uint64_t late_switch_count)
{
	struct reading *reading = context;
	uint32_t run_count;
	struct ilv_run *const *runs = ilv_model_runs(model, &run_count);
	enum ilv_status status;

	reading->has_run = run_count > 0;
	if (!reading->has_run && !reading->is_implied) {
		return ILV_STATUS_OK;
	}

	status = ilv_report_build(
		&(struct ilv_report_source){.model = model,
					    .measures = reading->measures,
					    .phases = reading->phases,
					    .facts = facts,
					    .late_switch_count = late_switch_count},
		&reading->report);
	for (uint32_t index = 0; index < run_count && status == ILV_STATUS_OK; index++) {
		status = ilv_findings_judge(reading->findings, runs[index], reading->measures,
					    reading->report, &reading->report->runs[index]);
	}

	return status;
}

static enum ilv_status read_once(const char *path, struct reading *reading)
{
	enum ilv_status status = ilv_analyse(&(struct ilv_pass){
		.path = path, .prepare = prepare, .finish = finish, .context = reading});

	ilv_findings_destroy(reading->findings);
	ilv_phases_destroy(reading->phases);
	ilv_measures_destroy(reading->measures);
	reading->phases = NULL;
	reading->findings = NULL;
	reading->measures = NULL;
	return status;
}

enum ilv_status ilv_report_create(const char *path, struct ilv_report **report)
{
	struct reading reading = {.is_implied = false};
	char *trace_path = NULL;
	enum ilv_status status = ilv_recording_locate(path, &trace_path);

	if (status != ILV_STATUS_OK) {
		goto end;
	}

	status = read_once(trace_path, &reading);
	if (status >= ILV_STATUS_OK && !reading.has_run) {
		reading.is_implied = true;
		status = read_once(trace_path, &reading);
	}
	if (status < ILV_STATUS_OK) {
		goto end;
	}

	if (!reading.report || reading.report->event_count == 0) {
		ilv_cause_add("Cannot report on \"%s\": the trace has no events", path);
		status = ILV_STATUS_TRACE;
		goto end;
	}

	*report = reading.report;
	reading.report = NULL;
	status = ILV_STATUS_OK;

end:
	ilv_report_destroy(reading.report);
	free(trace_path);
	return status;
}
