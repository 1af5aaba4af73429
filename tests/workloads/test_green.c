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
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <interleave/trace.h>

#include "workloads/runtimes/runtime.h"
#include "workloads/stop.h"

#define NS_PER_MS INT64_C(1000000)
#define MANY      ((size_t)1 << 20) /* bytes: more than any pipe or socket has room for */

extern const struct ilv_runtime ilv_runtime_green;

struct pair {
	int fds[2];
	char order[16]; /* who did what, a letter each */
	size_t order_length;
	pthread_mutex_t mutex;
	uint16_t port;
};

static void note(struct pair *pair, char what)
{
	assert_true(pair->order_length < sizeof(pair->order) - 1);
	pair->order[pair->order_length++] = what;
}

static int start_green(void **state)
{
	const struct ilv_runtime_options options = {0};

	(void)state;

	return ilv_runtime_start(&ilv_runtime_green, &options) == ILV_STATUS_OK ? 0 : -1;
}

static int stop_green(void **state)
{
	(void)state;
	ilv_runtime_stop();

	return 0;
}

static void run_two(ilv_job_function first, ilv_job_function second, struct pair *pair)
{
	struct ilv_handle *handles[2];

	assert_int_equal(ilv_spawn(first, pair, "first", &handles[0]), ILV_STATUS_OK);
	assert_int_equal(ilv_spawn(second, pair, "second", &handles[1]), ILV_STATUS_OK);
	assert_int_equal(ilv_join(handles[0], NULL), ILV_STATUS_OK);
	assert_int_equal(ilv_join(handles[1], NULL), ILV_STATUS_OK);
}

static void run_one(ilv_job_function function, struct pair *pair)
{
	struct ilv_handle *handle = NULL;

	assert_int_equal(ilv_spawn(function, pair, "only", &handle), ILV_STATUS_OK);
	assert_int_equal(ilv_join(handle, NULL), ILV_STATUS_OK);
}

static void close_pair(const struct pair *pair)
{
	(void)close(pair->fds[0]);
	(void)close(pair->fds[1]);
}

static enum ilv_status read_one(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;
	char byte = 0;

	(void)result;
	note(pair, 'r');
	errno = 77;
	assert_int_equal(read(pair->fds[0], &byte, 1), 1);
	assert_int_equal(errno, 77);
	assert_int_equal(byte, 'x');
	note(pair, 'R');
	/* It is as blocking as it was. */
	assert_false(fcntl(pair->fds[0], F_GETFL) & O_NONBLOCK);

	return ILV_STATUS_OK;
}

static enum ilv_status write_one(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;

	(void)result;
	note(pair, 'w');
	assert_int_equal(write(pair->fds[1], "x", 1), 1);
	assert_false(fcntl(pair->fds[1], F_GETFL) & O_NONBLOCK);

	return ILV_STATUS_OK;
}

static void test_read_switches(void **state)
{
	struct pair pipes = {.order_length = 0};
	struct pair sockets = {.order_length = 0};

	(void)state;
	assert_int_equal(pipe(pipes.fds), 0);
	run_two(read_one, write_one, &pipes);
	assert_string_equal(pipes.order, "rwR");
	close_pair(&pipes);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.fds), 0);
	run_two(read_one, write_one, &sockets);
	assert_string_equal(sockets.order, "rwR");
	close_pair(&sockets);
}

static enum ilv_status write_many(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;
	char *bytes = calloc(1, MANY);

	(void)result;
	/* A blocking write ends when all is written. */
	assert_int_equal(write(pair->fds[1], bytes, MANY), MANY);
	note(pair, 'W');
	free(bytes);

	return ILV_STATUS_OK;
}

static enum ilv_status read_many(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;
	char bytes[4096];
	size_t length = 0;

	(void)result;
	while (length < MANY) {
		const ssize_t got = read(pair->fds[0], bytes, sizeof(bytes));

		assert_true(got > 0);
		length += (size_t)got;
	}

	note(pair, 'R');

	return ILV_STATUS_OK;
}

static void test_write_is_whole(void **state)
{
	struct pair pipes = {.order_length = 0};
	struct pair sockets = {.order_length = 0};

	(void)state;
	assert_int_equal(pipe(pipes.fds), 0);
	run_two(write_many, read_many, &pipes);
	assert_int_equal(pipes.order_length, 2);
	close_pair(&pipes);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.fds), 0);
	run_two(write_many, read_many, &sockets);
	assert_int_equal(sockets.order_length, 2);
	close_pair(&sockets);
}

