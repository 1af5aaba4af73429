/* SPDX-License-Identifier: MIT */
/*
 * Description: makes a report from a model that has finished and the measures taken of it. Apart
 * from reading a recording (create.c), so that an event script is as good a source as a trace.
 */
#ifndef ILV_ANALYSIS_REPORT_BUILD_H
#define ILV_ANALYSIS_REPORT_BUILD_H

#include "analysis/decode/decode.h"
#include "analysis/metrics/measures.h"
#include "analysis/metrics/phases.h"
#include "analysis/report/report.h"

/* What a report is made from; all borrowed for the call. */
struct ilv_report_source {
	const struct ilv_model *model;
	const struct ilv_measures *measures;
	const struct ilv_phases *phases; /* NULL: not measured */
	const struct ilv_trace_facts *facts;
	uint64_t late_switch_count;
};

/* Makes the report of all runs, findings left out. On success `*report` is the caller's. */
enum ilv_status ilv_report_build(const struct ilv_report_source *source,
				 struct ilv_report **report) ILV_NODISCARD;

/* For the parts of the builder alone: */

/* One run while its part of the report is made. */
struct ilv_run_build {
	const struct ilv_report_source *source;
	const struct ilv_model_facts *facts;
	const struct ilv_run *run;
	struct ilv_report_run *made;
	int64_t begin_ns, end_ns;              /* of the run, in the trace's clock */
	struct ilv_entity_measures **entities; /* all that lived in the run, oldest first */
	uint32_t entity_count;
	struct ilv_scheduler_measures **schedulers; /* likewise, by kind, then age */
	uint32_t scheduler_count;
	bool has_switches;  /* thread switches were recorded */
	bool has_records;   /* one by one, rather than as estimates */
	bool has_readiness; /* and so were wake-ups: waiting and ready can be told apart */
	bool is_out_of_memory;
};

/* Fills schedulers, locks, loops and pools of `build->made`. */
void ilv_report_build_schedulers(struct ilv_run_build *build);

/* Fills threads, tasks, processes, and the sums over units. */
void ilv_report_build_entities(struct ilv_run_build *build);
void ilv_report_build_sums(struct ilv_run_build *build);

/* Fills phases. */
void ilv_report_build_phases(struct ilv_run_build *build);

/* True where `entity` is what the run counts. */
bool ilv_report_is_unit(const struct ilv_run_build *build, const struct ilv_entity *entity);

/* `time_ns` since the run's begin, kept within the run. */
int64_t ilv_report_time_in_run(const struct ilv_run_build *build, int64_t time_ns);

/* Copies that note in `build` when memory was short; NULL stays NULL. */
char *ilv_report_copy(struct ilv_run_build *build, const char *text);
char *ilv_report_entity_id(struct ilv_run_build *build, const struct ilv_entity *entity);
char *ilv_report_entity_label(struct ilv_run_build *build, const struct ilv_entity *entity);
char *ilv_report_scheduler_id(struct ilv_run_build *build, const struct ilv_scheduler *scheduler);

/* An array of `count` zeroed elements, never of none. NULL and a note when memory is short. */
void *ilv_report_array(struct ilv_run_build *build, uint32_t count, size_t size);

/* Copies the values of `from` into the empty distribution `into`. */
void ilv_report_copy_distribution(struct ilv_run_build *build, struct ilv_distribution *into,
				  const struct ilv_distribution *from);

#endif /* ILV_ANALYSIS_REPORT_BUILD_H */
