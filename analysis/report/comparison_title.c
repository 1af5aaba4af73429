/* SPDX-License-Identifier: MIT */
/* Description: the title of a comparison, the job in words, and the labels that tell its runs
 * apart. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/verdict.h"
#include "base/duration.h"

#define MILLION 1000000

/*
 * How parameters are said; `%s` stands for the value. What says nothing in a title is hidden: all
 * of it with "*", else the value that means "not".
 */
static const struct {
	const char *key, *one, *many, *hidden;
} phrases[] = {
	{"jobs", "%s job", "%s jobs", NULL},
	{"seed", NULL, NULL, "*"},
	{"cpus", NULL, NULL, "*"}, /* at the title's end already */
	{"count", "count %s", "count %s", "1"},
	{"yield-every", "a yield every block", "a yield every %s blocks", "0"},
	{"requests", "%s request each", "%s requests each", NULL},
	{"queries", "%s query each", "%s queries each", NULL},
	{"service-ms", "answered in %s ms", "answered in %s ms", NULL},
	{"service-us", "answered in %s \u00b5s", "answered in %s \u00b5s", NULL},
	{"body-kib", NULL, NULL, "*"},
	{"passes", NULL, NULL, "*"},
	/* Tenths and per cents: what a picture is made of, and not how much of it. */
	{"scale", NULL, NULL, "*"},
	{"sigma", NULL, NULL, "*"},
	{"brightness", NULL, NULL, "*"},
	{"sleep-ms", "naps of %s ms", "naps of %s ms", NULL},
	{"naps", "%s each", "%s each", NULL},
	{"children", "%s child each", "%s children each", "0"},
	{"increments", "%s increment each", "%s increments each", NULL},
};

/* Takes the next "key=value" off `*rest`. Returns its length; 0: there is none. */
static size_t take_word(const char **rest, const char **word)
{
	size_t length;

	*rest += strspn(*rest, " ");
	*word = *rest;
	length = strcspn(*rest, " ");
	*rest += length;
	return length;
}

static bool has_word(const char *parameters, const char *wanted, size_t wanted_length)
{
	const char *rest = parameters ? parameters : "";
	const char *word;
	size_t length;

	while ((length = take_word(&rest, &word)) > 0) {
		if (length == wanted_length && memcmp(word, wanted, length) == 0) {
			return true;
		}
	}

	return false;
}

/* True where all runs have this parameter with this value. */
static bool is_common(const struct ilv_comparison *comparison, const char *word, size_t length)
{
	for (uint32_t index = 0; index < comparison->run_count; index++) {
		if (!has_word(comparison->runs[index].run->parameters, word, length)) {
			return false;
		}
	}

	return true;
}

static bool is_number(const char *text)
{
	size_t length = strspn(text, "0123456789");

	return length > 0 && length < 18 && text[length] == '\0';
}

