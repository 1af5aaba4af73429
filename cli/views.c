/* SPDX-License-Identifier: MIT */
/* Description: makes the products of one recording in a guarded child. */
#include "cli/views.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "analysis/guard.h"
#include "base/cause.h"
#include "base/duration.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/views_inner.h"
#include "viz/viz.h"

struct recording_view {
	const char *path;
	uint32_t run_index;
	const struct ilv_text_style *style;
	const struct ilv_product *products;
	size_t product_count;
	struct ilv_view_facts *facts;
};

static bool has_open_run(const struct ilv_report *report)
{
	for (uint32_t index = 0; index < report->run_count; index++) {
		if (report->runs[index].is_interrupted &&
		    report->runs[index].exit_status == ILV_UNKNOWN) {
			return true;
		}
	}

	return false;
}

/* Says the gravest reason: that there are others, the report tells. */
static void explain_incomplete(const struct ilv_report *report, uint64_t lost_count, char *text,
			       size_t size)
{
	char count[32];

	if (lost_count > 0) {
		ilv_count_text((int64_t)lost_count, count, sizeof(count));
		(void)snprintf(text, size, "%s event%s lost", count,
			       lost_count == 1 ? " was" : "s were");
	} else if (report->discarded_packet_count > 0) {
		ilv_count_text((int64_t)report->discarded_packet_count, count, sizeof(count));
		(void)snprintf(text, size, "%s packet%s of events %s lost", count,
			       report->discarded_packet_count == 1 ? "" : "s",
			       report->discarded_packet_count == 1 ? "was" : "were");
	} else if (report->has_unknown_discards) {
		(void)snprintf(text, size, "events were lost, nobody knows how many");
	} else if (report->is_cut_off) {
		(void)snprintf(text, size, "its end is missing or damaged");
	} else if (report->unfinished_recorder_count > 0) {
		(void)snprintf(text, size, "its recorder of thread switches ended early");
	} else if (report->late_switch_count > 0) {
		ilv_count_text((int64_t)report->late_switch_count, count, sizeof(count));
		(void)snprintf(text, size,
			       "%s thread switch%s too late to be put in %s place; were all "
			       "events recorded (interleave:*)?",
			       count, report->late_switch_count == 1 ? " came" : "es came",
			       report->late_switch_count == 1 ? "its" : "their");
	} else if (has_open_run(report)) {
		(void)snprintf(text, size, "a run in it has no end");
	} else {
		(void)snprintf(text, size, "not every process said how many events it sent");
	}
}

void ilv_view_note_report(struct ilv_view_facts *facts, const struct ilv_report *report)
{
	uint64_t lost_count = report->discarded_event_count + report->lost_switch_count +
			      report->missing_event_count;

	facts->is_complete = facts->is_complete && report->is_complete;
	facts->has_losses = facts->has_losses || report->has_losses;
	facts->run_count += report->run_count;
	facts->event_count += report->event_count;
	facts->lost_count += lost_count;
	for (uint32_t index = 0; index < report->run_count; index++) {
		facts->is_interrupted = facts->is_interrupted || report->runs[index].is_interrupted;
	}
	if (report->run_count > 0) {
		facts->duration_ns = report->runs[0].sum.duration_ns;
	}
	if (report->is_complete || facts->incomplete_because[0]) {
		return;
	}

	explain_incomplete(report, lost_count, facts->incomplete_because,
			   sizeof(facts->incomplete_because));
}

enum ilv_status ilv_view_choose_run(const struct ilv_report *report, const char *path,
				    uint32_t run_index, struct ilv_report *part)
{
	*part = *report;
	if (run_index == ILV_ALL_RUNS) {
		return ILV_STATUS_OK;
	}
	if (run_index >= report->run_count) {
		ilv_cause_add("\"%s\" holds %" PRIu32 " run%s, so there is no run %" PRIu32, path,
			      report->run_count, report->run_count == 1 ? "" : "s", run_index + 1);
		return ILV_STATUS_USAGE;
	}
	part->runs = &report->runs[run_index];
	part->run_count = 1;

	return ILV_STATUS_OK;
}

