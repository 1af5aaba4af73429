/* SPDX-License-Identifier: MIT */
/*
 * Description: plain libc calls under the runtime `green` where it is easy to be wrong: several
 * tasks at one descriptor, a descriptor that is closed under who waits for it, limits beyond all
 * counting, and calls that wait for threads and processes. Each comes to what libc documents.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/workloads/green_fixture.h"
#include "workloads/stop.h"

static void take_byte(struct scene *scene)
{
	char byte = 0;

	assert_int_equal(read(scene->fds[0], &byte, 1), 1);
	note(scene, byte);
}

static enum ilv_status poll_for_ever(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	struct pollfd descriptor = {.fd = scene->fds[0], .events = POLLIN};

	(void)result;
	note(scene, 'p');
	assert_int_equal(poll(&descriptor, 1, -1), 1);
	take_byte(scene);

	return ILV_STATUS_OK;
}

static enum ilv_status select_for_ever(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	/* More than can be counted in ns. */
	const struct timespec limit = {.tv_sec = LONG_MAX};
	fd_set reads;

	(void)result;
	FD_ZERO(&reads);
	FD_SET(scene->fds[0], &reads);
	note(scene, 's');
	assert_int_equal(pselect(scene->fds[0] + 1, &reads, NULL, NULL, &limit, NULL), 1);
	take_byte(scene);

	return ILV_STATUS_OK;
}

static enum ilv_status ppoll_for_ever(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	const struct timespec limit = {.tv_sec = LONG_MAX};
	const struct timespec none = {0};
	struct pollfd descriptor = {.fd = scene->fds[0], .events = POLLRDNORM};

	(void)result;
	assert_int_equal(ppoll(&descriptor, 1, &none, NULL), 0);
	note(scene, 'p');
	assert_int_equal(ppoll(&descriptor, 1, &limit, NULL), 1);
	assert_int_equal(descriptor.revents, POLLRDNORM);
	take_byte(scene);

	return ILV_STATUS_OK;
}

static enum ilv_status epoll_for_ever(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	struct epoll_event event = {.events = EPOLLIN, .data.fd = 77};
	struct epoll_event came;
	const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

	(void)result;
	assert_true(epoll_fd >= 0);
	assert_int_equal(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, scene->fds[0], &event), 0);
	note(scene, 'e');
	assert_int_equal(epoll_wait(epoll_fd, &came, 1, 2), 0);
	note(scene, 'E');
	assert_int_equal(epoll_wait(epoll_fd, &came, 1, -1), 1);
	assert_int_equal(came.data.fd, 77);
	take_byte(scene);
	assert_int_equal(close(epoll_fd), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status write_a_then_b(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(usleep(5000), 0);
	assert_int_equal(write(scene->fds[1], "a", 1), 1);
	assert_int_equal(usleep(5000), 0);
	note(scene, '-');
	assert_int_equal(write(scene->fds[1], "b", 1), 1);

	return ILV_STATUS_OK;
}

/* Each of two is woken by a byte of which there is only one: the other waits on. */
static void test_two_at_one_descriptor(void **state)
{
	const struct {
		ilv_job_function function;
		const char *order;
	} cases[] = {
		{poll_for_ever, "ppa-b"},
		{ppoll_for_ever, "ppa-b"},
		{select_for_ever, "ssa-b"},
		{epoll_for_ever, "eeEEa-b"},
	};

	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		struct scene scene = {.order_length = 0};

		assert_int_equal(pipe(scene.fds), 0);
		play_three(&scene, cases[index].function, cases[index].function, write_a_then_b,
			   cases[index].order);
		close_fds(&scene);
	}
}

static enum ilv_status poll_for_hang_up(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	struct pollfd descriptor = {.fd = scene->fds[0]};

	(void)result;
	note(scene, 'p');
	assert_int_equal(poll(&descriptor, 1, 10000), 1);
	assert_int_equal(descriptor.revents, POLLHUP);
	note(scene, 'P');

	return ILV_STATUS_OK;
}

static enum ilv_status poll_for_half_close(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	struct pollfd descriptor = {.fd = scene->fds[0], .events = POLLRDHUP};

	(void)result;
	note(scene, 'p');
	assert_int_equal(poll(&descriptor, 1, 10000), 1);
	assert_int_equal(descriptor.revents, POLLRDHUP);
	note(scene, 'P');

	return ILV_STATUS_OK;
}

