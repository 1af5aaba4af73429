/* SPDX-License-Identifier: MIT */
/* Description: finds or starts LTTng's session daemon, and ends the one that was started. */
#include "cli/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <lttng/lttng.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "cli/left_daemon.h"
#include "cli/limits.h"
#include "cli/private_place.h"
#include "cli/processes.h"
#include "cli/signals.h"

#define START_DEADLINE_NS (10 * INT64_C(1000000000))
#define POLL_NS           5000000
#define STOP_TIMEOUT_MS   5000
#define ASK_PERIOD_MS     250
#define KILL_TIMEOUT_MS   2000
#define ANSWER_TIMEOUT_S  20
#define LOG_MAX           4096

struct ilv_daemon {
	bool is_own;
	bool is_dismissed;
	volatile bool has_hung; /* and was killed for it */
	bool has_said_hung;
	pid_t pid;
	int log_fd;
	struct ilv_private_place place;
	struct ilv_processes helpers;
};

static void become_daemon(pid_t parent, int log_fd)
{
	/* Any free port serves: nobody but this command talks to it. */
	static char *const arguments[] = {"lttng-sessiond", "--no-kernel",
					  "--agent-tcp-port=5345:6345", NULL};
	int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* Of its own session, so that Ctrl-C in a terminal does not reach it: the trace is finished
	 * first. */
	(void)setsid();
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent) {
		_exit(1);
	}
	ilv_signals_reset();
	(void)dup2(null_fd, STDIN_FILENO);
	(void)dup2(log_fd, STDOUT_FILENO);
	(void)dup2(log_fd, STDERR_FILENO);
	(void)execvp(arguments[0], arguments);
	_exit(errno == ENOENT ? 127 : 126);
}

/* What the daemon gives as the reason: its first error, which the others follow from, else its last
 * line. */
static const char *find_reason(int log_fd, char *text, size_t size)
{
	static const char error[] = "Error: ";
	ssize_t count = pread(log_fd, text, size - 1, 0);
	char *reason;

	text[count > 0 ? count : 0] = '\0';
	for (ssize_t index = count - 1; index >= 0 && text[index] == '\n'; index--) {
		text[index] = '\0';
	}

	reason = strstr(text, error);
	if (reason) {
		reason += strlen(error);
	} else {
		reason = strrchr(text, '\n');
		reason = reason ? reason + 1 : text;
	}
	reason[strcspn(reason, "\n")] = '\0';

	return reason;
}

static enum ilv_status say_ended(const struct ilv_daemon *daemon, int wait_status)
{
	char log[LOG_MAX];
	const char *reason;

	if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 127) {
		ilv_cause_add(
			"No session daemon runs, and lttng-sessiond is not in PATH: install it "
			"(apt-get install lttng-tools)");
		return ILV_STATUS_UNSUPPORTED;
	}

	reason = find_reason(daemon->log_fd, log, sizeof(log));
	ilv_limits_explain();
	ilv_cause_add(
		"No session daemon runs, and lttng-sessiond ended at once%s%s%s; try it by hand: "
		"lttng-sessiond --no-kernel",
		reason[0] ? " (" : "", reason, reason[0] ? ")" : "");

	return ILV_STATUS_ERROR;
}

static enum ilv_status wait_until_alive(struct ilv_daemon *daemon)
{
	const struct timespec pause = {.tv_nsec = POLL_NS};
	int64_t deadline_ns = ilv_trace_now_ns() + START_DEADLINE_NS;

	while (lttng_session_daemon_alive() != 1) {
		int wait_status;

		if (waitpid(daemon->pid, &wait_status, WNOHANG) == daemon->pid) {
			daemon->pid = 0;
			return say_ended(daemon, wait_status);
		}
		if (ilv_signals_caught()) {
			return ILV_STATUS_INTERRUPTED;
		}
		if (ilv_trace_now_ns() > deadline_ns) {
			ilv_limits_explain();
			ilv_cause_add(
				"Cannot reach the session daemon that was started: it did not "
				"answer within 10 s; try it by hand: lttng-sessiond --no-kernel");
			return ILV_STATUS_ERROR;
		}
		(void)nanosleep(&pause, NULL);
	}

	return ILV_STATUS_OK;
}

static enum ilv_status start_own(struct ilv_daemon *daemon)
{
	pid_t parent = getpid();
	char pid_text[16];

	daemon->is_own = true;
	daemon->log_fd = memfd_create("lttng-sessiond.log", MFD_CLOEXEC);
	if (daemon->log_fd < 0) {
		ilv_cause_add("Cannot keep a log for the session daemon: errno=%d, %s", errno,
			      strerror(errno));
		return ILV_STATUS_ERROR;
	}

