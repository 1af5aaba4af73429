/* SPDX-License-Identifier: MIT */
/* Description: `interleave timeline TRACE`: a picture of one recording, in a file or in the
 * terminal. */
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/picture.h"
#include "cli/show.h"

int ilv_cmd_timeline(int argc, char **argv)
{
	const char *output = NULL;
	unsigned long mark_limit = 0;
	unsigned long run_number = 0;
	const struct ilv_option options[] = {
		{.kind = ILV_OPTION_TEXT,
		 .short_name = 'o',
		 .long_name = "output",
		 .value_name = "FILE.svg",
		 .help = "draw into this file; without it, in the terminal",
		 .target = &output},
		{.kind = ILV_OPTION_COUNT,
		 .long_name = "marks",
		 .value_name = "N",
		 .help = ILV_PICTURE_MARKS_HELP,
		 .target = &mark_limit},
		{.kind = ILV_OPTION_COUNT,
		 .long_name = "run",
		 .value_name = "N",
		 .help = "draw the Nth run; needed where there are several",
		 .target = &run_number},
	};
	const struct ilv_usage usage = {
		.command = "timeline",
		.synopsis = "TRACE [-o FILE.svg [--marks N]] [--run N]",
		.about = "Draws a recording: a lane for each thread and task, the CPUs on top. "
			 "TRACE is the folder\n"
			 "of a recording, or of CTF traces.",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]),
		.notes = "examples:\n"
			 "  interleave timeline matmul-1\n"
			 "  interleave timeline matmul-1 -o matmul.svg",
		.operand_max = 1,
		.operand_missing = "the recording to draw is missing",
	};
	struct ilv_arguments arguments;
	int exit_status;

	if (ilv_options_parse(&usage, argc, argv, &arguments, &exit_status)) {
		const struct ilv_product product = {
			.kind = output ? ILV_PRODUCT_SVG : ILV_PRODUCT_LANES,
			.path = output,
			.mark_limit = (uint32_t)mark_limit,
		};

		exit_status = ilv_picture_check("timeline", output, mark_limit);
		if (exit_status == ILV_EXIT_DONE) {
			exit_status =
				ilv_show_recording(arguments.operands[0], run_number, &product);
		}
	}
	ilv_arguments_fini(&arguments);

	return exit_status;
}
