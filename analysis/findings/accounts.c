/* SPDX-License-Identifier: MIT */
/* Description: accounts by scheduler and run, in the order in which they were opened. */
#include "analysis/findings/accounts.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

/* Apart, for it is seldom needed and would slow down what comes before it. */
static __attribute__((noinline)) struct ilv_account *
open_account(struct ilv_accounts *accounts, const struct ilv_run *run,
	     const struct ilv_scheduler *scheduler, size_t size)
{
	struct ilv_account *account;

	if (ilv_grow((void **)&accounts->newest, &accounts->newest_count, scheduler->index,
		     sizeof(struct ilv_account *)) != ILV_STATUS_OK) {
		return NULL;
	}

	account = calloc(1, size);
	if (!account) {
		return NULL;
	}

	account->run = run;
	account->scheduler = scheduler;
	account->older = accounts->newest[scheduler->index];
	accounts->newest[scheduler->index] = account;
	if (accounts->last) {
		accounts->last->next = account;
	} else {
		accounts->first = account;
	}

	accounts->last = account;
	return account;
}

void *ilv_account_take(struct ilv_accounts *accounts, const struct ilv_run *run,
		       const struct ilv_scheduler *scheduler, size_t size)
{
	struct ilv_account *account = scheduler->index < accounts->newest_count
					      ? accounts->newest[scheduler->index]
					      : NULL;

	while (account && account->run != run) {
		account = account->older;
	}

	return account ? account : open_account(accounts, run, scheduler, size);
}

void *ilv_account_next(const struct ilv_accounts *accounts, const struct ilv_run *run,
		       const void *account)
{
	struct ilv_account *next =
		account ? ((const struct ilv_account *)account)->next : accounts->first;

	while (next && next->run != run) {
		next = next->next;
	}

	return next;
}

void ilv_accounts_fini(struct ilv_accounts *accounts)
{
	while (accounts->first) {
		struct ilv_account *next = accounts->first->next;

		free(accounts->first);
		accounts->first = next;
	}

	free(accounts->newest);
	memset(accounts, 0, sizeof(*accounts));
}
