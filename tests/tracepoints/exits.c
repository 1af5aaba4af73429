/* SPDX-License-Identifier: MIT */
/*
 * Description: ends in the less usual ways: `exits thread` leaves main by pthread_exit() while
 * other threads work on, `exits quick` ends by quick_exit(). What is printed is in the order in
 * which it must happen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <interleave/pthread.h>

#define NAP_NS 30000000

static pthread_key_t key;

static void nap(void)
{
	const struct timespec pause = {.tv_nsec = NAP_NS};

	(void)ilv_nanosleep(&pause, NULL);
}

/* Destructors may set their value again: then they are called again, as often as POSIX says. */
static void forget(void *value)
{
	static int call_count;

	(void)value;
	if (++call_count < 3) {
		(void)pthread_setspecific(key, &call_count);
	} else {
		puts("main's own values are gone");
	}
}

static void *linger(void *unused)
{
	(void)unused;
	nap();
	nap();
	puts("the last thread ends");
	return NULL;
}

static void *start_another(void *unused)
{
	pthread_t thread;

	(void)unused;
	nap();
	if (pthread_create(&thread, NULL, linger, NULL) != 0 || pthread_detach(thread) != 0) {
		abort();
	}
	return NULL;
}

static void say_end(void)
{
	puts("the program ends");
	(void)fflush(stdout);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 2 || atexit(say_end) != 0 || at_quick_exit(say_end) != 0) {
		return 2;
	}

	if (strcmp(argv[1], "quick") == 0) {
		nap();
		quick_exit(7);
	}

	if (pthread_key_create(&key, forget) != 0 || pthread_setspecific(key, argv) != 0 ||
	    ilv_thread_create(&thread, NULL, start_another, NULL, "first", ILV_ROLE_JOB) != 0 ||
	    ilv_thread_detach(thread) != 0) {
		return 2;
	}
	pthread_exit(NULL);
}
