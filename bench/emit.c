/* SPDX-License-Identifier: MIT */
/*
 * Description: emits a given number of events as fast as it can, from two threads pinned to two
 * CPUs, so that the trace has two busy streams: each thread plays an event loop whose tasks wake,
 * run, lock, and wait.
 *
 * Usage: bench_emit EVENT_COUNT
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include <interleave/trace.h>

#define TASK_COUNT      100
#define EVENTS_PER_TURN 5

static uint64_t turns_per_thread;

static void *play_loop(void *cpu_pointer)
{
	int cpu = *(int *)cpu_pointer;
	int lock;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	(void)pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	ilv_trace_loop_create(cpu_pointer, "loop");
	for (uint64_t task = 1; task <= TASK_COUNT; task++) {
		ilv_trace_task_create(cpu_pointer, task, 0, "task");
	}

	for (uint64_t turn = 0; turn < turns_per_thread; turn++) {
		uint64_t task = 1 + turn % TASK_COUNT;

		ilv_trace_task_ready(cpu_pointer, task, 0);
		ilv_trace_task_resume(cpu_pointer, task);
		ilv_trace_lock_acquire(&lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE, false);
		ilv_trace_lock_release(&lock, ILV_LOCK_KIND_MUTEX, ILV_LOCK_MODE_EXCLUSIVE,
				       ILV_RELEASE_CAUSE_NONE);
		ilv_trace_task_yield(cpu_pointer, task, ILV_WAIT_REASON_READ, 0);
	}

	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];
	int cpus[2] = {0, 1};
	uint64_t event_count = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;

	if (event_count == 0) {
		(void)fprintf(stderr, "usage: bench_emit EVENT_COUNT\n");
		return 2;
	}

	turns_per_thread = event_count / 2 / EVENTS_PER_TURN;
	ilv_trace_run_begin("emit", "event-loop", "", "", ILV_UNIT_TASK);
	for (int index = 0; index < 2; index++) {
		if (pthread_create(&threads[index], NULL, play_loop, &cpus[index]) != 0) {
			return 1;
		}
	}

	for (int index = 0; index < 2; index++) {
		(void)pthread_join(threads[index], NULL);
	}

	ilv_trace_run_end(0);
	return 0;
}