static bool ends_with(const char *text, const char *end)
{
	return strlen(text) > strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

/* Writes a count as a title has it: "1,204", and of round millions "10 million". */
static void spell_count(int64_t count, char *text, size_t size)
{
	char whole[ILV_DURATION_TEXT_SIZE];

	if (count < MILLION || count % (MILLION / 10) != 0) {
		ilv_count_text(count, text, size);
		return;
	}

	ilv_count_text(count / MILLION, whole, sizeof(whole));
	if (count % MILLION == 0) {
		(void)snprintf(text, size, "%s million", whole);
	} else {
		(void)snprintf(text, size, "%s.%d million", whole,
			       (int)(count % MILLION / (MILLION / 10)));
	}
}

/* Takes the unit off the end of `key`, where it has the one called `unit`. */
static bool take_unit(char *key, const char *unit)
{
	size_t length = strlen(key);
	size_t unit_length = strlen(unit);

	if (length < unit_length + 2 || strcmp(key + length - unit_length, unit) != 0 ||
	    (key[length - unit_length - 1] != '-' && key[length - unit_length - 1] != '_')) {
		return false;
	}

	key[length - unit_length - 1] = '\0';
	return true;
}

/* A parameter that no phrase is known for: "5 workers", "timeout 30 ms", "depth 3". */
static void write_generic(FILE *stream, char *key, const char *value, const char *spelled)
{
	int64_t number = is_number(value) ? strtoll(value, NULL, 10) : 0;
	bool is_ns = take_unit(key, "ns") || strcmp(key, "gap") == 0;
	bool is_us = !is_ns && number <= INT64_MAX / 1000 &&
		     (take_unit(key, "us") || strcmp(key, "switch-interval") == 0);
	const char *unit = is_ns || is_us          ? NULL
			   : take_unit(key, "ms")  ? "ms"
			   : take_unit(key, "kib") ? "KiB"
			   : take_unit(key, "mib") ? "MiB"
						   : NULL;
	char text[ILV_DURATION_TEXT_SIZE];

	for (char *at = key; *at; at++) {
		*at = *at == '-' || *at == '_' ? ' ' : *at;
	}

	if (is_number(value) && (is_ns || is_us)) {
		ilv_duration_text(is_us ? number * 1000 : number, text, sizeof(text));
		(void)fprintf(stream, "%s %s", key, text);
	} else if (is_number(value) && unit) {
		(void)fprintf(stream, "%s %s %s", key, spelled, unit);
	} else if (is_number(value) && ends_with(key, "s") && !ends_with(key, "ss")) {
		(void)fprintf(stream, "%s %.*s", spelled,
			      (int)strlen(key) - (strcmp(value, "1") == 0), key);
	} else {
		(void)fprintf(stream, "%s %s", key, value);
	}
}

/* Writes one parameter in words after `separator`. Returns whether there was anything to say. */
static bool write_parameter(FILE *stream, const char *separator, char *key, const char *value)
{
	char number[2 * ILV_DURATION_TEXT_SIZE]; /* with its "million" */
	const char *spelled = value;

	if (is_number(value)) {
		spell_count(strtoll(value, NULL, 10), number, sizeof(number));
		spelled = number;
	}

	for (size_t index = 0; index < sizeof(phrases) / sizeof(phrases[0]); index++) {
		const char *phrase =
			strcmp(value, "1") == 0 ? phrases[index].one : phrases[index].many;
		const char *mark = phrase ? strstr(phrase, "%s") : NULL;

		if (strcmp(key, phrases[index].key) != 0) {
			continue;
		}

		if (phrases[index].hidden && (strcmp(phrases[index].hidden, "*") == 0 ||
					      strcmp(phrases[index].hidden, value) == 0)) {
			return false;
		}

		(void)fputs(separator, stream);
		if (mark) {
			(void)fprintf(stream, "%.*s%s%s", (int)(mark - phrase), phrase, spelled,
				      mark + 2);
		} else {
			(void)fputs(phrase, stream);
		}

		return true;
	}

	(void)fputs(separator, stream);
	write_generic(stream, key, value, spelled);
	return true;
}

/* Writes the parameters that all runs have in common. Returns false when memory is short. */
static bool write_parameters(FILE *stream, const struct ilv_comparison *comparison)
{
	const char *rest = comparison->runs[0].run->parameters;
	const char *separator = ": ";
	const char *word;
	size_t length;

	while (rest && (length = take_word(&rest, &word)) > 0) {
		char *key = strndup(word, length);
		char *value = key ? strchr(key, '=') : NULL;

		if (!key) {
			return false;
		}

		if (value && value > key && value[1] && is_common(comparison, word, length)) {
			*value++ = '\0';
			if (write_parameter(stream, separator, key, value)) {
				separator = ", ";
			}
		}

		free(key);
	}

	return true;
}

/* "a", "a and b", "a, b and c". */
static void write_list(FILE *stream, const struct ilv_comparison *comparison)
{
	for (uint32_t index = 0; index < comparison->run_count; index++) {
		const char *separator = index == 0                          ? ""
					: index + 1 < comparison->run_count ? ", "
									    : " and ";

		(void)fprintf(stream, "%s%s", separator, comparison->runs[index].label);
	}
}

char *ilv_comparison_title(const struct ilv_comparison *comparison)
{
	const struct ilv_report_run *first = comparison->runs[0].run;
	int64_t cpu_count = first->cpu_count;
	bool is_same_job = first->workload != NULL;
	bool is_whole = true;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream) {
		return NULL;
	}

	for (uint32_t index = 1; index < comparison->run_count; index++) {
		const struct ilv_report_run *run = comparison->runs[index].run;

		is_same_job =
			is_same_job && run->workload && strcmp(first->workload, run->workload) == 0;
		cpu_count = run->cpu_count == cpu_count ? cpu_count : ILV_UNKNOWN;
	}

	if (is_same_job) {
		(void)fputs(first->workload, stream);
		is_whole = write_parameters(stream, comparison);
	} else {
		write_list(stream, comparison);
	}

	if (cpu_count != ILV_UNKNOWN) {
		(void)fprintf(stream, ", on %lld %s", (long long)cpu_count,
			      cpu_count == 1 ? "CPU" : "CPUs");
	}

	if (fclose(stream) != 0 || !is_whole) {
		free(text);
		return NULL;
	}

	return text;
}

