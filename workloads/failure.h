/* SPDX-License-Identifier: MIT */
/*
 * Description: of several jobs that fail, the one to tell of. All are joined, in whatever order,
 * and most fail only because the first did: its words are the cause, once.
 */
#ifndef ILV_WORKLOADS_FAILURE_H
#define ILV_WORKLOADS_FAILURE_H

#include "base/status.h"

/* Zeroed: none has failed. */
struct ilv_failure {
	enum ilv_status status;
	char *cause;
};

/*
 * Takes note of how one ended, with its cause from the calling thread's chain, which is empty
 * after it. The first failure ends the run: what others do is of no use any more, and they may wait
 * for what never comes meanwhile. Where one failure makes the runtime interrupt the others, these
 * may be joined before: the failure counts.
 */
void ilv_failure_note(struct ilv_failure *failure, enum ilv_status status);

/* Adds the cause of what is to be told to the chain, returns its status, and forgets it. */
enum ilv_status ilv_failure_tell(struct ilv_failure *failure) ILV_NODISCARD;

#endif /* ILV_WORKLOADS_FAILURE_H */
