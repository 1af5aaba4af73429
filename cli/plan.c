/* SPDX-License-Identifier: MIT */
/* Description: makes the plan of `interleave run` from its command line. */
#include "cli/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "cli/folder.h"
#include "cli/launch.h"

#define LABEL_MAX 32
#define WORD_SIZE 64

/* The words of "a,b,c". */
struct words {
	char texts[LABEL_MAX][WORD_SIZE];
	size_t count;
};

/* Names become names of folders, so they hold only what names of workloads, runtimes and variants
 * hold. */
static bool is_name(const char *text)
{
	return text[0] != '\0' && text[0] != '-' && strlen(text) < WORD_SIZE &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(text);
}

static enum ilv_status split(const char *list, const char *option, struct words *words)
{
	words->count = 0;
	for (const char *at = list; at;) {
		size_t length = strcspn(at, ",");
		char *word = words->texts[words->count];

		if (words->count == LABEL_MAX) {
			ilv_cause_add("--%s names too much: at most %d", option, LABEL_MAX);
			return ILV_STATUS_USAGE;
		}
		(void)snprintf(word, WORD_SIZE, "%.*s", (int)length, at);
		if (length >= WORD_SIZE || !is_name(word)) {
			ilv_cause_add("--%s wants names with commas between them, not \"%s\"",
				      option, list);
			return ILV_STATUS_USAGE;
		}
		for (size_t index = 0; index < words->count; index++) {
			if (strcmp(words->texts[index], word) == 0) {
				ilv_cause_add(
					"--%s names \"%s\" twice; --repeat N records each N times",
					option, word);
				return ILV_STATUS_USAGE;
			}
		}
		words->count++;
		at = at[length] == ',' ? at + length + 1 : NULL;
	}

	return ILV_STATUS_OK;
}

/* Refuses what would make the workload program do something else than the run. */
static enum ilv_status check_passed(const struct ilv_wish *wish)
{
	static const char *const others[] = {"--list",   "--version",  "--check",        "--truth",
					     "--beside", "--untraced", "--untraced-from"};

	for (size_t index = 0; index < wish->passed_count; index++) {
		const char *word = wish->passed[index];

		for (size_t other = 0; other < sizeof(others) / sizeof(others[0]); other++) {
			size_t length = strlen(others[other]);

			if (strncmp(word, others[other], length) == 0 &&
			    (word[length] == '\0' || word[length] == '=')) {
				ilv_cause_add("`interleave run` has no option %s", others[other]);
				return ILV_STATUS_USAGE;
			}
		}
	}

	return ILV_STATUS_OK;
}

/* Builds the command line of the workload program. */
static enum ilv_status make_arguments(struct ilv_planned *item, const struct ilv_wish *wish,
				      const char *runtime, const char *variant)
{
	const char *beside = wish->variants ? wish->variants : wish->runtimes;
	size_t used = 0;

	item->arguments = calloc(wish->passed_count + 11, sizeof(char *));
	if (!item->arguments) {
		return ILV_STATUS_MEMORY;
	}
	item->arguments[used++] = (char *)wish->program;
	item->arguments[used++] = (char *)wish->name;
	if (runtime) {
		item->arguments[used++] = "--runtime";
		item->arguments[used++] = (char *)runtime;
	}
	if (variant) {
		item->arguments[used++] = "--variant";
		item->arguments[used++] = (char *)variant;
	}
	/* An option that one of them has is for all of them in one command line. */
	if (beside) {
		item->arguments[used++] = "--beside";
		item->arguments[used++] = (char *)beside;
	}
	for (size_t index = 0; index < wish->passed_count; index++) {
		item->arguments[used++] = (char *)wish->passed[index];
	}
	item->arguments[used++] = "--truth";
	item->arguments[used] = item->truth_path;

	return ILV_STATUS_OK;
}