/* What a run can be called by. */
enum attribute {
	ATTRIBUTE_VARIANT = 1 << 0,
	ATTRIBUTE_RUNTIME = 1 << 1,
	ATTRIBUTE_WORKLOAD = 1 << 2,
	ATTRIBUTE_PARAMETERS = 1 << 3, /* those in which the runs differ */
	ATTRIBUTE_NAME = 1 << 4,       /* the recording's */
};

/* The plainest first. */
static const unsigned int choices[] = {
	ATTRIBUTE_VARIANT,
	ATTRIBUTE_RUNTIME,
	ATTRIBUTE_WORKLOAD,
	ATTRIBUTE_WORKLOAD | ATTRIBUTE_VARIANT,
	ATTRIBUTE_WORKLOAD | ATTRIBUTE_RUNTIME,
	ATTRIBUTE_PARAMETERS,
	ATTRIBUTE_RUNTIME | ATTRIBUTE_PARAMETERS,
	ATTRIBUTE_NAME,
};

static bool is_told(const char *text)
{
	return text && text[0];
}

static void add_text(FILE *stream, const char *text)
{
	(void)fprintf(stream, "%s%s", ftell(stream) > 0 ? " " : "", text);
}

/* Writes the parameters that not all runs share. Returns whether there are any. */
static bool add_differences(FILE *stream, const struct ilv_comparison *comparison,
			    const struct ilv_report_run *run)
{
	const char *rest = run->parameters;
	const char *word;
	bool is_any = false;
	size_t length;

	while (rest && (length = take_word(&rest, &word)) > 0) {
		if (!is_common(comparison, word, length)) {
			(void)fprintf(stream, "%s%.*s", ftell(stream) > 0 ? " " : "", (int)length,
				      word);
			is_any = true;
		}
	}

	return is_any;
}

/* Sets the label of a run by `attributes`. ILV_STATUS_END: it does not have them all. */
static enum ilv_status set_label(const struct ilv_comparison *comparison, uint32_t index,
				 unsigned int attributes, const char *name)
{
	struct ilv_compared_run *compared = &comparison->runs[index];
	const struct ilv_report_run *run = compared->run;
	bool has_all = true;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream) {
		return ILV_STATUS_MEMORY;
	}

	if (attributes & ATTRIBUTE_WORKLOAD) {
		has_all = has_all && is_told(run->workload);
		add_text(stream, is_told(run->workload) ? run->workload : name);
	}

	if (attributes & ATTRIBUTE_RUNTIME) {
		has_all = has_all && is_told(run->runtime);
		add_text(stream, is_told(run->runtime) ? run->runtime : name);
	}

	if (attributes & ATTRIBUTE_VARIANT) {
		has_all = has_all && is_told(run->variant);
		add_text(stream, is_told(run->variant) ? run->variant : name);
	}

	if (attributes & ATTRIBUTE_PARAMETERS) {
		has_all = add_differences(stream, comparison, run) && has_all;
	}

	if (attributes & ATTRIBUTE_NAME) {
		add_text(stream, name);
	}

	if (fclose(stream) != 0) {
		free(text);
		return ILV_STATUS_MEMORY;
	}

	free(compared->label);
	compared->label = text;
	return has_all ? ILV_STATUS_OK : ILV_STATUS_END;
}

