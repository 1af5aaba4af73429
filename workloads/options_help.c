/* SPDX-License-Identifier: MIT */
/* Description: the options that all workloads have, and how the program says what it takes. */
#include <stdio.h>
#include <string.h>

#include "workloads/options_inner.h"

#define WIDTH 96

const struct ilv_common_option ilv_common_options[] = {
	{"runtime", ILV_COMMON_WORD, "R",
	 "what runs the jobs; --list names them (default: threads)"},
	{"variant", ILV_COMMON_WORD, "V", "which variant of a lesson; --list names them"},
	{"jobs", ILV_COMMON_WORD, "N", "how many jobs, threads or tasks"},
	{"seed", ILV_COMMON_WORD, "S", "the result is the same for a seed (default: 1)"},
	{"workers", ILV_COMMON_WORD, "N", "workers of a pool, for runtimes that have one"},
	{"cpus", ILV_COMMON_WORD, "N", "use only the first N of the allowed CPUs"},
	{"beside", ILV_COMMON_WORD, "NAMES",
	 "runtimes or variants that this run is compared with: their options are ignored"},
	{"truth", ILV_COMMON_WORD, "FILE", "write what the run counted of itself, as JSON"},
	{"switch-source", ILV_COMMON_WORD, "S",
	 "how thread switches are seen: auto, perf+wakeups, perf, rusage or none"},
	{"list", ILV_COMMON_FLAG, NULL, "list jobs, lessons and runtimes"},
	{"json", ILV_COMMON_FLAG, NULL, "with --list: as JSON"},
	{"check", ILV_COMMON_FLAG, NULL, "run nothing: only say whether the arguments make sense"},
	{"untraced", ILV_COMMON_FLAG, NULL,
	 "only measure what the run is to know without tracing, and print that"},
	{"untraced-from", ILV_COMMON_WORD, "FILE", "take what --untraced has printed from there"},
	{"help", ILV_COMMON_FLAG, NULL, "this; after NAME: what NAME takes"},
	{"version", ILV_COMMON_FLAG, NULL, "the version"},
	{0},
};

const struct ilv_common_option *ilv_options_find_common(const char *name, size_t length)
{
	for (size_t index = 0; ilv_common_options[index].name; index++) {
		const struct ilv_common_option *option = &ilv_common_options[index];

		if (strlen(option->name) == length && memcmp(option->name, name, length) == 0) {
			return option;
		}
	}

	return NULL;
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

/* In lines of whole words. */
static void print_wrapped(const char *text)
{
	size_t used = 0;

	while (*text) {
		size_t length = strcspn(text, " ");

		if (used > 0 && used + 1 + length > WIDTH) {
			putchar('\n');
			used = 0;
		}
		used += (size_t)printf("%s%.*s", used > 0 ? " " : "", (int)length, text);
		text += length;
		text += strspn(text, " ");
	}

	putchar('\n');
}

void ilv_options_help(const struct ilv_workload *workload)
{
	printf("usage: interleave-workload %s [options]\n", workload ? workload->name : "NAME");
	if (workload) {
		printf("\n%s: %s.\n", workload->name, workload->description);
		print_wrapped(workload->shows);
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
	for (size_t index = 0; ilv_common_options[index].name; index++) {
		const struct ilv_common_option *option = &ilv_common_options[index];
		char name[32];

		if (workload &&
		    (strcmp(option->name, "jobs") == 0 || option->kind == ILV_COMMON_FLAG)) {
			continue;
		}

		(void)snprintf(name, sizeof(name), "%s %s", option->name,
			       option->value_name ? option->value_name : "");
		printf("  --%-16s %s\n", name, option->help);
	}
}
