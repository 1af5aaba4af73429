/* SPDX-License-Identifier: MIT */
/*
 * Description: a tool of the tests: reads an event script and writes what the model makes of it, a
 * line each. Golden files (tests/data/model_*.expected) are its output. Usage: model_dump SCRIPT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "tests/analysis/model_print.h"

static char *read_all(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t size = 0;
	size_t length = 0;
	char *text = NULL;

	while (file && !feof(file)) {
		char *larger = realloc(text, size + 65536 + 1);

		if (!larger) {
			break;
		}
		text = larger;
		size += 65536;
		length += fread(text + length, 1, size - length, file);
		text[length] = '\0';
		if (ferror(file)) {
			break;
		}
	}
	if (!file || ferror(file)) {
		fprintf(stderr, "Cannot read script: path=\"%s\"\n", path);
		free(text);
		text = NULL;
	}
	if (file) {
		fclose(file);
	}
	return text;
}

int main(int argc, char **argv)
{
	struct ilv_model_print_options options = {
		.has_changes = true, .has_intervals = true, .has_facts = true};
	enum ilv_status status;
	char *text;

	if (argc != 2) {
		fprintf(stderr, "Usage: model_dump SCRIPT\n");
		return 2;
	}
	text = read_all(argv[1]);
	if (!text) {
		return 1;
	}

	/* What the script shows is said in its first line, between blanks. */
	if (strstr(text, "# only intervals")) {
		options.has_changes = false;
	}
	if (strstr(text, "# only changes")) {
		options.has_intervals = false;
	}
	options.is_run_implied = strstr(text, "# implied run") != NULL;
	status = ilv_model_print(text, &options, stdout);
	if (status < 0) {
		fprintf(stderr, "%s: %s\n", ilv_status_text(status), ilv_cause_text());
	}
	free(text);
	return status < 0 ? 1 : 0;
}
