/* SPDX-License-Identifier: MIT */
/* Description: the texts of the statuses. */
#include "base/status.h"

const char *ilv_status_text(enum ilv_status status)
{
	switch (status) {
#define X(name, value, text)                                                                       \
	case ILV_STATUS_##name:                                                                    \
		return text;
		ILV_STATUS_LIST(X)
#undef X
	}

	return "unknown status";
}
