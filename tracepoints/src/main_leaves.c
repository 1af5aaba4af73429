/* SPDX-License-Identifier: MIT */
/*
 * Description: a program whose main thread leaves by pthread_exit() ends with its last thread. Its
 * last thread it would never have, for those of LTTng and our recorder live as long as the process,
 * and no signal but SIGKILL would end it, for they take none. So the main thread stays until nobody
 * else is left, and then ends the process as its last thread would have.
 *
 * Only a thread itself can see to what it does at its end. Where another than the main thread opens
 * the library with dlopen(), a main thread that leaves is therefore not held back, and the process
 * waits for LTTng's threads, as it would had it opened LTTng alone.
 */
#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tracepoints/src/lifecycle.h"

#define LOOK_PERIOD_NS 10000000

static pthread_key_t key;

/* Whether anybody of the program's own lives beside the calling thread; also when that cannot be
 * known. */
static bool is_anybody_left(pid_t self)
{
	DIR *tasks = opendir("/proc/self/task");
	bool is_found = tasks == NULL;
	struct dirent *entry;
	char name[ILV_THREAD_NAME_SIZE];

	while (!is_found && (entry = readdir(tasks))) {
		long tid = strtol(entry->d_name, NULL, 10);

		/* One that ended meanwhile has no name. */
		is_found = tid > 0 && tid != self && ilv_lifecycle_read_name(entry->d_name, name) &&
			   !ilv_lifecycle_is_tracer_name(name) && strcmp(name, "ilv-recorder") != 0;
	}

	if (tasks) {
		closedir(tasks);
	}

	return is_found;
}

static void leave(void *value)
{
	static int round;
	const struct timespec pause = {.tv_nsec = LOOK_PERIOD_NS};
	pid_t self = getpid();
	int empty_count = 0;

	/* In the last round: other values of the main thread have a right to their end before. */
	if (++round < PTHREAD_DESTRUCTOR_ITERATIONS) {
		(void)pthread_setspecific(key, value);
		return;
	}

	/* Twice in a row: who starts another thread and ends may just slip through a single look.
	 */
	while (empty_count < 2) {
		empty_count = is_anybody_left(self) ? 0 : empty_count + 1;
		(void)nanosleep(&pause, NULL);
	}
	exit(EXIT_SUCCESS);
}

void ilv_main_watch_leaving(void)
{
	/* Any value does, as long as it is one. */
	if (gettid() == getpid() && access("/proc/self/task", R_OK) == 0 &&
	    pthread_key_create(&key, leave) == 0) {
		(void)pthread_setspecific(key, &key);
	}
}
