/* SPDX-License-Identifier: MIT */
/*
 * Description: a program that closes what it did not open, as daemons do, but for what LTTng
 * guards: the recorder's descriptors. It gets their numbers for files of its own, in each of which
 * it writes a line, which leaves the buffer when it ends; and in a forked child it has all of them.
 *
 * Usage: closes FOLDER
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <interleave/trace.h>

#define FILE_MAX 256

static bool is_of_recorder(const char *fd_text)
{
	char path[64];
	char what[64] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%.20s", fd_text);
	return readlink(path, what, sizeof(what) - 1) > 0 &&
	       (strstr(what, "[perf_event]") || strstr(what, "[eventfd]"));
}

/* Returns how many there were. */
static size_t close_all(void)
{
	int fds[FILE_MAX];
	size_t count = 0;
	const struct dirent *entry = NULL;
	DIR *folder = opendir("/proc/self/fd");

	while (folder && count < FILE_MAX && (entry = readdir(folder))) {
		if (is_of_recorder(entry->d_name)) {
			fds[count++] = atoi(entry->d_name);
		}
	}

	if (folder) {
		closedir(folder);
	}

	for (size_t index = 0; index < count; index++) {
		close(fds[index]);
	}

	return count;
}

int main(int argc, char **argv)
{
	const struct timespec pause = {.tv_sec = 1};
	FILE *files[FILE_MAX];
	size_t count = 0;
	pid_t child = 0;
	int status = 0;

	if (argc != 2) {
		return 2;
	}

	ilv_trace_run_note("before");
	count = close_all();
	for (size_t index = 0; index < count; index++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/file-%zu", argv[1], index);
		files[index] = fopen(path, "we");
		if (!files[index]) {
			return 1;
		}
	}

	child = fork();
	if (child == 0) {
		for (size_t index = 0; index < count; index++) {
			status |= fcntl(fileno(files[index]), F_GETFD) < 0;
		}

		_exit(status);
	}

	if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
		fprintf(stderr, "closes: a child has lost its parent's files: status %d\n", status);
		return 1;
	}

	for (size_t index = 0; index < count; index++) {
		fputs("its own line\n", files[index]);
	}

	/* Some periods of the recorder later. */
	(void)nanosleep(&pause, NULL);
	ilv_trace_run_note("after");
	printf("%zu\n", count);
	return 0;
}
