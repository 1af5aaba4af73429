/* SPDX-License-Identifier: MIT */
/* Description: makes one recording: a session, the recorder and the program together, into a
 * folder. */
#ifndef ILV_CLI_RECORDING_H
#define ILV_CLI_RECORDING_H

#include <stdbool.h>

#include "base/status.h"
#include "cli/launch.h"

struct ilv_daemon;

struct ilv_recording {
	struct ilv_launched launched;
	bool is_stuck;     /* a buffer was wedged: some events are missing that nobody counted */
	bool is_disk_full; /* the disk of the folder has no room left */
	bool is_unclosed;  /* LTTng's daemon died, or failed: the end is missing */
};

/*
 * Runs `launch` in a session of `daemon` that writes to `folder`/trace, which exists and is empty.
 * Whatever happens, no session is left open. A program that fails or is interrupted is no failure
 * of this.
 */
enum ilv_status ilv_recording_make(struct ilv_daemon *daemon, const char *folder,
				   const struct ilv_launch *launch,
				   struct ilv_recording *recording) ILV_NODISCARD;

#endif /* ILV_CLI_RECORDING_H */
