/* SPDX-License-Identifier: MIT */
/*
 * Description: what calls of tasks of `green` say when the run is to end, and that a task comes to
 * its end which takes that for a signal. One test, for a run that was asked to end stays so.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/workloads/green_fixture.h"
#include "workloads/stop.h"

static enum ilv_status read_for_ever(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char byte = 0;

	(void)result;
	assert_int_equal(recv(scene->fds[0], &byte, 1, 0), -1);
	assert_int_equal(errno, EINTR);

	return ILV_STATUS_OK;
}

static enum ilv_status sleep_for_long(void *argument, struct ilv_result *result)
{
	const struct timespec hour = {.tv_sec = 3600};
	struct timespec left = {0};

	(void)argument;
	(void)result;
	assert_int_equal(nanosleep(&hour, &left), -1);
	assert_int_equal(errno, EINTR);
	assert_true(left.tv_sec >= 3590);

	return ILV_STATUS_OK;
}

/* Makes a call again for as long as a signal cut it off, as programs do: that must come to an end.
 */
#define INSIST(call)                                                                               \
	do {                                                                                       \
		int call_count = 1;                                                                \
                                                                                                   \
		while ((call) < 0 && errno == EINTR) {                                             \
			assert_true(call_count++ < 10);                                            \
		}                                                                                  \
		assert_int_equal(errno, ECANCELED);                                                \
	} while (0)

static enum ilv_status insist(void *argument, struct ilv_result *result)
{
	const struct scene *scene = argument;
	const struct timespec hour = {.tv_sec = 3600};
	struct timespec left = hour;
	struct pollfd descriptor = {.fd = scene->fds[0], .events = POLLIN};
	char byte = 0;
	unsigned int left_s = 3600;
	int sleep_count = 0;

	(void)result;
	INSIST(read(scene->fds[0], &byte, 1));
	INSIST(poll(&descriptor, 1, -1));
	INSIST(nanosleep(&left, &left));
	INSIST(-(errno = clock_nanosleep(CLOCK_MONOTONIC, 0, &hour, NULL)));
	/* What has no errno is over too early. */
	while ((left_s = sleep(left_s)) > 0) {
		assert_true(sleep_count++ < 10);
	}

	return ILV_STATUS_OK;
}

static enum ilv_status ask_to_stop(void *argument, struct ilv_result *result)
{
	(void)argument;
	(void)result;
	ilv_stop_request();

	return ILV_STATUS_OK;
}

static void test_stop_is_eintr_once(void **state)
{
	struct scene scene = {.order_length = 0};
	struct ilv_handle *sleeper = NULL;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, scene.fds), 0);
	assert_int_equal(ilv_spawn(sleep_for_long, &scene, "sleeper", &sleeper), ILV_STATUS_OK);
	play_three(&scene, read_for_ever, insist, ask_to_stop, "");
	assert_int_equal(ilv_join(sleeper, NULL), ILV_STATUS_OK);
	close_fds(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_stop_is_eintr_once, start_green, stop_green),
	};

	if (ilv_stop_install() != ILV_STATUS_OK) {
		return 1;
	}

	return cmocka_run_group_tests(tests, NULL, NULL);
}
