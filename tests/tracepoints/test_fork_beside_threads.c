/* SPDX-License-Identifier: MIT */
/*
 * Description: a child that is forked while other threads make and join threads can make and join
 * its own: what they had in hand at that moment is nobody's in the child.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <interleave/pthread.h>

enum {
	BUSY_COUNT = 3,
	CHILD_COUNT = 300,
	PATIENCE_S = 60, /* of a child that would wait for ever */
};

static atomic_bool is_over;

static void *do_nothing(void *argument)
{
	return argument;
}

static int make_and_join(void)
{
	pthread_t thread;
	int error = ilv_thread_create(&thread, NULL, do_nothing, NULL, "nothing", ILV_ROLE_OTHER);

	return error == 0 ? ilv_thread_join(thread, NULL) : error;
}

static void *be_busy(void *unused)
{
	int error = 0;

	(void)unused;
	while (!atomic_load(&is_over) && error == 0) {
		error = make_and_join();
	}

	return NULL;
}

static void test_child_makes_threads(void **state)
{
	pthread_t busy[BUSY_COUNT];
	int wait_status = 0;

	(void)state;
	for (size_t i = 0; i < BUSY_COUNT; i++) {
		assert_int_equal(pthread_create(&busy[i], NULL, be_busy, NULL), 0);
	}

	for (size_t i = 0; i < CHILD_COUNT && wait_status == 0; i++) {
		pid_t child = fork();

		if (child == 0) {
			(void)alarm(PATIENCE_S);
			_exit(make_and_join() != 0);
		}

		assert_true(child > 0);
		assert_int_equal(waitpid(child, &wait_status, 0), child);
	}

	atomic_store(&is_over, true);
	for (size_t i = 0; i < BUSY_COUNT; i++) {
		assert_int_equal(pthread_join(busy[i], NULL), 0);
	}

	assert_int_equal(wait_status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_child_makes_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
