/* SPDX-License-Identifier: MIT */
/* Description: prints the comparison of event scripts: `comparison_dump [--json] [--ascii]
 * [--colour]
 * [--width N] SCRIPT...`. */
#include <stdlib.h>
#include <string.h>

#include "analysis/report/comparison.h"
#include "base/cause.h"
#include "tests/analysis/report_fixture.h"

#define SCRIPT_MAX 16

int main(int argument_count, char **arguments)
{
	struct ilv_text_style style = {.has_unicode = true, .width = 100, .name = "example"};
	struct ilv_report *reports[SCRIPT_MAX] = {NULL};
	const char *names[SCRIPT_MAX] = {NULL};
	struct ilv_comparison *comparison = NULL;
	uint32_t count = 0;
	bool is_json = false;
	enum ilv_status status;

	for (int index = 1; index < argument_count; index++) {
		if (strcmp(arguments[index], "--unicode") == 0) {
			style.has_unicode = true;
		} else if (strcmp(arguments[index], "--json") == 0) {
			is_json = true;
		} else if (strcmp(arguments[index], "--colour") == 0) {
			style.has_colour = true;
		} else if (strcmp(arguments[index], "--ascii") == 0) {
			style.has_unicode = false;
		} else if (strcmp(arguments[index], "--width") == 0 && index + 1 < argument_count) {
			style.width = (unsigned int)atoi(arguments[++index]);
		} else if (count < SCRIPT_MAX) {
			char *script = read_text_file(arguments[index]);
			char *slash = strrchr(arguments[index], '/');

			names[count] = slash ? slash + 1 : arguments[index];
			reports[count++] = report_of_script(script, true);
			free(script);
		}
	}

	status = ilv_comparison_create((const struct ilv_report *const *)reports, names, count,
				       &comparison);
	if (status == ILV_STATUS_OK) {
		status = is_json ? ilv_comparison_write_json(comparison, stdout)
				 : ilv_comparison_write_text(comparison, &style, stdout);
	}

	if (status != ILV_STATUS_OK) {
		(void)fprintf(stderr, "%s: %s\n", ilv_status_text(status), ilv_cause_text());
	}

	ilv_comparison_destroy(comparison);
	while (count > 0) {
		ilv_report_destroy(reports[--count]);
	}

	return status == ILV_STATUS_OK ? 0 : 1;
}
