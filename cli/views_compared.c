/* SPDX-License-Identifier: MIT */
/* Description: makes the products of a comparison in a guarded child that reads all its recordings.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/report/comparison.h"
#include "cli/views.h"
#include "cli/views_inner.h"
#include "viz/viz.h"

struct comparison_view {
	const struct ilv_view_compared *compared;
	size_t compared_count;
	const struct ilv_text_style *style;
	const struct ilv_product *products;
	size_t product_count;
	struct ilv_view_facts *facts;
};

/* A recording with its report, while the one to show is sought among its repeats. */
struct candidate {
	size_t index;
	int64_t duration_ns;
};

static int by_duration(const void *left, const void *right)
{
	const struct candidate *a = left;
	const struct candidate *b = right;

	if (a->duration_ns != b->duration_ns) {
		return a->duration_ns < b->duration_ns ? -1 : 1;
	}

	return a->index < b->index ? -1 : 1;
}

/* Returns the recording whose run took the middle time of the group that begins with `first`. */
static size_t median_of_group(const struct comparison_view *view, const struct ilv_report *parts,
			      size_t first, struct candidate *candidates)
{
	size_t count = 0;

	for (size_t index = first; index < view->compared_count; index++) {
		if (strcmp(view->compared[index].group, view->compared[first].group) == 0) {
			candidates[count++] = (struct candidate){
				.index = index,
				.duration_ns = parts[index].run_count > 0
						       ? parts[index].runs[0].sum.duration_ns
						       : 0,
			};
		}
	}
	qsort(candidates, count, sizeof(*candidates), by_duration);

	return candidates[(count - 1) / 2].index;
}

static bool is_first_of_group(const struct comparison_view *view, size_t index)
{
	for (size_t before = 0; before < index; before++) {
		if (strcmp(view->compared[before].group, view->compared[index].group) == 0) {
			return false;
		}
	}

	return true;
}

static enum ilv_status write_picture(const struct comparison_view *view,
				     const struct ilv_comparison *comparison,
				     const struct ilv_report *parts,
				     const struct ilv_product *product, FILE *stream)
{
	const char **paths = calloc(comparison->run_count + 1, sizeof(*paths));
	enum ilv_status status;

	if (!paths) {
		return ILV_STATUS_MEMORY;
	}

	for (uint32_t run = 0; run < comparison->run_count; run++) {
		for (size_t index = 0; index < view->compared_count; index++) {
			if (&parts[index] == comparison->runs[run].report) {
				paths[run] = view->compared[index].path;
			}
		}
	}
	status = ilv_comparison_write_svg(comparison, paths, ilv_product_marks(product), stream);
	free(paths);

	return status;
}

static enum ilv_status write_products(const struct comparison_view *view,
				      const struct ilv_comparison *comparison,
				      const struct ilv_report *parts,
				      struct ilv_guard_output *outputs)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0; index < view->product_count && status == ILV_STATUS_OK; index++) {
		FILE *stream = outputs[index].stream;

		switch (view->products[index].kind) {
		case ILV_PRODUCT_JSON:
			status = ilv_comparison_write_json(comparison, stream);
			break;
		case ILV_PRODUCT_TEXT:
			status = ilv_comparison_write_text(comparison, view->style, stream);
			break;
		case ILV_PRODUCT_SVG:
			status = write_picture(view, comparison, parts, &view->products[index],
					       stream);
			break;
		case ILV_PRODUCT_LANES:
			status = ILV_STATUS_UNSUPPORTED;
			break;
		}
	}

	return status;
}

static enum ilv_status compare(void *context, struct ilv_guard_output *outputs)
{
	const struct comparison_view *view = context;
	size_t count = view->compared_count;
	struct ilv_report **reports = calloc(count, sizeof(*reports));
	struct ilv_report *parts = calloc(count, sizeof(*parts)); /* the runs that were chosen */
	const struct ilv_report **shown = calloc(count, sizeof(*shown));
	const char **names = calloc(count, sizeof(*names));
	struct candidate *candidates = calloc(count, sizeof(*candidates));
	struct ilv_comparison *comparison = NULL;
	enum ilv_status status = ILV_STATUS_MEMORY;
	uint32_t shown_count = 0;

	if (!reports || !parts || !shown || !names || !candidates) {
		goto end;
	}

	for (size_t index = 0; index < count; index++) {
		(void)snprintf(view->facts->reading, sizeof(view->facts->reading), "%s",
			       view->compared[index].path);
		status = ilv_report_create(view->compared[index].path, &reports[index]);
		if (status != ILV_STATUS_OK) {
			goto end;
		}
		ilv_view_note_report(view->facts, reports[index]);
		status = ilv_view_choose_run(reports[index], view->compared[index].path,
					     view->compared[index].run_index, &parts[index]);
		if (status != ILV_STATUS_OK) {
			goto end;
		}
	}

	for (size_t index = 0; index < count; index++) {
		if (is_first_of_group(view, index)) {
			size_t median = median_of_group(view, parts, index, candidates);

			shown[shown_count] = &parts[median];
			names[shown_count++] = view->compared[index].name;
		} else {
			view->facts->repeat_count++;
		}
	}
	status = ilv_comparison_create(shown, names, shown_count, &comparison);
	if (status == ILV_STATUS_OK) {
		status = write_products(view, comparison, parts, outputs);
	}

end:
	ilv_comparison_destroy(comparison);
	for (size_t index = 0; reports && index < count; index++) {
		ilv_report_destroy(reports[index]);
	}
	free(reports);
	free(parts);
	free(shown);
	free(names);
	free(candidates);

	return status;
}

enum ilv_status ilv_view_comparison(const struct ilv_view_compared *compared, size_t compared_count,
				    const struct ilv_text_style *style,
				    const struct ilv_product *products, size_t product_count,
				    struct ilv_view_facts *facts)
{
	struct comparison_view view = {
		.compared = compared,
		.compared_count = compared_count,
		.style = style,
		.products = products,
		.product_count = product_count,
		.facts = ilv_view_share_facts(),
	};

	if (!view.facts) {
		return ILV_STATUS_MEMORY;
	}

	/* Should the child die, this still says what it was reading. */
	return ilv_view_run_guarded(view.facts->reading, compare, &view, products, product_count,
				    view.facts, facts);
}
