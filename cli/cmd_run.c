/* SPDX-License-Identifier: MIT */
/*
 * Description: `interleave run`: records a workload, once or under several runtimes or variants,
 * and shows what came of it: the report of one, the comparison of several.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/plan.h"
#include "cli/run.h"
#include "cli/signals.h"
#include "cli/variants.h"
#include "recorder/recorder.h"

/* What the command line says, as the table of options fills it in. */
struct wishes {
	const char *runtimes;
	const char *variants;
	const char *folder;
	const char *source;
	unsigned long repeat_count;
	bool is_forced;
	bool has_json;
};

static enum ilv_status parse_source(const char *name, struct ilv_run_options *options)
{
	if (name && strcmp(name, "none") == 0) {
		options->has_recorder = false;
		return ILV_STATUS_OK;
	}

	options->has_recorder = true;
	if (name && (ilv_switch_source_parse(name, &options->source) != ILV_STATUS_OK ||
		     options->source == ILV_SWITCH_SOURCE_KERNEL)) {
		ilv_cause_clear();
		ilv_cause_add("--switch-source wants auto, perf+wakeups, perf, rusage or none, not "
			      "\"%s\"",
			      name);
		return ILV_STATUS_USAGE;
	}

	return ILV_STATUS_OK;
}

static int run(const struct wishes *wishes, const struct ilv_arguments *arguments)
{
	struct ilv_run_options options = {
		.is_forced = wishes->is_forced,
		.has_json = wishes->has_json,
	};
	struct ilv_wish wish = {
		.name = arguments->operands[0],
		.runtimes = wishes->runtimes,
		.variants = wishes->variants,
		.folder = wishes->folder,
		.repeat_count = wishes->repeat_count,
		.passed = arguments->passed,
		.passed_count = arguments->passed_count,
	};
	struct ilv_plan plan = {0};
	char *program = NULL;
	char *variants = NULL;
	int exit_status;
	enum ilv_status status = parse_source(wishes->source, &options);

	if (status == ILV_STATUS_OK) {
		status = ilv_launch_find_workload(&program);
	}
	/* A lesson is to be seen side by side with its other forms. */
	if (status == ILV_STATUS_OK && !wish.runtimes && !wish.variants) {
		status = ilv_variants_of(program, wish.name, &variants);
		wish.variants = variants;
	}
	if (status == ILV_STATUS_OK) {
		wish.program = program;
		status = ilv_plan_init(&plan, &wish);
	}
	exit_status =
		status == ILV_STATUS_OK ? ilv_run_plan(&plan, &options) : ilv_exit_failed(status);
	ilv_plan_fini(&plan);
	free(variants);
	free(program);

	return exit_status;
}

int ilv_cmd_run(int argc, char **argv)
{
	struct wishes wishes = {.repeat_count = 1};
	const struct ilv_option options[] = {
		{.kind = ILV_OPTION_TEXT,
		 .long_name = "runtime",
		 .value_name = "R[,R...]",
		 .help = "how the jobs run: threads, event-loop, ... (default: threads)",
		 .target = &wishes.runtimes},
		{.kind = ILV_OPTION_TEXT,
		 .long_name = "variant",
		 .value_name = "V[,V...]",
		 .help = "which forms of a lesson (default: all)",
		 .target = &wishes.variants},
		{.kind = ILV_OPTION_TEXT,
		 .short_name = 'o',
		 .long_name = "output",
		 .value_name = "DIR",
		 .help = "the folder for what is recorded (default: NAME-N, the first free)",
		 .target = &wishes.folder},
		{.kind = ILV_OPTION_FLAG,
		 .long_name = "force",
		 .help = "replace the recording that is in DIR",
		 .target = &wishes.is_forced},
		{.kind = ILV_OPTION_COUNT,
		 .long_name = "repeat",
		 .value_name = "N",
		 .help = "record each N times; the one of median time is compared (default: 1)",
		 .target = &wishes.repeat_count},
		{.kind = ILV_OPTION_TEXT,
		 .long_name = "switch-source",
		 .value_name = "SOURCE",
		 .help = "where thread switches come from: perf+wakeups, perf, rusage, none\n"
			 "(default: auto, the best that is allowed)",
		 .target = &wishes.source},
		{.kind = ILV_OPTION_FLAG,
		 .long_name = "json",
		 .help = "print JSON: the report, or of several the comparison",
		 .target = &wishes.has_json},
	};
	const struct ilv_usage usage = {
		.command = "run",
		.synopsis = "JOB --runtime R[,R...] [options]\n"
			    "LESSON [--variant V[,V...]] [options]",
		.about = "Records a job or a lesson, and tells what happened. Of several runtimes "
			 "or variants each is\n"
			 "recorded, and they are compared. `interleave workloads` lists what there "
			 "is.",
		.options = options,
		.option_count = sizeof(options) / sizeof(options[0]),
		.notes = "All other options are the workload's: --jobs N, --size N, --seed N, "
			 "--cpus N and those of its\n"
			 "own, which `interleave-workload NAME --help` lists.\n\n"
			 "examples:\n"
			 "  interleave run matmul --runtime threads,event-loop --jobs 8\n"
			 "  interleave run race --variant unlocked,mutex -o race-twice\n"
			 "  interleave run sleep --runtime threads --repeat 5",
		.passes_unknown = true,
		.operand_max = 1,
		.operand_missing = "the job or lesson to run is missing",
	};
	struct ilv_arguments arguments;
	int exit_status;

	if (ilv_options_parse(&usage, argc, argv, &arguments, &exit_status)) {
		exit_status = run(&wishes, &arguments);
	}
	ilv_arguments_fini(&arguments);

	return exit_status;
}
