/* SPDX-License-Identifier: MIT */
/*
 * Description: what the small runtime interface costs under one runtime, in ns an operation:
 *
 *   yield      two jobs give way to each other in turn: a task switch
 *   lock       two jobs take one lock, give way while they hold it, and let go: a hand-over each
 *              time
 *   hand-over  two jobs compute, and the runtime takes the executor from one for the other, where
 *              it can be told when: after SWITCH_INTERVAL_US
 *   submit     one job after the other is spawned, and all are joined: what a job costs that does
 *              nothing
 *   start      the same one at a time: each is joined before the next is spawned
 *
 * Usage: bench_runtimes RUNTIME yield|lock|hand-over|submit|start OPERATION_COUNT
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/runtime.h"
#include "workloads/stop.h"
#include "workloads/workload.h"

#define PLAYER_COUNT       2
#define BATCH_SIZE         1000 /* jobs that are in the pool at once */
#define SWITCH_INTERVAL_US 100

static struct ilv_lock lock;
static _Atomic int64_t hand_over_count;
static const void *_Atomic newest_player;

static enum ilv_status play_yield(void *argument, struct ilv_result *result)
{
	const int64_t *count = argument;
	enum ilv_status status = ILV_STATUS_OK;

	(void)result;
	for (int64_t turn = 0; turn < *count && status == ILV_STATUS_OK; turn++) {
		status = ilv_yield();
	}

	return status;
}

static enum ilv_status play_lock(void *argument, struct ilv_result *result)
{
	const int64_t *count = argument;
	enum ilv_status status = ILV_STATUS_OK;

	(void)result;
	for (int64_t turn = 0; turn < *count && status == ILV_STATUS_OK; turn++) {
		ilv_lock_acquire(&lock);
		status = ilv_yield();
		ilv_lock_release(&lock);
	}

	return status;
}

static enum ilv_status play_hand_over(void *argument, struct ilv_result *result)
{
	const int64_t *count = argument;
	enum ilv_status status = ILV_STATUS_OK;

	while (atomic_load(&hand_over_count) < *count && status == ILV_STATUS_OK) {
		/* Each player has a result of its own, which tells it from the other. */
		if (atomic_exchange(&newest_player, result) != result) {
			atomic_fetch_add(&hand_over_count, 1);
		}

		status = ilv_tick();
	}

	return status;
}

static enum ilv_status play_nothing(void *argument, struct ilv_result *result)
{
	(void)argument;
	(void)result;
	return ILV_STATUS_OK;
}

/* Spawns `job_count` jobs and joins them all. The argument's size is 0 where it has pointers in it,
 * or is changed here and there. */
static enum ilv_status play(ilv_job_function function, void *argument, size_t argument_size,
			    size_t job_count)
{
	struct ilv_handle *handles[BATCH_SIZE];
	enum ilv_status status = ILV_STATUS_OK;
	size_t spawned = 0;

	while (spawned < job_count && status == ILV_STATUS_OK) {
		status = ilv_spawn_flat(function, argument, argument_size, "player",
					&handles[spawned]);
		spawned += status == ILV_STATUS_OK;
	}

	for (size_t index = 0; index < spawned; index++) {
		enum ilv_status joined = ilv_join(handles[index], NULL);

		status = status == ILV_STATUS_OK ? joined : status;
	}

	return status;
}

static enum ilv_status measure(const char *operation, int64_t count)
{
	const int64_t batch_size = strcmp(operation, "start") == 0 ? 1 : BATCH_SIZE;
	int64_t turns = count / PLAYER_COUNT;
	enum ilv_status status = ILV_STATUS_OK;

	if (strcmp(operation, "yield") == 0) {
		return play(play_yield, &turns, sizeof(turns), PLAYER_COUNT);
	}

	if (strcmp(operation, "hand-over") == 0) {
		return play(play_hand_over, &count, sizeof(count), PLAYER_COUNT);
	}

	if (strcmp(operation, "lock") == 0) {
		status = ilv_lock_init(&lock, "lock");
		if (status == ILV_STATUS_OK) {
			status = play(play_lock, &turns, sizeof(turns), PLAYER_COUNT);
			ilv_lock_fini(&lock);
		}

		return status;
	}

	for (int64_t done = 0; done < count && status == ILV_STATUS_OK; done += batch_size) {
		status = play(play_nothing, &turns, sizeof(turns), (size_t)batch_size);
	}

	return status;
}

int main(int argc, char **argv)
{
	const struct ilv_runtime *runtime = argc == 4 ? ilv_runtime_find(argv[1]) : NULL;
	struct ilv_runtime_options options = {.worker_count = PLAYER_COUNT};
	int64_t count = argc == 4 ? atoll(argv[3]) : 0;
	enum ilv_status status;
	int64_t begin_ns = 0;
	int64_t end_ns = 0;

	if (!runtime || count < PLAYER_COUNT ||
	    (strcmp(argv[2], "yield") != 0 && strcmp(argv[2], "lock") != 0 &&
	     strcmp(argv[2], "hand-over") != 0 && strcmp(argv[2], "start") != 0 &&
	     (strcmp(argv[2], "submit") != 0 || count % BATCH_SIZE != 0))) {
		(void)fprintf(stderr, "usage: bench_runtimes RUNTIME "
				      "yield|lock|hand-over|submit|start COUNT; jobs are submitted "
				      "by the thousand\n");
		return 2;
	}

	for (size_t index = 0; runtime->options && runtime->options[index].name; index++) {
		options.values[index] = strcmp(runtime->options[index].name, "switch-interval") == 0
						? SWITCH_INTERVAL_US
						: runtime->options[index].default_value;
	}

	ilv_trace_run_begin(argv[2], runtime->name, "", "", runtime->unit);
	status = ilv_stop_install();
	if (status == ILV_STATUS_OK) {
		status = ilv_runtime_start(runtime, &options);
	}

	if (status == ILV_STATUS_OK) {
		begin_ns = ilv_trace_now_ns();
		status = measure(argv[2], count);
		end_ns = ilv_trace_now_ns();
		ilv_runtime_stop();
	}

	ilv_trace_run_end(status);
	if (status != ILV_STATUS_OK) {
		(void)fprintf(stderr, "bench_runtimes: %s\n", ilv_cause_text());
		return 1;
	}

	(void)printf("%.1f\n", (double)(end_ns - begin_ns) / (double)count);
	return 0;
}
