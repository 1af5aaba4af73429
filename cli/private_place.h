/* SPDX-License-Identifier: MIT */
/*
 * Description: a place in which a session daemon of ours meets nobody else's: as root a mount
 * namespace with a /run/lttng of its own, else a folder that LTTNG_HOME names. The tracing library
 * looks for the daemon when it is loaded, so this very program must be started anew in the place.
 */
#ifndef ILV_CLI_PRIVATE_PLACE_H
#define ILV_CLI_PRIVATE_PLACE_H

#include <stdbool.h>

#include "base/status.h"

struct ilv_private_place {
	bool is_private; /* this program was started anew in a place of its own */
	char *folder;    /* to be removed at the end; NULL: none */
};

/* Finds out whether this program was started anew in such a place, and forgets it for what it will
 * start. */
enum ilv_status ilv_private_place_find(struct ilv_private_place *place) ILV_NODISCARD;

/*
 * Makes a place and starts this program anew in it; returns only when that fails. ILV_STATUS_OK:
 * root may make no mount namespace here (a container), so the daemon must live where all look for
 * it.
 */
enum ilv_status ilv_private_place_enter(void) ILV_NODISCARD;

/* Removes what belongs to the place. Namespaces go with their last process. */
void ilv_private_place_fini(struct ilv_private_place *place);

/* Removes the folders of this user's commands that were killed. */
void ilv_private_place_clean(void);

#endif /* ILV_CLI_PRIVATE_PLACE_H */
