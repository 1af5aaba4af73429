/* SPDX-License-Identifier: MIT */
/* Description: session daemons that commands started which were killed. */
#ifndef ILV_CLI_LEFT_DAEMON_H
#define ILV_CLI_LEFT_DAEMON_H

/* In the environment of a daemon that we start: the pid of the command that it is for. */
#define ILV_DAEMON_OF_ENV "ILV_DAEMON_OF"

/*
 * Asks those daemons to end whose commands live no more. They hear of that from the kernel too, but
 * a daemon that is still starting loses the signal.
 */
void ilv_left_daemons_end(void);

#endif /* ILV_CLI_LEFT_DAEMON_H */
