/* SPDX-License-Identifier: MIT */
/* Description: `interleave report TRACE`: the tables and findings of one recording. */
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/folder.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/signals.h"
#include "cli/views.h"

static int report(const char *path, bool has_json, unsigned long run_number)
{
	const struct ilv_text_style style = ilv_style_of_stdout(path);
	const struct ilv_product product = {
		.kind = has_json ? ILV_PRODUCT_JSON : ILV_PRODUCT_TEXT,
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
	};
	struct ilv_arguments arguments;
	enum ilv_parsed parsed = ilv_options_parse(&usage, argc, argv, &arguments);
	int exit_status = parsed == ILV_PARSED_HELP ? ILV_EXIT_DONE : ILV_EXIT_USAGE;

	if (parsed == ILV_PARSED_GO && arguments.operand_count == 0) {
		exit_status = ilv_usage_error("report", "the recording to report is missing");
	} else if (parsed == ILV_PARSED_GO) {
		exit_status = report(arguments.operands[0], has_json, run_number);
	}
	ilv_arguments_fini(&arguments);

	return exit_status;
}
