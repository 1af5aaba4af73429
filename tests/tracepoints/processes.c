/* SPDX-License-Identifier: MIT */
/*
 * Description: a small family of processes, with threads, whose trace must be whole: children of
 * ilv_fork(), one that was forked plainly, one that ends by ilv_trace_process_exit() and _exit(),
 * and threads that emit while the process ends. Prints "PID KIND THREADS" for each process.
 */
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <interleave/trace.h>

enum {
	CHILD_COUNT = 5,
	EVENT_COUNT = 100,
	THREAD_COUNT = 80, /* more than there are counters */
};

static pthread_key_t key;
static pthread_barrier_t busy;

/* Events may come from destructors of thread-specific data, in every round of them. */
static void emit_in_destructor(void *value)
{
	ilv_trace_shared_update(value, 0, 1);
	if ((uintptr_t)value > 1) {
		pthread_setspecific(key, (void *)((uintptr_t)value - 1));
	}
}

static void *emit_some(void *unused)
{
	(void)unused;
	pthread_setspecific(key, (void *)3);
	ilv_trace_thread_start(0, getpid(), "some", ILV_ROLE_JOB, false);
	for (int i = 0; i < EVENT_COUNT; i++) {
		ilv_trace_shared_read(&key, i);
	}

	ilv_trace_thread_exit();
	return NULL;
}

static void *emit_for_ever(void *unused)
{
	(void)unused;
	ilv_trace_thread_start(0, getpid(), "for ever", ILV_ROLE_JOB, true);
	pthread_barrier_wait(&busy);
	for (int64_t i = 0;; i++) {
		ilv_trace_shared_read(&busy, i);
		if (i % 1000 == 0) {
			usleep(100);
		}
	}

	return NULL;
}

static int thread_count(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	int count = 0;

	while (tasks && (entry = readdir(tasks))) {
		count += entry->d_name[0] != '.';
	}

	if (tasks) {
		closedir(tasks);
	}

	return count;
}

static void say(const char *kind)
{
	printf("%d %s %d\n", (int)getpid(), kind, thread_count());
	fflush(stdout);
}

static void child(int number)
{
	say("child");
	if (ilv_trace_pid() != getpid() || ilv_trace_tid() != gettid()) {
		_exit(99);
	}

	for (int i = 0; i < EVENT_COUNT; i++) {
		ilv_trace_shared_read(&key, i);
	}

	if (number == 0) {
		/* As a program does that must not run its parent's exit handlers. */
		ilv_trace_process_exit(number);
		ilv_trace_shared_read(&key, -1);
		_exit(number);
	}

	exit(number);
}

int main(void)
{
	pthread_t threads[THREAD_COUNT];
	pid_t pid;
	int status;

	say("parent");
	pthread_key_create(&key, emit_in_destructor);
	ilv_trace_phase_begin("parent");
	for (int i = 0; i < THREAD_COUNT; i++) {
		if (pthread_create(&threads[i], NULL, emit_some, NULL) != 0) {
			return 98;
		}
	}

	for (int i = 0; i < CHILD_COUNT; i++) {
		pid = ilv_fork("child process", ILV_ROLE_JOB);
		if (pid == 0) {
			child(i);
		}

		if (pid < 0) {
			return 97;
		}

		ilv_trace_process_wait_begin(pid);
		if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
		    WEXITSTATUS(status) != i) {
			return 96;
		}

		ilv_trace_process_wait_end(pid, WEXITSTATUS(status));
	}

	for (int i = 0; i < THREAD_COUNT; i++) {
		pthread_join(threads[i], NULL);
	}

	pid = fork();
	if (pid == 0) {
		say("plain");
		ilv_trace_phase_begin("plain child");
		exit(21);
	}

	waitpid(pid, &status, 0);

	/* These are in the midst of it when the process ends. */
	pthread_barrier_init(&busy, NULL, 3);
	pthread_create(&threads[0], NULL, emit_for_ever, NULL);
	pthread_create(&threads[1], NULL, emit_for_ever, NULL);
	pthread_barrier_wait(&busy);
	exit(33);
}
