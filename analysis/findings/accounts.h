/* SPDX-License-Identifier: MIT */
/*
 * Description: what a kind of finding keeps of each scheduler in each run. A lock, loop or GIL
 * lives through several runs of its process, and what it did in one of them is not to be told of
 * another.
 */
#ifndef ILV_ANALYSIS_FINDINGS_ACCOUNTS_H
#define ILV_ANALYSIS_FINDINGS_ACCOUNTS_H

#include <stddef.h>

#include "analysis/model/model.h"

/* The first member of a structure of the kind's own. */
struct ilv_account {
	const struct ilv_run *run;
	const struct ilv_scheduler *scheduler;
	struct ilv_account *next;  /* in the order in which they were opened */
	struct ilv_account *older; /* the same scheduler's in another run */
};

/* Zeroed, there are none. */
struct ilv_accounts {
	struct ilv_account *first, *last;
	struct ilv_account **newest; /* by the scheduler's index */
	uint32_t newest_count;
};

/*
 * Returns the account of `scheduler` in `run`, opened as `size` zeroed bytes when there is none
 * yet. It stays where it is as long as `accounts`. NULL when memory is short.
 */
void *ilv_account_take(struct ilv_accounts *accounts, const struct ilv_run *run,
		       const struct ilv_scheduler *scheduler, size_t size);

/* The account of `run` that was opened next after `account`, or the first with NULL; NULL: there is
 * no other. */
void *ilv_account_next(const struct ilv_accounts *accounts, const struct ilv_run *run,
		       const void *account);

void ilv_accounts_fini(struct ilv_accounts *accounts);

#endif /* ILV_ANALYSIS_FINDINGS_ACCOUNTS_H */
