/* SPDX-License-Identifier: MIT */
/*
 * Description: what starting something costs without a runtime, and what a job for another process
 * does, in ns an operation:
 *
 *   pthread_create  a thread that does nothing is created and joined
 *   fork            a process that does nothing is forked and waited for
 *   socket          a job of JOB_SIZE bytes goes to one of two processes that were forked before,
 *                   over a socket to each, and as many bytes come back
 *
 * Usage: bench_process_peers PEER OPERATION_COUNT
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKER_COUNT 2
#define JOB_SIZE     64

static void fail(const char *what)
{
	(void)fprintf(stderr, "bench_process_peers: cannot make %s\n", what);
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *do_nothing(void *argument)
{
	return argument;
}

static void start_threads(int64_t count)
{
	for (int64_t index = 0; index < count; index++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, do_nothing, NULL) != 0) {
			fail("a thread");
		}

		(void)pthread_join(thread, NULL);
	}
}

static void start_processes(int64_t count)
{
	for (int64_t index = 0; index < count; index++) {
		const pid_t child = fork();

		if (child == 0) {
			_exit(0);
		}

		if (child < 0 || waitpid(child, NULL, 0) != child) {
			fail("a process");
		}
	}
}

/* Answers each job with its own bytes, until there are no more. */
static void work(int fd)
{
	char job[JOB_SIZE];

	while (recv(fd, job, sizeof(job), MSG_WAITALL) == sizeof(job)) {
		if (send(fd, job, sizeof(job), MSG_NOSIGNAL) != sizeof(job)) {
			_exit(1);
		}
	}

	_exit(0);
}

/* Each worker has one job, and gets the next when its answer is there. */
static void pass_through_sockets(int64_t count)
{
	int fds[WORKER_COUNT];
	pid_t workers[WORKER_COUNT];
	char job[JOB_SIZE] = "";

	for (int index = 0; index < WORKER_COUNT; index++) {
		int ends[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
			fail("a socket");
		}

		workers[index] = fork();
		if (workers[index] == 0) {
			for (int older = 0; older < index; older++) {
				(void)close(fds[older]);
			}

			(void)close(ends[0]);
			work(ends[1]);
		}

		if (workers[index] < 0) {
			fail("a process");
		}

		(void)close(ends[1]);
		fds[index] = ends[0];
	}

	for (int64_t index = 0; index < count + WORKER_COUNT; index++) {
		const int fd = fds[index % WORKER_COUNT];

		if (index >= WORKER_COUNT &&
		    recv(fd, job, sizeof(job), MSG_WAITALL) != sizeof(job)) {
			fail("an answer");
		}

		if (index < count && send(fd, job, sizeof(job), MSG_NOSIGNAL) != sizeof(job)) {
			fail("a job");
		}
	}

	for (int index = 0; index < WORKER_COUNT; index++) {
		(void)close(fds[index]);
		(void)waitpid(workers[index], NULL, 0);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*play)(int64_t count);
	} peers[] = {
		{"pthread_create", start_threads},
		{"fork", start_processes},
		{"socket", pass_through_sockets},
	};
	const int64_t count = argc == 3 ? atoll(argv[2]) : 0;

	for (size_t index = 0; count > 0 && index < sizeof(peers) / sizeof(peers[0]); index++) {
		if (strcmp(peers[index].name, argv[1]) == 0) {
			const int64_t begin_ns = now_ns();

			peers[index].play(count);
			(void)printf("%.1f\n", (double)(now_ns() - begin_ns) / (double)count);
			return 0;
		}
	}

	(void)fprintf(stderr,
		      "usage: bench_process_peers pthread_create|fork|socket OPERATION_COUNT\n");
	return 2;
}
