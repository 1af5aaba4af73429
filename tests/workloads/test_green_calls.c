/* SPDX-License-Identifier: MIT */
/*
 * Description: more plain libc calls under the runtime `green`, one at a time: while a task waits
 * in it, another runs, which the order of what they do shows, and what comes of the call is what
 * libc documents. This program is linked as interleave-workload is.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <interleave/trace.h>

#include "tests/workloads/green_fixture.h"
#include "workloads/stop.h"

#define NS_PER_S INT64_C(1000000000)

static enum ilv_status write_later(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	note(scene, 'w');
	assert_int_equal(write(scene->fds[1], "abcd", 4), 4);

	return ILV_STATUS_OK;
}

static enum ilv_status select_read(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	struct timeval limit = {.tv_sec = 100};
	struct timeval none = {0};
	fd_set reads;
	fd_set writes;

	(void)result;
	FD_ZERO(&reads);
	FD_ZERO(&writes);
	FD_SET(scene->fds[0], &reads);
	assert_int_equal(select(scene->fds[0] + 1, &reads, &writes, NULL, &none), 0);
	assert_false(FD_ISSET(scene->fds[0], &reads));
	FD_SET(scene->fds[0], &reads);
	note(scene, 's');
	errno = 77;
	assert_int_equal(select(scene->fds[0] + 1, &reads, &writes, NULL, &limit), 1);
	note(scene, 'S');
	assert_int_equal(errno, 77);
	assert_true(FD_ISSET(scene->fds[0], &reads));
	assert_true(limit.tv_sec > 0 && limit.tv_sec < 100);
	assert_int_equal(select(-1, NULL, NULL, NULL, &none), -1);
	assert_int_equal(errno, EINVAL);

	return ILV_STATUS_OK;
}

static enum ilv_status select_nothing(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	const int64_t begin_ns = ilv_trace_now_ns();
	const struct timespec limit = {.tv_nsec = 20 * NS_PER_MS};
	struct timeval short_limit = {.tv_usec = 1000};
	fd_set reads;

	(void)result;
	FD_ZERO(&reads);
	FD_SET(scene->fds[0], &reads);
	note(scene, 'p');
	assert_int_equal(pselect(scene->fds[0] + 1, &reads, NULL, NULL, &limit, NULL), 0);
	note(scene, 'P');
	assert_false(FD_ISSET(scene->fds[0], &reads));
	assert_true(ilv_trace_now_ns() - begin_ns >= limit.tv_nsec);
	/* As a sleep. */
	assert_int_equal(select(0, NULL, NULL, NULL, &short_limit), 0);
	assert_int_equal(short_limit.tv_usec, 0);

	return ILV_STATUS_OK;
}

static enum ilv_status only_note(void *argument, struct ilv_result *result)
{
	(void)result;
	note(argument, 'n');

	return ILV_STATUS_OK;
}

static void test_select(void **state)
{
	(void)state;
	play_on_pipe(select_read, write_later, "swS");
	play_on_pipe(select_nothing, only_note, "pnP");
}

static enum ilv_status read_vector(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char head[3] = "";
	char tail[8] = "";
	const struct iovec vector[] = {{head, 2}, {tail, sizeof(tail)}};

	(void)result;
	note(scene, 'r');
	assert_int_equal(readv(scene->fds[0], vector, 2), 4);
	note(scene, 'R');
	assert_string_equal(head, "ab");
	assert_string_equal(tail, "cd");
	assert_false(fcntl(scene->fds[0], F_GETFL) & O_NONBLOCK);
	assert_int_equal(readv(-1, vector, 2), -1);
	assert_int_equal(errno, EBADF);

	return ILV_STATUS_OK;
}

static enum ilv_status write_vector(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char *bytes = calloc(2, MANY);
	const struct iovec vector[] = {{bytes, MANY}, {NULL, 0}, {bytes + MANY, MANY}};

	(void)result;
	note(scene, 'w');
	/* A blocking call ends when all is written. */
	assert_int_equal(writev(scene->fds[1], vector, 3), 2 * MANY);
	free(bytes);

	return ILV_STATUS_OK;
}

