/* SPDX-License-Identifier: MIT */
/*
 * Description: holds the decoder's table against the events as they are recorded (what
 * every_event.sh expects of the tracepoints): every event is known, and every field of it, by the
 * same names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decode/catalogue.h"

static bool has_field(const struct ilv_catalogue_entry *entry, const char *name)
{
	for (const struct ilv_catalogue_field *field = entry->fields; field->name; field++) {
		if (strcmp(field->name, name) == 0) {
			return true;
		}
	}

	return false;
}

/* Checks one line, `EVENT: { WHO, FIELD = VALUE, ... }`. */
static const struct ilv_catalogue_entry *check_line(const char *line)
{
	const struct ilv_catalogue_entry *entry = NULL;
	char name[128];
	char field_name[64];
	const char *at = NULL;

	(void)snprintf(name, sizeof(name), "interleave:%.*s", (int)strcspn(line, ":"), line);
	entry = ilv_catalogue_find(name);
	if (!entry) {
		fail_msg("not in the catalogue: %s", name);
	}

	for (const struct ilv_catalogue_field *field = entry->fields; field->name; field++) {
		(void)snprintf(field_name, sizeof(field_name), ", %s = ", field->name);
		if (!strstr(line, field_name)) {
			fail_msg("%s has no field %s: %s", name, field->name, line);
		}
	}

	for (at = strstr(line, ", "); at; at = strstr(at + 2, ", ")) {
		if (sscanf(at, ", %63[a-z_] = ", field_name) == 1 &&
		    strncmp(at + 2 + strlen(field_name), " = ", 3) == 0 &&
		    !has_field(entry, field_name)) {
			fail_msg("%s: field %s is not read", name, field_name);
		}
	}

	return entry;
}

static void knows_every_event_and_field(void **state)
{
	bool is_seen[ILV_EVENT_COUNT] = {false};
	char path[512];
	char line[2048];
	const char *source = getenv("ILV_SOURCE");
	FILE *file = NULL;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/tests/tracepoints/every_event.expected",
		       source ? source : ".");
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		is_seen[check_line(line)->type] = true;
	}

	(void)fclose(file);
	for (int type = ILV_EVENT_OTHER + 1; type < ILV_EVENT_RECORDER_CLOSED; type++) {
		if (!is_seen[type]) {
			fail_msg("not recorded: %s",
				 ilv_event_type_name((enum ilv_event_type)type));
		}
	}
}

static void knows_its_own_names(void **state)
{
	(void)state;
	for (int type = ILV_EVENT_OTHER + 1; type < ILV_EVENT_RECORDER_CLOSED; type++) {
		const struct ilv_catalogue_entry *entry =
			ilv_catalogue_find(ilv_event_type_name((enum ilv_event_type)type));

		assert_non_null(entry);
		assert_int_equal(entry->type, type);
	}

	assert_null(ilv_catalogue_find("sched_switch"));
	assert_string_equal(ilv_event_type_name(ILV_EVENT_OTHER), "other");
	assert_string_equal(ilv_event_type_name(ILV_EVENT_RECORDER_CLOSED), "other");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_every_event_and_field),
		cmocka_unit_test(knows_its_own_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