static enum ilv_status receive_all(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;
	char bytes[4];

	(void)result;
	assert_int_equal(recv(pair->fds[0], bytes, sizeof(bytes), MSG_WAITALL), 4);
	assert_memory_equal(bytes, "abcd", 4);
	/* The other end is closed by now. */
	assert_int_equal(recv(pair->fds[0], bytes, sizeof(bytes), 0), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status send_in_parts(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;

	(void)result;
	assert_int_equal(send(pair->fds[1], "ab", 2, 0), 2);
	assert_int_equal(usleep(1000), 0);
	assert_int_equal(send(pair->fds[1], "cd", 2, 0), 2);
	assert_int_equal(shutdown(pair->fds[1], SHUT_WR), 0);

	return ILV_STATUS_OK;
}

static void test_wait_for_all(void **state)
{
	struct pair pair = {.order_length = 0};

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.fds), 0);
	run_two(receive_all, send_in_parts, &pair);
	close_pair(&pair);
}

/* What libc says, and when, of calls that have nothing to wait for. */
static enum ilv_status meet_errors(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;
	const struct timeval limit = {.tv_usec = 20000};
	const int64_t begin_ns = ilv_trace_now_ns();
	char byte = 0;

	(void)result;
	assert_int_equal(read(-1, &byte, 1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(recv(pair->fds[0], &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);

	(void)setsockopt(pair->fds[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(recv(pair->fds[0], &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	assert_true(ilv_trace_now_ns() - begin_ns >= 20 * NS_PER_MS);

	assert_int_equal(fcntl(pair->fds[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(pair->fds[0], &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_true(fcntl(pair->fds[0], F_GETFL) & O_NONBLOCK);

	(void)close(pair->fds[1]);
	assert_int_equal(send(pair->fds[0], "x", 1, MSG_NOSIGNAL), -1);
	assert_int_equal(errno, EPIPE);

	return ILV_STATUS_OK;
}

static void test_errors(void **state)
{
	struct pair pair = {.order_length = 0};

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.fds), 0);
	run_one(meet_errors, &pair);
	(void)close(pair.fds[0]);
}

static enum ilv_status accept_one(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	char byte = 0;
	int fd = -1;

	(void)result;
	note(pair, 'a');
	fd = accept(pair->fds[0], (struct sockaddr *)&address, &length);
	assert_true(fd >= 0);
	assert_int_equal(address.sin_family, AF_INET);
	assert_false(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(recv(fd, &byte, 1, 0), 1);
	note(pair, 'A');
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
	struct pair *pair = argument;
	const struct sockaddr_in address = loopback(pair->port);
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)result;
	note(pair, 'c');
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_false(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(send(fd, "x", 1, 0), 1);
	(void)close(fd);

	return ILV_STATUS_OK;
}

static enum ilv_status be_refused(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;
	const struct sockaddr_in address = loopback(pair->port);
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)result;
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), -1);
	assert_int_equal(errno, ECONNREFUSED);
	(void)close(fd);

	return ILV_STATUS_OK;
}

static void test_connections(void **state)
{
	struct pair pair = {.order_length = 0};
	struct sockaddr_in address = loopback(0);
	socklen_t length = sizeof(address);

	(void)state;
	pair.fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(pair.fds[0], (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(pair.fds[0], 1), 0);
	assert_int_equal(getsockname(pair.fds[0], (struct sockaddr *)&address, &length), 0);
	pair.port = ntohs(address.sin_port);
	run_two(accept_one, connect_one, &pair);
	assert_string_equal(pair.order, "acA");
	(void)close(pair.fds[0]);
	run_one(be_refused, &pair);
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
	struct pair pair = {.order_length = 0};

	(void)state;
	run_two(sleep_long, sleep_short, &pair);
	assert_string_equal(pair.order, "lsSL");
}

static enum ilv_status poll_both(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;
	struct pollfd descriptors[3] = {
		{.fd = pair->fds[0], .events = POLLIN},
		{.fd = -1, .events = POLLIN},
		{.fd = pair->fds[1], .events = POLLIN},
	};

	(void)result;
	assert_int_equal(poll(descriptors, 3, 0), 0);
	assert_int_equal(poll(descriptors, 3, 5), 0);
	note(pair, 'p');
	assert_int_equal(poll(descriptors, 3, -1), 1);
	note(pair, 'P');
	assert_int_equal(descriptors[0].revents, POLLIN);
	assert_int_equal(descriptors[2].revents, 0);

	return ILV_STATUS_OK;
}

static enum ilv_status send_later(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;

	(void)result;
	assert_int_equal(usleep(15000), 0);
	note(pair, 'w');
	assert_int_equal(send(pair->fds[1], "x", 1, 0), 1);

	return ILV_STATUS_OK;
}

static void test_poll(void **state)
{
	struct pair pair = {.order_length = 0};

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.fds), 0);
	run_two(poll_both, send_later, &pair);
	assert_string_equal(pair.order, "pwP");
	close_pair(&pair);
}

static enum ilv_status hold_mutex(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;

	(void)result;
	assert_int_equal(pthread_mutex_lock(&pair->mutex), 0);
	note(pair, '(');
	assert_int_equal(pthread_mutex_lock(&pair->mutex), EDEADLK);
	assert_int_equal(usleep(1000), 0);
	note(pair, ')');
	assert_int_equal(pthread_mutex_unlock(&pair->mutex), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status hold_twice(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;

	(void)result;
	assert_int_equal(pthread_mutex_lock(&pair->mutex), 0);
	assert_int_equal(pthread_mutex_lock(&pair->mutex), 0);
	note(pair, '(');
	assert_int_equal(pthread_mutex_unlock(&pair->mutex), 0);
	assert_int_equal(usleep(1000), 0);
	note(pair, ')');
	assert_int_equal(pthread_mutex_unlock(&pair->mutex), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status try_mutex(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;

	(void)result;
	assert_int_equal(pthread_mutex_trylock(&pair->mutex), EBUSY);
	assert_int_equal(pthread_mutex_lock(&pair->mutex), 0);
	note(pair, 't');
	assert_int_equal(pthread_mutex_unlock(&pair->mutex), 0);

	return ILV_STATUS_OK;
}

/* To libc all tasks are one thread: a recursive mutex would let them all in. */
static void test_mutexes(void **state)
{
	struct pair plain = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	struct pair waiting = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	struct pair recursive = {.order_length = 0};
	pthread_mutexattr_t attributes;

	(void)state;
	(void)pthread_mutexattr_init(&attributes);
	(void)pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	(void)pthread_mutex_init(&recursive.mutex, &attributes);
	(void)pthread_mutexattr_destroy(&attributes);
	run_two(hold_mutex, hold_mutex, &plain);
	assert_string_equal(plain.order, "()()");
	run_two(hold_mutex, try_mutex, &waiting);
	assert_string_equal(waiting.order, "()t");
	run_two(hold_twice, hold_twice, &recursive);
	assert_string_equal(recursive.order, "()()");
	assert_int_equal(pthread_mutex_trylock(&recursive.mutex), 0);
	assert_int_equal(pthread_mutex_unlock(&recursive.mutex), 0);
}

static void *hold_in_thread(void *argument)
{
	struct pair *pair = argument;
	char byte = 0;

	assert_int_equal(pthread_mutex_lock(&pair->mutex), 0);
	assert_int_equal(write(pair->fds[1], "h", 1), 1);
	assert_int_equal(read(pair->fds[1], &byte, 1), 1);
	note(pair, 'T');
	assert_int_equal(pthread_mutex_unlock(&pair->mutex), 0);

	return NULL;
}

static enum ilv_status want_from_thread(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;

	(void)result;
	assert_int_equal(pthread_mutex_lock(&pair->mutex), 0);
	note(pair, 'M');
	assert_int_equal(pthread_mutex_unlock(&pair->mutex), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status release_thread(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;

	(void)result;
	assert_int_equal(write(pair->fds[0], "r", 1), 1);

	return ILV_STATUS_OK;
}

static void test_mutex_of_a_thread(void **state)
{
	struct pair pair = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	pthread_t thread;
	char byte = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.fds), 0);
	assert_int_equal(pthread_create(&thread, NULL, hold_in_thread, &pair), 0);
	assert_int_equal(read(pair.fds[0], &byte, 1), 1);
	/* Were the loop blocked by the first, the second could not let the thread go. */
	run_two(want_from_thread, release_thread, &pair);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_string_equal(pair.order, "TM");
	close_pair(&pair);
}

static enum ilv_status read_for_ever(void *argument, struct ilv_result *result)
{
	struct pair *pair = argument;
	const struct timespec hour = {.tv_sec = 3600};
	struct timespec left = {0};
	char byte = 0;

	(void)result;
	assert_int_equal(recv(pair->fds[0], &byte, 1, 0), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(nanosleep(&hour, &left), -1);
	assert_int_equal(errno, EINTR);
	assert_true(left.tv_sec >= 3590);

	return ILV_STATUS_OK;
}

static enum ilv_status ask_to_stop(void *argument, struct ilv_result *result)
{
	(void)argument;
	(void)result;
	ilv_stop_request();

	return ILV_STATUS_OK;
}

/* The last test: a run that was asked to end stays so. */
static void test_stop_is_eintr(void **state)
{
	struct pair pair = {.order_length = 0};

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.fds), 0);
	run_two(read_for_ever, ask_to_stop, &pair);
	close_pair(&pair);
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
		cmocka_unit_test_setup_teardown(test_mutex_of_a_thread, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_stop_is_eintr, start_green, stop_green),
	};

	if (ilv_stop_install() != ILV_STATUS_OK) {
		return 1;
	}

	return cmocka_run_group_tests(tests, NULL, NULL);
}
