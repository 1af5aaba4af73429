/* SPDX-License-Identifier: MIT */
/* Description: parses a command's options by its table, and prints the table as help. */
#include "cli/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exit.h"
#include "cli/message.h"

#define HELP_COLUMN 30
#define WORD_MAX    40
#define COUNT_MAX   1000000UL

int ilv_usage_error(const char *command, const char *format, ...)
{
	va_list arguments;
	char text[1024];

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	ilv_message("%s (see `interleave %s%s--help`)", text, command, command[0] ? " " : "");

	return ILV_EXIT_USAGE;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many letters must be put in, taken out or changed to make `b` of `a`. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1];
	size_t width = strlen(b);

	if (strlen(a) > WORD_MAX || width > WORD_MAX) {
		return WORD_MAX;
	}

	for (size_t column = 0; column <= width; column++) {
		row[column] = column;
	}

	for (size_t line = 1; a[line - 1]; line++) {
		size_t diagonal = row[0];

		row[0] = line;
		for (size_t column = 1; column <= width; column++) {
			size_t changed = diagonal + (a[line - 1] != b[column - 1]);

			diagonal = row[column];
			row[column] = smallest(changed, row[column] + 1, row[column - 1] + 1);
		}
	}

	return row[width];
}

const char *ilv_options_nearest(const char *word, const char *const *candidates, size_t count)
{
	const char *nearest = NULL;
	size_t least = 3;

	for (size_t index = 0; index < count; index++) {
		size_t distance = edit_distance(word, candidates[index]);

		if (distance < least && distance < strlen(word)) {
			least = distance;
			nearest = candidates[index];
		}
	}

	return nearest;
}

static void print_indented(const char *text, int indent)
{
	for (const char *line = text; line;) {
		const char *end = strchr(line, '\n');

		printf("%.*s\n", end ? (int)(end - line) : (int)strlen(line), line);
		line = end ? end + 1 : NULL;
		if (line) {
			printf("%*s", indent, "");
		}
	}
}

static void print_option(const struct ilv_option *option)
{
	char left[128];
	int length;

	length = snprintf(left, sizeof(left), "  %c%c%s --%s%s%s", option->short_name ? '-' : ' ',
			  option->short_name ? option->short_name : ' ',
			  option->short_name ? "," : " ", option->long_name,
			  option->value_name ? " " : "",
			  option->value_name ? option->value_name : "");
	if (length >= HELP_COLUMN) {
		printf("%s\n%*s", left, HELP_COLUMN, "");
	} else {
		printf("%-*s", HELP_COLUMN, left);
	}
	print_indented(option->help, HELP_COLUMN);
}

void ilv_options_help(const struct ilv_usage *usage)
{
	static const struct ilv_option help = {
		.short_name = 'h', .long_name = "help", .help = "print this and end"};

	printf("usage: ");
	for (const char *line = usage->synopsis; line;) {
		const char *end = strchr(line, '\n');

		printf("interleave %s %.*s\n", usage->command,
		       end ? (int)(end - line) : (int)strlen(line), line);
		line = end ? end + 1 : NULL;
		if (line) {
			printf("       ");
		}
	}
	printf("\n%s\n\noptions:\n", usage->about);
	for (size_t index = 0; index < usage->option_count; index++) {
		print_option(&usage->options[index]);
	}
	print_option(&help);
	if (usage->notes) {
		printf("\n%s\n", usage->notes);
	}
}

static const struct ilv_option *find_long(const struct ilv_usage *usage, const char *name,
					  size_t length)
{
	for (size_t index = 0; index < usage->option_count; index++) {
		const struct ilv_option *option = &usage->options[index];

		if (strncmp(option->long_name, name, length) == 0 &&
		    option->long_name[length] == '\0') {
			return option;
		}
	}

	return NULL;
}

static const struct ilv_option *find_short(const struct ilv_usage *usage, char name)
{
	for (size_t index = 0; index < usage->option_count; index++) {
		if (usage->options[index].short_name == name) {
			return &usage->options[index];
		}
	}

	return NULL;
}

static bool set_count(const struct ilv_usage *usage, const struct ilv_option *option,
		      const char *value)
{
	char *end;
	unsigned long count;

	errno = 0;
	count = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || count == 0 ||
	    count > COUNT_MAX) {
		(void)ilv_usage_error(usage->command,
				      "--%s wants a number of at least 1, not \"%s\"",
				      option->long_name, value);
		return false;
	}
	*(unsigned long *)option->target = count;

	return true;
}