uint32_t ilv_product_marks(const struct ilv_product *product)
{
	return product->mark_limit ? product->mark_limit : ILV_MARKS_DEFAULT;
}

static enum ilv_status write_product(const struct recording_view *view,
				     const struct ilv_report *report,
				     const struct ilv_product *product, FILE *stream)
{
	enum ilv_product_kind kind = product->kind;

	if ((kind == ILV_PRODUCT_SVG || kind == ILV_PRODUCT_LANES) && report->run_count > 1) {
		ilv_cause_add("\"%s\" holds %" PRIu32 " runs; choose the one to draw with --run N",
			      view->path, report->run_count);
		return ILV_STATUS_USAGE;
	}

	switch (kind) {
	case ILV_PRODUCT_JSON:
		return ilv_report_write_json(report, stream);
	case ILV_PRODUCT_TEXT:
		return ilv_report_write_text(report, ILV_ALL_RUNS, view->style, stream);
	case ILV_PRODUCT_SVG:
		return ilv_timeline_write_svg(report, view->path, 0, ilv_product_marks(product),
					      stream);
	case ILV_PRODUCT_LANES:
		return ilv_timeline_write_text(report, view->path, 0, view->style, stream);
	}

	return ILV_STATUS_ERROR;
}

static enum ilv_status make_products(void *context, struct ilv_guard_output *outputs)
{
	const struct recording_view *view = context;
	struct ilv_report *report = NULL;
	struct ilv_report part;
	enum ilv_status status = ilv_report_create(view->path, &report);

	if (status != ILV_STATUS_OK) {
		return status;
	}

	ilv_view_note_report(view->facts, report);
	status = ilv_view_choose_run(report, view->path, view->run_index, &part);
	for (size_t index = 0; index < view->product_count && status == ILV_STATUS_OK; index++) {
		status = write_product(view, &part, &view->products[index], outputs[index].stream);
	}
	ilv_report_destroy(report);

	return status;
}

struct ilv_view_facts *ilv_view_share_facts(void)
{
	struct ilv_view_facts *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
					     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED) {
		ilv_cause_add("Cannot share memory with the reader: errno=%d, %s", errno,
			      strerror(errno));
		return NULL;
	}
	*shared = (struct ilv_view_facts){.is_complete = true};

	return shared;
}

enum ilv_status
ilv_view_run_guarded(const char *trace_path,
		     enum ilv_status (*function)(void *context, struct ilv_guard_output *outputs),
		     void *context, const struct ilv_product *products, size_t product_count,
		     struct ilv_view_facts *shared, struct ilv_view_facts *facts)
{
	struct ilv_guard_output outputs[ILV_PRODUCT_MAX] = {0};
	enum ilv_status status;

	for (size_t index = 0; index < product_count; index++) {
		outputs[index].path = products[index].path;
	}
	status = ilv_guard_run(trace_path, function, context, outputs, product_count);
	*facts = *shared;
	(void)munmap(shared, sizeof(*shared));

	return status;
}

enum ilv_status ilv_view_recording(const char *path, uint32_t run_index,
				   const struct ilv_text_style *style,
				   const struct ilv_product *products, size_t product_count,
				   struct ilv_view_facts *facts)
{
	struct recording_view view = {
		.path = path,
		.run_index = run_index,
		.style = style,
		.products = products,
		.product_count = product_count,
		.facts = ilv_view_share_facts(),
	};

	if (!view.facts) {
		return ILV_STATUS_MEMORY;
	}

	return ilv_view_run_guarded(path, make_products, &view, products, product_count, view.facts,
				    facts);
}

int ilv_view_exit(const struct ilv_view_facts *facts, const char *name)
{
	if (facts->is_complete) {
		return ILV_EXIT_DONE;
	}

	ilv_message("the trace of %s is %s%s%s", name,
		    facts->has_losses ? "incomplete" : "not known to be complete",
		    facts->incomplete_because[0] ? ": " : "", facts->incomplete_because);

	return ILV_EXIT_INCOMPLETE;
}
