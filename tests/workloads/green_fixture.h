/* SPDX-License-Identifier: MIT */
/* Description: tasks under the runtime `green` that share a scene and write down what they do. */
#ifndef ILV_TESTS_WORKLOADS_GREEN_FIXTURE_H
#define ILV_TESTS_WORKLOADS_GREEN_FIXTURE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workloads/runtime.h"

#define NS_PER_MS INT64_C(1000000)
#define MANY      ((size_t)1 << 20) /* bytes: more than any pipe or socket has room for */

/* What the tasks of a test share. */
struct scene {
	int fds[2];
	char order[16]; /* who did what, a letter each */
	size_t order_length;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	sem_t semaphore;
	bool is_there;
	uint16_t port;
};

/* A test's setup and teardown. */
int start_green(void **state);
int stop_green(void **state);

void note(struct scene *scene, char what);
void close_fds(const struct scene *scene);

/* A job: notes 'r', and reads twice MANY bytes of the scene's first descriptor. */
enum ilv_status read_all(void *argument, struct ilv_result *result);

void run_one(struct scene *scene, ilv_job_function function);
void run_two(struct scene *scene, ilv_job_function first, ilv_job_function second);

/* Runs two tasks, or three, and holds what they did, in its order, against `order`. */
void play(struct scene *scene, ilv_job_function first, ilv_job_function second, const char *order);
void play_three(struct scene *scene, ilv_job_function first, ilv_job_function second,
		ilv_job_function third, const char *order);
void play_on_sockets(int type, ilv_job_function first, ilv_job_function second, const char *order);
void play_on_pipe(ilv_job_function first, ilv_job_function second, const char *order);

#endif /* ILV_TESTS_WORKLOADS_GREEN_FIXTURE_H */
