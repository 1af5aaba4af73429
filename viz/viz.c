/* SPDX-License-Identifier: MIT */
/* Description: the second pass of pictures: recordings are read once more, now for their intervals.
 */
#include "viz/viz.h"

#include "analysis/analyse.h"
#include "base/cause.h"
#include "viz/picture.h"

struct pass {
	const struct ilv_picture_sink *sink;
	struct ilv_intervals *intervals;
};

static enum ilv_status prepare(void *context, struct ilv_model *model)
{
	struct pass *pass = context;

	const struct ilv_model_listener edges = {.context = pass->sink->context,
						 .on_edge = pass->sink->take_edge,
						 .on_mark = pass->sink->take_mark};

	pass->intervals = ilv_intervals_create(model, pass->sink->take, pass->sink->context);
	if (!pass->intervals) {
		ilv_cause_add("Cannot read intervals: not enough memory");
		return ILV_STATUS_MEMORY;
	}

	return ilv_model_listen(model, &edges);
}

static enum ilv_status read_recording(void *context, uint32_t index,
				      const struct ilv_picture_sink *sink)
{
	const char *const *paths = context;
	struct pass pass = {.sink = sink};
	const struct ilv_pass read = {.path = paths[index], .prepare = prepare, .context = &pass};
	enum ilv_status status = ilv_analyse(&read);

	ilv_intervals_destroy(pass.intervals);
	return status;
}

enum ilv_status ilv_timeline_write_svg(const struct ilv_report *report, const char *path,
				       uint32_t run_index, uint32_t mark_limit, FILE *stream)
{
	const struct ilv_picture_source source = {read_recording, &path};

	return ilv_picture_timeline(report, &report->runs[run_index], &source, mark_limit, stream);
}

enum ilv_status ilv_comparison_write_svg(const struct ilv_comparison *comparison,
					 const char *const *paths, uint32_t mark_limit,
					 FILE *stream)
{
	const struct ilv_picture_source source = {read_recording, (void *)paths};

	return ilv_picture_comparison(comparison, &source, mark_limit, stream);
}

enum ilv_status ilv_timeline_write_text(const struct ilv_report *report, const char *path,
					uint32_t run_index, const struct ilv_text_style *style,
					FILE *stream)
{
	const struct ilv_picture_source source = {read_recording, &path};

	return ilv_picture_text(report, &report->runs[run_index], style, &source, stream);
}
