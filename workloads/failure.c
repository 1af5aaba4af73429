/* SPDX-License-Identifier: MIT */
/* Description: keeps the first failure with its words. */
#include "workloads/failure.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "workloads/stop.h"

void ilv_failure_note(struct ilv_failure *failure, enum ilv_status status)
{
	const bool is_failure = status < 0 && status != ILV_STATUS_INTERRUPTED;

	if (status < 0 && (failure->status == ILV_STATUS_OK ||
			   (failure->status == ILV_STATUS_INTERRUPTED && is_failure))) {
		free(failure->cause);
		failure->status = status;
		failure->cause = strdup(ilv_cause_text());
		ilv_stop_request();
	}

	ilv_cause_clear();
}

enum ilv_status ilv_failure_tell(struct ilv_failure *failure)
{
	const enum ilv_status status = failure->status;

	if (failure->cause && failure->cause[0]) {
		ilv_cause_add("%s", failure->cause);
	}

	free(failure->cause);
	*failure = (struct ilv_failure){0};

	return status;
}
