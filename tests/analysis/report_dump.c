/* SPDX-License-Identifier: MIT */
/* Description: prints the report of an event script: `report_dump SCRIPT [--json] [--ascii]
 * [--colour] [--width N]`. */
#include <stdlib.h>
#include <string.h>

#include "tests/analysis/report_fixture.h"

int main(int argument_count, char **arguments)
{
	struct ilv_text_style style = {.has_unicode = true, .width = 100, .name = "example"};
	struct ilv_report *report;
	bool is_json = false;
	enum ilv_status status;
	char *script;

	if (argument_count < 2) {
		(void)fprintf(stderr, "usage: report_dump SCRIPT [options]\n");
		return 2;
	}
	for (int index = 2; index < argument_count; index++) {
		is_json |= strcmp(arguments[index], "--json") == 0;
		style.has_colour |= strcmp(arguments[index], "--colour") == 0;
		if (strcmp(arguments[index], "--ascii") == 0) {
			style.has_unicode = false;
		}
		if (strcmp(arguments[index], "--width") == 0 && index + 1 < argument_count) {
			style.width = (unsigned int)atoi(arguments[index + 1]);
		}
	}

	script = read_text_file(arguments[1]);
	report = report_of_script(script, true);
	status = is_json ? ilv_report_write_json(report, stdout)
			 : ilv_report_write_text(report, UINT32_MAX, &style, stdout);
	ilv_report_destroy(report);
	free(script);
	return status == ILV_STATUS_OK ? 0 : 1;
}
