/* SPDX-License-Identifier: MIT */
/* Description: turns the status and the causes of a failure into a sentence and an exit status. */
#include "cli/exit.h"

#include <signal.h>

#include "analysis/guard.h"
#include "base/cause.h"
#include "cli/message.h"
#include "cli/signals.h"

int ilv_exit_failed(enum ilv_status status)
{
	const char *text = ilv_cause_text();
	int signal_number = ilv_signals_caught() ? ilv_signals_caught() : ilv_guard_signal();

	if (status == ILV_STATUS_INTERRUPTED) {
		return ILV_EXIT_SIGNAL + (signal_number ? signal_number : SIGINT);
	}

	ilv_message("%s", text[0] ? text : ilv_status_text(status));
	ilv_cause_clear();
	switch (status) {
	case ILV_STATUS_USAGE:
		return ILV_EXIT_USAGE;
	case ILV_STATUS_TRACE:
		return ILV_EXIT_TRACE;
	default:
		return ILV_EXIT_FAILED;
	}
}
