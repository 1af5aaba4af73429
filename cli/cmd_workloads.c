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
		.synopsis = "[--json]",
		.about = "Lists the jobs, the runtimes they can run under, and the lessons with "
			 "their "
			 "variants.",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]),
	};
	struct ilv_arguments arguments;
	enum ilv_parsed parsed = ilv_options_parse(&usage, argc, argv, &arguments);
	enum ilv_status status;
	char *program = NULL;

	ilv_arguments_fini(&arguments);
	if (parsed != ILV_PARSED_GO) {
		return parsed == ILV_PARSED_HELP ? ILV_EXIT_DONE : ILV_EXIT_USAGE;
	}

	status = ilv_launch_find_workload(&program);
	if (status == ILV_STATUS_OK) {
		fflush(stdout);
		(void)execl(program, program, "--list", has_json ? "--json" : NULL, NULL);
		ilv_cause_add("Cannot start \"%s\": errno=%d, %s", program, errno, strerror(errno));
		status = ILV_STATUS_ERROR;
	}
	free(program);

	return ilv_exit_failed(status);
}
