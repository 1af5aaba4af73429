/* SPDX-License-Identifier: MIT */
/*
 * Description: which events of a trace are understood, and which of their fields go where in struct
 * ilv_event. The one place to change when an event is added (with ILV_EVENT_LIST).
 */
#ifndef ILV_ANALYSIS_DECODE_CATALOGUE_H
#define ILV_ANALYSIS_DECODE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/event.h"

#define ILV_CATALOGUE_FIELD_MAX 8

/* The type of a member of struct ilv_event. */
enum ilv_member_type {
	ILV_MEMBER_TYPE_I32,
	ILV_MEMBER_TYPE_U32,
	ILV_MEMBER_TYPE_I64,
	ILV_MEMBER_TYPE_U64,
	ILV_MEMBER_TYPE_STRING,
};

struct ilv_catalogue_field {
	const char *name; /* in the trace; NULL ends the list */
	size_t offset;    /* of the member in struct ilv_event */
	enum ilv_member_type type;
	bool is_required; /* without it the event says nothing, and counts as another's */
	int64_t unknown;  /* what the member holds where the trace lacks the field; strings are NULL
			     then */
};

struct ilv_catalogue_entry {
	enum ilv_event_type type;
	struct ilv_catalogue_field fields[ILV_CATALOGUE_FIELD_MAX];
};

/* Returns what is known of the event `name`, static; NULL: nothing. */
const struct ilv_catalogue_entry *ilv_catalogue_find(const char *name);

#endif /* ILV_ANALYSIS_DECODE_CATALOGUE_H */
