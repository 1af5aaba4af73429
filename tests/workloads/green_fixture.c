/* SPDX-License-Identifier: MIT */
/* Description: starts tasks under the runtime `green`, with descriptors between them. */
#include "tests/workloads/green_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "workloads/runtimes/runtime.h"

extern const struct ilv_runtime ilv_runtime_green;

int start_green(void **state)
{
	const struct ilv_runtime_options options = {0};

	(void)state;

	return ilv_runtime_start(&ilv_runtime_green, &options) == ILV_STATUS_OK ? 0 : -1;
}

int stop_green(void **state)
{
	(void)state;
	ilv_runtime_stop();

	return 0;
}

void note(struct scene *scene, char what)
{
	assert_true(scene->order_length < sizeof(scene->order) - 1);
	scene->order[scene->order_length++] = what;
}

void close_fds(const struct scene *scene)
{
	(void)close(scene->fds[0]);
	(void)close(scene->fds[1]);
}

void run_one(struct scene *scene, ilv_job_function function)
{
	struct ilv_handle *handle = NULL;

	assert_int_equal(ilv_spawn(function, scene, "only", &handle), ILV_STATUS_OK);
	assert_int_equal(ilv_join(handle, NULL), ILV_STATUS_OK);
}

void run_two(struct scene *scene, ilv_job_function first, ilv_job_function second)
{
	struct ilv_handle *handles[2];

	assert_int_equal(ilv_spawn(first, scene, "first", &handles[0]), ILV_STATUS_OK);
	assert_int_equal(ilv_spawn(second, scene, "second", &handles[1]), ILV_STATUS_OK);
	assert_int_equal(ilv_join(handles[0], NULL), ILV_STATUS_OK);
	assert_int_equal(ilv_join(handles[1], NULL), ILV_STATUS_OK);
}

void play(struct scene *scene, ilv_job_function first, ilv_job_function second, const char *order)
{
	run_two(scene, first, second);
	assert_string_equal(scene->order, order);
}

void play_three(struct scene *scene, ilv_job_function first, ilv_job_function second,
		ilv_job_function third, const char *order)
{
	struct ilv_handle *handle = NULL;

	assert_int_equal(ilv_spawn(first, scene, "before", &handle), ILV_STATUS_OK);
	run_two(scene, second, third);
	assert_int_equal(ilv_join(handle, NULL), ILV_STATUS_OK);
	assert_string_equal(scene->order, order);
}

void play_on_sockets(int type, ilv_job_function first, ilv_job_function second, const char *order)
{
	struct scene scene = {.order_length = 0};

	assert_int_equal(socketpair(AF_UNIX, type, 0, scene.fds), 0);
	play(&scene, first, second, order);
	close_fds(&scene);
}

void play_on_pipe(ilv_job_function first, ilv_job_function second, const char *order)
{
	struct scene scene = {.order_length = 0};

	assert_int_equal(pipe(scene.fds), 0);
	play(&scene, first, second, order);
	close_fds(&scene);
}

enum ilv_status read_all(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char bytes[4096];
	size_t length = 0;

	(void)result;
	note(scene, 'r');
	while (length < 2 * MANY) {
		const ssize_t got = read(scene->fds[0], bytes, sizeof(bytes));

		assert_true(got > 0);
		length += (size_t)got;
	}

	return ILV_STATUS_OK;
}
