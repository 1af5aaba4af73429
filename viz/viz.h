/* SPDX-License-Identifier: MIT */
/* Description: draws recordings. A picture takes two passes: the report first, then the lanes that
 * are worth drawing. */
#ifndef ILV_VIZ_VIZ_H
#define ILV_VIZ_VIZ_H

#include <stdio.h>

#include "analysis/report/comparison.h"
#include "analysis/report/report.h"

/* About how many marks a picture may have, where nobody says; and what may be said. */
#define ILV_MARKS_DEFAULT 3500
#define ILV_MARKS_LEAST   100
#define ILV_MARKS_MOST    10000

/*
 * Draws the run `run_index` of `report`, whose recording is read once more from `path`, as an SVG
 * of about `mark_limit` marks, and at most 1 MB, to `stream`. Call it in a guarded child.
 */
enum ilv_status ilv_timeline_write_svg(const struct ilv_report *report, const char *path,
				       uint32_t run_index, uint32_t mark_limit,
				       FILE *stream) ILV_NODISCARD;

/* Draws all runs of `comparison` on one time scale; `paths[i]` is the recording of its run i. */
enum ilv_status ilv_comparison_write_svg(const struct ilv_comparison *comparison,
					 const char *const *paths, uint32_t mark_limit,
					 FILE *stream) ILV_NODISCARD;

/* Draws the run for a terminal of `style->width` columns. */
enum ilv_status ilv_timeline_write_text(const struct ilv_report *report, const char *path,
					uint32_t run_index, const struct ilv_text_style *style,
					FILE *stream) ILV_NODISCARD;

#endif /* ILV_VIZ_VIZ_H */
