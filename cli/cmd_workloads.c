/* SPDX-License-Identifier: MIT */
/* Description: `interleave workloads`: the workload program itself knows what it can run. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cause.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/launch.h"
#include "cli/options.h"

/* Becomes the program that knows. Returns the exit status where that fails. */
static int become_workload(const char *first, const char *second)
{
	char *program = NULL;
	enum ilv_status status = ilv_launch_find_workload(&program);

	if (status == ILV_STATUS_OK) {
		fflush(stdout);
		(void)execl(program, program, first, second, NULL);
		ilv_cause_add("Cannot start \"%s\": errno=%d, %s", program, errno, strerror(errno));
		status = ILV_STATUS_ERROR;
	}
	free(program);

	return ilv_exit_failed(status);
}

int ilv_cmd_workloads(int argc, char **argv)
{
	bool has_json = false;
	const struct ilv_option options[] = {
		{.kind = ILV_OPTION_FLAG,
		 .long_name = "json",
		 .help = "print JSON",
		 .target = &has_json},
	};
	const struct ilv_usage usage = {
		.command = "workloads",
		.synopsis = "[NAME | --json]",
		.about = "Lists the jobs, the runtimes they can run under, and the lessons with "
			 "their variants.\n"
			 "Of the job or lesson NAME it says what its picture shows, and which "
			 "options it has.",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]),
		.operand_max = 1,
	};
	struct ilv_arguments arguments;
	int exit_status;

	if (ilv_options_parse(&usage, argc, argv, &arguments, &exit_status)) {
		const char *name = arguments.operand_count > 0 ? arguments.operands[0] : NULL;

		if (name && has_json) {
			exit_status = ilv_usage_error("workloads", "--json is for the whole list");
		} else if (name) {
			exit_status = become_workload(name, "--help");
		} else {
			exit_status = become_workload("--list", has_json ? "--json" : NULL);
		}
	}
	ilv_arguments_fini(&arguments);

	return exit_status;
}
