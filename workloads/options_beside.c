/* SPDX-License-Identifier: MIT */
/*
 * Description: options of the runtimes that a run is compared with. One command line is for all
 * that it compares: what only some of them know is no mistake of the others.
 */
#include <stdio.h>
#include <string.h>

#include "workloads/options_inner.h"

/* The runtime of the name, or of the workload's variant of that name; NULL: none. */
static const struct ilv_runtime *find_runtime(const struct ilv_workload *workload, const char *name)
{
	for (const struct ilv_variant *variant = workload ? workload->variants : NULL;
	     variant && variant->name; variant++) {
		if (strcmp(variant->name, name) == 0) {
			return ilv_runtime_find(variant->runtime);
		}
	}

	return ilv_runtime_find(name);
}

/* The runtime of the first name of `*list` that has one, `*list` moved on behind it; NULL: of none.
 */
static const struct ilv_runtime *take_next(const struct ilv_workload *workload, const char **list)
{
	const struct ilv_runtime *runtime = NULL;

	while (!runtime && *list && **list) {
		const size_t length = strcspn(*list, ",");
		char name[64];

		(void)snprintf(name, sizeof(name), "%.*s", (int)length, *list);
		runtime = find_runtime(workload, name);
		*list += length + ((*list)[length] == ',');
	}

	return runtime;
}

const struct ilv_option *ilv_options_find_beside(const struct ilv_workload *workload,
						 const char *beside, const char *name,
						 size_t length)
{
	const struct ilv_runtime *runtime = NULL;

	while ((runtime = take_next(workload, &beside)) != NULL) {
		for (const struct ilv_option *option = runtime->options; option && option->name;
		     option++) {
			if (strlen(option->name) == length &&
			    memcmp(option->name, name, length) == 0) {
				return option;
			}
		}
	}

	return NULL;
}

bool ilv_options_has_workers_beside(const struct ilv_workload *workload, const char *beside)
{
	const struct ilv_runtime *runtime = NULL;

	while ((runtime = take_next(workload, &beside)) != NULL) {
		if (runtime->has_workers) {
			return true;
		}
	}

	return false;
}
