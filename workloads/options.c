/* SPDX-License-Identifier: MIT */
/* Description: reads the command line, and says in a sentence what is wrong with it. */
#include "workloads/options.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"

#define NAME_MAX_COUNT  64
#define WORKER_MAX      4096
#define DEFAULT_RUNTIME "threads"

/* What one pass over the arguments found, before any of it is checked against the rest. */
struct words {
	const char *name;
	const char *runtime;
	const char *variant;
	const char *jobs;
	const char *seed;
	const char *workers;
	const char *cpus;
	const char *own[ILV_OPTION_MAX];      /* of the workload's options */
	const char *runtimes[ILV_OPTION_MAX]; /* of the runtime's */
};

enum common_kind {
	COMMON_FLAG,
	COMMON_WORD,
};

struct common_option {
	const char *name;
	enum common_kind kind;
	const char *value_name;
	const char *help;
};

static const struct common_option common_options[] = {
	{"runtime", COMMON_WORD, "R", "what runs the jobs; --list names them (default: threads)"},
	{"variant", COMMON_WORD, "V", "which variant of a lesson; --list names them"},
	{"jobs", COMMON_WORD, "N", "how many jobs, threads or tasks"},
	{"seed", COMMON_WORD, "S", "the result is the same for a seed (default: 1)"},
	{"workers", COMMON_WORD, "N", "workers of a pool, for runtimes that have one"},
	{"cpus", COMMON_WORD, "N", "use only the first N of the allowed CPUs"},
	{"truth", COMMON_WORD, "FILE", "write what the run counted of itself, as JSON"},
	{"switch-source", COMMON_WORD, "S",
	 "how thread switches are seen: auto, perf+wakeups, perf, rusage or none"},
	{"list", COMMON_FLAG, NULL, "list jobs, lessons and runtimes"},
	{"json", COMMON_FLAG, NULL, "with --list: as JSON"},
	{"check", COMMON_FLAG, NULL, "run nothing: only say whether the arguments make sense"},
	{"help", COMMON_FLAG, NULL, "this; after NAME: what NAME takes"},
	{"version", COMMON_FLAG, NULL, "the version"},
	{0},
};

/* Adds the nearest of `names` to a sentence that says that `wrong` is unknown, or them all when
 * none is near. */
static void add_unknown(const char *what, const char *wrong, const char *const *names)
{
	const char *nearest = ilv_suggest(wrong, names);
	char list[512] = "";
	size_t length = 0;

	if (nearest) {
		ilv_cause_add("There is no %s \"%s\"; did you mean \"%s\"?", what, wrong, nearest);
		return;
	}

	for (size_t index = 0; names[index] && length < sizeof(list); index++) {
		length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
					   index > 0 ? ", " : "", names[index]);
	}

	ilv_cause_add("There is no %s \"%s\"; there are: %s", what, wrong, list);
}

static void add_unknown_workload(const char *wrong)
{
	const char *names[NAME_MAX_COUNT + 1] = {0};

	for (size_t index = 0; ilv_workloads[index] && index < NAME_MAX_COUNT; index++) {
		names[index] = ilv_workloads[index]->name;
	}

	add_unknown("workload", wrong, names);
}

static void add_unknown_runtime(const char *wrong)
{
	const char *names[NAME_MAX_COUNT + 1] = {0};

	for (size_t index = 0; ilv_runtimes[index] && index < NAME_MAX_COUNT; index++) {
		names[index] = ilv_runtimes[index]->name;
	}

	add_unknown("runtime", wrong, names);
}

static void add_unknown_variant(const struct ilv_workload *workload, const char *wrong)
{
	const char *names[NAME_MAX_COUNT + 1] = {0};

	for (size_t index = 0; workload->variants[index].name && index < NAME_MAX_COUNT; index++) {
		names[index] = workload->variants[index].name;
	}

	add_unknown("variant", wrong, names);
}

