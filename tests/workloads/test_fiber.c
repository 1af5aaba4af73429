/* SPDX-License-Identifier: MIT */
/* Description: fibers: that they keep their place, that many fit, and that a stack overrun is
 * death, not corruption. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "workloads/runtimes/fiber.h"

/* GCC's ThreadSanitizer has room for 8,128 fibers. */
#ifdef ILV_HAVE_TSAN
#define FIBER_COUNT 2000
#else
#define FIBER_COUNT 10000
#endif

struct counter {
	struct ilv_fiber *fiber;
	int value;
};

static void count_to_three(void *argument)
{
	struct counter *counter = argument;

	for (int value = 1; value <= 3; value++) {
		counter->value = value;
		if (value < 3) {
			ilv_fiber_suspend(counter->fiber);
		}
	}
}

static void test_keeps_its_place(void **state)
{
	struct counter counter = {0};

	(void)state;
	assert_int_equal(
		ilv_fiber_create(ILV_FIBER_STACK_SIZE, count_to_three, &counter, &counter.fiber),
		ILV_STATUS_OK);
	assert_int_equal(counter.value, 0);
	for (int value = 1; value <= 3; value++) {
		assert_false(ilv_fiber_is_done(counter.fiber));
		ilv_fiber_resume(counter.fiber);
		assert_int_equal(counter.value, value);
	}

	assert_true(ilv_fiber_is_done(counter.fiber));
	ilv_fiber_destroy(counter.fiber);
}

static void test_many_at_once(void **state)
{
	struct counter *counters = calloc(FIBER_COUNT, sizeof(*counters));

	(void)state;
	assert_non_null(counters);
	for (size_t index = 0; index < FIBER_COUNT; index++) {
		assert_int_equal(ilv_fiber_create(16 * 1024, count_to_three, &counters[index],
						  &counters[index].fiber),
				 ILV_STATUS_OK);
	}

	for (int value = 1; value <= 3; value++) {
		for (size_t index = 0; index < FIBER_COUNT; index++) {
			ilv_fiber_resume(counters[index].fiber);
			assert_int_equal(counters[index].value, value);
		}
	}

	for (size_t index = 0; index < FIBER_COUNT; index++) {
		assert_true(ilv_fiber_is_done(counters[index].fiber));
		ilv_fiber_destroy(counters[index].fiber);
	}

	free(counters);
}

static void test_left_in_the_middle(void **state)
{
	struct counter counter = {0};

	(void)state;
	assert_int_equal(
		ilv_fiber_create(ILV_FIBER_STACK_SIZE, count_to_three, &counter, &counter.fiber),
		ILV_STATUS_OK);
	ilv_fiber_resume(counter.fiber);
	assert_false(ilv_fiber_is_done(counter.fiber));
	ilv_fiber_destroy(counter.fiber);
	ilv_fiber_destroy(NULL);
}

/* Writes ever lower pages of its stack, `argument` bytes in all, as a recursion would. */
static void __attribute__((no_sanitize("address", "thread"))) use_stack(void *argument)
{
	const size_t length = *(const size_t *)argument;
	volatile unsigned char *here = __builtin_frame_address(0);

	for (size_t depth = 2048; depth < length; depth += 2048) {
		here[-(ptrdiff_t)depth] = 1;
	}
}

/* Returns how a child that uses `length` bytes of a stack of `stack_size` ends, between two other
 * stacks. */
static int use_in_child(size_t stack_size, size_t length)
{
	int wait_status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		const struct rlimit no_core = {0};
		struct ilv_fiber *fibers[3];

		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)close(STDERR_FILENO);
		for (size_t index = 0; index < 3; index++) {
			if (ilv_fiber_create(stack_size, use_stack, &length, &fibers[index]) < 0) {
				_exit(99);
			}
		}

		ilv_fiber_resume(fibers[1]);
		_exit(0);
	}

	assert_int_equal(waitpid(child, &wait_status, 0), child);

	return wait_status;
}

static void test_guard(void **state)
{
	const size_t stack_size = 64 * 1024;
	int wait_status = use_in_child(stack_size, stack_size - 8 * 1024);

	(void)state;
	assert_true(WIFEXITED(wait_status));
	assert_int_equal(WEXITSTATUS(wait_status), 0);

	wait_status = use_in_child(stack_size, stack_size + 2048);
	if (WIFEXITED(wait_status)) {
		/* AddressSanitizer reports the signal and exits with a status of its own. */
		assert_int_not_equal(WEXITSTATUS(wait_status), 0);
		assert_int_not_equal(WEXITSTATUS(wait_status), 99);
	} else {
		assert_int_equal(WTERMSIG(wait_status), SIGSEGV);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keeps_its_place),
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_left_in_the_middle),
		cmocka_unit_test(test_guard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
