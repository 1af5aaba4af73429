/* SPDX-License-Identifier: MIT */
/* Description: `interleave report TRACE`: the tables and findings of one recording. */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/show.h"

int ilv_cmd_report(int argc, char **argv)
{
	bool has_json = false;
	unsigned long run_number = 0;
	const struct ilv_option options[] = {
		{.kind = ILV_OPTION_FLAG,
		 .long_name = "json",
		 .help = "print JSON, as docs/report.schema.json describes it",
		 .target = &has_json},
		{.kind = ILV_OPTION_COUNT,
		 .long_name = "run",
		 .value_name = "N",
		 .help = "tell of the Nth run only",
		 .target = &run_number},
	};
	const struct ilv_usage usage = {
		.command = "report",
		.synopsis = "TRACE [--json] [--run N]",
		.about = "Tells what happened in a recording: who ran, who was cut short, who "
			 "waited, and what\n"
			 "is worth seeing. TRACE is the folder of a recording, or of CTF traces.",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]),
		.notes = "In JSON times are in ns since the run's begin; what is unknown is "
			 "null.\n\n"
			 "examples:\n"
			 "  interleave report matmul-1\n"
			 "  interleave report matmul-1 --json | jq '.runs[0].findings[].title'",
		.operand_max = 1,
		.operand_missing = "the recording to report is missing",
	};
	struct ilv_arguments arguments;
	int exit_status;

	if (ilv_options_parse(&usage, argc, argv, &arguments, &exit_status)) {
		const struct ilv_product product = {
			.kind = has_json ? ILV_PRODUCT_JSON : ILV_PRODUCT_TEXT,
		};

		exit_status = ilv_show_recording(arguments.operands[0], run_number, &product);
	}
	ilv_arguments_fini(&arguments);

	return exit_status;
}