static void add_unknown_option(const struct ilv_run *run, const char *wrong)
{
	const struct ilv_option *const lists[] = {
		run->workload ? run->workload->options : NULL,
		run->runtime ? run->runtime->options : NULL,
	};
	const char *names[NAME_MAX_COUNT + 1] = {0};
	size_t count = 0;

	for (size_t index = 0; common_options[index].name; index++) {
		names[count++] = common_options[index].name;
	}

	for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++) {
		for (size_t index = 0;
		     lists[list] && lists[list][index].name && count < NAME_MAX_COUNT; index++) {
			names[count++] = lists[list][index].name;
		}
	}

	add_unknown(run->workload ? "option of this workload" : "option", wrong, names);
}

/* Reads a whole number from `min` to `max`. */
static enum ilv_status parse_number(const char *option, const char *word, int64_t min, int64_t max,
				    int64_t *number)
{
	char *end = NULL;
	long long parsed = 0;

	errno = 0;
	parsed = strtoll(word, &end, 10);
	if (end == word || *end || errno != 0 || parsed < min || parsed > max) {
		ilv_cause_add("--%s takes a whole number from %lld to %lld, not \"%s\"", option,
			      (long long)min, (long long)max, word);
		return ILV_STATUS_USAGE;
	}

	*number = parsed;

	return ILV_STATUS_OK;
}

static const struct common_option *find_common(const char *name, size_t length)
{
	for (size_t index = 0; common_options[index].name; index++) {
		const struct common_option *option = &common_options[index];

		if (strlen(option->name) == length && memcmp(option->name, name, length) == 0) {
			return option;
		}
	}

	return NULL;
}

/* Returns which of `options` has that name, or -1. */
static int find_own(const struct ilv_option *options, const char *name, size_t length)
{
	for (int index = 0; options && options[index].name; index++) {
		if (strlen(options[index].name) == length &&
		    memcmp(options[index].name, name, length) == 0) {
			return index;
		}
	}

	return -1;
}

/* Reads what was said for `option`, or takes its default: a number, a choice's index, a flag, a
 * text. */
static enum ilv_status parse_own(const struct ilv_option *option, const char *word, int64_t *value,
				 const char **text)
{
	*value = option->default_value;
	*text = option->kind == ILV_OPTION_KIND_TEXT ? word : NULL;
	if (!word || option->kind == ILV_OPTION_KIND_TEXT) {
		return ILV_STATUS_OK;
	}

	if (option->kind == ILV_OPTION_KIND_FLAG) {
		*value = 1;
		return ILV_STATUS_OK;
	}

	if (option->kind == ILV_OPTION_KIND_CHOICE) {
		for (int64_t index = 0; option->choices[index]; index++) {
			if (strcmp(option->choices[index], word) == 0) {
				*value = index;
				return ILV_STATUS_OK;
			}
		}

		add_unknown(option->name, word, option->choices);
		return ILV_STATUS_USAGE;
	}

	return parse_number(option->name, word, option->min, option->max, value);
}

static void keep_flag(const char *name, struct ilv_options *options)
{
	if (strcmp(name, "help") == 0) {
		options->action = ILV_ACTION_HELP;
	} else if (strcmp(name, "version") == 0) {
		options->action = ILV_ACTION_VERSION;
	} else if (strcmp(name, "list") == 0) {
		options->action = ILV_ACTION_LIST;
	} else if (strcmp(name, "check") == 0) {
		options->action = ILV_ACTION_CHECK;
	} else {
		options->is_json = true;
	}
}

static void keep_word(const char *name, const char *word, struct words *words,
		      struct ilv_options *options)
{
	const struct {
		const char *name;
		const char **place;
	} places[] = {
		{"runtime", &words->runtime},    {"variant", &words->variant},
		{"jobs", &words->jobs},          {"seed", &words->seed},
		{"workers", &words->workers},    {"cpus", &words->cpus},
		{"truth", &options->truth_path}, {"switch-source", &options->switch_source},
	};

	for (size_t index = 0; index < sizeof(places) / sizeof(places[0]); index++) {
		if (strcmp(places[index].name, name) == 0) {
			*places[index].place = word;
		}
	}
}

/*
 * Whether `name` takes the next word where it has no value of its own. Asked before it is known
 * which workload and runtime are meant: only flags, which are few, do not.
 */
