/* SPDX-License-Identifier: MIT */
/* Description: `interleave <command> [options]`: finds the command, or says which one was probably
 * meant. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/anew.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/options.h"
#include "ilv_version.h"

struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
#define X(name, summary) {#name, summary, ilv_cmd_##name},
	ILV_COMMANDS(X)
#undef X
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(void)
{
	printf("usage: interleave <command> [options]\n\n"
	       "Shows how programs share a CPU: who ran, who was cut short, who waited for whom,\n"
	       "and who gave way.\n\ncommands:\n");
	for (size_t index = 0; index < COMMAND_COUNT; index++) {
		printf("  %-12s%s\n", commands[index].name, commands[index].summary);
	}
	printf("\noptions:\n"
	       "  -h, --help  print this and end; `interleave <command> --help` tells of a "
	       "command\n"
	       "  --version   print the version and end\n\n"
	       "exit status:\n"
	       "  0  done\n"
	       "  1  failed; for `run`: a workload failed\n"
	       "  2  wrong usage\n"
	       "  3  not a usable trace\n"
	       "  4  done, but the trace is incomplete\n"
	       "  5  a condition did not hold\n"
	       "  128+N  interrupted by signal N\n\n"
	       "examples:\n"
	       "  interleave workloads\n"
	       "  interleave run matmul --runtime threads,event-loop\n"
	       "  interleave report matmul-1/threads\n"
	       "  interleave timeline matmul-1/threads -o threads.svg\n");
}

static const struct command *find_command(const char *name)
{
	for (size_t index = 0; index < COMMAND_COUNT; index++) {
		if (strcmp(commands[index].name, name) == 0) {
			return &commands[index];
		}
	}

	return NULL;
}

static int say_unknown(const char *name)
{
	const char *names[COMMAND_COUNT];
	const char *nearest;

	for (size_t index = 0; index < COMMAND_COUNT; index++) {
		names[index] = commands[index].name;
	}
	nearest = ilv_options_nearest(name, names, COMMAND_COUNT);
	if (nearest) {
		return ilv_usage_error("", "there is no command \"%s\"; is \"%s\" meant?", name,
				       nearest);
	}

	return ilv_usage_error("", "there is no command \"%s\"", name);
}

/* A full disk or a closed pipe behind stdout must not end as success. */
static int finish_stdout(int exit_status)
{
	errno = 0;
	if ((fflush(stdout) != 0 || ferror(stdout)) && exit_status == ILV_EXIT_DONE) {
		ilv_message("Cannot write to standard output%s",
			    errno == EBADF ? ": it is not open for writing" : "");
		return ILV_EXIT_FAILED;
	}

	return exit_status;
}

/*
 * What is opened later would take the number of an output that is closed, and have its text. In its
 * place stands what refuses to be written to, or for messages, what swallows them.
 */
static void keep_outputs(void)
{
	static const int modes[] = {
		[STDIN_FILENO] = O_RDONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_WRONLY};

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
			(void)open("/dev/null", modes[fd]); /* takes the lowest number */
		}
	}
}

int main(int argc, char **argv)
{
	const struct command *command;
	const char *name = argc > 1 ? argv[1] : NULL;

	keep_outputs();
	(void)setlocale(LC_CTYPE, "");
	ilv_anew_remember(argv);

	if (!name) {
		return ilv_usage_error("", "a command is missing");
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
	    (strcmp(name, "help") == 0 && argc == 2)) {
		print_help();
		return finish_stdout(ILV_EXIT_DONE);
	}
	if (strcmp(name, "--version") == 0) {
		printf("interleave %s\n", ILV_VERSION);
		return finish_stdout(ILV_EXIT_DONE);
	}
	if (strcmp(name, "help") == 0) {
		char *help[] = {"--help", NULL};

		command = find_command(argv[2]);
		return command ? finish_stdout(command->run(1, help)) : say_unknown(argv[2]);
	}
	if (name[0] == '-') {
		return ilv_usage_error("", "there is no option %s before a command", name);
	}

	command = find_command(name);
	if (!command) {
		return say_unknown(name);
	}

	return finish_stdout(command->run(argc - 2, argv + 2));
}
