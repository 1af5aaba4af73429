/* SPDX-License-Identifier: MIT */
/* Description: starts the pass without tracing, and takes its figures. */
#include "workloads/untraced.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "recorder/recorder.h"
#include "workloads/stop.h"

#define FIGURES_SIZE 4096
#define NO_SWITCHES  ILV_SWITCH_SOURCE_ENV "=none"
#define NO_TRACE     ILV_UNTRACED_ENV "=1"

enum ilv_status ilv_untraced_ensure(char **arguments)
{
	const char *present = getenv(ILV_UNTRACED_ENV);

	if (present && present[0]) {
		struct pollfd output = {.fd = STDOUT_FILENO};

		/* Whoever wants the figures is gone: then nobody does. Who was gone before this is
		 * told by the pipe, which nobody reads. */
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (poll(&output, 1, 0) > 0 && (output.revents & POLLERR)) {
			(void)raise(SIGTERM);
		}

		return ILV_STATUS_OK;
	}

	if (setenv(ILV_UNTRACED_ENV, "1", 1) != 0 ||
	    setenv(ILV_SWITCH_SOURCE_ENV, "none", 1) != 0) {
		ilv_cause_add("Cannot set %s: errno=%d", ILV_UNTRACED_ENV, errno);
		return ILV_STATUS_ERROR;
	}

	/* Ends the recorder first: its thread must not be in the middle of an event when the
	 * program goes. */
	ilv_trace_process_exit(0);
	(void)execv("/proc/self/exe", arguments);
	ilv_cause_add("Cannot start over: errno=%d", errno);

	return ILV_STATUS_ERROR;
}

void ilv_untraced_print(const struct ilv_run *run)
{
	for (size_t index = 0; index < run->counted_count; index++) {
		printf("%s %lld\n", run->counted[index].name, (long long)run->counted[index].value);
	}

	(void)fflush(stdout);
}

/* Takes the lines "NAME VALUE" of `text`. */
static enum ilv_status take_figures(struct ilv_run *run, const char *text)
{
	run->untraced_count = 0;
	while (*text) {
		long long value = 0;

		if (run->untraced_count == ILV_COUNTED_MAX ||
		    sscanf(text, "%*s %lld", &value) != 1) {
			break;
		}

		run->untraced[run->untraced_count++] = value;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}

	if (*text || run->untraced_count == 0) {
		ilv_cause_add("The pass without tracing left no figures");
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

/* Reads `fd` to its end. When the run is to end, so is `pid`. */
static void read_all(int fd, pid_t pid, char text[FIGURES_SIZE])
{
	struct pollfd descriptors[] = {{.fd = fd, .events = POLLIN},
				       {.fd = ilv_stop_fd(), .events = POLLIN}};
	size_t length = 0;
	ssize_t count = 1;

	while (count > 0 || (count < 0 && errno == EINTR)) {
		char rest[512];
		const bool has_room = length + 1 < FIGURES_SIZE;

		if (poll(descriptors, 2, -1) > 0 && descriptors[1].revents) {
			(void)kill(pid, SIGTERM);
			descriptors[1].fd = -1;
		}

		if (!descriptors[0].revents) {
			continue;
		}

		count = has_room ? read(fd, text + length, FIGURES_SIZE - 1 - length)
				 : read(fd, rest, sizeof(rest));
		length += has_room && count > 0 ? (size_t)count : 0;
	}

	text[length] = '\0';
}

/* This environment, less what it says of switches, and with what keeps a program out of traces.
 * NULL when memory is short. */
static char **make_environment(void)
{
	static char no_switches[] = NO_SWITCHES;
	static char no_trace[] = NO_TRACE;
	const size_t length = strlen(ILV_SWITCH_SOURCE_ENV "=");
	size_t count = 0;
	size_t used = 0;
	char **environment;

	while (environ[count]) {
		count++;
	}

	environment = calloc(count + 3, sizeof(*environment));
	for (size_t index = 0; environment && index < count; index++) {
		if (strncmp(environ[index], no_switches, length) != 0) {
			environment[used++] = environ[index];
		}
	}

	if (environment) {
		environment[used++] = no_switches;
		environment[used] = no_trace;
	}

	return environment;
}

/* Starts this program with `arguments` and the option; what it prints goes to `output_fd`. */
static enum ilv_status start_pass(char *const *arguments, int output_fd, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	char **environment = make_environment();
	char **extended = NULL;
	size_t count = 0;
	int error = ENOMEM;

	while (arguments[count]) {
		count++;
	}

	extended = calloc(count + 2, sizeof(*extended));
	if (environment && extended) {
		memcpy(extended, arguments, count * sizeof(*extended));
		extended[count] = (char *)ILV_UNTRACED_OPTION;
		(void)posix_spawn_file_actions_init(&actions);
		(void)posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
		error = posix_spawn(pid, "/proc/self/exe", &actions, NULL, extended, environment);
		(void)posix_spawn_file_actions_destroy(&actions);
	}

	free(environment);
	free(extended);
	if (error != 0) {
		ilv_cause_add("Cannot start the pass without tracing: errno=%d", error);
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

static enum ilv_status run_pass(struct ilv_run *run, char *const *arguments)
{
	char text[FIGURES_SIZE];
	enum ilv_status status = ILV_STATUS_OK;
	int wait_status = 0;
	int output[2] = {-1, -1};
	pid_t pid = 0;

	if (pipe2(output, O_CLOEXEC) != 0) {
		ilv_cause_add("Cannot make a pipe: errno=%d", errno);
		return ILV_STATUS_ERROR;
	}

	status = start_pass(arguments, output[1], &pid);
	(void)close(output[1]);
	if (status < 0) {
		goto end;
	}

	read_all(output[0], pid, text);
	while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR) {
		/* A signal. */
	}

	if (ilv_stop_is_requested()) {
		status = ILV_STATUS_INTERRUPTED;
	} else if (wait_status != 0) {
		ilv_cause_add("The pass without tracing failed");
		status = ILV_STATUS_ERROR;
	} else {
		status = take_figures(run, text);
	}

end:
	(void)close(output[0]);

	return status;
}

enum ilv_status ilv_untraced_check(const struct ilv_run *run, size_t count)
{
	if (run->untraced_count != count) {
		ilv_cause_add("These are not the figures of this run: there are %zu, and not %zu",
			      run->untraced_count, count);
		return ILV_STATUS_USAGE;
	}

	return ILV_STATUS_OK;
}

enum ilv_status ilv_untraced_take(struct ilv_run *run, const char *path, char *const *arguments)
{
	char text[FIGURES_SIZE];
	FILE *file;

	if (!path) {
		return run_pass(run, arguments);
	}

	file = fopen(path, "re");
	if (!file) {
		ilv_cause_add("Cannot open figures: path=\"%s\", errno=%d", path, errno);
		return ILV_STATUS_IO;
	}

	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	(void)fclose(file);

	return take_figures(run, text);
}
