/* SPDX-License-Identifier: MIT */
/* Description: a crew of jobs, its gate, and what its members do to pass the time. */
#include "workloads/lessons/crew.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <interleave/trace.h>

#include "base/cause.h"
#include "workloads/random.h"
#include "workloads/stop.h"

#define NS_PER_S       INT64_C(1000000000)
#define STEPS_A_LOOK   2000 /* some us */
#define LOOKS_A_TICK   40
#define FIRST_PRIORITY 40 /* real-time; those of lessons are below */

#define CALIBRATION_ROUNDS  20
#define CALIBRATION_STEPS   20000
#define STEPS_BETWEEN_TICKS 100000 /* some 100 us */
#define NS_PER_US           1e3

void ilv_gate_init(struct ilv_gate *gate)
{
	(void)pthread_mutex_init(&gate->mutex, NULL);
	(void)pthread_cond_init(&gate->arrived, NULL);
	(void)pthread_cond_init(&gate->opened, NULL);
	gate->arrived_count = 0;
	gate->is_open = false;
}

void ilv_gate_fini(struct ilv_gate *gate)
{
	(void)pthread_cond_destroy(&gate->opened);
	(void)pthread_cond_destroy(&gate->arrived);
	(void)pthread_mutex_destroy(&gate->mutex);
}

void ilv_gate_pass(struct ilv_gate *gate)
{
	/* The gate's own lock is no part of any lesson, so the trace is told of the wait alone. */
	ilv_trace_wait_begin(ILV_WAIT_REASON_BARRIER, (uintptr_t)gate);
	(void)pthread_mutex_lock(&gate->mutex);
	gate->arrived_count++;
	/* Those who stand here already sleep on: of thousands, each would wake all before it. */
	(void)pthread_cond_broadcast(&gate->arrived);
	while (!gate->is_open) {
		(void)pthread_cond_wait(&gate->opened, &gate->mutex);
	}

	(void)pthread_mutex_unlock(&gate->mutex);
	ilv_trace_wait_end(ILV_WAIT_REASON_BARRIER, (uintptr_t)gate);
}

void ilv_gate_await(struct ilv_gate *gate, size_t count)
{
	ilv_trace_wait_begin(ILV_WAIT_REASON_BARRIER, (uintptr_t)gate);
	(void)pthread_mutex_lock(&gate->mutex);
	while (gate->arrived_count < count) {
		(void)pthread_cond_wait(&gate->arrived, &gate->mutex);
	}

	(void)pthread_mutex_unlock(&gate->mutex);
	ilv_trace_wait_end(ILV_WAIT_REASON_BARRIER, (uintptr_t)gate);
}

void ilv_gate_open(struct ilv_gate *gate)
{
	(void)pthread_mutex_lock(&gate->mutex);
	gate->is_open = true;
	(void)pthread_cond_broadcast(&gate->opened);
	(void)pthread_mutex_unlock(&gate->mutex);
}

/* Spawns all; when one cannot be spawned, ends those who are there already. */
static enum ilv_status spawn_all(struct ilv_crew *crew, size_t count, ilv_job_function function,
				 void *shared, const char *noun, const char *const *names)
{
	enum ilv_status status = ILV_STATUS_OK;

	*crew = (struct ilv_crew){.count = count};
	ilv_gate_init(&crew->gate);
	crew->members = calloc(count, sizeof(*crew->members));
	if (!crew->members) {
		ilv_cause_add("Cannot plan a crew: count=%zu", count);
		ilv_crew_fini(crew);
		return ILV_STATUS_MEMORY;
	}

	while (crew->spawned_count < count && status == ILV_STATUS_OK) {
		struct ilv_member *member = &crew->members[crew->spawned_count];
		char name[ILV_NAME_SIZE];

		member->index = crew->spawned_count;
		member->shared = shared;
		member->gate = &crew->gate;
		(void)snprintf(name, sizeof(name), "%s %zu", noun, member->index + 1);
		status = ilv_spawn(function, member, names ? names[member->index] : name,
				   &member->handle);
		crew->spawned_count += status == ILV_STATUS_OK;
	}

	if (status < 0) {
		/* Those who are there already find the gate open and the run stopped. */
		ilv_failure_note(&crew->failure, status);
		ilv_gate_open(&crew->gate);
		status = ilv_crew_join(crew);
		ilv_crew_fini(crew);
	}

	return status;
}

enum ilv_status ilv_crew_gather(struct ilv_crew *crew, size_t count, ilv_job_function function,
				void *shared, const char *noun)
{
	enum ilv_status status = spawn_all(crew, count, function, shared, noun, NULL);

	if (status == ILV_STATUS_OK) {
		ilv_gate_await(&crew->gate, count);
	}

	return status;
}

