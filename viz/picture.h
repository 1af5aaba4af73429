/* SPDX-License-Identifier: MIT */
/*
 * Description: the pictures behind viz.h, with the second pass left to the caller: where intervals
 * come from is not a picture's business.
 */
#ifndef ILV_VIZ_PICTURE_H
#define ILV_VIZ_PICTURE_H

#include <stdio.h>

#include "analysis/model/interval.h"
#include "analysis/report/comparison.h"
#include "analysis/report/report.h"

/* Pictures stay below this, however long the trace is. */
#define ILV_PICTURE_SIZE_LIMIT 1000000

/* What a picture takes from a recording. */
struct ilv_picture_sink {
	ilv_interval_fn take;
	/* An edge, after the intervals that end with it; NULL: not wanted. */
	enum ilv_status (*take_edge)(void *context, const struct ilv_edge *edge);
	/* NULL: not wanted. */
	enum ilv_status (*take_mark)(void *context, const struct ilv_mark *mark);
	void *context;
};

/* Tells `sink` all of the recording that holds run `index` of the picture. */
typedef enum ilv_status (*ilv_picture_pass_fn)(void *context, uint32_t index,
					       const struct ilv_picture_sink *sink);

struct ilv_picture_source {
	ilv_picture_pass_fn pass;
	void *context;
};

enum ilv_status ilv_picture_timeline(const struct ilv_report *report,
				     const struct ilv_report_run *run,
				     const struct ilv_picture_source *source, uint32_t mark_limit,
				     FILE *stream) ILV_NODISCARD;

enum ilv_status ilv_picture_comparison(const struct ilv_comparison *comparison,
				       const struct ilv_picture_source *source, uint32_t mark_limit,
				       FILE *stream) ILV_NODISCARD;

enum ilv_status ilv_picture_text(const struct ilv_report *report, const struct ilv_report_run *run,
				 const struct ilv_text_style *style,
				 const struct ilv_picture_source *source,
				 FILE *stream) ILV_NODISCARD;

#endif /* ILV_VIZ_PICTURE_H */
