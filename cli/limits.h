/* SPDX-License-Identifier: MIT */
/* Description: what of this machine and its limits keeps LTTng from working, which says little
 * about it itself. */
#ifndef ILV_CLI_LIMITS_H
#define ILV_CLI_LIMITS_H

/* Adds a cause for each limit that is known to be too small for LTTng's daemon and buffers. */
void ilv_limits_explain(void);

#endif /* ILV_CLI_LIMITS_H */