static enum ilv_status send_vector(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char *bytes = calloc(2, MANY);
	struct iovec vector[] = {{bytes, MANY}, {bytes + MANY, MANY}};
	const struct msghdr message = {.msg_iov = vector, .msg_iovlen = 2};

	(void)result;
	note(scene, 'w');
	assert_int_equal(sendmsg(scene->fds[1], &message, MSG_NOSIGNAL), 2 * MANY);
	/* The caller's own are as they were. */
	assert_ptr_equal(vector[0].iov_base, bytes);
	assert_int_equal(vector[0].iov_len, MANY);
	free(bytes);

	return ILV_STATUS_OK;
}

static void test_vectors(void **state)
{
	(void)state;
	play_on_pipe(read_vector, write_later, "rwR");
	play_on_sockets(SOCK_STREAM, read_vector, write_later, "rwR");
	play_on_pipe(write_vector, read_all, "wr");
	play_on_sockets(SOCK_STREAM, write_vector, read_all, "wr");
	play_on_sockets(SOCK_STREAM, send_vector, read_all, "wr");
}

static enum ilv_status receive_message(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char bytes[8] = "";
	struct iovec vector = {bytes, sizeof(bytes)};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int fd = -1;

	(void)result;
	note(scene, 'm');
	assert_int_equal(recvmsg(scene->fds[0], &message, 0), 2);
	note(scene, 'M');
	assert_string_equal(bytes, "ab");
	/* A descriptor came along. */
	assert_int_equal(message.msg_controllen, sizeof(control));
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	assert_true(fd >= 0 && fd != scene->fds[0]);
	assert_int_equal(close(fd), 0);
	assert_int_equal(recvmsg(scene->fds[0], &message, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);

	return ILV_STATUS_OK;
}

static enum ilv_status send_message(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char bytes[] = "ab";
	struct iovec vector[] = {{bytes, 1}, {bytes + 1, 1}};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS}};
	const struct msghdr message = {
		.msg_iov = vector,
		.msg_iovlen = 2,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	(void)result;
	memcpy(CMSG_DATA(&control.header), &scene->fds[1], sizeof(int));
	note(scene, 'w');
	assert_int_equal(sendmsg(scene->fds[1], &message, 0), 2);

	return ILV_STATUS_OK;
}

static enum ilv_status receive_whole(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char bytes[4];
	struct iovec vector[] = {{bytes, 1}, {bytes + 1, 3}};
	struct msghdr message = {.msg_iov = vector, .msg_iovlen = 2};

	(void)result;
	note(scene, 'm');
	assert_int_equal(recvmsg(scene->fds[0], &message, MSG_WAITALL), 4);
	note(scene, 'M');
	assert_memory_equal(bytes, "abcd", 4);

	return ILV_STATUS_OK;
}

static enum ilv_status send_in_parts(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(sendto(scene->fds[1], "ab", 2, 0, NULL, 0), 2);
	note(scene, 'a');
	assert_int_equal(usleep(1000), 0);
	note(scene, 'b');
	assert_int_equal(sendto(scene->fds[1], "cd", 2, 0, NULL, 0), 2);

	return ILV_STATUS_OK;
}

static enum ilv_status receive_from(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	char bytes[8];

	(void)result;
	note(scene, 'f');
	assert_int_equal(recvfrom(scene->fds[0], bytes, sizeof(bytes), 0, NULL, NULL), 4);
	note(scene, 'F');

	return ILV_STATUS_OK;
}

static void test_messages(void **state)
{
	(void)state;
	play_on_sockets(SOCK_STREAM, receive_message, send_message, "mwM");
	play_on_sockets(SOCK_DGRAM, receive_message, send_message, "mwM");
	play_on_sockets(SOCK_STREAM, receive_whole, send_in_parts, "mabM");
	play_on_sockets(SOCK_DGRAM, receive_from, write_later, "fwF");
}

static enum ilv_status sleep_by_clock(void *argument, struct ilv_result *result)
{
	const struct timespec duration = {.tv_nsec = 20 * NS_PER_MS};
	const struct timespec wrong = {.tv_nsec = NS_PER_S};
	struct timespec deadline;
	struct timespec now;

