/* SPDX-License-Identifier: MIT */
/* Description: `interleave timeline TRACE`: a picture of one recording, in a file or in the
 * terminal. */
#include <string.h>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/folder.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/picture.h"
#include "cli/signals.h"
#include "cli/views.h"

static int timeline(const char *path, const char *output, unsigned long run_number)
{
	const struct ilv_text_style style = ilv_style_of_stdout(path);
	const struct ilv_product product = {
		.kind = output ? ILV_PRODUCT_SVG : ILV_PRODUCT_LANES,
		.path = output,
	};
	struct ilv_view_facts facts;
	enum ilv_status status = ilv_recording_check(path);

	if (status == ILV_STATUS_OK) {
		ilv_signals_note();
		status = ilv_view_recording(path,
					    run_number ? (uint32_t)run_number - 1 : ILV_ALL_RUNS,
					    &style, &product, 1, &facts);
	}
	if (status != ILV_STATUS_OK) {
		return ilv_exit_failed(status);
	}

	return ilv_view_exit(&facts, path);
}

int ilv_cmd_timeline(int argc, char **argv)
{
	const char *output = NULL;
	unsigned long run_number = 0;
	const struct ilv_option options[] = {
		{.kind = ILV_OPTION_TEXT,
		 .short_name = 'o',
		 .long_name = "output",
		 .value_name = "FILE.svg",
		 .help = "draw into this file; without it, in the terminal",
		 .target = &output},
		{.kind = ILV_OPTION_COUNT,
		 .long_name = "run",
		 .value_name = "N",
		 .help = "draw the Nth run; needed where there are several",
		 .target = &run_number},
	};
	const struct ilv_usage usage = {
		.command = "timeline",
		.synopsis = "TRACE [-o FILE.svg] [--run N]",
		.about = "Draws a recording: a lane for each thread and task, the CPUs on top. "
			 "TRACE is the folder\n"
			 "of a recording, or of CTF traces.",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]),
		.notes = "examples:\n"
			 "  interleave timeline matmul-1\n"
			 "  interleave timeline matmul-1 -o matmul.svg",
		.operand_max = 1,
	};
	struct ilv_arguments arguments;
	enum ilv_parsed parsed = ilv_options_parse(&usage, argc, argv, &arguments);
	int exit_status = parsed == ILV_PARSED_HELP ? ILV_EXIT_DONE : ILV_EXIT_USAGE;

	if (parsed == ILV_PARSED_GO && arguments.operand_count == 0) {
		exit_status = ilv_usage_error("timeline", "the recording to draw is missing");
	} else if (parsed == ILV_PARSED_GO && output && !ilv_picture_is_supported(output)) {
		exit_status = ilv_picture_usage_error("timeline", output);
	} else if (parsed == ILV_PARSED_GO) {
		exit_status = timeline(arguments.operands[0], output, run_number);
	}
	ilv_arguments_fini(&arguments);

	return exit_status;
}
