/* SPDX-License-Identifier: MIT */
/* Description: the names of event types, from the one list of them. */
#include "analysis/event.h"

static const char *const type_names[ILV_EVENT_COUNT] = {[ILV_EVENT_OTHER] = "other",
#define X(name, text) [ILV_EVENT_##name] = (text),
							ILV_EVENT_LIST(X)
#undef X
};

const char *ilv_event_type_name(enum ilv_event_type type)
{
	if ((unsigned int)type >= ILV_EVENT_COUNT || !type_names[type]) {
		return type_names[ILV_EVENT_OTHER];
	}

	return type_names[type];
}