	(void)snprintf(pid_text, sizeof(pid_text), "%d", (int)parent);
	(void)setenv(ILV_DAEMON_OF_ENV, pid_text, 1);
	daemon->pid = fork();
	if (daemon->pid == 0) {
		become_daemon(parent, daemon->log_fd);
	}
	(void)unsetenv(ILV_DAEMON_OF_ENV);
	if (daemon->pid < 0) {
		daemon->pid = 0;
		ilv_cause_add("Cannot start lttng-sessiond: errno=%d, %s", errno, strerror(errno));
		return ILV_STATUS_ERROR;
	}

	return wait_until_alive(daemon);
}

enum ilv_status ilv_daemon_start(struct ilv_daemon **result)
{
	enum ilv_status status;
	struct ilv_daemon *daemon = calloc(1, sizeof(*daemon));

	*result = NULL;
	if (!daemon) {
		return ILV_STATUS_MEMORY;
	}
	daemon->log_fd = -1;
	ilv_private_place_clean();
	ilv_left_daemons_end();

	status = ilv_private_place_find(&daemon->place);
	if (status != ILV_STATUS_OK || lttng_session_daemon_alive() == 1) {
		goto end;
	}
	if (!daemon->place.is_private) {
		status = ilv_private_place_enter();
	}
	if (status == ILV_STATUS_OK) {
		status = start_own(daemon);
	}

end:
	if (status == ILV_STATUS_OK) {
		*result = daemon;
	} else {
		ilv_daemon_stop(daemon);
	}

	return status;
}

/* Whose answers are awaited; read by a signal handler. */
static struct ilv_daemon *awaited;

/* liblttng-ctl waits for ever for a daemon that hangs; for one that is gone it does not. */
static void lose_patience(int signal_number)
{
	static const char words[] = "interleave: The session daemon that runs does not answer; end "
				    "it, and try again\n";

	(void)signal_number;
	if (!awaited->is_own) {
		(void)!write(STDERR_FILENO, words, sizeof(words) - 1);
		_exit(EXIT_FAILURE);
	}

	awaited->has_hung = true;
	(void)kill(awaited->pid, SIGKILL);
	for (size_t index = 0; index < awaited->helpers.count; index++) {
		(void)pidfd_send_signal(awaited->helpers.fds[index], SIGKILL, NULL, 0);
	}
}

void ilv_daemon_await(struct ilv_daemon *daemon)
{
	struct sigaction action = {.sa_handler = lose_patience, .sa_flags = SA_RESTART};

	if (daemon->is_own) {
		ilv_processes_forget(&daemon->helpers);
		ilv_processes_find(daemon->pid, &daemon->helpers);
	}
	awaited = daemon;
	sigemptyset(&action.sa_mask);
	(void)sigaction(SIGALRM, &action, NULL);
	(void)alarm(ANSWER_TIMEOUT_S);
}

void ilv_daemon_awaited(struct ilv_daemon *daemon)
{
	(void)alarm(0);
	if (daemon->has_hung && !daemon->has_said_hung) {
		ilv_cause_add("LTTng's session daemon did not answer within %d s and was ended; "
			      "does a limit on processes or memory keep it from working?",
			      ANSWER_TIMEOUT_S);
		daemon->has_said_hung = true;
	}
}

void ilv_daemon_dismiss(struct ilv_daemon *daemon)
{
	if (!daemon->is_own || daemon->pid == 0 || daemon->is_dismissed) {
		return;
	}

	ilv_processes_forget(&daemon->helpers);
	/* What a daemon leaves that was killed becomes ours; nobody else of ours lives by now. */
	ilv_processes_find(daemon->has_hung ? getpid() : daemon->pid, &daemon->helpers);
	(void)kill(daemon->pid, SIGTERM);
	daemon->is_dismissed = true;
}

/* Waits for the end of a daemon that was asked to; one that was still starting may have lost the
 * signal, so it is asked again. False: it still lives. */
static bool wait_until_ended(const struct ilv_daemon *daemon)
{
	for (int waited_ms = 0; waited_ms < STOP_TIMEOUT_MS; waited_ms += ASK_PERIOD_MS) {
		if (ilv_process_wait(daemon->pid, ASK_PERIOD_MS)) {
			return true;
		}

		(void)kill(daemon->pid, SIGTERM);
	}

	return false;
}

void ilv_daemon_stop(struct ilv_daemon *daemon)
{
	if (!daemon) {
		return;
	}

	ilv_daemon_dismiss(daemon);
	if (daemon->is_dismissed) {
		/* A session that is stuck keeps the daemon from ending; then its helpers go with
		 * it. */
		if (!wait_until_ended(daemon)) {
			(void)kill(daemon->pid, SIGKILL);
			(void)ilv_process_wait(daemon->pid, KILL_TIMEOUT_MS);
		}
		ilv_processes_end(&daemon->helpers, KILL_TIMEOUT_MS);
	}
	ilv_private_place_fini(&daemon->place);
	if (daemon->log_fd >= 0) {
		close(daemon->log_fd);
	}
	free(daemon);
}
