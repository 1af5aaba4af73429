/* SPDX-License-Identifier: MIT */
/* Description: the table of what can be run, for people and for programs. */
#include <stdio.h>

#include <jansson.h>

#include "base/cause.h"
#include "workloads/options.h"

void ilv_list_text(void)
{
	printf("Jobs (--runtime says how they are run):\n");
	for (size_t index = 0; ilv_workloads[index]; index++) {
		if (!ilv_workloads[index]->variants) {
			printf("  %-19s %s\n", ilv_workloads[index]->name,
			       ilv_workloads[index]->description);
		}
	}

	printf("\nLessons (all variants side by side, or those of --variant):\n");
	for (size_t index = 0; ilv_workloads[index]; index++) {
		const struct ilv_workload *workload = ilv_workloads[index];

		if (!workload->variants) {
			continue;
		}

		printf("  %-19s %s\n", workload->name, workload->description);
		for (const struct ilv_variant *variant = workload->variants; variant->name;
		     variant++) {
			printf("    %-17s %s (%s)\n", variant->name, variant->description,
			       variant->runtime);
		}
	}

	printf("\nRuntimes:\n");
	for (size_t index = 0; ilv_runtimes[index]; index++) {
		printf("  %-19s %s\n", ilv_runtimes[index]->name, ilv_runtimes[index]->description);
	}
}

static void append_options(json_t *list, const struct ilv_option *options)
{
	static const char *const kinds[] = {
		[ILV_OPTION_KIND_NUMBER] = "number",
		[ILV_OPTION_KIND_CHOICE] = "choice",
		[ILV_OPTION_KIND_TEXT] = "text",
		[ILV_OPTION_KIND_FLAG] = "flag",
	};

	for (const struct ilv_option *option = options; option && option->name; option++) {
		json_t *json = json_pack("{s:s, s:s, s:s}", "name", option->name, "kind",
					 kinds[option->kind], "help", option->help);

		if (option->kind == ILV_OPTION_KIND_NUMBER) {
			(void)json_object_set_new(json, "default",
						  json_integer(option->default_value));
			(void)json_object_set_new(json, "min", json_integer(option->min));
			(void)json_object_set_new(json, "max", json_integer(option->max));
		} else if (option->kind == ILV_OPTION_KIND_CHOICE) {
			json_t *choices = json_array();

			for (size_t index = 0; option->choices[index]; index++) {
				(void)json_array_append_new(choices,
							    json_string(option->choices[index]));
			}

			(void)json_object_set_new(
				json, "default",
				json_string(option->choices[option->default_value]));
			(void)json_object_set_new(json, "choices", choices);
		}

		(void)json_array_append_new(list, json);
	}
}

static json_t *options_json(const struct ilv_workload *workload)
{
	json_t *options = json_array();

	(void)json_array_append_new(
		options, json_pack("{s:s, s:s, s:s, s:I, s:i, s:I}", "name", "jobs", "kind",
				   "number", "help", workload->job_noun, "default",
				   (json_int_t)workload->default_job_count, "min", 1, "max",
				   (json_int_t)workload->max_job_count));
	append_options(options, workload->options);

	return options;
}

static json_t *variants_json(const struct ilv_workload *workload)
{
	json_t *variants = json_array();

	for (const struct ilv_variant *variant = workload->variants; variant->name; variant++) {
		(void)json_array_append_new(
			variants, json_pack("{s:s, s:s, s:s}", "name", variant->name, "runtime",
					    variant->runtime, "description", variant->description));
	}

	return variants;
}

static const char *unit_name(enum ilv_unit unit)
{
	static const char *const names[] = {
		[ILV_UNIT_THREAD] = "thread",
		[ILV_UNIT_TASK] = "task",
		[ILV_UNIT_PROCESS] = "process",
		[ILV_UNIT_POOL_JOB] = "pool-job",
	};

	return names[unit];
}

enum ilv_status ilv_list_json(void)
{
	enum ilv_status status = ILV_STATUS_OK;
	json_t *jobs = json_array();
	json_t *lessons = json_array();
	json_t *runtimes = json_array();
	json_t *list = NULL;

	for (size_t index = 0; ilv_workloads[index]; index++) {
		const struct ilv_workload *workload = ilv_workloads[index];
		json_t *entry = json_pack("{s:s, s:s, s:s, s:o}", "name", workload->name,
					  "description", workload->description, "shows",
					  workload->shows, "options", options_json(workload));

		if (workload->variants) {
			(void)json_object_set_new(entry, "variants", variants_json(workload));
		}

		(void)json_array_append_new(workload->variants ? lessons : jobs, entry);
	}

	for (size_t index = 0; ilv_runtimes[index]; index++) {
		const struct ilv_runtime *runtime = ilv_runtimes[index];

		json_t *own_options = json_array();

		append_options(own_options, runtime->options);
		(void)json_array_append_new(
			runtimes,
			json_pack("{s:s, s:s, s:s, s:s, s:b, s:o}", "name", runtime->name,
				  "description", runtime->description, "shows", runtime->shows,
				  "unit", unit_name(runtime->unit), "has_workers",
				  runtime->has_workers, "options", own_options));
	}

	list = json_pack("{s:s, s:i, s:o, s:o, s:o}", "format", "interleave-workloads", "version",
			 1, "jobs", jobs, "lessons", lessons, "runtimes", runtimes);
	if (!list || json_dumpf(list, stdout, JSON_INDENT(1)) != 0 || putchar('\n') == EOF) {
		ilv_cause_add("Cannot print the list");
		status = ILV_STATUS_IO;
	}

	json_decref(list);

	return status;
}