static bool set(const struct ilv_usage *usage, const struct ilv_option *option, const char *value)
{
	switch (option->kind) {
	case ILV_OPTION_FLAG:
		*(bool *)option->target = true;
		return true;
	case ILV_OPTION_TEXT:
		if (value[0] == '\0') {
			(void)ilv_usage_error(usage->command, "--%s wants %s, not an empty word",
					      option->long_name, option->value_name);
			return false;
		}
		*(const char **)option->target = value;
		return true;
	case ILV_OPTION_COUNT:
		return set_count(usage, option, value);
	}

	return false;
}

static void say_unknown(const struct ilv_usage *usage, const char *word)
{
	const char *names[32];
	size_t count = 0;
	size_t length = strcspn(word, "=");
	char name[WORD_MAX + 1];
	const char *nearest = NULL;

	for (; count < usage->option_count && count < 31; count++) {
		names[count] = usage->options[count].long_name;
	}
	names[count++] = "help";
	if (strncmp(word, "--", 2) == 0 && length - 2 < sizeof(name)) {
		memcpy(name, word + 2, length - 2);
		name[length - 2] = '\0';
		nearest = ilv_options_nearest(name, names, count);
	}
	if (nearest) {
		(void)ilv_usage_error(usage->command, "there is no option %.*s; is --%s meant?",
				      (int)length, word, nearest);
	} else {
		(void)ilv_usage_error(usage->command, "there is no option %.*s", (int)length, word);
	}
}

/* Takes the option at `argv[*index]`, and its value. Returns false when it is wrong; it said so
 * then. */
static bool take_option(const struct ilv_usage *usage, int argc, char **argv, int *index,
			const struct ilv_option *option, const char *attached)
{
	if (option->kind == ILV_OPTION_FLAG) {
		if (attached) {
			(void)ilv_usage_error(usage->command, "--%s takes no value",
					      option->long_name);
			return false;
		}
		return set(usage, option, NULL);
	}

	if (!attached) {
		if (*index + 1 >= argc) {
			(void)ilv_usage_error(usage->command, "--%s wants %s", option->long_name,
					      option->value_name);
			return false;
		}
		attached = argv[++*index];
	}

	return set(usage, option, attached);
}

/* Finds the table's option for `word`, and the value that is part of the word. */
static const struct ilv_option *find(const struct ilv_usage *usage, const char *word,
				     const char **attached)
{
	const struct ilv_option *option;

	*attached = NULL;
	if (word[1] == '-') {
		size_t length = strcspn(word + 2, "=");

		option = find_long(usage, word + 2, length);
		*attached = word[2 + length] == '=' ? word + 2 + length + 1 : NULL;
		return option;
	}

	option = find_short(usage, word[1]);
	if (option && word[2] != '\0') {
		if (option->kind == ILV_OPTION_FLAG) {
			return NULL;
		}
		*attached = word + 2;
	}

	return option;
}

bool ilv_options_parse(const struct ilv_usage *usage, int argc, char **argv,
		       struct ilv_arguments *arguments, int *exit_status)
{
	bool only_operands = false;

	*exit_status = ILV_EXIT_USAGE;
	*arguments = (struct ilv_arguments){
		.operands = calloc((size_t)argc + 1, sizeof(char *)),
		.passed = calloc((size_t)argc + 1, sizeof(char *)),
	};
	if (!arguments->operands || !arguments->passed) {
		ilv_message("%s", ilv_status_text(ILV_STATUS_MEMORY));
		return false;
	}

	for (int index = 0; index < argc; index++) {
		const char *word = argv[index];
		const struct ilv_option *option;
		const char *attached;

		if (only_operands || word[0] != '-' || word[1] == '\0') {
			if (usage->passes_unknown && arguments->passed_count > 0) {
				arguments->passed[arguments->passed_count++] = word;
			} else if (arguments->operand_count == usage->operand_max) {
				(void)ilv_usage_error(usage->command, "\"%s\" is one too many",
						      word);
				return false;
			} else {
				arguments->operands[arguments->operand_count++] = word;
			}
			continue;
		}
		if (strcmp(word, "--") == 0) {
			only_operands = true;
			continue;
		}
		if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			ilv_options_help(usage);
			*exit_status = ILV_EXIT_DONE;
			return false;
		}

		option = find(usage, word, &attached);
		if (option) {
			if (!take_option(usage, argc, argv, &index, option, attached)) {
				return false;
			}
		} else if (usage->passes_unknown &&
			   arguments->operand_count == usage->operand_max) {
			arguments->passed[arguments->passed_count++] = word;
		} else {
			say_unknown(usage, word);
			return false;
		}
	}

	if (usage->operand_missing && arguments->operand_count == 0) {
		(void)ilv_usage_error(usage->command, "%s", usage->operand_missing);
		return false;
	}

	return true;
}

void ilv_arguments_fini(struct ilv_arguments *arguments)
{
	free(arguments->operands);
	free(arguments->passed);
	*arguments = (struct ilv_arguments){0};
}
