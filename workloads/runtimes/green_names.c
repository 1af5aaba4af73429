/* SPDX-License-Identifier: MIT */
/*
 * Description: what the search for a host's address becomes for a task of `green`: a call in one of
 * the loop's threads, for which the task waits. Who answers, and how, is libc's affair: there is
 * nothing to poll.
 */
#include <errno.h>
#include <netdb.h>

#include "workloads/runtimes/green.h"
#include "workloads/runtimes/loop.h"
#include "workloads/runtimes/wrapped.h"

struct search {
	const char *host;
	const char *service;
	const struct addrinfo *hints;
	struct addrinfo **found;
	int error;
	int system_errno;
	bool is_made;
};

static void make_search(void *argument)
{
	struct search *search = argument;

	search->error =
		__real_getaddrinfo(search->host, search->service, search->hints, search->found);
	search->system_errno = errno;
	search->is_made = true;
}

int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		       struct addrinfo **found)
{
	struct search search = {.host = host, .service = service, .hints = hints, .found = found};

	if (!ilv_green_is_here()) {
		return __real_getaddrinfo(host, service, hints, found);
	}

	/* That the run is to end does not undo what was found. */
	if (ilv_loop_await_call(make_search, &search, ILV_WAIT_REASON_READ, 0) ==
		    ILV_STATUS_INTERRUPTED &&
	    !search.is_made) {
		errno = ilv_green_cut_off();
		return EAI_SYSTEM;
	}

	if (!search.is_made) {
		make_search(&search);
	}

	if (search.error == EAI_SYSTEM) {
		errno = search.system_errno;
	}

	return search.error;
}
