/* SPDX-License-Identifier: MIT */
/*
 * Description: which writes of a run were lost, so that a picture can cross them out. Followed only
 * where the report found a few: of thousands, the finding's number tells more.
 */
#ifndef ILV_VIZ_LOSSES_H
#define ILV_VIZ_LOSSES_H

#include "analysis/report/report.h"

/* Calls for each lost write, in the order of time of each variable, with the index of its writer in
 * the model, which may be gone by then. */
typedef enum ilv_status (*ilv_losses_fn)(void *context, uint32_t entity_index, int64_t time_ns);

struct ilv_losses;

/* What is to be found in `run`. `*losses` is NULL where there is nothing to follow, or too much. */
enum ilv_status ilv_losses_create(const struct ilv_report_run *run,
				  struct ilv_losses **losses) ILV_NODISCARD;
void ilv_losses_destroy(struct ilv_losses *losses);

/* Takes a read or write of shared memory; other marks are passed over. */
enum ilv_status ilv_losses_take(struct ilv_losses *losses,
				const struct ilv_mark *mark) ILV_NODISCARD;

/* Calls `tell` for each write that was lost, unless they are not those of the report. */
enum ilv_status ilv_losses_tell(struct ilv_losses *losses, ilv_losses_fn tell,
				void *context) ILV_NODISCARD;

#endif /* ILV_VIZ_LOSSES_H */
