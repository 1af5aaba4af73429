/* SPDX-License-Identifier: MIT */
/* Description: that what workloads say of themselves holds together: runtimes and options of their
 * variants exist, and a job can be run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "workloads/workload.h"

static const struct ilv_option *find_option(const struct ilv_option *options, const char *name)
{
	for (; options && options->name; options++) {
		if (strcmp(options->name, name) == 0) {
			return options;
		}
	}

	return NULL;
}

static void check_option(const struct ilv_variant *variant, const struct ilv_option_value *set)
{
	const struct ilv_option *option =
		find_option(ilv_runtime_find(variant->runtime)->options, set->name);
	int64_t choice_count = 0;

	if (!option) {
		fail_msg("variant %s: runtime %s has no option %s", variant->name, variant->runtime,
			 set->name);
		return;
	}

	switch (option->kind) {
	case ILV_OPTION_KIND_NUMBER:
		assert_in_range(set->value, option->min, option->max);
		break;
	case ILV_OPTION_KIND_CHOICE:
		while (option->choices[choice_count]) {
			choice_count++;
		}

		assert_in_range(set->value, 0, choice_count - 1);
		break;
	default:
		fail_msg("variant %s: %s is neither a number nor a choice", variant->name,
			 set->name);
	}
}

static void test_variants(void **state)
{
	size_t set_count = 0;

	(void)state;
	for (size_t index = 0; ilv_workloads[index]; index++) {
		const struct ilv_variant *variant = ilv_workloads[index]->variants;

		for (; variant && variant->name; variant++) {
			assert_non_null(ilv_runtime_find(variant->runtime));
			for (size_t set = 0;
			     set < ILV_VARIANT_OPTION_MAX && variant->options[set].name; set++) {
				check_option(variant, &variant->options[set]);
				set_count++;
			}
		}
	}

	assert_true(set_count > 0);
}

/* What decides an option stands in the same list. */
static void test_deciders(void **state)
{
	size_t decided_count = 0;

	(void)state;
	for (size_t index = 0; ilv_workloads[index]; index++) {
		const struct ilv_option *options = ilv_workloads[index]->options;

		for (const struct ilv_option *option = options; option && option->name; option++) {
			if (option->decided_by) {
				assert_non_null(find_option(options, option->decided_by));
				decided_count++;
			}
		}
	}

	assert_true(decided_count > 0);
}

static void test_jobs(void **state)
{
	(void)state;
	for (size_t index = 0; ilv_workloads[index]; index++) {
		const struct ilv_workload *workload = ilv_workloads[index];

		if (!workload->run) {
			assert_non_null(workload->job);
		}

		if (workload->job) {
			assert_non_null(workload->plan);
			assert_true(workload->argument_size > 0);
		}
	}
}

static void check_sentences(const char *name, const char *shows)
{
	if (!shows || shows[0] < 'A' || shows[0] > 'Z' || shows[strlen(shows) - 1] != '.' ||
	    strstr(shows, "  ")) {
		fail_msg("%s: no whole sentences: \"%s\"", name, shows ? shows : "");
	}
}

static void test_what_they_show(void **state)
{
	(void)state;
	for (size_t index = 0; ilv_workloads[index]; index++) {
		check_sentences(ilv_workloads[index]->name, ilv_workloads[index]->shows);
	}
	for (size_t index = 0; ilv_runtimes[index]; index++) {
		check_sentences(ilv_runtimes[index]->name, ilv_runtimes[index]->shows);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_variants),
		cmocka_unit_test(test_deciders),
		cmocka_unit_test(test_jobs),
		cmocka_unit_test(test_what_they_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
