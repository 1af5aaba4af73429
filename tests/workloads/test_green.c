/* SPDX-License-Identifier: MIT */
/*
 * Description: plain libc calls under the runtime `green`: that they let other tasks run, and that
 * to their caller they are what libc documents. This program is linked as interleave-workload is.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <interleave/trace.h>

#include "tests/workloads/green_fixture.h"
#include "workloads/stop.h"

static enum ilv_status read_one(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char byte = 0;

	(void)result;
	note(scene, 'r');
	errno = 77;
	assert_int_equal(read(scene->fds[0], &byte, 1), 1);
	assert_int_equal(errno, 77);
	assert_int_equal(byte, 'x');
	note(scene, 'R');
	/* It is as blocking as it was. */
	assert_false(fcntl(scene->fds[0], F_GETFL) & O_NONBLOCK);

	return ILV_STATUS_OK;
}

static enum ilv_status write_one(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	note(scene, 'w');
	assert_int_equal(write(scene->fds[1], "x", 1), 1);
	assert_false(fcntl(scene->fds[1], F_GETFL) & O_NONBLOCK);

	return ILV_STATUS_OK;
}

static void test_read_switches(void **state)
{
	(void)state;
	play_on_pipe(read_one, write_one, "rwR");
	play_on_sockets(SOCK_STREAM, read_one, write_one, "rwR");
}

static enum ilv_status write_many(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char *bytes = calloc(1, MANY);

	(void)result;
	/* A blocking write ends when all is written. */
	assert_int_equal(write(scene->fds[1], bytes, MANY), MANY);
	note(scene, 'W');
	free(bytes);

	return ILV_STATUS_OK;
}

static enum ilv_status read_many(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char bytes[4096];
	size_t length = 0;

	(void)result;
	while (length < MANY) {
		const ssize_t got = read(scene->fds[0], bytes, sizeof(bytes));

		assert_true(got > 0);
		length += (size_t)got;
	}

	note(scene, 'R');

	return ILV_STATUS_OK;
}

static void test_write_is_whole(void **state)
{
	struct scene pipes = {.order_length = 0};
	struct scene sockets = {.order_length = 0};

	(void)state;
	assert_int_equal(pipe(pipes.fds), 0);
	run_two(&pipes, write_many, read_many);
	assert_int_equal(pipes.order_length, 2);
	close_fds(&pipes);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.fds), 0);
	run_two(&sockets, write_many, read_many);
	assert_int_equal(sockets.order_length, 2);
	close_fds(&sockets);
}