static enum ilv_status close_other_end(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	note(scene, 'c');
	assert_int_equal(close(scene->fds[1]), 0);
	scene->fds[1] = -1;

	return ILV_STATUS_OK;
}

static enum ilv_status shut_other_end(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	note(scene, 'c');
	assert_int_equal(shutdown(scene->fds[1], SHUT_WR), 0);

	return ILV_STATUS_OK;
}

static void test_hang_up(void **state)
{
	(void)state;
	play_on_pipe(poll_for_hang_up, close_other_end, "pcP");
	play_on_sockets(SOCK_STREAM, poll_for_hang_up, close_other_end, "pcP");
	play_on_sockets(SOCK_STREAM, poll_for_half_close, shut_other_end, "pcP");
}

static enum ilv_status read_until_closed(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char byte = 0;

	(void)result;
	note(scene, 'r');
	assert_int_equal(read(scene->fds[0], &byte, 1), -1);
	assert_int_equal(errno, EBADF);
	note(scene, 'R');

	return ILV_STATUS_OK;
}

/* The number is somebody else's at once, who is waited for in turn. */
static enum ilv_status close_and_use_again(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	int fds[2];

	(void)result;
	note(scene, 'c');
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(close(scene->fds[0]), 0);
	assert_int_equal(dup2(fds[0], scene->fds[0]), scene->fds[0]);
	(void)close(fds[0]);
	(void)close(scene->fds[1]);
	scene->fds[1] = fds[1];

	return ILV_STATUS_OK;
}

static enum ilv_status close_and_read_again(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	enum ilv_status status = close_and_use_again(argument, result);

	take_byte(scene);

	return status;
}

static enum ilv_status write_late(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(usleep(5000), 0);
	assert_int_equal(write(scene->fds[1], "w", 1), 1);

	return ILV_STATUS_OK;
}

static void test_closed_under_who_waits(void **state)
{
	struct scene scene = {.order_length = 0};

	(void)state;
	play_on_pipe(read_until_closed, close_and_use_again, "rcR");
	play_on_sockets(SOCK_STREAM, read_until_closed, close_and_use_again, "rcR");
	assert_int_equal(pipe(scene.fds), 0);
	play_three(&scene, read_until_closed, close_and_read_again, write_late, "rcRw");
	close_fds(&scene);
}

static enum ilv_status read_nothing(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char byte = 0;

	(void)result;
	assert_int_equal(read(scene->fds[0], &byte, 0), 0);
	note(scene, 'r');

	return ILV_STATUS_OK;
}

static enum ilv_status say_done(void *argument, struct ilv_result *result)
{
	(void)result;
	note(argument, 'd');

	return ILV_STATUS_OK;
}

/* Of a socket that has nothing, too. */
static void test_read_of_no_bytes(void **state)
{
	(void)state;
	play_on_sockets(SOCK_STREAM, read_nothing, say_done, "rd");
}

static struct sockaddr_un address;

