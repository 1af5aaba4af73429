/* SPDX-License-Identifier: MIT */
/*
 * Description: starts a program as a child. `spawner PROGRAM` only does that, and is recorded from
 * within if at all; `spawner PROGRAM SOURCE` is the recorder's other host: it records the child
 * from outside, from its exec on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cause.h"
#include "recorder/recorder.h"

static pid_t start_child(char *program, int *start_fd)
{
	int ends[2];
	pid_t child;
	char *environment;
	char text[96];
	ssize_t length;

	if (pipe(ends) != 0) {
		return -1;
	}
	child = fork();
	if (child == 0) {
		/* What is said before exec is the child's environment. */
		close(ends[1]);
		length = read(ends[0], text, sizeof(text) - 1);
		close(ends[0]);
		text[length > 0 ? length : 0] = '\0';
		environment = text;
		if (length > 0) {
			putenv(environment);
			unsetenv(ILV_SWITCH_SOURCE_ENV);
		}
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	close(ends[0]);
	*start_fd = ends[1];
	return child;
}

int main(int argc, char **argv)
{
	struct ilv_recorder_options options = {.is_waiting_for_exec = true};
	struct ilv_recorder *recorder = NULL;
	char value[64];
	int start_fd;
	int status;

	if (argc < 2) {
		return 2;
	}
	options.pid = start_child(argv[1], &start_fd);
	if (options.pid < 0) {
		return 1;
	}
	if (argc > 2) {
		if (ilv_switch_source_parse(argv[2], &options.source) != ILV_STATUS_OK ||
		    ilv_recorder_start(&options, &recorder) != ILV_STATUS_OK) {
			fprintf(stderr, "%s\n", ilv_cause_text());
			return 1;
		}
		ilv_recorder_env(recorder, value, sizeof(value));
		dprintf(start_fd, "%s=%s", ILV_RECORDER_ENV, value);
	}
	close(start_fd);
	while (waitpid(options.pid, &status, 0) < 0 && errno == EINTR) {
	}
	ilv_recorder_stop(recorder);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
