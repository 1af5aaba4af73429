/* SPDX-License-Identifier: MIT */
/*
 * Description: a run whose every name is hostile: markup, control characters, terminal sequences,
 * invalid UTF-8, format directives, and far too long ones. Recorded by a session of the test.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <interleave/trace.h>

#define LONG_SIZE 5000

static const char *const names[] = {
	"</text><script>alert(1)</script>",
	"a\nb\tc\rd\033[31mred\033]0;title\007 \001\177 end",
	"\xff\xfe bad \xc3\x28 \xed\xa0\x80 \xf4\x90\x80\x80 \xc0\xaf utf-8 \xe2\x82",
	"%s%n%x \"quoted\" 'single' & &amp; ]]> -->",
	"\xe2\x80\xae reversed \xe2\x80\x8b wide \xe4\xb8\xad\xe6\x96\x87 \xf0\x9f\x94\xa5",
	"",
};

#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char long_name[LONG_SIZE];

static void *job(void *pointer)
{
	const char *name = pointer;

	ilv_trace_thread_start((uint64_t)(uintptr_t)name, 0, name, ILV_ROLE_JOB, false);
	for (int round = 0; round < 20; round++) {
		if (pthread_mutex_trylock(&mutex) != 0) {
			ilv_trace_lock_wait_begin(&mutex, ILV_LOCK_KIND_MUTEX,
						  ILV_LOCK_MODE_EXCLUSIVE);
			(void)pthread_mutex_lock(&mutex);
		}
		ilv_trace_lock_acquire(&mutex, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE, false);
		ilv_trace_lock_release(&mutex, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE,
				       ILV_RELEASE_CAUSE_NONE);
		(void)pthread_mutex_unlock(&mutex);
	}
	ilv_trace_thread_exit();

	return NULL;
}

static void run_tasks(void)
{
	static const int loop;

	ilv_trace_loop_create(&loop, names[0]);
	for (uint64_t task = 0; task < NAME_COUNT; task++) {
		ilv_trace_task_create(&loop, task + 1, 0, names[task]);
		ilv_trace_task_ready(&loop, task + 1, 0);
		ilv_trace_task_resume(&loop, task + 1);
		ilv_trace_task_done(&loop, task + 1, ILV_OUTCOME_RETURNED);
	}
}

int main(void)
{
	pthread_t threads[NAME_COUNT + 1];

	memset(long_name, '<', sizeof(long_name) - 1);
	ilv_trace_run_begin(names[0], names[1], names[2], names[3], ILV_UNIT_THREAD);
	ilv_trace_lock_name(&mutex, ILV_LOCK_KIND_MUTEX, 1, names[2]);
	for (size_t index = 0; index <= NAME_COUNT; index++) {
		const char *name = index < NAME_COUNT ? names[index] : long_name;

		ilv_trace_thread_create((uint64_t)(uintptr_t)name, name);
		if (pthread_create(&threads[index], NULL, job, (void *)name) != 0) {
			fprintf(stderr, "cannot create a thread\n");
			return EXIT_FAILURE;
		}
	}
	run_tasks();
	for (size_t index = 0; index <= NAME_COUNT; index++) {
		(void)pthread_join(threads[index], NULL);
	}
	ilv_trace_run_end(0);

	return EXIT_SUCCESS;
}