static enum ilv_status connect_to_it(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)result;
	errno = 77;
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(errno, 77);
	note(scene, 'c');
	assert_int_equal(close(fd), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status accept_both(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	note(scene, 'a');
	for (int count = 0; count < 2; count++) {
		const int fd = accept(scene->fds[0], NULL, NULL);

		assert_true(fd >= 0);
		assert_int_equal(close(fd), 0);
	}

	return ILV_STATUS_OK;
}

/* Whoever takes the connections is a task of the same loop. */
static void test_full_backlog(void **state)
{
	struct scene scene = {.fds = {-1, -1}};
	char folder[] = "/tmp/ilv-green.XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(folder));
	address.sun_family = AF_UNIX;
	(void)strcpy(address.sun_path, folder);
	(void)strcat(address.sun_path, "/socket");
	scene.fds[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(scene.fds[0], (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(scene.fds[0], 0), 0);
	play_three(&scene, connect_to_it, connect_to_it, accept_both, "cac");
	assert_int_equal(close(scene.fds[0]), 0);
	(void)unlink(address.sun_path);
	(void)rmdir(folder);
}

static void *read_and_return(void *argument)
{
	struct scene *scene = argument;
	char byte = 0;

	assert_int_equal(read(scene->fds[0], &byte, 1), 1);

	return scene;
}

static enum ilv_status join_thread(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	pthread_t thread;
	void *returned = NULL;

	(void)result;
	assert_int_equal(pthread_create(&thread, NULL, read_and_return, scene), 0);
	note(scene, 'j');
	assert_int_equal(pthread_join(thread, &returned), 0);
	assert_ptr_equal(returned, scene);
	note(scene, 'J');
	assert_int_equal(pthread_join(pthread_self(), NULL), EDEADLK);

	return ILV_STATUS_OK;
}

static enum ilv_status wait_for_child(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	int wait_status = 0;
	const pid_t pid = fork();

	(void)result;
	if (pid == 0) {
		char byte = 0;

		/* No task is left here to switch to: it blocks as any process does. */
		_exit(read(scene->fds[0], &byte, 1) == 1 ? byte : 0);
	}

	assert_true(pid > 0);
	note(scene, 'j');
	assert_int_equal(waitpid(pid, &wait_status, 0), pid);
	assert_true(WIFEXITED(wait_status));
	assert_int_equal(WEXITSTATUS(wait_status), 'w');
	note(scene, 'J');
	errno = 0;
	assert_int_equal(wait(&wait_status), -1);
	assert_int_equal(errno, ECHILD);

	return ILV_STATUS_OK;
}

static enum ilv_status let_it_end(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	note(scene, 'w');
	assert_int_equal(write(scene->fds[1], "w", 1), 1);

	return ILV_STATUS_OK;
}

static void test_threads_and_processes(void **state)
{
	(void)state;
	play_on_pipe(join_thread, let_it_end, "jwJ");
	play_on_sockets(SOCK_STREAM, wait_for_child, let_it_end, "jwJ");
}

static enum ilv_status lock_file(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(flock(scene->fds[1], LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	note(scene, 'l');
	assert_int_equal(flock(scene->fds[1], LOCK_EX), 0);
	note(scene, 'L');
	assert_int_equal(flock(-1, LOCK_EX), -1);
	assert_int_equal(errno, EBADF);

	return ILV_STATUS_OK;
}

static enum ilv_status unlock_file(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	note(scene, 'u');
	assert_int_equal(flock(scene->fds[0], LOCK_UN), 0);

	return ILV_STATUS_OK;
}

static void test_file_locks(void **state)
{
	struct scene scene = {.order_length = 0};
	char path[] = "/tmp/ilv-green.XXXXXX";

	(void)state;
	scene.fds[0] = mkstemp(path);
	assert_true(scene.fds[0] >= 0);
	scene.fds[1] = open(path, O_RDWR | O_CLOEXEC);
	assert_true(scene.fds[1] >= 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(flock(scene.fds[0], LOCK_EX), 0);
	play(&scene, lock_file, unlock_file, "luL");
	close_fds(&scene);
}

static enum ilv_status send_file(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char path[] = "/tmp/ilv-green.XXXXXX";
	const int fd = mkstemp(path);
	off_t offset = 0;

	(void)result;
	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ftruncate(fd, 2 * MANY), 0);
	note(scene, 'f');
	/* A blocking call ends when all is sent. */
	assert_int_equal(sendfile(scene->fds[1], fd, &offset, 2 * MANY), 2 * MANY);
	assert_int_equal(offset, 2 * MANY);
	assert_int_equal(sendfile(scene->fds[1], fd, &offset, 1), 0);
	assert_int_equal(close(fd), 0);

	return ILV_STATUS_OK;
}

static void test_send_file(void **state)
{
	(void)state;
	play_on_sockets(SOCK_STREAM, send_file, read_all, "fr");
	play_on_pipe(send_file, read_all, "fr");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_two_at_one_descriptor, start_green,
						stop_green),
		cmocka_unit_test_setup_teardown(test_hang_up, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_closed_under_who_waits, start_green,
						stop_green),
		cmocka_unit_test_setup_teardown(test_read_of_no_bytes, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_full_backlog, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_threads_and_processes, start_green,
						stop_green),
		cmocka_unit_test_setup_teardown(test_file_locks, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_send_file, start_green, stop_green),
	};

	if (ilv_stop_install() != ILV_STATUS_OK) {
		return 1;
	}

	return cmocka_run_group_tests(tests, NULL, NULL);
}
