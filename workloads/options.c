/* SPDX-License-Identifier: MIT */
/* Description: reads the command line, and says in a sentence what is wrong with it. */
#include "workloads/options.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "workloads/options_inner.h"

#define WORKER_MAX 4096

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

		ilv_options_unknown_choice(option, word);
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
	} else if (strcmp(name, "untraced") == 0) {
		options->action = ILV_ACTION_UNTRACED;
	} else {
		options->is_json = true;
	}
}

static void keep_word(const char *name, const char *word, struct ilv_words *words,
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
		{"beside", &words->beside},      {"untraced-from", &options->untraced_path},
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
	const struct ilv_common_option *common = ilv_options_find_common(name, length);

	if (common) {
		return common->kind == ILV_COMMON_WORD;
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

static enum ilv_status collect(int argument_count, char **arguments, struct ilv_words *words,
			       struct ilv_options *options)
{
	const struct ilv_run *run = &options->run;

	for (int index = 1; index < argument_count; index++) {
		const char *argument = arguments[index];
		const char *name = argument + 2;
		const size_t length = strcspn(name, "=");
		const struct ilv_common_option *common = NULL;
		const struct ilv_option *option = NULL;
		const char *ignored = NULL;
		const char **place = NULL;
		const char *word = "";
		int own = -1;

		if (strncmp(argument, "--", 2) != 0) {
			if (argument == words->name) {
				continue;
			}

			if (argument[0] == '-') {
				ilv_options_one_dash(argument);
				return ILV_STATUS_USAGE;
			}

			ilv_cause_add("One workload at a time: \"%s\" is too much after \"%s\"",
				      argument, words->name);
			return ILV_STATUS_USAGE;
		}

		common = ilv_options_find_common(name, length);
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
			option =
				ilv_options_find_beside(run->workload, words->beside, name, length);
			place = &ignored;
		}

		if (!common && !option) {
			char wrong[64];

			(void)snprintf(wrong, sizeof(wrong), "%.*s", (int)length, name);
			ilv_options_unknown_option(run, wrong);
			return ILV_STATUS_USAGE;
		}

		if (common ? common->kind == ILV_COMMON_FLAG
			   : option->kind == ILV_OPTION_KIND_FLAG) {
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
		} else if (common->kind == ILV_COMMON_FLAG) {
			keep_flag(common->name, options);
		} else {
			keep_word(common->name, word, words, options);
		}
	}

	return ILV_STATUS_OK;
}

static int64_t allowed_cpu_count(void)
{
	cpu_set_t allowed;

	return sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? CPU_COUNT(&allowed)
								    : CPU_SETSIZE;
}

/* What `variant`, if there is one, sets of the option `name`; NULL: nothing. */
static const struct ilv_option_value *find_set(const struct ilv_variant *variant, const char *name)
{
	for (size_t index = 0;
	     variant && index < ILV_VARIANT_OPTION_MAX && variant->options[index].name; index++) {
		if (strcmp(variant->options[index].name, name) == 0) {
			return &variant->options[index];
		}
	}

	return NULL;
}

static enum ilv_status parse_runtime_options(const struct ilv_words *words, struct ilv_run *run)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0;
	     status == ILV_STATUS_OK && run->runtime->options && run->runtime->options[index].name;
	     index++) {
		const struct ilv_option *option = &run->runtime->options[index];
		const struct ilv_option_value *set = find_set(run->variant, option->name);
		int64_t *value = &run->runtime_values[index];
		const char *text = NULL;

		status = parse_own(option, words->runtimes[index], value, &text);
		if (status == ILV_STATUS_OK && set && !words->runtimes[index]) {
			*value = set->value;
		}

		if (status == ILV_STATUS_OK && set && option->kind == ILV_OPTION_KIND_CHOICE &&
		    *value != set->value) {
			ilv_cause_add("variant %s of %s is about --%s %s", run->variant->name,
				      run->workload->name, option->name,
				      option->choices[set->value]);
			status = ILV_STATUS_USAGE;
		}
	}

	return status;
}

/* Reads the workload's own options, which may decide one another. */
static enum ilv_status parse_workload_options(const struct ilv_words *words, struct ilv_run *run)
{
	const struct ilv_option *options = run->workload->options;
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0; status == ILV_STATUS_OK && options && options[index].name; index++) {
		const char *decider = words->own[index] ? options[index].decided_by : NULL;

		if (decider && words->own[find_own(options, decider, strlen(decider))]) {
			ilv_cause_add("--%s does not go with --%s, which decides it",
				      options[index].name, decider);
			return ILV_STATUS_USAGE;
		}

		status = parse_own(&options[index], words->own[index], &run->values[index],
				   &run->texts[index]);
	}

	return status;
}

static enum ilv_status parse_numbers(const struct ilv_words *words, struct ilv_options *options)
{
	struct ilv_run *run = &options->run;
	enum ilv_status status = ILV_STATUS_OK;

	run->job_count = run->workload->default_job_count;
	run->seed = 1;
	options->worker_count = run->variant ? run->variant->worker_count : 0;
	if (words->jobs) {
		status = parse_number("jobs", words->jobs, 1, run->workload->max_job_count,
				      &run->job_count);
	}

	if (status == ILV_STATUS_OK && words->seed) {
		status = parse_number("seed", words->seed, 0, INT64_MAX, &run->seed);
	}

	if (status == ILV_STATUS_OK && words->workers) {
		if (!run->runtime->has_workers &&
		    !ilv_options_has_workers_beside(run->workload, words->beside)) {
			ilv_cause_add("--workers: runtime %s has no pool", run->runtime->name);
			return ILV_STATUS_USAGE;
		}

		status = parse_number("workers", words->workers, 1, WORKER_MAX,
				      &options->worker_count);
	}

	if (status == ILV_STATUS_OK && words->cpus) {
		status = parse_number("cpus", words->cpus, 1, allowed_cpu_count(), &run->cpu_count);
	}

	if (status == ILV_STATUS_OK) {
		status = parse_workload_options(words, run);
	}

	return status == ILV_STATUS_OK ? parse_runtime_options(words, run) : status;
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
	struct ilv_words words = {0};

	*options = (struct ilv_options){0};
	words.name = find_name(argument_count, arguments);
	if (words.name && words.name[0] == '-') {
		ilv_options_one_dash(words.name);
		return ILV_STATUS_USAGE;
	}

	if (words.name) {
		options->run.workload = ilv_workload_find(words.name);
		if (!options->run.workload) {
			ilv_options_unknown_workload(words.name);
			return ILV_STATUS_USAGE;
		}
	}

	/* Runtimes have options of their own, so which one is meant comes before all the rest. */
	words.runtime = find_word(argument_count, arguments, "runtime");
	words.variant = find_word(argument_count, arguments, "variant");
	words.beside = find_word(argument_count, arguments, "beside");
	if (options->run.workload) {
		status = ilv_options_choose(&words, &options->run);
	}

	/* Who asks for help gets it, whatever else is wrong. */
	if (status < 0 && !is_asked_for(argument_count, arguments, "--help")) {
		return status;
	}

	status = collect(argument_count, arguments, &words, options);
	if (status < 0 ||
	    (options->action != ILV_ACTION_RUN && options->action != ILV_ACTION_CHECK &&
	     options->action != ILV_ACTION_UNTRACED)) {
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
