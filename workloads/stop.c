/* SPDX-License-Identifier: MIT */
/* Description: the stop flag, its descriptor, and the signals that set it. */
#include "workloads/stop.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cause.h"

atomic_bool ilv_stop_flag;

/* Written once, before the handler can run. */
static int event_fd = -1;
static atomic_int caught_signal;

void ilv_stop_request(void)
{
	const uint64_t one = 1;
	int saved_errno = errno;

	atomic_store_explicit(&ilv_stop_flag, true, memory_order_relaxed);
	if (event_fd >= 0 && write(event_fd, &one, sizeof(one)) < 0) {
		/* Full means readable, which is all that is wanted. */
	}

	errno = saved_errno;
}

static void handle_signal(int number)
{
	int none = 0;

	if (!atomic_compare_exchange_strong(&caught_signal, &none, number)) {
		/* Asked twice: whatever keeps the run from ending, it ends now. That the terminal
		 * is gone is said more than once by whoever meets it. */
		if (number != SIGHUP) {
			(void)signal(number, SIG_DFL);
			(void)raise(number);
		}

		return;
	}

	ilv_stop_request();
}

enum ilv_status ilv_stop_install(void)
{
	struct sigaction action = {.sa_handler = handle_signal, .sa_flags = SA_RESTART};
	struct sigaction before;

	event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event_fd < 0) {
		ilv_cause_add("Cannot open an event descriptor: errno=%d", errno);
		return ILV_STATUS_ERROR;
	}

	(void)sigemptyset(&action.sa_mask);
	/* Below nohup it goes on without a terminal. */
	if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
		(void)sigaction(SIGHUP, &action, NULL);
	}

	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);

	return ILV_STATUS_OK;
}

enum ilv_status ilv_stop_after_fork(void)
{
	const int own_fd = eventfd(ilv_stop_is_requested() ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (own_fd < 0) {
		ilv_cause_add("Cannot open an event descriptor: errno=%d", errno);
		return ILV_STATUS_ERROR;
	}

	if (event_fd >= 0) {
		(void)close(event_fd);
	}

	event_fd = own_fd;

	return ILV_STATUS_OK;
}

int ilv_stop_fd(void)
{
	return event_fd;
}

int ilv_stop_signal(void)
{
	return atomic_load(&caught_signal);
}
