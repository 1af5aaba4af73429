/* SPDX-License-Identifier: MIT */
/*
 * Description: the signals that ask a command to end. While a recording is made they are held back
 * and taken one by one, so that a trace is always finished; else they are only noted, and long work
 * looks for the note.
 */
#ifndef ILV_CLI_SIGNALS_H
#define ILV_CLI_SIGNALS_H

/*
 * Notes SIGINT, SIGTERM and SIGHUP from now on, instead of being ended by them; those that are
 * ignored stay so. SIGPIPE and SIGXFSZ end it no more either: the write fails.
 */
void ilv_signals_note(void);

/* Holds them, and SIGCHLD, back until `ilv_signals_release()`. Threads that are made meanwhile
 * never get them. */
void ilv_signals_hold(void);
void ilv_signals_release(void);

/* In a forked child, before exec: everything as a fresh program expects it. Async-signal-safe. */
void ilv_signals_reset(void);

/*
 * While they are held: waits at most `timeout_ms` for one. Returns its number (SIGCHLD included;
 * the others are noted as well), 0 when none came.
 */
int ilv_signals_wait(int timeout_ms);

/* Returns the first of them that came, 0: none. */
int ilv_signals_caught(void);

#endif /* ILV_CLI_SIGNALS_H */
