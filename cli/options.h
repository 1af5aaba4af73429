/* SPDX-License-Identifier: MIT */
/*
 * Description: the options of a command, described once: the same table parses them and prints
 * `--help`. `--help` belongs to every command and stands in no table.
 */
#ifndef ILV_CLI_OPTIONS_H
#define ILV_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum ilv_option_kind {
	ILV_OPTION_FLAG,  /* target: bool */
	ILV_OPTION_TEXT,  /* target: const char *, borrowed from argv */
	ILV_OPTION_COUNT, /* target: unsigned long, at least 1 */
};

struct ilv_option {
	enum ilv_option_kind kind;
	char short_name; /* 0: none */
	const char *long_name;
	const char *value_name; /* NULL for flags */
	const char *help;       /* may hold newlines */
	void *target;
};

struct ilv_usage {
	const char *command;
	const char
		*synopsis; /* what follows the command's name; more forms on lines of their own */
	const char *about; /* one or more whole lines */
	const struct ilv_option *options;
	size_t option_count;
	const char *notes; /* printed after the options; NULL: none */
	/*
	 * True: what the table does not know belongs to somebody else, and is collected in order
	 * with what follows it. Then only one operand is taken, and it comes before all that is
	 * unknown.
	 */
	bool passes_unknown;
	size_t operand_max;
	const char *operand_missing; /* said where there is no operand; NULL: it need not be */
};

struct ilv_arguments {
	const char **operands; /* all borrowed from argv; the arrays are the caller's */
	size_t operand_count;
	const char **passed; /* for somebody else */
	size_t passed_count;
};

/*
 * Parses what follows the command's name. Returns true where the command is to go on; else it ends
 * with `*exit_status`: help was asked for and is printed, or something is wrong, and that is said.
 * `*arguments` is to be given to ilv_arguments_fini() in any case.
 */
bool ilv_options_parse(const struct ilv_usage *usage, int argc, char **argv,
		       struct ilv_arguments *arguments, int *exit_status);
void ilv_arguments_fini(struct ilv_arguments *arguments);

/* Prints `interleave COMMAND --help`. */
void ilv_options_help(const struct ilv_usage *usage);

/* Says what is wrong with the command line, and where to look. Returns ILV_EXIT_USAGE. */
int ilv_usage_error(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Returns the one of `candidates` that `word` was probably meant to be; NULL: none is near. */
const char *ilv_options_nearest(const char *word, const char *const *candidates, size_t count);

#endif /* ILV_CLI_OPTIONS_H */
