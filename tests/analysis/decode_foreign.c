/* SPDX-License-Identifier: MIT */
/* Description: whose events a trace holds is kept in few words, whatever the order in which threads
 * meet them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/decode/foreign.h"

static struct ilv_foreign noted(const char *const *names, size_t count, bool is_backwards)
{
	struct ilv_foreign foreign = {.provider_count = 0};

	for (size_t index = 0; index < count; index++) {
		ilv_foreign_note(&foreign, names[is_backwards ? count - 1 - index : index], false);
	}

	return foreign;
}

static void keeps_the_first_by_name(void **state)
{
	static const char *const names[] = {"d:1", "b:1", "b:2", "a:1", "d:2", "c:1", "a:1"};

	(void)state;
	for (int is_backwards = 0; is_backwards < 2; is_backwards++) {
		struct ilv_foreign foreign = noted(names, 7, is_backwards);

		assert_int_equal(foreign.provider_count, 3);
		assert_true(foreign.has_more_providers);
		assert_string_equal(foreign.providers[0], "a");
		assert_string_equal(foreign.providers[1], "b");
		assert_string_equal(foreign.providers[2], "c");
		assert_false(foreign.has_ours);
		assert_false(foreign.has_kernel);

		foreign = noted(names + 1, 3, is_backwards);
		assert_int_equal(foreign.provider_count, 2);
		assert_false(foreign.has_more_providers);
	}
}

static void knows_our_own(void **state)
{
	static const char *const ours[] = {"other:event", "interleave:run_begin"};
	static const char *const others[] = {"interleaved:event", "no_provider", ":event", ""};
	struct ilv_foreign foreign = noted(ours, 2, false);

	(void)state;
	assert_true(foreign.has_ours);
	assert_int_equal(foreign.provider_count, 1);

	foreign = noted(others, 4, false);
	assert_false(foreign.has_ours);
	assert_int_equal(foreign.provider_count, 2);
	assert_string_equal(foreign.providers[1], "no_provider");
}

static void knows_the_kernel(void **state)
{
	struct ilv_foreign foreign = {.provider_count = 0};

	(void)state;
	ilv_foreign_note(&foreign, "irq_handler_entry", true);
	assert_true(foreign.has_kernel);
	assert_false(foreign.has_kernel_switches);
	ilv_foreign_note(&foreign, "sched_switch", true);
	ilv_foreign_note(&foreign, "sched_waking", true);
	assert_true(foreign.has_kernel_switches);
	assert_int_equal(foreign.provider_count, 0);
}

/* Names come from the trace: a long one is cut, and stays within its room. */
static void a_long_name_is_cut(void **state)
{
	struct ilv_foreign foreign = {.provider_count = 0};
	char name[500];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ilv_foreign_note(&foreign, name, false);
	ilv_foreign_note(&foreign, name, false);
	assert_int_equal(foreign.provider_count, 1);
	assert_int_equal(strlen(foreign.providers[0]), ILV_PROVIDER_NAME_SIZE - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_first_by_name),
		cmocka_unit_test(knows_our_own),
		cmocka_unit_test(knows_the_kernel),
		cmocka_unit_test(a_long_name_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