	(void)result;
	note(argument, 'c');
	assert_int_equal(clock_nanosleep(CLOCK_MONOTONIC, 0, &duration, NULL), 0);
	note(argument, 'C');
	(void)clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += deadline.tv_nsec >= 980 * NS_PER_MS;
	deadline.tv_nsec = (deadline.tv_nsec + 20 * NS_PER_MS) % NS_PER_S;
	assert_int_equal(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &deadline, NULL), 0);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	assert_true(now.tv_sec > deadline.tv_sec ||
		    (now.tv_sec == deadline.tv_sec && now.tv_nsec >= deadline.tv_nsec));
	assert_int_equal(clock_nanosleep(CLOCK_MONOTONIC, 0, &wrong, NULL), EINVAL);

	return ILV_STATUS_OK;
}

static void test_clock_nanosleep(void **state)
{
	struct scene scene = {.order_length = 0};

	(void)state;
	play(&scene, sleep_by_clock, only_note, "cnC");
}

static enum ilv_status wait_for_condition(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(pthread_mutex_lock(&scene->mutex), 0);
	note(scene, 'c');
	while (!scene->is_there) {
		assert_int_equal(pthread_cond_wait(&scene->cond, &scene->mutex), 0);
	}

	note(scene, 'C');
	/* It has the mutex again. */
	assert_int_equal(pthread_mutex_unlock(&scene->mutex), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status signal_condition(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(pthread_mutex_lock(&scene->mutex), 0);
	note(scene, 'g');
	scene->is_there = true;
	assert_int_equal(pthread_cond_signal(&scene->cond), 0);
	/* Who waits gets no further than the mutex. */
	assert_int_equal(usleep(1000), 0);
	note(scene, 'G');
	assert_int_equal(pthread_mutex_unlock(&scene->mutex), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status broadcast_condition(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	scene->is_there = true;
	assert_int_equal(pthread_cond_broadcast(&scene->cond), 0);

	return ILV_STATUS_OK;
}

static enum ilv_status wait_in_vain(void *argument, struct ilv_result *result)
{
	const struct {
		pthread_cond_t *cond;
		clockid_t clock;
	} waits[] = {
		{&((struct scene *)argument)->cond, CLOCK_REALTIME},
		{&((struct scene *)argument)->cond, CLOCK_MONOTONIC},
	};
	struct scene *scene = argument;

	(void)result;
	assert_int_equal(pthread_mutex_lock(&scene->mutex), 0);
	note(scene, 'v');
	for (size_t index = 0; index < 2; index++) {
		const int64_t begin_ns = ilv_trace_now_ns();
		struct timespec deadline;

		(void)clock_gettime(waits[index].clock, &deadline);
		deadline.tv_sec += deadline.tv_nsec >= 990 * NS_PER_MS;
		deadline.tv_nsec = (deadline.tv_nsec + 10 * NS_PER_MS) % NS_PER_S;
		assert_int_equal(
			pthread_cond_timedwait(waits[index].cond, &scene->mutex, &deadline),
			ETIMEDOUT);
		assert_true(ilv_trace_now_ns() - begin_ns >= 9 * NS_PER_MS);
	}

	note(scene, 'V');
	assert_int_equal(pthread_mutex_unlock(&scene->mutex), 0);

	return ILV_STATUS_OK;
}

static void test_conditions(void **state)
{
	struct scene one = {.mutex = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
	struct scene all = {.mutex = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
	struct scene vain = {.mutex = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
	struct ilv_handle *waiting = NULL;

	(void)state;
	play(&one, wait_for_condition, signal_condition, "cgGC");
	assert_int_equal(ilv_spawn(wait_for_condition, &all, "waits", &waiting), ILV_STATUS_OK);
	play(&all, wait_for_condition, broadcast_condition, "ccCC");
	assert_int_equal(ilv_join(waiting, NULL), ILV_STATUS_OK);
	play(&vain, wait_in_vain, only_note, "vnV");
}

/* Says so from a thread of its own, of which the loop knows nothing. */
static void *say_from_thread(void *argument)
{
	struct scene *scene = argument;
	char byte = 0;

	assert_int_equal(read(scene->fds[0], &byte, 1), 1);
	(void)pthread_mutex_lock(&scene->mutex);
	scene->is_there = true;
	(void)pthread_cond_signal(&scene->cond);
	(void)pthread_mutex_unlock(&scene->mutex);
	assert_int_equal(read(scene->fds[0], &byte, 1), 1);
	(void)sem_post(&scene->semaphore);

	return NULL;
}

static enum ilv_status wait_for_thread(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	enum ilv_status status = wait_for_condition(argument, result);

	assert_int_equal(write(scene->fds[1], "s", 1), 1);
	assert_int_equal(sem_wait(&scene->semaphore), 0);
	note(scene, 'T');

	return status;
}

static enum ilv_status let_thread_go(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	note(scene, 'g');
	assert_int_equal(write(scene->fds[1], "g", 1), 1);

	return ILV_STATUS_OK;
}

static void test_a_thread_says_so(void **state)
{
	struct scene scene = {.mutex = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
	pthread_t thread;

	(void)state;
	assert_int_equal(pipe(scene.fds), 0);
	assert_int_equal(sem_init(&scene.semaphore, 0, 0), 0);
	assert_int_equal(pthread_create(&thread, NULL, say_from_thread, &scene), 0);
	/* Were the loop blocked by the first, the second could not let the thread go. */
	play(&scene, wait_for_thread, let_thread_go, "cgCT");
	assert_int_equal(pthread_join(thread, NULL), 0);
	(void)sem_destroy(&scene.semaphore);
	(void)close(scene.fds[0]);
	(void)close(scene.fds[1]);
}

static enum ilv_status wait_for_semaphore(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;
	struct timespec deadline;

	(void)result;
	note(scene, 's');
	errno = 77;
	assert_int_equal(sem_wait(&scene->semaphore), 0);
	note(scene, 'S');
	assert_int_equal(errno, 77);
	(void)clock_gettime(CLOCK_REALTIME, &deadline);
	assert_int_equal(sem_timedwait(&scene->semaphore, &deadline), -1);
	assert_int_equal(errno, ETIMEDOUT);
	deadline.tv_sec += 100;
	assert_int_equal(sem_timedwait(&scene->semaphore, &deadline), 0);
	note(scene, 'E');

	return ILV_STATUS_OK;
}

static enum ilv_status post_twice(void *argument, struct ilv_result *result)
{
	struct scene *scene = argument;

	(void)result;
	note(scene, 'p');
	assert_int_equal(sem_post(&scene->semaphore), 0);
	assert_int_equal(usleep(15000), 0);
	note(scene, 'P');
	assert_int_equal(sem_post(&scene->semaphore), 0);

	return ILV_STATUS_OK;
}

static void test_semaphores(void **state)
{
	struct scene scene = {.order_length = 0};

	(void)state;
	assert_int_equal(sem_init(&scene.semaphore, 0, 0), 0);
	play(&scene, wait_for_semaphore, post_twice, "spSPE");
	(void)sem_destroy(&scene.semaphore);
}

static enum ilv_status find_address(void *argument, struct ilv_result *result)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST, .ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;

	(void)result;
	note(argument, 'a');
	assert_int_equal(getaddrinfo("127.0.0.1", "80", &hints, &found), 0);
	note(argument, 'A');
	assert_int_equal(((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_port,
			 htons(80));
	freeaddrinfo(found);
	assert_int_equal(getaddrinfo("no address", "80", &hints, &found), EAI_NONAME);

	return ILV_STATUS_OK;
}

static void test_getaddrinfo(void **state)
{
	struct scene scene = {.order_length = 0};

	(void)state;
	play(&scene, find_address, only_note, "anA");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_select, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_vectors, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_messages, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_clock_nanosleep, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_conditions, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_a_thread_says_so, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_semaphores, start_green, stop_green),
		cmocka_unit_test_setup_teardown(test_getaddrinfo, start_green, stop_green),
	};

	if (ilv_stop_install() != ILV_STATUS_OK) {
		return 1;
	}

	return cmocka_run_group_tests(tests, NULL, NULL);
}
