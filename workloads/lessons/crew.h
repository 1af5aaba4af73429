/* SPDX-License-Identifier: MIT */
/*
 * Description: what lessons about threads and locks share: a crew of named jobs that begin together
 * at a gate, computing for a while, keeping to one CPU, and how evenly something was shared.
 */
#ifndef ILV_WORKLOADS_LESSONS_CREW_H
#define ILV_WORKLOADS_LESSONS_CREW_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workloads/failure.h"
#include "workloads/workload.h"

/* Those who pass it wait until somebody opens it; the trace shows that as a wait for a barrier. */
struct ilv_gate {
	pthread_mutex_t mutex; /* protects what follows; nothing nests inside it */
	pthread_cond_t arrived, opened;
	size_t arrived_count;
	bool is_open;
};

void ilv_gate_init(struct ilv_gate *gate);
void ilv_gate_fini(struct ilv_gate *gate);

/* Waits until the gate is open. */
void ilv_gate_pass(struct ilv_gate *gate);

/* Waits until `count` stand at the gate. */
void ilv_gate_await(struct ilv_gate *gate, size_t count);
void ilv_gate_open(struct ilv_gate *gate);

/* One of a crew: the lesson's job function gets a pointer to it. */
struct ilv_member {
	size_t index;
	void *shared; /* the lesson's */
	struct ilv_gate *gate;
	struct ilv_handle *handle;
	struct ilv_result result;
};

struct ilv_crew {
	struct ilv_member *members;
	size_t count; /* that were asked for */
	size_t spawned_count;
	struct ilv_failure failure;
	struct ilv_gate gate; /* for those under a runtime of threads who want to begin together */
};

/*
 * Spawns `count` jobs for `crew`, which must not move until it is joined; `names[i]` names them, or
 * where that is NULL "NOUN 1" and so on. When one cannot be spawned the run is asked to stop, the
 * gate is opened, and the others are joined. `has_gate`: each calls ilv_gate_pass(), and once all
 * stand there it opens.
 */
enum ilv_status ilv_crew_begin(struct ilv_crew *crew, size_t count, ilv_job_function function,
			       void *shared, const char *noun, const char *const *names,
			       bool has_gate) ILV_NODISCARD;

/* Spawns a crew, and returns when all stand at its gate, which the caller opens. */
enum ilv_status ilv_crew_gather(struct ilv_crew *crew, size_t count, ilv_job_function function,
				void *shared, const char *noun) ILV_NODISCARD;

/* Joins all and returns their first failure. Results stay with the members until ilv_crew_fini().
 */
enum ilv_status ilv_crew_join(struct ilv_crew *crew) ILV_NODISCARD;
void ilv_crew_fini(struct ilv_crew *crew);

/* Begins with a gate, joins and frees: for lessons whose jobs keep their results elsewhere. */
enum ilv_status ilv_crew_run(size_t count, ilv_job_function function, void *shared,
			     const char *noun) ILV_NODISCARD;

/* Computes for about `duration_ns` of the calling thread's own CPU time, with ticks. */
enum ilv_status ilv_compute_for(int64_t duration_ns) ILV_NODISCARD;

/* Computes `steps` steps that depend on each other, from `seed`. Returns what they came to. */
uint64_t ilv_compute_steps(uint64_t steps, uint64_t seed);

/* The same, with a tick at least once, and as often as a job should have one: `sum` is what they
 * start from and come to. */
enum ilv_status ilv_compute_ticking(uint64_t steps, uint64_t *sum) ILV_NODISCARD;

/* Returns how many of them a microsecond has here, by the fastest of some short rounds: the others
 * were disturbed. */
double ilv_steps_per_us(void);

/* CPU time of the calling thread. */
int64_t ilv_thread_cpu_ns(void);

/* Leaves the calling thread, and those it will create, one CPU of those that it may use: the last,
 * which has less to do for others. */
enum ilv_status ilv_keep_to_one_cpu(void) ILV_NODISCARD;

/*
 * Has the calling thread come before all real-time threads of its crew, which wait for the CPU that
 * it wants for moments only: it hears the signals that end a run, and is to be let in for that.
 * Threads that it will create are ordinary ones. Where this is not allowed, nor is what they want.
 */
void ilv_come_first(bool is_first);

/* Jain's index of fairness: 1 when all have the same, 1 / count when one has all; 1 of nothing. */
double ilv_fairness(const int64_t *values, size_t count);

#endif /* ILV_WORKLOADS_LESSONS_CREW_H */
