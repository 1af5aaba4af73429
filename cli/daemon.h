/* SPDX-License-Identifier: MIT */
/*
 * Description: LTTng's session daemon. One that runs is used and left alone; else one is started,
 * private to this command, and ended with it, also when this command is killed.
 */
#ifndef ILV_CLI_DAEMON_H
#define ILV_CLI_DAEMON_H

#include "base/status.h"

struct ilv_daemon;

/*
 * Finds a daemon that answers, or starts one. `*daemon` is to be given to `ilv_daemon_stop()`.
 *
 * A daemon of ours lives in a private place (cli/private_place.h): to get there this call starts
 * the program anew, once, and does not return. So it comes before anything that must not be done
 * twice.
 */
enum ilv_status ilv_daemon_start(struct ilv_daemon **daemon) ILV_NODISCARD;

/* Asks our own daemon to end, and does not wait for it: that takes it two seconds. No session may
 * be open. */
void ilv_daemon_dismiss(struct ilv_daemon *daemon);

/*
 * Dismisses our own daemon and waits for its end; one that does not end is killed, with all its
 * helpers. Does nothing to a daemon that is not ours. NULL is allowed.
 */
void ilv_daemon_stop(struct ilv_daemon *daemon);

/*
 * Around what asks the daemon something: when it does not answer within 20 s, one of our
 * own is ended, whereupon the question fails; with another's this command ends. What was not
 * answered adds a cause.
 */
void ilv_daemon_await(struct ilv_daemon *daemon);
void ilv_daemon_awaited(struct ilv_daemon *daemon);

#endif /* ILV_CLI_DAEMON_H */