enum ilv_status ilv_crew_begin(struct ilv_crew *crew, size_t count, ilv_job_function function,
			       void *shared, const char *noun, const char *const *names,
			       bool has_gate)
{
	enum ilv_status status = spawn_all(crew, count, function, shared, noun, names);

	if (status == ILV_STATUS_OK) {
		if (has_gate) {
			ilv_gate_await(&crew->gate, count);
		}
		ilv_gate_open(&crew->gate);
	}

	return status;
}

enum ilv_status ilv_crew_join(struct ilv_crew *crew)
{
	for (size_t index = 0; index < crew->spawned_count; index++) {
		struct ilv_member *member = &crew->members[index];

		ilv_failure_note(&crew->failure, ilv_join(member->handle, &member->result));
		member->handle = NULL;
	}

	return ilv_failure_tell(&crew->failure);
}

void ilv_crew_fini(struct ilv_crew *crew)
{
	for (size_t index = 0; crew->members && index < crew->spawned_count; index++) {
		ilv_result_fini(&crew->members[index].result);
	}

	free(crew->members);
	crew->members = NULL;
	ilv_gate_fini(&crew->gate);
}

enum ilv_status ilv_crew_run(size_t count, ilv_job_function function, void *shared,
			     const char *noun)
{
	struct ilv_crew crew;
	enum ilv_status status = ilv_crew_begin(&crew, count, function, shared, noun, NULL, true);

	if (status == ILV_STATUS_OK) {
		status = ilv_crew_join(&crew);
		ilv_crew_fini(&crew);
	}

	return status;
}

uint64_t ilv_compute_steps(uint64_t steps, uint64_t seed)
{
	for (uint64_t step = 0; step < steps; step++) {
		seed = ilv_random_next(&seed);
	}

	return seed;
}

enum ilv_status ilv_compute_ticking(uint64_t steps, uint64_t *sum)
{
	enum ilv_status status = ILV_STATUS_OK;

	do {
		const uint64_t part = steps < STEPS_BETWEEN_TICKS ? steps : STEPS_BETWEEN_TICKS;

		*sum = ilv_compute_steps(part, *sum);
		steps -= part;
		status = ilv_tick();
	} while (steps > 0 && status == ILV_STATUS_OK);

	return status;
}

double ilv_steps_per_us(void)
{
	int64_t best_ns = INT64_MAX;
	volatile uint64_t sink = 1;

	for (unsigned int round = 0; round < CALIBRATION_ROUNDS; round++) {
		const int64_t begin_ns = ilv_trace_now_ns();
		int64_t round_ns = 0;

		sink = ilv_compute_steps(CALIBRATION_STEPS, sink);
		round_ns = ilv_trace_now_ns() - begin_ns;
		best_ns = round_ns < best_ns ? round_ns : best_ns;
	}

	return CALIBRATION_STEPS * NS_PER_US / (double)(best_ns > 0 ? best_ns : 1);
}

int64_t ilv_thread_cpu_ns(void)
{
	struct timespec cpu_time;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu_time);
	return cpu_time.tv_sec * NS_PER_S + cpu_time.tv_nsec;
}

enum ilv_status ilv_compute_for(int64_t duration_ns)
{
	const int64_t end_ns = ilv_thread_cpu_ns() + duration_ns;
	enum ilv_status status = ILV_STATUS_OK;
	volatile uint64_t sink = (uint64_t)end_ns;

	for (unsigned int look = 1; ilv_thread_cpu_ns() < end_ns && status == ILV_STATUS_OK;
	     look++) {
		sink = ilv_compute_steps(STEPS_A_LOOK, sink);
		if (look % LOOKS_A_TICK == 0) {
			status = ilv_tick();
		}
	}

	return status;
}

enum ilv_status ilv_keep_to_one_cpu(void)
{
	cpu_set_t allowed;
	cpu_set_t kept;

	CPU_ZERO(&kept);
	if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
		for (size_t cpu = CPU_SETSIZE; cpu-- > 0 && CPU_COUNT(&kept) == 0;) {
			if (CPU_ISSET(cpu, &allowed)) {
				CPU_SET(cpu, &kept);
			}
		}
	}

	if (sched_setaffinity(0, sizeof(kept), &kept) != 0) {
		ilv_cause_add("Cannot keep to one CPU: errno=%d", errno);
		return ILV_STATUS_ERROR;
	}

	return ILV_STATUS_OK;
}

void ilv_come_first(bool is_first)
{
	const struct sched_param parameters = {.sched_priority = is_first ? FIRST_PRIORITY : 0};

	(void)sched_setscheduler(0, (is_first ? SCHED_FIFO : SCHED_OTHER) | SCHED_RESET_ON_FORK,
				 &parameters);
}

double ilv_fairness(const int64_t *values, size_t count)
{
	double sum = 0;
	double square_sum = 0;

	for (size_t index = 0; index < count; index++) {
		sum += (double)values[index];
		square_sum += (double)values[index] * (double)values[index];
	}

	return square_sum > 0 ? sum * sum / ((double)count * square_sum) : 1;
}