static bool takes_word(const char *name)
{
	const size_t length = strlen(name);
	const struct common_option *common = find_common(name, length);

	if (common) {
		return common->kind == COMMON_WORD;
	}

	for (size_t index = 0; ilv_workloads[index]; index++) {
		int own = find_own(ilv_workloads[index]->options, name, length);

		if (own >= 0) {
			return ilv_workloads[index]->options[own].kind != ILV_OPTION_KIND_FLAG;
		}
	}

	return true;
}

/* The name of the workload is the first word without dashes; options may stand before it. */
static const char *find_name(int argument_count, char **arguments)
{
	for (int index = 1; index < argument_count; index++) {
		const char *word = arguments[index];

		if (strncmp(word, "--", 2) != 0) {
			return word;
		}

		index += !strchr(word, '=') && takes_word(word + 2) ? 1 : 0;
	}

	return NULL;
}

/* What was said for the common option `name`, before all is read: the newest; NULL: nothing. */
static const char *find_word(int argument_count, char **arguments, const char *name)
{
	const size_t length = strlen(name);
	const char *word = NULL;

	for (int index = 1; index < argument_count; index++) {
		const char *argument = arguments[index];

		if (strncmp(argument, "--", 2) != 0 || strncmp(argument + 2, name, length) != 0) {
			continue;
		}

		if (argument[2 + length] == '=') {
			word = argument + 3 + length;
		} else if (argument[2 + length] == '\0' && index + 1 < argument_count) {
			word = arguments[index + 1];
		}
	}

	return word;
}

static enum ilv_status collect(int argument_count, char **arguments, struct words *words,
			       struct ilv_options *options)
{
	const struct ilv_run *run = &options->run;

	for (int index = 1; index < argument_count; index++) {
		const char *argument = arguments[index];
		const char *name = argument + 2;
		const size_t length = strcspn(name, "=");
		const struct common_option *common = NULL;
		const struct ilv_option *option = NULL;
		const char **place = NULL;
		const char *word = "";
		int own = -1;

		if (strncmp(argument, "--", 2) != 0) {
			if (argument == words->name) {
				continue;
			}

			ilv_cause_add("One workload at a time: \"%s\" is too much after \"%s\"",
				      argument, words->name);
			return ILV_STATUS_USAGE;
		}

		common = find_common(name, length);
		own = run->workload ? find_own(run->workload->options, name, length) : -1;
		if (own >= 0) {
			option = &run->workload->options[own];
			place = &words->own[own];
		} else if (run->runtime) {
			own = find_own(run->runtime->options, name, length);
			option = own >= 0 ? &run->runtime->options[own] : NULL;
			place = own >= 0 ? &words->runtimes[own] : NULL;
		}

		if (!common && !option) {
			char wrong[64];

			(void)snprintf(wrong, sizeof(wrong), "%.*s", (int)length, name);
			add_unknown_option(run, wrong);
			return ILV_STATUS_USAGE;
		}

		if (common ? common->kind == COMMON_FLAG : option->kind == ILV_OPTION_KIND_FLAG) {
			if (name[length] == '=') {
				ilv_cause_add("--%.*s takes no value", (int)length, name);
				return ILV_STATUS_USAGE;
			}
		} else if (name[length] == '=') {
			word = name + length + 1;
		} else if (index + 1 < argument_count) {
			word = arguments[++index];
		} else {
			ilv_cause_add("--%s needs a value", name);
			return ILV_STATUS_USAGE;
		}

		if (!common) {
			*place = word;
		} else if (common->kind == COMMON_FLAG) {
			keep_flag(common->name, options);
		} else {
			keep_word(common->name, word, words, options);
		}
	}

	return ILV_STATUS_OK;
}

static enum ilv_status choose_variant(const struct words *words, struct ilv_run *run)
{
	const struct ilv_variant *variants = run->workload->variants;

	for (size_t index = 0; variants[index].name; index++) {
		const bool is_asked = words->variant
					      ? strcmp(variants[index].name, words->variant) == 0
					      : !words->runtime || strcmp(variants[index].runtime,
									  words->runtime) == 0;

		if (is_asked) {
			run->variant = &variants[index];
			break;
		}
	}