static enum ilv_status receive_all(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char bytes[4];

	(void)result;
	assert_int_equal(recv(scene->fds[0], bytes, sizeof(bytes), MSG_WAITALL), 4);
	assert_memory_equal(bytes, "abcd", 4);
	/* The other end is closed by now. */
	assert_int_equal(recv(scene->fds[0], bytes, sizeof(bytes), 0), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status send_in_parts(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(send(scene->fds[1], "ab", 2, 0), 2);
	assert_int_equal(usleep(1000), 0);
	assert_int_equal(send(scene->fds[1], "cd", 2, 0), 2);
	assert_int_equal(shutdown(scene->fds[1], SHUT_WR), 0);

	return ILV_STATUS_OK;
}

static void test_wait_for_all(void **state)
{
	(void)state;
	play_on_sockets(SOCK_STREAM, receive_all, send_in_parts, "");
}

/* What libc says, and when, of calls that have nothing to wait for. */
static enum ilv_status meet_errors(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	const struct timeval limit = {.tv_usec = 20000};
	const int64_t begin_ns = ilv_trace_now_ns();
	char byte = 0;

	(void)result;
	assert_int_equal(read(-1, &byte, 1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(recv(scene->fds[0], &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);

	(void)setsockopt(scene->fds[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(recv(scene->fds[0], &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	assert_true(ilv_trace_now_ns() - begin_ns >= 20 * NS_PER_MS);

	assert_int_equal(fcntl(scene->fds[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(scene->fds[0], &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_true(fcntl(scene->fds[0], F_GETFL) & O_NONBLOCK);

	(void)close(scene->fds[1]);
	assert_int_equal(send(scene->fds[0], "x", 1, MSG_NOSIGNAL), -1);
	assert_int_equal(errno, EPIPE);

	return ILV_STATUS_OK;
}

static void test_errors(void **state)
{
	struct scene scene = {.order_length = 0};

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, scene.fds), 0);
	run_one(&scene, meet_errors);
	(void)close(scene.fds[0]);
}

static enum ilv_status accept_one(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	char byte = 0;
	int fd = -1;

	(void)result;
	note(scene, 'a');
	fd = accept(scene->fds[0], (struct sockaddr *)&address, &length);
	assert_true(fd >= 0);
	assert_int_equal(address.sin_family, AF_INET);
	assert_false(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(recv(fd, &byte, 1, 0), 1);
	note(scene, 'A');
	(void)close(fd);

	return ILV_STATUS_OK;
}

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static enum ilv_status connect_one(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	const struct sockaddr_in address = loopback(scene->port);
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)result;
	note(scene, 'c');
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_false(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(send(fd, "x", 1, 0), 1);
	(void)close(fd);

	return ILV_STATUS_OK;
}

static enum ilv_status be_refused(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	const struct sockaddr_in address = loopback(scene->port);
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)result;
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), -1);
	assert_int_equal(errno, ECONNREFUSED);
	(void)close(fd);

	return ILV_STATUS_OK;
}

static void test_connections(void **state)
{
	struct scene scene = {.order_length = 0};
	struct sockaddr_in address = loopback(0);
	socklen_t length = sizeof(address);

	(void)state;
	scene.fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(scene.fds[0], (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(scene.fds[0], 1), 0);
	assert_int_equal(getsockname(scene.fds[0], (struct sockaddr *)&address, &length), 0);
	scene.port = ntohs(address.sin_port);
	play(&scene, accept_one, connect_one, "acA");
	(void)close(scene.fds[0]);
	run_one(&scene, be_refused);
}

static enum ilv_status sleep_long(void *argument, struct ilv_result *result)
{
	const struct timespec duration = {.tv_nsec = 40 * NS_PER_MS};

	(void)result;
	note(argument, 'l');
	assert_int_equal(nanosleep(&duration, NULL), 0);
	note(argument, 'L');
	assert_int_equal(sleep(0), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status sleep_short(void *argument, struct ilv_result *result)
{
	const struct timespec wrong = {.tv_nsec = -1};

	(void)result;
	note(argument, 's');
	assert_int_equal(usleep(1000), 0);
	note(argument, 'S');
	assert_int_equal(nanosleep(&wrong, NULL), -1);
	assert_int_equal(errno, EINVAL);

	return ILV_STATUS_OK;
}

static void test_sleeps_overlap(void **state)
{
	struct scene scene = {.order_length = 0};

	(void)state;
	play(&scene, sleep_long, sleep_short, "lsSL");
}

static enum ilv_status poll_both(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	struct pollfd descriptors[3] = {
		{.fd = scene->fds[0], .events = POLLIN},
		{.fd = -1, .events = POLLIN},
		{.fd = scene->fds[1], .events = POLLIN},
	};

	(void)result;
	assert_int_equal(poll(descriptors, 3, 0), 0);
	assert_int_equal(poll(descriptors, 3, 5), 0);
	note(scene, 'p');
	assert_int_equal(poll(descriptors, 3, -1), 1);
	note(scene, 'P');
	assert_int_equal(descriptors[0].revents, POLLIN);
	assert_int_equal(descriptors[2].revents, 0);

	return ILV_STATUS_OK;
}

static enum ilv_status send_later(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(usleep(15000), 0);
	note(scene, 'w');
	assert_int_equal(send(scene->fds[1], "x", 1, 0), 1);

	return ILV_STATUS_OK;
}

static void test_poll(void **state)
{
	(void)state;
	play_on_sockets(SOCK_STREAM, poll_both, send_later, "pwP");
}

static enum ilv_status hold_mutex(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(pthread_mutex_lock(&scene->mutex), 0);
	note(scene, '(');
	assert_int_equal(pthread_mutex_lock(&scene->mutex), EDEADLK);
	assert_int_equal(usleep(1000), 0);
	note(scene, ')');
	assert_int_equal(pthread_mutex_unlock(&scene->mutex), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status hold_twice(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(pthread_mutex_lock(&scene->mutex), 0);
	assert_int_equal(pthread_mutex_lock(&scene->mutex), 0);
	note(scene, '(');
	assert_int_equal(pthread_mutex_unlock(&scene->mutex), 0);
	assert_int_equal(usleep(1000), 0);
	note(scene, ')');
	assert_int_equal(pthread_mutex_unlock(&scene->mutex), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status try_mutex(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(pthread_mutex_trylock(&scene->mutex), EBUSY);
	assert_int_equal(pthread_mutex_lock(&scene->mutex), 0);
	note(scene, 't');
	assert_int_equal(pthread_mutex_unlock(&scene->mutex), 0);

	return ILV_STATUS_OK;
}

/* To libc all tasks are one thread: a recursive mutex would let them all in. */
static void test_mutexes(void **state)
{
	struct scene plain = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	struct scene waiting = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	struct scene recursive = {.order_length = 0};
	pthread_mutexattr_t attributes;

	(void)state;
	(void)pthread_mutexattr_init(&attributes);
	(void)pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	(void)pthread_mutex_init(&recursive.mutex, &attributes);
	(void)pthread_mutexattr_destroy(&attributes);
	play(&plain, hold_mutex, hold_mutex, "()()");
	play(&waiting, hold_mutex, try_mutex, "()t");
	play(&recursive, hold_twice, hold_twice, "()()");
	assert_int_equal(pthread_mutex_trylock(&recursive.mutex), 0);
	assert_int_equal(pthread_mutex_unlock(&recursive.mutex), 0);
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

static enum ilv_status write_under_lock(void *argument, struct ilv_result *result)
{
	(void)result;
	assert_int_equal(pthread_rwlock_wrlock(&rwlock), 0);
	note(argument, 'w');
	assert_int_equal(usleep(2000), 0);
	note(argument, 'W');
	assert_int_equal(pthread_rwlock_unlock(&rwlock), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status read_under_lock(void *argument, struct ilv_result *result)
{
	(void)result;
	assert_int_equal(pthread_rwlock_rdlock(&rwlock), 0);
	note(argument, 'r');
	assert_int_equal(usleep(2000), 0);
	note(argument, 'R');
	assert_int_equal(pthread_rwlock_unlock(&rwlock), 0);

	return ILV_STATUS_OK;
}

static void test_rwlocks(void **state)
{
	struct scene writers = {.order_length = 0};
	struct scene readers = {.order_length = 0};

	(void)state;
	play(&writers, write_under_lock, write_under_lock, "wWwW");
	play_three(&readers, write_under_lock, read_under_lock, read_under_lock, "wWrrRR");
}

static enum ilv_status lock_in_time(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	struct timespec deadline;

	(void)result;
	(void)clock_gettime(CLOCK_REALTIME, &deadline);
	note(scene, 't');
	assert_int_equal(pthread_mutex_timedlock(&scene->mutex, &deadline), ETIMEDOUT);
	deadline.tv_sec += 100;
	note(scene, 'T');
	assert_int_equal(pthread_mutex_timedlock(&scene->mutex, &deadline), 0);
	note(scene, 'L');
	assert_int_equal(pthread_mutex_unlock(&scene->mutex), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status hold_for_a_while(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(pthread_mutex_lock(&scene->mutex), 0);
	note(scene, 'h');
	assert_int_equal(usleep(5000), 0);
	note(scene, 'H');
	assert_int_equal(pthread_mutex_unlock(&scene->mutex), 0);

	return ILV_STATUS_OK;
}

static void test_mutex_with_a_limit(void **state)
{
	struct scene scene = {.mutex = PTHREAD_MUTEX_INITIALIZER};

	(void)state;
	play(&scene, hold_for_a_while, lock_in_time, "htTHL");
}

static void *hold_in_thread(void *argument)
{
	struct scene *scene = argument;
	char byte = 0;

	assert_int_equal(pthread_mutex_lock(&scene->mutex), 0);
	assert_int_equal(write(scene->fds[1], "h", 1), 1);
	assert_int_equal(read(scene->fds[1], &byte, 1), 1);
	note(scene, 'T');
	assert_int_equal(pthread_mutex_unlock(&scene->mutex), 0);

	return NULL;
}

static enum ilv_status want_from_thread(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(pthread_mutex_lock(&scene->mutex), 0);
	note(scene, 'M');
	assert_int_equal(pthread_mutex_unlock(&scene->mutex), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status release_thread(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(write(scene->fds[0], "r", 1), 1);

	return ILV_STATUS_OK;
}

static void test_mutex_of_a_thread(void **state)
{
	struct scene scene = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	pthread_t thread;
	char byte = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, scene.fds), 0);
	assert_int_equal(pthread_create(&thread, NULL, hold_in_thread, &scene), 0);
	assert_int_equal(read(scene.fds[0], &byte, 1), 1);
	/* Were the loop blocked by the first, the second could not let the thread go. */
	run_two(&scene, want_from_thread, release_thread);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_string_equal(scene.order, "TM");
	close_fds(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read_switches, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_write_is_whole, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_wait_for_all, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_errors, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_connections, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_sleeps_overlap, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_poll, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_mutexes, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_rwlocks, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_mutex_with_a_limit, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_mutex_of_a_thread, start_green, stop_green),
	};

	if (ilv_stop_install() != ILV_STATUS_OK) {
		return 1;
	}

	return cmocka_run_group_tests(tests, NULL, NULL);
}
