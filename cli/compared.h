/* SPDX-License-Identifier: MIT */
/* Description: the recordings of a comparison: which there are, how they are called, and which
 * repeat which. */
#ifndef ILV_CLI_COMPARED_H
#define ILV_CLI_COMPARED_H

#include "base/status.h"
#include "cli/views.h"

struct ilv_compared_list {
	struct ilv_view_compared *items; /* their strings are the list's */
	size_t count;
};

/*
 * Adds the recording that `text` names, or each that lies in the folder; of "TRACE#N" the Nth run
 * alone.
 */
enum ilv_status ilv_compared_add(struct ilv_compared_list *list, const char *text) ILV_NODISCARD;

/* Names all that were added by as much of their paths as tells them apart. Once, at the end. */
enum ilv_status ilv_compared_name(struct ilv_compared_list *list) ILV_NODISCARD;
void ilv_compared_fini(struct ilv_compared_list *list);

/* Says on stderr that of repeats only the median is shown, when there were any. */
void ilv_compared_say_repeats(const struct ilv_view_facts *facts);

#endif /* ILV_CLI_COMPARED_H */