/* Whether another run before `index` is called so. */
static bool is_taken(const struct ilv_comparison *comparison, uint32_t index, const char *label)
{
	for (uint32_t before = 0; before < index; before++) {
		if (strcmp(comparison->runs[before].label, label) == 0) {
			return true;
		}
	}

	return false;
}

/* Tries to call all runs by `attributes`: ILV_STATUS_END where they would not be told apart. */
static enum ilv_status try_labels(const struct ilv_comparison *comparison, unsigned int attributes,
				  const char *const *names)
{
	for (uint32_t index = 0; index < comparison->run_count; index++) {
		enum ilv_status status = set_label(comparison, index, attributes, names[index]);

		if (status != ILV_STATUS_OK) {
			return status;
		}

		if (is_taken(comparison, index, comparison->runs[index].label)) {
			return ILV_STATUS_END;
		}
	}

	return ILV_STATUS_OK;
}

/* Numbers those that are called alike: "threads", "threads (2)". Not with #, which chooses a run.
 */
static enum ilv_status number_labels(const struct ilv_comparison *comparison,
				     unsigned int attributes, const char *const *names)
{
	for (uint32_t index = 0; index < comparison->run_count; index++) {
		struct ilv_compared_run *compared = &comparison->runs[index];
		enum ilv_status status = set_label(comparison, index, attributes, names[index]);
		char *plain;

		if (status < 0) {
			return status;
		}

		plain = compared->label;
		for (uint32_t number = 2; is_taken(comparison, index, compared->label); number++) {
			char *numbered = NULL;

			if (asprintf(&numbered, "%s (%u)", plain, number) < 0) {
				numbered = NULL;
			}

			if (compared->label != plain) {
				free(compared->label);
			}

			compared->label = numbered;
			if (!numbered) {
				free(plain);
				return ILV_STATUS_MEMORY;
			}
		}

		if (compared->label != plain) {
			free(plain);
		}
	}

	return ILV_STATUS_OK;
}

static bool differ(const char *left, const char *right)
{
	return strcmp(left ? left : "", right ? right : "") != 0;
}

/* Whether not all runs are of one job. */
static bool has_other_jobs(const struct ilv_comparison *comparison)
{
	for (uint32_t index = 1; index < comparison->run_count; index++) {
		if (differ(comparison->runs[0].run->workload,
			   comparison->runs[index].run->workload)) {
			return true;
		}
	}

	return false;
}

enum ilv_status ilv_comparison_set_labels(struct ilv_comparison *comparison,
					  const char *const *names)
{
	const struct ilv_report_run *first = comparison->runs[0].run;
	const bool is_any_job = has_other_jobs(comparison);
	unsigned int attributes = 0;

	for (size_t index = 0; index < sizeof(choices) / sizeof(choices[0]); index++) {
		enum ilv_status status;

		/* Whose runtimes or variants differ too is another job all the same. */
		if (is_any_job && !(choices[index] & (ATTRIBUTE_WORKLOAD | ATTRIBUTE_NAME))) {
			continue;
		}

		status = try_labels(comparison, choices[index], names);
		if (status != ILV_STATUS_END) {
			return status;
		}
	}

	/* Nothing tells them all apart: repeats, say. What differs is said, and the rest counted.
	 */
	for (uint32_t index = 1; index < comparison->run_count; index++) {
		const struct ilv_report_run *run = comparison->runs[index].run;

		if (differ(first->workload, run->workload)) {
			attributes |= ATTRIBUTE_WORKLOAD;
		}

		if (differ(first->runtime, run->runtime)) {
			attributes |= ATTRIBUTE_RUNTIME;
		}
	}

	if (attributes == 0) {
		attributes = is_told(first->runtime) ? ATTRIBUTE_RUNTIME : ATTRIBUTE_NAME;
	}

	return number_labels(comparison, attributes, names);
}
