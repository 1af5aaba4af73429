/* SPDX-License-Identifier: MIT */
/* Description: what is said of a name that nothing has. */
#include <stdio.h>
#include <string.h>

#include "base/cause.h"
#include "workloads/options_inner.h"

#define NAME_MAX_COUNT 64
#define LIST_SIZE      512

/* Writes `names` one after another, as many as there is room for. */
static const char *spell(const char *const *names, char *list, size_t size)
{
	size_t length = 0;

	list[0] = '\0';
	for (size_t index = 0; names[index] && length < size; index++) {
		length += (size_t)snprintf(list + length, size - length, "%s%s",
					   index > 0 ? ", " : "", names[index]);
	}

	return list;
}

/* Adds the nearest of `names` to a sentence that says that `wrong` is unknown, or them all when
 * none is near. */
static void add_unknown(const char *what, const char *wrong, const char *const *names)
{
	const char *nearest = ilv_suggest(wrong, names);
	char list[LIST_SIZE];

	if (nearest) {
		ilv_cause_add("There is no %s \"%s\"; did you mean \"%s\"?", what, wrong, nearest);
		return;
	}

	ilv_cause_add("There is no %s \"%s\"; there are: %s", what, wrong,
		      spell(names, list, sizeof(list)));
}

void ilv_options_unknown_choice(const struct ilv_option *option, const char *wrong)
{
	add_unknown(option->name, wrong, option->choices);
}

void ilv_options_unknown_workload(const char *wrong)
{
	const char *names[NAME_MAX_COUNT + 1] = {0};

	for (size_t index = 0; ilv_workloads[index] && index < NAME_MAX_COUNT; index++) {
		names[index] = ilv_workloads[index]->name;
	}

	if (ilv_runtime_find(wrong)) {
		char list[LIST_SIZE];

		ilv_cause_add(
			"\"%s\" is a runtime; which workload? --runtime %s goes with one of: %s",
			wrong, wrong, spell(names, list, sizeof(list)));
		return;
	}

	add_unknown("workload", wrong, names);
}

void ilv_options_unknown_runtime(const char *wrong)
{
	const char *names[NAME_MAX_COUNT + 1] = {0};

	for (size_t index = 0; ilv_runtimes[index] && index < NAME_MAX_COUNT; index++) {
		names[index] = ilv_runtimes[index]->name;
	}

	add_unknown("runtime", wrong, names);
}

void ilv_options_unknown_variant(const struct ilv_workload *workload, const char *wrong)
{
	const char *names[NAME_MAX_COUNT + 1] = {0};

	for (size_t index = 0; workload->variants[index].name && index < NAME_MAX_COUNT; index++) {
		names[index] = workload->variants[index].name;
	}

	add_unknown("variant", wrong, names);
}

/* The runtime that has an option of that name; NULL: none. */
static const struct ilv_runtime *find_owner(const char *name)
{
	for (size_t index = 0; ilv_runtimes[index]; index++) {
		const struct ilv_option *options = ilv_runtimes[index]->options;

		for (size_t own = 0; options && options[own].name; own++) {
			if (strcmp(options[own].name, name) == 0) {
				return ilv_runtimes[index];
			}
		}
	}

	return NULL;
}

void ilv_options_unknown_option(const struct ilv_run *run, const char *wrong)
{
	const struct ilv_runtime *owner = find_owner(wrong);
	const struct ilv_option *const lists[] = {
		run->workload ? run->workload->options : NULL,
		run->runtime ? run->runtime->options : NULL,
	};
	const char *names[NAME_MAX_COUNT + 1] = {0};
	size_t count = 0;

	for (size_t index = 0; ilv_common_options[index].name; index++) {
		names[count++] = ilv_common_options[index].name;
	}

	for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++) {
		for (size_t index = 0;
		     lists[list] && lists[list][index].name && count < NAME_MAX_COUNT; index++) {
			names[count++] = lists[list][index].name;
		}
	}

	if (owner && run->runtime) {
		ilv_cause_add("--%s is an option of runtime %s, and this one is %s", wrong,
			      owner->name, run->runtime->name);
		return;
	}

	add_unknown(run->workload ? "option of this workload" : "option", wrong, names);
}

void ilv_options_one_dash(const char *wrong)
{
	ilv_cause_add("Options begin with two dashes, unlike \"%s\"; --help names them", wrong);
}