	if (!run->variant) {
		if (words->variant) {
			add_unknown_variant(run->workload, words->variant);
		} else {
			ilv_cause_add(
				"%s has no variant for runtime \"%s\"; --list shows what it has",
				run->workload->name, words->runtime);
		}

		return ILV_STATUS_USAGE;
	}

	if (words->runtime && strcmp(words->runtime, run->variant->runtime) != 0) {
		ilv_cause_add("%s cannot be run under %s: variant %s is about %s",
			      run->workload->name, words->runtime, run->variant->name,
			      run->variant->runtime);
		return ILV_STATUS_USAGE;
	}

	run->runtime = ilv_runtime_find(run->variant->runtime);

	return ILV_STATUS_OK;
}

static enum ilv_status choose_runtime(const struct words *words, struct ilv_run *run)
{
	const char *name = words->runtime ? words->runtime : DEFAULT_RUNTIME;

	if (words->runtime && !ilv_runtime_find(words->runtime)) {
		add_unknown_runtime(words->runtime);
		return ILV_STATUS_USAGE;
	}

	if (run->workload->variants) {
		return choose_variant(words, run);
	}

	if (words->variant) {
		ilv_cause_add("%s is a job and has no variants; --runtime says how it is run",
			      run->workload->name);
		return ILV_STATUS_USAGE;
	}

	run->runtime = ilv_runtime_find(name);
	if (run->workload->refuses && run->workload->refuses(run->runtime)) {
		ilv_cause_add("%s cannot be run under %s: %s", run->workload->name, name,
			      run->workload->refuses(run->runtime));
		return ILV_STATUS_USAGE;
	}

	return ILV_STATUS_OK;
}

static int64_t allowed_cpu_count(void)
{
	cpu_set_t allowed;

	return sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? CPU_COUNT(&allowed)
								    : CPU_SETSIZE;
}

static enum ilv_status parse_numbers(const struct words *words, struct ilv_options *options)
{
	struct ilv_run *run = &options->run;
	enum ilv_status status = ILV_STATUS_OK;

	run->job_count = run->workload->default_job_count;
	run->seed = 1;
	if (words->jobs) {
		status = parse_number("jobs", words->jobs, 1, run->workload->max_job_count,
				      &run->job_count);
	}

	if (status == ILV_STATUS_OK && words->seed) {
		status = parse_number("seed", words->seed, 0, INT64_MAX, &run->seed);
	}

	if (status == ILV_STATUS_OK && words->workers) {
		if (!run->runtime->has_workers) {
			ilv_cause_add("--workers: runtime %s has no pool", run->runtime->name);
			return ILV_STATUS_USAGE;
		}

		status = parse_number("workers", words->workers, 1, WORKER_MAX,
				      &options->worker_count);
	}

	if (status == ILV_STATUS_OK && words->cpus) {
		status = parse_number("cpus", words->cpus, 1, allowed_cpu_count(), &run->cpu_count);
	}

	for (size_t index = 0; status == ILV_STATUS_OK && run->workload->options &&
			       run->workload->options[index].name;
	     index++) {
		status = parse_own(&run->workload->options[index], words->own[index],
				   &run->values[index], &run->texts[index]);
	}

	for (size_t index = 0;
	     status == ILV_STATUS_OK && run->runtime->options && run->runtime->options[index].name;
	     index++) {
		const char *text = NULL;

		status = parse_own(&run->runtime->options[index], words->runtimes[index],
				   &options->runtime_values[index], &text);
	}

	return status;
}

static bool is_asked_for(int argument_count, char **arguments, const char *flag)
{
	for (int index = 1; index < argument_count; index++) {
		if (strcmp(arguments[index], flag) == 0) {
			return true;
		}
	}

	return false;
}

enum ilv_status ilv_options_parse(int argument_count, char **arguments, struct ilv_options *options)
{
	enum ilv_status status = ILV_STATUS_OK;
	struct words words = {0};

	*options = (struct ilv_options){0};
	words.name = find_name(argument_count, arguments);
	if (words.name) {
		options->run.workload = ilv_workload_find(words.name);
		if (!options->run.workload) {
			add_unknown_workload(words.name);
			return ILV_STATUS_USAGE;
		}
	}

