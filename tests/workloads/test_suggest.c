/* SPDX-License-Identifier: MIT */
/* Description: that the nearest name is suggested, and none where none is near. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "workloads/options.h"

static void test_suggest(void **state)
{
	static const char *const names[] = {"threads", "event-loop", "gil", NULL};
	static const struct {
		const char *wrong;
		const char *right;
	} cases[] = {
		{"thread", "threads"},
		{"treads", "threads"},
		{"eventloop", "event-loop"},
		{"gli", NULL},
		{"gill", "gil"},
		{"event_lop", "event-loop"},
		{"asyncio", NULL},
		{"", NULL},
		{"threads", "threads"},
		{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		 NULL},
	};

	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		const char *suggested = ilv_suggest(cases[index].wrong, names);

		if (cases[index].right) {
			assert_non_null(suggested);
			assert_string_equal(suggested, cases[index].right);
		} else {
			assert_null(suggested);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suggest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
