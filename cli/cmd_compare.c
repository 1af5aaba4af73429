/* SPDX-License-Identifier: MIT */
/* Description: `interleave compare TRACE TRACE...`: the same measures of several recordings side by
 * side. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/compared.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/picture.h"
#include "cli/signals.h"
#include "cli/views.h"

#define TRACE_MAX 64

static int compare(const struct ilv_arguments *arguments, const char *output,
		   unsigned long mark_limit, bool has_json)
{
	const struct ilv_text_style style = ilv_style_of_stdout(arguments->operands[0]);
	const struct ilv_product products[] = {
		{.kind = has_json ? ILV_PRODUCT_JSON : ILV_PRODUCT_TEXT},
		{.kind = ILV_PRODUCT_SVG, .path = output, .mark_limit = (uint32_t)mark_limit},
	};
	struct ilv_compared_list list = {0};
	struct ilv_view_facts facts = {0};
	enum ilv_status status = ILV_STATUS_OK;
	int exit_status;

	for (size_t index = 0; index < arguments->operand_count && status == ILV_STATUS_OK;
	     index++) {
		status = ilv_compared_add(&list, arguments->operands[index]);
	}
	if (status == ILV_STATUS_OK) {
		status = ilv_compared_name(&list);
	}
	if (status == ILV_STATUS_OK && list.count < 2) {
		exit_status = ilv_usage_error("compare",
					      "\"%s\" is one recording; a comparison needs "
					      "two",
					      arguments->operands[0]);
		goto end;
	}
	if (status == ILV_STATUS_OK) {
		ilv_signals_note();
		status = ilv_view_comparison(list.items, list.count, &style, products,
					     output ? 2 : 1, &facts);
	}
	if (status != ILV_STATUS_OK) {
		exit_status = ilv_exit_failed(status);
		goto end;
	}

	ilv_compared_say_repeats(&facts);
	exit_status = ilv_view_exit(&facts, "at least one of them");

end:
	ilv_compared_fini(&list);

	return exit_status;
}

int ilv_cmd_compare(int argc, char **argv)
{
	const char *output = NULL;
	unsigned long mark_limit = 0;
	bool has_json = false;
	const struct ilv_option options[] = {
		{.kind = ILV_OPTION_TEXT,
		 .short_name = 'o',
		 .long_name = "output",
		 .value_name = "FILE.svg",
		 .help = "draw them on one time scale into this file",
		 .target = &output},
		{.kind = ILV_OPTION_COUNT,
		 .long_name = "marks",
		 .value_name = "N",
		 .help = ILV_PICTURE_MARKS_HELP,
		 .target = &mark_limit},
		{.kind = ILV_OPTION_FLAG,
		 .long_name = "json",
		 .help = "print JSON, as docs/comparison.schema.json describes it",
		 .target = &has_json},
	};
	const struct ilv_usage usage = {
		.command = "compare",
		.synopsis = "TRACE TRACE... [-o FILE.svg [--marks N]] [--json]\n"
			    "FOLDER [-o FILE.svg [--marks N]] [--json]",
		.about = "Sets the same measures of several recordings side by side, and says what "
			 "differs and why.\n"
			 "Of a folder that holds several recordings each is taken; of repeats, the "
			 "median.\n"
			 "TRACE#N is the Nth run of a recording that holds several.",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]),
		.notes = "examples:\n"
			 "  interleave compare matmul-1\n"
			 "  interleave compare before/ after/ -o difference.svg\n"
			 "  interleave compare two-runs#1 two-runs#2 --json",
		.operand_max = TRACE_MAX,
		.operand_missing = "the recordings to compare are missing",
	};
	struct ilv_arguments arguments;
	int exit_status;

	if (ilv_options_parse(&usage, argc, argv, &arguments, &exit_status)) {
		exit_status = ilv_picture_check("compare", output, mark_limit);
		if (exit_status == ILV_EXIT_DONE) {
			exit_status = compare(&arguments, output, mark_limit, has_json);
		}
	}
	ilv_arguments_fini(&arguments);

	return exit_status;
}
