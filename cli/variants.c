/* SPDX-License-Identifier: MIT */
/* Description: reads a lesson's variants out of the workload program's table. */
#include "cli/variants.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "cli/launch.h"

#define TABLE_SIZE (1 << 20)

/* The names with commas between them; NULL when memory is short. */
static char *join(const json_t *variants)
{
	const json_t *variant = NULL;
	size_t size = 1;
	size_t index = 0;
	char *list;

	json_array_foreach(variants, index, variant)
	{
		size += json_string_length(json_object_get(variant, "name")) + 1;
	}
	list = calloc(1, size);
	json_array_foreach(variants, index, variant)
	{
		const char *name = json_string_value(json_object_get(variant, "name"));

		if (list && name) {
			(void)strcat(list, list[0] ? "," : "");
			(void)strcat(list, name);
		}
	}

	return list;
}

enum ilv_status ilv_variants_of(const char *program, const char *name, char **list)
{
	char *text = malloc(TABLE_SIZE);
	json_t *table = NULL;
	const json_t *lesson = NULL;
	size_t index = 0;
	enum ilv_status status = ILV_STATUS_MEMORY;

	*list = NULL;
	if (text) {
		status = ilv_launch_list(program, text, TABLE_SIZE);
	}
	if (status != ILV_STATUS_OK) {
		goto end;
	}

	table = json_loads(text, 0, NULL);
	if (!table) {
		ilv_cause_add("\"%s\" does not say what it can run", program);
		status = ILV_STATUS_ERROR;
		goto end;
	}
	json_array_foreach(json_object_get(table, "lessons"), index, lesson)
	{
		const char *found = json_string_value(json_object_get(lesson, "name"));

		if (found && strcmp(found, name) == 0) {
			*list = join(json_object_get(lesson, "variants"));
			status = *list ? ILV_STATUS_OK : ILV_STATUS_MEMORY;
		}
	}

end:
	json_decref(table);
	free(text);

	return status;
}