	/* Runtimes have options of their own, so which one is meant comes before all the rest. */
	words.runtime = find_word(argument_count, arguments, "runtime");
	words.variant = find_word(argument_count, arguments, "variant");
	if (options->run.workload) {
		status = choose_runtime(&words, &options->run);
	}

	/* Who asks for help gets it, whatever else is wrong. */
	if (status < 0 && !is_asked_for(argument_count, arguments, "--help")) {
		return status;
	}

	status = collect(argument_count, arguments, &words, options);
	if (status < 0 ||
	    (options->action != ILV_ACTION_RUN && options->action != ILV_ACTION_CHECK)) {
		return status;
	}

	if (options->is_json) {
		ilv_cause_add("--json goes with --list");
		return ILV_STATUS_USAGE;
	}

	if (!options->run.workload) {
		ilv_cause_add("Which workload? --list names them, --help says more");
		return ILV_STATUS_USAGE;
	}

	return parse_numbers(&words, options);
}

static void print_options(const struct ilv_option *options)
{
	for (const struct ilv_option *option = options; option && option->name; option++) {
		char name[64];

		switch (option->kind) {
		case ILV_OPTION_KIND_NUMBER:
			(void)snprintf(name, sizeof(name), "%s N", option->name);
			printf("  --%-16s %s, from %lld to %lld (default: %lld)\n", name,
			       option->help, (long long)option->min, (long long)option->max,
			       (long long)option->default_value);
			break;
		case ILV_OPTION_KIND_CHOICE:
			(void)snprintf(name, sizeof(name), "%s WORD", option->name);
			printf("  --%-16s %s:", name, option->help);
			for (size_t index = 0; option->choices[index]; index++) {
				printf("%s %s", index ? "," : "", option->choices[index]);
			}

			printf(" (default: %s)\n", option->choices[option->default_value]);
			break;
		case ILV_OPTION_KIND_TEXT:
			(void)snprintf(name, sizeof(name), "%s %s", option->name,
				       option->value_name);
			printf("  --%-16s %s\n", name, option->help);
			break;
		case ILV_OPTION_KIND_FLAG:
			printf("  --%-16s %s\n", option->name, option->help);
			break;
		}
	}
}

void ilv_options_help(const struct ilv_workload *workload)
{
	printf("usage: interleave-workload %s [options]\n", workload ? workload->name : "NAME");
	if (workload) {
		printf("\n%s: %s.\n", workload->name, workload->description);
		printf("\nOptions of %s:\n", workload->name);
		printf("  --%-16s %s, from 1 to %lld (default: %lld)\n", "jobs N",
		       workload->job_noun, (long long)workload->max_job_count,
		       (long long)workload->default_job_count);
		print_options(workload->options);

		for (const struct ilv_variant *variant = workload->variants;
		     variant && variant->name; variant++) {
			printf("  --variant %-10s %s%s\n", variant->name, variant->description,
			       variant == workload->variants ? " (default)" : "");
		}
	} else {
		printf("\nRuns a job under a runtime, or a lesson, and emits LTTng-UST events "
		       "(interleave:*) while\nit does. Nothing is recorded unless a session asks "
		       "for it.\n");
	}

	for (size_t index = 0; ilv_runtimes[index] && !(workload && workload->variants); index++) {
		if (ilv_runtimes[index]->options) {
			printf("\nOptions of runtime %s:\n", ilv_runtimes[index]->name);
			print_options(ilv_runtimes[index]->options);
		}
	}

	printf("\n%s:\n", workload ? "Options of all workloads" : "Options");
	for (size_t index = 0; common_options[index].name; index++) {
		const struct common_option *option = &common_options[index];
		char name[32];

		if (workload &&
		    (strcmp(option->name, "jobs") == 0 || option->kind == COMMON_FLAG)) {
			continue;
		}

		(void)snprintf(name, sizeof(name), "%s %s", option->name,
			       option->value_name ? option->value_name : "");
		printf("  --%-16s %s\n", name, option->help);
	}
}