static enum ilv_status plan_one(struct ilv_plan *plan, const struct ilv_wish *wish,
				const char *label, unsigned long repeat, bool is_only,
				bool is_variant)
{
	struct ilv_planned *item = &plan->items[plan->count++];
	char name[WORD_SIZE + 32];

	if (repeat > 1) {
		(void)snprintf(name, sizeof(name), "%s.%lu", label[0] ? label : wish->name, repeat);
	} else {
		(void)snprintf(name, sizeof(name), "%s", label[0] ? label : wish->name);
	}
	item->label = strdup(label);
	item->folder = is_only ? strdup(plan->folder) : ilv_path_join(plan->folder, name);
	item->truth_path = item->folder ? ilv_path_join(item->folder, "truth.json") : NULL;
	item->output_path = item->folder ? ilv_path_join(item->folder, "output.txt") : NULL;
	item->untraced_path = item->folder ? ilv_path_join(item->folder, "untraced.txt") : NULL;
	if (!item->label || !item->truth_path || !item->output_path || !item->untraced_path) {
		return ILV_STATUS_MEMORY;
	}

	/* The one of the two that was not a list is the same for all. */
	return make_arguments(item, wish,
			      is_variant       ? wish->runtimes
			      : item->label[0] ? item->label
					       : NULL,
			      is_variant ? item->label : wish->variants);
}

enum ilv_status ilv_plan_init(struct ilv_plan *plan, const struct ilv_wish *wish)
{
	struct words runtimes;
	struct words variants;
	const struct words *labels;
	bool is_variant;
	size_t label_count;
	enum ilv_status status;

	*plan = (struct ilv_plan){.name = wish->name};
	if (!is_name(wish->name)) {
		ilv_cause_add("There is no job or lesson \"%s\"; `interleave workloads` lists them",
			      wish->name);
		return ILV_STATUS_USAGE;
	}
	status = split(wish->runtimes, "runtime", &runtimes);
	if (status == ILV_STATUS_OK) {
		status = split(wish->variants, "variant", &variants);
	}
	if (status == ILV_STATUS_OK) {
		status = check_passed(wish);
	}
	if (status != ILV_STATUS_OK) {
		return status;
	}
	if (runtimes.count > 1 && variants.count > 1) {
		ilv_cause_add("Several runtimes and several variants cannot be compared at once; "
			      "name one "
			      "of either");
		return ILV_STATUS_USAGE;
	}

	is_variant = variants.count > 1 || (variants.count == 1 && runtimes.count <= 1);
	labels = is_variant ? &variants : &runtimes;
	label_count = labels->count ? labels->count : 1;
	plan->way = is_variant ? " as " : " under ";
	plan->label_count = label_count;
	plan->items = calloc(label_count * wish->repeat_count, sizeof(*plan->items));
	if (wish->folder) {
		plan->folder = strdup(wish->folder);
		status = plan->folder ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
	} else {
		status = ilv_folder_default(wish->name, &plan->folder);
	}
	if (!plan->items || status != ILV_STATUS_OK) {
		return plan->items ? status : ILV_STATUS_MEMORY;
	}

	/* Repeats go round by round: what warms up or cools down on the machine then meets all
	 * alike. */
	for (unsigned long repeat = 1; repeat <= wish->repeat_count; repeat++) {
		for (size_t index = 0; index < label_count && status == ILV_STATUS_OK; index++) {
			status =
				plan_one(plan, wish, labels->count ? labels->texts[index] : "",
					 repeat, label_count * wish->repeat_count == 1, is_variant);
		}
	}

	return status;
}

char **ilv_planned_arguments(const struct ilv_planned *item, const char *option, const char *value)
{
	size_t count = 0;
	char **arguments;

	while (item->arguments[count]) {
		count++;
	}
	arguments = calloc(count + 3, sizeof(*arguments));
	if (arguments) {
		memcpy(arguments, item->arguments, count * sizeof(*arguments));
		arguments[count] = (char *)option;
		arguments[count + 1] = (char *)value;
	}

	return arguments;
}

enum ilv_status ilv_plan_check(struct ilv_plan *plan)
{
	enum ilv_status status = ILV_STATUS_OK;

	for (size_t index = 0; index < plan->label_count && status == ILV_STATUS_OK; index++) {
		char **arguments = ilv_planned_arguments(&plan->items[index], "--check", NULL);

		if (!arguments) {
			return ILV_STATUS_MEMORY;
		}
		status = ilv_launch_check(arguments, &plan->has_untraced_pass);
		free(arguments);
	}

	return status;
}

void ilv_plan_fini(struct ilv_plan *plan)
{
	for (size_t index = 0; index < plan->count; index++) {
		free(plan->items[index].label);
		free(plan->items[index].folder);
		free(plan->items[index].arguments);
		free(plan->items[index].truth_path);
		free(plan->items[index].output_path);
		free(plan->items[index].untraced_path);
	}
	free(plan->items);
	free(plan->folder);
	*plan = (struct ilv_plan){0};
}
