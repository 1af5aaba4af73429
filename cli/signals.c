/* SPDX-License-Identifier: MIT */
/* Description: notes, holds and takes the signals that ask a command to end. */
#include "cli/signals.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

static volatile sig_atomic_t caught;

static const int enders[] = {SIGINT, SIGTERM, SIGHUP};

/* These say that a write fails, which the write itself says too: nobody reads on (`| head`), or the
 * file may not grow (ulimit -f). No reason to leave a recording unfinished. */
static const int failures[] = {SIGPIPE, SIGXFSZ};
static bool are_failures_ours[sizeof(failures) / sizeof(failures[0])];

static void note(int signal_number)
{
	if (caught == 0) {
		caught = signal_number;
	}
}

/* What the caller ignores (nohup, a shell's job in the background) stays ignored. */
static bool is_ignored(int signal_number)
{
	struct sigaction before;

	return sigaction(signal_number, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
}

/* One that is ignored must not be held: it would then be kept, and taken. */
static sigset_t held_set(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t index = 0; index < sizeof(enders) / sizeof(enders[0]); index++) {
		if (!is_ignored(enders[index])) {
			sigaddset(&set, enders[index]);
		}
	}

	return set;
}

void ilv_signals_note(void)
{
	struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	for (size_t index = 0; index < sizeof(enders) / sizeof(enders[0]); index++) {
		if (!is_ignored(enders[index])) {
			(void)sigaction(enders[index], &action, NULL);
		}
	}
	for (size_t index = 0; index < sizeof(failures) / sizeof(failures[0]); index++) {
		are_failures_ours[index] = !is_ignored(failures[index]);
		(void)signal(failures[index], SIG_IGN);
	}
}

void ilv_signals_hold(void)
{
	sigset_t set = held_set();

	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

void ilv_signals_release(void)
{
	sigset_t set = held_set();

	(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void ilv_signals_reset(void)
{
	sigset_t none;

	for (size_t index = 0; index < sizeof(failures) / sizeof(failures[0]); index++) {
		if (are_failures_ours[index]) {
			(void)signal(failures[index], SIG_DFL);
		}
	}
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

int ilv_signals_wait(int timeout_ms)
{
	sigset_t set = held_set();
	struct timespec timeout = {
		.tv_sec = timeout_ms / 1000,
		.tv_nsec = (long)(timeout_ms % 1000) * 1000000,
	};
	int signal_number = sigtimedwait(&set, NULL, &timeout);

	if (signal_number <= 0) {
		return 0;
	}

	if (signal_number != SIGCHLD) {
		note(signal_number);
	}

	return signal_number;
}

int ilv_signals_caught(void)
{
	return caught;
}
